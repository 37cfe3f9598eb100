// Refusals of overlaps and of further hoppings.

import { variant as at } from "./models.js";
import { type Refusal, testRefusals } from "./refusals.js";

const overlap = (value: unknown) => at("device.overlap", value);
const lead = (changes: object) =>
  at("device.leads.2", {
    name: "top",
    kind: "periodic",
    orbitals: [1, 2],
    onsite: [],
    hopping: [
      [0, 0, 1],
      [1, 1, 1],
    ],
    ...changes,
  });
const h = [
  [0, 0, 1],
  [1, 1, 1],
];

const refusals: Refusal[] = [
  ["a function of X", overlap(() => []), "device.overlap", /an overlap depends on no parameter/],
  ["overlaps by parameter", overlap({ x: [[0, 1, 0.1]] }), "device.overlap", /depends on no parameter/],
  ["a lower triangle", overlap([[1, 0, 0.1]]), "device.overlap[0]", /below the diagonal/],
  ["an imaginary diagonal", overlap([[0, 0, 1, 0.1]]), "device.overlap[0]", /not Hermitian/],
  ["an orbital outside", overlap([[0, 4, 0.1]]), "device.overlap[0]", /the column is out of range/],
  ["an overlap of 1", overlap([[0, 1, 1]]), "device.overlap", /not positive definite/],
  ["a complex overlap of 1", overlap([[0, 1, 0.6, 0.8]]), "device.overlap", /not positive definite/],
  ["a norm of zero", overlap([[2, 2, 0]]), "device.overlap", /not positive definite/],
  [
    "overlaps that are too large together",
    overlap([
      [0, 1, 0.8],
      [1, 2, 0.8],
    ]),
    "device.overlap",
    /not positive definite/,
  ],
  [
    "an overlap of a cell",
    lead({ overlap: [[0, 1, 1.2]] }),
    "device.leads[2].overlap",
    /not positive definite/,
  ],
  [
    "overlaps between cells",
    lead({ hoppingOverlaps: [[[0, 0, 0.6]]] }),
    "device.leads[2].hoppingOverlaps",
    /positive eigenvalues of the overlap matrix of the lead/,
  ],
  [
    "overlaps of device and cells",
    lead({ couplingOverlaps: [[[0, 0, 1]]] }),
    "device.leads[2].couplingOverlaps",
    /the device with its leads/,
  ],
  [
    "an index outside an overlap",
    lead({ hoppingOverlaps: [[[0, -2, 0.1]]] }),
    "device.leads[2].hoppingOverlaps[0][0]",
    /out of range/,
  ],
  ["both kinds of hopping", lead({ hoppings: [h] }), "device.leads[2].hoppings", /given beside hopping/],
  ["no hoppings", lead({ hopping: undefined, hoppings: [] }), "device.leads[2].hoppings", /at least 1/],
  [
    "hoppings of zero",
    lead({ hopping: undefined, hoppings: [[], []] }),
    "device.leads[2].hoppings",
    /cut off/,
  ],
  [
    "an index outside a further hopping",
    lead({ hopping: undefined, hoppings: [h, [[0, -1, 1]]] }),
    "device.leads[2].hoppings[1][0]",
    /out of range/,
  ],
  [
    "both kinds of coupling",
    lead({ coupling: h, couplings: [h] }),
    "device.leads[2].couplings",
    /given beside/,
  ],
  [
    "a contact that is no number of cells",
    lead({ orbitals: [0, 1, 2], hopping: undefined, hoppings: [h, h] }),
    "device.leads[2].coupling",
    /1 to 2 cells of 2 orbitals/,
  ],
];

testRefusals(refusals);
