// Ensemble of a noisy rotor: steps of many trajectories by the kernel alone and by the same
// algorithm in plain JavaScript, with the same tables and states, to the same bits.
import { readFileSync } from "node:fs";
import { advance, quantileTable, washboardTables } from "../contenders/rotor.js";

const CELLS = 256;
const STEP = 0.05;

export function rotorEnsemble(trajectories, blocks) {
  return {
    name: `ensemble-${trajectories}`,
    title: `noisy rotor, ${trajectories} trajectories, ${4 * blocks} steps each`,
    targets: { "plain JavaScript": 3.5 },
    tolerance: 0,
    contenders: (engine) => {
      const file = engine.build === "simd" ? "nanopinwheel.wasm" : "nanopinwheel-scalar.wasm";
      const module = new WebAssembly.Module(readFileSync(new URL(`../../dist/${file}`, import.meta.url)));
      const { exports } = new WebAssembly.Instance(module, {
        env: {
          abort() {
            throw new Error("abort");
          },
        },
      });
      const table = washboardTables(STEP, CELLS);
      const quantile = quantileTable();
      const start = new Float64Array(8 * trajectories);
      start.fill(-CELLS, 3 * trajectories, 4 * trajectories);
      start.fill(CELLS, 4 * trajectories, 5 * trajectories);
      const base = (exports.heapBase() + 1023) & ~1023;
      const bytes = 8 * (table.length + quantile.length + start.length) + 64;
      exports.memory.grow(Math.ceil(bytes / 65536));
      const place = (address, values) => {
        const view = new Float64Array(exports.memory.buffer, address, values.length);
        view.set(values);
        return view;
      };
      const [tableAt, quantileAt] = [base, base + 16 * Math.ceil(table.length / 2)];
      const stateAt = quantileAt + 8 * quantile.length;
      place(tableAt, table);
      place(quantileAt, quantile);
      const states = place(stateAt, start);
      const plain = start.slice();
      const answer = (list) => [
        ...list.subarray(0, 3 * trajectories),
        ...list.subarray(5 * trajectories, 7 * trajectories),
      ];
      return {
        nanopinwheel: () => {
          states.set(start);
          exports.rotorEnsemble(tableAt, CELLS, quantileAt, stateAt, trajectories, 1, 2, 0, 0, blocks, 0);
          return answer(states);
        },
        "plain JavaScript": () => {
          plain.set(start);
          advance(table, CELLS, quantile, plain, trajectories, 1, 2, 0, blocks);
          return answer(plain);
        },
      };
    },
    peers: {},
  };
}
