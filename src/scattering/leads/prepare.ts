// Chooses the file that prepares a lead of each kind. A periodic lead is treated as independent
// chains in closed form if its transverse modes do not mix.

import type { Kernels } from "../../engine/kernels.js";
import type { ComplexMatrix, ResolvedLead } from "../../model/types.js";
import type { PreparedLead } from "./lead.js";
import { isReal } from "./matrices.js";
import { periodicLead } from "./periodic/periodic.js";
import { modeLead, transverseModes } from "./transverse-modes.js";
import { wideBandLead } from "./wideband.js";

/** Prepares a lead. Errors name the `field`. */
export function prepareLead(kernels: Kernels, lead: ResolvedLead, field: string): PreparedLead {
  if (lead.kind === "chain") {
    const { onsite, hopping, coupling } = lead;
    const profiles: ComplexMatrix = { shape: [1, 1], data: Float64Array.of(Math.abs(coupling), 0) };
    return modeLead(kernels, lead.orbitals, { profiles, chains: [{ onsite, hopping }] }, true, field);
  }
  if (lead.kind !== "periodic") return wideBandLead(kernels, lead.orbitals, lead.width, lead.diagonal);
  const modes = transverseModes(kernels, lead);
  const { onsite, hopping, coupling } = lead;
  const real = isReal(onsite) && isReal(hopping) && isReal(coupling);
  if (modes) return modeLead(kernels, lead.orbitals, modes, real, field);
  return periodicLead(kernels, lead, real, field);
}
