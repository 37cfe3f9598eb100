// How long a rotor with noise remembers its start, and where the trajectories of an ensemble start.
//
// - With inertia the speed decays in the time I / <g>. About a stable angle of stiffness k the
//   slower root of I s^2 + g s + k = 0 decides.
// - Without inertia the time is g / k about a stable angle. Without a stable angle it is the time
//   in which drift, or noise if that is faster, moves the rotor by a radian.
//
// These times do not contain the rare passages over barriers. The Fokker-Planck solutions do
// (slowest-mode.ts). Where they are out of reach, the ensemble itself must show the memory
// (ensemble-statistics.ts). Its trajectories therefore start at angles spread over the turn, half
// of them near rest and half near the running speed, so that a memory keeps them apart.

import { TURN } from "../../base/constants.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { leastFriction } from "../rotor/least-friction.js";
import { type RotorForces, type RotorSystem, rotorForces } from "../rotor/rotor.js";
import { type LockedAngle, lockedAngles, rangeOf } from "../rotor/steady-states.js";

/** How long the mean speed of a rotor with noise remembers its start. */
export interface Relaxation {
  /** Time after which 1/e of the initial difference is left; infinite if nothing brakes. */
  time: number;
  /**
   * Total angle that the initial difference makes, radians: |integral of (<omega>(t) - <omega>)
   * dt|.
   */
  reach: number;
}

/**
 * An upper bound of the mean speed of any running orbit if friction brakes at all angles:
 * <f> / <sqrt g>^2. It equals the speed of uniform rotation if the friction is constant. Proof: the
 * drive's work per turn is the heat of friction, <g omega> = <f>, and Cauchy's inequality gives
 * 1 / <1/omega> <= <f> / <sqrt g>^2. If friction drives at some angle the result is <f> / <g>, and
 * 0 if nothing drives or brakes.
 */
export function runningSpeed({ drive, friction }: RotorForces): number {
  if (!(friction.mean > 0) || Math.abs(drive.mean) <= 1e-12 * drive.scale) return 0;
  const values = friction.resample(Math.max(64, 2 * friction.size));
  if (values.some((value) => value < 0)) return drive.mean / friction.mean;
  const root = values.reduce((sum, value) => sum + Math.sqrt(value), 0) / values.length;
  return drive.mean / root ** 2;
}

/**
 * Stable angles that hold the rotor against its noise. There are none if the potential of the drive
 * varies by less than the temperature, noise / 2 friction, or the drive by less than its error.
 */
export function wells(system: RotorSystem): LockedAngle[] {
  const { drive, friction, noise } = rotorForces(system);
  if (!(drive.scale > Math.max(system.curve.errors?.force ?? 0, 1e-14 * system.curve.torque.scale)))
    return [];
  const range = rangeOf(potentialOf(drive));
  const temperature = friction.mean > 0 ? noise.mean / (2 * friction.mean) : 0;
  if (range.greatest - range.least < temperature) return [];
  return lockedAngles(system).filter(({ stable }) => stable);
}

/** Antiderivative of the drive minus its mean. */
const potentialOf = (drive: PeriodicCurve): PeriodicCurve =>
  PeriodicCurve.from((angle) => drive.antiderivative(angle), Math.max(64, 2 * drive.size));

/**
 * The memory of the start that follows from the curves. Throws InputError for a rotor without
 * inertia whose friction vanishes at some angle.
 */
export function relaxationOf(system: RotorSystem): Relaxation {
  const forces = rotorForces(system);
  const { drive, friction, noise } = forces;
  const { inertia } = system.rotor;
  if (inertia === "infinite") return { time: Number.POSITIVE_INFINITY, reach: Number.POSITIVE_INFINITY };
  if (inertia === 0) {
    leastFriction(forces, Math.max(64, 2 * friction.size));
    const settling = wells(system).map(({ angle, stiffness }) => friction.value(angle) / stiffness);
    const rate = Math.max(Math.abs(drive.mean) / friction.mean, noise.mean / (2 * friction.mean ** 2));
    // A rotor that nothing moves has no memory.
    const time = settling.length > 0 ? Math.max(...settling) : rate > 0 ? 1 / rate : 0;
    return { time, reach: TURN };
  }
  if (!(friction.mean > 0)) return { time: Number.POSITIVE_INFINITY, reach: Number.POSITIVE_INFINITY };
  const settling = wells(system).map(({ angle, stiffness }) => {
    const gamma = friction.value(angle);
    const square = gamma * gamma - 4 * inertia * stiffness;
    return square > 0 ? (gamma + Math.sqrt(square)) / (2 * stiffness) : (2 * inertia) / gamma;
  });
  const time = Math.max(inertia / friction.mean, ...settling);
  return { time, reach: TURN + Math.abs(runningSpeed(forces)) * time };
}

/**
 * Speeds with which trajectories start: the running speed, and the thermal speed at the temperature
 * noise / 2 friction.
 */
export function startSpeeds(system: RotorSystem): { running: number; thermal: number } {
  const forces = rotorForces(system);
  const { friction, noise } = forces;
  const { inertia } = system.rotor;
  // Without inertia the speed is no independent variable.
  if (inertia === "infinite" || inertia === 0 || !(friction.mean > 0)) return { running: 0, thermal: 0 };
  const thermal = Math.sqrt(Math.max(0, noise.mean) / (2 * friction.mean * inertia));
  return { running: runningSpeed(forces), thermal };
}

/**
 * Start of a trajectory by its number. The angles are spread over the turn, odd trajectories have
 * the running speed, and all have in addition a thermal speed of either sign, so that the speeds
 * have their steady spread.
 */
export function spreadStart(
  system: RotorSystem,
): (trajectory: number) => { angle: number; velocity: number } {
  const { running, thermal } = startSpeeds(system);
  const golden = (Math.sqrt(5) - 1) / 2;
  return (trajectory) => {
    const part = trajectory * golden;
    const sign = trajectory % 4 === 0 || trajectory % 4 === 3 ? 1 : -1;
    return {
      angle: TURN * (part - Math.floor(part)),
      velocity: (trajectory % 2) * running + sign * thermal,
    };
  };
}
