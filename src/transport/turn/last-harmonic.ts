// Error of the trapezoidal rule on a grid of n angles: the rule errs by the harmonics n, 2n, ... of the integrand, and the last one that the grid sees whole,
// below n/2, is above them.

import { TURN } from "../../base/constants.js";
import { circle } from "./cycle-grid.js";

export class LastHarmonic {
  private readonly count: number;
  private readonly re: Float64Array;
  private readonly im: Float64Array;

  constructor(count: number, components: number) {
    this.count = count;
    this.re = new Float64Array(components);
    this.im = new Float64Array(components);
  }

  /** The integrand at the angle 2 pi j / n. */
  add(j: number, sample: ArrayLike<number>): void {
    const { count, re, im } = this;
    const phase = (j * (Math.ceil(count / 2) - 1)) % count;
    const table = circle(count);
    const [cos, sin] = [table.cos[phase], table.sin[phase]];
    for (let i = 0; i < re.length; i++) {
      re[i] += cos * sample[i];
      im[i] += sin * sample[i];
    }
  }

  /** Twice the size of the last harmonic, as an integral over the turn, per component. */
  error(): Float64Array {
    return this.re.map((re, i) => (2 * TURN * Math.hypot(re, this.im[i])) / this.count);
  }
}
