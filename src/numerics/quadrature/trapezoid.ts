// The trapezoidal rule for an analytic integrand that has died away at both ends, e.g. one weighted
// with warm Fermi functions: its error falls like exp(-2 pi d / h), d the distance of the nearest
// pole (pi T, or half the width of a resonance), so each halving of the step squares it; a third of
// the nodes that Gauss-Kronrod panels need. All nodes are used again when the step is halved. Error
// estimate from two successive changes; gives up (converged: false) where they do not fall like
// that.

import { plainNodes, type VectorIntegrand } from "./integrand.js";
import { type IntegralRequest, type IntegralStatus, ToleranceGauge } from "./tolerance.js";

/** Halvings after the first sum before there is an estimate. */
const LEAST = 2;
/** Most intervals: beyond that panels are cheaper. */
const MOST = 700;
/**
 * Ratio of two changes below which their squares count, and above which convergence is too slow to
 * wait for.
 */
const EXPONENTIAL = 0.02;
const SLOW = 0.3;
const SAFETY = 10;
/**
 * No error below this part of what is allowed is claimed: a change may be small by chance (nodes
 * lie well to a resonance).
 */
const LEAST_CLAIM = 0.5;

export class TrapezoidIntegrator {
  readonly values: Float64Array;
  /** Estimated absolute errors per component, rounding included. */
  readonly errors: Float64Array;
  private readonly sizes: Float64Array;
  private readonly gauge: ToleranceGauge;
  private samples = new Float64Array();
  private readonly sums: Float64Array;
  private readonly absolute: Float64Array;
  private readonly change: Float64Array;
  private readonly before: Float64Array;
  private readonly nodes = new Float64Array(MOST + 1);

  constructor(components: number) {
    const list = () => new Float64Array(components);
    this.values = list();
    this.errors = list();
    this.sizes = list();
    this.sums = list();
    this.absolute = list();
    this.change = list();
    this.before = list();
    this.gauge = new ToleranceGauge(components);
  }

  /** Scale of each component's group, without floors. */
  get scales(): Float64Array {
    return this.gauge.scale;
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
    for (let i = 0; i <= intervals; i++) this.nodes[i] = i === intervals ? high : low + i * h;
    this.addNodes(integrand, intervals + 1, 0.5);
    for (let i = 0; i < components; i++) values[i] = h * sums[i];

    let count = intervals;
    let excess = Number.POSITIVE_INFINITY;
    for (let level = 1; excess > 1 && 2 * count <= MOST; level++) {
      for (let i = 0; i < count; i++) this.nodes[i] = low + (i + 0.5) * h;
      this.addNodes(integrand, count, 1);
      count *= 2;
      h /= 2;
      this.halved(h, request.groups, counted);
      if (level < LEAST) continue;
      for (let i = 0; i < components; i++) sizes[i] = h * absolute[i];
      excess = gauge.measure(request, values, errors, sizes);
      if (excess <= 1) break;
      const ratio = this.slowestRatio(request.groups, counted);
      const expected = Math.min(1, SAFETY * ratio ** (ratio < EXPONENTIAL ? 2 : 1.5));
      for (let i = 0; i < counted; i++)
        errors[i] = Math.max(errors[i] * expected, LEAST_CLAIM * gauge.allowed[i]);
      excess *= expected;
      if (ratio > SLOW) break;
    }
    const judgement = gauge.conclude(request, errors);
    return { converged: excess <= 1, ...judgement, evaluations: count + 1, worst: 0.5 * (low + high) };
  }

  /**
   * Adds the samples at the first `count` nodes to the sums, the first and the last one with the
   * weight `ends`.
   */
  private addNodes(integrand: VectorIntegrand, count: number, ends: number): void {
    const { sums, absolute } = this;
    const n = sums.length;
    if (this.samples.length < count * n) this.samples = new Float64Array(2 * count * n);
    const { samples } = this;
    samples.fill(0, 0, count * n);
    integrand.evaluateNodes(plainNodes(this.nodes, count), samples, n);
    for (let k = 0, at = 0; k < count; k++) {
      const weight = k % (count - 1) === 0 ? ends : 1;
      for (let i = 0; i < n; i++, at++) {
        sums[i] += weight * samples[at];
        absolute[i] += weight * Math.abs(samples[at]);
      }
    }
  }

  /** Values at the halved step; the errors are, to begin with, the largest change per group. */
  private halved(h: number, groups: Int32Array, counted: number): void {
    const { values, errors, sums, change, before } = this;
    before.set(change);
    change.fill(0);
    for (let i = 0; i < values.length; i++) {
      const value = h * sums[i];
      if (i < counted) change[groups[i]] = Math.max(change[groups[i]], Math.abs(value - values[i]));
      values[i] = value;
    }
    for (let i = 0; i < counted; i++) {
      errors[i] = change[groups[i]];
      if (!Number.isFinite(errors[i])) errors[i] = Number.POSITIVE_INFINITY;
    }
  }

  /**
   * Each change is the square of the one before, times a constant, so the next one (the error) is
   * change x ratio^2. Of several poles the slowest counts, which may dominate one group and still
   * hide in the others: the largest ratio holds for all.
   */
  private slowestRatio(groups: Int32Array, counted: number): number {
    const { change, before, gauge } = this;
    let ratio = 0;
    for (let i = 0; i < counted; i++) {
      const [last, earlier] = [change[groups[i]], before[groups[i]]];
      if (last > gauge.allowed[i]) ratio = Math.max(ratio, earlier > 0 ? last / earlier : 1);
    }
    return ratio;
  }
}
