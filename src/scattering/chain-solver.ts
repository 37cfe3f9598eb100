// The solver of a chain: single points by the chain's own kernel, some thirty times faster than slice by slice, and everything else by the
// general solver it extends. A point whose S is not unitary to 1e-12 there is solved by the general one too.

import type { ChainInput } from "../engine/chain.js";
import { type ChainLead, ChainPointPlan } from "../engine/chain-point.js";
import type { Kernels } from "../engine/kernels.js";
import type { ResolvedDevice, ResolvedLead } from "../model/types.js";
import { chainSurfaceGreen } from "./leads-chain.js";
import type { PointOptions, ScatteringPoint } from "./point.js";
import { type DerivativePoint, KernelSolver, unitarityDefect } from "./solver.js";

const UNITARY = 1e-12;

interface Matrices {
  S: Float64Array;
  dSdE: Float64Array;
  K: Float64Array[];
  P: Float64Array[];
}

/** A single-orbital lead as the chain kernel takes it, written into `out`: energies come by the million. */
function setLead(lead: ResolvedLead, energy: number, out: ChainLead): void {
  if (lead.kind !== "chain") {
    const width = lead.kind === "periodic" ? Number.NaN : lead.width.data[0];
    out.sigmaRe = out.dSigmaRe = out.dSigmaIm = out.dw = 0;
    out.sigmaIm = -width / 2;
    out.w = Math.sqrt(width / (2 * Math.PI));
    return;
  }
  const [re, im, dRe, dIm] = chainSurfaceGreen(energy, lead.onsite, lead.hopping);
  const size = Math.abs(lead.coupling);
  const square = size * size;
  const amplitude = Math.sqrt(-im / Math.PI);
  out.sigmaRe = square * re;
  out.sigmaIm = square * im;
  out.dSigmaRe = square * dRe;
  out.dSigmaIm = square * dIm;
  out.w = size * amplitude;
  out.dw = amplitude > 0 ? (-size * dIm) / (2 * Math.PI * amplitude) : 0;
}

const unset = (): ChainLead => ({ sigmaRe: 0, sigmaIm: 0, dSigmaRe: 0, dSigmaIm: 0, w: 0, dw: 0 });

export class ChainSolver extends KernelSolver {
  readonly #plan: ChainPointPlan;
  readonly #first: ResolvedLead;
  readonly #second: ResolvedLead;
  /** Both leads at the energy last asked for. */
  readonly #left = unset();
  readonly #right = unset();
  #leadEnergy = Number.NaN;
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
    this.#plan = new ChainPointPlan(kernels, chain, tangent);
    [this.#first, this.#second] = device.leads;
    this.#values = new Float64Array(device.parameters.length);
    this.#tangent = tangent ? new Float64Array(device.parameters.length) : undefined;
    const matrices = (length: number): Matrices => {
      const each = () => Array.from({ length: this.directions }, () => new Float64Array(length));
      return { S: new Float64Array(length), dSdE: new Float64Array(length), K: each(), P: each() };
    };
    this.#single = matrices(2);
    this.#empty = matrices(0);
    this.#point = {
      channels: 0,
      channelLead: new Int32Array(2),
      S: new Float64Array(),
      dSdE: new Float64Array(),
      K: [],
      P: [],
      lorentz: [],
      unitarityDefect: 0,
    };
    this.#usable = this.#plan.setConfiguration(this.#values, this.#tangent);
  }

  override configure(values: Float64Array, tangent?: Float64Array): void {
    this.#values.set(values);
    if (tangent && this.#tangent) this.#tangent.set(tangent);
    this.#synchronous = false;
    this.#usable = this.#plan.setConfiguration(this.#values, this.#tangent);
  }

  #setLeads(energy: number): void {
    if (energy === this.#leadEnergy) return;
    setLead(this.#first, energy, this.#left);
    setLead(this.#second, energy, this.#right);
    this.#leadEnergy = energy;
  }

  /** The general solver, at the configuration in force. */
  #synchronise(): void {
    if (this.#synchronous) return;
    super.configure(this.#values, this.#tangent);
    this.#synchronous = true;
  }

  override solve(energy: number, options: PointOptions): ScatteringPoint {
    if (this.#usable && !(options.lorentz && this.directions > 1)) {
      this.#setLeads(energy);
      this.#plan.evaluate(energy, this.#left, this.#right, options.firstOrder);
      const point = this.#read(this.#left.w > 0, this.#right.w > 0, options.firstOrder);
      if (point.unitarityDefect <= UNITARY) return point;
    }
    this.#synchronise();
    return super.solve(energy, options);
  }

  #read(left: boolean, right: boolean, firstOrder: boolean): ScatteringPoint {
    const plan = this.#plan;
    const point = this.#point;
    // Both channels' defect, open or not: it also tells a level that nothing broadens.
    point.unitarityDefect = unitarityDefect(plan.S, 2);
    point.channels = (left ? 1 : 0) + (right ? 1 : 0);
    point.channelLead[0] = left ? 0 : 1;
    point.channelLead[1] = 1;
    let from: Matrices = point.channels === 0 ? this.#empty : plan;
    if (point.channels === 1) {
      from = this.#single;
      const at = left ? 0 : 6;
      copyElement(plan.S, at, from.S);
      copyElement(plan.dSdE, at, from.dSdE);
      for (let nu = 0; nu < this.directions; nu++) {
        copyElement(plan.K[nu], at, from.K[nu]);
        copyElement(plan.P[nu], at, from.P[nu]);
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
      this.#setLeads(energy);
      return this.#plan.levelsBelow(energy, this.#left, this.#right);
    }
    this.#synchronise();
    return super.eigenvaluesBelow(energy);
  }

  override solveWithDerivatives(energy: number): DerivativePoint {
    this.#synchronise();
    return super.solveWithDerivatives(energy);
  }

  override traceLambda(): Float64Array {
    this.#synchronise();
    return super.traceLambda();
  }

  override traceGreen(re: number, im: number): Float64Array {
    this.#synchronise();
    return super.traceGreen(re, im);
  }

  override curlGreen(re: number, im: number): Float64Array {
    this.#synchronise();
    return super.curlGreen(re, im);
  }

  override energyScale(): number {
    this.#synchronise();
    return super.energyScale();
  }

  override lambdaScale(): number {
    this.#synchronise();
    return super.lambdaScale();
  }

  override release(): void {
    this.#plan.release();
    super.release();
  }
}

function copyElement(matrix: Float64Array, at: number, target: Float64Array): void {
  target[0] = matrix[at];
  target[1] = matrix[at + 1];
}
