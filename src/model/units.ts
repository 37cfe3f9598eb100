// Factors from natural units (hbar = e = k_B = 1, energies in the file's unit) to SI. Constants:
// CODATA 2018; h, e and k_B are exact, the hartree and the rydberg are measured (relative
// uncertainty 1.9e-12).

import { InputError } from "../base/errors.js";
import type { EnergyUnit } from "./types.js";

const planckConstant = 6.62607015e-34;
export const hbar = planckConstant / (2 * Math.PI);
const elementaryCharge = 1.602176634e-19;
const boltzmannConstant = 1.380649e-23;

/** Joule per unit of energy. */
export const joulePerUnit: Readonly<Record<Exclude<EnergyUnit, "none">, number>> = {
  eV: elementaryCharge,
  meV: 1e-3 * elementaryCharge,
  K: boltzmannConstant,
  hartree: 4.3597447222071e-18,
  Ry: 2.1798723611035e-18,
};

/**
 * SI value of one natural unit, as a function of the unit of energy E in joule. Angles are radians
 * and do not appear in the units.
 */
const siFactors = {
  energy: { unit: "J", factor: (E: number) => E },
  temperature: { unit: "K", factor: (E: number) => E / boltzmannConstant },
  voltage: { unit: "V", factor: (E: number) => E / elementaryCharge },
  charge: { unit: "C", factor: () => elementaryCharge },
  time: { unit: "s", factor: (E: number) => hbar / E },
  angularVelocity: { unit: "rad/s", factor: (E: number) => E / hbar },
  current: { unit: "A", factor: (E: number) => (elementaryCharge * E) / hbar },
  conductance: { unit: "S", factor: () => elementaryCharge ** 2 / hbar },
  torque: { unit: "N m", factor: (E: number) => E },
  power: { unit: "W", factor: (E: number) => E ** 2 / hbar },
  friction: { unit: "N m s", factor: () => hbar },
  torqueNoise: { unit: "N^2 m^2 s", factor: (E: number) => E * hbar },
  inertia: { unit: "kg m^2", factor: (E: number) => hbar ** 2 / E },
} as const;

export type SiQuantity = keyof typeof siFactors;

/**
 * The SI value of one natural unit of a quantity, and the SI unit's name: `x * factor` converts.
 * Throws InputError for "none", because energies then have no unit.
 */
export function siConversion(quantity: SiQuantity, units: EnergyUnit): { factor: number; unit: string } {
  if (units === "none") {
    throw new InputError("units.energy", "no SI values without a unit of energy", {
      expected: `one of ${Object.keys(joulePerUnit).join(", ")}`,
      found: '"none"',
      advice: 'Add "units": { "energy": "eV" } to the model.',
    });
  }
  const { factor, unit } = siFactors[quantity];
  return { factor: factor(joulePerUnit[units]), unit };
}
