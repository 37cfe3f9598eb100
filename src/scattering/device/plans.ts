// The factorisations of a device, each compiled when it is first asked for: slices, which answer
// every question, and for a wide device fronts in an order of little fill
// (ordering/nested-dissection.ts, ordering/minimum-degree.ts), which give scattering states at real
// energies in a fraction of the operations. Which of the two is decided by the operations predicted
// for one point, weighted with the measured speed of each. H(X) is written into a plan when the
// plan is asked for, so that one that is not used costs nothing.

import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice } from "../../model/types.js";
import type { PreparedLead } from "../leads/lead.js";
import { degreeOrder, type FrontOrder, frontOperations } from "../ordering/front-order.js";
import { nestedOrder } from "../ordering/nested-dissection.js";
import { type BlockOrder, blockOrder, deviceGraph, leadCliques, mergeBlock } from "../ordering/slices.js";
import { CompiledDevice } from "./compiled.js";
import type { Configuration } from "./configuration.js";
import type { Hamiltonian } from "./hamiltonian.js";

/**
 * What was measured of fronts, for real and for complex devices: the width below which they save
 * too little to pay for their ordering (50 ms for 8,000 orbitals), and the time of an operation of
 * the factors and of the sweeps beside that in a slice, fitted by hand to ribbons of 8 to 200
 * orbitals width with one and four orbitals per site. Real devices were measured in a nested order,
 * complex ones in one of minimum degree.
 */
const REAL_FRONTS = { narrow: 48, factors: 1.3, sweeps: 1.3, rows: 0 };
const COMPLEX_FRONTS = { narrow: 32, factors: 1, sweeps: 0.85, rows: 10 };
/**
 * Elements of H per orbital, its own included, below which a real device is a graph without wide
 * parts, and minimum degree is tried.
 */
const FEW_BONDS = 3.8;
/** Fronts have to save this much, as ordering takes time, too. */
const MARGIN = 0.9;
/**
 * Operations of a point with joined slices: at most this times those of the slices as they were, or
 * what a device of some 600 orbitals takes whole.
 */
const JOINED = 16;
const SMALL = 2.5e8;
/** Leads with a full self-energy on fewer orbitals are left to the separators. */
const WIDE_LEAD = 24;

/**
 * Operations of one point: the inverses, and two rounds of both sweeps with `columns` real columns.
 */
export function sliceOperations({ starts }: BlockOrder, columns: number): number {
  let sum = 0;
  for (let i = 0; i + 1 < starts.length; i++) {
    const m = starts[i + 1] - starts[i];
    sum += m ** 3 + 8 * m ** 2 * columns;
  }
  return sum;
}

export class DevicePlans {
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #matrices: Hamiltonian;
  readonly #leads: PreparedLead[];
  readonly #configuration: Configuration;
  #order!: BlockOrder;
  /** Operations of one point up to which slices are joined. */
  #most = 0;
  #nested: FrontOrder | undefined;
  /** Operations of a point in an order of slices. */
  #counted: { order: BlockOrder; operations: number } | undefined;
  #slices: CompiledDevice | undefined;
  #fronts: CompiledDevice | undefined;
  /** Whether the fronts hold complex numbers. */
  #complex = false;
  /** Plans that hold the configuration in force. */
  readonly #written = new Set<CompiledDevice>();

  /** `configuration` is read when a plan is written. */
  constructor(
    kernels: Kernels,
    device: ResolvedDevice,
    matrices: Hamiltonian,
    leads: PreparedLead[],
    configuration: Configuration,
  ) {
    this.#kernels = kernels;
    this.#device = device;
    this.#matrices = matrices;
    this.#leads = leads;
    this.#configuration = configuration;
    this.order();
  }

  /** Orders the orbitals anew: the pattern of H has grown. */
  order(): void {
    const { leads } = this.#device;
    const graph = deviceGraph(this.#device, this.#matrices.matrices);
    const slices = blockOrder(graph, leads);
    this.release();
    this.#order = slices;
    this.#most = Math.max(JOINED * sliceOperations(slices, 0), SMALL);
    this.#nested = undefined;
    const { fronts } = this.#kernels;
    if (fronts === false || !this.#kernels.shortCut) return;
    const widest = slices.starts.reduce(
      (most, start, i) => Math.max(most, start - (slices.starts[i - 1] ?? 0)),
      0,
    );
    if (fronts !== true && widest < this.#rates.narrow) return;
    // About half of the channels that can be open are so.
    const columns = this.#leads.reduce((sum, { capacity }) => sum + capacity, 0) / 2;
    const cliques = leadCliques(leads).filter(({ length }) => length >= WIDE_LEAD);
    const rates = this.#rates;
    const cost = (order: FrontOrder) => frontOperations(order, columns, rates);
    const orbitals = slices.orbitals.slice().sort();
    const byDegree = () => degreeOrder(graph, orbitals, columns, rates);
    let best: FrontOrder;
    if (!this.#reciprocal) best = byDegree();
    else {
      best = nestedOrder(graph, orbitals, cliques);
      if (graph.columns.length < FEW_BONDS * orbitals.length) {
        const other = byDegree();
        if (cost(other) < cost(best)) best = other;
      }
    }
    if (fronts === true || cost(best) < MARGIN * sliceOperations(slices, columns)) this.#nested = best;
  }

  /** Orders the slices anew; the fronts stay as they are. */
  reorder(slices: BlockOrder): void {
    this.#drop(this.#slices);
    this.#slices = undefined;
    this.#order = slices;
  }

  /**
   * The order with a slice joined to its neighbour; undefined where there is none, or slices would
   * become too wide to be worth it.
   */
  joined(slice: number): BlockOrder | undefined {
    const order = mergeBlock(this.#order, slice);
    return order && sliceOperations(order, 0) <= this.#most ? order : undefined;
  }

  get blockOrder(): BlockOrder {
    return this.#order;
  }

  /** Operations of one point by the plan that solves it. */
  get operations(): number {
    if (this.#counted?.order === this.#order) return this.#counted.operations;
    const columns = this.#leads.reduce((sum, { capacity }) => sum + capacity, 0);
    const operations = this.#nested
      ? frontOperations(this.#nested, columns / 2, this.#rates)
      : sliceOperations(this.#order, columns);
    this.#counted = { order: this.#order, operations };
    return operations;
  }

  /** Orbitals that take part; the others hang on no lead. */
  get connected(): Uint8Array {
    const connected = new Uint8Array(this.#device.orbitals);
    for (const orbital of this.#order.orbitals) connected[orbital] = 1;
    return connected;
  }

  get #rates() {
    return this.#reciprocal ? REAL_FRONTS : COMPLEX_FRONTS;
  }

  get #reciprocal(): boolean {
    return this.#matrices.real && this.#leads.every(({ symmetric }) => symmetric);
  }

  /** The configuration that the plans hold is not in force any more. */
  forget(): void {
    this.#written.clear();
  }

  /** The plan that answers everything, at the configuration in force. */
  get slices(): CompiledDevice {
    this.#slices ??= this.#compile(this.#order);
    return this.#at(this.#slices);
  }

  /** The plan of fronts where it pays, at the configuration in force; it may decline a point. */
  get fronts(): CompiledDevice | undefined {
    if (!this.#nested || !this.#kernels.shortCut) return undefined;
    const complex = !this.#reciprocal;
    if (this.#fronts && this.#complex !== complex) {
      this.#drop(this.#fronts);
      this.#fronts = undefined;
    }
    this.#complex = complex;
    this.#fronts ??= this.#compile(this.#nested);
    return this.#at(this.#fronts);
  }

  /** Whichever plan there is, for what both hold: the values of H and of the directions. */
  get any(): CompiledDevice {
    return this.fronts ?? this.slices;
  }

  #compile(order: BlockOrder): CompiledDevice {
    const tangent = this.#configuration.tangent !== undefined;
    return new CompiledDevice(
      this.#kernels,
      this.#device,
      this.#matrices,
      this.#leads,
      order,
      tangent,
      this.#complex,
    );
  }

  #at(compiled: CompiledDevice): CompiledDevice {
    if (this.#written.has(compiled)) return compiled;
    const { values, tangent } = this.#configuration;
    compiled.writeHamiltonian(values);
    if (tangent || !this.#matrices.linear) compiled.writeDirections(tangent);
    compiled.plan.symmetric = this.#reciprocal;
    this.#written.add(compiled);
    return compiled;
  }

  #drop(compiled: CompiledDevice | undefined): void {
    if (!compiled) return;
    compiled.plan.release();
    this.#written.delete(compiled);
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#drop(this.#slices);
    this.#drop(this.#fronts);
    this.#slices = undefined;
    this.#fronts = undefined;
  }
}
