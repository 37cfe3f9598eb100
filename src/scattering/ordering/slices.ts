// The ordering of the orbitals into slices. The slices are the levels of a breadth-first search
// that starts at the orbitals of one lead. Each slice therefore couples only to its two neighbours,
// and elimination proceeds from that lead inwards. Every lead is tried as the start, and the
// cheapest order is kept.

import type { FrontTree } from "../../engine/device/plan-pattern.js";
import type { ResolvedDevice, ResolvedLead, SparseHermitian } from "../../model/types.js";
import { type CompressedRows, unionRows } from "../../numerics/linear-algebra/sparse.js";

/** An order of the device's orbitals in blocks. */
export interface BlockOrder {
  /** The orbital at each position. */
  orbitals: Int32Array;
  /** First position of each block, followed by the total number of positions. */
  starts: Int32Array;
  /** If present, the blocks are the pivots of these fronts. */
  fronts?: FrontTree;
}

/** For each lead whose self-energy is a full matrix, the orbitals that it couples. */
export function leadCliques(leads: ResolvedLead[]): Int32Array[] {
  return leads.filter((lead) => !("diagonal" in lead && lead.diagonal)).map((lead) => lead.orbitals);
}

/**
 * Writes the levels of a breadth-first search from `roots` to `orbitals`, from index `count` on,
 * and the end of each level to `ends`. Returns the new count.
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
    // The orbitals of a level are sorted, so that neighbours in the user's numbering stay
    // neighbours.
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

/** The graph of the orbitals that H, its derivatives and the leads couple. */
export function deviceGraph(device: ResolvedDevice, matrices: SparseHermitian[]): CompressedRows {
  return unionRows(device.orbitals, matrices, leadCliques(device.leads));
}

/**
 * The block order of all orbitals with a path to a lead. The other orbitals carry no current and
 * are left out.
 */
export function blockOrder(graph: CompressedRows, leads: ResolvedLead[]): BlockOrder {
  const size = graph.rowStart.length - 1;
  let best: BlockOrder | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let first = 0; first < leads.length; first++) {
    const seen = new Uint8Array(size);
    const orbitals = new Int32Array(size);
    const ends: number[] = [0];
    // The component of the first lead comes first, then those of the leads not connected to it.
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
 * The order in which block `index` is joined with its neighbour, for a block whose Schur complement
 * is singular. Undefined if there is only one block.
 */
export function mergeBlock(order: BlockOrder, index: number): BlockOrder | undefined {
  const blocks = order.starts.length - 1;
  if (blocks < 2) return undefined;
  const removed = index < blocks - 1 ? index + 1 : index;
  return { orbitals: order.orbitals, starts: order.starts.filter((_, i) => i !== removed) };
}
