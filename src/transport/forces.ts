// Everything a mechanical coordinate feels at one configuration, and the currents that go with it, at any bias and any
// temperatures (PHYSICS.md, sections 4 to 6): the filled sea by contour, the rest over the energy window, cold steps
// at their chemical potentials, voltage probes solved for zero net current.

import { NumericalError } from "../model/errors.js";
import type { Reservoir } from "../model/types.js";
import { type PointOptions, type PointSolver, pairIndex } from "../scattering/point.js";
import { SeaIntegrator } from "./equilibrium.js";
import { ForceIntegrand, type ForceLayout, forceLayout, setRoundingFloors } from "./integrand.js";
import { ProbeSolver } from "./probes.js";
import { AdaptiveIntegrator, type IntegralRequest } from "./quadrature.js";
import { EnergyWindow } from "./window.js";

/** Matrices are row-major: friction[nu, nu'], currentPerVelocity[lead, nu]. Signs and units: CONVENTIONS.md. */
export interface Forces {
  directions: number;
  leads: string[];
  /** F_nu = -<dH/dX_nu>, the whole sea included. */
  force: Float64Array;
  /** F_nu(t) = F_nu - sum friction[nu, nu'] dX_nu'/dt: the full tensor, antisymmetric part included. */
  friction: Float64Array;
  /** <xi_nu xi_nu'> = noise[nu, nu'] delta(t - t'), symmetrised. */
  noise: Float64Array;
  /** Particle current into the device per lead, frozen (order 0). */
  current: Float64Array;
  /** The same per velocity (order 1). */
  currentPerVelocity: Float64Array;
  energyCurrent: Float64Array;
  energyCurrentPerVelocity: Float64Array;
  /** J^E_a - mu_a J_a, order 0. */
  heatCurrent: Float64Array;
  /** -sum_a J^Q_a / T_a; absent if a reservoir has T = 0. */
  entropyProduction?: number;
  /** Per lead, probes included: what was given, or what a probe settles at. */
  chemicalPotential: Float64Array;
  temperature: Float64Array;
  /** Largest error estimate, relative to the largest element of its quantity. */
  error: number;
  certificate: {
    /** Largest max |S^+ S - 1| met. */
    unitarity: number;
    /** |sum_a J_a| relative to the largest |J_a| (0 without current). */
    chargeBalance: number;
  };
  /** Energies at which the device was solved. */
  evaluations: number;
}

export interface ForceOptions {
  /** Asked relative error (default 1e-8). */
  tolerance?: number;
}

/** Computes forces of one solver again and again; keeps its buffers. */
export class ForceCalculator {
  private readonly solver: PointSolver;
  private readonly layout: ForceLayout;
  private readonly window: EnergyWindow;
  private readonly integrator: AdaptiveIntegrator;
  private readonly integrand: ForceIntegrand;
  private readonly sea: SeaIntegrator;
  private readonly probes: ProbeSolver | null;
  private readonly request: IntegralRequest;
  private readonly steps: Float64Array;
  private readonly options: PointOptions;
  private unitarity = 0;

  /** For the directions now in force in the solver (they must stay as many). */
  constructor(solver: PointSolver) {
    this.solver = solver;
    this.layout = forceLayout(solver.directions, solver.leads.length);
    this.window = new EnergyWindow(solver);
    this.integrator = new AdaptiveIntegrator(this.layout.length);
    this.integrand = new ForceIntegrand(this.layout, solver.reciprocal);
    this.sea = new SeaIntegrator(solver);
    this.probes = solver.probes.includes(true)
      ? new ProbeSolver(solver, this.window, this.integrand.fillings)
      : null;
    this.steps = new Float64Array(this.layout.length);
    this.request = {
      tolerance: 1e-8,
      groups: this.layout.groups,
      offsets: this.steps,
      floors: new Float64Array(7),
    };
    this.options = { firstOrder: true, lorentz: solver.directions > 1 };
  }

  /**
   * Force, friction, noise and currents of the solver's configuration; `reservoirs[a]` belongs to lead a (ignored for probes).
   * Throws NumericalError where the tolerance cannot be met.
   */
  compute(reservoirs: readonly (Reservoir | undefined)[], { tolerance = 1e-8 }: ForceOptions = {}): Forces {
    const { layout, integrand, steps, integrator } = this;
    const { fillings } = integrand;
    const reference = this.setReservoirs(reservoirs);
    fillings.referenceMu = fillings.mu[reference];
    fillings.referenceTemperature = fillings.temperature[reference];
    this.unitarity = 0;
    this.request.tolerance = tolerance;
    integrand.noiseMix = null;
    if (this.probes) {
      this.probes.settle(tolerance);
      integrand.noiseMix = this.probes.noiseMix;
    }

    // The sea, then the cold steps: both count for the scale of what is left to integrate.
    const sea = this.sea.compute(fillings.referenceMu, fillings.referenceTemperature, tolerance);
    steps.fill(0);
    for (let nu = 0; nu < layout.directions; nu++) steps[layout.force + nu] = sea.force[nu];
    for (let p = 0; p < sea.lorentz.length; p++) steps[layout.lorentz + p] = sea.lorentz[p];
    let evaluations = this.addSteps();

    this.window.lay(fillings.mu, fillings.temperature, 1e-3 * tolerance);
    const span = this.window.high - this.window.low;
    setRoundingFloors(this.request.floors!, this.solver.lambdaScale(), this.solver.energyScale(), span);
    const status = this.window.integrate(integrator, this.evaluate, this.request);
    evaluations += status.evaluations;
    if (!status.converged) {
      throw new NumericalError("the energy integral of the forces did not converge", {
        energy: status.worst,
        causes: [
          "a bound state inside the window that couples to no lead",
          "a tolerance near rounding",
          "a lead's Green's function that is inaccurate at a band edge",
        ],
      });
    }
    for (let i = 0; i < layout.length; i++) steps[i] += integrator.values[i];
    const result = this.collect(Math.max(status.relativeError, sea.relativeError), evaluations);
    this.probes?.addVelocityResponse(result);
    return result;
  }

  /** Copies mu and T per lead; probes start at the mean. Returns the reference lead: the first that is not a probe. */
  private setReservoirs(reservoirs: readonly (Reservoir | undefined)[]): number {
    const { mu, temperature } = this.integrand.fillings;
    const { probes, leads } = this.solver;
    let [count, meanMu, meanTemperature] = [0, 0, 0];
    for (let a = 0; a < leads.length; a++) {
      if (probes[a]) continue;
      const reservoir = reservoirs[a];
      if (!reservoir) throw new Error(`no reservoir for lead ${leads[a]}`);
      mu[a] = reservoir.chemicalPotential;
      temperature[a] = reservoir.temperature;
      meanMu += mu[a];
      meanTemperature += temperature[a];
      count++;
    }
    // Without any reservoir but probes nothing fixes mu: zero.
    for (let a = 0; a < leads.length; a++) {
      if (!probes[a]) continue;
      mu[a] = count > 0 ? meanMu / count : 0;
      temperature[a] = count > 0 ? meanTemperature / count : 0;
    }
    const first = probes.indexOf(false);
    return Math.max(first, 0);
  }

  /** The integrand over the window. */
  private readonly evaluate = (energy: number, out: Float64Array): void => {
    const point = this.solver.solve(energy, this.options);
    if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
    this.integrand.fillings.at(energy);
    this.integrand.filled(point, energy, out);
    this.integrand.slope(point, energy, out);
  };

  /** Adds the delta functions of cold leads, each distinct mu once; returns the number of energies solved. */
  private addSteps(): number {
    const { fillings } = this.integrand;
    const { mu, temperature } = fillings;
    let solved = 0;
    for (let a = 0; a < mu.length; a++) {
      if (temperature[a] !== 0) continue;
      let known = false;
      for (let b = 0; b < a; b++) if (temperature[b] === 0 && mu[b] === mu[a]) known = true;
      if (known) continue;
      const point = this.solver.solve(mu[a], this.options);
      if (point.unitarityDefect > this.unitarity) this.unitarity = point.unitarityDefect;
      fillings.atStep(mu[a]);
      this.integrand.slope(point, mu[a], this.steps);
      solved++;
    }
    return solved;
  }

  /** The sums of `steps` put in their places. */
  private collect(error: number, evaluations: number): Forces {
    const { layout: at, steps, solver } = this;
    const { directions: d, leads } = at;
    const { mu, temperature } = this.integrand.fillings;
    const friction = new Float64Array(d * d);
    const noise = new Float64Array(d * d);
    let pair = 0;
    for (let i = 0; i < d; i++) {
      for (let j = i; j < d; j++, pair++) {
        const twist = i === j ? 0 : steps[at.lorentz + pairIndex(i, j, d)];
        friction[i * d + j] = steps[at.friction + pair] + twist;
        if (i !== j) friction[j * d + i] = steps[at.friction + pair] - twist;
        noise[i * d + j] = steps[at.noise + pair];
        noise[j * d + i] = steps[at.noise + pair];
      }
    }
    const current = steps.slice(at.current, at.current + leads);
    const energyCurrent = steps.slice(at.energyCurrent, at.energyCurrent + leads);
    const heatCurrent = Float64Array.from(energyCurrent, (flow, a) => flow - mu[a] * current[a]);
    const cold = temperature.some((t) => t === 0);
    const balance = Math.abs(current.reduce((sum, flow) => sum + flow, 0));
    const largest = current.reduce((most, flow) => Math.max(most, Math.abs(flow)), 0);
    return {
      directions: d,
      leads: [...solver.leads],
      force: steps.slice(at.force, at.force + d),
      friction,
      noise,
      current,
      currentPerVelocity: steps.slice(at.currentPerVelocity, at.currentPerVelocity + leads * d),
      energyCurrent,
      energyCurrentPerVelocity: steps.slice(at.energyPerVelocity, at.energyPerVelocity + leads * d),
      heatCurrent,
      ...(cold
        ? {}
        : { entropyProduction: -heatCurrent.reduce((sum, flow, a) => sum + flow / temperature[a], 0) }),
      chemicalPotential: Float64Array.from(mu),
      temperature: Float64Array.from(temperature),
      error,
      certificate: { unitarity: this.unitarity, chargeBalance: largest > 0 ? balance / largest : 0 },
      evaluations,
    };
  }
}

/** One-off form of ForceCalculator. */
export function computeForces(
  solver: PointSolver,
  reservoirs: readonly (Reservoir | undefined)[],
  options: ForceOptions = {},
): Forces {
  return new ForceCalculator(solver).compute(reservoirs, options);
}
