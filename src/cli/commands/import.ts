// `import`: a model file from the file of another code, on standard output. What was averaged away
// or left out is told on standard error.

import { readFileSync } from "node:fs";
import { described, shortened, visible } from "../../base/wording.js";
import { wannier90Model } from "../../import/index.js";
import { InputError } from "../../index.js";
import { jsonText } from "../../report/json.js";
import { type Answer, numberOf } from "../answer.js";
import type { CommandEntry } from "../command.js";
import { textOf } from "../source.js";
import { tell } from "../streams/output.js";
import { unreadable } from "../streams/streams.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "a model file from another code's",
  example: "nanopinwheel import wannier90 graphene_hr.dat --axis 1 --cells 10 --gate x=cells:2-4",
  argument: "foreign",
  long: false,
  options: [
    { flags: "--axis <1|2|3>", description: "cell vector along which the current flows", required: true },
    { flags: "--cells <n>", description: "cells of the device", required: true },
    {
      flags: "--k <k1,k2>",
      description: "Bloch vector along the two other axes, in reciprocal vectors (default: 0,0)",
    },
    { flags: "--fermi <E>", description: "Fermi energy in the file's unit; it becomes zero" },
    {
      flags: "--gate <name=list...>",
      description: "parameter on orbitals of the device (x=0-3,8), or on cells (x=cells:2-4)",
    },
    { flags: "--range <n>", description: "longest hopping that is kept, in cells (default: all)" },
  ],
};

interface ImportOptions {
  format: string;
  axis: string;
  cells: string;
  k?: string;
  fermi?: string;
  gate?: string[];
  range?: string;
}

/** Most numbers in one list of a gate. */
const mostListed = 1e6;

/** The numbers of a list as 0-3,8. */
function numbersIn(text: string, field: string): number[] {
  return text.split(",").flatMap((part) => {
    const [, from, to] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    const length = Number(to ?? from) - Number(from) + 1;
    if (from === undefined || length < 1 || length > mostListed)
      throw new InputError(field, "not a list", { expected: "numbers as 0-3,8", found: described(part) });
    return Array.from({ length }, (_, i) => Number(from) + i);
  });
}

function gatesOf(texts: readonly string[]) {
  const pairs = texts.map((text) => {
    const [, name, kind, list] = /^([^=]+)=(cells:)?(.*)$/.exec(text) ?? [];
    if (name === undefined)
      throw new InputError("--gate", "wrong value", {
        expected: "name=0-3,8 or name=cells:2-4",
        found: described(text),
      });
    const numbers = numbersIn(list, "--gate");
    return [name, kind ? { cells: numbers } : numbers] as const;
  });
  return Object.fromEntries(pairs);
}

export default function importModel(file: string | undefined, options: ImportOptions): Answer {
  if (options.format !== "wannier90")
    throw new InputError("FORMAT", "no such format", {
      expected: "wannier90",
      found: described(options.format),
    });
  const name = shortened(visible(file ?? ""), 200);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file ?? "");
  } catch (error) {
    throw unreadable(name, error);
  }
  const k = options.k?.split(",").map((one) => numberOf("--k", one) as number);
  const { model, range, dropped, hermiticityDefect } = wannier90Model(textOf(bytes, name), {
    axis: numberOf("--axis", options.axis) as 1 | 2 | 3,
    cells: numberOf("--cells", options.cells) as number,
    name,
    ...(k && { k: k as [number, number] }),
    ...(options.fermi !== undefined && { fermi: numberOf("--fermi", options.fermi) }),
    ...(options.gate && { gates: gatesOf(options.gate) }),
    ...(options.range !== undefined && { range: numberOf("--range", options.range) }),
  });
  if (dropped > 0)
    tell(`warning: hoppings beyond ${range} cells are left out, the largest ${dropped.toPrecision(3)}`);
  // Sums of transverse phases leave rounding, which is not worth a word.
  if (hermiticityDefect > 1e-12)
    tell(
      `note: H(-R) and H(R) of the file differ by at most ${hermiticityDefect.toPrecision(2)}; they are averaged`,
    );
  return { result: model, text: jsonText(model) };
}
