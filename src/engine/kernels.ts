// Instantiates the kernels and provides their memory. This is the only file that uses the
// AssemblyScript loader; addresses are only used within this folder. It holds no binary, so that
// workers, which receive the compiled module, carry none (load.ts).

import { instantiate, instantiateSync } from "@assemblyscript/loader";
import type { Exports } from "./abi.js";
import { KernelMemory, type Lease } from "./memory.js";

/**
 * A build of the kernels, the library's WebAssembly. "simd" has vectors of two numbers and gives
 * the same bits on every machine with the same JavaScript engine. "relaxed" fuses products and sums
 * where the processor can, so that the bits may differ between machines. "scalar" is for engines
 * without vectors.
 */
export type Build = "simd" | "relaxed" | "scalar";

/** All builds of the kernels. */
export const builds = ["simd", "relaxed", "scalar"] as const satisfies readonly Build[];

/** The smallest module that uses a fused instruction (f64x2.relaxed_madd). */
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0, 65, 0, 253, 15, 65, 0,
  253, 15, 65, 0, 253, 15, 253, 135, 2, 11,
]);

/** The smallest module that uses a v128 instruction. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/**
 * Instantiates a module synchronously where that is possible. The asynchronous function touches
 * `Response`, for which Node loads all of fetch (a third of the time to the first result). Browsers
 * that compile no large module on the main thread (Chrome up to 114) refuse the synchronous way
 * with a RangeError.
 */
async function instanceOf(module: WebAssembly.Module): Promise<WebAssembly.Instance> {
  try {
    return instantiateSync(module, {}).instance;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return (await instantiate(module, {})).instance;
  }
}

/**
 * Ends the leases of devices that were garbage-collected without having been closed. Some edge
 * runtimes have no such registry; there a full memory takes from idle devices.
 */
const abandoned =
  typeof FinalizationRegistry === "undefined"
    ? undefined
    : new FinalizationRegistry<() => void>((end) => end());

/**
 * One instance of the kernels, and the part of its memory that belongs to one device (or to the
 * engine itself).
 */
export class Kernels {
  /** The exported functions of the instance. */
  readonly calls: Exports;
  /** The build of the instance. */
  readonly build: Build;
  /** Number of points side by side in the vectors of the batched kernels. */
  readonly lanes: 1 | 2;
  /**
   * If false, every device is computed with the factors of E - H - Sigma itself, which is slower.
   * This is a check of the reactance method and must be set before a device is created.
   */
  shortCut = true;
  /**
   * True: fronts are always used. False: never. Undefined: they are used where the predicted cost
   * is lower.
   */
  fronts: boolean | undefined;
  /** The compiled module, from which workers create their own instances. */
  readonly module: WebAssembly.Module;
  /** The allocator of the instance's memory. */
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

  /** The same kernels with a separate part of the memory. */
  lent(): Kernels {
    const kernels = new Kernels(this.calls, this.build, this.module, this.memory);
    kernels.shortCut = this.shortCut;
    kernels.fronts = this.fronts;
    return kernels;
  }

  /**
   * Marks the beginning of a computation on this part of the memory. The part is not taken away
   * before the computation has finished.
   */
  begin(): void {
    this.#lease.busy++;
    this.memory.use(this.#lease);
  }

  /** Marks the end of a computation that `begin` has announced. */
  finish(): void {
    this.#lease.busy--;
  }

  /** Returns all of this part of the memory. */
  end(): void {
    this.memory.end(this.#lease);
  }

  /** True once this part of the memory was returned or taken back. */
  get ended(): boolean {
    return this.#lease.ended;
  }

  /**
   * Takes this part of the memory back when `owner` is garbage-collected. Nothing that these
   * kernels reference may refer to the owner.
   */
  endWith(owner: object): void {
    const memory = this.memory;
    const lease = this.#lease;
    abandoned?.register(owner, () => memory.end(lease));
  }

  /**
   * The fastest build that this engine validates. If `reproducible` is false, it may be the relaxed
   * one.
   */
  static best(reproducible: boolean): Build {
    if (!reproducible && WebAssembly.validate(relaxedProbe)) return "relaxed";
    return WebAssembly.validate(simdProbe) ? "simd" : "scalar";
  }

  /**
   * Instantiates a compiled module, which holds the kernels of that build. `limit` is the largest
   * size of their memory in bytes.
   */
  static async start(module: WebAssembly.Module, build: Build, limit?: number): Promise<Kernels> {
    // The instance's own exports are used, because wrappers would pass each call through another
    // function.
    const { exports } = await instanceOf(module);
    const calls = exports as unknown as Exports;
    const memory = new KernelMemory(calls.memory, (calls.heapBase() + 1023) & ~1023, limit);
    const kernels = new Kernels(calls, build, module, memory);
    kernels.begin();
    return kernels;
  }

  /**
   * Address of a new region of zeroed memory. Throws MemoryFull (a RangeError) if the limit would
   * be exceeded.
   */
  allocate(bytes: number): number {
    return this.memory.allocate(this.#lease, bytes);
  }

  /** Returns a region. */
  release(start: number): void {
    this.memory.release(this.#lease, start);
  }

  /**
   * The whole memory, for writes by index (address / 8). The view stays the same until the memory
   * grows.
   */
  get floats(): Float64Array {
    // A view of memory that has grown since is detached, and its length is 0.
    if (this.#floats.length === 0) this.#floats = new Float64Array(this.calls.memory.buffer);
    return this.#floats;
  }

  /** The whole memory as 32-bit integers (index = address / 4). */
  get integers(): Int32Array {
    if (this.#integers.length === 0) this.#integers = new Int32Array(this.calls.memory.buffer);
    return this.#integers;
  }

  /** A view of `length` numbers from an address on. It becomes invalid when the memory grows. */
  f64(start: number, length: number): Float64Array {
    return new Float64Array(this.calls.memory.buffer, start, length);
  }

  /**
   * A view of `length` 32-bit integers from an address on. It becomes invalid when the memory
   * grows.
   */
  i32(start: number, length: number): Int32Array {
    return new Int32Array(this.calls.memory.buffer, start, length);
  }
}
