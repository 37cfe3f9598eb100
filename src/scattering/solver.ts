// A device compiled once and asked at many configurations and energies: the PointSolver of the kernels. configure() writes H(X) on the
// pattern; each question is one kernel call. Leads are evaluated once per energy and kept (LeadStore); arrays and views are reused, so
// that a call leaves nothing behind. Wide real devices are asked by fronts first (device-plans.ts), which may decline a point.
// Where a slice's Schur complement is exactly singular (a dark state of the part eliminated so far) the slice is merged with its
// neighbour, which pivots across both, and the point is solved again: delayed pivoting, slice by slice, without hidden imaginary parts.

import type { Kernels } from "../engine/kernels.js";
import { NumericalError } from "../model/errors.js";
import type { ResolvedDevice } from "../model/types.js";
import { chainBatch, type PointBatch } from "./chain.js";
import type { CompiledDevice } from "./compiled.js";
import { DeviceLeads } from "./device-leads.js";
import { DevicePlans } from "./device-plans.js";
import { dotBatch } from "./dots.js";
import { Hamiltonian } from "./hamiltonian.js";
import { isolatedForce, isolatedParameters } from "./isolated.js";
import { type BlockOrder, mergeBlock } from "./pattern.js";
import {
  type DerivativePoint,
  type EnergyBudget,
  emptyPoint,
  type PointOptions,
  type PointSolver,
  REFINED_COST,
  type ScatteringPoint,
} from "./point.js";
import { RefinedScattering } from "./refined-point.js";
import { SpectralTraces } from "./spectral-traces.js";

/** Where levels are counted if one lies at the energy, in units of the device's energies from it. */
const BESIDE = [1e-14, -1e-13, 1e-12, -1e-11];

export class KernelSolver implements PointSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  directions: number;
  budget: EnergyBudget | undefined;
  /** True once slices were merged for a singular point: later points round differently than before. */
  merged = false;
  /** With a tangent: many points at once, if the device is a chain, or small and dense. */
  readonly batch: PointBatch | undefined;
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #leads: DeviceLeads;
  readonly #matrices: Hamiltonian;
  readonly #point: ScatteringPoint;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array | undefined;
  readonly #traces: { lambda: Float64Array; green: Float64Array; curl: Float64Array };
  readonly #plans: DevicePlans;
  /** The plan that answered last. */
  #compiled: CompiledDevice;
  /** Whether each parameter acts on orbitals without a path to a lead. */
  #isolated: boolean[] = [];
  /** For a large dense device with a tangent: traces of G from the levels, which are known for the configuration in force if `diagonal`. */
  #spectral: SpectralTraces | undefined;
  #diagonal = false;
  /** Of the configuration in force, made when first asked for. */
  #refined: RefinedScattering | undefined;

  /** `tangent`: one direction, set by configure, instead of one per parameter. */
  constructor(kernels: Kernels, device: ResolvedDevice, tangent: boolean) {
    this.#kernels = kernels;
    this.#device = device;
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = device.leads.map((lead) => lead.kind === "probe");
    this.directions = tangent ? 1 : device.parameters.length;
    this.#values = new Float64Array(device.parameters.length);
    this.#tangent = tangent ? new Float64Array(device.parameters.length) : undefined;
    this.#leads = new DeviceLeads(kernels, device.leads);
    const pairs = (this.directions * (this.directions - 1)) / 2;
    this.#traces = {
      lambda: new Float64Array(this.directions),
      green: new Float64Array(2 * this.directions),
      curl: new Float64Array(2 * pairs),
    };
    this.#matrices = new Hamiltonian(device);
    this.#matrices.evaluate(this.#values);
    this.#plans = new DevicePlans(
      kernels,
      device,
      this.#matrices,
      this.#leads.prepared,
      this.#values,
      this.#tangent,
    );
    this.#compiled = this.#plans.any;
    this.#ordered();
    this.#point = emptyPoint(this.#leads.capacity);
    this.batch = tangent
      ? (chainBatch(kernels, device, this.#leads.prepared) ?? dotBatch(kernels, device))
      : undefined;
  }

  /** For a Hamiltonian given as a function: at every X asked for so far. */
  get reciprocal(): boolean {
    return this.#matrices.real && this.#leads.symmetric;
  }

  /** After the plans' order has changed. */
  #ordered(): void {
    this.#isolated = isolatedParameters(this.#device, this.#matrices, this.#plans.connected);
    this.#diagonal = false;
    const { starts } = this.#plans.blockOrder;
    this.#spectral =
      this.#tangent && SpectralTraces.suits(this.#device.orbitals, this.#leads.prepared, starts)
        ? (this.#spectral ?? new SpectralTraces(this.#kernels, this.#device, this.#leads.prepared))
        : undefined;
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#values.set(values);
    if (tangent && this.#tangent) this.#tangent.set(tangent);
    this.#plans.configure();
    this.#refined = undefined;
    if (this.#matrices.evaluate(this.#values)) {
      this.#plans.order();
      this.#ordered();
    }
    this.#diagonal = false;
    this.#compiled = this.#plans.any;
  }

  /** Runs a kernel on the slices until none is singular any more. */
  #run(re: number, im: number, call: () => number): void {
    for (;;) {
      this.#compiled = this.#plans.slices;
      this.#leads.set(re, im, this.#compiled.plan);
      const status = call();
      if (status === 0) return;
      const merged = status > 0 ? mergeBlock(this.#plans.blockOrder, status - 1) : undefined;
      if (!merged) throw this.#singular(re);
      this.#merge(merged);
    }
  }

  #merge(order: BlockOrder): void {
    this.merged = true;
    this.#plans.reorder(order);
    this.#ordered();
  }

  #singular(energy: number): NumericalError {
    return new NumericalError("E - H - Sigma is singular to working accuracy", {
      energy,
      at: Object.fromEntries(this.#device.parameters.map(({ name }, i) => [name, this.#values[i]])),
      condition: this.#compiled.plan.statistics.growth,
      causes: [
        "a bound state that no lead broadens lies at this energy: move the energy by a little",
        "a channel threshold",
      ],
    });
  }

  // The arguments of the kernel call at hand, for closures made once.
  #energy = 0;
  #imaginary = 0;
  #level: -1 | 0 | 1 | 2 = 0;
  readonly #scatter = () => this.#compiled.plan.scatter(this.#energy, this.#level);
  readonly #green = () => this.#compiled.plan.traces(this.#energy, this.#imaginary);
  readonly #twist = () => this.#compiled.plan.curl(this.#energy, this.#imaginary);

  solve(energy: number, options: PointOptions): ScatteringPoint {
    const lorentz = options.lorentz === true && this.directions > 1;
    this.#evaluate(energy, options.firstOrder || lorentz ? 2 : 0);
    const { plan } = this.#compiled;
    const point = this.#point;
    if (lorentz && point.channels > 0 && plan.lorentz() !== 0) throw this.#singular(energy);
    const { views } = plan;
    point.S = views.S;
    point.dSdE = views.dSdE;
    point.K = views.K;
    point.P = views.P;
    point.lorentz = views.lorentz;
    return point;
  }

  solveRefined(energy: number, energyLow: number, options: PointOptions): ScatteringPoint | undefined {
    this.budget?.spend(REFINED_COST);
    const { hamiltonian, derivatives, linear } = this.#matrices;
    const [values, tangent] = [this.#values, this.#tangent];
    const all = (factors: Float64Array) =>
      derivatives.map((matrix, nu) => ({ matrix, factor: factors[nu] })).filter(({ factor }) => factor !== 0);
    this.#refined ??= new RefinedScattering(
      this.#device.orbitals,
      this.#plans.blockOrder.orbitals,
      this.#leads.prepared,
      {
        hamiltonian: [{ matrix: hamiltonian, factor: 1 }, ...(linear ? all(values) : [])],
        directions: tangent ? [all(tangent)] : derivatives.map((matrix) => [{ matrix, factor: 1 }]),
      },
    );
    return this.#refined.solve(energy, energyLow, options.lorentz === true);
  }

  /** S, S' and dS/dX = -i S K of every direction, without the second solve. */
  solveWithDerivatives(energy: number): DerivativePoint {
    this.#evaluate(energy, 1);
    const { plan } = this.#compiled;
    const dS = plan.derivatives();
    const { S, dSdE } = plan.views;
    const { channels, channelLead, unitarityDefect: defect } = this.#point;
    return { channels, channelLead, S, dSdE, dS, unitarityDefect: defect };
  }

  /** S alone: no scattering states inside the device, no derivative. Only S and the channels of the point are valid. */
  solveAlone(energy: number): Pick<ScatteringPoint, "channels" | "channelLead" | "S" | "unitarityDefect"> {
    this.#evaluate(energy, -1);
    this.#point.S = this.#compiled.plan.views.S;
    return this.#point;
  }

  #evaluate(energy: number, level: -1 | 0 | 1 | 2): void {
    this.budget?.spend(1);
    this.#energy = energy;
    this.#level = level;
    if (!this.#byFronts(energy)) this.#run(energy, 0, this.#scatter);
    const point = this.#point;
    point.channels = this.#compiled.plan.channels;
    this.#leads.writeChannels(point.channelLead);
    point.unitarityDefect = this.#compiled.plan.unitarityDefect;
  }

  /** Whether any parameter acts on an isolated piece. */
  protected get hasIsolated(): boolean {
    return this.#isolated.includes(true);
  }

  /** True if there is a plan of fronts and it did not decline the point. */
  #byFronts(energy: number): boolean {
    const { fronts } = this.#plans;
    if (!fronts) return false;
    this.#compiled = fronts;
    this.#leads.set(energy, 0, fronts.plan);
    return this.#scatter() === 0;
  }

  /** Throws InputError if a direction in force acts on an isolated piece of the device (isolated.ts). */
  protected refuseIsolated(): void {
    for (let i = 0; i < this.#isolated.length; i++) {
      if (!this.#isolated[i] || this.#tangent?.[i] === 0) continue;
      throw isolatedForce(this.#device.parameters[i].name);
    }
  }

  traceLambda(): Float64Array {
    this.refuseIsolated();
    const { lambda } = this.#traces;
    const { derivatives } = this.#matrices;
    lambda.fill(0);
    for (let i = 0; i < derivatives.length; i++) {
      const { rows, columns, re } = derivatives[i];
      let sum = 0;
      for (let k = 0; k < rows.length; k++) if (rows[k] === columns[k]) sum += re[k];
      if (this.#tangent) lambda[0] += this.#tangent[i] * sum;
      else lambda[i] = sum;
    }
    return lambda;
  }

  traceGreen(re: number, im: number): Float64Array {
    this.refuseIsolated();
    this.budget?.spend(1);
    if (this.#spectral && this.#tangent) {
      if (!this.#diagonal) this.#spectral.configure(this.#matrices, this.#values, this.#tangent);
      this.#diagonal = true;
      if (this.#spectral.trace(re, im, this.#traces.green)) return this.#traces.green;
    }
    this.#energy = re;
    this.#imaginary = im;
    this.#run(re, im, this.#green);
    return copyFrom(this.#kernels.floats, this.#compiled.plan.tracesAt, this.#traces.green);
  }

  curlGreen(re: number, im: number): Float64Array {
    this.refuseIsolated();
    const { curl } = this.#traces;
    if (curl.length === 0) return curl;
    this.budget?.spend(1);
    this.#energy = re;
    this.#imaginary = im;
    this.#run(re, im, this.#twist);
    return copyFrom(this.#kernels.floats, this.#compiled.plan.curlAt, curl);
  }

  eigenvaluesBelow(energy: number): number {
    this.budget?.spend(1);
    const shifts = BESIDE.values();
    let shifted = energy;
    for (;;) {
      this.#compiled = this.#plans.slices;
      this.#leads.set(shifted, 0, this.#compiled.plan);
      const count = this.#compiled.plan.inertia(shifted);
      if (count >= 0) return count;
      // A level of a leading part: it is joined with its neighbour. One of the whole device: the count just beside it is as good.
      const block = -count - 1;
      const order = this.#plans.blockOrder;
      const joined = block < order.starts.length - 2 ? mergeBlock(order, block) : undefined;
      if (joined) {
        this.#merge(joined);
        continue;
      }
      const { value, done } = shifts.next();
      if (done) break;
      shifted = energy + value * this.energyScale();
    }
    throw new NumericalError("the eigenvalues below the energy cannot be counted", { energy });
  }

  /** Of the leads' energies. */
  protected get leadScale(): number {
    return this.#leads.scale;
  }

  energyScale(): number {
    const { floats } = this.#kernels;
    const { hamiltonian: from, hamiltonianLength } = this.#compiled.plan;
    let size = 0;
    for (let k = from; k < from + hamiltonianLength; k += 2)
      size = Math.max(size, Math.abs(floats[k]) + Math.abs(floats[k + 1]));
    return Math.max(size, this.#leads.scale, 1e-12);
  }

  lambdaScale(): number {
    let most = 0;
    for (let nu = 0; nu < this.directions; nu++) most = Math.max(most, this.#compiled.plan.largestRowSum(nu));
    return most;
  }

  bandEdges(low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY): number[] {
    return this.#leads.edges(low, high);
  }

  /** How the last S was computed: "real" is the short cut of devices without a magnetic field. */
  get path(): "real" | "complex" {
    return this.#compiled.plan.statistics.path;
  }

  /** True if the last S came from fronts in a nested order. */
  get nested(): boolean {
    return this.#compiled === this.#plans.fronts;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.batch?.release();
    this.#plans.release();
    this.#leads.release();
  }
}

function copyFrom(floats: Float64Array, start: number, target: Float64Array): Float64Array {
  for (let k = 0; k < target.length; k++) target[k] = floats[start + k];
  return target;
}
