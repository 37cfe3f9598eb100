// The cycle in the plane of two parameters over the pumping curvature, whose area integral is the
// charge per turn.

import * as Plot from "@observablehq/plot";
import type { EnergyUnit } from "../../index.js";
import { colour, divergingSteps } from "../theme.js";
import { axisOf } from "./drawing/axes.js";
import { type Axis, draw, type Figure, type Panel } from "./drawing/draw.js";
import { dots, note } from "./drawing/marks.js";
import { extent, powerOfTen, tickText } from "./drawing/ticks.js";

/**
 * The curvature Omega on a regular grid, stored by rows: the index is
 * [first * length of second + second].
 */
export interface CurvatureData {
  parameters: readonly [string, string];
  /** The closed path in the order of theta from 0 to 2 pi. */
  path: { first: ArrayLike<number>; second: ArrayLike<number> };
  lead: string;
  /** The curvature. If it is absent, the path alone is drawn. */
  map?: {
    first: ArrayLike<number>;
    second: ArrayLike<number>;
    curvature: ArrayLike<number>;
    /** A sentence for the caption on where and how the curvature was computed. */
    about: string;
  };
}

const sides = (divergingSteps - 1) / 2;

/**
 * The range of the colours. Three quarters of the values lie below `top`; `peaked` means that the
 * largest value is far above the mean.
 */
function rangeOf(curvature: ArrayLike<number>): { top: number; peaked: boolean } {
  const sizes = Float64Array.from(curvature, Math.abs).sort();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let [sum, i] = [0, 0];
  while (i < sizes.length - 1 && sum + sizes[i] <= 0.75 * total) sum += sizes[i++];
  return { top: sizes[i], peaked: sizes[sizes.length - 1] > (50 * total) / sizes.length };
}

/**
 * Boundaries of the colours of either sign, in steps of 1-2-5, or of 1-3-10 for narrow peaks on
 * broad slopes. The last colours have no outer boundary.
 */
function boundariesFor({ top, peaked }: { top: number; peaked: boolean }): number[] {
  const leads = peaked ? [1, 3] : [1, 2, 5];
  const positive: number[] = [];
  for (let power = Math.floor(Math.log10(top)); positive.length < sides; power--) {
    for (const lead of [...leads].reverse()) {
      const value = Number(`${lead}e${power}`);
      if (value < top && positive.length < sides) positive.unshift(value);
    }
  }
  return [...positive.map((value) => -value).reverse(), ...positive];
}

function boundaryText(value: number): string {
  return tickText(value, Math.max(0, -Math.floor(Math.log10(Math.abs(value)) + 1e-9)));
}

/**
 * The path over the colours, with arrow heads that show its direction. Both axes have the same
 * length.
 */
function pathMarks({ first, second }: CurvatureData["path"], xAxis: Axis, yAxis: Axis): Plot.Markish[] {
  const n = first.length;
  const closed = { length: n + 1 };
  const x = Array.from(closed, (_, i) => first[i % n]);
  const y = Array.from(closed, (_, i) => second[i % n]);
  const span = ({ domain }: Axis): number => domain[1] - domain[0];
  const heads = [0.14, 0.39, 0.64, 0.89].map((part) => {
    const i = Math.floor(part * n);
    const right = (x[i + 1] - x[i]) / span(xAxis);
    const up = (y[i + 1] - y[i]) / span(yAxis);
    return { x: x[i], y: y[i], rotate: 90 - (180 / Math.PI) * Math.atan2(up, right) };
  });
  const middle = (values: ArrayLike<number>): number => {
    const [low, high] = extent(values) ?? [0, 0];
    return (low + high) / 2;
  };
  // The label stands beside the path, towards its middle; where the path runs across, below or
  // above it.
  const right = Math.abs(x[1] - x[n - 1]) / span(xAxis);
  const up = Math.abs(y[1] - y[n - 1]) / span(yAxis);
  const leftwards = first[0] > middle(first);
  const place =
    right > up
      ? ({ textAnchor: "middle", dy: second[0] > middle(second) ? 17 : -17 } as const)
      : ({ textAnchor: leftwards ? "end" : "start", dx: leftwards ? -9 : 9 } as const);
  return [
    Plot.line(closed, { x, y, stroke: colour("paper"), strokeWidth: 5 }),
    Plot.line(closed, { x, y, stroke: colour("ink"), strokeWidth: 2 }),
    Plot.dot(heads, {
      x: "x",
      y: "y",
      rotate: "rotate",
      symbol: "triangle",
      r: 6,
      fill: colour("ink"),
      stroke: colour("paper"),
      strokeWidth: 1,
    }),
    dots([first[0]], [second[0]], { fill: colour("ink"), stroke: colour("paper") }),
    note(first[0], second[0], "θ = 0", place),
  ];
}

export function curvatureFigure(data: CurvatureData, units: EnergyUnit): Figure {
  const { parameters, map, lead } = data;
  const [name, other] = parameters;
  const tight = map !== undefined;
  const x = axisOf(`parameter ${name}`, "parameter", units, [map?.first ?? data.path.first], { tight });
  const y = axisOf(`parameter ${other}`, "parameter", units, [map?.second ?? data.path.second], { tight });
  const path = { first: x.scaled(data.path.first), second: y.scaled(data.path.second) };
  const title = map === undefined ? "The cycle" : "The cycle over the pumping curvature";
  const panel: Panel = { x, y, height: 320, square: true, marks: pathMarks(path, x, y) };
  if (map === undefined) {
    const caption = `Path of the parameters ${name} and ${other} over one turn; the dot is the angle 0, arrows show positive rotation.`;
    return draw({ name: "cycle", title, caption, panels: [panel] });
  }
  const [low] = extent(map.curvature) ?? [0, 0];
  const { top, peaked } = rangeOf(map.curvature);
  const { factor, prefix } = powerOfTen(top);
  const values = Float64Array.from({ length: map.first.length * map.second.length }, (_, k) => {
    // Plot expects the first coordinate to vary fastest.
    const [i, j] = [k % map.first.length, Math.floor(k / map.first.length)];
    return factor * map.curvature[i * map.second.length + j];
  });
  const boundaries = boundariesFor({ top: top === 0 ? 1 : factor * top, peaked });
  const fills = Array.from({ length: divergingSteps }, (_, step) => colour(`diverging-${step}`));
  // Contours pass through the middle of their cells. Half a cell more on every side puts the
  // samples in their places.
  const half = (domain: readonly number[], count: number): number =>
    (domain[1] - domain[0]) / (2 * (count - 1));
  const [hx, hy] = [half(x.domain, map.first.length), half(y.domain, map.second.length)];
  const lowest = Math.min(factor * low, 2 * boundaries[0]);
  return draw({
    name: "cycle",
    title,
    caption:
      `Path of the parameters over one turn (dot: θ = 0; arrows: positive rotation) over the curvature Ω of the pumped charge. The charge entering ` +
      `from lead ${lead} per turn is the integral of Ω over the enclosed area, positive for a path from ${name} towards ${other}. ${map.about}`,
    panels: [
      {
        ...panel,
        grid: false,
        color: { type: "threshold", domain: boundaries, range: fills },
        colorBar: {
          label: `curvature Ω (${prefix}e per unit area)`,
          boundaries,
          fills,
          texts: boundaries.map(boundaryText),
        },
        marks: [
          Plot.contour(values, {
            width: map.first.length,
            height: map.second.length,
            x1: x.domain[0] - hx,
            x2: x.domain[1] + hx,
            y1: y.domain[0] - hy,
            y2: y.domain[1] + hy,
            fill: (value: number) => value,
            thresholds: [lowest, ...boundaries],
            clip: true,
          }),
          ...pathMarks(path, x, y),
        ],
      },
    ],
  });
}
