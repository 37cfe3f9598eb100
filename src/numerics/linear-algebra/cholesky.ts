// Dense complex Cholesky factors of small matrices, row-major and interleaved, and an envelope
// Cholesky of large sparse ones. Both tell whether the matrix is positive definite.

import type { SparseHermitian } from "./matrices.js";

/** A pivot below this fraction of its diagonal element counts as zero. */
const LEAST_PIVOT = 1e-13;

/**
 * Replaces the lower triangle of a Hermitian n x n matrix by L with L L^+ = a. Returns false if the
 * matrix is not positive definite to rounding.
 */
export function cholesky(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const d = 2 * j * n;
    let pivot = a[d + 2 * j];
    const least = LEAST_PIVOT * pivot;
    for (let k = 0; k < 2 * j; k++) pivot -= a[d + k] * a[d + k];
    if (!(pivot > least && pivot > 0)) return false;
    const root = Math.sqrt(pivot);
    a[d + 2 * j] = root;
    a[d + 2 * j + 1] = 0;
    for (let i = j + 1; i < n; i++) {
      const r = 2 * i * n;
      let [re, im] = [a[r + 2 * j], a[r + 2 * j + 1]];
      for (let k = 0; k < 2 * j; k += 2) {
        re -= a[r + k] * a[d + k] + a[r + k + 1] * a[d + k + 1];
        im -= a[r + k + 1] * a[d + k] - a[r + k] * a[d + k + 1];
      }
      a[r + 2 * j] = re / root;
      a[r + 2 * j + 1] = im / root;
    }
  }
  return true;
}

/** b <- L^-1 b in place, for the factor of `cholesky` and b (n x columns). */
export function forward(factor: Float64Array, n: number, b: Float64Array, columns: number): void {
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) {
      const [re, im] = [factor[2 * (i * n + k)], factor[2 * (i * n + k) + 1]];
      if (re === 0 && im === 0) continue;
      for (let j = 0; j < 2 * columns; j += 2) {
        const [p, q] = [2 * i * columns + j, 2 * k * columns + j];
        b[p] -= re * b[q] - im * b[q + 1];
        b[p + 1] -= re * b[q + 1] + im * b[q];
      }
    }
    const top = factor[2 * i * (n + 1)];
    for (let j = 0; j < 2 * columns; j++) b[2 * i * columns + j] /= top;
  }
}

/** out += factor x^+ y for x (rows x m) and y (rows x n). */
export function addAdjointTimes(
  out: Float64Array,
  factor: number,
  x: Float64Array,
  y: Float64Array,
  rows: number,
  m: number,
  n: number,
): void {
  for (let k = 0; k < rows; k++)
    for (let i = 0; i < m; i++) {
      const [re, im] = [factor * x[2 * (k * m + i)], -factor * x[2 * (k * m + i) + 1]];
      if (re === 0 && im === 0) continue;
      for (let j = 0; j < n; j++) {
        const [p, q] = [2 * (i * n + j), 2 * (k * n + j)];
        out[p] += re * y[q] - im * y[q + 1];
        out[p + 1] += re * y[q + 1] + im * y[q];
      }
    }
}

/** A dense Hermitian matrix on some rows of a sparse one. */
export interface DenseRows {
  rows: Int32Array;
  data: Float64Array;
}

/** The factor of a sparse positive definite matrix. */
export interface SparseFactor {
  /** The block of the inverse on the listed rows, rows x rows, interleaved. */
  inverseOn(list: Int32Array): Float64Array;
}

/**
 * The Cholesky factor of a sparse Hermitian matrix plus dense Hermitian blocks on some of its rows.
 * The rows are put into the order of a breadth-first search, and each one is kept from its first
 * element on. Returns "indefinite" if the matrix is not positive definite to rounding, and
 * undefined if the factor takes more than `most` operations.
 */
export function sparseCholesky(
  size: number,
  { rows, columns, re, im }: SparseHermitian,
  blocks: readonly DenseRows[],
  most: number,
): SparseFactor | "indefinite" | undefined {
  const elements: Map<number, [number, number]>[] = Array.from({ length: size }, () => new Map());
  const add = (i: number, j: number, x: number, y: number) => {
    const [a, b] = elements[i].get(j) ?? [0, 0];
    elements[i].set(j, [a + x, b + y]);
  };
  for (let k = 0; k < rows.length; k++) {
    add(rows[k], columns[k], re[k], im[k]);
    if (rows[k] !== columns[k]) add(columns[k], rows[k], re[k], -im[k]);
  }
  for (const { rows: list, data } of blocks)
    for (const [a, i] of list.entries())
      for (const [b, j] of list.entries())
        add(i, j, data[2 * (a * list.length + b)], data[2 * (a * list.length + b) + 1]);

  const position = new Int32Array(size).fill(-1);
  const order: number[] = [];
  for (let start = 0; start < size; start++) {
    if (position[start] >= 0) continue;
    position[start] = order.push(start) - 1;
    for (let at = order.length - 1; at < order.length; at++)
      for (const j of [...elements[order[at]].keys()].sort((a, b) => elements[a].size - elements[b].size))
        if (position[j] < 0) position[j] = order.push(j) - 1;
  }
  const first = new Int32Array(size);
  let operations = 0;
  order.forEach((orbital, p) => {
    first[p] = p;
    for (const j of elements[orbital].keys()) first[p] = Math.min(first[p], position[j]);
    operations += (p - first[p]) ** 2;
  });
  if (operations > most) return undefined;

  const kept: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    const row = new Float64Array(2 * (i - first[i] + 1));
    for (const [j, [x, y]] of elements[order[i]])
      if (position[j] <= i) row.set([x, y], 2 * (position[j] - first[i]));
    const diagonal = row[row.length - 2];
    let pivot = diagonal;
    for (let j = first[i]; j <= i; j++) {
      const other = j === i ? row : kept[j];
      const from = Math.max(first[i], first[j]);
      const [p, q] = [2 * (from - first[i]), 2 * (from - first[j])];
      let [x, y] = [row[2 * (j - first[i])], row[2 * (j - first[i]) + 1]];
      for (let k = 0; k < 2 * (j - from); k += 2) {
        const [a, b, c, d] = [row[p + k], row[p + k + 1], other[q + k], other[q + k + 1]];
        x -= a * c + b * d;
        y -= b * c - a * d;
      }
      if (j === i) pivot = x;
      else {
        const top = other[other.length - 2];
        row[2 * (j - first[i])] = x / top;
        row[2 * (j - first[i]) + 1] = y / top;
      }
    }
    if (!(pivot > LEAST_PIVOT * diagonal && pivot > 0)) return "indefinite";
    row[row.length - 2] = Math.sqrt(pivot);
    kept.push(row);
  }
  return {
    inverseOn: (list) => {
      const n = list.length;
      const solved = new Float64Array(2 * size * n);
      for (const [k, orbital] of list.entries()) solved[2 * (position[orbital] * n + k)] = 1;
      for (let i = 0; i < size; i++) {
        const row = kept[i];
        const top = row[row.length - 2];
        for (let j = first[i]; j < i; j++) {
          const [x, y] = [row[2 * (j - first[i])], row[2 * (j - first[i]) + 1]];
          if (x === 0 && y === 0) continue;
          for (let k = 0; k < 2 * n; k += 2) {
            const [p, q] = [2 * i * n + k, 2 * j * n + k];
            solved[p] -= x * solved[q] - y * solved[q + 1];
            solved[p + 1] -= x * solved[q + 1] + y * solved[q];
          }
        }
        for (let k = 0; k < 2 * n; k++) solved[2 * i * n + k] /= top;
      }
      const out = new Float64Array(2 * n * n);
      addAdjointTimes(out, 1, solved, solved, size, n, n);
      return out;
    },
  };
}
