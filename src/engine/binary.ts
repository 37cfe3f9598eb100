// The kernels' binary in every form in which a host can give it: bytes, a compiled module, a
// response, an address. Every binary names its build and its sources in a custom section
// (scripts/wasm.mjs), so that another one is refused by name.

import { InputError, messageOf } from "../base/errors.js";
import { described } from "../base/wording.js";
import { type Build, builds } from "./kernels.js";

/** The part of a URL object that is used. */
export interface Address {
  /** The address, absolute or relative to the page. */
  readonly href: string;
}

/**
 * One of this package's `.wasm` files: its bytes, a compiled `WebAssembly.Module`, a `Response` that
 * brings it, or its address (a URL or a text).
 */
export type KernelBinary = string | Address | ArrayBuffer | ArrayBufferView | object;

/** Name of the custom section of our binaries; its text is the build and a hash of the sources. */
const section = "nanopinwheel";

const expected =
  "one of this package's .wasm files: its bytes, a WebAssembly.Module, a Response or its address";

const refusal = (what: string, found: string, advice?: string) =>
  new InputError("wasm", what, { expected, found, advice });

/** The kind of built-in object. A class of another realm is recognised as well. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** The part of Node's modules that is used. */
interface NodeModules {
  "node:fs/promises": { readFile(address: URL): Promise<Uint8Array<ArrayBuffer>> };
  "node:zlib": { inflateRawSync(bytes: Uint8Array): Uint8Array<ArrayBuffer> };
}

/**
 * A module of Node, taken from the process, so that bundlers for browsers see no import. Undefined
 * elsewhere.
 */
function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return host.process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}

/**
 * Compiles the kernels that the option `wasm` names, and tells their build. Throws InputError for
 * anything that is not a binary of this version.
 */
export async function moduleGiven(
  given: unknown,
  hash: string,
): Promise<{ module: WebAssembly.Module; build: Build }> {
  const value = await Promise.resolve(given).catch((error: unknown) => {
    throw refusal("the binary could not be had", messageOf(error));
  });
  const module = await moduleOf(value);
  const [content] = WebAssembly.Module.customSections(module, section);
  const [name, version] = content ? String.fromCharCode(...new Uint8Array(content)).split(" ") : [];
  const build = builds.find((one) => one === name);
  if (!build) throw refusal("not the kernels of nanopinwheel", "another WebAssembly module");
  if (version !== hash)
    throw refusal("not the kernels of this version", `those of sources ${version}, not ${hash}`);
  return { module, build };
}

async function moduleOf(value: unknown): Promise<WebAssembly.Module> {
  const kind = kindOf(value);
  if (kind === "WebAssembly.Module") return value as WebAssembly.Module;
  if (kind === "Response") return fromResponse(value as Response);
  if (kind === "ArrayBuffer") return compiled(value as ArrayBuffer);
  // Not every engine compiles a DataView.
  if (ArrayBuffer.isView(value))
    return compiled(new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength));
  const address = typeof value === "string" ? value : (value as Partial<Address> | null | undefined)?.href;
  if (typeof address === "string") return fromAddress(absolute(address));
  throw refusal("not a binary", described(value));
}

function absolute(address: string): URL {
  try {
    return new URL(address, globalThis.location?.href);
  } catch (error) {
    throw refusal("not an address", `${described(address)} (${messageOf(error)})`);
  }
}

/** Compiles the file at an address: Node reads its own files, everything else is fetched. */
export async function fromAddress(address: URL): Promise<WebAssembly.Module> {
  const files = address.protocol === "file:" ? nodeModule("node:fs/promises") : undefined;
  if (files) {
    const bytes = await files.readFile(address).catch((error: unknown) => {
      throw refusal("the file could not be read", messageOf(error));
    });
    return compiled(bytes);
  }
  const response = await fetch(address).catch((error: unknown) => {
    throw refusal("the file could not be fetched", `${messageOf(error)} at ${address.href}`);
  });
  return fromResponse(response);
}

/** Compiles a response while it arrives, if it says that it is WebAssembly. */
async function fromResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw refusal("the file could not be fetched", `status ${response.status}`);
  const streams =
    typeof WebAssembly.compileStreaming === "function" &&
    /^application\/wasm\b/.test(response.headers.get("content-type") ?? "");
  if (streams) return compiling(WebAssembly.compileStreaming(response));
  const bytes = await response.arrayBuffer().catch((error: unknown) => {
    throw refusal("the response could not be read", messageOf(error));
  });
  return compiled(bytes);
}

/** Compiles bytes. Throws InputError with the reason if the host refuses. */
export const compiled = (bytes: BufferSource): Promise<WebAssembly.Module> =>
  compiling(WebAssembly.compile(bytes));

/** How engines say that it is the host, and not the binary, that keeps them from compiling. */
const forbidden = /disallow|forbid|block|refus|unsafe-eval|content security/i;

const compiling = (module: Promise<WebAssembly.Module>): Promise<WebAssembly.Module> =>
  module.catch((error: unknown) => {
    const reason = messageOf(error);
    const advice =
      "A page needs 'wasm-unsafe-eval' in its content security policy. Edge runtimes compile nothing at run time and " +
      'take a module that was compiled before: `import wasm from "nanopinwheel/nanopinwheel.wasm"`.';
    throw refusal("this could not be compiled", reason, forbidden.test(reason) ? advice : undefined);
  });

/** The bytes of a deflated binary in base64. Node's own decoders spare it milliseconds. */
export async function inflated(base64: string): Promise<Uint8Array<ArrayBuffer>> {
  const { Buffer } = globalThis as {
    Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
  };
  const bytes = Buffer?.from(base64, "base64") ?? Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const zlib = nodeModule("node:zlib");
  if (zlib) return zlib.inflateRawSync(bytes);
  if (typeof DecompressionStream === "undefined")
    throw refusal("this host does not decompress the kernels in this file", "no DecompressionStream");
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
