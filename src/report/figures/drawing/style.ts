// What all figures share: width, letters, and the styles by which series are told apart.

import { colour } from "../../theme.js";

/**
 * Width of every figure in its own units; two of them stand side by side on a desk, one fits a
 * telephone with readable letters.
 */
export const figureWidth = 480;
/** Size of all letters. */
export const font = 13;

/** How a series is told apart: colour and dashes. */
export interface LineStyle {
  stroke: string;
  strokeDasharray?: string;
  strokeWidth?: number;
}

/** Styles of the series in order of use. */
export const series: readonly LineStyle[] = [
  { stroke: colour("series-1"), strokeWidth: 2 },
  { stroke: colour("series-2"), strokeWidth: 2, strokeDasharray: "7 3" },
  { stroke: colour("series-3"), strokeWidth: 2, strokeDasharray: "2 3" },
  { stroke: colour("series-4"), strokeWidth: 2, strokeDasharray: "9 3 2 3" },
];

/**
 * Width per letter as a part of the font's size, in the widest of the fonts a text may be set in;
 * the first class that holds it counts.
 */
const letterWidths: readonly [RegExp, number][] = [
  [/[ijl|'.,:;·]/, 0.31],
  [/[ frt()/⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/, 0.41],
  [/[mwMW—%]/, 0.96],
  [/[A-Z−=<>Ω]/, 0.78],
  [/./, 0.63],
];

export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += letterWidths.find(([letters]) => letters.test(letter))?.[1] ?? 0.63;
  return width * font;
}

export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
