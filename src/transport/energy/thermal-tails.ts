// Bounds of what lies in the thermal tails beyond a window, so that the window may end where the
// fillings end to the tolerance. Without levels in a tail everything there is smooth and falls off
// from the end of the window on like f (1 - f). A level of width w contributes f (1 - f) / w, which
// may dominate if the window itself sees only the foot of its line.
//
// The levels of a wide device are mostly broad. A tail with levels is halved until two rules with
// common nodes find in the time delay the exact number of states (narrow-levels.ts). The nodes of a
// piece then see every line in it, and the largest integrand at these nodes bounds the piece. Cost:
// about four energies and a count of states per level; an integral over the tails takes more nodes.

import { NumericalError } from "../../base/errors.js";
import { plainNodes, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import type { IntegralRequest } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { thermalReach } from "./fermi.js";
import { delayAccountsFor } from "./narrow-levels.js";
import { stateCount } from "./state-count.js";

/** Value of f (1 - f) below which even the narrowest level is not seen. */
export const DEEPEST = 1e-18;
/**
 * Distance from the end of the window, in units of T, within which the line of a level is cut off
 * by the end.
 */
const FOOT = 6;
/**
 * Safety factor for a tail, relative to one that falls off like exp(-E/T): weights like E^2 and the
 * feet of levels change it by less.
 */
const BEYOND = 2;
/** Most halvings of a tail. A level that needs more is narrow. */
const HALVINGS = 7;
/** Most states in a piece on which the rules are tried. */
const CROWDED = 2.5;
/** The variable of a part next to a band edge, at the node that stands for the edge. */
const BESIDE = 1e-3;

/**
 * A part of a tail between band edges. Its variable u runs from 0 at `origin` to 1 at the distance
 * `length`, which has a sign. Where the origin is a band edge, the energy goes with the square of u,
 * and no square root is left in the integrand.
 */
interface Part {
  origin: number;
  length: number;
  atEdge: boolean;
  /** Whether it lies beyond the window, so that it adds to the sums. */
  outside: boolean;
}

/** A place in a part, and the number of states below it. */
interface Counted {
  u: number;
  states: number;
}

/** Bounds the tails of one window after the other, and keeps its buffers. */
export class ThermalTails {
  /** Bound of what lies in the tails, per group, if the last call of `bound` was successful. */
  readonly beyond: Float64Array;
  /** Number of energies at which the last call has evaluated the integrand. */
  evaluations = 0;
  readonly #solver: ScatteringSolver;
  readonly #integrand: VectorIntegrand;
  /** Index of the component that is the time delay. */
  readonly #delay: number;
  /** The integrand at the energies evaluated so far. */
  readonly #rows = new Map<number, Float64Array>();
  /** Bound of the moduli's integrals over all pieces, per component. */
  readonly #sums: Float64Array;

  constructor(solver: ScatteringSolver, integrand: VectorIntegrand, components: number, delay: number) {
    this.#solver = solver;
    this.#integrand = integrand;
    this.#delay = delay;
    this.beyond = new Float64Array(components);
    this.#sums = new Float64Array(components);
  }

  /**
   * Bounds the tails of a window for fillings (mu_a, T_a), up to where f (1 - f) is DEEPEST. Returns
   * false if a narrow level may lie there or next to an end inside, if the device has no answer
   * there, or if no channel is open at an end but one opens farther out.
   */
  bound(
    { low, high }: { low: number; high: number },
    mu: Float64Array,
    temperature: Float64Array,
    request: IntegralRequest,
  ): boolean {
    this.evaluations = 0;
    this.#rows.clear();
    this.#sums.fill(0);
    const reach = thermalReach(DEEPEST);
    let [lowest, highest, hottest] = [low, high, 0];
    for (let a = 0; a < mu.length; a++) {
      lowest = Math.min(lowest, mu[a] - reach * temperature[a]);
      highest = Math.max(highest, mu[a] + reach * temperature[a]);
      hottest = Math.max(hottest, temperature[a]);
    }
    const inwards = FOOT * hottest;
    try {
      const ends = this.#rowsAt([low, high]);
      const opens = ([from, to]: number[]) => this.#solver.bandEdges(from, to).length > 0;
      const outside = [
        [low - reach * hottest, low],
        [high, high + reach * hottest],
      ];
      if (outside.some((side, end) => ends[end][this.#delay] === 0 && opens(side))) return false;
      const covered =
        (lowest === low && highest === high) ||
        (this.#cover(lowest, low, low + inwards) && this.#cover(high, highest, high - inwards));
      if (covered) this.#judge(ends, 2 * BEYOND * hottest, request);
      return covered;
    } catch (error) {
      if (error instanceof NumericalError) return false;
      throw error;
    }
  }

  /**
   * Covers the tail from `low` to `high` by pieces, if it or the foot beside it has levels. The foot
   * reaches to the energy `inside` of the window. Returns false where a level may be narrow.
   */
  #cover(low: number, high: number, inside: number): boolean {
    const solver = this.#solver;
    const [from, to] = [Math.min(low, inside), Math.max(high, inside)];
    if (solver.eigenvaluesBelow(from) === solver.eigenvaluesBelow(to)) return true;
    const foot = inside > high ? [high, inside] : [inside, low];
    return [...this.#parts(low, high, true), ...this.#parts(foot[0], foot[1], false)].every((part) =>
      this.#broad(part, this.#counted(part, 0), this.#counted(part, 1)),
    );
  }

  /** Divides an interval at the band edges inside and between them. */
  #parts(low: number, high: number, outside: boolean): Part[] {
    const edges = this.#solver.bandEdges(low, high).filter((edge) => edge > low && edge < high);
    const parts: Part[] = [];
    let from = low;
    for (const [k, edge] of edges.entries()) {
      parts.push({ origin: edge, length: from - edge, atEdge: true, outside });
      from = 0.5 * (edge + (edges[k + 1] ?? high));
      parts.push({ origin: edge, length: from - edge, atEdge: true, outside });
    }
    if (edges.length === 0) parts.push({ origin: low, length: high - low, atEdge: false, outside });
    else parts.push({ origin: from, length: high - from, atEdge: false, outside });
    return parts;
  }

  /** Whether all levels in a piece of a part are broad. The pieces found so add to the sums. */
  #broad(part: Part, from: Counted, to: Counted, halvings = 0): boolean {
    const middle = 0.5 * (from.u + to.u);
    const states = Math.sign(part.length) * (to.states - from.states);
    if (states < CROWDED) {
      const u = [from.u, 0.5 * (from.u + middle), middle, 0.5 * (middle + to.u), to.u];
      const rows = this.#rowsAt(u.map((at) => energyAt(part, at)));
      const weights = u.map((at) => (to.u - from.u) * slopeAt(part, at));
      const delays = rows.map((row, k) => weights[k] * row[this.#delay]);
      if (delayAccountsFor(states, delays, 1)) {
        const sums = this.#sums;
        for (let i = 0; part.outside && i < sums.length; i++)
          sums[i] += Math.max(...rows.map((row, k) => weights[k] * Math.abs(row[i])));
        return true;
      }
    }
    if (halvings === HALVINGS) return false;
    const between = this.#counted(part, middle);
    return this.#broad(part, from, between, halvings + 1) && this.#broad(part, between, to, halvings + 1);
  }

  #counted(part: Part, u: number): Counted {
    return { u, states: stateCount(this.#solver, energyAt(part, u)) };
  }

  /** The integrand at some energies, each of which is evaluated once. */
  #rowsAt(energies: number[]): Float64Array[] {
    const length = this.#sums.length;
    const fresh = Float64Array.from(energies.filter((energy) => !this.#rows.has(energy)));
    const values = new Float64Array(fresh.length * length);
    this.#integrand.evaluateNodes(plainNodes(fresh, fresh.length), values, length);
    for (const [k, energy] of fresh.entries())
      this.#rows.set(energy, values.subarray(k * length, (k + 1) * length));
    this.evaluations += fresh.length;
    return energies.map((energy) => this.#rows.get(energy)!);
  }

  /**
   * Writes the bounds per group: that of a smooth tail, which takes the larger end for both because
   * an integrand may vanish by chance at one, and that of the pieces.
   */
  #judge(ends: readonly Float64Array[], length: number, { groups, counted }: IntegralRequest): void {
    const { beyond } = this;
    beyond.fill(0);
    for (let i = 0; i < (counted ?? beyond.length); i++) {
      const larger = Math.max(...ends.map((row) => Math.abs(row[i])));
      beyond[groups[i]] = Math.max(beyond[groups[i]], length * larger + BEYOND * this.#sums[i]);
    }
    // The delay has no fillings as a weight.
    beyond[groups[this.#delay]] = 0;
  }
}

const beside = ({ atEdge }: Part, u: number): number => (atEdge ? Math.max(u, BESIDE) : u);

const energyAt = (part: Part, u: number): number => {
  const { origin, length, atEdge } = part;
  const at = beside(part, u);
  return origin + length * (atEdge ? at * at : at);
};

/** |dE/du|. */
const slopeAt = (part: Part, u: number): number =>
  Math.abs(part.length) * (part.atEdge ? 2 * beside(part, u) : 1);
