// The integrands of transport at a bias for a chain with one direction and one open channel in
// either lead (a, b), for many energies in the lanes of a vector, and the sums of a Gauss rule over
// panels of them. They are computed from S, S', K and P of chain-point.ts and from the fillings.
// The formulas are those of src/transport/forces/integrand.ts, and
// src/transport/forces/pairs/integrand.ts computes the same for one energy at a time. The gauge of
// the channels drops out of all of them.
import { add, atLeastOne, div, larger, mul, neg, size, splat, sub, total } from "../linear-algebra/lanes";
import { alike, evaluate, setLeads } from "./chain-point";
import { copyVectors } from "./chain-solutions";
import { field } from "../device/plan";
import { HOP, LEADS, OUT } from "./point-plan";

const PER_TURN: f64 = 0.15915494309189535; // 1 / 2 pi
/**
 * Relative error of a product of two solutions, in units of rounding, and effect of the rounding of
 * an energy in units of the rounding of the integrands.
 */
const SOLVES: f64 = 3;
const CONDITIONING: f64 = 0.3;
/** Part of that effect, by the delay, by which the elements of K, P and S' differ from each other. */
const INCOHERENT: f64 = 2e-4;
/** A number below every nonzero K. */
const TINY: f64 = 1e-300;
/** Number of vectors of the leads' values, which are kept for energies that are used again. */
const LEAD_VECTORS: usize = 15;

// Weights per energy, one vector each: E; f, 1 - f, df/dE and f - f_ref of a, then of b; f_a - f_b;
// -df/dE of linear response; f - f_ref of an additional filling; dE/dx of a substitution.
const FILLED_A: usize = 1;
const FILLED_B: usize = 5;
const BIAS: usize = 9;
const RESPONSE: usize = 10;
const EQUILIBRIUM: usize = 11;
const FACTOR: usize = 12;
const WEIGHTS: usize = 13;

// Rows of results: force, noise, friction, currents and energy currents (a, b), both of these per
// velocity (a, b), and then the following.
const DELAY: usize = 11;
const EQUILIBRIUM_FORCE: usize = 12;
const CHARGES: usize = 13;
const RESPONSE_FRICTION: usize = 15;
const CONDUCTANCE: usize = 16;
const BOUND: usize = 17;
const MAGNITUDES: usize = 18; // one row per group of quantities
const RAW_DELAY: usize = 25;
const ROWS: usize = 26;
const GROUP_FRICTION: usize = 2;
const GROUP_VELOCITY: usize = 5;

// Work memory: T = S K, P^+ - P and U = S' K + S (P^+ - P), each element as [re, im].
const T: usize = 0;
const P_DIFFERENCE: usize = 8;
const U: usize = 16;

/** Largest modulus of a real or imaginary part of a 2 x 2 matrix. */
function largest<V>(at: usize): V {
  let most = size<V>(load<V>(at));
  for (let k: usize = 1; k < 8; k++) most = larger<V>(most, size<V>(load<V>(at + k * sizeof<V>())));
  return most;
}

/** C = A B, or C += A B with `more`; all matrices are 2 x 2. */
function product<V>(a: usize, b: usize, c: usize, more: bool): void {
  const s = sizeof<V>();
  for (let row: usize = 0; row < 2; row++) {
    const xr = load<V>(a), xi = load<V>(a, s), yr = load<V>(a, 2 * s), yi = load<V>(a, 3 * s);
    for (let column: usize = 0; column < 4 * s; column += 2 * s) {
      const at = b + column;
      const ur = load<V>(at), ui = load<V>(at, s), vr = load<V>(at, 4 * s), vi = load<V>(at, 5 * s);
      let re = add<V>(sub<V>(mul<V>(xr, ur), mul<V>(xi, ui)), sub<V>(mul<V>(yr, vr), mul<V>(yi, vi)));
      let im = add<V>(add<V>(mul<V>(xr, ui), mul<V>(xi, ur)), add<V>(mul<V>(yr, vi), mul<V>(yi, vr)));
      if (more) {
        re = add<V>(re, load<V>(c));
        im = add<V>(im, load<V>(c, s));
      }
      store<V>(c, re);
      store<V>(c, im, s);
      c += 2 * s;
    }
    a += 4 * s;
  }
}

/** Real part of A_k B_k^* for element k. */
// @ts-ignore: decorator
@inline
function overlap<V>(a: usize, b: usize, k: usize): V {
  const at: usize = 2 * k * sizeof<V>();
  return add<V>(mul<V>(load<V>(a + at), load<V>(b + at)), mul<V>(load<V>(a + at, sizeof<V>()), load<V>(b + at, sizeof<V>())));
}

/**
 * Computes all rows for one vector of energies. Returns the square of the largest element of S^+ S
 * - 1.
 */
function integrands<V>(S: usize, weights: usize, work: usize, out: usize, rowBytes: usize, scale: f64): V {
  const s = sizeof<V>();
  const D = S + 8 * s;
  const K = S + 16 * s;
  const P = S + 24 * s;
  const one = splat<V>(1);
  const half = splat<V>(0.5);
  const energy = load<V>(weights);
  const fa = load<V>(weights, FILLED_A * sizeof<V>()), emptyA = load<V>(weights, (FILLED_A + 1) * sizeof<V>());
  const fb = load<V>(weights, FILLED_B * sizeof<V>()), emptyB = load<V>(weights, (FILLED_B + 1) * sizeof<V>());
  const bias = load<V>(weights, BIAS * sizeof<V>());
  const response = load<V>(weights, RESPONSE * sizeof<V>());
  const factor = load<V>(weights, FACTOR * sizeof<V>());
  const unit = mul<V>(factor, splat<V>(PER_TURN));

  const ka = load<V>(K), kb = load<V>(K, 6 * sizeof<V>()), kr = load<V>(K, 2 * sizeof<V>()), ki = load<V>(K, 3 * sizeof<V>());
  const a2 = mul<V>(ka, ka);
  const b2 = mul<V>(kb, kb);
  const k2 = add<V>(mul<V>(kr, kr), mul<V>(ki, ki));
  const slopeA = load<V>(weights, (FILLED_A + 2) * sizeof<V>()), slopeB = load<V>(weights, (FILLED_B + 2) * sizeof<V>());
  const excessA = load<V>(weights, (FILLED_A + 3) * sizeof<V>()), excessB = load<V>(weights, (FILLED_B + 3) * sizeof<V>());

  store<V>(out, neg<V>(mul<V>(unit, add<V>(mul<V>(excessA, ka), mul<V>(excessB, kb)))));
  const own = add<V>(mul<V>(mul<V>(fa, emptyA), a2), mul<V>(mul<V>(fb, emptyB), b2));
  const cross = mul<V>(add<V>(mul<V>(fa, emptyB), mul<V>(fb, emptyA)), k2);
  store<V>(out + rowBytes, mul<V>(unit, add<V>(own, cross)));
  // The contribution of the off-diagonal elements of P, where K_ba = K_ab^*.
  const x = mul<V>(load<V>(P, 2 * sizeof<V>()), kr), y = mul<V>(load<V>(P, 3 * sizeof<V>()), ki);
  const u = mul<V>(load<V>(P, 4 * sizeof<V>()), kr), v = mul<V>(load<V>(P, 5 * sizeof<V>()), ki);
  const slopes = add<V>(add<V>(mul<V>(slopeA, a2), mul<V>(slopeB, b2)), mul<V>(add<V>(slopeA, slopeB), k2));
  const biased = mul<V>(bias, add<V>(add<V>(x, y), sub<V>(v, u)));
  store<V>(out + 2 * rowBytes, mul<V>(unit, sub<V>(biased, mul<V>(half, slopes))));

  product<V>(S, K, work + T * s, false);
  // This is P^+ - P.
  const pDifference = work + P_DIFFERENCE * s;
  for (let k: usize = 0; k < 4; k++) {
    const at = P + 2 * k * s;
    const mirror = P + (k == 1 ? 4 : k == 2 ? 2 : 2 * k) * s;
    store<V>(pDifference + 2 * k * s, sub<V>(load<V>(mirror), load<V>(at)));
    store<V>(pDifference + (2 * k + 1) * s, neg<V>(add<V>(load<V>(mirror, sizeof<V>()), load<V>(at, sizeof<V>()))));
  }
  product<V>(D, K, work + U * s, false);
  product<V>(S, pDifference, work + U * s, true);

  const filled = mul<V>(larger<V>(size<V>(excessA), size<V>(excessB)), splat<V>(SOLVES));
  const products = add<V>(mul<V>(largest<V>(D), largest<V>(K)), mul<V>(splat<V>(2), largest<V>(P)));
  let magnitude = mul<V>(filled, products);
  let delay = splat<V>(0);
  let defect = splat<V>(0);
  for (let a: usize = 0; a < 2; a++) {
    // Re (S K)_ab S_ab^* and Re [(S' K + S (P^+ - P))_ab S_ab^* - S'_ab (S K)_ab^*] for b = 0, 1.
    const k: usize = 2 * a;
    const first = overlap<V>(work + T * s, S, k), second = overlap<V>(work + T * s, S, k + 1);
    const firstFilled = sub<V>(overlap<V>(work + U * s, S, k), overlap<V>(D, work + T * s, k));
    const secondFilled = sub<V>(overlap<V>(work + U * s, S, k + 1), overlap<V>(D, work + T * s, k + 1));
    magnitude = add<V>(magnitude, add<V>(size<V>(mul<V>(slopeA, first)), size<V>(mul<V>(slopeB, second))));
    const velocity = mul<V>(unit, sub<V>(
      add<V>(mul<V>(slopeA, first), mul<V>(slopeB, second)),
      add<V>(mul<V>(excessA, firstFilled), mul<V>(excessB, secondFilled)),
    ));
    store<V>(out + (7 + a) * rowBytes, velocity);
    store<V>(out + (9 + a) * rowBytes, mul<V>(energy, velocity));
    store<V>(out + (CHARGES + a) * rowBytes, neg<V>(mul<V>(mul<V>(unit, response), add<V>(first, second))));
    // The flow into a from b, and the opposite flow.
    const passing = mul<V>(unit, overlap<V>(S, S, 1 + a));
    const flow = a == 0 ? mul<V>(bias, passing) : neg<V>(mul<V>(bias, passing));
    store<V>(out + (3 + a) * rowBytes, flow);
    store<V>(out + (5 + a) * rowBytes, mul<V>(energy, flow));
    if (a == 0) store<V>(out + CONDUCTANCE * rowBytes, mul<V>(response, passing));
    for (let b: usize = k; b < k + 2; b++) {
      const at: usize = 2 * b * s;
      delay = add<V>(delay, sub<V>(mul<V>(load<V>(S + at), load<V>(D + at, sizeof<V>())), mul<V>(load<V>(S + at, sizeof<V>()), load<V>(D + at))));
    }
    const column = sub<V>(add<V>(overlap<V>(S, S, a), overlap<V>(S, S, a + 2)), one);
    defect = larger<V>(defect, mul<V>(column, column));
  }
  // (S^+ S)_01.
  let re = splat<V>(0);
  let im = splat<V>(0);
  for (let row = S; row < S + 8 * s; row += 4 * s) {
    const pr = load<V>(row), pi = load<V>(row, sizeof<V>()), qr = load<V>(row, 2 * sizeof<V>()), qi = load<V>(row, 3 * sizeof<V>());
    re = add<V>(re, add<V>(mul<V>(pr, qr), mul<V>(pi, qi)));
    im = add<V>(im, sub<V>(mul<V>(pr, qi), mul<V>(pi, qr)));
  }

  store<V>(out + DELAY * rowBytes, mul<V>(factor, delay));
  store<V>(out + RAW_DELAY * rowBytes, delay);
  store<V>(out + EQUILIBRIUM_FORCE * rowBytes, neg<V>(mul<V>(mul<V>(unit, load<V>(weights, EQUILIBRIUM * sizeof<V>())), add<V>(ka, kb))));
  store<V>(out + RESPONSE_FRICTION * rowBytes, mul<V>(mul<V>(unit, response), mul<V>(half, add<V>(add<V>(a2, b2), add<V>(k2, k2)))));
  store<V>(out + BOUND * rowBytes, mul<V>(mul<V>(factor, response), half));

  // The terms that cancel, and their sensitivity to the rounding of the energy where the delay is
  // long.
  let cancelling = splat<V>(0);
  // The rounding of either part of an element is that of the whole element.
  for (let k: usize = 2; k < 6; k++) cancelling = add<V>(cancelling, size<V>(load<V>(P + k * sizeof<V>())));
  cancelling = mul<V>(cancelling, add<V>(size<V>(kr), size<V>(ki)));
  const steep = larger<V>(size<V>(delay), div<V>(mul<V>(splat<V>(2), largest<V>(P)), larger<V>(largest<V>(K), splat<V>(TINY))));
  const spread = atLeastOne<V>(mul<V>(steep, splat<V>(CONDITIONING * scale)));
  const apart = mul<V>(size<V>(delay), splat<V>(INCOHERENT * CONDITIONING * scale));
  const elements = mul<V>(factor, add<V>(one, apart));
  for (let group: usize = 0; group < 7; group++) {
    // A group consists of one row or of two.
    const row = out + (group < 3 ? group : 2 * group - 3) * rowBytes;
    let rows = size<V>(load<V>(row));
    if (group > 2) rows = larger<V>(rows, size<V>(load<V>(row + rowBytes)));
    let cancels = splat<V>(0);
    if (group == GROUP_FRICTION) cancels = mul<V>(mul<V>(splat<V>(2 * SOLVES), size<V>(bias)), cancelling);
    else if (group == GROUP_VELOCITY) cancels = magnitude;
    else if (group == GROUP_VELOCITY + 1) cancels = mul<V>(magnitude, size<V>(energy));
    store<V>(out + (MAGNITUDES + group) * rowBytes, larger<V>(mul<V>(elements, cancels), mul<V>(spread, rows)));
  }
  return larger<V>(defect, add<V>(mul<V>(re, re), mul<V>(im, im)));
}

function evaluateAll<V>(plan: usize, count: i32, nodes: i32, known: bool, weights: usize, leads: usize, rows: usize, scale: f64): f64 {
  const same = alike(plan);
  const s = sizeof<V>();
  const here = <usize>field(plan, LEADS);
  const out = <usize>field(plan, OUT);
  const rowBytes = <usize>nodes << 3;
  let worst = splat<V>(0);
  let closed = false;
  for (let k = 0, node = 0; k < count; k += <i32>(s >> 3), node += <i32>(s >> 3)) {
    if (node == nodes) {
      node = 0;
      rows += ROWS * rowBytes;
    }
    if (known) copyVectors<V>(here, leads, LEAD_VECTORS);
    else {
      setLeads<V>(plan, weights, same);
      copyVectors<V>(leads, here, LEAD_VECTORS);
    }
    evaluate<V>(plan, out, true);
    for (let lane: usize = 9 * s; lane < 11 * s; lane += 8) closed = closed || !(load<f64>(here + lane) > 0);
    worst = larger<V>(worst, integrands<V>(out, weights, <usize>field(plan, HOP), rows + (<usize>node << 3), rowBytes, scale));
    weights += WEIGHTS * s;
    leads += LEAD_VECTORS * s;
  }
  if (closed) return Infinity;
  store<V>(here, worst);
  let most = load<f64>(here);
  if (isVector<V>()) most = Math.max(most, load<f64>(here, 8));
  return Math.sqrt(most);
}

/**
 * Computes the rows of all integrands at `count` energies in panels of `nodes` energies. Each panel
 * has its rows one after the other. With `known` the leads' values are already at `leads`. Returns
 * the largest element of S^+ S - 1, or infinity if a channel is closed.
 */
export function zchainpairs(plan: usize, count: i32, nodes: i32, known: bool, weights: usize, leads: usize, rows: usize, scale: f64): f64 {
  if (ASC_FEATURE_SIMD) return evaluateAll<v128>(plan, count, nodes, known, weights, leads, rows, scale);
  else return evaluateAll<f64>(plan, count, nodes, known, weights, leads, rows, scale);
}

function panelSums<V>(rows: usize, panels: i32, nodes: i32, rule: usize, out: usize): void {
  const rowBytes = <usize>nodes << 3;
  for (; panels > 0; panels--) {
    for (let row: usize = 0; row < RAW_DELAY; row++) {
      let value = splat<V>(0);
      let absolute = splat<V>(0);
      let last = splat<V>(0);
      let previous = splat<V>(0);
      for (let at: usize = 0; at < rowBytes; at += sizeof<V>()) {
        const f = load<V>(rows + at);
        const w = load<V>(rule + at);
        value = add<V>(value, mul<V>(w, f));
        absolute = add<V>(absolute, mul<V>(w, size<V>(f)));
        last = add<V>(last, mul<V>(load<V>(rule + rowBytes + at), f));
        previous = add<V>(previous, mul<V>(load<V>(rule + 2 * rowBytes + at), f));
      }
      const sum = total<V>(value);
      const mean = splat<V>(0.5 * sum);
      let spread = splat<V>(0);
      for (let at: usize = 0; at < rowBytes; at += sizeof<V>())
        spread = add<V>(spread, mul<V>(load<V>(rule + at), size<V>(sub<V>(load<V>(rows + at), mean))));
      store<f64>(out, sum);
      store<f64>(out, total<V>(absolute), 8);
      store<f64>(out, Math.max(Math.abs(total<V>(last)), Math.abs(total<V>(previous))), 16);
      store<f64>(out, total<V>(spread), 24);
      rows += rowBytes;
      out += 32;
    }
    rows += rowBytes;
  }
}

/**
 * Computes per panel and row: the integral over [-1, 1], the integral of the modulus, twice the
 * larger of the last two Legendre coefficients, and the integral of the distance from the mean.
 * `rule` has an even number `nodes` of weights, followed by the weights of each of the two
 * coefficients.
 */
export function zpanelsums(rows: usize, panels: i32, nodes: i32, rule: usize, out: usize): void {
  if (ASC_FEATURE_SIMD) panelSums<v128>(rows, panels, nodes, rule, out);
  else panelSums<f64>(rows, panels, nodes, rule, out);
}
