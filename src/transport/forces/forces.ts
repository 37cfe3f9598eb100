// Everything a mechanical coordinate feels at one configuration, and the currents that go with it,
// at any bias and any temperatures (docs/physics.md, sections 4 to 6): cold steps at their chemical
// potentials, then the energy window, then the filled sea by contour; voltage probes are first
// solved for zero net current, energy-resolved ones at each energy on the way. Bound states, and
// levels that no lead reaches, are filled like the sea: with the filling of the first reservoir.

import { NumericalError } from "../../base/errors.js";
import type { Reservoir } from "../../model/types.js";
import { INTEGRAND_ROUNDING, type IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import { spentCause } from "../energy/budget.js";
import { atEdges, type Divergence, type EdgeBehaviour, TAIL } from "../energy/divergence.js";
import { thermalReach } from "../energy/fermi.js";
import { delayFloor } from "../energy/window-integral.js";
import { DephasingProbes } from "../probes/energy-resolved.js";
import { ProbeSolver } from "../probes/voltage.js";
import { ColdSteps } from "./cold-steps.js";
import { ForceIntegrand } from "./integrand.js";
import { type ForceLayout, forceLayout, GROUPS, setScaleFloors } from "./layout.js";
import type { Dephasing, ForceOptions } from "./options.js";
import { HALF, PreciseWindow, TRUNCATION } from "./precision.js";
import {
  arrange,
  attainable,
  byQuantity,
  certify,
  type Forces,
  largest,
  leastKnown,
  leaveOut,
  leaveOutDiverging,
  setScales,
  warnOfRounding,
} from "./result.js";
import { SeaPart } from "./sea/part.js";
import { WindowIntegrand } from "./window-integrand.js";

/**
 * Relative error of what is of second order in Lambda, in units of that of Lambda, with a margin.
 */
const DIFFERENCED = 4;

/** What many computations of one solver have in common. */
export interface ForceSeries {
  /**
   * Also linear response at this reservoir, T > 0, on the same energies: for one direction, without
   * probes.
   */
  response?: Reservoir;
  /**
   * Also the force in equilibrium at this reservoir, T > 0, on the same energies, where all levels
   * in the window are seen by a lead.
   */
  equilibrium?: Reservoir;
  /**
   * Configurations follow each other in small steps: each begins with the energies at which the one
   * before ended. Half the work; results depend on the order, within their errors.
   */
  following?: boolean;
  /**
   * What diverges at one configuration is integrated as far as digits go: where configurations are
   * integrated over, the integral may be finite.
   */
  throughDivergences?: boolean;
}

/** Computes forces of one solver again and again; keeps its buffers. */
export class ForceCalculator {
  /**
   * Whether an answer may have quantities whose errors are above the tolerance, for the caller to
   * judge; if not, NumericalError.
   */
  partial = false;
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  /** The integrands at one point. */
  readonly #forces: ForceIntegrand;
  /** The same over the window. */
  readonly #integrand: WindowIntegrand;
  readonly #precise: PreciseWindow;
  readonly #steps: ColdSteps;
  readonly #sea: SeaPart;
  readonly #voltage: ProbeSolver | null;
  readonly #elastic: DephasingProbes | null;
  readonly #request: IntegralRequest;
  /** Whether linear response is asked for as well. */
  readonly #responds: boolean;
  readonly #throughDivergences: boolean;

  /** For the directions now in force in the solver (they must stay as many). */
  constructor(
    solver: PointSolver,
    { response, equilibrium, following, throughDivergences = false }: ForceSeries = {},
  ) {
    this.#solver = solver;
    this.#responds = response !== undefined;
    this.#throughDivergences = throughDivergences;
    const layout = forceLayout(
      solver.directions,
      solver.leads.length,
      response !== undefined,
      equilibrium !== undefined,
    );
    this.#layout = layout;
    const forces = new ForceIntegrand(layout, solver.reciprocal);
    const { fillings } = forces;
    fillings.equilibrium = equilibrium;
    this.#forces = forces;
    const probes = solver.probes.includes(true);
    this.#voltage = probes ? new ProbeSolver(solver, fillings) : null;
    this.#elastic = probes ? new DephasingProbes(layout, solver.probes, fillings) : null;
    const [values, errors] = [new Float64Array(layout.length), new Float64Array(layout.length)];
    const request: IntegralRequest = {
      tolerance: 1e-8,
      groups: layout.groups,
      counted: layout.counted,
      offsets: values,
      offsetErrors: errors,
      floors: new Float64Array(GROUPS + 1),
      judged: new Float64Array(GROUPS + 1),
    };
    this.#request = request;
    const integrand = new WindowIntegrand(solver, layout, forces, response, this.#voltage, request);
    this.#integrand = integrand;
    this.#steps = new ColdSteps(solver, forces, integrand, values, errors);
    const series = { response, following };
    this.#precise = new PreciseWindow(solver, layout, fillings, integrand, this.#steps, request, series);
    this.#sea = new SeaPart(solver, layout, fillings, this.#steps);
  }

  /**
   * Whether what rounding takes is looked for in higher precision; if not, only where an integral
   * does not converge otherwise.
   */
  get refines(): boolean {
    return this.#integrand.refines;
  }

  set refines(refines: boolean) {
    this.#integrand.refines = refines;
  }

  /**
   * Force, friction, noise and currents of the solver's configuration; `reservoirs[a]` belongs to
   * lead a (ignored for probes). Throws NumericalError where the integrals do not converge. Where
   * only rounding keeps a quantity from the tolerance (next to a resonance far narrower than the
   * window) the result comes with its true error and a warning.
   */
  compute(
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing = "voltage" }: ForceOptions = {},
  ): Forces {
    const solver = this.#solver;
    const voltage = this.#prepare(reservoirs, tolerance, dephasing);
    const { diverging, steep } = this.#behaviourAtEdges(tolerance);
    this.#precise.steepEdges = steep.map(({ energy }) => energy);
    if (!this.#throughDivergences) this.#integrand.diverging = diverging;
    // What is left out is not in the way of the rest.
    this.#precise.window.window.steep = steep.filter(
      ({ group }) => !this.#integrand.diverging.some((divergence) => divergence.group === group),
    );
    let evaluations = voltage?.evaluations ?? 0;
    let result = this.#assembled(tolerance, TRUNCATION);
    evaluations += result.evaluations;
    // Rounding, or the filled sea, on top of an integral that just met the tolerance: as much less
    // is left for the integral.
    if (result.error > tolerance && result.error < 2 * tolerance && !solver.budget?.spent) {
      const closer = this.#closer(tolerance);
      evaluations += closer?.evaluations ?? 0;
      result = closer ?? result;
    }
    result.evaluations = evaluations;
    warnOfRounding(result, tolerance);
    voltage?.addVelocityResponse(result);
    leaveOutDiverging(result, this.#integrand.diverging);
    certify(result, this.#integrand.unitarity, this.#forces.fillings.inEquilibrium, tolerance);
    if (solver.limits) leaveOut(result, solver.limits, this.#forces.fillings.inEquilibrium);
    return result;
  }

  /** What diverges at the solver's configuration, whatever `throughDivergences` says. */
  divergences(
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing = "voltage" }: ForceOptions = {},
  ): Divergence[] {
    this.#prepare(reservoirs, tolerance, dephasing);
    return this.#behaviourAtEdges(tolerance).diverging;
  }

  /** Fillings, probes and scales for the configuration in force; returns the voltage probes. */
  #prepare(
    reservoirs: readonly (Reservoir | undefined)[],
    tolerance: number,
    dephasing: Dephasing,
  ): ProbeSolver | null {
    const solver = this.#solver;
    const request = this.#request;
    const forces = this.#forces;
    const integrand = this.#integrand;
    const { fillings } = forces;
    // A parameter that acts on an isolated piece is refused before a level of the piece is met.
    solver.traceLambda();
    fillings.setReservoirs(reservoirs, solver.probes, solver.leads);
    integrand.unitarity = 0;
    integrand.resolved = dephasing === "energy-resolved" ? this.#elastic : null;
    const voltage = integrand.resolved ? null : this.#voltage;
    forces.noiseMix = integrand.resolved?.noiseMix ?? null;
    if (voltage) {
      voltage.settle(tolerance);
      forces.noiseMix = voltage.noiseMix;
    }

    request.budget = solver.budget;
    integrand.begin();
    setScaleFloors(request.judged!, solver.lambdaScale(), integrand.scale, fillings.span);
    request.judged![GROUPS] = delayFloor(tolerance);
    return voltage;
  }

  /** Integrals that diverge at a band edge inside the window, or nearly do. */
  #behaviourAtEdges(tolerance: number): EdgeBehaviour {
    const solver = this.#solver;
    const layout = this.#layout;
    const { judged } = this.#request;
    const integrand = this.#integrand;
    const { mu, temperature } = this.#forces.fillings;
    const reach = thermalReach(TAIL * tolerance);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let a = 0; a < mu.length; a++) {
      low = Math.min(low, mu[a] - reach * temperature[a]);
      high = Math.max(high, mu[a] + reach * temperature[a]);
    }
    integrand.diverging = [];
    integrand.refining = false;
    const edges = high > low ? solver.bandEdges(low, high) : [];
    if (edges.length === 0) return { diverging: [], steep: [] };
    return atEdges(integrand, edges, {
      scale: integrand.scale,
      groups: layout.groups,
      counted: layout.delay,
      allowed: (group) => tolerance * judged![group],
      rounding: (sample, i) => INTEGRAND_ROUNDING * sample[layout.counted + layout.groups[i]],
    });
  }

  /** With half of the tolerance for the integral; nothing where that cannot be had. */
  #closer(tolerance: number): Forces | undefined {
    try {
      return this.#assembled(tolerance, HALF);
    } catch (error) {
      if (error instanceof NumericalError) return undefined;
      throw error;
    }
  }

  /**
   * Everything but certificates and warnings, with the integral over the window to a part of the
   * tolerance.
   */
  #assembled(tolerance: number, part: number): Forces {
    const layout = this.#layout;
    const solver = this.#solver;
    const { judged } = this.#request;
    const { window, margin } = this.#precise;
    const { status, evaluations } = this.#precise.integrate(tolerance, part);
    const { values, errors, scales } = window;
    const { values: steps } = this.#steps;
    const { fillings } = this.#forces;
    const reached = status.converged || status.relativeError <= tolerance;
    if (!reached && !(this.partial && window.accounted)) throw this.#notConverged(status.worst, tolerance);
    for (let i = 0; i < layout.length; i++) {
      steps[i] += values[i];
      errors[i] *= margin;
    }
    const sea = this.#sea.add(steps, judged!, HALF * tolerance);

    const result = arrange(layout, steps, solver.leads, fillings);
    result.errors = byQuantity(layout, errors);
    const own = byQuantity(layout, scales);
    own.force = Math.max(own.force, sea.forceScale, largest(result.force));
    own.friction = Math.max(own.friction, largest(result.friction));
    setScales(result, own, judged!);
    if (this.#responds) {
      const { response: from, counted: to } = layout;
      result.response = { values: values.slice(from, to), errors: errors.slice(from, to) };
    }
    // A bound state keeps the filling of the first reservoir, and is no part of the integral over
    // the bands.
    if (fillings.equilibrium && window.complete && !window.window.hidesBoundStates())
      result.equilibriumForce = sea.force.map((force, nu) => force + values[layout.equilibrium + nu]);
    result.errors.force += sea.forceError;
    result.errors.friction += sea.antisymmetricFrictionError;
    if (!this.#integrand.resolved) this.#voltage?.addErrors(result);
    this.#addDifferencing(result);
    result.worst = status.worst;
    [, result.error] = leastKnown(result.errors, result.scales);
    result.evaluations = evaluations + sea.evaluations;
    return result;
  }

  /**
   * What a Lambda that was differenced may be off by: of the force times fillings of at most one,
   * of the rest in parts of its scale.
   */
  #addDifferencing({ errors, scales }: Forces): void {
    const error = this.#solver.lambdaError();
    if (error.absolute === 0) return;
    const relative = DIFFERENCED * error.relative;
    errors.force += error.absolute;
    for (const quantity of ["friction", "noise", "currentPerVelocity", "energyCurrentPerVelocity"] as const)
      errors[quantity] += relative * scales[quantity];
    // Potentials of probes follow the motion, and what they do to the force.
    if (this.#voltage || this.#integrand.resolved) errors.force += relative * scales.force;
  }

  #notConverged(energy: number, tolerance: number): NumericalError {
    const layout = this.#layout;
    const { judged } = this.#request;
    const { window } = this.#precise;
    const { budget } = this.#solver;
    const result = { scales: byQuantity(layout, window.scales), errors: byQuantity(layout, window.errors) };
    const floors = byQuantity(
      layout,
      Float64Array.from(layout.groups, (group) => judged![group]),
    );
    for (const key of Object.keys(floors) as (keyof typeof floors)[])
      result.scales[key] = Math.max(result.scales[key], floors[key]);
    const [quantity, relative] = leastKnown(result.errors, result.scales);
    return new NumericalError(
      `the energy integral of the forces did not converge: ${quantity} is known to ${relative.toExponential(1)} of its scale, asked for ${tolerance}`,
      {
        energy,
        causes: [
          ...(budget?.spent ? [spentCause(budget.allowed)] : []),
          ...(this.#integrand.resolved
            ? [
                "a probe cut off from all reservoirs at this energy: its filling cannot follow, friction diverges",
              ]
            : []),
          ...attainable(relative),
          "a bound state inside the window that couples to no lead",
          "a lead's Green's function that is inaccurate at a band edge",
        ],
      },
    );
  }
}
