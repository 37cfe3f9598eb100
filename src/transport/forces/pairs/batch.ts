// Integrands of devices with two channels, one per lead, at many energies in one kernel call
// (src/engine/chain/chain-pairs.ts). The kernel returns rows of values or the sums of a Gauss rule
// over panels.

import type { Reservoir } from "../../../model/types.js";
import type { GaussRule } from "../../../numerics/quadrature/gauss.js";
import type { PairTable } from "../../../scattering/contract.js";
import type { Fillings } from "../../energy/fillings.js";
import type { ForceLayout } from "../layout.js";
import { PairWeights } from "./weights.js";

/** Least length of a list of energies that may return as the nodes of the next integral. */
const LONG = 100;
/**
 * First row of the equilibrium force in a PairTable. The rows before hold the other components.
 */
const EQUILIBRIUM_ROW = 12;
/** First row of the linear response. */
const RESPONSE_ROW = 13;
/** First row of the magnitudes. */
const MAGNITUDE_ROW = 18;
/** Number of rows; the last one holds the delay. */
const ROWS = 26;

/** Row of a PairTable for each component of the layout. */
function pairRows({ equilibrium, response, counted, length }: ForceLayout): Int32Array {
  return Int32Array.from({ length }, (_, i) => {
    if (i >= counted) return MAGNITUDE_ROW + i - counted;
    if (i >= response) return RESPONSE_ROW + i - response;
    return i >= equilibrium ? EQUILIBRIUM_ROW : i;
  });
}

/**
 * Integrands at many energies by a kernel. One table is for a long list that may return, the other
 * one for short lists in between.
 */
export class PairBatch {
  /** Row of each component at the energies of the last evaluation. */
  readonly #rows: Int32Array;
  readonly #fillings: Fillings;
  readonly #response: Reservoir | undefined;
  readonly #weights = [new PairWeights(), new PairWeights()];
  readonly #tables: readonly PairTable[];
  #last = 0;
  #delays = new Float64Array();

  constructor(
    layout: ForceLayout,
    fillings: Fillings,
    response: Reservoir | undefined,
    tables: readonly [long: PairTable, short: PairTable],
  ) {
    this.#rows = pairRows(layout);
    this.#fillings = fillings;
    this.#response = response;
    this.#tables = tables;
  }

  /**
   * Evaluates all energies, in panels of `nodes`. Returns the largest element of S^+ S - 1, or
   * infinity if a channel is closed.
   */
  evaluate(
    energies: Float64Array,
    count: number,
    nodes: number,
    scale: number,
    factors?: Float64Array,
  ): number {
    this.#last = count < LONG ? 1 : 0;
    const weights = this.#weights[this.#last];
    const table = this.#tables[this.#last];
    // Other callers may have used the table in between.
    if (
      weights.lay(this.#fillings, this.#response, energies, count, factors) ||
      table.weights !== weights.table
    )
      table.setWeights(weights.table, count);
    return table.evaluate(count, nodes, scale);
  }

  /** Delays at the first `count` energies. The next call overwrites the list. */
  delays(count: number, nodes: number): Float64Array {
    const { numbers, start } = this.#tables[this.#last].rows;
    if (this.#delays.length < count) this.#delays = new Float64Array(2 * count);
    const delays = this.#delays;
    for (let k = 0, from = start + (ROWS - 1) * nodes; k < count; from += ROWS * nodes)
      for (let node = 0; node < nodes && k < count; node++, k++) delays[k] = numbers[from + node];
    return delays;
  }

  /**
   * Adds the components of one panel of `nodes` energies for the first `count` of these, energy by
   * energy.
   */
  addNodes(nodes: number, count: number, out: Float64Array): void {
    const { numbers, start } = this.#tables[this.#last].rows;
    const rows = this.#rows;
    for (let i = 0; i < rows.length; i++) {
      const from = start + rows[i] * nodes;
      for (let k = 0, to = i; k < count; k++, to += rows.length) out[to] += numbers[from + k];
    }
  }

  /** Sums of the rule per panel and component, as VectorIntegrand.evaluatePanels returns them. */
  sums(panels: number, { count, all }: GaussRule, out: Float64Array): void {
    const { numbers, start } = this.#tables[this.#last].sums(panels, count, all);
    const rows = this.#rows;
    for (let panel = 0, to = 0, from = start; panel < panels; panel++, from += 4 * (ROWS - 1))
      for (let i = 0; i < rows.length; i++, to += 4) {
        const at = from + 4 * rows[i];
        out[to] = numbers[at];
        out[to + 1] = numbers[at + 1];
        out[to + 2] = numbers[at + 2];
        out[to + 3] = numbers[at + 3];
      }
  }
}
