// What a rule makes of the samples on one panel, four numbers per component: the integral over [-1,
// 1], that of the absolute value, a measure of the error and the integral of the distance from the
// mean; and the error that follows. Of a Gauss-Kronrod rule the measure is |K - G|, the error of
// the short rule, and the error that or if smaller QUADPACK's estimate (Piessens et al. 1983) for
// the long one, spread (200 |K - G| / spread)^1.5; of a Gauss rule the measure is the larger c of
// the last two coefficients (gauss.ts), and the error that or spread (c / spread)^2 with a margin.

import type { GaussRule } from "./gauss.js";
import type { KronrodRule } from "./kronrod.js";

export type PanelRule = KronrodRule | GaussRule;

/** Numbers per component. */
export const SUMS = 4;
/** Rounding floor of a panel's error, in units of the integral of the absolute value. */
const ROUNDING = 2e-15;
/** Margin of the error of a Gauss rule. */
const SAFETY = 10;

/** Sums over rule.count rows of n components, from place `from` of `samples` on, into `out`. */
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

/** The error from the four numbers at place `at`. */
export function panelError(byKronrod: boolean, sums: Float64Array, at: number): number {
  const floor = ROUNDING * sums[at + 1];
  const spread = sums[at + 3];
  let error = sums[at + 2];
  if (byKronrod) {
    if (spread > 0) {
      const ratio = (200 * error) / spread;
      error = Math.min(error, spread * ratio * Math.sqrt(ratio));
    }
  } else if (SAFETY * error < spread) error *= (SAFETY * error) / spread;
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
    // The nodes in pairs left and right of the middle one.
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
    // Where rounding is all there is nobody asks for the spread.
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

/** Integral of the distance from the mean, by `weights` of the nodes from the outermost in. */
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
