// Complex block product C = [C] +- op(A) B on raw memory: rows interleaved [re im], B and C with contiguous columns, A with any two strides
// (so that A, A^T and, with `conjugate`, A^+ need no copy). 8 n^3 flops.
// Register tile 2 x 2: each complex element keeps two accumulators, sum a_re [b_re b_im] and sum a_im [b_re b_im], so that no shuffle
// stands inside the loop over k; they are combined once at the end. The scalar build runs the same loops on f64.
import { multiplyAdd } from "./lanes";

export const SET: i32 = 0;
export const ADD: i32 = 1;
export const SUBTRACT: i32 = 2;

// @ts-ignore: decorator
@inline
function finish(c: usize, realPart: v128, imaginaryPart: v128, mode: i32, conjugate: bool): void {
  // a_re b + i a_im b, where i (re, im) = (-im, re); conjugation of A turns the sign of the second term.
  const turned = f64x2.mul(
    v128.shuffle<u8>(imaginaryPart, imaginaryPart, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
    conjugate ? f64x2(1, -1) : f64x2(-1, 1),
  );
  const value = f64x2.add(realPart, turned);
  if (mode == SET) v128.store(c, value);
  else if (mode == ADD) v128.store(c, f64x2.add(v128.load(c), value));
  else v128.store(c, f64x2.sub(v128.load(c), value));
}

/** One element of the product, for edges and for the scalar build. */
function element(depth: i32, a: usize, aStep: usize, b: usize, bStep: usize, c: usize, mode: i32, conjugate: bool): void {
  let re = 0.0;
  let im = 0.0;
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
  if (mode == SET) {
    store<f64>(c, re);
    store<f64>(c, im, 8);
  } else {
    const direction = mode == ADD ? 1.0 : -1.0;
    store<f64>(c, load<f64>(c) + direction * re);
    store<f64>(c, load<f64>(c, 8) + direction * im, 8);
  }
}

/**
 * C (rows x columns) from op(A) (rows x depth) and B (depth x columns). Strides in complex elements: A by row and by depth, B and C by row.
 * `lower` != 0: only columns j <= i are asked for (up to the tile's edge they may be written beyond).
 */
export function zgemm(
  rows: i32, columns: i32, depth: i32,
  a: usize, aRow: i32, aDepth: i32, b: usize, bRow: i32, c: usize, cRow: i32,
  mode: i32, conjugate: bool, lower: bool,
): void {
  const aStep = <usize>aDepth << 4;
  const bStep = <usize>bRow << 4;
  const cStep = <usize>cRow << 4;
  for (let i = 0; i < rows; i += 2) {
    const a0 = a + <usize>(i * aRow << 4);
    const c0 = c + <usize>i * cStep;
    const limit = lower ? min(columns, i + 2) : columns;
    let j = 0;
    if (ASC_FEATURE_SIMD) {
      if (i + 1 < rows) {
        const a1 = a0 + (<usize>aRow << 4);
        for (; j + 1 < limit; j += 2) {
          let p = a0;
          let q = a1;
          let r = b + (<usize>j << 4);
          let x00 = f64x2.splat(0), x01 = f64x2.splat(0), x10 = f64x2.splat(0), x11 = f64x2.splat(0);
          let y00 = f64x2.splat(0), y01 = f64x2.splat(0), y10 = f64x2.splat(0), y11 = f64x2.splat(0);
          for (let k = 0; k < depth; k++) {
            const b0 = v128.load(r);
            const b1 = v128.load(r, 16);
            const p0 = v128.load64_splat(p);
            x00 = multiplyAdd(p0, b0, x00);
            x01 = multiplyAdd(p0, b1, x01);
            const p1 = v128.load64_splat(p, 8);
            y00 = multiplyAdd(p1, b0, y00);
            y01 = multiplyAdd(p1, b1, y01);
            // Never taken: keeps engines from loading everything first, which spills the fused sums.
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
          const target = c0 + (<usize>j << 4);
          finish(target, x00, y00, mode, conjugate);
          finish(target + 16, x01, y01, mode, conjugate);
          finish(target + cStep, x10, y10, mode, conjugate);
          finish(target + cStep + 16, x11, y11, mode, conjugate);
        }
      }
    }
    for (; j < limit; j++) {
      const bj = b + (<usize>j << 4);
      const target = c0 + (<usize>j << 4);
      element(depth, a0, aStep, bj, bStep, target, mode, conjugate);
      if (i + 1 < rows) element(depth, a0 + (<usize>aRow << 4), aStep, bj, bStep, target + cStep, mode, conjugate);
    }
  }
}
