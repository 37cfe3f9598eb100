// Refusals of terms and samples.

import { variant as at, ofPreset, smallModel } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const term = (value: unknown) => at("device.terms", [value]);
const samples = (value: unknown) => at("device.samples", value);
const matrix = [[0, 0, 1]];
const list = (n: number, element = (j: number) => Math.cos((2 * Math.PI * j) / n)) =>
  Array.from({ length: n }, (_, j) => [[0, 0, element(j)]]);
const turning = (device: object) => {
  const model = smallModel() as { device: object; cycle: unknown };
  return { ...model, device: { ...model.device, ...device }, cycle: { x: { turns: 1 } } };
};

const refusals: Refusal[] = [
  ["no factor", term({ matrix }), "device.terms[0]", /a term without a parameter/],
  ["no matrix", term({ powers: { x: 2 } }), "device.terms[0].matrix", /missing/],
  ["a negative power", term({ powers: { x: -1 }, matrix }), "device.terms[0].powers.x", /found -1/],
  ["half a power", term({ powers: { x: 0.5 }, matrix }), "device.terms[0].powers.x", /found 0.5/],
  ["harmonic 0", term({ cos: { x: 0 }, matrix }), "device.terms[0].cos.x", /found 0/],
  ["harmonic NaN", term({ sin: { x: Number.NaN }, matrix }), "device.terms[0].sin.x", /found NaN/],
  [
    "an unknown kind",
    term({ tan: { x: 1 }, matrix }),
    "device.terms[0].tan",
    /"powers", "cos", "sin", "matrix"/,
  ],
  ["a name with a comma", term({ cos: { "a,b": 1 }, matrix }), "device.terms[0].cos", /name=value/],
  ["NaN", term({ cos: { x: 1 }, matrix: [[0, 0, Number.NaN]] }), "device.terms[0].matrix[0]", /real part/],
  [
    "an orbital outside",
    term({ cos: { x: 1 }, matrix: [[0, 9, 1]] }),
    "device.terms[0].matrix[0]",
    /out of range/,
  ],
  [
    "a cycle of an unknown parameter",
    at("cycle", { q: {} }, term({ cos: { z: 1 }, matrix })),
    "cycle.q",
    /unknown/,
  ],
  [
    "few samples",
    samples({ parameter: "x", hamiltonians: list(3) }),
    "device.samples.hamiltonians",
    /at least 4/,
  ],
  ["no parameter", samples({ hamiltonians: list(8) }), "device.samples.parameter", /missing/],
  [
    "another sparsity",
    samples({ parameter: "x", hamiltonians: [...list(7), [[1, 1, 1]]] }),
    "device.samples.hamiltonians[7]",
    /other elements than in the first sample/,
  ],
  [
    "NaN in a sample",
    samples({ parameter: "x", hamiltonians: [...list(7), [[0, 0, Number.NaN]]] }),
    "device.samples.hamiltonians[7][0]",
    /real part/,
  ],
  [
    "harmonics that do not fall",
    samples({ parameter: "x", hamiltonians: list(16, (j) => (j === 3 ? 1 : 0)) }),
    "device.samples.hamiltonians",
    /too few samples for their harmonics/,
  ],
  [
    "terms beside a function",
    at("device.hamiltonian", () => [], at("device.parameters", ["x", "y"], term({ cos: { x: 1 }, matrix }))),
    "device.terms",
    /not beside/,
  ],
  [
    "terms of the wheel",
    ofPreset("wheel", { terms: [{ cos: { theta: 1 }, matrix }] }),
    "device.terms",
    /not beside/,
  ],
  ["turns of a power", turning({ terms: [{ powers: { x: 2 }, matrix }] }), "cycle.x.turns", /does not close/],
  [
    "turns of a linear parameter beside a harmonic",
    turning({ terms: [{ cos: { x: 2 }, matrix }] }),
    "cycle.x.turns",
    /does not close/,
  ],
];
testRefusals(refusals);
