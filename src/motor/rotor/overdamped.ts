// The equation of motion of a rotor without inertia, with drive f, friction g and noise D, each
// total and at the angle theta:
//
//   dtheta = a dt + b dW (Ito),   b = sqrt(D) / g,   a = f/g - D g' / (2 g^3)
//
// This is the limit of small inertia. The second term of a is the drift that noise makes where the
// friction changes. It is T g'/g^2 in equilibrium; out of equilibrium D / 2g takes the place of T.

import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { leastFriction } from "./least-friction.js";
import type { RotorForces } from "./rotor.js";

/** a (radians per time) and b at equispaced angles, with their first two derivatives. */
export interface OverdampedMotion {
  drift: Float64Array;
  spread: Float64Array;
  driftSlope: Float64Array;
  driftBend: Float64Array;
  spreadSlope: Float64Array;
  spreadBend: Float64Array;
}

/**
 * The motion at `n` angles. Negative noise counts as zero. Throws InputError if the friction is not
 * positive.
 */
export function overdampedMotion(forces: RotorForces, n: number): OverdampedMotion {
  const { drive, friction } = forces;
  leastFriction(forces, n);
  const gamma = friction.resample(n);
  const gammaSlope = friction.resampleDerivative(n);
  const force = drive.resample(n);
  const noise = forces.noise.resample(n).map((x) => Math.max(x, 0));
  const drift = force.map((f, i) => f / gamma[i] - (noise[i] * gammaSlope[i]) / (2 * gamma[i] ** 3));
  const spread = noise.map((D, i) => Math.sqrt(D) / gamma[i]);
  const [a, b] = [new PeriodicCurve(drift), new PeriodicCurve(spread)];
  return {
    drift,
    spread,
    driftSlope: a.resampleDerivative(n, 1),
    driftBend: a.resampleDerivative(n, 2),
    spreadSlope: b.resampleDerivative(n, 1),
    spreadBend: b.resampleDerivative(n, 2),
  };
}
