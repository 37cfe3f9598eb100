// An integrand over energy that bridges single energies at which the device has no answer (a level
// that no lead reaches, a flat band of a lead). Such singularities are removable, and the
// polynomial of degree five through six neighbours replaces the value. Its error is of sixth order
// in the distance of the neighbours. It is taken only if the cubic polynomial agrees with it.

import { NumericalError } from "../../base/errors.js";
import type { GaussRule } from "../../numerics/quadrature/gauss.js";
import {
  evaluateAt,
  type Nodes,
  nodeOf,
  plainNodes,
  pointwise,
  type VectorIntegrand,
} from "../../numerics/quadrature/integrand.js";
import type { IntegralRequest } from "../../numerics/quadrature/tolerance.js";

/** Distances of the neighbours in units of the window, in the order in which they are tried. */
const ASIDE = [1e-5, 1e-6, 1e-7, 1e-8, 1e-4, 1e-3];
/**
 * Weights for the value at 0 of the cubic polynomial through the neighbours at +-1 and +-2, each
 * for the sum over both sides.
 */
const CUBIC = [4 / 6, -1 / 6, 0];
/** The same for the polynomial of degree five through the neighbours at +-1, +-2 and +-4. */
const QUINTIC = [32 / 45, -2 / 9, 1 / 90];
/** The polynomials must agree within this part of the group's scale. */
const AGREEMENT = 1e-7;

/** Guards one integrand after the other. */
export class GuardedIntegrand implements VectorIntegrand {
  #integrand: VectorIntegrand = pointwise(() => undefined);
  #request: IntegralRequest | undefined;
  /** Number of the first components that are integrals proper. */
  #counted = 0;
  /** Length of the window in energy. */
  readonly #span: () => number;
  /** A list of one node. */
  readonly #single = plainNodes(new Float64Array(1), 1);
  /** The components at that node. */
  readonly #alone: Float64Array;
  /** Scale of the neighbours' values, per group. */
  readonly #largest: Float64Array;
  readonly #beside: Float64Array;
  /** Sums of the values on both sides, at the distances 1, 2 and 4. */
  readonly #neighbours: Float64Array[];

  constructor(components: number, span: () => number) {
    this.#span = span;
    this.#alone = new Float64Array(components);
    this.#largest = new Float64Array(components);
    this.#beside = new Float64Array(components);
    this.#neighbours = Array.from({ length: 3 }, () => new Float64Array(components));
  }

  /** Guards `integrand` from now on; `request` is the request of its integral. */
  guard(integrand: VectorIntegrand, request: IntegralRequest): void {
    this.#integrand = integrand;
    this.#request = request;
    this.#counted = request.counted ?? this.#beside.length;
  }

  evaluateNodes(nodes: Nodes, out: Float64Array, components: number): void {
    try {
      this.#integrand.evaluateNodes(nodes, out, components);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      // One by one the nodes show which of them has no answer.
      for (let k = 0, at = 0; k < nodes.count; k++, at += components) out.set(this.#node(nodes, k), at);
    }
  }

  evaluatePanels(
    nodes: Nodes,
    panels: number,
    rule: GaussRule,
    out: Float64Array,
    factors?: Float64Array,
  ): boolean {
    return this.#integrand.evaluatePanels(nodes, panels, rule, out, factors);
  }

  /** The components at one node, or their interpolation if the device has no answer there. */
  #node(nodes: Nodes, k: number): Float64Array {
    const alone = this.#alone;
    alone.fill(0);
    try {
      this.#single.x[0] = nodes.x[k];
      this.#single.rest = () => nodes.rest(k);
      this.#integrand.evaluateNodes(this.#single, alone, alone.length);
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      const span = this.#span();
      const energy = nodeOf(nodes, k);
      if (!ASIDE.some((distance) => this.#interpolated(energy, distance * span, alone))) throw error;
    }
    return alone;
  }

  /** Interpolates the components at `energy`; false if the neighbours fail or disagree. */
  #interpolated(energy: number, distance: number, out: Float64Array): boolean {
    const neighbours = this.#neighbours;
    try {
      for (const [k, steps] of [1, 2, 4].entries()) {
        const pair = neighbours[k];
        evaluateAt(this.#integrand, energy - steps * distance, pair);
        evaluateAt(this.#integrand, energy + steps * distance, this.#beside);
        for (let i = 0; i < pair.length; i++) pair[i] += this.#beside[i];
      }
    } catch (error) {
      if (error instanceof NumericalError) return false;
      throw error;
    }
    const largest = this.#largest;
    const counted = this.#counted;
    const { groups, judged, offsets } = this.#request!;
    // A component that vanishes by symmetry contains only rounding noise, and the noise grows near
    // a level. It is compared with the scale of the final error test.
    const span = this.#span();
    for (let g = 0; g < largest.length; g++) largest[g] = (judged?.[g] ?? 0) / span;
    for (let i = 0; i < counted; i++) {
      const size = Math.max(
        Math.abs(offsets?.[i] ?? 0) / span,
        ...neighbours.map((pair) => Math.abs(pair[i])),
      );
      largest[groups[i]] = Math.max(largest[groups[i]], size);
    }
    for (let i = 0; i < out.length; i++) {
      let [cubic, quintic] = [0, 0];
      for (const [k, pair] of neighbours.entries()) {
        cubic += CUBIC[k] * pair[i];
        quintic += QUINTIC[k] * pair[i];
      }
      // The components beyond `counted` are magnitudes and may have kinks.
      if (i < counted && !(Math.abs(quintic - cubic) <= AGREEMENT * largest[groups[i]])) return false;
      out[i] = quintic;
    }
    return true;
  }
}
