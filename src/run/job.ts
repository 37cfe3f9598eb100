// A list of questions on its way through the pool.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import { functionOption, objectOption, option, optionsOf } from "../model/options.js";

/**
 * What is used of an AbortSignal, which is one of these; the types of the library so need no DOM.
 */
export interface StopSignal {
  /** True once the signal has been given. */
  readonly aborted: boolean;
  /** Why it was given: what the promise is rejected with. */
  readonly reason?: unknown;
  /** Has the listener called when the signal is given; `options` are `{ once: true }`. */
  addEventListener(type: "abort", listener: () => void, options?: unknown): void;
  /** Takes the listener away again. */
  removeEventListener(type: "abort", listener: () => void): void;
}

/** How a list of questions is worked through (`engine.map`). */
export interface MapOptions {
  /**
   * An AbortSignal, which stops the computation: the promise is rejected with the signal's reason,
   * and busy workers are replaced. Default: none.
   */
  signal?: StopSignal;
  /**
   * Told, as answers come in, how many there are and how many questions were asked. What it throws
   * rejects the promise. Default: none.
   */
  progress?: (done: number, total: number) => void;
}

/** Also one of another realm. */
function isSignal(value: unknown): boolean {
  const { aborted, addEventListener } = (value ?? {}) as Partial<StopSignal>;
  return typeof aborted === "boolean" && typeof addEventListener === "function";
}

export const mapOptions = optionsOf<MapOptions>("options", {
  signal: option("an AbortSignal", isSignal),
  progress: functionOption,
});

/**
 * The questions of a list as a list of our own; InputError for anything else that can be gone
 * through, or that has a length.
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
  /** First question not yet handed out, and after which none is needed any more. */
  next: number;
  end: number;
  done: number;
  /** Milliseconds per question, of the batches so far. */
  pace: number;
  failure?: { index: number; error: Error };
  options: MapOptions;
  resolve: (results: unknown[]) => void;
  reject: (reason: unknown) => void;
}
