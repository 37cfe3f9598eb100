// A cell of several cells of a lead, so large that it couples to its neighbours only. Cells of the
// lead are n x n; within a layer the nearest cell comes first.

import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { denseHermitian } from "../resolve/triplets.js";
import type { Triplet } from "../triplet.js";

const zeros = (rows: number, columns: number): ComplexMatrix => ({
  shape: [rows, columns],
  data: new Float64Array(2 * rows * columns),
});

/** Writes a, or its adjoint, into `out` with its first element at (row, column). */
function put(a: ComplexMatrix, out: ComplexMatrix, row: number, column: number, adjoint = false): void {
  const [rows, columns] = a.shape;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const from = 2 * (i * columns + j);
      const to =
        2 * (adjoint ? (row + j) * out.shape[1] + column + i : (row + i) * out.shape[1] + column + j);
      out.data[to] = a.data[from];
      out.data[to + 1] = adjoint ? 0 - a.data[from + 1] : a.data[from + 1];
    }
}

/**
 * A layer of `count` cells from one cell and `between[d - 1]` = <cell k|.|cell k + d>, d at most
 * `count`: the matrix of the layer, and that from a layer to the next one outwards.
 */
export function principalLayer(
  cell: ComplexMatrix,
  between: readonly ComplexMatrix[],
  count: number,
): { onsite: ComplexMatrix; hopping: ComplexMatrix } {
  const n = cell.shape[0];
  const [onsite, hopping] = [zeros(count * n, count * n), zeros(count * n, count * n)];
  for (let i = 0; i < count; i++) {
    put(cell, onsite, i * n, i * n);
    for (const [k, matrix] of between.entries()) {
      const j = i + k + 1;
      if (j >= count) put(matrix, hopping, i * n, (j - count) * n);
      else {
        put(matrix, onsite, i * n, j * n);
        put(matrix, onsite, j * n, i * n, true);
      }
    }
  }
  return { onsite, hopping };
}

/** Matrices (rows x n) side by side in a row of `count`; what is missing is zero. */
export function beside(
  matrices: readonly ComplexMatrix[],
  rows: number,
  n: number,
  count: number,
): ComplexMatrix {
  const out = zeros(rows, count * n);
  for (const [j, matrix] of matrices.entries()) put(matrix, out, 0, j * n);
  return out;
}

/** The Hermitian matrix of an upper triangle, with 1 on the diagonal where no element is given. */
export function identityBut(list: Triplet[], size: number, field: string): ComplexMatrix {
  const matrix = denseHermitian(list, size, field);
  const given = new Set(list.filter(([row, column]) => row === column).map(([row]) => row));
  for (let i = 0; i < size; i++) if (!given.has(i)) matrix.data[2 * i * (size + 1)] = 1;
  return matrix;
}
