// Samples at equispaced angles, doubled from grid to grid. A part of the new angles may determine
// the others (interleaved.ts).

import { TURN } from "../../base/constants.js";
import { fillOdd, isOfPart, type Part, parts } from "../../numerics/periodic/interleaved.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { TurnSampler } from "./sampler.js";

/** Safety factor for the harmonics of the next grid. */
const LIKELY = 10;
/** Number of bisections towards an angle where a level crosses a chemical potential. */
const CROSSING_STEPS = 14;

/** The samples of one grid of angles after the other. */
export class TurnGrid {
  /** First angle, radians. */
  start = 0;
  /** Part of the last new angles that has samples of its own. */
  part: Part = 1;
  /** One vector per angle; angles without a sample are interpolated. */
  samples: Float64Array[] = [];
  /** Numbers of levels below the cold chemical potentials, per angle. */
  #levels: number[][] = [];
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
    this.samples = [];
    this.#levels = [];
  }

  get count(): number {
    return this.samples.length;
  }

  /** Number of angles with a sample of their own. */
  get sampled(): number {
    return (this.count * (1 + this.part)) / 2;
  }

  /** Begins the first grid with samples at `count` angles. */
  begin(count: number): void {
    this.#progress(this.#sampler.done, count);
    this.#levels = [];
    this.samples = Array.from({ length: count }, (_, j) => {
      const sample = this.#sample(j, count);
      this.#levels.push(this.#sampler.levelsBelow());
      return sample;
    });
  }

  /** Counts levels at `count` angles without samples. */
  levelsOnly(count: number): void {
    this.#levels = Array.from({ length: count }, (_, j) => {
      this.#sampler.configure(this.#angle(j, count));
      return this.#sampler.levelsBelow();
    });
  }

  /** Doubles the number of angles, with samples at a part of the new ones. */
  double(part: Part): void {
    const [before, levels] = [this.samples, this.#levels];
    const count = 2 * before.length;
    this.#progress(this.#sampler.done, count);
    this.#levels = [];
    this.samples = Array.from({ length: count }, (_, j) => {
      if (j % 2 === 0) {
        this.#levels.push(levels[j / 2]);
        return before[j / 2];
      }
      const sampled = isOfPart((j - 1) / 2, part);
      const sample = sampled ? this.#sample(j, count) : new Float64Array(before[0].length);
      if (!sampled && this.#sampler.cold.length > 0) this.#sampler.configure(this.#angle(j, count));
      this.#levels.push(this.#sampler.levelsBelow());
      return sample;
    });
    this.part = part;
    this.#fill();
  }

  /** Adds samples at the next part of the new angles. */
  complete(): void {
    const { part, count } = this;
    this.part = parts[parts.indexOf(part) + 1];
    for (let m = 0; 2 * m < count; m++)
      if (isOfPart(m, this.part) && !isOfPart(m, part))
        this.samples[2 * m + 1] = this.#sample(2 * m + 1, count);
    this.#fill();
  }

  #angle(j: number, count: number): number {
    return this.start + (TURN * j) / count;
  }

  #sample(j: number, count: number): Float64Array {
    const sample = this.#sampler.sample(this.#angle(j, count));
    this.#progress(this.#sampler.done, count);
    return sample;
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
    const count = this.#levels.length;
    return this.#levels.flatMap((here, j) =>
      this.#sampler.cold.flatMap((mu, k) =>
        here[k] === this.#levels[(j + 1) % count][k]
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
