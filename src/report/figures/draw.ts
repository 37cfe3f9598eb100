// How every figure is drawn: panels one below the other, each a plot of @observablehq/plot in linkedom's document, under one legend and
// inside one SVG with title and description. The result is text without style attributes, scripts or outside references, so that it
// lives under the strictest content security policy; colours are the variables of theme.ts.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { colour } from "../theme.js";
import type { Ticks } from "./ticks.js";

/** A finished figure: `svg` has a viewBox and no size of its own. */
export interface Figure {
  /** For file names and element ids. */
  name: string;
  title: string;
  /** What is drawn, with definitions; plain text. */
  caption: string;
  svg: string;
}

export interface Axis extends Ticks {
  /** Quantity, symbol and unit in brackets. */
  label: string;
}

/** How a series is told apart: colour and dashes. */
export interface LineStyle {
  stroke: string;
  strokeDasharray?: string;
  strokeWidth?: number;
}

/** A line with its name, or one or more filled boxes. */
export type LegendEntry =
  | { name: string; line: LineStyle }
  | { name: string; boxes: readonly string[] }
  | { name: string; dot: { fill: string; stroke: string } };

export interface Panel {
  x: Axis;
  y: Axis;
  marks: Plot.Markish[];
  /** Height of the data's rectangle. */
  height: number;
  /** Equal scales on both axes: the width follows from the height. */
  square?: boolean;
  /** Lines across at the ticks; default true. */
  grid?: boolean;
  color?: Plot.ScaleOptions;
  /** Colour bar on the right: boundaries between the steps, lowest first. */
  colorBar?: {
    label: string;
    boundaries: readonly number[];
    fills: readonly string[];
    texts: readonly string[];
  };
}

export interface Drawing {
  name: string;
  title: string;
  caption: string;
  legend?: readonly LegendEntry[];
  panels: readonly Panel[];
}

/** Width of every figure in its own units; two of them stand side by side on a desk, one fits a telephone with readable letters. */
export const figureWidth = 480;
const font = 13;
const rightMargin = 18;
const labelRoom = 24;

const { document } = parseHTML("<!doctype html><html><body></body></html>");

/** Styles of the series in order of use. */
export const series: readonly LineStyle[] = [
  { stroke: colour("series-1"), strokeWidth: 2 },
  { stroke: colour("series-2"), strokeWidth: 2, strokeDasharray: "7 3" },
  { stroke: colour("series-3"), strokeWidth: 2, strokeDasharray: "2 3" },
  { stroke: colour("series-4"), strokeWidth: 2, strokeDasharray: "9 3 2 3" },
];

/** A line through points given as two arrays; NaN breaks it. */
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

/** A word at a point, readable above lines. */
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

/** Width per letter as a part of the font's size, in the widest of the fonts a text may be set in; the first class that holds it counts. */
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

/** Rows of legend entries, as wide as the figure; returns their SVG and height. */
function legendRows(entries: readonly LegendEntry[]): { svg: string; height: number } {
  if (entries.length === 0) return { svg: "", height: 0 };
  const rowHeight = 22;
  const parts: string[] = [];
  let [x, row] = [8, 0];
  for (const entry of entries) {
    const swatch = "boxes" in entry ? Math.max(18, 11 * entry.boxes.length) : "dot" in entry ? 12 : 30;
    const width = swatch + 6 + textWidth(entry.name);
    if (x > 8 && x + width > figureWidth - 8) [x, row] = [8, row + 1];
    const y = row * rowHeight + 14;
    parts.push(swatchSvg(entry, x, y, swatch));
    parts.push(`<text x="${x + swatch + 6}" y="${y}" dy="0.35em">${escaped(entry.name)}</text>`);
    x += width + 12;
  }
  const svg = `<g aria-label="legend" text-anchor="start" font-size="${font}" fill="${colour("ink")}">${parts.join("")}</g>`;
  return { svg, height: (row + 1) * rowHeight + 6 };
}

function swatchSvg(entry: LegendEntry, x: number, y: number, width: number): string {
  if ("dot" in entry) {
    const { fill, stroke } = entry.dot;
    return `<circle cx="${x + 6}" cy="${y}" r="4.5" fill="${fill}" stroke="${stroke}" stroke-width="1.6"/>`;
  }
  if ("line" in entry) {
    const { stroke, strokeWidth = 2, strokeDasharray } = entry.line;
    const dashes = strokeDasharray === undefined ? "" : ` stroke-dasharray="${strokeDasharray}"`;
    return `<line x1="${x}" x2="${x + width}" y1="${y}" y2="${y}" stroke="${stroke}" stroke-width="${strokeWidth}"${dashes}/>`;
  }
  const step = width / entry.boxes.length;
  return entry.boxes
    .map((fill, i) => `<rect x="${x + i * step}" y="${y - 6}" width="${step}" height="12" fill="${fill}"/>`)
    .join("");
}

/** Room for the ticks and the label of an upright axis. */
function roomBeside({ y }: Panel): number {
  const tickRoom = Math.max(...y.ticks.map((tick) => textWidth(y.format(tick))));
  return Math.ceil(labelRoom + tickRoom + 14);
}

/** One panel as an SVG fragment of the figure's width, and its height. */
function panelSvg(panel: Panel, top: number, marginLeft: number): { svg: string; height: number } {
  const { x, y, colorBar } = panel;
  const barRoom = colorBar === undefined ? 0 : 54 + Math.max(...colorBar.texts.map(textWidth));
  const free = figureWidth - marginLeft - rightMargin - barRoom;
  const width = panel.square ? Math.min(free, panel.height) : free;
  const marginTop = 10;
  const marginBottom = 48;
  const height = panel.height + marginTop + marginBottom;
  const plot = Plot.plot({
    document: document as unknown as Document,
    width: marginLeft + width + rightMargin,
    height,
    marginLeft,
    marginRight: rightMargin,
    marginTop,
    marginBottom,
    ...(panel.color === undefined ? {} : { color: panel.color }),
    x: { domain: x.domain, label: null, type: x.log ? "log" : "linear" },
    y: { domain: y.domain, label: null, type: y.log ? "log" : "linear" },
    marks: [
      ...(panel.grid === false
        ? []
        : [
            Plot.gridX(x.ticks, { stroke: colour("rule"), strokeOpacity: 1 }),
            Plot.gridY(y.ticks, { stroke: colour("rule"), strokeOpacity: 1 }),
          ]),
      ...panel.marks,
      Plot.frame({ stroke: colour("muted") }),
      Plot.axisX(x.ticks, {
        tickFormat: x.format,
        color: colour("ink"),
        label: x.label,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: 42,
        fontSize: font,
      }),
      Plot.axisY(y.ticks, {
        tickFormat: y.format,
        color: colour("ink"),
        label: y.label,
        labelAnchor: "center",
        labelArrow: "none",
        labelOffset: marginLeft - 4,
        fontSize: font,
      }),
    ],
  });
  plot.querySelector("style")?.remove();
  for (const name of ["class", "style", "height", "width", "viewBox", "font-family", "font-size"])
    plot.removeAttribute(name);
  const bar =
    colorBar === undefined
      ? ""
      : colorBarSvg(colorBar, marginLeft + width + rightMargin + 2, marginTop, panel.height);
  return {
    svg: `<g transform="translate(0,${top})" text-anchor="middle" fill="${colour("ink")}" font-size="${font}">${plot.innerHTML}${bar}</g>`,
    height,
  };
}

/** Equal boxes, one per step, with the boundaries' values beside them. */
function colorBarSvg(bar: NonNullable<Panel["colorBar"]>, x: number, top: number, height: number): string {
  const step = height / bar.fills.length;
  const boxes = bar.fills.map(
    (fill, i) =>
      `<rect x="${x}" y="${(top + height - (i + 1) * step).toFixed(2)}" width="14" height="${(step + 0.5).toFixed(2)}" fill="${fill}"/>`,
  );
  const texts = bar.texts.map(
    (text, i) =>
      `<text x="${x + 19}" y="${(top + height - (i + 1) * step).toFixed(2)}" dy="0.35em" text-anchor="start">${escaped(text)}</text>`,
  );
  const labelX = figureWidth - 8;
  const middle = top + height / 2;
  const label = `<g aria-label="colour label"><text transform="translate(${labelX},${middle}) rotate(-90)">${escaped(bar.label)}</text></g>`;
  const frame = `<rect x="${x}" y="${top}" width="14" height="${height}" fill="none" stroke="${colour("muted")}"/>`;
  return boxes.join("") + frame + texts.join("") + label;
}

/** Ids that the plotting library counts through the whole program become the figure's own, numbered from 1. */
function withOwnIds(svg: string, name: string): string {
  const ids = [...new Set(svg.match(/\bplot-[a-z]+-\d+/g) ?? [])];
  return ids.reduce(
    (text, id, i) => text.replaceAll(new RegExp(`\\b${id}\\b`, "g"), `${name}-part-${i + 1}`),
    svg,
  );
}

/** The figure as one SVG element; numbers of more than three decimals are shortened. */
export function draw({ name, title, caption, legend = [], panels }: Drawing): Figure {
  const head = legendRows(legend);
  let top = head.height;
  // Panels below one another share their left edge, so that equal abscissae stand in line.
  const marginLeft = Math.max(...panels.map(roomBeside));
  const parts = panels.map((panel) => {
    const { svg, height } = panelSvg(panel, top, marginLeft);
    top += height;
    return svg;
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${figureWidth} ${top}" role="img" aria-labelledby="${name}-title ${name}-description"`,
    ` font-family="DejaVu Sans, Verdana, sans-serif">`,
    `<title id="${name}-title">${escaped(title)}</title><desc id="${name}-description">${escaped(caption)}</desc>`,
    head.svg,
    ...parts,
    "</svg>",
  ].join("");
  return { name, title, caption, svg: withOwnIds(svg, name).replaceAll(/(\d\.\d{3})\d+/g, "$1") };
}
