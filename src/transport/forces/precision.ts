// Integrates the forces over the energy window to a tolerance. The first attempt is made in
// doubles. Where rounding keeps a quantity from the tolerance, a second one is made in higher
// precision.

import type { Reservoir } from "../../model/types.js";
import { type IntegralRequest, type IntegralStatus, ROUNDED } from "../../numerics/quadrature/tolerance.js";
import type { PointSolver } from "../../scattering/contract.js";
import { TAIL } from "../energy/divergence.js";
import type { Fillings } from "../energy/fillings.js";
import { WindowIntegrator } from "../energy/window-integral.js";
import { partOf } from "../tasks/budget.js";
import { isKnown, keepAttempt, takeBetter } from "./attempts.js";
import type { ColdSteps } from "./cold-steps.js";
import { type ForceLayout, GROUPS } from "./layout.js";
import { LONG_DELAY, type WindowIntegrand } from "./window-integrand.js";

/**
 * For linear response by a kernel, whose energies cost less than bounds of the tails, the window ends
 * where f (1 - f) is below this, because the whole conductance may come from the tails.
 */
const RESPONSE_TAIL = 1e-18;
/** Least limit of the number of panels in higher precision. */
const REFINED_PANELS = 800;
/** Panels that each resonance adds to this limit. */
const PANELS_EACH = 60;
/** Least scales of an integral in higher precision, in units of the ordinary ones. */
const REFINED_FLOOR = 1e-6;
/** Loosest tolerance of an integral. The estimates of panels are too small beyond it. */
const LOOSEST = 1e-3;
/** Part of the tolerance for the integral itself where rounding is negligible. */
export const TRUNCATION = 0.99;
/** Part of the tolerance for the integral itself where rounding takes the rest. */
export const HALF = 0.5;
/**
 * Next to a band edge at which an integrand grows nearly like 1/distance, the error estimates of
 * panels are too small; factors up to five were seen. Such integrals take the tolerance divided by
 * this number, and their errors are multiplied by it.
 */
const STEEP_MARGIN = 10;

/** Integrates cold steps and window for one calculator. */
export class PreciseWindow {
  readonly window: WindowIntegrator;
  /** Band edges in the window at which some integrand is steep. */
  steepEdges: readonly number[] = [];
  readonly #solver: PointSolver;
  readonly #layout: ForceLayout;
  readonly #fillings: Fillings;
  readonly #integrand: WindowIntegrand;
  readonly #steps: ColdSteps;
  readonly #request: IntegralRequest;
  readonly #response: Reservoir | undefined;

  /** `following` is that of WindowIntegrator. */
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
   * Integrates the cold steps and the window. If rounding next to a narrow resonance keeps a
   * quantity from the tolerance, or hides a small one, the integral is repeated in higher
   * precision: first to the tolerance of much smaller scales, then to that of the ordinary ones.
   */
  integrate(tolerance: number, part: number): { status: IntegralStatus; evaluations: number } {
    const request = this.#request;
    const solver = this.#solver;
    const integrand = this.#integrand;
    const { floors, judged } = request;
    integrand.refining = false;
    integrand.exact = false;
    integrand.rough = false;
    integrand.longestDelay = 0;
    floors!.set(judged!);
    let evaluations = 0;
    const attempt = (part: number): IntegralStatus => {
      request.tolerance = Math.min(part * tolerance, LOOSEST) / this.margin;
      const status = this.#attempt(tolerance);
      evaluations += status.evaluations;
      return status;
    };
    const reached = ({ converged, relativeError }: IntegralStatus) =>
      converged && this.margin * relativeError <= tolerance;
    let status = attempt(part);
    const done = () => reached(status) && status.relativeRounding <= tolerance;
    if (done()) return { status, evaluations };
    // The digits may be missed that points were left without for this tolerance.
    const missed = status.judgedRounding > ROUNDED * tolerance || this.#wantsDigits(status, tolerance);
    if (integrand.rough && missed && !solver.budget?.spent) {
      integrand.exact = true;
      status = attempt(part);
      if (done()) return { status, evaluations };
    }
    if (solver.budget?.spent) return { status, evaluations };
    const able = solver.refines && !this.#limitedByLeads && this.#affordsDigits(status);
    if (able && this.#wantsDigits(status, tolerance)) {
      const before = keepAttempt(status, this.window, this.#steps.values);
      const { unitarity } = integrand;
      for (const depth of [REFINED_FLOOR, 1]) {
        integrand.refining = true;
        for (let g = 0; g < GROUPS; g++) floors![g] = depth * judged![g];
        // The search for the digits of small quantities may use half of the remaining budget.
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
   * Whether higher precision may help, which it does only if rounding limits the attempt in doubles
   * and the panels do not.
   */
  #wantsDigits({ converged, relativeError, ...rounding }: IntegralStatus, tolerance: number): boolean {
    const { longestDelay, scale, refines } = this.#integrand;
    const narrow = longestDelay * Math.max(1, this.#fillings.span / scale) > LONG_DELAY;
    if (!converged) return narrow;
    if (!refines) return false;
    const allowed = tolerance / this.margin;
    if (relativeError > allowed && rounding.judgedRounding > 0.9 * ROUNDED * allowed) return true;
    return narrow && rounding.relativeRounding > tolerance;
  }

  /**
   * Whether the budget allows the energies of the last attempt in higher precision. Where that
   * attempt has converged, its result with the error of rounding is worth more than no answer.
   */
  #affordsDigits({ converged, evaluations }: IntegralStatus): boolean {
    const { budget, refinedEnergies } = this.#solver;
    if (!budget || !converged) return true;
    return evaluations * refinedEnergies < HALF * (budget.allowed - budget.used);
  }

  /** Factor by which the estimates of panels are assumed to be too small. */
  get margin(): number {
    return this.window.window.steep.length > 0 ? STEEP_MARGIN : 1;
  }

  /** f (1 - f) at the ends of the window. */
  #tail(tolerance: number): number {
    return this.#response && this.#solver.pairs ? RESPONSE_TAIL : TAIL * tolerance;
  }

  #attempt(tolerance: number): IntegralStatus {
    // In higher precision few panels are enough. In doubles no number of panels would overcome the
    // noise.
    const { count } = this.window.window.resonances;
    this.#request.panels = this.#integrand.refining
      ? Math.max(REFINED_PANELS, PANELS_EACH * count)
      : undefined;
    const { mu, temperature } = this.#fillings;
    this.#integrand.unitarity = 0;
    // Each part is judged on the scale of the sum so far: the window on that with the cold steps,
    // the sea on that with both.
    const solved = this.#steps.add();
    this.window.window.sharpSteps = this.#steps.near;
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
   * Whether the lost digits are those of the leads next to an edge where integrands are steep.
   * Higher precision takes the self-energies in doubles and cannot restore them.
   */
  get #limitedByLeads(): boolean {
    return this.steepEdges.some((edge) => this.#solver.lostAt(edge) > 0);
  }
}
