// The diffusion constant of an ensemble and its error. The formulas stand in
// ensemble-statistics.ts.

import { moments } from "../../numerics/random/moments.js";
import { countError, studentFactor } from "../../numerics/random/student.js";
import type { Ensemble } from "./ensemble.js";

/** A diffusion constant in radians squared per time, with its error. */
export interface Spread {
  value: number;
  error: number;
  /**
   * Number of events that determine the value, if there are so few that they determine the error.
   */
  rare?: number;
  transient: boolean;
}

/** Length of a block in memory times, if the observed time allows it. */
const MEMORIES = 8;
/** Number of trajectories that is sufficient to estimate their scatter. */
export const MANY = 16;
/** A variance made by fewer events than this has their error. */
const FEW = 30;

/**
 * The diffusion constant. `memory` is the relaxation time; `events` is the number of turns over
 * barriers, if these are rare.
 */
export function diffusionOf(ensemble: Ensemble, memory: number, events: number | undefined): Spread {
  const { displacement, marks, gained, time } = ensemble;
  const n = displacement.length;
  const count = marks.length;
  let blocks = count;
  while (blocks > 2 && (time / blocks < MEMORIES * memory || events !== undefined)) blocks /= 2;
  const stride = count / blocks;
  const { mean, kurtosis } = moments(displacement);
  const speed = mean / time;
  // Each trajectory gives one number whose mean is the diffusion constant. The scatter of these
  // numbers gives the error, whatever the memory within a trajectory is.
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
  // The mean speed comes from the same blocks, which costs degrees of freedom.
  const lost = 3 / (n * blocks);
  const value = found.mean / (1 - lost);
  // A few trajectories may agree by chance; their blocks then give a better estimate.
  const standard =
    Math.max(
      studentFactor(n - 1) * Math.sqrt(found.variance / n),
      pairs.length > 1
        ? studentFactor(pairs.length - 1) * Math.sqrt(moments(pairs).variance / pairs.length)
        : 0,
    ) /
    (1 - lost);
  // The error of a variance is proportional to the variance, so that a value found too low has too
  // low an error. The true value is at most found + 2 r V, with the true value V and the relative
  // error r. Half the distance to this bound, standard / (1 - 2 r), is stated, but at most three
  // times `standard`.
  const relative = standard / Math.abs(value) || 0;
  const scatter = standard * (1 + Math.min(2, relative < 0.5 ? (2 * relative) / (1 - 2 * relative) : 2));
  // Number of events that would make a spread with this kurtosis. A Gaussian spread is made by all.
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

/** The factor beta for a block of this many memory times. */
function shortfall(memories: number): number {
  if (!(memories < 700)) return 0;
  // The limit of short blocks, where the difference would lose its digits.
  if (memories < 1e-3) return Math.max(0, 1 - 1.5 * memories);
  const left = Math.exp(-memories);
  return (left - left * left) / memories;
}
