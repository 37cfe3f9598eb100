// Building blocks of the schema: numbers with bounds, closed objects (unknown keys are refused),
// and records, named by what they accept. The message of a `custom` or `strict_object` issue is a
// description of what was expected, which issues.ts puts into an InputError.

import * as v from "valibot";
import { isObject } from "../../base/wording.js";
import type { Triplet } from "../triplet.js";
import { reservedNames } from "./names.js";

/** Largest number of device orbitals, a limit of index arithmetic and memory. */
export const maximumOrbitals = 10_000_000;
/**
 * Largest number of orbitals in a lead's cell or contact. Its dense matrices grow with the square.
 */
export const maximumLeadOrbitals = 4096;

/** Largest number of parameters. The friction tensor grows with the square. */
export const maximumParameters = 32_768;

const finiteNumber = v.pipe(v.number(), v.finite());

/** Any finite number. */
export const anyNumber = (description: string) => v.pipe(finiteNumber, v.description(description));

/** A finite number >= 0. */
export const nonNegative = (description: string) =>
  v.pipe(finiteNumber, v.minValue(0), v.description(description));

/** A finite number > 0. */
export const positive = (description: string) =>
  v.pipe(finiteNumber, v.gtValue(0), v.description(description));

/** A whole number within bounds, both included. */
export const wholeNumber = (least: number, most: number, description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(description));

/** A list of finite numbers. */
export const numberList = (description: string, most = 65_536) =>
  v.pipe(v.array(finiteNumber), v.maxLength(most), v.description(description));

/** A schema that refuses some values before it looks into them. */
function refusing<S extends v.GenericSchema>(
  schema: S,
  wrong: (value: unknown) => boolean,
  right: string,
): S {
  const run = schema["~run"];
  const refuse = v.custom<never>(() => false, right);
  const guarded = schema as { "~run": typeof run };
  guarded["~run"] = (dataset, config) =>
    wrong(dataset.value) ? refuse["~run"](dataset, config) : run.call(schema, dataset, config);
  return schema;
}

/**
 * A schema of an object that refuses lists, Maps and the like, which are objects in JavaScript too.
 */
const objectsOnly = <S extends v.GenericSchema>(schema: S): S =>
  refusing(schema, (value) => typeof value === "object" && value !== null && !isObject(value), "an object");

/** Whether an object has keys that valibot's records silently ignore. */
const hasReservedKey = (value: unknown): boolean =>
  typeof value === "object" && value !== null && reservedNames.some((name) => Object.hasOwn(value, name));

/**
 * An object with exactly these keys. The issue of an unknown key carries the known keys, that of a
 * missing key its description.
 */
export function closedObject<const E extends v.ObjectEntries>(entries: E) {
  const expectation: v.ErrorMessage<v.StrictObjectIssue> = (issue) => {
    if (issue.expected === "never") return Object.keys(entries).join(", ");
    const key = issue.path?.[0].key;
    const entry = typeof key === "string" ? entries[key] : undefined;
    const description = entry && v.getDescription(entry as v.GenericSchema);
    return description?.replace(/^[A-Z](?=[a-z -])/, (letter) => letter.toLowerCase()) ?? "an object";
  };
  return objectsOnly(v.strictObject(entries, expectation));
}

/** An object with arbitrary names as keys. */
export function record<S extends v.GenericSchema>(value: S) {
  const named = objectsOnly(v.record(v.string(), value));
  return refusing(named, hasReservedKey, `an object without the keys ${reservedNames.join(", ")}`);
}

/**
 * A list whose elements are checked later, in one pass and without a schema, because it may hold
 * millions.
 */
export const uncheckedList = <T>(description: string, items: object, orFunction = false) =>
  v.pipe(
    v.custom<T>((value) => Array.isArray(value) || (orFunction && typeof value === "function"), "a list"),
    v.description(description),
    v.metadata({ type: "array", items }),
  );

const index = { type: "integer", minimum: 0 };
/** JSON Schema of one matrix element. */
export const tripletJson = {
  description: "[row, column, real part, imaginary part?]",
  type: "array",
  items: [index, index, { type: "number" }, { type: "number" }],
  minItems: 3,
  maxItems: 4,
};

/** A matrix as a list of [row, column, re, im?]. */
export const tripletList = (description: string) => uncheckedList<Triplet[]>(description, tripletJson);

/** A list of matrices. */
export const tripletLists = (description: string) =>
  v.pipe(
    v.array(tripletList("A matrix as triplets")),
    v.maxLength(maximumLeadOrbitals),
    v.description(description),
  );
