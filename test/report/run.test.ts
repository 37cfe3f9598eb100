// `run` from the outside: what lies in its directory, and what a machine without the rasteriser gets.

import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importsOf, loadedWith } from "../house/bundles.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dist = join(root, "dist");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "nanopinwheel-report-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (command: string, ...args: string[]) =>
  spawnSync(process.execPath, [command, "run", ...args], { encoding: "utf8" });

test("npm start: the table of README, a page, every figure on it as SVG and PNG, and no other file", () => {
  const out = join(folder, "full");
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const words = manifest.scripts.start.split("&&").at(-1).trim().split(" ");
  expect(words.slice(0, 3)).toEqual(["node", "dist/cli.js", "run"]);
  const args = words.slice(1).map((word: string) => (word === "result" ? out : word));
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  expect(status).toBe(0);
  const [, shown] = readFileSync(join(root, "README.md"), "utf8").match(/^```text\n([\s\S]*?)^```/m) ?? [];
  // Rounding defects differ between machines; everything else is the same to the digit.
  const settled = (text: string) => text.replaceAll(/[│┌├└].*(defect|balance|error|first law|Joule).*/g, "");
  expect(settled(stdout)).toBe(settled(shown));
  const results = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
  expect(Math.abs(results.pump.charge.left)).toBeCloseTo(1, 2);
  expect(results.linearResponse.charge).toBe(results.pump.charge.left);
  expect(stderr).toContain("report.html");
  expect(readdirSync(out).sort()).toEqual(["figures", "report.html", "results.json"]);
  const html = readFileSync(join(out, "report.html"), "utf8");
  const names = [...html.matchAll(/<figure id="figure-([a-z-]+)"/g)].map((match) => match[1]);
  expect(names.sort()).toEqual([
    "currents",
    "cycle",
    "efficiency",
    "friction",
    "landscape",
    "quadrants",
    "speed",
    "torque",
    "trajectories",
  ]);
  const files = names.flatMap((name) => [`${name}.png`, `${name}.svg`]);
  expect(readdirSync(join(out, "figures")).sort()).toEqual(files.sort());
  expect(html).toContain("&quot;preset&quot;: &quot;thouless&quot;");
  expect(html).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
});

test.each(["wheel", "resonant-level"])("%s: a machine of one parameter gets its page too", (preset) => {
  const out = join(folder, preset);
  const settings = preset === "wheel" ? ["sites=20", "pairs=2"] : [];
  const chosen = ["--preset", preset, ...(settings.length > 0 ? ["--set", ...settings] : [])];
  expect(run(join(dist, "cli.js"), ...chosen, "--out", out).status).toBe(0);
  const html = readFileSync(join(out, "report.html"), "utf8");
  expect(html).toContain("friction per turn");
  expect(html).not.toMatch(/NaN|undefined|Infinity|\bnull\b/);
});

test("a device without a cycle: its transmission, by the closed form of one level", () => {
  const out = join(folder, "rest");
  const model = join(folder, "level.json");
  const lead = (name: string, width: number) => ({ name, kind: "wideband", orbitals: [0], width });
  const device = { orbitals: 1, hamiltonian: [[0, 0, 0.2]], leads: [lead("left", 0.6), lead("right", 0.4)] };
  writeFileSync(model, JSON.stringify({ format: "nanopinwheel/1", units: { energy: "meV" }, device }));
  const { status, stdout } = run(join(dist, "cli.js"), model, "--energy", "0.5", "--out", out);
  expect(status).toBe(0);
  expect(stdout).toContain("transmission into left from right at 0.5: 0.7058823529");
  const { spectrum } = JSON.parse(readFileSync(join(out, "results.json"), "utf8"));
  expect(spectrum.energy.length).toBe(401);
  for (const [i, energy] of spectrum.energy.entries()) {
    expect(spectrum.transmission.right.left[i]).toBeCloseTo(0.24 / ((energy - 0.2) ** 2 + 0.25), 10);
  }
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("energy E (meV)");
});

test("a stage that cannot be computed is told, left out and shown as missing; the others go on", () => {
  const out = join(folder, "missing");
  // A level of width 2e-6: the charge is found, the curve at a bias needs more angles than there are.
  const narrow = ["--preset", "resonant-level", "--set", "widthLeft=1e-6", "widthRight=1e-6"];
  const { status, stdout, stderr } = run(join(dist, "cli.js"), ...narrow, "--json", "--out", out);
  expect(status).toBe(3);
  const reason = "motor: the curve over the turn is not resolved by 4096 angles";
  expect(stderr).toContain(`not computed: ${reason}`);
  const results = JSON.parse(stdout);
  expect(results).toEqual(JSON.parse(readFileSync(join(out, "results.json"), "utf8")));
  expect(Object.keys(results)).toEqual(expect.arrayContaining(["pump", "linearResponse"]));
  for (const key of ["motor", "loadCurve", "biasSweep", "quadrants", "simulation"])
    expect(results).not.toHaveProperty(key);
  const html = readFileSync(join(out, "report.html"), "utf8");
  expect(html).toMatch(new RegExp(`<h3>Not computed</h3><ul><li>${reason}`));
  expect(html).toContain("friction per turn");
  expect(html).not.toContain('<figure id="figure-torque"');
});

test("without the rasteriser: SVG figures, a clear message, status 0", () => {
  const bare = join(folder, "bare");
  cpSync(dist, bare, { recursive: true });
  const out = join(folder, "svg");
  const { status, stderr } = run(join(bare, "cli.js"), "--preset", "resonant-level", "--out", out);
  expect(status).toBe(0);
  expect(stderr).toContain("no PNG figures: the optional package @resvg/resvg-js cannot be loaded");
  expect(stderr).toContain("npm install @resvg/resvg-js");
  const figures = readdirSync(join(out, "figures"));
  expect(figures.length).toBeGreaterThan(0);
  expect(figures.every((name) => name.endsWith(".svg"))).toBe(true);
  expect(existsSync(join(out, "report.html"))).toBe(true);
});

test("the command does not load the plotting library before it draws, and the library never", () => {
  for (const [name, ...without] of [
    ["cli.js", "actions.js", "report.js", "core.js"],
    ["actions.js", "report.js"],
    ["index.js", "actions.js", "report.js"],
    ["worker.js", "actions.js", "report.js", "library.js"],
  ]) {
    const loaded = loadedWith(dist, name);
    for (const other of without) expect([...loaded.keys()], name).not.toContain(other);
    for (const text of loaded.values())
      expect(importsOf(text).filter((one) => !/^(\.\/|node:)/.test(one))).toEqual([]);
  }
  expect(readFileSync(join(dist, "actions.js"), "utf8")).toMatch(/import\(["'`]\.\/report\.js["'`]\)/);
  expect(importsOf(readFileSync(join(dist, "report.js"), "utf8"))).toContain("./units.js");
});
