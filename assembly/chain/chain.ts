// Many points (energy, configuration) of one chain at once: a tridiagonal E - H - Sigma with a
// single-orbital lead at either end. The points are in the lanes of a vector, and two vectors are
// processed together. After a gauge transformation and a scaling every hopping is -1 (with a fixed
// table c_i, c_i c_(i+1) |t_i| = 1), or positive if the hoppings depend on the point. With
// delta_i = c_i^2 (E - h_i) the division-free recursions
//     u_(i+1) = delta_i u_i - u_(i-1)   from the left lead,
//     v_(i-1) = delta_i v_i - v_(i+1)   from the right lead
// (the first step is complex due to the lead's Sigma, all others have real coefficients) give
// columns of G: G_i,N = u_i / D_u and G_i,0 = v_i / D_v, where D is the step beyond the other lead.
// Each column is the exact one of a chain whose elements are changed by a few roundings, so that no
// pivoting is needed. At segment borders the magnitudes are scaled back to one by powers of two. S,
// S' and K follow as in device/scatter.ts.
//
// A site costs 8 flops of recursions and 24 of sums per point. With fixed hoppings chain-moments.ts
// does the same with 16 flops, and these recursions are used for the points that it declines. For
// the memory layout see chain-plan.ts.
//
// Longer than most files: the passes of one recursion share their scratch memory, and the fast form
// falls back on the plain one.
import { add, addIntegers, div, inversePower, larger, loadSplat, mul, neg, root, signsDiffer, size, splat, sub } from "../linear-algebra/lanes";
import * as C from "./chain-plan";
import { finish } from "./chain-finish";
import { moments, propagate } from "./chain-moments";
import { field } from "../device/plan";

/**
 * Forms delta and lambda = dH/dtheta of two vectors of points. The gates are listed site by site.
 */
function build<V>(plan: usize, point: usize): void {
  const n = field(plan, C.N);
  const onsite = <usize>field(plan, C.ONSITE);
  const weight = <usize>field(plan, C.WEIGHT);
  const start = <usize>field(plan, C.SITE_START);
  const row = <usize>field(plan, C.SITE_ROW);
  const value = <usize>field(plan, C.SITE_VALUE);
  const values = <usize>field(plan, C.VALUES) + point;
  const tangents = <usize>field(plan, C.TANGENTS) + point;
  let delta = <usize>field(plan, C.DELTA);
  let lambda = <usize>field(plan, C.LAMBDA);
  const energy = <usize>field(plan, C.POINTS) + point;
  const e0 = load<V>(energy);
  const e1 = load<V>(energy, sizeof<V>());
  const zero = splat<V>(0);
  let k = 0;
  for (let i = 0; i < n; i++) {
    const h = loadSplat<V>(onsite + (<usize>i << 3));
    const w = loadSplat<V>(weight + (<usize>i << 3));
    let d0 = sub<V>(mul<V>(e0, w), h);
    let d1 = sub<V>(mul<V>(e1, w), h);
    let l0 = zero;
    let l1 = zero;
    for (const after = load<i32>(start + (<usize>i << 2), 4); k < after; k++) {
      const a = loadSplat<V>(value + (<usize>k << 3));
      const r = <usize>load<i32>(row + (<usize>k << 2));
      d0 = sub<V>(d0, mul<V>(load<V>(values + r), a));
      d1 = sub<V>(d1, mul<V>(load<V>(values + r, sizeof<V>()), a));
      l0 = add<V>(l0, mul<V>(load<V>(tangents + r), a));
      l1 = add<V>(l1, mul<V>(load<V>(tangents + r, sizeof<V>()), a));
    }
    store<V>(delta, d0);
    store<V>(delta, d1, sizeof<V>());
    store<V>(lambda, l0);
    store<V>(lambda, l1, sizeof<V>());
    delta += 2 * sizeof<V>();
    lambda += 2 * sizeof<V>();
  }
}

/**
 * Forms |t_i|, 1/|t_i| and the gauged dt/dtheta of two vectors of points. Returns the largest
 * growth per step over all lanes.
 */
function buildHoppings<V>(plan: usize, point: usize): f64 {
  const bonds = field(plan, C.N) - 1;
  const hopping = <usize>field(plan, C.HOPPING);
  const start = <usize>field(plan, C.BOND_START);
  const row = <usize>field(plan, C.BOND_ROW);
  const value = <usize>field(plan, C.BOND_VALUE);
  const delta = <usize>field(plan, C.DELTA);
  const bond = <usize>field(plan, C.BONDS);
  const phase = <usize>field(plan, C.PHASE);
  const one = splat<V>(1);
  const zero = splat<V>(0);
  let most = zero;
  for (let q: usize = 0; q < 2; q++) {
    const at = q * sizeof<V>();
    const values = <usize>field(plan, C.VALUES) + point + at;
    const tangents = <usize>field(plan, C.TANGENTS) + point + at;
    let pr = one;
    let pi = zero;
    let before = one;
    let k = 0;
    for (let i = 0; i < bonds; i++) {
      let tr = loadSplat<V>(hopping + (<usize>i << 4));
      let ti = loadSplat<V>(hopping + (<usize>i << 4) + 8);
      let lr = zero;
      let li = zero;
      for (const after = load<i32>(start + (<usize>i << 2), 4); k < after; k++) {
        const r = <usize>load<i32>(row + (<usize>k << 2));
        const x = load<V>(values + r);
        const y = load<V>(tangents + r);
        const ar = loadSplat<V>(value + (<usize>k << 4));
        const ai = loadSplat<V>(value + (<usize>k << 4) + 8);
        tr = add<V>(tr, mul<V>(x, ar));
        ti = add<V>(ti, mul<V>(x, ai));
        lr = add<V>(lr, mul<V>(y, ar));
        li = add<V>(li, mul<V>(y, ai));
      }
      const t = root<V>(add<V>(mul<V>(tr, tr), mul<V>(ti, ti)));
      const r = div<V>(one, t);
      const cr = mul<V>(tr, r);
      const ci = neg<V>(mul<V>(ti, r));
      const target = bond + <usize>i * (8 * sizeof<V>()) + at;
      store<V>(target, t);
      store<V>(target, r, 2 * sizeof<V>());
      store<V>(target, sub<V>(mul<V>(lr, cr), mul<V>(li, ci)), 4 * sizeof<V>());
      store<V>(target, add<V>(mul<V>(lr, ci), mul<V>(li, cr)), 6 * sizeof<V>());
      // The product of the phases restores the phase of the right lead's channel.
      const rotatedRe = sub<V>(mul<V>(pr, cr), mul<V>(pi, ci));
      pi = add<V>(mul<V>(pr, ci), mul<V>(pi, cr));
      pr = rotatedRe;
      const d = size<V>(load<V>(delta + <usize>i * (2 * sizeof<V>()) + at));
      most = larger<V>(most, mul<V>(add<V>(d, add<V>(before, t)), add<V>(r, div<V>(one, before))));
      before = t;
    }
    store<V>(phase + at, pr);
    store<V>(phase + at, pi, 2 * sizeof<V>());
  }
  const growth = <usize>field(plan, C.SCRATCH);
  store<V>(growth, most);
  return sizeof<V>() == 16 ? max(load<f64>(growth), load<f64>(growth, 8)) : load<f64>(growth);
}

/**
 * The size of segment s. There are m (odd) segments, whose sizes differ by one at most and are
 * symmetric under reversal.
 */
// @ts-ignore: decorator
@inline
function segmentSize(n: i32, segments: i32, s: i32): i32 {
  const base = n / segments;
  const rest = n - base * segments;
  const half = rest >> 1;
  const middle = segments >> 1;
  return base + i32(s < half || s >= segments - half || (s == middle && (rest & 1) == 1));
}

/**
 * The largest odd number of segments for which a growth of `growth` per step keeps squares within
 * range.
 */
function segmentCount(n: i32, growth: f64): i32 {
  // An upper bound of log2(growth + 2), from the exponent.
  const doublings = <i32>((reinterpret<u64>(growth + 2.0) >> 52) & 0x7ff) - 1022;
  const longest = max(1, min(64, 450 / max(doublings, 1)));
  return ((n + longest - 1) / longest) | 1;
}

/** At a border: the power of two that scales the larger of `previous` and `current` to one. */
// @ts-ignore: decorator
@inline
function powerAt<V>(previous: usize, current: usize): V {
  return inversePower<V>(larger<V>(
    larger<V>(size<V>(load<V>(previous)), size<V>(load<V>(previous, 2 * sizeof<V>()))),
    larger<V>(size<V>(load<V>(current)), size<V>(load<V>(current, 2 * sizeof<V>()))),
  ));
}

/**
 * One step of one vector across a border: scales the value at `current` and writes the next one to
 * `next`. tp is the hopping behind, tn is 1 / (hopping ahead).
 */
// @ts-ignore: decorator
@inline
function stepAcross<V>(previous: usize, current: usize, next: usize, delta: V, tp: V, tn: V, power: usize): void {
  const p = powerAt<V>(previous, current);
  store<V>(power, p);
  for (let part: usize = 0; part < 4 * sizeof<V>(); part += 2 * sizeof<V>()) {
    const value = mul<V>(load<V>(current + part), p);
    store<V>(current + part, value);
    store<V>(next + part, mul<V>(sub<V>(mul<V>(delta, value), mul<V>(tp, mul<V>(load<V>(previous + part), p))), tn));
  }
}

/** Runs u and v of two vectors of points with all hoppings one. */
function recur<V>(plan: usize, segments: i32): void {
  const n = field(plan, C.N);
  const stride: usize = 4 * sizeof<V>();
  const delta = <usize>field(plan, C.DELTA);
  const u = <usize>field(plan, C.U);
  const v = <usize>field(plan, C.V) + stride; // v_-1 is stored in front
  const powers = <usize>field(plan, C.POWERS);
  const one = splat<V>(1);
  let first = 1;
  for (let s = 0; s < segments; s++) {
    const after = (s == 0 ? 0 : first) + segmentSize(n, segments, s);
    if (s > 0) {
      for (let q: usize = 0; q < 2 * sizeof<V>(); q += sizeof<V>()) {
        const a = u + <usize>first * stride + q;
        stepAcross<V>(a - stride, a, a + stride, load<V>(delta + <usize>first * (2 * sizeof<V>()) + q), one, one,
          powers + <usize>s * stride + q);
        const j = <usize>(n - 1 - first);
        const b = v + j * stride + q;
        stepAcross<V>(b + stride, b, b - stride, load<V>(delta + j * (2 * sizeof<V>()) + q), one, one,
          powers + <usize>s * stride + 2 * sizeof<V>() + q);
      }
      first++;
    }
    let a = u + <usize>(first - 1) * stride;
    let b = v + <usize>(n - first) * stride;
    let d = delta + <usize>first * (2 * sizeof<V>());
    let e = delta + <usize>(n - 1 - first) * (2 * sizeof<V>());
    let u0r = load<V>(a + stride);
    let u1r = load<V>(a + stride, sizeof<V>());
    let u0i = load<V>(a + stride, 2 * sizeof<V>());
    let u1i = load<V>(a + stride, 3 * sizeof<V>());
    let v0r = load<V>(b - stride);
    let v1r = load<V>(b - stride, sizeof<V>());
    let v0i = load<V>(b - stride, 2 * sizeof<V>());
    let v1i = load<V>(b - stride, 3 * sizeof<V>());
    for (let i = first; i < after; i++) {
      const d0 = load<V>(d);
      u0r = sub<V>(mul<V>(d0, u0r), load<V>(a));
      u0i = sub<V>(mul<V>(d0, u0i), load<V>(a, 2 * sizeof<V>()));
      const d1 = load<V>(d, sizeof<V>());
      u1r = sub<V>(mul<V>(d1, u1r), load<V>(a, sizeof<V>()));
      u1i = sub<V>(mul<V>(d1, u1i), load<V>(a, 3 * sizeof<V>()));
      const e0 = load<V>(e);
      v0r = sub<V>(mul<V>(e0, v0r), load<V>(b));
      v0i = sub<V>(mul<V>(e0, v0i), load<V>(b, 2 * sizeof<V>()));
      const e1 = load<V>(e, sizeof<V>());
      v1r = sub<V>(mul<V>(e1, v1r), load<V>(b, sizeof<V>()));
      v1i = sub<V>(mul<V>(e1, v1i), load<V>(b, 3 * sizeof<V>()));
      store<V>(a, u0r, 8 * sizeof<V>());
      store<V>(a, u1r, 9 * sizeof<V>());
      store<V>(a, u0i, 10 * sizeof<V>());
      store<V>(a, u1i, 11 * sizeof<V>());
      store<V>(b - 2 * stride, v0r);
      store<V>(b - 2 * stride, v1r, sizeof<V>());
      store<V>(b - 2 * stride, v0i, 2 * sizeof<V>());
      store<V>(b - 2 * stride, v1i, 3 * sizeof<V>());
      a += stride;
      b -= stride;
      d += 2 * sizeof<V>();
      e -= 2 * sizeof<V>();
    }
    first = after;
  }
}

/**
 * Runs u and v of two vectors of points with their own hoppings, one vector after the other. The
 * step beyond an end has the hopping one.
 */
function recurHoppings<V>(plan: usize, segments: i32): void {
  const n = field(plan, C.N);
  const stride: usize = 4 * sizeof<V>();
  const bond: usize = 8 * sizeof<V>();
  const powers = <usize>field(plan, C.POWERS);
  const one = splat<V>(1);
  for (let q: usize = 0; q < 2 * sizeof<V>(); q += sizeof<V>()) {
    const delta = <usize>field(plan, C.DELTA) + q;
    const u = <usize>field(plan, C.U) + q;
    const v = <usize>field(plan, C.V) + stride + q;
    const bonds = <usize>field(plan, C.BONDS) + q;
    let first = 1;
    for (let s = 0; s < segments; s++) {
      const after = (s == 0 ? 0 : first) + segmentSize(n, segments, s);
      if (s > 0) {
        const a = u + <usize>first * stride;
        const j = <usize>(n - 1 - first);
        stepAcross<V>(a - stride, a, a + stride, load<V>(delta + <usize>first * (2 * sizeof<V>())),
          load<V>(bonds + <usize>(first - 1) * bond), first < n - 1 ? load<V>(bonds + <usize>first * bond, 2 * sizeof<V>()) : one,
          powers + <usize>s * stride + q);
        const b = v + j * stride;
        stepAcross<V>(b + stride, b, b - stride, load<V>(delta + j * (2 * sizeof<V>())),
          load<V>(bonds + j * bond), j > 0 ? load<V>(bonds + (j - 1) * bond, 2 * sizeof<V>()) : one,
          powers + <usize>s * stride + 2 * sizeof<V>() + q);
        first++;
      }
      let a = u + <usize>(first - 1) * stride;
      let b = v + <usize>(n - first) * stride;
      let ur = load<V>(a + stride);
      let ui = load<V>(a + stride, 2 * sizeof<V>());
      let vr = load<V>(b - stride);
      let vi = load<V>(b - stride, 2 * sizeof<V>());
      for (let i = first; i < after; i++) {
        const j = n - 1 - i;
        const d = load<V>(delta + <usize>i * (2 * sizeof<V>()));
        const e = load<V>(delta + <usize>j * (2 * sizeof<V>()));
        const behind = load<V>(bonds + <usize>(i - 1) * bond);
        const ahead = i < n - 1 ? load<V>(bonds + <usize>i * bond, 2 * sizeof<V>()) : one;
        ur = mul<V>(sub<V>(mul<V>(d, ur), mul<V>(behind, load<V>(a))), ahead);
        ui = mul<V>(sub<V>(mul<V>(d, ui), mul<V>(behind, load<V>(a, 2 * sizeof<V>()))), ahead);
        const above = load<V>(bonds + <usize>j * bond);
        const below = j > 0 ? load<V>(bonds + <usize>(j - 1) * bond, 2 * sizeof<V>()) : one;
        vr = mul<V>(sub<V>(mul<V>(e, vr), mul<V>(above, load<V>(b))), below);
        vi = mul<V>(sub<V>(mul<V>(e, vi), mul<V>(above, load<V>(b, 2 * sizeof<V>()))), below);
        store<V>(a + 2 * stride, ur);
        store<V>(a + 2 * stride, ui, 2 * sizeof<V>());
        store<V>(b - 2 * stride, vr);
        store<V>(b - 2 * stride, vi, 2 * sizeof<V>());
        a += stride;
        b -= stride;
      }
      first = after;
    }
  }
}

/** Sets u_0 = v_N = 1 and their first steps, which contain the leads' self-energies. */
function begin<V>(plan: usize, point: usize, hoppings: bool): void {
  const n = field(plan, C.N);
  const stride: usize = 4 * sizeof<V>();
  const rows = <usize>field(plan, C.ROW_BYTES);
  const one = splat<V>(1);
  const zero = splat<V>(0);
  for (let q: usize = 0; q < 2 * sizeof<V>(); q += sizeof<V>()) {
    const delta = <usize>field(plan, C.DELTA) + q;
    const points = <usize>field(plan, C.POINTS) + point + q;
    const u = <usize>field(plan, C.U) + q;
    const v = <usize>field(plan, C.V) + stride + q;
    const bonds = <usize>field(plan, C.BONDS) + q;
    const left = hoppings ? load<V>(bonds, 2 * sizeof<V>()) : one;
    const right = hoppings ? load<V>(bonds + <usize>(n - 2) * (8 * sizeof<V>()), 2 * sizeof<V>()) : one;
    store<V>(u, one);
    store<V>(u, zero, 2 * sizeof<V>());
    store<V>(u + stride, mul<V>(sub<V>(load<V>(delta), load<V>(points + C.SIGMA_LEFT * rows)), left));
    store<V>(u + stride, mul<V>(neg<V>(load<V>(points + (C.SIGMA_LEFT + 1) * rows)), left), 2 * sizeof<V>());
    const end = v + <usize>(n - 1) * stride;
    const last = load<V>(delta + <usize>(n - 1) * (2 * sizeof<V>()));
    store<V>(end, one);
    store<V>(end, zero, 2 * sizeof<V>());
    store<V>(end - stride, mul<V>(sub<V>(last, load<V>(points + C.SIGMA_RIGHT * rows)), right));
    store<V>(end - stride, mul<V>(neg<V>(load<V>(points + (C.SIGMA_RIGHT + 1) * rows)), right), 2 * sizeof<V>());
  }
}

/**
 * Writes the size of u in each segment relative to its last value, and of v relative to its first:
 * the products of the powers from there on.
 */
function reaches<V>(plan: usize, segments: i32): void {
  const stride: usize = 4 * sizeof<V>();
  const powers = <usize>field(plan, C.POWERS);
  const reach = <usize>field(plan, C.REACH);
  for (let part: usize = 0; part < stride; part += sizeof<V>()) {
    const right = part >= 2 * sizeof<V>();
    let product = splat<V>(1);
    for (let s = segments - 1; s >= 0; s--) {
      // v runs through the segments from the last to the first.
      store<V>(reach + <usize>(right ? segments - 1 - s : s) * stride + part, product);
      product = mul<V>(product, load<V>(powers + <usize>s * stride + part));
    }
  }
}

/**
 * Adds the sums over one segment of lambda and of the weight times |u|^2, |v|^2 and v* u to the
 * eight totals, for one vector.
 */
// @ts-ignore: decorator
@inline
function segmentSums<V>(first: i32, after: i32, u: usize, v: usize, lambda: usize, weight: usize, uniform: bool, out: usize): void {
  const stride: usize = 4 * sizeof<V>();
  const zero = splat<V>(0);
  let luu = zero, lvv = zero, lr = zero, li = zero, wuu = zero, wvv = zero, wr = zero, wi = zero;
  u += <usize>first * stride;
  v += <usize>first * stride;
  lambda += <usize>first * (2 * sizeof<V>());
  weight += <usize>first << 3;
  for (let i = first; i < after; i++) {
    const l = load<V>(lambda);
    const ur = load<V>(u);
    const ui = load<V>(u, 2 * sizeof<V>());
    let x = add<V>(mul<V>(ur, ur), mul<V>(ui, ui));
    luu = add<V>(luu, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wuu = add<V>(wuu, x);
    const vr = load<V>(v);
    const vi = load<V>(v, 2 * sizeof<V>());
    x = add<V>(mul<V>(vr, vr), mul<V>(vi, vi));
    lvv = add<V>(lvv, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wvv = add<V>(wvv, x);
    x = add<V>(mul<V>(vr, ur), mul<V>(vi, ui));
    lr = add<V>(lr, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wr = add<V>(wr, x);
    x = sub<V>(mul<V>(vr, ui), mul<V>(vi, ur));
    li = add<V>(li, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wi = add<V>(wi, x);
    u += stride;
    v += stride;
    lambda += 2 * sizeof<V>();
    if (!uniform) weight += 8;
  }
  store<V>(out, luu);
  store<V>(out, lvv, sizeof<V>());
  store<V>(out, lr, 2 * sizeof<V>());
  store<V>(out, li, 3 * sizeof<V>());
  store<V>(out, wuu, 4 * sizeof<V>());
  store<V>(out, wvv, 5 * sizeof<V>());
  store<V>(out, wr, 6 * sizeof<V>());
  store<V>(out, wi, 7 * sizeof<V>());
}

/**
 * Adds the hopping part of lambda, for the bonds that start in a segment, to the first four sums of
 * the segment. The site after its end is brought to the segment's own scale: u there was multiplied
 * by `power`, v here by `powerV`.
 */
function bondSums<V>(first: i32, after: i32, n: i32, u: usize, v: usize, bonds: usize, power: V, powerV: V, out: usize): void {
  const stride: usize = 4 * sizeof<V>();
  let luu = load<V>(out), lvv = load<V>(out, sizeof<V>()), lr = load<V>(out, 2 * sizeof<V>()), li = load<V>(out, 3 * sizeof<V>());
  const one = splat<V>(1);
  const two = splat<V>(2);
  for (let i = first; i < after && i < n - 1; i++) {
    const a = u + <usize>i * stride;
    const b = v + <usize>i * stride;
    const border = i == after - 1;
    const pu = border ? div<V>(one, power) : one;
    const pv = border ? powerV : one;
    const tr = load<V>(bonds + <usize>i * (8 * sizeof<V>()), 4 * sizeof<V>());
    const ti = load<V>(bonds + <usize>i * (8 * sizeof<V>()), 6 * sizeof<V>());
    const ur = load<V>(a);
    const ui = load<V>(a, 2 * sizeof<V>());
    const vr = load<V>(b);
    const vi = load<V>(b, 2 * sizeof<V>());
    const nur = mul<V>(load<V>(a + stride), pu);
    const nui = mul<V>(load<V>(a + stride, 2 * sizeof<V>()), pu);
    const nvr = mul<V>(load<V>(b + stride), pv);
    const nvi = mul<V>(load<V>(b + stride, 2 * sizeof<V>()), pv);
    // 2 Re[t u_i* u_(i+1)], and the same for v.
    let x = add<V>(mul<V>(ur, nur), mul<V>(ui, nui));
    let y = sub<V>(mul<V>(ur, nui), mul<V>(ui, nur));
    luu = add<V>(luu, mul<V>(two, sub<V>(mul<V>(tr, x), mul<V>(ti, y))));
    x = add<V>(mul<V>(vr, nvr), mul<V>(vi, nvi));
    y = sub<V>(mul<V>(vr, nvi), mul<V>(vi, nvr));
    lvv = add<V>(lvv, mul<V>(two, sub<V>(mul<V>(tr, x), mul<V>(ti, y))));
    // t v_i* u_(i+1) + t* v_(i+1)* u_i
    x = add<V>(mul<V>(vr, nur), mul<V>(vi, nui));
    y = sub<V>(mul<V>(vr, nui), mul<V>(vi, nur));
    lr = add<V>(lr, sub<V>(mul<V>(tr, x), mul<V>(ti, y)));
    li = add<V>(li, add<V>(mul<V>(tr, y), mul<V>(ti, x)));
    x = add<V>(mul<V>(nvr, ur), mul<V>(nvi, ui));
    y = sub<V>(mul<V>(nvr, ui), mul<V>(nvi, ur));
    lr = add<V>(lr, add<V>(mul<V>(tr, x), mul<V>(ti, y)));
    li = add<V>(li, sub<V>(mul<V>(tr, y), mul<V>(ti, x)));
  }
  store<V>(out, luu);
  store<V>(out, lvv, sizeof<V>());
  store<V>(out, lr, 2 * sizeof<V>());
  store<V>(out, li, 3 * sizeof<V>());
}

/**
 * Forms all sums of one vector (q = 0 or sizeof<V>()), in units of u at the right end and of v at
 * the left end.
 */
function sums<V>(plan: usize, q: usize, segments: i32, uniform: bool, hoppings: bool): void {
  const n = field(plan, C.N);
  const stride: usize = 4 * sizeof<V>();
  const u = <usize>field(plan, C.U) + q;
  const v = <usize>field(plan, C.V) + stride + q;
  const lambda = <usize>field(plan, C.LAMBDA) + q;
  const weight = <usize>field(plan, C.WEIGHT);
  const powers = <usize>field(plan, C.POWERS) + q;
  const reach = <usize>field(plan, C.REACH) + q;
  const part = <usize>field(plan, C.SCRATCH);
  const total = <usize>field(plan, C.SUMS);
  memory.fill(total, 0, 8 * sizeof<V>());
  let first = 0;
  for (let s = 0; s < segments; s++) {
    const after = first + segmentSize(n, segments, s);
    if (uniform) segmentSums<V>(first, after, u, v, lambda, weight, true, part);
    else segmentSums<V>(first, after, u, v, lambda, weight, false, part);
    if (hoppings) {
      const power = s + 1 < segments ? load<V>(powers + <usize>(s + 1) * stride) : splat<V>(1);
      const powerV = s + 1 < segments ? load<V>(powers + <usize>(segments - 1 - s) * stride, 2 * sizeof<V>()) : splat<V>(1);
      bondSums<V>(first, after, n, u, v, <usize>field(plan, C.BONDS) + q, power, powerV, part);
    }
    const f = load<V>(reach + <usize>s * stride);
    const g = load<V>(reach + <usize>s * stride, 2 * sizeof<V>());
    const ff = mul<V>(f, f);
    const gg = mul<V>(g, g);
    const fg = mul<V>(f, g);
    for (let k: usize = 0; k < 8 * sizeof<V>(); k += sizeof<V>()) {
      const kind = (k / sizeof<V>()) & 3;
      const factor = kind == 0 ? ff : kind == 1 ? gg : fg;
      store<V>(total + k, add<V>(load<V>(total + k), mul<V>(load<V>(part + k), factor)));
    }
    first = after;
  }
  if (!uniform) return;
  // All weights are equal; the sums were formed without the weight.
  const common = loadSplat<V>(weight);
  for (let k: usize = 4 * sizeof<V>(); k < 8 * sizeof<V>(); k += sizeof<V>())
    store<V>(total + k, mul<V>(load<V>(total + k), common));
}

/**
 * Number of eigenvalues of H + Re Sigma above E: the sign changes of the real part of u from the
 * left lead to the step beyond the right one.
 */
function countAbove<V>(plan: usize, q: usize, point: usize): V {
  const n = field(plan, C.N);
  const stride: usize = 4 * sizeof<V>();
  let u = <usize>field(plan, C.U) + q;
  let before = load<V>(u);
  let count = splat<V>(0);
  for (let i = 1; i < n; i++) {
    u += stride;
    const now = load<V>(u);
    count = addIntegers<V>(count, signsDiffer<V>(before, now));
    before = now;
  }
  const sigma = load<V>(<usize>field(plan, C.POINTS) + point + q + C.SIGMA_RIGHT * <usize>field(plan, C.ROW_BYTES));
  return addIntegers<V>(count, signsDiffer<V>(before, sub<V>(load<V>(u + stride), mul<V>(sigma, before))));
}

/**
 * Largest accepted cancellation in the sums by moments (it costs less than two digits), and the
 * inverse of the largest accepted growth in half a segment.
 */
const CANCELLATION_LIMIT: f64 = 64;
const GROWTH_UNIT: f64 = 5.8207660913467407e-11; // 64 / 2^40

/** Evaluates two vectors of points by the plain recursions, for any growth and any hoppings. */
function evaluateByRecursion<V>(plan: usize, point: usize, growth: f64, levels: bool): void {
  const n = field(plan, C.N);
  build<V>(plan, point);
  const uniform = field(plan, C.UNIFORM) != 0;
  const hoppings = field(plan, C.HOPPINGS) != 0;
  const rows = <usize>field(plan, C.ROW_BYTES);
  const segments = segmentCount(n, hoppings ? buildHoppings<V>(plan, point) : growth);
  begin<V>(plan, point, hoppings);
  if (hoppings) recurHoppings<V>(plan, segments);
  else recur<V>(plan, segments);
  reaches<V>(plan, segments);
  for (let q: usize = 0; q < 2 * sizeof<V>(); q += sizeof<V>()) {
    sums<V>(plan, q, segments, uniform, hoppings);
    finish<V>(plan, q, point, segments);
    if (levels) store<V>(<usize>field(plan, C.RESULTS) + C.LEVELS_ABOVE * rows + point + q, countAbove<V>(plan, q, point));
  }
}

/**
 * Evaluates by moments, including the levels. Returns false if they lose digits in one of the
 * points. The loss of each point is stored after the scratch numbers.
 */
function evaluateByMoments<V>(plan: usize, point: usize): bool {
  if (field(plan, C.TABLE_GATES) == 0) build<V>(plan, point);
  const lost = <usize>field(plan, C.SCRATCH) + 60 * sizeof<V>();
  let fine = true;
  for (let q: usize = 0; q < 2 * sizeof<V>(); q += sizeof<V>()) {
    const growth = moments<V>(plan, q, point);
    store<V>(lost + q, larger<V>(propagate<V>(plan, q, point), mul<V>(growth, splat<V>(GROWTH_UNIT))));
    for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) fine = fine && load<f64>(lost + q + lane) <= CANCELLATION_LIMIT;
    finish<V>(plan, q, point, 1);
  }
  return fine;
}

function evaluate<V>(plan: usize, count: i32, growth: f64, levels: bool): void {
  const hoppings = field(plan, C.HOPPINGS) != 0;
  const results = <usize>field(plan, C.RESULTS);
  const rows = <usize>field(plan, C.ROW_BYTES);
  const lost = <usize>field(plan, C.SCRATCH) + 60 * sizeof<V>();
  const kept = <usize>field(plan, C.KEPT);
  for (let first = 0; first < count; first += 2 * sizeof<V>() / 8) {
    const point = <usize>first << 3;
    if (hoppings) {
      evaluateByRecursion<V>(plan, point, growth, levels);
      continue;
    }
    if (evaluateByMoments<V>(plan, point)) continue;
    // Only the points that need it take the results of the recursions, so that the bits of a point
    // do not depend on its neighbours.
    for (let lane: usize = 0; lane < 2 * sizeof<V>(); lane += 8)
      for (let row: usize = 0; row < C.RESULT_ROWS; row++)
        store<f64>(kept + (row << 6) + lane, load<f64>(results + row * rows + point + lane));
    evaluateByRecursion<V>(plan, point, growth, levels);
    for (let lane: usize = 0; lane < 2 * sizeof<V>(); lane += 8) {
      if (!(load<f64>(lost + lane) <= CANCELLATION_LIMIT)) continue;
      for (let row: usize = 0; row < C.RESULT_ROWS; row++)
        store<f64>(results + row * rows + point + lane, load<f64>(kept + (row << 6) + lane));
    }
  }
}

/**
 * Evaluates `count` points (a multiple of two vectors). `growth` bounds |delta| if the hoppings are
 * fixed.
 */
export function zchain(plan: usize, count: i32, growth: f64, levels: bool): void {
  if (ASC_FEATURE_SIMD) evaluate<v128>(plan, count, growth, levels);
  else evaluate<f64>(plan, count, growth, levels);
}
