// Uniform rotation (infinite inertia): omega = (W - 2 pi load) / loop (gamma + gamma_ext) dtheta, and what a rotor at rest dissipates.
// Every other motion: steady-states.ts, and thermodynamics.ts for its powers.

import type { TurnCurve } from "./curve.js";

/** Angular speed of uniform rotation; 0 where the net work per turn is below its own error; undefined if friction does not brake. */
export function uniformVelocity(
  curve: TurnCurve,
  load: number,
  externalFriction: number,
): number | undefined {
  const drive = curve.torque.mean - load;
  const friction = curve.friction.mean + externalFriction;
  const resolution = Math.max(curve.error, 1e-15) * Math.max(curve.torque.scale, Math.abs(load));
  if (Math.abs(drive) <= resolution) return 0;
  return friction > 0 ? drive / friction : undefined;
}

/** Joule heat sum_a mu_a <J_a> of a rotor at rest, averaged over the turn: a heavy rotor that nothing turns rests anywhere. */
export function frozenHeat({ leads, probes, chemicalPotential, current }: TurnCurve): number {
  return leads.reduce((sum, _, a) => sum + (probes[a] ? 0 : chemicalPotential[a] * current[a].mean), 0);
}
