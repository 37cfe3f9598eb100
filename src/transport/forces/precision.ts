// The integral of forces over the energy window to a tolerance: in doubles, and where rounding
// keeps a quantity from the tolerance once more in higher precision.

import type { Reservoir } from "../../model/types.js";
import { type IntegralRequest, type IntegralStatus, ROUNDED } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import { partOf } from "../energy/budget.js";
import { TAIL } from "../energy/divergence.js";
import { thermalReach } from "../energy/fermi.js";
import type { Fillings } from "../energy/fillings.js";
import { WindowIntegrator } from "../energy/window-integral.js";
import { isKnown, keepAttempt, takeBetter } from "./attempts.js";
import type { ColdSteps } from "./cold-steps.js";
import { type ForceLayout, GROUPS } from "./layout.js";
import { LONG_DELAY, type WindowIntegrand } from "./window-integrand.js";

/**
 * The window ends where f (1 - f) is below this for linear response, whose conductance may all come
 * from the tails.
 */
const RESPONSE_TAIL = 1e-18;
/** What may lie beyond, in units of what an integrand that grows like the energy leaves there. */
const BEYOND = 2;
/** Most panels of a refined integral, at least and per resonance. */
const REFINED_PANELS = 800;
const PANELS_EACH = 60;
/** Floors of the scales in a refined integral, in units of the ordinary ones. */
const REFINED_FLOOR = 1e-6;
/**
 * Parts of the asked error that the integral itself may have; rounding comes on top: where it is
 * nothing, and where it is not.
 */
export const TRUNCATION = 0.99;
export const HALF = 0.5;
/**
 * Towards a band edge at which an integrand grows nearly like 1/distance the estimates of the
 * panels fall short of the true errors, by up to five times as far as was seen: such integrals are
 * asked for this part of the tolerance, and their errors are counted as many times.
 */
const STEEP_MARGIN = 10;

/** Integrates cold steps and window of one calculator. */
export class PreciseWindow {
  readonly window: WindowIntegrator;
  /** Edges in the window at which some integrand is steep. */
  steepEdges: readonly number[] = [];
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  readonly #fillings: Fillings;
  readonly #integrand: WindowIntegrand;
  readonly #steps: ColdSteps;
  readonly #request: IntegralRequest;
  readonly #response: Reservoir | undefined;

  /** `following`: see WindowIntegrator. */
  constructor(
    solver: PointSolver,
    layout: ForceLayout,
    fillings: Fillings,
    integrand: WindowIntegrand,
    steps: ColdSteps,
    request: IntegralRequest,
    { response, following }: { response?: Reservoir; following?: boolean },
  ) {
    this.window = new WindowIntegrator(solver, layout.length, layout.delay, following);
    this.#solver = solver;
    this.#layout = layout;
    this.#fillings = fillings;
    this.#integrand = integrand;
    this.#steps = steps;
    this.#request = request;
    this.#response = response;
  }

  /**
   * Cold steps and the window. Where rounding next to a narrow resonance keeps a quantity from the
   * tolerance, or a small one from being known at all, once more in higher precision: then to the
   * tolerance of much smaller scales, if that can be had.
   */
  integrate(tolerance: number, part: number): { status: IntegralStatus; evaluations: number } {
    const request = this.#request;
    const solver = this.#solver;
    const integrand = this.#integrand;
    const { floors, judged } = request;
    integrand.refining = false;
    integrand.longestDelay = 0;
    floors!.set(judged!);
    let evaluations = 0;
    const attempt = (part: number): IntegralStatus => {
      request.beyond = this.#beyond(tolerance);
      request.tolerance = (part * tolerance - request.beyond) / this.margin;
      const status = this.#attempt(tolerance);
      evaluations += status.evaluations;
      return status;
    };
    const reached = ({ converged, relativeError }: IntegralStatus) => converged && relativeError <= tolerance;
    let status = attempt(part);
    if (reached(status) && status.relativeRounding <= tolerance) return { status, evaluations };
    if (solver.budget?.spent) return { status, evaluations };
    if (solver.refines && !this.#limitedByLeads && this.#wantsDigits(status, tolerance)) {
      const before = keepAttempt(status, this.window, this.#steps.values);
      const { unitarity } = integrand;
      for (const depth of [REFINED_FLOOR, 1]) {
        integrand.refining = true;
        for (let g = 0; g < GROUPS; g++) floors![g] = depth * judged![g];
        // The digits of what is small are worth half of what is left.
        request.budget = solver.budget && (depth < 1 ? partOf(solver.budget, HALF) : solver.budget);
        status = attempt(HALF);
        if (status.converged || status.relativeError <= tolerance || solver.budget?.spent) break;
        if (isKnown(before, this.#layout, judged!, tolerance)) break;
      }
      request.budget = solver.budget;
      if (!reached(status)) {
        status = takeBetter(before, status, this.window, this.#steps.values, request);
        integrand.unitarity = Math.max(integrand.unitarity, unitarity);
      }
    } else if (!status.converged && part < TRUNCATION) status = attempt(TRUNCATION);
    return { status, evaluations };
  }

  /**
   * Whether higher precision may give what an attempt in doubles has not: only where rounding, and
   * not the panels, stands in the way.
   */
  #wantsDigits({ converged, relativeError, ...rounding }: IntegralStatus, tolerance: number): boolean {
    const { longestDelay, scale, refines } = this.#integrand;
    const narrow = longestDelay * Math.max(1, this.#fillings.span / scale) > LONG_DELAY;
    if (!converged) return narrow;
    if (!refines) return false;
    if (relativeError > tolerance && rounding.judgedRounding > 0.9 * ROUNDED * tolerance) return true;
    return narrow && rounding.relativeRounding > tolerance;
  }

  /** By how much the estimates of panels are taken to fall short. */
  get margin(): number {
    return this.window.window.steep.length > 0 ? STEEP_MARGIN : 1;
  }

  /** What lies in the thermal tails beyond the window, in parts of the integrals. */
  #beyond(tolerance: number): number {
    if (!this.#fillings.temperature.some((t) => t > 0)) return 0;
    const tail = this.#tail(tolerance);
    // Energies times fillings fall off as x exp(-x), other things of the device may grow on the
    // way.
    return BEYOND * tail * (1 + thermalReach(tail));
  }

  /** f (1 - f) at the ends of the window. */
  #tail(tolerance: number): number {
    return this.#response ? RESPONSE_TAIL : TAIL * tolerance;
  }

  #attempt(tolerance: number): IntegralStatus {
    // Without noise few panels are enough; with noise no number of panels would converge.
    const { count } = this.window.window.resonances;
    this.#request.panels = this.#integrand.refining
      ? Math.max(REFINED_PANELS, PANELS_EACH * count)
      : undefined;
    const { mu, temperature } = this.#fillings;
    this.#integrand.unitarity = 0;
    // The cold steps count for the scale of the integrals over the window, both for that of the
    // sea.
    const solved = this.#steps.add();
    const status = this.window.integrate(
      mu,
      temperature,
      this.#tail(tolerance),
      this.#integrand,
      this.#request,
    );
    status.evaluations += solved;
    return status;
  }

  /**
   * Whether what is not known is what leads lose next to an edge at which integrands are steep:
   * higher precision has their doubles.
   */
  get #limitedByLeads(): boolean {
    return this.steepEdges.some((edge) => this.#solver.lostAt(edge) > 0);
  }
}
