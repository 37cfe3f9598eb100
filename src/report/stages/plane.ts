// The plane of a cycle: the two parameters that move, the closed path in it, and a rectangle around
// the path.

import type { Cycle, CycleFunction } from "../../index.js";
import { evaluateCycle } from "../../model/cycle.js";

/** A cycle in the plane of two of its parameters. */
export interface CyclePlane {
  parameters: [string, string];
  /** The path at equal steps of theta from 0. The end is not repeated. */
  path: { first: Float64Array; second: Float64Array };
  /**
   * Values of the other parameters; undefined if they move as well, so that the plane shows only a
   * projection.
   */
  others?: Record<string, number>;
}

const pathPoints = 256;

/**
 * The plane of the two parameters that move most. Undefined if fewer than two move, or if one of
 * them advances with every turn (a wheel's angle).
 */
export function cyclePlane(
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
): CyclePlane | undefined {
  const samples = Array.from(
    { length: pathPoints },
    (_, i) => evaluateCycle(cycle, parameterNames, (2 * Math.PI * i) / pathPoints).values,
  );
  const end = evaluateCycle(cycle, parameterNames, 2 * Math.PI).values;
  const moving = parameterNames
    .map((name, nu) => {
      const values = Float64Array.from(samples, (sample) => sample[nu]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return {
        name,
        values,
        swing: high - low,
        closed: Math.abs(end[nu] - values[0]) <= 1e-9 * (high - low),
      };
    })
    .filter(({ swing }) => swing > 0);
  if (moving.length < 2 || !moving.every(({ closed }) => closed)) return undefined;
  const byFile = new Map(parameterNames.map((name, nu) => [name, nu]));
  const [a, b] = [...moving]
    .sort((one, two) => two.swing - one.swing)
    .slice(0, 2)
    .sort((one, two) => byFile.get(one.name)! - byFile.get(two.name)!);
  const still = Object.fromEntries(
    parameterNames
      .map((name, nu): [string, number] => [name, samples[0][nu]])
      .filter(([name]) => !moving.some((parameter) => parameter.name === name)),
  );
  return {
    parameters: [a.name, b.name],
    path: { first: a.values, second: b.values },
    ...(moving.length === 2 ? { others: still } : {}),
  };
}

/** Grid values that contain a path, with a margin of a quarter of its extent on either side. */
export function gridAround(values: Float64Array, count: number): Float64Array {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low) / 4;
  const step = (high - low + 2 * margin) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => low - margin + i * step);
}
