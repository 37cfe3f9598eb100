// A turn on a given number of equispaced angles by the trapezoidal rule. The error comes from the
// grid itself: the difference to the sum over every other angle, the last harmonic that the grid
// resolves, charges that do not balance, and levels that cross mu between two angles and leave no
// trace on them. A grid of few angles is compared with a finer one instead.
//
// The number of states below mu (state-count.ts) is continuous along the turn, and its change
// between two angles has entered through the leads. Where a level crosses mu and the currents on
// the grid account for this change, the grid has seen the resonance. Only the other crossings are
// examined.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import type { PumpOptions, TurnIntegrals } from "../pump/options.js";
import type { TurnBatch } from "./batch.js";
import { findCrossings } from "./crossings.js";
import { turnIntegralsOf } from "./integrals.js";
import type { TurnIntegrand } from "./integrand.js";
import { lastHarmonic } from "./last-harmonic.js";

/**
 * A grid of fewer angles than this says too little about its own error and is compared with a
 * multiple of itself.
 */
const FEW = 32;
/**
 * If the errors are below this part of the integrals, no resonance can hide between the angles,
 * because its tails would show.
 */
const CERTAIN = 1e-12;
/**
 * A state that the grid has missed makes the balance wrong by one. The trapezoidal rule between two
 * angles of a grid that resolves the turn is wrong by less than this.
 */
const BALANCED = 0.1;
/**
 * The turn counts as unresolved if the error is above this part of the charges, which count as at
 * least this part of the loop integral of |dn/dtheta|.
 */
const RESOLVED = 0.01;

/** The turn integrals on a fixed number of angles. */
export class FixedTurn {
  readonly #integrand: TurnIntegrand;
  readonly #options: PumpOptions;

  constructor(integrand: TurnIntegrand, options: PumpOptions) {
    this.#integrand = integrand;
    this.#options = options;
  }

  /** The integrals on `points` angles, with a warning if these do not resolve the turn. */
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

  /** Integrals on `count` angles and their errors, per component. */
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
   * Fills `columns` (one per component) and the sums with the integrand at all angles. Returns a
   * function that counts the states along the grid, or undefined if mu alone does not determine the
   * currents.
   */
  #fill(columns: Float64Array[], count: number): (() => StatesOfGrid) | undefined {
    const integrand = this.#integrand;
    const { batch, leads } = integrand;
    if (!batch) {
      integrand.addNodes(0, 1, count, false, (node, sample) => {
        for (let i = 0; i < columns.length; i++) columns[i][node] = sample[i];
      });
      // At T > 0, or with probes, the currents are not derivatives of the number of states at mu.
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
      // The batch still holds its last nodes, so that their states are counted only on request.
      if (first + size === count)
        return () => (states ?? new StatesOfGrid(columns, leads)).note(first, size, batch);
      states ??= new StatesOfGrid(columns, leads);
      states.note(first, size, batch);
    }
    return undefined;
  }

  /**
   * Adds to the errors what resonances between the angles may carry: at most one particle per
   * level.
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

  /** A warning if the given number of points does not resolve the turn. */
  #unresolved({ charge, error }: TurnIntegrals, points: number): Warning[] {
    const { size, leads } = this.#integrand;
    let scale = 0;
    for (const value of Object.values(charge)) scale = Math.max(scale, Math.abs(value));
    for (let a = 0; a < leads; a++) scale = Math.max(scale, (RESOLVED * TURN * size[a]) / points);
    if (error <= RESOLVED * scale) return [];
    const text = `${points} points do not resolve the turn: the charges are known only to ${error.toExponential(1)}. Leave the number of points out, or raise it`;
    return [{ code: "fixed-grid", text }];
  }
}

/** Twice the sum over every other angle minus the sum over all, for an even number of angles. */
function differenceOfHalves(column: Float64Array): number {
  let difference = 0;
  for (let j = 0; j < column.length; j += 2) difference += column[j] - column[j + 1];
  return difference;
}

/** Levels below mu, states below mu and currents along a grid of angles. */
class StatesOfGrid {
  /** Levels below mu at each angle. */
  readonly levels: Int32Array;
  /** Particles that enter per radian from each lead, at each angle. */
  readonly #charges: Float64Array[];
  /** States below mu at the angles near a change of levels; NaN elsewhere. */
  readonly #states: Float64Array;

  constructor(columns: Float64Array[], leads: number) {
    this.#charges = columns.slice(0, leads);
    const count = columns[0].length;
    this.levels = new Int32Array(count);
    this.#states = new Float64Array(count).fill(Number.NaN);
  }

  /**
   * Reads the numbers of levels from a batch that was just evaluated: `size` angles from `first`
   * on. States are counted two steps or less from a change of the number of levels. The angle after
   * the last one of the batch is not known yet, so that states are counted next to the ends as
   * well.
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
   * Whether the currents account for the change of the number of states from angle j - 1 to j + 2.
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
