// Writes docs/: one page per machine from scripts/machines/, with figures and checked numbers that
// are computed now. After `npm run build`: node scripts/docs.mjs [NAME ...]
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describePresets, loadEngine } from "../dist/index.js";
import { makeReport } from "../dist/report.js";
import { machines } from "./machines/index.mjs";
import { pictureOf } from "./machines/pictures.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A number of a page, computed now. Throws if it differs from the expected value. */
function checked({ say, of, expected, within }, engine) {
  const value = of(engine);
  if (!(Math.abs(value - expected) <= within))
    throw new Error(`${say}: ${value} is not ${expected} ± ${within}`);
  return value;
}

const digits = (within) => Math.max(0, Math.ceil(-Math.log10(within)));
const shown = (value, within) => {
  const text = value.toFixed(Math.min(digits(within), 12));
  return Number(text) === 0 ? "0" : text.replace("-", "−");
};

const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

function page(machine, figures, engine) {
  const { preset, title, text, sources, numbers } = machine;
  const { options } = describePresets().find(({ name }) => name === preset);
  const numberRows = numbers.map((number) => [
    number.say,
    shown(checked(number, engine), number.within),
    shown(number.expected, number.within),
    `± ${number.within.toExponential(0)}`,
    number.unit ?? "",
  ]);
  const optionRows = options.map(({ name, default: value, description }) => [
    `\`${name}\``,
    value === undefined ? "derived" : `\`${JSON.stringify(value)}\``,
    description,
  ]);
  const images = figures.map(({ name, caption, title: heading }) =>
    [`### ${heading}`, `![${heading}](figures/${preset}-${name}.svg)`, caption].join("\n\n"),
  );
  return `${[
    `# ${title}`,
    `![${title}: a drawing](figures/${preset}-machine.svg)`,
    text,
    `    nanopinwheel run --preset ${preset}${
      machine.options
        ? ` --set ${Object.entries(machine.options)
            .map(([key, value]) => `${key}=${value}`)
            .join(" ")}`
        : ""
    } --out result`,
    `As a library: [examples/${machine.example}](../examples/${machine.example}).`,
    "## Figures",
    ...images,
    "## Checked numbers",
    "Computed when this page was written, and held to the expected values, known independently, by the tests.",
    table(["quantity", "computed", "expected", "tolerance", "unit"], numberRows),
    "## Options",
    table(["option", "default", "meaning"], optionRows),
    "## Sources",
    sources.map((source) => `- ${source}`).join("\n"),
  ].join("\n\n")}\n`;
}

/** The list of all pages, with a picture of each. */
const index = (all) =>
  `${[
    "# Machines",
    "One page per preset: model, figures, numbers checked against independent values, options, sources. Written by `node scripts/docs.mjs`.",
    table(
      ["machine", "preset", "what it is", ""],
      all.map((machine) => [
        `[${machine.title}](${machine.preset}.md)`,
        `\`${machine.preset}\``,
        describePresets().find(({ name }) => name === machine.preset).description,
        `<a href="${machine.preset}.md"><img src="figures/${machine.preset}-machine.svg" width="220" alt="${machine.title}"></a>`,
      ]),
    ),
  ].join("\n\n")}\n`;

async function write(names) {
  const engine = await loadEngine();
  await mkdir(here("../docs/figures"), { recursive: true });
  for (const machine of machines.filter(({ preset }) => names.length === 0 || names.includes(preset))) {
    const start = performance.now();
    const data = machine.figures(engine);
    const { figures } = makeReport({
      title: machine.title,
      summary: "",
      units: "none",
      tables: [],
      checks: [],
      figures: data,
      warnings: [],
      missing: [],
      model: "",
      provenance: "",
    });
    for (const { name, svg } of figures)
      await writeFile(here(`../docs/figures/${machine.preset}-${name}.svg`), `${svg}\n`);
    await writeFile(
      here(`../docs/figures/${machine.preset}-machine.svg`),
      `${pictureOf(machine.preset, machine.title)}\n`,
    );
    await writeFile(here(`../docs/${machine.preset}.md`), page(machine, figures, engine));
    process.stderr.write(`${machine.preset}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  }
  await writeFile(here("../docs/README.md"), index(machines));
}

await write(process.argv.slice(2));
