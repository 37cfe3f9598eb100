// One text for matrices of real and of complex numbers. The element type T is Real or Complex and
// known to the compiler, so that each use is compiled for one of them. Where T is Complex,
// transposition means the adjoint. Matrices are row-major, and complex numbers are interleaved.
import { daxpy, dgemm, squares, subtractRows } from "./dgemm";
import { zgemm } from "./gemm";
import { multiplyAdd } from "./lanes";

// @ts-ignore: decorator
@unmanaged
export class Real {
  value: f64;
}

// @ts-ignore: decorator
@unmanaged
export class Complex {
  re: f64;
  im: f64;
}

/** The compiler evaluates this condition. */
// @ts-ignore: decorator
@inline
export function isComplex<T>(): bool {
  return offsetof<T>() == 16;
}

/** Address of the element with this index. */
// @ts-ignore: decorator
@inline
export function at<T>(base: usize, index: i32): usize {
  return base + <usize>index * offsetof<T>();
}

/** Size of `count` elements in bytes. */
// @ts-ignore: decorator
@inline
export function bytes<T>(count: i32): usize {
  return <usize>count * offsetof<T>();
}

/**
 * dgemm, or zgemm with `adjoint` for its conjugation of A. The A of a real product is transposed by
 * its strides.
 */
// @ts-ignore: decorator
@inline
export function gemm<T>(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, adjoint: bool, lower: bool,
): void {
  if (isComplex<T>()) zgemm(rows, columns, depth, a, aRow, aDepth, b, bRow, c, cRow, mode, adjoint, lower);
  else dgemm(rows, columns, depth, a, aRow, aDepth, b, bRow, c, cRow, mode, lower);
}

/** Sum of the squared moduli of a list. */
// @ts-ignore: decorator
@inline
export function squaresOf<T>(values: usize, count: i32): f64 {
  return squares(values, isComplex<T>() ? count << 1 : count);
}

/** y += factor x with a real factor. */
// @ts-ignore: decorator
@inline
export function addTimes<T>(count: i32, factor: f64, x: usize, y: usize): void {
  daxpy(isComplex<T>() ? count << 1 : count, factor, x, y);
}

/** Writes the conjugate of the element at `source` to `target`. */
// @ts-ignore: decorator
@inline
export function conjugate<T>(source: usize, target: usize): void {
  store<f64>(target, load<f64>(source));
  if (isComplex<T>()) store<f64>(target, -load<f64>(source, 8), 8);
}

/** Copies the element at `source` to `target`. */
// @ts-ignore: decorator
@inline
export function copyElement<T>(source: usize, target: usize): void {
  store<f64>(target, load<f64>(source));
  if (isComplex<T>()) store<f64>(target, load<f64>(source, 8), 8);
}

/** Adds the element at `source` to that at `target`. */
// @ts-ignore: decorator
@inline
export function addElement<T>(source: usize, target: usize): void {
  if (isComplex<T>() && ASC_FEATURE_SIMD) v128.store(target, f64x2.add(v128.load(target), v128.load(source)));
  else {
    store<f64>(target, load<f64>(target) + load<f64>(source));
    if (isComplex<T>()) store<f64>(target, load<f64>(target, 8) + load<f64>(source, 8), 8);
  }
}

/**
 * y = b - sum_k a_k x_k over entries of a compressed row, see subtractRows of dgemm.ts. `stride`
 * counts elements.
 */
// @ts-ignore: decorator
@inline
export function subtractRow<T>(count: i32, from: i32, to: i32, a: usize, column: usize, x: usize, stride: i32, b: usize, y: usize): void {
  if (isComplex<T>()) zsubtractRows(count, from, to, a, column, x, stride, b, y);
  else subtractRows(count, from, to, a, column, x, stride, b, y);
}

/** b - (x + i y), or -(x + i y) if b is 0. */
// @ts-ignore: decorator
@inline
function difference(b: usize, x: v128, y: v128): v128 {
  const timesI = f64x2.mul(v128.shuffle<f64>(y, y, 1, 0), f64x2(-1, 1));
  return f64x2.sub(b ? v128.load(b) : f64x2.splat(0), f64x2.add(x, timesI));
}

/**
 * subtractRows for complex numbers. The real and imaginary parts of the factors have separate sums,
 * which are combined at the end. Two columns at a time stay in registers for all entries.
 */
export function zsubtractRows(count: i32, from: i32, to: i32, a: usize, column: usize, x: usize, stride: i32, b: usize, y: usize): void {
  const step = <usize>stride << 4;
  const end = <usize>count << 4;
  let j: usize = 0;
  if (ASC_FEATURE_SIMD) {
    for (; j + 16 < end; j += 32) {
      let p = f64x2.splat(0), q = f64x2.splat(0), r = f64x2.splat(0), s = f64x2.splat(0);
      for (let k = from; k < to; k++) {
        const factor = a + (<usize>k << 4);
        const source = x + j + <usize>load<i32>(column + (<usize>k << 2)) * step;
        const first = v128.load(source);
        const second = v128.load(source, 16);
        const re = v128.load64_splat(factor);
        p = multiplyAdd(re, first, p);
        q = multiplyAdd(re, second, q);
        const im = v128.load64_splat(factor, 8);
        r = multiplyAdd(im, first, r);
        s = multiplyAdd(im, second, s);
      }
      v128.store(y + j, difference(b ? b + j : 0, p, r));
      v128.store(y + j, difference(b ? b + j + 16 : 0, q, s), 16);
    }
  }
  for (; j < end; j += 16) {
    let re = b ? load<f64>(b + j) : 0.0;
    let im = b ? load<f64>(b + j, 8) : 0.0;
    for (let k = from; k < to; k++) {
      const factor = a + (<usize>k << 4);
      const source = x + j + <usize>load<i32>(column + (<usize>k << 2)) * step;
      const ar = load<f64>(factor);
      const ai = load<f64>(factor, 8);
      const xr = load<f64>(source);
      const xi = load<f64>(source, 8);
      re -= ar * xr - ai * xi;
      im -= ar * xi + ai * xr;
    }
    store<f64>(y + j, re);
    store<f64>(y + j, im, 8);
  }
}
