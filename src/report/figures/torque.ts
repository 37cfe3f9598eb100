// The torque on the angle over one turn, and its parts.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { angleAxis, axisOf } from "./drawing/axes.js";
import { draw, type Figure, type Panel } from "./drawing/draw.js";
import { line } from "./drawing/marks.js";
import { series } from "./drawing/style.js";

export interface TorqueData {
  theta: ArrayLike<number>;
  torque: ArrayLike<number>;
  /**
   * Torque of a sea that all leads fill equally; the rest of the torque drives. Absent if all
   * reservoirs are equal.
   */
  conservative?: ArrayLike<number>;
  /** Load, drawn as a horizontal line unless it is zero. */
  load: number;
}

export function torqueFigure({ theta, torque, conservative, load }: TorqueData, units: EnergyUnit): Figure {
  const x = angleAxis();
  const loadStyle = { stroke: colour("muted"), strokeWidth: 1.5, strokeDasharray: "4 4" };
  const meanStyle = { stroke: colour("ink"), strokeWidth: 1.2, strokeDasharray: "1 3" };
  // The conservative part is drawn over the whole torque, with wide gaps so that the line below is
  // visible.
  const conservativeStyle = { ...series[2], strokeDasharray: "3 8" };
  const loaded = load !== 0;
  const zero = Plot.ruleY([0], { stroke: colour("muted") });
  const driving =
    conservative === undefined ? undefined : Float64Array.from(torque, (value, i) => value - conservative[i]);
  const whole = axisOf("torque τ", "torque", units, [torque, conservative ?? [], loaded ? [load] : []], {
    count: driving === undefined ? 5 : 4,
    withZero: true,
  });
  const panels: Panel[] = [
    {
      x,
      y: whole,
      height: driving === undefined ? 250 : 165,
      marks: [
        zero,
        ...(loaded ? [Plot.ruleY([whole.at(load)], loadStyle)] : []),
        ...(driving === undefined ? [Plot.ruleY([whole.at(averageOf(torque))], meanStyle)] : []),
        line(theta, whole.scaled(torque), series[0]),
        ...(conservative === undefined ? [] : [line(theta, whole.scaled(conservative), conservativeStyle)]),
      ],
    },
  ];
  if (driving !== undefined) {
    const part = axisOf("driving part", "torque", units, [driving], { count: 4, withZero: true });
    panels.push({
      x,
      y: part,
      height: 165,
      marks: [
        zero,
        Plot.ruleY([part.at(averageOf(driving))], meanStyle),
        line(theta, part.scaled(driving), series[1]),
      ],
    });
  }
  return draw({
    name: "torque",
    title: "Torque over one turn",
    caption:
      "Torque of the electrons on the angle. " +
      (conservative === undefined
        ? "Dotted: its mean, the work per turn divided by 2π."
        : "The conservative part is that of reservoirs filled equally: it does no work over a turn. The driving part, the rest, comes from the " +
          "difference of the reservoirs; dotted: its mean, the work per turn divided by 2π.") +
      (loaded ? " Dashed grey: the load; the rotor is driven forwards where the torque exceeds it." : ""),
    legend: [
      { name: "total", line: series[0] },
      ...(driving === undefined
        ? []
        : [
            { name: "conservative", line: conservativeStyle },
            { name: "driving", line: series[1] },
          ]),
      { name: "mean", line: meanStyle },
      ...(loaded ? [{ name: "load", line: loadStyle }] : []),
    ],
    panels,
  });
}

/** Mean of a closed curve at equal steps, whose first point is repeated at the end. */
function averageOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i + 1 < values.length; i++) sum += values[i];
  return sum / Math.max(1, values.length - 1);
}
