// A chain and a batch of points in kernel memory; mirrors assembly/chain-plan.ts. Rows of points are lent out as views, refreshed when
// the memory has grown; workspaces are written by the kernel alone.

import type { Kernels } from "./kernels.js";
import type { LeadValues } from "./lead-store.js";

const fields = [
  "sites",
  "uniform",
  "hoppings",
  "rowBytes",
  "onsite",
  "weight",
  "siteStart",
  "siteRow",
  "siteValue",
  "hopping",
  "bondStart",
  "bondRow",
  "bondValue",
  "points",
  "values",
  "tangents",
  "results",
  "delta",
  "lambda",
  "bonds",
  "u",
  "v",
  "powers",
  "reach",
  "phase",
  "sums",
  "scratch",
  "moments",
  "kept",
  "tableGates",
  "table",
  "segment",
] as const;

const pointRows = 13;
const resultRows = 31;
/** Bytes of a vector register: the scalar build uses half of it. */
const vector = 16;

/** Elements of one parameter's dH/dX by site or bond. */
export interface ChainGate {
  sites: ArrayLike<number>;
  onsite: ArrayLike<number>;
  bonds: ArrayLike<number>;
  /** Interleaved, <i|dH/dX|i+1>. */
  hopping: ArrayLike<number>;
}

/** A chain from the first lead to the second, written out. */
export interface ChainInput {
  onsite: Float64Array;
  /** Interleaved, <i|H|i+1>. */
  hopping: Float64Array;
  gates: ChainGate[];
}

/** Rows over the points of a batch: X and dX/dtheta go in, what the integrals over a turn need comes out. */
export interface BatchRows {
  values: Float64Array[];
  tangents: Float64Array[];
  /** -(1/2pi) (S K S^+)_aa summed over the channels of each lead. */
  charge: Float64Array[];
  /** Tr K^2. */
  kSquare: Float64Array;
  /** Into the first lead from the second. */
  transmission: Float64Array;
  /** sum |S'_ab|^2. */
  delaySquare: Float64Array;
  /** Square of the largest element of S^+ S - 1; not a number where the kernel failed. */
  defectSquare: Float64Array;
}

/** Those of a chain; channels: first lead, second lead. */
export interface ChainRows extends BatchRows {
  energy: Float64Array;
  /** S, S' and K, row by row, real and imaginary part of each element: eight rows each. */
  S: Float64Array[];
  dSdE: Float64Array[];
  K: Float64Array[];
}

/** Scalings c_i^2 with c_i c_(i+1) |t_i| = 1, or undefined where the hoppings must be evaluated per point. */
function scaling({ onsite, hopping, gates }: ChainInput): Float64Array | undefined {
  if (gates.some(({ bonds }) => bonds.length > 0)) return undefined;
  // Equal hoppings give equal scalings.
  const c2 = new Float64Array(onsite.length).fill(1 / Math.hypot(hopping[0], hopping[1]));
  for (let i = 0; i + 1 < onsite.length; i++) {
    const size = Math.hypot(hopping[2 * i], hopping[2 * i + 1]);
    c2[i + 1] = 1 / (c2[i] * size * size);
    // Rounding must not tell equal hoppings apart.
    if (Math.abs(c2[i + 1] * size - 1) < 1e-14) c2[i + 1] = 1 / size;
    // Far from one the scaled elements would leave the range of numbers.
    if (!(c2[i + 1] > 1e-100 && c2[i + 1] < 1e100)) return undefined;
  }
  return c2;
}

/** Elements of all gates in the order of their places, as compressed lists. */
function byPlace(places: number, entries: [place: number, gate: number, re: number, im: number][]) {
  const start = new Int32Array(places + 1);
  entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [place] of entries) start[place + 1]++;
  for (let i = 0; i < places; i++) start[i + 1] += start[i];
  return { start, entries };
}

export class ChainPlan {
  readonly capacity: number;
  readonly sites: number;
  readonly #kernels: Kernels;
  readonly #start: number;
  readonly #bytes: number;
  readonly #address: Record<(typeof fields)[number], number>;
  readonly #gates: number;
  readonly #ends: [number, number];
  /** Bounds of |delta|: largest weight, largest |onsite|, and largest element of each gate, all scaled. */
  readonly #bound: { weight: number; onsite: number; gates: Float64Array };
  #rows!: ChainRows;
  #integers!: Int32Array;
  #buffer: ArrayBufferLike | undefined;
  #leadEnergy = Number.NaN;

  /** Kernel memory for `capacity` points (a multiple of four) of a chain of two sites or more. */
  constructor(kernels: Kernels, input: ChainInput, capacity: number) {
    this.#kernels = kernels;
    this.capacity = capacity;
    const n = input.onsite.length;
    this.sites = n;
    this.#gates = input.gates.length;
    const c2 = scaling(input);
    const weight = c2 ?? new Float64Array(n).fill(1);
    this.#ends = [weight[0], weight[n - 1]];
    const onsite = input.onsite.map((value, i) => value * weight[i]);
    const rowBytes = 8 * capacity;
    const site = byPlace(
      n,
      input.gates.flatMap(({ sites, onsite: values }, gate) =>
        Array.from(sites, (i, k): [number, number, number, number] => [i, gate, values[k] * weight[i], 0]),
      ),
    );
    const bond = byPlace(
      n - 1,
      input.gates.flatMap(({ bonds, hopping }, gate) =>
        Array.from(bonds, (i, k): [number, number, number, number] => [
          i,
          gate,
          hopping[2 * k],
          hopping[2 * k + 1],
        ]),
      ),
    );
    this.#bound = {
      weight: Math.max(...weight),
      onsite: onsite.reduce((most, value) => Math.max(most, Math.abs(value)), 0),
      gates: new Float64Array(this.#gates),
    };
    for (const [, gate, value] of site.entries)
      this.#bound.gates[gate] = Math.max(this.#bound.gates[gate], Math.abs(value));

    const uniform = weight.every((w) => w === weight[0]);
    const table =
      uniform && c2 && this.#gates > 0 && this.#gates <= 2 ? this.#table(onsite, site) : undefined;

    // Two passes over the same list: the first measures, the second writes.
    let top = 0;
    let base = 0;
    const take = (bytes: number) => {
      const address = base + top;
      top += Math.ceil(bytes / 16) * 16;
      return address;
    };
    const integers = (values: ArrayLike<number>) => {
      const address = take(4 * values.length);
      if (base > 0) kernels.i32(address, values.length).set(values);
      return address;
    };
    const floats = (values: ArrayLike<number>) => {
      const address = take(8 * values.length);
      if (base > 0) kernels.f64(address, values.length).set(values);
      return address;
    };
    const lay = () => {
      top = 0;
      const header = take(4 * fields.length);
      const values: Record<(typeof fields)[number], number> = {
        sites: n,
        uniform: uniform ? 1 : 0,
        hoppings: c2 ? 0 : 1,
        rowBytes,
        onsite: floats(onsite),
        weight: floats(weight),
        siteStart: integers(site.start),
        siteRow: integers(site.entries.map(([, gate]) => gate * rowBytes)),
        siteValue: floats(site.entries.map(([, , re]) => re)),
        hopping: floats(input.hopping),
        bondStart: integers(bond.start),
        bondRow: integers(bond.entries.map(([, gate]) => gate * rowBytes)),
        bondValue: floats(bond.entries.flatMap(([, , re, im]) => [re, im])),
        points: take(pointRows * rowBytes),
        values: take(this.#gates * rowBytes),
        tangents: take(this.#gates * rowBytes),
        results: take(resultRows * rowBytes),
        delta: take(2 * vector * n),
        lambda: take(2 * vector * n),
        bonds: take(c2 ? 0 : 8 * vector * n),
        u: take(4 * vector * (n + 1)),
        v: take(4 * vector * (n + 1)),
        powers: take(4 * vector * (n + 2)),
        reach: take(4 * vector * (n + 2)),
        phase: take(4 * vector),
        sums: take(8 * vector),
        scratch: take(64 * vector),
        moments: take(19 * vector * (Math.floor(n / 80) + 2)),
        kept: take(64 * resultRows),
        tableGates: table ? this.#gates : 0,
        table: floats(table ?? []),
        segment: take(2 * vector * 128),
      };
      if (base > 0) kernels.i32(header, fields.length).set(fields.map((name) => values[name]));
      return values;
    };
    lay();
    this.#bytes = top;
    this.#start = kernels.allocate(top);
    base = this.#start;
    this.#address = lay();
    this.#writePhase(input.hopping);
  }

  /** On-site element and the elements of all gates, site by site, for the kernel's loops over one or two gates. */
  #table(onsite: Float64Array, { entries }: ReturnType<typeof byPlace>): Float64Array {
    const width = this.#gates + 1;
    const table = new Float64Array(width * this.sites);
    onsite.forEach((value, i) => {
      table[width * i] = value;
    });
    for (const [i, gate, value] of entries) table[width * i + 1 + gate] += value;
    return table;
  }

  /** The gauge that makes fixed hoppings positive turns the second lead's channel by the product of t* / |t|. */
  #writePhase(hopping: Float64Array): void {
    let [re, im] = [1, 0];
    for (let i = 0; i + 1 < this.sites; i++) {
      const size = Math.hypot(hopping[2 * i], hopping[2 * i + 1]) || 1;
      const [c, s] = [hopping[2 * i] / size, -hopping[2 * i + 1] / size];
      [re, im] = [re * c - im * s, re * s + im * c];
    }
    const lanes = 2 * this.#kernels.lanes;
    this.#kernels
      .f64(this.#address.phase, 2 * lanes)
      .set(Array.from({ length: 2 * lanes }, (_, k) => (k < lanes ? re : im)));
  }

  /** Views of all rows, valid until the memory grows: ask again before each use. */
  get rows(): ChainRows {
    const { buffer } = this.#kernels.calls.memory;
    if (this.#buffer === buffer) return this.#rows;
    const row = (start: number, index: number) =>
      this.#kernels.f64(start + 8 * this.capacity * index, this.capacity);
    const list = (start: number, first: number, count: number) =>
      Array.from({ length: count }, (_, k) => row(start, first + k));
    const { points, values, tangents, results } = this.#address;
    this.#rows = {
      energy: row(points, 0),
      values: list(values, 0, this.#gates),
      tangents: list(tangents, 0, this.#gates),
      S: list(results, 0, 8),
      dSdE: list(results, 8, 8),
      K: list(results, 16, 8),
      charge: [row(results, 24), row(results, 25)],
      kSquare: row(results, 26),
      transmission: row(results, 27),
      delaySquare: row(results, 28),
      defectSquare: row(results, 29),
    };
    this.#integers = this.#kernels.i32(results + 30 * 8 * this.capacity, 2 * this.capacity);
    this.#buffer = buffer;
    return this.#rows;
  }

  /** Sets energy and lead values (single-orbital, W real) of point `index`. */
  setPoint(index: number, energy: number, leads: readonly [LeadValues, LeadValues]): void {
    const { floats } = this.#kernels;
    let at = this.#address.points / 8 + index;
    const put = (value: number) => {
      floats[at] = value;
      at += this.capacity;
    };
    put(energy);
    for (const part of ["selfEnergy", "selfEnergyDerivative"] as const)
      for (let end = 0; end < 2; end++) {
        put(leads[end][part][0] * this.#ends[end]);
        put(leads[end][part][1] * this.#ends[end]);
      }
    for (const part of ["vectors", "vectorDerivatives"] as const)
      for (let end = 0; end < 2; end++)
        put((leads[end].channels ?? 0) > 0 ? (leads[end][part]?.[0] ?? 0) * Math.sqrt(this.#ends[end]) : 0);
    this.#leadEnergy = Number.NaN;
  }

  /** The same energy and lead values for all points. */
  setAllPoints(energy: number, leads: (energy: number) => readonly [LeadValues, LeadValues]): void {
    if (energy === this.#leadEnergy) return;
    this.setPoint(0, energy, leads(energy));
    const { floats } = this.#kernels;
    const first = this.#address.points / 8;
    for (let row = 0; row < pointRows; row++) {
      const at = first + row * this.capacity;
      floats.fill(floats[at], at, at + this.capacity);
    }
    this.#leadEnergy = energy;
  }

  /** Evaluates the first `count` points; `levels` also counts eigenvalues. Rows of X and of the tangent must be filled. */
  evaluate(count: number, levels: boolean): void {
    const { energy, values, tangents } = this.rows;
    // Whole vectors: the last point fills the rest.
    const padded = Math.min(this.capacity, Math.ceil(count / 4) * 4);
    let growth = this.#bound.onsite;
    let largest = 0;
    for (let j = 0; j < count; j++) largest = Math.max(largest, Math.abs(energy[j]));
    growth += largest * this.#bound.weight;
    for (let nu = 0; nu < this.#gates; nu++) {
      const row = values[nu];
      for (let j = count; j < padded; j++) {
        row[j] = row[count - 1];
        tangents[nu][j] = tangents[nu][count - 1];
      }
      if (this.#bound.gates[nu] === 0) continue;
      largest = 0;
      for (let j = 0; j < count; j++) largest = Math.max(largest, Math.abs(row[j]));
      growth += largest * this.#bound.gates[nu];
    }
    if (padded > count && Number.isNaN(this.#leadEnergy)) this.#repeatPoint(count, padded);
    this.#kernels.calls.zchain(this.#start, padded, growth, levels);
  }

  #repeatPoint(count: number, padded: number): void {
    const { floats } = this.#kernels;
    for (let row = 0; row < pointRows; row++) {
      const at = this.#address.points / 8 + row * this.capacity;
      floats.fill(floats[at + count - 1], at + count, at + padded);
    }
  }

  /** Eigenvalues of H + Re Sigma below the energy, of a point evaluated with `levels`. */
  levelsBelow(index: number): number {
    return this.sites - this.#integers[2 * index];
  }

  release(): void {
    this.#kernels.release(this.#start, this.#bytes);
  }
}
