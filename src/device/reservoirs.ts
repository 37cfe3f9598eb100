// The reservoirs of a call: those of the model, replaced lead by lead by those that the call gives.

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

/** The reservoirs that a call gives, by lead. A lead that is not given keeps the model's. */
export type ReservoirChoice = Record<string, ReservoirEntry>;

/** One reservoir per lead in the order of the leads, undefined for probes. Throws InputError. */
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

/** Check of the option `dephasing`. */
export const dephasingOption = wordOption(dephasings, "unknown kind of probe");

/** Reservoirs by lead, in the form of results. */
export function namedReservoirs(
  leads: readonly string[],
  reservoirs: readonly (Reservoir | undefined)[],
): Record<string, Reservoir> {
  return Object.fromEntries(
    leads.flatMap((name, a): [string, Reservoir][] => (reservoirs[a] ? [[name, reservoirs[a]]] : [])),
  );
}
