// One configuration of a chain at many energies, which are in the lanes of a vector: S, S', and K
// and P of every direction, for the energy integrals at a bias. The recursions of chain.ts and
// their energy derivatives,
//     u'_(i+1) = delta_i u'_i + c_i^2 u_i - u'_(i-1),
// are stored site by site. With psi_R = w_R u / D_u follows psi_R' = (w_R/D_u)
// u' + (w_R'/w_R - D_u'/D_u) psi_R, and the same with v for the left lead. H and the Lambda_nu are
// scaled and gauged once per configuration (src/engine/chain/chain-point.ts). After every LENGTH
// sites the magnitudes are scaled back to one by powers of two. A site costs 28 flops per vector of
// energies, an element of a Lambda 60. If no Lambda changes a hopping, chain-solutions.ts does the
// same with 11 and 16 flops, and these recursions are used for the energies that it declines. For
// the memory layout see point-plan.ts.
//
// Longer than most files: the passes of one recursion share their scratch memory.
import { add, div, inversePower, larger, loadSplat, mul, neg, size, splat, sub } from "../linear-algebra/lanes";
import { bySolutions, clearVectors, copyVectors, SUMS as PER_DIRECTION, UDU, UDV, UU, VDU, VDV, VU, VV } from "./chain-solutions";
import { field } from "../device/plan";
import {
  BY_SOLUTIONS, DIRECTIONS, ENERGIES, KEPT, LEAD_FIELDS, LEAD_TABLE, LEADS, LENGTH, MOMENT_SUMS, N, NUMBERS, ONSITE, OUT, SCALES, SUMS,
  TABLE, TABLE_FIELDS, U, V, WEIGHT,
} from "./point-plan";

const TWO_PI: f64 = 6.283185307179586;
const INVERSE_PI: f64 = 0.3183098861837907;
/**
 * Largest accepted cancellation in the sums by solutions (it costs less than two digits), and the
 * inverse of the largest accepted growth in half a segment.
 */
const CANCELLATION_LIMIT: f64 = 64;
const GROWTH_UNIT: f64 = 5.8207660913467407e-11; // 64 / 2^40

// @ts-ignore: decorator
@inline
function lead<V>(plan: usize, row: usize): V {
  return load<V>(<usize>field(plan, LEADS) + row * sizeof<V>());
}

/**
 * One recursion with its derivative from one end to the step beyond the other. `at` advances by
 * `step` bytes, the tables by 8 or -8 bytes.
 */
function run<V>(
  plan: usize, at: usize, step: usize, w: usize, h: usize, tableStep: usize, sigmaRow: usize, dSigmaRow: usize, fromLeft: bool,
): void {
  const n = field(plan, N);
  const length = field(plan, LENGTH);
  const e = lead<V>(plan, 0);
  const zero = splat<V>(0);
  // In front of the end site, Sigma times that site is stored, so that the first step is like all
  // others.
  let pr = lead<V>(plan, sigmaRow);
  let pi = lead<V>(plan, sigmaRow + 1);
  let dpr = lead<V>(plan, dSigmaRow);
  let dpi = lead<V>(plan, dSigmaRow + 1);
  let r = splat<V>(1);
  let i = zero;
  let dr = zero;
  let di = zero;
  const segments = (n + length - 1) / length;
  let scales = <usize>field(plan, SCALES) + (fromLeft ? 0 : sizeof<V>());
  // Both directions use the segments that are numbered from the left.
  for (let k = 0; k < segments; k++) {
    const s = fromLeft ? k : segments - 1 - k;
    const count = min(n, (s + 1) * length) - s * length;
    let power = splat<V>(1);
    if (k > 0) {
      power = inversePower<V>(larger<V>(larger<V>(size<V>(r), size<V>(i)), larger<V>(size<V>(pr), size<V>(pi))));
      r = mul<V>(r, power);
      i = mul<V>(i, power);
      pr = mul<V>(pr, power);
      pi = mul<V>(pi, power);
      dr = mul<V>(dr, power);
      di = mul<V>(di, power);
      dpr = mul<V>(dpr, power);
      dpi = mul<V>(dpi, power);
    }
    store<V>(scales + <usize>s * (4 * sizeof<V>()), power);
    for (let c = 0; c < count; c++) {
      store<V>(at, r);
      store<V>(at, i, sizeof<V>());
      store<V>(at, dr, 2 * sizeof<V>());
      store<V>(at, di, 3 * sizeof<V>());
      const weight = loadSplat<V>(w);
      const delta = sub<V>(mul<V>(e, weight), loadSplat<V>(h));
      const nr = sub<V>(mul<V>(delta, r), pr);
      const ni = sub<V>(mul<V>(delta, i), pi);
      const ndr = sub<V>(add<V>(mul<V>(delta, dr), mul<V>(weight, r)), dpr);
      const ndi = sub<V>(add<V>(mul<V>(delta, di), mul<V>(weight, i)), dpi);
      pr = r;
      pi = i;
      dpr = dr;
      dpi = di;
      r = nr;
      i = ni;
      dr = ndr;
      di = ndi;
      at += step;
      w += tableStep;
      h += tableStep;
    }
  }
  store<V>(at, r);
  store<V>(at, i, sizeof<V>());
  store<V>(at, dr, 2 * sizeof<V>());
  store<V>(at, di, 3 * sizeof<V>());
}

/**
 * Writes the size of u in each segment relative to the last one, and of v relative to the first
 * one, after the powers of two.
 */
function reaches<V>(plan: usize): void {
  const length = field(plan, LENGTH);
  const segments = (field(plan, N) + length - 1) / length;
  const scales = <usize>field(plan, SCALES);
  let product = splat<V>(1);
  for (let s = segments - 1; s >= 0; s--) {
    const record = scales + <usize>s * (4 * sizeof<V>());
    store<V>(record, product, 2 * sizeof<V>());
    product = mul<V>(product, load<V>(record));
  }
  product = splat<V>(1);
  for (let s = 0; s < segments; s++) {
    const record = scales + <usize>s * (4 * sizeof<V>());
    store<V>(record, product, 3 * sizeof<V>());
    product = mul<V>(product, load<V>(record, sizeof<V>()));
  }
}

/** sums[slot] += (lr + i li) a* b, complex. */
function gather<V>(sums: usize, slot: usize, lr: V, li: V, ar: V, ai: V, br: V, bi: V): void {
  const x = add<V>(mul<V>(ar, br), mul<V>(ai, bi));
  const y = sub<V>(mul<V>(ar, bi), mul<V>(ai, br));
  const at = sums + slot * sizeof<V>();
  store<V>(at, add<V>(load<V>(at), sub<V>(mul<V>(lr, x), mul<V>(li, y))));
  store<V>(at, add<V>(load<V>(at, sizeof<V>()), add<V>(mul<V>(lr, y), mul<V>(li, x))), sizeof<V>());
}

/**
 * Adds the element <j|Lambda|k> = lr + i li. u and v on both sites are brought to the scale of
 * their ends.
 */
function element<V>(plan: usize, j: i32, k: i32, lr: V, li: V, first: bool): void {
  const length = field(plan, LENGTH);
  const step: usize = 4 * sizeof<V>();
  const sums = <usize>field(plan, SUMS);
  const scales = <usize>field(plan, SCALES);
  const here = scales + <usize>(j / length) * step;
  const there = scales + <usize>(k / length) * step;
  const fj = load<V>(here, 2 * sizeof<V>());
  const gj = load<V>(here, 3 * sizeof<V>());
  const fk = load<V>(there, 2 * sizeof<V>());
  const gk = load<V>(there, 3 * sizeof<V>());
  const u = <usize>field(plan, U);
  const v = <usize>field(plan, V) + step;
  const uj = u + <usize>j * step;
  const uk = u + <usize>k * step;
  const vj = v + <usize>j * step;
  const vk = v + <usize>k * step;
  const ar = mul<V>(load<V>(uj), fj);
  const ai = mul<V>(load<V>(uj, sizeof<V>()), fj);
  const br = mul<V>(load<V>(vj), gj);
  const bi = mul<V>(load<V>(vj, sizeof<V>()), gj);
  const cr = mul<V>(load<V>(uk), fk);
  const ci = mul<V>(load<V>(uk, sizeof<V>()), fk);
  gather<V>(sums, UU, lr, li, ar, ai, cr, ci);
  gather<V>(sums, VU, lr, li, br, bi, cr, ci);
  gather<V>(sums, VV, lr, li, br, bi, mul<V>(load<V>(vk), gk), mul<V>(load<V>(vk, sizeof<V>()), gk));
  if (!first) return;
  const dr = mul<V>(load<V>(uk, 2 * sizeof<V>()), fk);
  const di = mul<V>(load<V>(uk, 3 * sizeof<V>()), fk);
  gather<V>(sums, UDU, lr, li, ar, ai, dr, di);
  gather<V>(sums, VDU, lr, li, br, bi, dr, di);
  const er = mul<V>(load<V>(vk, 2 * sizeof<V>()), gk);
  const ei = mul<V>(load<V>(vk, 3 * sizeof<V>()), gk);
  gather<V>(sums, VDV, lr, li, br, bi, er, ei);
  gather<V>(sums, UDV, lr, li, ar, ai, er, ei);
}

/** Writes a complex vector to the numbers `index` and `index` + 1 of the results. */
// @ts-ignore: decorator
@inline
function write<V>(results: usize, index: usize, re: V, im: V): void {
  const out = results + index * sizeof<V>();
  store<V>(out, re);
  store<V>(out, im, sizeof<V>());
}

/** Runs both recursions from end to end. */
function recursions<V>(plan: usize): void {
  const step: usize = 4 * sizeof<V>();
  const w = <usize>field(plan, WEIGHT);
  const h = <usize>field(plan, ONSITE);
  const last = <usize>(field(plan, N) - 1);
  run<V>(plan, <usize>field(plan, U), step, w, h, 8, 1, 5, true);
  run<V>(plan, <usize>field(plan, V) + (last + 1) * step, 0 - step, w + (last << 3), h + (last << 3), 0 - 8, 3, 7, false);
  reaches<V>(plan);
}

/** Forms the sums of one direction over the elements of its Lambda, from the recursions. */
function elementSums<V>(plan: usize, direction: i32, first: bool): void {
  const zero = splat<V>(0);
  const record = <usize>field(plan, TABLE) + <usize>(direction * TABLE_FIELDS << 2);
  clearVectors<V>(<usize>field(plan, SUMS), PER_DIRECTION);
  let list = <usize>load<i32>(record, 4);
  let value = <usize>load<i32>(record, 8);
  for (let k = load<i32>(record); k > 0; k--) {
    const j = load<i32>(list);
    element<V>(plan, j, j, loadSplat<V>(value), zero, first);
    list += 4;
    value += 8;
  }
  list = <usize>load<i32>(record, 16);
  value = <usize>load<i32>(record, 20);
  for (let k = load<i32>(record, 12); k > 0; k--) {
    const j = load<i32>(list);
    const lr = loadSplat<V>(value);
    const li = loadSplat<V>(value + 8);
    element<V>(plan, j, j + 1, lr, li, first);
    element<V>(plan, j + 1, j, lr, neg<V>(li), first);
    list += 4;
    value += 16;
  }
}

/**
 * Forms the results from the ends of u and v and from the sums. With `solutions` both are those of
 * chain-solutions.ts, else those of the recursions.
 */
function finish<V>(plan: usize, results: usize, solutions: bool, first: bool): void {
  const n = field(plan, N);
  const step: usize = 4 * sizeof<V>();
  const last = <usize>(n - 1);
  const u = <usize>field(plan, U);
  const v = <usize>field(plan, V) + step;
  const scales = <usize>field(plan, SCALES);
  const length = field(plan, LENGTH);
  const toLeft = load<V>(scales, 2 * sizeof<V>());
  const toRight = load<V>(scales + <usize>((n - 1) / length) * step, 3 * sizeof<V>());

  // D and D' at either end: the step beyond the last site minus Sigma times that site.
  const two = splat<V>(TWO_PI);
  const one = splat<V>(1);
  const zero = splat<V>(0);
  for (let side = 0; side < 2; side++) {
    // The column of the right lead uses u, that of the left lead v.
    const right = side == 0;
    const end = right ? u + last * step : v;
    const beyond = right ? end + step : end - step;
    const sr = lead<V>(plan, right ? 3 : 1);
    const si = lead<V>(plan, right ? 4 : 2);
    const dsr = lead<V>(plan, right ? 7 : 5);
    const dsi = lead<V>(plan, right ? 8 : 6);
    const er = load<V>(end);
    const ei = load<V>(end, sizeof<V>());
    const der = load<V>(end, 2 * sizeof<V>());
    const dei = load<V>(end, 3 * sizeof<V>());
    const dr = sub<V>(load<V>(beyond), sub<V>(mul<V>(sr, er), mul<V>(si, ei)));
    const di = sub<V>(load<V>(beyond, sizeof<V>()), add<V>(mul<V>(sr, ei), mul<V>(si, er)));
    let ddr = sub<V>(load<V>(beyond, 2 * sizeof<V>()), sub<V>(mul<V>(sr, der), mul<V>(si, dei)));
    let ddi = sub<V>(load<V>(beyond, 3 * sizeof<V>()), add<V>(mul<V>(sr, dei), mul<V>(si, der)));
    ddr = sub<V>(ddr, sub<V>(mul<V>(dsr, er), mul<V>(dsi, ei)));
    ddi = sub<V>(ddi, add<V>(mul<V>(dsr, ei), mul<V>(dsi, er)));
    // y = w / D and kappa = w'/w - D'/D (zero for a closed channel, whose y is zero).
    const wr = lead<V>(plan, right ? 10 : 9);
    const dw = lead<V>(plan, right ? 12 : 11);
    const inverse = div<V>(one, add<V>(mul<V>(dr, dr), mul<V>(di, di)));
    const yr = mul<V>(mul<V>(wr, dr), inverse);
    const yi = neg<V>(mul<V>(mul<V>(wr, di), inverse));
    const ratio = load<V>(<usize>field(plan, LEADS) + <usize>(right ? 14 : 13) * sizeof<V>());
    const kr = sub<V>(ratio, mul<V>(add<V>(mul<V>(ddr, dr), mul<V>(ddi, di)), inverse));
    const ki = neg<V>(mul<V>(sub<V>(mul<V>(ddi, dr), mul<V>(ddr, di)), inverse));
    const keep = <usize>field(plan, LEADS) + <usize>(15 + 4 * side) * sizeof<V>();
    store<V>(keep, yr);
    store<V>(keep, yi, sizeof<V>());
    store<V>(keep, kr, 2 * sizeof<V>());
    store<V>(keep, ki, 3 * sizeof<V>());
    // psi and psi' on the lead's own site and on the other end, where u (or v) is 1 before it is
    // multiplied by its reach.
    for (let other = 0; other < 2; other++) {
      const reach = right ? toLeft : toRight;
      const ar = other ? reach : er;
      const ai = other ? zero : ei;
      const br = other ? zero : der;
      const bi = other ? zero : dei;
      const pr = sub<V>(mul<V>(yr, ar), mul<V>(yi, ai));
      const pi = add<V>(mul<V>(yr, ai), mul<V>(yi, ar));
      const qr = add<V>(sub<V>(mul<V>(yr, br), mul<V>(yi, bi)), sub<V>(mul<V>(kr, pr), mul<V>(ki, pi)));
      const qi = add<V>(add<V>(mul<V>(yr, bi), mul<V>(yi, br)), add<V>(mul<V>(kr, pi), mul<V>(ki, pr)));
      // The row is the lead at that site, the column is this lead. S = 1 - 2 pi i w psi and S' = -2
      // pi i (w' psi + w psi').
      const rowRight = right != (other == 1);
      const wa = other ? lead<V>(plan, rowRight ? 10 : 9) : wr;
      const dwa = other ? lead<V>(plan, rowRight ? 12 : 11) : dw;
      const index: usize = (rowRight ? 4 : 0) + (right ? 2 : 0);
      const f = mul<V>(two, wa);
      const g = mul<V>(two, dwa);
      write<V>(results, index, other ? mul<V>(f, pi) : add<V>(one, mul<V>(f, pi)), neg<V>(mul<V>(f, pr)));
      write<V>(results, 8 + index, add<V>(mul<V>(g, pi), mul<V>(f, qi)), neg<V>(add<V>(mul<V>(g, pr), mul<V>(f, qr))));
    }
  }

  const keep = <usize>field(plan, LEADS) + 15 * sizeof<V>();
  const yur = load<V>(keep), yui = load<V>(keep, sizeof<V>()), kur = load<V>(keep, 2 * sizeof<V>()), kui = load<V>(keep, 3 * sizeof<V>());
  const yvr = load<V>(keep, 4 * sizeof<V>()), yvi = load<V>(keep, 5 * sizeof<V>());
  const kvr = load<V>(keep, 6 * sizeof<V>()), kvi = load<V>(keep, 7 * sizeof<V>());
  const uu = mul<V>(two, add<V>(mul<V>(yur, yur), mul<V>(yui, yui)));
  const vv = mul<V>(two, add<V>(mul<V>(yvr, yvr), mul<V>(yvi, yvi)));
  // y_v* y_u
  const vur = mul<V>(two, add<V>(mul<V>(yvr, yur), mul<V>(yvi, yui)));
  const vui = mul<V>(two, sub<V>(mul<V>(yvr, yui), mul<V>(yvi, yur)));
  const sums = <usize>field(plan, SUMS);
  for (let d = 0; d < field(plan, DIRECTIONS); d++) {
    if (solutions) copyVectors<V>(sums, <usize>field(plan, MOMENT_SUMS) + PER_DIRECTION * <usize>d * sizeof<V>(), PER_DIRECTION);
    else elementSums<V>(plan, d, first);
    // K_RR, K_LL and K_LR. The sums of u* u and v* v are real.
    const at: usize = 16 + 16 * <usize>d;
    const kRR = mul<V>(uu, load<V>(sums));
    const kLL = mul<V>(vv, load<V>(sums, VV * sizeof<V>()));
    let xr = load<V>(sums, VU * sizeof<V>());
    let xi = load<V>(sums, (VU + 1) * sizeof<V>());
    const kr = sub<V>(mul<V>(vur, xr), mul<V>(vui, xi));
    const ki = add<V>(mul<V>(vur, xi), mul<V>(vui, xr));
    write<V>(results, at, kLL, zero);
    write<V>(results, at + 2, kr, ki);
    write<V>(results, at + 4, kr, neg<V>(ki));
    write<V>(results, at + 6, kRR, zero);
    if (!first) continue;
    // P_aR = 2 pi psi_a^+ Lambda (y_u u' + kappa_u psi_R), and likewise for L.
    write<V>(results, at + 8, add<V>(mul<V>(vv, load<V>(sums, VDV * sizeof<V>())), mul<V>(kvr, kLL)),
      add<V>(mul<V>(vv, load<V>(sums, (VDV + 1) * sizeof<V>())), mul<V>(kvi, kLL)));
    xr = load<V>(sums, VDU * sizeof<V>());
    xi = load<V>(sums, (VDU + 1) * sizeof<V>());
    write<V>(results, at + 10,
      add<V>(sub<V>(mul<V>(vur, xr), mul<V>(vui, xi)), sub<V>(mul<V>(kur, kr), mul<V>(kui, ki))),
      add<V>(add<V>(mul<V>(vur, xi), mul<V>(vui, xr)), add<V>(mul<V>(kur, ki), mul<V>(kui, kr))));
    // y_u* y_v is the conjugate of y_v* y_u.
    xr = load<V>(sums, UDV * sizeof<V>());
    xi = load<V>(sums, (UDV + 1) * sizeof<V>());
    write<V>(results, at + 12,
      add<V>(add<V>(mul<V>(vur, xr), mul<V>(vui, xi)), add<V>(mul<V>(kvr, kr), mul<V>(kvi, ki))),
      add<V>(sub<V>(mul<V>(vur, xi), mul<V>(vui, xr)), sub<V>(mul<V>(kvi, kr), mul<V>(kvr, ki))));
    write<V>(results, at + 14, add<V>(mul<V>(uu, load<V>(sums, UDU * sizeof<V>())), mul<V>(kur, kRR)),
      add<V>(mul<V>(uu, load<V>(sums, (UDU + 1) * sizeof<V>())), mul<V>(kui, kRR)));
  }
}

/**
 * Sets the self-energy, the channel vector and their derivatives of one lead at the energy of the
 * lane at byte `lane`. The formulas are those of leads/chain.ts and leads/wideband.ts. They are
 * repeated here because the kernel evaluates millions of energies. A closed channel has w = 0.
 */
function setLead(plan: usize, side: usize, lane: usize, vector: usize, energy: f64): void {
  const table = <usize>field(plan, LEAD_TABLE) + side * LEAD_FIELDS * 8;
  const site: usize = side == 0 ? 0 : <usize>(field(plan, N) - 1);
  const c2 = load<f64>(<usize>field(plan, WEIGHT) + (site << 3));
  let re: f64 = 0, im: f64 = 0, dRe: f64 = 0, dIm: f64 = 0, w: f64 = 0, dw: f64 = 0;
  if (load<f64>(table) == 0) {
    const width = load<f64>(table, 32);
    im = -width / 2;
    w = Math.sqrt(width / TWO_PI);
  } else {
    const t = load<f64>(table, 16);
    const coupling = load<f64>(table, 24);
    const square = coupling * coupling;
    let x = (energy - load<f64>(table, 8)) / (2 * t);
    // Exactly on a band edge the result is that of the nearest double outside the band.
    if (Math.abs(x) == 1) x *= 1.0000000000000002;
    const root = Math.sqrt(Math.abs((1 - x) * (1 + x)));
    if (Math.abs(x) < 1) {
      const g = -root / t;
      const slope = 1 / (2 * t * root);
      re = (square * x) / t;
      im = square * g;
      dRe = square * (-g * slope);
      dIm = square * ((x / t) * slope);
      const amplitude = Math.sqrt(-g * INVERSE_PI);
      w = coupling * amplitude;
      dw = (-coupling * (x / t) * slope) / (TWO_PI * amplitude);
    } else {
      const s = x > 0 ? root : -root;
      const g = 1 / ((x + s) * t);
      re = square * g;
      dRe = (square * -g) / (2 * t * s);
    }
  }
  const scale = Math.sqrt(c2);
  let at = <usize>field(plan, LEADS) + lane + (1 + 2 * side) * vector;
  store<f64>(at, re * c2);
  store<f64>(at + vector, im * c2);
  at += 4 * vector;
  store<f64>(at, dRe * c2);
  store<f64>(at + vector, dIm * c2);
  at = <usize>field(plan, LEADS) + lane + (9 + side) * vector;
  store<f64>(at, w * scale);
  store<f64>(at + 2 * vector, dw * scale);
  store<f64>(at + 4 * vector, w > 0 ? dw / w : 0);
}

/**
 * Evaluates the energies in the lanes and writes the results from `out` on. The leads' values must
 * be set.
 */
export function evaluate<V>(plan: usize, out: usize, first: bool): void {
  const numbers = <usize>field(plan, NUMBERS);
  if (field(plan, BY_SOLUTIONS) != 0) {
    const lost = <usize>field(plan, SUMS) + PER_DIRECTION * sizeof<V>();
    const cancelled = bySolutions<V>(plan, first, GROWTH_UNIT);
    store<V>(lost, cancelled);
    let declined = 0;
    for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) if (!(load<f64>(lost + lane) <= CANCELLATION_LIMIT)) declined |= 1 << <i32>(lane >> 3);
    finish<V>(plan, out, true, first);
    if (declined != 0) {
      // Only the lanes that need it take the results of the recursions, so that the bits of an
      // energy do not depend on its neighbours.
      const kept = <usize>field(plan, KEPT);
      recursions<V>(plan);
      finish<V>(plan, kept, false, first);
      for (let lane: usize = 0; lane < sizeof<V>(); lane += 8)
        if ((declined >> <i32>(lane >> 3)) & 1)
          for (let at = lane; at < numbers * sizeof<V>(); at += sizeof<V>()) store<f64>(out + at, load<f64>(kept + at));
    }
  } else {
    recursions<V>(plan);
    finish<V>(plan, out, false, first);
  }
  const leads = <usize>field(plan, LEADS);
  copyVectors<V>(out + (numbers - 2) * sizeof<V>(), leads + 9 * sizeof<V>(), 2);
}

/** True if both leads are equal and their ends have equal scale factors. */
export function alike(plan: usize): bool {
  const table = <usize>field(plan, LEAD_TABLE);
  const weight = <usize>field(plan, WEIGHT);
  let same = load<f64>(weight) == load<f64>(weight + (<usize>(field(plan, N) - 1) << 3));
  for (let k: usize = 0; k < LEAD_FIELDS; k++) same = same && load<f64>(table + (k << 3)) == load<f64>(table + ((LEAD_FIELDS + k) << 3));
  return same;
}

/** Copies the numbers of the left lead to the right one. */
function copyLead<V>(leads: usize): void {
  copyVectors<V>(leads + 3 * sizeof<V>(), leads + sizeof<V>(), 2);
  copyVectors<V>(leads + 7 * sizeof<V>(), leads + 5 * sizeof<V>(), 2);
  for (let row: usize = 9; row < 15; row += 2) copyVectors<V>(leads + (row + 1) * sizeof<V>(), leads + row * sizeof<V>(), 1);
}

/**
 * Sets the leads' values at the energies stored at `energy`. `same` is true if the leads are alike.
 */
export function setLeads<V>(plan: usize, energy: usize, same: bool): void {
  store<V>(<usize>field(plan, LEADS), load<V>(energy));
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
    setLead(plan, 0, lane, sizeof<V>(), load<f64>(energy + lane));
    if (!same) setLead(plan, 1, lane, sizeof<V>(), load<f64>(energy + lane));
  }
  if (same) copyLead<V>(<usize>field(plan, LEADS));
}

function evaluateAll<V>(plan: usize, count: i32, first: bool): void {
  const same = alike(plan);
  let energy = <usize>field(plan, ENERGIES);
  let out = <usize>field(plan, OUT);
  for (let k = 0; k < count; k += <i32>(sizeof<V>() >> 3)) {
    setLeads<V>(plan, energy, same);
    evaluate<V>(plan, out, first);
    energy += sizeof<V>();
    out += <usize>field(plan, NUMBERS) * sizeof<V>();
  }
}

/** Evaluates `count` energies (whole vectors). With `first` also computes P. */
export function zchainpoint(plan: usize, count: i32, first: bool): void {
  if (ASC_FEATURE_SIMD) evaluateAll<v128>(plan, count, first);
  else evaluateAll<f64>(plan, count, first);
}

/**
 * Number of eigenvalues of H + Re Sigma above the energy: the sign changes of the real recursion
 * from the left end.
 */
export function zchaincount(plan: usize, energy: f64, sigmaLeft: f64, sigmaRight: f64): i32 {
  const n = field(plan, N);
  let w = <usize>field(plan, WEIGHT);
  let h = <usize>field(plan, ONSITE);
  let before = sigmaLeft;
  let now = 1.0;
  let count = 0;
  for (let i = 0; i < n; i++) {
    let next = (energy * load<f64>(w) - load<f64>(h)) * now - before;
    if (i == n - 1) next -= sigmaRight * now;
    count += i32((reinterpret<u64>(next) ^ reinterpret<u64>(now)) >> 63);
    before = now;
    now = next;
    if ((i & 7) == 7) {
      const power = inversePower<f64>(Math.max(Math.abs(before), Math.abs(now)));
      before *= power;
      now *= power;
    }
    w += 8;
    h += 8;
  }
  return count;
}
