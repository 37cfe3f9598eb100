// Reads texts: model files, values after `--at`, settings after `--set`.

import { InputError } from "../../base/errors.js";
import { described, joinedPath, listed, visible } from "../../base/wording.js";
import { indexOfParameter } from "../cycle.js";
import type { ParameterValues } from "../types.js";
import { jsonFault } from "./json-fault.js";

/**
 * The JSON value of a model file, or of another `kind` of text (default "file"). Its content is not
 * checked further. Throws InputError, which names `sourceName` with line and column of the first
 * fault.
 */
export function parseModelText(text: string, sourceName: string, kind = "file"): unknown {
  const content = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const field = visible(sourceName);
  try {
    return JSON.parse(content);
  } catch {
    const fault = jsonFault(content);
    const place = placeOf(content, fault.offset);
    const ended = content.slice(fault.offset).trim() === "";
    if (content.trim() === "") {
      throw new InputError(field, `the ${kind} is empty`, {
        expected: kind === "file" ? "a model in JSON" : "JSON",
        found: "nothing",
      });
    }
    throw new InputError(field, ended ? `the ${kind} is truncated at ${place}` : `not JSON at ${place}`, {
      expected: fault.expected ?? `the end of the ${kind}`,
      found: ended ? `the end of the ${kind}` : described(content.slice(fault.offset, fault.offset + 12)),
      advice: ended ? `Save or copy the ${kind} again, whole.` : fault.advice,
    });
  }
}

/** Line and column of a place in a text, counted from 1. */
function placeOf(text: string, offset: number): string {
  let [line, start] = [1, 0];
  for (;;) {
    const end = text.indexOf("\n", start);
    if (end < 0 || end >= offset) return `line ${line}, column ${offset - start + 1}`;
    line++;
    start = end + 1;
  }
}

// No digit can belong to two parts of this expression, so that it takes one pass over a text of any
// length.
const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * Parameter values from a text such as "x=0.3,y=-0.4"; an empty text contains none. `names` are
 * those of the parameters. Throws InputError, which names `field`, for an unknown or repeated name
 * and for a value that is not a finite number.
 */
export function parseAssignments(text: string, names: readonly string[], field: string): ParameterValues {
  const values: ParameterValues = {};
  if (text.trim() === "") return values;
  for (const part of text.split(",")) {
    const [name, value, ...rest] = part.split("=").map((piece) => piece.trim());
    if (value === undefined || rest.length > 0 || name === "") {
      throw new InputError(field, "not an assignment", {
        expected: "name=value, name=value, ...",
        found: described(part),
        advice: `Parameters: ${listed(names)}.`,
      });
    }
    indexOfParameter(name, names, field);
    if (Object.hasOwn(values, name)) {
      throw new InputError(joinedPath(field, name), "given twice", {
        expected: "one value",
        found: "a second one",
      });
    }
    const number = Number(value);
    if (!decimal.test(value) || !Number.isFinite(number)) {
      throw new InputError(joinedPath(field, name), "wrong value", {
        expected: "a finite number",
        found: described(value),
      });
    }
    values[name] = number;
  }
  return values;
}

/**
 * Options of a preset by name, from texts such as "sites=64", "contacts=meta", "gates=[1,5]". A
 * value is read as JSON if it is JSON, otherwise as a text. Throws InputError, which names `field`
 * (default "--set"), for a text that is not key=value.
 */
export function parseSettings(settings: readonly string[], field = "--set"): Record<string, unknown> {
  const entries = settings.map((setting): [string, unknown] => {
    const at = setting.indexOf("=");
    if (at < 1)
      throw new InputError(field, "not a setting", { expected: "key=value", found: described(setting) });
    const value = setting.slice(at + 1).trim();
    try {
      return [setting.slice(0, at).trim(), JSON.parse(value)];
    } catch {
      return [setting.slice(0, at).trim(), value];
    }
  });
  return Object.fromEntries(entries);
}
