// Derivatives of a Hamiltonian that is given as a function without derivatives. They are central
// differences of order 8. Their error is estimated from the differences of order 6 and from those
// at another step.

import type { SparseHermitian, Triplet } from "../../model/types.js";

/**
 * Weights of central differences of order 8 at 1 to 4 steps, and the terms that turn them into the
 * weights of order 6.
 */
const ORDER_8 = [4 / 5, -1 / 5, 4 / 105, -1 / 280];
const TO_ORDER_6 = [-1 / 20, 1 / 20, 1 / 60 - 4 / 105, 1 / 280];
/**
 * Longest step in a parameter of size 1 or less, and the number of steps that are tried. Each is a
 * quarter of the one before.
 */
const LONGEST_STEP = 0.01;
const STEPS = 12;
/**
 * A difference of order 2 at APART times the step must agree with the derivative to a relative
 * ALIKE. It detects elements whose period divides the steps.
 */
const APART = 1 / 37;
const ALIKE = 0.01;
/**
 * Relative error of the derivative at which no shorter step is tried. MOST is the error above which
 * the derivative counts as unknown, relative to the derivative or to H.
 */
const ENOUGH = 1e-11;
export const MOST = 1e-7;
/** Relative error above which an increasing error at shorter steps does not yet count as noise. */
const NOISE = 1e-3;
/**
 * The error estimate is the distance from order 6 or from the step before, times this factor,
 * because noise may be larger by about that much.
 */
const MARGIN = 8;
/**
 * Rounding of an element that a function returns, in units of its last digit, including the sums
 * over the steps.
 */
const ROUNDED = 8;

/** A sparse Hermitian matrix whose elements keep their places from one evaluation to the next. */
export class GrowingMatrix implements SparseHermitian {
  rows = new Int32Array();
  columns = new Int32Array();
  re = new Float64Array();
  im = new Float64Array();
  readonly #size: number;
  readonly #places = new Map<number, number>();
  #count = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** Sets all elements to zero and keeps their places. */
  clear(): void {
    this.re.fill(0);
    this.im.fill(0);
  }

  /**
   * Adds factor times the elements, or their moduli if `sizes` is true. Returns true if an element
   * is new.
   */
  add(triplets: Triplet[], factor: number, sizes = false): boolean {
    let grown = false;
    for (let t = 0; t < triplets.length; t++) {
      const [row, column, re, im = 0] = triplets[t];
      // A function usually returns its elements in the same order each time.
      let place = t < this.#count && this.rows[t] === row && this.columns[t] === column ? t : -1;
      if (place < 0) {
        const known = this.#places.get(row * this.#size + column);
        place = known ?? this.#append(row, column);
        grown ||= known === undefined;
      }
      this.re[place] += factor * (sizes ? Math.abs(re) : re);
      this.im[place] += factor * (sizes ? Math.abs(im) : im);
    }
    if (grown) this.#trim();
    return grown;
  }

  #append(row: number, column: number): number {
    if (this.#count === this.rows.length) this.#resize(2 * this.#count + 16);
    this.rows[this.#count] = row;
    this.columns[this.#count] = column;
    this.#places.set(row * this.#size + column, this.#count);
    return this.#count++;
  }

  #trim(): void {
    if (this.rows.length !== this.#count) this.#resize(this.#count);
  }

  #resize(length: number): void {
    const keep = Math.min(length, this.rows.length);
    const int = (old: Int32Array) => {
      const list = new Int32Array(length);
      list.set(old.subarray(0, keep));
      return list;
    };
    const float = (old: Float64Array) => {
      const list = new Float64Array(length);
      list.set(old.subarray(0, keep));
      return list;
    };
    this.rows = int(this.rows);
    this.columns = int(this.columns);
    this.re = float(this.re);
    this.im = float(this.im);
  }
}

/**
 * dH/dX of one parameter by differences. All its matrices receive the same elements in the same
 * order, so that each element has the same index in all of them.
 */
export class Differences {
  /** True if an element appeared that was not there before. */
  grown = false;
  /** Error bound, summed over all elements of the derivative. */
  error = 0;
  /**
   * Largest element of the derivative. If the derivative vanishes by chance, it is the largest
   * element of the mean change over all steps.
   */
  largest = 0;
  readonly #slope: GrowingMatrix;
  /**
   * `change` is order 6 minus order 8. `short` and `long` are differences of order 2 at the
   * shortest and the longest shift. `sizes` is the sum of the moduli of all terms.
   */
  readonly #change: GrowingMatrix;
  readonly #short: GrowingMatrix;
  readonly #long: GrowingMatrix;
  readonly #sizes: GrowingMatrix;

  constructor(slope: GrowingMatrix, orbitals: number) {
    this.#slope = slope;
    [this.#change, this.#short, this.#long, this.#sizes] = Array.from(
      { length: 4 },
      () => new GrowingMatrix(orbitals),
    );
  }

  /**
   * Computes the derivative from the elements of H at shifted X, where `size` is the modulus of X.
   * The step is shortened until the orders 8 and 6 and the step before agree. The best of all steps
   * is kept. A step at which H cannot be evaluated counts as too long.
   */
  fill(at: (shift: number) => Triplet[], size: number): void {
    const slope = this.#slope;
    let best: (Pair & { error: number; largest: number }) | undefined;
    let [failure, before]: [unknown, Pair | undefined] = [undefined, undefined];
    let worse = 0;
    let step = LONGEST_STEP * Math.max(1, size);
    for (let attempt = 0; attempt < STEPS; attempt++, step /= 4) {
      try {
        this.#sum(at, step);
      } catch (error) {
        failure = error;
        before = undefined;
        continue;
      }
      const rounding = this.#judge(step, size, before);
      const { error, largest } = this;
      before = { re: slope.re.slice(), im: slope.im.slice() };
      worse = best && error >= best.error ? worse + 1 : 0;
      if (!best || error < best.error) best = { error, largest, ...before };
      if (error <= Math.max(ENOUGH * largest, 2 * rounding)) break;
      // If shorter steps do not help, the error is noise. One of many steps would look good by
      // chance.
      if (worse === 2 && best.error <= NOISE * best.largest) break;
    }
    if (!best) throw failure;
    this.error = best.error;
    this.largest = best.largest;
    slope.re.set(best.re);
    slope.im.set(best.im);
  }

  /**
   * Each list is added before the next is requested, because a function may reuse the same array.
   */
  #sum(at: (shift: number) => Triplet[], step: number): void {
    for (const matrix of [this.#slope, this.#change, this.#short, this.#long, this.#sizes]) matrix.clear();
    for (let k = 0; k <= 4; k++)
      for (const side of [1, -1]) {
        const shift = k === 0 ? APART * step : k * step;
        const triplets = at(side * shift);
        const [order8, more] = k === 0 ? [0, 0] : [ORDER_8[k - 1], TO_ORDER_6[k - 1]];
        const mean = side / (2 * shift);
        this.grown = this.#slope.add(triplets, (side * order8) / step) || this.grown;
        this.#change.add(triplets, (side * more) / step);
        this.#short.add(triplets, k === 0 ? mean : 0);
        this.#long.add(triplets, k === 4 ? mean : 0);
        this.#sizes.add(triplets, Math.abs(order8) / step, true);
      }
  }

  /**
   * Sets `error` and `largest` after a step, and returns the part of the error that is rounding.
   */
  #judge(step: number, size: number, before: Pair | undefined): number {
    const [slope, change, short] = [this.#slope, this.#change, this.#short];
    const [long, sizes] = [this.#long, this.#sizes];
    const length = slope.re.length;
    this.largest = 0;
    for (let k = 0; k < length; k++) this.largest = Math.max(this.largest, sizeAt(slope, k), sizeAt(long, k));
    let rounding = 0;
    this.error = 0;
    for (let k = 0; k < length; k++) {
      const off = Math.max(
        sizeAt(change, k),
        before ? distanceAt(before, slope, k) : Number.POSITIVE_INFINITY,
      );
      const moved = Math.max(sizeAt(slope, k), sizeAt(short, k), sizeAt(long, k));
      // An element that does not change has no rounding error.
      if (moved === 0 && !(off > 0 && before)) continue;
      // Rounding affects the elements and the shifted X at which they are evaluated.
      const rounded = ROUNDED * 2 ** -53 * (sizeAt(sizes, k) + (moved * (size + 4 * step)) / step);
      if (distanceAt(short, slope, k) > ALIKE * this.largest + rounded / APART)
        this.error = Number.POSITIVE_INFINITY;
      const twice = slope.rows[k] === slope.columns[k] ? 1 : 2;
      rounding += twice * rounded;
      this.error += twice * (MARGIN * off + rounded);
    }
    return rounding;
  }
}

/** Real and imaginary parts of the elements of a matrix. */
interface Pair {
  re: Float64Array;
  im: Float64Array;
}

const sizeAt = ({ re, im }: Pair, k: number): number => Math.hypot(re[k], im[k]);
/** Elements that `a` does not contain yet count as zero. */
const distanceAt = (a: Pair, b: Pair, k: number): number =>
  Math.hypot((a.re[k] ?? 0) - b.re[k], (a.im[k] ?? 0) - b.im[k]);

/** True if all imaginary parts are zero. */
export const isReal = ({ im }: SparseHermitian) => im.every((value) => value === 0);
