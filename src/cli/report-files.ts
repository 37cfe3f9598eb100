// Writes the report of a run: DIR/report.html and its figures as DIR/figures/NAME.svg and .png. Loads the plotting library only here.

import { join } from "node:path";
import type { ReportContent } from "../report/report.js";
import { makeDirectory, tell, writeWhole } from "./output.js";

/** Returns the path of the page. Where PNG cannot be written the message on standard error says why. */
export async function writeReport(directory: string, content: ReportContent): Promise<string> {
  const { makeReport, NoRasteriser, pngWriter } = await import("../report/report.js");
  const { html, figures } = makeReport(content);
  const page = join(directory, "report.html");
  writeWhole(page, html);
  const folder = join(directory, "figures");
  makeDirectory(folder);
  for (const { name, svg } of figures) writeWhole(join(folder, `${name}.svg`), svg);
  try {
    const png = await pngWriter();
    for (const { name, svg } of figures) writeWhole(join(folder, `${name}.png`), png(svg));
  } catch (error) {
    if (!(error instanceof NoRasteriser)) throw error;
    tell(error.message);
  }
  return page;
}
