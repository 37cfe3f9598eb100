// A device compiled once and asked at many configurations and energies: the PointSolver of the kernels. configure() writes H(X) on the
// pattern; each question is one kernel call. Leads are evaluated once per energy and kept (LeadStore); arrays and views are reused, so
// that a call leaves nothing behind.
// Where a slice's Schur complement is exactly singular (a dark state of the part eliminated so far) the slice is merged with its
// neighbour, which pivots across both, and the point is solved again: delayed pivoting, slice by slice, without hidden imaginary parts.

import type { Kernels } from "../engine/kernels.js";
import { LeadStore } from "../engine/lead-store.js";
import { InputError, NumericalError } from "../model/errors.js";
import { unreachableOrbitals } from "../model/reachability.js";
import type { ResolvedDevice, SparseHermitian } from "../model/types.js";
import { chainBatch, type PointBatch } from "./chain.js";
import { CompiledDevice } from "./compiled.js";
import { dotBatch } from "./dots.js";
import { Hamiltonian } from "./hamiltonian.js";
import { type PreparedLead, prepareLead } from "./leads.js";
import { type BlockOrder, blockOrder, mergeBlock } from "./pattern.js";
import type { PointOptions, PointSolver, ScatteringPoint } from "./point.js";
import { RefinedScattering } from "./refined-point.js";
import { SpectralTraces } from "./spectral-traces.js";

/** Where levels are counted if one lies at the energy, in units of the device's energies from it. */
const BESIDE = [1e-14, -1e-13, 1e-12, -1e-11];

/** A point with dS/dX formed by the kernels; views, valid until the next call, but for dS, which is the caller's. */
export interface DerivativePoint {
  channels: number;
  channelLead: Int32Array;
  S: Float64Array;
  dSdE: Float64Array;
  /** dS/dX_nu of all directions one after the other, channels x channels each. */
  dS: Float64Array;
  unitarityDefect: number;
}

export class KernelSolver implements PointSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  directions: number;
  /** True once slices were merged for a singular point: later points round differently than before. */
  merged = false;
  /** With a tangent: many points at once, if the device is a chain, or small and dense. */
  readonly batch: PointBatch | undefined;
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #prepared: PreparedLead[];
  readonly #stores: LeadStore[];
  readonly #matrices: Hamiltonian;
  readonly #point: ScatteringPoint;
  readonly #edges: number[];
  /** Size of the leads: their band edges and self-energies. */
  readonly #leadScale: number;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array | undefined;
  readonly #traces: { lambda: Float64Array; green: Float64Array; curl: Float64Array };
  #order!: BlockOrder;
  #compiled!: CompiledDevice;
  /** Names of parameters that act on orbitals without a path to a lead. */
  #isolated: boolean[] = [];
  #symmetric = false;
  /** For a large dense device with a tangent: traces of G from the levels, which are known for the configuration in force if `diagonal`. */
  #spectral: SpectralTraces | undefined;
  #diagonal = false;
  /** Of the configuration in force, made when first asked for. */
  #refined: RefinedScattering | undefined;
  /** Open channels of each lead at the energy last asked for. */
  readonly #open: Int32Array;
  #leadRe = Number.NaN;
  #leadIm = 0;

  /** `tangent`: one direction, set by configure, instead of one per parameter. */
  constructor(kernels: Kernels, device: ResolvedDevice, tangent: boolean) {
    this.#kernels = kernels;
    this.#device = device;
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = device.leads.map((lead) => lead.kind === "probe");
    this.directions = tangent ? 1 : device.parameters.length;
    this.#values = new Float64Array(device.parameters.length);
    this.#tangent = tangent ? new Float64Array(device.parameters.length) : undefined;
    this.#prepared = device.leads.map((lead, i) => prepareLead(kernels, lead, `device.leads[${i}]`));
    this.#edges = [...new Set(this.#prepared.flatMap((lead) => lead.edges))].sort((a, b) => a - b);
    this.#leadScale = Math.max(
      this.#edges.reduce((most, edge) => Math.max(most, Math.abs(edge)), 0),
      this.#prepared.reduce((sum, lead) => sum + largestElement(lead.selfEnergyAt(0, 1).selfEnergy), 0),
    );
    this.#open = new Int32Array(device.leads.length);
    const pairs = (this.directions * (this.directions - 1)) / 2;
    this.#traces = {
      lambda: new Float64Array(this.directions),
      green: new Float64Array(2 * this.directions),
      curl: new Float64Array(2 * pairs),
    };
    this.#matrices = new Hamiltonian(device);
    this.#matrices.evaluate(this.#values);
    this.#compile(this.#blockOrder());
    this.#stores = this.#prepared.map(
      ({ orbitals, capacity, constant }) =>
        new LeadStore(kernels, orbitals.length, capacity, constant === true),
    );
    this.#point = {
      channels: 0,
      channelLead: new Int32Array(this.#prepared.reduce((sum, { capacity }) => sum + capacity, 0)),
      S: new Float64Array(),
      dSdE: new Float64Array(),
      K: [],
      P: [],
      lorentz: [],
      unitarityDefect: 0,
    };
    this.#write();
    this.batch = tangent
      ? (chainBatch(kernels, device, this.#prepared) ?? dotBatch(kernels, device))
      : undefined;
  }

  /** For a Hamiltonian given as a function: at every X asked for so far. */
  get reciprocal(): boolean {
    return this.#matrices.real && this.#prepared.every((lead) => lead.symmetric);
  }

  #blockOrder(): BlockOrder {
    return blockOrder(this.#device, this.#matrices.matrices);
  }

  #compile(order: BlockOrder): void {
    this.#compiled?.plan.release();
    this.#order = order;
    const tangent = this.#tangent !== undefined;
    this.#compiled = new CompiledDevice(
      this.#kernels,
      this.#device,
      this.#matrices,
      this.#prepared,
      order,
      tangent,
    );
    this.#leadRe = Number.NaN;
    this.#isolated = this.#isolatedParameters();
    this.#diagonal = false;
    this.#spectral =
      tangent && SpectralTraces.suits(this.#device.orbitals, this.#prepared, order.starts)
        ? (this.#spectral ?? new SpectralTraces(this.#kernels, this.#device, this.#prepared))
        : undefined;
  }

  #isolatedParameters(): boolean[] {
    const { matrices, derivatives } = this.#matrices;
    const isolated = new Uint8Array(this.#device.orbitals);
    if (this.#matrices.linear)
      for (const i of unreachableOrbitals(this.#device.orbitals, matrices, this.#device.leads))
        isolated[i] = 1;
    else
      this.#compiled.connected.forEach((connected, i) => {
        isolated[i] = 1 - connected;
      });
    const touches = ({ rows, columns, re, im }: SparseHermitian) => {
      for (let k = 0; k < rows.length; k++)
        if ((isolated[rows[k]] || isolated[columns[k]]) && (re[k] !== 0 || im[k] !== 0)) return true;
      return false;
    };
    return derivatives.map(touches);
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#values.set(values);
    if (tangent && this.#tangent) this.#tangent.set(tangent);
    if (this.#matrices.evaluate(this.#values)) this.#compile(this.#blockOrder());
    this.#diagonal = false;
    this.#write();
  }

  /** Writes H(X) and the directions into the plan. */
  #write(): void {
    this.#refined = undefined;
    this.#compiled.writeHamiltonian(this.#values);
    if (this.#tangent || !this.#matrices.linear) this.#compiled.writeDirections(this.#tangent);
    this.#symmetric = this.reciprocal;
    this.#compiled.plan.symmetric = this.#symmetric;
  }

  #setLeads(re: number, im: number): void {
    if (re === this.#leadRe && im === this.#leadIm) return;
    const { plan } = this.#compiled;
    let channels = 0;
    for (let i = 0; i < this.#prepared.length; i++) {
      const lead = this.#prepared[i];
      const store = this.#stores[i];
      const [x, y] = lead.constant ? [0, 0] : [re, im];
      const slot = store.find(x, y) ?? store.keep(x, y, im === 0 ? lead.at(re) : lead.selfEnergyAt(re, im));
      store.writeRecord(plan.leadRecord(i), slot);
      this.#open[i] = slot.channels;
      channels += slot.channels;
    }
    plan.channels = channels;
    this.#leadRe = re;
    this.#leadIm = im;
  }

  /** Runs a kernel until no slice is singular any more. */
  #run(re: number, im: number, call: () => number): void {
    for (;;) {
      this.#setLeads(re, im);
      const status = call();
      if (status === 0) return;
      const merged = status > 0 ? mergeBlock(this.#order, status - 1) : undefined;
      if (!merged) throw this.#singular(re);
      this.merged = true;
      this.#compile(merged);
      this.#write();
    }
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
    const { hamiltonian, derivatives, linear } = this.#matrices;
    const [values, tangent] = [this.#values, this.#tangent];
    const all = (factors: Float64Array) =>
      derivatives.map((matrix, nu) => ({ matrix, factor: factors[nu] })).filter(({ factor }) => factor !== 0);
    this.#refined ??= new RefinedScattering(this.#device.orbitals, this.#order.orbitals, this.#prepared, {
      hamiltonian: [{ matrix: hamiltonian, factor: 1 }, ...(linear ? all(values) : [])],
      directions: tangent ? [all(tangent)] : derivatives.map((matrix) => [{ matrix, factor: 1 }]),
    });
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
    this.#energy = energy;
    this.#level = level;
    this.#run(energy, 0, this.#scatter);
    const point = this.#point;
    point.channels = this.#compiled.plan.channels;
    let channel = 0;
    for (let lead = 0; lead < this.#open.length; lead++)
      for (let k = 0; k < this.#open[lead]; k++) point.channelLead[channel++] = lead;
    point.unitarityDefect = unitarityDefect(this.#compiled.plan.views.S, point.channels);
  }

  /**
   * An orbital that no path connects to a lead has no reservoir that would fill it: S does not know it, but the force on it does.
   * Throws InputError if a direction in force acts on one.
   */
  protected refuseIsolated(): void {
    for (let i = 0; i < this.#isolated.length; i++) {
      if (!this.#isolated[i] || this.#tangent?.[i] === 0) continue;
      throw new InputError(
        `device.parameters.${this.#device.parameters[i].name}`,
        "acts on an isolated piece of the device",
        {
          expected: "elements between orbitals that some path connects to a lead",
          found: "elements on orbitals whose filling no lead decides",
          advice: "Connect the piece to a lead, or take it out of the device: its force is undefined.",
        },
      );
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
    this.#energy = re;
    this.#imaginary = im;
    this.#run(re, im, this.#twist);
    return copyFrom(this.#kernels.floats, this.#compiled.plan.curlAt, curl);
  }

  eigenvaluesBelow(energy: number): number {
    const shifts = BESIDE.values();
    let shifted = energy;
    for (;;) {
      this.#setLeads(shifted, 0);
      const count = this.#compiled.plan.inertia(shifted);
      if (count >= 0) return count;
      // A level of a leading part: it is joined with its neighbour. One of the whole device: the count just beside it is as good.
      const block = -count - 1;
      const joined = block < this.#order.starts.length - 2 ? mergeBlock(this.#order, block) : undefined;
      if (joined) {
        this.merged = true;
        this.#compile(joined);
        this.#write();
        continue;
      }
      const { value, done } = shifts.next();
      if (done) break;
      shifted = energy + value * this.energyScale();
    }
    throw new NumericalError("the eigenvalues below the energy cannot be counted", { energy });
  }

  energyScale(): number {
    const { floats } = this.#kernels;
    const { hamiltonian: from, hamiltonianLength } = this.#compiled.plan;
    let size = 0;
    for (let k = from; k < from + hamiltonianLength; k += 2)
      size = Math.max(size, Math.abs(floats[k]) + Math.abs(floats[k + 1]));
    return Math.max(size, this.#leadScale, 1e-12);
  }

  lambdaScale(): number {
    let most = 0;
    for (let nu = 0; nu < this.directions; nu++) most = Math.max(most, this.#compiled.plan.largestRowSum(nu));
    return most;
  }

  bandEdges(): number[] {
    return this.#edges;
  }

  /** How the last S was computed: "real" is the short cut of devices without a magnetic field. */
  get path(): "real" | "complex" {
    return this.#compiled.plan.statistics.path;
  }

  /** Frees the kernel memory. */
  release(): void {
    this.batch?.release();
    this.#compiled.plan.release();
    for (const store of this.#stores) store.release();
  }
}

function copyFrom(floats: Float64Array, start: number, target: Float64Array): Float64Array {
  for (let k = 0; k < target.length; k++) target[k] = floats[start + k];
  return target;
}

/** max |S^+ S - 1|. */
export function unitarityDefect(S: Float64Array, m: number): number {
  let largest = 0;
  for (let a = 0; a < m; a++)
    for (let b = a; b < m; b++) {
      let re = a === b ? -1 : 0;
      let im = 0;
      for (let c = 0; c < m; c++) {
        const p = 2 * (c * m + a);
        const q = 2 * (c * m + b);
        re += S[p] * S[q] + S[p + 1] * S[q + 1];
        im += S[p] * S[q + 1] - S[p + 1] * S[q];
      }
      const size = re * re + im * im;
      // Written so that a NaN is kept.
      if (!(size <= largest)) largest = size;
    }
  return Math.sqrt(largest);
}

function largestElement(matrix: Float64Array): number {
  return matrix.reduce((most, part) => Math.max(most, Math.abs(part)), 0);
}
