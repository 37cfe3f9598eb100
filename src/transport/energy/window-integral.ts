// The integral of transport over the energy window, by the cheapest way that is certain:
// - warm reservoirs and no band edge inside: the trapezoidal rule (trapezoid.ts); otherwise, or
//   where it does not converge, adaptive Gauss-Kronrod panels between everything sharp (window.ts);
//   Gauss panels where many warm integrals alike follow each other, which then have their nodes in
//   common;
// - afterwards the integral of the time delay, a component of the integrand, is held against the
//   exact number of states in the window (state-count.ts). Where states are missing a narrow
//   resonance was stepped over: then all resonances are searched for (resonances.ts) and the
//   integral is done again with panels around them.

import { NumericalError } from "../../base/errors.js";
import { AdaptiveIntegrator } from "../../numerics/quadrature/adaptive.js";
import { gauss16 } from "../../numerics/quadrature/gauss.js";
import type { VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { PanelHistory } from "../../numerics/quadrature/panel-history.js";
import type { IntegralRequest, IntegralStatus } from "../../numerics/quadrature/tolerance.js";
import { TrapezoidIntegrator } from "../../numerics/quadrature/trapezoid.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { thermalReach } from "./fermi.js";
import { GuardedIntegrand } from "./guarded.js";
import { EnergyWindow } from "./window.js";

/**
 * First step of the trapezoidal rule in units of the lowest temperature: an eighth of it is safe to
 * 1e-9 between poles at pi T.
 */
const STEP = 3.8;
/** Most intervals it starts with. */
const INTERVALS = 64;
/** Least temperature, in units of the energies. */
const DIGITS = 1e-5;
/**
 * Most integrals in a row that make no use of the division before, where one has cost more with it
 * than without.
 */
const PATIENCE = 63;
/** f (1 - f) where nothing can be seen any more, however narrow. */
const DEEPEST = 1e-18;
/**
 * Distance from the end of the window, in units of T, over which the line of a level inside is cut
 * off by it.
 */
const FOOT = 6;
/** States by which the two counts may differ: a resonance missed makes one. */
const MISSING = 0.25;

/** Least scale of the time delay's group: at `tolerance` it comes out to a tenth of a state. */
export function delayFloor(tolerance: number): number {
  return (0.1 * 2 * Math.PI) / tolerance;
}

export class WindowIntegrator {
  readonly window: EnergyWindow;
  /**
   * Whether the last integral accounted for all states in the window: no level there that no lead
   * sees.
   */
  complete = false;
  /**
   * Whether the delay, converged or not, accounts for all states: then nothing was stepped over,
   * and errors of what did converge hold.
   */
  accounted = false;
  private readonly solver: ScatteringSolver;
  private readonly kronrod: AdaptiveIntegrator;
  private readonly gauss: AdaptiveIntegrator | undefined;
  private readonly trapezoid: TrapezoidIntegrator;
  /** The one that the last integral was done by. */
  private integrator: AdaptiveIntegrator | TrapezoidIntegrator;
  /** Which component is the time delay. */
  private readonly delay: number;
  /**
   * Whether an integral begins with the panels at which the last one over as many pieces of the
   * same window ended, and those.
   */
  private readonly following: boolean;
  private history: { low: number; high: number; pieces: number; panels: PanelHistory } | undefined;
  /**
   * Energies that the last integral without a known division took, and how many more are to do
   * without after a known one took more.
   */
  private without = 0;
  private wait = 0;
  private waiting = 0;
  private readonly guarded: GuardedIntegrand;

  /**
   * `following`: for many similar configurations one after the other, whose results may then depend
   * on those before within their errors.
   */
  constructor(solver: ScatteringSolver, components: number, delay: number, following = false) {
    this.solver = solver;
    this.window = new EnergyWindow(solver);
    this.kronrod = new AdaptiveIntegrator(components);
    if (following) this.gauss = new AdaptiveIntegrator(components, gauss16);
    this.trapezoid = new TrapezoidIntegrator(components);
    this.integrator = this.kronrod;
    this.delay = delay;
    this.following = following;
    this.guarded = new GuardedIntegrand(components, () => this.window.high - this.window.low);
  }

  /** Integrals per component after `integrate`. */
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
   * Lays the window for fillings (mu_a, T_a), see EnergyWindow.lay; `request` may depend on its
   * span through `prepare`. Integrates; the evaluations of the status count all attempts.
   */
  integrate(
    mu: Float64Array,
    temperature: Float64Array,
    fraction: number,
    integrand: VectorIntegrand,
    request: IntegralRequest,
  ): IntegralStatus {
    const { window } = this;
    this.guarded.guard(integrand, request);
    window.lay(mu, temperature, fraction, false);
    const deep = fraction > DEEPEST && this.hidesLevels(mu, temperature);
    if (deep) window.lay(mu, temperature, DEEPEST, false);
    let evaluations = 0;
    const { history } = this;
    // Steps of fillings may move inside, but not appear or vanish: panels are told in pieces.
    const same =
      history?.low === window.low &&
      history.high === window.high &&
      history.pieces === window.pieceCount &&
      window.steep.length === 0;
    const known = same ? history.panels : undefined;
    if (!known && !deep && this.suitsTrapezoid(temperature)) {
      const step = STEP * lowest(temperature);
      this.integrator = this.trapezoid;
      const status = this.trapezoid.integrate(this.guarded, window.low, window.high, step, request);
      evaluations += status.evaluations;
      this.complete = status.converged && this.isComplete();
      this.accounted = this.complete;
      if (this.complete) return status;
    }
    const adaptive = lowest(temperature) > 0 ? (this.gauss ?? this.kronrod) : this.kronrod;
    this.integrator = adaptive;
    let found = false;
    let status = window.integrate(adaptive, this.guarded, request, known);
    evaluations += status.evaluations;
    this.complete = window.empty || (status.converged && this.isComplete());
    if (!this.complete && request.budget?.spent) {
      // What the panels stepped over is not known, and so is no error.
      Object.assign(status, { converged: false, relativeError: Number.POSITIVE_INFINITY });
    } else if (!this.complete) {
      window.searchResonances();
      found = window.resonances.count > 0;
      if (!status.converged || found) {
        status = window.integrate(adaptive, this.guarded, request);
        evaluations += status.evaluations;
      }
    }
    this.accounted = this.complete || (!status.converged && this.isComplete());
    status.evaluations = evaluations;
    if (this.following && !window.empty) this.keepHistory(adaptive, evaluations, known, found);
    return status;
  }

  /**
   * Keeps the division just found for the next integral, as long as that saves energies and no
   * narrow resonance had to be searched for. It is seldom laid afresh, so that most integrals have
   * their nodes in common.
   */
  private keepHistory(
    adaptive: AdaptiveIntegrator,
    evaluations: number,
    known: PanelHistory | undefined,
    narrow: boolean,
  ): void {
    if (!known) this.without = evaluations;
    else if (evaluations < this.without) this.wait = 0;
    else {
      this.wait = Math.min(2 * this.wait + 1, PATIENCE);
      this.waiting = this.wait;
    }
    const { low, high, pieceCount: pieces } = this.window;
    if (this.waiting === 0 && !narrow) {
      const panels = known ?? new PanelHistory(adaptive.rule.power);
      panels.keepPanels(adaptive.panels, () => this.window.kinks());
      this.history = { low, high, pieces, panels };
    } else {
      this.history = undefined;
      this.waiting = Math.max(0, this.waiting - 1);
    }
  }

  /**
   * Whether there are levels in the thermal tails beyond the window. One of width w counts there
   * like f (1 - f) / w, which may be all there is where the window itself sees only the foot of its
   * line; so may one just inside, whose line is cut by the end. What else lies there is smooth, and
   * f (1 - f) bounds it.
   */
  private hidesLevels(mu: Float64Array, temperature: Float64Array): boolean {
    const { window, solver } = this;
    if (!(window.high > window.low)) return false;
    const reach = thermalReach(DEEPEST);
    let [low, high, hottest] = [window.low, window.high, 0];
    for (let a = 0; a < mu.length; a++) {
      low = Math.min(low, mu[a] - reach * temperature[a]);
      high = Math.max(high, mu[a] + reach * temperature[a]);
      hottest = Math.max(hottest, temperature[a]);
    }
    if (low === window.low && high === window.high) return false;
    const between = (from: number, to: number) =>
      from < to && solver.eigenvaluesBelow(from) !== solver.eigenvaluesBelow(to);
    try {
      const inwards = FOOT * hottest;
      return between(low, window.low + inwards) || between(window.high - inwards, high);
    } catch (error) {
      // A lead without an answer at an end: as if there were one.
      if (error instanceof NumericalError) return true;
      throw error;
    }
  }

  private suitsTrapezoid(temperature: Float64Array): boolean {
    const { window } = this;
    const least = lowest(temperature);
    // Panels know their nodes to more digits than energies have.
    if (least < DIGITS * Math.max(Math.abs(window.low), Math.abs(window.high))) return false;
    return window.uninterrupted && least > 0 && window.high - window.low < INTERVALS * STEP * least;
  }

  /** Whether the delay integrated so far accounts for all states. */
  private isComplete(): boolean {
    return Math.abs(this.values[this.delay] / (2 * Math.PI) - this.window.countStates()) < MISSING;
  }
}

function lowest(temperature: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a < temperature.length; a++) least = Math.min(least, temperature[a]);
  return least;
}
