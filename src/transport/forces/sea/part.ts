// Adds the filled sea to the forces at one configuration. The sea is judged on the scale of the
// other contributions, and the effect of rounded energies is added to its error.

import { NumericalError } from "../../../base/errors.js";
import { INTEGRAND_ROUNDING } from "../../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../../scattering/contract.js";
import type { Fillings } from "../../energy/fillings.js";
import { type ColdSteps, forceBound } from "../cold-steps.js";
import type { ForceLayout } from "../layout.js";
import { largest } from "../result.js";
import { CONDITIONING } from "../window-integrand.js";
import { SeaIntegrator, type SeaScale } from "./sea.js";

type SeaResult = ReturnType<SeaIntegrator["compute"]>;

/**
 * Part of the allowed error below which the rounding of levels of the sea needs no better bound.
 */
const UNFELT = 0.01;
/** A level farther than this from mu, in units of T, does not matter. */
const FAR = 40;

/** The filled sea of one calculator. */
export class SeaPart {
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  readonly #fillings: Fillings;
  readonly #steps: ColdSteps;
  readonly #sea: SeaIntegrator;
  readonly #scale: SeaScale;

  constructor(solver: PointSolver, layout: ForceLayout, fillings: Fillings, steps: ColdSteps) {
    this.#solver = solver;
    this.#layout = layout;
    this.#fillings = fillings;
    this.#steps = steps;
    this.#sea = new SeaIntegrator(solver);
    this.#scale = {
      force: new Float64Array(solver.directions),
      friction: 0,
      judged: { force: 0, friction: 0 },
    };
  }

  /**
   * Adds the sea at the reference filling to `steps`, which hold all other contributions. The
   * tolerance refers to the scale of these; `judged` is the least scale per group.
   */
  add(steps: Float64Array, judged: Float64Array, tolerance: number): SeaResult {
    const layout = this.#layout;
    const seaScale = this.#scale;
    const { referenceMu, referenceTemperature } = this.#fillings;
    seaScale.force.set(steps.subarray(layout.force, layout.force + layout.directions));
    seaScale.friction = largest(steps.subarray(layout.friction, layout.current));
    seaScale.judged = {
      force: judged[layout.groups[layout.force]],
      friction: judged[layout.groups[layout.friction]],
    };
    const result = this.#sea.compute(referenceMu, referenceTemperature, tolerance, seaScale);
    const rounded = CONDITIONING * INTEGRAND_ROUNDING * this.#solver.roundedScale(referenceMu);
    const least = (UNFELT * tolerance * judged[layout.groups[layout.force]]) / rounded;
    result.forceError += rounded * this.#forcePerEnergy(steps, least);
    for (let nu = 0; nu < layout.directions; nu++) steps[layout.force + nu] += result.force[nu];
    for (let p = 0; p < result.antisymmetricFriction.length; p++)
      steps[layout.antisymmetricFriction + p] += result.antisymmetricFriction[p];
    return result;
  }

  /**
   * A bound of the change of the sea's force with its levels, per energy. At T = 0 it is |K| / 2 pi
   * at the chemical potential, at T > 0 the average of this with -df/dE. A level of any width
   * changes its filling over some T. Where no level is near, K hardly changes over T. At equal
   * fillings the friction contains the average of Tr K^2 / 4 pi. Once a bound is below `least`, no
   * better one is computed.
   */
  #forcePerEnergy(steps: Float64Array, least: number): number {
    const layout = this.#layout;
    const solver = this.#solver;
    const { referenceMu: mu, referenceTemperature: temperature } = this.#fillings;
    if (temperature === 0) return this.#steps.largestForce;
    let bound = solver.lambdaScale() / temperature;
    if (this.#fillings.inEquilibrium) {
      const friction = largest(steps.subarray(layout.friction, layout.current));
      bound = Math.min(bound, Math.sqrt((solver.leads.length * friction) / Math.PI));
    }
    if (bound <= least) return bound;
    try {
      const reach = FAR * temperature;
      if (solver.eigenvaluesBelow(mu - reach) !== solver.eigenvaluesBelow(mu + reach)) return bound;
      return Math.min(bound, 2 * forceBound(solver.solve(mu, { energyDerivative: false })));
    } catch (error) {
      // A lead has no answer at one of these energies.
      if (error instanceof NumericalError) return bound;
      throw error;
    }
  }
}
