// The fast form of chain-point.ts, for Lambdas without hopping elements. As in chain-moments.ts,
// every solution in a segment is a combination of two real solutions a and b. They start as (1, 0)
// and (0, 1) on the two sites in its middle and run to both ends, here together with their energy
// derivatives a' and b'. They are stored site by site, so that each Lambda collects its seven
// moments, of a^2, a b, b^2, a a', a b', b a' and b b', over its own elements only. Then u and v,
// and u' and v', proceed from segment to segment as complex combinations, and the sums of
// chain-point.ts are quadratic forms of the moments. Cancellation is measured as in
// chain-moments.ts; the norms that this needs are Wronskians of a and a' at the ends. A site costs
// 11 flops per vector of energies, an element of a Lambda 16.
//
// Longer than most files: the passes of one recursion share their scratch memory.
import { add, div, inversePower, larger, loadSplat, mul, size, splat, sub } from "../linear-algebra/lanes";
import * as C from "./chain-plan";
import { field } from "../device/plan";
import * as P from "./point-plan";

/** Approximate number of sites per segment. */
const LENGTH: i32 = 80;
// Vectors of a segment's record: a and b on the site before the first one and on the first one, and
// their derivatives; the same on the last site and after it; the coefficients of u and of u'; the
// power of two of u; then seven moments per direction.
const LEFT: usize = 0;
const RIGHT: usize = 8;
const ALPHA: usize = 16;
const POWER: usize = 24;
const MOMENTS: usize = 25;
// Sums over a Lambda, all complex: u* u, v* v, v* u; u* u', v* v', v* u', u* v'. SUMS is the number
// of vectors per direction.
export const UU: usize = 0;
export const VV: usize = 2;
export const VU: usize = 4;
export const UDU: usize = 6;
export const VDV: usize = 8;
export const VDU: usize = 10;
export const UDV: usize = 12;
export const SUMS: usize = 14;

export function solutionSegments(n: i32): i32 {
  return max(1, (n + LENGTH / 2) / LENGTH);
}

/** Copies `count` vectors. A call of memory.copy costs more than a dozen vectors. */
// @ts-ignore: decorator
@inline
export function copyVectors<V>(to: usize, from: usize, count: usize): void {
  for (let k: usize = 0; k < count * sizeof<V>(); k += sizeof<V>()) store<V>(to + k, load<V>(from + k));
}

/** Sets `count` vectors to zero. */
// @ts-ignore: decorator
@inline
export function clearVectors<V>(at: usize, count: usize): void {
  const zero = splat<V>(0);
  for (let k: usize = 0; k < count * sizeof<V>(); k += sizeof<V>()) store<V>(at + k, zero);
}

/** Copies one end of a record: a, b on two neighbouring sites, then a', b' there. */
// @ts-ignore: decorator
@inline
function copyEnd<V>(to: usize, sites: usize): void {
  for (let k: usize = 0; k < 2 * sizeof<V>(); k += sizeof<V>()) {
    store<V>(to + k, load<V>(sites + k));
    store<V>(to + k, load<V>(sites + k, 4 * sizeof<V>()), 2 * sizeof<V>());
    store<V>(to + k, load<V>(sites + k, 2 * sizeof<V>()), 4 * sizeof<V>());
    store<V>(to + k, load<V>(sites + k, 6 * sizeof<V>()), 6 * sizeof<V>());
  }
}

// @ts-ignore: decorator
@inline
function recordBytes<V>(plan: usize): usize {
  return (MOMENTS + 7 * <usize>field(plan, P.DIRECTIONS)) * sizeof<V>();
}

/**
 * Runs a, b, a', b' from the middle pair to one side, over `count` sites from `at` on. The previous
 * site is stored behind the present one.
 */
// @ts-ignore: decorator
@inline
function outwards<V>(count: i32, at: usize, step: usize, energy: V, w: usize, h: usize, tableStep: usize, toRight: f64, uniform: bool): void {
  const zero = splat<V>(0);
  let b = splat<V>(toRight);
  let a = sub<V>(splat<V>(1), b);
  let c = zero;
  let d = zero;
  let pa = b;
  let pb = a;
  let pc = zero;
  let pd = zero;
  store<V>(at, a);
  store<V>(at, b, sizeof<V>());
  store<V>(at, c, 2 * sizeof<V>());
  store<V>(at, d, 3 * sizeof<V>());
  const common = loadSplat<V>(w);
  const scaled = mul<V>(energy, common);
  for (let i = 0; i < count; i++) {
    const weight = uniform ? common : loadSplat<V>(w);
    const delta = uniform ? sub<V>(scaled, loadSplat<V>(h)) : sub<V>(mul<V>(energy, weight), loadSplat<V>(h));
    at += step;
    let x = sub<V>(mul<V>(weight, a), pc);
    pc = c;
    c = add<V>(mul<V>(delta, c), x);
    store<V>(at, c, 2 * sizeof<V>());
    x = sub<V>(mul<V>(weight, b), pd);
    pd = d;
    d = add<V>(mul<V>(delta, d), x);
    store<V>(at, d, 3 * sizeof<V>());
    x = sub<V>(mul<V>(delta, a), pa);
    pa = a;
    a = x;
    store<V>(at, a);
    x = sub<V>(mul<V>(delta, b), pb);
    pb = b;
    b = x;
    store<V>(at, b, sizeof<V>());
    h += tableStep;
    if (!uniform) w += tableStep;
  }
}

/** Writes a, b, a', b' on the sites first - 1 ... first + count to the workspace. */
function solutions<V>(plan: usize, first: i32, count: i32, uniform: bool): void {
  const step: usize = 4 * sizeof<V>();
  const left = count >> 1;
  const energy = load<V>(<usize>field(plan, P.LEADS));
  const middle = <usize>(first + left) << 3;
  const w = <usize>field(plan, P.WEIGHT) + middle;
  const h = <usize>field(plan, P.ONSITE) + middle;
  const at = <usize>field(plan, P.SITES) + <usize>left * step;
  for (let side = 0; side < 2; side++) {
    const right = side == 0;
    const from = right ? at + step : at;
    const by = right ? step : 0 - step;
    const back: usize = right ? 0 : 8;
    const tableStep: usize = right ? 8 : 0 - 8;
    const steps = right ? count - left : left;
    const start: f64 = right ? 1 : 0;
    if (uniform) outwards<V>(steps, from, by, energy, w - back, h - back, tableStep, start, true);
    else outwards<V>(steps, from, by, energy, w - back, h - back, tableStep, start, false);
  }
}

/**
 * Forms the seven moments (three without `first`) of the elements of one Lambda in a segment.
 * Returns the first element after the segment.
 */
// @ts-ignore: decorator
@inline
function gather<V>(plan: usize, record: usize, k: i32, from: i32, after: i32, moments: usize, first: bool): i32 {
  const zero = splat<V>(0);
  const length = load<i32>(record);
  let list = <usize>load<i32>(record, 4) + (<usize>k << 2);
  let value = <usize>load<i32>(record, 8) + (<usize>k << 3);
  const sites = <usize>field(plan, P.SITES) - <usize>(from - 1) * (4 * sizeof<V>());
  let aa = zero, ab = zero, bb = zero, ac = zero, ad = zero, bc = zero, bd = zero;
  for (; k < length; k++) {
    const site = load<i32>(list);
    if (site >= after) break;
    const at = sites + <usize>site * (4 * sizeof<V>());
    const t = loadSplat<V>(value);
    const a = load<V>(at);
    const b = load<V>(at, sizeof<V>());
    const ta = mul<V>(t, a);
    const tb = mul<V>(t, b);
    aa = add<V>(aa, mul<V>(ta, a));
    ab = add<V>(ab, mul<V>(ta, b));
    bb = add<V>(bb, mul<V>(tb, b));
    if (first) {
      const c = load<V>(at, 2 * sizeof<V>());
      const d = load<V>(at, 3 * sizeof<V>());
      ac = add<V>(ac, mul<V>(ta, c));
      ad = add<V>(ad, mul<V>(ta, d));
      bc = add<V>(bc, mul<V>(tb, c));
      bd = add<V>(bd, mul<V>(tb, d));
    }
    list += 4;
    value += 8;
  }
  store<V>(moments, aa);
  store<V>(moments, ab, sizeof<V>());
  store<V>(moments, bb, 2 * sizeof<V>());
  store<V>(moments, ac, 3 * sizeof<V>());
  store<V>(moments, ad, 4 * sizeof<V>());
  store<V>(moments, bc, 5 * sizeof<V>());
  store<V>(moments, bd, 6 * sizeof<V>());
  return k;
}

/** Writes the records of all segments. Returns per lane the largest |a| or |b| at any end. */
function segments<V>(plan: usize, first: bool): V {
  const n = field(plan, P.N);
  const count = solutionSegments(n);
  const step: usize = 4 * sizeof<V>();
  const sites = <usize>field(plan, P.SITES);
  const directions = field(plan, P.DIRECTIONS);
  const table = <usize>field(plan, P.TABLE);
  const cursors = <usize>field(plan, P.CURSORS);
  const uniform = field(plan, P.UNIFORM) != 0;
  let record = <usize>field(plan, P.RECORDS);
  let most = splat<V>(0);
  let from = 0;
  for (let d: usize = 0; d < <usize>directions; d++) store<i32>(cursors + (d << 2), 0);
  for (let s = 0; s < count; s++) {
    const after = <i32>((<i64>n * (s + 1)) / count);
    solutions<V>(plan, from, after - from, uniform);
    copyEnd<V>(record + LEFT * sizeof<V>(), sites);
    copyEnd<V>(record + RIGHT * sizeof<V>(), sites + <usize>(after - from) * step);
    for (let k: usize = 0; k < 4; k++) {
      most = larger<V>(most, size<V>(load<V>(record + (LEFT + k) * sizeof<V>())));
      most = larger<V>(most, size<V>(load<V>(record + (RIGHT + k) * sizeof<V>())));
    }
    for (let d = 0; d < directions; d++) {
      const moments = record + (MOMENTS + 7 * <usize>d) * sizeof<V>();
      const list = table + <usize>(d * P.TABLE_FIELDS << 2);
      const cursor = cursors + (<usize>d << 2);
      const k = first
        ? gather<V>(plan, list, load<i32>(cursor), from, after, moments, true)
        : gather<V>(plan, list, load<i32>(cursor), from, after, moments, false);
      store<i32>(cursor, k);
    }
    record += recordBytes<V>(plan);
    from = after;
  }
  return most;
}

/** x y - z w. */
// @ts-ignore: decorator
@inline
function minor<V>(x: V, y: V, z: V, w: V): V {
  return sub<V>(mul<V>(x, y), mul<V>(z, w));
}

/**
 * The coefficients of a solution and of its derivative, from the values `state` (x, x' on one site
 * and y, y' on the next, complex) and from the ends of a and b at `end`. The Wronskian of a and b
 * is one.
 */
function coefficients<V>(end: usize, state: usize, out: usize): void {
  const s = sizeof<V>();
  const a0 = load<V>(end), b0 = load<V>(end, sizeof<V>()), a1 = load<V>(end, 2 * sizeof<V>()), b1 = load<V>(end, 3 * sizeof<V>());
  const c0 = load<V>(end, 4 * sizeof<V>()), d0 = load<V>(end, 5 * sizeof<V>());
  const c1 = load<V>(end, 6 * sizeof<V>()), d1 = load<V>(end, 7 * sizeof<V>());
  for (let part: usize = 0; part < 2 * s; part += s) {
    const x = load<V>(state + part);
    const dx = load<V>(state + part, 2 * sizeof<V>());
    const y = load<V>(state + part, 4 * sizeof<V>());
    const dy = load<V>(state + part, 6 * sizeof<V>());
    store<V>(out + part, minor<V>(b1, x, b0, y));
    store<V>(out + part, minor<V>(a0, y, a1, x), 2 * sizeof<V>());
    store<V>(out + part, add<V>(minor<V>(d1, x, d0, y), minor<V>(b1, dx, b0, dy)), 4 * sizeof<V>());
    store<V>(out + part, add<V>(minor<V>(c0, y, c1, x), minor<V>(a0, dy, a1, dx)), 6 * sizeof<V>());
  }
}

/** The values at the other end, from the coefficients. */
function values<V>(end: usize, coefficient: usize, state: usize): void {
  const s = sizeof<V>();
  for (let part: usize = 0; part < 2 * s; part += s) {
    const p = load<V>(coefficient + part);
    const q = load<V>(coefficient + part, 2 * sizeof<V>());
    const dp = load<V>(coefficient + part, 4 * sizeof<V>());
    const dq = load<V>(coefficient + part, 6 * sizeof<V>());
    for (let site: usize = 0; site < 2; site++) {
      const at = end + 2 * site * s;
      const a = load<V>(at);
      const b = load<V>(at, sizeof<V>());
      const target = state + 4 * site * s + part;
      store<V>(target, add<V>(mul<V>(a, p), mul<V>(b, q)));
      store<V>(target, add<V>(
        add<V>(mul<V>(load<V>(at, 4 * sizeof<V>()), p), mul<V>(load<V>(at, 5 * sizeof<V>()), q)),
        add<V>(mul<V>(a, dp), mul<V>(b, dq)),
      ), 2 * sizeof<V>());
    }
  }
}

/** Scales the state to size one by a power of two and returns that power. */
function rescale<V>(state: usize): V {
  const power = inversePower<V>(larger<V>(
    larger<V>(size<V>(load<V>(state)), size<V>(load<V>(state, sizeof<V>()))),
    larger<V>(size<V>(load<V>(state, 4 * sizeof<V>())), size<V>(load<V>(state, 5 * sizeof<V>()))),
  ));
  for (let k: usize = 0; k < 8 * sizeof<V>(); k += sizeof<V>()) store<V>(state + k, mul<V>(load<V>(state + k), power));
  return power;
}

/**
 * True at every fourth border. Half a segment grows by 2^40 at most, so that rescaling there keeps
 * squares within range.
 */
// @ts-ignore: decorator
@inline
function scaled(step: i32): bool {
  return step > 0 && (step & 3) == 0;
}

/**
 * The Wronskian of f' and g between two sites, which is the sum of the weight times f g up to
 * there. `f` and `g` are 0 for a, 1 for b.
 */
// @ts-ignore: decorator
@inline
function wronskian<V>(end: usize, f: usize, g: usize): V {
  const fs = end + f * sizeof<V>();
  const gs = end + g * sizeof<V>();
  return minor<V>(load<V>(fs, 6 * sizeof<V>()), load<V>(gs), load<V>(gs, 2 * sizeof<V>()), load<V>(fs, 4 * sizeof<V>()));
}

function norm<V>(record: usize, f: usize, g: usize): V {
  return sub<V>(wronskian<V>(record + RIGHT * sizeof<V>(), f, g), wronskian<V>(record + LEFT * sizeof<V>(), f, g));
}

/**
 * |(x, y)| |ends (alpha) - (x, y)|: the error that the values at a segment's end acquire on the way
 * through its middle.
 */
function loss<V>(end: usize, coefficient: usize, state: usize): V {
  let lost = splat<V>(0);
  let whole = splat<V>(0);
  for (let site: usize = 0; site < 2; site++)
    for (let part: usize = 0; part < 2; part++) {
      const value = load<V>(state + (4 * site + part) * sizeof<V>());
      const found = add<V>(
        mul<V>(load<V>(end + 2 * site * sizeof<V>()), load<V>(coefficient + part * sizeof<V>())),
        mul<V>(load<V>(end + 2 * site * sizeof<V>(), sizeof<V>()), load<V>(coefficient + part * sizeof<V>(), 2 * sizeof<V>())),
      );
      whole = add<V>(whole, size<V>(value));
      lost = add<V>(lost, size<V>(sub<V>(found, value)));
    }
  return mul<V>(whole, lost);
}

// Vectors in which `measure` keeps its three sums.
const SURE: usize = 0;
const LOST: usize = 1;
const WHOLE: usize = 2;

/** Adds the contribution of a segment to the measure of cancellation in sum w |u|^2. */
function measure<V>(sums: usize, record: usize, end: usize, coefficient: usize, state: usize): void {
  const pr = load<V>(coefficient), pi = load<V>(coefficient, sizeof<V>());
  const qr = load<V>(coefficient, 2 * sizeof<V>()), qi = load<V>(coefficient, 3 * sizeof<V>());
  const sure = add<V>(
    mul<V>(norm<V>(record, 0, 0), add<V>(mul<V>(pr, pr), mul<V>(pi, pi))),
    mul<V>(norm<V>(record, 1, 1), add<V>(mul<V>(qr, qr), mul<V>(qi, qi))),
  );
  const mixed = mul<V>(norm<V>(record, 0, 1), add<V>(mul<V>(pr, qr), mul<V>(pi, qi)));
  store<V>(sums, add<V>(load<V>(sums), sure));
  store<V>(sums, add<V>(load<V>(sums, sizeof<V>()), loss<V>(end, coefficient, state)), sizeof<V>());
  store<V>(sums, add<V>(load<V>(sums, 2 * sizeof<V>()), add<V>(sure, add<V>(mixed, mixed))), 2 * sizeof<V>());
}

function scaleSums<V>(sums: usize, power: V): void {
  const square = mul<V>(power, power);
  for (let k: usize = 0; k < 3 * sizeof<V>(); k += sizeof<V>()) store<V>(sums + k, mul<V>(load<V>(sums + k), square));
}

/** The factor by which cancellation multiplies rounding. */
function cancellation<V>(sums: usize): V {
  const rounding = splat<V>(4503599627370496); // 2^52
  return div<V>(
    add<V>(load<V>(sums, SURE * sizeof<V>()), mul<V>(load<V>(sums, LOST * sizeof<V>()), rounding)),
    load<V>(sums, WHOLE * sizeof<V>()),
  );
}

/**
 * out = M x, or out += M x with `more`: a real matrix (by rows) times a pair of complex numbers.
 */
function transform<V>(aa: V, ab: V, ba: V, bb: V, x: usize, out: usize, more: bool): void {
  for (let part: usize = 0; part < 2 * sizeof<V>(); part += sizeof<V>()) {
    const p = load<V>(x + part);
    const q = load<V>(x + part, 2 * sizeof<V>());
    let upper = add<V>(mul<V>(aa, p), mul<V>(ab, q));
    let lower = add<V>(mul<V>(ba, p), mul<V>(bb, q));
    if (more) {
      upper = add<V>(upper, load<V>(out + part));
      lower = add<V>(lower, load<V>(out + part, 2 * sizeof<V>()));
    }
    store<V>(out + part, upper);
    store<V>(out + part, lower, 2 * sizeof<V>());
  }
}

/** sum += x* y for two pairs of complex numbers. */
function addOverlap<V>(sum: usize, x: usize, y: usize): void {
  let re = load<V>(sum);
  let im = load<V>(sum, sizeof<V>());
  for (let k: usize = 0; k < 4 * sizeof<V>(); k += 2 * sizeof<V>()) {
    const xr = load<V>(x + k), xi = load<V>(x + k, sizeof<V>());
    const yr = load<V>(y + k), yi = load<V>(y + k, sizeof<V>());
    re = add<V>(re, add<V>(mul<V>(xr, yr), mul<V>(xi, yi)));
    im = add<V>(im, sub<V>(mul<V>(xr, yi), mul<V>(xi, yr)));
  }
  store<V>(sum, re);
  store<V>(sum, im, sizeof<V>());
}

/**
 * Adds the contribution of a segment to the sums of every direction, from the coefficients of u and
 * v and, with `first`, from those of u' and v' stored after them.
 */
function addSums<V>(plan: usize, record: usize, u: usize, v: usize, first: bool): void {
  const x = <usize>field(plan, P.HOP) + 19 * sizeof<V>();
  let sums = <usize>field(plan, P.MOMENT_SUMS);
  let m = record + MOMENTS * sizeof<V>();
  for (let d = field(plan, P.DIRECTIONS); d > 0; d--) {
    const aa = load<V>(m), ab = load<V>(m, sizeof<V>()), bb = load<V>(m, 2 * sizeof<V>());
    // First with u and v, then with u' and v'. The sums are stored in this order.
    for (let derivative: usize = 0; derivative <= <usize>first; derivative++)
      for (let side: usize = 0; side < 2; side++) {
        const own = side ? v : u;
        const slot = sums + (6 * derivative + 2 * side) * sizeof<V>();
        transform<V>(aa, ab, ab, bb, own + 4 * derivative * sizeof<V>(), x, false);
        if (derivative)
          transform<V>(load<V>(m, 3 * sizeof<V>()), load<V>(m, 4 * sizeof<V>()), load<V>(m, 5 * sizeof<V>()), load<V>(m, 6 * sizeof<V>()), own, x, true);
        addOverlap<V>(slot, own, x);
        // u* v is the conjugate of v* u.
        if (derivative || !side) addOverlap<V>(slot + VU * sizeof<V>(), side ? u : v, x);
      }
    m += 7 * sizeof<V>();
    sums += SUMS * sizeof<V>();
  }
}

/**
 * Computes the ends of u and v (in the places where the recursions of chain-point.ts leave them),
 * their reach, and the fourteen numbers of sums of every direction. Returns the factor by which
 * cancellation multiplies rounding, which is at least the growth of a and b in half a segment times
 * `growthUnit`.
 */
export function bySolutions<V>(plan: usize, first: bool, growthUnit: f64): V {
  const most = segments<V>(plan, first);
  const n = field(plan, P.N);
  const count = solutionSegments(n);
  const directions = <usize>field(plan, P.DIRECTIONS);
  const bytes = recordBytes<V>(plan);
  const leads = <usize>field(plan, P.LEADS);
  const sums = <usize>field(plan, P.MOMENT_SUMS);
  const step: usize = 4 * sizeof<V>();
  const state = <usize>field(plan, P.HOP);
  const tally = state + 8 * sizeof<V>();
  const beta = state + 11 * sizeof<V>();
  const zero = splat<V>(0);
  const one = splat<V>(1);
  clearVectors<V>(sums, SUMS * directions);

  // u from the left, starting with (Sigma, 1).
  clearVectors<V>(state, 11);
  copyVectors<V>(state, leads + C.SIGMA_LEFT * sizeof<V>(), 2);
  copyVectors<V>(state + 2 * sizeof<V>(), leads + C.D_SIGMA_LEFT * sizeof<V>(), 2);
  store<V>(state, one, 4 * sizeof<V>());
  let record = <usize>field(plan, P.RECORDS);
  for (let s = 0; s < count; s++) {
    let power = one;
    if (scaled(s)) {
      power = rescale<V>(state);
      scaleSums<V>(tally, power);
    }
    store<V>(record, power, POWER * sizeof<V>());
    const alpha = record + ALPHA * sizeof<V>();
    coefficients<V>(record + LEFT * sizeof<V>(), state, alpha);
    measure<V>(tally, record, record + LEFT * sizeof<V>(), alpha, state);
    values<V>(record + RIGHT * sizeof<V>(), alpha, state);
    record += bytes;
  }
  copyVectors<V>(<usize>field(plan, P.U) + <usize>(n - 1) * step, state, 8);
  let lost = cancellation<V>(tally);

  // v from the right, starting with (1, Sigma).
  clearVectors<V>(state, 11);
  store<V>(state, one);
  copyVectors<V>(state + 4 * sizeof<V>(), leads + C.SIGMA_RIGHT * sizeof<V>(), 2);
  copyVectors<V>(state + 6 * sizeof<V>(), leads + C.D_SIGMA_RIGHT * sizeof<V>(), 2);
  // Size of u here relative to u at the right end, and of v at the right end relative to v here.
  let reachU = one;
  let reachV = one;
  for (let s = count - 1; s >= 0; s--) {
    record -= bytes;
    if (scaled(count - 1 - s)) {
      const power = rescale<V>(state);
      scaleSums<V>(tally, power);
      reachV = mul<V>(reachV, power);
      // u* u and u* u' do not contain v and stay as they are.
      const square = mul<V>(power, power);
      for (let d: usize = 0; d < directions; d++)
        for (let k = VV; k < SUMS; k++) {
          const slot = k & ~1;
          if (slot == UDU) continue;
          const at = sums + (SUMS * d + k) * sizeof<V>();
          store<V>(at, mul<V>(load<V>(at), slot == VV || slot == VDV ? square : power));
        }
    }
    const alpha = record + ALPHA * sizeof<V>();
    coefficients<V>(record + RIGHT * sizeof<V>(), state, beta);
    measure<V>(tally, record, record + RIGHT * sizeof<V>(), beta, state);
    values<V>(record + LEFT * sizeof<V>(), beta, state);
    // u on the scale of its end.
    for (let k: usize = 0; k < 8 * sizeof<V>(); k += sizeof<V>()) store<V>(alpha + k, mul<V>(load<V>(alpha + k), reachU));
    addSums<V>(plan, record, alpha, beta, first);
    reachU = mul<V>(reachU, load<V>(record, POWER * sizeof<V>()));
  }
  // (v_-1, v_0): the step beyond the left end, and the end.
  const v = <usize>field(plan, P.V);
  copyVectors<V>(v, state, 8);
  lost = larger<V>(lost, cancellation<V>(tally));
  const scales = <usize>field(plan, P.SCALES);
  store<V>(scales, reachU, 2 * sizeof<V>());
  store<V>(scales + <usize>((n - 1) / field(plan, P.LENGTH)) * step, reachV, 3 * sizeof<V>());
  return larger<V>(lost, mul<V>(most, splat<V>(growthUnit)));
}
