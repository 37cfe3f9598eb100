// The bias at which a rotor at rest starts by itself, with curves computed at that bias: beyond
// linear response. Between equilibrium and the bias tried last the torque is taken as linear in the
// bias; where that family loses its last angle of rest is tried next, until the bias no longer
// changes. Three to five curves beside the one in equilibrium.

import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { startControl } from "./bias-branches.js";
import { linearResponseFamily, type RotorCurve, type RotorSettings } from "./rotor.js";

/** How far beyond the estimate from scales the start is looked for. */
const REACH = 4;
const MOST_CURVES = 12;

/**
 * Smallest bias, of the sign of `first`, at which no angle holds the rotor; undefined if none is
 * found within what the torque suggests. `curveAt` computes the curve at a bias; `first` is where
 * to begin, e.g. the model's own bias. Relative accuracy `tolerance`.
 */
export function startBiasOf(
  curveAt: (bias: number) => RotorCurve,
  rotor: RotorSettings,
  first: number,
  tolerance = 1e-6,
): number | undefined {
  const calm = curveAt(0);
  let bias = first;
  for (let step = 0; step < MOST_CURVES; step++) {
    const { torque } = curveAt(bias);
    const perBias = PeriodicCurve.combination([torque, calm.torque], [1 / bias, -1 / bias]);
    const needed = (calm.torque.scale + Math.abs(rotor.load ?? 0)) / Math.abs(perBias.mean);
    // A device that does no work at a bias does not start, or far outside of what its curves show.
    if (!(needed < 1e3 * Math.max(Math.abs(first), calm.torque.scale))) return undefined;
    // Nothing holds it: it starts at any bias.
    if (needed <= 1e-12 * Math.abs(first)) return 0;
    const family = linearResponseFamily(calm, perBias, rotor);
    const next = startControl(family, { from: 0, to: Math.sign(first) * REACH * needed, steps: 64 });
    if (next === undefined) return undefined;
    if (Math.abs(next - bias) <= tolerance * Math.abs(next)) return next;
    if (next === 0) return 0;
    bias = next;
  }
  return undefined;
}
