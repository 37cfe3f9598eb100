// The derivative of the S that is returned, in the basis that it is returned in, from the covariant S' of a point.

import type { LeadConnection } from "../../scattering/point.js";

/** slope += S Omega - Omega S, Omega block by block the connections of the leads. */
export function addConnections(
  S: Float64Array,
  leads: readonly LeadConnection[],
  m: number,
  slope: Float64Array,
): void {
  let first = 0;
  for (const { channels, connection } of leads) {
    for (let k = 0; k < channels && connection; k++)
      for (let j = 0; j < channels; j++) {
        const at = 2 * (k * channels + j);
        const [x, y] = [connection[at], connection[at + 1]];
        for (let c = 0; c < m; c++) {
          // (S Omega)_cj and (Omega S)_kc.
          const [p, q] = [2 * (c * m + first + j), 2 * (c * m + first + k)];
          slope[p] += S[q] * x - S[q + 1] * y;
          slope[p + 1] += S[q] * y + S[q + 1] * x;
          const [r, t] = [2 * ((first + k) * m + c), 2 * ((first + j) * m + c)];
          slope[r] -= S[t] * x - S[t + 1] * y;
          slope[r + 1] -= S[t] * y + S[t + 1] * x;
        }
      }
    first += channels;
  }
}
