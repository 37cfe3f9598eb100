// Output power and efficiency against the load, from free running to stall.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { axisOf } from "./axes.js";
import { dots, draw, type Figure, line, note, series } from "./draw.js";

export interface EfficiencyData {
  load: ArrayLike<number>;
  powerOut: ArrayLike<number>;
  powerIn: ArrayLike<number>;
  /** NaN where the motor gives no power. */
  efficiency: ArrayLike<number>;
  /** Upper bound by the temperatures, where heat drives. */
  carnot?: number;
}

/** Index of the largest finite value; -1 if there is none. */
function largestIndex(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) && (best < 0 || values[i] > values[best])) best = i;
  }
  return best;
}

export function efficiencyFigure(data: EfficiencyData, units: EnergyUnit): Figure {
  const { load, powerOut, powerIn, efficiency, carnot } = data;
  const x = axisOf("load", "torque", units, [load], { tight: true });
  const power = axisOf("power P", "power", units, [powerOut, powerIn], { count: 4, withZero: true });
  const eta = axisOf("efficiency η", "ratio", units, [efficiency, carnot === undefined ? [] : [carnot]], {
    count: 4,
    withZero: true,
  });
  const best = largestIndex(efficiency);
  const strongest = largestIndex(powerOut);
  const full = { fill: colour("ink"), stroke: colour("paper") };
  const percent = (i: number): string => `${Number((100 * efficiency[i]).toPrecision(3))} %`;
  /** Below the curve, and inside the frame. */
  const place = (i: number) => {
    const part = (x.at(load[i]) - x.domain[0]) / (x.domain[1] - x.domain[0]);
    if (part < 0.12) return { textAnchor: "start", dx: 9, dy: 4 } as const;
    return part > 0.88
      ? ({ textAnchor: "end", dx: -9, dy: 4 } as const)
      : ({ textAnchor: "middle", dy: 17 } as const);
  };
  return draw({
    name: "efficiency",
    title: "Power and efficiency against load",
    caption:
      "Uniform rotation at the file's bias. Output: load times speed; input: what the reservoirs give. Efficiency is their ratio where both are positive. " +
      "Dots: largest output and largest efficiency of the points drawn." +
      (carnot === undefined ? "" : " Dashed: Carnot's bound."),
    legend: [
      { name: "output", line: series[0] },
      { name: "input", line: series[1] },
      { name: "efficiency", line: series[2] },
    ],
    panels: [
      {
        x,
        y: power,
        height: 165,
        marks: [
          Plot.ruleY([0], { stroke: colour("muted") }),
          line(x.scaled(load), power.scaled(powerIn), series[1]),
          line(x.scaled(load), power.scaled(powerOut), series[0]),
          ...(strongest < 0 ? [] : [dots([x.at(load[strongest])], [power.at(powerOut[strongest])], full)]),
        ],
      },
      {
        x,
        y: eta,
        height: 165,
        marks: [
          ...(carnot === undefined
            ? []
            : [Plot.ruleY([eta.at(carnot)], { stroke: colour("muted"), strokeDasharray: "4 4" })]),
          line(x.scaled(load), eta.scaled(efficiency), series[2]),
          ...(best < 0
            ? []
            : [
                dots([x.at(load[best])], [eta.at(efficiency[best])], full),
                note(x.at(load[best]), eta.at(efficiency[best]), percent(best), place(best)),
              ]),
        ],
      },
    ],
  });
}
