// Standard errors from few numbers. They are enlarged such that twice the error holds with the
// probability of two standard deviations.

/** Half of Student's quantiles for 95.45 %, for 1, 2, ... degrees of freedom. */
const few = [6.984, 2.264, 1.653, 1.435, 1.325, 1.258, 1.215, 1.183];

/**
 * The factor that enlarges a standard error with this number of degrees of freedom. Beyond the
 * table it is the expansion of Cornish and Fisher.
 */
export function studentFactor(freedom: number): number {
  if (freedom < 1) return Number.POSITIVE_INFINITY;
  return few[freedom - 1] ?? 1 + 5 / (4 * freedom) + 147 / (96 * freedom * freedom);
}

/**
 * The upper one-sigma distance of a Poisson mean from the number of observed events (Gehrels). It
 * also holds if no event was observed.
 */
export const countError = (events: number): number => 1 + Math.sqrt(events + 0.75);
