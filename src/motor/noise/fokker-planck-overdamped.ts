// The Fokker-Planck equation of the rotor without inertia, which is the limit of small inertia of
// fokker-planck.ts. With the local temperature T = D / 2g, which varies over the turn out of
// equilibrium, the current is
//
//   j = (1/g) [ f p - d(T p)/dtheta ],   dp/dt = -dj/dtheta.
//
// In Ito's form the drift is a = f/g - D g'/(2 g^3) and the diffusion B = D / 2 g^2. In the
// stationary state j is constant and <omega> = 2 pi j. The diffusion constant follows by
// perturbation theory in the wave number: L q = a p - 2 d(B p)/dtheta - <omega> p with int q = 0,
// and D_eff = int B p - int a q. The entropy production is int j^2 / (B p). The method is Fourier
// collocation on an odd number of angles, doubled until the last harmonics are below the tolerance.

import { TURN } from "../../base/constants.js";
import { InputError, NumericalError } from "../../base/errors.js";
import {
  differentiation,
  type Factors,
  factorise,
  product,
  solveFactored,
} from "../../numerics/linear-algebra/dense-real.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { type RotorSystem, rotorForces } from "../rotor/rotor.js";
import {
  type FokkerPlanckOptions,
  fokkerPlanckOptions,
  type StationaryState,
  withRatio,
} from "./fokker-planck.js";
import type { Relaxation } from "./relaxation.js";
import { slowestMode } from "./slowest-mode.js";

/**
 * Stationary state of the overdamped rotor; its inertia is ignored. Friction and noise must be
 * positive at every angle (InputError). Throws NumericalError if 513 angles do not resolve the
 * density. The noise is then too weak for this method, with rates below 1e-10 of the others.
 */
export function overdampedFokkerPlanck(
  system: RotorSystem,
  options: FokkerPlanckOptions = {},
): StationaryState {
  const { tolerance = 1e-10, relaxation } = fokkerPlanckOptions(options);
  const { drive, friction, noise } = rotorForces(system);
  for (
    let n = 2 * Math.max(16, drive.harmonics, friction.harmonics, noise.harmonics) + 1;
    n <= 513;
    n = 2 * n - 1
  ) {
    const f = drive.resample(n);
    const g = friction.resample(n);
    const strength = noise.resample(n);
    for (const [field, values] of [
      ["friction", g],
      ["noise", strength],
    ] as const) {
      const least = values.reduce((m, x) => Math.min(m, x));
      if (!(least > 0)) {
        throw new InputError(field, "not positive at every angle", {
          expected: "above zero",
          found: `${least}`,
        });
      }
    }
    const d = differentiation(n);
    // Columns of (1/g)(f - d/dtheta T) and then of its divergence.
    const flow = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) flow[i * n + j] = (-d[i * n + j] * strength[j]) / (2 * g[j] * g[i]);
      flow[i * n + i] += f[i] / g[i];
    }
    const matrix = product(n, d, flow, n);
    for (let k = 0; k < matrix.length; k++) matrix[k] = -matrix[k];
    matrix.fill(1, 0, n);
    const factors = factorise(n, matrix);
    const weight = TURN / n;
    const right = new Float64Array(n);
    right[0] = 1 / weight;
    const p = solveFactored(factors, right, 1);
    const current = product(n, flow, p, 1);
    const meanVelocity = weight * current.reduce((sum, x) => sum + x, 0);
    const spread = strength.map((D, i) => D / (2 * g[i] ** 2));
    const slope = friction.resampleDerivative(n);
    const drift = f.map((value, i) => value / g[i] - (strength[i] * slope[i]) / (2 * g[i] ** 3));
    const bent = product(
      n,
      d,
      spread.map((B, i) => B * p[i]),
      1,
    );
    const source = p.map((value, i) => (drift[i] - meanVelocity) * value - 2 * bent[i]);
    source[0] = 0;
    const q = solveFactored(factors, source, 1);
    let diffusion = 0;
    let entropy = 0;
    const even = meanVelocity / TURN;
    for (let i = 0; i < n; i++) {
      diffusion += weight * (spread[i] * p[i] - drift[i] * q[i]);
      entropy += (weight * even * even) / (spread[i] * p[i]);
    }
    const density = new PeriodicCurve(p);
    const response = new PeriodicCurve(q);
    const error = Math.max(
      density.tail / density.scale,
      response.tail / Math.max(response.scale, density.scale),
    );
    if (error <= tolerance) {
      return {
        meanVelocity,
        diffusion,
        density,
        ...withRatio(entropy, meanVelocity, diffusion),
        ...(relaxation && { relaxation: relaxationOf(factors, p, flow, weight) }),
        angles: n,
        hermite: 0,
        error,
      };
    }
  }
  throw new NumericalError("the density of the overdamped rotor is not resolved by 513 angles", {
    causes: [
      "little noise: the rotor hardly leaves its wells; use an ensemble",
      "allow a larger `tolerance`",
    ],
  });
}

/** Relaxation from a start of uniform density. */
function relaxationOf(
  factors: Factors,
  p: Float64Array,
  flow: Float64Array,
  weight: number,
): Relaxation | undefined {
  const n = p.length;
  return slowestMode<Float64Array>(
    p.map((value) => 1 / (n * weight) - value),
    (density) => {
      const source = density.slice();
      source[0] = 0;
      return solveFactored(factors, source, 1);
    },
    (density) => weight * product(n, flow, density, 1).reduce((sum, x) => sum + x, 0),
    1e-6,
  );
}
