// A list of questions in the pool.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import { functionOption, objectOption, option, optionsOf } from "../model/options.js";

/**
 * The part of an AbortSignal that is used, so that the library's types do not need those of the
 * DOM.
 */
export interface StopSignal {
  /** Whether the signal has been given. */
  readonly aborted: boolean;
  /** The reason of the signal, with which the promise is rejected. */
  readonly reason?: unknown;
  /** Calls the listener when the signal is given; `options` are `{ once: true }`. */
  addEventListener(type: "abort", listener: () => void, options?: unknown): void;
  /** Removes the listener. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Options for a list of questions (`engine.map`). */
export interface MapOptions {
  /**
   * An AbortSignal that stops the computation. The promise is then rejected with the signal's
   * reason, and busy workers are replaced. Default: none.
   */
  signal?: StopSignal;
  /**
   * Receives the numbers of answers and of questions as answers arrive. An exception in it rejects
   * the promise. Default: none.
   */
  progress?: (done: number, total: number) => void;
}

/** Whether a value is an AbortSignal. One of another realm is accepted as well. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<StopSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}

export const mapOptions = optionsOf<MapOptions>("options", {
  signal: option("an AbortSignal", isSignal),
  progress: functionOption,
});

/**
 * A copy of a list of questions. Throws InputError for anything else, even if it is iterable or has
 * a length.
 */
export function checkedList(list: unknown): unknown[] {
  if (!Array.isArray(list))
    throw new InputError("list", "not a list of questions", { expected: "a list", found: described(list) });
  const questions = Array.from(list);
  questions.forEach((question, k) => {
    objectOption(question, `list[${k}]`);
  });
  return questions;
}

/** A list of questions to one model. */
export interface Job {
  modelId: number;
  model: unknown;
  method: string;
  questions: readonly unknown[];
  results: unknown[];
  /** Index of the first question that has not been handed out. */
  next: number;
  /** Index after the last question that is still needed. */
  end: number;
  done: number;
  /** Milliseconds per question, measured on the batches so far. */
  pace: number;
  failure?: { index: number; error: Error };
  options: MapOptions;
  resolve: (results: unknown[]) => void;
  reject: (reason: unknown) => void;
}
