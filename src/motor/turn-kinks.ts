// Angles where a bound state joins or leaves a band whose edge lies in the window: the number of levels below the edge changes there, and the
// curves over the turn have kinks.

import type { Warning } from "../model/warning.js";
import { fermi } from "../transport/fermi.js";
import type { TurnSampler } from "./turn-sampler.js";

export interface Kink {
  theta: number;
  /** Energy of the band's edge. */
  edge: number;
}

const TURN = 2 * Math.PI;
/** Angles at which levels are counted. */
const ANGLES = 256;
/** Bisections towards a kink. */
const STEPS = 50;
/** Distance from a band edge, in parts of the energies' scale, at which levels are counted. */
const INWARD = 1e-14;
/** Thermal energies around the chemical potentials within which a band edge makes kinks. */
const THERMAL = 40;

export function turnKinks(sampler: TurnSampler, start: number): Kink[] {
  const { solver } = sampler;
  const [low, high] = sampler.span(THERMAL);
  const edges = solver.bandEdges().filter((edge) => edge > low && edge < high);
  if (edges.length === 0) return [];
  // Counted just inside the band, where Re Sigma has no square root.
  const step = INWARD * solver.energyScale();
  const open = (energy: number) => solver.solve(energy, { firstOrder: false }).channels;
  const inside = edges.map((edge) => (open(edge + step) >= open(edge - step) ? edge + step : edge - step));
  const angle = (j: number) => start + (TURN * j) / ANGLES;
  const counts = Array.from({ length: ANGLES }, (_, j) => {
    sampler.configure(angle(j));
    return inside.map((energy) => solver.eigenvaluesBelow(energy));
  });
  return edges.flatMap((edge, k) =>
    counts.flatMap((count, j) => {
      if (count[k] === counts[(j + 1) % ANGLES][k]) return [];
      return [{ theta: sampler.crossing(inside[k], count[k], angle(j), TURN / ANGLES, STEPS), edge }];
    }),
  );
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
