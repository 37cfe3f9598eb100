// Draws figures: panels one below the other, each a plot of @observablehq/plot in a document of our
// own, under one legend and inside one SVG with title and description. The result is text
// without style attributes, scripts or external references, so that the strictest content security
// policy admits it. Colours are the variables of theme.ts.

import * as Plot from "@observablehq/plot";
import { colour } from "../../theme.js";
import { DrawingDocument, type DrawnElement } from "./document.js";
import { type LegendEntry, legendRows } from "./legend.js";
import { escaped, figureWidth, font, textWidth } from "./style.js";
import type { Ticks } from "./ticks.js";

/** A finished figure; `svg` has a viewBox but no size. */
export interface Figure {
  /** Name for files and element ids. */
  name: string;
  title: string;
  /** Description with definitions, as plain text. */
  caption: string;
  svg: string;
}

/** An axis with its label. */
export interface Axis extends Ticks {
  /** Label with quantity, symbol and unit in brackets. */
  label: string;
}

/** One plot of a figure. */
export interface Panel {
  x: Axis;
  y: Axis;
  marks: Plot.Markish[];
  /** Height of the rectangle of the data. */
  height: number;
  /** Whether both axes have equal scales. The width then follows from the height. */
  square?: boolean;
  /** Whether horizontal lines mark the ticks; default true. */
  grid?: boolean;
  color?: Plot.ScaleOptions;
  /** Colour bar on the right, with the boundaries between the steps from the lowest on. */
  colorBar?: {
    label: string;
    boundaries: readonly number[];
    fills: readonly string[];
    texts: readonly string[];
  };
}

/** A figure before it is drawn. */
export interface Drawing {
  name: string;
  title: string;
  caption: string;
  legend?: readonly LegendEntry[];
  panels: readonly Panel[];
}

const rightMargin = 18;
const labelRoom = 24;

const document = new DrawingDocument() as unknown as Document;

/** Width of the ticks and the label of a vertical axis. */
function roomBeside({ y }: Panel): number {
  const tickRoom = Math.max(...y.ticks.map((tick) => textWidth(y.format(tick))));
  return Math.ceil(labelRoom + tickRoom + 14);
}

/** One panel as an SVG fragment of the figure's width, with its height. */
function panelSvg(panel: Panel, top: number, marginLeft: number): { svg: string; height: number } {
  const { x, y, colorBar } = panel;
  const barRoom = colorBar === undefined ? 0 : 54 + Math.max(...colorBar.texts.map(textWidth));
  const free = figureWidth - marginLeft - rightMargin - barRoom;
  const width = panel.square ? Math.min(free, panel.height) : free;
  const marginTop = 10;
  const marginBottom = 48;
  const height = panel.height + marginTop + marginBottom;
  const plot = Plot.plot({
    document,
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
  }) as unknown as DrawnElement;
  for (const child of [...plot.childNodes])
    if ("tagName" in child && child.tagName === "style") plot.removeChild(child);
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

/**
 * Gives the figure ids of its own, numbered from 1, in place of those that the plotting library
 * counts through the whole program.
 */
function withOwnIds(svg: string, name: string): string {
  const ids = [...new Set(svg.match(/\bplot-[a-z]+-\d+/g) ?? [])];
  return ids.reduce(
    (text, id, i) => text.replaceAll(new RegExp(`\\b${id}\\b`, "g"), `${name}-part-${i + 1}`),
    svg,
  );
}

/** The figure as one SVG element. Numbers with more than three decimals are shortened. */
export function draw({ name, title, caption, legend = [], panels }: Drawing): Figure {
  const head = legendRows(legend);
  let top = head.height;
  // Panels share their left edge, so that equal abscissae are aligned.
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
