// Kernel memory for an ensemble of rotors (assembly/rotor/rotor.ts). Its tables are written once.
// The states stay in kernel memory and are read on demand.

import type { Kernels } from "./kernels.js";

/** The fields of the state arrays, in the order in memory. */
export const rotorFields = [
  "position",
  "turns",
  "speed",
  "lower",
  "upper",
  "forward",
  "backward",
  "passage",
] as const;
export type RotorField = (typeof rotorFields)[number];

/** The tables of one ensemble. */
export interface RotorTables {
  /** 12 numbers per cell. `cells` is a power of two. */
  cells: number;
  /** Coefficients of the steps, see assembly/rotor/rotor.ts. */
  steps: Float64Array;
  /** Linear pieces of the normal quantile, 2 numbers per part. */
  quantile: Float64Array;
}

/** An ensemble in kernel memory. */
export class RotorMemory {
  readonly #kernels: Kernels;
  readonly #start: number;
  readonly #cells: number;
  readonly #table: number;
  readonly #quantile: number;
  readonly #states: number;
  /** Number of trajectories, rounded up to a multiple of four. */
  readonly capacity: number;

  constructor(kernels: Kernels, { cells, steps, quantile }: RotorTables, trajectories: number) {
    this.#kernels = kernels;
    this.#cells = cells;
    this.capacity = 4 * Math.ceil(trajectories / 4);
    const sizes = [steps.length, quantile.length, rotorFields.length * this.capacity].map(
      (length) => 16 * Math.ceil(length / 2),
    );
    this.#start = kernels.allocate(sizes[0] + sizes[1] + sizes[2]);
    this.#table = this.#start;
    this.#quantile = this.#table + sizes[0];
    this.#states = this.#quantile + sizes[1];
    kernels.f64(this.#table, steps.length).set(steps);
    kernels.f64(this.#quantile, quantile.length).set(quantile);
  }

  /** One field of all states, as a view that is valid until the kernel memory grows. */
  field(name: RotorField): Float64Array {
    const offset = 8 * this.capacity * rotorFields.indexOf(name);
    return this.#kernels.f64(this.#states + offset, this.capacity);
  }

  /**
   * Advances all states by 4 * blocks steps, beginning with step 4 * block. The first state is
   * trajectory number `first` of the seed.
   */
  advance(seed: readonly [number, number], first: number, block: number, blocks: number, mode: 0 | 1): void {
    this.#kernels.calls.rotorEnsemble(
      this.#table,
      this.#cells,
      this.#quantile,
      this.#states,
      this.capacity,
      seed[0],
      seed[1],
      first,
      block,
      blocks,
      mode,
    );
  }

  /** The four random words of a trajectory in a block of steps. */
  words(seed: readonly [number, number], trajectory: number, block: number): Int32Array {
    const out = this.#kernels.allocate(16);
    this.#kernels.calls.rotorWords(seed[0], seed[1], trajectory, block, out);
    const words = this.#kernels.i32(out, 4).slice();
    this.#kernels.release(out);
    return words;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#kernels.release(this.#start);
  }
}
