// The ownership of the kernels' memory. A first-fit allocator hands out regions that are 16-byte
// aligned and zeroed, and records each region in the lease of the device that requested it. All
// memory of a device can therefore be taken back at once and without the device: when the device is
// closed, when it was garbage-collected without having been closed, and from idle devices when the
// memory is full.

/**
 * The limit of the kernels' memory is reached although all idle devices have returned their parts.
 */
export class MemoryFull extends RangeError {
  override readonly name = "MemoryFull";
  /** What a question throws instead, if the part of the model that is too large is known. */
  reason?: Error;
}

const pageBytes = 65536;
/**
 * Largest memory that the kernels may take, in bytes. It is below the 4 GiB of 32-bit addresses.
 */
const memoryLimit = 3.75 * 2 ** 30;

/**
 * The memory of one device, or of the engine itself: the sizes of its regions by address. A lease
 * holds no reference to the device.
 */
export interface Lease {
  /** Size in bytes of each region, by its address. */
  readonly regions: Map<number, number>;
  /** Number of running questions. While it is not zero, nothing is taken away. */
  busy: number;
  /** Number of the last use of this lease, counting the uses of all leases. */
  lastUse: number;
  /**
   * True once everything was taken back. The regions that the device has compiled then belong to
   * others.
   */
  ended: boolean;
}

interface Hole {
  start: number;
  size: number;
}

/** An allocation of zero bytes gets its own address as well. */
const rounded = (bytes: number): number => Math.max(1, Math.ceil(bytes / 16)) * 16;

/** The allocator of one instance's memory. */
export class KernelMemory {
  readonly #memory: WebAssembly.Memory;
  /** The largest size in bytes. */
  readonly limit: number;
  /** The holes in the order of their addresses. No two holes are adjacent. */
  readonly #holes: Hole[] = [];
  readonly #leases = new Set<Lease>();
  #end: number;
  /**
   * Nothing was ever written beyond this address, so that the memory there is zero already. The
   * system provides the pages only when they are touched.
   */
  #fresh: number;
  #uses = 0;

  /** `start` is the first free address. */
  constructor(memory: WebAssembly.Memory, start: number, limit = memoryLimit) {
    this.#memory = memory;
    this.#end = start;
    this.#fresh = start;
    this.limit = limit;
  }

  /** Opens a new, empty lease. */
  lease(): Lease {
    const lease = { regions: new Map<number, number>(), busy: 0, lastUse: ++this.#uses, ended: false };
    this.#leases.add(lease);
    return lease;
  }

  /** Marks a lease as used now, so that it is the last one to be taken back. */
  use(lease: Lease): void {
    lease.lastUse = ++this.#uses;
  }

  /** Takes all regions of a lease back. */
  end(lease: Lease): void {
    for (const [start, size] of lease.regions) this.#giveBack(start, size);
    lease.regions.clear();
    lease.ended = true;
    this.#leases.delete(lease);
  }

  /** Address of a new region of zeros. Throws MemoryFull if the limit would be exceeded. */
  allocate(lease: Lease, bytes: number): number {
    const size = rounded(bytes);
    for (;;) {
      const start = this.#place(size);
      if (start !== undefined) {
        lease.regions.set(start, size);
        const written = Math.min(start + size, this.#fresh);
        if (written > start) new Float64Array(this.#memory.buffer).fill(0, start / 8, written / 8);
        this.#fresh = Math.max(this.#fresh, start + size);
        return start;
      }
      const idle = this.#longestIdle(lease);
      if (!idle) throw new MemoryFull(`${size} bytes more than the kernels' memory of ${this.limit} holds`);
      this.end(idle);
    }
  }

  /** Returns a region. A region that does not belong to the lease is ignored. */
  release(lease: Lease, start: number): void {
    const size = lease.regions.get(start);
    if (size === undefined) return;
    lease.regions.delete(start);
    this.#giveBack(start, size);
  }

  /** Number of bytes in use. */
  get held(): number {
    let sum = 0;
    for (const { regions } of this.#leases) for (const size of regions.values()) sum += size;
    return sum;
  }

  /**
   * Takes the first hole that is large enough, else the end of the memory. Undefined beyond the
   * limit.
   */
  #place(size: number): number | undefined {
    const index = this.#holes.findIndex((hole) => hole.size >= size);
    if (index >= 0) {
      const hole = this.#holes[index];
      const { start } = hole;
      hole.start += size;
      hole.size -= size;
      if (hole.size === 0) this.#holes.splice(index, 1);
      return start;
    }
    const start = this.#end;
    const needed = start + size;
    if (needed > this.limit) return undefined;
    if (!this.#reach(needed)) return undefined;
    this.#end = needed;
    return start;
  }

  /**
   * Makes the memory large enough, if possible by at least an eighth, because growing takes
   * milliseconds and untouched pages cost nothing. Returns false if the host provides less than the
   * limit.
   */
  #reach(needed: number): boolean {
    const { byteLength } = this.#memory.buffer;
    if (needed <= byteLength) return true;
    for (const wanted of [Math.min(this.limit, Math.max(needed, 1.125 * byteLength)), needed])
      try {
        this.#memory.grow(Math.ceil((wanted - byteLength) / pageBytes));
        return true;
      } catch {
        // A smaller growth may still succeed.
      }
    return false;
  }

  #longestIdle(asking: Lease): Lease | undefined {
    let longest: Lease | undefined;
    for (const lease of this.#leases) {
      if (lease === asking || lease.busy > 0 || lease.regions.size === 0) continue;
      if (!longest || lease.lastUse < longest.lastUse) longest = lease;
    }
    return longest;
  }

  /**
   * Creates a hole and joins it with adjacent holes. A region at the end shortens the memory in use
   * instead.
   */
  #giveBack(start: number, size: number): void {
    const holes = this.#holes;
    let [low, high] = [0, holes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holes[middle].start < start) low = middle + 1;
      else high = middle;
    }
    holes.splice(low, 0, { start, size });
    for (const at of [low, low - 1]) {
      const [hole, next] = [holes[at], holes[at + 1]];
      if (!hole || !next || hole.start + hole.size !== next.start) continue;
      hole.size += next.size;
      holes.splice(at + 1, 1);
    }
    const last = holes.at(-1);
    if (last && last.start + last.size === this.#end) {
      this.#end = last.start;
      holes.pop();
    }
  }
}
