// Output power and efficiency against the load, from free running to stall.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { axisOf, inertiaText } from "./drawing/axes.js";
import { type Axis, draw, type Figure } from "./drawing/draw.js";
import { dots, line, note } from "./drawing/marks.js";
import { series, textWidth } from "./drawing/style.js";

export interface EfficiencyData {
  load: ArrayLike<number>;
  powerOut: ArrayLike<number>;
  powerIn: ArrayLike<number>;
  /** NaN if the motor gives no power. */
  efficiency: ArrayLike<number>;
  /** Inertia of the rotor in the figure, and of that in the file. */
  inertia: { of: number | "infinite"; file: number | "infinite" };
  /** Carnot's bound, if heat drives the motor. */
  carnot?: number;
}

/** A sentence on the rotor to which the curves belong. */
function rotorText({ of, file }: EfficiencyData["inertia"], units: EnergyUnit): string {
  if (of !== "infinite")
    return `The file's rotor (${inertiaText(of, units)}) on its running branch, up to the load that stops it, at the file's bias.`;
  if (file === "infinite") return "Uniform rotation (infinite inertia) at the file's bias.";
  return `Uniform rotation (infinite inertia) at the file's bias, at which the file's rotor (${inertiaText(file, units)}) does not run.`;
}

/** Index of the largest finite value; -1 if there is none. */
function largestIndex(values: ArrayLike<number>): number {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) && (best < 0 || values[i] > values[best])) best = i;
  }
  return best;
}

/** Approximate size of a panel's rectangle. */
const [panelWidth, panelHeight] = [400, 165];

/**
 * A place for a label beside the dot of a curve that touches neither the curve nor the frame: the
 * first free place below, above or to a side.
 */
function clearPlace(
  text: string,
  at: number,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: Axis,
  y: Axis,
): { textAnchor: "start" | "middle" | "end"; dx: number; dy: number } {
  const right = (value: number) => ((value - x.domain[0]) / (x.domain[1] - x.domain[0])) * panelWidth;
  const down = (value: number) => ((y.domain[1] - value) / (y.domain[1] - y.domain[0])) * panelHeight;
  const width = textWidth(text);
  const places = [
    ...[18, -14, 34, 50].flatMap((dy) => [
      { textAnchor: "middle", dx: 0, dy } as const,
      { textAnchor: "start", dx: 9, dy } as const,
      { textAnchor: "end", dx: -9, dy } as const,
    ]),
    ...[14, 22, 34].flatMap((dx) => [
      { textAnchor: "start", dx, dy: 4 } as const,
      { textAnchor: "end", dx: -dx, dy: 4 } as const,
    ]),
  ];
  const free = places.find(({ textAnchor, dx, dy }) => {
    const from = textAnchor === "start" ? 0 : textAnchor === "end" ? -width : -width / 2;
    const left = right(xs[at]) + dx + from;
    const [top, bottom] = [down(ys[at]) + dy - 9, down(ys[at]) + dy + 9];
    if (left < 3 || left + width > panelWidth - 3 || top < 1 || bottom > panelHeight - 1) return false;
    for (let i = 0; i + 1 < xs.length; i++) {
      // Between points the curve is a straight line.
      for (let part = 0; part <= 1; part += 0.25) {
        const across = right(xs[i] + part * (xs[i + 1] - xs[i]));
        const height = down(ys[i] + part * (ys[i + 1] - ys[i]));
        if (across > left - 4 && across < left + width + 4 && height > top && height < bottom) return false;
      }
    }
    return true;
  });
  return free ?? places[0];
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
  return draw({
    name: "efficiency",
    title: "Power and efficiency against load",
    caption:
      `${rotorText(data.inertia, units)} Output: load times speed; input: what the reservoirs give. Efficiency is their ratio where both are positive. ` +
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
                note(
                  x.at(load[best]),
                  eta.at(efficiency[best]),
                  percent(best),
                  clearPlace(percent(best), best, x.scaled(load), eta.scaled(efficiency), x, eta),
                ),
              ]),
        ],
      },
    ],
  });
}
