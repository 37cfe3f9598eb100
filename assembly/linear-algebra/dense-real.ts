// In-place inverses of real matrices by Gauss-Jordan elimination with partial pivoting, two pivots
// per pass (2 n^3 flops, for any matrix). hermitian-inverse.ts inverts symmetric matrices by
// halves. Matrices are row-major f64.
import { daxpy } from "./dgemm";
import { multiplyAdd, multiplySubtract } from "./lanes";

/**
 * The row of the largest element of column k from row k on; -1 if that element is zero or not
 * finite.
 */
// @ts-ignore: decorator
@inline
function pivotRow(n: i32, k: i32, a: usize, step: usize): i32 {
  let best = -1.0;
  let row = k;
  let entry = a + <usize>k * step + (<usize>k << 3);
  for (let i = k; i < n; i++) {
    const size = Math.abs(load<f64>(entry));
    if (size > best) {
      best = size;
      row = i;
    }
    entry += step;
  }
  return best == 0.0 || !isFinite(best) ? -1 : row;
}

/**
 * Moves a pivot's row of a Gauss-Jordan step to its place, after subtracting `factor` times another
 * row and dividing by the pivot. The row that was there moves to the place that becomes free.
 */
function takePivotRow(n: i32, target: usize, row: usize, factor: f64, other: usize, inverse: f64): void {
  let j = 0;
  if (ASC_FEATURE_SIMD) {
    const f = f64x2.splat(factor);
    const d = f64x2.splat(inverse);
    for (; j + 1 < n; j += 2) {
      const x = v128.load(row);
      v128.store(row, v128.load(target));
      v128.store(target, f64x2.mul(multiplySubtract(f, v128.load(other), x), d));
      row += 16;
      target += 16;
      other += 16;
    }
  }
  for (; j < n; j++) {
    const x = load<f64>(row);
    store<f64>(row, load<f64>(target));
    store<f64>(target, (x - factor * load<f64>(other)) * inverse);
    row += 8;
    target += 8;
    other += 8;
  }
}

/**
 * In-place inverse of an n x n matrix (row stride n); pivots: n i32. Two pivots are chosen one
 * after the other, and then their rows are subtracted from all others in one pass. Returns 0, or
 * k + 1 if the k-th pivot is exactly zero.
 */
export function dinverse(n: i32, a: usize, pivots: usize): i32 {
  return gaussJordan(n, a, <usize>n << 3, pivots);
}

/** The same for a part of a matrix whose rows are `step` bytes apart. */
export function gaussJordan(n: i32, a: usize, step: usize, pivots: usize): i32 {
  for (let k = 0; k < n; k += 2) {
    const first = a + <usize>k * step;
    const column = <usize>k << 3;
    const row = pivotRow(n, k, a, step);
    if (row < 0) return k + 1;
    store<i32>(pivots + (<usize>k << 2), row);
    const source = a + <usize>row * step;
    const inverse = 1.0 / load<f64>(source + column);
    takePivotRow(n, first, source, 0.0, source, inverse);
    store<f64>(first + column, inverse);
    if (k + 1 == n) {
      eliminate(n, k, a, step, 0);
      break;
    }
    // Updates the next column of all rows (the pivot's own element is not used again). The second
    // pivot is chosen among its lower elements.
    const ahead = load<f64>(first + column, 8);
    let entry = a + column;
    for (let i = 0; i < n; i++) {
      store<f64>(entry, load<f64>(entry, 8) - load<f64>(entry) * ahead, 8);
      entry += step;
    }
    const second = first + step;
    const next = pivotRow(n, k + 1, a, step);
    if (next < 0) return k + 2;
    store<i32>(pivots + (<usize>(k + 1) << 2), next);
    // Completes the second pivot's row, except its element in column k + 1, which is complete
    // already.
    const chosen = a + <usize>next * step;
    const factor = load<f64>(chosen + column);
    const other = 1.0 / load<f64>(chosen + column, 8);
    takePivotRow(n, second, chosen, factor, first, other);
    store<f64>(second + column, -factor * load<f64>(first + column) * other);
    store<f64>(second + column, other, 8);
    store<f64>(first + column, 0.0, 8);
    eliminate(n, k, a, step, second);
    daxpy(n, -ahead, second, first);
  }
  // Row exchanges of the matrix become column exchanges of the inverse, the last one first.
  for (let k = n - 1; k >= 0; k--) {
    const row = load<i32>(pivots + (<usize>k << 2));
    if (row == k) continue;
    let p = a + (<usize>k << 3);
    let q = a + (<usize>row << 3);
    for (let i = 0; i < n; i++) {
      const t = load<f64>(p);
      store<f64>(p, load<f64>(q));
      store<f64>(q, t);
      p += step;
      q += step;
    }
  }
  return 0;
}

/**
 * Subtracts from all other rows their elements in columns k and k + 1 times the two pivot rows (one
 * pivot row if `second` is 0). These elements count as zero and are written last, because a vector
 * load of numbers that were just stored one by one would stall.
 */
function eliminate(n: i32, k: i32, a: usize, step: usize, second: usize): void {
  const column = <usize>k << 3;
  const first = a + <usize>k * step;
  for (let i = 0; i < n; i++) {
    let target = a + <usize>i * step;
    if (target == first || target == second) continue;
    const entry = target + column;
    const f = load<f64>(entry);
    if (!second) {
      daxpy(n, -f, first, target);
      store<f64>(entry, -f * load<f64>(first + column));
      continue;
    }
    const g = load<f64>(entry, 8);
    const last = -(f * load<f64>(first + column) + g * load<f64>(second + column));
    const next = -(f * load<f64>(first + column, 8) + g * load<f64>(second + column, 8));
    let p = first;
    let q = second;
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      const fs = f64x2.splat(f);
      const gs = f64x2.splat(g);
      for (; j + 3 < n; j += 4) {
        const x = f64x2.sub(v128.load(target), multiplyAdd(gs, v128.load(q), f64x2.mul(fs, v128.load(p))));
        const y = f64x2.sub(v128.load(target, 16), multiplyAdd(gs, v128.load(q, 16), f64x2.mul(fs, v128.load(p, 16))));
        v128.store(target, x);
        v128.store(target, y, 16);
        target += 32;
        p += 32;
        q += 32;
      }
    }
    for (; j < n; j++) {
      store<f64>(target, load<f64>(target) - (f * load<f64>(p) + g * load<f64>(q)));
      target += 8;
      p += 8;
      q += 8;
    }
    store<f64>(entry, last);
    store<f64>(entry, next, 8);
  }
}

/** Fills the upper half of a symmetric matrix from its lower half. Rows are `step` bytes apart. */
export function mirror(n: i32, a: usize, step: usize): void {
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    // Two by two elements are transposed in registers at a time.
    for (; i + 1 < n; i += 2) {
      const row = a + <usize>i * step;
      transposeRows(i, row, step, a + (<usize>i << 3));
      store<f64>(row + (<usize>(i + 1) << 3), load<f64>(row + step + (<usize>i << 3)));
    }
  }
  for (; i < n; i++)
    for (let j = 0; j < i; j++) store<f64>(a + <usize>j * step + (<usize>i << 3), load<f64>(a + <usize>i * step + (<usize>j << 3)));
}

/** Writes two rows of `count` numbers (even) as two columns of the same matrix. */
// @ts-ignore: decorator
@inline
function transposeRows(count: i32, row: usize, step: usize, target: usize): void {
  for (let j = 0; j < count; j += 2) {
    const x = v128.load(row);
    const y = v128.load(row + step);
    v128.store(target, v128.shuffle<f64>(x, y, 0, 2));
    v128.store(target + step, v128.shuffle<f64>(x, y, 1, 3));
    row += 16;
    target += step << 1;
  }
}
