// Thermal average at equal fillings: the integral over energy of a scattering point's contributions
// with the weight -df/dE, and at T = 0 their value at mu. The window integral of window-integral.ts
// tells from the time delay whether a narrow resonance was stepped over. Cost at T > 0: about a
// hundred factorisations.

import { NumericalError } from "../../base/errors.js";
import { nodeOf, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { INTEGRAND_ROUNDING, type IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import type { PumpOptions } from "../pump/options.js";
import { fermiDerivative } from "./fermi.js";
import { timeDelay } from "./state-count.js";
import { DEEPEST } from "./thermal-tails.js";
import { delayFloor, WindowIntegrator } from "./window-integral.js";

/** Options that many averages of one solver share. */
export interface AverageSeries {
  /** Least scale of the first group, used where the tolerance cannot be met on a smaller one. */
  leastScale?: number;
  /**
   * Whether configurations follow each other in small steps. Each average then begins with the
   * energies at which the one before ended.
   */
  following?: boolean;
  /** Adds, per group, the error of a point of a given S. */
  addErrors?: (point: ScatteringPoint, weight: number, out: Float64Array) => void;
}

/** The average at the current configuration of the solver. */
export class ThermalAverage {
  /** Largest error of each group at the last configuration; zero at T = 0 but for `given`. */
  readonly errors: Float64Array;
  /** The part of it that a given S may be off by; empty where S is not given. */
  readonly given: Float64Array;
  private readonly solver: ScatteringSolver;
  private readonly mu: Float64Array;
  private readonly temperature: Float64Array;
  private readonly components: number;
  private readonly window: WindowIntegrator;
  private readonly request: IntegralRequest;
  private readonly add: (point: ScatteringPoint, weight: number, out: Float64Array) => void;
  private readonly addErrors: (point: ScatteringPoint, weight: number, out: Float64Array) => void;
  /** Energies of the current list of nodes, and the integrand at one of them. */
  private energies = new Float64Array();
  private readonly row: Float64Array;

  /**
   * `groups` holds the sizes of successive groups of components; the components of a group share
   * one scale.
   */
  constructor(
    solver: ScatteringSolver,
    options: PumpOptions,
    groups: readonly number[],
    add: (point: ScatteringPoint, weight: number, out: Float64Array) => void,
    { leastScale = 0, following = false, addErrors = () => {} }: AverageSeries = {},
  ) {
    this.solver = solver;
    this.mu = Float64Array.of(options.energy);
    this.temperature = Float64Array.of(options.temperature ?? 0);
    const components = groups.reduce((sum, size) => sum + size, 0);
    this.components = components;
    this.errors = new Float64Array(groups.length);
    this.given = new Float64Array(solver.limits ? groups.length : 0);
    this.add = add;
    this.addErrors = addErrors;
    // One more component stays zero; its offset keeps the largest value so far as the scale of the
    // first group. The next one is the time delay. Behind it are magnitudes, one per group, of the
    // errors of a given S.
    const counted = components + 2;
    const length = counted + this.given.length;
    this.window = new WindowIntegrator(solver, length, counted - 1, following);
    this.row = new Float64Array(length);
    const judged = new Float64Array(groups.length + 1);
    judged[0] = leastScale;
    this.request = {
      tolerance: 0,
      groups: Int32Array.from([
        ...groups.flatMap((size, group) => Array.from({ length: size }, () => group)),
        0,
        groups.length,
        ...this.given.keys(),
      ]),
      counted,
      offsets: new Float64Array(length),
      floors: new Float64Array(groups.length + 1),
      judged,
    };
    this.ask(Math.max(0.1 * (options.tolerance ?? 1e-8), 1e-12));
  }

  /**
   * Multiplies the tolerance by `factor` from now on. It is used where the errors of many averages
   * add up to more than is allowed.
   */
  tighten(factor: number): void {
    this.ask(Math.max(factor * this.request.tolerance, 1e-13));
  }

  private ask(tolerance: number): void {
    const { request } = this;
    request.tolerance = tolerance;
    // This is accurate enough to show whether a state is missing.
    const delay = request.floors!.length - 1;
    request.floors![delay] = delayFloor(tolerance);
    request.judged![delay] = delayFloor(tolerance);
  }

  private readonly integrand: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      const { count } = nodes;
      if (this.energies.length < count) this.energies = new Float64Array(2 * count);
      const { energies, row, given } = this;
      for (let k = 0; k < count; k++) energies[k] = nodeOf(nodes, k);
      this.solver.solveEach(energies, count, { energyDerivative: true }, (point, k) => {
        row.fill(0);
        const weight = -fermiDerivative(energies[k], this.mu[0], this.temperature[0]);
        this.add(point, weight, row);
        row[this.components + 1] = timeDelay(point);
        if (given.length > 0) {
          this.addErrors(point, weight, given.fill(0));
          for (let g = 0; g < given.length; g++) row[this.components + 2 + g] = given[g] / INTEGRAND_ROUNDING;
        }
        for (let i = 0, at = k * components; i < components; i++, at++) out[at] += row[i];
      });
    },
    evaluatePanels: () => false,
  };

  /**
   * Fills `out` with the average. `atMu` is the point at mu, if the caller has it; only T = 0 uses
   * it.
   */
  evaluate(out: Float64Array, atMu?: ScatteringPoint): void {
    out.fill(0);
    this.given.fill(0);
    if (this.temperature[0] === 0) {
      const point = atMu ?? this.solver.solve(this.mu[0], { energyDerivative: false });
      this.add(point, 1, out);
      if (point.errors) this.addErrors(point, 1, this.given);
      this.errors.set(this.given);
      return;
    }
    const { window, request, components } = this;
    const { groups, offsets } = request;
    const status = window.integrate(this.mu, this.temperature, DEEPEST, this.integrand, request);
    if (!(status.converged || status.relativeError <= request.tolerance)) {
      throw new NumericalError("the thermal average does not converge", {
        energy: status.worst,
        causes: ["a level that no lead broadens: couple it to a lead, or raise the tolerance"],
      });
    }
    this.errors.fill(0);
    for (let g = 0; g < this.given.length; g++)
      this.given[g] = INTEGRAND_ROUNDING * window.values[components + 2 + g];
    for (let i = 0; i < components; i++) {
      out[i] = window.values[i];
      this.errors[groups[i]] = Math.max(this.errors[groups[i]], window.errors[i]);
      if (groups[i] === 0) offsets![components] = Math.max(offsets![components], Math.abs(out[i]));
    }
  }
}
