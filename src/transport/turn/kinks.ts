// Angles of a turn where a bound state joins or leaves a band at an edge inside the thermal window:
// the number of levels below the edge changes there, and what the window gives has kinks.

import { TURN } from "../../base/constants.js";
import type { ScatteringSolver } from "../../scattering/contract.js";

export interface Kink {
  theta: number;
  /** Energy of the band's edge. */
  edge: number;
}

/** Angles at which levels are counted. */
const ANGLES = 256;
/** Bisections towards a kink. */
const STEPS = 50;
/** Distance from a band edge, in parts of the energies' scale, at which levels are counted. */
const INWARD = 1e-14;
/** Thermal energies around the chemical potentials within which a band edge makes kinks. */
export const THERMAL = 40;

/**
 * Kinks by edges between two energies; angles from `start` on. `configure` brings an angle into
 * force.
 */
export function kinkAngles(
  solver: ScatteringSolver,
  [low, high]: readonly [number, number],
  start: number,
  configure: (theta: number) => void,
): Kink[] {
  const edges = solver.bandEdges(low, high).filter((edge) => edge > low && edge < high);
  if (edges.length === 0) return [];
  // Counted just inside the band, where Re Sigma has no square root.
  const step = INWARD * solver.energyScale();
  const open = (energy: number) => solver.solve(energy, { energyDerivative: false }).channels;
  const inside = edges.map((edge) => (open(edge + step) >= open(edge - step) ? edge + step : edge - step));
  const countAt = (theta: number, energy: number) => {
    configure(theta);
    return solver.eigenvaluesBelow(energy);
  };
  const angle = (j: number) => start + (TURN * j) / ANGLES;
  const counts = Array.from({ length: ANGLES }, (_, j) => {
    configure(angle(j));
    return inside.map((energy) => solver.eigenvaluesBelow(energy));
  });
  return edges.flatMap((edge, k) =>
    counts.flatMap((count, j) => {
      if (count[k] === counts[(j + 1) % ANGLES][k]) return [];
      let [left, right] = [angle(j), angle(j + 1)];
      for (let bisection = 0; bisection < STEPS; bisection++) {
        const middle = 0.5 * (left + right);
        if (countAt(middle, inside[k]) === count[k]) left = middle;
        else right = middle;
      }
      return [{ theta: 0.5 * (left + right), edge }];
    }),
  );
}
