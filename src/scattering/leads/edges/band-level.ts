// The energy of one band of a periodic lead at one phase lambda in double-double precision. It is
// the Rayleigh quotient of H(k) = h0 + lambda h1 + conj(lambda) h1^+, |lambda| = 1, with a vector
// from inverse iteration. The error of the quotient is the square of the error of the vector.

import type { Workspace } from "../../../engine/workspace.js";
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
): BandLevel | undefined {
  const matrix = w.from(h0, n, n);
  const values = w.values(matrix);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      values[p] += re * (h1[p] + h1[q]) - im * (h1[p + 1] + h1[q + 1]);
      values[p + 1] += re * (h1[p + 1] - h1[q + 1]) + im * (h1[p] - h1[q]);
    }
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  // The shift is placed beside the level, because the factors could be singular on it.
  const factors = w.factor(w.addToDiagonal(matrix, -near + 1e-10 * size));
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
  const [x, own, next, quotient] = [n, n, n, 4].map((rows) => new DoubleDoubleMatrix(rows, 1));
  for (let i = 0; i < n; i++) x.addDouble(i, numbers[2 * i], numbers[2 * i + 1]);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const p = 2 * (i * n + j);
      own.addScaled(i, h0[p], h0[p + 1], x, j);
      next.addScaled(i, h1[p], h1[p + 1], x, j);
    }
  // The three quotients are x^+ h0 x, x^+ h1 x and x^+ x.
  for (let i = 0; i < n; i++) {
    quotient.addProduct(0, 1, x, i, true, own, i);
    quotient.addProduct(1, 1, x, i, true, next, i);
    quotient.addProduct(2, 1, x, i, true, x, i);
  }
  // The numerator becomes x^+ h0 x + 2 Re(lambda x^+ h1 x) / |lambda|.
  quotient.addScaled(0, 2 * re, 2 * im, quotient, 1);
  const [h, g] = [quotient.data, quotient.data.subarray(4)];
  const [a, b] = [g[0], g[2]];
  const excess = new DoubleDoubleMatrix(2, 1);
  excess.addDouble(0, re, im);
  excess.addProduct(1, 1, excess, 0, true, excess, 0);
  const stretch = (excess.data[4] - 1 + excess.data[5]) / 2;
  quotient.addDouble(0, -stretch * 2 * (re * a - im * b), 0);
  const energy = h[0] / h[8];
  quotient.addScaled(0, -energy, 0, quotient, 2);
  return { energy, low: h[0] / h[8], velocity: (-2 * (re * b + im * a)) / h[8] };
}
