// Turns of the rotor against time: a few trajectories with noise, and their average.

import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { axisOf } from "./drawing/axes.js";
import { draw, type Figure } from "./drawing/draw.js";
import { line } from "./drawing/marks.js";
import { type LineStyle, series } from "./drawing/style.js";

export interface TrajectoryData {
  time: ArrayLike<number>;
  /** The angle of each trajectory at the times, in radians from the start. */
  angles: readonly ArrayLike<number>[];
  /** Mean angular speed of the whole ensemble, radians per time. */
  meanVelocity: number;
  seed: number;
  /** The angle without noise, from rest. */
  deterministic?: ArrayLike<number>;
}

const inTurns = (angle: ArrayLike<number>): Float64Array =>
  Float64Array.from(angle, (value) => value / (2 * Math.PI));

export function trajectoryFigure(data: TrajectoryData, units: EnergyUnit): Figure {
  const { time, angles, meanVelocity, seed, deterministic } = data;
  const turns = angles.map(inTurns);
  // The mean motion begins at the mean start of the trajectories. It is not drawn for a rotor that
  // moves less than half a turn, because it would only show the relaxation of the start.
  const travelled = (meanVelocity * (time[time.length - 1] - time[0])) / (2 * Math.PI);
  const start = turns.reduce((sum, turn) => sum + turn[0], 0) / turns.length;
  const mean =
    Math.abs(travelled) < 0.5
      ? undefined
      : Float64Array.from(time, (t) => start + (meanVelocity * (t - time[0])) / (2 * Math.PI));
  const still = deterministic === undefined ? undefined : inTurns(deterministic);
  const x = axisOf("time t", "time", units, [time], { tight: true });
  const y = axisOf("angle θ/2π", "turns", units, [...turns, mean ?? [], still ?? []], { withZero: true });
  const thin: LineStyle = { stroke: colour("series-1"), strokeWidth: 1 };
  const times = x.scaled(time);
  return draw({
    name: "trajectories",
    title: "Trajectories",
    caption:
      `${turns.length} trajectories of the rotor with the noise of the electrons, seed ${seed}. ` +
      (mean === undefined
        ? "On average the rotor moves less than half a turn in this time."
        : "Dashed: mean speed of the ensemble.") +
      (still === undefined ? "" : " Dotted: without noise."),
    legend: [
      { name: "with noise", line: thin },
      ...(mean === undefined ? [] : [{ name: "mean speed", line: series[1] }]),
      ...(still === undefined ? [] : [{ name: "without noise", line: series[2] }]),
    ],
    panels: [
      {
        x,
        y,
        height: 250,
        marks: [
          ...turns.map((turn) => line(times, y.scaled(turn), thin)),
          ...(still === undefined ? [] : [line(times, y.scaled(still), series[2])]),
          ...(mean === undefined ? [] : [line(times, y.scaled(mean), series[1])]),
        ],
      },
    ],
  });
}
