// Elimination orders for the multifrontal factorisation (assembly/device/fronts.ts): the rows that
// each front writes to, the predicted cost of a point, and the fronts of a minimum-degree order,
// which are joined if that makes them cheaper.

import type { FrontTree } from "../../engine/device/plan-pattern.js";
import type { CompressedRows } from "../../numerics/linear-algebra/sparse.js";
import { type EliminationTree, minimumDegree } from "./minimum-degree.js";
import type { BlockOrder } from "./slices.js";

/** An order whose blocks are the pivots of the fronts. */
export interface FrontOrder extends BlockOrder {
  fronts: FrontTree;
}

/**
 * Time of an operation of the factors and of the sweeps, relative to an operation in a slice, and
 * the additional operations per row and column of a front.
 */
export interface FrontRates {
  factors: number;
  sweeps: number;
  rows: number;
}

/**
 * Overhead of a front in operations: a fixed part, and a part per row and column of the sweeps.
 * Both are measured.
 */
const FRONT = 500;
const ROW = 10;

/**
 * Operations of a front of m pivots and b rows behind them, with two rounds of both sweeps over
 * `columns` columns.
 */
function operationsOf(m: number, b: number, columns: number, { factors, sweeps }: FrontRates): number {
  return m * (factors * (m ** 2 + 2 * b * m + b ** 2) + sweeps * (4 * m + 8 * b) * columns);
}

/** Operations of one point, in units of operations of slices. */
export function frontOperations(
  { starts, fronts: { boundaryStart } }: FrontOrder,
  columns: number,
  rates: FrontRates,
): number {
  let sum = 0;
  for (let f = 0; f + 1 < starts.length; f++) {
    const [m, b] = [starts[f + 1] - starts[f], boundaryStart[f + 1] - boundaryStart[f]];
    sum += operationsOf(m, b, columns, rates) + rates.rows * (m + b) * columns;
  }
  return sum;
}

/**
 * The minimum-degree order of a list of orbitals. No edge of the graph may lead out of the list.
 */
export function degreeOrder(
  graph: CompressedRows,
  vertices: Int32Array,
  columns: number,
  rates: FrontRates,
): FrontOrder {
  const tree = minimumDegree(graph, vertices);
  const parents = join(tree, columns, rates);
  const orbitals = new Int32Array(vertices.length);
  const starts = [0];
  let count = 0;
  for (const f of fromBelow(parents)) {
    const pivots = tree.pivots[f].sort((a, b) => a - b);
    orbitals.set(pivots, count);
    count += pivots.length;
    starts.push(count);
  }
  const blocks = Int32Array.from(starts);
  return { orbitals, starts: blocks, fronts: frontTree(graph, orbitals, blocks) };
}

/**
 * Moves the pivots of a front into its parent where that is cheaper. Returns the parent of each
 * remaining front and -2 for the others.
 */
function join(
  { pivots, boundary, parents }: EliminationTree,
  columns: number,
  rates: FrontRates,
): Int32Array {
  const above = Int32Array.from(parents);
  const cost = (m: number, b: number) => operationsOf(m, b, columns, rates);
  for (let f = 0; f < above.length; f++) {
    const parent = above[f];
    if (parent < 0) continue;
    const [m, b] = [pivots[f].length, boundary[f]];
    const [own, behind] = [pivots[parent].length, boundary[parent]];
    const saved = FRONT + b ** 2 + ROW * (m + b) * columns;
    if (cost(m + own, behind) > cost(m, b) + cost(own, behind) + saved) continue;
    for (const orbital of pivots[f]) pivots[parent].push(orbital);
    pivots[f] = [];
  }
  // The parent that took over a front's pivots becomes the parent of that front's children. Going
  // through the fronts downwards handles the upper ones first.
  for (let f = above.length - 1; f >= 0; f--) {
    const parent = above[f];
    if (parent >= 0 && pivots[parent].length === 0) above[f] = above[parent];
  }
  for (let f = 0; f < above.length; f++) if (pivots[f].length === 0) above[f] = -2;
  return above;
}

/** The fronts of a tree in an order in which each comes after all fronts below it. */
function fromBelow(parents: Int32Array): number[] {
  const first = new Int32Array(parents.length).fill(-1);
  const next = new Int32Array(parents.length).fill(-1);
  const stack: number[] = [];
  for (let f = parents.length - 1; f >= 0; f--) {
    if (parents[f] === -1) stack.push(f);
    if (parents[f] < 0) continue;
    next[f] = first[parents[f]];
    first[parents[f]] = f;
  }
  // The order is built from the top with the last child first, and then read backwards.
  const order: number[] = [];
  while (stack.length > 0) {
    const f = stack.pop()!;
    order.push(f);
    for (let child = first[f]; child >= 0; child = next[child]) stack.push(child);
  }
  return order.reverse();
}

/**
 * The rows behind its pivots that each front writes to. The first of them is a pivot of the parent.
 */
export function frontTree(
  { rowStart, columns }: CompressedRows,
  orbitals: Int32Array,
  starts: Int32Array,
): FrontTree {
  const count = starts.length - 1;
  const position = new Int32Array(rowStart.length - 1).fill(-1);
  for (let p = 0; p < orbitals.length; p++) position[orbitals[p]] = p;
  const frontOf = new Int32Array(orbitals.length);
  for (let f = 0; f < count; f++) frontOf.fill(f, starts[f], starts[f + 1]);
  const parents = new Int32Array(count).fill(-1);
  const boundaryStart = new Int32Array(count + 1);
  // The children of each front as linked lists.
  const first = new Int32Array(count).fill(-1);
  const next = new Int32Array(count).fill(-1);
  const seen = new Int32Array(orbitals.length).fill(-1);
  let all = new Int32Array(16 * orbitals.length);
  for (let f = 0; f < count; f++) {
    let end = boundaryStart[f];
    const after = starts[f + 1];
    if (end + orbitals.length > all.length) {
      const longer = new Int32Array(2 * all.length);
      longer.set(all);
      all = longer;
    }
    const add = (p: number) => {
      if (p < after || seen[p] === f) return;
      seen[p] = f;
      all[end++] = p;
    };
    for (let p = starts[f]; p < after; p++)
      for (let k = rowStart[orbitals[p]]; k < rowStart[orbitals[p] + 1]; k++) add(position[columns[k]]);
    for (let child = first[f]; child >= 0; child = next[child])
      for (let k = boundaryStart[child]; k < boundaryStart[child + 1]; k++) add(all[k]);
    all.subarray(boundaryStart[f], end).sort();
    if (end > boundaryStart[f]) {
      const parent = frontOf[all[boundaryStart[f]]];
      parents[f] = parent;
      next[f] = first[parent];
      first[parent] = f;
    }
    boundaryStart[f + 1] = end;
  }
  return { parents, boundaryStart, boundary: all.slice(0, boundaryStart[count]) };
}
