// Results as plain JSON. Matrices are lists of rows, complex numbers are [re, im], and quantities
// without a value are absent.

import { NumericalError } from "../index.js";
import { modelText } from "./model-text.js";

/**
 * An array stored by rows. A complex one has two numbers per element, with real and imaginary parts
 * interleaved.
 */
export interface ShapedArray {
  shape: readonly number[];
  data: Float64Array;
}

const isShapedArray = (value: object): value is ShapedArray =>
  "shape" in value &&
  Array.isArray(value.shape) &&
  "data" in value &&
  value.data instanceof Float64Array &&
  Object.keys(value).length === 2;

/** The same array as nested lists, with complex numbers as [re, im]. */
function nested({ shape, data }: ShapedArray, path: string): unknown {
  const complex = data.length === 2 * shape.reduce((product, length) => product * length, 1);
  const level = (depth: number, start: number): unknown => {
    if (depth === shape.length)
      return complex
        ? [finite(data[2 * start], path), finite(data[2 * start + 1], path)]
        : finite(data[start], path);
    const stride = shape.slice(depth + 1).reduce((product, length) => product * length, 1);
    return Array.from({ length: shape[depth] }, (_, index) => level(depth + 1, start + index * stride));
  };
  return level(0, 0);
}

function finite(value: number, path: string): number {
  if (Number.isFinite(value)) return value;
  throw new NumericalError(`the result ${path} is not a finite number`);
}

/** The value in JSON's types. Throws NumericalError for a number that JSON cannot represent. */
export function plain(value: unknown, path = "result"): unknown {
  if (typeof value === "number") return finite(value, path);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, (entry, index) => plain(entry, `${path}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return value;
  if (isShapedArray(value)) return nested(value, path);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null);
  return Object.fromEntries(entries.map(([key, entry]) => [key, plain(entry, `${path}.${key}`)]));
}

/** One JSON document, with short lists on one line. */
export const jsonText = (value: unknown): string => `${modelText(plain(value))}\n`;
