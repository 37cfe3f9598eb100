// Parts that the presets share: a uniform chain and its leads, a circle in two parameters,
// reservoirs and rotor, probes.

import type { Cycle, ExplicitDevice, GivenDevice, Lead, Model, Rotor, Triplet } from "../../types.js";

/** A model made by a preset: complete, with its device written out. */
export type PresetModel = Model & {
  /** The device, written out. */
  device: ExplicitDevice | GivenDevice;
  /** The cycle of the preset. */
  cycle: Cycle;
  /** The reservoirs of the preset, "left" and "right". */
  reservoirs: NonNullable<Model["reservoirs"]>;
  /** The rotor of the preset. */
  rotor: Rotor;
};

/**
 * Bias mu(left) - mu(right) of presets that make a motor. It is small enough for linear response,
 * and it determines the direction.
 */
const smallBias = 1e-3;

/** Reservoirs at zero temperature with the given mean chemical potential and bias. */
export function reservoirsAbout(energy: number, bias = smallBias): PresetModel["reservoirs"] {
  return {
    left: { chemicalPotential: energy + bias / 2, temperature: 0 },
    right: { chemicalPotential: energy - bias / 2, temperature: 0 },
  };
}

/** Uniform rotation without load and external friction. */
export const freeRotor = (): Rotor => ({ inertia: "infinite", load: 0, friction: 0 });

/** The circle x = mean + radius cos(theta), y = mean + radius sin(theta). */
export const circle = (mean: number, radius: number): Cycle => ({
  x: { mean, cos: [radius] },
  y: { mean, sin: [radius] },
});

/** Hopping -1 between neighbours. */
export const chainHopping = (sites: number): Triplet[] =>
  Array.from({ length: sites - 1 }, (_, n): Triplet => [n, n + 1, -1]);

/** Reflectionless chain leads at both ends. */
export const chainLeads = (sites: number): Lead[] => [
  { name: "left", kind: "chain", orbital: 0, onsite: 0, hopping: 1, coupling: 1 },
  { name: "right", kind: "chain", orbital: sites - 1, onsite: 0, hopping: 1, coupling: 1 },
];

/** One voltage probe of the given width per orbital; none if the width is 0. */
export const probes = (orbitals: number[], width: number): Lead[] =>
  width === 0
    ? []
    : orbitals.map((orbital) => ({ name: `probe${orbital + 1}`, kind: "probe", orbitals: [orbital], width }));

/**
 * Diagonal matrix without elements that are 0 to rounding (such as cosines of multiples of pi/2).
 */
export const diagonal = (values: number[]): Triplet[] =>
  values.flatMap((value, n): Triplet[] => (Math.abs(value) < 1e-14 ? [] : [[n, n, value]]));
