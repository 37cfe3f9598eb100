// The contributions to a turn at T = 0, evaluated for many angles in one kernel call. This needs a
// device with a batch (a chain, or a small dense device). The kernel returns the same sums that
// emissivity.ts takes from single points.

import { TURN } from "../../base/constants.js";
import type { BatchRows } from "../../engine/chain/chain.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { PointBatch } from "../../scattering/solvers/chain.js";
import { evaluateCycleGrid } from "./cycle-grid.js";

/**
 * The batch is trusted at an angle if max |S^+ S - 1| there is below this; elsewhere the caller
 * evaluates the angle again with the solver.
 */
const UNITARY = 1e-12;

const NONE: readonly number[] = [];

function copyRow(row: Float64Array, size: number, factor: number, column: Float64Array, first: number): void {
  for (let k = 0; k < size; k++) column[first + k] = factor * row[k];
}

/** The batch of one device, cycle and energy. */
export class TurnBatch {
  readonly capacity: number;
  /** Largest squared delay norm ||-i S^+ S'||² of the angles taken so far. */
  delaySquare = 0;
  /** Largest squared defect of unitarity of the angles taken so far. */
  defectSquare = 0;
  /** Indices of the grid to evaluate next. The caller fills this list. */
  readonly nodes: Int32Array;
  private readonly batch: PointBatch;
  private readonly cycle: Cycle | CycleFunction;
  private readonly names: readonly string[];
  private readonly energy: number;
  /**
   * N_0 N_rest / (N_0 + N_rest), with N_0 open channels in the first lead and N_rest in all others.
   */
  private readonly channels: number;
  /** Results of the last evaluation, one row per quantity. */
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
   * Evaluates the first `size` entries of `nodes` on a grid of `count` angles. With `levels` the
   * kernel also counts the eigenvalues below mu.
   */
  evaluate(size: number, count: number, levels: boolean): void {
    this.rows = this.batch.rows;
    const { values, tangents } = this.rows;
    evaluateCycleGrid(this.cycle, this.names, this.nodes, size, count, values, tangents);
    this.batch.evaluateAt(this.energy, size, levels);
  }

  /**
   * Writes the contributions of entry k to the charges, and to friction, conductance and channels
   * if `out` is long enough. Returns false if S is not unitary enough to be trusted.
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
   * Writes the contributions of the first `size` entries into `columns`, one column per component,
   * from the index `first` on. Returns the entries whose S is not unitary enough to be trusted.
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

  /** Number of eigenvalues of H + Re Sigma below mu at entry k. */
  levelsBelow(k: number): number {
    return this.batch.levelsBelow(k);
  }

  /** Number of states below mu at entry k (state-count.ts). */
  statesBelow(k: number): number {
    return this.batch.statesBelow(k);
  }
}
