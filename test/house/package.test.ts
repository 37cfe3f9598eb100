// What the package promises: its tarball, unpacked where nothing else is, gives library, types, kernels and command.

import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importsOf, loadedWith } from "./bundles.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const project = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
const installed = join(project, "node_modules", "nanopinwheel");

let packed = 0;

beforeAll(() => {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", project];
  const [{ filename, size }] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" }));
  packed = size;
  mkdirSync(installed, { recursive: true });
  // A package of its own, whatever lies in the folders above.
  writeFileSync(join(project, "package.json"), '{ "private": true }');
  execFileSync("tar", ["-xzf", join(project, filename), "-C", installed, "--strip-components=1"]);
});
afterAll(() => rmSync(project, { recursive: true }));

/** Every address in an exports map. */
const targets = (entry: unknown): string[] =>
  typeof entry === "string" ? [entry] : Object.values(entry as object).flatMap(targets);

test("everything that package.json names is in it, and nothing of the workshop", () => {
  for (const target of [
    manifest.main,
    manifest.types,
    manifest.bin.nanopinwheel,
    ...targets(manifest.exports),
  ])
    expect(existsSync(join(installed, target)), target).toBe(true);
  for (const name of ["README.md", "LICENSE", "CHANGELOG.md", "CONVENTIONS.md"])
    expect(existsSync(join(installed, name)), name).toBe(true);
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => /^(src|test|assembly|bench|node_modules)\b/.test(file))).toEqual([]);
});

test("the library: files that import nothing else, in Node as in a browser; it computes", () => {
  const loaded = loadedWith(join(installed, "dist"), "index.js");
  expect([...loaded.keys()].sort()).toEqual(["core.js", "errors.js", "index.js", "library.js"]);
  for (const [name, text] of loaded) {
    expect(
      importsOf(text).filter((one) => !one.startsWith("./")),
      name,
    ).toEqual([]);
    expect(text, name).not.toMatch(/\b(require|import)\(["'`](?!\.)/);
  }
  const program = `
    import { loadEngine, InputError } from "nanopinwheel";
    const engine = await loadEngine();
    const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-gate" } });
    if (!(Math.abs(device.pump({ energy: -0.5 }).charge.left) > 0.1)) throw new Error("no charge");
    try { engine.device({}); } catch (error) { if (!(error instanceof InputError)) throw error; }
    console.log(engine.build);`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: project,
    encoding: "utf8",
  });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^(simd|scalar)\n$/);
});

/** Bytes of an entry with all that it loads, as they are and compressed. */
function sizeOf(entry: string): [bytes: number, compressed: number] {
  const texts = [...loadedWith(join(installed, "dist"), entry).values()];
  const sum = (sizes: number[]) => sizes.reduce((total, size) => total + size, 0);
  return [sum(texts.map((text) => Buffer.byteLength(text))), sum(texts.map((text) => gzipSync(text).length))];
}

test("it stays small: as a download, in a page, in a worker, which has no kernels", () => {
  // 20 kB more, 10 kB of what a page loads compressed, for orbitals that overlap, further hoppings and leads given by a self-energy;
  // 6 kB more for Hamiltonians with terms and samples.
  expect(packed).toBeLessThan(726_000);
  expect(packed).toBeGreaterThan(300_000);
  const [library, worker, command] = [sizeOf("index.js"), sizeOf("worker.js"), sizeOf("cli.js")];
  expect(library[0]).toBeLessThan(645_000);
  expect(library[1]).toBeLessThan(255_000);
  expect(worker[0]).toBeLessThan(535_000);
  expect(worker[1]).toBeLessThan(190_000);
  expect(command[1]).toBeLessThan(20_000);
  const kernels = readFileSync(join(installed, "dist/nanopinwheel.wasm"));
  const text = deflateRawSync(kernels, { level: 9 }).toString("base64").slice(1000, 1100);
  const holding = (entry: string) =>
    [...loadedWith(join(installed, "dist"), entry)].filter(([, code]) => code.includes(text));
  expect(holding("index.js")).toHaveLength(1);
  expect(holding("worker.js")).toEqual([]);
});

test("its lines are short: an error that nobody catches is not buried under the line it comes from", () => {
  const dist = join(installed, "dist");
  for (const name of readdirSync(dist).filter((file) => file.endsWith(".js"))) {
    const lines = readFileSync(join(dist, name), "utf8").split("\n");
    expect(
      lines.filter((line) => line.length > 2000 && /\bthrow\b/.test(line)),
      name,
    ).toEqual([]);
    expect(lines.filter((line) => line.length > 600).length, name).toBeLessThan(12);
  }
  const program = 'const { loadEngine } = await import("nanopinwheel"); await loadEngine({ wasm: 7 });';
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: project,
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain("InputError: wasm: not a binary");
  expect(stderr.length).toBeLessThan(3000);
});

test("its stack traces lead back to the sources, with maps that are not packed", () => {
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
  const program = `
    const { loadEngine } = await import("nanopinwheel");
    const engine = await loadEngine();
    try { engine.device({}); } catch (error) { console.log(error.stack); }`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: project,
    encoding: "utf8",
  });
  expect(stdout).toContain("core.js");
  const told = spawnSync(process.execPath, [join(root, "scripts/trace.mjs")], {
    input: stdout,
    encoding: "utf8",
  }).stdout;
  expect(told).toMatch(/src\/device\/device\.ts:\d+:\d+/);
  expect(told).not.toContain("core.js");
});

test("the types: every exported name of the library has its declaration", () => {
  const declarations = readFileSync(join(installed, manifest.types), "utf8");
  for (const name of ["Device", "loadEngine", "InputError", "NumericalError", "MotorResult", "ForcesResult"])
    expect(declarations).toContain(name);
  const imports = Array.from(declarations.matchAll(/from "(\.[^"]+)\.js"/g), (match) => match[1]);
  for (const path of imports)
    expect(existsSync(join(installed, "dist/types", `${path}.d.ts`)), path).toBe(true);
});

test("the command: executable, with a version and the schema of its model file", () => {
  const command = join(installed, manifest.bin.nanopinwheel);
  expect(statSync(command).mode & 0o111).toBeGreaterThan(0);
  const { status, stdout } = spawnSync(process.execPath, [command, "--version"], { encoding: "utf8" });
  expect([status, stdout]).toEqual([0, `${manifest.version}\n`]);
  const schema = JSON.parse(readFileSync(join(installed, "dist/model.schema.json"), "utf8"));
  expect(schema.properties.format.const).toBe("nanopinwheel/1");
});

test("a clone installs from any registry: the lock file names no host, versions are exact", () => {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  expect(lock).not.toContain('"resolved"');
  const { dependencies = {}, devDependencies, optionalDependencies = {} } = manifest;
  for (const version of Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies }))
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(dependencies).toEqual({});
});
