// One turn of a cycle: the integrals over its angle that pumping and linear response need, all on the same nodes.
// Trapezoidal rule, doubled until it converges (exponentially, for a smooth cycle). The number of levels below mu is compared between
// neighbouring nodes, so that a resonance narrower than the grid is found; then, and if doubling does not converge (kinks, or a level that loses its
// coupling at an angle of the grid), adaptive Gauss-Kronrod on panels graded towards the crossings. Energy (T > 0): the adaptive window of window.ts.
// Chains, and small dense devices on a fixed grid, are evaluated in batches of nodes at T = 0; a node whose S is not unitary to 1e-12 there is evaluated again by the solver.

import { evaluateCycleInto } from "../model/cycle.js";
import { NumericalError } from "../model/errors.js";
import type { Cycle, CycleFunction } from "../model/types.js";
import type { ScatteringPoint, ScatteringSolver } from "../scattering/point.js";
import { addCharges, addMotor } from "./emissivity.js";
import { attainable } from "./force-result.js";
import { LastHarmonic } from "./last-harmonic.js";
import { certifyCharges, type PumpOptions, TURN, type TurnIntegrals } from "./pump-options.js";
import { PumpProbes } from "./pump-probes.js";
import { AdaptiveIntegrator, type VectorIntegrand } from "./quadrature.js";
import { ThermalAverage } from "./thermal-average.js";
import { TurnBatch } from "./turn-batch.js";

const FEWEST = 16;
const MOST = 1 << 14;
/** Grid at which narrow resonances are looked for even before convergence. */
const EARLY_GUARD = 256;
/** From this grid on, without batches, doubling is given up where it brings no more than a factor of two: the integrand has kinks, or an angle is exceptional. */
const PATIENCE = 512;
const SLOW = 0.4;
/** Bisections to notice a crossing (the tail of a resonance grows fourfold with each), and to settle on one that sticks out. */
const STEPS = 15;
const FINE_STEPS = 40;
/** A crossing sticks out if the integrand there exceeds that on the grid by this factor. */
const STICKS_OUT = 10;

/** One computation of the turn integrals; owns all buffers. */
export class Turn {
  private readonly solver: ScatteringSolver;
  private readonly cycle: Cycle | CycleFunction;
  private readonly names: readonly string[];
  private readonly energy: number;
  private readonly options: PumpOptions;
  private readonly leads: number;
  private readonly components: number;
  private readonly values: Float64Array;
  private readonly tangent: Float64Array;
  private readonly sample: Float64Array;
  /** Sums over the grid: the integrand, its absolute value, its largest absolute value. */
  private readonly sum: Float64Array;
  private readonly size: Float64Array;
  private readonly largest: Float64Array;
  private readonly motor: boolean;
  private readonly batch: TurnBatch | undefined;
  private readonly probes: PumpProbes | undefined;
  /** What the probes are eliminated from. */
  private readonly raw: Float64Array;
  private average: ThermalAverage | undefined;
  /** True once the turn is divided into panels. */
  private divided = false;
  /** On a fixed odd grid. */
  private last: LastHarmonic | undefined;
  /** Levels below mu at the angle 2 pi i / MOST. */
  private counts = new Int32Array();
  private points = 0;
  private delay = 0;
  private unitarity = 0;

  constructor(
    solver: ScatteringSolver,
    cycle: Cycle | CycleFunction,
    names: readonly string[],
    options: PumpOptions,
    motor: boolean,
  ) {
    this.solver = solver;
    this.cycle = cycle;
    this.names = names;
    this.energy = options.energy;
    this.options = options;
    this.leads = solver.leads.length;
    this.components = this.leads + (motor ? 3 : 0);
    this.values = new Float64Array(names.length);
    this.tangent = new Float64Array(names.length);
    this.sample = new Float64Array(this.components);
    this.sum = new Float64Array(this.components);
    this.size = new Float64Array(this.components);
    this.largest = new Float64Array(this.components);
    this.motor = motor;
    if (solver.probes.includes(true)) this.probes = new PumpProbes(solver);
    this.raw = new Float64Array(this.probes?.components ?? 0);
    if (solver.batch && !options.temperature && !this.probes)
      this.batch = new TurnBatch(solver.batch, cycle, names, options.energy);
  }

  private readonly add = (point: ScatteringPoint, weight: number, out: Float64Array): void => {
    addCharges(point, weight, out);
    if (this.motor) addMotor(point, weight, out, this.leads);
  };

  run(): TurnIntegrals {
    const { points } = this.options;
    if (points !== undefined) return points % 2 === 0 ? this.fixed(points) : this.fixedOdd(points);
    try {
      return this.converged();
    } catch (error) {
      // A symmetric device may have no answer at an angle of the grid; panels have their nodes elsewhere.
      if (!(error instanceof NumericalError) || this.divided) throw error;
      return this.adaptive(FEWEST, { angles: [], widths: [] });
    }
  }

  private configure(theta: number): void {
    evaluateCycleInto(this.cycle, this.names, theta, this.values, this.tangent);
    this.solver.configure(this.values, this.tangent);
  }

  /** The integrand in theta. */
  private readonly evaluate: VectorIntegrand = (theta, out) => {
    this.configure(theta);
    const point = this.solver.solve(this.energy, { firstOrder: true });
    this.points++;
    let square = 0;
    const length = 2 * point.channels * point.channels;
    for (let i = 0; i < length; i++) square += point.dSdE[i] * point.dSdE[i];
    this.delay = Math.max(this.delay, Math.sqrt(square));
    this.unitarity = Math.max(this.unitarity, point.unitarityDefect);
    const { probes, raw } = this;
    if (!probes) {
      const groups = this.motor ? [this.leads, 1, 1, 1] : [this.leads];
      this.average ??= new ThermalAverage(this.solver, this.options, groups, this.add);
      this.average.evaluate(out, point);
      return;
    }
    this.average ??= new ThermalAverage(this.solver, this.options, probes.groups, probes.add);
    this.average.evaluate(raw, point);
    probes.eliminate(raw, out);
  };

  /** Adds the sample in force, at a node of the grid, to the sums. */
  private addSample(node: number): void {
    this.last?.add(node, this.sample);
    for (let i = 0; i < this.components; i++) {
      const size = Math.abs(this.sample[i]);
      this.sum[i] += this.sample[i];
      this.size[i] += size;
      if (!(size <= this.largest[i])) this.largest[i] = size;
    }
  }

  /** Adds the nodes first, first + stride, ... of a grid of `count` angles to the sums. */
  private addNodes(first: number, stride: number, count: number, guard: boolean): void {
    const batch = guard && !this.batch?.countsLevels ? undefined : this.batch;
    const step = guard ? MOST / count : 0;
    if (!batch) {
      for (let j = first; j < count; j += stride) {
        this.evaluate((TURN * j) / count, this.sample);
        if (guard) this.counts[j * step] = this.solver.eigenvaluesBelow(this.energy);
        this.addSample(j);
      }
      return;
    }
    let size = 0;
    for (let j = first; j < count; j += stride) {
      batch.nodes[size++] = j;
      if (size < batch.capacity && j + stride < count) continue;
      this.solver.budget?.spend(size);
      batch.evaluate(size, count, guard);
      for (let k = 0; k < size; k++) {
        if (guard) this.counts[batch.nodes[k] * step] = batch.levelsBelow(k);
        this.addBatched(batch, k, count);
      }
      size = 0;
    }
  }

  /** Adds node k of a batch just evaluated. */
  private addBatched(batch: TurnBatch, k: number, count: number): void {
    if (batch.contributions(k, this.sample)) this.points++;
    else this.evaluate((TURN * batch.nodes[k]) / count, this.sample);
    this.addSample(batch.nodes[k]);
  }

  private fixed(count: number): TurnIntegrals {
    const { batch } = this;
    // One batch holds the even nodes, then the odd ones; larger grids and other devices go in two passes.
    const whole = batch !== undefined && count <= batch.capacity;
    if (whole) {
      for (let k = 0; k < count; k++) batch.nodes[k] = 2 * k < count ? 2 * k : 2 * k - count + 1;
      this.solver.budget?.spend(count);
      batch.evaluate(count, count, false);
      for (let k = 0; k < count / 2; k++) this.addBatched(batch, k, count);
    } else this.addNodes(0, 2, count, false);
    const half = this.sum.map((s) => (2 * TURN * s) / count);
    if (whole) for (let k = count / 2; k < count; k++) this.addBatched(batch, k, count);
    else this.addNodes(1, 2, count, false);
    const full = this.sum.map((s) => (TURN * s) / count);
    return this.result(
      full,
      full.map((value, i) => Math.abs(value - half[i])),
    );
  }

  private fixedOdd(count: number): TurnIntegrals {
    this.last = new LastHarmonic(count, this.components);
    this.addNodes(0, 1, count, false);
    return this.result(
      this.sum.map((s) => (TURN * s) / count),
      this.last.error(),
    );
  }

  private converged(): TurnIntegrals {
    const now = new Float64Array(this.components);
    const before = new Float64Array(this.components);
    const change = new Float64Array(this.components);
    this.counts = new Int32Array(MOST);
    this.addNodes(0, 1, FEWEST, true);
    let agreements = 0;
    let excess = Number.POSITIVE_INFINITY;
    for (let count = FEWEST; ; count *= 2) {
      for (let i = 0; i < this.components; i++) {
        now[i] = (TURN * this.sum[i]) / count;
        change[i] = Math.abs(now[i] - before[i]);
      }
      before.set(now);
      if (!now.every(Number.isFinite)) return this.adaptive(count, this.crossings(count));
      const earlier = excess;
      excess = this.excess(now, change, count);
      const settled = count > FEWEST && excess <= 1;
      agreements = settled ? agreements + 1 : 0;
      if (agreements >= 2 || count === EARLY_GUARD) {
        const crossings = this.crossings(count);
        if (crossings.sticksOut) return this.adaptive(count, crossings);
        if (agreements >= 2) return this.result(now, change);
      }
      const slow = !this.batch && count >= PATIENCE && excess > Math.max(1, SLOW * earlier);
      if (slow || count === MOST) return this.adaptive(count, this.crossings(count));
      this.addNodes(1, 2, 2 * count, true);
    }
  }

  /** The largest change in units of what is allowed. Charges share a scale, with a floor where they cancel along the turn; the others are positive. */
  private excess(now: Float64Array, change: Float64Array, count: number): number {
    const { tolerance = 1e-8 } = this.options;
    let scale = this.floor(count);
    for (let a = 0; a < this.leads; a++) scale = Math.max(scale, Math.abs(now[a]));
    let most = 0;
    for (let i = 0; i < this.components; i++) {
      const allowed = tolerance * (i < this.leads ? scale : Math.abs(now[i])) + 1e-300;
      most = Math.max(most, change[i] / allowed);
    }
    return most;
  }

  /** Charges below this are not resolved further: a fraction of the loop integral of the absolute value. */
  private floor(count: number): number {
    let size = 0;
    for (let a = 0; a < this.leads; a++) size = Math.max(size, (TURN * this.size[a]) / count);
    return (this.options.temperature ?? 0) > 0 ? size : 1e-3 * size;
  }

  /** Angles where the number of levels below mu changes, and whether the integrand at one of them sticks out. */
  private crossings(count: number): { angles: number[]; widths: number[]; sticksOut: boolean } {
    const stride = MOST / count;
    const found = { angles: [] as number[], widths: [] as number[], sticksOut: false };
    for (let j = 0; j < count; j++) {
      const left = this.counts[j * stride];
      if (left === this.counts[((j + 1) % count) * stride]) continue;
      let [low, high] = [(TURN * j) / count, (TURN * (j + 1)) / count];
      let [angle, peak, out] = [0, 0, false];
      for (let step = 1; step <= FINE_STEPS; step++) {
        const middle = 0.5 * (low + high);
        this.configure(middle);
        if (this.solver.eigenvaluesBelow(this.energy) === left) low = middle;
        else high = middle;
        if (step !== STEPS && step !== FINE_STEPS) continue;
        angle = 0.5 * (low + high);
        this.evaluate(angle, this.sample);
        for (let i = 0; i < this.components; i++) {
          const size = Math.abs(this.sample[i]);
          if (i < this.leads) peak = Math.max(peak, size);
          // What is exactly zero on the grid and rounding noise at the crossing does not stick out.
          if (size > STICKS_OUT * this.largest[i] && size > 1e-12) out = true;
        }
        if (!out) break;
      }
      found.sticksOut ||= out;
      found.angles.push(angle);
      // A resonance carries a charge of order one: its width is about one over its height.
      found.widths.push(Math.min(TURN / count, Math.max(1 / peak, 1e-12)));
    }
    return found;
  }

  private adaptive(count: number, { angles, widths }: { angles: number[]; widths: number[] }): TurnIntegrals {
    this.divided = true;
    const { tolerance = 1e-8 } = this.options;
    const n = this.components;
    const breakpoints = Array.from({ length: FEWEST + 1 }, (_, j) => (TURN * j) / FEWEST);
    for (const [k, angle] of angles.entries()) {
      breakpoints.push(angle);
      for (let d = widths[k]; d < 1; d *= 4) breakpoints.push(angle - d, angle + d);
    }
    const inside = breakpoints.filter((theta) => theta >= 0 && theta <= TURN).sort((a, b) => a - b);
    // As in ThermalAverage, one component that stays zero carries the floor of the scale of the charges.
    const integrator = new AdaptiveIntegrator(n + 1);
    const groups = Int32Array.from({ length: n + 1 }, (_, i) =>
      i < this.leads || i === n ? 0 : i - this.leads + 1,
    );
    const offsets = new Float64Array(n + 1);
    const floor = this.floor(count);
    offsets[n] = Number.isFinite(floor) ? floor : 0;
    const sample = this.sample;
    const integrand: VectorIntegrand = (theta, out) => {
      this.evaluate(theta, sample);
      out.set(sample);
    };
    const status = integrator.integrate(integrand, inside, inside.length, { tolerance, groups, offsets });
    if (!status.converged) {
      this.configure(status.worst);
      throw new NumericalError(`the integral over the cycle does not converge near theta = ${status.worst}`, {
        energy: this.energy,
        at: Object.fromEntries(this.names.map((name, nu) => [name, this.values[nu]])),
        causes: [
          "a level crosses the chemical potential almost uncoupled from the leads: raise the temperature or the tolerance",
          "the cycle is not smooth: write it as a Fourier series",
        ],
      });
    }
    // Panels are accepted where rounding allows no better: that is no reason to call the tolerance reached.
    if (status.relativeError > tolerance)
      throw new NumericalError(
        `the integrals over the cycle are known to ${status.relativeError.toExponential(1)} of their scale, asked for ${tolerance}`,
        { energy: this.energy, causes: attainable(status.relativeError) },
      );
    return this.result(integrator.values.slice(0, n), integrator.errors.slice(0, n));
  }

  private result(values: Float64Array, errors: Float64Array): TurnIntegrals {
    const { leads } = this;
    const charges = values.subarray(0, leads);
    let relativeError = 0;
    for (let i = leads; i < this.components; i++) {
      if (values[i] > 0) relativeError = Math.max(relativeError, errors[i] / values[i]);
    }
    return {
      charge: Object.fromEntries(this.solver.leads.map((name, a) => [name, charges[a]])),
      error: Math.max(0, ...errors.subarray(0, leads)),
      relativeError,
      points: this.points,
      adiabaticity: Math.max(this.delay, Math.sqrt(this.batch?.delaySquare ?? 0)),
      ...certifyCharges(
        charges,
        Math.max(this.unitarity, Math.sqrt(this.batch?.defectSquare ?? 0)),
        this.options.tolerance ?? 1e-8,
      ),
      friction: values[leads] ?? 0,
      conductance: values[leads + 1] ?? 0,
      channels: values[leads + 2] ?? 0,
    };
  }
}
