// What README shows is run: its programs and commands; its table in test/report/run.test.ts.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nanopinwheel } from "../cli/command.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

const blocks = (language: string): string[] =>
  Array.from(
    readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm")),
    (match) => match[1],
  );

/** Node in the folder of the package, where its own name resolves to the build as for a user. */
function node(args: string[]) {
  return spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}

test("the programs run as they stand", () => {
  const programs = blocks("(?:js|ts)");
  expect(programs.length).toBeGreaterThan(0);
  for (const program of programs) {
    const { status, stderr } = node(["--input-type=module", "--eval", program]);
    expect([status, stderr]).toEqual([0, ""]);
  }
});

test("the table of commands names those the program has, with options it knows", async () => {
  const rows = Array.from(readme.matchAll(/^\| `([a-z]+)` +\| (.*?) +\|/gm));
  const { stdout } = await nanopinwheel(["--help"]);
  const offered = Array.from(stdout.matchAll(/^ {2}([a-z]+) .*\[options\]/gm), (match) => match[1]);
  expect(rows.map((row) => row[1]).sort()).toEqual(offered.sort());
  for (const [, command, options] of rows) {
    const help = (await nanopinwheel([command, "--help"])).stdout;
    for (const [option] of options.matchAll(/--[a-z]+/g)) expect(help).toContain(option);
  }
});
