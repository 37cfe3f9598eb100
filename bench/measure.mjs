// Times one case in a process of its own: node measure.mjs CASE ROUNDS SECONDS ORDER [peers]
// [quick]. Prints one JSON line. All answers are compared before the timing. The contenders then
// alternate, with another one first in each round.
import Benchmark from "benchmark";
import { loadEngine } from "../dist/index.js";
import { cases } from "./cases/index.mjs";
import { Peer } from "./peer.mjs";

const [name, rounds, seconds, order, ...flags] = process.argv.slice(2);
const chosen = cases.find((one) => one.name === name);
if (!chosen) throw new Error(`no case ${name}`);
const skipped = [...(chosen.without ?? []), ...(flags.includes("quick") ? (chosen.slow ?? []) : [])];

/** Sum of results, so that no call can be optimised away. */
let sink = 0;

/**
 * Seconds of CPU per call in each cycle of the package benchmark, threads of the compiler and the
 * collector of garbage included. Its own samples are the time that passes. An error ends the run.
 */
function samples(run) {
  const cycles = [];
  let used;
  let calls = 0;
  const bench = new Benchmark({
    fn: () => {
      // What the package does before the calls of a cycle is not counted.
      used ??= process.cpuUsage();
      calls++;
      sink += run()[0];
    },
    maxTime: Number(seconds),
    minSamples: 3,
    minTime: 0.003,
    onCycle: () => {
      const { user, system } = process.cpuUsage(used);
      // The package calls once more than it counts, to see whether the code compiles.
      cycles.push((user + system) / 1e6 / calls);
      used = undefined;
      calls = 0;
    },
    onError: (event) => {
      console.error(event.target.error);
      process.exitCode = 1;
    },
  });
  bench.run({ async: false });
  // The first cycles find how many calls a sample needs.
  return cycles.slice(-bench.stats.sample.length);
}

function difference(answer, expected) {
  if (answer.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...answer.map((value, i) => Math.abs(value - expected[i]))) / scale;
}

const engine = await loadEngine();
const contenders = [];
const answers = [];
for (const [label, run] of Object.entries(chosen.contenders(engine))) {
  if (skipped.includes(label)) continue;
  answers.push([label, Array.from(run())]);
  contenders.push({ label, times: [], measure: async () => samples(run) });
}
const versions = {};
const peers = [];
const absent = [];
if (flags.includes("peers"))
  for (const [label, task] of Object.entries(chosen.peers)) {
    const peer = new Peer();
    try {
      const reply = await peer.ask(task);
      Object.assign(versions, reply.versions);
      answers.push([label, reply.answer]);
      peers.push(peer);
      const measure = async () => (await peer.ask(Number(seconds))).samples;
      contenders.push({ label, times: [], measure });
    } catch (error) {
      absent.push(`${label}: ${error.message}`);
    }
  }

const disagreements = answers.map(([label, answer]) => [label, difference(answer, answers[0][1])]);
for (const [label, size] of disagreements)
  if (!(size <= chosen.tolerance))
    throw new Error(
      `${name}: ${label} differs from ${answers[0][0]} by ${size}, allowed ${chosen.tolerance}`,
    );

// The first calls of a kernel run in the baseline compiler and only warm up.
for (const { measure } of contenders) await measure();
for (let round = 0; round < Number(rounds); round++)
  for (let k = 0; k < contenders.length; k++) {
    const contender = contenders[(k + round + Number(order)) % contenders.length];
    contender.times.push(...(await contender.measure()));
  }
for (const peer of peers) peer.close();
if (!Number.isFinite(sink)) throw new Error("a result is not finite");
console.log(
  JSON.stringify({
    times: Object.fromEntries(contenders.map(({ label, times }) => [label, times])),
    disagreement: Math.max(...disagreements.map(([, size]) => size)),
    versions,
    absent,
  }),
);
