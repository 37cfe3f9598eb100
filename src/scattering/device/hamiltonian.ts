// H(X) and its derivatives as element lists: the matrices of the file, or the user's functions
// evaluated at X on a pattern that only grows (the union of all elements seen so far), so that a
// turn of a wheel compiles the device once and rewrites values afterwards.

import { NumericalError } from "../../base/errors.js";
import type { ParameterValues, ResolvedDevice, SparseHermitian, Triplet } from "../../model/types.js";
import { Differences, GrowingMatrix, isReal, MOST } from "./differences.js";

/**
 * H0 and the derivatives of a file, or the value and the derivatives of the user's functions at the
 * X last asked for.
 */
export class Hamiltonian {
  readonly hamiltonian: SparseHermitian;
  readonly derivatives: SparseHermitian[];
  /** True if every element seen so far was real. */
  real = true;
  readonly #device: ResolvedDevice;
  readonly #differences: Differences[];
  /**
   * By how much dH/dX of each parameter may be off, all its elements together; 0 where it is given.
   */
  readonly errors: Float64Array;
  /**
   * Largest element of dH/dX of each parameter that was differenced, or of the change of H around
   * where it vanishes.
   */
  readonly around: Float64Array;
  /** Why there is no dH/dX at the X last asked for. */
  fault: NumericalError | undefined;
  /**
   * Elements have appeared that no call of evaluate has told of: one was ended by an error of the
   * user's functions.
   */
  #grown = false;

  constructor(device: ResolvedDevice) {
    this.#device = device;
    const { hamiltonianFunction, parameters } = device;
    this.hamiltonian = hamiltonianFunction ? new GrowingMatrix(device.orbitals) : device.hamiltonian;
    this.derivatives = parameters.map(({ derivative }) =>
      hamiltonianFunction ? new GrowingMatrix(device.orbitals) : derivative,
    );
    this.errors = new Float64Array(parameters.length);
    this.around = new Float64Array(parameters.length);
    this.#differences =
      hamiltonianFunction && !hamiltonianFunction.derivative
        ? this.derivatives.map((matrix) => new Differences(matrix as GrowingMatrix, device.orbitals))
        : [];
    if (!hamiltonianFunction) this.real = this.matrices.every(isReal);
  }

  /**
   * H(X) is `hamiltonian` + sum_nu X_nu `derivatives`[nu] for a file, `hamiltonian` for functions.
   */
  get linear(): boolean {
    return this.#device.hamiltonianFunction === undefined;
  }

  get matrices(): SparseHermitian[] {
    return [this.hamiltonian, ...this.derivatives];
  }

  /** Evaluates the user's functions at X; true if an element appeared that was not there before. */
  evaluate(values: Float64Array): boolean {
    const { parameters, hamiltonianFunction } = this.#device;
    if (!hamiltonianFunction) return false;
    const at: ParameterValues = {};
    parameters.forEach(({ name }, i) => {
      at[name] = values[i];
    });
    // Each call has an object of its own: a function may change what it is given.
    this.#grown = refill(this.hamiltonian, hamiltonianFunction.evaluate({ ...at })) || this.#grown;
    this.fault = undefined;
    const slopes = hamiltonianFunction.derivative?.({ ...at });
    parameters.forEach(({ name }, nu) => {
      if (slopes) this.#grown = refill(this.derivatives[nu], slopes[name] ?? []) || this.#grown;
      else this.#difference(at, nu);
    });
    if (this.real) this.real = this.matrices.every(isReal);
    const grown = this.#grown;
    this.#grown = false;
    return grown;
  }

  #largestElement(): number {
    const { re, im } = this.hamiltonian;
    return re.reduce((most, value, k) => Math.max(most, Math.hypot(value, im[k])), 0);
  }

  /**
   * dH/dX of one parameter by differences: H is the user's function and smooth; S is never
   * differenced.
   */
  #difference(at: ParameterValues, nu: number): void {
    const { evaluate } = this.#device.hamiltonianFunction!;
    const { name } = this.#device.parameters[nu];
    const shifted = (shift: number) => evaluate({ ...at, [name]: at[name] + shift });
    const differences = this.#differences[nu];
    try {
      differences.fill(shifted, Math.abs(at[name]));
    } finally {
      this.#grown = differences.grown || this.#grown;
      differences.grown = false;
    }
    const { error, largest } = differences;
    this.errors[nu] = error;
    this.around[nu] = largest;
    if (error <= MOST * Math.max(largest, this.#largestElement() / Math.max(1, Math.abs(at[name])))) return;
    this.fault ??= new NumericalError(
      `the Hamiltonian changes too fast with ${name} to be differenced: its slope is known to ${(error / largest).toExponential(1)} of itself`,
      {
        at: { ...at },
        causes: [
          "a Hamiltonian that is not smooth there, or changes within a tiny part of the parameter: give `derivative`, which is not differenced",
          "elements that carry noise: compute them to more digits",
        ],
      },
    );
  }
}

function refill(matrix: SparseHermitian, triplets: Triplet[]): boolean {
  const growing = matrix as GrowingMatrix;
  growing.clear();
  return growing.add(triplets, 1);
}

/**
 * Largest element of E - H(X) in doubles, or of what parameters add to H; `orbitals`: how many
 * there are.
 */
export function roundedElement(
  { hamiltonian, derivatives, linear }: Hamiltonian,
  orbitals: number,
  values: Float64Array,
  energy: number,
): number {
  const levels = new Float64Array(orbitals);
  let most = 0;
  const add = ({ rows, columns, re, im }: SparseHermitian, factor: number, moves: boolean): void => {
    for (let k = 0; k < rows.length; k++) {
      const size = Math.abs(factor) * (Math.abs(re[k]) + Math.abs(im[k]));
      if (size === 0) continue;
      const i = rows[k];
      if (i === columns[k]) levels[i] += factor * re[k];
      else most = Math.max(most, size);
      // What parameters add is rounded, and so is the sum that it becomes part of.
      if (moves) most = Math.max(most, size, i === columns[k] ? Math.abs(levels[i]) : 0);
    }
  };
  add(hamiltonian, 1, false);
  if (linear) for (const [nu, matrix] of derivatives.entries()) add(matrix, values[nu], true);
  for (const level of levels) most = Math.max(most, Math.abs(energy - level));
  return most;
}
