// Bundles the library and the command, writes the types, copies the kernels, and writes the JSON
// Schema of the model file. It runs after wasm.mjs.
import { spawn } from "node:child_process";
import { appendFile, chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const at = (...parts) => join(root, ...parts);

const { version } = JSON.parse(await readFile(at("package.json"), "utf8"));

/**
 * Bundles of their own: the report with its plotting library, which only the command loads and only
 * for `run`, and the actions of the commands, which run in a thread while the main thread reads the
 * command line without them.
 */
const apart = {
  name: "apart",
  resolveId: (source) =>
    /\/(report\/report|actions)\.js$/.test(source)
      ? { id: `./${source.match(/[^/]*$/)[0]}`, external: true }
      : null,
};

/** Writes one self-contained ES module. Only the name of the native rasteriser is in it. */
async function bundle(input, file, platform, { banner, footer } = {}) {
  const define = { packageVersion: JSON.stringify(version) };
  const external = ["@resvg/resvg-js"];
  const plugins = [apart];
  const build = await rolldown({
    input: at(input),
    platform,
    cwd: root,
    transform: { define },
    external,
    plugins,
  });
  try {
    const { output } = await build.write({ file, format: "esm", banner, footer, codeSplitting: false });
    for (const { moduleIds = [] } of output) for (const id of moduleIds) noteSource(id);
  } finally {
    await build.close();
  }
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
  await appendFile(at("dist/types/index.d.ts"), disposeSymbols);
  await writeFile(at("dist/types/worker.d.ts"), "export {};\n");
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
  await bundle("src/model/file/json-schema.ts", bundled, "node");
  const { modelJsonSchema } = await import(pathToFileURL(bundled).href);
  await writeFile(at("dist/model.schema.json"), `${JSON.stringify(modelJsonSchema(), null, 2)}\n`);
  await rm(bundled);
}

async function writeCommand() {
  await bundle("src/cli/main.ts", at("dist/cli.js"), "node", { banner: "#!/usr/bin/env node" });
  await chmod(at("dist/cli.js"), 0o755);
}

await rm(at("dist"), { recursive: true, force: true });
await mkdir(at("dist"), { recursive: true });
await Promise.all([
  bundle("src/index.ts", at("dist/index.js"), "neutral"),
  // A worker exports nothing; that it is a module shows only by an export.
  bundle("src/worker.ts", at("dist/worker.js"), "neutral", { footer: "export {};" }),
  writeCommand(),
  bundle("src/cli/actions.ts", at("dist/actions.js"), "node"),
  bundle("src/report/report.ts", at("dist/report.js"), "node"),
  copyFile(at("node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf"), at("dist/DejaVuSans.ttf")),
  copyFile(at("node_modules/dejavu-fonts-ttf/LICENSE"), at("dist/DejaVuSans.LICENSE")),
  writeTypes(),
  writeSchema(),
  ...["nanopinwheel.wasm", "nanopinwheel-relaxed.wasm", "nanopinwheel-scalar.wasm"].map((name) =>
    copyFile(at("build", name), at("dist", name)),
  ),
]);
await writeLicences();
