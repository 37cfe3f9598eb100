// Puts the curve of a resolved turn together from its interpolants and the records of its samples.

import { equispacedAngles, type PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { ForceErrors } from "../../transport/forces/result.js";
import { quantities } from "../../transport/forces/result.js";
import type { TurnSampler } from "../sampling/sampler.js";
import type { TurnGrid } from "./grid.js";
import type { TurnCurve } from "./turn-curve.js";

/**
 * `curves` are the interpolants of all judged components, and `worst` their errors per group. With
 * `strict`, throws NumericalError if integrals over energy miss the tolerance.
 */
export function turnResult(
  sampler: TurnSampler,
  grid: TurnGrid,
  curves: PeriodicCurve[],
  scales: Float64Array,
  worst: Float64Array,
  strict = true,
): TurnCurve {
  const { leads, probes } = sampler.solver;
  const { entropy, potentials } = sampler.places;
  const count = leads.length;
  const ofLeads = (k: number): PeriodicCurve[] => curves.slice(4 + k * count, 4 + (k + 1) * count);
  const { relative, group } = sampler.integralError(scales);
  if (strict && relative > sampler.tolerance) throw sampler.unknown(relative, group);
  let error = relative;
  for (const [g, scale] of scales.entries()) if (scale > 0) error = Math.max(error, worst[g] / scale);
  const errors = Object.fromEntries(quantities.map((name, g) => [name, worst[g] + sampler.errors[g]]));
  return {
    theta: equispacedAngles(grid.count),
    torque: curves[0],
    conservativeTorque: curves[1],
    friction: curves[2],
    noise: curves[3],
    leads: [...leads],
    probes: [...probes],
    chemicalPotential: Float64Array.from(leads, (_, a) => grid.curve(potentials + a).mean),
    temperature: Float64Array.from(leads, (_, a) => (sampler.reservoirs[a] ?? sampler.mean).temperature),
    current: ofLeads(0),
    energyCurrent: ofLeads(1),
    currentPerVelocity: ofLeads(2),
    energyCurrentPerVelocity: ofLeads(3),
    frozenHeat: curves[entropy - 1],
    ...(sampler.knowsEntropy && { entropyProduction: grid.curve(entropy) }),
    error,
    errors: errors as unknown as ForceErrors,
    unitarity: sampler.unitarity,
    warnings: sampler.warnings.list,
    evaluations: sampler.evaluations,
  };
}
