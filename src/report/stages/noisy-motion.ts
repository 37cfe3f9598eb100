// The rotor with noise over a few turns: the time to simulate, and the trajectories to draw.

import type { Device, MotorResult, SimulationResult } from "../../index.js";
import { rangeOf } from "../../motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { FigureData } from "../figures/index.js";

const trajectories = 64;
const drawn = 6;
const seed = 1;
/** Number of turns of uniform rotation to simulate. */
const turns = 8;
/** Bounds of the time in relaxation times of the speed. */
const [shortest, longest] = [20, 1000];

/**
 * A time that shows the motion: some turns if the rotor turns, and at least some relaxation times.
 */
function watchingTime({ curve, rotor }: MotorResult): number | undefined {
  const torque = new PeriodicCurve(curve.torque);
  const friction = new PeriodicCurve(curve.friction).mean + rotor.friction;
  if (rotor.inertia === "infinite" || friction <= 0) return undefined;
  const speed = Math.abs(torque.mean - rotor.load) / friction;
  const turn = speed > 0 ? (2 * Math.PI) / speed : Number.POSITIVE_INFINITY;
  const { least, greatest } = rangeOf(torque);
  // Without inertia the angle relaxes, in its well.
  const relaxation = rotor.inertia > 0 ? rotor.inertia / friction : friction / (greatest - least || 1);
  return Math.max(shortest * relaxation, Math.min(turns * turn, longest * relaxation));
}

/**
 * The simulation; undefined for infinite inertia, which feels no noise, and if friction does not
 * brake.
 */
export function noisyMotion(device: Device, motor: MotorResult): SimulationResult | undefined {
  const time = watchingTime(motor);
  if (
    time === undefined ||
    rangeOf(new PeriodicCurve(motor.curve.friction)).least + motor.rotor.friction <= 0
  )
    return undefined;
  return device.simulate({ time, trajectories, seed, paths: drawn });
}

export function trajectoriesFigure({
  times,
  trajectories: all,
  meanVelocity,
  seed: from,
}: SimulationResult): FigureData {
  return {
    kind: "trajectories",
    time: times,
    angles: all.flatMap(({ angle }) => (angle === undefined ? [] : [angle])),
    meanVelocity,
    seed: from,
  };
}
