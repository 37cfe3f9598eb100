// Errors of few numbers: an error is stated so that twice it holds as often as two standard
// deviations do.

/** Student's quantiles for 95.45 %, over 2, for 1, 2, ... degrees of freedom. */
const few = [6.984, 2.264, 1.653, 1.435, 1.325, 1.258, 1.215, 1.183];

/**
 * What a standard error with so many degrees of freedom has to be multiplied with; expansion of
 * Cornish and Fisher beyond the table.
 */
export function studentFactor(freedom: number): number {
  if (freedom < 1) return Number.POSITIVE_INFINITY;
  return few[freedom - 1] ?? 1 + 5 / (4 * freedom) + 147 / (96 * freedom * freedom);
}

/**
 * Upper one-sigma distance of a Poisson mean from n seen events (Gehrels), also where none was
 * seen.
 */
export const countError = (events: number): number => 1 + Math.sqrt(events + 0.75);
