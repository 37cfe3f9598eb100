// Lays a compiled device out in kernel memory and calls the fused kernels on it. The field list mirrors assembly/plan.ts.
// One region per device; sparse matrices come in as (row, column) pairs in block order, values go in before each point.
// Views of results are kept per number of open channels and made anew only when the memory has grown.

import type { Kernels } from "./kernels.js";

const fields = [
  "n",
  "blocks",
  "symmetric",
  "blockStart",
  "rowStart",
  "diagonalStart",
  "upperStart",
  "column",
  "hValues",
  "aValues",
  "diagonal",
  "inverses",
  "inverseOffset",
  "block",
  "pivots",
  "work",
  "leads",
  "leadTable",
  "psi",
  "dPsi",
  "thin",
  "slice",
  "s",
  "dS",
  "directions",
  "directionTable",
  "gathered",
  "statistics",
  "k",
  "p",
  "support",
  "supportList",
  "selected",
  "green",
  "traces",
  "squares",
  "widest",
] as const;
const leadFields = 8;
const directionFields = 7;

/** What the kernels need to know of a device, in block order. */
export interface PlanInput {
  blockStart: Int32Array;
  /** Compressed rows of the pattern, columns ascending. */
  rowStart: Int32Array;
  columns: Int32Array;
  leads: { positions: Int32Array; capacity: number }[];
  /** Rows, row starts and columns of each direction's sparse matrix (both triangles). */
  directions: { rows: Int32Array; rowStart: Int32Array; columns: Int32Array }[];
}

/** Results of one number of channels, valid until the next call. */
export interface PointViews {
  S: Float64Array;
  dSdE: Float64Array;
  /** One matrix per direction, and all of them in one view. */
  K: Float64Array[];
  P: Float64Array[];
  allK: Float64Array;
  lorentz: Float64Array[];
}

/** Bytes of the inverses of all slices, the bulk of a plan. */
export function planBytes(blockStart: Int32Array): number {
  let elements = 0;
  for (let i = 0; i + 1 < blockStart.length; i++) elements += (blockStart[i + 1] - blockStart[i]) ** 2;
  return 16 * elements;
}

/** Rows that some direction touches, ascending. */
function supportOf(directions: PlanInput["directions"], n: number): Int32Array {
  const touched = new Uint8Array(n);
  for (const { rows } of directions) for (const row of rows) touched[row] = 1;
  const list = new Int32Array(touched.reduce((sum, one) => sum + one, 0));
  let count = 0;
  for (let i = 0; i < n; i++) if (touched[i]) list[count++] = i;
  return list;
}

/** True where G on the pattern (12 m^3 per slice from the first one touched on) costs less than columns of G (16 m^2 each). */
function selectionPays(blockStart: Int32Array, support: Int32Array): boolean {
  let [selected, perColumn] = [0, 0];
  for (let i = 0; i + 1 < blockStart.length; i++) {
    if (blockStart[i + 1] <= support[0]) continue;
    const m = blockStart[i + 1] - blockStart[i];
    selected += 12 * m ** 3;
    perColumn += 16 * m ** 2;
  }
  return selected < perColumn * support.length;
}

/** A device in kernel memory. */
export class Plan {
  readonly #kernels: Kernels;
  readonly #input: PlanInput;
  readonly #bytes: number;
  readonly #start: number;
  readonly #address: Record<(typeof fields)[number], number>;
  readonly #records: number[] = [];
  readonly #values: number[] = [];
  readonly #entries: number;
  /** Largest number of channels, and columns of the thin blocks of Green's functions. */
  readonly #capacity: number;
  readonly #columns: number;
  readonly #support: Int32Array;
  /** Work of zlorentz and zcurl, taken when first asked for. */
  readonly #extra: { start: number; bytes: number }[] = [];
  #lorentz: { work: number; out: number } | undefined;
  #curl: { work: number; out: number } | undefined;
  #channels = 0;
  #views: PointViews[] = [];
  #viewed: ArrayBufferLike | undefined;

  /** RangeError where the memory does not suffice; nothing is taken then. */
  constructor(kernels: Kernels, input: PlanInput) {
    this.#kernels = kernels;
    this.#input = input;
    const n = input.rowStart.length - 1;
    const blocks = input.blockStart.length - 1;
    const entries = input.columns.length;
    const { directions } = input;
    this.#entries = entries;
    const channels = input.leads.reduce((sum, lead) => sum + lead.capacity, 0);
    this.#capacity = channels;
    let widest = 1;
    for (let i = 0; i < blocks; i++) widest = Math.max(widest, input.blockStart[i + 1] - input.blockStart[i]);
    const leadWidest = Math.max(...input.leads.map((lead) => lead.positions.length));
    const rowsWidest = directions.reduce((most, { rows }) => Math.max(most, rows.length), 0);
    const support = supportOf(directions, n);
    this.#support = support;
    const selected = support.length > 0 && selectionPays(input.blockStart, support);
    const columns = Math.max(channels, selected ? 1 : support.length);
    this.#columns = columns;
    const pattern = this.#pattern(n, blocks);

    // Two passes over the same list: the first measures, the second writes.
    let top = 0;
    let base = 0;
    const take = (bytes: number) => {
      const address = base + top;
      top += Math.ceil(bytes / 16) * 16;
      return address;
    };
    const list = (values: ArrayLike<number>) => {
      const address = take(4 * values.length);
      if (base > 0) kernels.integers.set(values, address / 4);
      return address;
    };
    const complex = (count: number) => take(16 * Math.max(count, 1));
    const lay = () => {
      top = 0;
      const header = take(4 * fields.length);
      const values: Record<(typeof fields)[number], number> = {
        n,
        blocks,
        symmetric: 0,
        blockStart: list(input.blockStart),
        rowStart: list(input.rowStart),
        diagonalStart: list(pattern.diagonalStart),
        upperStart: list(pattern.upperStart),
        column: list(input.columns),
        hValues: complex(entries),
        aValues: complex(entries),
        diagonal: list(pattern.diagonal),
        inverses: complex(planBytes(input.blockStart) / 16),
        inverseOffset: list(pattern.inverseOffset),
        block: complex(widest * widest),
        pivots: take(4 * widest),
        work: complex(33 * widest + 512),
        leads: input.leads.length,
        leadTable: take(4 * leadFields * input.leads.length),
        psi: complex(n * channels),
        dPsi: complex(n * channels),
        thin: complex(n * channels),
        slice: complex(Math.max(widest, leadWidest, channels) * columns),
        s: complex(channels * channels),
        dS: complex(channels * channels),
        directions: directions.length,
        directionTable: take(4 * directionFields * directions.length),
        gathered: complex(Math.max(2 * rowsWidest, n + channels) * channels),
        statistics: take(64),
        k: complex(directions.length * channels * channels),
        p: complex(directions.length * channels * channels),
        support: support.length,
        supportList: list(support),
        selected: selected ? 1 : 0,
        green: complex(selected ? entries : n * support.length),
        traces: complex(directions.length),
        squares: complex(selected ? 3 * widest * widest : 1),
        widest,
      };
      input.leads.forEach(({ positions }, index) => {
        const record = [positions.length, list(positions), list(pattern.slots[index]), 0, 0, 0, 0, 0];
        if (base === 0) return;
        const address = values.leadTable + 4 * leadFields * index;
        kernels.integers.set(record, address / 4);
        this.#records.push(address + 12);
      });
      directions.forEach((direction, index) => {
        const { slots, places } = pattern.directions[index];
        const record = [
          direction.rows.length,
          list(direction.rows),
          list(direction.rowStart),
          list(direction.columns),
          complex(direction.columns.length),
          list(slots),
          list(places),
        ];
        if (base === 0) return;
        kernels.integers.set(record, (values.directionTable + 4 * directionFields * index) / 4);
        this.#values.push(record[4] / 8);
      });
      if (base > 0)
        kernels.integers.set(
          fields.map((name) => values[name]),
          header / 4,
        );
      return values;
    };
    lay();
    this.#bytes = top;
    this.#start = kernels.allocate(top);
    base = this.#start;
    this.#address = lay();
  }

  /** Where each row's own block starts and ends, its diagonal, the leads' corners (-1: not in the pattern, always zero), the directions. */
  #pattern(n: number, blocks: number) {
    const { blockStart, rowStart, columns, leads, directions } = this.#input;
    const diagonalStart = new Int32Array(n);
    const upperStart = new Int32Array(n);
    const diagonal = new Int32Array(n);
    const inverseOffset = new Int32Array(blocks);
    for (let i = 0; i < blocks; i++) {
      const [first, after] = [blockStart[i], blockStart[i + 1]];
      if (i + 1 < blocks) inverseOffset[i + 1] = inverseOffset[i] + (after - first) ** 2;
      for (let r = first; r < after; r++) {
        let k = rowStart[r];
        while (k < rowStart[r + 1] && columns[k] < first) k++;
        diagonalStart[r] = k;
        for (; k < rowStart[r + 1] && columns[k] < after; k++) if (columns[k] === r) diagonal[r] = k;
        upperStart[r] = k;
      }
    }
    // Scratch list: the place of each position in one row, or in the support.
    const place = new Int32Array(n).fill(-1);
    const slots = leads.map(({ positions }) => {
      const size = positions.length;
      const list = new Int32Array(size * size);
      for (let i = 0; i < size; i++) {
        const row = positions[i];
        for (let k = rowStart[row]; k < rowStart[row + 1]; k++) place[columns[k]] = k;
        for (let j = 0; j < size; j++) list[i * size + j] = place[positions[j]];
        for (let k = rowStart[row]; k < rowStart[row + 1]; k++) place[columns[k]] = -1;
      }
      return list;
    });
    this.#support.forEach((position, k) => {
      place[position] = k;
    });
    const directionLists = directions.map((direction) => {
      const found = new Int32Array(direction.columns.length);
      direction.rows.forEach((row, r) => {
        let k = rowStart[row];
        for (let entry = direction.rowStart[r]; entry < direction.rowStart[r + 1]; entry++) {
          while (columns[k] < direction.columns[entry]) k++;
          found[entry] = k;
        }
      });
      return { slots: found, places: direction.rows.map((row) => place[row]) };
    });
    return { diagonalStart, upperStart, diagonal, inverseOffset, slots, directions: directionLists };
  }

  /** Index in `kernels.floats` of the interleaved values of H on the pattern, to be filled by the caller. */
  get hamiltonian(): number {
    return this.#address.hValues / 8;
  }

  /** Number of those values, re and im apart. */
  get hamiltonianLength(): number {
    return 2 * this.#entries;
  }

  /** The same of direction nu on its own pattern. */
  direction(nu: number): number {
    return this.#values[nu];
  }

  directionLength(nu: number): number {
    return 2 * this.#input.directions[nu].columns.length;
  }

  /** Largest sum of |re| + |im| along a row of direction nu. */
  largestRowSum(nu: number): number {
    const { floats } = this.#kernels;
    const { rowStart } = this.#input.directions[nu];
    let most = 0;
    for (let r = 0; r + 1 < rowStart.length; r++) {
      let sum = 0;
      for (let k = rowStart[r]; k < rowStart[r + 1]; k++) {
        const at = this.#values[nu] + 2 * k;
        sum += Math.abs(floats[at]) + Math.abs(floats[at + 1]);
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  /** True where the kernels may take A = A^T: half the work. */
  set symmetric(value: boolean) {
    this.#kernels.integers[this.#start / 4 + fields.indexOf("symmetric")] = value ? 1 : 0;
  }

  /** Address of a lead's values, for LeadStore. */
  leadRecord(index: number): number {
    return this.#records[index];
  }

  /** Open channels of all leads together. */
  set channels(count: number) {
    this.#channels = count;
  }
  get channels(): number {
    return this.#channels;
  }

  /** 0; block + 1 where a Schur complement is singular; -1 where the residual stays large. level: see assembly/scatter.ts. */
  scatter(energy: number, level: 0 | 1 | 2): number {
    return this.#kernels.calls.zscatter(this.#start, energy, level);
  }

  /** Eigenvalues of H + Sigma (its Hermitian part) below the energy, or -1 - block. */
  inertia(energy: number): number {
    return this.#kernels.calls.zinertia(this.#start, energy);
  }

  /** Antisymmetric friction after scatter at level 2; 0 or -1. */
  lorentz(): number {
    if (!this.#lorentz) {
      const { directions } = this.#input;
      const rows = directions.reduce((sum, direction) => sum + direction.rows.length, 0);
      const n = this.#input.rowStart.length - 1;
      const pairs = (directions.length * (directions.length - 1)) / 2;
      const work = this.#take(
        16 * this.#capacity * (n + directions.length * this.#support.length + 2 * rows),
      );
      this.#lorentz = { work, out: this.#take(16 * this.#capacity * pairs) };
      this.#views = [];
    }
    return this.#kernels.calls.zlorentz(this.#start, this.#lorentz.work, this.#lorentz.out);
  }

  /** Tr[Lambda G(z)] per direction; status as scatter. */
  traces(re: number, im: number): number {
    return this.#kernels.calls.ztraces(this.#start, re, im);
  }

  /** Index in `kernels.floats` of the result of `traces`. */
  get tracesAt(): number {
    return this.#address.traces / 8;
  }

  /** h(z) per pair of directions; status as scatter. */
  curl(re: number, im: number): number {
    const width = this.#columns;
    if (!this.#curl) {
      const count = this.#input.directions.length;
      const n = this.#input.rowStart.length - 1;
      const square = this.#support.length ** 2;
      const work = this.#take(16 * (2 * n * width + 2 * (count + 1) * square));
      this.#curl = { work, out: this.#take(16 * Math.max(1, (count * (count - 1)) / 2)) };
    }
    return this.#kernels.calls.zcurl(this.#start, re, im, this.#curl.work, width, this.#curl.out);
  }

  /** Index in `kernels.floats` of the result of `curl`. */
  get curlAt(): number {
    return (this.#curl?.out ?? 0) / 8;
  }

  #take(bytes: number): number {
    const start = this.#kernels.allocate(bytes);
    this.#extra.push({ start, bytes });
    return start;
  }

  /** Views of the results at the present number of channels. */
  get views(): PointViews {
    const { buffer } = this.#kernels.calls.memory;
    if (this.#viewed !== buffer) {
      this.#views = [];
      this.#viewed = buffer;
    }
    this.#views[this.#channels] ??= this.#makeViews(this.#channels);
    return this.#views[this.#channels];
  }

  #makeViews(channels: number): PointViews {
    const count = this.#input.directions.length;
    const length = 2 * channels * channels;
    const each = (start: number, number: number, step: number) =>
      Array.from({ length: number }, (_, k) => this.#kernels.f64(start + 8 * k * step, step));
    const { s, dS, k, p } = this.#address;
    return {
      S: this.#kernels.f64(s, length),
      dSdE: this.#kernels.f64(dS, length),
      K: each(k, count, length),
      P: each(p, count, length),
      allK: this.#kernels.f64(k, count * length),
      lorentz: this.#lorentz ? each(this.#lorentz.out, (count * (count - 1)) / 2, 2 * channels) : [],
    };
  }

  /** Relative residual of the lead columns, and the largest growth of a slice. */
  get statistics(): { residual: number; growth: number } {
    const at = this.#address.statistics / 8;
    return { residual: this.#kernels.floats[at], growth: this.#kernels.floats[at + 2] };
  }

  release(): void {
    this.#kernels.release(this.#start, this.#bytes);
    for (const { start, bytes } of this.#extra) this.#kernels.release(start, bytes);
    this.#extra.length = 0;
  }
}
