// The integral over the energy window by the cheapest method that is certain.
//
// - Warm reservoirs and no band edge inside: the trapezoidal rule (trapezoid.ts).
// - Otherwise, or where that does not converge: adaptive panels of 16 Gauss nodes between all sharp
//   features (window.ts). They take two thirds of the energies of Gauss-Kronrod panels.
// - Afterwards the integral of the time delay, which is a component of the integrand, is compared
//   with the exact number of states in the window (state-count.ts). If states are missing, the
//   panels have stepped over a narrow resonance. All resonances are then searched for
//   (resonances.ts), and the integral is repeated with panels around them.
// - What the thermal tails beyond the window may hold is bounded from the integrand there
//   (thermal-tails.ts). It is part of the error. If that is too much for a quantity (one whose
//   integral cancels), the integral is repeated over a wider window.
//
// Longer than most files: the methods are tried one after the other, and judged alike.

import { NumericalError } from "../../base/errors.js";
import { AdaptiveIntegrator } from "../../numerics/quadrature/adaptive.js";
import { gauss16 } from "../../numerics/quadrature/gauss.js";
import type { VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { PanelHistory, type PanelMemory } from "../../numerics/quadrature/panel-history.js";
import { type IntegralRequest, type IntegralStatus, ROUNDED } from "../../numerics/quadrature/tolerance.js";
import { noTrail, type Trail } from "../../numerics/quadrature/trail.js";
import { TrapezoidIntegrator } from "../../numerics/quadrature/trapezoid.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { GuardedIntegrand } from "./guarded.js";
import { DEEPEST, ThermalTails } from "./thermal-tails.js";
import { EnergyWindow } from "./window.js";

/**
 * First step of the trapezoidal rule in units of the lowest temperature. The poles of the integrand
 * lie at a distance of pi T, so that an eighth of this step is accurate to 1e-9.
 */
const STEP = 3.8;
/** Most intervals of the first step. */
const INTERVALS = 64;
/** Least temperature for the trapezoidal rule, in units of the energies. */
const DIGITS = 1e-5;
/**
 * Most integrals in succession that ignore the panels of their predecessor after these have proved
 * more expensive than none.
 */
const PATIENCE = 63;
/** Part of the accepted error that the tails take when a window was widened for them. */
const WIDENED = 0.1;
/**
 * Allowed difference of the two numbers of states. A missed resonance makes a difference of one.
 */
const MISSING = 0.25;

/**
 * Least scale of the time delay's group. At `tolerance` the delay is then known to a thousandth of a
 * state, so that the lines of all levels are resolved. Panels that hardly resolve a line understate
 * the errors of what it adds to other integrals.
 */
export function delayFloor(tolerance: number): number {
  return (0.001 * 2 * Math.PI) / tolerance;
}

/** The integrator of one solver for a fixed number of components; it keeps its buffers. */
export class WindowIntegrator {
  readonly window: EnergyWindow;
  /**
   * Whether the last integral converged and accounted for all states in the window, so that no
   * level there is hidden from the leads.
   */
  complete = false;
  /**
   * Whether the delay accounts for all states, even if some component did not converge. No
   * resonance was then stepped over, and the errors of the components that did converge hold.
   */
  accounted = false;
  private readonly adaptive: AdaptiveIntegrator;
  private readonly trapezoid: TrapezoidIntegrator;
  /** The integrator of the last integral. */
  private integrator: AdaptiveIntegrator | TrapezoidIntegrator;
  /** Index of the component that is the time delay. */
  private readonly delay: number;
  /**
   * Whether an integral begins with the final panels of the last one over the same window with as
   * many pieces.
   */
  private readonly following: boolean;
  /** What the last integral has left for the next one, if `following`. */
  trail: Trail = noTrail;
  private readonly guarded: GuardedIntegrand;
  private readonly tails: ThermalTails;
  /**
   * Whether the tails of the last window had no bound, so that it was laid out down to DEEPEST. The
   * next one that follows it is laid out so at once.
   */
  private deep = false;

  /**
   * `following` is for many similar configurations in succession. Their results may then depend on
   * their predecessors, within the stated errors.
   */
  constructor(solver: ScatteringSolver, components: number, delay: number, following = false) {
    this.window = new EnergyWindow(solver);
    this.adaptive = new AdaptiveIntegrator(components, gauss16);
    this.trapezoid = new TrapezoidIntegrator(components);
    this.integrator = this.adaptive;
    this.delay = delay;
    this.following = following;
    this.guarded = new GuardedIntegrand(components, () => this.window.high - this.window.low);
    this.tails = new ThermalTails(solver, this.guarded, components, delay);
  }

  /** Integrals per component, after `integrate`. */
  get values(): Float64Array {
    return this.integrator.values;
  }

  /** Scale of each component's group, without floors. */
  get scales(): Float64Array {
    return this.integrator.scales;
  }

  /** Estimated absolute errors per component. */
  get errors(): Float64Array {
    return this.integrator.errors;
  }

  /**
   * Lays out the window for fillings (mu_a, T_a) as EnergyWindow.lay does, and integrates. The
   * evaluations in the result count all attempts.
   */
  integrate(
    mu: Float64Array,
    temperature: Float64Array,
    fraction: number,
    integrand: VectorIntegrand,
    request: IntegralRequest,
  ): IntegralStatus {
    let evaluations = 0;
    const attempt = (depth: number): IntegralStatus => {
      const tail = Math.max(DEEPEST, depth * fraction);
      const status = this.attempt(mu, temperature, tail, integrand, request);
      evaluations += status.evaluations;
      if (this.following) this.trail = { ...this.trail, depth: this.deep ? 0 : depth };
      return { ...status, evaluations };
    };
    let { depth } = this.trail;
    let status = attempt(depth);
    while (status.beyond > ROUNDED && !request.budget?.spent) {
      const before = depth;
      depth = depth * fraction > 10 * DEEPEST ? (depth * WIDENED) / status.beyond : 0;
      try {
        status = attempt(depth);
      } catch (error) {
        // A table of S may end before the wider window does. The tails are then known as before.
        if (!(error instanceof NumericalError)) throw error;
        return attempt(before);
      }
    }
    return status;
  }

  /** Integrates over the window that ends at the given fraction. */
  private attempt(
    mu: Float64Array,
    temperature: Float64Array,
    fraction: number,
    integrand: VectorIntegrand,
    request: IntegralRequest,
  ): IntegralStatus {
    const { window, adaptive, tails } = this;
    this.guarded.guard(integrand, request);
    window.lay(mu, temperature, fraction, false);
    request.beyond = undefined;
    const cut = fraction > DEEPEST && window.high > window.low && !temperature.every((t) => t === 0);
    const deep = cut && !tails.bound(window, mu, temperature, request);
    this.deep = deep;
    if (deep) window.lay(mu, temperature, DEEPEST, false);
    else if (cut) request.beyond = tails.beyond;
    let evaluations = cut ? tails.evaluations : 0;
    const { panels } = this.trail;
    // Steps of fillings may move inside the window but not appear or vanish, because panels are
    // stored in units of the pieces.
    const same =
      panels?.low === window.low &&
      panels.high === window.high &&
      panels.pieces === window.pieceCount &&
      window.steep.length === 0 &&
      !window.cutsLines;
    const known = same ? panels.memory : undefined;
    if (!known && !deep && this.suitsTrapezoid(temperature)) {
      const coldest = lowest(temperature);
      const step = STEP * coldest;
      const poles = { distance: Math.PI * coldest, lines: this.delay };
      this.integrator = this.trapezoid;
      const status = this.trapezoid.integrate(this.guarded, window.low, window.high, step, request, poles);
      evaluations += status.evaluations;
      this.complete = status.converged && this.isComplete();
      this.accounted = this.complete;
      if (this.complete) return status;
    }
    this.integrator = adaptive;
    let found = false;
    let status = window.integrate(adaptive, this.guarded, request, known);
    evaluations += status.evaluations;
    this.complete = window.empty || (status.converged && this.isComplete());
    if (!this.complete && request.budget?.spent) {
      // A missed resonance has an unknown weight, so that no error can be stated.
      Object.assign(status, { converged: false, relativeError: Number.POSITIVE_INFINITY });
    } else if (!this.complete) {
      // The first search passes over levels that look broad. If states are then still missing,
      // beside those of levels that no lead sees, all levels are located.
      for (const all of [false, true]) {
        window.searchResonances(all);
        found = window.resonances.count > 0;
        if (!status.converged || found) {
          status = window.integrate(adaptive, this.guarded, request);
          evaluations += status.evaluations;
        }
        if (this.isComplete(window.darkLevels) || request.budget?.spent) break;
      }
    }
    this.accounted = this.complete || (!status.converged && this.isComplete());
    status.evaluations = evaluations;
    if (this.following && !window.empty) this.keepHistory(evaluations, known, found);
    return status;
  }

  /**
   * Keeps the panels just found for the next integral, as long as they save energies and no narrow
   * resonance had to be searched for. Fresh panels are rare, so that most integrals share their
   * nodes.
   */
  private keepHistory(evaluations: number, known: PanelMemory | undefined, narrow: boolean): void {
    let { without, wait, waiting, depth } = this.trail;
    if (!known) without = evaluations;
    else if (evaluations < without) wait = 0;
    else {
      wait = Math.min(2 * wait + 1, PATIENCE);
      waiting = wait;
    }
    if (waiting > 0 || narrow) {
      this.trail = { depth, without, wait, waiting: Math.max(0, waiting - 1) };
      return;
    }
    const history = new PanelHistory(this.adaptive.rule.power, known);
    history.keepPanels(this.adaptive.panels, () => this.window.marks());
    const { low, high, pieceCount: pieces } = this.window;
    this.trail = { depth, without, wait, waiting, panels: { low, high, pieces, memory: history.memory } };
  }

  /** Whether the trapezoidal rule suits the window that was just laid out. */
  private suitsTrapezoid(temperature: Float64Array): boolean {
    const { window } = this;
    const least = lowest(temperature);
    // Panels resolve their nodes to more digits than energies have; the trapezoidal rule does not.
    if (least < DIGITS * Math.max(Math.abs(window.low), Math.abs(window.high))) return false;
    return window.uninterrupted && least > 0 && window.high - window.low < INTERVALS * STEP * least;
  }

  /** Whether the integrated delay accounts for all states in the window but `dark` ones. */
  private isComplete(dark = 0): boolean {
    const seen = this.values[this.delay] / (2 * Math.PI);
    return Math.abs(seen + dark - this.window.countStates()) < MISSING;
  }
}

/** The lowest temperature; infinite if there is none. */
const lowest = (temperature: Float64Array): number => Math.min(...temperature);
