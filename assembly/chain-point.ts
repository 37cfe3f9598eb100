// One configuration of a chain at one or two energies (in the lanes of a vector): S, S', and K and P of every direction, for the energy
// integrals at bias. The recursions of chain.ts and their energy derivatives,
//     u'_(i+1) = delta_i u'_i + c_i^2 u_i - u'_(i-1),
// are kept site by site; psi_R = w_R u / D_u, so psi_R' = (w_R/D_u) u' + (w_R'/w_R - D_u'/D_u) psi_R, and the same with v for the left lead.
// H and the Lambda_nu are scaled and gauged once per configuration (src/engine/chain-point.ts). Every LENGTH sites magnitudes are brought back
// to one by powers of two. Cost per site and vector of energies: 28 flops, and per element of a Lambda 60.
import { add, div, inversePower, larger, loadSplat, mul, neg, size, splat, sub } from "./lanes";
import { field } from "./plan";

export const N: i32 = 0; // sites
export const LENGTH: i32 = 1; // sites between rescalings
export const WEIGHT: i32 = 2; // c_i^2
export const ONSITE: i32 = 3; // c_i^2 h_i
export const LEADS: i32 = 4; // vectors: energy, then as the rows of chain-plan.ts
export const DIRECTIONS: i32 = 5;
export const TABLE: i32 = 6; // per direction: sites, list, values; bonds, list, complex values
export const U: i32 = 7; // per site four vectors: u, u' (real, imaginary); one site more at the far end
export const V: i32 = 8; // the same, one site more before the first
export const SCALES: i32 = 9; // per segment: power of two of u, of v, then their reach
export const SUMS: i32 = 10; // 16 vectors
export const OUT: i32 = 11; // per lane: S, S', then K and P of each direction, 8 numbers each
export const LANE_BYTES: i32 = 12;
const TABLE_FIELDS: i32 = 6;
const TWO_PI: f64 = 6.283185307179586;

// @ts-ignore: decorator
@inline
function lead<V>(plan: usize, row: usize): V {
  return load<V>(<usize>field(plan, LEADS) + row * sizeof<V>());
}

/** One recursion with its derivative from one end to the step beyond the other: `at` steps by `step` bytes, the tables by 8 or -8. */
// @ts-ignore: decorator
@inline
function run<V>(
  plan: usize, at: usize, step: usize, w: usize, h: usize, tableStep: usize, sigmaRow: usize, dSigmaRow: usize, fromLeft: bool,
): void {
  const n = field(plan, N);
  const length = field(plan, LENGTH);
  const e = lead<V>(plan, 0);
  const zero = splat<V>(0);
  // Before the end site stands Sigma times it, so that the first step is like every other.
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
  // Segments are those of the numbering from the left, for either direction.
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

/** How large u is in each segment beside the last, and v beside the first: behind the powers of two. */
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
// @ts-ignore: decorator
@inline
function gather<V>(sums: usize, slot: usize, lr: V, li: V, ar: V, ai: V, br: V, bi: V): void {
  const x = add<V>(mul<V>(ar, br), mul<V>(ai, bi));
  const y = sub<V>(mul<V>(ar, bi), mul<V>(ai, br));
  const at = sums + slot * sizeof<V>();
  store<V>(at, add<V>(load<V>(at), sub<V>(mul<V>(lr, x), mul<V>(li, y))));
  store<V>(at, add<V>(load<V>(at, sizeof<V>()), add<V>(mul<V>(lr, y), mul<V>(li, x))), sizeof<V>());
}

// Sums over a Lambda, complex each: u* u, v* v, v* u; u* u', v* v', v* u', u* v'.
const UU: usize = 0;
const VV: usize = 2;
const VU: usize = 4;
const UDU: usize = 6;
const VDV: usize = 8;
const VDU: usize = 10;
const UDV: usize = 12;

/** Adds the element <j|Lambda|k> = lr + i li; u and v on either site are brought to the scale of their ends. */
// @ts-ignore: decorator
@inline
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

/** Writes a complex vector to number `index` of every lane's results. */
// @ts-ignore: decorator
@inline
function write<V>(plan: usize, index: usize, re: V, im: V): void {
  const scratch = <usize>field(plan, SUMS) + 14 * sizeof<V>();
  store<V>(scratch, re);
  store<V>(scratch, im, sizeof<V>());
  let out = <usize>field(plan, OUT) + (index << 3);
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
    store<f64>(out, load<f64>(scratch + lane));
    store<f64>(out, load<f64>(scratch + lane, sizeof<V>()), 8);
    out += <usize>field(plan, LANE_BYTES);
  }
}

function evaluate<V>(plan: usize, first: bool): void {
  const n = field(plan, N);
  const step: usize = 4 * sizeof<V>();
  const w = <usize>field(plan, WEIGHT);
  const h = <usize>field(plan, ONSITE);
  const last = <usize>(n - 1);
  const u = <usize>field(plan, U);
  const v = <usize>field(plan, V) + step;
  run<V>(plan, u, step, w, h, 8, 1, 5, true);
  run<V>(plan, v + last * step, 0 - step, w + (last << 3), h + (last << 3), 0 - 8, 3, 7, false);
  reaches<V>(plan);
  const scales = <usize>field(plan, SCALES);
  const length = field(plan, LENGTH);
  const toLeft = load<V>(scales, 2 * sizeof<V>());
  const toRight = load<V>(scales + <usize>((n - 1) / length) * step, 3 * sizeof<V>());

  // D and D' at either end: the step beyond the last site less Sigma times that site.
  const two = splat<V>(TWO_PI);
  const one = splat<V>(1);
  const zero = splat<V>(0);
  for (let side = 0; side < 2; side++) {
    // The column of the right lead (u) and of the left lead (v).
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
    // y = w / D and kappa = w'/w - D'/D (0 for a closed channel, whose y is 0).
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
    // psi and psi' on the lead's own site and on the other end, where u is 1 and v is 1 before their reach.
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
      // Row: the lead at that site; column: this lead. S = 1 - 2 pi i w psi, S' = -2 pi i (w' psi + w psi').
      const rowRight = right != (other == 1);
      const wa = other ? lead<V>(plan, rowRight ? 10 : 9) : wr;
      const dwa = other ? lead<V>(plan, rowRight ? 12 : 11) : dw;
      const index: usize = (rowRight ? 4 : 0) + (right ? 2 : 0);
      const f = mul<V>(two, wa);
      const g = mul<V>(two, dwa);
      write<V>(plan, index, other ? mul<V>(f, pi) : add<V>(one, mul<V>(f, pi)), neg<V>(mul<V>(f, pr)));
      write<V>(plan, 8 + index, add<V>(mul<V>(g, pi), mul<V>(f, qi)), neg<V>(add<V>(mul<V>(g, pr), mul<V>(f, qr))));
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
    const record = <usize>field(plan, TABLE) + <usize>(d * TABLE_FIELDS << 2);
    memory.fill(sums, 0, 14 * sizeof<V>());
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
    // K_RR, K_LL, K_LR; the sums of u* u and v* v are real.
    const at: usize = 16 + 16 * <usize>d;
    const kRR = mul<V>(uu, load<V>(sums));
    const kLL = mul<V>(vv, load<V>(sums, VV * sizeof<V>()));
    let xr = load<V>(sums, VU * sizeof<V>());
    let xi = load<V>(sums, (VU + 1) * sizeof<V>());
    const kr = sub<V>(mul<V>(vur, xr), mul<V>(vui, xi));
    const ki = add<V>(mul<V>(vur, xi), mul<V>(vui, xr));
    write<V>(plan, at, kLL, zero);
    write<V>(plan, at + 2, kr, ki);
    write<V>(plan, at + 4, kr, neg<V>(ki));
    write<V>(plan, at + 6, kRR, zero);
    if (!first) continue;
    // P_aR = 2 pi psi_a^+ Lambda (y_u u' + kappa_u psi_R), and so for L.
    write<V>(plan, at + 8, add<V>(mul<V>(vv, load<V>(sums, VDV * sizeof<V>())), mul<V>(kvr, kLL)),
      add<V>(mul<V>(vv, load<V>(sums, (VDV + 1) * sizeof<V>())), mul<V>(kvi, kLL)));
    xr = load<V>(sums, VDU * sizeof<V>());
    xi = load<V>(sums, (VDU + 1) * sizeof<V>());
    write<V>(plan, at + 10,
      add<V>(sub<V>(mul<V>(vur, xr), mul<V>(vui, xi)), sub<V>(mul<V>(kur, kr), mul<V>(kui, ki))),
      add<V>(add<V>(mul<V>(vur, xi), mul<V>(vui, xr)), add<V>(mul<V>(kur, ki), mul<V>(kui, kr))));
    // y_u* y_v is the conjugate of y_v* y_u.
    xr = load<V>(sums, UDV * sizeof<V>());
    xi = load<V>(sums, (UDV + 1) * sizeof<V>());
    write<V>(plan, at + 12,
      add<V>(add<V>(mul<V>(vur, xr), mul<V>(vui, xi)), add<V>(mul<V>(kvr, kr), mul<V>(kvi, ki))),
      add<V>(sub<V>(mul<V>(vur, xi), mul<V>(vui, xr)), sub<V>(mul<V>(kvi, kr), mul<V>(kvr, ki))));
    write<V>(plan, at + 14, add<V>(mul<V>(uu, load<V>(sums, UDU * sizeof<V>())), mul<V>(kur, kRR)),
      add<V>(mul<V>(uu, load<V>(sums, (UDU + 1) * sizeof<V>())), mul<V>(kui, kRR)));
  }
}

/** Evaluates the energies in the lanes; `first`: also P. */
export function zchainpoint(plan: usize, first: bool): void {
  if (ASC_FEATURE_SIMD) evaluate<v128>(plan, first);
  else evaluate<f64>(plan, first);
}

/** Eigenvalues of H + Re Sigma above the energy: sign changes of the real recursion from the left end. */
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
