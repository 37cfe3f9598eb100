// Low-rank factors for the leads: of a hopping by pivoted Gram-Schmidt, of a positive matrix by
// Cholesky with the largest pivot first, and of a coupling through the ports of the hopping. The
// code uses plain loops, because it runs once per lead or treats a small part of a lead at one
// energy.

import type { Block, Workspace } from "../../../engine/workspace.js";

/** Directions of a hopping below this fraction of the largest count as rounding. */
export const rankTolerance = 1e-14;
/** Part of a squared length below which it is computed afresh instead of reduced. */
const REMEASURED = 1e-6;

/**
 * Pivoted Gram-Schmidt: h (rows x columns) = A B^+, where A has orthogonal columns. The columns of
 * both are of the size of the square root of the part of h that they represent. Directions of h
 * shorter than `least`, or than `tolerance` times its longest column, are left out.
 */
export function factorised(
  h: Float64Array,
  rows: number,
  columns: number,
  tolerance: number,
  least = 0,
): { A: Float64Array; B: Float64Array; rank: number } {
  const rest = h.slice();
  const chosen: { q: Float64Array; b: Float64Array; size: number }[] = [];
  const column = (j: number) => {
    const x = new Float64Array(2 * rows);
    for (let i = 0; i < rows; i++) {
      x[2 * i] = rest[2 * (i * columns + j)];
      x[2 * i + 1] = rest[2 * (i * columns + j) + 1];
    }
    return x;
  };
  const norms = new Float64Array(columns);
  const measure = () => {
    norms.fill(0);
    for (let i = 0, p = 0; i < rows; i++)
      for (let j = 0; j < columns; j++, p += 2) norms[j] += rest[p] * rest[p] + rest[p + 1] * rest[p + 1];
  };
  const longest = () => {
    let pivot = 0;
    for (let j = 1; j < columns; j++) if (norms[j] > norms[pivot]) pivot = j;
    return pivot;
  };
  measure();
  let measured = norms[longest()];
  const first = Math.max(tolerance * Math.sqrt(measured), least);
  while (chosen.length < Math.min(rows, columns)) {
    // The squares are reduced by those of the removed parts as long as they keep enough digits.
    let pivot = longest();
    if (!(norms[pivot] > REMEASURED * measured && Math.sqrt(norms[pivot]) > 2 * first)) {
      measure();
      pivot = longest();
      measured = norms[pivot];
    }
    if (!(Math.sqrt(norms[pivot]) > first)) break;
    const q = column(pivot);
    // The second orthogonalisation removes the rounding error of the first.
    for (const { q: before } of chosen) {
      let [re, im] = [0, 0];
      for (let i = 0; i < q.length; i += 2) {
        re += before[i] * q[i] + before[i + 1] * q[i + 1];
        im += before[i] * q[i + 1] - before[i + 1] * q[i];
      }
      for (let i = 0; i < q.length; i += 2) {
        q[i] -= re * before[i] - im * before[i + 1];
        q[i + 1] -= re * before[i + 1] + im * before[i];
      }
    }
    let square = 0;
    for (let i = 0; i < q.length; i++) square += q[i] * q[i];
    const length = Math.sqrt(square);
    for (let i = 0; i < q.length; i++) q[i] /= length;
    // b = q^+ rest, then rest <- rest - q b.
    const b = new Float64Array(2 * columns);
    for (let i = 0; i < rows; i++) {
      const [qr, qi] = [q[2 * i], q[2 * i + 1]];
      if (qr === 0 && qi === 0) continue;
      for (let j = 0, p = 2 * i * columns; j < 2 * columns; j += 2, p += 2) {
        b[j] += qr * rest[p] + qi * rest[p + 1];
        b[j + 1] += qr * rest[p + 1] - qi * rest[p];
      }
    }
    let size = 0;
    for (let j = 0; j < columns; j++) {
      const part = b[2 * j] * b[2 * j] + b[2 * j + 1] * b[2 * j + 1];
      norms[j] -= part;
      size += part;
    }
    for (let i = 0; i < rows; i++) {
      const [qr, qi] = [q[2 * i], q[2 * i + 1]];
      if (qr === 0 && qi === 0) continue;
      for (let j = 0, p = 2 * i * columns; j < 2 * columns; j += 2, p += 2) {
        rest[p] -= qr * b[j] - qi * b[j + 1];
        rest[p + 1] -= qr * b[j + 1] + qi * b[j];
      }
    }
    chosen.push({ q, b, size: Math.sqrt(size) });
  }
  const rank = chosen.length;
  const A = new Float64Array(2 * rows * rank);
  const B = new Float64Array(2 * columns * rank);
  chosen.forEach(({ q, b, size }, k) => {
    const root = Math.sqrt(size);
    for (let i = 0; i < rows; i++)
      for (let part = 0; part < 2; part++) A[2 * (i * rank + k) + part] = root * q[2 * i + part];
    for (let j = 0; j < columns; j++) {
      B[2 * (j * rank + k)] = b[2 * j] / root;
      B[2 * (j * rank + k) + 1] = -b[2 * j + 1] / root;
    }
  });
  return { A, B, rank };
}

/**
 * Rows x (count x n) with x^+ x = g for a positive matrix g of rank `count`: Cholesky with the
 * largest pivot first. g is overwritten.
 */
export function choleskyRows(w: Workspace, g: Block, count: number): Block {
  const n = g.rows;
  const rows = w.zeros(count, n);
  const [a, x] = [w.values(g), w.values(rows)];
  for (let k = 0; k < count; k++) {
    let pivot = 0;
    for (let i = 1; i < n; i++) if (a[2 * i * (n + 1)] > a[2 * pivot * (n + 1)]) pivot = i;
    const top = a[2 * pivot * (n + 1)];
    if (!(top > 0)) break;
    const root = 1 / Math.sqrt(top);
    for (let j = 0; j < 2 * n; j++) x[2 * k * n + j] = root * a[2 * pivot * n + j];
    for (let i = 0; i < n; i++) {
      const [re, im] = [x[2 * (k * n + i)], -x[2 * (k * n + i) + 1]];
      for (let j = 0; j < 2 * n; j += 2) {
        const [p, q] = [2 * i * n + j, 2 * k * n + j];
        a[p] -= re * x[q] - im * x[q + 1];
        a[p + 1] -= re * x[q + 1] + im * x[q];
      }
    }
  }
  return rows;
}

/**
 * Q^+ x with a unitary Q, for x (count x n) of full rank, and the columns (one per row) at which
 * the result is triangular: row k has a positive element in its own column and zeros in the columns
 * of the rows before it. The largest column comes first. choleskyRows(x^+ x) gives the same rows,
 * but squares x.
 */
export function canonicalRows(w: Workspace, x: Block): { rows: Block; pivots: number[] } {
  const { rows: count, columns: n } = x;
  const rows = w.zeros(count, n);
  const rest = w.copy(x);
  const [a, out] = [w.values(rest), w.values(rows)];
  const pivots: number[] = [];
  const q = new Float64Array(2 * count);
  for (let k = 0; k < count; k++) {
    let [pivot, most] = [0, 0];
    for (let j = 0; j < n; j++) {
      let size = 0;
      for (let i = 0; i < count; i++) size += a[2 * (i * n + j)] ** 2 + a[2 * (i * n + j) + 1] ** 2;
      if (size > most) [pivot, most] = [j, size];
    }
    pivots.push(pivot);
    if (!(most > 0)) break;
    const length = Math.sqrt(most);
    for (let i = 0; i < count; i++)
      for (let part = 0; part < 2; part++) q[2 * i + part] = a[2 * (i * n + pivot) + part] / length;
    for (let j = 0; j < n; j++) {
      let [re, im] = [0, 0];
      for (let i = 0; i < count; i++) {
        const p = 2 * (i * n + j);
        re += q[2 * i] * a[p] + q[2 * i + 1] * a[p + 1];
        im += q[2 * i] * a[p + 1] - q[2 * i + 1] * a[p];
      }
      out.set([re, im], 2 * (k * n + j));
      for (let i = 0; i < count; i++) {
        const p = 2 * (i * n + j);
        a[p] -= q[2 * i] * re - q[2 * i + 1] * im;
        a[p + 1] -= q[2 * i] * im + q[2 * i + 1] * re;
      }
    }
  }
  return { rows, pivots };
}

/**
 * The rotation of these rows: the antihermitian Omega for which slope + Omega rows is the
 * derivative of rows that stay triangular at the pivots. `slope` is the derivative of the rows up
 * to such a rotation. Undefined if the rows are not of full rank.
 */
export function basisRotation(
  w: Workspace,
  { rows, pivots }: { rows: Block; pivots: number[] },
  slope: Block,
): Block | undefined {
  const m = rows.rows;
  // For (slope rows^-1 at the pivots)^+ = rows^-+ slope^+, adding Omega has to give an upper
  // triangle with a real diagonal.
  const at = (x: Block): Block => {
    const out = w.block(m, m);
    const [from, to] = [w.values(x), w.values(out)];
    for (let i = 0; i < m; i++)
      for (let k = 0; k < m; k++)
        for (let part = 0; part < 2; part++)
          to[2 * (i * m + k) + part] = from[2 * (i * x.columns + pivots[k]) + part];
    return out;
  };
  if (pivots.length < m) return undefined;
  const factors = w.factor(w.adjoint(at(rows)));
  if (!factors) return undefined;
  const c = w.adjoint(w.solve(factors, w.adjoint(at(slope))));
  const rotation = w.zeros(m, m);
  const [from, to] = [w.values(c), w.values(rotation)];
  for (let i = 0; i < m; i++) {
    to[2 * i * (m + 1) + 1] = -from[2 * i * (m + 1) + 1];
    for (let j = 0; j < i; j++) {
      const [re, im] = [from[2 * (i * m + j)], from[2 * (i * m + j) + 1]];
      to.set([-re, -im], 2 * (i * m + j));
      to.set([re, -im], 2 * (j * m + i));
    }
  }
  return rotation;
}

/**
 * A0 with V = A0 B^+, if the device couples to all ports of the bulk and to nothing else; else
 * undefined.
 */
export function throughPorts(
  V: Float64Array,
  n: number,
  m: number,
  B: Float64Array,
  rank: number,
): Float64Array | undefined {
  if (rank === 0 || rank > n) return undefined;
  // Least squares with orthonormal columns of B: B = Q C and V = A0 C^+ Q^+.
  const { A: Q, B: C, rank: own } = factorised(B, m, rank, rankTolerance);
  if (own !== rank) return undefined;
  const VQ = new Float64Array(2 * n * rank);
  const norms = new Float64Array(rank);
  for (let k = 0; k < rank; k++)
    for (let j = 0; j < m; j++) norms[k] += Q[2 * (j * rank + k)] ** 2 + Q[2 * (j * rank + k) + 1] ** 2;
  for (let i = 0; i < n; i++)
    for (let k = 0; k < rank; k++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < m; j++) {
        const [p, q] = [2 * (i * m + j), 2 * (j * rank + k)];
        re += V[p] * Q[q] - V[p + 1] * Q[q + 1];
        im += V[p] * Q[q + 1] + V[p + 1] * Q[q];
      }
      VQ[2 * (i * rank + k)] = re / norms[k];
      VQ[2 * (i * rank + k) + 1] = im / norms[k];
    }
  let [rest, size] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < m; j++) {
      let [re, im] = [V[2 * (i * m + j)], V[2 * (i * m + j) + 1]];
      size = Math.max(size, Math.abs(re), Math.abs(im));
      for (let k = 0; k < rank; k++) {
        const [p, q] = [2 * (i * rank + k), 2 * (j * rank + k)];
        re -= VQ[p] * Q[q] + VQ[p + 1] * Q[q + 1];
        im -= VQ[p + 1] * Q[q] - VQ[p] * Q[q + 1];
      }
      rest = Math.max(rest, Math.abs(re), Math.abs(im));
    }
  if (!(rest <= 1e-14 * size)) return undefined;
  // V = VQ Q^+ = A0 B^+ = A0 (Q C^+)^+ = A0 C Q^+, hence A0 = VQ C^-1 with C (rank x rank, B = Q
  // C^+).
  const A0 = solvedFromRight(VQ, C, n, rank);
  return A0 && reachingPorts(A0, n, rank);
}

/**
 * A0 (n x rank) if all ports reach the device, else undefined. A state that only unreached ports
 * see would make Sigma singular although it does not contribute.
 */
export function reachingPorts(A0: Float64Array, n: number, rank: number): Float64Array | undefined {
  return rank > 0 && factorised(A0, n, rank, 1e-10).rank === rank ? A0 : undefined;
}

/**
 * x c^-1 for a rank x rank matrix c, by elimination with row pivots of c^T. Undefined if c is
 * singular to working accuracy.
 */
function solvedFromRight(
  x: Float64Array,
  c: Float64Array,
  n: number,
  rank: number,
): Float64Array | undefined {
  const out = x.slice();
  const a = c.slice();
  // The columns of a are eliminated. The same column operations act on `out` until a is the unit
  // matrix.
  const swap = (m: Float64Array, rows: number, j: number, k: number) => {
    for (let i = 0; i < rows; i++)
      for (let part = 0; part < 2; part++) {
        const [p, q] = [2 * (i * rank + j) + part, 2 * (i * rank + k) + part];
        [m[p], m[q]] = [m[q], m[p]];
      }
  };
  const combine = (m: Float64Array, rows: number, target: number, source: number, re: number, im: number) => {
    for (let i = 0; i < rows; i++) {
      const [p, q] = [2 * (i * rank + target), 2 * (i * rank + source)];
      m[p] -= re * m[q] - im * m[q + 1];
      m[p + 1] -= re * m[q + 1] + im * m[q];
    }
  };
  for (let k = 0; k < rank; k++) {
    let pivot = k;
    const size = (j: number) => Math.hypot(a[2 * (k * rank + j)], a[2 * (k * rank + j) + 1]);
    for (let j = k + 1; j < rank; j++) if (size(j) > size(pivot)) pivot = j;
    const square = size(pivot) ** 2;
    if (!(square > 1e-280)) return undefined;
    swap(a, rank, k, pivot);
    swap(out, n, k, pivot);
    const [re, im] = [a[2 * (k * rank + k)] / square, -a[2 * (k * rank + k) + 1] / square];
    for (const [m, rows] of [
      [a, rank],
      [out, n],
    ] as const)
      for (let i = 0; i < rows; i++) {
        const p = 2 * (i * rank + k);
        [m[p], m[p + 1]] = [m[p] * re - m[p + 1] * im, m[p] * im + m[p + 1] * re];
      }
    for (let j = 0; j < rank; j++) {
      if (j === k) continue;
      const [fr, fi] = [a[2 * (k * rank + j)], a[2 * (k * rank + j) + 1]];
      if (fr === 0 && fi === 0) continue;
      combine(a, rank, j, k, fr, fi);
      combine(out, n, j, k, fr, fi);
    }
  }
  return out;
}
