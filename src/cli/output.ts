// What a command writes: results on standard output, messages on standard error, files whole or not at all.

import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../model/errors.js";
import type { Warning } from "../model/warning.js";

/** Writes a file in one step: a reader sees the old content or the new one. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}.part`;
  try {
    writeFileSync(draft, content);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Makes a directory and its parents one by one: mkdir's own recursion never ends where the file system refuses (as /proc does). */
function makeWithParents(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeWithParents(dirname(path));
  mkdirSync(path);
}

/** Makes the directory of results, before anything is computed for it. */
export function makeDirectory(path: string): void {
  try {
    makeWithParents(resolve(path));
  } catch (error) {
    throw new InputError("--out", "the directory cannot be made", {
      expected: "a directory that exists or can be made",
      found: `"${path}" (${(error as NodeJS.ErrnoException).code ?? "an error"})`,
    });
  }
}

/** Writes DIR/results.json; returns its path. */
export function writeResults(directory: string, text: string): string {
  const path = join(directory, "results.json");
  writeWhole(path, text);
  return path;
}

let write = (message: string): void => {
  process.stderr.write(`${message}\n`);
};

/** Sends messages elsewhere: a thread has them told by the main one. Returns where they went before. */
export function redirectMessages(to: (message: string) => void): (message: string) => void {
  const before = write;
  write = to;
  return before;
}

/** One message on standard error. */
export const tell = (message: string): void => write(message);

export function warn(warnings: readonly Warning[]): void {
  for (const { text } of warnings) tell(`warning: ${text}`);
}
