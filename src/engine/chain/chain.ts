// A chain and a batch of points in kernel memory; the table of assembly/chain/chain-plan.ts. Rows
// of points are lent out as views, refreshed when the memory has grown; workspaces are written by
// the kernel alone.

import { chainConstants, chainFields } from "../abi.js";
import type { LeadValues } from "../device/lead-store.js";
import type { Kernels } from "../kernels.js";
import { Table } from "../table.js";

const at = chainConstants;
/** Rows of a point: energy, then the values of both leads. */
const pointRows = at.dWRight + 1;
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

/**
 * Rows over the points of a batch: X and dX/dtheta go in, what the integrals over a turn need comes
 * out.
 */
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

/**
 * Scalings c_i^2 with c_i c_(i+1) |t_i| = 1, or undefined where the hoppings must be evaluated per
 * point.
 */
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

/**
 * On-site element and the elements of all gates, site by site, for the kernel's loops over one or
 * two gates.
 */
function siteTable(
  onsite: Float64Array,
  { entries }: ReturnType<typeof byPlace>,
  gates: number,
): Float64Array {
  const width = gates + 1;
  const table = new Float64Array(width * onsite.length);
  onsite.forEach((value, i) => {
    table[width * i] = value;
  });
  for (const [i, gate, value] of entries) table[width * i + 1 + gate] += value;
  return table;
}

export class ChainPlan {
  readonly capacity: number;
  readonly sites: number;
  readonly #kernels: Kernels;
  readonly #table: Table<(typeof chainFields)[number]>;
  readonly #gates: number;
  readonly #ends: [number, number];
  /**
   * Bounds of |delta|: largest weight, largest |onsite|, and largest element of each gate, all
   * scaled.
   */
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
      uniform && c2 && this.#gates > 0 && this.#gates <= 2 ? siteTable(onsite, site, this.#gates) : undefined;

    this.#table = new Table(kernels, chainFields, (layout) => ({
      n,
      uniform: uniform ? 1 : 0,
      hoppings: c2 ? 0 : 1,
      rowBytes,
      onsite: layout.floats(onsite),
      weight: layout.floats(weight),
      siteStart: layout.integers(site.start),
      siteRow: layout.integers(site.entries.map(([, gate]) => gate * rowBytes)),
      siteValue: layout.floats(site.entries.map(([, , re]) => re)),
      hopping: layout.floats(input.hopping),
      bondStart: layout.integers(bond.start),
      bondRow: layout.integers(bond.entries.map(([, gate]) => gate * rowBytes)),
      bondValue: layout.floats(bond.entries.flatMap(([, , re, im]) => [re, im])),
      points: layout.take(pointRows * rowBytes),
      values: layout.take(this.#gates * rowBytes),
      tangents: layout.take(this.#gates * rowBytes),
      results: layout.take(at.resultRows * rowBytes),
      delta: layout.take(2 * vector * n),
      lambda: layout.take(2 * vector * n),
      bonds: layout.take(c2 ? 0 : 8 * vector * n),
      u: layout.take(4 * vector * (n + 1)),
      v: layout.take(4 * vector * (n + 1)),
      powers: layout.take(4 * vector * (n + 2)),
      reach: layout.take(4 * vector * (n + 2)),
      phase: layout.take(4 * vector),
      sums: layout.take(8 * vector),
      scratch: layout.take(64 * vector),
      moments: layout.take(20 * vector * (Math.floor(n / 80) + 2)),
      kept: layout.take(64 * at.resultRows),
      tableGates: table ? this.#gates : 0,
      table: layout.floats(table ?? []),
      segment: layout.take(2 * vector * 128),
    }));
    this.#writePhase(input.hopping);
  }

  /**
   * The gauge that makes fixed hoppings positive turns the second lead's channel by the product of
   * t* / |t|.
   */
  #writePhase(hopping: Float64Array): void {
    let [re, im] = [1, 0];
    for (let i = 0; i + 1 < this.sites; i++) {
      const size = Math.hypot(hopping[2 * i], hopping[2 * i + 1]) || 1;
      const [c, s] = [hopping[2 * i] / size, -hopping[2 * i + 1] / size];
      [re, im] = [re * c - im * s, re * s + im * c];
    }
    const lanes = 2 * this.#kernels.lanes;
    this.#kernels
      .f64(this.#table.values.phase, 2 * lanes)
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
    const { points, values, tangents, results } = this.#table.values;
    this.#rows = {
      energy: row(points, 0),
      values: list(values, 0, this.#gates),
      tangents: list(tangents, 0, this.#gates),
      S: list(results, at.s, 8),
      dSdE: list(results, at.dS, 8),
      K: list(results, at.k, 8),
      charge: [row(results, at.charge), row(results, at.charge + 1)],
      kSquare: row(results, at.kSquare),
      transmission: row(results, at.transmission),
      delaySquare: row(results, at.delaySquare),
      defectSquare: row(results, at.defectSquare),
    };
    this.#integers = this.#kernels.i32(results + at.levelsAbove * 8 * this.capacity, 2 * this.capacity);
    this.#buffer = buffer;
    return this.#rows;
  }

  /** Sets energy and lead values (single-orbital, W real) of point `index`. */
  setPoint(index: number, energy: number, leads: readonly [LeadValues, LeadValues]): void {
    const { floats } = this.#kernels;
    let place = this.#table.values.points / 8 + index;
    const put = (value: number) => {
      floats[place] = value;
      place += this.capacity;
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
    const first = this.#table.values.points / 8;
    for (let row = 0; row < pointRows; row++) {
      const from = first + row * this.capacity;
      floats.fill(floats[from], from, from + this.capacity);
    }
    this.#leadEnergy = energy;
  }

  /**
   * Evaluates the first `count` points; `levels` also counts eigenvalues. Rows of X and of the
   * tangent must be filled.
   */
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
    this.#kernels.calls.zchain(this.#table.start, padded, growth, levels);
  }

  #repeatPoint(count: number, padded: number): void {
    const { floats } = this.#kernels;
    for (let row = 0; row < pointRows; row++) {
      const from = this.#table.values.points / 8 + row * this.capacity;
      floats.fill(floats[from + count - 1], from + count, from + padded);
    }
  }

  /** Eigenvalues of H + Re Sigma below the energy, of a point evaluated with `levels`. */
  levelsBelow(index: number): number {
    return this.sites - this.#integers[2 * index];
  }

  release(): void {
    this.#table.release();
  }
}
