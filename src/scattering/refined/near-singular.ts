// Properties of a nearly singular matrix A = E - H - Sigma: its smallest singular value, and the
// dark states of the device. A dark state is a state that no lead sees: A v = 0 and W^+ v = 0. Both
// are found by inverse iteration with factors of A in doubles. The cost is some twenty solves with
// one column.

/** The matrix A, given by its factors and its products. Vectors are interleaved. */
export interface FactorisedMatrix {
  readonly size: number;
  /** x <- A^-1 x. */
  solve(x: Float64Array): void;
  /** x <- A^-+ x. */
  solveAdjoint(x: Float64Array): void;
  /** Returns |A v|, computed with more digits than a double has. */
  sizeOfProduct(v: Float64Array): number;
  /** Returns |W^+ v|. */
  seen(v: Float64Array): number;
}

const ROUNDS = 8;
/** Largest number of dark states that are looked for. */
const MOST = 16;
/**
 * Largest |A v| in units of |A| and largest |W^+ v| of a vector that counts as a dark state. A lead
 * may see the vector by less than the rounding of the lead.
 */
const NULL = 1e-14;
const UNSEEN = 2e-15;

/**
 * An upper bound on the smallest singular value. It is accurate to a few per cent if no other
 * singular value is close.
 */
export function smallestSingularValue(matrix: FactorisedMatrix): number {
  const x = start(matrix.size, 1);
  let growth = 0;
  for (let round = 0; round < ROUNDS; round++) {
    matrix.solveAdjoint(x);
    matrix.solve(x);
    growth = normalise(x);
  }
  return 1 / Math.sqrt(growth);
}

/**
 * Returns orthonormal dark states. `norm` is the norm of A. The list is empty if a lead sees the
 * state that is nearest to singular.
 */
export function darkStates(matrix: FactorisedMatrix, norm: number): Float64Array[] {
  const found: Float64Array[] = [];
  while (found.length < Math.min(MOST, matrix.size)) {
    const x = start(matrix.size, found.length + 2);
    for (let round = 0; round < ROUNDS; round++) {
      project(x, found);
      normalise(x);
      matrix.solve(x);
      normalise(x);
    }
    project(x, found);
    normalise(x);
    if (!(matrix.sizeOfProduct(x) <= NULL * norm && matrix.seen(x) <= UNSEEN)) break;
    found.push(x);
  }
  return found;
}

/** Removes from each column of x (n x columns) its part along the orthonormal states. */
export function project(x: Float64Array, states: readonly Float64Array[], columns = 1): void {
  for (const v of states)
    for (let c = 0; c < columns; c++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < v.length; i += 2) {
        const k = i * columns + 2 * c;
        re += v[i] * x[k] + v[i + 1] * x[k + 1];
        im += v[i] * x[k + 1] - v[i + 1] * x[k];
      }
      for (let i = 0; i < v.length; i += 2) {
        const k = i * columns + 2 * c;
        x[k] -= re * v[i] - im * v[i + 1];
        x[k + 1] -= re * v[i + 1] + im * v[i];
      }
    }
}

/** A pseudo-random vector that depends on the seed only. */
function start(size: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length: 2 * size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Scales x to length one and returns the length that it had. */
function normalise(x: Float64Array): number {
  let largest = 0;
  for (const part of x) largest = Math.max(largest, Math.abs(part));
  let sum = 0;
  for (const part of x) sum += (part / largest) ** 2;
  const size = largest * Math.sqrt(sum);
  for (let i = 0; i < x.length; i++) x[i] /= size;
  return size;
}
