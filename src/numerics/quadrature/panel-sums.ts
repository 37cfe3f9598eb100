// The four numbers per component that a rule computes from the samples on one panel: the integral
// over [-1, 1], the integral of the modulus, a measure of the error, and the integral of the
// distance from the mean (spread); and the error that follows. For a Gauss-Kronrod rule the measure
// is |K - G|, the error of the short rule. The error is |K - G| or, if that is smaller, QUADPACK's
// estimate (Piessens et al. 1983) for the long rule, spread (200 |K - G| / spread)^1.5. For a Gauss
// rule the measure is the larger one c of the last two coefficients (gauss.ts), and the error is
// c / 4 or, if that is smaller, spread (c / spread)^2 with a margin.

import type { GaussRule } from "./gauss.js";
import type { KronrodRule } from "./kronrod.js";

export type PanelRule = KronrodRule | GaussRule;

/** Number of sums per component. */
export const SUMS = 4;
/** Smallest error of a panel due to rounding, in units of the integral of the modulus. */
const ROUNDING = 2e-15;
/** Factor by which the error estimate of a Gauss rule is increased. */
const SAFETY = 10;
/**
 * Error of a Gauss rule in units of the last coefficient, where coefficients do not decrease. That of
 * a peak between the nodes contains P_k times 2k + 1; that of noise is six times its effect on the
 * integral.
 */
const LAST = 0.25;

/**
 * Writes the sums over rule.count rows of n components, from index `from` of `samples` on, to
 * `out`.
 */
export function sumPanel(
  rule: PanelRule,
  samples: Float64Array,
  from: number,
  n: number,
  out: Float64Array,
): void {
  if ("kronrod" in rule) byKronrod(rule, samples, from, n, out);
  else byGauss(rule, samples, from, n, out);
}

/** The error from the four numbers at index `at`. */
export function panelError(byKronrod: boolean, sums: Float64Array, at: number): number {
  const floor = ROUNDING * sums[at + 1];
  const spread = sums[at + 3];
  let error = sums[at + 2];
  if (byKronrod) {
    if (spread > 0) {
      const ratio = (200 * error) / spread;
      error = Math.min(error, spread * ratio * Math.sqrt(ratio));
    }
  } else if (spread > 0) error *= Math.min(LAST, (SAFETY * error) / spread);
  return error < floor ? 0 : error;
}

function byKronrod(
  { kronrod, gauss, count }: KronrodRule,
  samples: Float64Array,
  from: number,
  n: number,
  out: Float64Array,
): void {
  const last = count - 1;
  const middleRow = last >> 1;
  for (let i = 0; i < n; i++) {
    // The nodes are taken in pairs left and right of the middle one.
    const middle = samples[from + middleRow * n + i];
    let long = kronrod[middleRow] * middle;
    let size = kronrod[middleRow] * Math.abs(middle);
    let short = middleRow % 2 === 1 ? gauss[(middleRow - 1) >> 1] * middle : 0;
    for (let j = 0, at = from + i, mirror = at + last * n; j < middleRow; j++, at += n, mirror -= n) {
      const [x, y] = [samples[at], samples[mirror]];
      long += kronrod[j] * (x + y);
      size += kronrod[j] * (Math.abs(x) + Math.abs(y));
      if (j % 2 === 1) short += gauss[(j - 1) >> 1] * (x + y);
    }
    const difference = Math.abs(long - short);
    out[SUMS * i] = long;
    out[SUMS * i + 1] = size;
    out[SUMS * i + 2] = difference;
    // If the difference is only rounding, the spread is not needed.
    out[SUMS * i + 3] =
      difference > 0 && difference >= ROUNDING * size
        ? spreadOf(kronrod, count, samples, from + i, n, 0.5 * long)
        : 0;
  }
}

function byGauss(
  { weights, odd, even, count }: GaussRule,
  samples: Float64Array,
  from: number,
  n: number,
  out: Float64Array,
): void {
  const pairs = count / 2;
  for (let i = 0; i < n; i++) {
    let [value, size, last, previous] = [0, 0, 0, 0];
    for (let j = 0, at = from + i, mirror = at + (count - 1) * n; j < pairs; j++, at += n, mirror -= n) {
      const x = samples[at];
      const y = samples[mirror];
      const sum = x + y;
      value += weights[j] * sum;
      size += weights[j] * (Math.abs(x) + Math.abs(y));
      last += odd[j] * (y - x);
      previous += even[j] * sum;
    }
    out[SUMS * i] = value;
    out[SUMS * i + 1] = size;
    out[SUMS * i + 2] = Math.max(Math.abs(last), Math.abs(previous));
    out[SUMS * i + 3] = spreadOf(weights, count, samples, from + i, n, 0.5 * value);
  }
}

/**
 * The integral of the distance from the mean. `weights` belong to the nodes from the outermost
 * inwards.
 */
function spreadOf(
  weights: Float64Array,
  count: number,
  samples: Float64Array,
  from: number,
  n: number,
  mean: number,
): number {
  const last = count - 1;
  let spread = 0;
  for (let k = 0, at = from; k < count; k++, at += n)
    spread += weights[2 * k < last ? k : last - k] * Math.abs(samples[at] - mean);
  return spread;
}
