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

// Each call of these cases takes a tenth of a second to several seconds.
const slow = { quick: false, processes: 1, rounds: 1 };
// Plain JavaScript takes most of a minute for these cases.
const large = { ...slow, without: ["plain JavaScript"] };

export const cases = [
  pumpedCharge(50, 100),
  pumpedCharge(200, 100),
  pumpedCharge(1000, 100),
  ribbon(10, 50, true, { "numpy block LU": 5 }),
  ribbon(20, 100, true, { "numpy block LU": 3 }),
  { ...ribbon(40, 200, true, { "numpy block LU": 2.5, "plain JavaScript": 5 }), slow: ["plain JavaScript"] },
  ribbon(20, 100, true, { "numpy block LU": 3 }, 0.1),
  ribbon(40, 200, true, { "numpy block LU": 2 }, 0.1),
  { ...field(100, 100, { MUMPS: 0.8 }), ...slow },
  { ...field(200, 200, { MUMPS: 0.8 }), ...slow },
  orbitals(8, 40, { "numpy block LU": 1.3 }),
  { ...orbitals(20, 100, { MUMPS: 0.8 }), ...slow },
  honeycomb(18, 30, { "numpy block LU": 3, "scipy SuperLU": 3 }),
  { ...honeycomb(60, 100, {}), ...slow },
  { ...honeycomb(18, 60, { "numpy block LU": 3, Kwant: 3 }), ...slow },
  { ...armchairLeads(17, {}), ...slow },
  { ...armchairLeads(26, {}), ...slow },
  { ...armchairLeads(53, {}), ...slow },
  { ...fullLeads(76, 60, {}), ...slow },
  { ...fullLeads(96, 96, {}), ...slow },
  ...makings.map((one) => ({ ...one, ...slow })),
  { ...ring(34, 60, { MUMPS: 1.1 }), processes: 1 },
  { ...graph(10_000, { MUMPS: 1.1 }), processes: 1 },
  { ...ribbon(200, 200, true, { "numpy block LU": 1.2 }), ...large },
  { ...ribbon(200, 200, false, { "numpy block LU": 1.5 }), ...large },
  manyGates(40, 200, 1000, 8),
  { ...ribbonForces(20, 40, 5), ...slow },
  { ...honeycombForces(8, 16, 8), ...slow },
  chaoticDot(20, 2, 256, dot),
  rotorEnsemble(256, 250),
  motorTurn(64, 1e-8),
  {
    name: "motor-ribbon-10x20",
    title: "whole turn of a motor at bias, ribbon 10 x 20, tolerance 1e-4",
    targets: {},
    script: "ribbon-motor.mjs",
    ...slow,
  },
  {
    name: "workers",
    title: "2,400 datasheets of the dot on two workers",
    targets: { "one worker": 1.9 },
    script: "workers.mjs",
    processes: 1,
  },
];
