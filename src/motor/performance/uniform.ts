// Uniform rotation at infinite inertia, omega = (W - 2 pi load) / loop (gamma + gamma_ext) dtheta,
// and the dissipation of a rotor at rest. Other motions stand in steady-states.ts, their powers in
// thermodynamics.ts.

import { TURN } from "../../base/constants.js";
import type { TurnCurve } from "../curve/turn-curve.js";
import type { Ensemble, EnsembleOptions } from "../noise/ensemble.js";

/**
 * Angular speed of uniform rotation, radians per time. It is 0 if the net work per turn is below
 * its error, and undefined if friction does not brake.
 */
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

/**
 * Joule heat sum_a mu_a <J_a> per time of a rotor at rest, averaged over the turn, because a heavy
 * rotor without drive may rest at any angle.
 */
export function frozenHeat({ leads, probes, chemicalPotential, current }: TurnCurve): number {
  return leads.reduce((sum, _, a) => sum + (probes[a] ? 0 : chemicalPotential[a] * current[a].mean), 0);
}

/**
 * The ensemble of a rotor that noise does not move: all trajectories turn with the speed `omega`.
 */
export function uniformEnsemble(
  omega: number,
  { time, trajectories, seed = 1, first = 0, step = time / 200, paths = 0, records = 200 }: EnsembleOptions,
): Ensemble {
  const all = (value: number) => new Float64Array(trajectories).fill(value);
  const times = Float64Array.from({ length: paths === 0 ? 0 : records + 1 }, (_, k) => (time * k) / records);
  const gained = omega * time;
  const turns = Math.floor(Math.abs(gained) / TURN);
  return {
    seed,
    first,
    time,
    step,
    burnIn: 0,
    displacement: all(gained),
    marks: Float64Array.of(time / 2, time),
    gained: Float64Array.from({ length: 2 * trajectories }, (_, i) => (i % 2 === 0 ? gained / 2 : gained)),
    forward: all(omega > 0 ? turns : 0),
    backward: all(omega < 0 ? turns : 0),
    firstPassage: all(turns > 0 ? TURN / omega : Number.NaN),
    angle: all(gained - TURN * Math.floor(gained / TURN)),
    velocity: all(omega),
    paths: { time: times, angle: Array.from({ length: paths }, () => times.map((t) => omega * t)) },
  };
}
