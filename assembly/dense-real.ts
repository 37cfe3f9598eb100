// Inverses of real matrices in place: Gauss-Jordan with partial pivoting, two pivots a pass (2 n^3 flops, any matrix), and for symmetric ones a block sweep
// on the lower half (n^3 flops) whose diagonal panels are inverted with pivoting; its growth is returned, so that the caller can take
// the pivoted one instead. Row-major f64.
import { ADD, daxpy, dgemm, SET, squares, SUBTRACT } from "./dgemm";
import { multiplyAdd } from "./lanes";

/** Row of the largest element of column k from row k on; -1 where it is zero or not finite. */
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

function swapRows(p: usize, q: usize, step: usize): void {
  for (let j: usize = 0; j < step; j += 8) {
    const t = load<f64>(p + j);
    store<f64>(p + j, load<f64>(q + j));
    store<f64>(q + j, t);
  }
}

/** The pivot's row of a Gauss-Jordan step: divided by the pivot, which leaves its inverse behind. */
function scalePivotRow(row: usize, k: i32, step: usize): void {
  const inverse = 1.0 / load<f64>(row + (<usize>k << 3));
  store<f64>(row + (<usize>k << 3), 1.0);
  for (let j: usize = 0; j < step; j += 8) store<f64>(row + j, load<f64>(row + j) * inverse);
}

/**
 * In place inverse of an n x n matrix (row stride n); pivots: n i32. Two pivots are chosen, one after the other, before their rows are
 * taken off all others in one pass. Returns 0, or k + 1 where the k-th pivot is exactly zero.
 */
export function dinverse(n: i32, a: usize, pivots: usize): i32 {
  const step = <usize>n << 3;
  for (let k = 0; k < n; k += 2) {
    const first = a + <usize>k * step;
    const row = pivotRow(n, k, a, step);
    if (row < 0) return k + 1;
    store<i32>(pivots + (<usize>k << 2), row);
    if (row != k) swapRows(first, a + <usize>row * step, step);
    scalePivotRow(first, k, step);
    if (k + 1 == n) {
      eliminate(n, 0, k, k, a, first, 0);
      break;
    }
    // The next column of the rows below, for the choice of its pivot.
    const column = <usize>k << 3;
    const ahead = load<f64>(first + column, 8);
    for (let i = k + 1; i < n; i++) {
      const entry = a + <usize>i * step + column;
      store<f64>(entry, load<f64>(entry, 8) - load<f64>(entry) * ahead, 8);
    }
    const second = first + step;
    const next = pivotRow(n, k + 1, a, step);
    if (next < 0) return k + 2;
    store<i32>(pivots + (<usize>(k + 1) << 2), next);
    if (next != k + 1) swapRows(second, a + <usize>next * step, step);
    // The second pivot's row, complete: its element in column k + 1 is so already.
    const factor = load<f64>(second + column);
    const pivot = load<f64>(second + column, 8);
    store<f64>(second + column, 0.0);
    daxpy(n, -factor, first, second);
    store<f64>(second + column, pivot, 8);
    scalePivotRow(second, k + 1, step);
    store<f64>(first + column, 0.0, 8);
    // Rows above still hold the original column k + 1.
    for (let i = 0; i < k; i++) {
      const entry = a + <usize>i * step + column;
      store<f64>(entry, load<f64>(entry, 8) - load<f64>(entry) * ahead, 8);
    }
    eliminate(n, 0, k, k, a, first, second);
    eliminate(n, k + 2, n, k, a, first, second);
    daxpy(n, -ahead, second, first);
  }
  // The row exchanges come back as column exchanges, last first.
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
 * Rows from..to minus their elements in columns k and k + 1 times the two pivot rows (one pivot row if `second` is 0); the elements
 * themselves are replaced by zero first.
 */
function eliminate(n: i32, from: i32, to: i32, k: i32, a: usize, first: usize, second: usize): void {
  const step = <usize>n << 3;
  const column = <usize>k << 3;
  for (let i = from; i < to; i++) {
    let target = a + <usize>i * step;
    const f = load<f64>(target + column);
    store<f64>(target + column, 0.0);
    if (!second) {
      daxpy(n, -f, first, target);
      continue;
    }
    const g = load<f64>(target + column, 8);
    store<f64>(target + column, 0.0, 8);
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
  }
}

const SWEEP: i32 = 16;

/** The upper half of a symmetric matrix from its lower half. */
function mirror(n: i32, a: usize): void {
  const step = <usize>n << 3;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    // Two by two elements at a time, turned in registers.
    for (; i + 1 < n; i += 2) {
      const row = a + <usize>i * step;
      const column = a + (<usize>i << 3);
      for (let j = 0; j < i; j += 2) {
        const x = v128.load(row + (<usize>j << 3));
        const y = v128.load(row + step + (<usize>j << 3));
        const target = column + <usize>j * step;
        v128.store(target, v128.shuffle<f64>(x, y, 0, 2));
        v128.store(target + step, v128.shuffle<f64>(x, y, 1, 3));
      }
      store<f64>(row + (<usize>(i + 1) << 3), load<f64>(row + step + (<usize>i << 3)));
    }
  }
  for (; i < n; i++)
    for (let j = 0; j < i; j++) store<f64>(a + <usize>j * step + (<usize>i << 3), load<f64>(a + <usize>i * step + (<usize>j << 3)));
}

/**
 * In place inverse of a symmetric matrix (the lower half is read) by block sweeps; work: (2 n + 16) * 16 numbers.
 * Returns the growth |panel inverse| |panel rows| (Frobenius norms), or a negative number where a diagonal panel is singular.
 */
export function dsyinverse(n: i32, a: usize, pivots: usize, work: usize): f64 {
  const step = <usize>n << 3;
  let growth = 0.0;
  const rows = work; // SWEEP x n: the panel's rows
  const left = rows + (<usize>(SWEEP * n) << 3); // n x SWEEP: their transposition times the panel's inverse
  const inverse = left + (<usize>(SWEEP * n) << 3);
  for (let start = 0; start < n; start += SWEEP) {
    const width = min(SWEEP, n - start);
    const after = start + width;
    // Gather the panel's rows from the stored lower half on either side of the diagonal.
    for (let r = 0; r < width; r++) {
      const target = rows + (<usize>(r * n) << 3);
      const i = start + r;
      memory.copy(target, a + <usize>i * step, <usize>(i + 1) << 3);
      let source = a + <usize>(i + 1) * step + (<usize>i << 3);
      for (let j = i + 1; j < n; j++) {
        store<f64>(target + (<usize>j << 3), load<f64>(source));
        source += step;
      }
      memory.copy(inverse + (<usize>(r * width) << 3), target + (<usize>start << 3), <usize>width << 3);
    }
    if (dinverse(width, inverse, pivots) != 0) return -1.0;
    growth = max(growth, Math.sqrt(squares(rows, width * n) * squares(inverse, width * width)));
    // Rows swept before hold the inverse of the part swept so far, later ones the Schur complement, and a later row's elements in swept
    // columns are minus those of the swept row: so the three parts of the update have these signs. Lower half only.
    dgemm(n, width, width, rows, 1, n, inverse, width, left, width, SET, false);
    dgemm(start, start, width, left, width, 1, rows, n, a, n, ADD, true);
    if (after < n) {
      const later = left + (<usize>(after * width) << 3);
      dgemm(n - after, start, width, later, width, 1, rows, n, a + <usize>after * step, n, SUBTRACT, false);
      dgemm(n - after, n - after, width, later, width, 1, rows + (<usize>after << 3), n,
        a + <usize>after * step + (<usize>after << 3), n, SUBTRACT, true);
      for (let i = after; i < n; i++) {
        const target = a + <usize>i * step + (<usize>start << 3);
        const source = left + (<usize>(i * width) << 3);
        for (let s: usize = 0; s < <usize>width << 3; s += 8) store<f64>(target + s, -load<f64>(source + s));
      }
    }
    for (let r = 0; r < width; r++) {
      const row = a + <usize>(start + r) * step;
      let source = left + (<usize>r << 3);
      for (let j = 0; j < start; j++) {
        store<f64>(row + (<usize>j << 3), load<f64>(source));
        source += <usize>width << 3;
      }
      memory.copy(row + (<usize>start << 3), inverse + (<usize>(r * width) << 3), <usize>(r + 1) << 3);
    }
  }
  mirror(n, a);
  return growth;
}

/** Growth of a sweep beyond which another order, then full pivoting is taken. */
const PANEL_GROWTH: f64 = 1e5;

/** target = source with rows and columns in reversed order. */
function reversed(n: i32, source: usize, target: usize): void {
  let from = source + (<usize>(n * n - 1) << 3);
  for (let k = 0; k < n * n; k++) {
    store<f64>(target, load<f64>(from));
    target += 8;
    from -= 8;
  }
}

/**
 * In place inverse of a symmetric matrix: by a sweep where it is stable, from the other end where that is, else with full partial
 * pivoting. copy: n x n numbers; work as dsyinverse. Returns 0, or as dinverse.
 */
export function dsafeinverse(n: i32, a: usize, copy: usize, pivots: usize, work: usize): i32 {
  const bytes = <usize>(n * n) << 3;
  memory.copy(copy, a, bytes);
  if (n > 24) {
    const growth = dsyinverse(n, a, pivots, work);
    if (growth >= 0.0 && growth < PANEL_GROWTH) return 0;
    reversed(n, copy, a);
    const other = dsyinverse(n, a, pivots, work);
    if (other >= 0.0 && other < PANEL_GROWTH) {
      memory.copy(copy, a, bytes);
      reversed(n, copy, a);
      return 0;
    }
    memory.copy(a, copy, bytes);
  }
  return dinverse(n, a, pivots);
}
