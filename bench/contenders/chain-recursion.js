// Plain JavaScript contender for pumped charge on a chain: the recursions of
// assembly/chain/chain.ts on flat Float64Arrays, one point at a time. A diagonal scaling
// c_i c_(i+1) |t_i| = 1 makes every hopping one. The Green's function is u_i v_j / D, where u and v
// are the real recursions y_(i+1) = delta_i y_i - y_(i-1) from either end, rescaled by powers of
// two every SEGMENT sites. The results are S, K (with dS = -i S K) and the charge.

import { inversePower, quotient, scalings, selfEnergy } from "./chain-parts.js";

const TWO_PI = 2 * Math.PI;
const SEGMENT = 64;

/**
 * `chain` is { onsite, hopping, gates: [{ sites, values }], leads: [{ onsite, hopping, coupling }]
 * x 2 }. Returns the function charge(energy, X, V, points), which sums the charge over the turn.
 * X[point * gates + gate] are the parameters and V their derivatives by theta.
 */
export function chainPumpByRecursion(chain) {
  const n = chain.onsite.length;
  const gates = chain.gates.length;
  const c2 = scalings(chain);
  // Gates by site: the first entry of each site, and the gate and the scaled value of each entry.
  const lists = Array.from({ length: n }, () => []);
  chain.gates.forEach(({ sites, values }, gate) => {
    sites.forEach((site, k) => {
      lists[site].push([gate, values[k] * c2[site]]);
    });
  });
  const start = new Int32Array(n + 1);
  for (let i = 0; i < n; i++) start[i + 1] = start[i] + lists[i].length;
  const gateOf = Int32Array.from(lists.flat(), (entry) => entry[0]);
  const gateValue = Float64Array.from(lists.flat(), (entry) => entry[1]);
  const onsite = Float64Array.from(chain.onsite, (value, i) => value * c2[i]);
  const delta = new Float64Array(n);
  const lambda = new Float64Array(n);
  const ur = new Float64Array(n);
  const ui = new Float64Array(n);
  const segments = Math.ceil(n / SEGMENT);
  const scales = new Float64Array(segments + 1);
  const reach = new Float64Array(segments + 1);
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
    for (let p = 0; p < points; p++) {
      const row = p * gates;
      for (let i = 0; i < n; i++) {
        let d = energy * c2[i] - onsite[i];
        let l = 0;
        for (let k = start[i]; k < start[i + 1]; k++) {
          d -= X[row + gateOf[k]] * gateValue[k];
          l += V[row + gateOf[k]] * gateValue[k];
        }
        delta[i] = d;
        lambda[i] = l;
      }
      // The recursion u from the left.
      let [pr, pi, cr, ci] = [0, 0, 1, 0];
      let segment = 0;
      for (let first = 0; first < n; first += SEGMENT) {
        const size = Math.max(Math.abs(pr), Math.abs(pi), Math.abs(cr), Math.abs(ci));
        const scale = inversePower(size);
        pr *= scale;
        pi *= scale;
        cr *= scale;
        ci *= scale;
        scales[segment++] = scale;
        const after = Math.min(first + SEGMENT, last);
        for (let i = first; i < after; i++) {
          ur[i] = cr;
          ui[i] = ci;
          const d = delta[i];
          let nr = d * cr - pr;
          let ni = d * ci - pi;
          if (i === 0) {
            nr -= slr * cr - sli * ci;
            ni -= slr * ci + sli * cr;
          }
          pr = cr;
          pi = ci;
          cr = nr;
          ci = ni;
        }
      }
      ur[last] = cr;
      ui[last] = ci;
      const dur = (delta[last] - srr) * cr + sri * ci - pr;
      const dui = (delta[last] - srr) * ci - sri * cr - pi;
      // Size of u in each segment relative to the end, and the element G_0N.
      reach[segments - 1] = 1;
      for (let s = segments - 1; s > 0; s--) reach[s - 1] = reach[s] * scales[s];
      quotient(ur[0], ui[0], dur, dui, z);
      const gr = z[0] * reach[0];
      const gi = z[1] * reach[0];
      quotient(cr, ci, dur, dui, z);
      const [grr, gri] = z;
      // The recursion v from the right, with the sums of lambda |u|^2, lambda |v|^2 and lambda v*
      // u.
      let [suu, svv, cross, crossI] = [0, 0, 0, 0];
      let [vpr, vpi, vcr, vci] = [0, 0, 1, 0];
      for (let s = segments - 1; s >= 0; s--) {
        const size = Math.max(Math.abs(vpr), Math.abs(vpi), Math.abs(vcr), Math.abs(vci));
        const scale = inversePower(size);
        vpr *= scale;
        vpi *= scale;
        vcr *= scale;
        vci *= scale;
        svv *= scale * scale;
        cross *= scale;
        crossI *= scale;
        let [a, b, c, e] = [0, 0, 0, 0];
        const first = s * SEGMENT;
        for (let i = Math.min(first + SEGMENT, n) - 1; i >= first; i--) {
          const l = lambda[i];
          const d = delta[i];
          const x = ur[i];
          const y = ui[i];
          a += l * (x * x + y * y);
          b += l * (vcr * vcr + vci * vci);
          c += l * (vcr * x + vci * y);
          e += l * (vcr * y - vci * x);
          let nr = d * vcr - vpr;
          let ni = d * vci - vpi;
          if (i === last) {
            nr -= srr * vcr - sri * vci;
            ni -= srr * vci + sri * vcr;
          }
          vpr = vcr;
          vpi = vci;
          vcr = nr;
          vci = ni;
        }
        suu += a * reach[s] * reach[s];
        svv += b;
        cross += c * reach[s];
        crossI += e * reach[s];
      }
      // v stands one step beyond the left end, and its last step does not contain the lead.
      const dvr = vcr - (slr * vpr - sli * vpi);
      const dvi = vci - (slr * vpi + sli * vpr);
      quotient(vpr, vpi, dvr, dvi, z);
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
