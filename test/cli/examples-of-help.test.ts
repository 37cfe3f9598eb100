// The help of every command ends with an example, which works as it is printed.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entries } from "../../src/cli/commands/entries.js";
import { cli, nanopinwheel } from "./command.js";

/** A chain, in the format of Wannier90: hopping -1 to either side. */
const chain = [
  "a chain",
  "1",
  "3",
  "1 1 1",
  ...[-1, 0, 1].map((cell) => `${cell} 0 0 1 1 ${cell === 0 ? 0 : -1} 0`),
  "",
].join("\n");

for (const [name, { example }] of Object.entries(entries))
  test(`the example of ${name}`, async () => {
    expect((await nanopinwheel([name, "--help"])).stdout.trimEnd().endsWith(example)).toBe(true);
    const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
    try {
      writeFileSync(join(directory, "graphene_hr.dat"), chain);
      const script = `nanopinwheel() { "${process.execPath}" "${cli}" "$@"; }\n${example}`;
      const { status, stdout } = spawnSync("sh", ["-c", script], { cwd: directory, encoding: "utf8" });
      expect(status).toBe(0);
      expect(stdout.length).toBeGreaterThan(20);
      expect(stdout).not.toMatch(/NaN|undefined/);
      if (name !== "run") return;
      const results = JSON.parse(readFileSync(join(directory, "result", "results.json"), "utf8"));
      expect(Math.abs(results.pump.charge.left)).toBeGreaterThan(0.1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

test("scatter on a terminal: the matrices of few channels, with zeros where there is only rounding", async () => {
  const question = ["scatter", "--preset", "two-gate", "--energy", "0.1", "--at", "x=0.3,y=0.2"];
  const { stdout } = await nanopinwheel(question);
  const { stdout: json } = await nanopinwheel([...question, "--json"]);
  const { S, dS } = JSON.parse(json);
  for (const parts of [S[0][0], S[0][1], dS.x[1][0], dS.y[0][0]])
    for (const part of parts) expect(stdout).toContain(String(Number(Math.abs(part).toPrecision(6))));
  for (const title of ["S =", "dS/dE =", "dS/dx =", "dS/dy ="]) expect(stdout).toContain(title);
});
