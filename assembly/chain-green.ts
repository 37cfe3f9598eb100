// Tr[Lambda_nu G(z)] of one configuration of a chain at many z in the upper half plane (in the lanes of a vector). There the continued fractions
//     l_i = 1 / (delta_i - l_(i-1)) from the left lead,   r_i = 1 / (delta_i - r_(i+1)) from the right lead,   delta_i = c_i^2 z - c_i^2 h_i,
// need no pivots: the imaginary part of every denominator is at least that of c_i^2 z. G_ii = 1 / (delta_i - l_(i-1) - r_(i+1)), and
// G_(i,i+1) = G_(i+1,i) = G_ii r_(i+1), hoppings being one. Cost per site and vector: three complex divisions. Layout: point-plan.ts.
import { add, div, loadSplat, mul, neg, splat, sub } from "./lanes";
import { field } from "./plan";
import { DIRECTIONS, N, ONSITE, OUT, ROW_BYTES, SUMS, TABLE, TABLE_FIELDS, TRACE_ROWS, U, V, WEIGHT } from "./point-plan";

/** out = 1 / (x + i y). */
// @ts-ignore: decorator
@inline
function invert<V>(out: usize, x: V, y: V): void {
  const scale = div<V>(splat<V>(1), add<V>(mul<V>(x, x), mul<V>(y, y)));
  store<V>(out, mul<V>(x, scale));
  store<V>(out, neg<V>(mul<V>(y, scale)), sizeof<V>());
}

function evaluate<V>(plan: usize, point: usize): void {
  const n = field(plan, N);
  const step: usize = 4 * sizeof<V>();
  const rows = <usize>field(plan, TRACE_ROWS) + point;
  const rowBytes = <usize>field(plan, ROW_BYTES);
  const w = <usize>field(plan, WEIGHT);
  const h = <usize>field(plan, ONSITE);
  const zr = load<V>(rows);
  const zi = load<V>(rows + rowBytes);
  // l_i at U + i step, r_i at V + (i + 1) step; the leads' Sigma stand before and behind. G_ii goes behind l_i.
  const l = <usize>field(plan, U);
  const r = <usize>field(plan, V) + step;
  let lr = load<V>(rows + 2 * rowBytes);
  let li = load<V>(rows + 3 * rowBytes);
  let rr = load<V>(rows + 4 * rowBytes);
  let ri = load<V>(rows + 5 * rowBytes);
  const firstR = lr;
  const firstI = li;
  store<V>(r + <usize>n * step, rr);
  store<V>(r + <usize>n * step, ri, sizeof<V>());
  for (let i = 0; i < n; i++) {
    const j = <usize>(n - 1 - i);
    const wl = loadSplat<V>(w + (<usize>i << 3));
    const wr = loadSplat<V>(w + (j << 3));
    const left = l + <usize>i * step;
    const right = r + j * step;
    invert<V>(left, sub<V>(sub<V>(mul<V>(zr, wl), loadSplat<V>(h + (<usize>i << 3))), lr), sub<V>(mul<V>(zi, wl), li));
    invert<V>(right, sub<V>(sub<V>(mul<V>(zr, wr), loadSplat<V>(h + (j << 3))), rr), sub<V>(mul<V>(zi, wr), ri));
    lr = load<V>(left);
    li = load<V>(left, sizeof<V>());
    rr = load<V>(right);
    ri = load<V>(right, sizeof<V>());
  }
  lr = firstR;
  li = firstI;
  for (let i = 0; i < n; i++) {
    const weight = loadSplat<V>(w + (<usize>i << 3));
    const next = r + <usize>(i + 1) * step;
    const at = l + <usize>i * step;
    invert<V>(
      at + 2 * sizeof<V>(),
      sub<V>(sub<V>(sub<V>(mul<V>(zr, weight), loadSplat<V>(h + (<usize>i << 3))), lr), load<V>(next)),
      sub<V>(sub<V>(mul<V>(zi, weight), li), load<V>(next, sizeof<V>())),
    );
    lr = load<V>(at);
    li = load<V>(at, sizeof<V>());
  }

  const directions = field(plan, DIRECTIONS);
  const scratch = <usize>field(plan, SUMS);
  for (let d = 0; d < directions; d++) {
    const record = <usize>field(plan, TABLE) + <usize>(d * TABLE_FIELDS << 2);
    let re = splat<V>(0);
    let im = splat<V>(0);
    let list = <usize>load<i32>(record, 4);
    let value = <usize>load<i32>(record, 8);
    for (let k = load<i32>(record); k > 0; k--) {
      const at = l + <usize>load<i32>(list) * step;
      const t = loadSplat<V>(value);
      re = add<V>(re, mul<V>(t, load<V>(at, 2 * sizeof<V>())));
      im = add<V>(im, mul<V>(t, load<V>(at, 3 * sizeof<V>())));
      list += 4;
      value += 8;
    }
    // A hopping element and its conjugate: twice the real part times G_(i,i+1).
    list = <usize>load<i32>(record, 16);
    value = <usize>load<i32>(record, 20);
    for (let k = load<i32>(record, 12); k > 0; k--) {
      const i = <usize>load<i32>(list);
      const at = l + i * step;
      const next = r + (i + 1) * step;
      const t = loadSplat<V>(value);
      const twice = add<V>(t, t);
      const gr = load<V>(at, 2 * sizeof<V>());
      const gi = load<V>(at, 3 * sizeof<V>());
      const xr = load<V>(next);
      const xi = load<V>(next, sizeof<V>());
      re = add<V>(re, mul<V>(twice, sub<V>(mul<V>(gr, xr), mul<V>(gi, xi))));
      im = add<V>(im, mul<V>(twice, add<V>(mul<V>(gr, xi), mul<V>(gi, xr))));
      list += 4;
      value += 16;
    }
    store<V>(scratch, re);
    store<V>(scratch, im, sizeof<V>());
    for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
      const out = <usize>field(plan, OUT) + ((point + lane) * <usize>directions << 1) + (<usize>d << 4);
      store<f64>(out, load<f64>(scratch + lane));
      store<f64>(out, load<f64>(scratch + lane, sizeof<V>()), 8);
    }
  }
}

/** Traces at `count` points (whole vectors): per point [re, im] of each direction from OUT on. */
export function zchaintraces(plan: usize, count: i32): void {
  const bytes = <usize>count << 3;
  for (let point: usize = 0; point < bytes; point += ASC_FEATURE_SIMD ? 16 : 8) {
    if (ASC_FEATURE_SIMD) evaluate<v128>(plan, point);
    else evaluate<f64>(plan, point);
  }
}
