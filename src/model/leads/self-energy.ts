// Leads that are known by their self-energy: a table of Sigma over real energies, as another code
// writes it, or in the library a function.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { semidefiniteRank } from "../../numerics/linear-algebra/positive.js";
import { called } from "../called.js";
import { closedObject, numberList } from "../file/fields.js";
import { LARGEST } from "../file/sizes.js";
import { checkContact, contactOrbitals, type LeadPlace, leadName } from "./parts.js";

/** Sigma at one energy, as rows of [re, im] along the lead's orbitals. */
export interface SelfEnergySample {
  /** Sigma, an energy, orbitals x orbitals; Gamma = i (Sigma - Sigma^+) is positive semidefinite. */
  sigma: [number, number][][];
  /** dSigma/dE, orbitals x orbitals. Default: differences of Sigma to 8th order. */
  derivative?: [number, number][][];
}

/** Sigma as a function of the energy, of which `imaginary` is 0 unless the lead is `analytic`. */
export type SelfEnergyFunction = (energy: number, imaginary: number) => SelfEnergySample;

/**
 * A lead that is known by its retarded self-energy Sigma(E). The channels are the eigenvectors of
 * Gamma = i (Sigma - Sigma^+) with positive eigenvalues.
 */
export interface SelfEnergyLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a lead known by its self-energy. */
  kind: "self-energy";
  /** Device orbitals that the lead touches, counted from 0, each listed once. */
  orbitals: number[];
  /** Energies of a table, at least four, ascending. Outside of them Sigma is refused (status 3). */
  energies?: number[];
  /**
   * selfEnergy[k] is Sigma at energies[k] as rows of [re, im] along `orbitals`; it is interpolated,
   * and what the interpolant may be off by is part of all errors. In the library also a function.
   */
  selfEnergy: [number, number][][][] | SelfEnergyFunction;
  /**
   * True if a function answers at energy + i imaginary, imaginary > 0, too, and gives the derivative
   * there. Only then the filled sea is known: otherwise forces come without their conservative part,
   * with a warning. Default false.
   */
  analytic?: boolean;
}

/** A lead that is known by its self-energy: either `table` or `evaluate`. */
export interface ResolvedSelfEnergyLead {
  /** Name of the lead. */
  name: string;
  /** Marks a lead known by its self-energy. */
  kind: "self-energy";
  /** Device orbitals that the lead touches, from 0. */
  orbitals: Int32Array;
  /** Sigma on a grid of energies. */
  table?: {
    /** At least four energies, ascending. */
    energies: Float64Array;
    /** Sigma at each of them, an energy, orbitals x orbitals, interleaved, one after the other. */
    values: Float64Array;
  };
  /** Sigma at energy + i imaginary. */
  evaluate?: (
    energy: number,
    imaginary: number,
  ) => {
    /** Sigma, an energy, orbitals x orbitals, interleaved. */
    sigma: Float64Array;
    /** dSigma/dE in the same layout, if the function gives it. */
    derivative?: Float64Array;
  };
  /** Whether `evaluate` answers above the real axis. */
  analytic: boolean;
}

const tableJson = {
  description: "Sigma at one energy: rows of [re, im]",
  type: "array",
  items: {
    type: "array",
    items: { type: "array", items: { type: "number" }, minItems: 2, maxItems: 2 },
  },
};

export const selfEnergySchema = closedObject({
  name: leadName,
  kind: v.pipe(v.literal("self-energy"), v.description("Lead known by its retarded self-energy Sigma(E)")),
  orbitals: contactOrbitals,
  energies: v.optional(numberList("Energies of the table, ascending")),
  selfEnergy: v.pipe(
    v.custom<SelfEnergyLead["selfEnergy"]>(
      (value) => Array.isArray(value) || typeof value === "function",
      "a list of matrices, one per energy",
    ),
    v.description("Sigma at each of the energies: rows of [re, im] along `orbitals`"),
    v.metadata({ type: "array", items: tableJson }),
  ),
  analytic: v.optional(
    v.pipe(v.boolean(), v.description("Library: the function answers above the real axis as well")),
    false,
  ),
});

/** Least number of energies of a table. */
const FEWEST = 4;
/** Negative eigenvalue of Gamma that counts as rounding, relative to the largest element of Sigma. */
const ROUNDED = 1e-9;

/** A square matrix as rows of [re, im]. */
function matrixOf(value: unknown, size: number, field: string): Float64Array {
  const wrong = (what: string, expected: string, found: unknown): InputError =>
    new InputError(field, what, { expected, found: described(found) });
  if (!Array.isArray(value) || value.length !== size)
    throw wrong("wrong size", `${size} rows of ${size} pairs [re, im]`, value);
  const out = new Float64Array(2 * size * size);
  for (const [i, row] of value.entries()) {
    if (!Array.isArray(row) || row.length !== size)
      throw wrong("wrong size", `${size} rows of ${size} pairs [re, im]`, row);
    for (const [j, pair] of row.entries()) {
      const good =
        Array.isArray(pair) &&
        pair.length === 2 &&
        pair.every((part) => Number.isFinite(part) && Math.abs(part) <= LARGEST);
      if (!good) throw wrong("wrong element", `a pair [re, im] of numbers of at most ${LARGEST}`, pair);
      out.set(pair as [number, number], 2 * (i * size + j));
    }
  }
  return out;
}

/** Throws InputError unless Gamma = i (Sigma - Sigma^+) is positive semidefinite to rounding. */
function checkCausal(sigma: Float64Array, size: number, field: string, energy: number): void {
  const gamma = new Float64Array(sigma.length);
  const scale = sigma.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const [p, q] = [2 * (i * size + j), 2 * (j * size + i)];
      gamma[p] = -(sigma[p + 1] + sigma[q + 1]) + (i === j ? ROUNDED * scale : 0);
      gamma[p + 1] = sigma[p] - sigma[q];
    }
  if (semidefiniteRank({ shape: [size, size], data: gamma }) !== undefined) return;
  throw new InputError(field, "the self-energy is not causal", {
    expected: "a retarded Sigma: i (Sigma - Sigma^+) without negative eigenvalues",
    found: `a negative one at energy ${energy}`,
    advice: "An advanced self-energy, or one with another sign of i, has to be conjugated.",
  });
}

/** Throws InputError that names the wrong field. */
export function resolveSelfEnergy(
  lead: SelfEnergyLead,
  { field, deviceOrbitals, claim }: LeadPlace,
): ResolvedSelfEnergyLead {
  checkContact(lead.orbitals, deviceOrbitals, `${field}.orbitals`);
  const { name, kind, selfEnergy, energies, analytic = false } = lead;
  const size = lead.orbitals.length;
  const path = `${field}.selfEnergy`;
  const base = { name, kind, orbitals: Int32Array.from(lead.orbitals) };
  if (typeof selfEnergy === "function") {
    if (energies)
      throw new InputError(`${field}.energies`, "given beside a function", {
        expected: "energies only with a table",
        found: `${energies.length} energies`,
      });
    claim(2 * size, size, path);
    return { ...base, evaluate: checkedFunction(selfEnergy, size, path, analytic), analytic };
  }
  if (analytic)
    throw new InputError(`${field}.analytic`, "a table is known at real energies only", {
      expected: "analytic only with a function",
      found: "a table",
    });
  if (!energies)
    throw new InputError(`${field}.energies`, "this key is missing", {
      expected: "the energies of the table",
      found: "nothing",
    });
  if (energies.length < FEWEST)
    throw new InputError(`${field}.energies`, "too few", {
      expected: `at least ${FEWEST} energies`,
      found: String(energies.length),
    });
  for (let k = 1; k < energies.length; k++)
    if (!(energies[k] > energies[k - 1]))
      throw new InputError(`${field}.energies[${k}]`, "not ascending", {
        expected: `a number above ${energies[k - 1]}`,
        found: String(energies[k]),
      });
  if (selfEnergy.length !== energies.length)
    throw new InputError(path, "one matrix per energy is needed", {
      expected: `${energies.length} matrices`,
      found: String(selfEnergy.length),
    });
  claim(size * energies.length, size, path);
  const values = new Float64Array(2 * size * size * energies.length);
  for (const [k, matrix] of selfEnergy.entries()) {
    const sigma = matrixOf(matrix, size, `${path}[${k}]`);
    checkCausal(sigma, size, `${path}[${k}]`, energies[k]);
    values.set(sigma, k * sigma.length);
  }
  return { ...base, table: { energies: Float64Array.from(energies), values }, analytic };
}

function checkedFunction(
  evaluate: SelfEnergyFunction,
  size: number,
  field: string,
  analytic: boolean,
): ResolvedSelfEnergyLead["evaluate"] {
  return (energy, imaginary) => {
    const sample: unknown = called(() => evaluate(energy, imaginary), field);
    if (typeof sample !== "object" || sample === null)
      throw new InputError(field, "wrong result", {
        expected: "an object with sigma",
        found: described(sample),
      });
    const { sigma, derivative } = sample as SelfEnergySample;
    const own = matrixOf(sigma, size, `${field}.sigma`);
    checkCausal(own, size, field, energy);
    if (derivative !== undefined)
      return { sigma: own, derivative: matrixOf(derivative, size, `${field}.derivative`) };
    if (analytic)
      throw new InputError(`${field}.derivative`, "this key is missing", {
        expected: "dSigma/dE, which a lead that is analytic has to give",
        found: "nothing",
      });
    return { sigma: own };
  };
}

/** Device orbitals that the lead touches. */
export const selfEnergyContact = ({ orbitals }: ResolvedSelfEnergyLead): number[] => Array.from(orbitals);
