// Kernel memory for the weights of many energies and the transport integrands at them, for a chain
// with one direction. The counterpart in the kernels is assembly/chain/chain-pairs.ts.

import type { Kernels } from "../kernels.js";
import type { ChainPointPlan } from "./chain-point.js";

/** Numbers per energy that hold the weights. */
const WEIGHTS = 13;
/**
 * Number of rows of integrands (the last one is not summed), and number of sums per row and panel.
 */
const ROWS = 26;
const SUMS = 4;
const LEAD_VECTORS = 15;

/** The transport integrands of one chain at a list of energies, in kernel memory. */
export class ChainPairs {
  /** The list last given to `setWeights`. */
  weights: Float64Array | undefined;
  readonly #kernels: Kernels;
  readonly #plan: () => ChainPointPlan | undefined;
  #start = 0;
  #capacity = 0;
  #weights = 0;
  #leads = 0;
  #rows = 0;
  #sums = 0;
  #rule = 0;
  #most = 0;
  /** True if the stored values of the leads belong to the energies of the table. */
  #leadsKnown = false;

  /**
   * `plan` returns the chain at the configuration in use, or undefined if the kernel cannot
   * represent it.
   */
  constructor(kernels: Kernels, plan: () => ChainPointPlan | undefined) {
    this.#kernels = kernels;
    this.#plan = plan;
  }

  /**
   * Sets the weights of `count` energies, WEIGHTS numbers each: the energy, fillings and factors.
   */
  setWeights(table: Float64Array, count: number): void {
    if (count > this.#capacity) this.#reserve(2 * count);
    const { floats, lanes } = this.#kernels;
    this.weights = table;
    this.#most = 0;
    // Vectors must be complete: the last energy also fills a lane that would be empty.
    for (let k = 0; k < count + (count % lanes); k++) {
      const from = Math.min(k, count - 1) * WEIGHTS;
      const to = this.#weights / 8 + (k - (k % lanes)) * WEIGHTS + (k % lanes);
      for (let q = 0; q < WEIGHTS; q++) floats[to + q * lanes] = table[from + q];
      this.#most = Math.max(this.#most, Math.abs(table[from]));
    }
    this.#leadsKnown = false;
  }

  #reserve(capacity: number): void {
    this.release();
    // A panel has at least two nodes.
    const sizes = [WEIGHTS, LEAD_VECTORS, ROWS, (ROWS * SUMS) / 2].map(
      (numbers) => 8 * numbers * (capacity + 2),
    );
    const rule = 8 * 3 * 64;
    this.#start = this.#kernels.allocate(sizes.reduce((sum, bytes) => sum + bytes, rule));
    const ends = sizes.map((_, i) => sizes.slice(0, i + 1).reduce((sum, bytes) => sum + bytes, this.#start));
    [this.#weights, this.#leads, this.#rows, this.#sums] = [this.#start, ...ends];
    this.#rule = ends[3];
    this.#capacity = capacity;
  }

  /**
   * Computes the integrands at the first `count` energies, with `nodes` energies per panel, at the
   * configuration in use. `scale` is the size of the energies that are rounded. Returns the largest
   * element of S^+ S - 1, or infinity if a channel is closed or the kernel cannot represent X.
   */
  evaluate(count: number, nodes: number, scale: number): number {
    const chain = this.#plan();
    if (!chain) return Number.POSITIVE_INFINITY;
    const padded = count + (count % this.#kernels.lanes);
    const known = this.#leadsKnown && chain.fixedHoppings;
    this.#leadsKnown = true;
    const plan = chain.prepare(this.#most);
    const { calls } = this.#kernels;
    return calls.zchainpairs(plan, padded, nodes, known, this.#weights, this.#leads, this.#rows, scale);
  }

  /**
   * Applies a rule to the first `panels` panels and returns SUMS numbers per panel and row (except
   * the last row). `rule` holds the weights, then the weights of the last two coefficients, `nodes`
   * numbers each.
   */
  sums(panels: number, nodes: number, rule: Float64Array): { numbers: Float64Array; start: number } {
    const { floats, calls } = this.#kernels;
    floats.set(rule, this.#rule / 8);
    calls.zpanelsums(this.#rows, panels, nodes, this.#rule, this.#sums);
    return { numbers: floats, start: this.#sums / 8 };
  }

  /**
   * The integrands of the last evaluation: node by node in a row, row by row in a panel, panel by
   * panel.
   */
  get rows(): { numbers: Float64Array; start: number } {
    return { numbers: this.#kernels.floats, start: this.#rows / 8 };
  }

  /** Frees the kernel memory. */
  release(): void {
    if (this.#capacity > 0) this.#kernels.release(this.#start);
    this.#capacity = 0;
  }
}
