// Options of every preset: types, bounds, defaults and descriptions. Only data: the generators are one file each beside this one.
// Defaults are the first numbers of the conventions' table of models.

import * as v from "valibot";
import { anyNumber, closedObject, nonNegative, positive, wholeNumber } from "../fields.js";

const mostSites = 1_000_000;
const sites = (initial: number) => v.optional(wholeNumber(2, mostSites, "Number of sites"), initial);
const energy = (initial: number) =>
  v.optional(anyNumber("Mean chemical potential the preset brings"), initial);
const dephasing = (where: string) => v.optional(nonNegative(`Width of ${where}; 0: none`), 0);

/** What every preset says of itself: one line, and the schema of its options. */
export const presetOptions = {
  thouless: {
    description: "Lattice Thouless motor: a sliding cosine potential on a chain; quantised pump in its gap",
    entries: {
      sites: sites(16),
      wavelength: v.optional(positive("Wavelength of the potential in sites"), 4),
      amplitude: v.optional(anyNumber("Amplitude V0 of the potential"), 0.4),
      ramp: v.optional(wholeNumber(0, mostSites, "Sites over which either end is switched on smoothly"), 0),
      energy: v.optional(anyNumber("Mean chemical potential; default: centre of the lowest gap")),
    },
  },
  dirac: {
    description: "Continuum Thouless motor: two-band Dirac model with a gap on a finite length, closed form",
    entries: {
      gap: v.optional(positive("Gap parameter Delta (half the gap)"), 1),
      length: v.optional(positive("Length in units of v/energy"), 0.5),
      energy: energy(0),
    },
  },
  wheel: {
    description: "Wheel with alternating charges on its rim, turning beside a wire",
    entries: {
      sites: sites(160),
      pairs: v.optional(
        wholeNumber(1, 10_000, "Pairs of charges on the rim; the potential has period 2 pi/pairs"),
        8,
      ),
      period: v.optional(positive("Distance along the rim from one pair to the next, in sites"), 6),
      charge: v.optional(anyNumber("Strength q of a charge"), 1),
      gap: v.optional(nonNegative("Distance of the rim's lowest point from the wire, in sites"), 2),
      screening: v.optional(positive("Screening length, in sites"), 6),
      soft: v.optional(positive("Softening length of the charges, in sites"), 1),
      energy: v.optional(anyNumber("Mean chemical potential; default: -2 cos(pi/period)")),
    },
  },
  "two-gate": {
    description: "Wire with two gates driven out of phase on a circle",
    entries: {
      sites: sites(12),
      gates: v.optional(
        v.pipe(
          v.tuple([
            v.pipe(v.number(), v.integer(), v.minValue(0)),
            v.pipe(v.number(), v.integer(), v.minValue(0)),
          ]),
          v.description("Sites of the two gates, counted from 0"),
        ),
        [3, 8],
      ),
      mean: v.optional(anyNumber("Mean of both gate potentials"), 0.5),
      radius: v.optional(anyNumber("Radius of the circle"), 1.2),
      energy: energy(-0.5),
    },
  },
  "double-dot": {
    description: "Two tunnel-coupled dots in series whose levels turn on a circle",
    entries: {
      level: v.optional(anyNumber("Mean level of both dots"), -1),
      depth: v.optional(anyNumber("Amplitude of the levels' motion"), 1),
      tunnelling: v.optional(anyNumber("Tunnel coupling of the dots"), 1),
      width: v.optional(positive("Broadening of each dot by its lead"), 1),
      dephasing: dephasing("a voltage probe on either dot"),
      energy: energy(0),
    },
  },
  "two-path": {
    description: "Two-path interferometer with a flux: a pump that lives on interference",
    entries: {
      level: v.optional(anyNumber("Mean level of both arms"), -0.5),
      depth: v.optional(anyNumber("Amplitude of the levels' motion"), 1),
      width: v.optional(positive("Broadening of each arm by each lead"), 0.5),
      flux: v.optional(anyNumber("Aharonov-Bohm phase through the loop, in radians"), Math.PI / 2),
      dephasing: dephasing("a voltage probe on either arm"),
      energy: energy(0),
    },
  },
  "resonant-level": {
    description: "One level between two leads, moved by one parameter: the textbook friction; pumps nothing",
    entries: {
      level: v.optional(anyNumber("Mean level"), 0),
      depth: v.optional(anyNumber("Amplitude of the level's motion"), 1),
      widthLeft: v.optional(positive("Broadening by the left lead"), 0.5),
      widthRight: v.optional(positive("Broadening by the right lead"), 0.5),
      energy: energy(0),
    },
  },
  "chaotic-dot": {
    description: "Random-matrix dot with ideal contacts, driven on a circle by two random perturbations",
    entries: {
      size: v.optional(wholeNumber(2, 1024, "Size M of the random matrices"), 64),
      channels: v.optional(wholeNumber(1, 512, "Open channels per lead"), 1),
      symmetry: v.optional(
        v.pipe(
          v.picklist(["orthogonal", "unitary"]),
          v.description("Ensemble: orthogonal (real) or unitary (complex: in a magnetic field)"),
        ),
        "orthogonal",
      ),
      seed: v.optional(wholeNumber(0, 0xffffffff, "Seed of the sample"), 1),
      radius: v.optional(anyNumber("Radius of the circle; 1 moves a level by about its spacing"), 1),
      dephasing: dephasing("one voltage probe that touches all levels alike"),
    },
  },
  benzene: {
    description:
      "Hueckel ring of six with a turning dipole; para contacts pump exactly nothing (mirror symmetry)",
    entries: {
      contacts: v.optional(
        v.pipe(
          v.picklist(["para", "meta"]),
          v.description("Right lead opposite (para) or at the second site (meta)"),
        ),
        "para",
      ),
      width: v.optional(positive("Broadening of a contacted site by its lead"), 1),
      depth: v.optional(anyNumber("Amplitude U of the turning dipole"), 0.5),
      energy: energy(-1),
    },
  },
  "open-dot": {
    description:
      "Square-lattice billiard with two openings into ribbons and two shape gates driven out of phase",
    entries: {
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
    },
  },
} as const satisfies Record<string, { description: string; entries: v.ObjectEntries }>;

export type PresetName = keyof typeof presetOptions;

type OutputsOf<E> = { [K in keyof E]: E[K] extends v.GenericSchema ? v.InferOutput<E[K]> : never };

/** The options of a preset with every default filled in. */
export type PresetOptions<N extends PresetName> = OutputsOf<(typeof presetOptions)[N]["entries"]>;

/** Schema of a preset's options alone. */
export const presetOptionsSchema = (name: PresetName) =>
  closedObject(presetOptions[name].entries as v.ObjectEntries);
