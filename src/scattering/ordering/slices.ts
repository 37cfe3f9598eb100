// The ordering of the orbitals into slices. Slices are the levels of a breadth-first search that
// starts at the orbitals of one lead, so that each slice couples to its two neighbours only and
// elimination proceeds from that lead inwards. Every lead is tried as the start; the cheapest order
// is kept.

import type { FrontTree } from "../../engine/device/plan-pattern.js";
import type { ResolvedDevice, ResolvedLead, SparseHermitian } from "../../model/types.js";
import { type CompressedRows, unionRows } from "../../numerics/linear-algebra/sparse.js";

export interface BlockOrder {
  /** Orbital at each position. */
  orbitals: Int32Array;
  /** First position of each block, and the number of positions at the end. */
  starts: Int32Array;
  /** In a nested order: the blocks are the pivots of these fronts. */
  fronts?: FrontTree;
}

/** Orbitals between which each lead's self-energy has elements. */
export function leadCliques(leads: ResolvedLead[]): Int32Array[] {
  return leads.filter((lead) => !("diagonal" in lead && lead.diagonal)).map((lead) => lead.orbitals);
}

/**
 * Levels of a breadth-first search from `roots`, written behind `count` orbitals; the new count and
 * the levels' ends go in place.
 */
function levelsFrom(
  { rowStart, columns }: CompressedRows,
  roots: Int32Array,
  seen: Uint8Array,
  orbitals: Int32Array,
  count: number,
  ends: number[],
): number {
  let first = count;
  let last = count;
  for (const root of roots)
    if (!seen[root]) {
      seen[root] = 1;
      orbitals[last++] = root;
    }
  while (last > first) {
    // Ascending within a level: neighbours in the user's numbering stay neighbours.
    orbitals.subarray(first, last).sort();
    ends.push(last);
    let next = last;
    for (let p = first; p < last; p++)
      for (let k = rowStart[orbitals[p]]; k < rowStart[orbitals[p] + 1]; k++) {
        const j = columns[k];
        if (seen[j]) continue;
        seen[j] = 1;
        orbitals[next++] = j;
      }
    first = last;
    last = next;
  }
  return last;
}

/** Which orbitals H, its derivatives and the leads couple. */
export function deviceGraph(device: ResolvedDevice, matrices: SparseHermitian[]): CompressedRows {
  return unionRows(device.orbitals, matrices, leadCliques(device.leads));
}

/**
 * Block order of all orbitals that a path connects to a lead; the others carry no current and are
 * left out.
 */
export function blockOrder(graph: CompressedRows, leads: ResolvedLead[]): BlockOrder {
  const size = graph.rowStart.length - 1;
  let best: BlockOrder | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let first = 0; first < leads.length; first++) {
    const seen = new Uint8Array(size);
    const orbitals = new Int32Array(size);
    const ends: number[] = [0];
    // The component of the first lead, then those of the leads that are not connected to it.
    let count = 0;
    for (let k = 0; k < leads.length; k++)
      count = levelsFrom(graph, leads[(first + k) % leads.length].orbitals, seen, orbitals, count, ends);
    let cost = 0;
    for (let i = 0; i + 1 < ends.length; i++) cost += (ends[i + 1] - ends[i]) ** 3;
    if (cost >= bestCost) continue;
    best = { orbitals: orbitals.slice(0, count), starts: Int32Array.from(ends) };
    bestCost = cost;
  }
  return best ?? { orbitals: new Int32Array(), starts: Int32Array.of(0) };
}

/**
 * The order with block `index` joined to its neighbour, for a Schur complement that is singular on
 * its own; undefined with one block.
 */
export function mergeBlock(order: BlockOrder, index: number): BlockOrder | undefined {
  const blocks = order.starts.length - 1;
  if (blocks < 2) return undefined;
  const removed = index < blocks - 1 ? index + 1 : index;
  return { orbitals: order.orbitals, starts: order.starts.filter((_, i) => i !== removed) };
}
