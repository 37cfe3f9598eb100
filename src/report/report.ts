// The report of a run: makes one HTML page and its figures of results and figure data. It is a
// bundle of its own (dist/report.js) that the command loads to write a report, so that neither the
// library nor the other commands contain the plotting library.

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
  /** One line on device, leads and parameters. */
  summary: string;
  /** Unit of energy of the model. If it is a unit, the axes are in SI. */
  units: EnergyUnit;
  /** Tables before the figures. */
  tables: readonly ReportTable[];
  /** Tables after the figures. */
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
  /** The figures as separate files, on light ground. */
  figures: { name: string; title: string; caption: string; svg: string }[];
}

/** Makes the page and its figures. The same content gives the same bytes. */
export function makeReport({ figures: data, units, ...content }: ReportContent): Report {
  const figures = data.map((one) => drawFigure(one, units));
  return {
    html: pageHtml({ ...content, figures }),
    figures: figures.map((figure) => ({ ...figure, svg: onPaper(withLightColours(figure.svg)) })),
  };
}
