// Where a command finds its model: a file, standard input, or a preset and its settings.

import { readFileSync } from "node:fs";
import { InputError, parseModelText, parseSettings, presetFile, presetModel } from "../index.js";

export interface ModelOptions {
  preset?: string;
  set?: string[];
}

let standardInput = (): string => readFileSync(0, "utf8");

/** Takes the text of standard input from elsewhere; returns what gave it before. */
export function redirectInput(from: () => string): () => string {
  const before = standardInput;
  standardInput = from;
  return before;
}

/** The model a command line names, as plain data (not yet validated, except for a preset's options). */
export function readModel(file: string | undefined, { preset, set }: ModelOptions): unknown {
  if (preset !== undefined) {
    if (file !== undefined) {
      throw new InputError("FILE", "a file and a preset", {
        expected: "one of them",
        found: `"${file}" and --preset ${preset}`,
      });
    }
    return presetModel(preset, parseSettings(set ?? []));
  }
  if (set !== undefined) {
    throw new InputError("--set", "settings without a preset", {
      expected: "--preset NAME beside --set",
      found: `"${set[0]}"`,
      advice: "Options of a model file are changed in the file.",
    });
  }
  if (file === undefined) {
    throw new InputError("FILE", "no model", {
      expected: "a file, - for standard input, or --preset NAME",
      found: "nothing",
    });
  }
  const name = file === "-" ? "standard input" : file;
  let text: string;
  try {
    text = file === "-" ? standardInput() : readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(name, "the file cannot be read", {
      expected: "a readable file",
      found: (error as NodeJS.ErrnoException).code ?? "an error",
    });
  }
  return parseModelText(text, name);
}

/** The model as a file would hold it: a preset whose Hamiltonian is a function stands by its name. */
export const modelFile = (model: unknown, { preset, set }: ModelOptions): unknown =>
  preset === undefined ? model : presetFile(preset, parseSettings(set ?? []));
