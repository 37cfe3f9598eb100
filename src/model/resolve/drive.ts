// The cycle over the parameters and the reservoirs of the leads, checked against the device.

import { InputError } from "../../base/errors.js";
import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { called } from "../called.js";
import { evaluateCycle } from "../cycle.js";
import { hasReservoir } from "../leads/index.js";
import type { Cycle, CycleFunction, Model, Reservoir, ResolvedDevice } from "../types.js";
import type { Warning } from "../warning.js";

const unknownName = (field: string, name: string, kind: string, known: string[]) =>
  new InputError(joinedPath(field, name), `unknown ${kind}`, {
    expected: known.length === 0 ? `none: the device has no ${kind}s` : `one of ${listed(known)}`,
    found: described(name),
    advice: didYouMean(name, known),
  });

/**
 * The cycle after a check of its names. Throws InputError for an unknown parameter, and for `turns`
 * of a Hamiltonian that is not periodic.
 */
export function resolveCycle(cycle: Cycle | CycleFunction, device: ResolvedDevice): Cycle | CycleFunction {
  const names = device.parameters.map((parameter) => parameter.name);
  if (typeof cycle === "function") {
    called(() => evaluateCycle(cycle, names, 0), "cycle");
    return cycle;
  }
  for (const [name, { turns = 0 }] of Object.entries(cycle)) {
    if (!names.includes(name)) throw unknownName("cycle", name, "parameter", names);
    if (turns !== 0 && !isPeriodic(device, name)) {
      throw new InputError(`${joinedPath("cycle", name)}.turns`, "the path does not close", {
        expected: "0 for a Hamiltonian without the period 2 pi in this parameter",
        found: String(turns),
        advice:
          "Harmonic terms, samples, a Hamiltonian given as a function and the preset wheel can be periodic in a parameter.",
      });
    }
  }
  return cycle;
}

/** Whether a path along which the parameter grows by 2 pi closes. Functions are trusted. */
function isPeriodic({ hamiltonianFunction, scattering }: ResolvedDevice, name: string): boolean {
  if (!hamiltonianFunction) return scattering !== undefined;
  return hamiltonianFunction.periodic?.includes(name) ?? true;
}

/** A warning about a cycle that stands still, which is nearly always a mistake. */
export function cycleWarnings(cycle: Cycle | CycleFunction | undefined): Warning[] {
  if (cycle === undefined || typeof cycle === "function") return [];
  const moves = Object.values(cycle).some(
    ({ turns = 0, cos = [], sin = [] }) =>
      turns !== 0 || [...cos, ...sin].some((coefficient) => coefficient !== 0),
  );
  const text = "cycle: no parameter moves; nothing is pumped and there is no torque.";
  return moves ? [] : [{ code: "still-cycle", text }];
}

/** One reservoir for every lead that is not a probe, in the order of the leads. */
export function resolveReservoirs(
  reservoirs: NonNullable<Model["reservoirs"]>,
  { leads }: ResolvedDevice,
): Record<string, Reservoir> {
  const kinds = new Map(leads.map((lead) => [lead.name, lead.kind]));
  const wanted = leads.filter(hasReservoir).map((lead) => lead.name);
  for (const name of Object.keys(reservoirs)) {
    if (!kinds.has(name)) throw unknownName("reservoirs", name, "lead", wanted);
    if (kinds.get(name) === "probe") {
      throw new InputError(joinedPath("reservoirs", name), "a voltage probe has no reservoir of its own", {
        expected: `entries for ${listed(wanted)}`,
        found: described(name),
        advice: "Its chemical potential follows from zero current: remove the entry.",
      });
    }
  }
  const entries = wanted.map((name): [string, Reservoir] => {
    if (!Object.hasOwn(reservoirs, name)) {
      throw new InputError(joinedPath("reservoirs", name), "this lead has no reservoir", {
        expected: "an entry with chemicalPotential and temperature",
        found: "nothing",
      });
    }
    const { chemicalPotential, temperature = 0 } = reservoirs[name];
    return [name, { chemicalPotential, temperature }];
  });
  return Object.fromEntries(entries);
}
