// Fields and checks that the kinds of leads share.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { maximumLeadOrbitals } from "../file/fields.js";

/** The place at which a lead is resolved. */
export interface LeadPlace {
  /** Path of the lead in the file, for errors. */
  field: string;
  /** Number of orbitals of the device. */
  deviceOrbitals: number;
  /**
   * Counts the elements of a matrix before it is made. Throws InputError if all leads together are
   * too large.
   */
  claim: (rows: number, columns: number, field: string) => void;
}

export const contactOrbitals = v.pipe(
  v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  v.maxLength(maximumLeadOrbitals),
  v.description(
    "Device orbitals the lead touches, counted from 0; the lead's own matrices count along this list",
  ),
);
export const leadName = v.pipe(v.string(), v.description("Name of the lead, used in reservoirs and results"));

/** Throws InputError if the device has no such orbital. */
export function checkOrbital(orbital: number, deviceOrbitals: number, field: string): void {
  if (orbital < deviceOrbitals) return;
  throw new InputError(field, "no such device orbital", {
    expected: `0 to ${deviceOrbitals - 1}`,
    found: String(orbital),
    advice: "Orbitals count from 0.",
  });
}

/** Throws InputError unless the orbitals are orbitals of the device, each listed once. */
export function checkContact(orbitals: number[], deviceOrbitals: number, field: string): void {
  if (orbitals.length === 0) {
    throw new InputError(field, "the lead touches nothing", {
      expected: "at least one orbital",
      found: "an empty list",
    });
  }
  const first = new Map<number, number>();
  orbitals.forEach((orbital, i) => {
    checkOrbital(orbital, deviceOrbitals, `${field}[${i}]`);
    if (first.has(orbital)) {
      throw new InputError(`${field}[${i}]`, "an orbital is listed twice in this lead", {
        expected: "each orbital once",
        found: `${orbital}, also at [${first.get(orbital)}]`,
      });
    }
    first.set(orbital, i);
  });
}

/** Throws InputError if a coupling is 0. */
export function checkNotZero(value: number, field: string): void {
  if (value !== 0) return;
  throw new InputError(field, "the lead is cut off", {
    expected: "a number that is not 0",
    found: "0",
    advice: "Remove the lead if it is not meant to be connected.",
  });
}

/** Orbitals of the contact whose row in a matrix is not zero. */
export function touched(orbitals: Int32Array, { shape, data }: ComplexMatrix): number[] {
  const length = 2 * shape[1];
  return Array.from(orbitals).filter((_, i) =>
    data.subarray(i * length, (i + 1) * length).some((x) => x !== 0),
  );
}
