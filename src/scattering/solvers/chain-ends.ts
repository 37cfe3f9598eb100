// The two single-orbital leads of a chain device: what its kernel takes of them, and their
// self-energies in closed form.

import type { ChainLead } from "../../engine/chain/chain-point.js";
import type { ResolvedLead } from "../../model/types.js";
import { chainSurfaceGreen, chainSurfaceGreenAt } from "../leads/chain.js";

/** The description of a single-orbital lead that the chain kernel takes. */
export function chainLead(lead: ResolvedLead): ChainLead {
  if (lead.kind === "chain")
    return {
      kind: "chain",
      onsite: lead.onsite,
      hopping: Math.abs(lead.hopping),
      coupling: Math.abs(lead.coupling),
      width: 0,
    };
  const width = "width" in lead ? lead.width.data[0] : Number.NaN;
  return { kind: "wideband", onsite: 0, hopping: 0, coupling: 0, width };
}

/** Re Sigma of the lead at a real energy. */
export function realSelfEnergy(lead: ResolvedLead, energy: number): number {
  if (lead.kind !== "chain") return 0;
  return Math.abs(lead.coupling) ** 2 * chainSurfaceGreen(energy, lead.onsite, lead.hopping)[0];
}

/** Writes Sigma at re + i im, im > 0, as two numbers to `out` from index `at` on. */
export function writeSelfEnergy(
  lead: ResolvedLead,
  re: number,
  im: number,
  out: Float64Array,
  at: number,
): void {
  if (lead.kind !== "chain") {
    out[at] = 0;
    out[at + 1] = "width" in lead ? -lead.width.data[0] / 2 : Number.NaN;
    return;
  }
  const green = chainSurfaceGreenAt(re, im, lead.onsite, lead.hopping);
  const square = lead.coupling * lead.coupling;
  out[at] = square * green[0];
  out[at + 1] = square * green[1];
}
