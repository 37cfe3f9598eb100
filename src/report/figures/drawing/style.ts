// The common style of all figures: width, size of letters, and the styles of the series.

import { colour } from "../../theme.js";

/**
 * Width of every figure in its own units. Two figures fit side by side on a desktop screen, and one
 * fits a telephone with legible letters.
 */
export const figureWidth = 480;
/** Size of all letters. */
export const font = 13;

/** The style of a series: colour and dashes. */
export interface LineStyle {
  stroke: string;
  strokeDasharray?: string;
  strokeWidth?: number;
}

/** Styles of the series in the order of use. */
export const series: readonly LineStyle[] = [
  { stroke: colour("series-1"), strokeWidth: 2 },
  { stroke: colour("series-2"), strokeWidth: 2, strokeDasharray: "7 3" },
  { stroke: colour("series-3"), strokeWidth: 2, strokeDasharray: "2 3" },
  { stroke: colour("series-4"), strokeWidth: 2, strokeDasharray: "9 3 2 3" },
];

/**
 * Width per letter in units of the font's size, for the widest font in which a text may be set. The
 * first matching class counts.
 */
const letterWidths: readonly [RegExp, number][] = [
  [/[ijl|'.,:;·]/, 0.31],
  [/[ frt()/⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/, 0.41],
  [/[mwMW—%]/, 0.96],
  [/[A-Z−=<>Ω]/, 0.78],
  [/./, 0.63],
];

/** Approximate width of a text in units of the figure. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += letterWidths.find(([letters]) => letters.test(letter))?.[1] ?? 0.63;
  return width * font;
}

/** The text with the characters that XML reserves written as entities. */
export const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
