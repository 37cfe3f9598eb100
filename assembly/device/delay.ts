// The delay times of a point: the eigenvalues of the Hermitian part of -i S^+ S'. Matrices are
// row-major and interleaved.
import { zheev } from "../linear-algebra/eigen";
import { zheevq } from "../linear-algebra/hermitian";

/**
 * If the smallest delay time is below this fraction of the largest, only Jacobi rotations keep its
 * digits.
 */
const GRADED: f64 = 1e-6;

/** Forms the Hermitian part of -i S^+ S', n x n, and returns its trace. */
function delayMatrix(n: i32, s: usize, slope: usize, matrix: usize): f64 {
  const row = <usize>n << 4;
  memory.fill(matrix, 0, <usize>n * row);
  // S^+ S' is summed over the rows of S and of S'.
  for (let c = 0; c < n; c++) {
    const left = s + <usize>c * row;
    let target = matrix;
    for (let i = 0; i < n; i++) {
      const re = load<f64>(left + (<usize>i << 4));
      const im = load<f64>(left + (<usize>i << 4), 8);
      let x = slope + <usize>c * row;
      for (let j = 0; j < n; j++) {
        const xr = load<f64>(x);
        const xi = load<f64>(x, 8);
        store<f64>(target, load<f64>(target) + re * xr + im * xi);
        store<f64>(target, load<f64>(target, 8) + re * xi - im * xr, 8);
        target += 16;
        x += 16;
      }
    }
  }
  // The result is half the sum of -i times the product and its adjoint.
  let trace = 0.0;
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++) {
      const p = matrix + <usize>i * row + (<usize>j << 4);
      const q = matrix + <usize>j * row + (<usize>i << 4);
      const re = 0.5 * (load<f64>(p, 8) + load<f64>(q, 8));
      const im = 0.5 * (load<f64>(q) - load<f64>(p));
      if (i == j) trace += re;
      store<f64>(p, re);
      store<f64>(p, im, 8);
      store<f64>(q, re);
      store<f64>(q, -im, 8);
    }
  return trace;
}

/**
 * Sorts the diagonal of a matrix in ascending order. Returns the smallest modulus over the largest.
 */
function sortedDiagonal(n: i32, matrix: usize, out: usize): f64 {
  let least = Infinity;
  let most = 0.0;
  for (let i: usize = 0; i < <usize>n; i++) {
    const value = load<f64>(matrix + i * ((<usize>n + 1) << 4));
    least = min(least, Math.abs(value));
    most = max(most, Math.abs(value));
    let at = out + (i << 3);
    while (at > out && load<f64>(at - 8) > value) {
      store<f64>(at, load<f64>(at - 8));
      at -= 8;
    }
    store<f64>(at, value);
  }
  return least / most;
}

/**
 * Writes the delay times in ascending order to `out`, followed by their sum. S and S' are n x n.
 * work: 2 n^2 + 4 n complex numbers.
 */
export function zdelay(n: i32, s: usize, slope: usize, out: usize, work: usize): void {
  store<f64>(out + (<usize>n << 3), delayMatrix(n, s, slope, work));
  const found = zheevq(n, work, 0, work + (<usize>(n * n) << 4)) == 0;
  if (found && sortedDiagonal(n, work, out) > GRADED) return;
  delayMatrix(n, s, slope, work);
  zheev(n, work, 0);
  sortedDiagonal(n, work, out);
}
