// Forces, friction, noise and currents at one configuration, at any bias and temperatures
// (docs/physics.md, sections 4 to 6). First the delta functions of cold leads are added at their
// chemical potentials, then the energy window is integrated, then the filled sea by a contour.
// Voltage probes are solved for zero net current beforehand; energy-resolved probes are solved at
// each energy. Bound states, and levels that no lead reaches, are filled like the sea: with the
// filling of the first reservoir.
//
// Longer than most files: the way from window and sea to a result, with its errors and refusals.

import { NumericalError } from "../../base/errors.js";
import type { Reservoir } from "../../model/types.js";
import { INTEGRAND_ROUNDING, type IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import { noTrail, type Trail } from "../../numerics/quadrature/trail.js";
import type { PointSolver } from "../../scattering/contract.js";
import { atEdges, type Divergence, type EdgeBehaviour, TAIL } from "../energy/divergence.js";
import { thermalReach } from "../energy/fermi.js";
import { delayFloor } from "../energy/window-integral.js";
import { DephasingProbes } from "../probes/energy-resolved.js";
import { ProbeSolver } from "../probes/voltage.js";
import { spentCause } from "../tasks/budget.js";
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
  GIVEN_CAUSE,
  largest,
  leastKnown,
  leaveOut,
  leaveOutDiverging,
  setScales,
  warnOfRounding,
} from "./result.js";
import { SeaPart } from "./sea/part.js";
import { WindowIntegrand } from "./window-integrand.js";

/** Relative error of what is quadratic in Lambda, in units of that of Lambda, with a margin. */
const DIFFERENCED = 4;
/**
 * Distance from a band edge, in units of the device's energies, within which a half-bound state may
 * be what keeps an integral from converging.
 */
const HALF_BOUND = 1e-3;

/**
 * Part of the tolerance for the integral where voltage probes respond, which hand the errors of their
 * currents on to everything else.
 */
const PROBED = 0.2;

/** Options that all computations with one solver share. */
export interface ForceSeries {
  /**
   * Reservoir (T > 0) at which the linear response is computed on the same energies. This needs one
   * direction and no probes.
   */
  response?: Reservoir;
  /**
   * Reservoir between those of the leads at which the equilibrium force is computed on the same
   * energies; cold (T = 0) if all leads are, warm if all are. The force is left out where no lead
   * sees some level in the window.
   */
  equilibrium?: Reservoir;
  /**
   * For configurations in small steps: each computation begins with the panels of the one before,
   * which halves the work, unless `trail` names another. Results then depend on the order, within
   * their errors.
   */
  following?: boolean;
  /**
   * Integrate a quantity that diverges at one configuration as far as the digits allow. This is for
   * integrals over configurations, which may be finite.
   */
  throughDivergences?: boolean;
}

/** Computes forces with one solver again and again, and keeps the buffers. */
export class ForceCalculator {
  /**
   * Whether quantities may miss the tolerance, for the caller to judge. If not, NumericalError.
   */
  partial = false;
  /** Parameter values of the configuration, and its angle in words, for errors. */
  place: () => { at?: Record<string, number>; angle?: string } = () => ({});
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  /** The integrand at one point. */
  readonly #forces: ForceIntegrand;
  /** The integrand over the window. */
  readonly #integrand: WindowIntegrand;
  readonly #precise: PreciseWindow;
  readonly #steps: ColdSteps;
  readonly #sea: SeaPart;
  readonly #voltage: ProbeSolver | null;
  readonly #elastic: DephasingProbes | null;
  readonly #request: IntegralRequest;
  /** Whether the linear response is computed as well. */
  readonly #responds: boolean;
  readonly #throughDivergences: boolean;

  /** Computes for the current directions of the solver. Their number must not change later. */
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
    if (equilibrium?.temperature === 0)
      this.#precise.window.window.furtherStep = equilibrium.chemicalPotential;
    this.#sea = new SeaPart(solver, layout, fillings, this.#steps);
  }

  /**
   * Whether higher precision is used for all that rounding spoils, or only where integrals fail.
   */
  get refines(): boolean {
    return this.#integrand.refines;
  }

  set refines(refines: boolean) {
    this.#integrand.refines = refines;
  }

  /**
   * What the last integral has left for the next one. A caller that sets it before each computation
   * decides which one follows which.
   */
  get trail(): Trail {
    return this.#precise.window.trail;
  }

  set trail(trail: Trail | undefined) {
    this.#precise.window.trail = trail ?? noTrail;
  }

  /**
   * Force, friction, noise and currents at the solver's configuration. `reservoirs[a]` belongs to
   * lead a and is ignored for probes. Throws NumericalError if the integrals do not converge. If
   * only rounding keeps a quantity from the tolerance (next to a resonance far narrower than the
   * window), the result states the true error and carries a warning.
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
    // Edges at which only excluded quantities are steep need no graded panels.
    this.#precise.window.window.steep = steep.filter(
      ({ group }) => !this.#integrand.diverging.some((divergence) => divergence.group === group),
    );
    let evaluations = voltage?.evaluations ?? 0;
    let result = this.#assembled(tolerance, voltage ? PROBED : TRUNCATION);
    evaluations += result.evaluations;
    // The integral met the tolerance, but rounding or the filled sea added to its error. A second
    // attempt leaves half of the tolerance to them.
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

  /**
   * The quantities that diverge at the solver's configuration, whatever `throughDivergences` says.
   */
  divergences(
    reservoirs: readonly (Reservoir | undefined)[],
    { tolerance = 1e-8, dephasing = "voltage" }: ForceOptions = {},
  ): Divergence[] {
    this.#prepare(reservoirs, tolerance, dephasing);
    return this.#behaviourAtEdges(tolerance).diverging;
  }

  /**
   * Sets fillings, probes and scales for the current configuration. Returns the voltage probes.
   */
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
    // A parameter that acts on an isolated piece is refused here, before a level of the piece is
    // met.
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
    // The integrand takes its own accuracy from it; that of an earlier question is another.
    request.tolerance = tolerance;
    // The resonances of an earlier configuration say nothing about this one.
    this.#precise.window.window.resonances.count = 0;
    integrand.begin();
    setScaleFloors(request.judged!, solver.lambdaScale(), integrand.scale, fillings.span);
    request.judged![GROUPS] = delayFloor(tolerance);
    return voltage;
  }

  /** The integrals that diverge, or nearly diverge, at a band edge inside the window. */
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
    integrand.edges = edges;
    if (edges.length === 0) return { diverging: [], steep: [] };
    return atEdges(integrand, edges, {
      scale: integrand.scale,
      groups: layout.groups,
      counted: layout.delay,
      allowed: (group) => tolerance * judged![group],
      rounding: (sample, i) => INTEGRAND_ROUNDING * sample[layout.counted + layout.groups[i]],
    });
  }

  /** The result with half of the tolerance for the integral; undefined if that is out of reach. */
  #closer(tolerance: number): Forces | undefined {
    try {
      return this.#assembled(tolerance, HALF);
    } catch (error) {
      if (error instanceof NumericalError) return undefined;
      throw error;
    }
  }

  /** The bare result, with the given part of the tolerance for the integral over the window. */
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
    if (solver.limits) result.given = true;
    result.errors = byQuantity(layout, errors);
    const own = byQuantity(layout, scales);
    own.force = Math.max(own.force, sea.forceScale, largest(result.force));
    own.friction = Math.max(own.friction, largest(result.friction));
    setScales(result, own, judged!);
    if (this.#responds) {
      const { response: from, counted: to } = layout;
      result.response = { values: values.slice(from, to), errors: errors.slice(from, to) };
    }
    // A bound state keeps the filling of the first reservoir at every reservoir asked for, and the
    // integral over the bands does not contain it.
    if (fillings.equilibrium && window.complete && !window.window.hidesBoundStates())
      result.equilibriumForce = sea.force.map((force, nu) => force + values[layout.equilibrium + nu]);
    result.errors.force += sea.forceError;
    result.errors.friction += sea.antisymmetricFrictionError;
    if (!this.#integrand.resolved)
      this.#voltage?.addErrors(result, this.#integrand.longestDelay / this.#integrand.scale);
    this.#addDifferencing(result);
    result.worst = status.worst;
    [, result.error] = leastKnown(result.errors, result.scales);
    result.evaluations = evaluations + sea.evaluations;
    return result;
  }

  /**
   * Adds the error of a Lambda that was obtained by differences. Its effect on the force is at most
   * the absolute error, since fillings are at most one. The other quantities change by parts of
   * their scales.
   */
  #addDifferencing({ errors, scales }: Forces): void {
    const error = this.#solver.lambdaError();
    if (error.absolute === 0) return;
    const relative = DIFFERENCED * error.relative;
    errors.force += error.absolute;
    for (const quantity of ["friction", "noise", "currentPerVelocity", "energyCurrentPerVelocity"] as const)
      errors[quantity] += relative * scales[quantity];
    // The potentials of probes depend on Lambda as well, and act on the force.
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
    const { at, angle = "" } = this.place();
    const found =
      relative > tolerance
        ? `${quantity} is known to ${relative.toExponential(1)} of its scale; the tolerance is ${tolerance}`
        : "the time delay does not account for all levels in the window";
    const close = HALF_BOUND * this.#integrand.scale;
    const edge = this.#precise.steepEdges.find((steep) => Math.abs(steep - energy) < close);
    return new NumericalError(`the energy integral of the forces did not converge${angle}: ${found}`, {
      energy,
      at,
      causes: [
        ...(budget?.spent ? [spentCause(budget.allowed)] : []),
        ...(this.#integrand.resolved
          ? [
              "a probe cut off from all reservoirs at this energy: its filling cannot follow, and friction diverges",
            ]
          : []),
        ...(relative > tolerance ? attainable(relative) : []),
        ...(edge === undefined
          ? []
          : [`a half-bound state close to the band edge E = ${edge}, where energies have few digits`]),
        ...(this.#solver.limits ? [GIVEN_CAUSE] : []),
        "a bound state inside the window that couples to no lead",
        "a lead's Green's function that is inaccurate at a band edge",
      ],
    });
  }
}
