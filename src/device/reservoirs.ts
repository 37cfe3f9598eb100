// The reservoirs a call works with: the model's, and whatever the call gives in their place, lead
// by lead.

import { InputError } from "../base/errors.js";
import { isObject, listed } from "../base/wording.js";
import { parsed } from "../model/file/issues.js";
import { reservoirsSchema } from "../model/file/schema.js";
import { refuseHuge } from "../model/file/sizes.js";
import { hasReservoir } from "../model/leads/index.js";
import { wordOption } from "../model/options.js";
import { resolveReservoirs } from "../model/resolve/drive.js";
import { definedOnly } from "../model/resolve/resolve.js";
import type { Reservoir, ReservoirEntry, ResolvedModel } from "../model/types.js";
import { dephasings } from "../transport/forces/options.js";

/** What a call may give: a reservoir per lead; leads left out keep the model's. */
export type ReservoirChoice = Record<string, ReservoirEntry>;

/**
 * One reservoir per lead that is not a probe (undefined for probes), in the order of the leads.
 * Throws InputError.
 */
export function chosenReservoirs(
  model: ResolvedModel,
  choice: ReservoirChoice | undefined,
): (Reservoir | undefined)[] {
  const { leads } = model.device;
  const defined = isObject(choice) ? definedOnly(choice) : choice;
  const given = defined === undefined ? undefined : parsed(reservoirsSchema, defined, "reservoirs");
  refuseHuge(given, "reservoirs");
  const merged = { ...model.reservoirs, ...given };
  if (Object.keys(merged).length === 0) {
    const wanted = leads.filter(hasReservoir).map((lead) => lead.name);
    if (wanted.length > 0)
      throw new InputError("reservoirs", "the model has none", {
        expected: `chemicalPotential and temperature for ${listed(wanted)}`,
        found: "nothing",
      });
  }
  const resolved = resolveReservoirs(merged, model.device);
  return leads.map((lead) => resolved[lead.name]);
}

/** What probes do: one of the known words. */
export const dephasingOption = wordOption(dephasings, "unknown kind of probe");

/** Reservoirs by lead, as results show them. */
export function namedReservoirs(
  leads: readonly string[],
  reservoirs: readonly (Reservoir | undefined)[],
): Record<string, Reservoir> {
  return Object.fromEntries(
    leads.flatMap((name, a): [string, Reservoir][] => (reservoirs[a] ? [[name, reservoirs[a]]] : [])),
  );
}
