// Options objects of the public functions. Each options type has a table with a check for every
// key. The compiler compares the table with the type, so that neither can gain a key without the
// other. An unknown key is refused, with the nearest known key as advice. A key whose value is
// undefined counts as absent.

import { InputError } from "../base/errors.js";
import { described, didYouMean, isObject, joinedPath, listed } from "../base/wording.js";

/** Throws InputError unless the value, which is not undefined, is valid for this field. */
export type OptionCheck = (value: unknown, field: string) => void;

/** The check of a key that must be present. */
export type NeededOption = OptionCheck & { readonly needed: string };

/**
 * A check for every key of an options type. Keys without a question mark need one of type
 * NeededOption.
 */
export type OptionTable<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? OptionCheck : NeededOption;
};

/**
 * A function that reads an options object once, checks it, and returns a copy, which does not
 * change during a computation. Messages call the whole object `name`; keys are named below `path`.
 */
export function optionsOf<T extends object>(
  name: string,
  table: OptionTable<T>,
): (given: unknown, path?: string) => T {
  const checks = Object.entries(table) as [string, OptionCheck & Partial<NeededOption>][];
  const known = checks.map(([key]) => key);
  return (given, path = "") => {
    if (!isObject(given))
      throw new InputError(path || name, "not an object of options", {
        expected: `an object with keys among ${listed(known)}`,
        found: described(given),
      });
    for (const key of keysOf(given)) if (!known.includes(key)) throw unknownKey(key, known, path);
    const options: Record<string, unknown> = {};
    for (const [key, check] of checks) {
      const value = read(given, key, path);
      if (value !== undefined) {
        check(value, joinedPath(path, key));
        options[key] = value;
      } else if (check.needed !== undefined)
        throw new InputError(joinedPath(path, key), "this key is missing", {
          expected: check.needed,
          found: "nothing",
        });
    }
    return options as T;
  };
}

/** Keys of an object with inherited ones, except those of Object.prototype. */
function keysOf(given: object): string[] {
  const keys = Object.keys(given);
  let above = Object.getPrototypeOf(given);
  while (above !== null && Object.getPrototypeOf(above) !== null) {
    keys.push(...Object.keys(above));
    above = Object.getPrototypeOf(above);
  }
  return keys;
}

function unknownKey(key: string, known: readonly string[], path: string): InputError {
  return new InputError(joinedPath(path, key), "unknown key", {
    expected: `one of ${listed(known, 40)}`,
    found: described(key),
    advice: didYouMean(key, known) ?? "Remove or rename it.",
  });
}

/** The value of a key. If a getter throws, the error names its field. */
function read(given: object, key: string, path: string): unknown {
  try {
    return (given as Record<string, unknown>)[key];
  } catch (error) {
    throw new InputError(joinedPath(path, key), "the value could not be read", {
      expected: "a value",
      found: described(error instanceof Error ? error.message : error),
    });
  }
}

/** A check by a predicate. `expected` describes valid values. */
export const option =
  (expected: string, holds: (value: unknown) => boolean): OptionCheck =>
  (value, field) => {
    if (!holds(value)) throw new InputError(field, "wrong value", { expected, found: described(value) });
  };

/** The same check for a key that must be present; `expected` describes what is missing. */
export const needed = (expected: string, check: OptionCheck): NeededOption =>
  Object.assign<OptionCheck, { needed: string }>((value, field) => check(value, field), { needed: expected });

/** Accepts every value, because other code checks it with more knowledge. */
export const checkedLater: OptionCheck = () => {};

const isNumber = (value: unknown): value is number => Number.isFinite(value);

export const finiteOption = option("a finite number", isNumber);
export const positiveOption = option("a finite number above 0", (value) => isNumber(value) && value > 0);
export const nonNegativeOption = option("a finite number >= 0", (value) => isNumber(value) && value >= 0);
export const toleranceOption = option(
  "a number between 0 and 1",
  (value) => isNumber(value) && value > 0 && value < 1,
);
export const booleanOption = option("true or false", (value) => typeof value === "boolean");
export const functionOption = option("a function", (value) => typeof value === "function");
export const objectOption = option("an object", isObject);

/** A check for a whole number between two bounds, both included. */
export const wholeOption = (least: number, most: number): OptionCheck =>
  option(
    `a whole number from ${least} to ${most}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );

/** A check that the value is one of a few words. */
export const wordOption =
  (words: readonly string[], what = "wrong value"): OptionCheck =>
  (value, field) => {
    if (words.includes(value as string)) return;
    throw new InputError(field, what, {
      expected: words.map((word) => JSON.stringify(word)).join(" or "),
      found: described(value),
      advice: typeof value === "string" ? didYouMean(value, words) : undefined,
    });
  };

/** A check for a list, plain or typed, of at least `least` finite numbers. */
export const numbersOption =
  (expected: string, least = 1): OptionCheck =>
  (value, field) => {
    const list = value as ArrayLike<unknown>;
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    if (!isList || list.length < least)
      throw new InputError(field, "wrong value", { expected, found: described(value) });
    for (let i = 0; i < list.length; i++) finiteOption(list[i], `${field}[${i}]`);
  };
