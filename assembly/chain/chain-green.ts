// Tr[Lambda_nu G(z)] of one configuration of a chain at many z in the upper half plane. The z are
// in the lanes of a vector, and two vectors are processed together. With delta_i = c_i^2 z - c_i^2
// h_i the continued fractions l_i = 1 / (delta_i - l_(i-1)) start from the left lead. They need no
// pivots in the upper half plane, because the imaginary part of every denominator is at least that
// of c_i^2 z. Going back from the right lead gives G_ii = l_i + l_i^2 G_(i+1,i+1) and, since the
// hoppings are scaled to one, G_(i,i+1) = G_(i+1,i) = l_i G_(i+1,i+1). A site costs one complex
// division and three products per vector. For the memory layout see point-plan.ts.
import { add, div, loadSplat, mul, neg, splat, sub } from "../linear-algebra/lanes";
import { copyVectors } from "./chain-solutions";
import { field } from "../device/plan";
import { DIRECTIONS, N, ONSITE, OUT, ROW_BYTES, SUMS, TABLE, TABLE_FIELDS, TRACE_ROWS, U, V, WEIGHT } from "./point-plan";

/**
 * l_i is stored at U + (i + 1) step and Sigma of the left lead in front of it; G_ii is stored at
 * V + i step. The numbers of the two vectors are adjacent.
 */
function evaluate<V>(plan: usize, point: usize, bytes: usize): void {
  const n = <usize>field(plan, N);
  const z: usize = 2 * sizeof<V>();
  const step: usize = 2 * z;
  const rows = <usize>field(plan, TRACE_ROWS) + point;
  const rowBytes = <usize>field(plan, ROW_BYTES);
  const w = <usize>field(plan, WEIGHT);
  const h = <usize>field(plan, ONSITE);
  const l = <usize>field(plan, U);
  const g = <usize>field(plan, V);
  for (let q: usize = 0; q < bytes; q += sizeof<V>()) {
    store<V>(l + 2 * q, load<V>(rows + 2 * rowBytes + q));
    store<V>(l + 2 * q, load<V>(rows + 3 * rowBytes + q), sizeof<V>());
  }
  for (let i: usize = 0; i < n; i++) {
    const weight = loadSplat<V>(w + (i << 3));
    const onsite = loadSplat<V>(h + (i << 3));
    for (let q: usize = 0; q < bytes; q += sizeof<V>()) {
      const at = l + i * step + 2 * q;
      let x = sub<V>(sub<V>(mul<V>(load<V>(rows + q), weight), onsite), load<V>(at));
      let y = sub<V>(mul<V>(load<V>(rows + rowBytes + q), weight), load<V>(at, sizeof<V>()));
      if (i == n - 1) {
        x = sub<V>(x, load<V>(rows + 4 * rowBytes + q));
        y = sub<V>(y, load<V>(rows + 5 * rowBytes + q));
      }
      const scale = div<V>(splat<V>(1), add<V>(mul<V>(x, x), mul<V>(y, y)));
      store<V>(at + step, mul<V>(x, scale));
      store<V>(at + step, neg<V>(mul<V>(y, scale)), sizeof<V>());
    }
  }
  let at = (n - 1) * step;
  copyVectors<V>(g + at, l + step + at, 4);
  while (at > 0) {
    at -= step;
    for (let q: usize = at; q < at + 2 * bytes; q += z) {
      const lr = load<V>(l + step + q), li = load<V>(l + step + q, sizeof<V>());
      const gr = load<V>(g + step + q), gi = load<V>(g + step + q, sizeof<V>());
      // This is 1 + l G, which is then multiplied by l.
      const x = add<V>(splat<V>(1), sub<V>(mul<V>(lr, gr), mul<V>(li, gi)));
      const y = add<V>(mul<V>(lr, gi), mul<V>(li, gr));
      store<V>(g + q, sub<V>(mul<V>(lr, x), mul<V>(li, y)));
      store<V>(g + q, add<V>(mul<V>(lr, y), mul<V>(li, x)), sizeof<V>());
    }
  }

  const directions = field(plan, DIRECTIONS);
  const scratch = <usize>field(plan, SUMS);
  for (let q: usize = 0; q < bytes; q += sizeof<V>())
    for (let d = 0; d < directions; d++) {
      const record = <usize>field(plan, TABLE) + <usize>(d * TABLE_FIELDS << 2);
      let re = splat<V>(0);
      let im = splat<V>(0);
      let list = <usize>load<i32>(record, 4);
      let value = <usize>load<i32>(record, 8);
      for (let k = load<i32>(record); k > 0; k--) {
        const at = g + <usize>load<i32>(list) * step + 2 * q;
        const t = loadSplat<V>(value);
        re = add<V>(re, mul<V>(t, load<V>(at)));
        im = add<V>(im, mul<V>(t, load<V>(at, sizeof<V>())));
        list += 4;
        value += 8;
      }
      // A hopping element and its conjugate together contribute twice the real part times
      // G_(i,i+1).
      list = <usize>load<i32>(record, 16);
      value = <usize>load<i32>(record, 20);
      for (let k = load<i32>(record, 12); k > 0; k--) {
        const next = (<usize>load<i32>(list) + 1) * step + 2 * q;
        const t = loadSplat<V>(value);
        const twice = add<V>(t, t);
        const gr = load<V>(g + next);
        const gi = load<V>(g + next, sizeof<V>());
        const lr = load<V>(l + next);
        const li = load<V>(l + next, sizeof<V>());
        re = add<V>(re, mul<V>(twice, sub<V>(mul<V>(gr, lr), mul<V>(gi, li))));
        im = add<V>(im, mul<V>(twice, add<V>(mul<V>(gr, li), mul<V>(gi, lr))));
        list += 4;
        value += 16;
      }
      store<V>(scratch, re);
      store<V>(scratch, im, sizeof<V>());
      for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
        const out = <usize>field(plan, OUT) + ((point + q + lane) * <usize>directions << 1) + (<usize>d << 4);
        store<f64>(out, load<f64>(scratch + lane));
        store<f64>(out, load<f64>(scratch + lane, sizeof<V>()), 8);
      }
    }
}

/**
 * Computes the traces at `count` points (whole vectors). From OUT on each point has [re, im] of
 * each direction.
 */
export function zchaintraces(plan: usize, count: i32): void {
  const bytes = <usize>count << 3;
  const pair: usize = ASC_FEATURE_SIMD ? 32 : 16;
  for (let point: usize = 0; point < bytes; point += pair) {
    if (ASC_FEATURE_SIMD) evaluate<v128>(plan, point, min(pair, bytes - point));
    else evaluate<f64>(plan, point, min(pair, bytes - point));
  }
}
