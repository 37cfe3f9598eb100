// Refusals of the model as a whole and of the device.

import { variant as at } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const twice = (element: number[]) => [element, element];

const whole: Refusal[] = [
  ["nothing", undefined, "model", /expected an object, found nothing/],
  ["null", null, "model", /found null/],
  ["a list", [], "model", /found a list of 0|found \[\]/],
  ["text", "model", "model", /found "model"/],
  ["no format", at("format", undefined), "format", /missing; expected "nanopinwheel\/1", found nothing/],
  [
    "another version",
    at("format", "nanopinwheel/2"),
    "format",
    /another version.*found "nanopinwheel\/2".*written for/,
  ],
  ["a foreign format", at("format", "kwant"), "format", /no known format/],
  ["a number as format", at("format", 1), "format", /no known format.*found 1/],
  ["an unknown key", at("reservoir", {}), "reservoir", /unknown key.*Did you mean "reservoirs"\?/],
  ["an unlike key", at("zzzz", {}), "zzzz", /unknown key; expected one of "\$schema".*Remove or rename/],
  ["title of a wrong type", at("title", 3), "title", /expected text, found 3/],
  ["an unknown unit", at("units", { energy: "ev" }), "units.energy", /"eV".*found "ev".*Did you mean "eV"\?/],
  ["units as text", at("units", "eV"), "units", /expected an object, found "eV"/],
];

const device: Refusal[] = [
  ["no device", at("device", undefined), "device", /missing/],
  ["device as list", at("device", []), "device", /expected an object/],
  ["device as text", at("device", "thouless"), "device", /expected an object, found "thouless"/],
  [
    "no orbitals",
    at("device.orbitals", undefined),
    "device.orbitals",
    /missing; expected number of orbitals/,
  ],
  [
    "very many parameters",
    at("device.parameters", Object.fromEntries(Array.from({ length: 32_769 }, (_, i) => [`p${i}`, []]))),
    "device.parameters",
    /too many; expected at most 32768, found 32769/,
  ],
  ["a misspelt required key", at("device.orbital", 3), "device.orbital", /unknown key.*"orbitals"\?/],
  ["orbitals 0", at("device.orbitals", 0), "device.orbitals", /expected a number >= 1, found 0/],
  ["orbitals 1.5", at("device.orbitals", 1.5), "device.orbitals", /whole number, found 1.5/],
  [
    "orbitals NaN",
    at("device.orbitals", Number.NaN),
    "device.orbitals",
    /expected a finite number, found NaN/,
  ],
  [
    "absurdly many orbitals",
    at("device.orbitals", 1e12),
    "device.orbitals",
    /<= 10000000, found 1000000000000/,
  ],
  ["no Hamiltonian", at("device.hamiltonian", undefined), "device.hamiltonian", /missing/],
  ["Hamiltonian as text", at("device.hamiltonian", "H"), "device.hamiltonian", /expected a list, found "H"/],
  [
    "a short triplet",
    at("device.hamiltonian.1", [0, 1]),
    "device.hamiltonian[1]",
    /not a matrix element.*\[0, 1\]/,
  ],
  [
    "a long triplet",
    at("device.hamiltonian.1", [0, 1, 1, 1, 1]),
    "device.hamiltonian[1]",
    /found a list of 5/,
  ],
  ["no triplet", at("device.hamiltonian.1", 7), "device.hamiltonian[1]", /found 7/],
  [
    "an index out of range",
    at("device.hamiltonian.1", [0, 4, 1]),
    "device.hamiltonian[1]",
    /column is out of range; expected 0 to 3, found 4/,
  ],
  [
    "a negative index",
    at("device.hamiltonian.1", [-1, 0, 1]),
    "device.hamiltonian[1]",
    /row is out of range/,
  ],
  [
    "a fractional index",
    at("device.hamiltonian.1", [0.5, 1, 1]),
    "device.hamiltonian[1]",
    /row is no index.*found 0.5/,
  ],
  [
    "row > column",
    at("device.hamiltonian.1", [1, 0, 1]),
    "device.hamiltonian[1]",
    /below the diagonal.*row <= column.*Hermiticity/,
  ],
  [
    "complex diagonal",
    at("device.hamiltonian.0", [0, 0, 1, 0.1]),
    "device.hamiltonian[0]",
    /not Hermitian.*imaginary part 0.1/,
  ],
  [
    "NaN element",
    at("device.hamiltonian.0", [0, 0, Number.NaN]),
    "device.hamiltonian[0]",
    /real part.*finite number, found NaN/,
  ],
  [
    "infinite imaginary part",
    at("device.hamiltonian.1", [0, 1, 1, Infinity]),
    "device.hamiltonian[1]",
    /imaginary part.*Infinity/,
  ],
  [
    "text as element",
    at("device.hamiltonian.0", [0, 0, "1"]),
    "device.hamiltonian[0]",
    /finite number, found "1"/,
  ],
  [
    "a double element",
    at("device.hamiltonian", twice([0, 1, 1])),
    "device.hamiltonian[1]",
    /two values.*row 0, column 1.*Add them up/,
  ],
  ["a parameter as number", at("device.parameters.x", 1), "device.parameters.x", /expected a list, found 1/],
  [
    "a parameter's bad index",
    at("device.parameters.x", [[9, 9, 1]]),
    "device.parameters.x[0]",
    /out of range/,
  ],
  [
    "parameters as names",
    at("device.parameters", ["x"]),
    "device.parameters",
    /a list of names needs a Hamiltonian given as a function/,
  ],
  [
    "a derivative beside triplets",
    at("device.derivative", () => ({})),
    "device.derivative",
    /allowed only with a Hamiltonian given as/,
  ],
  ["a derivative as list", at("device.derivative", []), "device.derivative", /expected a function/],
  ["an empty name", at("device.parameters.", []), "device.parameters", /name is empty/],
  ["a name with =", at("device.parameters.a=b", []), "device.parameters", /cannot be used in name=value/],
  [
    "a reserved name",
    at("device.parameters.constructor", []),
    "device.parameters",
    /reserved.*found "constructor"/,
  ],
  [
    "the prototype's name",
    at("device.parameters.__proto__", []),
    "device.parameters",
    /reserved.*found "__proto__"/,
  ],
];

testRefusals([...whole, ...device]);
