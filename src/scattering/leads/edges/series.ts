// The reflection R of a periodic lead near a band edge E0. In the variable s with E = E0 +- s^2,
// where s is real on the side on which the channel is open, R is smooth across the edge: s > 0
// belongs to the mode that propagates outwards, -s to the mode that propagates inwards in its
// place, and imaginary s to a decaying mode. R is interpolated between Chebyshev nodes of s in [-S,
// S]. All nodes are on the open side and away from the edge. Modes close to an edge lose digits
// like 1/distance, and this loss does not affect the nodes. R' = (dR/ds) / (dE/ds) is the
// derivative of the same polynomial. R and R' therefore belong to one function, however near the
// edge is, and terms of both cancel to rounding.
//
// E0 is the energy of the band of the cell at the phase where the two modes meet, as a
// double-double. A device that continues its lead has its edge at the same energy. An edge of the
// lead that was wrong by a rounding error would cause a reflection of the size of this error over
// the distance. The cost is 20 energies once per edge, and a sum of 20 matrices per energy
// afterwards.

import type { Reflection } from "../periodic/wave-surface.js";
import type { BandLevel } from "./band-level.js";

/** Number of nodes of s. Nodes s and -s have the same energy. */
const nodes = 20;
/** Radii that are tried, in units of the bands' scale. */
const radii = [3e-2, 1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];
/** Smallest distance of the nearest other edge, in radii. */
const apart = 6;
/** Size of the last coefficients of R that counts as rounding; R itself is at most 1. */
const smooth = 3e-14;
/**
 * Largest |s| / S for which the polynomial is used, on the open side (`inner`) and on the closed
 * side (`beyond`). Its derivative loses digits towards the ends.
 */
const inner = 0.5;
const beyond = 0.15;
/**
 * Distance from the edge at which the modes that meet are identified, and the largest error of an
 * edge, both in units of the bands' scale.
 */
const beside = 1e-8;
const offEdge = 1e-9;

/** The reflection of a lead near an edge. */
export interface NearReflection {
  /** R, r x r, interleaved. */
  value: Float64Array;
  /** R' = dR/dE, r x r, interleaved. */
  slope: Float64Array;
  /** Number of open channels. */
  open: number;
  /** Half the difference of the phases (or decay rates) of the modes that meet. */
  distance: number;
}

/** A series for R about one edge. */
export interface EdgeExpansion {
  /** By how much E0 exceeds a double next to it. */
  edgeLow(near: number): number;
  /** True if the series is valid at the energy. */
  holds(energy: number): boolean;
  /**
   * R and R' at energy + energyLow, where the series must be valid. Within `least` of the edge the
   * result is that at the distance `least`, on the same side. Exactly on the edge it is that on the
   * open side.
   */
  at(energy: number, energyLow: number, least: number): NearReflection;
}

/** What an expansion needs to know of the lead. */
export interface EdgeRequest {
  /** The reflection at a real energy. `exchanged` has the meaning it has in reflectionAt. */
  reflection: (energy: number, exchanged?: Float64Array) => Reflection | undefined;
  /** Copies R and R' out of kernel memory. */
  valuesOf: (found: Reflection) => { value: Float64Array; slope: Float64Array };
  /** The band closest to an energy at the phase lambda = re + i im. */
  level: (re: number, im: number, energy: number) => BandLevel | undefined;
  /** The bands' scale, an energy. */
  scale: number;
}

/**
 * Expands R at an edge. `others` are all known edges. Returns undefined if R is not smooth in s, as
 * it is next to a crossing of modes.
 */
export function edgeExpansion(
  request: EdgeRequest,
  edge: number,
  others: readonly number[],
): EdgeExpansion | undefined {
  const { reflection, level, scale } = request;
  const [below, above] = [edge - beside * scale, edge + beside * scale].map(
    (energy) => reflection(energy)?.open,
  );
  if (below === undefined || above === undefined || below === above) return undefined;
  const side = above > below ? 1 : -1;
  const meeting = meetingModes(reflection(edge + side * beside * scale), Math.abs(above - below));
  const band = meeting && level(meeting[0], meeting[1], edge);
  if (!band || !(Math.abs(band.energy - edge) < offEdge * scale)) return undefined;
  const room = others.reduce(
    (least, other) =>
      Math.abs(other - edge) > offEdge * scale ? Math.min(least, Math.abs(other - edge)) : least,
    Number.POSITIVE_INFINITY,
  );
  for (const part of radii) {
    if (apart * part * scale > room) continue;
    const found = fitted(request, band, side, part * scale, meeting);
    if (found) return expansionOf(found, side, Math.max(below, above), Math.min(below, above));
  }
  return undefined;
}

/**
 * Phases, interleaved, of the `count` pairs of an outward and an inward mode that are closest to
 * each other.
 */
function meetingModes(found: Reflection | undefined, count: number): Float64Array | undefined {
  if (!found?.modes) return undefined;
  const { lambda, lambdaInward } = found.modes;
  const open = lambda.length / 2;
  const pairs: { i: number; j: number; distance: number }[] = [];
  for (let i = 0; i < open; i++)
    for (let j = 0; j < open; j++) {
      const [re, im] = [lambda[2 * i] - lambdaInward[2 * j], lambda[2 * i + 1] - lambdaInward[2 * j + 1]];
      pairs.push({ i, j, distance: Math.hypot(re, im) });
    }
  pairs.sort((a, b) => a.distance - b.distance);
  const chosen: typeof pairs = [];
  for (const pair of pairs)
    if (chosen.length < count && !chosen.some(({ i, j }) => i === pair.i || j === pair.j)) chosen.push(pair);
  if (chosen.length < count) return undefined;
  return Float64Array.from(
    chosen.flatMap(({ i, j }) => {
      const [re, im] = [lambda[2 * i] + lambdaInward[2 * j], lambda[2 * i + 1] + lambdaInward[2 * j + 1]];
      const size = Math.hypot(re, im);
      return [re / size, im / size];
    }),
  );
}

/** ((k - k') / 2)^2 for the outward and the inward mode closest to a phase. */
function squaredDistance({ modes }: Reflection, [re, im]: ArrayLike<number> & Iterable<number>): number {
  const nearest = (all: Float64Array): number => {
    let [angle, least] = [0, Number.POSITIVE_INFINITY];
    for (let k = 0; k < all.length; k += 2) {
      // The angle relative to the phase.
      const relative = Math.atan2(all[k + 1] * re - all[k] * im, all[k] * re + all[k + 1] * im);
      if (Math.abs(relative) < least) [angle, least] = [relative, Math.abs(relative)];
    }
    return angle;
  };
  return (0.5 * (nearest(modes!.lambda) - nearest(modes!.lambdaInward))) ** 2;
}

interface Fit {
  /** The coefficients of the Chebyshev polynomials of s / S, one matrix after the other. */
  coefficients: Float64Array;
  size: number;
  /** S, the radius in the variable s. */
  range: number;
  /** E0 = edge + edgeLow. */
  edge: number;
  edgeLow: number;
  /** d(((k - k') / 2)^2) / dE at the edge. */
  bend: number;
}

function fitted(
  { reflection, valuesOf }: EdgeRequest,
  band: BandLevel,
  side: number,
  radius: number,
  meeting: Float64Array,
): Fit | undefined {
  const range = Math.sqrt(radius);
  const half = nodes / 2;
  /** R and R' at s_k. The node -s_k is s_(nodes - 1 - k). */
  const values: Float64Array[] = new Array(nodes);
  const slopes: Float64Array[] = new Array(nodes);
  const energies = new Float64Array(half);
  let [open, bend, nearest] = [-1, 0, Number.POSITIVE_INFINITY];
  for (let k = 0; k < half; k++) {
    const s = range * Math.cos(((2 * k + 1) * Math.PI) / (2 * nodes));
    energies[k] = band.energy + side * s * s;
    const own = reflection(energies[k]);
    if (!own?.modes || (open >= 0 && own.open !== open)) return undefined;
    open = own.open;
    if (s < nearest) [nearest, bend] = [s, squaredDistance(own, meeting) / (s * s)];
    ({ value: values[k], slope: slopes[k] } = valuesOf(own));
    const other = reflection(energies[k], meeting);
    if (!other) return undefined;
    ({ value: values[nodes - 1 - k], slope: slopes[nodes - 1 - k] } = valuesOf(other));
  }
  // The phase was the middle between the two modes close to the edge. At this phase a band of
  // curvature 2 side / bend is v^2 bend / 4 away from its extremum.
  const edge = band.energy;
  const edgeLow = band.low - (side * bend * band.velocity ** 2) / 4;
  const length = values[0].length;
  const coefficients = new Float64Array(nodes * length);
  for (let k = 0; k < nodes; k++) {
    const s = range * Math.cos(((2 * k + 1) * Math.PI) / (2 * nodes));
    // The energy of the node is a rounded double. R is corrected to E0 +- s^2 with the slope.
    const off = edge - energies[Math.min(k, nodes - 1 - k)] + side * s * s + edgeLow;
    for (let i = 0; i < length; i++) values[k][i] += off * slopes[k][i];
  }
  let last = 0;
  for (let j = 0; j < nodes; j++)
    for (let k = 0; k < nodes; k++) {
      const weight = ((j === 0 ? 1 : 2) / nodes) * Math.cos((j * (2 * k + 1) * Math.PI) / (2 * nodes));
      for (let i = 0; i < length; i++) coefficients[j * length + i] += weight * values[k][i];
    }
  for (let p = (nodes - 2) * length; p < nodes * length; p++)
    last = Math.max(last, Math.abs(coefficients[p]));
  return last < smooth && bend > 0 ? { coefficients, size: length, range, edge, edgeLow, bend } : undefined;
}

function expansionOf(
  { coefficients, size, range, edge, edgeLow, bend }: Fit,
  side: number,
  open: number,
  closed: number,
): EdgeExpansion {
  return {
    edgeLow: (near) => edge - near + edgeLow,
    holds: (energy) => {
      const distance = side * (energy - edge);
      return distance < (inner * range) ** 2 && distance > -((beyond * range) ** 2);
    },
    at: (energy, energyLow, least) => {
      const asked = side * (energy - edge + (energyLow - edgeLow));
      const distance = Math.abs(asked) < least ? (asked < 0 ? -least : least) : asked;
      const root = Math.sqrt(Math.abs(distance)) / range;
      // t = s / S is real or imaginary. The limit Im E > 0 fixes its sign: s^2 = side (E - E0)
      // passes above zero for side = 1 and below zero for side = -1.
      const t: Complex = distance > 0 ? [root, 0] : [0, side * root];
      const value = new Float64Array(size);
      const slope = new Float64Array(size);
      // T_j, and T_j' = j U_(j-1), by recursion.
      let [T, next, U, before]: Complex[] = [[1, 0], t, [0, 0], [0, 0]];
      // dE/dt = 2 side S^2 t.
      const rate = 2 * range * range * root;
      const perEnergy: Complex = distance > 0 ? [side / rate, 0] : [0, -1 / rate];
      for (let j = 0; j < nodes; j++) {
        const [dr, di] = times(perEnergy, [j * U[0], j * U[1]]);
        for (let i = 0, p = j * size; i < size; i += 2, p += 2) {
          const [re, im] = [coefficients[p], coefficients[p + 1]];
          value[i] += T[0] * re - T[1] * im;
          value[i + 1] += T[0] * im + T[1] * re;
          slope[i] += dr * re - di * im;
          slope[i + 1] += dr * im + di * re;
        }
        const [x, y] = times(t, next);
        [T, next] = [next, [2 * x - T[0], 2 * y - T[1]]];
        if (j === 0) U = [1, 0];
        else {
          const [u, v] = times(t, U);
          [U, before] = [[2 * u - before[0], 2 * v - before[1]], U];
        }
      }
      return {
        value,
        slope,
        open: distance > 0 ? open : closed,
        distance: Math.sqrt(bend * Math.abs(distance)),
      };
    },
  };
}

type Complex = readonly [re: number, im: number];

const times = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];
