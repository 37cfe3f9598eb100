// Standard input and output for reads and writes that may have to wait. They use the event loop,
// because a thread inside a system call cannot be ended, and an interrupt would have to wait for
// it.

import { createReadStream, createWriteStream, fstatSync, readFileSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { isatty, ReadStream, WriteStream } from "node:tty";
import { InputError } from "../../base/errors.js";

function isPipe(descriptor: number): boolean {
  const about = fstatSync(descriptor);
  return about.isFIFO() || about.isSocket();
}

/** The error of a file that cannot be read. */
export const unreadable = (name: string, error: unknown): InputError =>
  new InputError(name, "the file cannot be read", {
    expected: "a readable file",
    found: (error as NodeJS.ErrnoException).code ?? "an error",
  });

let read = (): Uint8Array => readFileSync(0);

/** All of standard input, as handed to this thread, or read at once. */
export const standardInput = (): Uint8Array => read();

/** Takes standard input from another source. Returns the previous source. */
export function redirectInput(from: () => Uint8Array): () => Uint8Array {
  const before = read;
  read = from;
  return before;
}

function inputStream(): Readable {
  if (isatty(0)) return new ReadStream(0);
  if (isPipe(0)) return new Socket({ fd: 0, readable: true, writable: false });
  return createReadStream("", { fd: 0, autoClose: false });
}

/**
 * The bytes of standard input as they arrive, in any thread. Throws InputError if the input ends in
 * an error.
 */
export async function* inputPieces(): AsyncGenerator<Uint8Array> {
  try {
    yield* inputStream();
  } catch (error) {
    throw unreadable("standard input", error);
  }
}

/** All of standard input. */
export async function wholeInput(): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of inputPieces()) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Standard output, in any thread. The callback of a write tells whether it succeeded. */
export function outputStream(): Writable {
  if (isatty(1)) return new WriteStream(1);
  if (isPipe(1)) return new Socket({ fd: 1, readable: false, writable: true });
  return createWriteStream("", { fd: 1, autoClose: false });
}
