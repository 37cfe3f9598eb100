// One configuration of a chain in kernel memory, evaluated at many energies in one call. The table
// is that of assembly/chain/point-plan.ts. setConfiguration makes every hopping positive by a gauge
// transformation and scales it to one, together with H and the Lambda_nu. This happens once per
// configuration, not per energy.
//
// Longer than most files: it contains all calls that use one kernel's table.

import { chainPointConstants, chainPointFields } from "../abi.js";
import type { Kernels } from "../kernels.js";
import { Table } from "../table.js";
import type { ChainInput } from "./chain.js";

const { tableFields, leadFields } = chainPointConstants;
/** Bytes of a vector register. The scalar build only uses half of them. */
const vector = 16;

/** Largest number of energies per kernel call. */
export const CAPACITY = 128;

/**
 * The parameters of a single-orbital lead, from which the kernel computes Sigma and W at each
 * energy.
 */
export interface ChainLead {
  kind: "chain" | "wideband";
  onsite: number;
  /** Moduli of the hopping and of the coupling. */
  hopping: number;
  coupling: number;
  /** Broadening of a wide band. */
  width: number;
}

/**
 * The 2 x 2 results at one energy, with the channels (first lead, second lead). The next point
 * overwrites them.
 */
export interface ChainPoint {
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
  /** Size of the channel vector of either lead; 0 if the lead is closed. */
  w: Float64Array;
}

/** The elements of one Lambda along the chain, and their addresses in kernel memory. */
interface Direction {
  sites: Int32Array;
  bonds: Int32Array;
  siteValues: number;
  bondValues: number;
}

/** A chain at one configuration, in kernel memory. */
export class ChainPointPlan {
  /** Number of sites. */
  readonly sites: number;
  readonly #kernels: Kernels;
  readonly #input: ChainInput;
  readonly #table: Table<(typeof chainPointFields)[number]>;
  #directions: Direction[] = [];
  readonly #tangent: boolean;
  /** H(X) along the chain, with the contributions of all gates, and its scaled weights. */
  readonly #onsite: Float64Array;
  readonly #hopping: Float64Array;
  readonly #weight: Float64Array;
  /** Real and imaginary part of t* / |t| per bond. */
  readonly #phase: Float64Array;
  readonly #movingBonds: boolean;
  readonly #point: ChainPoint;
  readonly #sigma = new Float64Array(4);
  #channelPhase: [number, number] = [1, 0];
  #bound: [weight: number, onsite: number] = [0, 0];
  /** Largest |Re| + |Im| of an element of H, and of a hopping of H. */
  #largest = 0;
  #largestHopping = 0;
  /** Per Lambda without hopping elements: its trace; and the largest element of all. */
  readonly #lambdaTraces: Float64Array;
  #largestLambda = 0;

  /** With `tangent` there is one direction, the sum of all gates; else one per gate. */
  constructor(kernels: Kernels, input: ChainInput, leads: readonly ChainLead[], tangent: boolean) {
    this.#kernels = kernels;
    this.#input = input;
    this.#tangent = tangent;
    const n = input.onsite.length;
    this.sites = n;
    this.#onsite = new Float64Array(n);
    this.#hopping = new Float64Array(2 * (n - 1));
    this.#weight = new Float64Array(n);
    this.#phase = new Float64Array(2 * (n - 1));
    this.#movingBonds = input.gates.some(({ bonds }) => bonds.length > 0);
    const union = (lists: ArrayLike<number>[]) =>
      Int32Array.from([...new Set(lists.flatMap((list) => Array.from(list)))].sort((a, b) => a - b));
    const lists = tangent
      ? [
          {
            sites: union(input.gates.map(({ sites }) => sites)),
            bonds: union(input.gates.map(({ bonds }) => bonds)),
          },
        ]
      : input.gates.map(({ sites, bonds }) => ({ sites: union([sites]), bonds: union([bonds]) }));

    this.#lambdaTraces = new Float64Array(lists.length);
    const matrix = () => new Float64Array(8);
    this.#point = {
      S: matrix(),
      dSdE: matrix(),
      K: lists.map(matrix),
      P: lists.map(matrix),
      w: new Float64Array(2),
    };

    const numbers = 18 + 16 * lists.length;
    const records = vector * (25 + 7 * lists.length) * (Math.floor(n / 80) + 2);
    this.#table = new Table(kernels, chainPointFields, (layout) => {
      const values = {
        n,
        length: 1,
        weight: layout.take(8 * n),
        onsite: layout.take(8 * n),
        leads: layout.take(24 * vector),
        directions: lists.length,
        table: layout.take(4 * tableFields * lists.length),
        u: layout.take(4 * vector * (n + 1)),
        v: layout.take(4 * vector * (n + 1)),
        scales: layout.take(4 * vector * n),
        sums: layout.take(16 * vector),
        out: layout.take(8 * CAPACITY * numbers),
        numbers,
        energies: layout.take(8 * CAPACITY),
        leadTable: layout.take(8 * leadFields * 2),
        uniform: 0,
        bySolutions: lists.every(({ bonds }) => bonds.length === 0) ? 1 : 0,
        sites: layout.take(4 * vector * 128),
        records: layout.take(records),
        cursors: layout.take(4 * lists.length),
        momentSums: layout.take(14 * vector * lists.length),
        hop: layout.take(48 * vector),
        kept: layout.take(vector * numbers),
        traceRows: layout.take(6 * 8 * CAPACITY),
        rowBytes: 8 * CAPACITY,
      };
      this.#directions = lists.map(({ sites, bonds }, index) => {
        const siteList = layout.integers(sites);
        const siteValues = layout.take(8 * sites.length);
        const bondList = layout.integers(bonds);
        const bondValues = layout.take(16 * bonds.length);
        layout.write(values.table + 4 * tableFields * index, [
          sites.length,
          siteList,
          siteValues,
          bonds.length,
          bondList,
          bondValues,
        ]);
        return { sites, bonds, siteValues, bondValues };
      });
      return values;
    });
    kernels
      .f64(this.#table.values.leadTable, 2 * leadFields)
      .set(
        leads.flatMap(({ kind, onsite, hopping, coupling, width }) => [
          kind === "chain" ? 1 : 0,
          onsite,
          hopping,
          coupling,
          width,
        ]),
      );
  }

  /**
   * Computes the gauge and the scaling of the present hoppings. Returns false if a hopping is zero
   * or the scaled numbers leave the range of doubles.
   */
  #scale(): boolean {
    const t = this.#hopping;
    const c2 = this.#weight;
    let [re, im] = [1, 0];
    c2[0] = 1 / Math.hypot(t[0], t[1]);
    for (let i = 0; i + 1 < this.sites; i++) {
      const size = Math.hypot(t[2 * i], t[2 * i + 1]);
      c2[i + 1] = 1 / (c2[i] * size * size);
      // Equal hoppings must remain equal in spite of rounding.
      if (Math.abs(c2[i + 1] * size - 1) < 1e-14) c2[i + 1] = 1 / size;
      if (!(c2[i] > 1e-100 && c2[i] < 1e100 && c2[i + 1] > 1e-100 && c2[i + 1] < 1e100)) return false;
      const [c, s] = [t[2 * i] / size, -t[2 * i + 1] / size];
      this.#phase[2 * i] = c;
      this.#phase[2 * i + 1] = s;
      [re, im] = [re * c - im * s, re * s + im * c];
    }
    this.#channelPhase = [re, im];
    return true;
  }

  /**
   * Sets H(X) and the Lambda_nu. Returns false if the kernel cannot represent this configuration.
   */
  setConfiguration(values: Float64Array, tangent: Float64Array | undefined): boolean {
    const { onsite, hopping, gates } = this.#input;
    const { floats } = this.#kernels;
    const first = Number.isNaN(this.#bound[0]) || this.#bound[0] === 0;
    this.#onsite.set(onsite);
    for (let nu = 0; nu < gates.length; nu++) {
      const { sites, onsite: part } = gates[nu];
      for (let k = 0; k < sites.length; k++) this.#onsite[sites[k]] += values[nu] * part[k];
    }
    if (first || this.#movingBonds) {
      this.#hopping.set(hopping);
      for (let nu = 0; nu < gates.length; nu++) {
        const { bonds, hopping: part } = gates[nu];
        for (let k = 0; k < bonds.length; k++) {
          this.#hopping[2 * bonds[k]] += values[nu] * part[2 * k];
          this.#hopping[2 * bonds[k] + 1] += values[nu] * part[2 * k + 1];
        }
      }
      this.#largestHopping = 0;
      for (let k = 0; k < this.#hopping.length; k += 2)
        this.#largestHopping = Math.max(
          this.#largestHopping,
          Math.abs(this.#hopping[k]) + Math.abs(this.#hopping[k + 1]),
        );
      if (!this.#scale()) {
        this.#bound = [Number.NaN, Number.NaN];
        return false;
      }
      const even = this.#weight.every((weight) => weight === this.#weight[0]);
      this.#table.set("uniform", even ? 1 : 0);
    }
    const [w, h] = [this.#table.values.weight / 8, this.#table.values.onsite / 8];
    let [mostW, mostH] = [0, 0];
    this.#largest = this.#largestHopping;
    for (let i = 0; i < this.sites; i++) {
      const scaled = this.#onsite[i] * this.#weight[i];
      this.#largest = Math.max(this.#largest, Math.abs(this.#onsite[i]));
      floats[w + i] = this.#weight[i];
      floats[h + i] = scaled;
      mostW = Math.max(mostW, this.#weight[i]);
      mostH = Math.max(mostH, Math.abs(scaled));
    }
    this.#bound = [mostW, mostH];
    if (this.#tangent || first || this.#movingBonds) this.#writeDirections(tangent);
    return true;
  }

  #writeDirections(tangent: Float64Array | undefined): void {
    const { floats } = this.#kernels;
    const { gates } = this.#input;
    // The elements are collected by place in arrays that H no longer needs.
    const [onsite, hopping] = [this.#onsite, this.#hopping];
    this.#largestLambda = 0;
    for (const [index, { sites, bonds, siteValues, bondValues }] of this.#directions.entries()) {
      for (let k = 0; k < sites.length; k++) onsite[sites[k]] = 0;
      for (let k = 0; k < bonds.length; k++) hopping[2 * bonds[k]] = hopping[2 * bonds[k] + 1] = 0;
      const [from, to] = this.#tangent ? [0, gates.length] : [index, index + 1];
      for (let nu = from; nu < to; nu++) {
        const factor = tangent ? tangent[nu] : 1;
        const gate = gates[nu];
        for (let k = 0; k < gate.sites.length; k++) onsite[gate.sites[k]] += factor * gate.onsite[k];
        for (let k = 0; k < gate.bonds.length; k++) {
          hopping[2 * gate.bonds[k]] += factor * gate.hopping[2 * k];
          hopping[2 * gate.bonds[k] + 1] += factor * gate.hopping[2 * k + 1];
        }
      }
      this.#lambdaTraces[index] = 0;
      for (let k = 0; k < sites.length; k++) {
        const element = onsite[sites[k]];
        floats[siteValues / 8 + k] = element * this.#weight[sites[k]];
        this.#lambdaTraces[index] += element;
        this.#largestLambda = Math.max(this.#largestLambda, Math.abs(element));
      }
      for (let k = 0; k < bonds.length; k++) {
        const i = bonds[k];
        const scale = Math.sqrt(this.#weight[i] * this.#weight[i + 1]);
        const [re, im] = [hopping[2 * i] * scale, hopping[2 * i + 1] * scale];
        const [c, s] = [this.#phase[2 * i], this.#phase[2 * i + 1]];
        floats[bondValues / 8 + 2 * k] = re * c - im * s;
        floats[bondValues / 8 + 2 * k + 1] = re * s + im * c;
      }
    }
  }

  /** Largest |Re| + |Im| of an element of H. */
  get energyScale(): number {
    return this.#largest;
  }

  /** Traces of the Lambda_nu, valid if no parameter changes a hopping. */
  get lambdaTraces(): Float64Array {
    return this.#lambdaTraces;
  }

  /** Largest modulus of an element of the Lambda_nu, valid if no parameter changes a hopping. */
  get lambdaScale(): number {
    return this.#largestLambda;
  }

  /**
   * True if no parameter changes a hopping. The scaled values of the leads then only depend on the
   * energy, not on the configuration.
   */
  get fixedHoppings(): boolean {
    return !this.#movingBonds;
  }

  /** Results at the energy with this index in the last evaluation. */
  point(index: number): ChainPoint {
    const { floats, lanes } = this.#kernels;
    const { out, numbers } = this.#table.values;
    const point = this.#point;
    let at = out / 8 + (index - (index % lanes)) * numbers + (index % lanes);
    const read = (matrix: Float64Array) => {
      for (let i = 0; i < matrix.length; i++, at += lanes) matrix[i] = floats[at];
    };
    read(point.S);
    read(point.dSdE);
    for (let d = 0; d < point.K.length; d++) {
      read(point.K[d]);
      read(point.P[d]);
    }
    read(point.w);
    const [re, im] = this.#channelPhase;
    if (re === 1 && im === 0) return point;
    removeChannelPhase(point.S, re, im);
    removeChannelPhase(point.dSdE, re, im);
    for (const matrix of point.K) removeChannelPhase(matrix, re, im);
    for (const matrix of point.P) removeChannelPhase(matrix, re, im);
    return point;
  }

  /**
   * Prepares the segments for energies up to the modulus `largest` and returns the address of the
   * plan.
   */
  prepare(largest: number): number {
    const doublings = Math.log2(largest * this.#bound[0] + this.#bound[1] + 2) + 1;
    this.#table.set("length", Math.max(1, Math.min(64, Math.floor(400 / doublings))));
    return this.#table.start;
  }

  /**
   * Evaluates the first `count` of `energies`, at most CAPACITY. With `energyDerivative` also
   * computes P. The bits of a point do not depend on its neighbours.
   */
  evaluate(energies: Float64Array, count: number, energyDerivative: boolean): void {
    const { floats, lanes, calls } = this.#kernels;
    const at = this.#table.values.energies / 8;
    let largest = 0;
    for (let k = 0; k < count; k++) {
      floats[at + k] = energies[k];
      largest = Math.max(largest, Math.abs(energies[k]));
    }
    // Vectors must be complete: the last energy also fills a lane that would be empty.
    const padded = count + (count % lanes);
    floats[at + padded - 1] = energies[count - 1];
    calls.zchainpoint(this.prepare(largest), padded, energyDerivative);
  }

  /**
   * Computes Tr[Lambda_nu G(z)] at `count` points re + i im[k] with im[k] > 0, at most CAPACITY.
   * Returns the index of the first number in kernel memory; each point has [re, im] of each
   * direction. `leads(k)` writes Sigma of the first and of the second lead at point k.
   */
  traces(re: number, im: Float64Array, count: number, leads: (k: number, out: Float64Array) => void): number {
    const { floats, build, calls } = this.#kernels;
    const [cl, cr] = [this.#weight[0], this.#weight[this.sites - 1]];
    const padded = build === "simd" ? count + (count & 1) : count;
    const sigma = this.#sigma;
    for (let k = 0; k < padded; k++) {
      const point = Math.min(k, count - 1);
      if (k === point) leads(k, sigma);
      const at = this.#table.values.traceRows / 8 + k;
      floats[at] = re;
      floats[at + CAPACITY] = im[point];
      for (let part = 0; part < 4; part++)
        floats[at + (2 + part) * CAPACITY] = sigma[part] * (part < 2 ? cl : cr);
    }
    calls.zchaintraces(this.#table.start, padded);
    return this.#table.values.out / 8;
  }

  /**
   * Number of eigenvalues of H + Re Sigma below the energy. `left` and `right` are Re Sigma of the
   * leads.
   */
  levelsBelow(energy: number, left: number, right: number): number {
    const { zchaincount } = this.#kernels.calls;
    const [first, last] = [left * this.#weight[0], right * this.#weight[this.sites - 1]];
    return this.sites - zchaincount(this.#table.start, energy, first, last);
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#table.release();
  }
}

/**
 * Removes the phase e = re + i im that the gauge has given to the second channel: element (0, 1) is
 * multiplied by e*, element (1, 0) by e.
 */
function removeChannelPhase(matrix: Float64Array, re: number, im: number): void {
  const a = matrix[2];
  const b = matrix[3];
  const c = matrix[4];
  const d = matrix[5];
  matrix[2] = a * re + b * im;
  matrix[3] = b * re - a * im;
  matrix[4] = c * re - d * im;
  matrix[5] = d * re + c * im;
}
