// The sparsity pattern of A = E - H(X) - Sigma and the ordering of the orbitals into slices.
// Slices are the levels of a breadth-first search that starts at the orbitals of one lead, so that each slice couples to its two
// neighbours only and elimination proceeds from that lead inwards. Every lead is tried as the start; the cheapest order is kept.

import type { ResolvedDevice, SparseHermitian } from "../model/types.js";

/** Neighbour lists of the orbitals, leads' corners included, in compressed rows. */
interface Graph {
  starts: Int32Array;
  neighbours: Int32Array;
}

export interface BlockOrder {
  /** Orbital at each position. */
  orbitals: Int32Array;
  /** First position of each block, and the number of positions at the end. */
  starts: Int32Array;
}

export function couplingGraph(device: ResolvedDevice, matrices: SparseHermitian[]): Graph {
  const pairs = new Set<number>();
  const n = device.orbitals;
  const add = (i: number, j: number) => {
    if (i === j) return;
    pairs.add(i * n + j);
    pairs.add(j * n + i);
  };
  for (const matrix of matrices)
    for (let k = 0; k < matrix.rows.length; k++) add(matrix.rows[k], matrix.columns[k]);
  for (const lead of device.leads)
    if (lead.kind === "chain" || !("diagonal" in lead && lead.diagonal))
      for (const i of lead.orbitals) for (const j of lead.orbitals) add(i, j);
  const sorted = Float64Array.from(pairs).sort();
  const starts = new Int32Array(n + 1);
  const neighbours = new Int32Array(sorted.length);
  sorted.forEach((pair, k) => {
    const i = Math.floor(pair / n);
    starts[i + 1]++;
    neighbours[k] = pair - i * n;
  });
  for (let i = 0; i < n; i++) starts[i + 1] += starts[i];
  return { starts, neighbours };
}

/** Levels of a breadth-first search from `roots` over the orbitals not yet `seen`. */
function levelsFrom(graph: Graph, roots: Iterable<number>, seen: Uint8Array): number[][] {
  const levels: number[][] = [];
  let level: number[] = [];
  for (const root of roots)
    if (!seen[root]) {
      seen[root] = 1;
      level.push(root);
    }
  while (level.length > 0) {
    levels.push(level.sort((a, b) => a - b));
    const next: number[] = [];
    for (const i of level)
      for (let k = graph.starts[i]; k < graph.starts[i + 1]; k++) {
        const j = graph.neighbours[k];
        if (seen[j]) continue;
        seen[j] = 1;
        next.push(j);
      }
    level = next;
  }
  return levels;
}

/** Block order of all orbitals that a path connects to a lead; the others carry no current and are left out. */
export function blockOrder(device: ResolvedDevice, matrices: SparseHermitian[]): BlockOrder {
  const graph = couplingGraph(device, matrices);
  let best: number[][] = [];
  let bestCost = Number.POSITIVE_INFINITY;
  for (let first = 0; first < device.leads.length; first++) {
    const seen = new Uint8Array(device.orbitals);
    const levels: number[][] = [];
    // The component of the first lead, then those of the leads that are not connected to it.
    for (let k = 0; k < device.leads.length; k++)
      levels.push(...levelsFrom(graph, device.leads[(first + k) % device.leads.length].orbitals, seen));
    const cost = levels.reduce((sum, level) => sum + level.length ** 3, 0);
    if (cost < bestCost) {
      best = levels;
      bestCost = cost;
    }
  }
  const starts = new Int32Array(best.length + 1);
  best.forEach((level, i) => {
    starts[i + 1] = starts[i] + level.length;
  });
  return { orbitals: Int32Array.from(best.flat()), starts };
}

/** The order with block `index` joined to its neighbour, for a Schur complement that is singular on its own; undefined with one block. */
export function mergeBlock(order: BlockOrder, index: number): BlockOrder | undefined {
  const blocks = order.starts.length - 1;
  if (blocks < 2) return undefined;
  const removed = index < blocks - 1 ? index + 1 : index;
  return { orbitals: order.orbitals, starts: order.starts.filter((_, i) => i !== removed) };
}
