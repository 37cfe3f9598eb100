// The solver of a chain: points by the chain's own kernel, a batch of energies at a time, some hundred times faster than slice by slice, and
// everything else by the general solver it extends. A point whose S is not unitary to 1e-12 there is solved by the general one too.

import type { ChainInput } from "../engine/chain.js";
import { ChainPairs } from "../engine/chain-pairs.js";
import { CAPACITY, type ChainLead, type ChainPoint, ChainPointPlan } from "../engine/chain-point.js";
import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice, ResolvedLead } from "../model/types.js";
import { chainSurfaceGreen, chainSurfaceGreenAt } from "./leads-chain.js";
import {
  type DerivativePoint,
  emptyPoint,
  type PairTable,
  type PointOptions,
  type ScatteringPoint,
  UNITARY,
} from "./point.js";
import { KernelSolver } from "./solver.js";
import { unitarityDefect } from "./unitarity.js";

interface Matrices {
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
}

/** A single-orbital lead as the chain kernel takes it. */
function chainLead(lead: ResolvedLead): ChainLead {
  if (lead.kind === "chain")
    return {
      kind: "chain",
      onsite: lead.onsite,
      hopping: Math.abs(lead.hopping),
      coupling: Math.abs(lead.coupling),
      width: 0,
    };
  const width = lead.kind === "periodic" ? Number.NaN : lead.width.data[0];
  return { kind: "wideband", onsite: 0, hopping: 0, coupling: 0, width };
}

/** Re Sigma. */
function shift(lead: ResolvedLead, energy: number): number {
  if (lead.kind !== "chain") return 0;
  return Math.abs(lead.coupling) ** 2 * chainSurfaceGreen(energy, lead.onsite, lead.hopping)[0];
}

/** Sigma at re + i im, im > 0, as two numbers. */
function selfEnergyAt(lead: ResolvedLead, re: number, im: number, out: Float64Array, at: number): void {
  if (lead.kind !== "chain") {
    out[at] = 0;
    out[at + 1] = lead.kind === "periodic" ? Number.NaN : -lead.width.data[0] / 2;
    return;
  }
  const green = chainSurfaceGreenAt(re, im, lead.onsite, lead.hopping);
  const square = lead.coupling * lead.coupling;
  out[at] = square * green[0];
  out[at + 1] = square * green[1];
}

export class ChainSolver extends KernelSolver {
  readonly #plan: ChainPointPlan;
  #tables: readonly [ChainPairs, ChainPairs] | undefined;
  readonly #first: ResolvedLead;
  readonly #second: ResolvedLead;
  /** Whether the leads are the same. */
  readonly #alike: boolean;
  /** Energies foretold, what they are asked for, how many there are, the next one, and where the kernel's last batch of them begins and ends. */
  #queue = new Float64Array(CAPACITY);
  #queueFirstOrder = false;
  #queued = 0;
  #next = 0;
  #batchFrom = 0;
  #batchTo = 0;
  readonly #alone = new Float64Array(1);
  /** The same for traces of G(re + i im), which are copied. */
  #heights = new Float64Array(CAPACITY);
  #tracesAt = 0;
  #tracesAhead = 0;
  #nextTrace = 0;
  #traceFrom = 0;
  #traceTo = 0;
  #traces = new Float64Array();
  readonly #trace: Float64Array;
  readonly #kernels: Kernels;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array | undefined;
  readonly #point: ScatteringPoint;
  /** Results of one channel where the other lead is closed, and of none. */
  readonly #single: Matrices;
  readonly #empty: Matrices;
  readonly #none: Float64Array[] = [];
  /** Whether the general solver knows X, and whether the kernel can take it. */
  #synchronous = true;
  #usable = false;

  constructor(kernels: Kernels, device: ResolvedDevice, tangent: boolean, chain: ChainInput) {
    super(kernels, device, tangent);
    this.#plan = new ChainPointPlan(kernels, chain, device.leads.map(chainLead), tangent);
    this.#kernels = kernels;
    this.#trace = new Float64Array(2 * this.directions);
    [this.#first, this.#second] = device.leads;
    const [left, right] = device.leads.map(chainLead);
    this.#alike = (Object.keys(left) as (keyof ChainLead)[]).every((key) => left[key] === right[key]);
    this.#values = new Float64Array(device.parameters.length);
    this.#tangent = tangent ? new Float64Array(device.parameters.length) : undefined;
    const matrices = (length: number): Matrices => {
      const each = () => Array.from({ length: this.directions }, () => new Float64Array(length));
      return { S: new Float64Array(length), dSdE: new Float64Array(length), K: each(), P: each() };
    };
    this.#single = matrices(2);
    this.#empty = matrices(0);
    this.#point = emptyPoint(2);
    this.#usable = this.#plan.setConfiguration(this.#values, this.#tangent);
  }

  override configure(values: Float64Array, tangent?: Float64Array): void {
    this.#values.set(values);
    if (tangent && this.#tangent) this.#tangent.set(tangent);
    this.#synchronous = false;
    this.#queued = 0;
    this.#tracesAhead = 0;
    this.#usable = this.#plan.setConfiguration(this.#values, this.#tangent);
  }

  /** The general solver, at the configuration in force. */
  #synchronise(): void {
    if (this.#synchronous) return;
    super.configure(this.#values, this.#tangent);
    this.#synchronous = true;
  }

  prefetch(energies: Float64Array, count: number, { firstOrder, lorentz }: PointOptions): void {
    this.#queued = 0;
    if (!this.#usable || (lorentz && this.directions > 1)) return;
    if (this.#queue.length < count) this.#queue = new Float64Array(2 * count);
    for (let k = 0; k < count; k++) this.#queue[k] = energies[k];
    this.#queued = count;
    this.#next = this.#batchFrom = this.#batchTo = 0;
    this.#queueFirstOrder = firstOrder;
  }

  /** The kernel's results at an energy: foretold, or alone. */
  #evaluated(energy: number, firstOrder: boolean): ChainPoint {
    const foretold =
      this.#next < this.#queued &&
      energy === this.#queue[this.#next] &&
      (this.#queueFirstOrder || !firstOrder);
    if (!foretold) {
      this.#queued = 0;
      this.#alone[0] = energy;
      this.#plan.evaluate(this.#alone, 1, firstOrder);
      return this.#plan.point(0);
    }
    if (this.#next === this.#batchTo) {
      this.#batchFrom = this.#batchTo;
      this.#batchTo = Math.min(this.#queued, this.#batchFrom + CAPACITY);
      const batch = this.#queue.subarray(this.#batchFrom, this.#batchTo);
      this.#plan.evaluate(batch, batch.length, this.#queueFirstOrder);
    }
    return this.#plan.point(this.#next++ - this.#batchFrom);
  }

  override solve(energy: number, options: PointOptions): ScatteringPoint {
    if (this.#usable && !(options.lorentz && this.directions > 1)) {
      this.budget?.spend(1);
      const point = this.#read(this.#evaluated(energy, options.firstOrder), options.firstOrder);
      if (point.unitarityDefect <= UNITARY) return point;
    }
    this.#synchronise();
    return super.solve(energy, options);
  }

  pairTables(): readonly [PairTable, PairTable] | undefined {
    if (this.directions !== 1) return undefined;
    const open = () => new ChainPairs(this.#kernels, this.#plan);
    this.#tables ??= [open(), open()];
    return this.#tables;
  }

  get pairs(): boolean {
    return this.#usable;
  }

  #read(found: ChainPoint, firstOrder: boolean): ScatteringPoint {
    const point = this.#point;
    const [left, right] = [found.w[0] > 0, found.w[1] > 0];
    // Both channels' defect, open or not: it also tells a level that nothing broadens.
    point.unitarityDefect = unitarityDefect(found.S, 2);
    point.channels = (left ? 1 : 0) + (right ? 1 : 0);
    point.channelLead[0] = left ? 0 : 1;
    point.channelLead[1] = 1;
    let from: Matrices = point.channels === 0 ? this.#empty : found;
    if (point.channels === 1) {
      from = this.#single;
      const at = left ? 0 : 6;
      copyElement(found.S, at, from.S);
      copyElement(found.dSdE, at, from.dSdE);
      for (let nu = 0; nu < this.directions; nu++) {
        copyElement(found.K[nu], at, from.K[nu]);
        copyElement(found.P[nu], at, from.P[nu]);
      }
    }
    point.S = from.S;
    point.dSdE = from.dSdE;
    point.K = from.K;
    point.P = firstOrder ? from.P : this.#none;
    return point;
  }

  override eigenvaluesBelow(energy: number): number {
    if (this.#usable) {
      this.budget?.spend(1);
      return this.#plan.levelsBelow(energy, shift(this.#first, energy), shift(this.#second, energy));
    }
    this.#synchronise();
    return super.eigenvaluesBelow(energy);
  }

  override solveWithDerivatives(energy: number): DerivativePoint {
    this.#synchronise();
    return super.solveWithDerivatives(energy);
  }

  override traceLambda(): Float64Array {
    if (this.#usable && this.#plan.fixedHoppings && !this.hasIsolated) return this.#plan.lambdaTraces;
    this.#synchronise();
    return super.traceLambda();
  }

  prefetchTraces(re: number, im: Float64Array, count: number): void {
    if (this.#heights.length < count) this.#heights = new Float64Array(2 * count);
    for (let k = 0; k < count; k++) this.#heights[k] = im[k];
    this.#tracesAt = re;
    this.#tracesAhead = count;
    this.#nextTrace = this.#traceFrom = this.#traceTo = 0;
  }

  readonly #selfEnergies = (k: number, out: Float64Array): void => {
    const im = this.#heights[this.#traceFrom + k];
    selfEnergyAt(this.#first, this.#tracesAt, im, out, 0);
    if (this.#alike) out.copyWithin(2, 0, 2);
    else selfEnergyAt(this.#second, this.#tracesAt, im, out, 2);
  };

  override traceGreen(re: number, im: number): Float64Array {
    if (!this.#usable || !(im > 0)) {
      this.#synchronise();
      return super.traceGreen(re, im);
    }
    this.refuseIsolated();
    this.budget?.spend(1);
    const foretold =
      this.#nextTrace < this.#tracesAhead && re === this.#tracesAt && im === this.#heights[this.#nextTrace];
    if (!foretold) {
      this.#heights[0] = im;
      this.#tracesAt = re;
      this.#tracesAhead = 1;
      this.#nextTrace = this.#traceFrom = this.#traceTo = 0;
    }
    if (this.#nextTrace === this.#traceTo) {
      this.#traceFrom = this.#traceTo;
      this.#traceTo = Math.min(this.#tracesAhead, this.#traceFrom + CAPACITY);
      const batch = this.#heights.subarray(this.#traceFrom, this.#traceTo);
      const at = this.#plan.traces(re, batch, batch.length, this.#selfEnergies);
      const numbers = 2 * this.directions * batch.length;
      if (this.#traces.length < numbers) this.#traces = new Float64Array(2 * numbers);
      const { floats } = this.#kernels;
      for (let k = 0; k < numbers; k++) this.#traces[k] = floats[at + k];
    }
    const from = 2 * this.directions * (this.#nextTrace++ - this.#traceFrom);
    for (let k = 0; k < this.#trace.length; k++) this.#trace[k] = this.#traces[from + k];
    return this.#trace;
  }

  override curlGreen(re: number, im: number): Float64Array {
    this.#synchronise();
    return super.curlGreen(re, im);
  }

  override energyScale(): number {
    if (this.#usable) return Math.max(this.#plan.energyScale, this.leadScale, 1e-12);
    this.#synchronise();
    return super.energyScale();
  }

  override lambdaScale(): number {
    if (this.#usable && this.#plan.fixedHoppings) return this.#plan.lambdaScale;
    this.#synchronise();
    return super.lambdaScale();
  }

  override release(): void {
    for (const table of this.#tables ?? []) table.release();
    this.#plan.release();
    super.release();
  }
}

function copyElement(matrix: Float64Array, at: number, target: Float64Array): void {
  target[0] = matrix[at];
  target[1] = matrix[at + 1];
}
