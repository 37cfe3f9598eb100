// The trapezoidal rule for an analytic integrand that has died away at both ends, e.g. one weighted with warm Fermi functions:
// its error falls like exp(-2 pi d / h), d the distance of the nearest pole (pi T, or half the width of a resonance), so each
// halving of the step squares it; a third of the nodes that Gauss-Kronrod panels need. All nodes are used again when the step is
// halved. Error estimate from two successive changes; gives up (converged: false) where they do not fall like that.

import {
  type IntegralRequest,
  type IntegralStatus,
  ToleranceGauge,
  type VectorIntegrand,
} from "./tolerance.js";

/** Halvings after the first sum; at least two are needed for an estimate. */
const LEAST = 2;
const MOST = 4;
/** Ratio of two changes below which convergence counts as exponential. */
const EXPONENTIAL = 0.05;
const SAFETY = 10;

export class TrapezoidIntegrator {
  readonly values: Float64Array;
  /** Estimated absolute errors per component, rounding included. */
  readonly errors: Float64Array;
  private readonly sizes: Float64Array;
  private readonly gauge: ToleranceGauge;
  private readonly sample: Float64Array;
  private readonly sums: Float64Array;
  private readonly absolute: Float64Array;
  private readonly change: Float64Array;
  private readonly before: Float64Array;

  constructor(components: number) {
    const list = () => new Float64Array(components);
    this.values = list();
    this.errors = list();
    this.sizes = list();
    this.sample = list();
    this.sums = list();
    this.absolute = list();
    this.change = list();
    this.before = list();
    this.gauge = new ToleranceGauge(components);
  }

  /** Integral from low to high, starting with a step of at most `step`. */
  integrate(
    integrand: VectorIntegrand,
    low: number,
    high: number,
    step: number,
    request: IntegralRequest,
  ): IntegralStatus {
    const { values, errors, sizes, gauge, sums, absolute } = this;
    const components = values.length;
    const counted = request.counted ?? components;
    const intervals = Math.max(4, Math.ceil((high - low) / step));
    let h = (high - low) / intervals;
    sums.fill(0);
    absolute.fill(0);
    for (let i = 0; i <= intervals; i++)
      this.addNode(integrand, i === intervals ? high : low + i * h, i % intervals === 0 ? 0.5 : 1);
    for (let i = 0; i < components; i++) values[i] = h * sums[i];

    let count = intervals;
    let excess = Number.POSITIVE_INFINITY;
    for (let level = 1; level <= MOST && excess > 1; level++) {
      for (let i = 0; i < count; i++) this.addNode(integrand, low + (i + 0.5) * h, 1);
      count *= 2;
      h /= 2;
      this.halved(h, request.groups);
      if (level < LEAST) continue;
      for (let i = 0; i < components; i++) sizes[i] = h * absolute[i];
      excess = gauge.measure(request, values, errors, sizes);
      // Far from converging: leave it to a method that adapts.
      if (excess > 1e4) break;
    }
    const relativeError = gauge.conclude(errors, counted);
    return { converged: excess <= 1, relativeError, evaluations: count + 1, worst: 0.5 * (low + high) };
  }

  private addNode(integrand: VectorIntegrand, x: number, weight: number): void {
    const { sample, sums, absolute } = this;
    sample.fill(0);
    integrand(x, sample);
    for (let i = 0; i < sums.length; i++) {
      sums[i] += weight * sample[i];
      absolute[i] += weight * Math.abs(sample[i]);
    }
  }

  /** Values at the halved step, and the errors that the last two changes (largest per group) let expect. */
  private halved(h: number, groups: Int32Array): void {
    const { values, errors, sums, change, before } = this;
    before.set(change);
    change.fill(0);
    for (let i = 0; i < values.length; i++) {
      const value = h * sums[i];
      change[groups[i]] = Math.max(change[groups[i]], Math.abs(value - values[i]));
      values[i] = value;
    }
    for (let i = 0; i < values.length; i++) {
      const [last, earlier] = [change[groups[i]], before[groups[i]]];
      const ratio = earlier > 0 ? last / earlier : 1;
      errors[i] = ratio < EXPONENTIAL ? last * Math.min(1, SAFETY * ratio * ratio) : last;
      if (!Number.isFinite(errors[i])) errors[i] = Number.POSITIVE_INFINITY;
    }
  }
}
