// Plain JavaScript contender for pumped charge on a chain: the algorithm of
// assembly/chain/chain-moments.ts on flat Float64Arrays, one point at a time, for two gates. A
// diagonal scaling c_i c_(i+1) |t_i| = 1 makes every hopping one. In segments of SEGMENT sites two
// real solutions run from the middle to both ends. Their moments give the sums of lambda |u|^2,
// lambda |v|^2 and lambda v* u. The results are S, K (with dS = -i S K) and the charge.

import { inversePower, quotient, scalings, selfEnergy } from "./chain-parts.js";

const TWO_PI = 2 * Math.PI;
const SEGMENT = 80;

/**
 * `chain` is { onsite, hopping, gates: [{ sites, values }], leads: [{ onsite, hopping, coupling }]
 * x 2 }. Returns the function charge(energy, X, V, points), which sums the charge over the turn.
 * X[2 * point + gate] are the parameters and V their derivatives by theta.
 */
export function chainPump(chain) {
  const n = chain.onsite.length;
  const c2 = scalings(chain);
  const [gate0, gate1] = chain.gates.map(({ sites, values }) => {
    const row = new Float64Array(n);
    sites.forEach((site, k) => {
      row[site] = values[k] * c2[site];
    });
    return row;
  });
  const onsite = Float64Array.from(chain.onsite, (value, i) => value * c2[i]);
  const segments = Math.max(1, Math.floor((n + SEGMENT / 2) / SEGMENT));
  const first = Int32Array.from({ length: segments + 1 }, (_, s) => Math.floor((n * s) / segments));
  // Per segment: three moments per gate, the solutions a and b at the left and at the right pair of
  // sites, the two coefficients of u, and the power of two.
  const record = new Float64Array(16 * segments);
  const scaledEnergy = new Float64Array(n);
  const z = new Float64Array(2);
  const charge = new Float64Array(2);

  return (energy, X, V, points) => {
    const last = n - 1;
    const [slr, sli] = selfEnergy(chain.leads[0], energy).map((value) => value * c2[0]);
    const [srr, sri] = selfEnergy(chain.leads[1], energy).map((value) => value * c2[last]);
    const wl2 = -sli / Math.PI;
    const wr2 = -sri / Math.PI;
    const wlr = Math.sqrt(wl2 * wr2);
    charge.fill(0);
    for (let i = 0; i < n; i++) scaledEnergy[i] = energy * c2[i] - onsite[i];
    for (let p = 0; p < points; p++) {
      const [x0, x1, y0, y1] = [X[2 * p], X[2 * p + 1], V[2 * p], V[2 * p + 1]];
      for (let s = 0; s < segments; s++) {
        const middle = (first[s] + first[s + 1]) >> 1;
        let [aa, ab, bb] = [0, 0, 0];
        let [qa, qb, a, b] = [1, 0, 0, 1];
        for (let i = middle; i < first[s + 1]; i++) {
          const l = y0 * gate0[i] + y1 * gate1[i];
          const d = scaledEnergy[i] - x0 * gate0[i] - x1 * gate1[i];
          aa += l * a * a;
          ab += l * a * b;
          bb += l * b * b;
          const na = d * a - qa;
          const nb = d * b - qb;
          qa = a;
          qb = b;
          a = na;
          b = nb;
        }
        const at = 16 * s;
        record[at + 7] = qa;
        record[at + 8] = qb;
        record[at + 9] = a;
        record[at + 10] = b;
        qa = 0;
        qb = 1;
        a = 1;
        b = 0;
        for (let i = middle - 1; i >= first[s]; i--) {
          const l = y0 * gate0[i] + y1 * gate1[i];
          const d = scaledEnergy[i] - x0 * gate0[i] - x1 * gate1[i];
          aa += l * a * a;
          ab += l * a * b;
          bb += l * b * b;
          const na = d * a - qa;
          const nb = d * b - qb;
          qa = a;
          qb = b;
          a = na;
          b = nb;
        }
        record[at] = aa;
        record[at + 1] = ab;
        record[at + 2] = bb;
        record[at + 3] = a;
        record[at + 4] = b;
        record[at + 5] = qa;
        record[at + 6] = qb;
      }
      // u from the left: its values before and on the first site of each segment.
      let [pr, pi, cr, ci] = [slr, sli, 1, 0];
      let suu = 0;
      for (let s = 0; s < segments; s++) {
        const at = 16 * s;
        const scale =
          s === 0 ? 1 : inversePower(Math.max(Math.abs(pr), Math.abs(pi), Math.abs(cr), Math.abs(ci)));
        pr *= scale;
        pi *= scale;
        cr *= scale;
        ci *= scale;
        record[at + 15] = scale;
        const ar = record[at + 6] * pr - record[at + 4] * cr;
        const ai = record[at + 6] * pi - record[at + 4] * ci;
        const br = record[at + 3] * cr - record[at + 5] * pr;
        const bi = record[at + 3] * ci - record[at + 5] * pi;
        record[at + 11] = ar;
        record[at + 12] = ai;
        record[at + 13] = br;
        record[at + 14] = bi;
        suu =
          suu * scale * scale +
          record[at] * (ar * ar + ai * ai) +
          2 * record[at + 1] * (ar * br + ai * bi) +
          record[at + 2] * (br * br + bi * bi);
        pr = record[at + 7] * ar + record[at + 8] * br;
        pi = record[at + 7] * ai + record[at + 8] * bi;
        cr = record[at + 9] * ar + record[at + 10] * br;
        ci = record[at + 9] * ai + record[at + 10] * bi;
      }
      const dur = cr - (srr * pr - sri * pi);
      const dui = ci - (srr * pi + sri * pr);
      quotient(pr, pi, dur, dui, z);
      const [grr, gri] = z;
      // v from the right, in the same way.
      let [svv, cross, crossI, reach] = [0, 0, 0, 1];
      [pr, pi, cr, ci] = [1, 0, srr, sri];
      for (let s = segments - 1; s >= 0; s--) {
        const at = 16 * s;
        const scale =
          s === segments - 1
            ? 1
            : inversePower(Math.max(Math.abs(pr), Math.abs(pi), Math.abs(cr), Math.abs(ci)));
        pr *= scale;
        pi *= scale;
        cr *= scale;
        ci *= scale;
        const ar = record[at + 10] * pr - record[at + 8] * cr;
        const ai = record[at + 10] * pi - record[at + 8] * ci;
        const br = record[at + 7] * cr - record[at + 9] * pr;
        const bi = record[at + 7] * ci - record[at + 9] * pi;
        const [aa, ab, bb] = [record[at], record[at + 1], record[at + 2]];
        const [er, ei, fr, fi] = [record[at + 11], record[at + 12], record[at + 13], record[at + 14]];
        svv =
          svv * scale * scale +
          aa * (ar * ar + ai * ai) +
          2 * ab * (ar * br + ai * bi) +
          bb * (br * br + bi * bi);
        cross =
          cross * scale +
          reach *
            (aa * (ar * er + ai * ei) +
              ab * (ar * fr + ai * fi + br * er + bi * ei) +
              bb * (br * fr + bi * fi));
        crossI =
          crossI * scale +
          reach *
            (aa * (ar * ei - ai * er) +
              ab * (ar * fi - ai * fr + br * ei - bi * er) +
              bb * (br * fi - bi * fr));
        pr = record[at + 3] * ar + record[at + 4] * br;
        pi = record[at + 3] * ai + record[at + 4] * bi;
        cr = record[at + 5] * ar + record[at + 6] * br;
        ci = record[at + 5] * ai + record[at + 6] * bi;
        reach *= record[at + 15];
      }
      const dvr = pr - (slr * cr - sli * ci);
      const dvi = pi - (slr * ci + sli * cr);
      quotient(1, 0, dur, dui, z);
      const gr = z[0] * reach;
      const gi = z[1] * reach;
      quotient(cr, ci, dvr, dvi, z);
      const [glr, gli] = z;
      // S = 1 - 2 pi i W^+ G W and K = 2 pi psi^+ Lambda psi.
      const s00r = 1 + TWO_PI * wl2 * gli;
      const s00i = -TWO_PI * wl2 * glr;
      const s11r = 1 + TWO_PI * wr2 * gri;
      const s11i = -TWO_PI * wr2 * grr;
      const s01r = TWO_PI * wlr * gi;
      const s01i = -TWO_PI * wlr * gr;
      const du2 = dur * dur + dui * dui;
      const dv2 = dvr * dvr + dvi * dvi;
      const k00 = (TWO_PI * wl2 * svv) / dv2;
      const k11 = (TWO_PI * wr2 * suu) / du2;
      quotient(cross, crossI, dur, dui, z);
      const [qr, qi] = z;
      quotient(qr, qi, dvr, -dvi, z);
      const k01r = TWO_PI * wlr * z[0];
      const k01i = TWO_PI * wlr * z[1];
      // The charge is -(1/2pi) (S K S^+)_aa.
      const t2 = s01r * s01r + s01i * s01i;
      const l2 = s00r * s00r + s00i * s00i;
      const r2 = s11r * s11r + s11i * s11i;
      const mixL = (s00r * s01r + s00i * s01i) * k01r - (s00i * s01r - s00r * s01i) * k01i;
      const mixR = (s01r * s11r + s01i * s11i) * k01r - (s01i * s11r - s01r * s11i) * k01i;
      charge[0] -= l2 * k00 + t2 * k11 + 2 * mixL;
      charge[1] -= t2 * k00 + r2 * k11 + 2 * mixR;
    }
    return [charge[0] / points, charge[1] / points];
  };
}
