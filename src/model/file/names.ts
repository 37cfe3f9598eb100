// Names that users give to parameters and leads. They become keys of results and appear in
// `--at x=0.3,y=-0.4`.

import { InputError } from "../../base/errors.js";
import { described, hasInvisible } from "../../base/wording.js";

/** Keys that have a meaning of their own in JavaScript. */
export const reservedNames = ["__proto__", "constructor", "prototype"];

/** Longest name, in UTF-16 units. */
const longestName = 256;

/** Throws InputError unless the name can be a key of a result and can stand in `name=value`. */
export function checkName(name: string, field: string): void {
  const fault = faultOf(name);
  if (fault === undefined) return;
  const [reason, expected] = fault;
  throw new InputError(field, reason, { expected, found: described(name) });
}

/** What is wrong with a name, and what is valid; undefined for a valid name. */
function faultOf(name: string): [reason: string, expected: string] | undefined {
  const usable = "a name without = and comma, without space at its ends";
  if (name === "") return ["the name is empty", usable];
  if (name.length > longestName) return ["the name is too long", `at most ${longestName} characters`];
  if (reservedNames.includes(name)) return ["the name is reserved by JavaScript", usable];
  if (/[=,]/.test(name) || name.trim() !== name) return ["the name cannot be used in name=value", usable];
  if (hasInvisible(name))
    return ["the name has characters that do not show", "letters, digits and other signs that show"];
  return undefined;
}

/** Checks the keys of an object of named things. The schema checks everything else. */
export function checkKeys(named: unknown, field: string): void {
  if (typeof named !== "object" || named === null || Array.isArray(named)) return;
  for (const name of Object.keys(named)) checkName(name, field);
}
