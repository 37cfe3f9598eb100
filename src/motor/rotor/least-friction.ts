// Checks that a rotor can move without inertia: its speed drive / friction must be bounded.

import { InputError } from "../../base/errors.js";
import type { RotorForces } from "./rotor.js";

/**
 * Least friction of a rotor without inertia over `n` equispaced angles. Throws InputError if the
 * friction does not exceed its own error, because the speed then has no bound.
 */
export function leastFriction({ friction, frictionError }: RotorForces, n: number): number {
  const values = friction.resample(n);
  let at = 0;
  for (let i = 0; i < n; i++) if (values[i] < values[at]) at = i;
  const known = Math.max(frictionError, 1e-13 * friction.scale);
  if (!(values[at] > known)) {
    throw new InputError("rotor.inertia", "a rotor without inertia needs positive friction at every angle", {
      expected: `friction above its error, ${known.toExponential(1)}, or inertia above zero`,
      found: `friction down to ${values[at].toExponential(1)} at theta = ${((2 * Math.PI * at) / n).toPrecision(4)}`,
      advice: "Give the rotor inertia, or its bearing friction.",
    });
  }
  return values[at];
}
