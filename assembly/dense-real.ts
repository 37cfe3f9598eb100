// Inverses of real matrices in place: Gauss-Jordan with partial pivoting (2 n^3 flops, any matrix), and for symmetric ones a block sweep
// on the lower half (n^3 flops) whose diagonal panels are inverted with pivoting; its growth is returned, so that the caller can take
// the pivoted one instead. Row-major f64.
import { daxpy, dgemm, SET, SUBTRACT } from "./dgemm";

/** In place inverse of an n x n matrix (row stride n); pivots: n i32. Returns 0, or k + 1 where the k-th pivot is exactly zero. */
export function dinverse(n: i32, a: usize, pivots: usize): i32 {
  const step = <usize>n << 3;
  for (let k = 0; k < n; k++) {
    const column = a + (<usize>k << 3);
    let best = -1.0;
    let row = k;
    for (let i = k; i < n; i++) {
      const size = Math.abs(load<f64>(column + <usize>i * step));
      if (size > best) {
        best = size;
        row = i;
      }
    }
    store<i32>(pivots + (<usize>k << 2), row);
    if (best == 0.0 || !isFinite(best)) return k + 1;
    const own = a + <usize>k * step;
    if (row != k) {
      const other = a + <usize>row * step;
      for (let j: usize = 0; j < step; j += 8) {
        const t = load<f64>(own + j);
        store<f64>(own + j, load<f64>(other + j));
        store<f64>(other + j, t);
      }
    }
    const inverse = 1.0 / load<f64>(own + (<usize>k << 3));
    store<f64>(own + (<usize>k << 3), 1.0);
    for (let j: usize = 0; j < step; j += 8) store<f64>(own + j, load<f64>(own + j) * inverse);
    eliminate(n, 0, k, k, a, own);
    eliminate(n, k + 1, n, k, a, own);
  }
  // The row exchanges come back as column exchanges, last first.
  for (let k = n - 1; k >= 0; k--) {
    const row = load<i32>(pivots + (<usize>k << 2));
    if (row == k) continue;
    for (let i = 0; i < n; i++) {
      const p = a + <usize>i * step + (<usize>k << 3);
      const q = a + <usize>i * step + (<usize>row << 3);
      const t = load<f64>(p);
      store<f64>(p, load<f64>(q));
      store<f64>(q, t);
    }
  }
  return 0;
}

/** Rows from..to minus their element in column k times the pivot row; column k is left with minus factor times the pivot's. */
function eliminate(n: i32, from: i32, to: i32, k: i32, a: usize, pivotRow: usize): void {
  const step = <usize>n << 3;
  let i = from;
  if (ASC_FEATURE_SIMD) {
    // Two rows at a time share the loads of the pivot row.
    for (; i + 1 < to; i += 2) {
      let p = a + <usize>i * step;
      let q = p + step;
      const column = <usize>k << 3;
      const f = load<f64>(p + column);
      const g = load<f64>(q + column);
      store<f64>(p + column, 0.0);
      store<f64>(q + column, 0.0);
      const fs = f64x2.splat(f);
      const gs = f64x2.splat(g);
      let r = pivotRow;
      let j = 0;
      for (; j + 3 < n; j += 4) {
        const r0 = v128.load(r);
        const r1 = v128.load(r, 16);
        v128.store(p, f64x2.sub(v128.load(p), f64x2.mul(fs, r0)));
        v128.store(p, f64x2.sub(v128.load(p, 16), f64x2.mul(fs, r1)), 16);
        v128.store(q, f64x2.sub(v128.load(q), f64x2.mul(gs, r0)));
        v128.store(q, f64x2.sub(v128.load(q, 16), f64x2.mul(gs, r1)), 16);
        r += 32;
        p += 32;
        q += 32;
      }
      for (; j < n; j++) {
        const value = load<f64>(r);
        store<f64>(p, load<f64>(p) - f * value);
        store<f64>(q, load<f64>(q) - g * value);
        r += 8;
        p += 8;
        q += 8;
      }
    }
  }
  for (; i < to; i++) {
    const target = a + <usize>i * step;
    const factor = load<f64>(target + (<usize>k << 3));
    store<f64>(target + (<usize>k << 3), 0.0);
    daxpy(n, -factor, pivotRow, target);
  }
}

const SWEEP: i32 = 16;

/**
 * In place inverse of a symmetric matrix (the lower half is read) by block sweeps; work: (2 n + 16) * 16 numbers.
 * Returns the growth max |panel inverse| * max |panel column|, or a negative number where a diagonal panel is singular.
 */
export function dsyinverse(n: i32, a: usize, pivots: usize, work: usize): f64 {
  const step = <usize>n << 3;
  let growth = 0.0;
  const columnPanel = work; // SWEEP x n: the panel's rows
  const left = columnPanel + (<usize>(SWEEP * n) << 3); // n x SWEEP: panel column times panel inverse
  const inverse = left + (<usize>(SWEEP * n) << 3);
  for (let start = 0; start < n; start += SWEEP) {
    const width = min(SWEEP, n - start);
    const after = start + width;
    // Gather the panel's rows of the symmetric matrix: from the stored lower half on either side.
    let largest = 0.0;
    for (let r = 0; r < width; r++) {
      const target = columnPanel + (<usize>(r * n) << 3);
      const i = start + r;
      memory.copy(target, a + <usize>i * step, <usize>(i + 1) << 3);
      for (let j = i + 1; j < n; j++) store<f64>(target + (<usize>j << 3), load<f64>(a + <usize>j * step + (<usize>i << 3)));
      for (let j = 0; j < n; j++) largest = max(largest, Math.abs(load<f64>(target + (<usize>j << 3))));
      memory.copy(inverse + (<usize>(r * width) << 3), target + (<usize>start << 3), <usize>width << 3);
    }
    if (dinverse(width, inverse, pivots) != 0) return -1.0;
    let inverseSize = 0.0;
    for (let k = 0; k < width * width; k++) inverseSize = max(inverseSize, Math.abs(load<f64>(inverse + (<usize>k << 3))));
    growth = max(growth, largest * inverseSize);
    // left = A_:,panel inverse; A_ij -= left_i A_panel,j for the rows and columns outside the panel, lower half only.
    dgemm(n, width, width, columnPanel, 1, n, inverse, width, left, width, SET, false);
    dgemm(start, start, width, left, width, 1, columnPanel, n, a, n, SUBTRACT, true);
    if (after < n) {
      dgemm(n - after, start, width, left + (<usize>(after * width) << 3), width, 1, columnPanel, n, a + <usize>after * step, n, SUBTRACT, false);
      dgemm(n - after, n - after, width, left + (<usize>(after * width) << 3), width, 1, columnPanel + (<usize>after << 3), n,
        a + <usize>after * step + (<usize>after << 3), n, SUBTRACT, true);
    }
    // The swept panel: the matrix holds minus the inverse of the part swept so far.
    for (let i = after; i < n; i++) memory.copy(a + <usize>i * step + (<usize>start << 3), left + (<usize>(i * width) << 3), <usize>width << 3);
    for (let r = 0; r < width; r++) {
      const row = a + <usize>(start + r) * step;
      for (let j = 0; j < start; j++) store<f64>(row + (<usize>j << 3), load<f64>(left + (<usize>(j * width + r) << 3)));
      for (let s = 0; s <= r; s++) store<f64>(row + (<usize>(start + s) << 3), -load<f64>(inverse + (<usize>(r * width + s) << 3)));
    }
  }
  // Sign and mirror.
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const value = -load<f64>(a + <usize>i * step + (<usize>j << 3));
      store<f64>(a + <usize>i * step + (<usize>j << 3), value);
      store<f64>(a + <usize>j * step + (<usize>i << 3), value);
    }
  return growth;
}
