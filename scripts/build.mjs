// Bundles the library and the command, writes the types, copies the kernels, and writes the JSON
// Schema of the model file. It runs after wasm.mjs.
import { spawn } from "node:child_process";
import { appendFile, chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { subset } from "./font.mjs";
import { brokenLines } from "./lines.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => join(root, ...parts);

const { version } = JSON.parse(await readFile(at("package.json"), "utf8"));

const define = { packageVersion: JSON.stringify(version) };
/** Only the name of the native rasteriser is in a bundle. */
const external = ["@resvg/resvg-js"];
/** Minified, but the names of classes stay, since they show in consoles. */
const minify = { mangle: { keepNames: { class: true, function: false } }, compress: true, codegen: true };

/** Writes one self-contained ES module. */
async function bundle(input, file, { banner, plugins = [] } = {}) {
  await write(
    { input: at(input), platform: "node", plugins },
    { dir: dirname(file), entryFileNames: basename(file), banner, codeSplitting: false },
  );
}

/** Bundles, and writes the source maps, which are not part of the package, to build/maps. */
async function write(input, output) {
  const build = await rolldown({ cwd: root, transform: { define }, external, ...input });
  // Others see by these comments which calls may be left out.
  const comments = { annotation: true, legal: false, jsdoc: false };
  try {
    const made = await build.generate({ format: "esm", sourcemap: "hidden", minify, comments, ...output });
    for (const { type, fileName, code, map, moduleIds } of made.output) {
      if (type !== "chunk") continue;
      for (const id of moduleIds) noteSource(id);
      const broken = brokenLines(code, map);
      await writeFile(join(output.dir, fileName), broken.code);
      if (broken.map) await writeFile(at("build/maps", `${fileName}.map`), JSON.stringify(broken.map));
    }
  } finally {
    await build.close();
  }
}

/** Names of the files that the entries share, by a source file in each. */
const shared = {
  "src/base/errors.ts": "errors",
  "src/engine/kernels.ts": "core",
  "src/engine/load.ts": "library",
  "src/import/crystal.ts": "crystal",
};

/** The kernels' files lie in build/ beside the sources, and beside the library in the package. */
const filesBeside = {
  name: "files-beside",
  transform: {
    filter: { id: /engine\/load\.ts$/ },
    handler: (code) => ({ code: code.replaceAll("../../build/", "./"), map: null }),
  },
};

/**
 * The library, its worker, the actions of the commands and the report. Each is an entry of its own, and what several of
 * them need is written once: a page that starts workers downloads the physics once, and the actions, which only the
 * command loads, and the report with its plotting library, which only `run` loads, are no part of the library.
 */
async function writeModules() {
  const input = {
    index: at("src/index.ts"),
    import: at("src/import/index.ts"),
    worker: at("src/worker.ts"),
    actions: at("src/cli/actions.ts"),
    report: at("src/report/report.ts"),
  };
  const nameOf = ({ moduleIds, name }) => {
    const ids = moduleIds.map((id) => relative(root, id).replaceAll("\\", "/"));
    return Object.entries(shared).find(([id]) => ids.includes(id))?.[1] ?? name;
  };
  await write(
    { input, platform: "node", plugins: [filesBeside] },
    {
      dir: at("dist"),
      entryFileNames: "[name].js",
      chunkFileNames: (chunk) => `${nameOf(chunk)}.js`,
      // What a page loads with the import of models alone is errors and their words, and no kernels.
      codeSplitting: { groups: [{ name: "errors", test: /src[\\/]base[\\/](errors|wording)\.ts$/ }] },
    },
  );
}

/** Packages whose code is in a bundle: their names and folders. */
const bundled = new Map();

function noteSource(id) {
  const [folder, name] = id.match(/^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/) ?? [];
  if (folder !== undefined) bundled.set(name.replaceAll("\\", "/"), folder);
}

/** Packages that come without the text of their licence, which another one of the same authors has. */
const textOf = { "@assemblyscript/loader": "assemblyscript" };

/** Writes the licences of all bundled packages into one file, as these licences require. */
async function writeLicences() {
  const parts = [];
  // The kernels contain code of the compiler's standard library.
  bundled.set("assemblyscript", at("node_modules/assemblyscript"));
  for (const [name, folder] of [...bundled].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const home = name in textOf ? at("node_modules", textOf[name]) : folder;
    const files = (await readdir(home)).filter((entry) => /^(licen[cs]e|notice)([-.]|$)/i.test(entry)).sort();
    if (!files.some((entry) => /^l/i.test(entry))) throw new Error(`${name} has no text of its licence`);
    const texts = await Promise.all(files.map((file) => readFile(join(home, file), "utf8")));
    parts.push(`${[`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join("\n\n")}\n`);
  }
  await writeFile(at("dist/THIRD-PARTY.txt"), parts.join(`\n${"-".repeat(78)}\n\n`));
}

/**
 * Declarations of `Symbol.dispose` and `Symbol.asyncDispose` for consumers whose TypeScript library
 * does not have them. They merge with existing ones.
 */
const disposeSymbols = `
declare global {
  interface SymbolConstructor {
    /** Key of the method that ends what \`using\` has opened. */
    readonly dispose: unique symbol;
    /** Key of the method that ends what \`await using\` has opened. */
    readonly asyncDispose: unique symbol;
  }
}
`;

/** What an import of a `.wasm` file is for hosts that compile it when a program is deployed. */
const wasmTypes = `/** The kernels as a compiled WebAssembly.Module, for \`loadEngine({ wasm })\`. */
declare const module: object;
export default module;
`;

/**
 * Writes the declarations of all exports into one file, which refers to no other package and needs
 * no DOM types.
 */
async function writeTypes() {
  await emitTypes();
  const build = await rolldown({
    input: at("build/types/index.d.ts"),
    plugins: [dts({ dtsInput: true })],
    checks: { bundlerTimings: false },
  });
  await build.write({ dir: at("dist/types"), format: "esm" });
  await build.close();
  await writeImportTypes();
  await appendFile(at("dist/types/index.d.ts"), disposeSymbols);
  await writeFile(at("dist/types/worker.d.ts"), "export {};\n");
  await writeFile(at("dist/types/wasm.d.ts"), wasmTypes);
}

/** The declarations of nanopinwheel/import, which takes those of models from the library's. */
async function writeImportTypes() {
  const models = {
    name: "models",
    resolveId: (source) => (/model\/types\.js$/.test(source) ? { id: "./index.js", external: true } : null),
  };
  const build = await rolldown({
    input: at("build/types/import/index.d.ts"),
    plugins: [models, dts({ dtsInput: true })],
    checks: { bundlerTimings: false },
  });
  await build.write({ dir: at("dist/types"), entryFileNames: "import.d.ts", format: "esm" });
  await build.close();
}

function emitTypes() {
  const args = [at("node_modules/typescript/bin/tsc"), "--project", at("scripts/tsconfig.types.json")];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
    child.once("error", fail);
    child.once("exit", (code) => (code === 0 ? done() : fail(new Error(`tsc: status ${code}`))));
  });
}

async function writeSchema() {
  const bundled = at("build", "json-schema.mjs");
  await bundle("src/model/file/json-schema.ts", bundled);
  const { modelJsonSchema } = await import(pathToFileURL(bundled).href);
  await writeFile(at("dist/model.schema.json"), `${JSON.stringify(modelJsonSchema(), null, 2)}\n`);
  await rm(bundled);
}

/** The command line alone: it starts soon, because the thread that does the work loads the library. */
async function writeCommand() {
  const apart = {
    name: "apart",
    resolveId: (source) => (/\/actions\.js$/.test(source) ? { id: "./actions.js", external: true } : null),
  };
  await bundle("src/cli/main.ts", at("dist/cli.js"), { banner: "#!/usr/bin/env node", plugins: [apart] });
  await chmod(at("dist/cli.js"), 0o755);
}

async function writeFont() {
  const font = await readFile(at("node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
  await writeFile(at("dist/DejaVuSans.ttf"), subset(font));
}

await rm(at("dist"), { recursive: true, force: true });
await mkdir(at("dist"), { recursive: true });
await mkdir(at("build/maps"), { recursive: true });
await Promise.all([
  writeModules(),
  writeCommand(),
  writeFont(),
  copyFile(at("node_modules/dejavu-fonts-ttf/LICENSE"), at("dist/DejaVuSans.LICENSE")),
  writeTypes(),
  writeSchema(),
  ...["nanopinwheel.wasm", "nanopinwheel-relaxed.wasm", "nanopinwheel-scalar.wasm"].map((name) =>
    copyFile(at("build", name), at("dist", name)),
  ),
]);
await writeLicences();
