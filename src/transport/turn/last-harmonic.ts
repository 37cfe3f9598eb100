// Error estimate of the trapezoidal rule on a grid of n angles. The rule errs by the harmonics n,
// 2n, ... of the integrand. The last harmonic below n/2, which the grid still resolves, is larger
// than these.

import { circle } from "./cycle-grid.js";

/**
 * Twice the size of the last resolved harmonic of the values at the angles 2 pi j / n, as a sum
 * over the angles (without the factor 2 pi / n).
 */
export function lastHarmonic(column: Float64Array): number {
  const count = column.length;
  const { cos, sin } = circle(count);
  const step = Math.ceil(count / 2) - 1;
  let [re, im] = [0, 0];
  for (let j = 0, phase = 0; j < count; j++) {
    re += cos[phase] * column[j];
    im += sin[phase] * column[j];
    phase += step;
    if (phase >= count) phase -= count;
  }
  return 2 * Math.hypot(re, im);
}
