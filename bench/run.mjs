// npm run bench [-- --quick] [--peers] [--only TEXT]: times every case against its contenders,
// prints a table, and stores the numbers. Every case runs in several processes, in which the
// contenders alternate. The results are medians of CPU time over all samples, with quartiles as
// spread. A run on a busy machine says so and stores nothing.
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import Table from "cli-table3";
import { calibrate, verdict } from "./calibration.mjs";
import { cases } from "./cases/index.mjs";
import { environment } from "./environment.mjs";
import { growthFigure } from "./figure.mjs";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    peers: { type: "boolean", default: false },
    only: { type: "string", default: "" },
  },
});
const [processes, rounds, seconds] = options.quick ? [1, 2, 0.12] : [2, 4, 0.5];
const run = promisify(execFile);

function quantile(sorted, q) {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/**
 * Median, quartiles and least time in milliseconds. Other load on the machine affects the least
 * time least.
 */
function summary(times) {
  const sorted = times.map((t) => 1e3 * t).sort((a, b) => a - b);
  const [least, lower, median, upper] = [0, 0.25, 0.5, 0.75].map((q) =>
    Number(quantile(sorted, q).toPrecision(5)),
  );
  return { median, lower, upper, least, samples: sorted.length };
}

/** Runs a script of this folder in a process of its own. The last line of its output is JSON. */
async function script(name, ...given) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const { stdout } = await run(process.execPath, [path, ...given.map(String)], { maxBuffer: 2 ** 28 });
  return JSON.parse(stdout.trim().split("\n").at(-1));
}

async function result(one) {
  const flags = [options.peers ? "peers" : "", options.quick ? "quick" : ""].filter(Boolean);
  const merged = {};
  let disagreement = 0;
  let extra = {};
  for (let order = 0; order < (one.processes ?? processes); order++) {
    const found = one.script
      ? await script(one.script, rounds)
      : await script("measure.mjs", one.name, one.rounds ?? rounds, seconds, order, ...flags);
    disagreement = Math.max(disagreement, found.disagreement);
    extra = { versions: found.versions, absent: found.absent };
    for (const [label, times] of Object.entries(found.times))
      merged[label] = [...(merged[label] ?? []), ...times];
  }
  const contenders = Object.fromEntries(
    Object.entries(merged).map(([label, times]) => [label, summary(times)]),
  );
  return { name: one.name, title: one.title, disagreement, contenders, ...extra };
}

const digits = (value) => Number(value.toPrecision(3)).toString();

const started = performance.now();
const chosen = cases.filter(
  (one) => one.name.includes(options.only) && !(options.quick && one.quick === false),
);
const facts = await environment();
const before = calibrate();
const table = new Table({
  head: ["case", "contender", "ms of CPU", "quartiles", "times ours", "of the least", "target"],
  style: { head: [], border: [], compact: true },
  colAligns: ["left", "left", "right", "right", "right", "right", "right"],
});
const results = [];
const versions = {};
const absent = new Set();
for (const one of chosen) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${one.title}`);
  const found = await result(one);
  if (results.length > 0) table.push([{ content: "", colSpan: 7 }]);
  Object.assign(versions, found.versions);
  for (const reason of found.absent ?? []) absent.add(reason);
  const ours = found.contenders.nanopinwheel;
  Object.entries(found.contenders).forEach(([label, { median, lower, upper, least }], k) => {
    const atLeast = one.targets[label];
    const atMost = one.most?.[label];
    const ratio = (theirs, own) => (atMost ? own / theirs : theirs / own);
    const target = atLeast ? `≥ ${atLeast}` : atMost ? `ours ≤ ${atMost} ×` : "";
    const shown = k === 0 ? "" : `${digits(ratio(median, ours.median))}${atMost ? " (ours ÷ it)" : ""}`;
    const best = k === 0 ? "" : digits(ratio(least, ours.least));
    const spread = `${digits(lower)} … ${digits(upper)}`;
    table.push([k === 0 ? one.title : "", label, digits(median), spread, shown, best, target]);
  });
  results.push({
    name: found.name,
    title: found.title,
    disagreement: found.disagreement,
    contenders: found.contenders,
  });
}
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
console.log(table.toString());
for (const reason of absent) console.error(`left out: ${reason}`);
let growth;
const load = [];
if (!options.only || "growth".includes(options.only)) {
  growth = await script("growth.mjs", options.quick ? "quick" : "full");
  const { length, width } = growth;
  console.log(
    `cost grows as length^${length.exponent.toFixed(3)} (target at most 1.05), width^${width.exponent.toFixed(2)} (3.05)`,
  );
  for (let k = 0; k < (options.quick ? 5 : 15); k++) load.push((await script("load.mjs")).milliseconds / 1e3);
  const { median, lower, upper } = summary(load);
  console.log(
    `load of the package and first result ${digits(median)} ms (${digits(lower)} … ${digits(upper)}; target at most 60); kernels ${facts.wasm.bytes} bytes (160 kB)`,
  );
}
const { processor, cores, platform } = facts.machine;
const peers = Object.entries(versions).map(([name, version]) => `, ${name} ${version}`);
console.log(
  `${processor}, ${cores} cores, ${platform}; Node ${facts.node}${peers.join("")}; one thread each`,
);
console.log(
  `commit ${facts.commit ?? "unknown"}${facts.uncommitted ? " with changes" : ""}, kernels ${facts.wasm.sha256} (${facts.wasm.bytes} bytes)`,
);
const calibration = { before, after: calibrate() };
const busy = verdict(calibration);
if (busy) console.log(`the machine was busy: ${busy}; nothing is stored`);
if (!options.only && !busy) {
  const directory = new URL("results/", import.meta.url);
  await mkdir(directory, { recursive: true });
  const file = `${options.quick ? "quick" : "full"}${options.peers ? "-peers" : ""}.json`;
  const stored = {
    ...facts,
    versions,
    calibration,
    processes,
    rounds,
    seconds,
    results,
    growth,
    load: summary(load),
  };
  await writeFile(new URL(file, directory), `${JSON.stringify(stored, null, 1)}\n`);
  if (!options.quick) await writeFile(new URL("growth.svg", directory), growthFigure(growth));
}
console.error(`${Math.round((performance.now() - started) / 1e3)} s`);
