// The integrand of a turn: charges per lead and, if asked for, friction, conductance and channels
// per angle, from one point at mu or from the average over energies; what its rounding and its
// energy integrals leave open; and the sums of it over a grid of angles. Chains, and small dense
// devices, are evaluated in batches of nodes at T = 0; a node whose S is not unitary to 1e-12 there
// is evaluated again by the solver.
// Longer than most files: cold, warm and probed turns share one sum over the nodes.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { lazily } from "../../base/lazily.js";
import { evaluateCycleInto } from "../../model/cycle.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import { frictionDivergences, refuseDivergentTurn } from "../energy/divergence.js";
import { stateCount } from "../energy/state-count.js";
import { ThermalAverage } from "../energy/thermal-average.js";
import { PumpProbes } from "../probes/linear.js";
import { addCharges, addMotor } from "../pump/emissivity.js";
import { LEAST_SCALE, type PumpOptions } from "../pump/options.js";
import { TurnBatch } from "./batch.js";

/** Rounding of an energy relative to the largest ones that it is the difference of. */
const ROUNDING = 2 ** -53;
/** Rounding of energies below this part of the width of a resonance is not looked at. */
const NEGLIGIBLE = 1e-12;
/** No charge is claimed to be known better than this part of a particle. */
const LEAST_ERROR = 8 * ROUNDING;
/**
 * The part of the rounding of some hundred independent nodes that adds up: three times what was
 * found where the charge is zero by symmetry.
 */
const ADDING_UP = 1 / 2;

export class TurnIntegrand {
  readonly solver: ScatteringSolver;
  /** mu. */
  readonly energy: number;
  readonly leads: number;
  readonly components: number;
  /** Groups of components that share a scale: all charges, then each of the others. */
  readonly groups: readonly number[];
  readonly batch: TurnBatch | undefined;
  /**
   * Sums over the grid: the integrand, its absolute value, its largest absolute value; and what
   * each group leaves open.
   */
  readonly sum: Float64Array;
  readonly size: Float64Array;
  readonly largest: Float64Array;
  readonly noiseSum: Float64Array;
  /** Per group: error of the last `evaluate`. */
  readonly noise: Float64Array;
  /** Angles evaluated. */
  points = 0;
  readonly #cycle: Cycle | CycleFunction;
  readonly #names: readonly string[];
  readonly #warm: boolean;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array;
  readonly #sample: Float64Array;
  readonly #probes: PumpProbes | undefined;
  /** What the probes are eliminated from. */
  readonly #raw: Float64Array;
  /** Made when a single point is asked for: batches have no use for its panels. */
  readonly #averaged: () => ThermalAverage;
  // For the sample with other last digits: parameters, their largest sizes so far, the way they are
  // changed, and the sample.
  readonly #changed: Float64Array;
  readonly #reach: Float64Array;
  readonly #other: Float64Array;
  #sign = 1;
  /** Largest energies of the angles so far. */
  #scale = 0;
  #delay = 0;
  #unitarity = 0;

  constructor(
    solver: ScatteringSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    options: PumpOptions,
    motor: boolean,
  ) {
    this.solver = solver;
    this.#cycle = cycle;
    this.#names = names;
    this.energy = options.energy;
    this.#warm = (options.temperature ?? 0) > 0;
    const leads = solver.leads.length;
    this.leads = leads;
    this.groups = motor ? [leads, 1, 1, 1] : [leads];
    this.components = leads + this.groups.length - 1;
    this.#values = new Float64Array(names.length);
    this.#tangent = new Float64Array(names.length);
    this.#changed = new Float64Array(names.length);
    this.#reach = new Float64Array(names.length);
    this.#other = new Float64Array(this.components);
    this.#sample = new Float64Array(this.components);
    this.sum = new Float64Array(this.components);
    this.size = new Float64Array(this.components);
    this.largest = new Float64Array(this.components);
    this.noise = new Float64Array(this.groups.length);
    this.noiseSum = new Float64Array(this.groups.length);
    if (solver.probes.includes(true)) this.#probes = new PumpProbes(solver);
    this.#raw = new Float64Array(this.#probes?.components ?? 0);
    const add = (point: ScatteringPoint, weight: number, out: Float64Array): void => {
      addCharges(point, weight, out);
      if (motor) addMotor(point, weight, out, leads);
    };
    const { groups, add: part } = this.#probes ?? { groups: this.groups, add };
    this.#averaged = lazily(() => new ThermalAverage(solver, options, groups, part, LEAST_SCALE / TURN));
    if (solver.batch && !this.#warm && !this.#probes)
      this.batch = new TurnBatch(solver.batch, cycle, names, options.energy);
  }

  /** Longest delay met at mu, and the largest defect of unitarity. */
  get delay(): number {
    return Math.max(this.#delay, Math.sqrt(this.batch?.delaySquare ?? 0));
  }

  get unitarity(): number {
    return Math.max(this.#unitarity, Math.sqrt(this.batch?.defectSquare ?? 0));
  }

  /**
   * Brings the angle theta + low into force; `low`: what theta lacks of it, which counts next to
   * resonances of that width.
   */
  configure(theta: number, low = 0): void {
    const [values, tangent] = [this.#values, this.#tangent];
    evaluateCycleInto(this.#cycle, this.#names, theta, values, tangent);
    if (low !== 0) for (let nu = 0; nu < values.length; nu++) values[nu] += low * tangent[nu];
    this.solver.configure(values, tangent);
  }

  /** Values of the parameters at the angle in force. */
  get parameters(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]]));
  }

  /** Has the integrals over energy done to a part of the error from now on. */
  tighten(factor: number): void {
    this.#averaged().tighten(factor);
  }

  /**
   * Leaves with the budget what is known so far: the charges on a grid of `count` angles, and by
   * how much they differ from those on half of it.
   */
  handOver(values: Float64Array, change: Float64Array, count: number): void {
    const { budget, leads } = this.solver;
    if (!budget || !values.every(Number.isFinite)) return;
    const charge = Object.fromEntries(leads.map((name, a) => [name, values[a]]));
    budget.known = { points: count, charge, change: Math.max(...change.subarray(0, leads.length)) };
  }

  /** Throws NumericalError where friction is asked for and diverges at all angles. */
  refuseDivergent(temperature: number, tolerance: number): void {
    if (!this.#warm || this.groups.length === 1) return;
    const { solver, energy } = this;
    refuseDivergentTurn(
      (theta) => {
        this.configure(theta);
        return frictionDivergences(solver, { energy, temperature, tolerance });
      },
      () => "friction",
      () => this.parameters,
    );
  }

  /** Empty sums. */
  restart(): void {
    for (const list of [this.sum, this.size, this.largest, this.noiseSum]) list.fill(0);
  }

  /** The delay at mu at an angle. */
  delayAt(theta: number): number {
    this.configure(theta);
    return delayOf(this.solver.solve(this.energy, { energyDerivative: true }));
  }

  /** True where the integrand is that of scattering at mu alone. */
  get bare(): boolean {
    return !this.#warm && !this.#probes;
  }

  /** States below mu at an angle. */
  statesBelow(theta: number): number {
    this.configure(theta);
    return stateCount(this.solver, this.energy);
  }

  /** Levels below mu at an angle. */
  levelsBelow(theta: number): number {
    this.configure(theta);
    return this.solver.eigenvaluesBelow(this.energy);
  }

  /**
   * Fills `out` with all components per angle at theta + low, and `noise`; `rounding`: with what
   * rounding leaves open at T = 0, where that may count.
   */
  evaluate(theta: number, out: Float64Array, low = 0, rounding = false): void {
    this.configure(theta, low);
    const point = this.solver.solve(this.energy, { energyDerivative: true });
    this.points++;
    const delay = delayOf(point);
    this.#delay = Math.max(this.#delay, delay);
    this.#unitarity = Math.max(this.#unitarity, point.unitarityDefect);
    this.noise.fill(0);
    const average = this.#averaged();
    if (!this.#probes) average.evaluate(out, point);
    else average.evaluate(this.#raw, point);
    const potential = this.#probes?.eliminate(this.#raw, out) ?? 0;
    if (this.#warm) this.#noteErrors(average.errors, potential);
    else if (rounding) this.#noteRounding(out, delay);
  }

  /** From the errors of the integrals over energy; `potential`: the largest of the probes'. */
  #noteErrors(list: Float64Array, potential: number): void {
    if (!this.#probes) {
      this.noise.set(list);
      return;
    }
    const [flow, friction, channels, conductance] = list;
    const amplification = 1 + this.solver.probes.length;
    const errors = [
      flow + conductance * potential,
      friction + (2 * flow + conductance * potential) * potential,
      conductance,
      channels,
    ];
    for (const [g] of this.groups.entries()) this.noise[g] = amplification * errors[g];
  }

  /**
   * What rounding does to the sample at the angle in force: next to a resonance narrow against the
   * energies of the device the last digits of parameters and energy count, and another sample with
   * these changed tells how much. Nodes round independently of each other, so that of all a part
   * adds up.
   */
  #noteRounding(sample: Float64Array, delay: number): void {
    this.#scale = Math.max(this.#scale, this.solver.energyScale(), Math.abs(this.energy));
    const scale = this.#scale;
    if (!(ROUNDING * scale * delay > NEGLIGIBLE)) return;
    const [values, tangent, changed] = [this.#values, this.#tangent, this.#changed];
    this.#sign = -this.#sign;
    for (let nu = 0; nu < values.length; nu++) {
      this.#reach[nu] = Math.max(this.#reach[nu], Math.abs(values[nu]));
      // Neighbouring parameters to different sides: levels move against each other.
      changed[nu] = values[nu] + (nu % 2 === 0 ? this.#sign : -this.#sign) * ROUNDING * this.#reach[nu];
    }
    this.solver.configure(changed, tangent);
    const point = this.solver.solve(this.energy + 0.5 * ROUNDING * scale, { energyDerivative: false });
    if (this.#probes) {
      this.#averaged().evaluate(this.#raw, point);
      this.#probes.eliminate(this.#raw, this.#other);
    } else this.#averaged().evaluate(this.#other, point);
    this.solver.configure(values, tangent);
    for (let i = 0; i < this.components; i++) {
      const g = this.groupOf(i);
      this.noise[g] = Math.max(this.noise[g], ADDING_UP * Math.abs(this.#other[i] - sample[i]));
    }
  }

  /**
   * Adds the nodes first, first + stride, ... of a grid of `count` angles to the sums; `each` is
   * told of every node, and with `levels` of the levels below mu.
   */
  addNodes(
    first: number,
    stride: number,
    count: number,
    levels: boolean,
    each?: (node: number, sample: Float64Array, levels: number) => void,
  ): void {
    const { batch } = this;
    const sample = this.#sample;
    if (!batch) {
      for (let j = first; j < count; j += stride) {
        this.evaluate((TURN * j) / count, sample);
        const below = levels ? this.solver.eigenvaluesBelow(this.energy) : 0;
        this.#addSample();
        each?.(j, sample, below);
      }
      return;
    }
    let size = 0;
    for (let j = first; j < count; j += stride) {
      batch.nodes[size++] = j;
      if (size < batch.capacity && j + stride < count) continue;
      this.evaluateBatch(size, count, levels);
      for (let k = 0; k < size; k++) {
        const below = levels ? batch.levelsBelow(k) : 0;
        this.addBatched(k, count);
        each?.(batch.nodes[k], sample, below);
      }
      size = 0;
    }
  }

  /** Evaluates the first `size` nodes of the batch on a grid of `count` angles. */
  evaluateBatch(size: number, count: number, levels: boolean): void {
    this.solver.budget?.spend(size);
    this.batch?.evaluate(size, count, levels);
  }

  /**
   * Evaluates `size` angles from the index `first` on, as many as there are numbers in a column,
   * into the columns of all components, and adds them to the sums.
   */
  fillColumns(columns: readonly Float64Array[], first: number, size: number): void {
    const batch = this.batch!;
    const count = columns[0].length;
    for (let k = 0; k < size; k++) batch.nodes[k] = first + k;
    this.evaluateBatch(size, count, true);
    const left = batch.collect(size, columns, first);
    this.points += size - left.length;
    for (const k of left) {
      this.evaluate((TURN * (first + k)) / count, this.#sample);
      for (let i = 0; i < columns.length; i++) columns[i][first + k] = this.#sample[i];
    }
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i];
      let [sum, whole, largest] = [this.sum[i], this.size[i], this.largest[i]];
      for (let j = first; j < first + size; j++) {
        const absolute = Math.abs(column[j]);
        sum += column[j];
        whole += absolute;
        if (!(absolute <= largest)) largest = absolute;
      }
      this.sum[i] = sum;
      this.size[i] = whole;
      this.largest[i] = largest;
    }
  }

  /** Adds node k of the batch just evaluated; returns it. */
  addBatched(k: number, count: number): Float64Array {
    const batch = this.batch!;
    this.noise.fill(0);
    if (batch.contributions(k, this.#sample)) this.points++;
    else this.evaluate((TURN * batch.nodes[k]) / count, this.#sample);
    this.#addSample();
    return this.#sample;
  }

  #addSample(): void {
    for (let i = 0; i < this.components; i++) {
      const size = Math.abs(this.#sample[i]);
      this.sum[i] += this.#sample[i];
      this.size[i] += size;
      if (!(size <= this.largest[i])) this.largest[i] = size;
    }
    for (let g = 0; g < this.noise.length; g++) this.noiseSum[g] += this.noise[g];
  }

  /** Group of a component. */
  groupOf(i: number): number {
    return i < this.leads ? 0 : i - this.leads + 1;
  }

  /**
   * What the samples of a grid of `count` angles leave open in the integrals, per component: their
   * own errors, and rounding, the more the longer the delay.
   */
  noiseOf(count: number): Float64Array {
    const rounding = ROUNDING * (4 + this.delay * this.solver.energyScale());
    const charges = Math.max(...this.size.subarray(0, this.leads));
    return this.sum.map((_, i) => {
      const size = i < this.leads ? charges : this.size[i];
      const error = (TURN * (this.noiseSum[this.groupOf(i)] + rounding * size)) / count;
      return i < this.leads ? error + LEAST_ERROR : error;
    });
  }

  /**
   * What to throw where something at the angle in force is not known; `known`: the part of the
   * answer that is.
   */
  failure(what: string, causes: readonly string[], known?: object): NumericalError {
    return new NumericalError(what, { energy: this.energy, at: this.parameters, causes, known });
  }
}

/** ||-i S^+ S'||, the Frobenius norm, of a point with S'. */
function delayOf({ channels, dSdE }: ScatteringPoint): number {
  let square = 0;
  for (let i = 0; i < 2 * channels * channels; i++) square += dSdE[i] * dSdE[i];
  return Math.sqrt(square);
}
