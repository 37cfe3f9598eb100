// The repeated cells that several leads of a device have in common. The two leads of a ribbon are
// its two directions: they have the same h0, and the hopping of one is the adjoint of that of the
// other. In wave variables (wave-cells.ts) the factors A and B then change places, and with them
// the waves e and f. The scatterer of the mirrored cell has the same four blocks with the roles
// exchanged, and so has a block of many cells. These take most of the time of an energy and are
// computed once. Leads that are the same also share their reflection. Band edges belong to the
// cells in either direction.

import type { Kernels } from "../../../engine/kernels.js";
import type { Block, Workspace } from "../../../engine/workspace.js";
import { adjointOf, sameNumbers } from "../matrices.js";
import { Reflections, SharedCells } from "./kept-blocks.js";
import type { ReachableLead } from "./reach.js";
import { type ManyCells, manyCells } from "./wave-block.js";
import {
  joined,
  type RepeatedCell,
  type Scatterer,
  scattererOf,
  type WaveCell,
  waveCell,
} from "./wave-cells.js";
import { factorised, rankTolerance } from "./wave-factor.js";

/** The same scatterer as seen by a lead in the other direction. */
const mirroredScatterer = ({ back, out, in: inward, front }: Scatterer): Scatterer => ({
  back: front,
  out: inward,
  in: out,
  front: back,
});

/** The same block of cells as seen by a lead in the other direction. */
const mirroredCells = ({ cells, rank, right, weights, left, weightsIn }: ManyCells): ManyCells => ({
  cells: mirroredScatterer(cells),
  rank,
  right: left,
  weights: weightsIn,
  left: right,
  weightsIn: weights,
});

/** What the leads with the same cells have in common. */
export interface SharedBulk extends RepeatedCell {
  /** h0 and h1 of the model file. */
  onsite: Float64Array;
  hopping: Float64Array;
  /** The reachable states; undefined if these are all. */
  basis: readonly Float64Array[] | undefined;
  /** h0 and h1 in these states. */
  h0: Float64Array;
  h1: Float64Array;
  size: number;
  reflections: { same: Reflections; mirrored: Reflections };
  /** Ranges of energies whose band edges are known. */
  windows: { low: number; high: number; edges: number[] }[];
}

/** A lead's own direction of a shared bulk. */
export interface OwnBulk extends RepeatedCell {
  shared: SharedBulk;
  reflections: Reflections;
}

/** Among these the bulk with the same cells, and whether its direction is the other one. */
export function findBulk(
  bulks: readonly SharedBulk[],
  onsite: Float64Array,
  hopping: Float64Array,
  m: number,
): { shared: SharedBulk; mirrored: boolean } | undefined {
  for (const shared of bulks) {
    if (!sameNumbers(shared.onsite, onsite)) continue;
    if (sameNumbers(shared.hopping, hopping)) return { shared, mirrored: false };
    if (sameNumbers(shared.hopping, adjointOf(hopping, m, m))) return { shared, mirrored: true };
  }
  return undefined;
}

/**
 * The lead's direction of a bulk that is known, or of its own one, which is added to the list. The
 * lead must be given in the states of `twin`, if there is one.
 */
export function ownBulk(
  kernels: Kernels,
  bulks: SharedBulk[],
  model: { onsite: Float64Array; hopping: Float64Array },
  { size, onsite, hopping, basis }: ReachableLead,
  twin?: { shared: SharedBulk; mirrored: boolean },
): OwnBulk {
  if (twin) {
    const { shared, mirrored } = twin;
    const { A, B, rank } = shared.factors;
    const reflections = mirrored ? shared.reflections.mirrored : shared.reflections.same;
    reflections.leads++;
    if (!mirrored) return { shared, cell: shared.cell, factors: shared.factors, reflections };
    const cells = shared.cell.shared!.cells;
    cells.both = true;
    const cell = waveCell(kernels, onsite, size, B, rank, A, rank);
    cell.shared = { cells, cell: shared.cell };
    return { shared, cell, factors: { A: B, B: A, rank }, reflections };
  }
  const factors = factorised(hopping, size, size, rankTolerance);
  const cell = waveCell(kernels, onsite, size, factors.A, factors.rank, factors.B, factors.rank);
  cell.shared = { cells: new SharedCells() };
  const [same, mirrored] = [new Reflections(), new Reflections()];
  same.leads = 1;
  const shared: SharedBulk = {
    ...model,
    basis,
    h0: onsite,
    h1: hopping,
    size,
    cell,
    factors,
    reflections: { same, mirrored },
    windows: [],
  };
  bulks.push(shared);
  return { shared, cell, factors, reflections: same };
}

const listOf = ({ back, out, in: inward, front }: Scatterer): Block[] => [back, out, inward, front];
const scattererFrom = ([back, out, inward, front]: Block[]): Scatterer => ({ back, out, in: inward, front });

/**
 * The scatterer of the repeated cell, its slope, and a block of many cells at a real energy. Leads
 * in both directions of the same cells share them.
 */
export function manyCellsAt(
  w: Workspace,
  bulk: WaveCell,
  energy: number,
): { value: Scatterer; slope: Scatterer; block: ManyCells } | undefined {
  const compute = (): Block[] | undefined => {
    const cell = scattererOf(w, bulk.shared?.cell ?? bulk, energy, 0, true);
    const block = cell && manyCells(w, cell.value);
    if (!block) return undefined;
    const { cells, right, weights, left, weightsIn } = block;
    return [...[cell.value, cell.slope!, cells].flatMap(listOf), right, weights, left, weightsIn];
  };
  const blocks = bulk.shared ? bulk.shared.cells.at(w, energy, 0, compute) : compute();
  if (!blocks) return undefined;
  const [value, slope, cells] = [0, 4, 8].map((from) => scattererFrom(blocks.slice(from, from + 4)));
  const [right, weights, left, weightsIn] = blocks.slice(12);
  const block = { cells, rank: right.columns, right, weights, left, weightsIn };
  if (!bulk.shared?.cell) return { value, slope, block };
  return { value: mirroredScatterer(value), slope: mirroredScatterer(slope), block: mirroredCells(block) };
}

/**
 * The scatterer of the repeated cell, its slope, and a block of so many cells that nothing passes,
 * at a complex energy.
 */
export function allCellsAt(
  w: Workspace,
  bulk: WaveCell,
  re: number,
  im: number,
): { value: Scatterer; slope: Scatterer; cells: Scatterer } | undefined {
  const compute = (): Block[] | undefined => {
    const cell = scattererOf(w, bulk.shared?.cell ?? bulk, re, im, true);
    let cells: Scatterer | undefined = cell?.value;
    for (let step = 0; step < 60 && cells; step++) {
      if (w.largest(cells.out) * w.largest(cells.in) < 1e-18) break;
      cells = joined(w, cells, cells);
    }
    return cells && [cell!.value, cell!.slope!, cells].flatMap(listOf);
  };
  const blocks = bulk.shared ? bulk.shared.cells.at(w, re, im, compute) : compute();
  if (!blocks) return undefined;
  const [value, slope, cells] = [0, 4, 8].map((from) => {
    const own = scattererFrom(blocks.slice(from, from + 4));
    return bulk.shared?.cell ? mirroredScatterer(own) : own;
  });
  return { value, slope, cells };
}
