// The solver of a chain device. The kernel for chains solves points in batches of energies, some
// hundred times faster than slice by slice. The general solver shares the configuration. It answers
// everything else and solves the points at which the S of the chain kernel is not unitary to 1e-12.

import type { ChainInput } from "../../engine/chain/chain.js";
import { ChainPairs } from "../../engine/chain/chain-pairs.js";
import { CAPACITY, type ChainLead, type ChainPoint, ChainPointPlan } from "../../engine/chain/chain-point.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice, ResolvedLead } from "../../model/types.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import type {
  DeviceSolver,
  EnergyBudget,
  LambdaError,
  LeadConnection,
  PairTable,
  PointVisitor,
} from "../contract.js";
import { Configuration } from "../device/configuration.js";
import {
  type DerivativePoint,
  emptyPoint,
  type PointRequest,
  type ScatteringAlone,
  type ScatteringPoint,
  UNITARY,
} from "../point.js";
import type { PointBatch } from "./chain.js";
import { chainLead, realSelfEnergy, writeSelfEnergy } from "./chain-ends.js";
import { KernelSolver } from "./solver.js";

interface Matrices {
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
}

/** Solves a chain; see the contract for its members. */
export class ChainSolver implements DeviceSolver {
  readonly cheapTraces = false;
  /** Answers the questions that the chain kernel cannot, at the same configuration. */
  readonly #general: KernelSolver;
  readonly #configuration: Configuration;
  readonly #plan: ChainPointPlan;
  #tables: readonly [ChainPairs, ChainPairs] | undefined;
  readonly #first: ResolvedLead;
  readonly #second: ResolvedLead;
  /** True if the two leads have the same parameters. */
  readonly #alike: boolean;
  readonly #alone = new Float64Array(1);
  /** Heights im at which the traces of G(re + i im) are computed in one kernel call. */
  #heights: Float64Array = new Float64Array();
  #re = 0;
  readonly #traces: Float64Array;
  readonly #trace: Float64Array;
  readonly #kernels: Kernels;
  readonly #point: ScatteringPoint;
  /** Matrices for points with one open channel and with none. */
  readonly #single: Matrices;
  readonly #empty: Matrices;
  readonly #none: Float64Array[] = [];
  readonly refines = true;
  readonly limits = undefined;
  /**
   * The configuration version that the kernel's plan holds, and whether the plan could represent
   * it.
   */
  #version = Number.NaN;
  #taken = false;

  constructor(kernels: Kernels, device: ResolvedDevice, tangent: boolean, chain: ChainInput) {
    this.#configuration = new Configuration(device.parameters.length, tangent);
    this.#general = new KernelSolver(kernels, device, tangent, this.#configuration);
    this.#plan = new ChainPointPlan(kernels, chain, device.leads.map(chainLead), tangent);
    this.#kernels = kernels;
    this.#traces = new Float64Array(2 * this.directions * CAPACITY);
    this.#trace = new Float64Array(2 * this.directions);
    [this.#first, this.#second] = device.leads;
    const [left, right] = device.leads.map(chainLead);
    this.#alike = (Object.keys(left) as (keyof ChainLead)[]).every((key) => left[key] === right[key]);
    const matrices = (length: number): Matrices => {
      const each = () => Array.from({ length: this.directions }, () => new Float64Array(length));
      return { S: new Float64Array(length), dSdE: new Float64Array(length), K: each(), P: each() };
    };
    this.#single = matrices(2);
    this.#empty = matrices(0);
    this.#point = emptyPoint(2);
  }

  get leads(): string[] {
    return this.#general.leads;
  }

  get probes(): boolean[] {
    return this.#general.probes;
  }

  get directions(): number {
    return this.#general.directions;
  }

  get reciprocal(): boolean {
    return this.#general.reciprocal;
  }

  get operations(): number {
    return this.#general.operations;
  }

  get budget(): EnergyBudget | undefined {
    return this.#general.budget;
  }

  set budget(budget: EnergyBudget | undefined) {
    this.#general.budget = budget;
  }

  forgetMerges(): void {
    this.#general.forgetMerges();
  }

  get merged(): boolean {
    return this.#general.merged;
  }

  get batch(): PointBatch | undefined {
    return this.#general.batch;
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#configuration.set(values, tangent);
  }

  /** The kernel's plan at the configuration in use; undefined if the plan cannot represent it. */
  get #here(): ChainPointPlan | undefined {
    const { version, values, tangent } = this.#configuration;
    if (this.#version !== version) {
      this.#taken = this.#plan.setConfiguration(values, tangent);
      this.#version = version;
    }
    return this.#taken ? this.#plan : undefined;
  }

  solve(energy: number, options: PointRequest): ScatteringPoint {
    let found = this.#point;
    this.#alone[0] = energy;
    this.solveEach(this.#alone, 1, options, (point) => {
      found = point;
    });
    return found;
  }

  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void {
    const { energyDerivative, antisymmetricFriction } = options;
    const plan = antisymmetricFriction && this.directions > 1 ? undefined : this.#here;
    if (!plan) {
      this.#general.solveEach(energies, count, options, visit);
      return;
    }
    for (let from = 0; from < count; from += CAPACITY) {
      const batch = from === 0 ? energies : energies.subarray(from);
      const length = Math.min(count - from, CAPACITY);
      plan.evaluate(batch, length, energyDerivative);
      for (let k = 0; k < length; k++) {
        this.budget?.spend(1);
        const point = this.#read(plan.point(k), energyDerivative);
        visit(point.unitarityDefect <= UNITARY ? point : this.#general.solve(batch[k], options), from + k);
      }
    }
  }

  get refinedEnergies(): number {
    return this.#general.refinedEnergies;
  }

  solveRefined(energy: number, energyLow: number, options: PointRequest): ScatteringPoint | undefined {
    return this.#general.solveRefined(energy, energyLow, options);
  }

  solveAlone(energy: number): ScatteringAlone {
    return this.#general.solveAlone(energy);
  }

  solveWithDerivatives(energy: number): DerivativePoint {
    return this.#general.solveWithDerivatives(energy);
  }

  pairTables(): readonly [PairTable, PairTable] | undefined {
    if (this.directions !== 1) return undefined;
    // The plan is set to the configuration in use before a table is evaluated.
    const open = () => new ChainPairs(this.#kernels, () => this.#here);
    this.#tables ??= [open(), open()];
    return this.#tables;
  }

  get pairs(): boolean {
    return this.#here !== undefined;
  }

  #read(found: ChainPoint, energyDerivative: boolean): ScatteringPoint {
    const point = this.#point;
    const [left, right] = [found.w[0] > 0, found.w[1] > 0];
    // The defect of both channels, open or closed, also reveals a level without broadening.
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
    point.P = energyDerivative ? from.P : this.#none;
    return point;
  }

  eigenvaluesBelow(energy: number): number {
    const plan = this.#here;
    if (!plan) return this.#general.eigenvaluesBelow(energy);
    this.budget?.spend(1);
    return plan.levelsBelow(
      energy,
      realSelfEnergy(this.#first, energy),
      realSelfEnergy(this.#second, energy),
    );
  }

  certainEigenvaluesBelow(energy: number): number | undefined {
    return this.#here ? this.eigenvaluesBelow(energy) : this.#general.certainEigenvaluesBelow(energy);
  }

  traceLambda(): Float64Array {
    const plan = this.#here;
    if (plan?.fixedHoppings && !this.#general.hasIsolated) return plan.lambdaTraces;
    return this.#general.traceLambda();
  }

  readonly #selfEnergies = (k: number, out: Float64Array): void => {
    writeSelfEnergy(this.#first, this.#re, this.#heights[k], out, 0);
    if (this.#alike) out.copyWithin(2, 0, 2);
    else writeSelfEnergy(this.#second, this.#re, this.#heights[k], out, 2);
  };

  traceGreen(re: number, im: number): Float64Array {
    this.#alone[0] = im;
    this.traceGreenEach(re, this.#alone, 1, (traces) => this.#trace.set(traces));
    return this.#trace;
  }

  traceGreenEach(
    re: number,
    im: Float64Array,
    count: number,
    visit: (traces: Float64Array, k: number) => void,
  ): void {
    const plan = this.#here;
    if (!plan || im.subarray(0, count).some((height) => !(height > 0))) {
      this.#general.traceGreenEach(re, im, count, visit);
      return;
    }
    this.#general.refuseIsolated();
    const each = 2 * this.directions;
    this.#re = re;
    for (let from = 0; from < count; from += CAPACITY) {
      this.#heights = im.subarray(from, Math.min(count, from + CAPACITY));
      const batch = this.#heights.length;
      const at = plan.traces(re, this.#heights, batch, this.#selfEnergies);
      for (let k = 0; k < each * batch; k++) this.#traces[k] = this.#kernels.floats[at + k];
      for (let k = 0; k < batch; k++) {
        this.budget?.spend(1);
        visit(this.#traces.subarray(each * k, each * (k + 1)), from + k);
      }
    }
  }

  curlGreen(re: number, im: number): Float64Array {
    return this.#general.curlGreen(re, im);
  }

  energyScale(): number {
    const plan = this.#here;
    return plan ? Math.max(plan.energyScale, this.#general.leadScale, 1e-12) : this.#general.energyScale();
  }

  roundedScale(energy: number): number {
    return this.#general.roundedScale(energy);
  }

  lambdaScale(): number {
    const plan = this.#here;
    return plan?.fixedHoppings ? plan.lambdaScale : this.#general.lambdaScale();
  }

  lambdaError(): LambdaError {
    return this.#general.lambdaError();
  }

  bandEdges(low?: number, high?: number): readonly number[] {
    return this.#general.bandEdges(low, high);
  }

  surfaceLevels(low: number, high: number): number[] {
    return this.#general.surfaceLevels(low, high);
  }

  edgeLow(edge: number): number {
    return this.#general.edgeLow(edge);
  }

  lostAt(energy: number): number {
    return this.#general.lostAt(energy);
  }

  connections(energy: number): LeadConnection[] {
    return this.#general.connections(energy);
  }

  release(): void {
    for (const table of this.#tables ?? []) table.release();
    this.#plan.release();
    this.#general.release();
  }
}

function copyElement(matrix: Float64Array, at: number, target: Float64Array): void {
  target[0] = matrix[at];
  target[1] = matrix[at + 1];
}
