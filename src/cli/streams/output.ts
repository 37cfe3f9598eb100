// What a command writes beside files: its answer on standard output, whole, and messages on
// standard error.

import { fstatSync, writeSync } from "node:fs";
import { shortened, visible } from "../../base/wording.js";
import type { Warning } from "../../model/warning.js";

/** Why the system refused, in its own words: "ENOSPC: no space left on device". */
export const systemReason = (error: unknown): string =>
  shortened(visible(error instanceof Error ? error.message.split(",")[0] : String(error)), 200);

/** An answer that could not be written. */
export class WriteError extends Error {
  override readonly name = "WriteError";

  constructor(where: string, cause: unknown) {
    super(`${where}: cannot be written (${systemReason(cause)}).`, { cause });
  }
}

/** Writes all of a text on standard output; what goes wrong reaches the stream's "error" event. */
export function writeOut(text: string): void {
  if (text === "") return;
  if (!fstatSync(1).isFile()) {
    process.stdout.write(text);
    return;
  }
  // Node's own stream for files takes a part that was written for the whole, as happens where a
  // disk is nearly full.
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  } catch (error) {
    process.stdout.emit("error", error);
  }
}

/** Longest message: nothing in it is repeated whole, but a command line may bring many parts. */
const longestMessage = 4000;

let write = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

/**
 * Sends messages elsewhere: a thread has them told by the main one. Returns where they went before.
 */
export function redirectMessages(to: (message: string) => void): (message: string) => void {
  const before = write;
  write = to;
  return before;
}

/**
 * One message on standard error, in one line; characters that a terminal would obey are shown by
 * their codes.
 */
export const tell = (message: string): void => write(shortened(visible(message), longestMessage));

/** Warnings, each text once. */
export function warn(warnings: readonly Warning[]): void {
  for (const text of new Set(warnings.map((warning) => warning.text))) tell(`warning: ${text}`);
}
