// All cases of the bench. `quick: false` omits a case from the quick run. `slow` names contenders
// that only the full run times, and `without` those that no run times. A case with a `script` is
// timed by that script.
import { presetModel } from "../../dist/index.js";
import { chaoticDot } from "./chaotic-dot.mjs";
import { armchairLeads, field, fullLeads, graph, honeycomb, makings, orbitals, ring } from "./device.mjs";
import { rotorEnsemble } from "./ensemble.mjs";
import { honeycombForces, ribbonForces } from "./forces.mjs";
import { manyGates } from "./local-gates.mjs";
import { motorTurn } from "./motor.mjs";
import { pumpedCharge } from "./pumped-charge.mjs";
import { ribbon } from "./ribbon.mjs";

const dot = presetModel("chaotic-dot", { size: 20, channels: 2, seed: 7, symmetry: "orthogonal" });

// Plain JavaScript takes most of a minute for these cases.
const large = { quick: false, without: ["plain JavaScript"], processes: 1 };

export const cases = [
  pumpedCharge(50, 100),
  pumpedCharge(200, 100),
  pumpedCharge(1000, 100),
  ribbon(10, 50, true, { "numpy block LU": 5 }),
  ribbon(20, 100, true, { "numpy block LU": 3 }),
  { ...ribbon(40, 200, true, { "numpy block LU": 2.5, "plain JavaScript": 5 }), slow: ["plain JavaScript"] },
  ribbon(20, 100, true, { "numpy block LU": 3 }, 0.1),
  ribbon(40, 200, true, { "numpy block LU": 2 }, 0.1),
  { ...field(100, 100, { MUMPS: 0.8 }), quick: false, processes: 1 },
  { ...field(200, 200, { MUMPS: 0.8 }), quick: false, processes: 1 },
  orbitals(8, 40, { "numpy block LU": 1.3 }),
  { ...orbitals(20, 100, { MUMPS: 0.8 }), quick: false, processes: 1 },
  honeycomb(18, 30, { "numpy block LU": 3, "scipy SuperLU": 3 }),
  { ...honeycomb(60, 100, {}), quick: false, processes: 1 },
  { ...honeycomb(18, 60, { "numpy block LU": 3, Kwant: 3 }), quick: false },
  armchairLeads(17, {}),
  armchairLeads(26, {}),
  armchairLeads(53, {}),
  fullLeads(76, 60, {}),
  fullLeads(96, 96, {}),
  ...makings,
  { ...ring(34, 60, { MUMPS: 1.1 }), processes: 1 },
  { ...graph(10_000, { MUMPS: 1.1 }), processes: 1 },
  { ...ribbon(200, 200, true, { "numpy block LU": 1.2 }), ...large },
  { ...ribbon(200, 200, false, { "numpy block LU": 1.5 }), ...large },
  manyGates(40, 200, 1000, 8),
  { ...ribbonForces(20, 40, 5), quick: false },
  { ...honeycombForces(8, 16, 8), quick: false },
  chaoticDot(20, 2, 256, dot),
  rotorEnsemble(256, 250),
  motorTurn(64, 1e-8),
  {
    name: "workers",
    title: "2,400 datasheets of the dot on two workers",
    targets: { "one worker": 1.9 },
    script: "workers.mjs",
    processes: 1,
  },
];
