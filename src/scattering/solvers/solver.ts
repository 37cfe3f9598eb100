// The general solver of a device with a Hamiltonian. The device is compiled once and then evaluated
// at many configurations and energies. Each question is one kernel call at the configuration in use
// (kernel-calls.ts). sea-traces.ts computes the traces for integrals over filled states, and
// level-count.ts counts levels. Every S has to pass the test of acceptance.ts. If the order of the
// slices has cost too many digits, the refined solver takes over, which pivots row by row.
//
// Longer than most files: it answers every question of the contract, most of them in a few lines.
import type { NumericalError } from "../../base/errors.js";
import type { KernelRequest, PointPath } from "../../engine/device/plan.js";
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
  type SolverLimits,
  solveOneByOne,
} from "../contract.js";
import { Configuration } from "../device/configuration.js";
import { ConfiguredDevice } from "../device/configured-device.js";
import { largestRounded, type RoundedElements, roundedElements } from "../device/hamiltonian.js";
import { DeviceLeads } from "../device/leads.js";
import { type ClosedLead, type ClosedPoint, closePoint } from "../leads/wave-closure.js";
import {
  type DerivativePoint,
  emptyPoint,
  type PointRequest,
  type ScatteringAlone,
  type ScatteringPoint,
} from "../point.js";
import { NODES, RESULTS } from "../refined/system.js";
import { NODE, passes, RESULT, refusal, tolerable, WITHIN_ROUNDING } from "./acceptance.js";
import { chainBatch, type PointBatch } from "./chain.js";
import { dotBatch } from "./dots.js";
import { KernelCalls } from "./kernel-calls.js";
import { levelsBelow } from "./level-count.js";
import { copyOf, errorsOf } from "./readings.js";
import { SeaTraces } from "./sea-traces.js";

/**
 * Energy at which only overlaps are left of the device and its leads, in units of their energies.
 * What is left of H has a relative size of the square of its inverse.
 */
const FAR = 1e10;

/** Solves a device with a Hamiltonian; see the contract for its members. */
export class KernelSolver implements DeviceSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  directions: number;
  budget: EnergyBudget | undefined;
  readonly pairs = false;
  /** What the self-energies of leads that are known at real energies only leave open. */
  readonly limits: SolverLimits | undefined;
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
  readonly #calls: KernelCalls;
  readonly #sea: SeaTraces;
  readonly #point: ScatteringPoint;
  /** The same device with the second reading of approximate leads, at the same configuration. */
  readonly #coarse: KernelSolver | undefined;
  /** True if any orbitals of the device or of a lead overlap. */
  readonly #overlapping: boolean;
  /**
   * The request of the last kernel call, and the resulting point if a lead was taken in wave
   * variables (wave-closure.ts).
   */
  #asked: KernelRequest = "S";
  #closed: ClosedPoint | undefined;

  /**
   * With `tangent` the solver has one direction, which `configure` sets, instead of one per
   * parameter. `configuration` may be shared with another solver that sets it. `coarse` is the
   * second reading of approximate leads.
   */
  constructor(
    kernels: Kernels,
    device: ResolvedDevice,
    tangent: boolean,
    configuration = new Configuration(device.parameters.length, tangent),
    coarse = false,
  ) {
    this.#kernels = kernels;
    this.#device = device;
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = device.leads.map((lead) => !hasReservoir(lead));
    this.directions = tangent ? 1 : device.parameters.length;
    this.#leads = new DeviceLeads(kernels, device, coarse);
    this.#configuration = configuration;
    this.#here = new ConfiguredDevice(kernels, device, this.#leads.prepared, configuration);
    this.#calls = new KernelCalls(this.#leads, this.#here);
    this.#sea = new SeaTraces(
      this.#calls,
      this.directions,
      () => kernels.floats,
      (energy) => this.#refusal(energy),
    );
    this.#point = emptyPoint(this.#leads.capacity);
    this.#overlapping =
      device.overlap !== undefined || device.leads.some((lead) => "overlaps" in lead && lead.overlaps);
    const { prepared } = this.#leads;
    this.#coarse =
      !coarse && prepared.some(({ approximate }) => approximate)
        ? new KernelSolver(kernels, device, tangent, configuration, true)
        : undefined;
    this.limits = prepared.some(({ onAxis }) => onAxis)
      ? {
          source: "a self-energy at real energies",
          completeA: true,
          sea: false,
          antisymmetricFriction: this.directions < 2 || this.reciprocal,
        }
      : undefined;
    this.batch = tangent
      ? (chainBatch(kernels, device, this.#leads.prepared) ?? dotBatch(kernels, device))
      : undefined;
  }

  /** Higher precision does not reduce the errors of approximate leads. */
  get refines(): boolean {
    return this.#coarse === undefined;
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

  get cheapTraces(): boolean {
    return this.#here.spectral !== undefined;
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#configuration.set(values, tangent);
  }

  #refusal(energy: number, condition?: number): NumericalError {
    const { values } = this.#configuration;
    const at = Object.fromEntries(this.#device.parameters.map(({ name }, i) => [name, values[i]]));
    return refusal(energy, at, condition);
  }

  solve(energy: number, options: PointRequest): ScatteringPoint {
    const coarse = this.#coarse && copyOf(this.#coarse.solve(energy, options));
    const point = this.#solve(energy, options);
    if (coarse) point.errors = errorsOf(energy, point, coarse);
    return point;
  }

  #solve(energy: number, options: PointRequest): ScatteringPoint {
    const antisymmetricFriction = options.antisymmetricFriction === true && this.directions > 1;
    const found = this.#evaluate(
      energy,
      options.energyDerivative || antisymmetricFriction ? "all" : "K",
      antisymmetricFriction,
      options.energyLow,
      options.residual?.(energy),
    );
    if (this.#closed || (found && this.#passes(NODE))) return this.#viewed();
    this.budget?.spend(this.refinedEnergies);
    const { refined } = this.#here;
    const point = refined.solve(energy, options.energyLow ?? 0, antisymmetricFriction, NODES);
    const condition = point || !found ? refined.condition(energy) : undefined;
    if (point && point.unitarityDefect <= RESULT && condition! < WITHIN_ROUNDING) return point;
    if (found && tolerable(this.#point.unitarityDefect)) return this.#viewed();
    throw this.#refusal(energy, condition ?? refined.condition(energy));
  }

  solveEach(energies: Float64Array, count: number, options: PointRequest, visit: PointVisitor): void {
    solveOneByOne(this, energies, count, options, visit);
  }

  pairTables(): undefined {}

  get refinedEnergies(): number {
    return refinedCost(this.#device.orbitals);
  }

  solveRefined(energy: number, energyLow: number, options: PointRequest): ScatteringPoint | undefined {
    this.budget?.spend(this.refinedEnergies);
    // Close to a pole of a lead's self-energy the waves keep digits that the doubles of Sigma have
    // lost.
    this.#leads.set(energy, 0, this.#calls.plan, { closable: true });
    if (this.#leads.closures) return undefined;
    const point = this.#here.refined.solve(energy, energyLow, options.antisymmetricFriction === true, NODES);
    // The leads are known in doubles only, so that higher precision does not reduce their error.
    if (point?.reduced) point.reduced.precision += this.lostAt(energy);
    return point;
  }

  /** S, S' and dS/dX = -i S K of every direction, without the second solve for psi'. */
  solveWithDerivatives(energy: number): DerivativePoint {
    // The errors of dS/dX need K, which comes with a whole point only.
    const errors = this.#coarse && this.solve(energy, { energyDerivative: true }).errors;
    const point = this.#derivatives(energy);
    return errors ? { ...point, errors } : point;
  }

  #derivatives(energy: number): DerivativePoint {
    const found = this.#evaluate(energy, "dSdE");
    if (this.#leads.closures) {
      // Closing the point needs K. The kernels return K together with S' for "all" only.
      this.#evaluate(energy, "all");
      return derivativePoint(this.#viewed());
    }
    if (!found || !this.#passes(RESULT)) {
      const other = this.#otherwise(energy, found);
      if (other) return other;
    }
    const { plan } = this.#calls;
    const dS = plan.derivatives();
    const { S, dSdE } = plan.views;
    const { channels, channelLead, unitarityDefect: defect } = this.#point;
    return { channels, channelLead, S, dSdE, dS, unknown: [], unitarityDefect: defect };
  }

  /** S alone, without scattering states inside the device and without derivatives. */
  solveAlone(energy: number): ScatteringAlone {
    const errors = this.#coarse && this.solve(energy, { energyDerivative: false }).errors;
    const point = this.#alone(energy);
    return errors ? { ...point, errors } : point;
  }

  #alone(energy: number): ScatteringAlone {
    const found = this.#evaluate(energy, "S");
    if (this.#closed) return this.#viewed();
    if (!found || !this.#passes(RESULT)) {
      const other = this.#otherwise(energy, found);
      if (other) return other;
    }
    this.#point.S = this.#calls.plan.views.S;
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
    return passes(this.#point.unitarityDefect, this.#calls.plan.residual, most);
  }

  /** The results of the kernels, or the closed point if a lead was taken in wave variables. */
  #viewed(): ScatteringPoint {
    const { views } = this.#calls.plan;
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
  #evaluate(
    energy: number,
    asked: KernelRequest,
    antisymmetricFriction = false,
    energyLow?: number,
    residual?: number,
  ): boolean {
    this.budget?.spend(1);
    this.#asked = asked;
    this.#closed = undefined;
    const point = this.#point;
    point.rounding = undefined;
    if (!this.#calls.scatter(energy, asked, !antisymmetricFriction, energyLow, residual)) return false;
    const { plan } = this.#calls;
    point.channels = plan.channels;
    this.#leads.writeChannels(point.channelLead);
    point.unitarityDefect = plan.unitarityDefect;
    if (this.#leads.closures) this.#close(energy, this.#leads.closures);
    const friction = antisymmetricFriction && point.channels > 0;
    if (friction && plan.antisymmetricFriction() !== 0) return false;
    if (asked === "all") point.rounding = plan.derivativeRounding(friction);
    return true;
  }

  /**
   * Replaces the wave channels of a lead by its own open channels. Throws if that does not give a
   * unitary S.
   */
  #close(energy: number, closures: readonly ClosedLead[]): void {
    const { S, dSdE, K, P } = this.#calls.plan.views;
    const asked = this.#asked;
    const closed = closePoint(this.#kernels, closures, {
      S,
      dSdE: asked === "dSdE" || asked === "all" ? dSdE : undefined,
      K: asked === "S" ? [] : K,
      P: asked === "all" ? P : [],
    });
    const defect = closed ? unitarityDefect(closed.S, closed.channels) : Number.POSITIVE_INFINITY;
    if (!closed || !tolerable(defect)) throw this.#refusal(energy);
    this.#closed = closed;
    this.#point.channels = closed.channels;
    this.#point.unitarityDefect = defect;
  }

  /** True if any parameter acts on an isolated piece of the device. */
  get hasIsolated(): boolean {
    return this.#here.hasIsolated;
  }

  /**
   * Throws InputError if a direction in use acts on an isolated piece of the device (isolated.ts).
   */
  refuseIsolated(): void {
    this.#here.refuseIsolated();
  }

  traceLambda(): Float64Array {
    this.refuseIsolated();
    if (this.limits) return new Float64Array(this.directions);
    if (this.#overlapping) return this.#sea.lambdaFar(FAR * this.energyScale());
    return this.#sea.lambda(this.#configuration);
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
    if (this.limits) return new Float64Array(2 * this.directions);
    this.budget?.spend(1);
    return this.#sea.green(re, im);
  }

  curlGreen(re: number, im: number): Float64Array {
    this.refuseIsolated();
    if (this.limits) return new Float64Array(this.directions * (this.directions - 1));
    if (this.directions > 1) this.budget?.spend(1);
    return this.#sea.curl(re, im);
  }

  eigenvaluesBelow(energy: number): number {
    this.budget?.spend(1);
    return levelsBelow(this.#calls, energy, this.energyScale());
  }

  certainEigenvaluesBelow(energy: number): number | undefined {
    this.budget?.spend(1);
    const count = this.#calls.inertia(energy);
    return count >= 0 ? count : undefined;
  }

  /** The energy scale of the leads: band edges and self-energies. */
  get leadScale(): number {
    return this.#leads.scale;
  }

  /** Scales of the configuration with this version. */
  #scales: { version: number; energy?: number; rounded?: RoundedElements } = { version: Number.NaN };

  get #scalesHere(): { energy?: number; rounded?: RoundedElements } {
    const { version } = this.#configuration;
    if (this.#scales.version !== version) this.#scales = { version };
    return this.#scales;
  }

  energyScale(): number {
    const scales = this.#scalesHere;
    scales.energy ??= this.#largestEnergy();
    return scales.energy;
  }

  #largestEnergy(): number {
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
    const scales = this.#scalesHere;
    const { values } = this.#configuration;
    scales.rounded ??= roundedElements(this.#here.matrices, this.#device.orbitals, values);
    return Math.max(leads, largestRounded(scales.rounded, energy, this.#device.overlap));
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

  edgeLow(edge: number): number {
    return this.#leads.edgeLow(edge);
  }

  lostAt(energy: number): number {
    return this.#leads.lostAt(energy);
  }

  surfaceLevels(low: number, high: number): number[] {
    return this.#leads.surfaceLevels(low, high);
  }

  connections(energy: number): LeadConnection[] {
    if (!this.#leads.prepared.some(({ rotating }) => rotating)) return [];
    const { closures } = this.#leads;
    return this.#leads.prepared.map((_, i) => {
      const waves = closures?.[i].waves;
      if (waves)
        return {
          channels: waves.open,
          rotationOut: waves.rotationOut,
          rotationIn: waves.rotationIn,
          closed: true,
          unphased: waves.unphased,
        };
      const { channels, connection } = this.#leads.rotation(i, energy);
      return { channels, rotationOut: connection?.map((part) => -part), rotationIn: connection };
    });
  }

  forgetMerges(): void {
    this.#calls.separate();
    this.#coarse?.forgetMerges();
  }

  get merged(): boolean {
    return this.#calls.merged;
  }

  /**
   * The method by which the last S was computed. "real" is the method for devices without a
   * magnetic field, "hermitian" the method for all others.
   */
  get path(): PointPath {
    return this.#calls.plan.statistics.path;
  }

  /** Relative residual of the lead columns of the last point. */
  get residual(): number {
    return this.#calls.plan.statistics.residual;
  }

  /** The same before any refinement. */
  get firstResidual(): number {
    return this.#calls.plan.statistics.firstResidual;
  }

  /** True if the last S was computed by fronts. */
  get nested(): boolean {
    return this.#calls.nested;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.batch?.release();
    this.#coarse?.release();
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
