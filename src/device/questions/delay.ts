// dS/dE of the S that is returned, in its own basis, from the covariant derivative S' of a point.

import type { LeadConnection } from "../../scattering/contract.js";

/**
 * dSdE += Omega_out S + S Omega_in, block by block. Omega is the change of a lead's channel basis
 * per energy.
 */
export function addConnections(
  S: Float64Array,
  leads: readonly LeadConnection[],
  m: number,
  dSdE: Float64Array,
): void {
  let first = 0;
  for (const { channels, rotationOut, rotationIn } of leads) {
    for (let k = 0; k < channels && rotationOut && rotationIn; k++)
      for (let j = 0; j < channels; j++) {
        const at = 2 * (k * channels + j);
        const [x, y] = [rotationIn[at], rotationIn[at + 1]];
        const [u, v] = [rotationOut[at], rotationOut[at + 1]];
        for (let c = 0; c < m; c++) {
          // Indices of (S Omega_in)_cj and (Omega_out S)_kc.
          const [p, q] = [2 * (c * m + first + j), 2 * (c * m + first + k)];
          dSdE[p] += S[q] * x - S[q + 1] * y;
          dSdE[p + 1] += S[q] * y + S[q + 1] * x;
          const [r, t] = [2 * ((first + k) * m + c), 2 * ((first + j) * m + c)];
          dSdE[r] += S[t] * u - S[t + 1] * v;
          dSdE[r + 1] += S[t] * v + S[t + 1] * u;
        }
      }
    first += channels;
  }
}
