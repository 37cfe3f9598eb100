// A turn on a given number of equispaced angles: the trapezoidal rule, with an error from what the grid itself shows - the sum over half of it, the last
// harmonic it sees, levels that cross mu between two angles without a trace on them, charges that do not balance - or, of few angles, from more of them.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import type { PumpOptions, TurnIntegrals } from "../pump/options.js";
import { findCrossings } from "./crossings.js";
import { turnIntegralsOf } from "./integrals.js";
import type { TurnIntegrand } from "./integrand.js";
import { LastHarmonic } from "./last-harmonic.js";

/** Fewer angles than this show too little of themselves: they are held against a multiple of them. */
const FEW = 32;
/** Errors below this part of the integrals leave no room for a resonance between the angles: its tails would show. */
const CERTAIN = 1e-12;
/** The turn is not resolved where the error is above this part of the charges, or of what cancels in them. */
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
    const { sum, size, leads } = integrand;
    integrand.restart();
    const last = new LastHarmonic(count, integrand.components);
    const even = count % 2 === 0;
    const half = new Float64Array(sum.length);
    const { batch } = integrand;
    if (even && batch && count <= batch.capacity) {
      // One batch holds the even nodes, then the odd ones; larger grids and other devices go in two passes.
      for (let k = 0; k < count; k++) batch.nodes[k] = 2 * k < count ? 2 * k : 2 * k - count + 1;
      integrand.evaluateBatch(count, count, false);
      for (let k = 0; k < count; k++) {
        last.add(batch.nodes[k], integrand.addBatched(k, count));
        if (2 * k + 2 === count) half.set(sum);
      }
    } else {
      const add = (node: number, sample: Float64Array) => last.add(node, sample);
      integrand.addNodes(0, even ? 2 : 1, count, false, add);
      half.set(sum);
      if (even) integrand.addNodes(1, 2, count, false, add);
    }
    const values = sum.map((s) => (TURN * s) / count);
    const errors = last.error();
    const noise = integrand.noiseOf(count);
    let [largest, whole] = [0, 0];
    for (let i = 0; i < errors.length; i++) {
      if (even) errors[i] = Math.max(errors[i], Math.abs(values[i] - (2 * TURN * half[i]) / count));
      errors[i] += noise[i];
      if (i >= leads) continue;
      largest = Math.max(largest, errors[i]);
      whole = Math.max(whole, (TURN * size[i]) / count);
    }
    if (!(largest <= CERTAIN * whole)) this.#addCrossings(count, errors);
    return { values, errors };
  }

  /** Adds what resonances carry that the grid does not see; a level carries at most one particle. */
  #addCrossings(count: number, errors: Float64Array): void {
    const integrand = this.#integrand;
    const levels = this.#levels(count);
    const { missed } = findCrossings(integrand, count, (j) => levels[j]);
    for (let i = 0; i < errors.length; i++) errors[i] += missed[i];
  }

  /** Levels below mu at all angles; a batch that counts them does so in a fraction of the time. */
  #levels(count: number): Int32Array {
    const integrand = this.#integrand;
    const { batch } = integrand;
    if (!batch?.countsLevels)
      return Int32Array.from({ length: count }, (_, j) => integrand.levelsBelow((TURN * j) / count));
    const levels = new Int32Array(count);
    for (let first = 0; first < count; first += batch.capacity) {
      const size = Math.min(batch.capacity, count - first);
      for (let k = 0; k < size; k++) batch.nodes[k] = first + k;
      integrand.evaluateBatch(size, count, true);
      for (let k = 0; k < size; k++) levels[first + k] = batch.levelsBelow(k);
    }
    return levels;
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
