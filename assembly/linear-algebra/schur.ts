// The complex Schur form A = Q T Q^+ (Householder reduction to Hessenberg form, then QR steps with
// Wilkinson shifts and deflation; Golub, Van Loan, chapter 7), and the Stein equation X - A X B = C
// solved in it. They take about 25 n^3 and 8 n^3 complex multiplications, without vectorisation,
// and suit n up to some hundreds. Matrices are row-major and interleaved. Nothing is balanced, so
// that entries must not be graded over more than the range of doubles.
import { SET, zgemm } from "./gemm";
import { magnitude } from "./dense";

// @ts-ignore: decorator
@inline
function at(a: usize, n: i32, i: i32, j: i32): usize {
  return a + (<usize>(i * n + j) << 4);
}

// @ts-ignore: decorator
@inline
function square(z: usize): f64 {
  return load<f64>(z) * load<f64>(z) + load<f64>(z, 8) * load<f64>(z, 8);
}

/**
 * Householder reduction of A to upper Hessenberg form, with Q accumulated; v: n complex numbers.
 */
function hessenberg(n: i32, a: usize, q: usize, v: usize): void {
  memory.fill(q, 0, <usize>(n * n) << 4);
  for (let i = 0; i < n; i++) store<f64>(at(q, n, i, i), 1.0);
  for (let k = 0; k < n - 2; k++) {
    let norm = 0.0;
    for (let i = k + 1; i < n; i++) norm += square(at(a, n, i, k));
    const head = at(a, n, k + 1, k);
    const size = Math.sqrt(square(head));
    if (norm - size * size <= 1e-300) continue;
    norm = Math.sqrt(norm);
    // v = x + phase(x_0) |x| e_0 gives (1 - 2 v v^+ / v^+ v) x = -phase |x| e_0 without
    // cancellation.
    const phaseRe = size > 0 ? load<f64>(head) / size : 1.0;
    const phaseIm = size > 0 ? load<f64>(head, 8) / size : 0.0;
    const count = n - k - 1;
    for (let i = 0; i < count; i++) memory.copy(v + (<usize>i << 4), at(a, n, k + 1 + i, k), 16);
    store<f64>(v, load<f64>(v) + phaseRe * norm);
    store<f64>(v, load<f64>(v, 8) + phaseIm * norm, 8);
    const factor = 1.0 / (norm * (norm + size)); // 2 / v^+ v
    // From the left: the rows from k + 1 on of the columns from k on.
    for (let j = k; j < n; j++) {
      let re = 0.0;
      let im = 0.0;
      for (let i = 0; i < count; i++) {
        const vi = v + (<usize>i << 4);
        const x = at(a, n, k + 1 + i, j);
        re += load<f64>(vi) * load<f64>(x) + load<f64>(vi, 8) * load<f64>(x, 8);
        im += load<f64>(vi) * load<f64>(x, 8) - load<f64>(vi, 8) * load<f64>(x);
      }
      re *= factor;
      im *= factor;
      for (let i = 0; i < count; i++) {
        const vi = v + (<usize>i << 4);
        const x = at(a, n, k + 1 + i, j);
        store<f64>(x, load<f64>(x) - (load<f64>(vi) * re - load<f64>(vi, 8) * im));
        store<f64>(x, load<f64>(x, 8) - (load<f64>(vi) * im + load<f64>(vi, 8) * re), 8);
      }
    }
    reflectRows(n, count, a, k + 1, v, factor);
    reflectRows(n, count, q, k + 1, v, factor);
    for (let i = k + 2; i < n; i++) {
      store<f64>(at(a, n, i, k), 0.0);
      store<f64>(at(a, n, i, k), 0.0, 8);
    }
  }
}

/** Multiplies every row of x by 1 - factor v v^+, where v occupies the columns from `first` on. */
function reflectRows(n: i32, count: i32, x: usize, first: i32, v: usize, factor: f64): void {
  for (let i = 0; i < n; i++) {
    const row = at(x, n, i, first);
    let re = 0.0;
    let im = 0.0;
    for (let j = 0; j < count; j++) {
      const vj = v + (<usize>j << 4);
      const e = row + (<usize>j << 4);
      re += load<f64>(e) * load<f64>(vj) - load<f64>(e, 8) * load<f64>(vj, 8);
      im += load<f64>(e) * load<f64>(vj, 8) + load<f64>(e, 8) * load<f64>(vj);
    }
    re *= factor;
    im *= factor;
    for (let j = 0; j < count; j++) {
      const vj = v + (<usize>j << 4);
      const e = row + (<usize>j << 4);
      store<f64>(e, load<f64>(e) - (re * load<f64>(vj) + im * load<f64>(vj, 8)));
      store<f64>(e, load<f64>(e, 8) - (im * load<f64>(vj) - re * load<f64>(vj, 8)), 8);
    }
  }
}

/** (x, y) <- (c x + s y, -s* x + c y) over `count` pairs `stride` bytes apart. */
function rotatePairs(count: i32, x: usize, y: usize, stride: usize, c: f64, sr: f64, si: f64): void {
  for (let k = 0; k < count; k++) {
    const xr = load<f64>(x);
    const xi = load<f64>(x, 8);
    const yr = load<f64>(y);
    const yi = load<f64>(y, 8);
    store<f64>(x, c * xr + (sr * yr - si * yi));
    store<f64>(x, c * xi + (sr * yi + si * yr), 8);
    store<f64>(y, c * yr - (sr * xr + si * xi));
    store<f64>(y, c * yi - (sr * xi - si * xr), 8);
    x += stride;
    y += stride;
  }
}

let shiftRe: f64 = 0;
let shiftIm: f64 = 0;

/**
 * The eigenvalue of the 2 x 2 block ending at `last` that is closer to its last diagonal element.
 */
function wilkinsonShift(n: i32, a: usize, last: i32): void {
  const p = at(a, n, last - 1, last - 1);
  const s = at(a, n, last, last);
  const q = at(a, n, last - 1, last);
  const r = at(a, n, last, last - 1);
  const halfRe = (load<f64>(p) - load<f64>(s)) / 2;
  const halfIm = (load<f64>(p, 8) - load<f64>(s, 8)) / 2;
  const productRe = load<f64>(q) * load<f64>(r) - load<f64>(q, 8) * load<f64>(r, 8);
  const productIm = load<f64>(q) * load<f64>(r, 8) + load<f64>(q, 8) * load<f64>(r);
  // root = sqrt(half^2 + q r) with the sign of half, and shift = s - q r / (half + root).
  const dRe = halfRe * halfRe - halfIm * halfIm + productRe;
  const dIm = 2 * halfRe * halfIm + productIm;
  const modulus = Math.sqrt(dRe * dRe + dIm * dIm);
  const large = Math.sqrt((modulus + Math.abs(dRe)) / 2);
  const small = large > 0 ? dIm / (2 * large) : 0.0;
  let rootRe = dRe >= 0 ? large : Math.abs(small);
  let rootIm = dRe >= 0 ? small : dIm >= 0 ? large : -large;
  if (halfRe * rootRe + halfIm * rootIm < 0) {
    rootRe = -rootRe;
    rootIm = -rootIm;
  }
  const bottomRe = halfRe + rootRe;
  const bottomIm = halfIm + rootIm;
  const size = bottomRe * bottomRe + bottomIm * bottomIm;
  shiftRe = load<f64>(s);
  shiftIm = load<f64>(s, 8);
  if (size > 0) {
    shiftRe -= (productRe * bottomRe + productIm * bottomIm) / size;
    shiftIm -= (productIm * bottomRe - productRe * bottomIm) / size;
  }
}

/**
 * A becomes the upper triangular T and q the unitary Q with A = Q T Q^+. work: 2 n complex numbers.
 * Returns 0, or 1 without convergence.
 */
export function zschur(n: i32, a: usize, q: usize, work: usize): i32 {
  hessenberg(n, a, q, work);
  const row = <usize>n << 4;
  let scale = 0.0;
  for (let k = 0; k < n * n; k++) scale = max(scale, magnitude(a + (<usize>k << 4)));
  if (!isFinite(scale)) return 1;
  let last = n - 1;
  let round = 0;
  while (last > 0) {
    // Finds the unreduced block that ends at `last`.
    let first = last;
    while (first > 0) {
      const below = at(a, n, first, first - 1);
      let size = magnitude(at(a, n, first - 1, first - 1)) + magnitude(at(a, n, first, first));
      // Rows that are zero to working accuracy, as of a singular hopping, are compared with the
      // whole matrix.
      size = max(size, 1e-3 * scale);
      if (magnitude(below) <= 1.1e-16 * size) {
        store<f64>(below, 0.0);
        store<f64>(below, 0.0, 8);
        break;
      }
      first--;
    }
    if (first == last) {
      last--;
      round = 0;
      continue;
    }
    if (++round > 120) return 1;
    if (round % 11 == 10) {
      shiftRe = load<f64>(at(a, n, last, last)) + magnitude(at(a, n, last, last - 1));
      shiftIm = load<f64>(at(a, n, last, last), 8);
    } else wilkinsonShift(n, a, last);
    const sRe = shiftRe;
    const sIm = shiftIm;
    for (let k = first; k <= last; k++) {
      const d = at(a, n, k, k);
      store<f64>(d, load<f64>(d) - sRe);
      store<f64>(d, load<f64>(d, 8) - sIm, 8);
    }
    // Q R of the block by rotations of adjacent rows, which are stored as (c, s) in work.
    for (let k = first; k < last; k++) {
      const x = at(a, n, k, k);
      const y = x + row;
      const xSize = Math.sqrt(square(x));
      const size = Math.sqrt(square(x) + square(y));
      let c = 1.0;
      let sr = 0.0;
      let si = 0.0;
      if (size > 0) {
        // r = phase(x) size with c = |x| / size and s = phase(x) y* / size.
        const pr = xSize > 0 ? load<f64>(x) / xSize : 1.0;
        const pi = xSize > 0 ? load<f64>(x, 8) / xSize : 0.0;
        c = xSize / size;
        sr = (pr * load<f64>(y) + pi * load<f64>(y, 8)) / size;
        si = (pi * load<f64>(y) - pr * load<f64>(y, 8)) / size;
      }
      rotatePairs(n - k, x, y, 16, c, sr, si);
      const kept = work + (<usize>k << 5);
      store<f64>(kept, c);
      store<f64>(kept, sr, 8);
      store<f64>(kept, si, 16);
    }
    // R Q, with Q accumulated: the adjoint rotations act on adjacent columns.
    for (let k = first; k < last; k++) {
      const kept = work + (<usize>k << 5);
      const c = load<f64>(kept);
      const sr = load<f64>(kept, 8);
      const si = load<f64>(kept, 16);
      rotatePairs(k + 2, at(a, n, 0, k), at(a, n, 0, k + 1), row, c, sr, -si);
      rotatePairs(n, at(q, n, 0, k), at(q, n, 0, k + 1), row, c, sr, -si);
    }
    for (let k = first; k <= last; k++) {
      const d = at(a, n, k, k);
      store<f64>(d, load<f64>(d) + sRe);
      store<f64>(d, load<f64>(d, 8) + sIm, 8);
    }
  }
  return 0;
}

/**
 * X = C + A X B in place of C, from the Schur forms A = Q T Q^+ and B = Z R Z^+. work: n^2 + n
 * complex numbers. With d = Q^+ C Z, column j of Y = Q^+ X Z follows by back-substitution from
 * (1 - R_jj T) y_j = d_j + T sum_(k<j) y_k R_kj.
 */
export function zstein(n: i32, t: usize, q: usize, r: usize, z: usize, c: usize, work: usize): void {
  const sum = work + (<usize>(n * n) << 4);
  zgemm(n, n, n, q, 1, n, c, n, work, n, SET, true, false);
  zgemm(n, n, n, work, n, 1, z, n, c, n, SET, false, false);
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      let re = 0.0;
      let im = 0.0;
      for (let k = 0; k < j; k++) {
        const y = at(c, n, i, k);
        const f = at(r, n, k, j);
        re += load<f64>(y) * load<f64>(f) - load<f64>(y, 8) * load<f64>(f, 8);
        im += load<f64>(y) * load<f64>(f, 8) + load<f64>(y, 8) * load<f64>(f);
      }
      store<f64>(sum + (<usize>i << 4), re);
      store<f64>(sum + (<usize>i << 4), im, 8);
    }
    const factor = at(r, n, j, j);
    const fr = load<f64>(factor);
    const fi = load<f64>(factor, 8);
    for (let i = n - 1; i >= 0; i--) {
      // d_i + sum_k T_ik (s_k + R_jj y_k), where the term k = i contains s_i only.
      const target = at(c, n, i, j);
      let re = load<f64>(target);
      let im = load<f64>(target, 8);
      for (let k = i; k < n; k++) {
        const tik = at(t, n, i, k);
        let vr = load<f64>(sum + (<usize>k << 4));
        let vi = load<f64>(sum + (<usize>k << 4), 8);
        if (k > i) {
          const y = at(c, n, k, j);
          vr += fr * load<f64>(y) - fi * load<f64>(y, 8);
          vi += fr * load<f64>(y, 8) + fi * load<f64>(y);
        }
        re += load<f64>(tik) * vr - load<f64>(tik, 8) * vi;
        im += load<f64>(tik) * vi + load<f64>(tik, 8) * vr;
      }
      const tii = at(t, n, i, i);
      let dr = 1.0 - (fr * load<f64>(tii) - fi * load<f64>(tii, 8));
      const di = -(fr * load<f64>(tii, 8) + fi * load<f64>(tii));
      let size = dr * dr + di * di;
      // Exactly on a threshold or a crossing the divisor vanishes. The caller recognises it by the
      // eigenvalues.
      if (size < 1e-32) {
        dr = 1e-16;
        size = dr * dr + di * di;
      }
      store<f64>(target, (re * dr + im * di) / size);
      store<f64>(target, (im * dr - re * di) / size, 8);
    }
  }
  // X = Q Y Z^+ is formed as the adjoint of Z (Q Y)^+, because the second factor of zgemm cannot be
  // an adjoint.
  zgemm(n, n, n, q, n, 1, c, n, work, n, SET, false, false);
  adjointOf(n, work, c);
  zgemm(n, n, n, z, n, 1, c, n, work, n, SET, false, false);
  adjointOf(n, work, c);
}

function adjointOf(n: i32, a: usize, out: usize): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const source = at(a, n, i, j);
      const target = at(out, n, j, i);
      store<f64>(target, load<f64>(source));
      store<f64>(target, -load<f64>(source, 8), 8);
    }
}
