// Turns valibot's issues into one InputError: the path becomes `field`, the requirement `expected`,
// the value `found`. If there are several issues, an unknown key comes first, because a misspelt
// key also leaves the correct one missing.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import { described, didYouMean, joinedPath, listed } from "../../base/wording.js";
import { called } from "../called.js";

const nouns: Record<string, string> = {
  number: "a finite number",
  finite: "a finite number",
  integer: "a whole number",
  string: "text",
  array: "a list",
  tuple: "a list of fixed length",
  strict_object: "an object",
  variant: "an object",
  record: "an object",
};

function expectedOf(issue: v.BaseIssue<unknown>): string {
  switch (issue.type) {
    case "custom":
      return issue.message;
    case "min_value":
    case "max_value":
    case "gt_value":
      return `a number ${(issue.expected ?? "").replace(/^([<>]=?)/, "$1 ")}`;
    case "min_length":
    case "max_length":
      return `${issue.type === "min_length" ? "at least" : "at most"} ${issue.requirement} elements`;
    case "literal":
    case "picklist":
    case "union":
      return namesIn(issue).length > 0 ? inOneLine(issue) : (issue.expected ?? "another value");
    case "variant":
      return issue.path && issue.expected !== "Object" ? inOneLine(issue) : "an object";
    default:
      return nouns[issue.type] ?? issue.expected ?? "another value";
  }
}

/** `("a" | "b")` becomes `"a" or "b"`; numbers stay as they are. */
const inOneLine = (issue: v.BaseIssue<unknown>) =>
  (issue.expected ?? "")
    .replace(/^\((.*)\)$/, "$1")
    .replaceAll(" | ", " or ")
    .replace(/\bnumber\b/, "a finite number");

const namesIn = (issue: v.BaseIssue<unknown>) =>
  Array.from((issue.expected ?? "").matchAll(/"([^"]*)"/g), (match) => match[1]);

function foundOf(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "min_length" || issue.type === "max_length")
    return String((issue.input as unknown[]).length);
  return described(issue.input);
}

function pathOf(issue: v.BaseIssue<unknown>, root: string): string {
  const keys = (issue.path ?? []).map((item) => item.key as string | number);
  return keys.reduce<string>((path, key) => joinedPath(path, key), root) || "model";
}

const isUnknownKey = (issue: v.BaseIssue<unknown>) =>
  issue.type === "strict_object" && issue.expected === "never";
const isMissingKey = (issue: v.BaseIssue<unknown>) =>
  issue.type === "strict_object" && (issue.path?.at(-1) as { origin?: string } | undefined)?.origin === "key";

/** The InputError of the issue that explains most. */
function inputError(issues: v.BaseIssue<unknown>[], root: string): InputError {
  const issue = issues.find(isUnknownKey) ?? issues[0];
  const field = pathOf(issue, root);
  if (isUnknownKey(issue)) {
    const known = issue.message.split(", ");
    const key = String(issue.input);
    const advice = didYouMean(key, known) ?? "Remove or rename it.";
    return new InputError(field, "unknown key", {
      expected: `one of ${listed(known, 40)}`,
      found: described(key),
      advice,
    });
  }
  if (isMissingKey(issue)) {
    return new InputError(field, "this key is missing", { expected: issue.message, found: "nothing" });
  }
  const expected = expectedOf(issue);
  const advice = typeof issue.input === "string" ? didYouMean(issue.input, namesIn(issue)) : undefined;
  const what = issue.input === undefined ? "this key is missing" : "wrong value";
  return new InputError(field, what, { expected, found: foundOf(issue), advice });
}

/**
 * The value that a schema makes of the input. Throws InputError, whose field begins with `root` (""
 * for the whole model).
 */
export function parsed<S extends v.GenericSchema>(schema: S, input: unknown, root = ""): v.InferOutput<S> {
  const result = called(() => v.safeParse(schema, input), root || "model", "the value could not be read");
  if (result.success) return result.output;
  throw inputError(result.issues as v.BaseIssue<unknown>[], root);
}
