// The integral of transport over the energy window, by the cheapest way that is certain:
// - warm reservoirs and no band edge inside: the trapezoidal rule (trapezoid.ts); otherwise, or where it does not converge,
//   adaptive Gauss-Kronrod panels between everything sharp (window.ts);
// - afterwards the integral of the time delay, a component of the integrand, is held against the exact number of states in the
//   window (state-count.ts). Where states are missing a narrow resonance was stepped over: then all resonances are searched for
//   (resonances.ts) and the integral is done again with panels around them.

import { NumericalError } from "../model/errors.js";
import type { ScatteringSolver } from "../scattering/point.js";
import { AdaptiveIntegrator } from "./quadrature.js";
import type { IntegralRequest, IntegralStatus, VectorIntegrand } from "./tolerance.js";
import { TrapezoidIntegrator } from "./trapezoid.js";
import { EnergyWindow } from "./window.js";

/** First step of the trapezoidal rule in units of the lowest temperature: an eighth of it is safe to 1e-9 between poles at pi T. */
const STEP = 3.8;
/** Most intervals it starts with. */
const INTERVALS = 64;
/** Distance of the neighbours that stand for an energy without an answer, in units of the window, and their weights. */
const ASIDE = 1e-5;
const CUBIC = [
  [-2, -1 / 6],
  [-1, 4 / 6],
  [1, 4 / 6],
  [2, -1 / 6],
] as const;
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
  private integrand: VectorIntegrand = () => undefined;
  private readonly beside: Float64Array;

  constructor(solver: ScatteringSolver, components: number, delay: number) {
    this.window = new EnergyWindow(solver);
    this.adaptive = new AdaptiveIntegrator(components);
    this.trapezoid = new TrapezoidIntegrator(components);
    this.delay = delay;
    this.beside = new Float64Array(components);
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
    this.integrand = integrand;
    window.lay(mu, temperature, fraction, false);
    let evaluations = 0;
    this.byTrapezoid = this.suitsTrapezoid(temperature);
    if (this.byTrapezoid) {
      const step = STEP * lowest(temperature);
      const status = this.trapezoid.integrate(this.guarded, window.low, window.high, step, request);
      evaluations += status.evaluations;
      if (status.converged && this.isComplete()) return status;
    }
    this.byTrapezoid = false;
    let status = window.integrate(this.adaptive, this.guarded, request);
    evaluations += status.evaluations;
    if (!window.empty && !(status.converged && this.isComplete())) {
      window.searchResonances();
      if (!status.converged || window.resonances.count > 0) {
        status = window.integrate(this.adaptive, this.guarded, request);
        evaluations += status.evaluations;
      }
    }
    status.evaluations = evaluations;
    return status;
  }

  /**
   * The integrand; where the device has no answer at one energy (a level that no lead reaches, a crossing of modes in a lead) the cubic
   * through its neighbours: such points are removable, the error is of fourth order in their distance.
   */
  private readonly guarded = (energy: number, out: Float64Array): void => {
    try {
      this.integrand(energy, out);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      const distance = ASIDE * (this.window.high - this.window.low);
      for (let step = distance; ; step *= 3) {
        if (this.interpolated(energy, step, out)) return;
        if (step > 100 * distance) throw error;
      }
    }
  };

  private interpolated(energy: number, distance: number, out: Float64Array): boolean {
    const { beside } = this;
    out.fill(0);
    try {
      for (const [steps, weight] of CUBIC) {
        beside.fill(0);
        this.integrand(energy + steps * distance, beside);
        for (let i = 0; i < out.length; i++) out[i] += weight * beside[i];
      }
      return true;
    } catch (error) {
      if (error instanceof NumericalError) return false;
      throw error;
    }
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
