// The unit at an axis or in a table: natural units, or SI if the model has a unit of energy.
// Energies stay in the model's own unit (eV, meV, K, hartree, Ry), which the reader knows from the
// file.

import type { EnergyUnit } from "../../index.js";
import { type SiQuantity, siConversion } from "../../model/units.js";

/** The quantities that an axis can show. */
export type Quantity =
  | Exclude<SiQuantity, "temperature">
  | "angle"
  | "turns"
  | "ratio"
  | "sites"
  | "channels"
  | "parameter";

const naturalUnits: Readonly<Record<Exclude<Quantity, "ratio">, string>> = {
  energy: "energy",
  voltage: "energy/e",
  charge: "e",
  time: "ħ/energy",
  angularVelocity: "energy/ħ",
  current: "e energy/ħ",
  conductance: "e²/ħ",
  torque: "energy/rad",
  power: "energy²/ħ",
  friction: "ħ",
  torqueNoise: "ħ energy",
  inertia: "ħ²/energy",
  angle: "rad",
  turns: "turns",
  sites: "sites",
  channels: "channels",
  parameter: "unit of the model",
};

/** The quantities that are shown in SI. Charge stays in particles, which a pump counts. */
const inSi = {
  voltage: true,
  time: true,
  angularVelocity: true,
  current: true,
  conductance: true,
  torque: true,
  power: true,
  friction: true,
  torqueNoise: true,
  inertia: true,
} satisfies Partial<Record<SiQuantity, true>>;

/** A unit, and the factor that converts a natural value to it. */
export interface Unit {
  unit: string;
  factor: number;
}

const superscripts: Readonly<Record<string, string>> = { "^2": "²", "^3": "³" };

/** The unit in which a quantity is shown. */
export function unitOf(quantity: Quantity, energyUnit: EnergyUnit): Unit {
  if (quantity === "ratio") return { unit: "%", factor: 100 };
  const natural = { unit: naturalUnits[quantity], factor: 1 };
  if (energyUnit === "none") return natural;
  if (quantity === "energy") return { unit: energyUnit, factor: 1 };
  if (!Object.hasOwn(inSi, quantity)) return natural;
  const { unit, factor } = siConversion(quantity as SiQuantity, energyUnit);
  return { unit: unit.replaceAll(/\^[23]/g, (power) => superscripts[power]), factor };
}
