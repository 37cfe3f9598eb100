// The torque on the angle over one turn, and what it is made of.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { angleAxis, axisOf } from "./axes.js";
import { draw, type Figure, line, series } from "./draw.js";

export interface TorqueData {
  theta: ArrayLike<number>;
  torque: ArrayLike<number>;
  /** Torque of the sea filled equally from all leads; the rest drives. Left out where all reservoirs are equal. */
  conservative?: ArrayLike<number>;
  /** Drawn as a level where it is not zero. */
  load: number;
}

export function torqueFigure({ theta, torque, conservative, load }: TorqueData, units: EnergyUnit): Figure {
  const driving =
    conservative === undefined ? undefined : Float64Array.from(torque, (value, i) => value - conservative[i]);
  const parts = conservative === undefined || driving === undefined ? [] : [conservative, driving];
  const y = axisOf("torque τ", "torque", units, [torque, ...parts, [load]], { withZero: true });
  const mean = torque.length > 0 ? averageOf(torque) : 0;
  const loadStyle = { stroke: colour("muted"), strokeWidth: 1.5, strokeDasharray: "4 4" };
  const meanStyle = { stroke: colour("series-1"), strokeWidth: 1.2, strokeDasharray: "1 3" };
  return draw({
    name: "torque",
    title: "Torque over one turn",
    caption:
      "Torque of the electrons on the angle. " +
      (conservative === undefined
        ? ""
        : "The conservative part is that of reservoirs filled equally: it does no work over a turn. The driving part, the rest, comes from the bias. ") +
      "Dotted: mean of the total over the turn, the work per turn divided by 2π." +
      (load === 0 ? "" : " Dashed: the load; the rotor is driven forwards where the torque exceeds it."),
    legend: [
      { name: "total", line: series[0] },
      ...(parts.length === 0
        ? []
        : [
            { name: "conservative", line: series[2] },
            { name: "driving", line: series[1] },
          ]),
      { name: "mean", line: meanStyle },
      ...(load === 0 ? [] : [{ name: "load", line: loadStyle }]),
    ],
    panels: [
      {
        x: angleAxis(),
        y,
        height: 250,
        marks: [
          Plot.ruleY([0], { stroke: colour("muted") }),
          Plot.ruleY([y.at(mean)], meanStyle),
          ...(load === 0 ? [] : [Plot.ruleY([y.at(load)], loadStyle)]),
          ...(conservative === undefined ? [] : [line(theta, y.scaled(conservative), series[2])]),
          ...(driving === undefined ? [] : [line(theta, y.scaled(driving), series[1])]),
          line(theta, y.scaled(torque), series[0]),
        ],
      },
    ],
  });
}

/** Mean of a closed curve given at equal steps with its first point repeated at the end. */
function averageOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i + 1 < values.length; i++) sum += values[i];
  return sum / Math.max(1, values.length - 1);
}
