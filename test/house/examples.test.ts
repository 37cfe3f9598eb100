// Every example runs, in at most 60 lines; the time loop gives the same numbers from JavaScript and from Python.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { nanopinwheel } from "../cli/command.js";
import { allTests } from "../twins/seeds.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "examples");
const files = readdirSync(folder);

function output(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** Programs that compute for seconds are not run every day. */
const long = ["forced-vibration.js", "open-dot.js", "two-coordinates.js", "wheel.js"];

/** What each program printed. */
const printed = new Map<string, string>();

describe("examples", () => {
  test.each(files)("%s is short", (name) => {
    expect(readFileSync(join(folder, name), "utf8").split("\n").length).toBeLessThanOrEqual(61);
  });

  test.each(files.filter((name) => name.endsWith(".js") && (allTests || !long.includes(name))))(
    "%s runs",
    (name) => {
      printed.set(name, output(process.execPath, [join(folder, name)]));
      expect(printed.get(name)).not.toMatch(/^$|NaN|undefined|null/);
    },
  );

  test.each(files.filter((name) => name.endsWith(".json")))("%s is a valid model", async (name) => {
    const { status, stderr } = await nanopinwheel(["validate", join(folder, name)]);
    expect([status, stderr]).toEqual([0, ""]);
  });

  test.runIf(allTests)("the time loop is the same from Python", () => {
    const fromPython = output("python3", [join(folder, "forced_vibration.py")]);
    expect(fromPython).toBe(printed.get("forced-vibration.js"));
    expect(fromPython.trimEnd().split("\n").length).toBe(11);
  });
});
