// Instantiates the kernels and lends out their memory: the only file that knows the loader. Addresses stay within this folder.
// The SIMD build is taken where the engine validates it, the scalar build elsewhere; all are inlined, so no file is fetched.

import { instantiate, instantiateSync } from "@assemblyscript/loader";
import type { Exports } from "./abi.js";
import { relaxedWasm, scalarWasm, simdWasm } from "./binaries.js";

/**
 * "simd": vectors of two numbers, the same bits on every machine; "relaxed": with products and sums fused where the processor can,
 * other bits on other machines; "scalar": for engines without vectors.
 */
export type Build = "simd" | "relaxed" | "scalar";

/** Smallest module that uses a fused instruction (f64x2.relaxed_madd). */
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 65, 0, 253, 15, 253, 135, 2, 11,
]);

/** Smallest module that uses a v128 instruction. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Node's own decoder where there is one: a loop over characters, run once, takes 5 ms of the start. */
function decode(base64: string): Uint8Array<ArrayBuffer> {
  const { Buffer } = globalThis as {
    Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
  };
  if (Buffer) return Buffer.from(base64, "base64");
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * The loader's asynchronous way looks at `Response`, with which Node loads all of fetch (a third of the time to the first result);
 * browsers that compile no large module on the main thread (Chrome to 114) refuse the synchronous one with a RangeError.
 */
async function instanceOf(module: WebAssembly.Module): Promise<WebAssembly.Instance> {
  try {
    return instantiateSync(module, {}).instance;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return (await instantiate(module, {})).instance;
  }
}

const binaries: Record<Build, string> = { simd: simdWasm, relaxed: relaxedWasm, scalar: scalarWasm };

const pageBytes = 65536;
/** Largest memory the kernels may take: below the 4 GiB of 32-bit addresses. */
const memoryLimit = 3 * 2 ** 30;

/** One instance of the kernels with a first-fit allocator; regions are 16-byte aligned and freed when a device is closed. */
export class Kernels {
  readonly calls: Exports;
  readonly build: Build;
  /** Points side by side in the vectors of the batched kernels. */
  readonly lanes: 1 | 2;
  /** False: real devices are computed as complex ones too, which is slower; a check of the short cut (set before a device is made). */
  realPath = true;
  /** Real devices by fronts in a nested order: always, never, or (undefined) where that is predicted to cost less. */
  fronts: boolean | undefined;
  /** What workers make their own instances of. */
  readonly module: WebAssembly.Module;
  #free: { start: number; size: number }[] = [];
  #end: number;
  #floats = new Float64Array();
  #integers = new Int32Array();

  private constructor(calls: Exports, build: Build, module: WebAssembly.Module) {
    this.calls = calls;
    this.module = module;
    this.build = build;
    this.lanes = build === "scalar" ? 1 : 2;
    this.#end = (calls.heapBase() + 1023) & ~1023;
  }

  /** The fastest build this engine validates; with `reproducible` false that may be the relaxed one. */
  static best(reproducible: boolean): Build {
    if (!reproducible && WebAssembly.validate(relaxedProbe)) return "relaxed";
    return WebAssembly.validate(simdProbe) ? "simd" : "scalar";
  }

  /** `module`: the kernels of that build, compiled elsewhere. */
  static async load(build: Build = Kernels.best(true), module?: WebAssembly.Module): Promise<Kernels> {
    const compiled = module ?? (await WebAssembly.compile(decode(binaries[build])));
    // The exports themselves: the loader's copies pass each call on through a function of their own.
    const { exports } = await instanceOf(compiled);
    return new Kernels(exports as unknown as Exports, build, compiled);
  }

  /** Address of a new region of zeroed memory; RangeError where the limit would be passed. */
  allocate(bytes: number): number {
    const size = Math.ceil(bytes / 16) * 16;
    const index = this.#free.findIndex((hole) => hole.size >= size);
    if (index >= 0) {
      const hole = this.#free[index];
      const start = hole.start;
      hole.start += size;
      hole.size -= size;
      if (hole.size === 0) this.#free.splice(index, 1);
      this.floats.fill(0, start / 8, (start + size) / 8);
      return start;
    }
    const start = this.#end;
    const needed = start + size;
    if (needed > memoryLimit) throw new RangeError(`${needed} bytes of kernel memory`);
    const missing = needed - this.calls.memory.buffer.byteLength;
    // New memory is zero already: not touching it leaves its pages to the system until they are needed.
    if (missing > 0) this.calls.memory.grow(Math.ceil(missing / pageBytes));
    this.#end = needed;
    return start;
  }

  /** Gives a region back; neighbouring holes are joined. */
  release(start: number, bytes: number): void {
    this.#free.push({ start, size: Math.ceil(bytes / 16) * 16 });
    this.#free.sort((a, b) => a.start - b.start);
    const joined: { start: number; size: number }[] = [];
    for (const hole of this.#free) {
      const last = joined.at(-1);
      if (last && last.start + last.size === hole.start) last.size += hole.size;
      else joined.push(hole);
    }
    this.#free = joined;
  }

  /** The whole memory, for writes by index (address / 8); the same view until the memory grows. */
  get floats(): Float64Array {
    if (this.#floats.buffer !== this.calls.memory.buffer)
      this.#floats = new Float64Array(this.calls.memory.buffer);
    return this.#floats;
  }

  /** The same in 32-bit integers (address / 4). */
  get integers(): Int32Array {
    if (this.#integers.buffer !== this.calls.memory.buffer)
      this.#integers = new Int32Array(this.calls.memory.buffer);
    return this.#integers;
  }

  /** Views are made on use: growing the memory detaches older ones. */
  f64(start: number, length: number): Float64Array {
    return new Float64Array(this.calls.memory.buffer, start, length);
  }

  i32(start: number, length: number): Int32Array {
    return new Int32Array(this.calls.memory.buffer, start, length);
  }
}
