// Chooses the file that prepares a lead of each kind. A periodic lead is treated as independent
// chains in closed form if its transverse modes do not mix.

import type { Kernels } from "../../engine/kernels.js";
import type { ComplexMatrix, ResolvedLead, ResolvedPeriodicLead } from "../../model/types.js";
import { selfEnergyLead } from "./given/self-energy.js";
import type { PreparedLead } from "./lead.js";
import { isReal, sameNumbers } from "./matrices.js";
import { periodicLead } from "./periodic/periodic.js";
import type { SharedBulk } from "./periodic/shared-bulk.js";
import { modeLead, type TransverseModes, transverseModes } from "./transverse-modes.js";
import { wideBandLead } from "./wideband.js";

/** What the leads of a device have in common. Leads with the same cells share their work. */
export class LeadFamily {
  readonly bulks: SharedBulk[] = [];
  readonly #modes: { lead: ResolvedPeriodicLead; modes: TransverseModes | undefined }[] = [];

  /** The transverse modes of a lead, or those of one with the same matrices. */
  modesOf(kernels: Kernels, lead: ResolvedPeriodicLead): TransverseModes | undefined {
    const known = this.#modes.find(({ lead: other }) =>
      (["onsite", "hopping", "coupling"] as const).every((name) =>
        sameNumbers(other[name].data, lead[name].data),
      ),
    );
    if (known) return known.modes;
    const modes = transverseModes(kernels, lead);
    this.#modes.push({ lead, modes });
    return modes;
  }
}

/**
 * Prepares a lead. Errors name the `field`. `family` is that of the device's other leads. `coarse`
 * is the second reading of an approximate lead.
 */
export function prepareLead(
  kernels: Kernels,
  lead: ResolvedLead,
  field: string,
  family = new LeadFamily(),
  coarse = false,
): PreparedLead {
  if (lead.kind === "chain") {
    const { onsite, hopping, coupling } = lead;
    const profiles: ComplexMatrix = { shape: [1, 1], data: Float64Array.of(Math.abs(coupling), 0) };
    return modeLead(kernels, lead.orbitals, { profiles, chains: [{ onsite, hopping }] }, true, field);
  }
  if (lead.kind === "self-energy") return selfEnergyLead(kernels, lead, field, coarse);
  if (lead.kind !== "periodic") return wideBandLead(kernels, lead.orbitals, lead.width, lead.diagonal);
  const { onsite, hopping, coupling, overlaps } = lead;
  const matrices = [onsite, hopping, coupling, ...(overlaps ? Object.values(overlaps) : [])];
  const real = matrices.every(isReal);
  const modes = overlaps ? undefined : family.modesOf(kernels, lead);
  if (modes) return modeLead(kernels, lead.orbitals, modes, real, field);
  return periodicLead(kernels, lead, real, field, family.bulks);
}
