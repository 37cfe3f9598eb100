// The one rule for a quantity that misses the tolerance on its scale (CONVENTIONS.md). If it is
// negligible on its natural scale including its error, it is given with its error and named in a
// warning of code "small". Otherwise it is left out of the answer and named in a warning of code
// "unknown". If no quantity is known, there is no answer.

import { NumericalError } from "../../base/errors.js";
import {
  attainable,
  type ForceErrors,
  type Forces,
  GIVEN_CAUSE,
  largest,
  leastKnown,
  quantities,
} from "./result.js";

/** Name of a quantity. */
export type Quantity = keyof ForceErrors;

/**
 * Applies the rule: adds the warnings, sets `error` to the largest relative error of the remaining
 * quantities, and returns the quantities to leave out. Throws NumericalError if these are all. `at`
 * holds parameter values for the error.
 */
export function judge(forces: Forces, tolerance: number, at: Record<string, number>): Quantity[] {
  const { errors, scales, naturalScales: natural, worst } = forces;
  // The warnings below say by quantity what the warning of the integral says in general.
  forces.warnings = forces.warnings.filter(({ code }) => code !== "rounding");
  const missing: Quantity[] = [];
  let error = 0;
  for (const quantity of quantities) {
    const known = errors[quantity];
    if (known <= tolerance * scales[quantity]) {
      error = Math.max(error, scales[quantity] > 0 ? known / scales[quantity] : 0);
      warnOfSize(forces, quantity, tolerance);
      continue;
    }
    const size = largest(forces[quantity]);
    if (size + known <= tolerance * natural[quantity]) {
      error = Math.max(error, known / natural[quantity]);
      warnSmall(forces, quantity, tolerance);
      continue;
    }
    missing.push(quantity);
  }
  if (missing.length === quantities.length) throw refusal(forces, tolerance, at);
  for (const quantity of missing) {
    const relative = errors[quantity] / scales[quantity];
    const causes = [...attainable(relative), ...(forces.given ? [GIVEN_CAUSE] : [])];
    const advice = causes.map((text) => `; ${text}`);
    const where = Number.isFinite(worst) ? `; at energy ${worst}` : "";
    const text = `${quantity} is left out: it is known to ${relative.toExponential(1)} of its scale; the tolerance is ${tolerance}${where}${advice.join("")}`;
    forces.warnings.push({ code: "unknown", text });
  }
  forces.error = error;
  return missing;
}

/** The error to throw if no quantity is known. */
function refusal({ errors, scales, worst, given }: Forces, tolerance: number, at: Record<string, number>) {
  const [quantity, relative] = leastKnown(errors, scales);
  return new NumericalError(
    `${quantity} is known to ${relative.toExponential(1)} of its scale; the tolerance is ${tolerance}`,
    {
      energy: worst,
      at,
      causes: [
        ...attainable(relative),
        given
          ? GIVEN_CAUSE
          : "a resonance too narrow for the digits of energies: widen it (a stronger coupling to a lead), or move it out of the window",
      ],
    },
  );
}

/**
 * Warns of a quantity far below its scale whose own digits are uncertain. A quantity that is zero
 * within its error, or within a few times the tolerance on its scale, needs no warning.
 */
function warnOfSize(forces: Forces, quantity: Quantity, tolerance: number): void {
  const { errors, scales, ownScales } = forces;
  const [size, error] = [largest(forces[quantity]), errors[quantity]];
  if (size <= Math.max(error, 4 * tolerance * scales[quantity])) return;
  if (error <= tolerance * Math.max(size, ownScales[quantity])) return;
  warnSmall(forces, quantity, tolerance);
}

function warnSmall(forces: Forces, quantity: Quantity, tolerance: number): void {
  const [size, error] = [largest(forces[quantity]), forces.errors[quantity]];
  const part = size > 0 ? `, ${(error / size).toExponential(1)} of itself` : "";
  const text =
    `${quantity}: ${size.toExponential(2)} at most, far below its natural scale, is known to ${error.toExponential(1)}${part}; ` +
    `the tolerance is ${tolerance}`;
  forces.warnings.push({ code: "small", text });
}
