// What every command has in common: how it reads numbers from options, opens its device, reports
// how far it is, and answers.

import { described } from "../base/wording.js";
import { type Engine, InputError, loadEngine } from "../index.js";
import { type ModelOptions, readModel } from "./source.js";
import { warn } from "./streams/output.js";

export type Device = ReturnType<Engine["device"]>;

/** What a command hands back: the document of `--json`, and the same for a reader. */
export interface Answer {
  result: unknown;
  text: string;
  /**
   * Exit status where it is not 0: the answer is there, but something in it could not be computed.
   */
  status?: number;
}

/** How far the work is: a stage by name, and its steps if they are counted. */
export type Progress = (stage: string, done?: number, total?: number) => void;

/**
 * One command: FILE, the options as the command line gave them, and where to report progress. No
 * answer: it has written itself.
 */
export type Command<Options> = (
  file: string | undefined,
  options: Options,
  progress: Progress,
) => Answer | Promise<Answer | undefined>;

/** The finite number an option holds; throws InputError naming the option. */
export function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) {
    throw new InputError(option, "wrong value", { expected: "a finite number", found: described(text) });
  }
  return value;
}

/** What --inertia gives in place of the rotor's; the device judges the number. */
export function rotorOf(inertia: string | undefined): { inertia: number | "infinite" } | undefined {
  if (inertia === undefined) return undefined;
  return { inertia: inertia === "infinite" ? inertia : (numberOf("--inertia", inertia) as number) };
}

/** Options that were given, without those that were not. */
export function given<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** The model of the command line as a device (its warnings told) and as it was written. */
export async function openDevice(
  file: string | undefined,
  options: ModelOptions,
): Promise<[device: Device, model: unknown]> {
  const model = readModel(file, options);
  const engine = await loadEngine();
  const device = engine.device(model);
  warn(device.warnings);
  return [device, model];
}
