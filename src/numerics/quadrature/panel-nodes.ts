// The nodes of a rule on some panels of a pool. Low parts are passed on with them, because they
// matter next to a resonance narrower than the last digit of a node.

import { sumError } from "../linear-algebra/double-double.js";
import type { Nodes } from "./integrand.js";
import type { PanelRule } from "./panel-sums.js";

/**
 * The nodes of some panels of a pool with their low parts, which matter next to a resonance
 * narrower than the last digit of a node.
 */
export class PanelNodes implements Nodes {
  x: Float64Array;
  count = 0;
  private readonly rule: PanelRule;
  private left: Float64Array = new Float64Array();
  private right: Float64Array = new Float64Array();
  private from = 0;

  constructor(rule: PanelRule) {
    this.rule = rule;
    this.x = new Float64Array(16 * rule.count);
  }

  /** Lays out the nodes of the panels from ... to - 1. */
  lay(left: Float64Array, right: Float64Array, from: number, to: number): void {
    const { nodes, count } = this.rule;
    this.count = (to - from) * count;
    if (this.x.length < this.count) this.x = new Float64Array(2 * this.count);
    [this.left, this.right, this.from] = [left, right, from];
    for (let panel = from, at = 0; panel < to; panel++) {
      const [a, b] = [left[panel], right[panel]];
      const [middle, half, last] = [0.5 * (a + b), 0.5 * (b - a), count - 1];
      for (let k = 0; k < count; k++, at++)
        this.x[at] = middle + half * (2 * k < last ? -nodes[k] : nodes[last - k]);
    }
  }

  rest(k: number): number {
    const { nodes, count } = this.rule;
    const panel = this.from + Math.floor(k / count);
    const place = k % count;
    const [a, b] = [this.left[panel], this.right[panel]];
    const [middle, half, last] = [0.5 * (a + b), 0.5 * (b - a), count - 1];
    const offset = half * (2 * place < last ? -nodes[place] : nodes[last - place]);
    return 0.5 * sumError(a, b, a + b) + sumError(middle, offset, this.x[k]);
  }
}
