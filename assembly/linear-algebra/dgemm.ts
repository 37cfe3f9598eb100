// Real block product C = [C] +- A B on raw memory: rows of f64, B and C with contiguous columns, A
// with any two strides, 2 n^3 flops. The register tile has 4 rows x 4 columns (two vectors), and
// the edges use 4 x 2 and single rows; no shuffle is needed. A deep product is split into passes,
// and a tall one uses copied panels of four columns of B. (With a depth of 40,000 one pass ran at a
// twelfth of the speed.) An interleaved complex matrix of c columns is a real one of 2 c columns,
// so that the same kernel multiplies complex columns by a real matrix.
import { ADD, SET, SUBTRACT } from "./gemm";
import { multiplyAdd, multiplySubtract } from "./lanes";
export { ADD, SET, SUBTRACT };

// @ts-ignore: decorator
@inline
function put(c: usize, value: v128, mode: i32): void {
  if (mode == SET) v128.store(c, value);
  else if (mode == ADD) v128.store(c, f64x2.add(v128.load(c), value));
  else v128.store(c, f64x2.sub(v128.load(c), value));
}

// @ts-ignore: decorator
@inline
function putOne(c: usize, value: f64, mode: i32): void {
  if (mode == SET) store<f64>(c, value);
  else store<f64>(c, load<f64>(c) + (mode == ADD ? value : -value));
}

/** One element of the product, for edges and for the scalar build. */
function element(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, mode: i32): void {
  let sum = 0.0;
  for (let k = 0; k < depth; k++) {
    sum += load<f64>(a) * load<f64>(b);
    a += aStep;
    b += bStep;
  }
  putOne(c, sum, mode);
}

/** Four rows of one column, whose sums do not wait for each other. */
function column4(depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, mode: i32): void {
  let p0 = a;
  let p1 = a + aRow;
  let p2 = p1 + aRow;
  let p3 = p2 + aRow;
  let x0 = 0.0, x1 = 0.0, x2 = 0.0, x3 = 0.0;
  for (let k = 0; k < depth; k++) {
    const own = load<f64>(b);
    x0 += load<f64>(p0) * own;
    x1 += load<f64>(p1) * own;
    x2 += load<f64>(p2) * own;
    x3 += load<f64>(p3) * own;
    p0 += aStep;
    p1 += aStep;
    p2 += aStep;
    p3 += aStep;
    b += bStep;
  }
  putOne(c, x0, mode);
  putOne(c + cStep, x1, mode);
  c += cStep << 1;
  putOne(c, x2, mode);
  putOne(c + cStep, x3, mode);
}

/** A tile of four rows and four columns. */
// @ts-ignore: decorator
@inline
function tile44(depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, mode: i32): void {
  let p0 = a;
  let p1 = a + aRow;
  let p2 = p1 + aRow;
  let p3 = p2 + aRow;
  let x00 = f64x2.splat(0), x01 = f64x2.splat(0), x10 = f64x2.splat(0), x11 = f64x2.splat(0);
  let x20 = f64x2.splat(0), x21 = f64x2.splat(0), x30 = f64x2.splat(0), x31 = f64x2.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const s0 = v128.load64_splat(p0);
    x00 = multiplyAdd(s0, b0, x00);
    x01 = multiplyAdd(s0, b1, x01);
    const s1 = v128.load64_splat(p1);
    x10 = multiplyAdd(s1, b0, x10);
    x11 = multiplyAdd(s1, b1, x11);
    // This branch is never taken. It keeps engines from moving all loads to the front, which would
    // spill the fused sums.
    if (ASC_FEATURE_RELAXED_SIMD && mode < 0) break;
    const s2 = v128.load64_splat(p2);
    x20 = multiplyAdd(s2, b0, x20);
    x21 = multiplyAdd(s2, b1, x21);
    const s3 = v128.load64_splat(p3);
    x30 = multiplyAdd(s3, b0, x30);
    x31 = multiplyAdd(s3, b1, x31);
    p0 += aStep;
    p1 += aStep;
    p2 += aStep;
    p3 += aStep;
    b += bStep;
  }
  put(c, x00, mode);
  put(c + 16, x01, mode);
  put(c + cStep, x10, mode);
  put(c + cStep + 16, x11, mode);
  c += cStep << 1;
  put(c, x20, mode);
  put(c + 16, x21, mode);
  put(c + cStep, x30, mode);
  put(c + cStep + 16, x31, mode);
}

/** A tile of four rows and two columns. */
// @ts-ignore: decorator
@inline
function tile42(depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, c: usize, cStep: usize, mode: i32): void {
  let p0 = a;
  let p1 = a + aRow;
  let p2 = p1 + aRow;
  let p3 = p2 + aRow;
  let x0 = f64x2.splat(0), x1 = f64x2.splat(0), x2 = f64x2.splat(0), x3 = f64x2.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    x0 = multiplyAdd(v128.load64_splat(p0), b0, x0);
    x1 = multiplyAdd(v128.load64_splat(p1), b0, x1);
    x2 = multiplyAdd(v128.load64_splat(p2), b0, x2);
    x3 = multiplyAdd(v128.load64_splat(p3), b0, x3);
    p0 += aStep;
    p1 += aStep;
    p2 += aStep;
    p3 += aStep;
    b += bStep;
  }
  put(c, x0, mode);
  put(c + cStep, x1, mode);
  c += cStep << 1;
  put(c, x2, mode);
  put(c + cStep, x3, mode);
}

/** A tile of one row and four columns. */
// @ts-ignore: decorator
@inline
function tile14(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, mode: i32): void {
  let x0 = f64x2.splat(0), x1 = f64x2.splat(0);
  for (let k = 0; k < depth; k++) {
    const s = v128.load64_splat(a);
    x0 = multiplyAdd(s, v128.load(b), x0);
    x1 = multiplyAdd(s, v128.load(b, 16), x1);
    a += aStep;
    b += bStep;
  }
  put(c, x0, mode);
  put(c + 16, x1, mode);
}

/** A tile of one row and two columns. */
// @ts-ignore: decorator
@inline
function tile12(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, mode: i32): void {
  let x0 = f64x2.splat(0);
  for (let k = 0; k < depth; k++) {
    x0 = multiplyAdd(v128.load64_splat(a), v128.load(b), x0);
    a += aStep;
    b += bStep;
  }
  put(c, x0, mode);
}

/**
 * Depth of a pass. C is loaded and stored once per pass, and the part of B that the pass reads
 * stays in the nearest caches.
 */
const DEPTH: i32 = 256;
/**
 * Smallest number of rows for which four columns of B are copied side by side. A block of this many
 * rows of A then passes over them.
 */
const ROWS: i32 = 64;
const panel: usize = memory.data(256 * 32, 16);

/**
 * Computes C (rows x columns) from A (rows x depth, strides by row and by depth) and B (depth x
 * columns, stride by row). Strides count numbers. With `lower` only columns j <= i are needed;
 * others may be overwritten up to the edge of a tile.
 */
export function dgemm(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, lower: bool,
): void {
  let from = 0;
  do {
    const count = min(DEPTH, depth - from);
    const pass = mode == SET && from > 0 ? ADD : mode;
    const ownA = a + (<usize>(from * aDepth) << 3);
    const ownB = b + (<usize>(from * bRow) << 3);
    if (ASC_FEATURE_SIMD && rows >= ROWS && count >= 32)
      for (let i = 0; i < rows; i += ROWS)
        packed(min(ROWS, rows - i), lower ? min(columns, i + ROWS) : columns, count, ownA + (<usize>(i * aRow) << 3), aRow, aDepth, ownB, bRow,
          c + (<usize>(i * cRow) << 3), cRow, pass, lower ? i : columns);
    else direct(rows, columns, count, ownA, aRow, aDepth, ownB, bRow, c, cRow, pass, lower);
    from += count;
  } while (from < depth);
}

/**
 * One pass over up to ROWS rows with copied columns of B. Row r needs the columns up to
 * `reach` + r.
 */
function packed(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, reach: i32,
): void {
  const aRowStep = <usize>aRow << 3;
  const aStep = <usize>aDepth << 3;
  const bStep = <usize>bRow << 3;
  const cStep = <usize>cRow << 3;
  const whole = rows & ~3;
  let j = 0;
  for (; j + 3 < columns; j += 4) {
    let source = b + (<usize>j << 3);
    for (let k = 0; k < depth; k++) {
      const target = panel + (<usize>k << 5);
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      source += bStep;
    }
    // The first strip of rows that needs this column.
    for (let i = j > reach ? (j - reach) & ~3 : 0; i < whole; i += 4)
      tile44(depth, a + <usize>i * aRowStep, aRowStep, aStep, panel, 32, c + <usize>i * cStep + (<usize>j << 3), cStep, mode);
    for (let i = whole; i < rows; i++) tile14(depth, a + <usize>i * aRowStep, aStep, panel, 32, c + <usize>i * cStep + (<usize>j << 3), mode);
  }
  if (j < columns) direct(rows, columns - j, depth, a, aRow, aDepth, b + (<usize>j << 3), bRow, c + (<usize>j << 3), cRow, mode, false);
}

/** One pass that reads B in place. */
function direct(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, lower: bool,
): void {
  const aRowStep = <usize>aRow << 3;
  const aStep = <usize>aDepth << 3;
  const bStep = <usize>bRow << 3;
  const cStep = <usize>cRow << 3;
  let i = 0;
  if (ASC_FEATURE_SIMD) {
    for (; i + 3 < rows; i += 4) {
      const a0 = a + <usize>i * aRowStep;
      const c0 = c + <usize>i * cStep;
      const limit = lower ? min(columns, i + 4) : columns;
      let j = 0;
      for (; j + 3 < limit; j += 4) tile44(depth, a0, aRowStep, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), cStep, mode);
      for (; j + 1 < limit; j += 2) tile42(depth, a0, aRowStep, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), cStep, mode);
      if (j < limit) column4(depth, a0, aRowStep, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), cStep, mode);
    }
  }
  for (; i < rows; i++) {
    const a0 = a + <usize>i * aRowStep;
    const c0 = c + <usize>i * cStep;
    const limit = lower ? min(columns, i + 1) : columns;
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      for (; j + 3 < limit; j += 4) tile14(depth, a0, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), mode);
      for (; j + 1 < limit; j += 2) tile12(depth, a0, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), mode);
    }
    for (; j < limit; j++) element(depth, a0, aStep, b + (<usize>j << 3), bStep, c0 + (<usize>j << 3), mode);
  }
}

/** y += factor x over `count` numbers. */
// @ts-ignore: decorator
@inline
export function daxpy(count: i32, factor: f64, x: usize, y: usize): void {
  let j = 0;
  if (ASC_FEATURE_SIMD) {
    const f = f64x2.splat(factor);
    for (; j + 1 < count; j += 2) {
      v128.store(y, multiplyAdd(f, v128.load(x), v128.load(y)));
      x += 16;
      y += 16;
    }
  }
  for (; j < count; j++) {
    store<f64>(y, load<f64>(y) + factor * load<f64>(x));
    x += 8;
    y += 8;
  }
}

/**
 * y = b - sum_k a_k x_k over the entries from..to of a compressed row, where x_k is row column[k]
 * of x (stride in numbers) and a_k is a real number. b = 0 means that there is no b. Four numbers
 * at a time stay in registers for all entries.
 */
export function subtractRows(count: i32, from: i32, to: i32, a: usize, column: usize, x: usize, stride: i32, b: usize, y: usize): void {
  const step = <usize>stride << 3;
  let j: usize = 0;
  const bytes = <usize>count << 3;
  if (ASC_FEATURE_SIMD) {
    for (; j + 24 < bytes; j += 32) {
      const other = x + j;
      let p = b ? v128.load(b + j) : f64x2.splat(0);
      let q = b ? v128.load(b + j, 16) : f64x2.splat(0);
      for (let k = from; k < to; k++) {
        const factor = v128.load64_splat(a + (<usize>k << 3));
        const source = other + <usize>load<i32>(column + (<usize>k << 2)) * step;
        p = multiplySubtract(factor, v128.load(source), p);
        q = multiplySubtract(factor, v128.load(source, 16), q);
      }
      v128.store(y + j, p);
      v128.store(y + j, q, 16);
    }
    for (; j + 8 < bytes; j += 16) {
      let p = b ? v128.load(b + j) : f64x2.splat(0);
      for (let k = from; k < to; k++)
        p = multiplySubtract(v128.load64_splat(a + (<usize>k << 3)), v128.load(x + j + <usize>load<i32>(column + (<usize>k << 2)) * step), p);
      v128.store(y + j, p);
    }
  }
  for (; j < bytes; j += 8) {
    let sum = b ? load<f64>(b + j) : 0.0;
    for (let k = from; k < to; k++)
      sum -= load<f64>(a + (<usize>k << 3)) * load<f64>(x + j + <usize>load<i32>(column + (<usize>k << 2)) * step);
    store<f64>(y + j, sum);
  }
}

/** Sum of the squares of a list. It is infinite or NaN if an element is. */
export function squares(values: usize, count: i32): f64 {
  return shortSquares(values, count);
}

/** The same without a function call, for loops over short rows. */
// @ts-ignore: decorator
@inline
export function shortSquares(values: usize, count: i32): f64 {
  let sum = 0.0;
  let k = 0;
  if (ASC_FEATURE_SIMD) {
    let a = f64x2.splat(0), b = f64x2.splat(0);
    for (; k + 3 < count; k += 4) {
      const x = v128.load(values);
      const y = v128.load(values, 16);
      a = multiplyAdd(x, x, a);
      b = multiplyAdd(y, y, b);
      values += 32;
    }
    a = f64x2.add(a, b);
    sum = f64x2.extract_lane(a, 0) + f64x2.extract_lane(a, 1);
  }
  for (; k < count; k++) {
    const x = load<f64>(values);
    sum += x * x;
    values += 8;
  }
  return sum;
}
