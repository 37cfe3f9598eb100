// Eigenvalues and right eigenvectors of a general complex matrix from its Schur form A = Q T Q^+
// (schur.ts). T x = lambda x is solved by back-substitution, and the vectors Q x have length 1. If
// eigenvalues coincide, their difference is replaced by a rounding of the matrix. The vectors of a
// defective matrix are then parallel to about the square root of rounding, and callers treat such
// groups as a whole. Matrices are row-major and interleaved.
import { SET, zgemm } from "./gemm";
import { magnitude } from "./dense";
import { zschur } from "./schur";

/**
 * A (n x n) becomes T, with the eigenvalues on its diagonal. The columns of `vectors` are the
 * eigenvectors. work: 2 n^2 + 2 n complex numbers. Returns 0, or 1 without convergence.
 */
export function zeigen(n: i32, a: usize, vectors: usize, work: usize): i32 {
  const row = <usize>n << 4;
  const q = work;
  const x = q + <usize>n * row; // row j: the eigenvector of eigenvalue j in the basis of T
  const list = x + <usize>n * row;
  if (zschur(n, a, q, list) != 0) return 1;
  let scale = 0.0;
  for (let k = 0; k < n * n; k++) scale = max(scale, magnitude(a + (<usize>k << 4)));
  const least = 2.2e-16 * scale + 1e-300;
  memory.fill(x, 0, <usize>n * row);
  for (let j = 0; j < n; j++) {
    const v = x + <usize>j * row;
    const own = a + <usize>j * (row + 16);
    store<f64>(v + (<usize>j << 4), 1.0);
    let square = 1.0;
    for (let i = j - 1; i >= 0; i--) {
      let re = 0.0;
      let im = 0.0;
      for (let k = i + 1; k <= j; k++) {
        const t = a + <usize>i * row + (<usize>k << 4);
        const w = v + (<usize>k << 4);
        re += load<f64>(t) * load<f64>(w) - load<f64>(t, 8) * load<f64>(w, 8);
        im += load<f64>(t) * load<f64>(w, 8) + load<f64>(t, 8) * load<f64>(w);
      }
      const d = a + <usize>i * (row + 16);
      let dr = load<f64>(own) - load<f64>(d);
      let di = load<f64>(own, 8) - load<f64>(d, 8);
      if (Math.abs(dr) + Math.abs(di) < least) {
        dr = least;
        di = 0.0;
      }
      const size = dr * dr + di * di;
      const target = v + (<usize>i << 4);
      const xr = (re * dr + im * di) / size;
      const xi = (im * dr - re * di) / size;
      store<f64>(target, xr);
      store<f64>(target, xi, 8);
      square += xr * xr + xi * xi;
    }
    const factor = 1.0 / Math.sqrt(square);
    for (let i = 0; i < 2 * n; i++) store<f64>(v + (<usize>i << 3), factor * load<f64>(v + (<usize>i << 3)));
  }
  // The columns are Q x. The rows of x are made columns for this product.
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const p = x + <usize>i * row + (<usize>j << 4);
      const r = x + <usize>j * row + (<usize>i << 4);
      for (let part: usize = 0; part < 16; part += 8) {
        const kept = load<f64>(p + part);
        store<f64>(p + part, load<f64>(r + part));
        store<f64>(r + part, kept);
      }
    }
  zgemm(n, n, n, q, n, 1, x, n, vectors, n, SET, false, false);
  return 0;
}
