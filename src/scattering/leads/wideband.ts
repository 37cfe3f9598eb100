// Wide-band lead: Sigma = -i Gamma / 2 at every energy, so that Sigma' and W' vanish.

import { hermitianEigen } from "../../engine/dense.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ComplexMatrix } from "../../model/types.js";
import type { LeadAtEnergy, PreparedLead } from "./lead.js";
import { isReal } from "./matrices.js";

/**
 * An eigenvalue of Gamma below this fraction of the largest counts as rounding and gives no
 * channel.
 */
const rankTolerance = 1e-13;

/**
 * Prepares a wide-band lead. `width` is Gamma, orbitals x orbitals, an energy; `diagonal` is true
 * if it is a diagonal matrix.
 */
export function wideBandLead(
  kernels: Kernels,
  orbitals: Int32Array,
  width: ComplexMatrix,
  diagonal: boolean,
): PreparedLead {
  const n = orbitals.length;
  // A diagonal Gamma gives one channel per orbital with W = sqrt(width / 2 pi) > 0. A general Gamma
  // is diagonalised.
  const { values, vectors } = diagonal
    ? {
        values: Float64Array.from({ length: n }, (_, i) => width.data[2 * i * (n + 1)]),
        vectors: Float64Array.from({ length: 2 * n * n }, (_, k) => (k % (2 * (n + 1)) === 0 ? 1 : 0)),
      }
    : hermitianEigen(kernels, n, width.data);
  const floor = rankTolerance * values.reduce((a, b) => Math.max(a, b), 0);
  const open = Array.from(values.keys()).filter((j) => values[j] > floor);
  const lead: LeadAtEnergy = {
    selfEnergy: new Float64Array(2 * n * n),
    selfEnergyDerivative: new Float64Array(2 * n * n),
    vectors: new Float64Array(2 * n * open.length),
    vectorDerivatives: new Float64Array(2 * n * open.length),
    channels: open.length,
  };
  // Sigma = -i Gamma / 2
  for (let k = 0; k < n * n; k++) {
    lead.selfEnergy[2 * k] = width.data[2 * k + 1] / 2;
    lead.selfEnergy[2 * k + 1] = -width.data[2 * k] / 2;
  }
  open.forEach((j, column) => {
    const amplitude = Math.sqrt(values[j] / (2 * Math.PI));
    for (let i = 0; i < n; i++)
      for (let part = 0; part < 2; part++)
        lead.vectors[2 * (i * open.length + column) + part] = vectors[2 * (i * n + j) + part] * amplitude;
  });
  return {
    orbitals,
    capacity: open.length,
    symmetric: isReal(width),
    edges: [],
    edgesWithin: () => [],
    reach: 0,
    constant: true,
    at: () => lead,
    selfEnergyAt: () => lead,
  };
}
