// Tables in kernel memory: a header of i32 (sizes and addresses) that a kernel is called with, and
// what the addresses point to, in one region. The pieces are listed once and gone through twice:
// first to measure the region, then to write.

import type { Kernels } from "./kernels.js";

/** Takes the pieces of a region one after the other, each at a multiple of 16 bytes. */
export class Layout {
  readonly #kernels: Kernels;
  readonly #base: number;
  #top = 0;

  /** `base`: where the region starts; zero while it is measured, and nothing is written then. */
  constructor(kernels: Kernels, base: number) {
    this.#kernels = kernels;
    this.#base = base;
  }

  get bytes(): number {
    return this.#top;
  }

  /** Address of a piece of zeros. */
  take(bytes: number): number {
    const address = this.#base + this.#top;
    this.#top += Math.ceil(bytes / 16) * 16;
    return address;
  }

  /** Address of a piece with these 32-bit integers. */
  integers(values: ArrayLike<number>): number {
    const address = this.take(4 * values.length);
    this.write(address, values);
    return address;
  }

  /** Address of a piece with these numbers. */
  floats(values: ArrayLike<number>): number {
    const address = this.take(8 * values.length);
    if (this.#base > 0) this.#kernels.floats.set(values, address / 8);
    return address;
  }

  /** Writes 32-bit integers into a piece taken before. */
  write(address: number, values: ArrayLike<number>): void {
    if (this.#base > 0) this.#kernels.integers.set(values, address / 4);
  }
}

/** A header and its region; `Name` are its fields, in the order of the kernel's list. */
export class Table<Name extends string> {
  readonly start: number;
  /** The header's numbers as they were written here. */
  readonly values: Record<Name, number>;
  readonly #kernels: Kernels;
  readonly #index: Record<Name, number>;

  /**
   * `lay` takes the same pieces each time it is called. RangeError where the memory does not
   * suffice; nothing is taken then.
   */
  constructor(kernels: Kernels, names: readonly Name[], lay: (layout: Layout) => Record<Name, number>) {
    this.#kernels = kernels;
    this.#index = Object.fromEntries(names.map((name, k) => [name, k])) as Record<Name, number>;
    const pass = (base: number) => {
      const layout = new Layout(kernels, base);
      const header = layout.take(4 * names.length);
      const values = lay(layout);
      layout.write(
        header,
        names.map((name) => values[name]),
      );
      return { values, bytes: layout.bytes };
    };
    this.start = kernels.allocate(pass(0).bytes);
    this.values = pass(this.start).values;
  }

  /** Sets a field of the header. */
  set(name: Name, value: number): void {
    this.values[name] = value;
    this.#kernels.integers[this.start / 4 + this.#index[name]] = value;
  }

  /** A field as it stands in the header now: the kernels write some. */
  read(name: Name): number {
    return this.#kernels.integers[this.start / 4 + this.#index[name]];
  }

  release(): void {
    this.#kernels.release(this.start);
  }
}
