// Two workers instead of one: node workers.mjs ROUNDS. The same sweep of energies of a motor's
// datasheet runs alternately on one and on two workers. Prints one JSON line with the seconds of
// each round.
import { isDeepStrictEqual } from "node:util";
import { loadEngine } from "../dist/index.js";

const rounds = Number(process.argv[2]);
const model = { format: "nanopinwheel/1", device: { preset: "chaotic-dot", size: 20, channels: 2, seed: 7 } };
const list = Array.from({ length: 2400 }, (_, k) => ({ energy: -0.5 + k / 2400, points: 64 }));

const engines = [await loadEngine({ workers: 1 }), await loadEngine({ workers: 2 })];
const sweep = (engine) => engine.map(model, "linearResponse", list);
// The first sweeps warm up, and their answers are compared bit by bit.
const [one, two] = [await sweep(engines[0]), await sweep(engines[1])];
if (!isDeepStrictEqual(one, two)) throw new Error("two workers give other numbers than one");
const times = { nanopinwheel: [], "one worker": [] };
for (let round = 0; round < rounds; round++)
  for (const which of round % 2 ? [1, 0] : [0, 1]) {
    const start = performance.now();
    await sweep(engines[which]);
    times[which ? "nanopinwheel" : "one worker"].push((performance.now() - start) / 1e3);
  }
await Promise.all(engines.map((engine) => engine.close()));
console.log(JSON.stringify({ times, disagreement: 0, versions: {}, absent: [] }));
