// The legend above a figure as SVG: lines, boxes or dots with their names, in rows of the figure's
// width.

import { colour } from "../../theme.js";
import { escaped, figureWidth, font, type LineStyle, textWidth } from "./style.js";

/** A name with a line, with one or more filled boxes, or with a dot. */
export type LegendEntry =
  | { name: string; line: LineStyle }
  | { name: string; boxes: readonly string[] }
  | { name: string; dot: { fill: string; stroke: string } };

/** Rows of legend entries in the figure's width, as SVG with their height. */
export function legendRows(entries: readonly LegendEntry[]): { svg: string; height: number } {
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
