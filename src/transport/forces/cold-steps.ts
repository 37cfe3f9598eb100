// The delta functions -df/dE of cold leads (T = 0) at their chemical potentials. Leads with the
// same chemical potential share one evaluation.

import { INTEGRAND_ROUNDING } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import { steepness } from "../energy/resonances.js";
import { timeDelay } from "../energy/state-count.js";
import { GivenErrors } from "./given-errors.js";
import type { ForceIntegrand } from "./integrand.js";
import type { ForceLayout } from "./layout.js";
import { CONDITIONING, type WindowIntegrand } from "./window-integrand.js";

/**
 * Relative rounding of the contribution of one step, which is a few products of solved vectors at
 * one energy.
 */
const STEP_ROUNDING = 4e-15;

/**
 * Largest sqrt(M) ||K|| / 2 pi (Frobenius norm) over the directions, for M channels. It bounds
 * |Tr K| / 2 pi, also for levels that shift by different amounts.
 */
export function forceBound({ channels: m, K }: ScatteringPoint): number {
  let most = 0;
  for (const matrix of K) {
    let square = 0;
    for (let i = 0; i < 2 * m * m; i++) square += matrix[i] * matrix[i];
    most = Math.max(most, square);
  }
  return Math.sqrt(m * most) / (2 * Math.PI);
}

/** Sums of the contributions of all steps, per component of a calculator. */
export class ColdSteps {
  readonly values: Float64Array;
  /** Absolute errors from rounding. */
  readonly errors: Float64Array;
  /** Largest result of `forceBound` at a step. */
  largestForce = 0;
  /** The steps, each with the distance over which the scattering states change there. */
  readonly near: { energy: number; distance: number }[] = [];
  readonly #solver: PointSolver;
  readonly #forces: ForceIntegrand;
  readonly #integrand: WindowIntegrand;
  readonly #sample: Float64Array;
  readonly #layout: ForceLayout;
  readonly #given: GivenErrors;

  /** `values` and `errors` receive the sums. */
  constructor(
    solver: PointSolver,
    forces: ForceIntegrand,
    integrand: WindowIntegrand,
    values: Float64Array,
    errors: Float64Array,
  ) {
    this.#solver = solver;
    this.#forces = forces;
    this.#integrand = integrand;
    this.values = values;
    this.errors = errors;
    this.#sample = new Float64Array(values.length);
    this.#layout = forces.layout;
    this.#given = new GivenErrors(forces.fillings);
  }

  /**
   * Fills `values` and `errors` at the current configuration and fillings. Returns the number of
   * energies solved.
   */
  add(): number {
    const { fillings } = this.#forces;
    const { mu, temperature } = fillings;
    const { values, errors } = this;
    const sample = this.#sample;
    const { resolved } = this.#integrand;
    let solved = 0;
    this.largestForce = 0;
    this.near.length = 0;
    values.fill(0);
    errors.fill(0);
    for (let a = 0; a < mu.length; a++) {
      if (temperature[a] !== 0 || (resolved && this.#solver.probes[a])) continue;
      let known = false;
      for (let b = 0; b < a; b++) if (temperature[b] === 0 && mu[b] === mu[a]) known = true;
      if (known) continue;
      const point = this.#integrand.pointAt(mu[a], 0);
      const delay = timeDelay(point);
      this.#integrand.noteDelay(mu[a], delay);
      // The chemical potential itself is exact. Rounding enters where E - H is formed.
      const rounded = this.#solver.roundedScale(mu[a]);
      const steep = steepness(point);
      if (steep > 0) this.near.push({ energy: mu[a], distance: 1 / steep });
      const spread = point.reduced ? point.reduced.leadPhase : steep * rounded;
      const rounding = STEP_ROUNDING + INTEGRAND_ROUNDING * CONDITIONING * spread;
      this.largestForce = Math.max(this.largestForce, forceBound(point));
      fillings.atStep(mu[a]);
      resolved?.fill(point, true);
      sample.fill(0);
      this.#forces.fermiSurface(point, mu[a], sample);
      if (!resolved) this.#integrand.addMovingProbes(point, mu[a], sample);
      resolved?.respond(mu[a], sample);
      for (let i = 0; i < values.length; i++) {
        values[i] += sample[i];
        errors[i] += rounding * Math.abs(sample[i]);
      }
      if (point.errors) {
        const given = this.#given.ofSlopes(point, point.errors, mu[a]);
        for (let i = 0; i < this.#layout.delay; i++) errors[i] += given[this.#layout.groups[i]];
      }
      solved++;
    }
    return solved;
  }
}
