// Names users give to parameters and leads. They become keys of results and stand in `--at x=0.3,y=-0.4`.

import { InputError } from "./errors.js";
import { described } from "./wording.js";

const reserved = ["__proto__", "constructor", "prototype"];

/** Throws InputError unless the name can be a key of a result and of `name=value`. */
export function checkName(name: string, field: string): void {
  const reason =
    name === ""
      ? "the name is empty"
      : reserved.includes(name)
        ? "the name is reserved by JavaScript"
        : /[=,]/.test(name) || name.trim() !== name
          ? "the name cannot be used in name=value"
          : undefined;
  if (reason === undefined) return;
  throw new InputError(field, reason, {
    expected: "a name without = and comma, without space at its ends",
    found: described(name),
  });
}

/** Checks the keys of an object of named things; anything else is left to the schema. */
export function checkKeys(named: unknown, field: string): void {
  if (typeof named !== "object" || named === null || Array.isArray(named)) return;
  for (const name of Object.keys(named)) checkName(name, field);
}
