// Currents from one lead over the turn: the current while the angle stands still, and the
// contribution of its motion.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour } from "../theme.js";
import { angleAxis, axisOf } from "./drawing/axes.js";
import { draw, type Figure, type Panel } from "./drawing/draw.js";
import { line } from "./drawing/marks.js";
import { series } from "./drawing/style.js";

export interface CurrentsData {
  theta: ArrayLike<number>;
  lead: string;
  /** Current of order 0; absent without a bias. */
  frozen?: ArrayLike<number>;
  /** Order 1 per angular speed: charge per radian. */
  pumped: ArrayLike<number>;
  /** Charge per turn, which the caption states. */
  charge: number;
}

export function currentsFigure(
  { theta, lead, frozen, pumped, charge }: CurrentsData,
  units: EnergyUnit,
): Figure {
  const x = angleAxis();
  const perRadian = axisOf("pumped dQ/dθ", "charge", units, [pumped], { count: 4, withZero: true });
  const panels: Panel[] = [
    {
      x,
      y: { ...perRadian, label: perRadian.label.replace(/\)$/, "/rad)") },
      height: frozen === undefined ? 250 : 165,
      marks: [Plot.ruleY([0], { stroke: colour("muted") }), line(theta, perRadian.scaled(pumped), series[0])],
    },
  ];
  if (frozen !== undefined) {
    const J = axisOf("current J", "current", units, [frozen], { count: 4, withZero: true });
    panels.push({
      x,
      y: J,
      height: 165,
      marks: [Plot.ruleY([0], { stroke: colour("muted") }), line(theta, J.scaled(frozen), series[1])],
    });
  }
  const largest = Float64Array.from(pumped, Math.abs).reduce((a, b) => Math.max(a, b), 0);
  // The charge of a symmetric turn is rounding.
  const total = Math.abs(charge) < 1e-12 * largest ? "0" : charge.toPrecision(4).replace("-", "−");
  return draw({
    name: "currents",
    title: "Currents over one turn",
    caption:
      `Particles entering from lead ${lead}. Pumped: charge per radian of the turn, ${total} e in all; ` +
      "times dθ/dt it is a current." +
      (frozen === undefined ? "" : " Frozen: the current the bias drives while the angle stands still."),
    legend: [
      { name: "pumped, per angle", line: series[0] },
      ...(frozen === undefined ? [] : [{ name: "frozen", line: series[1] }]),
    ],
    panels,
  });
}
