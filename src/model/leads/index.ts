// The kinds of leads, with one file each for the fields in the model file, their checks, and the
// resulting matrices. Sizes are checked before memory is allocated. src/scattering/leads/ computes
// the self-energies.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { checkName } from "../file/names.js";
import { type ChainLead, chainContact, chainSchema, type ResolvedChainLead, resolveChain } from "./chain.js";
import type { LeadPlace } from "./parts.js";
import {
  type PeriodicLead,
  type PeriodicOverlaps,
  periodicContact,
  periodicSchema,
  type ResolvedPeriodicLead,
  resolvePeriodic,
} from "./periodic.js";
import {
  type ResolvedSelfEnergyLead,
  resolveSelfEnergy,
  type SelfEnergyFunction,
  type SelfEnergyLead,
  type SelfEnergySample,
  selfEnergyContact,
  selfEnergySchema,
} from "./self-energy.js";
import {
  probeSchema,
  type ResolvedWideBandLead,
  resolveWideBand,
  type WideBandLead,
  wideBandContact,
  wideBandSchema,
} from "./wide-band.js";

export type {
  ChainLead,
  PeriodicLead,
  PeriodicOverlaps,
  ResolvedChainLead,
  ResolvedPeriodicLead,
  ResolvedSelfEnergyLead,
  ResolvedWideBandLead,
  SelfEnergyFunction,
  SelfEnergyLead,
  SelfEnergySample,
  WideBandLead,
};

/** A lead as written in the file; `kind` distinguishes the types. */
export type Lead = WideBandLead | ChainLead | PeriodicLead | SelfEnergyLead;

/** A lead with its matrices; `kind` distinguishes the types. */
export type ResolvedLead =
  | ResolvedWideBandLead
  | ResolvedChainLead
  | ResolvedPeriodicLead
  | ResolvedSelfEnergyLead;

/** Schema of a lead or probe, by its kind. */
export const leadSchema = v.variant("kind", [
  wideBandSchema,
  probeSchema,
  chainSchema,
  periodicSchema,
  selfEnergySchema,
]);

/** Whether a reservoir fills the lead's channels. A probe has none. */
export const hasReservoir = ({ kind }: { kind: ResolvedLead["kind"] }): boolean => kind !== "probe";

function resolveOne(lead: Lead, place: LeadPlace): ResolvedLead {
  if (lead.kind === "chain") return resolveChain(lead, place);
  if (lead.kind === "self-energy") return resolveSelfEnergy(lead, place);
  return lead.kind === "periodic" ? resolvePeriodic(lead, place) : resolveWideBand(lead, place);
}

/**
 * Device orbitals that a lead touches: those whose row of the width or of the coupling is not zero.
 */
export function leadContact(lead: ResolvedLead): number[] {
  if (lead.kind === "chain") return chainContact(lead);
  if (lead.kind === "self-energy") return selfEnergyContact(lead);
  return lead.kind === "periodic" ? periodicContact(lead) : wideBandContact(lead);
}

/** Most matrix elements of all leads together (16 bytes each). */
const maximumLeadElements = 2 ** 26;

/** All leads of a device. Throws InputError at the first wrong field. */
export function resolveLeads(leads: Lead[], deviceOrbitals: number): ResolvedLead[] {
  const names = new Map<string, number>();
  let elements = 0;
  const claim = (rows: number, columns: number, field: string) => {
    elements += rows * columns;
    if (elements > maximumLeadElements) {
      throw new InputError(field, "the leads are too large", {
        expected: `at most ${maximumLeadElements} matrix elements in all leads together`,
        found: String(elements),
      });
    }
  };
  const resolved = leads.map((lead, i) => {
    const field = `device.leads[${i}]`;
    checkName(lead.name, `${field}.name`);
    const earlier = names.get(lead.name);
    if (earlier !== undefined) {
      throw new InputError(`${field}.name`, `leads ${earlier} and ${i} have the same name`, {
        expected: "a name of its own for every lead",
        found: described(lead.name),
      });
    }
    names.set(lead.name, i);
    return resolveOne(lead, { field, deviceOrbitals, claim });
  });
  if (!resolved.some(hasReservoir)) {
    throw new InputError("device.leads", "every lead is a voltage probe", {
      expected: "at least one lead that is not a probe",
      found: `${leads.length} of kind "probe"`,
      advice: "A probe follows the chemical potentials of the others.",
    });
  }
  return resolved;
}
