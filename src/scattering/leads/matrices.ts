// Small dense complex matrices for the leads, row-major and interleaved.

import type { ComplexMatrix } from "../../model/types.js";

/** True if all imaginary parts are zero. */
export const isReal = (matrix: ComplexMatrix): boolean =>
  matrix.data.every((value, k) => k % 2 === 0 || value === 0);

/** The adjoint of a rows x columns matrix, as columns x rows. */
export function adjointOf(a: Float64Array, rows: number, columns: number): Float64Array {
  const adjoint = new Float64Array(a.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      adjoint[2 * (j * rows + i)] = a[2 * (i * columns + j)];
      adjoint[2 * (j * rows + i) + 1] = -a[2 * (i * columns + j) + 1];
    }
  return adjoint;
}

/** a <- (a + a^T) / 2 for an n x n matrix that is symmetric up to rounding. */
export function symmetrise(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++)
      for (let part = 0; part < 2; part++) {
        const [p, q] = [2 * (i * n + j) + part, 2 * (j * n + i) + part];
        a[p] = 0.5 * (a[p] + a[q]);
        a[q] = a[p];
      }
}

/** True if two lists have the same numbers. */
export function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  return a === b || (a.length === b.length && a.every((value, k) => value === b[k]));
}
