// Who holds which part of the kernels' memory. A first-fit allocator gives out regions, 16-byte
// aligned and zeroed, and writes each down in the lease of the device that asked for it. So all
// that a device holds can be taken back at once, without the device: when it is closed, when it was
// collected without having been closed, and from devices at rest when the memory is full.

/**
 * The limit of the kernels' memory is reached although every device at rest has given its part
 * back.
 */
export class MemoryFull extends RangeError {
  override readonly name = "MemoryFull";
}

const pageBytes = 65536;
/** Largest memory the kernels may take: below the 4 GiB of 32-bit addresses. */
export const memoryLimit = 3 * 2 ** 30;

/**
 * What one device, or the engine itself, holds: sizes of its regions by address. It knows nothing
 * of the device.
 */
export interface Lease {
  readonly regions: Map<number, number>;
  /** Questions under way: as long as there is one, nothing is taken away. */
  busy: number;
  /** Grows with every use of any lease. */
  lastUse: number;
  /**
   * True once everything was taken back: what the device has compiled stands on regions that now
   * belong to others.
   */
  ended: boolean;
}

interface Hole {
  start: number;
  size: number;
}

/** Also nothing has an address of its own. */
const rounded = (bytes: number): number => Math.max(1, Math.ceil(bytes / 16)) * 16;

export class KernelMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  /** In the order of their addresses, never two that touch. */
  readonly #holes: Hole[] = [];
  readonly #leases = new Set<Lease>();
  #end: number;
  /**
   * Beyond it nothing was ever written: zero already. Not touching it leaves its pages to the
   * system until they are needed.
   */
  #fresh: number;
  #uses = 0;

  /** `start`: the first address that is free. */
  constructor(memory: WebAssembly.Memory, start: number, limit = memoryLimit) {
    this.#memory = memory;
    this.#end = start;
    this.#fresh = start;
    this.#limit = limit;
  }

  lease(): Lease {
    const lease = { regions: new Map<number, number>(), busy: 0, lastUse: ++this.#uses, ended: false };
    this.#leases.add(lease);
    return lease;
  }

  /** Marks a lease as used now: it is the last to be taken back. */
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

  /** Address of a new region of zeros; MemoryFull where the limit would be passed. */
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
      if (!idle) throw new MemoryFull(`${size} bytes more than the kernels' memory of ${this.#limit} holds`);
      this.end(idle);
    }
  }

  /** Gives a region back; one that is not the lease's is left alone. */
  release(lease: Lease, start: number): void {
    const size = lease.regions.get(start);
    if (size === undefined) return;
    lease.regions.delete(start);
    this.#giveBack(start, size);
  }

  /** Bytes in use. */
  get held(): number {
    let sum = 0;
    for (const { regions } of this.#leases) for (const size of regions.values()) sum += size;
    return sum;
  }

  /**
   * The first hole that is large enough, else the end of the memory; undefined beyond the limit.
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
    if (needed > this.#limit) return undefined;
    if (!this.#reach(needed)) return undefined;
    this.#end = needed;
    return start;
  }

  /**
   * Makes the memory large enough, by an eighth at least where it can be: growing takes
   * milliseconds, and pages that are not touched cost nothing. False where the host has less to
   * give than the limit.
   */
  #reach(needed: number): boolean {
    const { byteLength } = this.#memory.buffer;
    if (needed <= byteLength) return true;
    for (const wanted of [Math.min(this.#limit, Math.max(needed, 1.125 * byteLength)), needed])
      try {
        this.#memory.grow(Math.ceil((wanted - byteLength) / pageBytes));
        return true;
      } catch {
        // Less may be had.
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

  /** Makes a hole, joined with those it touches; one at the end is no hole. */
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
