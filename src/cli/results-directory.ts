// The directory for the results of a run. Each file appears whole or not at all, and always inside
// this directory: a symbolic link with the name of a file is replaced, not followed. If the
// directory fails during the work, one message says so and the work continues, because the results
// still go to standard output.

import { randomBytes } from "node:crypto";
import { lstatSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import { systemReason, tell } from "./streams/output.js";

/**
 * Makes a directory and its parents one by one. The recursion of mkdir never ends if the file
 * system refuses (as /proc does).
 */
function makeWithParents(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeWithParents(dirname(path));
  mkdirSync(path);
}

/** A file name that no other process uses. */
const draftOf = (path: string): string => `${path}.${randomBytes(6).toString("hex")}.part`;

/** Writes a file in one step, so that readers see either the old content or the new one. */
function writeWhole(path: string, content: string | Uint8Array): void {
  const draft = draftOf(path);
  try {
    writeFileSync(draft, content, { flag: "wx" });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

export class ResultsDirectory {
  readonly path: string;
  #failed = false;

  /**
   * Makes the directory and checks that files can be written, before the computation begins. Throws
   * InputError.
   */
  constructor(path: string) {
    this.path = path;
    const refused = (what: string, found: string) =>
      new InputError("--out", what, { expected: "a directory that exists or can be made", found });
    if (path === "") throw refused("no directory", '""');
    const because = (error: unknown): string =>
      `${described(path)} (${(error as NodeJS.ErrnoException).code ?? systemReason(error)})`;
    try {
      makeWithParents(resolve(path));
    } catch (error) {
      throw refused("the directory cannot be made", because(error));
    }
    const trial = draftOf(join(path, "results.json"));
    try {
      writeFileSync(trial, "", { flag: "wx" });
      rmSync(trial);
    } catch (error) {
      throw refused("the directory cannot be written", because(error));
    }
  }

  /** True once a file could not be written. */
  get failed(): boolean {
    return this.#failed;
  }

  #fail(path: string, reason: string): undefined {
    if (!this.#failed)
      tell(`${path}: cannot be written (${reason}); the results go to standard output only.`);
    this.#failed = true;
    return undefined;
  }

  /**
   * Writes a file into this directory. Returns its path, or undefined if it could not be written.
   */
  write(name: string, content: string | Uint8Array): string | undefined {
    if (this.#failed) return undefined;
    const path = join(this.path, name);
    try {
      writeWhole(path, content);
      return path;
    } catch (error) {
      return this.#fail(path, systemReason(error));
    }
  }

  /**
   * Makes a folder in this directory. A symbolic link of that name is not used, because it may lead
   * anywhere.
   */
  makeFolder(name: string): void {
    if (this.#failed) return;
    const path = join(this.path, name);
    try {
      const there = lstatSync(path, { throwIfNoEntry: false });
      if (there?.isDirectory()) return;
      if (there)
        this.#fail(
          path,
          there.isSymbolicLink() ? "a symbolic link is in its place" : "a file is in its place",
        );
      else mkdirSync(path);
    } catch (error) {
      this.#fail(path, systemReason(error));
    }
  }
}
