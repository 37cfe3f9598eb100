// The speed along the turn that loses least energy to friction in a given period. The loss, the
// loop integral of gamma omega dtheta, is minimal at a fixed loop integral of dtheta / omega if
// omega is proportional to 1 / sqrt(gamma). The loss is then that of a uniform friction
// (loop sqrt(gamma) dtheta / 2pi)^2, which by Cauchy and Schwarz never exceeds the mean friction.

import { InputError, NumericalError } from "../../base/errors.js";
import { positiveOption, toleranceOption } from "../../model/options.js";
import { equispacedAngles, type PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { periodicOption } from "./rotor.js";

/**
 * The speed along the turn, proportional to 1 / sqrt(gamma), that loses least energy to friction in
 * a given period.
 */
export interface SpeedProfile {
  /** Equispaced angles 2 pi j / n, radians. */
  angle: Float64Array;
  /** Angular speed at these angles, positive, radians per time. */
  velocity: Float64Array;
  /**
   * (loop sqrt(gamma) dtheta / 2 pi)^2, torque per angular speed: the constant friction at which a
   * uniform rotation has the same loss. It is at most `meanFriction`.
   */
  effectiveFriction: number;
  /** Turn average of the friction. */
  meanFriction: number;
  /** Energy lost to friction per turn with this profile. */
  loss: number;
  /** Energy lost to friction per turn at uniform speed in the same period. */
  uniformLoss: number;
}

/**
 * The speed profile of least loss for the friction coefficient `friction` (torque per angular
 * speed) and the time `period` > 0 of a turn. The number of angles is doubled until the effective
 * friction has settled to `tolerance` (default 1e-12 relative). Throws InputError if the friction
 * is not positive at every angle, and NumericalError if 2^16 angles do not suffice.
 */
export function bestSpeedProfile(friction: PeriodicCurve, period: number, tolerance = 1e-12): SpeedProfile {
  periodicOption(friction, "friction");
  positiveOption(period, "period");
  toleranceOption(tolerance, "tolerance");
  let previous = Number.NaN;
  for (let n = Math.max(64, friction.size); n <= 2 ** 16; n *= 2) {
    const gamma = friction.resample(n);
    const least = Math.min(...gamma);
    if (!(least > 0)) {
      throw new InputError("friction", "not positive at every angle, so that no speed is best", {
        expected: "friction above zero",
        found: `${least}`,
      });
    }
    const meanRoot = gamma.reduce((sum, value) => sum + Math.sqrt(value), 0) / n;
    if (Math.abs(meanRoot - previous) <= tolerance * meanRoot) {
      const speed = (2 * Math.PI) / period;
      return {
        angle: equispacedAngles(n),
        velocity: gamma.map((value) => (speed * meanRoot) / Math.sqrt(value)),
        effectiveFriction: meanRoot ** 2,
        meanFriction: friction.mean,
        loss: 2 * Math.PI * meanRoot ** 2 * speed,
        uniformLoss: 2 * Math.PI * friction.mean * speed,
      };
    }
    previous = meanRoot;
  }
  throw new NumericalError("the effective friction did not converge on 65536 angles", {
    causes: ["the friction nearly vanishes at some angle"],
  });
}
