// X and dX/dtheta at many angles of an equispaced grid, one row per parameter. cos(k theta_j) is
// read from a table of the grid's own cosines at the index k j modulo the size of the grid. Every
// harmonic is therefore as exact as the first, and none costs the evaluation of a sine.

import { evaluateCycleInto } from "../../model/cycle.js";
import type { Cycle, CycleFunction } from "../../model/types.js";

/**
 * Cosine and sine at 2 pi j / count. The last table is kept for further calls with the same grid.
 */
interface Circle {
  count: number;
  cos: Float64Array;
  sin: Float64Array;
}

let kept: Circle | undefined;

/** The table of a grid of `count` angles. */
export function circle(count: number): Circle {
  if (kept?.count === count) return kept;
  const angle = (j: number) => (2 * Math.PI * j) / count;
  kept = {
    count,
    cos: Float64Array.from({ length: count }, (_, j) => Math.cos(angle(j))),
    sin: Float64Array.from({ length: count }, (_, j) => Math.sin(angle(j))),
  };
  return kept;
}

/**
 * Writes X and dX/dtheta at the angles 2 pi nodes[k] / count, k < size, into the rows of the
 * parameters, in the order of `names`. The numbers agree with those of evaluateCycleInto up to
 * rounding.
 */
export function evaluateCycleGrid(
  cycle: Cycle | CycleFunction,
  names: readonly string[],
  nodes: Int32Array,
  size: number,
  count: number,
  values: Float64Array[],
  tangents: Float64Array[],
): void {
  if (typeof cycle === "function") {
    const [x, v] = [new Float64Array(names.length), new Float64Array(names.length)];
    for (let k = 0; k < size; k++) {
      evaluateCycleInto(cycle, names, (2 * Math.PI * nodes[k]) / count, x, v);
      for (let nu = 0; nu < names.length; nu++) {
        values[nu][k] = x[nu];
        tangents[nu][k] = v[nu];
      }
    }
    return;
  }
  const table = circle(count);
  for (let nu = 0; nu < names.length; nu++) {
    const [value, tangent] = [values[nu], tangents[nu]];
    const {
      mean = 0,
      turns = 0,
      cos = [],
      sin = [],
    } = Object.hasOwn(cycle, names[nu]) ? cycle[names[nu]] : {};
    if (turns === 0) value.fill(mean, 0, size);
    else for (let k = 0; k < size; k++) value[k] = mean + (turns * 2 * Math.PI * nodes[k]) / count;
    tangent.fill(turns, 0, size);
    for (let h = 1; h <= Math.max(cos.length, sin.length); h++) {
      const a = cos[h - 1] ?? 0;
      const b = sin[h - 1] ?? 0;
      for (let k = 0; k < size; k++) {
        const j = (h * nodes[k]) % count;
        const c = table.cos[j];
        const s = table.sin[j];
        value[k] += a * c + b * s;
        tangent[k] += h * (b * c - a * s);
      }
    }
  }
}
