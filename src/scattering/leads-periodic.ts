// Periodic leads with any cell h0 and hopping h1 (singular, complex, a magnetic field in the lead): Sigma = V g V^+ with the surface Green's function
// g = [E - h0 - h1 g h1^+]^-1 at real energy, retarded, without an imaginary part left in it (assembly/leads.ts).
//
// Open channels are counted by the modes: an eigenvalue mu of h1 g is a propagating mode if 1 - |mu| is far below its distance to the other
// half of the spectrum, min_j |1 - mu lambda_j|; a decaying mode has 1 - |mu| of at least half of that. This holds down to 1e-14 above a threshold.
// The equation has 2^open solutions whose modes look like that, with any of them running inwards: of h1 g h1^+ the broadening has one positive
// eigenvalue per mode that runs outwards, one negative per mode that runs inwards (Gamma = (h1 g) Gamma (h1 g)^+). Only the positive one is taken.
//
// Where a right- and a left-moving mode cross (E = 0 of a folded chain), g is smooth in E but its equation is singular: there it is interpolated
// from both sides (16 Chebyshev nodes within a quarter of the distance to the next band edge), and the decay of the coefficients is checked.
//
// Cost per energy: about 30 products and inverses and 4 Schur forms of the cell's size (cell 20: 1.1 ms); accuracy: residual of g near
// 1e-15 times the condition of the modes, losing digits like 1/sqrt(distance) towards a band edge.

import { product, type SurfaceGreen, surfaceGreen } from "../engine/dense.js";
import type { Kernels } from "../engine/kernels.js";
import { lazily } from "../engine/lazily.js";
import { NumericalError } from "../model/errors.js";
import type { ResolvedPeriodicLead } from "../model/types.js";
import type { PreparedLead } from "./leads.js";
import { bandExtrema } from "./leads-edges.js";
import { adjointOf, symmetrise } from "./leads-matrices.js";
import { runsOutwards } from "./leads-outgoing.js";
import { surfaceLevels } from "./leads-surface.js";
import { BroadeningVectors } from "./leads-vectors.js";

/**
 * Largest relative residual that is accepted, in parts of max(1, |g| scale): beside a level bound to the surface g and Sigma are large and lose
 * digits like their square, while S, to which Sigma is then a wall, keeps them.
 */
const residualLimit = 1e-11;
/** Starts of the decimation above the real axis, in parts of the bands' scale: where a step of one is close to singular the next is tried. */
const starts = [1e-8, 1e-6, 1e-10, 1e-4, 1e-5, 1e-7, 1e-3];
/** What rounding may leave of Gamma beside its positive eigenvalues, in parts of the largest element. */
const outwardsTolerance = 1e-8;
/** Below this distance of advanced from retarded modes g is interpolated (if no band edge explains it). */
const crossingDistance = 0.02;
const nodes = 16;

/** Weights of the values at x_k = cos((2k + 1) pi / 2p) for the value at 0, and for the two last Chebyshev coefficients. */
const atCentre = Array.from({ length: nodes }, (_, k) => weightOf(k, (j) => Math.cos((j * Math.PI) / 2)));
const lastTerm = Array.from({ length: nodes }, (_, k) => weightOf(k, (j) => (j === nodes - 2 ? 1 : 0)));

function weightOf(k: number, polynomial: (j: number) => number): number {
  let sum = 0;
  for (let j = 0; j < nodes; j++)
    sum += ((j === 0 ? 1 : 2) / nodes) * polynomial(j) * Math.cos((j * (2 * k + 1) * Math.PI) / (2 * nodes));
  return sum;
}

/** g and g' at real energy with the number of propagating modes and how far apart advanced and retarded modes are. */
interface Surface {
  green: Float64Array;
  slope: Float64Array;
  open: number;
  distance: number;
}

/** Counts the propagating modes; undefined if the solution is not the retarded one. */
function classified({ green, slope, mu, lambda }: SurfaceGreen): Surface | undefined {
  const n = mu.length / 2;
  let open = 0;
  let distance = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const [re, im] = [mu[2 * i], mu[2 * i + 1]];
    let own = Number.POSITIVE_INFINITY;
    for (let j = 0; j < n; j++) {
      const [a, b] = [lambda[2 * j], lambda[2 * j + 1]];
      own = Math.min(own, Math.hypot(1 - (re * a - im * b), re * b + im * a));
    }
    const decay = 1 - Math.hypot(re, im);
    if (decay < -0.25 * own) return undefined;
    if (decay < 0.25 * own) open++;
    distance = Math.min(distance, own);
  }
  return { green, slope, open, distance };
}

/** Prepares the lead; `real`: all its matrices are real; `field` names it in errors. */
export function periodicLead(
  kernels: Kernels,
  { orbitals, onsite, hopping, coupling }: ResolvedPeriodicLead,
  real: boolean,
  field: string,
): PreparedLead {
  const m = onsite.shape[0];
  const n = orbitals.length;
  const [h0, h1] = [onsite.data, hopping.data];
  const edges = lazily(() => bandExtrema(kernels, m, h0, h1));
  const scale = bandScale(m, h0, h1);

  const failure = (energy: number) =>
    new NumericalError(`${field}: no surface Green's function of the lead at this energy`, {
      energy,
      causes: [
        "a flat band of the lead, or a state bound to its surface, lies exactly here: move the energy by a little",
        "a cell whose elements differ by more than the digits of a double",
      ],
    });

  const towards = adjointOf(h1, m, m);
  const moved = new Float64Array(2 * m * m);
  const beyond = new Float64Array(2 * m * m);
  const gamma = new Float64Array(2 * m * m);
  const own = { green: new Float64Array(2 * m * m), slope: new Float64Array(2 * m * m) };
  /** Whether all propagating modes of the solution in `own` run outwards. */
  const retarded = (): boolean => {
    product(kernels, m, m, m, h1, own.green, moved);
    product(kernels, m, m, m, moved, towards, beyond);
    return runsOutwards(beyond, m, outwardsTolerance, gamma);
  };

  /** The solution of the equation itself; several starts, since a start on a pole of the decimation fails. */
  const direct = (energy: number, im = 0): Surface | undefined => {
    for (const start of im < 1e-8 * scale ? starts : [0, ...starts]) {
      const found = surfaceGreen(kernels, m, h0, h1, [energy, im, start * scale]);
      if (!found) continue;
      let largest = 0;
      for (const element of found.green) largest = Math.max(largest, Math.abs(element));
      if (found.residual > Math.min(residualLimit * Math.max(1, largest * scale), 1e-6)) continue;
      const surface = classified(found);
      if (!surface) continue;
      // The kernels' scratch memory holds them only until the next call.
      own.green.set(found.green);
      own.slope.set(found.slope);
      if ((surface.open === 0 && im === 0) || retarded()) return { ...surface, ...own };
    }
    return undefined;
  };

  const interpolated = { green: new Float64Array(2 * m * m), slope: new Float64Array(2 * m * m) };
  const tail = new Float64Array(2 * m * m);
  /** g across a crossing of modes, from energies within `radius`; undefined if it is not smooth there. */
  const across = (energy: number, radius: number): Surface | undefined => {
    interpolated.green.fill(0);
    interpolated.slope.fill(0);
    tail.fill(0);
    let open = -1;
    let size = 0;
    for (let k = 0; k < nodes; k++) {
      const node = direct(energy + radius * Math.cos(((2 * k + 1) * Math.PI) / (2 * nodes)));
      if (!node || (open >= 0 && node.open !== open)) return undefined;
      open = node.open;
      for (let i = 0; i < tail.length; i++) {
        interpolated.green[i] += atCentre[k] * node.green[i];
        interpolated.slope[i] += atCentre[k] * node.slope[i];
        tail[i] += lastTerm[k] * node.slope[i];
        size = Math.max(size, Math.abs(node.slope[i]));
      }
    }
    return tail.every((x) => Math.abs(x) < 1e-10 * size) ? { ...interpolated, open, distance: 1 } : undefined;
  };

  const nearestEdge = (energy: number) =>
    edges().reduce((least, edge) => Math.min(least, Math.abs(edge - energy)), Number.POSITIVE_INFINITY);

  const surfaceAt = (asked: number): Surface => {
    let energy = asked;
    let surface = direct(energy);
    if (surface && surface.distance > crossingDistance) return surface;
    const room = nearestEdge(energy);
    if (room < 1e-14 * scale) {
      // On a threshold: one rounding's distance away from it, on the side that was asked for.
      const edge = edges().find((e) => Math.abs(e - energy) === room)!;
      energy = edge + (asked < edge ? -1 : 1) * 1e-14 * scale;
      surface = direct(energy);
    }
    if (surface && surface.distance > 0.1 * Math.sqrt(room / scale)) return surface;
    // A crossing (then the direct solution, if there is one, has lost its digits).
    for (let radius = Math.min(0.25 * room, 0.02 * scale); radius > 1e-7 * scale; radius *= 0.25) {
      const smooth = across(energy, radius);
      if (smooth) return smooth;
    }
    const kept = direct(energy);
    if (!kept || (kept.distance < 1e-5 && room > 1e-8 * scale)) throw failure(asked);
    return kept;
  };

  /** True if as many channels are open at either end of a narrow window, and no modes meet there. */
  const nothingOpens = (low: number, high: number): boolean => {
    const [a, b] = [low, high].map((energy) => {
      const surface = direct(energy);
      return surface && surface.distance > 1e-3 ? surface.open : Number.NaN;
    });
    return a === b;
  };

  const cellAdjoint = adjointOf(coupling.data, n, m);
  const half = new Float64Array(2 * n * m);
  const sigma = new Float64Array(2 * n * n);
  const slope = new Float64Array(2 * n * n);
  /** V g V^+ and V g' V^+. */
  const onContact = (green: Float64Array, derivative: Float64Array) => {
    // Both views lie in the kernels' scratch memory, which the next product overwrites.
    const [g, dg] = [green.slice(), derivative.slice()];
    for (const [source, target] of [
      [g, sigma],
      [dg, slope],
    ]) {
      product(kernels, n, m, m, coupling.data, source, half);
      product(kernels, n, m, n, half, cellAdjoint, target);
      if (real) symmetrise(target, n);
    }
  };

  const vectors = new BroadeningVectors(kernels, n);
  const above = {
    selfEnergy: new Float64Array(sigma.length),
    selfEnergyDerivative: new Float64Array(sigma.length),
  };
  return {
    orbitals,
    capacity: Math.min(n, m),
    symmetric: real,
    get edges() {
      return edges();
    },
    edgesWithin: (low, high) => {
      // No channel opens or closes in a narrow window whose ends have as many.
      if (high - low < 1e-6 * scale && nothingOpens(low, high)) return [];
      return edges().filter((edge) => edge >= low && edge <= high);
    },
    reach: scale,
    surfaceLevels: (low, high) => {
      // Outside of all bands there are none.
      const between = edges().length > 0 && high > edges()[0] && low < edges()[edges().length - 1];
      return between ? surfaceLevels(kernels, m, h0, h1, scale, low, high) : [];
    },
    at: (energy) => {
      const surface = surfaceAt(energy);
      onContact(surface.green, surface.slope);
      // Beside a level bound to the surface Sigma is large, and so is its rounding.
      let size = scale;
      for (const element of sigma) size = Math.max(size, Math.abs(element));
      const values = vectors.complete(sigma, slope, surface.open);
      if (!(values.smallest > -1e-7 * size)) throw failure(energy);
      return values;
    },
    selfEnergyAt: (re, im) => {
      const found = im > 0 ? direct(re, im) : surfaceAt(re);
      if (!found) throw failure(re);
      onContact(found.green, found.slope);
      above.selfEnergy.set(sigma);
      above.selfEnergyDerivative.set(slope);
      return above;
    },
  };
}

/** A bound on the bands: the largest row sums of h0 and h1. */
function bandScale(m: number, h0: Float64Array, h1: Float64Array): number {
  const largest = (a: Float64Array) => {
    let most = 0;
    for (let i = 0; i < m; i++) {
      let [row, column] = [0, 0];
      for (let j = 0; j < m; j++) {
        row += Math.hypot(a[2 * (i * m + j)], a[2 * (i * m + j) + 1]);
        column += Math.hypot(a[2 * (j * m + i)], a[2 * (j * m + i) + 1]);
      }
      most = Math.max(most, row, column);
    }
    return most;
  };
  return largest(h0) + 2 * largest(h1);
}
