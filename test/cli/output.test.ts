// Where output cannot go: full disks, readers that left, directories that refuse, links that lead elsewhere. One line on standard
// error, status 1 or 2, and what was computed is still printed where it can be.

import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { cli, nanopinwheel } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterAll(() => rmSync(directory, { recursive: true }));

const level = join(directory, "level.json");
writeFileSync(
  level,
  JSON.stringify({
    format: "nanopinwheel/1",
    device: {
      orbitals: 1,
      hamiltonian: [[0, 0, 0]],
      parameters: { x: [[0, 0, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 0.6 },
        { name: "right", kind: "wideband", orbitals: [0], width: 0.4 },
      ],
    },
    reservoirs: {
      left: { chemicalPotential: 0, temperature: 0.1 },
      right: { chemicalPotential: 0.2, temperature: 0.1 },
    },
  }),
);

/** The command in a shell, which may send its output anywhere. */
function shell(command: string): { status: number | null; stdout: string; stderr: string } {
  const text = command.replace("nanopinwheel", `"${process.execPath}" "${cli}"`);
  return spawnSync("sh", ["-c", text], { encoding: "utf8", timeout: 60_000 });
}

describe.runIf(process.platform === "linux")("standard output", () => {
  test.each([
    "nanopinwheel presets > /dev/full",
    "nanopinwheel --help > /dev/full",
    `nanopinwheel scatter ${level} --json > /dev/full`,
    `echo '{}' | nanopinwheel serve ${level} > /dev/full`,
  ])("that is full: %s", (command) => {
    const { status, stderr } = shell(command);
    expect([status, stderr]).toEqual([
      1,
      "standard output: cannot be written (ENOSPC: no space left on device).\n",
    ]);
  });

  test("a file that may not grow is not cut in silence", () => {
    const file = join(directory, "cut.json");
    const { status, stderr } = shell(
      `trap '' XFSZ; ulimit -f 4; nanopinwheel presets thouless --set sites=4000 > ${file}`,
    );
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^standard output: cannot be written \(EFBIG: .*\)\.\n$/),
    ]);
  });

  test.each([
    `nanopinwheel presets | true`,
    `nanopinwheel scatter ${level} | head -c 0`,
    `yes '{}' | nanopinwheel serve ${level} | head -n 1 > /dev/null`,
  ])("that nobody reads is no error: %s", (command) => {
    const { status, stderr } = shell(command);
    expect([status, stderr.replace(/^yes: .*\n/, "")]).toEqual([0, ""]);
  });

  test("messages that have nowhere to go leave the status", () => {
    expect(shell("nanopinwheel scatter nowhere.json 2> /dev/full").status).toBe(2);
    expect(shell("nanopinwheel scatter nowhere.json 2>&-").status).toBe(2);
    expect(shell(`nanopinwheel validate ${level} 2>&-`).stdout).toMatch(/^valid/);
  });
});

describe("the directory of a run", () => {
  let out = "";
  beforeEach(() => {
    out = mkdtempSync(join(directory, "out-"));
  });
  const run = () => nanopinwheel(["run", level, "--out", out, "--json"]);

  test("that is no name", async () => {
    const { status, stdout, stderr } = await nanopinwheel(["run", level, "--out", ""]);
    const message = '--out: no directory; expected a directory that exists or can be made, found "".\n';
    expect([status, stdout, stderr]).toEqual([2, "", message]);
  });

  test.runIf(process.platform === "linux")("that takes no files is refused before the work", async () => {
    const { status, stdout, stderr } = await nanopinwheel(["run", level, "--out", "/proc/self"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^--out: the directory cannot be written; .*"\/proc\/self" \(E[A-Z]+\)\.\n$/);
  });

  test("that fails in the middle: told once, the results on standard output, no drafts left", async () => {
    mkdirSync(join(out, "results.json"));
    const { status, stdout, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^[^\n]*results\.json: cannot be written \(E[^\n]*\); the results go to standard output only\.\n$/,
    );
    expect(JSON.parse(stdout)).toHaveProperty("spectrum");
    expect(readdirSync(out)).toEqual(["results.json"]);
  });

  test.each(["file", "link"])("with a %s in place of figures/", async (kind) => {
    const elsewhere = mkdtempSync(join(directory, "elsewhere-"));
    if (kind === "file") writeFileSync(join(out, "figures"), "");
    else symlinkSync(elsewhere, join(out, "figures"));
    const { status, stdout, stderr } = await run();
    expect(status).toBe(1);
    expect(stderr).toMatch(/figures: cannot be written \(a (file|symbolic link) is in its place\)/);
    expect(stderr.match(/cannot be written/g)).toHaveLength(1);
    expect(JSON.parse(stdout)).toHaveProperty("spectrum");
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("links that bear the names of its files are replaced, not followed", async () => {
    const precious = join(out, "precious");
    writeFileSync(precious, "precious");
    mkdirSync(join(out, "figures"));
    const links = [
      "results.json",
      "report.html",
      join("figures", "spectrum.svg"),
      join("figures", "spectrum.png"),
    ];
    for (const link of links) symlinkSync(precious, join(out, link));
    expect((await run()).status).toBe(0);
    expect(readFileSync(precious, "utf8")).toBe("precious");
    expect(lstatSync(join(out, "results.json")).isFile()).toBe(true);
    expect(readdirSync(join(out, "figures")).every((name) => !name.endsWith(".part"))).toBe(true);
  });
});
