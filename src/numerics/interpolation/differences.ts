// Derivatives of vectors that are given as functions: central differences of order 8, whose error
// is known from those of order 6 and from a longer step, and the rounding of values and arguments.

import { norm } from "../linear-algebra/small-products.js";

/** Weights of the first and of the second derivative at the steps 1 to 4, in orders 8 and 6. */
const FIRST = { order8: [4 / 5, -1 / 5, 4 / 105, -1 / 280], order6: [3 / 4, -3 / 20, 1 / 60, 0] };
const SECOND = { order8: [8 / 5, -1 / 5, 8 / 315, -1 / 560], order6: [3 / 2, -3 / 20, 1 / 90, 0] };
/** Longest step in units of the variable, how many are tried, and how much shorter each becomes. */
const LONGEST_STEP = 0.01;
const STEPS = 12;
const SHORTER = 4;
/**
 * Part of a step at which a difference of order 2 has to tell about the same: what is differenced
 * may have a period that the steps divide.
 */
const APART = 1 / 37;
const ALIKE = 0.01;
/** Error, relative to the derivative, at which no shorter step is tried. */
const ENOUGH = 1e-11;
/** Steps in succession that are worse than one before, after which no shorter one is tried. */
const WORSE = 2;
/**
 * Errors in units of how far a difference is from those of order 6 and of the step before: that
 * much more there may be of noise.
 */
const MARGIN = 8;
/** Rounding of a value, in units of its last digit. */
const ROUNDED = 8 * 2 ** -53;

/** A derivative, and a bound of the root of the sum of the squares of its errors. */
export interface Difference {
  data: Float64Array;
  error: number;
}

/** What a variable and the values are known to. */
export interface DifferenceScales {
  /** Size of the variable, in whose last digit it is rounded. */
  size: number;
  /** Error of the values beside their rounding. */
  noise: number;
}

/** One attempt: the derivative at a step and what tells its error. */
interface Attempt {
  data: Float64Array;
  /** Distance from order 6, rounding, and distance from a difference of order 2 at a small step. */
  change: number;
  rounding: number;
  apart: number;
}

/** The derivative at 0. A vector is read before the next is asked for. */
export function firstDifference(
  at: (shift: number) => ArrayLike<number>,
  { size, noise }: DifferenceScales,
): Difference {
  return best((step) => {
    const sums = new Sums(FIRST, step);
    for (let k = 1; k <= 4; k++) for (const side of [1, -1]) sums.add(at(side * k * step), side, k);
    const short = APART * step;
    const [up, down] = [Float64Array.from(at(short)), at(-short)];
    const apart = up.map((x, k) => (x - down[k]) / (2 * short));
    return sums.attempt(noise, size, apart, short);
  });
}

/** The mixed derivative at 0 of a function of two variables that are shifted alike. */
export function mixedDifference(
  at: (first: number, second: number) => ArrayLike<number>,
  { size, noise }: DifferenceScales,
): Difference {
  return best((step) => {
    const sums = new Sums(SECOND, step, 2);
    for (let k = 1; k <= 4; k++)
      for (const one of [1, -1])
        for (const other of [1, -1]) sums.add(at(one * k * step, other * k * step), (one * other) / 4, k);
    return sums.attempt(noise, size);
  });
}

/** Shortens the step until the error is small enough, or grows. */
function best(attempt: (step: number) => Attempt): Difference {
  let found: Difference | undefined;
  let before: Float64Array | undefined;
  let worse = 0;
  let step = LONGEST_STEP;
  for (let k = 0; k < STEPS; k++, step /= SHORTER) {
    const { data, change, rounding, apart } = attempt(step);
    const largest = norm(data);
    // Two orders that agree to the last digits need no second step.
    const certain = apart > 0 && MARGIN * change <= Math.max(ENOUGH * largest, rounding);
    const moved = before ? distance(data, before) : certain ? change : Number.POSITIVE_INFINITY;
    before = data;
    const alike = apart <= ALIKE * largest + rounding / APART;
    const error = alike ? MARGIN * Math.max(change, moved) + rounding : Number.POSITIVE_INFINITY;
    worse = found && error >= found.error ? worse + 1 : 0;
    if (!found || error < found.error) found = { data, error };
    if (error <= Math.max(ENOUGH * largest, 2 * rounding)) break;
    if (worse === WORSE && found.error <= ALIKE * norm(found.data)) break;
  }
  return found!;
}

/** Sums over the points of a difference. */
class Sums {
  readonly #weights: typeof FIRST;
  readonly #step: number;
  readonly #unit: number;
  #data = new Float64Array();
  #lower = new Float64Array();
  /** Sum of the sizes of weights, and of what was summed. */
  #weight = 0;
  #size = 0;

  constructor(weights: typeof FIRST, step: number, derivatives = 1) {
    this.#weights = weights;
    this.#step = step;
    this.#unit = step ** -derivatives;
  }

  add(values: ArrayLike<number>, factor: number, k: number): void {
    if (this.#data.length === 0) {
      this.#data = new Float64Array(values.length);
      this.#lower = new Float64Array(values.length);
    }
    const [high, low] = [this.#weights.order8[k - 1], this.#weights.order6[k - 1]];
    const [w, v] = [factor * high * this.#unit, factor * low * this.#unit];
    this.#weight += Math.abs(w);
    this.#size += Math.abs(w) * norm(values);
    for (let i = 0; i < values.length; i++) {
      this.#data[i] += w * values[i];
      this.#lower[i] += v * values[i];
    }
  }

  attempt(noise: number, size: number, apart?: Float64Array, short = this.#step): Attempt {
    const data = this.#data;
    const moved = Math.max(norm(data), apart ? norm(apart) : 0);
    return {
      data,
      change: distance(data, this.#lower),
      rounding:
        ROUNDED * (this.#size + (moved * (size + 4 * this.#step)) / this.#step) + noise * this.#weight,
      apart: apart && short > 0 ? distance(data, apart) : 0,
    };
  }
}

const distance = (a: Float64Array, b: Float64Array): number => norm(a.map((x, k) => x - b[k]));
