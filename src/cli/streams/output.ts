// Writes the answer of a command on standard output in one piece, and messages on standard error.

import { fstatSync, writeSync } from "node:fs";
import { shortened, visible } from "../../base/wording.js";
import type { Warning } from "../../model/warning.js";

/** The reason of the operating system in its own words: "ENOSPC: no space left on device". */
export const systemReason = (error: unknown): string =>
  shortened(visible(error instanceof Error ? error.message.split(",")[0] : String(error)), 200);

/** The answer could not be written. */
export class WriteError extends Error {
  override readonly name = "WriteError";

  constructor(where: string, cause: unknown) {
    super(`${where}: cannot be written (${systemReason(cause)}).`, { cause });
  }
}

/** Writes a whole text on standard output. Failures reach the stream's "error" event. */
export function writeOut(text: string): void {
  if (text === "") return;
  if (!fstatSync(1).isFile()) {
    process.stdout.write(text);
    return;
  }
  // Node's own stream for files takes a partial write for a whole one, which happens if a disk is
  // nearly full.
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
  } catch (error) {
    process.stdout.emit("error", error);
  }
}

/** Longest message. Its parts are shortened already, but a command line may have many parts. */
const longestMessage = 4000;

let write = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

/**
 * Sends messages to another receiver, as a thread does that leaves them to the main thread. Returns
 * the previous receiver.
 */
export function redirectMessages(to: (message: string) => void): (message: string) => void {
  const before = write;
  write = to;
  return before;
}

/**
 * Writes one message on one line of standard error. Characters that would control a terminal appear
 * as codes.
 */
export const tell = (message: string): void => write(shortened(visible(message), longestMessage));

/** Writes warnings, each text once. */
export function warn(warnings: readonly Warning[]): void {
  for (const text of new Set(warnings.map((warning) => warning.text))) tell(`warning: ${text}`);
}
