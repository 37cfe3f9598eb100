// The acceptance test for every S that a solver with a Hamiltonian returns. S = 1 - 2 pi i W^+ G W
// is unitary in exact arithmetic for every Hermitian H, so that its unitarity defect is a lower
// bound of its error. The residual of the lead columns measures the loss of digits in the
// elimination. A point that fails the test is solved in double-double precision (refined/point.ts)
// if the device is small enough. An S that is unitary there is correct to the last digit of the
// input. If that fails as well, a NumericalError reports the measured condition number.

import { NumericalError } from "../../base/errors.js";
import { UNITARY } from "../point.js";

/**
 * Largest unitarity defects that are accepted without refinement. RESULT is for an S that is itself
 * a result. NODE is for one of the many points of an integral: its error estimate contains the
 * rounding of the integrand near narrow levels and reports the largest defect.
 */
export const RESULT = UNITARY;
export const NODE = 1e-9;
/**
 * Largest defect that is accepted if the device is too large to be refined. The result contains the
 * defect.
 */
const TOLERABLE = 1e-8;
/** Largest relative residual of the lead columns that is accepted without refinement. */
const RESIDUAL = 1e-12;
/**
 * Condition number above which a level lies closer to the energy than the rounding of the energy.
 * Then S is known but the scattering states inside the device are not.
 */
export const WITHIN_ROUNDING = 1e15;

/**
 * True if a point is accepted. `most` is RESULT or NODE. The form of the comparison rejects NaN.
 */
export const passes = (defect: number, residual: number, most: number): boolean =>
  defect <= most && residual <= RESIDUAL;

/** True if a defect is acceptable when no refined point is available. */
export const tolerable = (defect: number): boolean => defect <= TOLERABLE;

/** The error to throw if no method gives an S. `at` holds the parameter values by name. */
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
