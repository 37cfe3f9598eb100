// The report as one page: a self-contained HTML text without scripts, external requests or style
// attributes. The page's content security policy names its only style sheet by its hash, so that
// nothing else can load or run even if a model's text tried to.

import { createHash } from "node:crypto";
import type { Warning } from "../model/warning.js";
import type { Figure } from "./figures/drawing/draw.js";
import { escaped } from "./figures/drawing/style.js";
import { declarations } from "./theme.js";

/** A table with one heading line. Cells are plain text. */
export interface ReportTable {
  id: string;
  title: string;
  /** One sentence above the table. */
  about?: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Indices of the columns of numbers, which are aligned to the right. */
  numeric?: readonly number[];
  /** Index of the column whose cells say "holds" or "VIOLATED" and are coloured. */
  verdict?: number;
}

/** The contents of the page. */
export interface ReportPage {
  title: string;
  /** One line on device, leads, parameters and units. */
  summary: string;
  /** Tables before the figures, with the most important results first. */
  tables: readonly ReportTable[];
  figures: readonly Figure[];
  /** Tables after the figures: the certificates. */
  checks: readonly ReportTable[];
  warnings: readonly Warning[];
  /** What could not be computed, and why. */
  missing: readonly string[];
  /** The model file as it was read. */
  model: string;
  /** Program and version. */
  provenance: string;
}

const style = `
:root{color-scheme:light dark;${declarations("light")}}
@media (prefers-color-scheme:dark){:root{${declarations("dark")}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:74rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .3rem;text-wrap:balance}
h2{font-size:1.2rem;margin:2.4rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
h3{font-size:1rem;margin:0 0 .4rem}
p{margin:.3rem 0 .8rem;max-width:46rem}
.summary,figcaption,footer{color:var(--muted)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:2.2rem 2rem;align-items:start}
figure{margin:0;min-width:0}
figure svg{display:block;width:100%;max-width:38rem;height:auto}
figure svg text{font-family:system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
figcaption{font-size:.9rem;margin-top:.4rem;max-width:38rem}
.tables{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,33rem),1fr));gap:0 2rem;align-items:start}
.tables>*{min-width:0}
.tables.wide{grid-template-columns:minmax(0,1fr)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.95rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.28rem 1.1rem .28rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600}
tbody th{font-weight:400}
td{overflow-wrap:normal}
td:nth-child(2){white-space:nowrap}
.number{text-align:right;white-space:nowrap}
.good{color:var(--good)}
.bad{color:var(--bad);font-weight:600}
.notes{border-left:4px solid var(--series-2);background:var(--panel);padding:.7rem 1rem;margin:1rem 0}
.notes ul{margin:.2rem 0;padding-left:1.2rem}
details{margin:1rem 0}
summary{cursor:pointer;font-weight:600}
pre{background:var(--panel);padding:1rem;overflow:auto;max-height:36rem;font:.85rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace}
a{color:var(--series-1)}
footer{margin-top:3rem;font-size:.9rem;border-top:1px solid var(--rule);padding-top:.8rem}
@media (max-width:30rem){h1{font-size:1.35rem}th,td{padding-right:.7rem}}
@media print{
@page{margin:14mm}
:root{color-scheme:light;${declarations("light")}}
body{font-size:10.5pt}
main{max-width:none;padding:0}
.figures{grid-template-columns:1fr 1fr;gap:7mm}
figure,tr{break-inside:avoid}
h2,h3{break-after:avoid}
table{font-size:9pt}
th,td{padding:.2rem .7rem .2rem 0}
.scroll,pre{overflow:visible;max-height:none}
pre{white-space:pre-wrap;overflow-wrap:anywhere}
#model-file:not(:has(details[open])){display:none}
figcaption{font-size:8.5pt}
h1{font-size:16pt}
}
`;

const list = (items: readonly string[]): string =>
  `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join("")}</ul>`;

function tableHtml({ id, title, about, head, rows, numeric = [], verdict }: ReportTable): string {
  const kind = (column: number): string => (numeric.includes(column) ? ' class="number"' : "");
  const cell = (text: string, column: number): string => {
    if (column === 0) return `<th scope="row">${escaped(text)}</th>`;
    if (column === verdict && text !== "") {
      return `<td class="${text === "VIOLATED" ? "bad" : "good"}">${escaped(text)}</td>`;
    }
    return `<td${kind(column)}>${escaped(text)}</td>`;
  };
  const heading = head.map((text, i) => `<th scope="col"${kind(i)}>${escaped(text)}</th>`).join("");
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return [
    `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(title)}</h2>`,
    about === undefined ? "" : `<p>${escaped(about)}</p>`,
    `<div class="scroll"><table aria-labelledby="${id}"><thead><tr>${heading}</tr></thead>`,
    `<tbody>${body}</tbody></table></div></section>`,
  ].join("\n");
}

const figureHtml = ({ name, title, caption, svg }: Figure): string =>
  `<figure id="figure-${name}"><h3>${escaped(title)}</h3>${svg}<figcaption>${escaped(caption)}</figcaption></figure>`;

const notesHtml = (title: string, items: readonly string[]): string =>
  items.length === 0
    ? ""
    : `<section class="notes" role="note"><h3>${escaped(title)}</h3>${list(items)}</section>`;

/** The whole page as HTML. */
export function pageHtml(page: ReportPage): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return [
    "<!doctype html>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<link rel="icon" href="data:,">',
    `<title>${escaped(page.title)}</title>`,
    `<style>${style}</style>`,
    "</head>",
    "<body><main>",
    `<header><h1>${escaped(page.title)}</h1><p class="summary">${escaped(page.summary)}</p></header>`,
    notesHtml(
      "Warnings",
      page.warnings.map(({ text }) => text),
    ),
    notesHtml("Not computed", page.missing),
    `<div class="tables${page.tables.some(({ head }) => head.length > 4) ? " wide" : ""}">${page.tables.map(tableHtml).join("\n")}</div>`,
    page.figures.length === 0
      ? ""
      : `<section aria-labelledby="figures"><h2 id="figures">Figures</h2><div class="figures">${page.figures.map(figureHtml).join("\n")}</div></section>`,
    ...page.checks.map(tableHtml),
    '<section id="model-file" aria-labelledby="model"><h2 id="model">Model</h2>',
    `<details><summary>The model file</summary><pre tabindex="0">${escaped(page.model)}</pre></details></section>`,
    `<footer>${escaped(page.provenance)}</footer>`,
    "</main></body></html>",
    "",
  ].join("\n");
}
