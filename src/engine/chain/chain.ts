// A chain and a batch of points in kernel memory. The table is that of
// assembly/chain/chain-plan.ts. Rows of points are available as views, which are renewed when the
// memory has grown. Only the kernel writes to the workspaces.

import { chainConstants, chainFields } from "../abi.js";
import type { LeadValues } from "../device/lead-store.js";
import type { Kernels } from "../kernels.js";
import { Table } from "../table.js";

const at = chainConstants;
/** Number of input rows of a point: the energy, then the values of both leads. */
const pointRows = at.dWRight + 1;
/** Bytes of a vector register. The scalar build only uses half of them. */
const vector = 16;

/** Elements of dH/dX of one parameter, by site or by bond. */
export interface ChainGate {
  /** The sites that the parameter acts on, and dH/dX of each. */
  sites: ArrayLike<number>;
  onsite: ArrayLike<number>;
  /** The bonds that the parameter acts on, by their left site. */
  bonds: ArrayLike<number>;
  /** Interleaved, <i|dH/dX|i+1>. */
  hopping: ArrayLike<number>;
}

/** The elements of a chain from the first lead to the second. */
export interface ChainInput {
  /** On-site energy of each site. */
  onsite: Float64Array;
  /** Interleaved, <i|H|i+1>. */
  hopping: Float64Array;
  /** The elements of dH/dX of each parameter. */
  gates: ChainGate[];
}

/**
 * Rows over the points of a batch. The caller fills `values` with X and `tangents` with dX/dtheta,
 * and reads the numbers that the integrals over a turn need.
 */
export interface BatchRows {
  /** X, one row per parameter. */
  values: Float64Array[];
  /** dX/dtheta, one row per parameter. */
  tangents: Float64Array[];
  /** -(1/2pi) (S K S^+)_aa summed over the channels of each lead. */
  charge: Float64Array[];
  /** Tr K^2. */
  kSquare: Float64Array;
  /** Transmission into the first lead from the second. */
  transmission: Float64Array;
  /** sum |S'_ab|^2. */
  delaySquare: Float64Array;
  /** Square of the largest element of S^+ S - 1; NaN if the kernel failed. */
  defectSquare: Float64Array;
}

/** The rows of a chain. The channels are (first lead, second lead). */
export interface ChainRows extends BatchRows {
  /** The energy of each point. */
  energy: Float64Array;
  /** S, S' and K row by row, with real and imaginary part of each element: eight rows each. */
  S: Float64Array[];
  dSdE: Float64Array[];
  K: Float64Array[];
}

/**
 * The scaling factors c_i^2 with c_i c_(i+1) |t_i| = 1. Undefined if the hoppings have to be
 * evaluated per point.
 */
function scaling({ onsite, hopping, gates }: ChainInput): Float64Array | undefined {
  if (gates.some(({ bonds }) => bonds.length > 0)) return undefined;
  // Equal hoppings have equal factors.
  const c2 = new Float64Array(onsite.length).fill(1 / Math.hypot(hopping[0], hopping[1]));
  for (let i = 0; i + 1 < onsite.length; i++) {
    const size = Math.hypot(hopping[2 * i], hopping[2 * i + 1]);
    c2[i + 1] = 1 / (c2[i] * size * size);
    // Equal hoppings must remain equal in spite of rounding.
    if (Math.abs(c2[i + 1] * size - 1) < 1e-14) c2[i + 1] = 1 / size;
    // With factors far from one the scaled elements would leave the range of doubles.
    if (!(c2[i + 1] > 1e-100 && c2[i + 1] < 1e100)) return undefined;
  }
  return c2;
}

/** The elements of all gates in the order of their places, as compressed lists. */
function byPlace(places: number, entries: [place: number, gate: number, re: number, im: number][]) {
  const start = new Int32Array(places + 1);
  entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [place] of entries) start[place + 1]++;
  for (let i = 0; i < places; i++) start[i + 1] += start[i];
  return { start, entries };
}

/**
 * The on-site element and the elements of all gates, site by site, for the kernel's loops over one
 * or two gates.
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

/** A chain and a batch of its points in kernel memory. */
export class ChainPlan {
  /** Largest number of points. */
  readonly capacity: number;
  /** Number of sites. */
  readonly sites: number;
  readonly #kernels: Kernels;
  readonly #table: Table<(typeof chainFields)[number]>;
  readonly #gates: number;
  readonly #ends: [number, number];
  /**
   * Bounds for |delta|: the largest weight, the largest |onsite| and the largest element of each
   * gate, all of them scaled.
   */
  readonly #bound: { weight: number; onsite: number; gates: Float64Array };
  #rows!: ChainRows;
  #integers!: Int32Array;
  #buffer: ArrayBufferLike | undefined;
  #leadEnergy = Number.NaN;

  /**
   * Takes kernel memory for `capacity` points (a multiple of four) of a chain of at least two
   * sites.
   */
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
   * Writes the phase that the second lead's channel gets from the gauge that makes fixed hoppings
   * positive: the product of all t* / |t|.
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

  /** Views of all rows, valid until the memory grows. Read this property before each use. */
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

  /** Sets the energy and the lead values (single-orbital leads with real W) of point `index`. */
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

  /** Sets the same energy and lead values for all points. */
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
   * Evaluates the first `count` points. With `levels` it also counts eigenvalues. The rows of X and
   * of the tangent must be filled.
   */
  evaluate(count: number, levels: boolean): void {
    const { energy, values, tangents } = this.rows;
    // Vectors must be complete: copies of the last point fill the rest.
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

  /**
   * Number of eigenvalues of H + Re Sigma below the energy, for a point evaluated with `levels`.
   */
  levelsBelow(index: number): number {
    return this.sites - this.#integers[2 * index];
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#table.release();
  }
}
