// Curves over the turn that a uniform grid does not resolve, because of kinks where a bound state
// joins or leaves a band, or because of peaks far narrower than the turn. The turn is divided at
// given angles, and each piece into panels with 16 Gauss-Legendre nodes. A panel is bisected while
// the last of its Legendre coefficients are too large, or while it misses a sample at its middle or
// at a given angle. The integrals are those of the panels, as accurate as the samples, as long as
// all kinks are given. No node falls on a given angle.
//
// Where a bound state meets its band, friction diverges like the logarithm of the distance in
// angle, and energies are known only to rounding. The panels next to a kink therefore use eight
// polynomials and eight polynomials times that logarithm instead of sixteen polynomials. They are
// accurate without nodes very near to the kink. Cost: 16 samples per panel; about 20 panels for a
// turn with two kinks at 1e-8.
//
// Longer than most files: building, refining and summing work on one flat list of panels.

import { TURN } from "../../base/constants.js";
import type { Trail } from "../../numerics/quadrature/trail.js";
import {
  dot,
  FITTED,
  LOGARITHMS,
  legendre,
  NODES,
  POLYNOMIALS,
  rule,
  singular,
  singularBasis,
} from "./panel-rules.js";

/** A request for all components at an angle. Their errors count only with `share` radians. */
export interface PanelNode {
  theta: number;
  share: number;
  /** The trail of an angle nearby. */
  after?: Trail;
}

/** Returns all components at many angles. */
export type PanelSamples = (nodes: readonly PanelNode[]) => { values: Float64Array; trail?: Trail }[];

/** Most panels of a turn. */
const MOST_PANELS = 400;
/** Shortest panel without a kink, radians. */
const SHORTEST = 1e-10;
/** Shortest panel at a kink, in radians. Its first node is at 4e-4 of the length. */
const SHORTEST_AT_KINK = 1e-4;
/** Weight of the errors of integrals of panels at kinks, of which there may be several. */
const AT_KINK = 4;

/** Where a panel lies. */
interface Place {
  from: number;
  to: number;
  /** The end at which the panel has a kink, if it has one. */
  kink: "from" | "to" | undefined;
}

interface Panel extends Place {
  /** The trail of a node near the middle. */
  trail: Trail | undefined;
  /** Coefficients of the panel's functions, NODES per component. */
  coefficients: Float64Array;
  // Per component: the largest |sample|, the mean, the error of the mean, and the error of the
  // functions.
  largest: Float64Array;
  mean: Float64Array;
  meanError: Float64Array;
  tail: Float64Array;
}

/**
 * The allowed error per component (infinite for a component that is not judged), from the largest
 * value of each so far.
 */
export type Allowance = (largest: Float64Array) => Float64Array;

/** The panels of one turn, with all components of a sample. */
export class TurnPanels {
  readonly #sample: PanelSamples;
  readonly #components: number;
  readonly #allowance: Allowance;
  #panels: Panel[] = [];

  constructor(sample: PanelSamples, components: number, allowance: Allowance) {
    this.#sample = sample;
    this.#components = components;
    this.#allowance = allowance;
  }

  /**
   * Divides the turn at `kinks` and `breaks` and refines the panels. At the angles `trials` the
   * result is compared with samples. The first panels follow `trail`. Returns an angle that the
   * largest number of panels does not resolve, or undefined.
   */
  build(
    kinks: readonly number[],
    breaks: readonly number[],
    trials: readonly number[],
    trail?: Trail,
  ): number | undefined {
    const inTurn = (theta: number) => ((theta % TURN) + TURN) % TURN;
    const singularAt = new Set(kinks.map(inTurn));
    const inside: number[] = [];
    // Edges that a cycle's symmetry ties together have kinks at one angle, found twice.
    for (const theta of [...singularAt, ...breaks.map(inTurn)].sort((a, b) => a - b)) {
      const before = inside.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (theta - before > SHORTEST) inside.push(theta);
      else if (singularAt.has(theta)) inside[inside.length - 1] = theta;
    }
    if (inside.length > 1 && inside[0] + TURN - inside[inside.length - 1] <= SHORTEST) inside.pop();
    const ends = inside.length > 0 ? [...inside, inside[0] + TURN] : [0.1, 0.1 + TURN];
    const isKink = (theta: number) => singularAt.has(theta) || singularAt.has(theta - TURN);
    const places: Place[] = [];
    for (let i = 0; i + 1 < ends.length; i++) {
      // A piece has at least two panels, because a panel can have a kink at one of its ends only.
      const pieces = Math.max(2, Math.ceil((ends[i + 1] - ends[i]) / (TURN / 8)));
      const at = (k: number) =>
        k === pieces ? ends[i + 1] : ends[i] + ((ends[i + 1] - ends[i]) * k) / pieces;
      for (let k = 0; k < pieces; k++) {
        if (!(at(k + 1) > at(k))) continue;
        const first = k === 0 && isKink(ends[i]);
        const last = k === pieces - 1 && isKink(ends[i + 1]);
        places.push({ from: at(k), to: at(k + 1), kink: first ? "from" : last ? "to" : undefined });
      }
    }
    this.#panels = this.#sampled(places, () => trail);
    let tried: [theta: number, sample: Float64Array][] = [];
    for (;;) {
      const open = this.#unresolved();
      if (open.size === 0 && tried.length === 0)
        tried = this.#sample(
          trials.map((theta) => {
            const { from, to, trail: after } = this.#panelAt(theta);
            return { theta, share: to - from, after };
          }),
        ).map(({ values }, k) => [trials[k], values]);
      if (open.size === 0) for (const panel of this.#missed(tried)) open.add(panel);
      if (open.size === 0) return undefined;
      const [first] = open;
      if (this.#panels.length + open.size > MOST_PANELS) return 0.5 * (first.from + first.to);
      const whole = this.#panels.filter((panel) => open.has(panel));
      const halves = whole.flatMap(({ from, to, kink }): Place[] => {
        const middle = 0.5 * (from + to);
        return [
          { from, to: middle, kink: kink === "from" ? kink : undefined },
          { from: middle, to, kink: kink === "to" ? kink : undefined },
        ];
      });
      const divided = this.#sampled(halves, (p) => whole[p >> 1].trail);
      this.#panels = [...this.#panels.filter((panel) => !open.has(panel)), ...divided].sort(
        (a, b) => a.from - b.from,
      );
    }
  }

  /** Integral of each component over the turn. */
  integrals(): Float64Array {
    const sums = new Float64Array(this.#components);
    for (const { from, to, mean } of this.#panels)
      for (let i = 0; i < sums.length; i++) sums[i] += (to - from) * mean[i];
    return sums;
  }

  /** Bounds of the errors per component: of the integrals, and of the values at any angle. */
  errors(): { integral: Float64Array; value: Float64Array } {
    const integral = new Float64Array(this.#components);
    const value = new Float64Array(this.#components);
    for (const { from, to, tail, meanError } of this.#panels)
      for (let i = 0; i < integral.length; i++) {
        integral[i] += (to - from) * meanError[i];
        value[i] = Math.max(value[i], tail[i]);
      }
    return { integral, value };
  }

  /** All components at an angle. */
  valueAt(theta: number): Float64Array {
    return this.#valueIn(this.#panelAt(theta), theta);
  }

  /** The panels at these places, with all samples taken at once. The p-th one follows `trailOf(p)`. */
  #sampled(places: readonly Place[], trailOf: (p: number) => Trail | undefined): Panel[] {
    const { nodes } = rule();
    const found = this.#sample(
      places.flatMap(({ from, to, kink }, p) =>
        Array.from({ length: NODES }, (_, j): PanelNode => {
          const length = to - from;
          const distance = kink ? singular().nodes[j] : 0.5 + 0.5 * nodes[j];
          // Next to a kink a node has a smaller share of the panel.
          const share = kink ? NODES * singular().weights[j] * length : length;
          const theta = kink === "to" ? to - length * distance : from + length * distance;
          return { theta, share, after: trailOf(p) };
        }),
      ),
    );
    return places.map((place, p) => this.#panel(place, found.slice(p * NODES, (p + 1) * NODES)));
  }

  #panel({ from, to, kink }: Place, samples: ReturnType<PanelSamples>): Panel {
    const n = this.#components;
    const list = () => new Float64Array(n);
    const panel: Panel = {
      from,
      to,
      kink,
      trail: samples[NODES / 2].trail,
      coefficients: new Float64Array(n * NODES),
      largest: list(),
      mean: list(),
      meanError: list(),
      tail: list(),
    };
    const values = new Float64Array(NODES);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < NODES; j++) {
        values[j] = samples[j].values[i];
        panel.largest[i] = Math.max(panel.largest[i], Math.abs(values[j]));
      }
      if (kink) fitSingular(panel, i, values);
      else expand(panel, i, values);
    }
    return panel;
  }

  /** The largest |sample| per component. */
  largest(): Float64Array {
    const largest = new Float64Array(this.#components);
    for (const panel of this.#panels)
      for (let i = 0; i < largest.length; i++) largest[i] = Math.max(largest[i], panel.largest[i]);
    return largest;
  }

  #allowed(): Float64Array {
    return this.#allowance(this.largest());
  }

  /** The panels that are long enough to be divided and whose errors exceed the allowed ones. */
  #unresolved(): Set<Panel> {
    const allowed = this.#allowed();
    return new Set(
      this.#panels.filter((panel) => {
        const length = panel.to - panel.from;
        if (length < (panel.kink ? SHORTEST_AT_KINK : SHORTEST)) return false;
        for (let i = 0; i < this.#components; i++) {
          const missed = panel.tail[i] * Math.min(length, 1);
          const error = panel.kink ? Math.max(missed, AT_KINK * panel.meanError[i] * length) : missed;
          if (error > allowed[i]) return true;
        }
        return false;
      }),
    );
  }

  /**
   * The panels that are long enough to be divided and whose values miss a sample. At a common end
   * of two panels both are examined.
   */
  #missed(tried: readonly [number, Float64Array][]): Panel[] {
    const allowed = this.#allowed();
    return tried.flatMap(([theta, sample]) => {
      const here = this.#panelAt(theta);
      const turned = turnedInto(here, theta);
      const before = this.#panels.find(({ to }) => to === turned || to === turned + TURN);
      return (before && turned === here.from ? [here, before] : [here]).filter((panel) => {
        const length = panel.to - panel.from;
        const value = this.#valueIn(panel, theta);
        for (let i = 0; i < this.#components; i++) {
          const miss = Math.abs(value[i] - sample[i]);
          if (miss * Math.min(length, 1) > allowed[i])
            return length > (panel.kink ? SHORTEST_AT_KINK : SHORTEST);
        }
        return false;
      });
    });
  }

  #panelAt(theta: number): Panel {
    const start = this.#panels[0].from;
    const turned = start + ((((theta - start) % TURN) + TURN) % TURN);
    let [low, high] = [0, this.#panels.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#panels[middle].from <= turned) low = middle;
      else high = middle - 1;
    }
    return this.#panels[low];
  }

  #valueIn(panel: Panel, theta: number): Float64Array {
    const { from, to, kink, coefficients } = panel;
    const x = (turnedInto(panel, theta) - from) / (to - from);
    const p = kink ? singularBasis(kink === "to" ? 1 - x : x, POLYNOMIALS, LOGARITHMS) : legendre(2 * x - 1);
    const count = kink ? FITTED : NODES;
    return Float64Array.from({ length: this.#components }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += coefficients[i * NODES + k] * p[k];
      return sum;
    });
  }
}

/** The angle plus whole turns, so that it lies in the panel or next to it. */
function turnedInto({ from, to }: Panel, theta: number): number {
  return theta - TURN * Math.round((theta - 0.5 * (from + to)) / TURN);
}

/**
 * Expands component i of a panel in Legendre polynomials. The last coefficients give the error.
 */
function expand({ coefficients, mean, meanError, tail }: Panel, i: number, values: Float64Array): void {
  const { toCoefficients } = rule();
  const at = i * NODES;
  for (let k = 0; k < NODES; k++) {
    let sum = 0;
    for (let j = 0; j < NODES; j++) sum += toCoefficients[k * NODES + j] * values[j];
    coefficients[at + k] = sum;
  }
  mean[i] = coefficients[at];
  tail[i] = Math.abs(coefficients[at + NODES - 1]) + Math.abs(coefficients[at + NODES - 2]);
  meanError[i] = tail[i];
}

/**
 * Expands component i of a panel at a kink by the best fit, whose misfit gives the error. The mean
 * comes from the sixteen weights.
 */
function fitSingular({ coefficients, mean, meanError, tail }: Panel, i: number, values: Float64Array): void {
  const { q, r, weights, integrals } = singular();
  const rest = values.slice();
  const shares = new Float64Array(FITTED);
  for (let m = 0; m < FITTED; m++) {
    shares[m] = dot(q[m], rest);
    for (let j = 0; j < NODES; j++) rest[j] -= shares[m] * q[m][j];
  }
  for (let m = FITTED - 1; m >= 0; m--) {
    let sum = shares[m];
    for (let k = m + 1; k < FITTED; k++) sum -= r[m][k] * coefficients[i * NODES + k];
    coefficients[i * NODES + m] = sum / r[m][m];
  }
  mean[i] = dot(weights, values);
  meanError[i] = Math.abs(mean[i] - dot(integrals, coefficients.subarray(i * NODES, i * NODES + FITTED)));
  // A node next to the kink, which has a small share of the panel, has a small weight in the error
  // as well.
  tail[i] = 3 * rest.reduce((most, x, j) => Math.max(most, Math.abs(x) * Math.min(1, NODES * weights[j])), 0);
}
