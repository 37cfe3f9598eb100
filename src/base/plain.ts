// Results as plain JSON. Matrices are lists of rows, complex numbers are [re, im], and quantities
// without a value are absent. Results know this form themselves (`jsonable`), so that
// JSON.stringify gives it. The method that JSON.stringify looks for is not enumerable: copies, also
// those that go to another thread, leave it out.

import { NumericalError } from "./errors.js";

/**
 * An array stored by rows. A complex one has two numbers per element, with real and imaginary parts
 * interleaved.
 */
interface ShapedArray {
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
  // JSON has no negative zero.
  if (Number.isFinite(value)) return value + 0;
  throw new NumericalError(`${path} is not a finite number`);
}

/** A matrix as a list of rows; complex elements are [re, im]. */
export type PlainMatrix = number[][] | [re: number, im: number][][];

/**
 * The type of `plain(result)`: matrices are lists of rows, typed arrays lists of numbers, and curves
 * what their `toJSON` returns.
 */
export type Plain<T> = T extends {
  /** Numbers of rows and columns. */
  shape: readonly number[];
  /** The elements, row by row. */
  data: Float64Array;
}
  ? PlainMatrix
  : T extends ArrayBufferView
    ? number[]
    : T extends {
          /** The form in JSON. */
          toJSON(): infer Written;
        }
      ? Written
      : T extends readonly (infer Entry)[]
        ? Plain<Entry>[]
        : T extends object
          ? { [Key in keyof T]: Plain<T[Key]> }
          : T;

/**
 * A result in the types of JSON, as in the documents of the command: matrices are lists of rows,
 * complex numbers [re, im], typed arrays lists of numbers, and quantities without a value are
 * absent. -0 becomes 0. Cost: one pass. Throws NumericalError for a number that JSON cannot represent.
 *
 *     const { S } = plain(device.scatter()); // S[i][j] is [re, im]
 *
 * JSON.stringify takes this form of what a device or `engine.map` answers by itself. Parts of an
 * answer, copies of it (also by `{ ...result }` and structuredClone) and the results of functions
 * need `plain`.
 */
export function plain<T>(value: T): Plain<T> {
  return plainValue(value, "result") as Plain<T>;
}

/** Adds the method with which JSON.stringify writes a result; no copy of the result contains it. */
export function jsonable<T extends object>(result: T): T {
  return Object.defineProperty(result, "toJSON", { value: toJSON, configurable: true, writable: true });
}

function toJSON(this: unknown): unknown {
  return plain(this);
}

/** The value in JSON's types; `path` names it in the error. */
function plainValue(value: unknown, path: string): unknown {
  if (typeof value === "number") return finite(value, path);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, (entry, index) => plainValue(entry, `${path}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return value;
  if (isShapedArray(value)) return nested(value, path);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined && entry !== null);
  return Object.fromEntries(entries.map(([key, entry]) => [key, plainValue(entry, `${path}.${key}`)]));
}
