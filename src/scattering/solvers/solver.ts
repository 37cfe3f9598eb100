// The general solver of a device with a Hamiltonian. The device is compiled once and then evaluated
// at many configurations and energies. Each question is one kernel call at the configuration in use
// (configured-device.ts). Leads are evaluated once per energy and stored (LeadStore). Arrays and
// views are reused, so that a call allocates nothing.
//
// Wide devices are first solved by fronts (device/plans.ts), which may decline a point. If the
// Schur complement of a slice is singular (a dark state of the part eliminated so far), the slice
// is merged with its neighbour and the point is solved again with pivoting across both. This is
// delayed pivoting slice by slice, without a hidden imaginary part. Every S has to pass the test of
// gate.ts. If the order of the slices has cost too many digits, the refined solver takes over,
// which pivots row by row.
//
// Longer than most files: it answers every question of the contract, most of them in a few lines.

import { NumericalError } from "../../base/errors.js";
import type { PointPath } from "../../engine/device/plan.js";
import type { Kernels } from "../../engine/kernels.js";
import { hasReservoir } from "../../model/leads/index.js";
import type { ResolvedDevice } from "../../model/types.js";
import { timesMinusI } from "../../numerics/linear-algebra/small-products.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import {
  type DeviceSolver,
  type EnergyBudget,
  type LambdaError,
  type LeadConnection,
  type PointVisitor,
  refinedCost,
  solveOneByOne,
} from "../contract.js";
import type { CompiledDevice } from "../device/compiled.js";
import { Configuration } from "../device/configuration.js";
import { ConfiguredDevice } from "../device/configured-device.js";
import { roundedElement } from "../device/hamiltonian.js";
import { DeviceLeads } from "../device/leads.js";
import { type ClosedLead, type ClosedPoint, closePoint } from "../leads/wave-closure.js";
import type { BlockOrder } from "../ordering/slices.js";
import {
  type DerivativePoint,
  emptyPoint,
  type PointRequest,
  type ScatteringAlone,
  type ScatteringPoint,
} from "../point.js";
import { NODES, RESULTS } from "../refined/system.js";
import { chainBatch, type PointBatch } from "./chain.js";
import { dotBatch } from "./dots.js";
import { NODE, passes, RESULT, refusal, tolerable, WITHIN_ROUNDING } from "./gate.js";

/**
 * Shifts of the energy at which levels are counted if a level lies exactly at the energy, in units
 * of the energy scale of the device.
 */
const BESIDE = [1e-14, -1e-13, 1e-12, -1e-11];

export class KernelSolver implements DeviceSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  directions: number;
  budget: EnergyBudget | undefined;
  readonly pairs = false;
  readonly refines = true;
  readonly limits = undefined;
  /**
   * True once slices were merged for a singular point. Points solved later then round differently.
   */
  merged = false;
  /**
   * Evaluates many points at once, if there is a tangent and the device is a chain or small and
   * dense.
   */
  readonly batch: PointBatch | undefined;
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #leads: DeviceLeads;
  readonly #configuration: Configuration;
  readonly #here: ConfiguredDevice;
  readonly #point: ScatteringPoint;
  readonly #traces: { lambda: Float64Array; green: Float64Array; curl: Float64Array };
  /** The plan that gave the last answer. */
  #compiled: CompiledDevice;

  /**
   * With `tangent` the solver has one direction, which `configure` sets, instead of one per
   * parameter. `configuration` may be shared with another solver that sets it.
   */
  constructor(
    kernels: Kernels,
    device: ResolvedDevice,
    tangent: boolean,
    configuration = new Configuration(device.parameters.length, tangent),
  ) {
    this.#kernels = kernels;
    this.#device = device;
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = device.leads.map((lead) => !hasReservoir(lead));
    this.directions = tangent ? 1 : device.parameters.length;
    this.#leads = new DeviceLeads(kernels, device.leads);
    const pairs = (this.directions * (this.directions - 1)) / 2;
    this.#traces = {
      lambda: new Float64Array(this.directions),
      green: new Float64Array(2 * this.directions),
      curl: new Float64Array(2 * pairs),
    };
    this.#configuration = configuration;
    this.#here = new ConfiguredDevice(kernels, device, this.#leads.prepared, configuration);
    this.#compiled = this.#here.plans.any;
    this.#point = emptyPoint(this.#leads.capacity);
    this.batch = tangent
      ? (chainBatch(kernels, device, this.#leads.prepared) ?? dotBatch(kernels, device))
      : undefined;
  }

  /** For a Hamiltonian given as a function this refers to every X used so far. */
  get reciprocal(): boolean {
    return this.#here.matrices.real && this.#leads.symmetric;
  }

  get operations(): number {
    return this.#leads.prepared.reduce(
      (sum, { operations = 0 }) => sum + operations,
      this.#here.plans.operations,
    );
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#configuration.set(values, tangent);
  }

  /**
   * Runs a kernel on the slices and merges slices until none is singular. Returns false if merging
   * does not succeed or the residual stays large.
   */
  #run(re: number, im: number, call: () => number): boolean {
    for (;;) {
      this.#compiled = this.#here.plans.slices;
      this.#leads.set(re, im, this.#compiled.plan, call === this.#scatter && this.#closable);
      const status = call();
      if (status === 0) return true;
      const joined = status > 0 ? this.#here.plans.joined(status - 1) : undefined;
      if (!joined) return false;
      this.#merge(joined);
    }
  }

  #merge(order: BlockOrder): void {
    this.merged = true;
    this.#here.reorder(order);
  }

  #refusal(energy: number, condition?: number): NumericalError {
    const { values } = this.#configuration;
    const at = Object.fromEntries(this.#device.parameters.map(({ name }, i) => [name, values[i]]));
    return refusal(energy, at, condition);
  }

  // The arguments of the current kernel call, for the closures below, which are created only once.
  #energy = 0;
  #imaginary = 0;
  #level: -1 | 0 | 1 | 2 = 0;
  /**
   * Whether leads may be taken in wave variables at this point, and the resulting point if one was
   * (wave-closure.ts).
   */
  #closable = true;
  #closed: ClosedPoint | undefined;
  readonly #scatter = () => this.#compiled.plan.scatter(this.#energy, this.#level);
  readonly #green = () => this.#compiled.plan.traces(this.#energy, this.#imaginary);
  readonly #twist = () => this.#compiled.plan.curl(this.#energy, this.#imaginary);

  solve(energy: number, options: PointRequest): ScatteringPoint {
    const antisymmetricFriction = options.antisymmetricFriction === true && this.directions > 1;
    const found = this.#evaluate(
      energy,
      options.energyDerivative || antisymmetricFriction ? 2 : 0,
      antisymmetricFriction,
    );
    if (this.#closed || (found && this.#passes(NODE))) return this.#viewed();
    this.budget?.spend(refinedCost(this.#device.orbitals));
    const { refined } = this.#here;
    const point = refined.solve(energy, 0, antisymmetricFriction, NODES);
    const condition = point || !found ? refined.condition(energy) : undefined;
    if (point && point.unitarityDefect <= RESULT && condition! < WITHIN_ROUNDING) return point;
    if (found && tolerable(this.#point.unitarityDefect)) return this.#viewed();
    throw this.#refusal(energy, condition ?? refined.condition(energy));
  }

  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void {
    solveOneByOne(this, energies, count, options, visit);
  }

  pairTables(): undefined {}

  solveRefined(energy: number, energyLow: number, options: PointRequest): ScatteringPoint | undefined {
    this.budget?.spend(refinedCost(this.#device.orbitals));
    // Close to a pole of a lead's self-energy the waves keep digits that the doubles of Sigma have
    // lost.
    this.#leads.set(energy, 0, this.#compiled.plan, true);
    if (this.#leads.closures) return undefined;
    const point = this.#here.refined.solve(energy, energyLow, options.antisymmetricFriction === true, NODES);
    // The leads are known in doubles only, so that higher precision does not reduce their error.
    if (point?.reduced) point.reduced.precision += this.lostAt(energy);
    return point;
  }

  /** S, S' and dS/dX = -i S K of every direction, without the second solve for psi'. */
  solveWithDerivatives(energy: number): DerivativePoint {
    const found = this.#evaluate(energy, 1);
    if (this.#leads.closures) {
      // Closing the point needs K. The kernels return K together with S' at level 2 only.
      this.#evaluate(energy, 2);
      return derivativePoint(this.#viewed());
    }
    if (!found || !this.#passes(RESULT)) {
      const other = this.#otherwise(energy, found);
      if (other) return other;
    }
    const { plan } = this.#compiled;
    const dS = plan.derivatives();
    const { S, dSdE } = plan.views;
    const { channels, channelLead, unitarityDefect: defect } = this.#point;
    return { channels, channelLead, S, dSdE, dS, unknown: [], unitarityDefect: defect };
  }

  /** S alone, without scattering states inside the device and without derivatives. */
  solveAlone(energy: number): ScatteringAlone {
    const found = this.#evaluate(energy, -1);
    if (this.#closed) return this.#viewed();
    if (!found || !this.#passes(RESULT)) {
      const other = this.#otherwise(energy, found);
      if (other) return other;
    }
    this.#point.S = this.#compiled.plan.views.S;
    return this.#point;
  }

  /**
   * Solves a point in higher precision that the kernels did not solve accurately enough. Returns
   * undefined if the point of the kernels has to be accepted, and throws if it cannot be.
   */
  #otherwise(energy: number, found: boolean): DerivativePoint | undefined {
    const { refined } = this.#here;
    const point = refined.solve(energy, 0, false, RESULTS);
    const unitary = point && point.unitarityDefect <= RESULT;
    if (unitary && refined.condition(energy)! < WITHIN_ROUNDING) return derivativePoint(point);
    const dark = refined.besideDarkStates(energy);
    if (dark && dark.unitarityDefect <= RESULT) return derivativePoint(dark);
    // A level that leads see lies closer to the energy than the rounding of the energy. Only S is
    // known.
    if (unitary) return derivativePoint({ ...point, dSdE: undefined, K: point.K.map(() => undefined) });
    if (found && tolerable(this.#point.unitarityDefect)) return undefined;
    throw this.#refusal(energy, refined.condition(energy));
  }

  #passes(most: number): boolean {
    return passes(this.#point.unitarityDefect, this.#compiled.plan.residual, most);
  }

  /** The results of the kernels, or the closed point if a lead was taken in wave variables. */
  #viewed(): ScatteringPoint {
    const { views } = this.#compiled.plan;
    const point = this.#point;
    if (this.#closed) {
      const { S, dSdE, K, P } = this.#closed;
      return Object.assign(point, { S, dSdE, K, P });
    }
    point.S = views.S;
    point.dSdE = views.dSdE;
    point.K = views.K;
    point.P = views.P;
    point.antisymmetricFriction = views.antisymmetricFriction;
    return point;
  }

  /**
   * Solves a point with the kernels. Returns false if the matrix is singular to working accuracy.
   */
  #evaluate(energy: number, level: -1 | 0 | 1 | 2, antisymmetricFriction = false): boolean {
    this.budget?.spend(1);
    this.#energy = energy;
    this.#level = level;
    this.#closable = !antisymmetricFriction;
    this.#closed = undefined;
    if (!this.#byFronts(energy) && !this.#run(energy, 0, this.#scatter)) return false;
    const point = this.#point;
    const { plan } = this.#compiled;
    point.channels = plan.channels;
    this.#leads.writeChannels(point.channelLead);
    point.unitarityDefect = plan.unitarityDefect;
    if (this.#leads.closures) this.#close(this.#leads.closures);
    return !antisymmetricFriction || point.channels === 0 || plan.antisymmetricFriction() === 0;
  }

  /**
   * Replaces the wave channels of a lead by its own open channels. Throws if that does not give a
   * unitary S.
   */
  #close(closures: readonly ClosedLead[]): void {
    const { S, dSdE, K, P } = this.#compiled.plan.views;
    const level = this.#level;
    const closed = closePoint(this.#kernels, closures, {
      S,
      dSdE: level > 0 ? dSdE : undefined,
      K: level < 0 ? [] : K,
      P: level > 1 ? P : [],
    });
    const defect = closed ? unitarityDefect(closed.S, closed.channels) : Number.POSITIVE_INFINITY;
    if (!closed || !tolerable(defect)) throw this.#refusal(this.#energy);
    this.#closed = closed;
    this.#point.channels = closed.channels;
    this.#point.unitarityDefect = defect;
  }

  /** True if any parameter acts on an isolated piece of the device. */
  get hasIsolated(): boolean {
    return this.#here.hasIsolated;
  }

  /** True if there is a plan of fronts and it solved the point. */
  #byFronts(energy: number): boolean {
    const { fronts } = this.#here.plans;
    if (!fronts) return false;
    this.#compiled = fronts;
    this.#leads.set(energy, 0, fronts.plan, this.#closable);
    return this.#scatter() === 0;
  }

  /**
   * Throws InputError if a direction in use acts on an isolated piece of the device (isolated.ts).
   */
  refuseIsolated(): void {
    this.#here.refuseIsolated();
  }

  traceLambda(): Float64Array {
    this.refuseIsolated();
    const { lambda } = this.#traces;
    const { derivatives } = this.#here.matrices;
    const { tangent } = this.#configuration;
    lambda.fill(0);
    for (let i = 0; i < derivatives.length; i++) {
      const { rows, columns, re } = derivatives[i];
      let sum = 0;
      for (let k = 0; k < rows.length; k++) if (rows[k] === columns[k]) sum += re[k];
      if (tangent) lambda[0] += tangent[i] * sum;
      else lambda[i] = sum;
    }
    return lambda;
  }

  traceGreenEach(
    re: number,
    im: Float64Array,
    count: number,
    visit: (traces: Float64Array, k: number) => void,
  ): void {
    for (let k = 0; k < count; k++) visit(this.traceGreen(re, im[k]), k);
  }

  traceGreen(re: number, im: number): Float64Array {
    this.refuseIsolated();
    this.budget?.spend(1);
    if (this.#here.spectral?.trace(re, im, this.#traces.green)) return this.#traces.green;
    this.#energy = re;
    this.#imaginary = im;
    if (!this.#run(re, im, this.#green)) throw this.#refusal(re);
    return copyFrom(this.#kernels.floats, this.#compiled.plan.tracesAt, this.#traces.green);
  }

  curlGreen(re: number, im: number): Float64Array {
    this.refuseIsolated();
    const { curl } = this.#traces;
    if (curl.length === 0) return curl;
    this.budget?.spend(1);
    this.#energy = re;
    this.#imaginary = im;
    if (!this.#run(re, im, this.#twist)) throw this.#refusal(re);
    return copyFrom(this.#kernels.floats, this.#compiled.plan.curlAt, curl);
  }

  eigenvaluesBelow(energy: number): number {
    this.budget?.spend(1);
    const shifts = BESIDE.values();
    let shifted = energy;
    for (;;) {
      this.#compiled = this.#here.plans.slices;
      this.#leads.set(shifted, 0, this.#compiled.plan);
      const count = this.#compiled.plan.inertia(shifted);
      if (count >= 0) return count;
      // If a leading part of the slices has a level at the energy, its slice is joined with its
      // neighbour. If the whole device has, the levels are counted at a slightly shifted energy
      // instead.
      const block = -count - 1;
      const { plans } = this.#here;
      const joined = block < plans.blockOrder.starts.length - 2 ? plans.joined(block) : undefined;
      if (joined) {
        this.#merge(joined);
        continue;
      }
      const { value, done } = shifts.next();
      if (done) break;
      shifted = energy + value * this.energyScale();
    }
    // H + Re Sigma(E) - E may be singular at every E, as for one site of a clean chain. Then Sigma
    // stays at the energy, and only the E that is subtracted is shifted.
    for (const value of BESIDE) {
      this.#leads.set(energy, 0, this.#compiled.plan);
      const count = this.#compiled.plan.inertia(energy + value * this.energyScale());
      if (count >= 0) return count;
    }
    throw new NumericalError("the eigenvalues below the energy cannot be counted", { energy });
  }

  /** The energy scale of the leads: band edges and self-energies. */
  get leadScale(): number {
    return this.#leads.scale;
  }

  energyScale(): number {
    const { floats } = this.#kernels;
    const { hamiltonian: from, hamiltonianLength } = this.#here.plans.any.plan;
    let size = 0;
    for (let k = from; k < from + hamiltonianLength; k += 2)
      size = Math.max(size, Math.abs(floats[k]) + Math.abs(floats[k + 1]));
    return Math.max(size, this.#leads.scale, 1e-12);
  }

  roundedScale(energy: number): number {
    const { prepared, scale } = this.#leads;
    const leads = prepared.every(({ constant }) => constant) ? 0 : scale;
    const { matrices } = this.#here;
    return Math.max(
      leads,
      roundedElement(matrices, this.#device.orbitals, this.#configuration.values, energy),
    );
  }

  lambdaScale(): number {
    const { plan } = this.#here.plans.any;
    let most = this.#here.lambdaAround;
    for (let nu = 0; nu < this.directions; nu++) most = Math.max(most, plan.largestRowSum(nu));
    return most;
  }

  lambdaError(): LambdaError {
    return this.#here.lambdaError;
  }

  bandEdges(low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): readonly number[] {
    return this.#leads.edges(low, high);
  }

  lostAt(energy: number): number {
    return this.#leads.lostAt(energy);
  }

  surfaceLevels(low: number, high: number): number[] {
    return this.#leads.surfaceLevels(low, high);
  }

  connections(energy: number): LeadConnection[] {
    if (!this.#leads.prepared.some(({ turning }) => turning)) return [];
    const { closures } = this.#leads;
    return this.#leads.prepared.map((lead, i) => {
      const waves = closures?.[i].waves;
      if (waves) return { channels: waves.open, turnOut: waves.turnOut, turnIn: waves.turnIn, closed: true };
      const { channels, connection } = lead.at(energy);
      return { channels, turnOut: connection?.map((part) => -part), turnIn: connection };
    });
  }

  /**
   * The method by which the last S was computed. "real" is the method for devices without a
   * magnetic field, "hermitian" the method for all others.
   */
  get path(): PointPath {
    return this.#compiled.plan.statistics.path;
  }

  /** True if the last S was computed by fronts. */
  get nested(): boolean {
    return this.#compiled === this.#here.plans.fronts;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.batch?.release();
    this.#here.release();
    this.#leads.release();
  }
}

/** Forms dS/dX = -i S K for the directions whose K is known. */
function derivativePoint({
  K,
  ...point
}: Omit<DerivativePoint, "dS" | "unknown"> & { K: (Float64Array | undefined)[] }): DerivativePoint {
  const size = 2 * point.channels ** 2;
  const dS = new Float64Array(size * K.length);
  const unknown: number[] = [];
  K.forEach((matrix, nu) => {
    if (matrix) timesMinusI(point.S, matrix, point.channels, dS, nu * size);
    else unknown.push(nu);
  });
  return { ...point, dS, unknown };
}

function copyFrom(floats: Float64Array, start: number, target: Float64Array): Float64Array {
  for (let k = 0; k < target.length; k++) target[k] = floats[start + k];
  return target;
}
