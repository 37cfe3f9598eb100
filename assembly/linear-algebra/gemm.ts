// Complex block product C = [C] +- op(A) B on raw memory: rows interleaved [re im], B and C with
// contiguous columns, A with any two strides, so that A, A^T and (with `conjugate`) A^+ need no
// copy. It takes 8 n^3 flops. The register tile is 2 x 2. Each complex element has two
// accumulators, sum a_re [b_re b_im] and sum a_im [b_re b_im], which are combined once at the end,
// so that the loop over k needs no shuffle. The scalar build runs the same loops on f64.
import { multiplyAdd } from "./lanes";

export const SET: i32 = 0;
export const ADD: i32 = 1;
export const SUBTRACT: i32 = 2;

// @ts-ignore: decorator
@inline
function finish(c: usize, realPart: v128, imaginaryPart: v128, mode: i32, conjugate: bool): void {
  // a_re b + i a_im b, where i (re, im) = (-im, re). Conjugation of A changes the sign of the
  // second term.
  const timesI = f64x2.mul(
    v128.shuffle<u8>(imaginaryPart, imaginaryPart, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
    conjugate ? f64x2(1, -1) : f64x2(-1, 1),
  );
  const value = f64x2.add(realPart, timesI);
  if (mode == SET) v128.store(c, value);
  else if (mode == ADD) v128.store(c, f64x2.add(v128.load(c), value));
  else v128.store(c, f64x2.sub(v128.load(c), value));
}

/**
 * One element of the product, for the scalar build and for the corner where the edges meet. Between
 * passes its sums are stored at `kept`.
 */
function element(
  depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, first: bool, last: bool, kept: usize, c: usize, mode: i32, conjugate: bool,
): void {
  if (ASC_FEATURE_SIMD) {
    let x = first ? f64x2.splat(0) : v128.load(kept);
    let y = first ? f64x2.splat(0) : v128.load(kept, 16);
    for (let k = 0; k < depth; k++) {
      const own = v128.load(b);
      x = multiplyAdd(v128.load64_splat(a), own, x);
      y = multiplyAdd(v128.load64_splat(a, 8), own, y);
      a += aStep;
      b += bStep;
    }
    if (last) finish(c, x, y, mode, conjugate);
    else {
      v128.store(kept, x);
      v128.store(kept, y, 16);
    }
    return;
  }
  let re = first ? 0.0 : load<f64>(kept);
  let im = first ? 0.0 : load<f64>(kept, 8);
  const sign = conjugate ? -1.0 : 1.0;
  for (let k = 0; k < depth; k++) {
    const ar = load<f64>(a);
    const ai = sign * load<f64>(a, 8);
    const br = load<f64>(b);
    const bi = load<f64>(b, 8);
    re += ar * br - ai * bi;
    im += ar * bi + ai * br;
    a += aStep;
    b += bStep;
  }
  if (!last) {
    store<f64>(kept, re);
    store<f64>(kept, im, 8);
  } else if (mode == SET) {
    store<f64>(c, re);
    store<f64>(c, im, 8);
  } else {
    const direction = mode == ADD ? 1.0 : -1.0;
    store<f64>(c, load<f64>(c) + direction * re);
    store<f64>(c, load<f64>(c, 8) + direction * im, 8);
  }
}

/** Two elements of the last row or of the last column, whose sums do not wait for each other. */
function pair(
  depth: i32, p: usize, q: usize, aStep: usize, r: usize, s: usize, bStep: usize, c: usize, other: usize, mode: i32, conjugate: bool,
): void {
  let x0 = f64x2.splat(0), x1 = f64x2.splat(0), y0 = f64x2.splat(0), y1 = f64x2.splat(0);
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(r);
    const b1 = v128.load(s);
    x0 = multiplyAdd(v128.load64_splat(p), b0, x0);
    y0 = multiplyAdd(v128.load64_splat(p, 8), b0, y0);
    x1 = multiplyAdd(v128.load64_splat(q), b1, x1);
    y1 = multiplyAdd(v128.load64_splat(q, 8), b1, y1);
    p += aStep;
    q += aStep;
    r += bStep;
    s += bStep;
  }
  finish(c, x0, y0, mode, conjugate);
  finish(other, x1, y1, mode, conjugate);
}

/**
 * Number of rows of A over which a copied panel of B passes, and depth of a pass. The parts of A
 * and B that a pass reads stay in the nearest caches.
 */
const ROWS: i32 = 64;
const DEPTH: i32 = 128;
/**
 * Depth above which the sums of a block of C are stored between the passes, and number of columns
 * of such a block.
 */
const DEEP: i32 = 256;
const COLUMNS: i32 = 32;
const panel: usize = memory.data(DEPTH * 32, 16);
const copied: usize = memory.data(ROWS * DEPTH * 16, 16);
const sums: usize = memory.data(ROWS * COLUMNS * 32, 16);

/** The tile's sums before and after a pass are zero, those in `sums`, or C itself. */
// @ts-ignore: decorator
@inline
function tile(
  depth: i32, p: usize, q: usize, aStep: usize, r: usize, bStep: usize,
  first: bool, last: bool, kept: usize, target: usize, cStep: usize, mode: i32, conjugate: bool,
): void {
  let x00 = f64x2.splat(0), x01 = f64x2.splat(0), x10 = f64x2.splat(0), x11 = f64x2.splat(0);
  let y00 = f64x2.splat(0), y01 = f64x2.splat(0), y10 = f64x2.splat(0), y11 = f64x2.splat(0);
  if (!first) {
    x00 = v128.load(kept);
    x01 = v128.load(kept, 16);
    x10 = v128.load(kept, 32);
    x11 = v128.load(kept, 48);
    y00 = v128.load(kept, 64);
    y01 = v128.load(kept, 80);
    y10 = v128.load(kept, 96);
    y11 = v128.load(kept, 112);
  }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(r);
    const b1 = v128.load(r, 16);
    const p0 = v128.load64_splat(p);
    x00 = multiplyAdd(p0, b0, x00);
    x01 = multiplyAdd(p0, b1, x01);
    const p1 = v128.load64_splat(p, 8);
    y00 = multiplyAdd(p1, b0, y00);
    y01 = multiplyAdd(p1, b1, y01);
    // This branch is never taken. It keeps engines from moving all loads to the front, which would
    // spill the fused sums.
    if (ASC_FEATURE_RELAXED_SIMD && mode < 0) break;
    const q0 = v128.load64_splat(q);
    x10 = multiplyAdd(q0, b0, x10);
    x11 = multiplyAdd(q0, b1, x11);
    const q1 = v128.load64_splat(q, 8);
    y10 = multiplyAdd(q1, b0, y10);
    y11 = multiplyAdd(q1, b1, y11);
    p += aStep;
    q += aStep;
    r += bStep;
  }
  if (last) {
    finish(target, x00, y00, mode, conjugate);
    finish(target + 16, x01, y01, mode, conjugate);
    finish(target + cStep, x10, y10, mode, conjugate);
    finish(target + cStep + 16, x11, y11, mode, conjugate);
    return;
  }
  v128.store(kept, x00);
  v128.store(kept, x01, 16);
  v128.store(kept, x10, 32);
  v128.store(kept, x11, 48);
  v128.store(kept, y00, 64);
  v128.store(kept, y01, 80);
  v128.store(kept, y10, 96);
  v128.store(kept, y11, 112);
}

/** Copies two columns of B side by side. */
// @ts-ignore: decorator
@inline
function copyPanel(depth: i32, source: usize, bStep: usize): void {
  for (let k = 0; k < depth; k++) {
    const target = panel + (<usize>k << 5);
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    source += bStep;
  }
}

/**
 * Computes C (rows x columns) from op(A) (rows x depth) and B (depth x columns). Strides count
 * complex elements: A has one by row and one by depth, B and C have one by row. If `lower` is not
 * 0, only columns j <= i are needed; others may be overwritten up to the edge of a tile. Every
 * element is one sum over the depth in ascending order, independent of the blocks.
 */
export function zgemm(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, conjugate: bool, lower: bool,
): void {
  const aStep = <usize>aDepth << 4;
  const bStep = <usize>bRow << 4;
  const cStep = <usize>cRow << 4;
  const deep = ASC_FEATURE_SIMD && depth >= DEEP;
  for (let i = 0; i < rows; i += 2) {
    const a0 = a + <usize>(i * aRow << 4);
    const c0 = c + <usize>i * cStep;
    const limit = lower ? min(columns, i + 2) : columns;
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      if (deep && i % ROWS == 0) {
        const count = min(ROWS, rows - i) & ~1;
        const most = (lower ? min(columns, i + count) : columns) & ~1;
        inPasses(count, most, depth, a0, aRow, aDepth, b, bStep, c0, cStep, mode, conjugate, lower ? i : columns);
      }
      if (i + 1 < rows) {
        if (deep) j = limit & ~1;
        const a1 = a0 + (<usize>aRow << 4);
        for (; j + 1 < limit; j += 2) {
          const target = c0 + (<usize>j << 4);
          tile(depth, a0, a1, aStep, b + (<usize>j << 4), bStep, true, true, 0, target, cStep, mode, conjugate);
        }
      }
    }
    for (; j < limit; j++) {
      // A single last row is also processed in passes if the depth is large.
      if (deep && i + 1 == rows && limit - j <= ROWS * COLUMNS) {
        lastRow(limit - j, depth, a0, aStep, b + (<usize>j << 4), bStep, c0 + (<usize>j << 4), mode, conjugate);
        break;
      }
      const bj = b + (<usize>j << 4);
      const target = c0 + (<usize>j << 4);
      if (ASC_FEATURE_SIMD && i + 1 < rows) {
        pair(depth, a0, a0 + (<usize>aRow << 4), aStep, bj, bj, bStep, target, target + cStep, mode, conjugate);
        continue;
      }
      if (ASC_FEATURE_SIMD && j + 1 < limit) {
        pair(depth, a0, a0, aStep, bj, bj + 16, bStep, target, target + 16, mode, conjugate);
        j++;
        continue;
      }
      element(depth, a0, aStep, bj, bStep, true, true, 0, target, mode, conjugate);
      if (i + 1 < rows) element(depth, a0 + (<usize>aRow << 4), aStep, bj, bStep, true, true, 0, target + cStep, mode, conjugate);
    }
  }
}

/** One row of C. */
function lastRow(columns: i32, depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, mode: i32, conjugate: bool): void {
  for (let from = 0; from < depth; from += DEPTH) {
    const count = min(DEPTH, depth - from);
    for (let j: usize = 0; j < <usize>columns << 4; j += 16)
      element(count, a, aStep, b + j, bStep, from == 0, from + count == depth, sums + (j << 1), c + j, mode, conjugate);
    a += <usize>DEPTH * <usize>aStep;
    b += <usize>DEPTH * <usize>bStep;
  }
}

/**
 * Processes up to ROWS rows (even numbers of rows and columns), COLUMNS columns at a time and pass
 * by pass. The rows of A are copied in pairs. Rows 2 r and 2 r + 1 need the columns up to
 * `reach` + 2 r + 1.
 */
function inPasses(
  rows: i32, columns: i32, depth: i32, a: usize, aRow: i32, aDepth: i32, b: usize, bStep: usize, c: usize, cStep: usize,
  mode: i32, conjugate: bool, reach: i32,
): void {
  const aStep = <usize>aDepth << 4;
  for (let block = 0; block < columns; block += COLUMNS)
    for (let from = 0; from < depth; from += DEPTH) {
      const count = min(DEPTH, depth - from);
      for (let i = max(0, block - reach); i < rows; i += 2) {
        let p = a + (<usize>(i * aRow) << 4) + <usize>from * aStep;
        let target = copied + (<usize>(i * DEPTH) << 4);
        for (let k = 0; k < count; k++) {
          v128.store(target, v128.load(p));
          v128.store(target, v128.load(p + (<usize>aRow << 4)), 16);
          p += aStep;
          target += 32;
        }
      }
      for (let j = block; j < min(columns, block + COLUMNS); j += 2) {
        copyPanel(count, b + <usize>from * bStep + (<usize>j << 4), bStep);
        for (let i = max(0, j - reach); i < rows; i += 2) {
          const p = copied + (<usize>(i * DEPTH) << 4);
          const kept = sums + (<usize>(i * COLUMNS + 2 * (j - block)) << 5);
          const target = c + <usize>i * cStep + (<usize>j << 4);
          tile(count, p, p + 16, 32, panel, 32, from == 0, from + count == depth, kept, target, cStep, mode, conjugate);
        }
      }
    }
}
