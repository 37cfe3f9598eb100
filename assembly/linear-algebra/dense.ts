// Dense complex LU with partial pivoting, thin solves, and inverses. Matrices are row-major and
// interleaved. The general inverse takes 8 n^3 flops. The inverse of a complex symmetric matrix
// takes 4 n^3: it is a block Gauss-Jordan sweep whose diagonal panels are inverted with pivoting.
// It returns its growth, so that the caller can use the general inverse instead.
import { SET, SUBTRACT, zgemm } from "./gemm";
import { multiplyAdd } from "./lanes";

// @ts-ignore: decorator
@inline
export function magnitude(z: usize): f64 {
  return Math.abs(load<f64>(z)) + Math.abs(load<f64>(z, 8));
}

/** 1 / z, stored at `out`. */
// @ts-ignore: decorator
@inline
export function reciprocal(z: usize, out: usize): void {
  const re = load<f64>(z);
  const im = load<f64>(z, 8);
  // Smith's division avoids overflow for large numbers and loss of digits for tiny ones.
  if (Math.abs(re) >= Math.abs(im)) {
    const ratio = im / re;
    const d = 1.0 / (re + im * ratio);
    store<f64>(out, d);
    store<f64>(out, -ratio * d, 8);
  } else {
    const ratio = re / im;
    const d = 1.0 / (re * ratio + im);
    store<f64>(out, ratio * d);
    store<f64>(out, -d, 8);
  }
}

/** row y -= (fr + i fi) row x over `count` complex elements, with the same bits in both builds. */
// @ts-ignore: decorator
@inline
export function axpySubtract(count: i32, fr: f64, fi: f64, x: usize, y: usize): void {
  if (ASC_FEATURE_SIMD) {
    const real = f64x2.splat(fr);
    const crossFactor = f64x2.replace_lane(f64x2.splat(fi), 0, -fi);
    for (let j = 0; j < count; j++) {
      const value = v128.load(x);
      const swapped = v128.shuffle<u8>(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
      v128.store(y, f64x2.sub(v128.load(y), multiplyAdd(crossFactor, swapped, f64x2.mul(real, value))));
      x += 16;
      y += 16;
    }
    return;
  }
  for (let j = 0; j < count; j++) {
    const xr = load<f64>(x);
    const xi = load<f64>(x, 8);
    store<f64>(y, load<f64>(y) - (fr * xr - fi * xi));
    store<f64>(y, load<f64>(y, 8) - (fr * xi + fi * xr), 8);
    x += 16;
    y += 16;
  }
}

export function swapRows(count: i32, x: usize, y: usize): void {
  for (let j = 0; j < count * 2; j++) {
    const t = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, t);
    x += 8;
    y += 8;
  }
}

const PANEL: i32 = 8;

/**
 * In-place P A = L U of an n x n matrix; pivots: n i32. Returns 0, or k + 1 if the k-th pivot
 * column is exactly zero.
 */
export function zgetrf(n: i32, a: usize, pivots: usize): i32 {
  const step = <usize>n << 4;
  for (let start = 0; start < n; start += PANEL) {
    const width = min(PANEL, n - start);
    const after = start + width;
    // Panel: the columns start..after of the rows start..n are factorised without blocks, and rows
    // are exchanged across the whole matrix.
    for (let k = start; k < after; k++) {
      let best = -1.0;
      let row = k;
      for (let i = k; i < n; i++) {
        const size = magnitude(a + <usize>i * step + (<usize>k << 4));
        if (size > best) {
          best = size;
          row = i;
        }
      }
      store<i32>(pivots + (<usize>k << 2), row);
      if (best == 0.0 || !isFinite(best)) return k + 1;
      if (row != k) swapRows(n, a + <usize>row * step, a + <usize>k * step);
      const pivotRow = a + <usize>k * step + (<usize>k << 4);
      for (let i = k + 1; i < n; i++) {
        const element = a + <usize>i * step + (<usize>k << 4);
        divide(element, pivotRow);
        axpySubtract(after - k - 1, load<f64>(element), load<f64>(element, 8), pivotRow + 16, element + 16);
      }
    }
    if (after == n) break;
    // Row block U12 = L11^-1 A12, then the trailing update A22 -= L21 U12.
    for (let k = start + 1; k < after; k++) {
      for (let i = start; i < k; i++) {
        const factor = a + <usize>k * step + (<usize>i << 4);
        axpySubtract(n - after, load<f64>(factor), load<f64>(factor, 8),
          a + <usize>i * step + (<usize>after << 4), a + <usize>k * step + (<usize>after << 4));
      }
    }
    zgemm(n - after, n - after, width, a + <usize>after * step + (<usize>start << 4), n, 1,
      a + <usize>start * step + (<usize>after << 4), n, a + <usize>after * step + (<usize>after << 4), n, SUBTRACT, false, false);
  }
  return 0;
}

function divide(z: usize, by: usize): void {
  const zr = load<f64>(z);
  const zi = load<f64>(z, 8);
  const re = load<f64>(by);
  const im = load<f64>(by, 8);
  if (Math.abs(re) >= Math.abs(im)) {
    const ratio = im / re;
    const d = re + im * ratio;
    store<f64>(z, (zr + zi * ratio) / d);
    store<f64>(z, (zi - zr * ratio) / d, 8);
  } else {
    const ratio = re / im;
    const d = re * ratio + im;
    store<f64>(z, (zr * ratio + zi) / d);
    store<f64>(z, (zi * ratio - zr) / d, 8);
  }
}

/**
 * Solves A X = B in place of B (n x columns, row stride in complex elements) with the factors of
 * zgetrf.
 */
export function zgetrs(n: i32, lu: usize, pivots: usize, columns: i32, b: usize, bRow: i32): void {
  const step = <usize>n << 4;
  const bStep = <usize>bRow << 4;
  for (let k = 0; k < n; k++) {
    const row = load<i32>(pivots + (<usize>k << 2));
    if (row != k) swapRows(columns, b + <usize>row * bStep, b + <usize>k * bStep);
  }
  // The forward and backward substitutions go by panels. The part outside the panel is one block
  // product.
  for (let start = 0; start < n; start += PANEL) {
    const after = min(start + PANEL, n);
    if (start > 0)
      zgemm(after - start, columns, start, lu + <usize>start * step, n, 1, b, bRow, b + <usize>start * bStep, bRow, SUBTRACT, false, false);
    for (let i = start + 1; i < after; i++)
      for (let k = start; k < i; k++) {
        const factor = lu + <usize>i * step + (<usize>k << 4);
        axpySubtract(columns, load<f64>(factor), load<f64>(factor, 8), b + <usize>k * bStep, b + <usize>i * bStep);
      }
  }
  for (let after = n; after > 0; ) {
    const start = (after - 1) / PANEL * PANEL;
    if (after < n)
      zgemm(after - start, columns, n - after, lu + <usize>start * step + (<usize>after << 4), n, 1,
        b + <usize>after * bStep, bRow, b + <usize>start * bStep, bRow, SUBTRACT, false, false);
    for (let i = after - 1; i >= start; i--) {
      const row = b + <usize>i * bStep;
      for (let k = i + 1; k < after; k++) {
        const factor = lu + <usize>i * step + (<usize>k << 4);
        axpySubtract(columns, load<f64>(factor), load<f64>(factor, 8), b + <usize>k * bStep, row);
      }
      const pivot = lu + <usize>i * step + (<usize>i << 4);
      for (let j = 0; j < columns; j++) divide(row + (<usize>j << 4), pivot);
    }
    after = start;
  }
}

/** out = A^-1. A is overwritten by its factors. Returns the status of zgetrf. */
export function zinverse(n: i32, a: usize, pivots: usize, out: usize): i32 {
  if (n == 1) {
    if (magnitude(a) == 0.0) return 1;
    reciprocal(a, out);
    return 0;
  }
  const status = zgetrf(n, a, pivots);
  if (status != 0) return status;
  memory.fill(out, 0, <usize>(n * n) << 4);
  for (let i = 0; i < n; i++) store<f64>(out + (<usize>(i * n + i) << 4), 1.0);
  zgetrs(n, a, pivots, n, out, n);
  return 0;
}

const SWEEP: i32 = 16;

/**
 * In-place inverse of a complex symmetric matrix (A = A^T) by block sweeps on the lower half. work:
 * (2 n + 3 * 16) * 16 complex numbers. Returns the growth max |panel inverse| * max |panel column|,
 * or a negative number if a diagonal panel is singular.
 */
export function zsyinverse(n: i32, a: usize, pivots: usize, work: usize): f64 {
  const step = <usize>n << 4;
  let growth = 0.0;
  const columnPanel = work; // SWEEP x n: transposed panel column
  const left = columnPanel + (<usize>(SWEEP * n) << 4); // n x SWEEP: panel column times panel inverse
  const panel = left + (<usize>(SWEEP * n) << 4);
  const inverse = panel + (<usize>(SWEEP * SWEEP) << 4);
  for (let start = 0; start < n; start += SWEEP) {
    const width = min(SWEEP, n - start);
    const after = start + width;
    // Collects the panel's rows of the symmetric matrix from the stored lower half on either side.
    let largest = 0.0;
    for (let r = 0; r < width; r++) {
      const target = columnPanel + (<usize>(r * n) << 4);
      for (let j = 0; j < n; j++) {
        const i = start + r;
        const source = j <= i ? a + <usize>i * step + (<usize>j << 4) : a + <usize>j * step + (<usize>i << 4);
        store<f64>(target + (<usize>j << 4), load<f64>(source));
        store<f64>(target + (<usize>j << 4), load<f64>(source, 8), 8);
        largest = max(largest, magnitude(source));
      }
      memory.copy(panel + (<usize>(r * width) << 4), target + (<usize>start << 4), <usize>width << 4);
    }
    if (zinverse(width, panel, pivots, inverse) != 0) return -1.0;
    let inverseSize = 0.0;
    for (let k = 0; k < width * width; k++) inverseSize = max(inverseSize, magnitude(inverse + (<usize>k << 4)));
    growth = max(growth, largest * inverseSize);
    // left = A_:,panel inverse. Then A_ij -= left_i A_panel,j for the rows and columns outside the
    // panel, in the lower half only.
    zgemm(n, width, width, columnPanel, 1, n, inverse, width, left, width, SET, false, false);
    zgemm(start, start, width, left, width, 1, columnPanel, n, a, n, SUBTRACT, false, true);
    if (after < n) {
      zgemm(n - after, start, width, left + (<usize>(after * width) << 4), width, 1, columnPanel, n, a + <usize>after * step, n, SUBTRACT, false, false);
      zgemm(n - after, n - after, width, left + (<usize>(after * width) << 4), width, 1, columnPanel + (<usize>after << 4), n,
        a + <usize>after * step + (<usize>after << 4), n, SUBTRACT, false, true);
    }
    // Stores the swept panel. The matrix then holds minus the inverse of the part swept so far.
    for (let i = after; i < n; i++) memory.copy(a + <usize>i * step + (<usize>start << 4), left + (<usize>(i * width) << 4), <usize>width << 4);
    for (let r = 0; r < width; r++) {
      const row = a + <usize>(start + r) * step;
      for (let j = 0; j < start; j++) {
        store<f64>(row + (<usize>j << 4), load<f64>(left + (<usize>(j * width + r) << 4)));
        store<f64>(row + (<usize>j << 4), load<f64>(left + (<usize>(j * width + r) << 4), 8), 8);
      }
      for (let s = 0; s <= r; s++) {
        const source = inverse + (<usize>(r * width + s) << 4);
        const target = row + (<usize>(start + s) << 4);
        store<f64>(target, -load<f64>(source));
        store<f64>(target, -load<f64>(source, 8), 8);
      }
    }
  }
  // Changes the sign and fills the upper half.
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const source = a + <usize>i * step + (<usize>j << 4);
      const mirror = a + <usize>j * step + (<usize>i << 4);
      const re = -load<f64>(source);
      const im = -load<f64>(source, 8);
      store<f64>(source, re);
      store<f64>(source, im, 8);
      store<f64>(mirror, re);
      store<f64>(mirror, im, 8);
    }
  return growth;
}
