// The interface of an integrand: several components at many nodes at once. A single node is a batch
// of one.

import type { GaussRule } from "./gauss.js";

/** The nodes at which an integrand is evaluated. */
export interface Nodes {
  /** The nodes, rounded to doubles. Only the first `count` are used. */
  x: Float64Array;
  count: number;
  /**
   * The low part of node k: the exact node is x[k] + rest(k) in double-double precision. Undefined
   * if the low part is not known.
   */
  rest(k: number): number | undefined;
}

/** Several components as functions of x. */
export interface VectorIntegrand {
  /** Adds the components at the nodes to `out`, one row of `components` numbers per node. */
  evaluateNodes(nodes: Nodes, out: Float64Array, components: number): void;
  /**
   * Writes four numbers per panel of ascending nodes and per component: the integral over [-1, 1],
   * the integral of the modulus, twice the larger of the last two coefficients, and the integral of
   * the distance from the mean. The integrand is multiplied by `factors` at each node. Returns
   * false if the integrand cannot do this here; the caller then evaluates the nodes.
   */
  evaluatePanels(
    nodes: Nodes,
    panels: number,
    rule: GaussRule,
    out: Float64Array,
    factors?: Float64Array,
  ): boolean;
}

const unknown = (): undefined => undefined;

/** Nodes that are only known as doubles. */
export const plainNodes = (x: Float64Array, count: number): Nodes => ({ x, count, rest: unknown });

/**
 * An integrand that is evaluated node by node. `evaluate` adds its components at x to `out`; `low`
 * is the low part of the node, if it is known.
 */
export function pointwise(
  evaluate: (x: number, out: Float64Array, low: number | undefined) => void,
): VectorIntegrand {
  let row = new Float64Array();
  return {
    evaluateNodes(nodes, out, components) {
      if (row.length !== components) row = new Float64Array(components);
      for (let k = 0, at = 0; k < nodes.count; k++) {
        row.fill(0);
        const x = nodeOf(nodes, k);
        evaluate(x, row, lowOf(nodes, k, x));
        for (let i = 0; i < components; i++, at++) out[at] += row[i];
      }
    },
    evaluatePanels: () => false,
  };
}

/** Node k, rounded to a double. */
export function nodeOf(nodes: Nodes, k: number): number {
  const rest = nodes.rest(k);
  return rest === undefined ? nodes.x[k] : nodes.x[k] + rest;
}

/** The low part of node k after the node was rounded to `x`. */
export function lowOf(nodes: Nodes, k: number, x: number): number | undefined {
  const rest = nodes.rest(k);
  return rest === undefined ? undefined : nodes.x[k] - x + rest;
}

const one = new Float64Array(1);

/** Writes the components at one node to `out`. */
export function evaluateAt(integrand: VectorIntegrand, x: number, out: Float64Array): void {
  out.fill(0);
  one[0] = x;
  integrand.evaluateNodes(plainNodes(one, 1), out, out.length);
}
