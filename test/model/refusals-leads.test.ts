// Refusals of leads: contacts, widths, chains, cells.

import { variant as at } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const twice = (element: number[]) => [element, element];
const indefinite = [
  [0, 0, 1],
  [0, 1, 1, 0.2],
  [1, 1, 1],
];
const periodic = (changes: object) =>
  at("device.leads.2", {
    name: "top",
    kind: "periodic",
    orbitals: [1, 2],
    onsite: [],
    hopping: [[0, 1, 1]],
    ...changes,
  });

const leads: Refusal[] = [
  ["no leads", at("device.leads", undefined), "device.leads", /missing/],
  ["an empty list of leads", at("device.leads", []), "device.leads", /at least 1 elements, found 0/],
  ["a lead as text", at("device.leads.0", "left"), "device.leads[0]", /expected an object, found "left"/],
  ["no kind", at("device.leads.0.kind", undefined), "device.leads[0].kind", /missing.*"wideband" or "probe"/],
  [
    "an unknown kind",
    at("device.leads.0.kind", "wide-band"),
    "device.leads[0].kind",
    /"self-energy", found "wide-band".*"wideband"\?/,
  ],
  [
    "a misspelt key",
    at("device.leads.0.widht", 1),
    "device.leads[0].widht",
    /unknown key.*Did you mean "width"\?/,
  ],
  ["no name", at("device.leads.0.name", undefined), "device.leads[0].name", /missing/],
  ["an empty name", at("device.leads.0.name", ""), "device.leads[0].name", /name is empty/],
  ["a padded name", at("device.leads.0.name", " left"), "device.leads[0].name", /name cannot be used/],
  [
    "a double name",
    at("device.leads.1.name", "left"),
    "device.leads[1].name",
    /leads 0 and 1 have the same name.*"left"/,
  ],
  ["no contact", at("device.leads.0.orbitals", []), "device.leads[0].orbitals", /touches nothing/],
  [
    "a contact outside",
    at("device.leads.0.orbitals", [0, 4]),
    "device.leads[0].orbitals[1]",
    /no such device orbital; expected 0 to 3, found 4/,
  ],
  [
    "a double contact",
    at("device.leads.0.orbitals", [1, 1]),
    "device.leads[0].orbitals[1]",
    /twice.*1, also at \[0\]/,
  ],
  [
    "a negative contact",
    at("device.leads.0.orbitals", [-1]),
    "device.leads[0].orbitals[0]",
    />= 0, found -1/,
  ],
  [
    "a huge contact",
    at("device.leads.0.orbitals", Array(5000).fill(0)),
    "device.leads[0].orbitals",
    /at most 4096 elements, found 5000/,
  ],
  ["no width", at("device.leads.0.width", undefined), "device.leads[0].width", /missing/],
  [
    "a width as text",
    at("device.leads.0.width", "1"),
    "device.leads[0].width",
    /a number, a list of numbers or a list of triplets, found "1"/,
  ],
  [
    "a negative width",
    at("device.leads.0.width", -1),
    "device.leads[0].width",
    /negative width; expected a finite number >= 0, found -1/,
  ],
  ["NaN width", at("device.leads.0.width", Number.NaN), "device.leads[0].width", /found NaN/],
  [
    "a negative width in a list",
    at("device.leads.0.width", [1, -1]),
    "device.leads[0].width[1]",
    /negative width/,
  ],
  ["text in a list of widths", at("device.leads.0.width", [1, "a"]), "device.leads[0].width[1]", /found "a"/],
  [
    "too few widths",
    at("device.leads.0.width", [1]),
    "device.leads[0].width",
    /one width per orbital.*2 numbers, found 1/,
  ],
  ["an empty list of widths", at("device.leads.0.width", []), "device.leads[0].width", /2 numbers, found 0/],
  ["width 0", at("device.leads.0.width", 0), "device.leads[0].width", /no open channel/],
  ["all widths 0", at("device.leads.0.width", [0, 0]), "device.leads[0].width", /no open channel/],
  ["a zero matrix", at("device.leads.0.width", [[0, 0, 0]]), "device.leads[0].width", /no open channel/],
  [
    "a negative diagonal",
    at("device.leads.0.width", [[1, 1, -1]]),
    "device.leads[0].width",
    /negative width on the lead's orbital 1/,
  ],
  [
    "an indefinite width",
    at("device.leads.0.width", indefinite),
    "device.leads[0].width",
    /not positive semidefinite.*1e-12/,
  ],
  [
    "an off-diagonal width alone",
    at("device.leads.0.width", [[0, 1, 1]]),
    "device.leads[0].width",
    /not positive semidefinite/,
  ],
  [
    "a width beyond the contact",
    at("device.leads.0.width", [[2, 2, 1]]),
    "device.leads[0].width[0]",
    /0 to 1, found 2/,
  ],
  [
    "a width below the diagonal",
    at("device.leads.0.width", [[1, 0, 1]]),
    "device.leads[0].width[0]",
    /below the diagonal/,
  ],
  ["a chain outside", at("device.leads.1.orbital", 4), "device.leads[1].orbital", /no such device orbital/],
  [
    "no hopping",
    at("device.leads.1.hopping", undefined),
    "device.leads[1].hopping",
    /missing; expected hopping along/,
  ],
  ["hopping 0", at("device.leads.1.hopping", 0), "device.leads[1].hopping", /cut off/],
  ["coupling 0", at("device.leads.1.coupling", 0), "device.leads[1].coupling", /cut off/],
  [
    "infinite onsite",
    at("device.leads.1.onsite", -Infinity),
    "device.leads[1].onsite",
    /finite number, found -Infinity/,
  ],
  [
    "a cell below the diagonal",
    periodic({ onsite: [[1, 0, 1]] }),
    "device.leads[2].onsite[0]",
    /below the diagonal/,
  ],
  [
    "a cell of another size",
    periodic({ hopping: [[0, 2, 1]] }),
    "device.leads[2].coupling",
    /differ in size.*2 rows and 3 columns/,
  ],
  ["no hopping between cells", periodic({ hopping: [] }), "device.leads[2].hopping", /cut off/],
  [
    "cells in pairs",
    periodic({ onsite: [[1, 1, 0.5]], hopping: [[0, 1, -1]] }),
    "device.leads[2].hopping",
    /ends after a few cells.*through all cells/,
  ],
  [
    "a closed path of length zero",
    periodic({
      onsite: [[0, 1, 1]],
      hopping: [
        [0, 3, -1],
        [1, 2, -1],
      ],
      coupling: [[0, 0, 1]],
    }),
    "device.leads[2].hopping",
    /ends after a few cells/,
  ],
  [
    "a contact on the part that ends",
    periodic({
      onsite: [],
      hopping: [
        [0, 1, -1],
        [2, 2, -1],
      ],
      coupling: [
        [0, 0, 1],
        [1, 1, 1],
      ],
    }),
    "device.leads[2].hopping",
    /ends after a few cells/,
  ],
  ["a zero coupling", periodic({ coupling: [[0, 0, 0]] }), "device.leads[2].coupling", /cut off/],
  [
    "a coupling beyond the contact",
    periodic({ coupling: [[2, 0, 1]] }),
    "device.leads[2].coupling[0]",
    /row is out of range; expected 0 to 1/,
  ],
  ["a double hopping", periodic({ hopping: twice([1, 0, 1]) }), "device.leads[2].hopping[1]", /two values/],
  [
    "a huge cell",
    periodic({ hopping: [[0, 1e9, 1]] }),
    "device.leads[2].onsite",
    /too large; expected at most 4096 orbitals/,
  ],
  [
    "a negative cell index",
    periodic({ onsite: [[-1, 0, 1]] }),
    "device.leads[2].onsite[0]",
    /row is out of range/,
  ],
  ["NaN in a cell", periodic({ onsite: [[0, 0, Number.NaN]] }), "device.leads[2].onsite[0]", /found NaN/],
  ["too many large cells", manyLargeCells(), "device.leads[2].onsite", /leads are too large/],
  ["probes alone", onlyProbes(), "device.leads", /every lead is a voltage probe/],
];

function manyLargeCells() {
  const cell = {
    kind: "periodic",
    orbitals: [0],
    onsite: [],
    hopping: [
      [0, 0, 1],
      [0, 4000, 1],
    ],
    coupling: [[0, 0, 1]],
  };
  return at(
    "device.leads",
    ["a", "b", "c"].map((name) => ({ name, ...cell })),
  );
}

function onlyProbes() {
  return at("device.leads", [{ name: "phi", kind: "probe", orbitals: [0], width: 1 }]);
}

testRefusals(leads);
