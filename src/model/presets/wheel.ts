// A wheel with 2 `pairs` alternating charges on its rim, which rotates beside a chain of N sites at
// x_n = n - (N-1)/2 (n from 0). The potential on site n is
//
//   V_n(theta) = sum_j (-1)^j q exp(-r/screening)/r,
//   r^2 = (x_n - R sin phi_j)^2 + (R (1 - cos phi_j) + gap)^2 + soft^2,
//
// with phi_j = theta + pi j/pairs and R = pairs period/(2 pi). It has the period 2 pi/pairs in
// theta, and one turn pumps `pairs` times the charge per pair. Cost: sites x 2 pairs terms per
// angle.

import * as v from "valibot";
import { anyNumber, nonNegative, positive, wholeNumber } from "../file/fields.js";
import type { ParameterValues, Triplet } from "../types.js";
import { chainLeads, freeRotor, type PresetModel, reservoirsAbout } from "./parts/pieces.js";
import { type OptionsOf, preset, sites } from "./parts/preset.js";

const entries = {
  sites: sites(160),
  pairs: v.optional(
    wholeNumber(1, 10_000, "Pairs of charges on the rim; the potential has period 2 pi/pairs"),
    8,
  ),
  period: v.optional(positive("Distance along the rim from one pair to the next, in sites"), 6),
  charge: v.optional(anyNumber("Strength q of a charge"), 1),
  gap: v.optional(nonNegative("Distance of the rim's lowest point from the wire, in sites"), 2),
  screening: v.optional(positive("Screening length, in sites"), 6),
  soft: v.optional(positive("Softening length of the charges, in sites"), 1),
  energy: v.optional(anyNumber("Mean chemical potential; default: -2 cos(pi/period)")),
};

type Options = OptionsOf<typeof entries>;

/** The wheel's potential on every site and its derivative by the angle. */
export function wheelPotential(options: Options, theta: number): { value: number[]; derivative: number[] } {
  const { sites, pairs, period, charge, gap, screening, soft } = options;
  const radius = (pairs * period) / (2 * Math.PI);
  const value = new Array<number>(sites).fill(0);
  const derivative = new Array<number>(sites).fill(0);
  for (let j = 0; j < 2 * pairs; j++) {
    const phi = theta + (Math.PI * j) / pairs;
    const q = j % 2 === 0 ? charge : -charge;
    const along = radius * Math.sin(phi);
    const alongSlope = radius * Math.cos(phi);
    // 1 - cos is written as 2 sin^2, which keeps its digits near the lowest point.
    const height = 2 * radius * Math.sin(phi / 2) ** 2 + gap;
    for (let n = 0; n < sites; n++) {
      const x = n - (sites - 1) / 2 - along;
      const r = Math.sqrt(x * x + height * height + soft * soft);
      const potential = (q * Math.exp(-r / screening)) / r;
      const rSlope = (height * along - x * alongSlope) / r;
      value[n] += potential;
      derivative[n] -= potential * (1 / screening + 1 / r) * rSlope;
    }
  }
  return { value, derivative };
}

/** The hopping of the chain and a full diagonal in one list, ordered by row and column. */
const chainWith = (potential: number[]): Triplet[] =>
  potential.flatMap((value, n): Triplet[] =>
    n + 1 < potential.length
      ? [
          [n, n, value],
          [n, n + 1, -1],
        ]
      : [[n, n, value]],
  );

function model(options: Options): PresetModel {
  const { sites, pairs, period } = options;
  return {
    format: "nanopinwheel/1",
    title: `Wheel with ${pairs} pairs of charges beside a wire of ${sites} sites`,
    device: {
      orbitals: sites,
      hamiltonian: ({ theta = 0 }: ParameterValues) => chainWith(wheelPotential(options, theta).value),
      derivative: ({ theta = 0 }: ParameterValues) => ({
        theta: wheelPotential(options, theta).derivative.map((slope, n): Triplet => [n, n, slope]),
      }),
      parameters: ["theta"],
      leads: chainLeads(sites),
    },
    cycle: { theta: { turns: 1 } },
    reservoirs: reservoirsAbout(options.energy ?? -2 * Math.cos(Math.PI / period)),
    rotor: freeRotor(),
  };
}

export default preset({
  description: "Wheel with alternating charges on its rim, turning beside a wire",
  entries,
  model,
});
