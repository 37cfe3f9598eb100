// Thermal average at equal fillings: the integral over energy of a scattering point's contributions
// with the weight -df/dE, and at T = 0 their value at mu. The integral is adaptive over the window
// of window.ts. Cost at T > 0: some hundreds of factorisations.

import { NumericalError } from "../../base/errors.js";
import { AdaptiveIntegrator } from "../../numerics/quadrature/adaptive.js";
import { nodeOf, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import type { PumpOptions } from "../pump/options.js";
import { fermiSlope } from "./fermi.js";
import { EnergyWindow } from "./window.js";

/** The average at the current configuration of the solver. */
export class ThermalAverage {
  /** Largest error of each group at the last configuration; zero at T = 0. */
  readonly errors: Float64Array;
  private readonly solver: ScatteringSolver;
  private readonly mu: Float64Array;
  private readonly temperature: Float64Array;
  private readonly components: number;
  private readonly window: EnergyWindow;
  private readonly integrator: AdaptiveIntegrator;
  private readonly groups: Int32Array;
  private readonly offsets: Float64Array;
  /** Least scale of the first group, used where the tolerance cannot be met on a smaller one. */
  private readonly floors: Float64Array;
  private readonly add: (point: ScatteringPoint, weight: number, out: Float64Array) => void;
  private tolerance: number;
  /** Energies with a nonzero weight in the current list of nodes. */
  private energies = new Float64Array();
  /** Their weights -df/dE. */
  private weights = new Float64Array();
  private places = new Int32Array();
  private readonly row: Float64Array;

  /**
   * `groups` holds the sizes of successive groups of components; the components of a group share
   * one scale. `leastScale` is the scale on which the first group must be known at least.
   */
  constructor(
    solver: ScatteringSolver,
    options: PumpOptions,
    groups: readonly number[],
    add: (point: ScatteringPoint, weight: number, out: Float64Array) => void,
    leastScale = 0,
  ) {
    this.solver = solver;
    this.mu = Float64Array.of(options.energy);
    this.temperature = Float64Array.of(options.temperature ?? 0);
    const components = groups.reduce((sum, size) => sum + size, 0);
    this.components = components;
    this.errors = new Float64Array(groups.length);
    this.add = add;
    this.tolerance = Math.max(0.1 * (options.tolerance ?? 1e-8), 1e-12);
    this.window = new EnergyWindow(solver);
    // One more component stays zero; its offset keeps the largest value so far as the scale of the
    // first group.
    this.integrator = new AdaptiveIntegrator(components + 1);
    this.row = new Float64Array(components + 1);
    this.groups = Int32Array.from([
      ...groups.flatMap((size, group) => Array.from({ length: size }, () => group)),
      0,
    ]);
    this.offsets = new Float64Array(components + 1);
    this.floors = Float64Array.of(leastScale);
  }

  /**
   * Multiplies the tolerance by `factor` from now on. This serves where the errors of many averages
   * add up to more than is allowed.
   */
  tighten(factor: number): void {
    this.tolerance = Math.max(factor * this.tolerance, 1e-13);
  }

  private readonly integrand: VectorIntegrand = {
    evaluateNodes: (nodes, out, components) => {
      const { count } = nodes;
      if (this.energies.length < count) {
        this.energies = new Float64Array(2 * count);
        this.weights = new Float64Array(2 * count);
        this.places = new Int32Array(2 * count);
      }
      const { energies, weights, places, row } = this;
      let wanted = 0;
      for (let k = 0; k < count; k++) {
        const energy = nodeOf(nodes, k);
        const weight = -fermiSlope(energy, this.mu[0], this.temperature[0]);
        if (!(weight > 0)) continue;
        energies[wanted] = energy;
        weights[wanted] = weight;
        places[wanted++] = k * components;
      }
      this.solver.solveEach(energies, wanted, { energyDerivative: false }, (point, k) => {
        row.fill(0);
        this.add(point, weights[k], row);
        for (let i = 0; i < components; i++) out[places[k] + i] += row[i];
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
    if (this.temperature[0] === 0) {
      this.add(atMu ?? this.solver.solve(this.mu[0], { energyDerivative: false }), 1, out);
      return;
    }
    const { integrator, window, offsets, components, groups } = this;
    window.lay(this.mu, this.temperature, 1e-18);
    const status = window.integrate(integrator, this.integrand, {
      tolerance: this.tolerance,
      groups,
      offsets,
      judged: this.floors,
    });
    if (!(status.converged || status.relativeError <= this.tolerance)) {
      throw new NumericalError("the thermal average does not converge", {
        energy: status.worst,
        causes: ["a level that no lead broadens: couple it to a lead, or raise the tolerance"],
      });
    }
    this.errors.fill(0);
    for (let i = 0; i < components; i++) {
      out[i] = integrator.values[i];
      this.errors[groups[i]] = Math.max(this.errors[groups[i]], integrator.errors[i]);
      if (groups[i] === 0) offsets[components] = Math.max(offsets[components], Math.abs(out[i]));
    }
  }
}
