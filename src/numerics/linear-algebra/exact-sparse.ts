// Sparse Hermitian matrices of doubles that act on double-double vectors (refined/system.ts,
// refined/point.ts). The doubles count as exact.

import { type DoubleDoubleMatrix, productError } from "./double-double.js";
import type { SparseHermitian } from "./matrices.js";

/** A matrix as a sum of factor times matrix. */
export type SparseSum = { matrix: SparseHermitian; factor: number }[];

/**
 * Elements between positions. Each pair of positions occurs once, in either triangle; the other
 * triangle follows from Hermiticity.
 */
export interface Elements {
  rows: number[];
  columns: number[];
  re: number[];
  im: number[];
}

/**
 * The elements of a sum; elements at the same place stay separate. `position` maps orbitals to
 * positions; an orbital with a negative position is left out. With `exact` the rounding error of
 * each product with a factor becomes an additional element, so that the sum has twice the digits of
 * a double.
 */
export function elementsOf(sum: SparseSum, position: Int32Array, exact = false): Elements {
  const elements: Elements = { rows: [], columns: [], re: [], im: [] };
  const add = (i: number, j: number, re: number, im: number): void => {
    if (re === 0 && im === 0) return;
    elements.rows.push(i);
    elements.columns.push(j);
    elements.re.push(re);
    elements.im.push(im);
  };
  for (const { matrix, factor } of sum)
    for (let k = 0; k < matrix.rows.length; k++) {
      const [i, j] = [position[matrix.rows[k]], position[matrix.columns[k]]];
      if (i < 0 || j < 0) continue;
      const [x, y] = [matrix.re[k], matrix.im[k]];
      const [re, im] = [factor * x, factor * y];
      add(i, j, re, im);
      if (exact && factor !== 1) add(i, j, productError(factor, x, re), productError(factor, y, im));
    }
  return elements;
}

/** out += matrix x with both triangles, with or without the diagonal. */
export function addElements(
  { rows, columns, re, im }: Elements,
  x: DoubleDoubleMatrix,
  out: DoubleDoubleMatrix,
  diagonal: boolean,
): void {
  const m = x.columns;
  for (let k = 0; k < rows.length; k++) {
    if (!diagonal && rows[k] === columns[k]) continue;
    const [i, j] = [rows[k] * m, columns[k] * m];
    for (let a = 0; a < m; a++) {
      out.addScaled(i + a, re[k], i === j ? 0 : im[k], x, j + a);
      if (i !== j) out.addScaled(j + a, re[k], -im[k], x, i + a);
    }
  }
}
