// The band edges of a periodic lead inside a range of energies, found from its propagating modes
// (wave-block.ts). At each energy all phases k and velocities v = dE/dk are known, and between two
// energies the phase of a band changes by dE / v. No band has an edge between two energies if
// equally many modes propagate in either direction at both and if the phases that both predict for
// the middle agree in their order. Otherwise the interval is divided, down to 1e-7 of the bands'
// scale, where the number of channels distinguishes an edge from a crossing. A mode close to an
// edge and its partner of opposite velocity lie on one parabola, whose vertex
//     E0 = E - (v - v')(k - k') / 8
// is the edge to rounding at that distance.
//
// Two kinds of edges can be missed: two edges closer than 1e-7 of the scale, and a pair of edges in
// an interval at whose ends the modes are shifted by less than the tolerance. Bands that do not
// reach the device do not appear. The cost is about 30 solutions of the slow modes per edge.

import { TURN } from "../../../base/constants.js";

/** A propagating mode. */
export interface BandMode {
  /** Phase from cell to cell, in radians. */
  k: number;
  /** Velocity dE/dk; positive for a mode that propagates outwards. */
  v: number;
}

/** Number of intervals into which a range is divided at first. */
const first = 8;
/** Difference of predicted phases that counts as none. */
const tolerance = 0.03;
/** Width of an interval that is not divided further, in units of the bands' scale. */
const narrowest = 1e-7;
/** Shift of an energy at which the modes cannot be determined, in units of the bands' scale. */
const beside = 3e-9;

interface Sample {
  energy: number;
  right: BandMode[];
  left: BandMode[];
}

/**
 * The edges between `low` and `high`, ascending. `modesAt` returns undefined where the modes cannot
 * be determined. `seeds` are energies of all bands at some values of k. They reveal bands that lie
 * in the range as a whole.
 */
export function edgesBetween(
  modesAt: (energy: number) => BandMode[] | undefined,
  scale: number,
  low: number,
  high: number,
  seeds: readonly number[],
): number[] {
  const sample = (energy: number): Sample => {
    let modes: BandMode[] | undefined;
    for (const step of [0, beside, -beside, 10 * beside]) {
      modes = modesAt(energy + step * scale);
      if (modes) break;
    }
    const sorted = (sign: number) => (modes ?? []).filter(({ v }) => sign * v > 0);
    return { energy, right: sorted(1), left: sorted(-1) };
  };
  const edges: number[] = [];
  const search = (a: Sample, b: Sample): void => {
    if (follows(a.right, b.right, b.energy - a.energy) && follows(a.left, b.left, b.energy - a.energy))
      return;
    if (b.energy - a.energy > narrowest * scale) {
      const middle = sample(0.5 * (a.energy + b.energy));
      search(a, middle);
      search(middle, b);
      return;
    }
    // Equally many channels on either side mean that bands cross, or that one opens where another
    // closes.
    if (a.right.length === b.right.length) return;
    edges.push(vertex(a, b));
  };
  const nodes = Array.from({ length: first + 1 }, (_, i) => low + ((high - low) * i) / first);
  for (const seed of seeds)
    if (seed > low && seed < high) nodes.push(seed - beside * scale, seed + beside * scale);
  nodes.sort((x, y) => x - y);
  let last = sample(nodes[0]);
  for (const node of nodes) {
    if (!(node > last.energy)) continue;
    const next = sample(node);
    search(last, next);
    last = next;
  }
  return edges.sort((x, y) => x - y);
}

/** The equivalent angle in (-pi, pi]. */
function principalAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

/**
 * True if the modes of one direction continue into each other over an energy interval of this
 * length.
 */
function follows(a: BandMode[], b: BandMode[], length: number): boolean {
  if (a.length !== b.length) return false;
  const n = a.length;
  if (n === 0) return true;
  const middle = (modes: BandMode[], half: number) =>
    modes.map(({ k, v }) => (((k + half / v) % TURN) + TURN) % TURN).sort((x, y) => x - y);
  const [x, y] = [middle(a, length / 2), middle(b, -length / 2)];
  for (let shift = 0; shift < n; shift++)
    if (x.every((k, i) => Math.abs(principalAngle(k - y[(i + shift) % n])) < tolerance)) return true;
  return false;
}

/**
 * The edge between two close energies: the vertex of the parabola through the closest pair of modes
 * on the side with more modes.
 */
function vertex(a: Sample, b: Sample): number {
  const open = a.right.length > b.right.length ? a : b;
  let [edge, distance] = [0.5 * (a.energy + b.energy), Number.POSITIVE_INFINITY];
  for (const { k, v } of open.right)
    for (const { k: q, v: w } of open.left) {
      const off = ((v - w) * principalAngle(k - q)) / 8;
      if (Math.abs(off) >= distance || Math.abs(off) > 2 * (b.energy - a.energy)) continue;
      [edge, distance] = [open.energy - off, Math.abs(off)];
    }
  return edge;
}
