// Wide-band leads and voltage probes: a broadening that does not depend on energy.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { semidefiniteRank, semidefiniteTolerance } from "../../numerics/linear-algebra/positive.js";
import { closedObject, tripletJson } from "../file/fields.js";
import { denseHermitian } from "../resolve/triplets.js";
import type { Triplet } from "../triplet.js";
import { checkContact, contactOrbitals, type LeadPlace, leadName, touched } from "./parts.js";

/**
 * A wide-band lead, whose broadening does not depend on energy, or a probe. A probe is the same
 * without a reservoir: it draws no net current and dephases.
 */
export interface WideBandLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** "wideband" has a reservoir; "probe" has none. */
  kind: "wideband" | "probe";
  /** Device orbitals that the lead touches, counted from 0, each listed once. */
  orbitals: number[];
  /**
   * Broadening Gamma = i (Sigma - Sigma^+), an energy, Hermitian and positive semidefinite: one
   * number >= 0 for all orbitals, one number per orbital, or the upper triangle of the full matrix
   * with rows and columns counted along `orbitals`.
   */
  width: number | number[] | Triplet[];
}

/**
 * An energy-independent broadening Gamma on some orbitals. A probe has no chemical potential of its
 * own.
 */
export interface ResolvedWideBandLead {
  /** Name of the lead. */
  name: string;
  /** "wideband" has a reservoir; "probe" has none. */
  kind: "wideband" | "probe";
  /** Device orbitals that the lead touches, from 0. */
  orbitals: Int32Array;
  /** Gamma, an energy, Hermitian positive semidefinite, orbitals x orbitals. */
  width: ComplexMatrix;
  /** Whether Gamma is diagonal (given as one number, or as one per orbital). */
  diagonal: boolean;
}

const width = v.pipe(
  v.custom<number | number[] | Triplet[]>(
    (value) => typeof value === "number" || Array.isArray(value),
    "a number, a list of numbers or a list of triplets",
  ),
  v.description(
    "Broadening Gamma (energy unit), positive semidefinite: one number for every orbital, one number per orbital, " +
      "or the full matrix as triplets [row, column, re, im?] with row <= column along `orbitals`",
  ),
  v.metadata({
    anyOf: [
      { type: "number", minimum: 0 },
      { type: "array", items: { type: "number", minimum: 0 } },
      { type: "array", items: tripletJson },
    ],
  }),
);

export const wideBandSchema = closedObject({
  name: leadName,
  kind: v.pipe(
    v.literal("wideband"),
    v.description("Wide-band lead: a broadening that does not depend on energy"),
  ),
  orbitals: contactOrbitals,
  width,
});

export const probeSchema = closedObject({
  name: leadName,
  kind: v.pipe(v.literal("probe"), v.description("Voltage probe: draws no net current and dephases")),
  orbitals: contactOrbitals,
  width,
});

const nonNegativeError = (field: string, what: string, value: unknown) =>
  new InputError(field, what, { expected: "a finite number >= 0", found: described(value) });

function checkedWidth(value: unknown, field: string): number {
  if (!Number.isFinite(value)) throw nonNegativeError(field, "wrong value", value);
  if ((value as number) < 0) throw nonNegativeError(field, "a negative width", value);
  return value as number;
}

/** Throws InputError that names the wrong field. */
export function resolveWideBand(
  lead: WideBandLead,
  { field, deviceOrbitals, claim }: LeadPlace,
): ResolvedWideBandLead {
  checkContact(lead.orbitals, deviceOrbitals, `${field}.orbitals`);
  const { name, kind, orbitals } = lead;
  const size = orbitals.length;
  const path = `${field}.width`;
  claim(size, size, path);
  const matrix = Array.isArray(lead.width) && Array.isArray(lead.width[0]);
  const width = matrix
    ? denseHermitian(lead.width, size, path)
    : diagonalWidth(lead.width as number | number[], size, path);
  if (matrix) checkSemidefinite(width, path);
  if (width.data.every((x) => x === 0)) {
    throw new InputError(path, "the lead has no open channel", {
      expected: "a width above 0 on some orbital",
      found: "0 everywhere",
      advice: "Give it a width or remove the lead.",
    });
  }
  const diagonal = width.data.every((x, k) => x === 0 || k % (2 * (size + 1)) === 0);
  return { name, kind, orbitals: Int32Array.from(orbitals), width, diagonal };
}

function diagonalWidth(width: number | number[], size: number, field: string): ComplexMatrix {
  const data = new Float64Array(2 * size * size);
  if (Array.isArray(width) && width.length !== size) {
    throw new InputError(field, "one width per orbital is needed", {
      expected: `${size} numbers`,
      found: `${width.length}`,
      advice: "A single number stands for all orbitals.",
    });
  }
  for (let i = 0; i < size; i++) {
    const value = Array.isArray(width)
      ? checkedWidth(width[i], `${field}[${i}]`)
      : checkedWidth(width, field);
    data[2 * i * (size + 1)] = value;
  }
  return { shape: [size, size], data };
}

function checkSemidefinite(width: ComplexMatrix, field: string): void {
  const size = width.shape[0];
  for (let i = 0; i < size; i++) {
    const element = width.data[2 * i * (size + 1)];
    if (element < 0) throw nonNegativeError(field, `a negative width on the lead's orbital ${i}`, element);
  }
  if (semidefiniteRank(width) === undefined) {
    throw new InputError(field, "the matrix is not positive semidefinite", {
      expected: `no negative eigenvalue (relative tolerance ${semidefiniteTolerance})`,
      found: "a negative one",
      advice: "Reduce the elements beside the diagonal, or give more digits of a matrix of lower rank.",
    });
  }
}

/** Device orbitals that the lead touches. */
export const wideBandContact = ({ orbitals, width }: ResolvedWideBandLead): number[] =>
  touched(orbitals, width);
