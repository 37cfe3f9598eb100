// Small dense real matrices over the leads, probes or parameters of a device, row-major: the
// inverse and the smallest eigenvalue.

/**
 * Writes the inverse of an n x n matrix to `inverse`, by Gauss-Jordan elimination with row
 * pivoting. A direction whose pivot is at most `least` gets zeros, for example a probe that couples
 * to nothing.
 */
export function invert(matrix: Float64Array, n: number, inverse: Float64Array, least = 1e-200): void {
  const a = Float64Array.from(matrix.subarray(0, n * n));
  inverse.fill(0);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]) > Math.abs(a[pivot * n + k])) pivot = i;
    const top = a[pivot * n + k];
    const factor = Math.abs(top) > least ? 1 / top : 0;
    for (const list of [a, inverse]) {
      for (let j = 0; j < n; j++) {
        const kept = list[k * n + j];
        list[k * n + j] = list[pivot * n + j] * factor;
        if (pivot !== k) list[pivot * n + j] = kept;
      }
    }
    for (let i = 0; i < n; i++) {
      const weight = a[i * n + k];
      if (i === k || weight === 0) continue;
      for (let j = 0; j < n; j++) {
        a[i * n + j] -= weight * a[k * n + j];
        inverse[i * n + j] -= weight * inverse[k * n + j];
      }
    }
  }
}

/** Smallest eigenvalue of a symmetric n x n matrix by Jacobi rotations. */
export function leastEigenvalue(matrix: Float64Array, n: number): number {
  const a = Float64Array.from(matrix);
  for (let sweep = 0; sweep < 60; sweep++) {
    let [off, size] = [0, 0];
    for (let p = 0; p < n; p++) {
      size = Math.max(size, Math.abs(a[p * n + p]));
      for (let q = p + 1; q < n; q++) off = Math.max(off, Math.abs(a[p * n + q]));
    }
    if (off <= 1e-17 * size || off < 1e-300) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  }
  let least = n > 0 ? Number.POSITIVE_INFINITY : 0;
  for (let p = 0; p < n; p++) least = Math.min(least, a[p * n + p]);
  return least;
}

/** Applies the rotation that makes a_pq zero. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q];
  if (off === 0) return;
  const ratio = (a[q * n + q] - a[p * n + p]) / (2 * off);
  const t = (ratio >= 0 ? 1 : -1) / (Math.abs(ratio) + Math.hypot(1, ratio));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[k * n + p], a[k * n + q]];
    a[k * n + p] = c * x - s * y;
    a[k * n + q] = s * x + c * y;
  }
  for (let k = 0; k < n; k++) {
    const [x, y] = [a[p * n + k], a[q * n + k]];
    a[p * n + k] = c * x - s * y;
    a[q * n + k] = s * x + c * y;
  }
}
