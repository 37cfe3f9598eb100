// The messages between the calling thread and its workers, which are structured-cloneable data.
// There is one message in each direction per batch of questions.

import { InputError, NumericalError } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { Build } from "../engine/kernels.js";
import type { Allowance, CrewJob } from "../transport/tasks/crew.js";

/** Tasks for the helpers of one question (crew.ts). */
export interface TaskRequest {
  id: number;
  modelId: number;
  /** The model, which is sent once to each helper. */
  model?: unknown;
  /** A model that will not be asked about again. */
  forget?: number;
  jobId: number;
  job: CrewJob;
  tasks: readonly unknown[];
  allowance: Allowance | undefined;
  /** One shared number: the index of the first task that nobody has begun. */
  next: Int32Array;
}

/** The outcome of one task of a request, with its error as plain data. */
export interface TaskReply {
  id: number;
  k: number;
  outcome: { energies: number } & ({ result: unknown } | { error: PackedError });
}

/** What a worker needs to become a helper. */
export interface HelperStart {
  type: "help";
  module: WebAssembly.Module;
  build: Build;
  /** Receives requests and sends replies (worker_threads). */
  port: unknown;
  /** One shared number that grows with each reply. */
  signal: Int32Array;
}

/** A message to a worker. */
export type Request =
  | HelperStart
  | { type: "start"; module: WebAssembly.Module; build: Build }
  | {
      type: "batch";
      modelId: number;
      /** The model, which is sent once to each worker. */
      model?: unknown;
      /** A model whose device is to be closed first. */
      forget?: number;
      method: string;
      /** Place of the first question in the whole list. */
      first: number;
      questions: unknown[];
    };

/**
 * A message from a worker. A batch ends at its first failure; `results` are the answers before it.
 */
export type Reply =
  | { type: "ready" }
  | { type: "unable"; reason: string }
  | { type: "batch"; milliseconds: number; results: unknown[]; failure?: PackedError };

/** An error as plain data: the name of its class, and its own fields besides the message. */
export interface PackedError {
  name: string;
  message: string;
  stack?: string;
  fields: Record<string, unknown>;
}

/** An exception of any kind as plain data. */
export function packError(error: unknown): PackedError {
  if (!(error instanceof Error)) return { name: "Error", message: described(error), fields: {} };
  const { name, message, stack, ...fields } = error as Error & Record<string, unknown>;
  return { name, message, stack, fields };
}

/** The error as it was thrown; InputError and NumericalError regain their classes. */
export function unpackError({ name, message, stack, fields }: PackedError): Error {
  const prototype =
    name === "InputError"
      ? InputError.prototype
      : name === "NumericalError"
        ? NumericalError.prototype
        : Error.prototype;
  const error: Error = Object.create(prototype);
  const hidden = { enumerable: false, configurable: true, writable: true };
  Object.defineProperty(error, "message", { value: message, ...hidden });
  Object.defineProperty(error, "stack", { value: stack, ...hidden });
  return Object.assign(error, { name, ...fields });
}
