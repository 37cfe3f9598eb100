// The declarations of the package compile for a consumer: strict, with the libraries checked, without types of Node, with and without
// the DOM, under every way of finding modules. One source file cache serves all programs.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const project = realpathSync(mkdtempSync(join(tmpdir(), "nanopinwheel-types-")));
mkdirSync(join(project, "node_modules"));
symlinkSync(root, join(project, "node_modules", "nanopinwheel"));
writeFileSync(join(project, "package.json"), '{ "type": "module" }');
afterAll(() => rmSync(project, { recursive: true }));

/** Everything a consumer's types meet: models, questions, results, options, errors, disposal. */
const program = `
import kernels from "nanopinwheel/nanopinwheel.wasm";
import { Device, loadEngine, InputError, NumericalError, PeriodicCurve, plain, restoredTurnCurve, type Model, type Plain, type TurnCurve, type MapOptions, type WarningCode } from "nanopinwheel";
const model: Model = { format: "nanopinwheel/1", device: { preset: "two-gate" } };
export async function run(): Promise<number> {
  const engine = await loadEngine({ workers: 1, workerUrl: { href: "worker.js" }, wasm: new Uint8Array(8) });
  const device = engine.device(model);
  const known: boolean = device instanceof Device;
  try {
    const charges = await engine.map(model, "pump", [{ energy: 0.1 }, {}]);
    const [curves] = await engine.map(model, "turnCurve", [{ bias: 0.1 }]);
    const [{ meanVelocity }] = await engine.map(model, "simulate", [{ seed: 1, rotor: { inertia: 20 } }]);
    const stored: Plain<TurnCurve> = plain(curves);
    const again: number = restoredTurnCurve(JSON.parse(JSON.stringify(curves))).torque.value(meanVelocity);
    const list: number[] = stored.theta;
    const harmonics: number[] = stored.torque.cosines;
    const { steadyState, curve, certificates, warnings } = device.motor({ bias: 0.1 });
    const codes: WarningCode[] = warnings.map(({ code }) => code);
    const force: Float64Array = device.forces({ at: { x: 0.3 } }).force;
    const value: number = PeriodicCurve.from(Math.sin, 8).value(0.3);
    return charges[0].charge.left + (steadyState?.omega ?? 0) + curve.theta[0] + force[0] + value
      + codes.length + again + list[0] + harmonics[0] + certificates.firstLaw.value + Number(known);
  } catch (error) {
    if (error instanceof InputError) return error.field.length;
    if (error instanceof NumericalError) return error.causes.length;
    throw error;
  } finally {
    device[Symbol.dispose]();
    await engine[Symbol.asyncDispose]();
  await loadEngine({ wasm: kernels });
  }
}
// @ts-expect-error: only an engine makes devices
new Device();
// @ts-expect-error: a signal that nobody can listen to
export const wrong: MapOptions = { signal: { aborted: true } };
`;

/** What only a host with a DOM has is taken as well. */
const programWithDom = `${program}
export const options: MapOptions = { signal: new AbortController().signal };
export const engine = loadEngine({ workerUrl: new URL("https://example.org/worker.js") });
export const engines = [
  loadEngine({ wasm: fetch("nanopinwheel.wasm") }),
  loadEngine({ wasm: new URL("https://example.org/nanopinwheel.wasm") }),
  loadEngine({ wasm: new WebAssembly.Module(new ArrayBuffer(8)) }),
];
`;

/** With the library of disposable things the consumer may write \`using\`. */
const programWithDisposable = `${program}
export async function shorter(): Promise<void> {
  await using engine = await loadEngine();
  using device = engine.device(model);
  device.scatter();
}
`;

const parsed = new Map<string, ts.SourceFile | undefined>();

function faultsOf(name: string, text: string, lib: string[], options: ts.CompilerOptions): string[] {
  const main = join(project, name);
  writeFileSync(main, text);
  const settings: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: lib.map((one) => `lib.${one}.d.ts`),
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    types: [],
    noEmit: true,
    ...options,
  };
  const host = ts.createCompilerHost(settings);
  const read = host.getSourceFile;
  host.getSourceFile = (file, how, ...rest) => {
    const format = typeof how === "object" ? how.impliedNodeFormat : undefined;
    const key = `${file} ${format} ${file === main ? text.length : ""}`;
    if (!parsed.has(key)) parsed.set(key, read.call(host, file, how, ...rest));
    return parsed.get(key);
  };
  const compiled = ts.createProgram([main], settings, host);
  const declarations = compiled
    .getSourceFiles()
    .filter(({ fileName }) => /types\/index\.d\.ts$/.test(fileName));
  expect(declarations.length, "the declarations of the package").toBe(1);
  const checked = [compiled.getSourceFile(main)!, ...declarations];
  const found = [
    ...compiled.getOptionsDiagnostics(),
    ...compiled.getGlobalDiagnostics(),
    ...checked.flatMap((file) => [
      ...compiled.getSyntacticDiagnostics(file),
      ...compiled.getSemanticDiagnostics(file),
    ]),
  ];
  return found.map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
    return `${file?.fileName}:${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

const nodeNext = { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
const node16 = { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 };
const bundler = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };

describe.each([
  ["nodenext", nodeNext],
  ["node16", node16],
  ["bundler", bundler],
])("module resolution %s", (way, options) => {
  test.each([
    ["no DOM", ["es2022"], program],
    ["the DOM", ["es2022", "dom"], programWithDom],
    ["disposable things", ["es2022", "esnext.disposable"], programWithDisposable],
  ])("%s", (name, lib, text) => {
    expect(faultsOf(`${way}-${lib.join("-")}.ts`, text, lib, options), name).toEqual([]);
  });
});

test("a fault in the declarations is seen", () => {
  const faults = faultsOf("fault.ts", 'import { loadEngin } from "nanopinwheel";', ["es2022"], bundler);
  expect(faults.join()).toContain("loadEngin");
});
