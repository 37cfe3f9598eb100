// The trapezoidal rule for an analytic integrand that decays at both ends, for example one weighted
// with Fermi functions at a finite temperature. Its error decreases like exp(-2 pi d / h), where h
// is the step and d is the distance of the nearest pole (pi T, or half the width of a resonance),
// so that halving the step squares the error. It needs a third of the nodes of Gauss-Kronrod
// panels, and all nodes are reused when the step is halved. The error is estimated from two
// successive changes, and from the nearest pole that is known: of two poles the one with the larger
// residue may hide the nearer one until it has converged itself. The integrator gives up
// (converged: false) if the changes do not decrease in this way.

import { plainNodes, type VectorIntegrand } from "./integrand.js";
import { type IntegralRequest, type IntegralStatus, ToleranceGauge } from "./tolerance.js";

/** Number of halvings before there is an error estimate. */
const LEAST = 2;
/** Largest number of intervals. With more of them panels are cheaper. */
const MOST = 700;
/**
 * Ratio of two changes below which the error decreases with its square, and ratio above which
 * convergence is too slow.
 */
const EXPONENTIAL = 0.02;
const SLOW = 0.3;
const SAFETY = 10;
/**
 * The reported error is at least this fraction of the accepted one, because a change may be small
 * by chance (if the nodes lie favourably relative to a resonance).
 */
const LEAST_CLAIM = 0.5;

/** The poles of an integrand, as far as they are known. */
export interface KnownPoles {
  /** Distance from the real axis of poles that do not show in the samples. */
  distance: number;
  /** A component that is a sum of lines 2 d / (x^2 + d^2), one for each other pole at distance d. */
  lines: number;
}

/** Integrates vectors of functions. Its memory is reused from integral to integral. */
export class TrapezoidIntegrator {
  /** The integrals per component. */
  readonly values: Float64Array;
  /** The estimated absolute errors per component, rounding included. */
  readonly errors: Float64Array;
  private readonly sizes: Float64Array;
  private readonly gauge: ToleranceGauge;
  private samples = new Float64Array();
  private readonly sums: Float64Array;
  private readonly absolute: Float64Array;
  private readonly change: Float64Array;
  private readonly before: Float64Array;
  private readonly nodes = new Float64Array(MOST + 1);
  /** The largest sample of KnownPoles.lines. */
  private peak = 0;

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

  /** The scale of each component's group, without floors. */
  get scales(): Float64Array {
    return this.gauge.scale;
  }

  /** Integrates from low to high, starting with a step of at most `step`. */
  integrate(
    integrand: VectorIntegrand,
    low: number,
    high: number,
    step: number,
    request: IntegralRequest,
    poles?: KnownPoles,
  ): IntegralStatus {
    const { values, errors, sizes, gauge, sums, absolute } = this;
    const components = values.length;
    const counted = request.counted ?? components;
    const intervals = Math.max(4, Math.ceil((high - low) / step));
    let h = (high - low) / intervals;
    sums.fill(0);
    absolute.fill(0);
    for (let i = 0; i <= intervals; i++) this.nodes[i] = i === intervals ? high : low + i * h;
    this.peak = 0;
    this.addNodes(integrand, intervals + 1, 0.5, poles?.lines);
    for (let i = 0; i < components; i++) values[i] = h * sums[i];

    let count = intervals;
    let excess = Number.POSITIVE_INFINITY;
    for (let level = 1; excess > 1 && 2 * count <= MOST; level++) {
      for (let i = 0; i < count; i++) this.nodes[i] = low + (i + 0.5) * h;
      this.addNodes(integrand, count, 1, poles?.lines);
      count *= 2;
      h /= 2;
      this.halved(h, request.groups, counted);
      if (level < LEAST) continue;
      for (let i = 0; i < components; i++) sizes[i] = h * absolute[i];
      excess = gauge.measure(request, values, errors, sizes);
      if (excess <= 1) break;
      const ratio = this.slowestRatio(request.groups, counted);
      // The last change is that of the step 2 h, exp(-pi d / h) of a residue at the distance d.
      const next = poles ? Math.exp((-Math.PI / h) * Math.min(poles.distance, 2 / this.peak)) : 0;
      const expected = Math.min(1, SAFETY * Math.max(next, ratio ** (ratio < EXPONENTIAL ? 2 : 1.5)));
      for (let i = 0; i < counted; i++)
        errors[i] = Math.max(errors[i] * expected, LEAST_CLAIM * gauge.allowed[i]);
      excess *= expected;
      if (ratio > SLOW) break;
    }
    const judgement = gauge.conclude(request, errors);
    return { converged: excess <= 1, ...judgement, evaluations: count + 1, worst: 0.5 * (low + high) };
  }

  /**
   * Adds the samples at the first `count` nodes to the sums. The first and the last node have the
   * weight `ends`.
   */
  private addNodes(integrand: VectorIntegrand, count: number, ends: number, lines?: number): void {
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
      if (lines !== undefined) this.peak = Math.max(this.peak, samples[k * n + lines]);
    }
  }

  /**
   * Computes the values for the halved step. The errors are first set to the largest change per
   * group.
   */
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
   * The largest ratio of successive changes. Each change is a constant times the square of the one
   * before, so that the next change (the error) is change x ratio^2. If there are several poles,
   * the one that converges most slowly counts. It may dominate one group and not be visible yet in
   * the others, so that the largest ratio is used for all groups.
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
