// Instantiates the kernels and lends out their memory: the only file that knows the loader.
// Addresses stay within this folder. The SIMD build is taken where the engine validates it, the
// scalar build elsewhere; all are inlined, so no file is fetched.

import { instantiate, instantiateSync } from "@assemblyscript/loader";
import type { Exports } from "./abi.js";
import { relaxedWasm, scalarWasm, simdWasm } from "./binaries.js";
import { KernelMemory, type Lease } from "./memory.js";

/**
 * A build of the kernels, the library's WebAssembly. "simd": vectors of two numbers, the same bits
 * on every machine; "relaxed": with products and sums fused where the processor can, other bits on
 * other machines; "scalar": for engines without vectors.
 */
export type Build = "simd" | "relaxed" | "scalar";

/** All builds. */
export const builds = ["simd", "relaxed", "scalar"] as const satisfies readonly Build[];

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

/**
 * Node's own decoder where there is one: a loop over characters, run once, takes 5 ms of the start.
 */
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
 * The loader's asynchronous way looks at `Response`, with which Node loads all of fetch (a third of
 * the time to the first result); browsers that compile no large module on the main thread (Chrome
 * to 114) refuse the synchronous one with a RangeError.
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

/** Leases of devices that were collected without having been closed are ended. */
const abandoned = new FinalizationRegistry<() => void>((end) => end());

/**
 * One instance of the kernels, and the part of its memory that one device (or the engine itself)
 * holds.
 */
export class Kernels {
  readonly calls: Exports;
  readonly build: Build;
  /** Points side by side in the vectors of the batched kernels. */
  readonly lanes: 1 | 2;
  /**
   * False: every device is computed by the factors of E - H - Sigma itself, which is slower; a
   * check of the short cut (set before a device is made).
   */
  shortCut = true;
  /**
   * Fronts in an order of little fill: always, never, or (undefined) where that is predicted to
   * cost less.
   */
  fronts: boolean | undefined;
  /** What workers make their own instances of. */
  readonly module: WebAssembly.Module;
  readonly memory: KernelMemory;
  readonly #lease: Lease;
  #floats = new Float64Array();
  #integers = new Int32Array();

  private constructor(calls: Exports, build: Build, module: WebAssembly.Module, memory: KernelMemory) {
    this.calls = calls;
    this.module = module;
    this.build = build;
    this.lanes = build === "scalar" ? 1 : 2;
    this.memory = memory;
    this.#lease = memory.lease();
  }

  /** The same kernels with a part of the memory of their own. */
  lent(): Kernels {
    const kernels = new Kernels(this.calls, this.build, this.module, this.memory);
    kernels.shortCut = this.shortCut;
    kernels.fronts = this.fronts;
    return kernels;
  }

  /**
   * A computation on this part of the memory begins: until it has finished nothing of it is taken
   * away.
   */
  begin(): void {
    this.#lease.busy++;
    this.memory.use(this.#lease);
  }

  finish(): void {
    this.#lease.busy--;
  }

  /** Gives all of this part of the memory back. */
  end(): void {
    this.memory.end(this.#lease);
  }

  /** True once it was given, or taken, back. */
  get ended(): boolean {
    return this.#lease.ended;
  }

  /**
   * Takes the part of the memory back when the owner is collected; nothing that these kernels know
   * may lead to the owner.
   */
  endWith(owner: object): void {
    const memory = this.memory;
    const lease = this.#lease;
    abandoned.register(owner, () => memory.end(lease));
  }

  /**
   * The fastest build this engine validates; with `reproducible` false that may be the relaxed one.
   */
  static best(reproducible: boolean): Build {
    if (!reproducible && WebAssembly.validate(relaxedProbe)) return "relaxed";
    return WebAssembly.validate(simdProbe) ? "simd" : "scalar";
  }

  /**
   * `module`: the kernels of that build, compiled elsewhere; `limit`: the most bytes their memory
   * may take.
   */
  static async load(
    build: Build = Kernels.best(true),
    module?: WebAssembly.Module,
    limit?: number,
  ): Promise<Kernels> {
    const compiled = module ?? (await WebAssembly.compile(decode(binaries[build])));
    // The exports themselves: the loader's copies pass each call on through a function of their
    // own.
    const { exports } = await instanceOf(compiled);
    const calls = exports as unknown as Exports;
    const memory = new KernelMemory(calls.memory, (calls.heapBase() + 1023) & ~1023, limit);
    const kernels = new Kernels(calls, build, compiled, memory);
    kernels.begin();
    return kernels;
  }

  /**
   * Address of a new region of zeroed memory; MemoryFull (a RangeError) where the limit would be
   * passed.
   */
  allocate(bytes: number): number {
    return this.memory.allocate(this.#lease, bytes);
  }

  /** Gives a region back. */
  release(start: number): void {
    this.memory.release(this.#lease, start);
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
