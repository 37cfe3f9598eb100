// Speed against bias: the bias is raised with the rotor at rest, and lowered with the rotor
// running. Between the two thresholds both states exist.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { axisOf } from "./drawing/axes.js";
import { draw, type Figure } from "./drawing/draw.js";
import { line, note } from "./drawing/marks.js";
import { series } from "./drawing/style.js";

export interface SpeedData {
  bias: ArrayLike<number>;
  /** Mean angular speed while the bias is raised; absent for infinite inertia. */
  up?: ArrayLike<number>;
  /** Mean angular speed while the bias is lowered; absent for infinite inertia. */
  down?: ArrayLike<number>;
  /** Speed of uniform rotation (infinite inertia). */
  uniform: ArrayLike<number>;
  /** Relative error of the curves between the computed biases. */
  error?: number;
  /** Bias at which the rotor at rest starts. */
  startBias?: number;
  /** Bias at which the running rotor stops. */
  stopBias?: number;
}

export function speedFigure(data: SpeedData, units: EnergyUnit): Figure {
  const { bias, up, down, uniform, startBias, stopBias, error = 0 } = data;
  const x = axisOf("bias V", "voltage", units, [bias], { tight: true });
  const y = axisOf("mean speed ⟨ω⟩", "angularVelocity", units, [up ?? [], down ?? [], uniform], {
    withZero: true,
  });
  const marks = [
    { at: startBias, text: "starts" },
    { at: stopBias, text: "stops" },
  ].flatMap(({ at, text }) => (at === undefined ? [] : [{ at: x.at(at), text }]));
  // Labels stand where the speed is far from zero, because no curve comes there at a small bias.
  const far = y.domain[1] >= -y.domain[0] ? y.domain[1] : y.domain[0];
  const alone = series[up === undefined ? 0 : 2];
  const hysteresis = startBias !== undefined && stopBias !== undefined && startBias !== stopBias;
  return draw({
    name: "speed",
    title: hysteresis ? "Speed against bias: hysteresis" : "Speed against bias",
    caption:
      (up === undefined
        ? "Angular speed of uniform rotation at the file's load."
        : "Mean angular speed of the steady state at the file's load, the bias raised from zero, with the rotor at rest, and lowered again. ") +
      (hysteresis
        ? "Between the bias where the running rotor stops and the one where the resting rotor starts, both states exist. "
        : "") +
      (up === undefined ? "" : "Uniform: the speed of a rotor of infinite inertia.") +
      (error < 0.005
        ? ""
        : ` Torque and friction are interpolated between the computed biases to ${(100 * error).toPrecision(1)} %.`),
    legend: [
      ...(up === undefined ? [] : [{ name: "bias going up", line: series[0] }]),
      ...(down === undefined ? [] : [{ name: "bias going down", line: series[1] }]),
      { name: "uniform", line: alone },
    ],
    panels: [
      {
        x,
        y,
        height: 250,
        marks: [
          Plot.ruleY([0], { stroke: colour("muted") }),
          Plot.ruleX(
            marks.map(({ at }) => at),
            { stroke: colour("muted"), strokeDasharray: "2 3" },
          ),
          line(x.scaled(bias), y.scaled(uniform), alone),
          ...(down === undefined ? [] : [line(x.scaled(bias), y.scaled(down), series[1])]),
          ...(up === undefined ? [] : [line(x.scaled(bias), y.scaled(up), series[0])]),
          ...marks.map(({ at, text }, i) =>
            note(at, far, text, { textAnchor: "start", dx: 5, dy: (far > 0 ? 1 : -1) * (12 + 17 * i) }),
          ),
        ],
      },
    ],
  });
}
