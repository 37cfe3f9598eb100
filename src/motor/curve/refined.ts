// Curves over the turn with a few peaks much narrower than the turn, as where a state nearly bound
// at a transverse threshold of a wide lead passes that threshold. A uniform grid would need the
// spacing of the narrowest peak everywhere. Here each interval of a uniform grid is halved until
// polynomials through the neighbouring angles agree inside it: one of degree nine through ten
// angles and one of degree five through six of these. Half of their difference bounds the error of
// the former with a margin (it is mostly several times as large). A new sample is compared with the
// polynomial that predicted it, and its neighbourhood is halved once more if the miss is a surprise.
//
// Every angle is one of a uniform grid with two to a power angles, so that no sample is lost. Cost:
// about ten samples per peak and factor of two between its width and the spacing of the first grid.

import { TURN } from "../../base/constants.js";
import { gaussRule } from "../../numerics/quadrature/gauss.js";
import type { Trail } from "../../numerics/quadrature/trail.js";
import type { Allowance } from "./panels.js";

/** Angles of the interpolating polynomial, half of them on either side of an interval. */
const WIDE = 10;
/** Angles of the polynomial that it is compared with. */
const NARROW = 6;
/**
 * The parts of an interval at which they are compared. At the middle alone they agree on a jump
 * there, and wherever else the curve is odd about it.
 */
const COMPARED = [0.3, 0.5, 0.7];
/** Ratio of the error of the wide polynomial to the difference of both, with a margin. */
const MARGIN = 0.5;
/** A sample that misses its prediction by this factor more than estimated casts doubt on both halves. */
const SURPRISE = 8;
/** Most samples, and most halvings of an interval of the first grid. */
const MOST_SAMPLES = 3000;
const MOST_HALVINGS = 16;
/** Size of the first grid of a turn (curve.ts), whose angles a symmetric device may single out. */
export const FIRST = 16;
/**
 * Part of the distance of a sample from its neighbours' polynomials within which these agree, if
 * the sample is an exception.
 */
const EXCEPTION = 0.01;

/** Returns the samples at many angles, each of which may follow the trail of one nearby. */
export type RefinedSamples = (
  requests: readonly { theta: number; after?: Trail }[],
) => { values: Float64Array; trail?: Trail }[];

/** The interval between two neighbouring angles. */
interface Interval {
  from: number;
  to: number;
  /** Number of times that an interval of the first grid was halved to give this one. */
  halvings: number;
  /** The sample at `from`, and its trail. */
  sample: Float64Array;
  trail: Trail | undefined;
  /** Whether the samples near it have missed their predictions, so that it must be halved. */
  doubted: boolean;
}

/** Barycentric weights on some angles around an interval, for values inside it. */
interface Stencil {
  angles: Float64Array;
  weights: Float64Array;
  samples: Float64Array[];
}

/** The samples of one turn on a grid that is finer where the curves are sharp. */
export class RefinedTurn {
  readonly #sample: RefinedSamples;
  readonly #components: number;
  readonly #allowance: Allowance;
  /** Number of the first components that are smooth; the others are interpolated linearly. */
  readonly #smooth: number;
  #intervals: Interval[];
  /** Errors of the values per component in each interval, and the largest misses at trial angles. */
  #estimates: Float64Array[] = [];
  readonly #missed: Float64Array;

  /**
   * Begins with the samples of a uniform grid from the angle `start` on. `allowance` gives the
   * allowed errors (panels.ts).
   */
  constructor(
    sample: RefinedSamples,
    smooth: number,
    allowance: Allowance,
    {
      start,
      samples,
      trails = [],
    }: { start: number; samples: readonly Float64Array[]; trails?: readonly Trail[] },
  ) {
    this.#sample = sample;
    this.#smooth = smooth;
    this.#allowance = allowance;
    this.#components = samples[0].length;
    this.#missed = new Float64Array(this.#components);
    const angle = (j: number) => start + (TURN * j) / samples.length;
    this.#intervals = samples.map((sample, j) => ({
      from: angle(j),
      to: angle(j + 1),
      halvings: 0,
      sample,
      trail: trails[j],
      doubted: false,
    }));
  }

  /** Number of angles with a sample. */
  get count(): number {
    return this.#intervals.length;
  }

  /** Part of the intervals that are not resolved yet. */
  get open(): number {
    return this.#unresolved(this.#allowed()).size / this.count;
  }

  /**
   * Refines the grid. At the angles `trials` the result is compared with samples. Returns an angle
   * that the largest number of samples does not resolve, or undefined. With `wary` the refinement is
   * given up where the curve is exceptional at an angle of the first grid.
   */
  build(trials: readonly number[], wary = false): number | undefined {
    let tried: [theta: number, sample: Float64Array][] = [];
    for (;;) {
      const allowed = this.#allowed();
      const open = this.#unresolved(allowed);
      if (open.size === 0 && tried.length === 0)
        tried = this.#sample(
          trials.map((theta) => ({ theta, after: this.#intervals[this.#indexOf(theta)].trail })),
        ).map(({ values }, k) => [trials[k], values]);
      if (open.size === 0) for (const index of this.#wrong(tried, allowed)) open.add(index);
      if (open.size === 0) {
        this.#noteMissed(tried);
        return undefined;
      }
      for (const index of open) {
        const { from, to, halvings } = this.#intervals[index];
        if (this.count + open.size > MOST_SAMPLES || halvings === MOST_HALVINGS) return 0.5 * (from + to);
        const exception = [index, (index + 1) % this.count].find(
          (at) => wary && this.#isException(at, allowed),
        );
        if (exception !== undefined) return this.#intervals[exception].from;
      }
      this.#halve(open);
    }
  }

  /**
   * Whether the sample at the beginning of an interval is an exception: one of the FIRST angles with
   * which uniform grids begin, whose neighbours agree on another value.
   */
  #isException(index: number, allowed: Float64Array): boolean {
    const { from, sample } = this.#intervals[index];
    const place = ((from - this.#intervals[0].from) * FIRST) / TURN;
    if (Math.abs(place - Math.round(place)) > 1e-9) return false;
    const [wide, narrow] = [WIDE, NARROW].map((count) =>
      this.#valueIn(index, this.#stencil(index, count, true), from),
    );
    return sample.some((value, i) => {
      const miss = Math.abs(wide[i] - value);
      return miss > allowed[i] && Math.abs(wide[i] - narrow[i]) < EXCEPTION * miss;
    });
  }

  /** Integral of each component over the turn. */
  integrals(): Float64Array {
    const sums = new Float64Array(this.#components);
    const { nodes, weights } = gaussRule(WIDE);
    for (const [index, { from, to }] of this.#intervals.entries()) {
      const [middle, half] = [0.5 * (from + to), 0.5 * (to - from)];
      const stencil = this.#stencil(index, WIDE);
      for (const [k, node] of nodes.entries())
        for (const side of [-node, node]) {
          const value = this.#valueIn(index, stencil, middle + half * side);
          for (let i = 0; i < sums.length; i++) sums[i] += half * weights[k] * value[i];
        }
    }
    return sums;
  }

  /** Bounds of the errors per component: of the integrals, and of the values at any angle. */
  errors(): { integral: Float64Array; value: Float64Array } {
    const integral = new Float64Array(this.#components);
    const value = this.#missed.slice();
    for (const [index, { from, to }] of this.#intervals.entries())
      for (let i = 0; i < this.#smooth; i++) {
        integral[i] += (to - from) * this.#estimates[index][i];
        value[i] = Math.max(value[i], this.#estimates[index][i]);
      }
    return { integral, value };
  }

  /** All components at an angle. */
  valueAt(theta: number): Float64Array {
    const index = this.#indexOf(theta);
    return this.#valueIn(index, this.#stencil(index, WIDE), this.#turned(theta));
  }

  /** The largest |sample| per component. */
  largest(): Float64Array {
    const largest = new Float64Array(this.#components);
    for (const { sample } of this.#intervals)
      for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i], Math.abs(sample[i]));
    return largest;
  }

  #allowed(): Float64Array {
    return this.#allowance(this.largest());
  }

  /** The intervals whose estimated errors exceed the allowed ones. */
  #unresolved(allowed: Float64Array): Set<number> {
    const open = new Set<number>();
    this.#estimates = this.#intervals.map((_, index) => this.#estimate(index));
    for (const [index, { doubted }] of this.#intervals.entries())
      if (doubted || exceeds(this.#estimates[index], allowed)) open.add(index);
    return open;
  }

  /** The estimated errors of the values in an interval, per component. */
  #estimate(index: number): Float64Array {
    const { from, to } = this.#intervals[index];
    const [wide, narrow] = [this.#stencil(index, WIDE), this.#stencil(index, NARROW)];
    const estimate = new Float64Array(this.#components);
    for (const part of COMPARED) {
      const theta = from + part * (to - from);
      const [value, other] = [this.#valueIn(index, wide, theta), this.#valueIn(index, narrow, theta)];
      for (let i = 0; i < estimate.length; i++)
        estimate[i] = Math.max(estimate[i], MARGIN * Math.abs(value[i] - other[i]));
    }
    return estimate;
  }

  /** Samples the middles of some intervals and divides the intervals there. */
  #halve(open: ReadonlySet<number>): void {
    const allowed = this.#allowed();
    const before = this.#estimates;
    const halved = [...open].sort((a, b) => a - b);
    const predictions = halved.map((index) => {
      const { from, to, trail: after } = this.#intervals[index];
      const middle = 0.5 * (from + to);
      return { theta: middle, after, value: this.#valueIn(index, this.#stencil(index, WIDE), middle) };
    });
    const found = this.#sample(predictions.map(({ theta, after }) => ({ theta, after })));
    const middles = new Map(halved.map((index, k) => [index, { ...predictions[k], ...found[k] }]));
    this.#intervals = this.#intervals.flatMap((interval, index) => {
      const at = middles.get(index);
      if (!at) return [interval];
      const { theta: middle, value, values: sample, trail } = at;
      const doubted = value.some(
        (x, i) => Math.abs(x - sample[i]) > SURPRISE * Math.max(before[index][i], allowed[i]),
      );
      const halvings = interval.halvings + 1;
      return [
        { ...interval, to: middle, halvings, doubted },
        { from: middle, to: interval.to, halvings, sample, trail, doubted },
      ];
    });
  }

  /** The intervals whose values miss a sample. */
  #wrong(tried: readonly [number, Float64Array][], allowed: Float64Array): number[] {
    return tried.flatMap(([theta, sample]) => {
      const value = this.valueAt(theta);
      const miss = value.map((x, i) => Math.abs(x - sample[i]));
      return exceeds(miss, allowed) ? [this.#indexOf(theta)] : [];
    });
  }

  #noteMissed(tried: readonly [number, Float64Array][]): void {
    for (const [theta, sample] of tried) {
      const value = this.valueAt(theta);
      for (let i = 0; i < this.#smooth; i++)
        this.#missed[i] = Math.max(this.#missed[i], Math.abs(value[i] - sample[i]));
    }
  }

  /** The angle plus whole turns, so that it lies on the grid. */
  #turned(theta: number): number {
    const start = this.#intervals[0].from;
    return start + ((((theta - start) % TURN) + TURN) % TURN);
  }

  #indexOf(theta: number): number {
    const turned = this.#turned(theta);
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#intervals[middle].from <= turned) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The polynomial through `count` angles, half of them on either side of an interval, or with
   * `without` on either side of its beginning.
   */
  #stencil(index: number, count: number, without = false): Stencil {
    const angles = new Float64Array(count);
    const samples: Float64Array[] = [];
    const all = this.count;
    for (let k = 0; k < count; k++) {
      const at = index + 1 - count / 2 + k - (without && k < count / 2 ? 1 : 0);
      const turns = Math.floor(at / all);
      const { from, sample } = this.#intervals[at - turns * all];
      angles[k] = from + TURN * turns;
      samples.push(sample);
    }
    const span = angles[count - 1] - angles[0];
    const weights = angles.map((theta, k) =>
      angles.reduce((product, other, j) => (j === k ? product : (product * span) / (theta - other)), 1),
    );
    return { angles, weights, samples };
  }

  /** All components at an angle in an interval. */
  #valueIn(index: number, { angles, weights, samples }: Stencil, theta: number): Float64Array {
    const out = new Float64Array(this.#components);
    const add = (share: number, sample: Float64Array, first: number, end: number): void => {
      for (let i = first; i < end; i++) out[i] += share * sample[i];
    };
    const hit = angles.indexOf(theta);
    if (hit >= 0) return samples[hit].slice();
    let total = 0;
    for (let k = 0; k < angles.length; k++) total += weights[k] / (theta - angles[k]);
    for (let k = 0; k < angles.length; k++)
      add(weights[k] / (theta - angles[k]) / total, samples[k], 0, this.#smooth);
    const { from, to, sample } = this.#intervals[index];
    const next = this.#intervals[(index + 1) % this.count].sample;
    const part = (theta - from) / (to - from);
    add(1 - part, sample, this.#smooth, out.length);
    add(part, next, this.#smooth, out.length);
    return out;
  }
}

const exceeds = (errors: Float64Array, allowed: Float64Array): boolean =>
  errors.some((error, i) => error > allowed[i]);
