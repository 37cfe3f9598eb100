// Common parts of the commands: reading numbers from options, opening the device, reporting
// progress, and the answer.

import { availableParallelism } from "node:os";
import { described } from "../base/wording.js";
import { Device } from "../device/device.js";
import { loadKernels } from "../engine/load.js";
import { InputError } from "../index.js";
import { ThreadCrew } from "../run/crew.js";
import { type ModelOptions, modelFile, readModel } from "./source.js";
import { warn } from "./streams/output.js";

/** The result of a command: the document for `--json`, and the same as text. */
export interface Answer {
  result: unknown;
  text: string;
  /** Exit status if it is not 0: there is an answer, but a part of it could not be computed. */
  status?: number;
}

/** Reports a stage by name and, if they are counted, the steps done and in all. */
export type Progress = (stage: string, done?: number, total?: number) => void;

/**
 * One command. It takes FILE, the options of the command line, and a receiver of progress. It
 * returns no answer if it has written its output itself.
 */
export type Command<Options> = (
  file: string | undefined,
  options: Options,
  progress: Progress,
) => Answer | Promise<Answer | undefined>;

/** The finite number in an option. Throws InputError that names the option. */
export function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InputError(option, "wrong value", { expected: "a finite number", found: described(text) });
  }
  return value;
}

/** The rotor's inertia by --inertia. The device checks the number. */
export function rotorOf(inertia: string | undefined): { inertia: number | "infinite" } | undefined {
  if (inertia === undefined) return undefined;
  return { inertia: inertia === "infinite" ? inertia : (numberOf("--inertia", inertia) as number) };
}

/** The options that were given. */
export function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** Most threads that compute. */
const mostWorkers = 256;

/** The number of threads by --workers. */
export function workersOf(text: string | undefined): number {
  const workers = numberOf("--workers", text) ?? availableParallelism();
  if (!Number.isInteger(workers) || workers < 0 || workers > mostWorkers) {
    throw new InputError("--workers", "wrong value", {
      expected: `a whole number from 0 to ${mostWorkers}`,
      found: described(text),
    });
  }
  return workers;
}

/**
 * The model of the command line as a device, and as it was written. Its warnings are written to
 * standard error. Questions that take a while are computed on several threads.
 */
export async function openDevice(
  file: string | undefined,
  options: ModelOptions & { workers?: string },
): Promise<[device: Device, model: unknown]> {
  const model = readModel(file, options);
  const workers = workersOf(options.workers);
  const kernels = await loadKernels();
  // In the form of a file a model can be sent to other threads.
  const device = Device.open(kernels, modelFile(model, options), ThreadCrew.of(workers - 1, kernels));
  warn(device.warnings);
  return [device, model];
}
