// The gate that every S of a Hamiltonian passes before it leaves a solver. S = 1 - 2 pi i W^+ G W
// is unitary in exact arithmetic, whatever H is, so that what it lacks of unitarity is a lower
// bound of its error; the residual of the lead columns tells what elimination cost. A point that
// does not pass is solved in double-double precision (refined/point.ts), where the device is small
// enough for that; what is unitary there is right to the last digit of the numbers that went in.
// What is left is a NumericalError with the measured condition number.

import { NumericalError } from "../../base/errors.js";
import { UNITARY } from "../point.js";

/**
 * How unitary a point has to be before it is refined: an S that is a result, and one of the many of
 * an integral, whose error counts the rounding of its integrand beside narrow levels (and which
 * states the largest defect it met).
 */
export const RESULT = UNITARY;
export const NODE = 1e-9;
/** Where a device is too large to be refined. A result states its defect. */
const TOLERABLE = 1e-8;
/** Largest relative residual of the lead columns that is taken without refinement. */
const RESIDUAL = 1e-12;
/**
 * Condition number from which a level lies within the rounding of the energy: then only S is known,
 * no scattering state inside.
 */
export const WITHIN_ROUNDING = 1e15;

/** `most`: RESULT or NODE. Written so that a NaN does not pass. */
export const passes = (defect: number, residual: number, most: number): boolean =>
  defect <= most && residual <= RESIDUAL;

/** For want of a refined point. */
export const tolerable = (defect: number): boolean => defect <= TOLERABLE;

/** What to throw where no way leads to an S. */
export function refusal(
  energy: number,
  at: Record<string, number>,
  condition: number | undefined,
): NumericalError {
  return new NumericalError("E - H - Sigma is singular to working accuracy", {
    energy,
    at,
    condition,
    causes: [
      "a bound state that no lead broadens lies at this energy: move the energy by a little",
      "a channel threshold",
    ],
  });
}
