// The number of states below an energy (Friedel, Krein; docs/physics.md, section 9), exact and
// absolute. With S = (1 - i pi k)/(1 + i pi k), k = W^+ (E - H_R)^-1 W, H_R = H + Re Sigma, and the
// eigenphases theta_j of S in (-pi, pi):
//
//   N(E) = n(E) + sum_j theta_j / 2 pi,   dN/dE = Tr(-i S^+ S') / 2 pi
//
// Here n(E) is the number of eigenvalues of H_R - E below zero. An integral of the time delay whose
// nodes have missed a resonance, however narrow, falls short of N(high) - N(low) by one. Where the
// two agree no search for resonances is needed.
//
// Cost per energy: one inertia and M^3/3 operations for M channels. The sum over theta_j is twice
// the sum of the arguments of the pivots of 1 + S. 1 + S is accretive, so that its pivots stay in
// the right half plane if rows and columns are exchanged together. The largest comes first: small
// ones then keep their digits.

import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";

/** Size of a pivot of 1 + S below which an eigenphase is pi or -pi within rounding. */
const UNSIGNED = 1e-14;
/**
 * Distance in units of the energies at which levels are counted on both sides of such an energy. It
 * is more than a pivot of this size stands for.
 */
const BESIDE = 1e-13;

/**
 * N(E) at the current configuration. On an eigenvalue of H_R, where an eigenphase jumps from pi to
 * -pi, n(E) is the mean of both sides and the phase is left out.
 */
export function stateCount(
  solver: Pick<ScatteringSolver, "eigenvaluesBelow" | "solve" | "energyScale">,
  energy: number,
): number {
  const { sum, unsigned } = halfPhaseSum(solver.solve(energy, { energyDerivative: false }));
  if (!unsigned) return solver.eigenvaluesBelow(energy) + sum / Math.PI;
  const beside = BESIDE * Math.max(Math.abs(energy), solver.energyScale());
  const [below, above] = [energy - beside, energy + beside].map((at) => solver.eigenvaluesBelow(at));
  return 0.5 * (below + above) + sum / Math.PI;
}

/** Wigner-Smith time delay summed over channels: Tr(-i S^+ dS/dE) = Im sum conj(S_ab) dS_ab/dE. */
export function timeDelay(point: ScatteringPoint): number {
  const { channels, S, dSdE } = point;
  let delay = 0;
  for (let i = 0; i < 2 * channels * channels; i += 2) delay += S[i] * dSdE[i + 1] - S[i + 1] * dSdE[i];
  return delay;
}

let work = new Float64Array(0);

/** sum_j theta_j / 2, without phases that are pi or -pi, and whether there are any. */
function halfPhaseSum({ channels: m, S }: ScatteringPoint): { sum: number; unsigned: boolean } {
  const size = 2 * m * m;
  if (work.length < size) work = new Float64Array(size);
  const a = work;
  for (let i = 0; i < size; i++) a[i] = S[i];
  for (let k = 0; k < m; k++) a[2 * (k * m + k)] += 1;
  let [sum, unsigned] = [0, false];
  for (let k = 0; k < m; k++) {
    moveLargestPivot(a, m, k);
    const p = 2 * (k * m + k);
    const [re, im] = [a[p], a[p + 1]];
    const norm = re * re + im * im;
    if (norm <= UNSIGNED ** 2) {
      unsigned = true;
      continue;
    }
    sum += Math.atan2(im, re);
    for (let i = k + 1; i < m; i++) {
      const q = 2 * (i * m + k);
      const x = (a[q] * re + a[q + 1] * im) / norm;
      const y = (a[q + 1] * re - a[q] * im) / norm;
      for (let j = k + 1; j < m; j++) {
        const [s, t] = [2 * (i * m + j), 2 * (k * m + j)];
        a[s] -= x * a[t] - y * a[t + 1];
        a[s + 1] -= x * a[t + 1] + y * a[t];
      }
    }
  }
  return { sum, unsigned };
}

/** Moves the largest diagonal element from k on to k, by exchanging both rows and columns. */
function moveLargestPivot(a: Float64Array, m: number, k: number): void {
  let [best, most] = [k, -1];
  for (let i = k; i < m; i++) {
    const p = 2 * (i * m + i);
    const size = Math.abs(a[p]) + Math.abs(a[p + 1]);
    if (size > most) [best, most] = [i, size];
  }
  if (best === k) return;
  const exchange = (p: number, q: number) => {
    for (const part of [0, 1]) [a[p + part], a[q + part]] = [a[q + part], a[p + part]];
  };
  for (let j = 0; j < m; j++) exchange(2 * (k * m + j), 2 * (best * m + j));
  for (let i = 0; i < m; i++) exchange(2 * (i * m + k), 2 * (i * m + best));
}
