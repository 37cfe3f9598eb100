// Values of a table in SI, beside the natural ones, where the model names a unit of energy.

import type { EnergyUnit } from "../../index.js";
import { type SiQuantity, siConversion } from "../../model/units.js";
import { significant } from "./numbers.js";

/** Quantity by the natural unit that stands in the table. */
const quantities: Readonly<Record<string, SiQuantity>> = {
  energy: "energy",
  "energy/rad": "torque",
  "energy/ħ": "angularVelocity",
  "energy²/ħ": "power",
  "e energy/ħ": "current",
  "e²/ħ": "conductance",
  ħ: "friction",
  "ħ energy": "torqueNoise",
};

/**
 * A value with its natural unit as an SI value with its unit; empty where it has none, or is no
 * number.
 */
export function inSi(value: string, unit: string, energyUnit: EnergyUnit): string {
  const quantity = Object.hasOwn(quantities, unit) ? quantities[unit] : undefined;
  const number = Number(value);
  if (energyUnit === "none" || quantity === undefined || value === "" || !Number.isFinite(number)) return "";
  const si = siConversion(quantity, energyUnit);
  return `${significant(number * si.factor)} ${si.unit}`;
}
