// H(X) and its derivatives as element lists: the matrices of the file, or the user's functions evaluated at X on a pattern that only
// grows (the union of all elements seen so far), so that a turn of a wheel compiles the device once and rewrites values afterwards.

import type { ParameterValues, ResolvedDevice, SparseHermitian, Triplet } from "../../model/types.js";

/** A sparse Hermitian matrix whose elements keep their places from one evaluation to the next. */
class GrowingMatrix implements SparseHermitian {
  rows = new Int32Array();
  columns = new Int32Array();
  re = new Float64Array();
  im = new Float64Array();
  readonly #size: number;
  readonly #places = new Map<number, number>();
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  clear(): void {
    this.re.fill(0);
    this.im.fill(0);
  }

  /** Adds factor times the elements; true if one of them is new. */
  add(triplets: Triplet[], factor: number): boolean {
    let grown = false;
    for (let t = 0; t < triplets.length; t++) {
      const [row, column, re, im = 0] = triplets[t];
      // Functions give their elements in the same order each time, as a rule.
      let place = t < this.#count && this.rows[t] === row && this.columns[t] === column ? t : -1;
      if (place < 0) {
        const known = this.#places.get(row * this.#size + column);
        place = known ?? this.#append(row, column);
        grown ||= known === undefined;
      }
      this.re[place] += factor * re;
      this.im[place] += factor * im;
    }
    if (grown) this.#trim();
    return grown;
  }

  #append(row: number, column: number): number {
    if (this.#count === this.rows.length) this.#resize(2 * this.#count + 16);
    this.rows[this.#count] = row;
    this.columns[this.#count] = column;
    this.#places.set(row * this.#size + column, this.#count);
    return this.#count++;
  }

  #trim(): void {
    if (this.rows.length !== this.#count) this.#resize(this.#count);
  }

  #resize(length: number): void {
    const keep = Math.min(length, this.rows.length);
    const int = (old: Int32Array) => {
      const list = new Int32Array(length);
      list.set(old.subarray(0, keep));
      return list;
    };
    const float = (old: Float64Array) => {
      const list = new Float64Array(length);
      list.set(old.subarray(0, keep));
      return list;
    };
    this.rows = int(this.rows);
    this.columns = int(this.columns);
    this.re = float(this.re);
    this.im = float(this.im);
  }
}

const isReal = ({ im }: SparseHermitian) => im.every((value) => value === 0);

/** H0 and the derivatives of a file, or the value and the derivatives of the user's functions at the X last asked for. */
export class Hamiltonian {
  readonly hamiltonian: SparseHermitian;
  readonly derivatives: SparseHermitian[];
  /** True if every element seen so far was real. */
  real = true;
  readonly #device: ResolvedDevice;
  /** Elements have appeared that no call of evaluate has told of: one was ended by an error of the user's functions. */
  #grown = false;

  constructor(device: ResolvedDevice) {
    this.#device = device;
    const { hamiltonianFunction, parameters } = device;
    this.hamiltonian = hamiltonianFunction ? new GrowingMatrix(device.orbitals) : device.hamiltonian;
    this.derivatives = parameters.map(({ derivative }) =>
      hamiltonianFunction ? new GrowingMatrix(device.orbitals) : derivative,
    );
    if (!hamiltonianFunction) this.real = this.matrices.every(isReal);
  }

  /** H(X) is `hamiltonian` + sum_nu X_nu `derivatives`[nu] for a file, `hamiltonian` for functions. */
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
    this.#grown = refill(this.hamiltonian, [[hamiltonianFunction.evaluate({ ...at }), 1]]) || this.#grown;
    const slopes = hamiltonianFunction.derivative?.({ ...at });
    parameters.forEach(({ name }, nu) => {
      const terms = slopes ? [[slopes[name] ?? [], 1] as const] : this.#differences(at, name);
      this.#grown = refill(this.derivatives[nu], terms) || this.#grown;
    });
    if (this.real) this.real = this.matrices.every(isReal);
    const grown = this.#grown;
    this.#grown = false;
    return grown;
  }

  /**
   * dH/dX by central differences with one Richardson step: H is the user's function and smooth; S is never differenced. One term after the
   * other: a function may write its next elements into the same list.
   */
  *#differences(at: ParameterValues, name: string): Iterable<readonly [Triplet[], number]> {
    const evaluate = this.#device.hamiltonianFunction!.evaluate;
    const step = 1e-3 * Math.max(1, Math.abs(at[name]));
    for (const [shift, weight] of [
      [step, 8 / (12 * step)],
      [-step, -8 / (12 * step)],
      [2 * step, -1 / (12 * step)],
      [-2 * step, 1 / (12 * step)],
    ])
      yield [evaluate({ ...at, [name]: at[name] + shift }), weight];
  }
}

function refill(matrix: SparseHermitian, terms: Iterable<readonly [Triplet[], number]>): boolean {
  const growing = matrix as GrowingMatrix;
  growing.clear();
  let grown = false;
  for (const [triplets, factor] of terms) grown = growing.add(triplets, factor) || grown;
  return grown;
}

/** Largest element of E - H(X) in doubles, or of what parameters add to H; `orbitals`: how many there are. */
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
