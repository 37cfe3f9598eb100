// Lays a compiled device out in kernel memory and calls the fused kernels on it. The field list mirrors assembly/plan.ts.
// One region per device, and regions for what grows with the open channels; sparse matrices come in as (row, column) pairs in block order, values go in before each point.
// Views of results are kept per number of open channels and made anew only when the memory has grown.

import type { Kernels } from "./kernels.js";
import { uninitialised } from "./uninitialised.js";

/** Numbers of derivatives formed at a time: 128 kB. */
const PIECE = 16384;

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
  "realValues",
  "realFactors",
  "x",
  "reactance",
  "b",
  "overlap",
  "channelPivots",
  "directionRows",
  "local",
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
  /** One matrix per direction. */
  K: Float64Array[];
  P: Float64Array[];
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
/** True if every direction is diagonal. */
function areDiagonal(directions: PlanInput["directions"]): boolean {
  return directions.every(
    ({ rows, rowStart, columns }) =>
      columns.length === rows.length && rows.every((row, r) => rowStart[r] === r && columns[r] === row),
  );
}

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
  readonly #rowsWidest: number;
  readonly #sliceRows: number;
  /** Columns that the slice must hold beside those of the channels: of Green's functions on the support. */
  readonly #columns: number;
  readonly #support: Int32Array;
  /** Regions sized by the channels that are open, taken when first needed and grown with them. */
  readonly #regions = new Map<string, { start: number; bytes: number; channels: number }>();
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
    let widest = 1;
    for (let i = 0; i < blocks; i++) widest = Math.max(widest, input.blockStart[i + 1] - input.blockStart[i]);
    const leadWidest = Math.max(...input.leads.map((lead) => lead.positions.length));
    this.#rowsWidest = directions.reduce((most, { rows }) => Math.max(most, rows.length), 0);
    this.#sliceRows = Math.max(widest, leadWidest);
    const support = supportOf(directions, n);
    this.#support = support;
    const directionRows = directions.reduce((sum, { rows }) => sum + rows.length, 0);
    const selected = support.length > 0 && selectionPays(input.blockStart, support);
    this.#columns = selected ? 1 : support.length;
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
        block: complex(2 * widest * widest),
        pivots: take(4 * widest),
        work: complex(33 * widest + 512),
        leads: input.leads.length,
        leadTable: take(4 * leadFields * input.leads.length),
        psi: 0,
        dPsi: 0,
        thin: 0,
        slice: 0,
        s: 0,
        dS: 0,
        directions: directions.length,
        directionTable: take(4 * directionFields * directions.length),
        gathered: 0,
        statistics: take(64),
        k: 0,
        p: 0,
        support: support.length,
        directionRows,
        local: directionRows === support.length && areDiagonal(directions) ? 1 : 0,
        supportList: list(support),
        selected: selected ? 1 : 0,
        green: complex(selected ? entries : n * support.length),
        traces: complex(directions.length),
        squares: complex(selected ? 3 * widest * widest : 1),
        widest,
        realValues: take(8 * entries),
        realFactors: 0,
        x: 0,
        reactance: 0,
        b: 0,
        overlap: 0,
        channelPivots: 0,
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

  /** True where the kernels may take A = A^T (half the work) and, at real energy, the short cut of real devices (a quarter). */
  set symmetric(value: boolean) {
    const allowed = this.#kernels.realPath ? 2 : 1;
    this.#kernels.integers[this.#start / 4 + fields.indexOf("symmetric")] = value ? allowed : 0;
  }

  /** Address of a lead's values, for LeadStore. */
  leadRecord(index: number): number {
    return this.#records[index];
  }

  /** Open channels of all leads together. */
  set channels(count: number) {
    this.#channels = count;
    this.#reserveThin(Math.max(count, 1));
  }
  get channels(): number {
    return this.#channels;
  }

  /** A region of its own for `channels` channels: address, kept until more channels open. `bytes` tells its size. */
  #region(name: string, channels: number, bytes: (channels: number) => number): number {
    const known = this.#regions.get(name);
    if (known && known.channels >= channels) return known.start;
    const size = bytes(channels);
    if (known) this.#kernels.release(known.start, known.bytes);
    // Forgotten before the new one is asked for, which may fail.
    this.#regions.delete(name);
    const start = this.#kernels.allocate(size);
    this.#regions.set(name, { start, bytes: size, channels });
    this.#views = [];
    return start;
  }

  #setField(name: (typeof fields)[number], value: number): void {
    this.#address[name] = value;
    this.#kernels.integers[this.#start / 4 + fields.indexOf(name)] = value;
  }

  /** The thin blocks psi, psi', work, one slice, the gathered rows; S, S' and K. */
  #reserveThin(channels: number): void {
    if ((this.#regions.get("thin")?.channels ?? 0) >= channels) return;
    const n = this.#input.rowStart.length - 1;
    const sizes = (m: number) => ({
      psi: n * m,
      dPsi: n * m,
      thin: n * m,
      slice: Math.max(this.#sliceRows, m) * Math.max(m, this.#columns),
      s: m * m,
      dS: m * m,
      gathered: Math.max(2 * this.#rowsWidest, n + m) * m,
      k: this.#input.directions.length * m * m,
      reactance: 2 * m * m,
      b: m * m,
      overlap: 2 * m * m,
      channelPivots: m,
    });
    const bytes = (m: number) => 16 * Object.values(sizes(m)).reduce((sum, size) => sum + size, 0);
    let next = this.#region("thin", channels, bytes);
    for (const [name, size] of Object.entries(sizes(channels))) {
      this.#setField(name as (typeof fields)[number], next);
      next += 16 * size;
    }
    this.#setField("x", this.#address.dPsi);
  }

  /** 0; block + 1 where a Schur complement is singular; -1 where the residual stays large. level: see assembly/scatter.ts. */
  scatter(energy: number, level: -1 | 0 | 1 | 2): number {
    const count = this.#input.directions.length;
    if (level === 2 && count > 0)
      this.#setField(
        "p",
        this.#region("p", Math.max(this.#channels, 1), (m) => 16 * count * m * m),
      );
    return this.#kernels.calls.zscatter(this.#start, energy, level);
  }

  /**
   * dS/dX of every direction, one after the other, after scatter at level 1. In pieces of the size of a cache, copied while they are in
   * it: whole, they would go through memory twice.
   */
  derivatives(): Float64Array {
    const count = this.#input.directions.length;
    const length = 2 * this.#channels ** 2;
    const all = uninitialised(count * length);
    const piece = Math.max(1, Math.floor(PIECE / length));
    const { floats, calls } = this.#kernels;
    const start = this.#address.k / 8;
    for (let first = 0; length > 0 && first < count; first += piece) {
      const after = Math.min(first + piece, count);
      calls.zderivatives(this.#start, first, after);
      all.set(floats.subarray(start, start + (after - first) * length), first * length);
    }
    return all;
  }

  /** Eigenvalues of H + Sigma (its Hermitian part) below the energy, or -1 - block. */
  inertia(energy: number): number {
    return this.#kernels.calls.zinertia(this.#start, energy);
  }

  /** Antisymmetric friction after scatter at level 2; 0 or -1. */
  lorentz(): number {
    const { directions, rowStart } = this.#input;
    const count = directions.length;
    const support = this.#support.length;
    const work = this.#region("lorentz", this.#channels, (m) => {
      const rows = directions.reduce((sum, direction) => sum + direction.rows.length, 0);
      return 16 * m * (rowStart.length - 1 + count * support + 2 * rows);
    });
    const out = this.#region("pairs", this.#channels, (m) => 8 * m * count * (count - 1));
    return this.#kernels.calls.zlorentz(this.#start, work, out);
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
    const { directions, rowStart } = this.#input;
    const count = directions.length;
    const width = Math.max(this.#columns, 1);
    const square = this.#support.length ** 2;
    const work = this.#region(
      "curl",
      1,
      () => 16 * (2 * (rowStart.length - 1) * width + 2 * (count + 1) * square),
    );
    const out = this.#region("curls", 1, () => 8 * Math.max(2, count * (count - 1)));
    return this.#kernels.calls.zcurl(this.#start, re, im, work, width, out);
  }

  /** Index in `kernels.floats` of the result of `curl`. */
  get curlAt(): number {
    return (this.#regions.get("curls")?.start ?? 0) / 8;
  }

  /** Views of the results at the present number of channels. */
  get views(): PointViews {
    const { buffer } = this.#kernels.floats;
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
    const pairs = this.#regions.get("pairs");
    return {
      S: this.#kernels.f64(s, length),
      dSdE: this.#kernels.f64(dS, length),
      K: each(k, count, length),
      P: p === 0 ? [] : each(p, count, length),
      lorentz: pairs ? each(pairs.start, (count * (count - 1)) / 2, 2 * channels) : [],
    };
  }

  /** How the last point was computed: residual of the lead columns, rounds of refinement, growth of a slice (complex path). */
  get statistics(): { residual: number; refinements: number; growth: number; path: "real" | "complex" } {
    const at = this.#address.statistics / 8;
    const { floats, integers } = this.#kernels;
    const real = integers[this.#start / 4 + fields.indexOf("realFactors")] === 1;
    return {
      residual: floats[at],
      refinements: real ? floats[at + 1] : 0,
      growth: floats[at + 2],
      path: real ? "real" : "complex",
    };
  }

  release(): void {
    this.#kernels.release(this.#start, this.#bytes);
    for (const { start, bytes } of this.#regions.values()) this.#kernels.release(start, bytes);
    this.#regions.clear();
  }
}
