// Writes the report of a run from its results: DIR/report.html, and its figures as
// DIR/figures/NAME.svg and NAME.png. The plotting library is loaded only here, after everything
// else has been written.

import type { Device } from "../index.js";
import { modelText } from "../report/model-text.js";
import type { ReportContent, ReportTable } from "../report/report.js";
import { type RunResults, warningsOf } from "../report/results.js";
import { figuresOf } from "../report/stages/figure-data.js";
import { certificateTable, equilibriumRows, motorCertificateRows } from "../report/tables/certificates.js";
import { motorRows } from "../report/tables/motor-table.js";
import { inSi } from "../report/tables/si-column.js";
import type { ResultsDirectory } from "./results-directory.js";
import { tell } from "./streams/output.js";

declare const packageVersion: string;

/** Title, tables and figures of a run. `rows` are those of the datasheet on the terminal. */
export function reportContent(
  device: Device,
  model: unknown,
  results: RunResults,
  rows: readonly (readonly string[])[],
  missing: readonly string[],
): ReportContent {
  const { title, orbitals, leads, parameters, pump, linearResponse, motor } = results;
  const units = device.model.units;
  const table = (id: string, heading: string, list: readonly (readonly string[])[]): ReportTable => ({
    id,
    title: heading,
    head: ["quantity", "symbol", "value", "unit", ...(units === "none" ? [] : ["in SI"])],
    numeric: [2, ...(units === "none" ? [] : [4])],
    rows: units === "none" ? list : list.map((row) => [...row, inSi(row[2], row[3], units)]),
  });
  return {
    title: title === "" ? "nanopinwheel: a run" : title,
    summary: [
      ...(orbitals > 0 ? [`${orbitals} orbitals`] : ["given by its S"]),
      `leads ${leads.join(", ")}`,
      ...(parameters.length > 0 ? [`parameters ${parameters.join(", ")}`] : []),
      units === "none" ? "natural units (ħ = e = k_B = 1)" : `energies in ${units}`,
    ].join("; "),
    units,
    tables: [
      table("results", motor === undefined ? "Results" : "In linear response, at equal reservoirs", rows),
      ...(motor === undefined ? [] : [table("motor", "At the reservoirs of the file", motorRows(motor))]),
    ],
    checks:
      pump === undefined
        ? []
        : [
            certificateTable([
              ...equilibriumRows(pump, linearResponse),
              ...(motor === undefined ? [] : motorCertificateRows(motor)),
            ]),
          ],
    figures: figuresOf(device, results),
    warnings: warningsOf(results),
    missing,
    model: modelText(model),
    provenance: `nanopinwheel ${packageVersion}. The numbers behind the figures are in results.json; each figure is also in figures/ as SVG and PNG.`,
  };
}

/**
 * Writes the report and returns the path of the page, or undefined if it could not be written. If
 * PNG cannot be made, a message on standard error says why.
 */
export async function writeReport(
  directory: ResultsDirectory,
  content: ReportContent,
): Promise<string | undefined> {
  const { makeReport, NoRasteriser, pngWriter } = await import("../report/report.js");
  const { html, figures } = makeReport(content);
  const page = directory.write("report.html", html);
  directory.makeFolder("figures");
  for (const { name, svg } of figures) directory.write(`figures/${name}.svg`, svg);
  try {
    const png = directory.failed ? undefined : await pngWriter();
    if (png) for (const { name, svg } of figures) directory.write(`figures/${name}.png`, png(svg));
  } catch (error) {
    if (!(error instanceof NoRasteriser)) throw error;
    tell(error.message);
  }
  return page;
}
