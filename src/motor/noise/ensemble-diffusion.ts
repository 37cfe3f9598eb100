// The diffusion constant of an ensemble and its error; the formulas stand in
// ensemble-statistics.ts.

import { moments } from "../../numerics/random/moments.js";
import { countError, studentFactor } from "../../numerics/random/student.js";
import type { Ensemble } from "./ensemble.js";

export interface Spread {
  value: number;
  error: number;
  /** Number of events that carry it, where it is small and these decide. */
  rare?: number;
  transient: boolean;
}

/** Blocks are as long as this many memories, where the time allows. */
const MEMORIES = 8;
/** Trajectories that are enough to tell their own scatter. */
export const MANY = 16;
/** Events below which a variance is theirs. */
const FEW = 30;

/** `memory`: time of relaxation; `events`: turns over barriers, where they are rare. */
export function diffusionOf(ensemble: Ensemble, memory: number, events: number | undefined): Spread {
  const { displacement, marks, gained, time } = ensemble;
  const n = displacement.length;
  const count = marks.length;
  let blocks = count;
  while (blocks > 2 && (time / blocks < MEMORIES * memory || events !== undefined)) blocks /= 2;
  const stride = count / blocks;
  const { mean, kurtosis } = moments(displacement);
  const speed = mean / time;
  // One number per trajectory whose mean is the constant: their scatter gives the error whatever
  // the memory within a trajectory.
  const pairs: number[] = [];
  const each = displacement.map((_, i) => {
    const place = (block: number) => {
      const mark = block * stride - 1;
      return mark < 0 ? [0, 0] : [marks[mark], gained[i * count + mark]];
    };
    let sum = 0;
    for (let block = 0; block < blocks; block += 2) {
      const [start, middle, end] = [place(block), place(block + 1), place(block + 2)];
      const before = middle[1] - start[1] - speed * (middle[0] - start[0]);
      const after = end[1] - middle[1] - speed * (end[0] - middle[0]);
      const pair = ((before + after) ** 2 - (before ** 2 + after ** 2) / 2) / (end[0] - start[0]);
      sum += pair;
      if (n < MANY) pairs.push(pair);
    }
    return (2 * sum) / blocks;
  });
  const found = moments(each);
  // The mean speed is that of the same blocks.
  const lost = 3 / (n * blocks);
  const value = found.mean / (1 - lost);
  // Few trajectories may agree by chance: their blocks tell more.
  const standard =
    Math.max(
      studentFactor(n - 1) * Math.sqrt(found.variance / n),
      pairs.length > 1
        ? studentFactor(pairs.length - 1) * Math.sqrt(moments(pairs).variance / pairs.length)
        : 0,
    ) /
    (1 - lost);
  // The error of a variance is in proportion to the variance, so a value found too low comes with
  // too low an error. The true value V is at most found + 2 r V, r the relative error: half the
  // distance to that bound is standard / (1 - 2 r), which is stated, up to three times standard.
  const relative = standard / Math.abs(value) || 0;
  const scatter = standard * (1 + Math.min(2, relative < 0.5 ? (2 * relative) / (1 - 2 * relative) : 2));
  // Events that make a spread of this kurtosis; the variance of a Gaussian one is made by all.
  const carriers = kurtosis > 0 ? n / kurtosis : Number.POSITIVE_INFINITY;
  const counted = Math.max(
    Number.isFinite(carriers) ? (Math.abs(value) * countError(carriers)) / carriers : 0,
    events === undefined ? 0 : (2 * Math.PI ** 2 * countError(events)) / (n * time),
  );
  const block = time / blocks;
  const beta = shortfall(block / memory);
  const hidden = Math.abs(value) * (beta < 1 ? beta / (1 - beta) : Number.MAX_VALUE);
  const error = Math.max(Math.hypot(Math.max(scatter, counted), hidden), -value);
  const rare = kurtosis > 3 && carriers < FEW ? carriers : undefined;
  return {
    value,
    error: Math.min(error, Number.MAX_VALUE),
    ...(rare !== undefined && { rare }),
    transient: hidden > Math.max(scatter, counted),
  };
}

/** beta of a block of so many memories. */
function shortfall(memories: number): number {
  if (!(memories < 700)) return 0;
  // Its limit of short blocks, where the difference would lose its digits.
  if (memories < 1e-3) return Math.max(0, 1 - 1.5 * memories);
  const left = Math.exp(-memories);
  return (left - left * left) / memories;
}
