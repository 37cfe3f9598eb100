// The default time step of a rotor with noise, from the scales of its curves.

import { equispacedAngles, type PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { leastFriction } from "../rotor/least-friction.js";
import { overdampedMotion } from "../rotor/overdamped.js";
import { type RotorForces, type RotorSystem, rotorForces } from "../rotor/rotor.js";
import { runningSpeed } from "./relaxation.js";

/**
 * Time step that resolves the relaxation, the curvature of the drive, and the passage over the
 * finest harmonic at typical speeds. It is a fiftieth of the shortest of these times, and a
 * twentieth without inertia. Errors are of second order in the step; half the step shows their
 * size. Throws InputError for a rotor without inertia whose friction vanishes at some angle.
 */
export function defaultStep(system: RotorSystem): number {
  const forces = rotorForces(system);
  const { drive, friction, noise } = forces;
  const { inertia } = system.rotor;
  const harmonics = Math.max(
    1,
    drive.harmonics > 0 ? significantHarmonics(drive) : 1,
    significantHarmonics(friction),
  );
  const slope = drive
    .resampleDerivative(Math.max(64, 2 * drive.size))
    .reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const gamma = friction.scale;
  const rates: number[] = [];
  let part = 0.02;
  if (inertia === "infinite" || inertia === 0) {
    const least = leastFriction(forces, Math.max(64, 2 * friction.size));
    // The extremes of the curves together bound the rate at every angle, also where noise that
    // vanishes has a kink.
    const bound = Math.max(
      slope / least,
      (drive.scale / least) * harmonics,
      (noise.scale / (2 * least * least)) * harmonics ** 2,
    );
    rates.push(Math.min(bound, overdampedRate(forces)));
    // With this step mean speeds hold to 1e-4.
    part = 0.05;
  } else {
    const speed = Math.max(
      Math.sqrt(noise.scale / (2 * Math.max(gamma, 1e-300) * inertia)),
      drivenSpeed(drive, friction, inertia),
      Math.abs(runningSpeed(forces)),
    );
    rates.push(gamma / inertia, Math.sqrt(slope / inertia), speed * harmonics);
  }
  return part / Math.max(...rates, Number.MIN_VALUE);
}

/**
 * Fastest rate of the terms of the overdamped step: the change of drift and spread over a step at
 * any angle, and the passage of one radian.
 */
function overdampedRate(forces: RotorForces): number {
  const { drive, friction, noise } = forces;
  const n = Math.max(64, 4 * Math.max(drive.size, friction.size, noise.size));
  const motion = overdampedMotion(forces, n);
  const { drift, spread, driftSlope, driftBend, spreadSlope, spreadBend } = motion;
  const largest = (value: (i: number) => number): number =>
    drift.reduce((most, _, i) => Math.max(most, Math.abs(value(i))), 0);
  const [fastest, widest] = [largest((i) => drift[i]), largest((i) => spread[i])];
  const part = (value: number, whole: number) => (value === 0 ? 0 : value / whole);
  return Math.max(
    fastest,
    widest ** 2 / 2,
    largest((i) => driftSlope[i]),
    part(
      largest((i) => driftBend[i] * spread[i] ** 2),
      fastest,
    ),
    largest((i) => spreadSlope[i]) ** 2,
    largest((i) => spread[i] * spreadBend[i]),
    part(
      largest((i) => drift[i] * spreadSlope[i]),
      widest,
    ),
  );
}

/**
 * Typical speed that the drive gives a rotor with inertia. It is drive / friction, but where
 * friction is weak no more than the sum of two speeds: that of the energy of the drive's wells, and
 * that at which friction takes up the work per turn. Without this limit a conservative drive with
 * little friction would ask for an extremely short step.
 */
function drivenSpeed(drive: PeriodicCurve, friction: PeriodicCurve, inertia: number): number {
  const held = drive.scale / Math.max(friction.scale, 1e-300);
  if (!(friction.mean > 0)) return held;
  // The depth of the drive's wells, to the few digits that a step needs.
  let [low, high] = [0, 0];
  for (const angle of equispacedAngles(256)) {
    const value = drive.antiderivative(angle);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const energy = high - low + Math.abs(drive.integral);
  // A mean drive at the level of rounding does no work.
  const work = Math.abs(drive.mean) > 1e-14 * drive.scale ? Math.abs(drive.mean) : 0;
  return Math.min(held, work / friction.mean + Math.sqrt((2 * energy) / inertia));
}

/** Highest harmonic with more than 1e-3 of the curve's scale. */
function significantHarmonics(curve: PeriodicCurve): number {
  for (let k = curve.harmonics; k > 1; k--) if (curve.amplitude(k) > 1e-3 * curve.scale) return k;
  return 1;
}
