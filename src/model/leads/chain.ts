// Semi-infinite chains attached to one orbital.

import * as v from "valibot";
import { anyNumber, closedObject, maximumOrbitals, wholeNumber } from "../file/fields.js";
import { checkNotZero, checkOrbital, type LeadPlace, leadName } from "./parts.js";

/**
 * A semi-infinite chain attached to one orbital, with the band from `onsite` - 2 |hopping| to
 * `onsite` + 2 |hopping|.
 */
export interface ChainLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a chain. */
  kind: "chain";
  /** Device orbital that the chain is attached to, counted from 0. */
  orbital: number;
  /** Energy of every site of the chain, which is the centre of its band; default 0. */
  onsite?: number;
  /** Hopping between neighbours of the chain, an energy, not 0. */
  hopping: number;
  /**
   * Hopping between the device orbital and the first site, an energy, not 0; default `hopping`.
   */
  coupling?: number;
}

/** A semi-infinite chain attached to one orbital. */
export interface ResolvedChainLead {
  /** Name of the lead. */
  name: string;
  /** Marks a chain. */
  kind: "chain";
  /** Index of the device orbital to which the chain is attached, from 0; one entry. */
  orbitals: Int32Array;
  /** Energy of every site of the chain. */
  onsite: number;
  /** Hopping between neighbours of the chain, an energy. */
  hopping: number;
  /** Hopping between the device orbital and the first site, an energy. */
  coupling: number;
}

export const chainSchema = closedObject({
  name: leadName,
  kind: v.pipe(v.literal("chain"), v.description("Semi-infinite chain attached to one orbital")),
  orbital: wholeNumber(0, maximumOrbitals - 1, "Device orbital the chain is attached to, counted from 0"),
  onsite: v.optional(anyNumber("On-site energy of the chain (centre of its band)"), 0),
  hopping: anyNumber("Hopping along the chain; its band is onsite - 2 |hopping| .. onsite + 2 |hopping|"),
  coupling: v.optional(anyNumber("Hopping between the device orbital and the chain; default: hopping")),
});

/** Throws InputError that names the wrong field. */
export function resolveChain(lead: ChainLead, { field, deviceOrbitals }: LeadPlace): ResolvedChainLead {
  const { name, kind, orbital, onsite = 0, hopping, coupling = hopping } = lead;
  checkOrbital(orbital, deviceOrbitals, `${field}.orbital`);
  checkNotZero(hopping, `${field}.hopping`);
  checkNotZero(coupling, `${field}.coupling`);
  return { name, kind, orbitals: Int32Array.of(orbital), onsite, hopping, coupling };
}

/** Device orbitals that the lead touches. */
export const chainContact = ({ orbitals }: ResolvedChainLead): number[] => Array.from(orbitals);
