// In-place inverses of symmetric and Hermitian matrices by halves, with half the flops of a general
// inverse. A11 and its Schur complement are inverted in the same way, and small parts with
// pivoting. The growth is returned, so that the caller can use an inverse with full pivoting
// instead. One text serves both kinds of numbers (elements.ts). Matrices are row-major.
import { magnitude, reciprocal, swapRows, zinverse } from "./dense";
import { dinverse, gaussJordan, mirror } from "./dense-real";
import { SET, shortSquares, SUBTRACT } from "./dgemm";
import { bytes, Complex, conjugate, gemm, isComplex, Real, squaresOf } from "./elements";
import { multiplyAdd } from "./lanes";

/**
 * Largest size of a real and of a complex part that is inverted as a whole, with pivoting. The
 * products of smaller parts would cost more than they save.
 */
const WHOLE: i32 = 12;
const WHOLE_COMPLEX: i32 = 6;

// @ts-ignore: decorator
@inline
function whole<T>(): i32 {
  return isComplex<T>() ? WHOLE_COMPLEX : WHOLE;
}

/**
 * Largest |A11^-1 A12| above which the inverse with full pivoting is used, for an inverse of which
 * all digits count and for one that a refinement follows. From half of it on the other half is
 * eliminated first.
 */
const CAREFUL: f64 = 20;
const GROWTH: f64 = 300;
let limit: f64 = GROWTH;

/**
 * Square of the largest |P| |P^-1| of the parts P that were inverted with pivoting (Frobenius
 * norms). It is negative if nobody asks for it.
 */
let conditions: f64 = -1.0;

// @ts-ignore: decorator
@inline
function inverseWithGrowth<T>(n: i32, a: usize, pivots: usize, work: usize): f64 {
  conditions = 0.0;
  limit = GROWTH;
  const growth = byHalves<T>(n, a, bytes<T>(n), pivots, work);
  const most = max(growth, conditions);
  conditions = -1.0;
  return Math.sqrt(most);
}

/**
 * In-place inverse of a symmetric matrix, of which both halves are given; work: n^2 numbers.
 * Returns the growth, or NaN if a part is singular. The growth is the largest of |A11^-1 A12| and
 * of |P| |P^-1| of the parts P that are inverted with pivoting (Frobenius norms).
 */
export function dsyinverse(n: i32, a: usize, pivots: usize, work: usize): f64 {
  return inverseWithGrowth<Real>(n, a, pivots, work);
}

/** The same for a complex Hermitian matrix; work: n^2 complex numbers. */
export function zheinverse(n: i32, a: usize, pivots: usize, work: usize): f64 {
  return inverseWithGrowth<Complex>(n, a, pivots, work);
}

/** Copies a square part with rows `step` bytes apart to rows `targetStep` bytes apart. */
// @ts-ignore: decorator
@inline
function copyPart<T>(n: i32, a: usize, step: usize, target: usize, targetStep: usize): void {
  for (let i = 0; i < n; i++) {
    for (let j: usize = 0; j < bytes<T>(n); j += 8) store<f64>(target + j, load<f64>(a + j));
    a += step;
    target += targetStep;
  }
}

/** Sum of the squares of a square part. */
function partSquares<T>(n: i32, a: usize, step: usize): f64 {
  let sum = 0.0;
  for (let i = 0; i < n; i++) sum += shortSquares(a + <usize>i * step, isComplex<T>() ? n << 1 : n);
  return sum;
}

/**
 * Fills the upper half from the lower half, conjugated where T is Complex; the diagonal becomes
 * real. Rows are `step` bytes apart.
 */
export function mirrorLower<T>(n: i32, a: usize, step: usize): void {
  if (!isComplex<T>()) {
    mirror(n, a, step);
    return;
  }
  for (let i = 0; i < n; i++) {
    let source = a + <usize>i * step;
    let target = a + bytes<T>(i);
    for (let j = 0; j < i; j++) {
      conjugate<T>(source, target);
      source += bytes<T>(1);
      target += step;
    }
    store<f64>(source, 0.0, 8);
  }
}

/**
 * Inverts a part with full partial pivoting. Returns 0, or k + 1 if the k-th pivot is exactly zero.
 */
// @ts-ignore: decorator
@inline
export function invertPart<T>(n: i32, a: usize, step: usize, pivots: usize): i32 {
  if (isComplex<T>()) return zgaussJordan(n, a, step, pivots);
  return gaussJordan(n, a, step, pivots);
}

/**
 * dsyinverse for a part of a matrix. Returns the square of the largest |A11^-1 A12|, which is what
 * the accuracy of the inverse depends on: a part close to singular does no harm if the whole is as
 * well.
 */
function byHalves<T>(n: i32, a: usize, step: usize, pivots: usize, work: usize): f64 {
  if (n <= whole<T>()) {
    const size = conditions < 0.0 ? 0.0 : partSquares<T>(n, a, step);
    if (invertPart<T>(n, a, step, pivots) != 0) return NaN;
    mirrorLower<T>(n, a, step);
    if (conditions >= 0.0) conditions = max(conditions, size * partSquares<T>(n, a, step));
    return 0.0;
  }
  const row = <i32>(step / bytes<T>(1));
  let m = isComplex<T>() ? ((n >> 1) + 1) & ~1 : ((n >> 1) + 3) & ~3;
  let k = n - m;
  let first = a;
  let right = a + bytes<T>(m);
  let below = a + <usize>m * step;
  let last = below + bytes<T>(m);
  const partStep = bytes<T>(m);
  const t = work + <usize>m * partStep;
  const free = t + bytes<T>(m * k);
  copyPart<T>(m, first, step, work, partStep);
  // T = A11^-1 A12. If it is large, the halves are exchanged.
  let growth = byHalves<T>(m, first, step, pivots, free);
  gemm<T>(m, k, m, first, row, 1, right, row, t, k, SET, false, false);
  growth = max(growth, squaresOf<T>(t, m * k));
  if (!(growth < 0.25 * limit * limit)) {
    copyPart<T>(m, work, partStep, first, step);
    first = last;
    last = a;
    const above = right;
    right = below;
    below = above;
    k = m;
    m = n - m;
    growth = byHalves<T>(m, first, step, pivots, free);
    gemm<T>(m, k, m, first, row, 1, right, row, t, k, SET, false, false);
    growth = max(growth, squaresOf<T>(t, m * k));
    // The caller is going to start again with full pivoting.
    if (conditions < 0.0 && !(growth < limit * limit)) return growth;
  }
  // The Schur complement A22 - A21 T.
  gemm<T>(k, k, m, below, row, 1, t, k, last, row, SUBTRACT, false, true);
  mirrorLower<T>(k, last, step);
  growth = max(growth, byHalves<T>(k, last, step, pivots, free));
  // B12 = -T B22 and its adjoint, then B11 = A11^-1 - T B21.
  gemm<T>(m, k, k, t, k, 1, last, row, right, row, SET, false, false);
  for (let i = 0; i < m; i++) {
    let source = right + <usize>i * step;
    let target = below + bytes<T>(i);
    for (let j = 0; j < k; j++) {
      store<f64>(source, -load<f64>(source));
      if (isComplex<T>()) store<f64>(source, -load<f64>(source, 8), 8);
      conjugate<T>(source, target);
      source += bytes<T>(1);
      target += step;
    }
  }
  gemm<T>(m, m, k, t, k, 1, below, row, first, row, SUBTRACT, false, true);
  mirrorLower<T>(m, first, step);
  return growth;
}

/**
 * In-place inverse of a symmetric or Hermitian matrix, by halves if that is stable, else with full
 * partial pivoting. work: 2 n^2 elements. Returns 0, or k + 1 if the k-th pivot is exactly zero.
 */
export function safeInverse<T>(n: i32, a: usize, pivots: usize, work: usize, careful: bool): i32 {
  limit = careful ? CAREFUL : GROWTH;
  const size = bytes<T>(n * n);
  if (n > whole<T>()) {
    memory.copy(work, a, size);
    if (Math.sqrt(byHalves<T>(n, a, bytes<T>(n), pivots, work + size)) < limit) return 0;
    if (isComplex<T>()) return zinverse(n, work, pivots, a);
    memory.copy(a, work, size);
  }
  return invertPart<T>(n, a, bytes<T>(n), pivots);
}

/** i times a pivot's row. It makes shuffles unnecessary in the loops over the other rows. */
const rowTimesI: usize = memory.data(WHOLE * 16, 16);

/**
 * In-place inverse of a small complex matrix by Gauss-Jordan steps with partial pivoting, for up to
 * WHOLE rows that are `step` bytes apart.
 */
function zgaussJordan(n: i32, a: usize, step: usize, pivots: usize): i32 {
  const width = bytes<Complex>(n);
  for (let k = 0; k < n; k++) {
    const column = bytes<Complex>(k);
    let best = -1.0;
    let row = k;
    for (let i = k; i < n; i++) {
      const size = magnitude(a + <usize>i * step + column);
      if (size > best) {
        best = size;
        row = i;
      }
    }
    if (best == 0.0 || !isFinite(best)) return k + 1;
    store<i32>(pivots + (<usize>k << 2), row);
    const pivotRow = a + <usize>k * step;
    if (row != k) swapRows(n, a + <usize>row * step, pivotRow);
    const pivot = pivotRow + column;
    reciprocal(pivot, pivot);
    const re = load<f64>(pivot);
    const im = load<f64>(pivot, 8);
    for (let j: usize = 0; j < width; j += 16) {
      const entry = pivotRow + j;
      let x = load<f64>(entry);
      let y = load<f64>(entry, 8);
      if (j == column) {
        x = 1.0;
        y = 0.0;
      }
      const u = x * re - y * im;
      const v = x * im + y * re;
      store<f64>(entry, u);
      store<f64>(entry, v, 8);
      store<f64>(rowTimesI + j, -v);
      store<f64>(rowTimesI + j, u, 8);
    }
    for (let i = 0; i < n; i++) {
      if (i == k) continue;
      const target = a + <usize>i * step;
      const fr = load<f64>(target + column);
      const fi = load<f64>(target + column, 8);
      store<f64>(target + column, 0.0);
      store<f64>(target + column, 0.0, 8);
      subtractRow(width, fr, fi, pivotRow, target);
    }
  }
  // Row exchanges of the matrix become column exchanges of the inverse, the last one first.
  for (let k = n - 1; k >= 0; k--) {
    const other = load<i32>(pivots + (<usize>k << 2));
    if (other == k) continue;
    let p = a + bytes<Complex>(k);
    let q = a + bytes<Complex>(other);
    for (let i = 0; i < n; i++) {
      swapRows(1, p, q);
      p += step;
      q += step;
    }
  }
  return 0;
}

/** target -= (fr + i fi) row. The product i row is in `rowTimesI`. */
// @ts-ignore: decorator
@inline
function subtractRow(width: usize, fr: f64, fi: f64, row: usize, target: usize): void {
  if (ASC_FEATURE_SIMD) {
    const f = f64x2.splat(fr);
    const g = f64x2.splat(fi);
    for (let j: usize = 0; j < width; j += 16) {
      const product = multiplyAdd(g, v128.load(rowTimesI + j), f64x2.mul(f, v128.load(row + j)));
      v128.store(target + j, f64x2.sub(v128.load(target + j), product));
    }
    return;
  }
  for (let j: usize = 0; j < width; j += 8)
    store<f64>(target + j, load<f64>(target + j) - (fr * load<f64>(row + j) + fi * load<f64>(rowTimesI + j)));
}
