// A million calls of `forces` on two orbitals at T = 0, in a process of its own so that its memory is nobody else's: prints one line of
// JSON with the living heap and the resident memory after each tenth. Run with --expose-gc, and with --max-semi-space-size=1: otherwise V8
// enlarges the space for new objects once on the way, 8 MB of resident memory that no call keeps. Arguments: the entry file, the calls.

import { readFileSync } from "node:fs";

const [, , entry, count] = process.argv;
const { loadEngine } = await import(entry);

/** Reservoirs at T = 0, apart by the bias. */
const reservoirs = (bias) => ({
  left: { chemicalPotential: bias / 2, temperature: 0 },
  right: { chemicalPotential: -bias / 2, temperature: 0 },
});

const engine = await loadEngine();
const model = JSON.parse(
  readFileSync(new URL("../../models/two-dimensional-force.json", import.meta.url), "utf8"),
);
const device = engine.device({ ...model, reservoirs: reservoirs(0) });

const readings = [];
const start = performance.now();
let finite = true;
for (let call = 1; call <= Number(count); call++) {
  const at = { x: Math.sin(call), y: Math.cos(2 * call) };
  // Every tenth call at a bias: then the energy window is integrated as well as the sea.
  const { force } = device.forces(call % 10 === 0 ? { at, reservoirs: reservoirs(0.1) } : { at });
  finite &&= Number.isFinite(force[0]) && Number.isFinite(force[1]);
  if (call % (count / 10) !== 0) continue;
  globalThis.gc();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  readings.push({ heap: heapUsed + external + arrayBuffers, rss });
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${JSON.stringify({ finite, seconds, readings })}\n`);
