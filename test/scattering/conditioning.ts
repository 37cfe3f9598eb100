// How many digits a scattering problem leaves, for tests that compare with rounding level.

import type { Triplet } from "../../src/model/types.js";
import type { ScatteringPoint } from "../../src/scattering/point.js";
import type { KernelSolver } from "../../src/scattering/solvers/solver.js";
import type { RandomModel } from "../twins/random-device.js";

/** An energy for a seed, off the symmetric places. */
export const energyOf = (seed: number): number => 0.9 * Math.sin(1 + 12.9898 * seed);

/** The model with one more parameter that shifts all orbitals alike: its K is the dwell time matrix 2 pi psi^+ psi. */
export function everywhere(model: RandomModel): RandomModel {
  const shift = Array.from({ length: model.device.orbitals }, (_, i): Triplet => [i, i, 1]);
  const parameters = { ...(model.device.parameters as Record<string, Triplet[]>), everywhere: shift };
  return { ...model, device: { ...model.device, parameters } };
}

/**
 * Scale of H times the longest dwell time (S changes by 2 pi psi^+ d psi under an error d of H), over the square root of the distance of
 * the nearest band edge in units of that scale (the digits Sigma has lost there). The point's last direction is `everywhere`.
 */
export function condition(solver: KernelSolver, point: ScatteringPoint, energy: number): number {
  const K = point.K[point.K.length - 1];
  let dwell = 0;
  for (let a = 0; a < point.channels; a++) dwell = Math.max(dwell, Math.abs(K[2 * a * (point.channels + 1)]));
  const scale = solver.energyScale();
  const room = solver.bandEdges().reduce((least, edge) => Math.min(least, Math.abs(edge - energy)), scale);
  return (1 + scale * dwell) * Math.sqrt(scale / room);
}
