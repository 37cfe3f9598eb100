// Reads the model of a command: from a file, from standard input, or from a preset and its
// settings.

import { readFileSync } from "node:fs";
import { described, shortened, visible } from "../base/wording.js";
import { InputError, parseModelText, parseSettings, presetFile, presetModel } from "../index.js";
import { standardInput, unreadable } from "./streams/streams.js";

/** The options that name a preset in place of a file. */
export interface ModelOptions {
  preset?: string;
  set?: string[];
}

/** Bytes as text. Throws InputError if they are not valid UTF-8. */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const long =
      error instanceof RangeError || (error as NodeJS.ErrnoException).code === "ERR_STRING_TOO_LONG";
    throw new InputError(name, long ? "too long" : "no text in UTF-8", {
      expected: long ? "less than half a billion characters" : "JSON in UTF-8",
      found: long ? `${bytes.length} bytes` : "bytes that are no UTF-8",
      ...(long ? {} : { advice: "Write it in that encoding." }),
    });
  }
}

/**
 * The model that the command line names, as plain data. It is not validated yet, except for the
 * options of a preset.
 */
export function readModel(file: string | undefined, { preset, set }: ModelOptions): unknown {
  if (preset !== undefined) {
    if (file !== undefined) {
      throw new InputError("FILE", "a file and a preset", {
        expected: "one of them",
        found: `${described(file)} and --preset ${described(preset)}`,
      });
    }
    return presetModel(preset, parseSettings(set ?? []));
  }
  if (set !== undefined) {
    throw new InputError("--set", "settings without a preset", {
      expected: "--preset NAME beside --set",
      found: described(set[0]),
      advice: "Options of a model file are changed in the file.",
    });
  }
  if (file === undefined) {
    throw new InputError("FILE", "no model", {
      expected: "a file, - for standard input, or --preset NAME",
      found: "nothing",
    });
  }
  const name = file === "-" ? "standard input" : shortened(visible(file), 200);
  let bytes: Uint8Array;
  try {
    bytes = file === "-" ? standardInput() : readFileSync(file);
  } catch (error) {
    throw unreadable(name, error);
  }
  return parseModelText(textOf(bytes, name), name);
}

/**
 * The model in the form of a file. A preset whose Hamiltonian is a function appears by its name.
 */
export const modelFile = (model: unknown, { preset, set }: ModelOptions): unknown =>
  preset === undefined ? model : presetFile(preset, parseSettings(set ?? []));
