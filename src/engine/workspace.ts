// Complex matrices that stay in kernel memory during a computation of many steps (a lead at one
// energy): a stack of regions that is emptied as a whole. Products, solves and eigenproblems are
// kernel calls on addresses. Operations that cost no more than reading the matrices are done here,
// on the memory. Matrices are row-major and interleaved. A new region may move the memory, so that
// each operation creates its views anew.

import type { Kernels } from "./kernels.js";

/** A rows x columns matrix at an address. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
  /** Address of the first element, in bytes. */
  readonly address: number;
}

/** LU factors with pivots, in the place of the matrix. */
export interface Factors {
  readonly lu: Block;
  /** Address of the row exchanges, one i32 per row. */
  readonly pivots: number;
}

const leastRegion = 2 ** 16;
const workspaces = new WeakMap<Kernels, Workspace>();

/** A stack of complex matrices in kernel memory. */
export class Workspace {
  readonly #kernels: Kernels;
  #regions: { start: number; bytes: number }[] = [];
  /** Bounds of the free part of the last region. */
  #from = 0;
  #end = 0;

  private constructor(kernels: Kernels) {
    this.#kernels = kernels;
  }

  /**
   * The workspace of an instance of the kernels, emptied. All blocks made before become invalid.
   */
  static of(kernels: Kernels): Workspace {
    let workspace = workspaces.get(kernels);
    if (!workspace) {
      workspace = new Workspace(kernels);
      workspaces.set(kernels, workspace);
    }
    workspace.#clear();
    return workspace;
  }

  /** The same workspace with its contents. */
  static current(kernels: Kernels): Workspace {
    return workspaces.get(kernels) ?? Workspace.of(kernels);
  }

  /** Replaces several regions by one that is as large as all of them together. */
  #clear(): void {
    if (this.#regions.length > 1) {
      const bytes = this.#regions.reduce((sum, region) => sum + region.bytes, 0);
      for (const region of this.#regions) this.#kernels.release(region.start);
      this.#regions = [];
      this.#add(bytes);
    }
    const [first] = this.#regions;
    if (first) [this.#from, this.#end] = [first.start, first.start + first.bytes];
  }

  #add(bytes: number): void {
    const start = this.#kernels.allocate(bytes);
    this.#regions.push({ start, bytes });
    [this.#from, this.#end] = [start, start + bytes];
  }

  #take(bytes: number): number {
    const size = Math.ceil(bytes / 16) * 16;
    if (this.#from + size > this.#end) this.#add(Math.max(leastRegion, 4 * size));
    const address = this.#from;
    this.#from += size;
    return address;
  }

  /** A block whose numbers are not initialised. */
  block(rows: number, columns: number): Block {
    return { rows, columns, address: this.#take(16 * rows * columns) };
  }

  /** The numbers of a block, as a view that is valid until the next block is made. */
  values({ rows, columns, address }: Block): Float64Array {
    return this.#kernels.floats.subarray(address / 8, address / 8 + 2 * rows * columns);
  }

  /** A new block with these numbers. */
  from(values: ArrayLike<number>, rows: number, columns: number): Block {
    const block = this.block(rows, columns);
    this.values(block).set(values);
    return block;
  }

  /** A block filled with zeros. */
  zeros(rows: number, columns: number): Block {
    const block = this.block(rows, columns);
    this.values(block).fill(0);
    return block;
  }

  /** A copy of a. */
  copy(a: Block): Block {
    const block = this.block(a.rows, a.columns);
    this.#kernels.floats.copyWithin(block.address / 8, a.address / 8, a.address / 8 + 2 * a.rows * a.columns);
    return block;
  }

  /** a^+, as a new block. */
  adjoint(a: Block): Block {
    const block = this.block(a.columns, a.rows);
    const x = this.#kernels.floats;
    for (let i = 0, p = a.address / 8; i < a.rows; i++)
      for (let j = 0; j < a.columns; j++, p += 2) {
        const q = block.address / 8 + 2 * (j * a.rows + i);
        x[q] = x[p];
        x[q + 1] = -x[p + 1];
      }
    return block;
  }

  /** a b, as a new block. */
  times(a: Block, b: Block): Block {
    const out = this.block(a.rows, b.columns);
    this.#product(a, b, out, 0);
    return out;
  }

  /** out += a b. */
  addTimes(out: Block, a: Block, b: Block): Block {
    this.#product(a, b, out, 1);
    return out;
  }

  /** out -= a b. */
  subtractTimes(out: Block, a: Block, b: Block): Block {
    this.#product(a, b, out, 2);
    return out;
  }

  #product(a: Block, b: Block, out: Block, mode: number): void {
    this.#kernels.calls.zgemm(
      a.rows,
      b.columns,
      a.columns,
      a.address,
      a.columns,
      1,
      b.address,
      b.columns,
      out.address,
      b.columns,
      mode,
      false,
      false,
    );
  }

  /** a^+ b, as a new block. */
  adjointTimes(a: Block, b: Block): Block {
    const out = this.block(a.columns, b.columns);
    this.#kernels.calls.zgemm(
      a.columns,
      b.columns,
      a.rows,
      a.address,
      1,
      a.columns,
      b.address,
      b.columns,
      out.address,
      b.columns,
      0,
      true,
      false,
    );
    return out;
  }

  /** y += (re + i im) x, in place. */
  add(y: Block, x: Block, re = 1, im = 0): Block {
    const values = this.#kernels.floats;
    const [p, q] = [y.address / 8, x.address / 8];
    const length = 2 * y.rows * y.columns;
    if (im === 0) for (let k = 0; k < length; k++) values[p + k] += re * values[q + k];
    else
      for (let k = 0; k < length; k += 2) {
        const [a, b] = [values[q + k], values[q + k + 1]];
        values[p + k] += re * a - im * b;
        values[p + k + 1] += re * b + im * a;
      }
    return y;
  }

  /** a <- (re + i im) a, in place. */
  scale(a: Block, re: number, im = 0): Block {
    const values = this.#kernels.floats;
    const from = a.address / 8;
    const end = from + 2 * a.rows * a.columns;
    for (let k = from; k < end; k += 2) {
      const x = values[k];
      const y = values[k + 1];
      values[k] = re * x - im * y;
      values[k + 1] = re * y + im * x;
    }
    return a;
  }

  /** a += re + i im on the diagonal, in place. */
  addToDiagonal(a: Block, re: number, im = 0): Block {
    const values = this.#kernels.floats;
    const from = a.address / 8;
    const end = from + 2 * a.rows * a.columns;
    for (let k = from; k < end; k += 2 * (a.columns + 1)) {
      values[k] += re;
      values[k + 1] += im;
    }
    return a;
  }

  /** A copy of the given number of rows and columns of a, from (row, column) on. */
  part(a: Block, row: number, column: number, rows: number, columns: number): Block {
    const out = this.block(rows, columns);
    this.put(a, out, -row, -column);
    return out;
  }

  /**
   * Writes a into `out` with its first element at (row, column). Elements outside `out` are left
   * out.
   */
  put(a: Block, out: Block, row: number, column: number): void {
    const values = this.#kernels.floats;
    const first = Math.max(0, -column);
    const length = 2 * (Math.min(a.columns, out.columns - column) - first);
    const last = Math.min(a.rows, out.rows - row);
    for (let i = Math.max(0, -row); i < last; i++) {
      const source = a.address / 8 + 2 * (i * a.columns + first);
      const target = out.address / 8 + 2 * ((i + row) * out.columns + column + first);
      for (let k = 0; k < length; k++) values[target + k] = values[source + k];
    }
  }

  /** [a b], as a new block. */
  beside(a: Block, b: Block): Block {
    const out = this.block(a.rows, a.columns + b.columns);
    this.put(a, out, 0, 0);
    this.put(b, out, 0, a.columns);
    return out;
  }

  /** a above b, as a new block. */
  above(a: Block, b: Block): Block {
    const out = this.block(a.rows + b.rows, a.columns);
    this.put(a, out, 0, 0);
    this.put(b, out, a.rows, 0);
    return out;
  }

  /** The largest |re| or |im| of an element; NaN if an element is NaN. */
  largest(a: Block): number {
    const values = this.#kernels.floats;
    const from = a.address / 8;
    const end = from + 2 * a.rows * a.columns;
    let most = 0;
    for (let k = from; k < end; k++) {
      const size = Math.abs(values[k]);
      if (!(size <= most)) most = size;
    }
    return most;
  }

  /** Factorises a in place. Undefined if a pivot is exactly zero or not finite. */
  factor(a: Block): Factors | undefined {
    const pivots = this.#take(4 * a.rows);
    if (this.#kernels.calls.zgetrf(a.rows, a.address, pivots) !== 0) return undefined;
    return { lu: a, pivots };
  }

  /** b <- a^-1 b, in place. */
  solve({ lu, pivots }: Factors, b: Block): Block {
    this.#kernels.calls.zgetrs(lu.rows, lu.address, pivots, b.columns, b.address, b.columns);
    return b;
  }

  /**
   * Eigenvalues (interleaved) and eigenvectors (columns of length 1) of a, which is overwritten.
   * Undefined without convergence.
   */
  eigen(a: Block): { values: Float64Array; vectors: Block } | undefined {
    const n = a.rows;
    const vectors = this.block(n, n);
    const work = this.#take(32 * n * (n + 1));
    if (this.#kernels.calls.zeigen(n, a.address, vectors.address, work) !== 0) return undefined;
    const t = this.values(a);
    const values = Float64Array.from({ length: 2 * n }, (_, k) => t[2 * (k >> 1) * (n + 1) + (k & 1)]);
    return { values, vectors };
  }

  /**
   * Eigenvalues (not sorted) and eigenvectors (columns) of a Hermitian matrix, which is
   * overwritten.
   */
  hermitianEigen(a: Block): { values: Float64Array; vectors: Block } {
    const n = a.rows;
    const vectors = this.block(n, n);
    this.#kernels.calls.zheev(n, a.address, vectors.address);
    const diagonal = this.values(a);
    return { values: Float64Array.from({ length: n }, (_, i) => diagonal[2 * i * (n + 1)]), vectors };
  }
}
