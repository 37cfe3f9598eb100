// Nodes of a turn evaluated many at a time, at T = 0, where the device has a batch (a chain, a
// small dense device): the same contributions as emissivity.ts takes from single points, already
// summed by the kernel.

import { TURN } from "../../base/constants.js";
import type { BatchRows } from "../../engine/chain/chain.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { PointBatch } from "../../scattering/solvers/chain.js";
import { evaluateCycleGrid } from "./cycle-grid.js";

/** A batched point is taken if its S is unitary to this; else the caller evaluates it by itself. */
const UNITARY = 1e-12;

const NONE: readonly number[] = [];

function copyRow(row: Float64Array, size: number, factor: number, column: Float64Array, first: number): void {
  for (let k = 0; k < size; k++) column[first + k] = factor * row[k];
}

export class TurnBatch {
  readonly capacity: number;
  /** Largest |S'| and unitarity defect of the nodes taken so far. */
  delaySquare = 0;
  defectSquare = 0;
  /** Grid indices to evaluate next, to be filled by the caller. */
  readonly nodes: Int32Array;
  private readonly batch: PointBatch;
  private readonly cycle: Cycle | CycleFunction;
  private readonly names: readonly string[];
  private readonly energy: number;
  /** N_0 N_rest / (N_0 + N_rest), N open channels. */
  private readonly channels: number;
  /** Of the last evaluation. */
  private rows: BatchRows;

  constructor(batch: PointBatch, cycle: Cycle | CycleFunction, names: readonly string[], energy: number) {
    this.batch = batch;
    this.capacity = batch.capacity;
    this.nodes = new Int32Array(batch.capacity);
    this.cycle = cycle;
    this.names = names;
    this.energy = energy;
    const [first, ...others] = batch.open(energy);
    const rest = others.reduce((sum, count) => sum + count, 0);
    this.channels = first + rest > 0 ? (first * rest) / (first + rest) : 0;
    this.rows = batch.rows;
  }

  /**
   * Evaluates the first `size` of `nodes` on a grid of `count` angles; `levels`: counts eigenvalues
   * too.
   */
  evaluate(size: number, count: number, levels: boolean): void {
    this.rows = this.batch.rows;
    const { values, tangents } = this.rows;
    evaluateCycleGrid(this.cycle, this.names, this.nodes, size, count, values, tangents);
    this.batch.evaluateAt(this.energy, size, levels);
  }

  /**
   * Contributions of node k to charges and, if `out` is long enough, friction, conductance and
   * bound; false if it is not to be taken.
   */
  contributions(k: number, out: Float64Array): boolean {
    const { charge, kSquare, transmission, delaySquare, defectSquare } = this.rows;
    const defect = defectSquare[k];
    if (!(defect <= UNITARY * UNITARY)) return false;
    if (defect > this.defectSquare) this.defectSquare = defect;
    if (delaySquare[k] > this.delaySquare) this.delaySquare = delaySquare[k];
    const leads = charge.length;
    for (let a = 0; a < leads; a++) out[a] = charge[a][k];
    if (out.length === leads) return true;
    out[leads] = kSquare[k] / (2 * TURN);
    out[leads + 1] = transmission[k] / TURN;
    out[leads + 2] = this.channels;
    return true;
  }

  /**
   * Writes the contributions of the first `size` nodes, row by row, from `first` on into `columns`;
   * returns those that are not to be taken.
   */
  collect(size: number, columns: readonly Float64Array[], first: number): readonly number[] {
    const { charge, kSquare, transmission, delaySquare, defectSquare } = this.rows;
    const leads = charge.length;
    let left: number[] | undefined;
    let [delay, defect] = [this.delaySquare, this.defectSquare];
    for (let k = 0; k < size; k++) {
      const found = defectSquare[k];
      if (!(found <= UNITARY * UNITARY)) {
        left ??= [];
        left.push(k);
        continue;
      }
      if (found > defect) defect = found;
      if (delaySquare[k] > delay) delay = delaySquare[k];
    }
    this.delaySquare = delay;
    this.defectSquare = defect;
    for (let a = 0; a < leads; a++) copyRow(charge[a], size, 1, columns[a], first);
    if (columns.length > leads) {
      copyRow(kSquare, size, 1 / (2 * TURN), columns[leads], first);
      copyRow(transmission, size, 1 / TURN, columns[leads + 1], first);
      columns[leads + 2].fill(this.channels, first, first + size);
    }
    return left ?? NONE;
  }

  levelsBelow(k: number): number {
    return this.batch.levelsBelow(k);
  }

  statesBelow(k: number): number {
    return this.batch.statesBelow(k);
  }
}
