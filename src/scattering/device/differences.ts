// Derivatives of a Hamiltonian that is given as a function without them: central differences of
// order 8, whose error is known from those of order 6 and from another step.

import type { SparseHermitian, Triplet } from "../../model/types.js";

/**
 * Weights of central differences of order 8 at the steps 1 to 4, and what is added to them for
 * order 6.
 */
const ORDER_8 = [4 / 5, -1 / 5, 4 / 105, -1 / 280];
const TO_ORDER_6 = [-1 / 20, 1 / 20, 1 / 60 - 4 / 105, 1 / 280];
/**
 * Longest step in a parameter of size 1 or less, and how many steps are tried, each a quarter of
 * the one before.
 */
const LONGEST_STEP = 0.01;
const STEPS = 12;
/**
 * Part of that step at which a difference of order 2 has to tell about the same: elements may have
 * a period that the steps divide.
 */
const APART = 1 / 37;
const ALIKE = 0.01;
/**
 * Error at which no shorter step is tried, relative to the derivative, and above which there is
 * none, relative to it or to H.
 */
const ENOUGH = 1e-11;
export const MOST = 1e-7;
/** Error, relative to the derivative, from which on steps that are worse are taken for noise. */
const NOISE = 1e-3;
/**
 * Error of a difference, in units of how far it is from those of order 6 and of the step before:
 * that much more there may be of noise.
 */
const MARGIN = 8;
/**
 * Rounding of an element given by a function, in units of its last digit, with the sums over the
 * steps.
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

  clear(): void {
    this.re.fill(0);
    this.im.fill(0);
  }

  /** Adds factor times the elements, or their sizes; true if one of them is new. */
  add(triplets: Triplet[], factor: number, sizes = false): boolean {
    let grown = false;
    for (let t = 0; t < triplets.length; t++) {
      const [row, column, re, im = 0] = triplets[t];
      // Functions give their elements in the same order each time, as a rule.
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
 * dH/dX of one parameter by differences. Its matrices are given the same elements in the same
 * order, so that they keep them at the same places.
 */
export class Differences {
  /** Whether an element has come up that was not there before. */
  grown = false;
  /** By how much all elements of the slope together may be off. */
  error = 0;
  /**
   * Largest element of the slope, or of the change over all steps where the slope happens to
   * vanish.
   */
  largest = 0;
  readonly #slope: GrowingMatrix;
  /**
   * What order 6 has more than order 8, differences of order 2 at the shortest and the longest
   * shift, and the sizes of what was summed.
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
   * Fills the slope from the elements of H at shifted X, `size` being that of X. Steps are
   * shortened until the orders 8 and 6 and the step before tell the same; of all steps the best is
   * taken. H need not exist far away: a step at which it cannot be had is too long.
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
      // Where shorter steps do not help there is noise, and one of many would look good by chance.
      if (worse === 2 && best.error <= NOISE * best.largest) break;
    }
    if (!best) throw failure;
    this.error = best.error;
    this.largest = best.largest;
    slope.re.set(best.re);
    slope.im.set(best.im);
  }

  /**
   * A list is read before the next is asked for: a function may write its next elements into the
   * same one.
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
      // An element that does not change has no rounding either.
      if (moved === 0 && !(off > 0 && before)) continue;
      // Elements are rounded, and the shifted X that they are elements at.
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
/** Elements that the first did not have yet are zero. */
const distanceAt = (a: Pair, b: Pair, k: number): number =>
  Math.hypot((a.re[k] ?? 0) - b.re[k], (a.im[k] ?? 0) - b.im[k]);

export const isReal = ({ im }: SparseHermitian) => im.every((value) => value === 0);
