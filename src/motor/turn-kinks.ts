// Kinks of the curves over the turn (kinks.ts), and what is said of them.

import type { Warning } from "../model/warning.js";
import { fermi } from "../transport/fermi.js";
import { type Kink, kinkAngles, THERMAL } from "../transport/kinks.js";
import type { TurnSampler } from "./turn-sampler.js";

const TURN = 2 * Math.PI;

export function turnKinks(sampler: TurnSampler, start: number): Kink[] {
  return kinkAngles(sampler.solver, sampler.span(THERMAL), start, (theta) => sampler.configure(theta));
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

/** Their angles in words. */
export const listed = (kinks: readonly Kink[]): string =>
  kinks
    .map(({ theta }) => ((theta % TURN) + TURN) % TURN)
    .sort((a, b) => a - b)
    .map((theta) => theta.toPrecision(6))
    .join(", ");
