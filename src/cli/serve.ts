// `serve`: one device, many questions. Each line of standard input is a request {"at": {...}, "reservoirs"?: {...},
// "tolerance"?: t, "dephasing"?: "voltage" | "energy-resolved", "budget"?: n}, each line of standard output its answer, as `forces` gives it.
// A line that is wrong is answered with {"error": {...}} and the next one is read. The end of the input ends the command.

import { once } from "node:events";
import { createInterface } from "node:readline";
import { checkDephasing, checkTolerance } from "../device/reservoirs.js";
import { type ForcesQuestion, InputError, parseModelText } from "../index.js";
import { errorDocument } from "../report/error-document.js";
import { plain } from "../report/json.js";
import { forcesQuantities, withSi } from "../report/si.js";
import { checkBudget } from "../transport/budget.js";
import { type Device, given, numberOf, openDevice } from "./answer.js";
import type { ModelOptions } from "./source.js";
import { onInterrupt } from "./thread.js";

export interface ServeOptions extends ModelOptions {
  tolerance?: string;
  dephasing?: string;
  budget?: string;
}

const known = ["at", "reservoirs", "tolerance", "dephasing", "budget"];

function question(line: string): ForcesQuestion {
  const request = parseModelText(line, "request");
  if (typeof request !== "object" || request === null || Array.isArray(request))
    throw new InputError("request", "not a request", { expected: "an object", found: line.slice(0, 40) });
  for (const key of Object.keys(request))
    if (!known.includes(key))
      throw new InputError(key, "unknown key", {
        expected: `one of ${known.join(", ")}`,
        found: JSON.stringify(key),
      });
  return request as ForcesQuestion;
}

function answer(device: Device, line: string, usual: ForcesQuestion): string {
  try {
    const result = device.forces({ ...usual, ...question(line) });
    return JSON.stringify(plain(withSi(result, forcesQuantities, device.model.units)));
  } catch (error) {
    return JSON.stringify(plain(errorDocument(error)));
  }
}

/** Serves until the input ends; the model cannot come from standard input, which holds the requests. */
export async function serve(file: string | undefined, options: ServeOptions): Promise<undefined> {
  if (file === "-")
    throw new InputError("FILE", "the model cannot come from standard input", {
      expected: "a file or --preset NAME",
      found: '"-"',
      advice: "Standard input holds the requests.",
    });
  const usual: ForcesQuestion = given({
    tolerance: numberOf("--tolerance", options.tolerance),
    dephasing: options.dephasing as ForcesQuestion["dephasing"],
    budget: numberOf("--budget", options.budget),
  });
  checkTolerance(usual.tolerance);
  checkDephasing(usual.dephasing);
  checkBudget(usual.budget);
  const [device] = await openDevice(file, options);
  onInterrupt();
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === "") continue;
    const ready = process.stdout.write(`${answer(device, line, usual)}\n`);
    // Nobody reads any more.
    if (process.stdout.destroyed) return;
    if (!ready) await once(process.stdout, "drain");
  }
}
