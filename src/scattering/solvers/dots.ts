// Small dense devices: up to 32 orbitals and wide-band leads with one channel per orbital. One
// kernel call (assembly/dots/dots.ts) evaluates many configurations and returns the unitarity
// defect of each. The caller decides by the defect whether to accept the point.

import type { BatchRows } from "../../engine/chain/chain.js";
import { type DotInput, DotPlan } from "../../engine/dots.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice, SparseHermitian } from "../../model/types.js";
import { BATCH, type PointBatch } from "./chain.js";

/** Largest number of orbitals. For larger devices the slices of the general solver are as fast. */
const LARGEST = 32;

function dense({ rows, columns, re, im }: SparseHermitian, n: number): Float64Array {
  const matrix = new Float64Array(2 * n * n);
  for (let k = 0; k < rows.length; k++) {
    const [p, q] = [2 * (rows[k] * n + columns[k]), 2 * (columns[k] * n + rows[k])];
    matrix[p] += re[k];
    matrix[p + 1] += im[k];
    if (p === q) continue;
    matrix[q] += re[k];
    matrix[q + 1] -= im[k];
  }
  return matrix;
}

/** The device in the form that the kernel takes; undefined if the kernel cannot represent it. */
function dotOf(device: ResolvedDevice): DotInput | undefined {
  const { orbitals: n, hamiltonian, parameters, leads, hamiltonianFunction } = device;
  if (hamiltonianFunction || device.overlap || n > LARGEST) return undefined;
  const channels: DotInput["channels"] = [];
  for (const [index, lead] of leads.entries()) {
    if (!("diagonal" in lead && lead.diagonal)) return undefined;
    lead.orbitals.forEach((orbital, i) => {
      const width = lead.width.data[2 * i * (lead.orbitals.length + 1)];
      if (width > 0) channels.push({ orbital, lead: index, width });
    });
  }
  const gates = parameters.map(({ derivative }) => dense(derivative, n));
  return { orbitals: n, hamiltonian: dense(hamiltonian, n), gates, channels, leads: leads.length };
}

class DotBatch implements PointBatch {
  readonly capacity = BATCH;
  readonly #plan: DotPlan;
  readonly #open: number[];

  constructor(kernels: Kernels, input: DotInput) {
    this.#plan = new DotPlan(kernels, input, BATCH);
    this.#open = Array.from(
      { length: input.leads },
      (_, lead) => input.channels.filter((channel) => channel.lead === lead).length,
    );
  }

  get rows(): BatchRows {
    return this.#plan.rows;
  }

  open(): readonly number[] {
    return this.#open;
  }

  evaluateAt(energy: number, count: number, levels: boolean): void {
    this.#plan.evaluate(energy, count, levels);
  }

  levelsBelow(index: number): number {
    return this.#plan.levelsBelow(index);
  }

  statesBelow(index: number): number {
    return this.#plan.levelsBelow(index) + this.#plan.halfPhaseSum(index) / Math.PI;
  }

  release(): void {
    this.#plan.release();
  }
}

/**
 * Kernel memory for a batch of the device's points; undefined if the device is not small and dense
 * with wide-band leads.
 */
export function dotBatch(kernels: Kernels, device: ResolvedDevice): PointBatch | undefined {
  const input = dotOf(device);
  return input && new DotBatch(kernels, input);
}
