// Values of a table in SI besides the natural ones, if the model has a unit of energy.

import type { EnergyUnit } from "../../index.js";
import { type SiQuantity, siConversion } from "../../model/units.js";
import { significant } from "./numbers.js";

/** The quantity that belongs to each natural unit in the table. */
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
 * A value with its natural unit as SI value with unit; empty if there is none, or if the value is
 * not a number.
 */
export function inSi(value: string, unit: string, energyUnit: EnergyUnit): string {
  const quantity = Object.hasOwn(quantities, unit) ? quantities[unit] : undefined;
  const number = Number(value);
  if (energyUnit === "none" || quantity === undefined || value === "" || !Number.isFinite(number)) return "";
  const si = siConversion(quantity, energyUnit);
  return `${significant(number * si.factor)} ${si.unit}`;
}
