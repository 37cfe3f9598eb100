// A graph of any quantities, for documents with figures other than those of a run.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import type { Quantity } from "../tables/axis-units.js";
import { colour } from "../theme.js";
import { axisOf, logAxisOf } from "./drawing/axes.js";
import { draw, type Figure } from "./drawing/draw.js";
import { line, note } from "./drawing/marks.js";
import { series } from "./drawing/style.js";
import { turnTicks } from "./drawing/ticks.js";

export interface GraphData {
  name: string;
  title: string;
  caption: string;
  /** Label before the unit, and the quantity that determines the unit. */
  x: { words: string; quantity: Quantity; values: ArrayLike<number>; log?: true };
  y: { words: string; quantity: Quantity; withZero?: boolean; log?: true };
  curves: readonly { name: string; values: ArrayLike<number> }[];
  /** Marked positions on the horizontal axis: a dotted line with a label. */
  notes?: readonly { at: number; text: string }[];
}

export function graphFigure(data: GraphData, units: EnergyUnit): Figure {
  const { name, title, caption, x, y, curves, notes = [] } = data;
  const across = x.log
    ? logAxisOf(x.words, x.quantity, units, [x.values], { tight: true })
    : axisOf(x.words, x.quantity, units, [x.values], { tight: true });
  const turns = x.quantity === "angle" ? across.domain.map((angle) => angle / (2 * Math.PI)) : [];
  const wholeQuarters =
    turns.length === 2 && turns.every((turn) => Math.abs(4 * turn - Math.round(4 * turn)) < 1e-9);
  if (wholeQuarters) Object.assign(across, turnTicks([turns[0], turns[1]]));
  const drawn = curves.map(({ values }) => values);
  const up = y.log
    ? logAxisOf(y.words, y.quantity, units, drawn)
    : axisOf(y.words, y.quantity, units, drawn, { withZero: y.withZero });
  return draw({
    name,
    title,
    caption,
    legend:
      curves.length > 1
        ? curves.map((curve, i) => ({ name: curve.name, line: series[i % series.length] }))
        : [],
    panels: [
      {
        x: across,
        y: up,
        height: 250,
        marks: [
          ...(up.domain[0] <= 0 && up.domain[1] >= 0 ? [Plot.ruleY([0], { stroke: colour("muted") })] : []),
          Plot.ruleX(
            notes.map(({ at }) => across.at(at)),
            { stroke: colour("muted"), strokeDasharray: "2 3" },
          ),
          ...curves.map(({ values }, i) =>
            line(across.scaled(x.values), up.scaled(values), series[i % series.length]),
          ),
          ...notes.map(({ at, text }) =>
            note(across.at(at), up.domain[1], text, { textAnchor: "start", dx: 5, dy: 12 }),
          ),
        ],
      },
    ],
  });
}
