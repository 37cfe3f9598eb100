// The kernels in every form that `wasm` takes: the same numbers, workers with the same binary, and whatever else it is refused by name.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EngineOptions } from "../../src/index.js";
import { InputError, loadEngine } from "../../src/index.js";

const file = (name: string) => new URL(`../../build/${name}.wasm`, import.meta.url);
const simd = readFileSync(file("nanopinwheel"));
const scalar = readFileSync(file("nanopinwheel-scalar"));
const wasmType = { headers: { "content-type": "application/wasm" } };

const served: Record<string, [type: string, body: Uint8Array] | undefined> = {
  "/typed.wasm": ["application/wasm", scalar],
  "/untyped.wasm": ["application/octet-stream", scalar],
};
const server = createServer((request, response) => {
  const [type, body] = served[request.url ?? ""] ?? ["text/plain", ""];
  response.writeHead(body === "" ? 404 : 200, { "content-type": type });
  response.end(body);
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

/** A page's own address is http or https; a copy of the bytes keeps them from being changed by a test. */
const forms: [string, () => EngineOptions["wasm"]][] = [
  ["bytes", () => new Uint8Array(scalar)],
  ["a buffer", () => new Uint8Array(scalar).buffer],
  ["a view of a part of a buffer", () => new Uint8Array([...new Uint8Array(9), ...scalar]).subarray(9)],
  ["a DataView", () => new DataView(new Uint8Array(scalar).buffer)],
  ["a module", () => new WebAssembly.Module(scalar)],
  ["a response that says what it is", () => new Response(new Uint8Array(scalar), wasmType)],
  ["a response of unknown type", () => new Response(new Uint8Array(scalar))],
  ["a promise of a response", () => fetch(`${origin}/typed.wasm`)],
  ["a file's URL", () => file("nanopinwheel-scalar")],
  ["a file's address as a text", () => file("nanopinwheel-scalar").href],
  ["a server's URL", () => new URL(`${origin}/typed.wasm`)],
  ["a server's URL of unknown type", () => new URL(`${origin}/untyped.wasm`)],
];

test.each(forms)("%s", async (_, form) => {
  const engine = await loadEngine({ wasm: form() });
  expect(engine.build).toBe("scalar");
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } });
  const own = await loadEngine({ build: "scalar" });
  const reference = own.device({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } });
  const question = { energy: -1.4, points: 16 };
  expect(device.pump(question).charge).toEqual(reference.pump(question).charge);
});

/** The binary with another text in its section. */
function renamed(text: RegExp, by: string): Uint8Array<ArrayBuffer> {
  const latin = simd.toString("latin1");
  const changed = latin.replace(text, by);
  expect(changed).not.toBe(latin);
  expect(changed.length).toBe(latin.length);
  return new Uint8Array(Buffer.from(changed, "latin1"));
}

const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
const spent = async () => {
  const response = new Response(new Uint8Array(simd));
  await response.arrayBuffer();
  return response;
};
const refused: [string, () => unknown, RegExp][] = [
  ["a number", () => 7, /found 7/],
  ["null", () => null, /found null/],
  ["an object", () => ({}), /found an object/],
  ["a list of numbers", () => [0, 97, 115, 109], /found \[0, 97, 115, 109\]/],
  ["a promise of nothing", () => Promise.resolve(undefined), /found nothing/],
  ["a rejected promise", () => Promise.reject(new Error("no network")), /found no network/],
  ["not WebAssembly", () => new Uint8Array(100), /could not be compiled(?!.*policy)/],
  ["half of it", () => new Uint8Array(simd.subarray(0, 60_000)), /could not be compiled(?!.*policy)/],
  ["another module", () => empty, /not the kernels of nanopinwheel/],
  ["another version", () => renamed(/simd [0-9a-f]{16}$/, "simd 0123456789abcdef"), /0123456789abcdef/],
  ["an unknown build", () => renamed(/simd ([0-9a-f]{16})$/, "smid $1"), /not the kernels/],
  ["a spent response", spent, /could not be read|could not be compiled/],
  ["no such file", () => file("absent"), /absent\.wasm/],
  ["no such address", () => `${origin}/absent.wasm`, /status 404/],
  ["no server", () => "http://127.0.0.1:9/x.wasm", /could not be fetched.*127\.0\.0\.1:9/],
  ["no address", () => "http://[", /not an address/],
  ["half an address, where there is no page", () => "kernels.wasm", /not an address.*kernels\.wasm/],
];

test.each(refused)("%s is refused", async (_, form, said) => {
  const error = await loadEngine({ wasm: form() as never }).catch((given) => given);
  expect(error).toBeInstanceOf(InputError);
  expect(error.field).toBe("wasm");
  expect(error.message).toMatch(said);
});

test("a build that is asked for has to be that of the binary", async () => {
  expect((await loadEngine({ wasm: simd, build: "simd" })).build).toBe("simd");
  await expect(loadEngine({ wasm: simd, build: "scalar" })).rejects.toThrow(
    /wasm: .*expected .*"scalar".*found .*"simd"/,
  );
});

test("workers receive the same binary", async () => {
  // In place of the package's worker, one that tells which module it has received.
  const program = `
    import { parentPort } from "node:worker_threads";
    parentPort.once("message", ({ module, build }) => {
      const [content] = WebAssembly.Module.customSections(module, "nanopinwheel");
      const text = new TextDecoder().decode(content);
      parentPort.postMessage({ type: "unable", reason: "received " + build + ": " + text });
    });`;
  const workerUrl = `data:text/javascript,${encodeURIComponent(program)}`;
  await expect(loadEngine({ wasm: scalar, workers: 1, workerUrl })).rejects.toThrow(
    /received scalar: scalar [0-9a-f]{16}/,
  );
});

test("a host that compiles nothing takes a compiled module, and says so without one", async () => {
  const compile = WebAssembly.compile;
  WebAssembly.compile = () => Promise.reject(new WebAssembly.CompileError("forbidden by the host"));
  try {
    const error = await loadEngine().catch((given) => given);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/^wasm: .*forbidden by the host.*wasm-unsafe-eval.*compiled before/);
    expect((await loadEngine({ wasm: new WebAssembly.Module(simd) })).build).toBe("simd");
  } finally {
    WebAssembly.compile = compile;
  }
});

test("without the file of fused arithmetic the reproducible kernels compute; asked for by name it is missed", async () => {
  const { validate, compile } = WebAssembly;
  // A host that knows every instruction, and none of the file's.
  WebAssembly.validate = () => true;
  let first = true;
  WebAssembly.compile = (bytes: BufferSource) => {
    if (!first) return compile(bytes);
    first = false;
    return Promise.reject(new WebAssembly.CompileError("no such instruction"));
  };
  try {
    expect((await loadEngine({ reproducible: false })).build).toBe("simd");
    expect(first).toBe(false);
    first = true;
    await expect(loadEngine({ build: "relaxed" })).rejects.toThrow(
      /^build: the relaxed kernels.*nanopinwheel-relaxed\.wasm.*no such instruction/,
    );
  } finally {
    Object.assign(WebAssembly, { validate, compile });
  }
});
