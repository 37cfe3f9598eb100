// Levels bound to the end of a periodic lead, between its bands: the poles of its surface Green's
// function g. The lead is continued beyond its end by a second half, whose surface Green's function
// is g'. The inverse of the Green's function of the resulting infinite lead on one cell,
//
// G_00^-1 = E - h0 - h1 g h1^+ - h1^+ g' h1,
//
// has no zero between bands, increases with the energy, and has the poles of g and of g'. The
// number of its positive eigenvalues therefore falls by one at each of these poles and changes
// nowhere else. Bisection on this integer misses no pole. (Counting with g alone could miss some,
// because zeros and poles of g cancel.) No level lies outside all bands. A count takes two surface
// Green's functions and a diagonalisation of the cell. There are two counts per interval and about
// 50 more per level. The error is 1e-8 of the bands' scale.

import { product, quickHermitianEigen, surfaceGreen } from "../../engine/dense.js";
import type { Kernels } from "../../engine/kernels.js";
import { adjointOf } from "./matrices.js";

/**
 * Distance from the ends of an interval at which levels are counted, and width to which a level is
 * followed, both in units of the bands' scale.
 */
const INWARD = 1e-11;
const FINEST = 1e-15;
/** Largest anti-Hermitian part of g between bands, relative to its largest element. */
const CLOSED = 1e-6;
/**
 * Imaginary parts with which the decimation is started, in units of the bands' scale. They are
 * tried in turn.
 */
const STARTS = [1e-8, 1e-6, 1e-10, 1e-4];

/**
 * `cellAt` gives h0 and h1, which depend on the energy if the orbitals overlap.
 *
 * The levels between `low` and `high`, a range without open channels, ascending. The list also
 * contains the levels of the end of the other half, which are not levels of the lead.
 */
export function surfaceLevels(
  kernels: Kernels,
  n: number,
  cellAt: (energy: number) => { onsite: Float64Array; hopping: Float64Array },
  scale: number,
  low: number,
  high: number,
): number[] {
  const half = new Float64Array(2 * n * n);
  const beyond = new Float64Array(2 * n * n);
  const matrix = new Float64Array(2 * n * n);

  /** Adds h1 g h1^+ to `matrix`. Returns false if g cannot be computed or a channel is open. */
  const addHalf = (energy: number, h0: Float64Array, along: Float64Array, against: Float64Array): boolean => {
    for (const start of STARTS) {
      const found = surfaceGreen(kernels, n, h0, along, [energy, 0, start * scale]);
      if (!found || !(found.residual < CLOSED)) continue;
      const green = found.green.slice();
      product(kernels, n, n, n, along, green, half);
      product(kernels, n, n, n, half, against, beyond);
      let [most, broadening] = [0, 0];
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
          most = Math.max(most, Math.abs(beyond[p]), Math.abs(beyond[p + 1]));
          broadening = Math.max(broadening, Math.abs(beyond[p + 1] + beyond[q + 1]));
          matrix[p] += 0.5 * (beyond[p] + beyond[q]);
          matrix[p + 1] += 0.5 * (beyond[p + 1] - beyond[q + 1]);
        }
      return broadening <= CLOSED * most;
    }
    return false;
  };

  /**
   * Number of levels of both ends above the energy, apart from a constant. Undefined if a channel
   * is open or g cannot be computed.
   */
  const above = (energy: number): number | undefined => {
    const { onsite: h0, hopping: h1 } = cellAt(energy);
    const back = adjointOf(h1, n, n);
    matrix.set(h0);
    if (!addHalf(energy, h0, h1, back) || !addHalf(energy, h0, back, h1)) return undefined;
    const { values } = quickHermitianEigen(kernels, n, matrix);
    return values.reduce((count, value) => count + (value < energy ? 1 : 0), 0);
  };

  const levels: number[] = [];
  const divide = (low: number, high: number, before: number, after: number): void => {
    if (before === after) return;
    if (high - low < FINEST * scale) {
      levels.push(0.5 * (low + high));
      return;
    }
    for (const part of [0.5, 0.4375, 0.5625]) {
      const middle = low + part * (high - low);
      const count = middle > low && middle < high ? above(middle) : undefined;
      if (count === undefined) continue;
      divide(low, middle, before, count);
      divide(middle, high, count, after);
      return;
    }
    // The count is undefined everywhere inside the interval, so that the level is here.
    levels.push(0.5 * (low + high));
  };
  const [from, to] = [low + INWARD * scale, high - INWARD * scale];
  const [before, after] = [above(from), above(to)];
  if (to > from && before !== undefined && after !== undefined) divide(from, to, before, after);
  return levels;
}
