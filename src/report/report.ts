// The report of a run: results and figure data in, one HTML page and its figures out. A bundle of
// its own (dist/report.js), loaded by the command when a report is written, so that neither the
// library nor the other commands carry the plotting library.

import type { EnergyUnit } from "../index.js";
import type { Warning } from "../model/warning.js";
import { drawFigure, type FigureData } from "./figures/index.js";
import { pageHtml, type ReportTable } from "./page.js";
import { onPaper, withLightColours } from "./theme.js";

export type { FigureData } from "./figures/index.js";
export type { ReportTable } from "./page.js";
export { NoRasteriser, type PngWriter, pngWriter } from "./png.js";

export interface ReportContent {
  title: string;
  /** One line on device, leads, parameters. */
  summary: string;
  /** Unit of energy of the model: axes are in SI if it is one. */
  units: EnergyUnit;
  /** Tables before the figures, and after them. */
  tables: readonly ReportTable[];
  checks: readonly ReportTable[];
  figures: readonly FigureData[];
  warnings: readonly Warning[];
  /** What could not be computed, and why. */
  missing: readonly string[];
  /** The model file as text. */
  model: string;
  provenance: string;
}

export interface Report {
  html: string;
  /** The figures for themselves, on light ground. */
  figures: { name: string; title: string; caption: string; svg: string }[];
}

/** The page and its figures; the same content gives the same bytes. */
export function makeReport({ figures: data, units, ...content }: ReportContent): Report {
  const figures = data.map((one) => drawFigure(one, units));
  return {
    html: pageHtml({ ...content, figures }),
    figures: figures.map((figure) => ({ ...figure, svg: onPaper(withLightColours(figure.svg)) })),
  };
}
