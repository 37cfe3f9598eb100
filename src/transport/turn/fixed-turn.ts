// A turn on a given number of equispaced angles: the trapezoidal rule, with an error from what the
// grid itself shows - the sum over half of it, the last harmonic it sees, levels that cross mu
// between two angles without a trace on them, charges that do not balance - or, of few angles, from
// more of them.
//
// The number of states below mu (state-count.ts) is continuous along the turn, and what it changes
// by between two angles has entered through the leads. Where a level crosses mu and the flow on the
// grid accounts for the change nothing is hidden there; only other crossings are looked at closely.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import type { PumpOptions, TurnIntegrals } from "../pump/options.js";
import type { TurnBatch } from "./batch.js";
import { findCrossings } from "./crossings.js";
import { turnIntegralsOf } from "./integrals.js";
import type { TurnIntegrand } from "./integrand.js";
import { lastHarmonic } from "./last-harmonic.js";

/**
 * Fewer angles than this show too little of themselves: they are held against a multiple of them.
 */
const FEW = 32;
/**
 * Errors below this part of the integrals leave no room for a resonance between the angles: its
 * tails would show.
 */
const CERTAIN = 1e-12;
/**
 * A state that the grid has missed makes a balance wrong by one; the rule between two angles of a
 * grid that resolves the turn, by less than this.
 */
const BALANCED = 0.1;
/**
 * The turn is not resolved where the error is above this part of the charges, or of what cancels in
 * them.
 */
const RESOLVED = 0.01;

export class FixedTurn {
  readonly #integrand: TurnIntegrand;
  readonly #options: PumpOptions;

  constructor(integrand: TurnIntegrand, options: PumpOptions) {
    this.#integrand = integrand;
    this.#options = options;
  }

  run(points: number): TurnIntegrals {
    const { values, errors } = this.#grid(points);
    if (points < FEW) {
      const finer = this.#grid(points * Math.ceil(FEW / points));
      for (let i = 0; i < values.length; i++)
        errors[i] = Math.max(errors[i], Math.abs(values[i] - finer.values[i]) + finer.errors[i]);
    }
    const { tolerance = 1e-8 } = this.#options;
    const result = turnIntegralsOf(this.#integrand, values, errors, tolerance, points);
    result.warnings.unshift(...this.#unresolved(result, points));
    return result;
  }

  /** Integrals on `count` angles, and their errors. */
  #grid(count: number): { values: Float64Array; errors: Float64Array } {
    const integrand = this.#integrand;
    const { sum, size, leads, components } = integrand;
    integrand.restart();
    const columns: Float64Array[] = [];
    for (let i = 0; i < components; i++) columns.push(new Float64Array(count));
    const states = this.#fill(columns, count);
    const errors = new Float64Array(components);
    const noise = integrand.noiseOf(count);
    let [largest, whole] = [0, 0];
    for (let i = 0; i < components; i++) {
      errors[i] = lastHarmonic(columns[i]);
      if (count % 2 === 0) errors[i] = Math.max(errors[i], Math.abs(differenceOfHalves(columns[i])));
      errors[i] = (TURN / count) * errors[i] + noise[i];
      if (i >= leads) continue;
      largest = Math.max(largest, errors[i]);
      whole = Math.max(whole, (TURN * size[i]) / count);
    }
    if (!(largest <= CERTAIN * whole)) this.#addCrossings(count, errors, states?.());
    return { values: sum.map((s) => (TURN * s) / count), errors };
  }

  /**
   * The integrand at all angles, by component, and its sums; with a batch, how to get the number of
   * states there.
   */
  #fill(columns: Float64Array[], count: number): (() => StatesOfGrid) | undefined {
    const integrand = this.#integrand;
    const { batch, leads } = integrand;
    if (!batch) {
      integrand.addNodes(0, 1, count, false, (node, sample) => {
        for (let i = 0; i < columns.length; i++) columns[i][node] = sample[i];
      });
      // Warm flow, and that of probes, is no derivative of the states at mu.
      if (!integrand.bare) return undefined;
      const angle = (node: number) => (TURN * node) / count;
      return () =>
        new StatesOfGrid(columns, leads).note(0, count, {
          levelsBelow: (node) => integrand.levelsBelow(angle(node)),
          statesBelow: (node) => integrand.statesBelow(angle(node)),
        });
    }
    let states: StatesOfGrid | undefined;
    for (let first = 0; first < count; first += batch.capacity) {
      const size = Math.min(batch.capacity, count - first);
      integrand.fillColumns(columns, first, size);
      // The last batch is there until it is asked.
      if (first + size === count)
        return () => (states ?? new StatesOfGrid(columns, leads)).note(first, size, batch);
      states ??= new StatesOfGrid(columns, leads);
      states.note(first, size, batch);
    }
    return undefined;
  }

  /**
   * Adds what resonances carry that the grid does not see; a level carries at most one particle.
   */
  #addCrossings(count: number, errors: Float64Array, states: StatesOfGrid | undefined): void {
    const integrand = this.#integrand;
    const levels =
      states?.levels ??
      Int32Array.from({ length: count }, (_, j) => integrand.levelsBelow((TURN * j) / count));
    const { missed } = findCrossings(
      integrand,
      count,
      (j) => levels[j],
      (j) => states?.balancedAround(j) === true,
    );
    for (let i = 0; i < errors.length; i++) errors[i] += missed[i];
  }

  #unresolved({ charge, error }: TurnIntegrals, points: number): Warning[] {
    const { size, leads } = this.#integrand;
    let scale = 0;
    for (const value of Object.values(charge)) scale = Math.max(scale, Math.abs(value));
    for (let a = 0; a < leads; a++) scale = Math.max(scale, (RESOLVED * TURN * size[a]) / points);
    if (error <= RESOLVED * scale) return [];
    const text = `${points} points do not resolve the turn: the charges are known to ${error.toExponential(1)} only. Leave the number out, or raise it`;
    return [{ code: "fixed-grid", text }];
  }
}

/** Twice the sum over half of the angles less that over all, of an even number. */
function differenceOfHalves(column: Float64Array): number {
  let difference = 0;
  for (let j = 0; j < column.length; j += 2) difference += column[j] - column[j + 1];
  return difference;
}

/** Levels, states and flow along a grid of angles. */
class StatesOfGrid {
  /** Levels below mu at each angle. */
  readonly levels: Int32Array;
  /** Particles that enter per angle, by lead. */
  readonly #charges: Float64Array[];
  /** States below mu, where levels change nearby. */
  readonly #states: Float64Array;

  constructor(columns: Float64Array[], leads: number) {
    this.#charges = columns.slice(0, leads);
    const count = columns[0].length;
    this.levels = new Int32Array(count);
    this.#states = new Float64Array(count).fill(Number.NaN);
  }

  /**
   * Takes levels from a batch just evaluated, `size` angles from `first` on, and has states counted
   * where they are needed: two steps or less from a change of levels, which may also come beyond
   * the list.
   */
  note(first: number, size: number, batch: Pick<TurnBatch, "levelsBelow" | "statesBelow">): this {
    const { levels } = this;
    const count = levels.length;
    for (let k = 0; k < size; k++) levels[first + k] = batch.levelsBelow(k);
    const need = (node: number) => {
      const k = ((node + count) % count) - first;
      if (k >= 0 && k < size && Number.isNaN(this.#states[first + k]))
        this.#states[first + k] = batch.statesBelow(k);
    };
    for (let j = first; j < first + size; j++) {
      const next = j + 1 === count ? 0 : j + 1;
      const known = size === count || (next > j && next < first + size);
      if (known && levels[j] === levels[next]) continue;
      for (let step = -1; step <= 2; step++) need(j + step);
    }
    if (size < count) for (const node of [first, first + 1]) need(node);
    return this;
  }

  /**
   * Whether the flow accounts for the change of the number of states from the angle before j to the
   * second after it.
   */
  balancedAround(j: number): boolean {
    const count = this.levels.length;
    for (let k = j - 1; k <= j + 1; k++) {
      const [from, to] = [(k + count) % count, (k + 1 + count) % count];
      let entered = 0;
      for (const charge of this.#charges) entered += charge[from] + charge[to];
      const change = this.#states[to] - this.#states[from];
      if (!(Math.abs(change - (Math.PI / count) * entered) < BALANCED)) return false;
    }
    return true;
  }
}
