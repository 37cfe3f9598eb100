// The factorisations of a device, each compiled when it is first needed. The slices answer every
// question. A wide device also has fronts in a fill-reducing order (ordering/nested-dissection.ts,
// ordering/minimum-degree.ts), which compute scattering states at real energies with a fraction of
// the operations. The predicted operations of one point, weighted with the measured speed of each
// method, decide between the two. H(X) is written into a plan when the plan is requested, so that
// an unused plan costs nothing.

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
 * Measured constants of fronts for real and for complex devices. `narrow` is the width below which
 * fronts save too little to pay for their ordering (50 ms for 8,000 orbitals). `factors` and
 * `sweeps` are the times of an operation relative to one in a slice. They were fitted by hand to
 * ribbons with a width of 8 to 200 orbitals and one or four orbitals per site. Real devices were
 * measured in a nested-dissection order, complex ones in a minimum-degree order.
 */
const REAL_FRONTS = { narrow: 48, factors: 1.3, sweeps: 1.3, rows: 0 };
const COMPLEX_FRONTS = { narrow: 32, factors: 1, sweeps: 0.85, rows: 10 };
/**
 * Elements of H per orbital, including the diagonal one, below which a real device counts as a
 * graph without wide parts. Minimum degree is then tried as well.
 */
const FEW_BONDS = 3.8;
/**
 * Fronts must cost less than this fraction of the slices, because the ordering takes time as well.
 */
const MARGIN = 0.9;
/**
 * Largest operations of a point with joined slices: JOINED times those of the original slices, or
 * SMALL, the cost of a device of some 600 orbitals as one slice.
 */
const JOINED = 16;
const SMALL = 2.5e8;
/**
 * Smallest lead with a full self-energy that is a separator of its own. Smaller leads are left to
 * the other separators.
 */
const WIDE_LEAD = 24;

/**
 * Operations of one point: the inverses, and two rounds of both sweeps with `columns` real columns.
 */
function sliceOperations({ starts }: BlockOrder, columns: number): number {
  let sum = 0;
  for (let i = 0; i + 1 < starts.length; i++) {
    const m = starts[i + 1] - starts[i];
    sum += m ** 3 + 8 * m ** 2 * columns;
  }
  return sum;
}

/** The factorisations of one device and the choice between them. */
export class DevicePlans {
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #matrices: Hamiltonian;
  readonly #leads: PreparedLead[];
  readonly #configuration: Configuration;
  #order!: BlockOrder;
  /** The same before any slices were joined. */
  #separate!: BlockOrder;
  /** Largest operations of one point up to which slices are joined. */
  #most = 0;
  #nested: FrontOrder | undefined;
  /** The operations of a point, for the order for which they were counted. */
  #counted: { order: BlockOrder; operations: number } | undefined;
  #slices: CompiledDevice | undefined;
  #fronts: CompiledDevice | undefined;
  /** True if the fronts hold complex numbers. */
  #complex = false;
  /** The plans that hold the configuration in use. */
  readonly #written = new Set<CompiledDevice>();

  /** `configuration` is read each time a plan is written. */
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

  /** Computes a new order of the orbitals. It is called when the pattern of H has grown. */
  order(): void {
    const { leads } = this.#device;
    const graph = deviceGraph(this.#device, this.#matrices.matrices);
    const slices = blockOrder(graph, leads);
    this.release();
    this.#order = slices;
    this.#separate = slices;
    this.#most = Math.max(JOINED * sliceOperations(slices, 0), SMALL);
    this.#nested = undefined;
    const { fronts } = this.#kernels;
    if (fronts === false || !this.#kernels.shortCut) return;
    const widest = slices.starts.reduce(
      (most, start, i) => Math.max(most, start - (slices.starts[i - 1] ?? 0)),
      0,
    );
    if (fronts !== true && widest < this.#rates.narrow) return;
    // On average about half of the channels that can be open are open.
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

  /** Replaces the order of the slices. The fronts stay as they are. */
  reorder(slices: BlockOrder): void {
    this.#drop(this.#slices);
    this.#slices = undefined;
    this.#order = slices;
  }

  /**
   * The order with a slice joined to its neighbour. Undefined if there is no neighbour or if the
   * joined slices would cost too much.
   */
  joined(slice: number): BlockOrder | undefined {
    const order = mergeBlock(this.#order, slice);
    return order && sliceOperations(order, 0) <= this.#most ? order : undefined;
  }

  /** The order without joined slices. */
  get separate(): BlockOrder {
    return this.#separate;
  }

  /** The present order of the slices. */
  get blockOrder(): BlockOrder {
    return this.#order;
  }

  /** Predicted operations of one point by the plan that solves it. */
  get operations(): number {
    if (this.#counted?.order === this.#order) return this.#counted.operations;
    const columns = this.#leads.reduce((sum, { capacity }) => sum + capacity, 0);
    const operations = this.#nested
      ? frontOperations(this.#nested, columns / 2, this.#rates)
      : sliceOperations(this.#order, columns);
    this.#counted = { order: this.#order, operations };
    return operations;
  }

  /** One entry per orbital: 1 if it has a path to a lead, else 0. */
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

  /** Marks all plans as out of date after a change of the configuration. */
  forget(): void {
    this.#written.clear();
  }

  /** The plan that answers every question, at the configuration in use. */
  get slices(): CompiledDevice {
    this.#slices ??= this.#compile(this.#order);
    return this.#at(this.#slices);
  }

  /**
   * The plan of fronts at the configuration in use, if fronts are cheaper. It may decline a point.
   */
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

  /** Either plan, for the values of H and of the directions, which both hold. */
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
