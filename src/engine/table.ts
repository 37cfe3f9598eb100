// Tables in kernel memory. A table has a header of i32 (sizes and addresses), which is the argument
// of a kernel, and the data at these addresses, in one region. The pieces of the region are listed
// once and processed twice: first to measure the region, then to write it.

import type { Kernels } from "./kernels.js";

/** Takes the pieces of a region one after the other, each at a multiple of 16 bytes. */
export class Layout {
  readonly #kernels: Kernels;
  readonly #base: number;
  #top = 0;

  /**
   * `base` is the start of the region. It is zero while the region is measured, and then nothing is
   * written.
   */
  constructor(kernels: Kernels, base: number) {
    this.#kernels = kernels;
    this.#base = base;
  }

  /** Size in bytes of the pieces taken so far. */
  get bytes(): number {
    return this.#top;
  }

  /** Address of a piece filled with zeros. */
  take(bytes: number): number {
    const address = this.#base + this.#top;
    this.#top += Math.ceil(bytes / 16) * 16;
    return address;
  }

  /** Address of a piece that holds these 32-bit integers. */
  integers(values: ArrayLike<number>): number {
    const address = this.take(4 * values.length);
    this.write(address, values);
    return address;
  }

  /** Address of a piece that holds these doubles. */
  floats(values: ArrayLike<number>): number {
    const address = this.take(8 * values.length);
    if (this.#base > 0) this.#kernels.floats.set(values, address / 8);
    return address;
  }

  /** Writes 32-bit integers into a piece that was taken before. */
  write(address: number, values: ArrayLike<number>): void {
    if (this.#base > 0) this.#kernels.integers.set(values, address / 4);
  }
}

/** A header and its region. `Name` lists the fields, in the order of the kernel's list. */
export class Table<Name extends string> {
  /** Address of the header. */
  readonly start: number;
  /** The header's numbers as this class has written them. */
  readonly values: Record<Name, number>;
  readonly #kernels: Kernels;
  readonly #index: Record<Name, number>;

  /**
   * `lay` must take the same pieces each time it is called. Throws RangeError if the memory is not
   * sufficient, and takes no memory in that case.
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

  /** The present value of a header field. The kernels write some of the fields. */
  read(name: Name): number {
    return this.#kernels.integers[this.start / 4 + this.#index[name]];
  }

  /** Frees the region. */
  release(): void {
    this.#kernels.release(this.start);
  }
}
