// H(X) and its derivatives as element lists. They are the matrices of the file, or the values of
// the user's functions at X on a pattern that only grows. The pattern is the union of all elements
// seen so far, so that a whole turn of the cycle compiles the device once and then rewrites values
// only.

import { NumericalError } from "../../base/errors.js";
import type { ParameterValues, ResolvedDevice, SparseHermitian, Triplet } from "../../model/types.js";
import { Differences, GrowingMatrix, isReal, MOST } from "./differences.js";

/**
 * For a file: H0 and the derivatives. For user functions: H and its derivatives at the X that was
 * last evaluated.
 */
export class Hamiltonian {
  readonly hamiltonian: SparseHermitian;
  readonly derivatives: SparseHermitian[];
  /** True if every element seen so far was real. */
  real = true;
  readonly #device: ResolvedDevice;
  readonly #differences: Differences[];
  /**
   * Error bound of dH/dX per parameter, summed over all its elements. It is zero where dH/dX is
   * given.
   */
  readonly errors: Float64Array;
  /**
   * Per parameter that was differenced: the largest element of dH/dX, or of the change of H nearby
   * if dH/dX vanishes.
   */
  readonly around: Float64Array;
  /**
   * The reason why dH/dX does not exist at the X that was last evaluated; undefined if it exists.
   */
  fault: NumericalError | undefined;
  /**
   * True if elements have appeared that no return value of `evaluate` has reported yet, because an
   * error of the user's functions ended a call.
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
   * True for a file, where H(X) = `hamiltonian` + sum_nu X_nu `derivatives`[nu]. For functions H(X)
   * is `hamiltonian` itself.
   */
  get linear(): boolean {
    return this.#device.hamiltonianFunction === undefined;
  }

  /** H, all derivatives and the overlap, if there is one, as one list. */
  get matrices(): SparseHermitian[] {
    const { overlap } = this.#device;
    return [this.hamiltonian, ...this.derivatives, ...(overlap ? [overlap] : [])];
  }

  /**
   * Evaluates the user's functions at X. Returns true if an element appeared that was not there
   * before.
   */
  evaluate(values: Float64Array): boolean {
    const { parameters, hamiltonianFunction } = this.#device;
    if (!hamiltonianFunction) return false;
    const at: ParameterValues = {};
    parameters.forEach(({ name }, i) => {
      at[name] = values[i];
    });
    // Each call gets its own object, because a function may change its argument.
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
   * dH/dX of one parameter by differences. The user's H is a smooth function and may be
   * differenced; S never is.
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

/** What is rounded to a double when E - H(X) is formed. */
export interface RoundedElements {
  /** The largest off-diagonal element, or term that a parameter adds. */
  largest: number;
  /** The diagonal of H(X). */
  levels: Float64Array;
}

/** The rounded elements at X = `values`, for a number of orbitals. */
export function roundedElements(
  { hamiltonian, derivatives, linear }: Hamiltonian,
  orbitals: number,
  values: Float64Array,
): RoundedElements {
  const levels = new Float64Array(orbitals);
  let largest = 0;
  const add = ({ rows, columns, re, im }: SparseHermitian, factor: number, moves: boolean): void => {
    for (let k = 0; k < rows.length; k++) {
      const size = Math.abs(factor) * (Math.abs(re[k]) + Math.abs(im[k]));
      if (size === 0) continue;
      const i = rows[k];
      if (i === columns[k]) levels[i] += factor * re[k];
      else largest = Math.max(largest, size);
      // Both the term that a parameter adds and the resulting sum are rounded.
      if (moves) largest = Math.max(largest, size, i === columns[k] ? Math.abs(levels[i]) : 0);
    }
  };
  add(hamiltonian, 1, false);
  if (linear) for (const [nu, matrix] of derivatives.entries()) add(matrix, values[nu], true);
  return { largest, levels };
}

/** The largest of them at an energy, with the diagonal elements of E - H(X) and those of E (S - 1). */
export function largestRounded(
  { largest, levels }: RoundedElements,
  energy: number,
  overlap?: SparseHermitian,
): number {
  let most = levels.reduce((most, level) => Math.max(most, Math.abs(energy - level)), largest);
  if (overlap)
    for (let k = 0; k < overlap.rows.length; k++) {
      const re = overlap.rows[k] === overlap.columns[k] ? overlap.re[k] - 1 : overlap.re[k];
      most = Math.max(most, Math.abs(energy) * (Math.abs(re) + Math.abs(overlap.im[k])));
    }
  return most;
}
