// The bias at which a rotor at rest starts by itself, beyond linear response: the curves are
// computed at that bias. The torque is taken as linear in the bias between equilibrium and the bias
// tried last. The next bias is that at which this family loses its last angle of rest, until the
// bias no longer changes. Cost: three to five curves besides that of equilibrium.

import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { startControl } from "./bias-branches.js";
import { linearResponseFamily, type RotorCurve, type RotorSettings } from "./rotor.js";

/** The search extends to this multiple of the bias that the scales of the torque suggest. */
const REACH = 4;
/** Most curves of a search. */
const MOST_CURVES = 12;

/**
 * Smallest bias, of the sign of `first`, at which no angle holds the rotor, to the relative
 * accuracy `tolerance`. Undefined if the rotor does not start within what the torque suggests.
 * `curveAt` computes the curve at a bias; `first` is the first bias to try, such as the model's
 * own.
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
    // A device without work at a bias never starts, or only far beyond the range of its curves.
    if (!(needed < 1e3 * Math.max(Math.abs(first), calm.torque.scale))) return undefined;
    // Nothing holds the rotor, which starts at any bias.
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
