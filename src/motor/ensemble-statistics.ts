// Averages over an ensemble of rotors with noise, and their standard errors.

import type { Ensemble } from "./ensemble.js";

/** Averages over an ensemble, with standard errors. */
export interface EnsembleStatistics {
  trajectories: number;
  time: number;
  meanVelocity: number;
  meanVelocityError: number;
  /**
   * Growth of the variance of the angle over the second half of the time, / 2: the spread within a turn, which does not grow, drops out.
   * The time should be many relaxation times all the same. Where the rotor hardly spreads it may come out below zero, within its error.
   */
  diffusion: number;
  diffusionError: number;
  /** Completed turns per time in either direction. */
  forwardRate: number;
  backwardRate: number;
  slipRate: number;
  /** Mean time to the first completed turn of the trajectories that completed one, and their fraction. */
  firstPassage?: { mean: number; error: number; fraction: number };
  /** Net completed turns over the observed time. */
  windingNumber: { mean: number; variance: number };
}

function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (values[i] - mean) ** 2;
  return { mean, variance: n > 1 ? sum / (n - 1) : 0 };
}

/** Mean speed, diffusion, slips and passages of an ensemble; errors are standard errors over the trajectories (two or more). */
export function ensembleStatistics(ensemble: Ensemble): EnsembleStatistics {
  const { displacement, halfDisplacement, halfTime, forward, backward, firstPassage, time } = ensemble;
  const n = displacement.length;
  const { mean, variance } = moments(displacement);
  const half = moments(halfDisplacement);
  // One number per trajectory whose mean is the gain of variance: its scatter gives the error, also where few slips make the spread.
  const gain = moments(
    displacement.map(
      (x, i) => ((x - mean) ** 2 - (halfDisplacement[i] - half.mean) ** 2) / (2 * (time - halfTime)),
    ),
  );
  const passed = firstPassage.filter((value) => !Number.isNaN(value)).map(Math.abs);
  const passage = moments(passed);
  const forwardRate = moments(forward).mean / time;
  const backwardRate = moments(backward).mean / time;
  return {
    trajectories: n,
    time,
    meanVelocity: mean / time,
    meanVelocityError: Math.sqrt(variance / n) / time,
    diffusion: gain.mean * (n / Math.max(1, n - 1)),
    diffusionError: Math.sqrt(gain.variance / n),
    forwardRate,
    backwardRate,
    slipRate: forwardRate + backwardRate,
    ...(passed.length > 0
      ? {
          firstPassage: {
            mean: passage.mean,
            error: Math.sqrt(passage.variance / passed.length),
            fraction: passed.length / n,
          },
        }
      : {}),
    windingNumber: moments(forward.map((count, i) => count - backward[i])),
  };
}
