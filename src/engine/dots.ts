// Many configurations of one small dense device in kernel memory. The table is that of
// assembly/dots/dots-plan.ts. Rows of points are available as views.

import { dotsFields } from "./abi.js";
import type { BatchRows } from "./chain/chain.js";
import type { Kernels } from "./kernels.js";
import { Table } from "./table.js";

const vector = 16;

/** True if every imaginary part is zero. */
function isReal(interleaved: Float64Array): boolean {
  return interleaved.every((value, k) => k % 2 === 0 || value === 0);
}

/**
 * A device whose leads are wide bands with one channel per orbital. Matrices are dense and
 * interleaved.
 */
export interface DotInput {
  orbitals: number;
  /** H0, orbitals x orbitals. */
  hamiltonian: Float64Array;
  /** dH/dX of each parameter, orbitals x orbitals. */
  gates: Float64Array[];
  /** Per channel, lead by lead: the orbital, the lead and the width. */
  channels: { orbital: number; lead: number; width: number }[];
  /** Number of leads. */
  leads: number;
}

/** A pivot of 1 + S that is rounding only: a level lies exactly at the energy. */
const HIDDEN = 1e-12;

/** A small dense device and a batch of its points in kernel memory. */
export class DotPlan {
  /** Largest number of points. */
  readonly capacity: number;
  readonly #kernels: Kernels;
  readonly #input: DotInput;
  readonly #table: Table<(typeof dotsFields)[number]>;
  #rows!: BatchRows;
  /** Levels of each point, and [re, im] of the pivots of 1 + S. */
  #counts!: { levels: Float64Array; pivots: Float64Array[] };
  #buffer: ArrayBufferLike | undefined;
  #energy = Number.NaN;

  constructor(kernels: Kernels, input: DotInput, capacity: number) {
    this.#kernels = kernels;
    this.#input = input;
    this.capacity = capacity;
    const { orbitals: n, gates, channels, leads } = input;
    const m = channels.length;
    const rowBytes = 8 * capacity;
    const all = new Float64Array(2 * n * n * gates.length);
    gates.forEach((gate, nu) => {
      all.set(gate, 2 * n * n * nu);
    });
    this.#table = new Table(kernels, dotsFields, (layout) => ({
      n,
      m,
      gates: gates.length,
      real: isReal(all) ? 1 : 0,
      rowBytes,
      base: layout.take(16 * n * n),
      gate: layout.floats(all),
      values: layout.take(gates.length * rowBytes),
      tangents: layout.take(gates.length * rowBytes),
      results: layout.take((leads + 5 + 2 * m) * rowBytes),
      orbital: layout.integers(channels.map(({ orbital }) => orbital)),
      w: layout.floats(channels.map(({ width }) => Math.sqrt(width / (2 * Math.PI)))),
      lead: layout.integers(channels.map(({ lead }) => lead)),
      leads,
      a: layout.take(2 * vector * n * n),
      lambda: layout.take(2 * vector * n * n),
      x: layout.take(2 * vector * n * m),
      y: layout.take(2 * vector * n * m),
      s: layout.take(2 * vector * m * m),
      k: layout.take(2 * vector * m * m),
      t: layout.take(2 * vector * m * m),
      // The matrices over the channels must fit into the place of A.
      reactance: isReal(all) && isReal(input.hamiltonian) && 2 * m <= n && kernels.shortCut ? 1 : 0,
      saved: layout.take(vector * (leads + 4)),
      // Two vectors and a real matrix of twice the size with its work memory. The symmetric
      // elimination needs less.
      inertia: layout.take(2 * vector + 8 * (4 * n * n + 4 * n)),
    }));
  }

  /** Views of all rows, valid until the memory grows. Read this property before each use. */
  get rows(): BatchRows {
    const { buffer } = this.#kernels.calls.memory;
    if (this.#buffer === buffer) return this.#rows;
    const list = (start: number, count: number) =>
      Array.from({ length: count }, (_, k) =>
        this.#kernels.f64(start + 8 * this.capacity * k, this.capacity),
      );
    const { values, tangents, results } = this.#table.values;
    const { gates, leads } = this.#input;
    const found = list(results, leads + 5 + 2 * this.#input.channels.length);
    const [kSquare, transmission, delaySquare, defectSquare, levels, ...pivots] = found.slice(leads);
    this.#counts = { levels, pivots };
    this.#rows = {
      values: list(values, gates.length),
      tangents: list(tangents, gates.length),
      charge: found.slice(0, leads),
      kSquare,
      transmission,
      delaySquare,
      defectSquare,
    };
    this.#buffer = buffer;
    return this.#rows;
  }

  /** Writes E - H0 - Sigma. */
  #setEnergy(energy: number): void {
    if (energy === this.#energy) return;
    const { orbitals: n, hamiltonian, channels } = this.#input;
    const base = this.#kernels.f64(this.#table.values.base, 2 * n * n);
    for (let k = 0; k < base.length; k++) base[k] = -hamiltonian[k];
    for (let i = 0; i < n; i++) base[2 * i * (n + 1)] += energy;
    for (const { orbital, width } of channels) base[2 * orbital * (n + 1) + 1] += width / 2;
    this.#energy = energy;
  }

  /**
   * Evaluates the first `count` points at one energy. With `levels` it also counts the levels. The
   * rows of X and of the tangent must be filled.
   */
  evaluate(energy: number, count: number, levels: boolean): void {
    this.#setEnergy(energy);
    const { values, tangents } = this.rows;
    // Vectors must be complete: copies of the last point fill the rest.
    const padded = Math.min(this.capacity, Math.ceil(count / 2) * 2);
    for (const row of [...values, ...tangents]) if (padded > count) row[count] = row[count - 1];
    this.#kernels.calls.zdots(this.#table.start, padded, levels);
  }

  /** Number of eigenvalues of H below the energy, for a point evaluated with `levels`. */
  levelsBelow(index: number): number {
    void this.rows;
    return this.#counts.levels[index];
  }

  /** Half the sum of the eigenphases of S, each from -pi to pi. NaN if rounding hides the sign of one. */
  halfPhaseSum(index: number): number {
    const { pivots } = this.rows && this.#counts;
    let sum = 0;
    for (let k = 0; k < pivots.length; k += 2) {
      const [re, im] = [pivots[k][index], pivots[k + 1][index]];
      if (!(Math.hypot(re, im) > HIDDEN)) return Number.NaN;
      sum += Math.atan2(im, re);
    }
    return sum;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#table.release();
  }
}
