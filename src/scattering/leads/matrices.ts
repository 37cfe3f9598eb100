// Small complex matrices for the leads, row-major and interleaved.

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

/** The elements of a square matrix that are not zero, row by row. */
export interface SparseRows {
  /** Where the elements of each row begin, and the end. */
  starts: Int32Array;
  columns: Int32Array;
  /** The elements, interleaved. */
  elements: Float64Array;
}

/** The sparse form of an m x m matrix. */
export function rowsOf(a: Float64Array, m: number): SparseRows {
  const starts = new Int32Array(m + 1);
  const [columns, elements]: number[][] = [[], []];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      const p = 2 * (i * m + j);
      if (a[p] === 0 && a[p + 1] === 0) continue;
      columns.push(j);
      elements.push(a[p], a[p + 1]);
    }
    starts[i + 1] = columns.length;
  }
  return { starts, columns: Int32Array.from(columns), elements: Float64Array.from(elements) };
}

/** a x. */
export function times({ starts, columns, elements }: SparseRows, x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let i = 0; i + 1 < starts.length; i++) {
    let [re, im] = [0, 0];
    for (let e = starts[i]; e < starts[i + 1]; e++) {
      const [a, b] = [elements[2 * e], elements[2 * e + 1]];
      const k = 2 * columns[e];
      re += a * x[k] - b * x[k + 1];
      im += a * x[k + 1] + b * x[k];
    }
    out[2 * i] = re;
    out[2 * i + 1] = im;
  }
  return out;
}

/** (a + a^+) / 2. */
export function hermitian(a: Float64Array, size: number): Float64Array {
  const adjoint = adjointOf(a, size, size);
  return a.map((value, k) => 0.5 * (value + adjoint[k]));
}

/** The largest norm of a column of an m x m matrix. */
export function largestColumn(a: Float64Array, m: number): number {
  let most = 0;
  for (let j = 0; j < m; j++) {
    let sum = 0;
    for (let i = 0; i < m; i++) sum += a[2 * (i * m + j)] ** 2 + a[2 * (i * m + j) + 1] ** 2;
    most = Math.max(most, sum);
  }
  return Math.sqrt(most);
}

/**
 * For each row of V the row of h1 with the same elements, -1 for a row of zeros. Undefined if a row
 * is not found.
 */
export function sameRows(V: Float64Array, h1: Float64Array, n: number, m: number): number[] | undefined {
  const found: number[] = [];
  for (let i = 0; i < n; i++) {
    const row = V.subarray(2 * i * m, 2 * (i + 1) * m);
    const isRow = (j: number) => sameNumbers(row, h1.subarray(2 * j * m, 2 * (j + 1) * m));
    let j = row.every((x) => x === 0) ? -1 : Math.min(i, m - 1);
    if (j >= 0 && !isRow(j)) {
      j = 0;
      while (j < m && !isRow(j)) j++;
      if (j === m) return undefined;
    }
    found.push(j);
  }
  return found;
}
