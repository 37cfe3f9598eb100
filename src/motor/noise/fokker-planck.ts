// The Fokker-Planck equation of the rotor with inertia, in angle and angular speed:
//
//   dp/dt = [ -omega d/dtheta - (f/I) d/domega + (g/I) d/domega omega + (D/2I^2) d^2/domega^2 ] p
//
// Here f is torque - load, g the total friction and D the total noise, all functions of theta. The
// density is expanded as p = w(omega) sum_n c_n(theta) he_n(omega/v0), with the Gaussian w of
// variance v0^2 = T0/I and normalised Hermite polynomials he_n. T0 = <D> / 2<g> is a reference
// temperature; where the local D/2g differs from it, n couples to n - 2. Each c_n lives on an odd
// number of angles (Fourier collocation):
//
//   0 = - v0 sqrt(n+1) c_(n+1)' - sqrt n (v0 d/dtheta - f/(I v0)) c_(n-1) - (n g/I) c_n
//       + sqrt(n(n-1)) ((D/2T0 - g)/I) c_(n-2)
//
// Elimination from the highest n down leaves c_n = R_n c_(n-1) + Q_n c_(n-2) (matrix continued
// fraction; Risken, The Fokker-Planck Equation, ch. 9 and 11). A second right-hand side gives the
// diffusion constant: L p1 = -(omega - <omega>) p, D_eff = int omega p1. Cost: 9 F^3 flops per
// Hermite index on F angles. Both numbers grow until the last coefficients are below the tolerance.
// More Hermite indices are needed for large inertia over friction and for a large spread of the
// local temperature, which must stay below 2 T0. Otherwise an ensemble is needed.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { booleanOption, optionsOf, positiveOption, toleranceOption } from "../../model/options.js";
import {
  differentiation,
  type Factors,
  factorise,
  product,
  solveFactored,
} from "../../numerics/linear-algebra/dense-real.js";
import { equispacedAngles, PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { type RotorForces, type RotorSystem, rotorForces } from "../rotor/rotor.js";
import type { Relaxation } from "./relaxation.js";
import { slowestMode } from "./slowest-mode.js";

/** How a stationary state is computed. */
export interface FokkerPlanckOptions {
  /** Size of the last coefficients relative to the first, between 0 and 1; default 1e-10. */
  tolerance?: number;
  /**
   * Allowed work, Hermite indices x angles^3, > 0; default 4e8, some ten seconds. Ignored without
   * inertia.
   */
  work?: number;
  /**
   * Whether to compute the relaxation time as well (default false). It costs a tenth more, and a
   * third more for few angles.
   */
  relaxation?: boolean;
}

export const fokkerPlanckOptions = optionsOf<FokkerPlanckOptions>("options", {
  tolerance: toleranceOption,
  work: positiveOption,
  relaxation: booleanOption,
});

/** Stationary state of a rotor with noise: its density, mean motion and spread. */
export interface StationaryState {
  /** Mean angular speed, radians per time. */
  meanVelocity: number;
  /** lim Var(theta) / 2t, radians squared per time. */
  diffusion: number;
  /** Probability per radian. */
  density: PeriodicCurve;
  /** I <omega^2>, an energy; the temperature in equilibrium. Absent without inertia. */
  kineticTemperature?: number;
  /**
   * Entropy per time that the rotor's motion produces, >= 0; absent if the noise vanishes at some
   * angle.
   */
  entropyProduction?: number;
  /**
   * 2 diffusion entropyProduction / meanVelocity^2, which is var/mean^2 of the angle times the
   * entropy produced; at least 2 without inertia.
   */
  uncertaintyRatio?: number;
  /**
   * How long the mean speed remembers a start at rest at any angle, if requested; absent if the
   * speed does not depend on the start.
   */
  relaxation?: Relaxation;
  /** Number of angles of the expansion. */
  angles: number;
  /** Highest Hermite index; 0 without inertia. */
  hermite: number;
  /** Size of the last coefficients relative to the first. */
  error: number;
}

/** Expansion of the density in angle and speed. */
export interface PhaseExpansion {
  /** v0 in radians per time; v0^2 = T0 / I with the reference temperature T0 = <D> / 2<g>. */
  thermalVelocity: number;
  /**
   * c_n of p(theta, omega) = w(omega) sum_n c_n(theta) he_n(omega / v0) at the equispaced angles,
   * with the Gaussian w of variance v0^2 and normalised Hermite polynomials he_n.
   */
  coefficients: Float64Array[];
}

/** A stationary state with its density in angle and speed. */
export interface PhaseState extends StationaryState {
  /** The expansion of the density p(theta, omega). */
  expansion: PhaseExpansion;
}

/**
 * The equations at one resolution. They give the stationary state and the first correction in the
 * wave number.
 */
class Hierarchy {
  readonly #n: number;
  readonly #top: number;
  readonly #v0: number;
  readonly #d: Float64Array;
  readonly #factors: Factors[] = [];
  readonly #r: Float64Array[] = [];
  readonly #q: (Float64Array | undefined)[] = [];
  readonly #bottom: Factors;

  constructor(
    { drive, friction, noise }: RotorForces,
    inertia: number,
    v0: number,
    angles: number,
    top: number,
  ) {
    const n = angles;
    this.#n = n;
    this.#top = top;
    this.#v0 = v0;
    const d = differentiation(n);
    this.#d = d;
    const f = drive.resample(n);
    const gamma = friction.resample(n);
    const strength = noise.resample(n);
    const excess = gamma.map((g, i) => (strength[i] / (2 * v0 * v0 * inertia) - g) / inertia);
    const uneven = excess.some((x) => x !== 0);
    for (let index = top; index >= 1; index--) {
      const up = Math.sqrt(index + 1) * v0;
      // A is n g/I + v0 sqrt(n+1) d/dtheta R_(n+1).
      const a = index === top ? new Float64Array(n * n) : product(n, d, this.#r[index + 1], n);
      for (let k = 0; k < a.length; k++) a[k] *= up;
      for (let i = 0; i < n; i++) a[i * n + i] += (index * gamma[i]) / inertia;
      // Couplings to c_(n-1) and c_(n-2) stand side by side.
      const below = Math.sqrt(index);
      const wide = index >= 2 && uneven ? 2 * n : n;
      const right = new Float64Array(n * wide);
      const above = this.#q[index + 1];
      const lifted = above === undefined ? undefined : product(n, d, above, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          right[i * wide + j] =
            -below * v0 * d[i * n + j] - (lifted === undefined ? 0 : up * lifted[i * n + j]);
        }
        right[i * wide + i] += (below * f[i]) / (inertia * v0);
        if (wide > n) right[i * wide + n + i] = Math.sqrt(index * (index - 1)) * excess[i];
      }
      const factors = factorise(n, a);
      solveFactored(factors, right, wide);
      this.#factors[index] = factors;
      const part = (start: number) => {
        const out = new Float64Array(n * n);
        for (let i = 0; i < n; i++) out.set(right.subarray(i * wide + start, i * wide + start + n), i * n);
        return out;
      };
      this.#r[index] = part(0);
      this.#q[index] = wide > n ? part(n) : undefined;
    }
    // In the lowest row the current has no divergence. Its rows add up to zero, so that one of them
    // can fix the norm.
    const bottom = product(n, d, this.#r[1], n);
    for (let k = 0; k < bottom.length; k++) bottom[k] *= -v0;
    bottom.fill(1, 0, n);
    this.#bottom = factorise(n, bottom);
  }

  /** Solves L c = r for a given sum of c_0 over the angles; r by Hermite index, default 0. */
  solve(sum: number, r?: Float64Array[]): Float64Array[] {
    const n = this.#n;
    const shift: Float64Array[] = [];
    // c_n = R c_(n-1) + Q c_(n-2) + s_n with s_n = -A^-1 (r_n + v0 sqrt(n+1) s_(n+1)').
    if (r !== undefined) {
      for (let index = this.#top; index >= 1; index--) {
        const up = Math.sqrt(index + 1) * this.#v0;
        const lifted = index === this.#top ? undefined : product(n, this.#d, shift[index + 1], 1);
        const right = r[index].map((value, i) => -value - (lifted === undefined ? 0 : up * lifted[i]));
        shift[index] = solveFactored(this.#factors[index], right, 1);
      }
    }
    const lowest = new Float64Array(n);
    if (r !== undefined) {
      const lifted = product(n, this.#d, shift[1], 1);
      for (let i = 0; i < n; i++) lowest[i] = r[0][i] + this.#v0 * lifted[i];
    }
    lowest[0] = sum;
    const c = [solveFactored(this.#bottom, lowest, 1)];
    for (let index = 1; index <= this.#top; index++) {
      const next = product(n, this.#r[index], c[index - 1], 1);
      const q = this.#q[index];
      const second = q === undefined ? undefined : product(n, q, c[index - 2], 1);
      for (let i = 0; i < n; i++) {
        next[i] += (second === undefined ? 0 : second[i]) + (r === undefined ? 0 : shift[index][i]);
      }
      c.push(next);
    }
    return c;
  }
}

const norm = (values: Float64Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
const sumOf = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0);

/**
 * Stationary state of a rotor with inertia > 0 and noise, without sampling. Throws NumericalError
 * if the allowed work does not reach the tolerance (little noise, or inertia much larger than
 * friction times the time of a turn).
 */
export function fokkerPlanck(system: RotorSystem, options: FokkerPlanckOptions = {}): PhaseState {
  const { tolerance = 1e-10, work = 4e8, relaxation } = fokkerPlanckOptions(options);
  const forces = rotorForces(system);
  const { inertia } = system.rotor;
  const { drive, friction, noise } = forces;
  if (inertia === "infinite" || !(inertia > 0) || !(friction.mean > 0) || !(noise.mean > 0)) {
    throw new NumericalError("no stationary state in angle and speed", {
      causes: [
        "inertia must be a number above zero (without inertia: overdampedFokkerPlanck)",
        "mean friction and mean noise must be above zero",
      ],
    });
  }
  const v0 = Math.sqrt(noise.mean / (2 * friction.mean * inertia));
  let angles = 2 * Math.max(10, drive.harmonics, friction.harmonics, noise.harmonics) + 1;
  let top = 20;
  for (;;) {
    if (angles ** 3 * top > work || angles ** 2 * top > 2e7) {
      throw new NumericalError(
        `the Fokker-Planck expansion did not converge on ${angles} angles and ${top} Hermite indices`,
        {
          condition: angles ** 3 * top,
          causes: [
            "little noise, or inertia large against friction: use an ensemble",
            "noise / 2 friction varies by more than a factor of about three over the turn: use an ensemble",
            "allow more `work`, or a larger `tolerance`",
          ],
        },
      );
    }
    const hierarchy = new Hierarchy(forces, inertia, v0, angles, top);
    const c = hierarchy.solve(angles / TURN);
    const weight = TURN / angles;
    const meanVelocity = v0 * weight * sumOf(c[1]);
    // The source of the spread, -(omega - <omega>) p, in the same expansion.
    const source = c.map((values, n) =>
      values.map((value, i) => {
        const lower = n > 0 ? Math.sqrt(n) * c[n - 1][i] : 0;
        const upper = n < top ? Math.sqrt(n + 1) * c[n + 1][i] : 0;
        return meanVelocity * value - v0 * (lower + upper);
      }),
    );
    const first = hierarchy.solve(0, source);
    const diffusion = v0 * weight * sumOf(first[1]);
    const tail = (list: Float64Array[], scale: number) => (norm(list[top]) + norm(list[top - 1])) / scale;
    const firstScale = Math.max(norm(first[0]), norm(first[1]), Number.MIN_VALUE);
    const hermiteTail = Math.max(tail(c, norm(c[0])), tail(first, firstScale));
    const fourierTail = Math.max(
      new PeriodicCurve(c[0]).tail / norm(c[0]),
      new PeriodicCurve(c[1]).tail / norm(c[0]),
      new PeriodicCurve(first[1]).tail / firstScale,
    );
    const error = Math.max(hermiteTail, fourierTail);
    if (error <= tolerance) {
      const second = c[0].map((value, i) => v0 * v0 * (value + Math.SQRT2 * c[2][i]));
      return {
        meanVelocity,
        diffusion,
        density: new PeriodicCurve(c[0]),
        kineticTemperature: inertia * weight * sumOf(second),
        ...entropyOf(forces, inertia, c[0], second, meanVelocity, diffusion),
        ...(relaxation && relaxationOf(hierarchy, c, v0 * weight)),
        angles,
        hermite: top,
        error,
        expansion: { thermalVelocity: v0, coefficients: c },
      };
    }
    if (!Number.isFinite(error)) {
      throw new NumericalError("the Fokker-Planck expansion has no finite solution", {
        causes: ["friction is negative on too large a part of the turn"],
      });
    }
    if (hermiteTail > tolerance) top = Math.ceil(1.4 * top);
    if (fourierTail > tolerance) angles = 2 * Math.ceil(0.65 * angles) + 1;
  }
}

/**
 * Relaxation from a start of uniform density at the reference temperature, whose expansion is its
 * lowest coefficient.
 */
function relaxationOf(
  hierarchy: Hierarchy,
  c: Float64Array[],
  weight: number,
): Pick<StationaryState, "relaxation"> {
  const even = sumOf(c[0]) / c[0].length;
  const start = c.map((values, n) => values.map((value) => (n === 0 ? even : 0) - value));
  const relaxation = slowestMode<Float64Array[]>(
    start,
    (density) => hierarchy.solve(0, density),
    (density) => weight * sumOf(density[1]),
    1e-6,
  );
  return relaxation ? { relaxation } : {};
}

/** <2 g^2 omega^2 / D> - <g / I>, which is heat over local temperature per time. */
function entropyOf(
  { friction, noise }: RotorForces,
  inertia: number,
  density: Float64Array,
  squared: Float64Array,
  velocity: number,
  diffusion: number,
): Pick<StationaryState, "entropyProduction" | "uncertaintyRatio"> {
  const n = density.length;
  const angles = equispacedAngles(n);
  const g = friction.valuesAt(angles);
  const d = noise.valuesAt(angles);
  if (!d.every((value) => value > 1e-9 * noise.scale)) return {};
  const sum = density.reduce(
    (total, p, i) => total + (2 * g[i] ** 2 * squared[i]) / d[i] - (g[i] / inertia) * p,
    0,
  );
  return withRatio(((2 * Math.PI) / n) * sum, velocity, diffusion);
}

/** Entropy production, with the uncertainty ratio if the rotor moves on average. */
export function withRatio(
  entropyProduction: number,
  velocity: number,
  diffusion: number,
): Pick<StationaryState, "entropyProduction" | "uncertaintyRatio"> {
  const ratio = (2 * diffusion * entropyProduction) / velocity ** 2;
  return Math.abs(velocity) > 1e-12 * Math.sqrt(diffusion * entropyProduction) && Number.isFinite(ratio)
    ? { entropyProduction, uncertaintyRatio: ratio }
    : { entropyProduction };
}
