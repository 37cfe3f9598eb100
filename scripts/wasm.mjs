// Compiles the kernels (with SIMD, with relaxed SIMD and without, in parallel) and writes them as
// base64 into src/engine/binaries.ts. Usage: node scripts/wasm.mjs [debug]. With `debug` it builds
// only the target with assertions and a source map.
import { spawn } from "node:child_process";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join("node_modules", "assemblyscript", "bin", "asc.js");
const outputs = {
  release: "build/nanopinwheel.wasm",
  relaxed: "build/nanopinwheel-relaxed.wasm",
  scalar: "build/nanopinwheel-scalar.wasm",
};

async function modified(path) {
  try {
    return (await stat(join(root, path))).mtimeMs;
  } catch {
    return Number.NEGATIVE_INFINITY;
  }
}

async function newestSource() {
  const names = await readdir(join(root, "assembly"), { recursive: true });
  const paths = names.filter((name) => name.endsWith(".ts")).map((name) => join("assembly", name));
  return Math.max(
    ...(await Promise.all([...paths, "asconfig.json", compiler, "scripts/wasm.mjs"].map(modified))),
  );
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

async function writeIfChanged(path, text) {
  const current = await readFile(path, "utf8").catch(() => undefined);
  if (current !== text) await writeFile(path, text);
}

await mkdir(join(root, "build"), { recursive: true });
if (process.argv[2] === "debug") {
  await compile("debug");
} else {
  const source = await newestSource();
  const ages = await Promise.all(Object.values(outputs).map(modified));
  const stale = Object.keys(outputs).filter((_, index) => !(ages[index] > source));
  await Promise.all(stale.map(compile));
  const [simd, relaxed, scalar] = await Promise.all(
    Object.values(outputs).map((path) => readFile(join(root, path))),
  );
  const text = [
    "// Written by scripts/wasm.mjs from the kernels in assembly/; not to be edited.",
    `export const simdWasm =\n  "${simd.toString("base64")}";`,
    `export const relaxedWasm =\n  "${relaxed.toString("base64")}";`,
    `export const scalarWasm =\n  "${scalar.toString("base64")}";`,
    "",
  ].join("\n");
  await writeIfChanged(join(root, "src/engine/binaries.ts"), text);
  const what = stale.length > 0 ? `compiled ${stale.join(", ")}` : "up to date";
  console.error(
    `kernels: ${what}; ${simd.length} bytes (SIMD), ${relaxed.length} (relaxed), ${scalar.length} (scalar)`,
  );
}
