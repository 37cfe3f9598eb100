// Marks on a panel: lines, dots and labels.

import * as Plot from "@observablehq/plot";
import { colour } from "../../theme.js";
import { font, type LineStyle } from "./style.js";

/** A line through points given as two arrays. NaN interrupts it. */
export const line = (x: ArrayLike<number>, y: ArrayLike<number>, style: LineStyle): Plot.Markish =>
  Plot.line({ length: x.length }, { x: Array.from(x), y: Array.from(y), ...style, strokeLinejoin: "round" });

/** Dots at points given as two arrays. */
export const dots = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { fill, stroke }: { fill: string; stroke: string },
): Plot.Markish =>
  Plot.dot(
    { length: x.length },
    { x: Array.from(x), y: Array.from(y), r: 4.5, fill, stroke, strokeWidth: 1.6 },
  );

/** A label at a point, legible over lines. */
export const note = (
  x: number,
  y: number,
  text: string,
  options: { textAnchor?: "start" | "middle" | "end"; dx?: number; dy?: number } = {},
): Plot.Markish =>
  Plot.text([[x, y]], {
    x: "0",
    y: "1",
    text: [text],
    fontSize: font,
    fill: colour("ink"),
    stroke: colour("paper"),
    strokeWidth: 4,
    ...options,
  });
