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
// the sum of the arguments of the pivots of 1 + S without row exchanges. 1 + S is accretive, so
// that its pivots stay in the right half plane.

import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";

/** N(E) at the current configuration. */
export function stateCount(
  solver: Pick<ScatteringSolver, "eigenvaluesBelow" | "solve">,
  energy: number,
): number {
  const below = solver.eigenvaluesBelow(energy);
  return below + halfPhaseSum(solver.solve(energy, { energyDerivative: false })) / Math.PI;
}

/** Wigner-Smith time delay summed over channels: Tr(-i S^+ dS/dE) = Im sum conj(S_ab) dS_ab/dE. */
export function timeDelay(point: ScatteringPoint): number {
  const { channels, S, dSdE } = point;
  let delay = 0;
  for (let i = 0; i < 2 * channels * channels; i += 2) delay += S[i] * dSdE[i + 1] - S[i + 1] * dSdE[i];
  return delay;
}

let work = new Float64Array(0);

/** sum_j theta_j / 2. */
function halfPhaseSum({ channels: m, S }: ScatteringPoint): number {
  const size = 2 * m * m;
  if (work.length < size) work = new Float64Array(size);
  const a = work;
  for (let i = 0; i < size; i++) a[i] = S[i];
  for (let k = 0; k < m; k++) a[2 * (k * m + k)] += 1;
  let sum = 0;
  for (let k = 0; k < m; k++) {
    const p = 2 * (k * m + k);
    const [re, im] = [a[p], a[p + 1]];
    const norm = re * re + im * im;
    // S = -1 in some channel, whose phase is pi from one side and -pi from the other.
    if (norm === 0) continue;
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
  return sum;
}
