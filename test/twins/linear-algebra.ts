// Dense complex linear algebra for the slow twins: every operation allocates its result and is written as in the
// textbook. Matrices are ComplexMatrix (row-major, interleaved). Not for use outside the tests.

import { NumericalError } from "../../src/base/errors.js";
import type { ComplexMatrix, SparseHermitian } from "../../src/model/types.js";

export function zeros(rows: number, columns: number): ComplexMatrix {
  return { shape: [rows, columns], data: new Float64Array(2 * rows * columns) };
}

/** z times the identity. */
export function scalar(n: number, re = 1, im = 0): ComplexMatrix {
  const a = zeros(n, n);
  for (let i = 0; i < n; i++) a.data.set([re, im], 2 * (i * n + i));
  return a;
}

/** From the last factor on, which is thin or has a sparse one before it; zeros of a left factor cost nothing. */
export function multiply(a: ComplexMatrix, b: ComplexMatrix, ...more: ComplexMatrix[]): ComplexMatrix {
  if (more.length > 0) return multiply(a, multiply(b, ...(more as [ComplexMatrix])));
  const [m, k] = a.shape;
  const n = b.shape[1];
  if (b.shape[0] !== k) throw new Error(`product of ${a.shape} and ${b.shape}`);
  const c = zeros(m, n);
  const { data } = c;
  const [left, right] = [a.data, b.data];
  for (let i = 0; i < m; i++) {
    for (let l = 0; l < k; l++) {
      const re = left[2 * (i * k + l)];
      const im = left[2 * (i * k + l) + 1];
      if (re === 0 && im === 0) continue;
      for (let p = 2 * i * n, q = 2 * l * n; p < 2 * (i + 1) * n; p += 2, q += 2) {
        data[p] += re * right[q] - im * right[q + 1];
        data[p + 1] += re * right[q + 1] + im * right[q];
      }
    }
  }
  return c;
}

/** Tr[a b]. */
export function traceOfProduct(a: ComplexMatrix, b: ComplexMatrix): [re: number, im: number] {
  const [m, k] = a.shape;
  let [re, im] = [0, 0];
  for (let i = 0; i < m; i++)
    for (let l = 0; l < k; l++) {
      const [p, q] = [2 * (i * k + l), 2 * (l * m + i)];
      re += a.data[p] * b.data[q] - a.data[p + 1] * b.data[q + 1];
      im += a.data[p] * b.data[q + 1] + a.data[p + 1] * b.data[q];
    }
  return [re, im];
}

/** a + (re + i im) b. */
export function add(a: ComplexMatrix, b: ComplexMatrix, re = 1, im = 0): ComplexMatrix {
  if (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1])
    throw new Error(`sum of ${a.shape} and ${b.shape}`);
  const c = zeros(a.shape[0], a.shape[1]);
  for (let i = 0; i < c.data.length; i += 2) {
    c.data[i] = a.data[i] + re * b.data[i] - im * b.data[i + 1];
    c.data[i + 1] = a.data[i + 1] + re * b.data[i + 1] + im * b.data[i];
  }
  return c;
}

export function scaled(a: ComplexMatrix, re: number, im = 0): ComplexMatrix {
  return add(zeros(a.shape[0], a.shape[1]), a, re, im);
}

export function adjoint(a: ComplexMatrix): ComplexMatrix {
  const [m, n] = a.shape;
  const b = zeros(n, m);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      b.data[2 * (j * m + i)] = a.data[2 * (i * n + j)];
      b.data[2 * (j * m + i) + 1] = -a.data[2 * (i * n + j) + 1];
    }
  }
  return b;
}

export function trace(a: ComplexMatrix): [re: number, im: number] {
  let re = 0;
  let im = 0;
  for (let i = 0; i < a.shape[0]; i++) {
    re += a.data[2 * (i * a.shape[1] + i)];
    im += a.data[2 * (i * a.shape[1] + i) + 1];
  }
  return [re, im];
}

/** Columns of a side by side with those of b. */
export function besides(blocks: ComplexMatrix[], rows: number): ComplexMatrix {
  const columns = blocks.reduce((sum, block) => sum + block.shape[1], 0);
  const a = zeros(rows, columns);
  let first = 0;
  for (const block of blocks) {
    const width = block.shape[1];
    for (let i = 0; i < rows; i++) {
      const row = block.data.subarray(2 * i * width, 2 * (i + 1) * width);
      a.data.set(row, 2 * (i * columns + first));
    }
    first += width;
  }
  return a;
}

/** Largest absolute difference of two matrices, or largest element of one. */
export function distance(a: ComplexMatrix, b?: ComplexMatrix): number {
  let worst = 0;
  for (let i = 0; i < a.data.length; i += 2) {
    const re = a.data[i] - (b ? b.data[i] : 0);
    const im = a.data[i + 1] - (b ? b.data[i + 1] : 0);
    worst = Math.max(worst, Math.hypot(re, im));
  }
  return worst;
}

/** Solution of a x = b by Gaussian elimination with partial pivoting. */
export function solve(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  const n = a.shape[0];
  const m = b.shape[1];
  const u = Float64Array.from(a.data);
  const x = Float64Array.from(b.data);
  const at = (i: number, j: number) => 2 * (i * n + j);
  for (let k = 0; k < n; k++) {
    // Pivot: the largest element of the column.
    let pivot = k;
    const size = (i: number) => Math.hypot(u[at(i, k)], u[at(i, k) + 1]);
    for (let i = k + 1; i < n; i++) if (size(i) > size(pivot)) pivot = i;
    if (size(pivot) === 0) throw new NumericalError("the matrix is singular");
    swapRows(u, k, pivot, n);
    swapRows(x, k, pivot, m);
    // Eliminate below and above (Gauss-Jordan), so that no back-substitution is left.
    const norm = size(k) ** 2;
    const re = u[at(k, k)] / norm;
    const im = -u[at(k, k) + 1] / norm;
    scaleRow(u, k, n, re, im);
    scaleRow(x, k, m, re, im);
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const fRe = u[at(i, k)];
      const fIm = u[at(i, k) + 1];
      subtractRow(u, i, k, n, fRe, fIm);
      subtractRow(x, i, k, m, fRe, fIm);
    }
  }
  return { shape: [n, m], data: x };
}

export function inverse(a: ComplexMatrix): ComplexMatrix {
  return solve(a, scalar(a.shape[0]));
}

function swapRows(a: Float64Array, i: number, j: number, n: number): void {
  if (i === j) return;
  const row = a.slice(2 * i * n, 2 * (i + 1) * n);
  a.copyWithin(2 * i * n, 2 * j * n, 2 * (j + 1) * n);
  a.set(row, 2 * j * n);
}

function scaleRow(a: Float64Array, i: number, n: number, re: number, im: number): void {
  for (let p = 2 * i * n; p < 2 * (i + 1) * n; p += 2) {
    const x = a[p];
    a[p] = x * re - a[p + 1] * im;
    a[p + 1] = x * im + a[p + 1] * re;
  }
}

function subtractRow(a: Float64Array, i: number, k: number, n: number, re: number, im: number): void {
  for (let j = 0; j < n; j++) {
    const p = 2 * (i * n + j);
    const q = 2 * (k * n + j);
    a[p] -= re * a[q] - im * a[q + 1];
    a[p + 1] -= re * a[q + 1] + im * a[q];
  }
}

/** Rows or columns i and j of a, x and y, become c x - conj(s) y and s x + c y. */
function rotate(
  data: Float64Array,
  at: [i: number, j: number],
  step: number,
  n: number,
  c: number,
  s: number[],
) {
  let [p, q] = at;
  for (let k = 0; k < n; k++, p += step, q += step) {
    const [xRe, xIm, yRe, yIm] = [data[p], data[p + 1], data[q], data[q + 1]];
    data[p] = c * xRe - s[0] * yRe - s[1] * yIm;
    data[p + 1] = c * xIm - s[0] * yIm + s[1] * yRe;
    data[q] = s[0] * xRe - s[1] * xIm + c * yRe;
    data[q + 1] = s[0] * xIm + s[1] * xRe + c * yIm;
  }
}

/** Eigenvalues (ascending) and orthonormal eigenvectors (columns) of a Hermitian matrix by Jacobi rotations. */
export function hermitianEigen(matrix: ComplexMatrix): { values: Float64Array; vectors: ComplexMatrix } {
  const n = matrix.shape[0];
  const a: ComplexMatrix = { shape: [n, n], data: Float64Array.from(matrix.data) };
  const vectors = scalar(n);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const re = a.data[2 * (p * n + q)];
        const im = a.data[2 * (p * n + q) + 1];
        const size = Math.hypot(re, im);
        off = Math.max(off, size);
        if (size < 1e-300) continue;
        // u mixes columns p and q so that (u^+ a u)_pq = 0.
        const tau = (a.data[2 * (q * n + q)] - a.data[2 * (p * n + p)]) / (2 * size);
        const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t);
        const s = [(t * c * re) / size, (t * c * im) / size];
        rotate(a.data, [2 * p, 2 * q], 2 * n, n, c, s);
        rotate(a.data, [2 * p * n, 2 * q * n], 2, n, c, [s[0], -s[1]]);
        rotate(vectors.data, [2 * p, 2 * q], 2 * n, n, c, s);
      }
    }
    if (off <= 1e-15 * distance(a)) break;
  }
  const order = Array.from({ length: n }, (_, i) => i);
  order.sort((i, j) => a.data[2 * (i * n + i)] - a.data[2 * (j * n + j)]);
  const sorted = zeros(n, n);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      sorted.data[2 * (i * n + j)] = vectors.data[2 * (i * n + order[j])];
      sorted.data[2 * (i * n + j) + 1] = vectors.data[2 * (i * n + order[j]) + 1];
    }
  }
  return { values: Float64Array.from(order, (i) => a.data[2 * (i * n + i)]), vectors: sorted };
}

/** The full matrix of a sparse Hermitian one. */
export function dense(sparse: SparseHermitian, n: number): ComplexMatrix {
  const a = zeros(n, n);
  for (let k = 0; k < sparse.rows.length; k++) {
    const [i, j, re, im] = [sparse.rows[k], sparse.columns[k], sparse.re[k], sparse.im[k]];
    a.data.set([re, im], 2 * (i * n + j));
    if (i !== j) a.data.set([re, -im], 2 * (j * n + i));
  }
  return a;
}
