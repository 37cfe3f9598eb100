// From the covariant S' of a point: the delay matrix -i S^+ S', which no choice of channel basis changes but by a rotation, and the derivative of the
// S that is returned, in the basis that it is returned in.

import { hermitianEigen } from "../engine/dense.js";
import type { Kernels } from "../engine/kernels.js";
import { adjointTimes } from "../model/small-products.js";
import type { LeadConnection } from "../scattering/point.js";

/** Eigenvalues, ascending, and trace of the Hermitian part of -i S^+ S', m x m. */
export function delayOf(
  kernels: Kernels,
  S: Float64Array,
  slope: Float64Array,
  m: number,
): { eigenvalues: Float64Array; trace: number } {
  if (m === 0) return { eigenvalues: new Float64Array(), trace: 0 };
  const product = adjointTimes(S, slope, m);
  const matrix = new Float64Array(product.length);
  let trace = 0;
  for (let a = 0; a < m; a++) {
    trace += product[2 * a * (m + 1) + 1];
    for (let b = 0; b < m; b++) {
      const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
      // -i times the product, and half of it and its adjoint.
      matrix[p] = 0.5 * (product[p + 1] + product[q + 1]);
      matrix[p + 1] = 0.5 * (product[q] - product[p]);
    }
  }
  return { eigenvalues: hermitianEigen(kernels, m, matrix).values.slice().sort(), trace };
}

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
