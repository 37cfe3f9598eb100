// A test whether a Hermitian matrix is positive semidefinite: Cholesky with diagonal pivoting,
// which stops at the numerical rank and costs O(n^2 rank). The remainder after the last pivot must
// be rounding (N. Higham, Accuracy and Stability of Numerical Algorithms, section 10.3).

import type { ComplexMatrix } from "./matrices.js";

/** Relative size below which the remainder counts as zero. */
export const semidefiniteTolerance = 1e-12;

/**
 * Rank of a positive semidefinite n x n matrix. Undefined if the matrix is not positive
 * semidefinite: then a diagonal element of the remainder is below -tolerance or another element is
 * above tolerance, both relative to the largest diagonal element times n.
 */
export function semidefiniteRank({ shape: [n], data }: ComplexMatrix): number | undefined {
  const a = data.slice();
  const left = Array.from({ length: n }, (_, i) => i);
  let largestElement = 0;
  for (const x of data) largestElement = Math.max(largestElement, Math.abs(x));
  const threshold = semidefiniteTolerance * largestElement * n;
  if (largestElement === 0) return 0;

  for (let rank = 0; ; rank++) {
    let pivot = 0;
    for (let k = 1; k < left.length; k++) {
      if (a[2 * left[k] * (n + 1)] > a[2 * left[pivot] * (n + 1)]) pivot = k;
    }
    // No pivot is left, so that the remainder must be rounding.
    if (left.length === 0 || a[2 * left[pivot] * (n + 1)] <= threshold) {
      for (const i of left) {
        for (const j of left) {
          const at = 2 * (i * n + j);
          if (Math.hypot(a[at], a[at + 1]) > threshold) return undefined;
        }
      }
      return rank;
    }
    // Subtracts the rank-one part of this pivot from the remainder.
    const p = left.splice(pivot, 1)[0];
    const diagonal = a[2 * p * (n + 1)];
    for (const i of left) {
      const xr = a[2 * (i * n + p)] / diagonal;
      const xi = a[2 * (i * n + p) + 1] / diagonal;
      if (xr === 0 && xi === 0) continue;
      for (const j of left) {
        const yr = a[2 * (p * n + j)];
        const yi = a[2 * (p * n + j) + 1];
        a[2 * (i * n + j)] -= xr * yr - xi * yi;
        a[2 * (i * n + j) + 1] -= xr * yi + xi * yr;
      }
    }
  }
}
