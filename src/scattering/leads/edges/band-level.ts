// The energy of one band of a periodic lead at one phase lambda in double-double precision. It is
// the Rayleigh quotient of H(k) = h0 + lambda h1 + conj(lambda) h1^+, |lambda| = 1, with a vector
// from inverse iteration. The error of the quotient is the square of the error of the vector. For
// orbitals that overlap the quotient is x^+ H(k) x / x^+ S(k) x.

import type { Block, Workspace } from "../../../engine/workspace.js";
import { DoubleDoubleMatrix } from "../../../numerics/linear-algebra/double-double.js";

/** The energy and the velocity of a band at one phase. */
export interface BandLevel {
  energy: number;
  /** The low part of the energy, which is the double-double energy + low. */
  low: number;
  /** dE/dk, where lambda = e^(ik). */
  velocity: number;
}

const steps = 4;

/**
 * Finds the band nearest to the energy `near` at lambda = re + i im. h0 and h1 are n x n,
 * interleaved. Returns undefined if inverse iteration fails.
 */
export function bandLevel(
  w: Workspace,
  n: number,
  h0: Float64Array,
  h1: Float64Array,
  [re, im]: readonly [number, number],
  near: number,
  overlaps?: { s0: Float64Array; s1: Float64Array },
): BandLevel | undefined {
  const atPhase = (h0: Float64Array, h1: Float64Array): Block => {
    const matrix = w.from(h0, n, n);
    const values = w.values(matrix);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
        values[p] += re * (h1[p] + h1[q]) - im * (h1[p + 1] + h1[q + 1]);
        values[p + 1] += re * (h1[p + 1] - h1[q + 1]) + im * (h1[p] - h1[q]);
      }
    return matrix;
  };
  const matrix = atPhase(h0, h1);
  // The shift is placed beside the level, because the factors could be singular on it.
  const shift = -near + 1e-10 * w.largest(matrix);
  if (overlaps) w.add(matrix, atPhase(overlaps.s0, overlaps.s1), shift);
  const factors = w.factor(overlaps ? matrix : w.addToDiagonal(matrix, shift));
  if (!factors) return undefined;
  const vector = w.block(n, 1);
  w.values(vector).forEach((_, k, all) => {
    all[k] = Math.cos(1 + 3 * k);
  });
  for (let step = 0; step < steps; step++) {
    w.solve(factors, vector);
    const all = w.values(vector);
    const length = Math.sqrt(all.reduce((sum, part) => sum + part * part, 0));
    if (!(length > 0) || !Number.isFinite(length)) return undefined;
    w.scale(vector, 1 / length);
  }
  const numbers = w.values(vector).slice();
  const x = new DoubleDoubleMatrix(n, 1);
  for (let i = 0; i < n; i++) x.addDouble(i, numbers[2 * i], numbers[2 * i + 1]);
  const excess = new DoubleDoubleMatrix(2, 1);
  excess.addDouble(0, re, im);
  excess.addProduct(1, 1, excess, 0, true, excess, 0);
  const stretch = (excess.data[4] - 1 + excess.data[5]) / 2;
  /** x^+ (a0 + lambda a1 + conj(lambda) a1^+) x, written to place `row` of the sums, and its slope. */
  const sums = new DoubleDoubleMatrix(4, 1);
  const expectation = (a0: Float64Array, a1: Float64Array, row: number): number => {
    const [own, next] = [new DoubleDoubleMatrix(n, 1), new DoubleDoubleMatrix(n, 1)];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const p = 2 * (i * n + j);
        own.addScaled(i, a0[p], a0[p + 1], x, j);
        next.addScaled(i, a1[p], a1[p + 1], x, j);
      }
    for (let i = 0; i < n; i++) {
      sums.addProduct(row, 1, x, i, true, own, i);
      sums.addProduct(row + 1, 1, x, i, true, next, i);
    }
    // The sum becomes x^+ a0 x + 2 Re(lambda x^+ a1 x) / |lambda|.
    sums.addScaled(row, 2 * re, 2 * im, sums, row + 1);
    const [a, b] = [sums.data[4 * (row + 1)], sums.data[4 * (row + 1) + 2]];
    sums.addDouble(row, -stretch * 2 * (re * a - im * b), 0);
    return -2 * (re * b + im * a);
  };
  const slope = expectation(h0, h1, 0);
  let change = 0;
  if (overlaps) change = expectation(overlaps.s0, overlaps.s1, 2);
  else for (let i = 0; i < n; i++) sums.addProduct(2, 1, x, i, true, x, i);
  const { data } = sums;
  const norm = data[8];
  const energy = data[0] / norm;
  sums.addScaled(0, -energy, 0, sums, 2);
  return { energy, low: data[0] / norm, velocity: (slope - energy * change) / norm };
}
