// An open dot with two shape gates: a square-lattice billiard of length x width sites with hopping
// -1. Openings of `opening` sites in the middle of either end lead into ribbon leads of the same
// width. A uniform magnetic field (leads included) gives the hoppings along the length the Peierls
// phase field * row. On-site energies are uniform in +-disorder/2. Gate x raises a patch at the
// upper side near the left end, gate y one at the lower side near the right end:
//
//   x = gateDepth sin(theta),   y = gateDepth sin(theta + phase)
//
// The path retraces itself at the phases 0 and pi. The charge is odd about both, and proportional
// to the area pi gateDepth^2 sin(phase) while that is small. `dephasing` is the width of a voltage
// probe on every site: an electron loses its phase in place at the rate width / hbar. Cost with
// probes: S has a column for each of the length x width sites, which takes ten times as long as a
// coherent dot of 9 x 11 sites.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { anyNumber, nonNegative, wholeNumber } from "../file/fields.js";
import type { Lead, Triplet } from "../types.js";
import { freeRotor, type PresetModel, probes, reservoirsAbout } from "./parts/pieces.js";
import { energy, type OptionsOf, preset } from "./parts/preset.js";
import { uniformNumbers } from "./parts/random-numbers.js";

const entries = {
  width: v.optional(wholeNumber(2, 2000, "Width in sites"), 9),
  length: v.optional(wholeNumber(2, 2000, "Length in sites"), 11),
  opening: v.optional(wholeNumber(1, 2000, "Width of the constrictions in sites"), 5),
  gateDepth: v.optional(anyNumber("Amplitude of the gate potentials"), 0.5),
  field: v.optional(anyNumber("Magnetic flux per plaquette, in radians; leads included"), 0),
  disorder: v.optional(nonNegative("Full width of the random on-site energies"), 0.5),
  seed: v.optional(wholeNumber(0, 0xffffffff, "Seed of the disorder"), 1),
  phase: v.optional(anyNumber("Phase difference of the two gates, in radians"), Math.PI / 2),
  dephasing: v.optional(nonNegative("Width of a voltage probe on every site; 0: none"), 0),
  energy: energy(-2.3),
};

type Options = OptionsOf<typeof entries>;

/** Hopping from one column to the next in a row: -e^(i field (row - middle)). */
function hoppingAt(row: number, { width, field }: Options): [re: number, im: number] {
  const phase = field * (row - (width - 1) / 2);
  return [-Math.cos(phase), -Math.sin(phase)];
}

const element = (i: number, j: number, re: number, im: number): Triplet =>
  im === 0 ? [i, j, re] : [i, j, re, im];

/**
 * A ribbon that continues the middle rows outwards. `outwards` is the direction of its cells along
 * the length.
 */
function ribbonLead(name: string, column: number, outwards: 1 | -1, options: Options): Lead {
  const { width, opening } = options;
  const first = Math.floor((width - opening) / 2);
  const rows = Array.from({ length: opening }, (_, k) => k);
  return {
    name,
    kind: "periodic",
    orbitals: rows.map((k) => column * width + first + k),
    onsite: [[0, 0, 0], ...rows.slice(1).map((k): Triplet => [k - 1, k, -1])],
    hopping: rows.map((k) => {
      const [re, im] = hoppingAt(first + k, options);
      return element(k, k, re, outwards * im);
    }),
  };
}

/**
 * The sites of a gate. The patch is a quarter of the width deep and a quarter of the length long,
 * and lies an eighth of the length away from an end.
 */
function patch(columns: [number, number], rows: [number, number], width: number): Triplet[] {
  const sites: Triplet[] = [];
  for (let x = columns[0]; x < columns[1]; x++)
    for (let y = rows[0]; y < rows[1]; y++) sites.push([x * width + y, x * width + y, 1]);
  return sites;
}

function model(options: Options): PresetModel {
  const { width, length, opening, gateDepth, disorder, seed, phase, dephasing, energy } = options;
  if (opening > width)
    throw new InputError("device.opening", "wider than the dot", {
      expected: `at most ${width}, the width`,
      found: String(opening),
    });
  const uniform = uniformNumbers(seed);
  const hamiltonian: Triplet[] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      const site = x * width + y;
      const level = disorder * (uniform() - 0.5);
      if (level !== 0) hamiltonian.push([site, site, level]);
      if (y + 1 < width) hamiltonian.push([site, site + 1, -1]);
      if (x + 1 < length) {
        const [re, im] = hoppingAt(y, options);
        hamiltonian.push(element(site, site + width, re, im));
      }
    }
  const depth = Math.max(1, Math.floor(width / 4));
  const reach = Math.max(1, Math.floor(length / 4));
  const away = Math.floor(length / 8);
  return {
    format: "nanopinwheel/1",
    title: `Open dot of ${length} x ${width} sites with two shape gates`,
    device: {
      orbitals: length * width,
      hamiltonian,
      parameters: {
        x: patch([away, away + reach], [width - depth, width], width),
        y: patch([length - away - reach, length - away], [0, depth], width),
      },
      leads: [
        ribbonLead("left", 0, -1, options),
        ribbonLead("right", length - 1, 1, options),
        ...probes(
          Array.from({ length: length * width }, (_, site) => site),
          dephasing,
        ),
      ],
    },
    cycle: {
      x: { sin: [gateDepth] },
      y: { cos: [gateDepth * Math.sin(phase)], sin: [gateDepth * Math.cos(phase)] },
    },
    reservoirs: reservoirsAbout(energy),
    rotor: freeRotor(),
  };
}

export default preset({
  description:
    "Square-lattice billiard with two openings into ribbons and two shape gates driven out of phase",
  entries,
  model,
});
