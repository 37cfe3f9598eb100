// Refusals of cycles, reservoirs and rotors, and of Hamiltonians and cycles given as functions.

import { variant as at } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const drive: Refusal[] = [
  ["a cycle as list", at("cycle", []), "cycle", /expected an object/],
  [
    "a cycle over an unknown parameter",
    at("cycle", { X: {} }),
    "cycle.X",
    /unknown parameter; expected one of "x", "y", found "X".*"x"\?/,
  ],
  ["a series as number", at("cycle.x", 1), "cycle.x", /expected an object, found 1/],
  ["a series as list", at("cycle.x", [1]), "cycle.x", /expected an object, found \[1\]/],
  [
    "a misspelt series",
    at("cycle.x", { cosine: [1] }),
    "cycle.x.cosine",
    /unknown key; expected one of "mean", "cos", "sin", "turns"/,
  ],
  [
    "NaN in a series",
    at("cycle.x", { cos: [1, Number.NaN] }),
    "cycle.x.cos[1]",
    /expected a finite number, found NaN/,
  ],
  ["a mean as text", at("cycle.x", { mean: "0" }), "cycle.x.mean", /expected a finite number, found "0"/],
  ["turns of a linear Hamiltonian", at("cycle.x", { turns: 1 }), "cycle.x.turns", /does not close.*found 1/],
  ["a reserved cycle name", at("cycle.__proto__", {}), "cycle", /reserved/],
  [
    "too many harmonics",
    at("cycle.x", { cos: Array(70_000).fill(0) }),
    "cycle.x.cos",
    /at most 65536 elements/,
  ],
  ["reservoirs as number", at("reservoirs", 3), "reservoirs", /expected an object, found 3/],
  [
    "a reservoir of no lead",
    at("reservoirs.lef", { chemicalPotential: 0 }),
    "reservoirs.lef",
    /unknown lead.*Did you mean "left"\?/,
  ],
  [
    "a reservoir of a probe",
    at("reservoirs.phi", { chemicalPotential: 0 }),
    "reservoirs.phi",
    /probe has no reservoir/,
  ],
  ["a missing reservoir", at("reservoirs.top", undefined), "reservoirs.top", /has no reservoir/],
  [
    "no chemical potential",
    at("reservoirs.left", {}),
    "reservoirs.left.chemicalPotential",
    /missing; expected chemical potential/,
  ],
  [
    "a negative temperature",
    at("reservoirs.left.temperature", -1),
    "reservoirs.left.temperature",
    />= 0, found -1/,
  ],
  [
    "an infinite temperature",
    at("reservoirs.left.temperature", Infinity),
    "reservoirs.left.temperature",
    /finite number, found Infinity/,
  ],
  ["negative inertia", at("rotor.inertia", -1), "rotor.inertia", />= 0, found -1/],
  [
    "inertia as text",
    at("rotor.inertia", "infinit"),
    "rotor.inertia",
    /a finite number or "infinite", found "infinit".*"infinite"\?/,
  ],
  ["Infinity as inertia", at("rotor.inertia", Infinity), "rotor.inertia", /finite number, found Infinity/],
  ["negative friction", at("rotor.friction", -0.1), "rotor.friction", />= 0, found -0.1/],
  ["NaN load", at("rotor.load", Number.NaN), "rotor.load", /finite number, found NaN/],
  ["a rotor as list", at("rotor", []), "rotor", /expected an object/],
];

const functional = (changes: object) => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: 1,
    hamiltonian: () => [[0, 0, 1]],
    parameters: ["x"],
    leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
    ...changes,
  },
});
const failing = () => {
  throw new RangeError("outside the table");
};

const functions: Refusal[] = [
  [
    "a bad element",
    functional({ hamiltonian: () => [[0, 0, Number.NaN]] }),
    "device.hamiltonian[0]",
    /finite number, found NaN/,
  ],
  [
    "no list",
    functional({ hamiltonian: () => undefined }),
    "device.hamiltonian",
    /not a matrix.*found nothing/,
  ],
  [
    "a function that fails",
    functional({ hamiltonian: failing }),
    "device.hamiltonian",
    /function failed.*outside the table/,
  ],
  ["matrices beside a function", functional({ parameters: { x: [] } }), "device.parameters", /list of names/],
  ["a double name", functional({ parameters: ["x", "x"] }), "device.parameters[1]", /twice/],
  [
    "a name of a wrong type",
    functional({ parameters: [1] }),
    "device.parameters[0]",
    /expected text, found 1/,
  ],
  [
    "an unknown derivative",
    functional({ derivative: () => ({ z: [] }) }),
    "device.derivative.z",
    /unknown parameter/,
  ],
  [
    "no derivative at all",
    functional({ derivative: () => null }),
    "device.derivative",
    /triplets by parameter name, found null/,
  ],
  [
    "a bad derivative",
    functional({ derivative: () => ({ x: [[1, 1, 1]] }) }),
    "device.derivative.x[0]",
    /out of range/,
  ],
  ["a failing cycle", { ...functional({}), cycle: failing }, "cycle", /function failed/],
  ["a cycle without values", { ...functional({}), cycle: () => ({}) }, "cycle(theta).values", /no values/],
  [
    "a cycle function's unknown name",
    { ...functional({}), cycle: () => ({ values: { z: 1 }, derivatives: {} }) },
    "cycle(theta).values.z",
    /unknown parameter/,
  ],
];

testRefusals([...drive, ...functions]);
