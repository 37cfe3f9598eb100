// Finds the angles of a turn at which a bound state joins or leaves a band whose edge lies inside
// the thermal window. The number of levels below the edge changes there, and integrals over the
// window have kinks. Where other channels are open at the edge (a transverse threshold of a wide
// lead) the number changes at every resonance that passes the edge as well. A state that joins the
// band there is bound only if it couples to none of these channels, and then K grows like
// 1/sqrt(distance) up to the edge. Otherwise the curves have peaks of a finite width at most.

import { TURN } from "../../base/constants.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { isHalfBound } from "../energy/divergence.js";

/** An angle at which the number of levels below a band edge changes. */
export interface Kink {
  theta: number;
  /** Energy of the band's edge. */
  edge: number;
  /**
   * Whether a bound state meets the edge there, so that the integrals have a kink. Otherwise a
   * resonance does, and they may have a narrow peak nearby.
   */
  bound: boolean;
}

/** Number of angles at which levels are counted. */
const ANGLES = 256;
/** Number of bisections towards a kink. */
const STEPS = 50;
/** Levels are counted this far inside the band, in units of the device's energy scale. */
const INWARD = 1e-14;
/** A band edge makes kinks if it is nearer than this to a chemical potential, in units of T. */
export const THERMAL = 40;

/**
 * The angles from `start` to `start` + 2 pi at which levels pass band edges between the energies
 * `low` and `high`. `configure` sets the configuration at an angle. Cost: one count of levels per
 * edge at 256 angles, and 50 with some energies per angle found.
 */
export function kinkAngles(
  solver: ScatteringSolver,
  [low, high]: readonly [number, number],
  start: number,
  configure: (theta: number) => void,
): Kink[] {
  const edges = solver.bandEdges(low, high).filter((edge) => edge > low && edge < high);
  if (edges.length === 0) return [];
  // Levels are counted just inside the band, because Re Sigma has a square root at the edge itself.
  const step = INWARD * solver.energyScale();
  const open = (energy: number) => solver.solve(energy, { energyDerivative: false }).channels;
  const channels = edges.map((edge) => [open(edge - step), open(edge + step)]);
  const inside = edges.map((edge, k) => (channels[k][1] >= channels[k][0] ? edge + step : edge - step));
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
      const theta = 0.5 * (left + right);
      configure(theta);
      return [{ theta, edge, bound: channels[k].includes(0) || isHalfBound(solver, edge) }];
    }),
  );
}
