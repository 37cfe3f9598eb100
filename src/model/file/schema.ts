// The schema of the model file: keys, types, bounds, and the description of every field, which
// editors show. What concerns several fields (indices, Hermiticity, names) is checked in resolve/.
// The elements of matrices are left to triplets.ts, because a schema per element would take seconds
// for a million of them.

import * as v from "valibot";
import { leadSchema } from "../leads/index.js";
import { leadName } from "../leads/parts.js";
import { presetNamed, presetNames } from "../presets/index.js";
import type {
  Cycle,
  CycleFunction,
  HamiltonianFunction,
  ScatteringFunction,
  ScatteringTable,
  Triplet,
} from "../types.js";
import {
  anyNumber,
  closedObject,
  maximumLeadOrbitals,
  maximumOrbitals,
  nonNegative,
  numberList,
  positive,
  record,
  tripletJson,
  tripletList,
  uncheckedList,
  wholeNumber,
} from "./fields.js";

/** Version of the model file that this program reads and writes. */
export const modelFormat = "nanopinwheel/1";

const orders = (most: number, description: string) =>
  v.optional(v.pipe(record(wholeNumber(1, most, "A whole number")), v.description(description)));

const hamiltonianTerm = closedObject({
  powers: orders(64, "Powers by parameter: { x: 2 } is x^2"),
  cos: orders(65_536, "Harmonics by parameter: { theta: 3 } is cos(3 theta)"),
  sin: orders(65_536, "Harmonics by parameter: { theta: 3 } is sin(3 theta)"),
  matrix: tripletList("The matrix that all factors of the term multiply: triplets with row <= column"),
});

const deviceEntries = {
  orbitals: wholeNumber(1, maximumOrbitals, "Number of orbitals of the device"),
  hamiltonian: uncheckedList<Triplet[] | HamiltonianFunction["evaluate"]>(
    "H0: triplets [row, column, re, im?] with row <= column, counted from 0; the rest follows by Hermiticity",
    tripletJson,
    true,
  ),
  parameters: v.pipe(
    v.lazy(
      (input): v.GenericSchema<Record<string, Triplet[]> | string[]> =>
        Array.isArray(input)
          ? v.array(v.string())
          : record(tripletList("dH/dX of this parameter, as triplets")),
    ),
    v.description("dH/dX by parameter name: H(X) = H0 + sum of X times its matrix"),
  ),
  terms: v.pipe(
    v.array(hamiltonianTerm),
    v.maxLength(65_536),
    v.description("H(X) beyond linear: products of powers and harmonics of parameters, times matrices"),
  ),
  samples: v.pipe(
    closedObject({
      parameter: v.pipe(v.string(), v.description("The parameter, an angle with the period 2 pi")),
      hamiltonians: v.pipe(
        v.array(tripletList("H at one angle, as triplets with row <= column")),
        v.minLength(4),
        v.maxLength(4096),
        v.description("H at the angles 2 pi j / n, each with the same elements; added to hamiltonian"),
      ),
    }),
    v.description("H at equispaced angles of a parameter, between which it is interpolated by harmonics"),
  ),
  overlap: v.pipe(
    v.custom<Triplet[]>(Array.isArray, "one list of triplets: an overlap depends on no parameter"),
    v.description(
      "Overlap matrix of the orbitals, positive definite, the same at every X: triplets with row <= column, " +
        "the diagonal 1 where left out; default: orthonormal orbitals",
    ),
    v.metadata({ type: "array", items: tripletJson }),
  ),
  positions: uncheckedList<number[][]>(
    "Position of each orbital, [x, y] or [x, y, z] in any unit of length, for pictures; no result depends on it",
    { type: "array", items: { type: "number" }, minItems: 2, maxItems: 3 },
  ),
  leads: v.pipe(
    v.array(leadSchema),
    v.minLength(1),
    v.description("Leads and probes, in the order of the channels"),
  ),
};

/** A device written out. In the library its Hamiltonian may be a function. */
export const explicitDevice = closedObject({
  ...deviceEntries,
  parameters: v.optional(deviceEntries.parameters, {}),
  terms: v.optional(deviceEntries.terms),
  samples: v.optional(deviceEntries.samples),
  overlap: v.optional(deviceEntries.overlap),
  positions: v.optional(deviceEntries.positions),
  derivative: v.optional(
    v.custom<NonNullable<HamiltonianFunction["derivative"]>>((f) => typeof f === "function", "a function"),
  ),
});

const samples = uncheckedList<ScatteringTable["S"]>(
  "S[i][j]: rows of [re, im] at energies[i] and angle 2 pi j / n",
  {
    type: "array",
  },
);

/** A device given by its S: a table, or in the library a function. */
export const givenDevice = closedObject({
  scattering: v.pipe(
    closedObject({
      evaluate: v.optional(
        v.custom<ScatteringFunction>((f) => typeof f === "function", "a function of energy and parameters"),
      ),
      table: v.optional(
        v.pipe(
          closedObject({
            energies: numberList("Energies of the table, ascending"),
            S: samples,
            A: v.optional(samples),
          }),
          v.description("S, and A if known, on a grid of energies and angles"),
        ),
      ),
      energyScale: v.optional(positive("Energy over which S changes; sets steps and scales"), 1),
      edges: v.optional(numberList("Energies where S is not smooth"), []),
      reciprocal: v.optional(
        v.pipe(v.boolean(), v.description("S is symmetric everywhere: no magnetic field")),
        false,
      ),
      sliding: v.optional(
        v.pipe(v.boolean(), v.description("det S does not depend on X: no conservative force exists")),
        false,
      ),
    }),
    v.description("The scattering matrix in place of a Hamiltonian"),
  ),
  parameters: v.pipe(v.array(v.string()), v.description("Names of the parameters S depends on")),
  leads: v.pipe(
    v.array(
      closedObject({
        name: leadName,
        kind: v.pipe(v.literal("given"), v.description("A lead of a device given by its S")),
        channels: wholeNumber(1, maximumLeadOrbitals, "Open channels of the lead"),
      }),
    ),
    v.minLength(1),
    v.description("Leads, in the order of the channels of S"),
  ),
});

const overrides = v.partial(v.object(deviceEntries)).entries;

/** A generated device: options of the preset, and replacements for parts of what it generates. */
export const presetDevice = v.variant(
  "preset",
  presetNames.map((name) =>
    closedObject({
      preset: v.pipe(v.literal(name), v.description(presetNamed(name).description)),
      ...presetNamed(name).entries,
      ...overrides,
    }),
  ),
);

const fourierSeries = closedObject({
  mean: v.optional(anyNumber("Mean value")),
  cos: v.optional(numberList("Coefficients of cos(theta), cos(2 theta), ...")),
  sin: v.optional(numberList("Coefficients of sin(theta), sin(2 theta), ...")),
  turns: v.optional(
    anyNumber("Advance per radian of theta, for a Hamiltonian 2 pi-periodic in this parameter (a wheel)"),
  ),
});

const reservoir = closedObject({
  chemicalPotential: anyNumber("Chemical potential mu (energy unit)"),
  temperature: v.optional(nonNegative("Temperature T (energy unit, k_B = 1)"), 0),
});

/** Reservoirs by lead, in a file or a call. */
export const reservoirsSchema = record(reservoir);

/** The rotor, in a file or a call. */
export const rotorSchema = closedObject({
  inertia: v.optional(
    v.pipe(
      v.union([v.pipe(v.number(), v.finite(), v.minValue(0)), v.literal("infinite")]),
      v.description('Moment of inertia, or "infinite" for uniform rotation; 0 is the overdamped limit'),
    ),
    "infinite",
  ),
  load: v.optional(anyNumber("Torque of the load; positive opposes positive rotation"), 0),
  friction: v.optional(nonNegative("External friction coefficient of the angle"), 0),
});

/** A cycle, in a file or a call. */
export const cycleSchema = v.lazy(
  (input): v.GenericSchema<Cycle | CycleFunction> =>
    typeof input === "function" ? v.custom<CycleFunction>(() => true) : record(fourierSeries),
);

/** The keys of a model file with their schemas, except for the device's variants. */
export const modelEntries = {
  $schema: v.optional(v.pipe(v.string(), v.description("Address of this schema, for editors"))),
  format: v.pipe(v.literal(modelFormat), v.description("Version of the model file")),
  title: v.optional(v.pipe(v.string(), v.description("Free text")), ""),
  units: v.optional(
    v.pipe(
      closedObject({
        energy: v.optional(
          v.pipe(
            v.picklist(["none", "eV", "meV", "K", "hartree", "Ry"]),
            v.description("Unit of every energy in the file; without one results stay in natural units"),
          ),
          "none",
        ),
      }),
      v.description("Units of the file (hbar = e = k_B = 1)"),
    ),
  ),
  device: v.lazy((input) =>
    typeof input !== "object" || input === null
      ? explicitDevice
      : "preset" in input
        ? presetDevice
        : "scattering" in input
          ? givenDevice
          : explicitDevice,
  ) as v.GenericSchema<unknown, Record<string, unknown>>,
  cycle: v.optional(
    v.pipe(
      cycleSchema,
      v.description("One turn X(theta): a Fourier series per parameter; parameters left out stay at 0"),
    ),
  ),
  reservoirs: v.optional(
    v.pipe(
      reservoirsSchema,
      v.description("Chemical potential and temperature of every lead that is not a probe"),
    ),
  ),
  rotor: v.optional(v.pipe(rotorSchema, v.description("The mechanical rotor the cycle's angle belongs to"))),
};

/** The whole model as a user writes it. */
export const modelSchema = closedObject(modelEntries);
