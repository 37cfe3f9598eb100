// The end of a chain's evaluation for one vector of points: S, S' and K (2 x 2) from the end values
// and the sums of the recursions, and the numbers that the integrals over a turn need. A complex
// number is stored as two vectors, [re, im].
//     psi_L(i) = w_L v_i / D_v,  psi_R(i) = w_R u_i / D_u,  S_ab = delta_ab - 2 pi i w_a psi_b(a)
// S' is formed as in device/scatter.ts.
import { add, div, larger, mul, neg, splat, sub } from "../linear-algebra/lanes";
import * as C from "./chain-plan";
import { field } from "../device/plan";

const TWO_PI: f64 = 6.283185307179586;

// @ts-ignore: decorator
@inline
function re<V>(z: usize): V {
  return load<V>(z);
}
// @ts-ignore: decorator
@inline
function im<V>(z: usize): V {
  return load<V>(z, sizeof<V>());
}
// @ts-ignore: decorator
@inline
function put<V>(z: usize, x: V, y: V): void {
  store<V>(z, x);
  store<V>(z, y, sizeof<V>());
}
/** z = factor / (x + i y) with a real factor. */
// @ts-ignore: decorator
@inline
function reciprocal<V>(z: usize, factor: V, x: V, y: V): void {
  const scale = div<V>(factor, add<V>(mul<V>(x, x), mul<V>(y, y)));
  put<V>(z, mul<V>(x, scale), neg<V>(mul<V>(y, scale)));
}
/** out = a b, or a* b with `conjugate`. */
// @ts-ignore: decorator
@inline
function times<V>(out: usize, a: usize, b: usize, conjugate: bool): void {
  const ar = re<V>(a);
  const ai = conjugate ? neg<V>(im<V>(a)) : im<V>(a);
  const br = re<V>(b);
  const bi = im<V>(b);
  put<V>(out, sub<V>(mul<V>(ar, br), mul<V>(ai, bi)), add<V>(mul<V>(ar, bi), mul<V>(ai, br)));
}
/** out += a b, or a* b with `conjugate`. */
// @ts-ignore: decorator
@inline
function accumulate<V>(out: usize, a: usize, b: usize, conjugate: bool): void {
  const ar = re<V>(a);
  const ai = conjugate ? neg<V>(im<V>(a)) : im<V>(a);
  const br = re<V>(b);
  const bi = im<V>(b);
  put<V>(out,
    add<V>(re<V>(out), sub<V>(mul<V>(ar, br), mul<V>(ai, bi))),
    add<V>(im<V>(out), add<V>(mul<V>(ar, bi), mul<V>(ai, br))));
}
/** Real part of a b*. */
// @ts-ignore: decorator
@inline
function overlap<V>(a: usize, b: usize): V {
  return add<V>(mul<V>(re<V>(a), re<V>(b)), mul<V>(im<V>(a), im<V>(b)));
}
// @ts-ignore: decorator
@inline
function square<V>(a: usize): V {
  return add<V>(mul<V>(re<V>(a), re<V>(a)), mul<V>(im<V>(a), im<V>(a)));
}

/**
 * Writes the results of the vector at byte `q` of the pair of vectors that begins at byte `point`
 * of each row.
 */
export function finish<V>(plan: usize, q: usize, point: usize, segments: i32): void {
  const n = field(plan, C.N);
  const z: usize = 2 * sizeof<V>();
  const stride: usize = 4 * sizeof<V>();
  const rows = <usize>field(plan, C.ROW_BYTES);
  const leads = <usize>field(plan, C.POINTS) + point + q;
  const u = <usize>field(plan, C.U) + q;
  const v = <usize>field(plan, C.V) + stride + q;
  const reach = <usize>field(plan, C.REACH) + q;
  const total = <usize>field(plan, C.SUMS);
  const free = <usize>field(plan, C.SCRATCH);

  // 1 / D_u and 1 / D_v times the weight of each lead: y = w / D.
  const wl = load<V>(leads + C.W_LEFT * rows);
  const wr = load<V>(leads + C.W_RIGHT * rows);
  const yu = free;
  const yv = free + z;
  const uEnd = u + <usize>(n - 1) * stride;
  const sigma = free + 2 * z;
  const end = free + 3 * z;
  put<V>(sigma, load<V>(leads + C.SIGMA_RIGHT * rows), load<V>(leads + (C.SIGMA_RIGHT + 1) * rows));
  put<V>(end, load<V>(uEnd), load<V>(uEnd, z));
  times<V>(sigma, sigma, end, false);
  reciprocal<V>(yu, wr, sub<V>(load<V>(uEnd + stride), re<V>(sigma)), sub<V>(load<V>(uEnd + stride, z), im<V>(sigma)));
  const start = free + 4 * z;
  put<V>(sigma, load<V>(leads + C.SIGMA_LEFT * rows), load<V>(leads + (C.SIGMA_LEFT + 1) * rows));
  put<V>(start, load<V>(v), load<V>(v, z));
  times<V>(sigma, sigma, start, false);
  reciprocal<V>(yv, wl, sub<V>(load<V>(v - stride), re<V>(sigma)), sub<V>(load<V>(v - stride, z), im<V>(sigma)));

  // psi of the left and the right channel on the first site (L0, R0) and on the last one (LN, RN).
  const l0 = free + 5 * z;
  const r0 = free + 6 * z;
  const lN = free + 7 * z;
  const rN = free + 8 * z;
  times<V>(rN, yu, end, false);
  times<V>(l0, yv, start, false);
  const toLeft = load<V>(reach);
  const toRight = load<V>(reach + <usize>(segments - 1) * stride, z);
  put<V>(r0, mul<V>(re<V>(yu), toLeft), mul<V>(im<V>(yu), toLeft));
  put<V>(lN, mul<V>(re<V>(yv), toRight), mul<V>(im<V>(yv), toRight));

  // This part forms S.
  const twoPi = splat<V>(TWO_PI);
  const one = splat<V>(1);
  const sLL = free + 9 * z;
  const sLR = free + 10 * z;
  const sRL = free + 11 * z;
  const sRR = free + 12 * z;
  const al = mul<V>(twoPi, wl);
  const ar = mul<V>(twoPi, wr);
  put<V>(sLL, add<V>(one, mul<V>(al, im<V>(l0))), neg<V>(mul<V>(al, re<V>(l0))));
  put<V>(sLR, mul<V>(al, im<V>(r0)), neg<V>(mul<V>(al, re<V>(r0))));
  put<V>(sRL, mul<V>(ar, im<V>(lN)), neg<V>(mul<V>(ar, re<V>(lN))));
  put<V>(sRR, add<V>(one, mul<V>(ar, im<V>(rN))), neg<V>(mul<V>(ar, re<V>(rN))));

  // This part forms K and the norms psi^+ psi.
  const mixed = free + 13 * z;
  const kLR = free + 14 * z;
  const nLR = free + 15 * z;
  times<V>(mixed, yv, yu, true);
  put<V>(nLR, load<V>(total, 2 * sizeof<V>()), load<V>(total, 3 * sizeof<V>()));
  times<V>(kLR, mixed, nLR, false);
  put<V>(kLR, mul<V>(twoPi, re<V>(kLR)), mul<V>(twoPi, im<V>(kLR)));
  const uu = square<V>(yu);
  const vv = square<V>(yv);
  const kRR = mul<V>(twoPi, mul<V>(uu, load<V>(total)));
  const kLL = mul<V>(twoPi, mul<V>(vv, load<V>(total, sizeof<V>())));
  put<V>(nLR, load<V>(total, 6 * sizeof<V>()), load<V>(total, 7 * sizeof<V>()));
  times<V>(nLR, mixed, nLR, false);
  const nRR = mul<V>(uu, load<V>(total, 4 * sizeof<V>()));
  const nLL = mul<V>(vv, load<V>(total, 5 * sizeof<V>()));

  // B = psi^+ (W' - (1 - Sigma') psi)
  const dwl = load<V>(leads + C.D_W_LEFT * rows);
  const dwr = load<V>(leads + C.D_W_RIGHT * rows);
  const dl = free + 16 * z;
  const dr = free + 17 * z;
  put<V>(dl, load<V>(leads + C.D_SIGMA_LEFT * rows), load<V>(leads + (C.D_SIGMA_LEFT + 1) * rows));
  put<V>(dr, load<V>(leads + C.D_SIGMA_RIGHT * rows), load<V>(leads + (C.D_SIGMA_RIGHT + 1) * rows));
  const bLL = free + 18 * z;
  const bLR = free + 19 * z;
  const bRL = free + 20 * z;
  const bRR = free + 21 * z;
  const work = free + 22 * z;
  put<V>(bLL, sub<V>(mul<V>(dwl, re<V>(l0)), nLL), neg<V>(mul<V>(dwl, im<V>(l0))));
  put<V>(bLR, sub<V>(mul<V>(dwr, re<V>(lN)), re<V>(nLR)), neg<V>(add<V>(mul<V>(dwr, im<V>(lN)), im<V>(nLR))));
  put<V>(bRL, sub<V>(mul<V>(dwl, re<V>(r0)), re<V>(nLR)), sub<V>(im<V>(nLR), mul<V>(dwl, im<V>(r0))));
  put<V>(bRR, sub<V>(mul<V>(dwr, re<V>(rN)), nRR), neg<V>(mul<V>(dwr, im<V>(rN))));
  // The terms of Sigma' at the left end (l0, r0) and then at the right end (lN, rN). Rows and
  // columns are left, right.
  for (let end: usize = 0; end < 2; end++)
    for (let column: usize = 0; column < 2; column++) {
      const psi = l0 + 2 * end * z;
      times<V>(work, dl + end * z, psi + column * z, false);
      for (let row: usize = 0; row < 2; row++) accumulate<V>(bLL + (2 * row + column) * z, psi + row * z, work, true);
    }

  // S' = -2 pi i [W'^+ psi + S B]
  let delay = splat<V>(0);
  let slope = free + 23 * z;
  for (let a: usize = 0; a < 2; a++) {
    const dw = a == 0 ? dwl : dwr;
    const row = sLL + 2 * a * z;
    for (let b: usize = 0; b < 2; b++) {
      const psi = l0 + (2 * a + b) * z;
      put<V>(work, mul<V>(dw, re<V>(psi)), mul<V>(dw, im<V>(psi)));
      accumulate<V>(work, row, bLL + b * z, false);
      accumulate<V>(work, row + z, bRL + b * z, false);
      put<V>(slope, mul<V>(twoPi, im<V>(work)), neg<V>(mul<V>(twoPi, re<V>(work))));
      delay = add<V>(delay, square<V>(slope));
      slope += z;
    }
  }
  // Stores S, S' and K row by row. The elements of K replace numbers that are no longer needed.
  put<V>(free, kLL, splat<V>(0));
  put<V>(free + z, re<V>(kLR), im<V>(kLR));
  put<V>(free + 2 * z, re<V>(kLR), neg<V>(im<V>(kLR)));
  put<V>(free + 3 * z, kRR, splat<V>(0));
  for (let k: usize = 0; k < 12; k++)
    result<V>(plan, 2 * k, k < 4 ? sLL + k * z : k < 8 ? free + (19 + k) * z : free + (k - 8) * z, k & 3, q, point);

  // The rows are -(1/2pi) (S K S^+)_aa, Tr K^2, |S_LR|^2, |S'|^2 and the largest element of
  // S^+ S - 1.
  const results = <usize>field(plan, C.RESULTS) + point + q;
  const scale = splat<V>(-1.0 / TWO_PI);
  const two = splat<V>(2);
  const tLR = square<V>(sLR);
  const tRL = square<V>(sRL);
  times<V>(work, sLL, kLR, false);
  let charge = add<V>(mul<V>(square<V>(sLL), kLL), mul<V>(tLR, kRR));
  store<V>(results + C.CHARGE * rows, mul<V>(scale, add<V>(charge, mul<V>(two, overlap<V>(work, sLR)))));
  times<V>(work, sRL, kLR, false);
  charge = add<V>(mul<V>(tRL, kLL), mul<V>(square<V>(sRR), kRR));
  store<V>(results + (C.CHARGE + 1) * rows, mul<V>(scale, add<V>(charge, mul<V>(two, overlap<V>(work, sRR)))));
  store<V>(results + C.K_SQUARE * rows, add<V>(add<V>(mul<V>(kLL, kLL), mul<V>(kRR, kRR)), mul<V>(two, square<V>(kLR))));
  store<V>(results + C.TRANSMISSION * rows, tLR);
  store<V>(results + C.DELAY_SQUARE * rows, delay);
  const left = sub<V>(add<V>(square<V>(sLL), tRL), one);
  const right = sub<V>(add<V>(tLR, square<V>(sRR)), one);
  times<V>(work, sLL, sLR, true);
  accumulate<V>(work, sRL, sRR, true);
  store<V>(results + C.DEFECT_SQUARE * rows, larger<V>(larger<V>(mul<V>(left, left), mul<V>(right, right)), square<V>(work)));
}

/**
 * Stores element k of a matrix in its two rows. The phase that the gauge has given to the right
 * channel is removed.
 */
// @ts-ignore: decorator
@inline
function result<V>(plan: usize, row: usize, z: usize, k: usize, q: usize, point: usize): void {
  const rows = <usize>field(plan, C.ROW_BYTES);
  const target = <usize>field(plan, C.RESULTS) + point + q + row * rows;
  let x = re<V>(z);
  let y = im<V>(z);
  if (k == 1 || k == 2) {
    const phase = <usize>field(plan, C.PHASE) + q;
    const c = load<V>(phase);
    const s = k == 1 ? neg<V>(load<V>(phase, 2 * sizeof<V>())) : load<V>(phase, 2 * sizeof<V>());
    const rotatedRe = sub<V>(mul<V>(x, c), mul<V>(y, s));
    y = add<V>(mul<V>(x, s), mul<V>(y, c));
    x = rotatedRe;
  }
  store<V>(target, x);
  store<V>(target + rows, y);
}
