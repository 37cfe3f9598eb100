// What the presets share: a uniform chain and its leads, a circle in two parameters, reservoirs and
// rotor, probes.

import type { Cycle, ExplicitDevice, GivenDevice, Lead, Model, Rotor, Triplet } from "../../types.js";

/** A model as a preset makes it: complete, with its device written out. */
export type PresetModel = Model & {
  /** The device, written out. */
  device: ExplicitDevice | GivenDevice;
  /** The preset's own turn. */
  cycle: Cycle;
  /** The preset's own reservoirs, "left" and "right". */
  reservoirs: NonNullable<Model["reservoirs"]>;
  /** The preset's own rotor. */
  rotor: Rotor;
};

/**
 * Bias mu(left) - mu(right) of presets that make a motor: small enough for linear response, enough
 * to give a direction.
 */
export const smallBias = 1e-3;

/** Reservoirs at zero temperature about a mean chemical potential. */
export function reservoirsAbout(energy: number, bias = smallBias): PresetModel["reservoirs"] {
  return {
    left: { chemicalPotential: energy + bias / 2, temperature: 0 },
    right: { chemicalPotential: energy - bias / 2, temperature: 0 },
  };
}

/** Uniform rotation without load or external friction. */
export const freeRotor = (): Rotor => ({ inertia: "infinite", load: 0, friction: 0 });

/** x = mean + radius cos(theta), y = mean + radius sin(theta). */
export const circle = (mean: number, radius: number): Cycle => ({
  x: { mean, cos: [radius] },
  y: { mean, sin: [radius] },
});

/** Hopping -1 between neighbours. */
export const chainHopping = (sites: number): Triplet[] =>
  Array.from({ length: sites - 1 }, (_, n): Triplet => [n, n + 1, -1]);

/** Perfect chain leads at both ends. */
export const chainLeads = (sites: number): Lead[] => [
  { name: "left", kind: "chain", orbital: 0, onsite: 0, hopping: 1, coupling: 1 },
  { name: "right", kind: "chain", orbital: sites - 1, onsite: 0, hopping: 1, coupling: 1 },
];

/** One voltage probe of the given width per orbital; none if the width is 0. */
export const probes = (orbitals: number[], width: number): Lead[] =>
  width === 0
    ? []
    : orbitals.map((orbital) => ({ name: `probe${orbital + 1}`, kind: "probe", orbitals: [orbital], width }));

/** Diagonal matrix without its zeros (cosines of multiples of pi/2 come out near 1e-16). */
export const diagonal = (values: number[]): Triplet[] =>
  values.flatMap((value, n): Triplet[] => (Math.abs(value) < 1e-14 ? [] : [[n, n, value]]));
