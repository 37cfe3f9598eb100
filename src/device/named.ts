// Lists by lead or by parameter in the form of the public results: objects with names as keys.

import type { RealMatrix } from "../model/types.js";

/** One number per name. */
export function byName(names: readonly string[], values: ArrayLike<number>): Record<string, number> {
  const named: Record<string, number> = {};
  for (let i = 0; i < names.length; i++) named[names[i]] = values[i];
  return named;
}

/** One row of a matrix (names x columns, stored by rows) per name. */
export function rowsByName(
  names: readonly string[],
  values: Float64Array,
  columns: number,
): Record<string, Float64Array> {
  return Object.fromEntries(names.map((name, i) => [name, values.slice(i * columns, (i + 1) * columns)]));
}

/** A square matrix from its elements, row by row. */
export const squareMatrix = (size: number, data: Float64Array): RealMatrix => ({ shape: [size, size], data });
