// Kinks of the curves over the turn, and the warnings about them. They arise where a bound state
// meets a band (transport/turn/kinks.ts), and where chemical potentials of cold probes cross
// others.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import { TAIL } from "../../transport/energy/divergence.js";
import { fermi, thermalReach } from "../../transport/energy/fermi.js";
import { type Kink, kinkAngles, THERMAL } from "../../transport/turn/kinks.js";
import type { TurnSampler } from "../sampling/sampler.js";
import type { TurnGrid } from "./grid.js";

/** Part of the bias above which chemical potentials count as different. */
const APART = 1e-6;
/** Most steps of the search for an angle where two chemical potentials are equal. */
const STEPS = 40;
/** Difference of the chemical potentials, relative to the bias, at which the search ends. */
const EQUAL = 1e-13;

/**
 * The angles from `start` on at which levels pass band edges in the thermal window: the kinks, where
 * bound states do, and the angles of all others.
 */
export function turnKinks(sampler: TurnSampler, start: number): { kinks: Kink[]; passes: number[] } {
  // Beyond this reach nothing that an edge does is seen at the tolerance.
  const reach = Math.min(THERMAL, thermalReach(TAIL * sampler.tolerance));
  const all = kinkAngles(sampler.solver, sampler.span(reach), start, (theta) => sampler.configure(theta));
  return {
    kinks: all.filter(({ bound }) => bound),
    passes: all.filter(({ bound }) => !bound).map(({ theta }) => theta),
  };
}

/**
 * Angles where a probe at T = 0 has the same chemical potential as another lead at T = 0. The noise
 * there varies like the modulus of the difference. The angles are sought between those of a grid
 * whose samples have all quantities.
 */
export function turnCorners(sampler: TurnSampler, { samples, start }: TurnGrid): number[] {
  const { probes } = sampler.solver;
  const [low, high] = sampler.span(0);
  // Probes have the mean temperature of the reservoirs.
  if (!sampler.settles || !(high > low) || sampler.given.some(({ temperature }) => temperature > 0))
    return [];
  const { potentials } = sampler.places;
  const step = TURN / samples.length;
  const corners = new Set<number>();
  for (let p = 0; p < probes.length; p++)
    for (let q = 0; q < probes.length; q++) {
      if (!probes[p] || (probes[q] && q <= p)) continue;
      const apart = (sample: Float64Array) =>
        (sample[potentials + p] - sample[potentials + q]) / (high - low);
      const differences = samples.map(apart);
      // Potentials that are equal over the whole turn differ only by rounding and make no corner.
      if (!differences.some((d) => d > APART) || !differences.some((d) => d < -APART)) continue;
      for (const [j, here] of differences.entries()) {
        const next = differences[(j + 1) % samples.length];
        if (here === 0 || here > 0 === next > 0) continue;
        corners.add(
          zeroBetween((theta) => apart(sampler.sample({ theta }).values), start + j * step, step, here, next),
        );
      }
    }
  return [...corners];
}

/**
 * The zero of f between `left` and `left + width`, where f has different signs, by false position
 * with the Illinois rule.
 */
function zeroBetween(
  f: (theta: number) => number,
  left: number,
  width: number,
  atLeft: number,
  atRight: number,
): number {
  let [low, high, below, above] = [left, left + width, atLeft, atRight];
  let middle = low;
  for (let step = 0; step < STEPS; step++) {
    middle = (low * above - high * below) / (above - below);
    const value = f(middle);
    if (Math.abs(value) < EQUAL) break;
    if (value > 0 === above > 0) {
      [high, above] = [middle, value];
      below /= 2;
    } else {
      [low, below] = [middle, value];
      above /= 2;
    }
  }
  return middle;
}

/** A warning for each edge at which the reservoirs' fillings differ by more than the tolerance. */
export function warningsOfKinks(kinks: readonly Kink[], sampler: TurnSampler): Warning[] {
  return [...new Set(kinks.map(({ edge }) => edge))].flatMap((edge) => {
    const fillings = sampler.given.map((r) => fermi(edge, r.chemicalPotential, r.temperature));
    if (!(Math.max(...fillings) - Math.min(...fillings) > sampler.tolerance)) return [];
    const text =
      `a bound state joins or leaves the band at E = ${edge}, where the reservoirs' fillings differ: the charge that it carries is not ` +
      "determined, and charge and energy of a turn need not balance";
    return [{ code: "bound-state" as const, text }];
  });
}

/** A list of angles in words. */
export const listed = (angles: readonly number[]): string =>
  angles
    .map((theta) => ((theta % TURN) + TURN) % TURN)
    .sort((a, b) => a - b)
    .map((theta) => theta.toPrecision(6))
    .join(", ");
