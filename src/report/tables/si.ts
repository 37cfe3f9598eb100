// Results in SI, if the model has a unit of energy. A document gets `units` and a block `si` with
// the same keys as the natural numbers, where each quantity is { value, unit }. Angles are radians
// and appear in no unit.

import type { EnergyUnit } from "../../index.js";
import { type SiQuantity, siConversion } from "../../model/units.js";

/**
 * The quantity of each key of a result, by its path; a `*` stands for any lead. Keys that are
 * missing here have no unit or are lists.
 */
export type SiTable = Readonly<Record<string, SiQuantity>>;

export const pumpQuantities: SiTable = { "charge.*": "charge", error: "charge", adiabaticity: "time" };

export const motorQuantities: SiTable = {
  workPerTurn: "energy",
  frictionPerTurn: "friction",
  noisePerTurn: "torqueNoise",
  "charge.*": "charge",
  "current.*": "current",
  stallLoad: "torque",
  startBias: "voltage",
  "steadyState.omega": "angularVelocity",
  "steadyState.powerIn": "power",
  "steadyState.powerOut": "power",
  "steadyState.dissipation.frozen": "power",
  "steadyState.dissipation.electronicFriction": "power",
  "steadyState.dissipation.externalFriction": "power",
  "steadyState.heatCurrent.*": "power",
  "linearResponse.charge": "charge",
  "linearResponse.frictionPerTurn": "friction",
  "linearResponse.meanConductance": "conductance",
  "linearResponse.stallLoad": "torque",
  "linearResponse.adiabaticSpeedLimit": "angularVelocity",
};

export const simulationQuantities: SiTable = {
  meanVelocity: "angularVelocity",
  meanVelocityError: "angularVelocity",
  "stationary.meanVelocity": "angularVelocity",
  "stationary.relaxationTime": "time",
  time: "time",
  burnIn: "time",
  step: "time",
  bearingTemperature: "temperature",
};

/**
 * Parameters have the unit that the Hamiltonian implies. Only what does not depend on them is
 * converted.
 */
export const forcesQuantities: SiTable = {
  "current.*": "current",
  "energyCurrent.*": "power",
  "heatCurrent.*": "power",
  "chemicalPotential.*": "energy",
};

type Entry = { value: number; unit: string } | { [key: string]: Entry };

function converted(value: unknown, path: string[], table: SiTable, units: EnergyUnit): Entry | undefined {
  if (typeof value === "number") {
    const parent = path.slice(0, -1).join(".");
    const quantity = table[path.join(".")] ?? table[parent === "" ? "*" : `${parent}.*`];
    if (quantity === undefined) return undefined;
    const { factor, unit } = siConversion(quantity, units);
    return { value: value * factor, unit };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    return undefined;
  const entries = Object.entries(value).flatMap(([key, entry]): [string, Entry][] => {
    const found = converted(entry, [...path, key], table, units);
    return found === undefined ? [] : [[key, found]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The result with `units` and `si`, or unchanged if the model has no unit of energy. */
export function withSi<T extends object>(result: T, table: SiTable, units: EnergyUnit): T {
  if (units === "none") return result;
  return { ...result, units: { energy: units }, si: converted(result, [], table, units) ?? {} };
}

/** The SI numbers as lines of text, by path. */
export function siLines(result: object, table: SiTable, units: EnergyUnit): string {
  if (units === "none") return "";
  const lines: string[] = [];
  const walk = (entry: Entry, path: string): void => {
    if ("unit" in entry && typeof entry.value === "number")
      lines.push(`  ${path} = ${Number(entry.value.toPrecision(6))} ${entry.unit}`);
    else
      for (const [key, inner] of Object.entries(entry as { [key: string]: Entry }))
        walk(inner, path === "" ? key : `${path} ${key}`);
  };
  walk(converted(result, [], table, units) ?? {}, "");
  return lines.length === 0 ? "" : `in SI (energies of the model in ${units}):\n${lines.join("\n")}\n`;
}
