// The integrand of a turn: charges per lead and, on request, friction, conductance and channels,
// all per radian. It comes from one scattering point at mu or from the average over energies. The
// file also estimates the errors of the integrand (rounding and energy integrals) and sums it over
// a grid of angles. Chains and small dense devices are evaluated in batches of angles at T = 0; an
// angle at which the S of the batch is not unitary to 1e-12 is evaluated again by the solver.
// Longer than most files: cold, warm and probed turns share one sum over the angles.

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
import { addCharges, addGivenErrors, addMotor } from "../pump/emissivity.js";
import { LEAST_SCALE, type PumpOptions } from "../pump/options.js";
import { TurnBatch } from "./batch.js";

/** Rounding of an energy relative to the largest terms that it is the difference of. */
const ROUNDING = 2 ** -53;
/** Rounding of energies is ignored below this part of the width of a resonance. */
const NEGLIGIBLE = 1e-12;
/** No charge is stated with an error below this, in particles. */
const LEAST_ERROR = 8 * ROUNDING;
/**
 * Rounding errors of independent angles add up to this part of their sum. The value is three times
 * what was measured on some hundred angles of turns whose charge vanishes by symmetry.
 */
const ADDING_UP = 1 / 2;

/** The integrand of one device and cycle, with its sums over a grid of angles. */
export class TurnIntegrand {
  readonly solver: ScatteringSolver;
  /** Chemical potential mu. */
  readonly energy: number;
  readonly leads: number;
  readonly components: number;
  /**
   * Sizes of the groups of components that share a scale: all charges form one group, and each
   * other component is a group of its own.
   */
  readonly groups: readonly number[];
  readonly batch: TurnBatch | undefined;
  /** Sum of the integrand over the grid, per component. */
  readonly sum: Float64Array;
  /** Sum of the absolute values, per component. */
  readonly size: Float64Array;
  /** Largest absolute value on the grid, per component. */
  readonly largest: Float64Array;
  /** Sum of `noise` over the grid, per group. */
  readonly noiseSum: Float64Array;
  /** Error of the last `evaluate`, per group. */
  readonly noise: Float64Array;
  /**
   * The part of the noise, and of its sum, that a given S may be off by: no angle makes it smaller.
   */
  readonly given: Float64Array;
  readonly givenSum: Float64Array;
  /** Number of angles evaluated. */
  points = 0;
  readonly #cycle: Cycle | CycleFunction;
  readonly #names: readonly string[];
  readonly #warm: boolean;
  readonly #values: Float64Array;
  readonly #tangent: Float64Array;
  readonly #sample: Float64Array;
  readonly #probes: PumpProbes | undefined;
  /** Average over energies before the probes are eliminated. */
  readonly #raw: Float64Array;
  /** Made when a single point is needed for the first time; batches do not use its panels. */
  readonly #averaged: () => ThermalAverage;
  // Work space of #noteRounding: the changed parameters, the largest sizes of the parameters so
  // far, the sign of the next change, and the sample at the changed parameters.
  readonly #changed: Float64Array;
  readonly #reach: Float64Array;
  readonly #other: Float64Array;
  #sign = 1;
  /** Largest energy scale of the angles so far. */
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
    this.given = new Float64Array(this.groups.length);
    this.givenSum = new Float64Array(this.groups.length);
    if (solver.probes.includes(true)) this.#probes = new PumpProbes(solver);
    this.#raw = new Float64Array(this.#probes?.components ?? 0);
    const add = (point: ScatteringPoint, weight: number, out: Float64Array): void => {
      addCharges(point, weight, out);
      if (motor) addMotor(point, weight, out, leads);
    };
    const { groups, add: part } = this.#probes ?? { groups: this.groups, add };
    const addErrors = this.#probes ? addErrorsOfProbes : addGivenErrors;
    const series = { leastScale: LEAST_SCALE / TURN, following: true, addErrors };
    this.#averaged = lazily(() => new ThermalAverage(solver, options, groups, part, series));
    if (solver.batch && !this.#warm && !this.#probes)
      this.batch = new TurnBatch(solver.batch, cycle, names, options.energy);
  }

  /** Longest delay ||-i S^+ S'|| met at mu. */
  get delay(): number {
    return Math.max(this.#delay, Math.sqrt(this.batch?.delaySquare ?? 0));
  }

  /** Largest defect of unitarity max |S^+ S - 1| met at mu. */
  get unitarity(): number {
    return Math.max(this.#unitarity, Math.sqrt(this.batch?.defectSquare ?? 0));
  }

  /**
   * Configures the solver at the angle theta + low. The correction `low`, below the rounding of
   * theta, matters next to resonances as narrow as that.
   */
  configure(theta: number, low = 0): void {
    const [values, tangent] = [this.#values, this.#tangent];
    evaluateCycleInto(this.#cycle, this.#names, theta, values, tangent);
    if (low !== 0) for (let nu = 0; nu < values.length; nu++) values[nu] += low * tangent[nu];
    this.solver.configure(values, tangent);
  }

  /** Values of the parameters at the current angle. */
  get parameters(): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, nu) => [name, this.#values[nu]]));
  }

  /** From now on computes the integrals over energy to `factor` times the present tolerance. */
  tighten(factor: number): void {
    this.#averaged().tighten(factor);
  }

  /**
   * Tells the budget what is known so far: the charges on a grid of `count` angles and their
   * difference from the grid of half the size.
   */
  handOver(values: Float64Array, change: Float64Array, count: number): void {
    const { budget, leads } = this.solver;
    if (!budget || !values.every(Number.isFinite)) return;
    const charge = Object.fromEntries(leads.map((name, a) => [name, values[a]]));
    budget.known = { points: count, charge, change: Math.max(...change.subarray(0, leads.length)) };
  }

  /** Throws NumericalError if friction is requested and diverges at all trial angles. */
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

  /** Clears all sums. */
  restart(): void {
    for (const list of [this.sum, this.size, this.largest, this.noiseSum, this.givenSum]) list.fill(0);
  }

  /** The delay norm at mu at an angle. */
  delayAt(theta: number): number {
    this.configure(theta);
    return delayOf(this.solver.solve(this.energy, { energyDerivative: true }));
  }

  /** True if the integrand depends on scattering at mu alone: T = 0 and no probes. */
  get bare(): boolean {
    return !this.#warm && !this.#probes;
  }

  /** Number of states below mu at an angle (state-count.ts). */
  statesBelow(theta: number): number {
    this.configure(theta);
    return stateCount(this.solver, this.energy);
  }

  /** Number of levels below mu at an angle. */
  levelsBelow(theta: number): number {
    this.configure(theta);
    return this.solver.eigenvaluesBelow(this.energy);
  }

  /**
   * Fills `out` with all components at the angle theta + low, and `noise` with their errors. With
   * `rounding` these include at T = 0 the effect of rounding, where it may matter.
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
    if (point.errors) this.#noteErrors(average.given, potential, this.given);
    if (this.#warm || point.errors) this.#noteErrors(average.errors, potential, this.noise);
    else if (rounding) this.#noteRounding(out, delay);
  }

  /**
   * Sets `noise` or `given` from the errors of the energy integrals. `potential` is the largest
   * change of a probe's chemical potential per radian.
   */
  #noteErrors(list: Float64Array, potential: number, out: Float64Array): void {
    if (!this.#probes) {
      out.set(list);
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
    for (const [g] of this.groups.entries()) out[g] = amplification * errors[g];
  }

  /**
   * Estimates the effect of rounding on the sample at the current angle. Next to a resonance that
   * is narrow against the energies of the device the last digits of the parameters and of the
   * energy matter, and a second sample with other last digits shows how much. Rounding errors of
   * different angles are independent, so that only a part of them adds up.
   */
  #noteRounding(sample: Float64Array, delay: number): void {
    this.#scale = Math.max(this.#scale, this.solver.energyScale(), Math.abs(this.energy));
    const scale = this.#scale;
    if (!(ROUNDING * scale * delay > NEGLIGIBLE)) return;
    const [values, tangent, changed] = [this.#values, this.#tangent, this.#changed];
    this.#sign = -this.#sign;
    for (let nu = 0; nu < values.length; nu++) {
      this.#reach[nu] = Math.max(this.#reach[nu], Math.abs(values[nu]));
      // Neighbouring parameters change in opposite directions, so that levels move against each
      // other.
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
   * Adds the angles first, first + stride, ... of a grid of `count` angles to the sums. `each`
   * receives every angle's index, its sample and, with `levels`, the number of levels below mu.
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

  /** Evaluates the first `size` entries of the batch on a grid of `count` angles. */
  evaluateBatch(size: number, count: number, levels: boolean): void {
    this.solver.budget?.spend(size);
    this.batch?.evaluate(size, count, levels);
  }

  /**
   * Evaluates `size` angles from the index `first` on, writes them into the columns of all
   * components, and adds them to the sums. The grid has as many angles as a column has entries.
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

  /** Adds entry k of the batch that was just evaluated to the sums, and returns its sample. */
  addBatched(k: number, count: number): Float64Array {
    const batch = this.batch!;
    this.noise.fill(0);
    if (batch.contributions(k, this.#sample)) this.points++;
    else this.evaluate((TURN * batch.nodes[k]) / count, this.#sample);
    this.#addSample();
    return this.#sample;
  }

  /** Adds the current sample to the sums. */
  #addSample(): void {
    for (let i = 0; i < this.components; i++) {
      const size = Math.abs(this.#sample[i]);
      this.sum[i] += this.#sample[i];
      this.size[i] += size;
      if (!(size <= this.largest[i])) this.largest[i] = size;
    }
    for (let g = 0; g < this.noise.length; g++) {
      this.noiseSum[g] += this.noise[g];
      this.givenSum[g] += this.given[g];
    }
  }

  /** The group of component i. */
  groupOf(i: number): number {
    return i < this.leads ? 0 : i - this.leads + 1;
  }

  /**
   * Errors of the integrals on a grid of `count` angles that stem from the samples, per component:
   * their own errors, and rounding, which grows with the delay.
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

  /** The part of `noiseOf` that a given S may be off by, per component. */
  givenOf(count: number): Float64Array {
    return this.sum.map((_, i) => (TURN * this.givenSum[this.groupOf(i)]) / count);
  }

  /**
   * The error to throw if something at the current angle cannot be computed; `known` is the part of
   * the answer that is known.
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

/** `addGivenErrors` for the groups of PumpProbes, among which the conductances are the last. */
function addErrorsOfProbes(point: ScatteringPoint, weight: number, out: Float64Array): void {
  const channels = out[2];
  addGivenErrors(point, weight, out);
  out[3] += out[2] - channels;
  out[2] = channels;
}
