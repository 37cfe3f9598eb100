// Numbers so large that what is computed from them overflows are refused where they are written.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";

/**
 * Largest size of energies and parameters: products of two, and the squares of these squared, are
 * finite.
 */
export const LARGEST = 1e30;

/**
 * Throws InputError where a number inside `value` is larger than LARGEST; infinities and other
 * kinds of values are left to others.
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
  if (Array.isArray(value)) for (const [k, item] of value.entries()) refuseHuge(item, `${field}[${k}]`);
  else if (!ArrayBuffer.isView(value))
    for (const [key, item] of Object.entries(value)) refuseHuge(item, `${field}.${key}`);
}
