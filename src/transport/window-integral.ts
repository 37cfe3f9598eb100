// The integral of transport over the energy window, by the cheapest way that is certain:
// - warm reservoirs and no band edge inside: the trapezoidal rule (trapezoid.ts); otherwise, or where it does not converge,
//   adaptive Gauss-Kronrod panels between everything sharp (window.ts);
// - afterwards the integral of the time delay, a component of the integrand, is held against the exact number of states in the
//   window (state-count.ts). Where states are missing a narrow resonance was stepped over: then all resonances are searched for
//   (resonances.ts) and the integral is done again with panels around them.

import type { ScatteringSolver } from "../scattering/point.js";
import { AdaptiveIntegrator } from "./quadrature.js";
import type { IntegralRequest, IntegralStatus, VectorIntegrand } from "./tolerance.js";
import { TrapezoidIntegrator } from "./trapezoid.js";
import { EnergyWindow } from "./window.js";

/** First step of the trapezoidal rule in units of the lowest temperature: a quarter of it is exact to 1e-9 between poles at pi T. */
const STEP = 3.8;
/** Most intervals it starts with. */
const INTERVALS = 64;
/** States by which the two counts may differ: a resonance missed makes one. */
const MISSING = 0.25;

/** Least scale of the time delay's group: at `tolerance` it comes out to a tenth of a state. */
export function delayFloor(tolerance: number): number {
  return (0.1 * 2 * Math.PI) / tolerance;
}

export class WindowIntegrator {
  readonly window: EnergyWindow;
  private readonly adaptive: AdaptiveIntegrator;
  private readonly trapezoid: TrapezoidIntegrator;
  /** Which component is the time delay. */
  private readonly delay: number;
  private byTrapezoid = false;

  constructor(solver: ScatteringSolver, components: number, delay: number) {
    this.window = new EnergyWindow(solver);
    this.adaptive = new AdaptiveIntegrator(components);
    this.trapezoid = new TrapezoidIntegrator(components);
    this.delay = delay;
  }

  /** Integrals per component after `integrate`. */
  get values(): Float64Array {
    return this.byTrapezoid ? this.trapezoid.values : this.adaptive.values;
  }

  /** Estimated absolute errors per component. */
  get errors(): Float64Array {
    return this.byTrapezoid ? this.trapezoid.errors : this.adaptive.errors;
  }

  /**
   * Lays the window for fillings (mu_a, T_a), see EnergyWindow.lay; `request` may depend on its span through `prepare`.
   * Integrates; the evaluations of the status count all attempts.
   */
  integrate(
    mu: Float64Array,
    temperature: Float64Array,
    fraction: number,
    integrand: VectorIntegrand,
    request: IntegralRequest,
  ): IntegralStatus {
    const { window } = this;
    window.lay(mu, temperature, fraction, false);
    let evaluations = 0;
    this.byTrapezoid = this.suitsTrapezoid(temperature);
    if (this.byTrapezoid) {
      const step = STEP * lowest(temperature);
      const status = this.trapezoid.integrate(integrand, window.low, window.high, step, request);
      evaluations += status.evaluations;
      if (status.converged && this.isComplete()) return status;
    }
    this.byTrapezoid = false;
    let status = window.integrate(this.adaptive, integrand, request);
    evaluations += status.evaluations;
    if (!window.empty && !(status.converged && this.isComplete())) {
      window.searchResonances();
      if (!status.converged || window.resonances.count > 0) {
        status = window.integrate(this.adaptive, integrand, request);
        evaluations += status.evaluations;
      }
    }
    status.evaluations = evaluations;
    return status;
  }

  private suitsTrapezoid(temperature: Float64Array): boolean {
    const { window } = this;
    const least = lowest(temperature);
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
