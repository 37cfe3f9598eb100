// Many configurations of one small dense device at one energy, two in the lanes of a vector:
// elimination with separate pivots in each lane (LU, and L D L^T for real devices, which also
// counts the levels), thin solves, and the numbers that the integrals over a turn need. The leads
// are wide bands with one channel per orbital: Sigma and W are constant and W' = 0, so that S' = 2
// pi i S psi^+ psi. A point costs 8/3 n^3 flops of elimination, 8 n^2 m of solves and 4 or 8 n^2 m
// of Lambda psi; for real devices n^3 / 3, 2 n^2 m and n^2 m.
import { overlap, product, squares } from "./dots-matrix";
import { complexStates, lossOf, realSandwich, realStates } from "./dots-states";
import { add, div, larger, mul, multiplyAdd, multiplySubtract, splat, sub } from "../linear-algebra/lanes";
import * as P from "./dots-plan";
import { field } from "../device/plan";

/**
 * Largest (|X||B| / |psi|)^2 for which the real states are accepted. K loses that factor to
 * rounding.
 */
const LOSS: f64 = 200;

/**
 * Forms the charges by lead, -(1/2pi) (S K S^+)_aa, Tr K^2 and the transmission from the second
 * lead into the first.
 */
function charges<V>(plan: usize, results: usize): void {
  const m = <usize>field(plan, P.M);
  const leads = <usize>field(plan, P.LEADS);
  const z: usize = 2 * sizeof<V>();
  const rows = <usize>field(plan, P.ROW_BYTES);
  const s = <usize>field(plan, P.S);
  const k = <usize>field(plan, P.K);
  const t = <usize>field(plan, P.T);
  const lead = <usize>field(plan, P.LEAD);
  for (let l: usize = 0; l < leads; l++) store<V>(results + l * rows, splat<V>(0));
  product<V>(<i32>m, s, k, t);
  const scale = splat<V>(-1.0 / P.TWO_PI);
  let transmission = splat<V>(0);
  for (let a: usize = 0; a < m; a++) {
    let sum = splat<V>(0);
    for (let b: usize = 0; b < m; b++) {
      const at = (a * m + b) * z;
      const re = load<V>(s + at);
      const im = load<V>(s + at, sizeof<V>());
      sum = multiplyAdd<V>(load<V>(t + at, sizeof<V>()), im, multiplyAdd<V>(load<V>(t + at), re, sum));
      if (load<i32>(lead + (a << 2)) == 0 && load<i32>(lead + (b << 2)) == 1)
        transmission = add<V>(transmission, add<V>(mul<V>(re, re), mul<V>(im, im)));
    }
    const target = results + <usize>load<i32>(lead + (a << 2)) * rows;
    store<V>(target, multiplyAdd<V>(scale, sum, load<V>(target)));
  }
  store<V>(results + leads * rows, squares<V>(2 * <i32>(m * m), k));
  store<V>(results + (leads + 1) * rows, transmission);
}

/**
 * Forms |S'|^2 with S' = i S (2 pi psi^+ psi), where the last factor is in the place of K, and the
 * largest element of |S^+ S - 1|^2.
 */
function delays<V>(plan: usize, results: usize): void {
  const m = field(plan, P.M);
  const rows = <usize>field(plan, P.ROW_BYTES);
  const rest = results + <usize>field(plan, P.LEADS) * rows;
  const s = <usize>field(plan, P.S);
  const t = <usize>field(plan, P.T);
  product<V>(m, s, <usize>field(plan, P.K), t);
  store<V>(rest + 2 * rows, squares<V>(2 * m * m, t));
  overlap<V>(m, m, s, s, 1.0, t);
  let defect = splat<V>(0);
  for (let a: usize = 0; a < <usize>(m * m); a++) {
    let re = load<V>(t + 2 * a * sizeof<V>());
    const im = load<V>(t + 2 * a * sizeof<V>(), sizeof<V>());
    if (a % <usize>(m + 1) == 0) re = sub<V>(re, splat<V>(1));
    defect = larger<V>(defect, add<V>(mul<V>(re, re), mul<V>(im, im)));
  }
  store<V>(rest + 3 * rows, defect);
}

/**
 * Forms the pivots of 1 + S in the place of T. 1 + S is accretive and needs no exchanges. The sum
 * of the arguments of the pivots is half the sum of the eigenphases of S.
 */
function phases<V>(plan: usize, results: usize): void {
  const m = <usize>field(plan, P.M);
  const z: usize = 2 * sizeof<V>();
  const rows = <usize>field(plan, P.ROW_BYTES);
  const t = <usize>field(plan, P.T);
  const one = splat<V>(1);
  memory.copy(t, <usize>field(plan, P.S), m * m * z);
  for (let k: usize = 0; k < m; k++) {
    const diagonal = t + k * (m + 1) * z;
    store<V>(diagonal, add<V>(load<V>(diagonal), one));
  }
  let target = results + <usize>(field(plan, P.LEADS) + 5) * rows;
  for (let k: usize = 0; k < m; k++) {
    const diagonal = t + k * (m + 1) * z;
    const pr = load<V>(diagonal);
    const pi = load<V>(diagonal, sizeof<V>());
    store<V>(target, pr);
    store<V>(target + rows, pi);
    target += 2 * rows;
    const scale = div<V>(one, multiplyAdd<V>(pi, pi, mul<V>(pr, pr)));
    const vr = mul<V>(pr, scale);
    const vi = mul<V>(pi, scale);
    for (let i: usize = 1; i < m - k; i++) {
      const element = diagonal + i * m * z;
      const er = load<V>(element);
      const ei = load<V>(element, sizeof<V>());
      // This is element / pivot.
      const fr = multiplyAdd<V>(ei, vi, mul<V>(er, vr));
      const fi = multiplySubtract<V>(er, vi, mul<V>(ei, vr));
      for (let j: usize = z; j < (m - k) * z; j += z) {
        const xr = load<V>(diagonal + j);
        const xi = load<V>(diagonal + j, sizeof<V>());
        const y = element + j;
        store<V>(y, multiplyAdd<V>(fi, xi, multiplySubtract<V>(fr, xr, load<V>(y))));
        store<V>(y, multiplySubtract<V>(fi, xr, multiplySubtract<V>(fr, xi, load<V>(y, sizeof<V>()))), sizeof<V>());
      }
    }
  }
}

function evaluateComplex<V>(plan: usize, point: usize, results: usize, levels: bool): void {
  const n = field(plan, P.N);
  const m = field(plan, P.M);
  const psi = <usize>field(plan, P.X);
  const k = <usize>field(plan, P.K);
  complexStates<V>(plan, point, results, levels);
  overlap<V>(n, m, psi, <usize>field(plan, P.Y), P.TWO_PI, k);
  charges<V>(plan, results);
  overlap<V>(n, m, psi, psi, P.TWO_PI, k);
  delays<V>(plan, results);
  if (levels) phases<V>(plan, results);
}

/**
 * Evaluates by real arithmetic. Only the lanes that lost digits are computed again, so that the
 * numbers of a point do not depend on its neighbour.
 */
function evaluateReal<V>(plan: usize, point: usize, results: usize, levels: bool): void {
  const k = <usize>field(plan, P.K);
  realStates<V>(plan, point, results, levels);
  realSandwich<V>(plan, <usize>field(plan, P.Y), k);
  charges<V>(plan, results);
  realSandwich<V>(plan, <usize>field(plan, P.X), k);
  const losses = <usize>field(plan, P.T);
  store<V>(losses, lossOf<V>(plan, k));
  let lost = 0;
  // The form of the comparison counts NaN as lost.
  for (let lane = 0; lane < <i32>sizeof<V>(); lane += 8) if (!(load<f64>(losses + <usize>lane) < LOSS)) lost |= 1 << (lane >> 3);
  delays<V>(plan, results);
  if (levels) phases<V>(plan, results);
  if (lost == 0) return;
  const saved = <usize>field(plan, P.SAVED);
  const rows = <usize>field(plan, P.ROW_BYTES);
  const count = <usize>field(plan, P.LEADS) + 4;
  for (let r: usize = 0; r < count; r++) store<V>(saved + r * sizeof<V>(), load<V>(results + r * rows));
  // The levels and the phases are already known.
  evaluateComplex<V>(plan, point, results, false);
  for (let lane = 0; lane < <i32>sizeof<V>(); lane += 8) {
    if ((lost >> (lane >> 3)) & 1) continue;
    for (let r: usize = 0; r < count; r++)
      store<f64>(results + r * rows + <usize>lane, load<f64>(saved + r * sizeof<V>() + <usize>lane));
  }
}

function evaluate<V>(plan: usize, count: i32, levels: bool): void {
  const real = field(plan, P.REACTANCE) != 0;
  for (let first = 0; first < count; first += <i32>(sizeof<V>() >> 3)) {
    const point = <usize>first << 3;
    const results = <usize>field(plan, P.RESULTS) + point;
    if (real) evaluateReal<V>(plan, point, results, levels);
    else evaluateComplex<V>(plan, point, results, levels);
  }
}

/**
 * Evaluates `count` points, a multiple of the number of lanes. With `levels` it also counts the
 * levels.
 */
export function zdots(plan: usize, count: i32, levels: bool): void {
  if (ASC_FEATURE_SIMD) evaluate<v128>(plan, count, levels);
  else evaluate<f64>(plan, count, levels);
}
