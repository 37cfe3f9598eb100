// The band edges of a periodic lead: the extrema of its bands E_n(k), where channels open and
// close. H(k) = h0 + h1 e^(ik) + h1^+ e^(-ik) is diagonalised on a grid of k. The slopes of the
// bands are
//     dE_n/dk = -2 Im(e^(ik) u_n^+ h1 u_n).
// An interval is divided if the slope of a band changes sign in it, or if the values and slopes at
// its ends leave room for a hidden pair of extrema. A sign change is followed down to rounding. The
// bands are numbered in the order of their energies. A crossing of two bands therefore appears as a
// jump of the slope and is dropped, because no channel opens there. The cost is about 6 n grid
// points and 3 to 50 more per edge, with one diagonalisation of an n x n matrix each. The error is
// about 1e-14 of the bands' scale.

import { product, quickHermitianEigen } from "../../../engine/dense.js";
import type { Kernels } from "../../../engine/kernels.js";

/** The band energies and their slopes dE/dk at one k, in ascending order of the energy. */
interface Bands {
  k: number;
  energies: Float64Array;
  slopes: Float64Array;
}

/** Largest number of times that an interval of the grid is halved. */
const mostDivisions = 6;

/** All extrema of the bands, ascending and without duplicates. h0 and h1 are n x n, interleaved. */
export function bandExtrema(kernels: Kernels, n: number, h0: Float64Array, h1: Float64Array): number[] {
  const matrix = new Float64Array(2 * n * n);
  const moved = new Float64Array(2 * n * n);
  let scale = 0;
  for (let k = 0; k < h0.length; k++) scale = Math.max(scale, Math.abs(h0[k]), Math.abs(h1[k]));
  scale *= n;

  const sample = (k: number): Bands => {
    const [c, s] = [Math.cos(k), Math.sin(k)];
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
        matrix[p] = h0[p] + c * h1[p] - s * h1[p + 1] + c * h1[q] - s * h1[q + 1];
        matrix[p + 1] = h0[p + 1] + c * h1[p + 1] + s * h1[p] - c * h1[q + 1] - s * h1[q];
      }
    const eigen = quickHermitianEigen(kernels, n, matrix);
    const order = Array.from(eigen.values.keys()).sort((a, b) => eigen.values[a] - eigen.values[b]);
    const vectors = eigen.vectors.slice();
    product(kernels, n, n, n, h1, vectors, moved);
    const slopes = Float64Array.from(order, (band) => {
      let [re, im] = [0, 0];
      for (let i = 0; i < n; i++) {
        const p = 2 * (i * n + band);
        re += vectors[p] * moved[p] + vectors[p + 1] * moved[p + 1];
        im += vectors[p] * moved[p + 1] - vectors[p + 1] * moved[p];
      }
      return -2 * (c * im + s * re);
    });
    return { k, energies: Float64Array.from(order, (band) => eigen.values[band]), slopes };
  };

  const edges: number[] = [];
  const flat = (slope: number) => Math.abs(slope) < 1e-12 * scale;

  /** True if a neighbouring band has the same energy. */
  const meets = ({ energies }: Bands, band: number) =>
    [band - 1, band + 1].some((other) => Math.abs(energies[other] - energies[band]) < 1e-12 * scale);

  /** Finds the extremum of a band between a and b, at which its slopes differ in sign. */
  const follow = (a: Bands, b: Bands, band: number): void => {
    let [left, right] = [a, b];
    for (let step = 0; step < 100; step++) {
      const [dl, dr] = [left.slopes[band], right.slopes[band]];
      const width = right.k - left.k;
      if (!(width > 4e-16 * Math.PI)) break;
      // The next k is the zero of the linear interpolation of the slope, or the middle in every
      // third step.
      const fraction = step % 3 === 2 ? 0.5 : Math.min(Math.max(dl / (dl - dr), 0.01), 0.99);
      const middle = sample(left.k + fraction * width);
      const slope = middle.slopes[band];
      // The energy of the extremum has the error slope^2 / (2 curvature). At a crossing this error
      // becomes small only together with the interval.
      const curvature = Math.min(
        Math.abs(slope - dl) / (middle.k - left.k),
        Math.abs(dr - slope) / (right.k - middle.k),
      );
      if (slope * slope < 2e-16 * scale * curvature) {
        // Exactly on a crossing the slopes are those of arbitrary mixtures of the bands. Bands that
        // coincide at every k do not cross.
        if (!meets(middle, band) || (meets(a, band) && meets(b, band))) edges.push(middle.energies[band]);
        return;
      }
      if (slope > 0 === dl > 0) left = middle;
      else right = middle;
    }
    // The slope jumps. This is a crossing if the neighbouring band is there too, else an extremum
    // that is sharper than doubles resolve.
    const neighbour = left.slopes[band] > 0 ? band + 1 : band - 1;
    const distance =
      neighbour < 0 || neighbour >= n
        ? Number.POSITIVE_INFINITY
        : Math.abs(left.energies[neighbour] - left.energies[band]);
    if (distance > 1e-11 * scale) edges.push(left.energies[band]);
  };

  const search = (a: Bands, b: Bands, depth: number): void => {
    if (depth < mostDivisions && a.slopes.some((_, band) => hidesExtrema(a, b, band))) {
      const middle = sample(0.5 * (a.k + b.k));
      search(a, middle, depth + 1);
      search(middle, b, depth + 1);
      return;
    }
    for (let band = 0; band < n; band++) {
      const [da, db] = [a.slopes[band], b.slopes[band]];
      if (flat(da) && flat(db)) {
        if (Math.abs(a.energies[band] - b.energies[band]) < 1e-12 * scale) edges.push(a.energies[band]);
      } else if (da > 0 !== db > 0) follow(a, b, band);
    }
  };

  // The grid avoids k = 0 and k = pi, where extrema lie by symmetry.
  const points = Math.max(48, 6 * n);
  const offset = 0.1234;
  const first = sample(offset);
  let last = first;
  for (let i = 1; i <= points; i++) {
    const next =
      i === points ? { ...first, k: first.k + 2 * Math.PI } : sample(offset + (2 * Math.PI * i) / points);
    search(last, next, 0);
    last = next;
  }
  return distinct(edges, 1e-12 * scale);
}

/**
 * Energies of all bands at some values of k. They include k = 0 and k = pi, where the bands of a
 * lead without a magnetic field have extrema.
 */
export function bandEnergies(kernels: Kernels, n: number, h0: Float64Array, h1: Float64Array): number[] {
  const matrix = new Float64Array(2 * n * n);
  return [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ].flatMap(([c, s]) => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
        matrix[p] = h0[p] + c * (h1[p] + h1[q]) - s * (h1[p + 1] + h1[q + 1]);
        matrix[p + 1] = h0[p + 1] + c * (h1[p + 1] - h1[q + 1]) + s * (h1[p] - h1[q]);
      }
    return Array.from(quickHermitianEigen(kernels, n, matrix).values);
  });
}

/**
 * True if slopes of equal sign at both ends belong to a cubic that comes close to having extrema in
 * between.
 */
function hidesExtrema(a: Bands, b: Bands, band: number): boolean {
  const [da, db] = [a.slopes[band], b.slopes[band]];
  if (da > 0 !== db > 0) return false;
  const mean = (b.energies[band] - a.energies[band]) / (b.k - a.k);
  const least = 0.1 * Math.min(Math.abs(da), Math.abs(db));
  const sign = da > 0 ? 1 : -1;
  for (let x = 0.1; x < 0.95; x += 0.1) {
    const slope = da * (1 - x) * (1 - 3 * x) + db * x * (3 * x - 2) + 6 * mean * x * (1 - x);
    if (sign * slope < least) return true;
  }
  return false;
}

function distinct(values: number[], tolerance: number): number[] {
  const sorted = values.sort((a, b) => a - b);
  return sorted.filter((value, i) => i === 0 || value - sorted[i - 1] > tolerance);
}
