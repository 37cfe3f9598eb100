// Kinks of the curves over the turn, and what is said of them: where a bound state meets a band
// (kinks.ts), and where chemical potentials of cold probes cross.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import { fermi } from "../../transport/energy/fermi.js";
import { type Kink, kinkAngles, THERMAL } from "../../transport/turn/kinks.js";
import type { TurnGrid } from "./grid.js";
import type { TurnSampler } from "./sampler.js";

/** Part of the bias from which a difference of chemical potentials counts as one. */
const APART = 1e-6;
/**
 * Steps of the search for an angle where two of them are equal, and how near to it they end, in
 * parts of the bias.
 */
const STEPS = 40;
const EQUAL = 1e-13;

export function turnKinks(sampler: TurnSampler, start: number): Kink[] {
  return kinkAngles(sampler.solver, sampler.span(THERMAL), start, (theta) => sampler.configure(theta));
}

/**
 * Angles where a probe at T = 0 has the chemical potential of another lead at T = 0: the noise
 * there goes like the modulus of the difference. Sought between the angles of a grid; samples have
 * all quantities.
 */
export function turnCorners(sampler: TurnSampler, { samples, start }: TurnGrid): number[] {
  const { probes } = sampler.solver;
  const [low, high] = sampler.span(0);
  // Probes are at the mean temperature of the reservoirs.
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
      // Equal all over the turn, but for rounding: no corner.
      if (!differences.some((d) => d > APART) || !differences.some((d) => d < -APART)) continue;
      for (const [j, here] of differences.entries()) {
        const next = differences[(j + 1) % samples.length];
        if (here === 0 || here > 0 === next > 0) continue;
        corners.add(zeroBetween((theta) => apart(sampler.sample(theta)), start + j * step, step, here, next));
      }
    }
  return [...corners];
}

/**
 * Where f, of different signs at the ends `left` and `left + width`, vanishes: false position, the
 * end that stays counted half (Illinois).
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
      `a bound state joins or leaves the band at E = ${edge}, where the reservoirs' fillings differ: what it takes along is not ` +
      "determined, and charge and energy of a turn need not balance";
    return [{ code: "bound-state" as const, text }];
  });
}

/** Angles in words. */
export const listed = (angles: readonly number[]): string =>
  angles
    .map((theta) => ((theta % TURN) + TURN) % TURN)
    .sort((a, b) => a - b)
    .map((theta) => theta.toPrecision(6))
    .join(", ");
