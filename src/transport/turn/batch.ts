// Nodes of a turn evaluated many at a time, at T = 0, where the device has a batch (a chain, a small dense device): the same contributions as emissivity.ts
// takes from single points, already summed by the kernel.

import { TURN } from "../../base/constants.js";
import type { BatchRows } from "../../engine/chain/chain.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { PointBatch } from "../../scattering/solvers/chain.js";
import { evaluateCycleGrid } from "./cycle-grid.js";

/** A batched point is taken if its S is unitary to this; else the caller evaluates it by itself. */
const UNITARY = 1e-12;

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

  /** Evaluates the first `size` of `nodes` on a grid of `count` angles; `levels`: counts eigenvalues too. */
  evaluate(size: number, count: number, levels: boolean): void {
    this.rows = this.batch.rows;
    const { values, tangents } = this.rows;
    evaluateCycleGrid(this.cycle, this.names, this.nodes, size, count, values, tangents);
    this.batch.evaluateAt(this.energy, size, levels);
  }

  /** Contributions of node k to charges and, if `out` is long enough, friction, conductance and bound; false if it is not to be taken. */
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

  get countsLevels(): boolean {
    return this.batch.countsLevels;
  }

  levelsBelow(k: number): number {
    return this.batch.levelsBelow(k);
  }
}
