// What README shows is run: its programs, its table, its commands.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

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

test("the table is what npm start ends with", () => {
  const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
  try {
    const words = manifest.scripts.start.split("&&").at(-1).trim().split(" ");
    expect(words.slice(0, 2)).toEqual(["node", "dist/cli.js"]);
    const args = words.slice(1).map((word: string) => (word === "result" ? directory : word));
    const { status, stdout } = node(args);
    expect(status).toBe(0);
    // Rounding defects differ between machines; everything else is the same to the digit.
    const settled = (text: string) =>
      text.replaceAll(/[│┌├└].*(defect|balance|error|first law|Joule).*/g, "");
    expect(settled(stdout)).toBe(settled(blocks("text")[0]));
    const results = JSON.parse(readFileSync(join(directory, "results.json"), "utf8"));
    expect(Math.abs(results.pump.charge.left)).toBeCloseTo(1, 2);
    expect(results.linearResponse.charge).toBe(results.pump.charge.left);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the table of commands names those the program has, with options it knows", () => {
  const rows = Array.from(readme.matchAll(/^\| `([a-z]+)` +\| (.*?) +\|/gm));
  const { stdout } = node(["dist/cli.js", "--help"]);
  const offered = Array.from(stdout.matchAll(/^ {2}([a-z]+) .*\[options\]/gm), (match) => match[1]);
  expect(rows.map((row) => row[1]).sort()).toEqual(offered.sort());
  for (const [, command, options] of rows) {
    const help = node(["dist/cli.js", command, "--help"]).stdout;
    for (const [option] of options.matchAll(/--[a-z]+/g)) expect(help).toContain(option);
  }
});
