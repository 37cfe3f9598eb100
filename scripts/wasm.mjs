// Compiles the kernels (with SIMD, with relaxed SIMD and without, in parallel). Each binary gets a
// section that names its build and a hash of its sources, by which the library recognises it, and
// this script knows what is up to date. The SIMD build goes deflated and as base64 into
// src/engine/binaries.ts. Usage: node scripts/wasm.mjs [debug]. With `debug` it builds only the target
// with assertions and a source map.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join("node_modules", "assemblyscript", "bin", "asc.js");
const outputs = {
  release: { path: "build/nanopinwheel.wasm", build: "simd" },
  relaxed: { path: "build/nanopinwheel-relaxed.wasm", build: "relaxed" },
  scalar: { path: "build/nanopinwheel-scalar.wasm", build: "scalar" },
};
/** Name of the section (src/engine/binary.ts). */
const section = "nanopinwheel";

/** A hash of everything that the binaries are made of. */
async function hashOfSources() {
  const names = await readdir(join(root, "assembly"), { recursive: true });
  const sources = names
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `assembly/${name.replaceAll("\\", "/")}`);
  const hash = createHash("sha256");
  for (const path of [...sources.sort(), "asconfig.json", "node_modules/assemblyscript/package.json"]) {
    const text = await readFile(join(root, path), "utf8");
    hash.update(path.endsWith("package.json") ? JSON.parse(text).version : `${path}\n${text}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

function compile(target) {
  const args = [compiler, "--config", "asconfig.json", "--target", target];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    child.once("error", fail);
    child.once("exit", (code) =>
      code === 0 ? done() : fail(new Error(`asc --target ${target}: status ${code}`)),
    );
  });
}

/** The custom section of a binary. All lengths are below 128 and therefore one byte. */
function nameSection(name) {
  const payload = Buffer.from(`${String.fromCharCode(section.length)}${section}${name}`, "latin1");
  return Buffer.concat([Buffer.from([0, payload.length]), payload]);
}

/** Compiles a target unless its binary ends with this section, which it gets. */
async function make(target, path, end) {
  const current = await readFile(join(root, path)).catch(() => Buffer.alloc(0));
  if (current.subarray(-end.length).equals(end)) return undefined;
  await compile(target);
  await writeFile(join(root, path), Buffer.concat([await readFile(join(root, path)), end]));
  return target;
}

async function writeIfChanged(path, text) {
  const current = await readFile(path, "utf8").catch(() => undefined);
  if (current !== text) await writeFile(path, text);
}

await mkdir(join(root, "build"), { recursive: true });
if (process.argv[2] === "debug") {
  await compile("debug");
} else {
  const hash = await hashOfSources();
  const made = await Promise.all(
    Object.entries(outputs).map(([target, { path, build }]) =>
      make(target, path, nameSection(`${build} ${hash}`)),
    ),
  );
  const stale = made.filter((target) => target !== undefined);
  const [simd, relaxed, scalar] = await Promise.all(
    Object.values(outputs).map(({ path }) => readFile(join(root, path))),
  );
  const deflated = deflateRawSync(simd, { level: 9 });
  const text = [
    "// Written by scripts/wasm.mjs from the kernels in assembly/; not to be edited.",
    `export const kernelsHash = "${hash}";`,
    `export const simdWasm =\n  "${deflated.toString("base64")}";`,
    "",
  ].join("\n");
  await writeIfChanged(join(root, "src/engine/binaries.ts"), text);
  const what = stale.length > 0 ? `compiled ${stale.join(", ")}` : "up to date";
  console.error(
    `kernels: ${what}; ${simd.length} bytes (SIMD; deflated ${deflated.length}), ${relaxed.length} (relaxed), ${scalar.length} (scalar)`,
  );
}
