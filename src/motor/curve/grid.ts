// Samples at equispaced angles, doubled from grid to grid. A part of the new angles may determine
// the others (interleaved.ts).

import { TURN } from "../../base/constants.js";
import { fillOdd, isOfPart, type Part, parts } from "../../numerics/periodic/interleaved.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { Trail } from "../../numerics/quadrature/trail.js";
import type { AngleRequest, Sample, TurnSampler } from "../sampling/sampler.js";

/** Safety factor for the harmonics of the next grid. */
const LIKELY = 10;
/** Number of bisections towards an angle where a level crosses a chemical potential. */
const CROSSING_STEPS = 14;

/** What is known per angle of a grid. */
interface Grid {
  /** One vector per angle; angles without a sample are interpolated. */
  samples: Float64Array[];
  /** Numbers of levels below the cold chemical potentials. */
  levels: number[][];
  /** The trail of the sample; for an angle without a sample that of the angle before. */
  trails: Trail[];
}

const emptyGrid = (): Grid => ({ samples: [], levels: [], trails: [] });

/** The samples of one grid of angles after the other. */
export class TurnGrid {
  /** First angle, radians. */
  start = 0;
  /** Part of the last new angles that has samples of its own. */
  part: Part = 1;
  #grid: Grid = emptyGrid();
  readonly #sampler: TurnSampler;
  readonly #progress: (done: number, total: number) => void;

  constructor(sampler: TurnSampler, progress: (done: number, total: number) => void) {
    this.#sampler = sampler;
    this.#progress = progress;
  }

  /** Removes all samples. */
  restart(start: number): void {
    this.start = start;
    this.part = 1;
    this.#grid = emptyGrid();
  }

  /** One vector per angle; angles without a sample are interpolated. */
  get samples(): Float64Array[] {
    return this.#grid.samples;
  }

  /** The trail of each angle's sample; that of the angle before for one without a sample. */
  get trails(): readonly Trail[] {
    return this.#grid.trails;
  }

  /** Replaces the samples. */
  set samples(samples: Float64Array[]) {
    this.#grid.samples = samples;
  }

  get count(): number {
    return this.samples.length;
  }

  /** Number of angles with a sample of their own. */
  get sampled(): number {
    return (this.count * (1 + this.part)) / 2;
  }

  /** Begins the first grid with samples at `count` angles, a power of two. */
  begin(count: number): void {
    this.#progress(this.#sampler.done, count);
    const first = this.#sampler.sample({ theta: this.start });
    const grid = { samples: [first.values], levels: [first.levels], trails: [first.trail] };
    while (grid.samples.length < count) this.#double(grid, 1, count);
    this.#grid = grid;
  }

  /** Counts levels at `count` angles without samples. */
  levelsOnly(count: number): void {
    this.#grid.levels = Array.from({ length: count }, (_, j) => {
      this.#sampler.configure(this.#angle(j, count));
      return this.#sampler.levelsBelow();
    });
  }

  /** Doubles the number of angles, with samples at a part of the new ones. */
  double(part: Part): void {
    const grid = { ...this.#grid };
    this.#progress(this.#sampler.done, 2 * this.count);
    this.#double(grid, part, 2 * this.count);
    this.#grid = grid;
    this.part = part;
    this.#fill();
  }

  /**
   * Doubles the number of angles. Each new angle follows the one before it, which is one of the
   * earlier grid, so that the new ones are independent of each other. `total` is the number of
   * angles aimed at.
   */
  #double(grid: Grid, part: Part, total: number): void {
    const { samples, levels, trails } = grid;
    const count = 2 * samples.length;
    const between = samples.map(
      (sample, m): Sample => ({
        values: new Float64Array(sample.length),
        levels: levels[m],
        trail: trails[m],
      }),
    );
    const nodes = Array.from(between, (_, m) => m);
    for (const m of nodes) {
      if (isOfPart(m, part) || this.#sampler.cold.length === 0) continue;
      this.#sampler.configure(this.#angle(2 * m + 1, count));
      between[m].levels = this.#sampler.levelsBelow();
    }
    const sampled = nodes.filter((m) => isOfPart(m, part));
    const requests = sampled.map((m) => ({ theta: this.#angle(2 * m + 1, count), after: trails[m] }));
    for (const [k, sample] of this.#sampled(requests, total).entries()) between[sampled[k]] = sample;
    grid.samples = samples.flatMap((sample, m) => [sample, between[m].values]);
    grid.levels = levels.flatMap((numbers, m) => [numbers, between[m].levels]);
    grid.trails = trails.flatMap((trail, m) => [trail, between[m].trail]);
  }

  /** Adds samples at the next part of the new angles. */
  complete(): void {
    const { part, count } = this;
    const { samples, trails } = this.#grid;
    this.part = parts[parts.indexOf(part) + 1];
    const nodes = Array.from({ length: count / 2 }, (_, m) => m)
      .filter((m) => isOfPart(m, this.part) && !isOfPart(m, part))
      .map((m) => 2 * m + 1);
    const requests = nodes.map((j) => ({ theta: this.#angle(j, count), after: trails[j - 1] }));
    for (const [k, { values, trail }] of this.#sampled(requests, count).entries()) {
      samples[nodes[k]] = values;
      trails[nodes[k]] = trail;
    }
    this.#fill();
  }

  #sampled(requests: readonly AngleRequest[], total: number): Sample[] {
    return this.#sampler.samples(requests, () => this.#progress(this.#sampler.done, total));
  }

  /** The trail of the nearest angle before this one. */
  trailAt(theta: number): Trail | undefined {
    const { count } = this;
    const turned = (theta - this.start) / TURN;
    return this.#grid.trails[Math.floor((turned - Math.floor(turned)) * count) % count];
  }

  #angle(j: number, count: number): number {
    return this.start + (TURN * j) / count;
  }

  /** Interpolates the angles without a sample. */
  #fill(): void {
    const { samples, part } = this;
    if (part === 1) return;
    const n = samples.length / 2;
    const [even, odd] = [new Float64Array(n), new Float64Array(n)];
    for (let i = 0; i < samples[0].length; i++) {
      for (let m = 0; m < n; m++) {
        even[m] = samples[2 * m][i];
        odd[m] = samples[2 * m + 1][i];
      }
      fillOdd(even, odd, part);
      for (let m = 0; m < n; m++) samples[2 * m + 1][i] = odd[m];
    }
  }

  /** The curve of component i over the turn. */
  curve(i: number): PeriodicCurve {
    return new PeriodicCurve(
      this.samples.map((sample) => sample[i]),
      this.start,
    );
  }

  /**
   * The interpolation error of a curve of this grid, from the harmonics that its samples determine.
   */
  tail(curve: PeriodicCurve): number {
    return curve.tailOf(this.part === 1 ? curve.harmonics : this.sampled / 2 - 1);
  }

  /**
   * The part of the next grid's new angles that is likely to suffice. It is the least part for
   * which the harmonics, if they decrease as before, fall below the allowed errors.
   */
  likely(curves: readonly PeriodicCurve[], allowed: (i: number) => number): Part {
    const enough = (part: Part) =>
      curves.every(
        (curve, i) => LIKELY * predictedTail(curve, 1 + part) <= allowed(i) || curve.tail <= allowed(i),
      );
    return parts.find(enough) ?? 1;
  }

  /**
   * Whether a uniform grid of `most` angles is likely to suffice, if the harmonics decrease as
   * before.
   */
  suffices(most: number, curves: readonly PeriodicCurve[], allowed: (i: number) => number): boolean {
    const factor = most / this.count;
    return curves.every((curve, i) => curve.tail <= allowed(i) || predictedTail(curve, factor) <= allowed(i));
  }

  /** Scale of each group: the largest value of its components, but at least its floor. */
  scales(): Float64Array {
    const largest = new Float64Array(this.#sampler.groupOf.length);
    for (const sample of this.samples)
      for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i], Math.abs(sample[i]));
    return this.#sampler.scales(largest);
  }

  /** Angles where a level crosses a cold chemical potential. */
  crossings(): number[] {
    const { levels } = this.#grid;
    const count = levels.length;
    return levels.flatMap((here, j) =>
      this.#sampler.cold.flatMap((mu, k) =>
        here[k] === levels[(j + 1) % count][k]
          ? []
          : [this.#sampler.crossing(mu, here[k], this.#angle(j, count), TURN / count, CROSSING_STEPS)],
      ),
    );
  }

  /** The angle where component i differs most from the interpolant of every second sample. */
  roughest(i: number): number {
    const samples = this.samples.map((sample) => sample[i]);
    const half = new PeriodicCurve(samples.filter((_, j) => j % 2 === 0)).resample(samples.length);
    let worst = 0;
    for (let j = 0; j < samples.length; j++)
      if (Math.abs(samples[j] - half[j]) > Math.abs(samples[worst] - half[worst])) worst = j;
    return this.#angle(worst, samples.length);
  }
}

/** The tail of a curve with `factor` times as many harmonics, if they go on decreasing as before. */
function predictedTail(curve: PeriodicCurve, factor: number): number {
  const { tail, harmonics } = curve;
  let earlier = 0;
  for (let k = Math.floor(harmonics / 2) - 1; k <= harmonics / 2; k++)
    earlier = Math.max(earlier, curve.amplitude(k));
  return earlier > tail ? tail * (tail / earlier) ** (2 * (factor - 1)) : Number.POSITIVE_INFINITY;
}
