// The choice of W' on orbitals that overlap. W' is determined by Gamma' up to a rotation of the
// channels, and the covariant choice has no antihermitian part inside the basis. What that part is
// depends on the scalar product. With m the lead's block of the inverse of all overlaps,
//
//     h = (W^+ m W)^-1 W^+ m W'   is Hermitian,
//
// which any change of basis keeps: W -> T^+ W, m -> T^-1 m T^-+. For orthonormal orbitals m = 1.

import type { Kernels } from "../../../engine/kernels.js";
import { Workspace } from "../../../engine/workspace.js";
import type { LeadAtEnergy, PreparedLead } from "../lead.js";

/** The lead with W' chosen by the metric m (orbitals x orbitals, interleaved). */
export function withMetric(kernels: Kernels, lead: PreparedLead, metric: Float64Array): PreparedLead {
  const at = (energy: number, energyLow?: number) =>
    chosen(kernels, lead.at(energy, energyLow), lead.orbitals.length, metric);
  // The getters of the lead stay getters.
  return Object.create(lead, { at: { value: at, enumerable: true } });
}

function chosen(kernels: Kernels, found: LeadAtEnergy, n: number, metric: Float64Array): LeadAtEnergy {
  const m = found.channels;
  if (m === 0) return found;
  const connection = found.connection?.slice();
  const w = Workspace.of(kernels);
  const W = w.from(found.vectors.subarray(0, 2 * n * m), n, m);
  const dW = w.from(found.vectorDerivatives.subarray(0, 2 * n * m), n, m);
  const M = w.from(metric, n, n);
  const gram = w.factor(w.adjointTimes(W, w.times(M, W)));
  if (!gram) return found;
  const h = w.solve(gram, w.adjointTimes(W, w.times(M, dW)));
  // Omega = (h^+ - h)/2 makes h + Omega Hermitian.
  const rotation = w.scale(w.add(w.adjoint(h), h, -1), 0.5);
  w.addTimes(dW, W, rotation);
  const turn = w.values(rotation);
  const turned = connection
    ? connection.map((part, k) => part - turn[k])
    : turn.some((part) => part !== 0)
      ? turn.map((part) => -part)
      : undefined;
  return {
    ...found,
    vectorDerivatives: w.values(dW).slice(),
    ...(turned && { connection: turned }),
  };
}
