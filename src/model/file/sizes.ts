// Refuses numbers so large that results computed from them overflow.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";

/**
 * Largest absolute value of energies and parameters. Products of two such numbers and the squares
 * of these squared are finite.
 */
export const LARGEST = 1e30;

/**
 * Throws InputError if a number inside `value` is larger than LARGEST. Infinities and other kinds
 * of values are checked elsewhere.
 */
export function refuseHuge(value: unknown, field: string): void {
  if (typeof value === "number") {
    if (!(Math.abs(value) > LARGEST) || !Number.isFinite(value)) return;
    throw new InputError(field, "too large", {
      expected: `a number of at most ${LARGEST} in size`,
      found: described(value),
      advice: "Write the model in units in which its energies are of order one.",
    });
  }
  if (typeof value !== "object" || value === null) return;
  // The names of elements are made only for the one that is refused.
  if (Array.isArray(value) && value.every(isSmall)) return;
  if (Array.isArray(value)) for (const [k, item] of value.entries()) refuseHuge(item, `${field}[${k}]`);
  else if (!ArrayBuffer.isView(value))
    for (const [key, item] of Object.entries(value)) refuseHuge(item, `${field}.${key}`);
}

/** True for a number that is not refused, and for a list of such numbers. */
function isSmall(value: unknown): boolean {
  if (typeof value === "number") return !(Math.abs(value) > LARGEST) || !Number.isFinite(value);
  return Array.isArray(value) && value.every(isSmall);
}
