// The fast form of the chain's sums, for fixed hoppings.
//
// In a segment every solution of y_(i+1) = delta_i y_i - y_(i-1) is a combination of two real
// solutions a and b. They start as (1, 0) and (0, 1) on the two sites in the middle of the segment
// and run to its left and its right end. One pass over the sites, with 16 flops each and without
// storage, gives all that is needed of a segment: the values of a and b beyond its ends, and the
// moments. The moments are the sums of lambda and of the weight times a^2, a b and b^2. Then u and
// v proceed from segment to segment as complex combinations of a and b (the Wronskian is one, so
// that inverses are adjugates), and each sum of products of u and v is a quadratic form of the
// moments.
//
// It is important to start in the middle. A decaying solution is large at one end of the segment,
// where a and b are as large, so that the part that cancels at the other end is small compared with
// the sum. Two kinds of solutions lose digits: a state that is largest inside a segment and decays
// to both ends makes the sums cancel, and a state that decays towards the middle is not recovered
// at the end where it starts. This loss is measured, and the caller uses the plain recursions where
// it is large.
//
// Levels are counted on the way by the sign changes of Re u from site to site (Sturm). In a segment
// any two solutions y and b have equally many sign changes or differ by one. The ratio
// y_(i-1) / y_i is a point of the projective line that every step moves forward, and decides
// between the two cases. With [r] = 1 if r is true, else 0, the sign changes of y are those of b
// plus [y before b at the segment's end] - [y before b at its start]. y is before b where
// W y_i b_i < 0. Here W = y_(i-1) b_i - b_(i-1) y_i is the coefficient of a in y at every site of
// the segment.
//
// Longer than most files: one pass over the chain, written out for every number of open channels.
import { add, addIntegers, div, exclusiveOr, inversePower, larger, loadSplat, mul, signsDiffer, size, splat, sub, subtractIntegers } from "../linear-algebra/lanes";
import * as C from "./chain-plan";
import { field } from "../device/plan";

/** Approximate number of sites per segment. */
const LENGTH: i32 = 80;
/**
 * Number of vectors in the record of a segment: six moments, a and b at the left pair and at the
 * right pair, the coefficients of u, the power of two of u, and the sign changes of b (integers).
 */
const RECORD: usize = 20;
const LEFT: usize = 6; // a_(f-1), b_(f-1), a_f, b_f of the first site f
const RIGHT: usize = 10; // a_(e-1), b_(e-1), a_e, b_e of the site e after the last
const ALPHA: usize = 14; // two complex numbers
const POWER: usize = 18;
const CHANGES: usize = 19;

export function momentSegments(n: i32): i32 {
  return max(1, (n + LENGTH / 2) / LENGTH);
}

/**
 * Processes one half of a segment: `count` sites from its middle outwards. Adds to the moments at
 * `record` and stores the last pair: `cur` beyond the end and `prev` on the end.
 */
// @ts-ignore: decorator
@inline
function half<V>(
  count: i32, toRight: bool, record: usize,
  delta: usize, lambda: usize, step: usize, weight: usize, weightStep: usize, uniform: bool,
): void {
  const one = splat<V>(1);
  const zero = splat<V>(0);
  let a = toRight ? zero : one;
  let b = toRight ? one : zero;
  let pa = toRight ? one : zero;
  let pb = toRight ? zero : one;
  // The right half is processed first and starts the sums at zero.
  let laa = toRight ? zero : load<V>(record);
  let lab = toRight ? zero : load<V>(record, sizeof<V>());
  let lbb = toRight ? zero : load<V>(record, 2 * sizeof<V>());
  let waa = toRight ? zero : load<V>(record, 3 * sizeof<V>());
  let wab = toRight ? zero : load<V>(record, 4 * sizeof<V>());
  let wbb = toRight ? zero : load<V>(record, 5 * sizeof<V>());
  let changes = toRight ? zero : load<V>(record, CHANGES * sizeof<V>());
  for (let i = 0; i < count; i++) {
    const l = load<V>(lambda);
    const d = load<V>(delta);
    let x = mul<V>(a, a);
    laa = add<V>(laa, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    waa = add<V>(waa, x);
    x = mul<V>(a, b);
    lab = add<V>(lab, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wab = add<V>(wab, x);
    x = mul<V>(b, b);
    lbb = add<V>(lbb, mul<V>(l, x));
    if (!uniform) x = mul<V>(x, loadSplat<V>(weight));
    wbb = add<V>(wbb, x);
    x = sub<V>(mul<V>(d, a), pa);
    pa = a;
    a = x;
    x = sub<V>(mul<V>(d, b), pb);
    changes = addIntegers<V>(changes, signsDiffer<V>(b, x));
    pb = b;
    b = x;
    delta += step;
    lambda += step;
    if (!uniform) weight += weightStep;
  }
  store<V>(record, laa);
  store<V>(record, lab, sizeof<V>());
  store<V>(record, lbb, 2 * sizeof<V>());
  store<V>(record, waa, 3 * sizeof<V>());
  store<V>(record, wab, 4 * sizeof<V>());
  store<V>(record, wbb, 5 * sizeof<V>());
  // There is no change between the middle pair, where b is (0, 1). The change across the left
  // border belongs to the segment before.
  if (!toRight && count > 0) changes = subtractIntegers<V>(changes, signsDiffer<V>(pb, b));
  store<V>(record, changes, CHANGES * sizeof<V>());
  const end = record + (toRight ? RIGHT : LEFT) * sizeof<V>();
  store<V>(end, toRight ? pa : a);
  store<V>(end, toRight ? pb : b, sizeof<V>());
  store<V>(end, toRight ? a : pa, 2 * sizeof<V>());
  store<V>(end, toRight ? b : pb, 3 * sizeof<V>());
}

/**
 * Processes both halves of the segment of the sites first ... after - 1. The arrays of delta and
 * lambda have `step` bytes from site to site.
 */
// @ts-ignore: decorator
@inline
function bothHalves<V>(
  count: i32, delta: usize, lambda: usize, step: usize, weight: usize, uniform: bool, record: usize,
): void {
  const left = count >> 1;
  const right = <usize>left * step;
  const w = weight + (<usize>left << 3);
  half<V>(count - left, true, record, delta + right, lambda + right, step, w, 8, uniform);
  half<V>(left, false, record, delta + right - step, lambda + right - step, 0 - step, w - 8, 0 - 8, uniform);
}

/**
 * Writes delta = e - h - sum x_k t_k and lambda = sum y_k t_k of `count` sites to `target`, one
 * after the other. `table` holds the on-site and gate elements. X and dX/dtheta of the gates are at
 * `values` and `tangents`, one row per gate.
 */
// @ts-ignore: decorator
@inline
function fromTable<V>(count: i32, gates: i32, table: usize, e: V, values: usize, tangents: usize, rows: usize, target: usize): void {
  const x0 = load<V>(values);
  const y0 = load<V>(tangents);
  const x1 = gates == 2 ? load<V>(values + rows) : x0;
  const y1 = gates == 2 ? load<V>(tangents + rows) : y0;
  for (let i = 0; i < count; i++) {
    const t0 = loadSplat<V>(table + 8);
    let d = sub<V>(sub<V>(e, loadSplat<V>(table)), mul<V>(x0, t0));
    let l = mul<V>(y0, t0);
    if (gates == 2) {
      const t1 = loadSplat<V>(table + 16);
      d = sub<V>(d, mul<V>(x1, t1));
      l = add<V>(l, mul<V>(y1, t1));
    }
    store<V>(target, d);
    store<V>(target, l, sizeof<V>());
    target += 2 * sizeof<V>();
    table += gates == 1 ? 16 : 24;
  }
}

/**
 * Writes the records of all segments for the vector at byte q. Returns per lane the largest of |a|
 * and |b| at any end.
 */
export function moments<V>(plan: usize, q: usize, point: usize): V {
  const n = field(plan, C.N);
  const segments = momentSegments(n);
  const step: usize = 2 * sizeof<V>();
  const segment = <usize>field(plan, C.SEGMENT);
  const rows = <usize>field(plan, C.ROW_BYTES);
  const delta = <usize>field(plan, C.DELTA) + q;
  const lambda = <usize>field(plan, C.LAMBDA) + q;
  const weight = <usize>field(plan, C.WEIGHT);
  const uniform = field(plan, C.UNIFORM) != 0;
  const gates = field(plan, C.TABLE_GATES);
  const table = <usize>field(plan, C.TABLE);
  const values = <usize>field(plan, C.VALUES) + point + q;
  const tangents = <usize>field(plan, C.TANGENTS) + point + q;
  const e = mul<V>(load<V>(<usize>field(plan, C.POINTS) + point + q), loadSplat<V>(weight));
  let record = <usize>field(plan, C.MOMENTS);
  let most = splat<V>(0);
  let first = 0;
  for (let s = 0; s < segments; s++) {
    const after = <i32>((<i64>n * (s + 1)) / segments);
    const count = after - first;
    if (gates > 0) {
      if (gates == 1) fromTable<V>(count, 1, table + <usize>first * 16, e, values, tangents, rows, segment);
      else fromTable<V>(count, 2, table + <usize>first * 24, e, values, tangents, rows, segment);
      bothHalves<V>(count, segment, segment + sizeof<V>(), step, 0, true, record);
    } else {
      const d = delta + <usize>first * step;
      const l = lambda + <usize>first * step;
      const w = weight + (<usize>first << 3);
      if (uniform) bothHalves<V>(count, d, l, step, w, true, record);
      else bothHalves<V>(count, d, l, step, w, false, record);
    }
    for (let k: usize = LEFT * sizeof<V>(); k < ALPHA * sizeof<V>(); k += sizeof<V>())
      most = larger<V>(most, size<V>(load<V>(record + k)));
    record += RECORD * sizeof<V>();
    first = after;
  }
  return most;
}

/** The diagonal part of the quadratic form sum |x_a a + x_b b|^2 of three moments. */
// @ts-ignore: decorator
@inline
function diagonalPart<V>(aa: V, bb: V, ar: V, ai: V, br: V, bi: V): V {
  return add<V>(mul<V>(aa, add<V>(mul<V>(ar, ar), mul<V>(ai, ai))), mul<V>(bb, add<V>(mul<V>(br, br), mul<V>(bi, bi))));
}

/** The mixed part of the same form, which may cancel the diagonal part. */
// @ts-ignore: decorator
@inline
function mixedPart<V>(ab: V, ar: V, ai: V, br: V, bi: V): V {
  const off = mul<V>(ab, add<V>(mul<V>(ar, br), mul<V>(ai, bi)));
  return add<V>(off, off);
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
 * |(x, y)| |M (alpha, beta) - (x, y)|: the error that the values at a segment's end acquire on the
 * way through its middle.
 */
// @ts-ignore: decorator
@inline
function loss<V>(a0: V, b0: V, a1: V, b1: V, ar: V, ai: V, br: V, bi: V, xr: V, xi: V, yr: V, yi: V): V {
  const x = add<V>(
    size<V>(sub<V>(add<V>(mul<V>(a0, ar), mul<V>(b0, br)), xr)),
    size<V>(sub<V>(add<V>(mul<V>(a0, ai), mul<V>(b0, bi)), xi)),
  );
  const y = add<V>(
    size<V>(sub<V>(add<V>(mul<V>(a1, ar), mul<V>(b1, br)), yr)),
    size<V>(sub<V>(add<V>(mul<V>(a1, ai), mul<V>(b1, bi)), yi)),
  );
  return mul<V>(add<V>(x, y), add<V>(add<V>(size<V>(xr), size<V>(xi)), add<V>(size<V>(yr), size<V>(yi))));
}

/** Power of two that scales the largest of four numbers to one. */
// @ts-ignore: decorator
@inline
function powerOf<V>(a: V, b: V, c: V, d: V): V {
  return inversePower<V>(larger<V>(larger<V>(size<V>(a), size<V>(b)), larger<V>(size<V>(c), size<V>(d))));
}

/**
 * Carries u and v from segment to segment and forms the sums. It leaves the same data as the
 * recursions for the end of the evaluation: u and v at either end, their relative sizes, the eight
 * sums, and the number of eigenvalues of H + Re Sigma above E. Returns the factor by which
 * cancellation multiplies the rounding in the sums of w |u|^2 and w |v|^2.
 */
export function propagate<V>(plan: usize, q: usize, point: usize): V {
  const n = field(plan, C.N);
  const segments = momentSegments(n);
  const stride: usize = 4 * sizeof<V>();
  const rows = <usize>field(plan, C.ROW_BYTES);
  const points = <usize>field(plan, C.POINTS) + point + q;
  const records = <usize>field(plan, C.MOMENTS);
  const total = <usize>field(plan, C.SUMS);
  const zero = splat<V>(0);
  const one = splat<V>(1);

  // u from the left: (u_(f-1), u_f) at each segment's first site f, starting with (Sigma, 1).
  let xr = load<V>(points + C.SIGMA_LEFT * rows);
  let xi = load<V>(points + (C.SIGMA_LEFT + 1) * rows);
  let yr = one;
  let yi = zero;
  let luu = zero;
  let wuu = zero;
  let sureU = zero;
  let lostU = zero;
  let changes = zero;
  let record = records;
  for (let s = 0; s < segments; s++) {
    let power = one;
    if (scaled(s)) {
      power = powerOf<V>(xr, xi, yr, yi);
      xr = mul<V>(xr, power);
      xi = mul<V>(xi, power);
      yr = mul<V>(yr, power);
      yi = mul<V>(yi, power);
      const square = mul<V>(power, power);
      luu = mul<V>(luu, square);
      wuu = mul<V>(wuu, square);
      sureU = mul<V>(sureU, square);
      lostU = mul<V>(lostU, square);
    }
    store<V>(record, power, POWER * sizeof<V>());
    let a0 = load<V>(record, LEFT * sizeof<V>());
    let b0 = load<V>(record, (LEFT + 1) * sizeof<V>());
    let a1 = load<V>(record, (LEFT + 2) * sizeof<V>());
    let b1 = load<V>(record, (LEFT + 3) * sizeof<V>());
    const ar = sub<V>(mul<V>(b1, xr), mul<V>(b0, yr));
    const ai = sub<V>(mul<V>(b1, xi), mul<V>(b0, yi));
    const br = sub<V>(mul<V>(a0, yr), mul<V>(a1, xr));
    const bi = sub<V>(mul<V>(a0, yi), mul<V>(a1, xi));
    store<V>(record, ar, ALPHA * sizeof<V>());
    store<V>(record, ai, (ALPHA + 1) * sizeof<V>());
    store<V>(record, br, (ALPHA + 2) * sizeof<V>());
    store<V>(record, bi, (ALPHA + 3) * sizeof<V>());
    const before = exclusiveOr<V>(yr, b1);
    luu = add<V>(luu, add<V>(diagonalPart<V>(load<V>(record), load<V>(record, 2 * sizeof<V>()), ar, ai, br, bi),
      mixedPart<V>(load<V>(record, sizeof<V>()), ar, ai, br, bi)));
    const sure = diagonalPart<V>(load<V>(record, 3 * sizeof<V>()), load<V>(record, 5 * sizeof<V>()), ar, ai, br, bi);
    sureU = add<V>(sureU, sure);
    lostU = add<V>(lostU, loss<V>(a0, b0, a1, b1, ar, ai, br, bi, xr, xi, yr, yi));
    wuu = add<V>(wuu, add<V>(sure, mixedPart<V>(load<V>(record, 4 * sizeof<V>()), ar, ai, br, bi)));
    a0 = load<V>(record, RIGHT * sizeof<V>());
    b0 = load<V>(record, (RIGHT + 1) * sizeof<V>());
    a1 = load<V>(record, (RIGHT + 2) * sizeof<V>());
    b1 = load<V>(record, (RIGHT + 3) * sizeof<V>());
    xr = add<V>(mul<V>(a0, ar), mul<V>(b0, br));
    xi = add<V>(mul<V>(a0, ai), mul<V>(b0, bi));
    yr = add<V>(mul<V>(a1, ar), mul<V>(b1, br));
    yi = add<V>(mul<V>(a1, ai), mul<V>(b1, bi));
    changes = addIntegers<V>(changes, load<V>(record, CHANGES * sizeof<V>()));
    changes = addIntegers<V>(changes, signsDiffer<V>(ar, exclusiveOr<V>(yr, b1)));
    changes = subtractIntegers<V>(changes, signsDiffer<V>(ar, before));
    record += RECORD * sizeof<V>();
  }
  // The last change is that to the step beyond the right lead.
  const beyond = sub<V>(yr, mul<V>(load<V>(points + C.SIGMA_RIGHT * rows), xr));
  changes = addIntegers<V>(subtractIntegers<V>(changes, signsDiffer<V>(xr, yr)), signsDiffer<V>(xr, beyond));
  store<V>(<usize>field(plan, C.RESULTS) + C.LEVELS_ABOVE * rows + point + q, changes);
  const end = <usize>field(plan, C.U) + <usize>(n - 1) * stride + q;
  store<V>(end, xr);
  store<V>(end, xi, 2 * sizeof<V>());
  store<V>(end + stride, yr);
  store<V>(end + stride, yi, 2 * sizeof<V>());
  // If all weights are equal, the moments were formed without the weight.
  const common = field(plan, C.UNIFORM) != 0 ? loadSplat<V>(<usize>field(plan, C.WEIGHT)) : one;
  store<V>(total, luu);
  store<V>(total, mul<V>(common, wuu), 4 * sizeof<V>());

  // v from the right: (v_(e-1), v_e) after each segment's last site, starting with (1, Sigma).
  xr = one;
  xi = zero;
  yr = load<V>(points + C.SIGMA_RIGHT * rows);
  yi = load<V>(points + (C.SIGMA_RIGHT + 1) * rows);
  let lvv = zero, lr = zero, li = zero, wvv = zero, wr = zero, wi = zero, sureV = zero, lostV = zero;
  // Size of u here relative to u at the right end, and of v at the right end relative to v here.
  let reachU = one;
  let reachV = one;
  for (let s = segments - 1; s >= 0; s--) {
    record -= RECORD * sizeof<V>();
    if (scaled(segments - 1 - s)) {
      const power = powerOf<V>(xr, xi, yr, yi);
      xr = mul<V>(xr, power);
      xi = mul<V>(xi, power);
      yr = mul<V>(yr, power);
      yi = mul<V>(yi, power);
      const square = mul<V>(power, power);
      lvv = mul<V>(lvv, square);
      wvv = mul<V>(wvv, square);
      sureV = mul<V>(sureV, square);
      lostV = mul<V>(lostV, square);
      lr = mul<V>(lr, power);
      li = mul<V>(li, power);
      wr = mul<V>(wr, power);
      wi = mul<V>(wi, power);
      reachV = mul<V>(reachV, power);
    }
    let a0 = load<V>(record, RIGHT * sizeof<V>());
    let b0 = load<V>(record, (RIGHT + 1) * sizeof<V>());
    let a1 = load<V>(record, (RIGHT + 2) * sizeof<V>());
    let b1 = load<V>(record, (RIGHT + 3) * sizeof<V>());
    const ar = sub<V>(mul<V>(b1, xr), mul<V>(b0, yr));
    const ai = sub<V>(mul<V>(b1, xi), mul<V>(b0, yi));
    const br = sub<V>(mul<V>(a0, yr), mul<V>(a1, xr));
    const bi = sub<V>(mul<V>(a0, yi), mul<V>(a1, xi));
    lvv = add<V>(lvv, add<V>(diagonalPart<V>(load<V>(record), load<V>(record, 2 * sizeof<V>()), ar, ai, br, bi),
      mixedPart<V>(load<V>(record, sizeof<V>()), ar, ai, br, bi)));
    const sure = diagonalPart<V>(load<V>(record, 3 * sizeof<V>()), load<V>(record, 5 * sizeof<V>()), ar, ai, br, bi);
    sureV = add<V>(sureV, sure);
    lostV = add<V>(lostV, loss<V>(a0, b0, a1, b1, ar, ai, br, bi, xr, xi, yr, yi));
    wvv = add<V>(wvv, add<V>(sure, mixedPart<V>(load<V>(record, 4 * sizeof<V>()), ar, ai, br, bi)));
    // v* u: the products of the coefficients, with the mixed ones combined.
    const cr = load<V>(record, ALPHA * sizeof<V>());
    const ci = load<V>(record, (ALPHA + 1) * sizeof<V>());
    const dr = load<V>(record, (ALPHA + 2) * sizeof<V>());
    const di = load<V>(record, (ALPHA + 3) * sizeof<V>());
    const aar = mul<V>(reachU, add<V>(mul<V>(ar, cr), mul<V>(ai, ci)));
    const aai = mul<V>(reachU, sub<V>(mul<V>(ar, ci), mul<V>(ai, cr)));
    const bbr = mul<V>(reachU, add<V>(mul<V>(br, dr), mul<V>(bi, di)));
    const bbi = mul<V>(reachU, sub<V>(mul<V>(br, di), mul<V>(bi, dr)));
    const abr = mul<V>(reachU, add<V>(add<V>(mul<V>(ar, dr), mul<V>(ai, di)), add<V>(mul<V>(br, cr), mul<V>(bi, ci))));
    const abi = mul<V>(reachU, add<V>(sub<V>(mul<V>(ar, di), mul<V>(ai, dr)), sub<V>(mul<V>(br, ci), mul<V>(bi, cr))));
    let aa = load<V>(record);
    let ab = load<V>(record, sizeof<V>());
    let bb = load<V>(record, 2 * sizeof<V>());
    lr = add<V>(lr, add<V>(mul<V>(aa, aar), add<V>(mul<V>(ab, abr), mul<V>(bb, bbr))));
    li = add<V>(li, add<V>(mul<V>(aa, aai), add<V>(mul<V>(ab, abi), mul<V>(bb, bbi))));
    aa = load<V>(record, 3 * sizeof<V>());
    ab = load<V>(record, 4 * sizeof<V>());
    bb = load<V>(record, 5 * sizeof<V>());
    wr = add<V>(wr, add<V>(mul<V>(aa, aar), add<V>(mul<V>(ab, abr), mul<V>(bb, bbr))));
    wi = add<V>(wi, add<V>(mul<V>(aa, aai), add<V>(mul<V>(ab, abi), mul<V>(bb, bbi))));
    a0 = load<V>(record, LEFT * sizeof<V>());
    b0 = load<V>(record, (LEFT + 1) * sizeof<V>());
    a1 = load<V>(record, (LEFT + 2) * sizeof<V>());
    b1 = load<V>(record, (LEFT + 3) * sizeof<V>());
    xr = add<V>(mul<V>(a0, ar), mul<V>(b0, br));
    xi = add<V>(mul<V>(a0, ai), mul<V>(b0, bi));
    yr = add<V>(mul<V>(a1, ar), mul<V>(b1, br));
    yi = add<V>(mul<V>(a1, ai), mul<V>(b1, bi));
    reachU = mul<V>(reachU, load<V>(record, POWER * sizeof<V>()));
  }
  const start = <usize>field(plan, C.V) + q;
  store<V>(start, xr);
  store<V>(start, xi, 2 * sizeof<V>());
  store<V>(start + stride, yr);
  store<V>(start + stride, yi, 2 * sizeof<V>());
  const reach = <usize>field(plan, C.REACH) + q;
  store<V>(reach, reachU);
  store<V>(reach, reachV, 2 * sizeof<V>());
  store<V>(total, lvv, sizeof<V>());
  store<V>(total, lr, 2 * sizeof<V>());
  store<V>(total, li, 3 * sizeof<V>());
  store<V>(total, mul<V>(common, wvv), 5 * sizeof<V>());
  store<V>(total, mul<V>(common, wr), 6 * sizeof<V>());
  store<V>(total, mul<V>(common, wi), 7 * sizeof<V>());
  const rounding = splat<V>(4503599627370496); // 2^52
  return larger<V>(
    div<V>(add<V>(sureU, mul<V>(lostU, rounding)), wuu),
    div<V>(add<V>(sureV, mul<V>(lostV, rounding)), wvv),
  );
}
