// Charge pumped per turn of a cycle (Brouwer), the turn integrals that share its nodes, and the pumping curvature.
// Angle: trapezoidal rule, doubled until it converges (exponentially, for a smooth cycle). The number of levels below mu is
// compared between neighbouring nodes, so that a resonance narrower than the grid is found; then, and if doubling does not
// converge, adaptive Gauss-Kronrod on panels graded towards the crossings. Energy (T > 0): the adaptive window of window.ts.
// Cost: one factorisation per angle at T = 0, some hundreds at T > 0. A probe counts as a lead held at the common potential.

import { evaluateCycleInto, parameterVector } from "../model/cycle.js";
import { InputError, NumericalError } from "../model/errors.js";
import type { Cycle, CycleFunction, ParameterValues } from "../model/types.js";
import type { ScatteringPoint, ScatteringSolver } from "../scattering/point.js";
import { fermiSlope } from "./fermi.js";
import { AdaptiveIntegrator, type VectorIntegrand } from "./quadrature.js";
import { EnergyWindow } from "./window.js";

export interface PumpOptions {
  /** Chemical potential of all leads. */
  energy: number;
  temperature?: number;
  /** Fixed number of angles (even) instead of the tolerance. */
  points?: number;
  /** Relative to the largest charge (default 1e-8). */
  tolerance?: number;
}

export interface PumpResult {
  /** Charge entering from each lead per turn. */
  charge: Record<string, number>;
  /** Estimated absolute error of the charges. */
  error: number;
  /** Angles evaluated. */
  points: number;
  /** Longest delay max_theta ||-i S^+ S'|| at mu (Frobenius norm), a time: slow driving means omega x this << 1. */
  adiabaticity: number;
  /** max |S^+ S - 1| at mu, and |sum of all charges|. */
  certificate: { unitarity: number; chargeBalance: number };
}

/** Integrals over one turn; the last three are present if asked for. */
export interface TurnIntegrals extends PumpResult {
  /** Largest error of friction, conductance and bound, relative to each. */
  relativeError: number;
  /** loop (1/4pi) Tr K^2. */
  friction: number;
  /** loop T_01 / 2pi (not yet divided by 2 pi). */
  conductance: number;
  /** loop N_0 N_rest / (N_0 + N_rest), N open channels of lead 0 and of all others. */
  channels: number;
}

const TURN = 2 * Math.PI;
const FEWEST = 16;
const MOST = 1 << 14;
/** Grid at which narrow resonances are looked for even before convergence. */
const EARLY_GUARD = 256;
/** Bisections to notice a crossing (the tail of a resonance grows fourfold with each), and to settle on one that sticks out. */
const STEPS = 15;
const FINE_STEPS = 40;
/** A crossing sticks out if the integrand there exceeds that on the grid by this factor. */
const STICKS_OUT = 10;

/** Charge per turn from every lead; T = 0 or thermally averaged. Throws NumericalError if no method converges. */
export function pumpedCharge(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  options: PumpOptions,
): PumpResult {
  const { charge, error, points, adiabaticity, certificate } = turnIntegrals(
    solver,
    cycle,
    parameterNames,
    options,
    false,
  );
  return { charge, error, points, adiabaticity, certificate };
}

/** Charge and, if `motor`, friction and conductance of one turn, all on the same angles. */
export function turnIntegrals(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  options: PumpOptions,
  motor: boolean,
): TurnIntegrals {
  check(options);
  return new Turn(solver, cycle, parameterNames, options, motor).run();
}

function check({ energy, temperature = 0, points, tolerance = 1e-8 }: PumpOptions): void {
  const refuse = (field: string, expected: string, found: unknown): never => {
    throw new InputError(field, "wrong value", { expected, found: String(found) });
  };
  if (!Number.isFinite(energy)) refuse("energy", "a finite number", energy);
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    refuse("temperature", "a number >= 0", temperature);
  if (!(tolerance > 0 && tolerance < 1)) refuse("tolerance", "a number between 0 and 1", tolerance);
  if (points !== undefined && !(Number.isInteger(points) && points >= 2 && points % 2 === 0))
    refuse("points", "an even whole number >= 2", points);
}

/** Integral over energy with weight -df/dE at the configuration in force; at T = 0 the value at mu. */
class ThermalAverage {
  private readonly solver: ScatteringSolver;
  private readonly mu: Float64Array;
  private readonly temperature: Float64Array;
  private readonly components: number;
  private readonly window: EnergyWindow;
  private readonly integrator: AdaptiveIntegrator;
  private readonly groups: Int32Array;
  private readonly offsets: Float64Array;
  private readonly add: (point: ScatteringPoint, weight: number, out: Float64Array) => void;
  private readonly tolerance: number;

  /** The first `shared` components have one common scale; of the others each its own. */
  constructor(
    solver: ScatteringSolver,
    options: PumpOptions,
    components: number,
    shared: number,
    add: (point: ScatteringPoint, weight: number, out: Float64Array) => void,
  ) {
    this.solver = solver;
    this.mu = Float64Array.of(options.energy);
    this.temperature = Float64Array.of(options.temperature ?? 0);
    this.components = components;
    this.add = add;
    this.tolerance = Math.max(0.1 * (options.tolerance ?? 1e-8), 1e-12);
    this.window = new EnergyWindow(solver);
    // One more component stays zero; its offset keeps the largest value met so far as the scale of the shared ones.
    this.integrator = new AdaptiveIntegrator(components + 1);
    this.groups = Int32Array.from({ length: components + 1 }, (_, i) =>
      i < shared || i === components ? 0 : i - shared + 1,
    );
    this.offsets = new Float64Array(components + 1);
  }

  private readonly integrand: VectorIntegrand = (energy, out) => {
    const weight = -fermiSlope(energy, this.mu[0], this.temperature[0]);
    if (weight > 0) this.add(this.solver.solve(energy, { firstOrder: false }), weight, out);
  };

  /** Fills `out`; `atMu`, if given, is the point at mu (used at T = 0). */
  evaluate(out: Float64Array, atMu?: ScatteringPoint): void {
    out.fill(0);
    if (this.temperature[0] === 0) {
      this.add(atMu ?? this.solver.solve(this.mu[0], { firstOrder: false }), 1, out);
      return;
    }
    const { integrator, window, offsets, components, groups } = this;
    window.lay(this.mu, this.temperature, 1e-18);
    const status = window.integrate(integrator, this.integrand, {
      tolerance: this.tolerance,
      groups,
      offsets,
    });
    if (!status.converged) {
      throw new NumericalError("the thermal average does not converge", {
        energy: status.worst,
        causes: ["a level that no lead broadens: couple it to a lead, or raise the tolerance"],
      });
    }
    for (let i = 0; i < components; i++) {
      out[i] = integrator.values[i];
      if (groups[i] === 0) offsets[components] = Math.max(offsets[components], Math.abs(out[i]));
    }
  }
}

/** One computation of the turn integrals; owns all buffers. */
class Turn {
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
  private readonly average: ThermalAverage;
  /** Levels below mu at the angle 2 pi i / MOST. */
  private readonly counts = new Int32Array(MOST);
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
    const leads = this.leads;
    const add = (point: ScatteringPoint, weight: number, out: Float64Array): void => {
      addCharges(point, weight, out);
      if (motor) addMotor(point, weight, out, leads);
    };
    this.average = new ThermalAverage(solver, options, this.components, leads, add);
  }

  run(): TurnIntegrals {
    const { points } = this.options;
    return points === undefined ? this.converged() : this.fixed(points);
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
    this.average.evaluate(out, point);
  };

  /** Adds the nodes first, first + stride, ... of a grid of `count` angles to the sums. */
  private addNodes(first: number, stride: number, count: number, guard: boolean): void {
    for (let j = first; j < count; j += stride) {
      this.evaluate((TURN * j) / count, this.sample);
      if (guard) this.counts[j * (MOST / count)] = this.solver.eigenvaluesBelow(this.energy);
      for (let i = 0; i < this.components; i++) {
        const size = Math.abs(this.sample[i]);
        this.sum[i] += this.sample[i];
        this.size[i] += size;
        if (!(size <= this.largest[i])) this.largest[i] = size;
      }
    }
  }

  private fixed(count: number): TurnIntegrals {
    this.addNodes(0, 2, count, false);
    const half = this.sum.map((s) => (2 * TURN * s) / count);
    this.addNodes(1, 2, count, false);
    const full = this.sum.map((s) => (TURN * s) / count);
    return this.result(
      full,
      full.map((value, i) => Math.abs(value - half[i])),
    );
  }

  private converged(): TurnIntegrals {
    const now = new Float64Array(this.components);
    const before = new Float64Array(this.components);
    const change = new Float64Array(this.components);
    this.addNodes(0, 1, FEWEST, true);
    let agreements = 0;
    for (let count = FEWEST; ; count *= 2) {
      for (let i = 0; i < this.components; i++) {
        now[i] = (TURN * this.sum[i]) / count;
        change[i] = Math.abs(now[i] - before[i]);
      }
      before.set(now);
      if (!now.every(Number.isFinite)) return this.adaptive(count, this.crossings(count));
      const settled = count > FEWEST && this.withinTolerance(now, change, count);
      agreements = settled ? agreements + 1 : 0;
      if (agreements >= 2 || count === EARLY_GUARD) {
        const crossings = this.crossings(count);
        if (crossings.sticksOut) return this.adaptive(count, crossings);
        if (agreements >= 2) return this.result(now, change);
      }
      if (count === MOST) return this.adaptive(count, this.crossings(count));
      this.addNodes(1, 2, 2 * count, true);
    }
  }

  /** Charges share a scale, with a floor where they cancel along the turn; the others are positive. */
  private withinTolerance(now: Float64Array, change: Float64Array, count: number): boolean {
    const { tolerance = 1e-8 } = this.options;
    let scale = this.floor(count);
    for (let a = 0; a < this.leads; a++) scale = Math.max(scale, Math.abs(now[a]));
    for (let i = 0; i < this.components; i++) {
      if (change[i] > tolerance * (i < this.leads ? scale : Math.abs(now[i])) + 1e-300) return false;
    }
    return true;
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
      adiabaticity: this.delay,
      certificate: { unitarity: this.unitarity, chargeBalance: Math.abs(charges.reduce((s, q) => s + q, 0)) },
      friction: values[leads] ?? 0,
      conductance: values[leads + 1] ?? 0,
      channels: values[leads + 2] ?? 0,
    };
  }
}

/** Adds weight x -(1/2pi) Tr[Pi_a S K S^+] per lead a; K of direction 0. */
function addCharges(point: ScatteringPoint, weight: number, out: Float64Array): void {
  const { channels: m, channelLead, S } = point;
  const K = point.K[0];
  for (let c = 0; c < m; c++) {
    // Real part of sum_ij S_ci K_ij conj(S_cj): the diagonal and twice the upper triangle.
    let total = 0;
    for (let i = 0; i < m; i++) {
      const [re, im] = [S[2 * (c * m + i)], S[2 * (c * m + i) + 1]];
      total += (re * re + im * im) * K[2 * (i * m + i)];
      for (let j = i + 1; j < m; j++) {
        const [x, y] = [S[2 * (c * m + j)], S[2 * (c * m + j) + 1]];
        total += 2 * ((re * x + im * y) * K[2 * (i * m + j)] - (im * x - re * y) * K[2 * (i * m + j) + 1]);
      }
    }
    out[channelLead[c]] -= (weight * total) / TURN;
  }
}

/** Adds friction, T_01 / 2pi and the channels of the bound behind the charges. */
function addMotor(point: ScatteringPoint, weight: number, out: Float64Array, at: number): void {
  const { channels: m, channelLead, S } = point;
  const K = point.K[0];
  let square = 0;
  let transmission = 0;
  let first = 0;
  for (let i = 0; i < 2 * m * m; i++) square += K[i] * K[i];
  for (let i = 0; i < m; i++) {
    if (channelLead[i] !== 0) continue;
    first++;
    for (let j = 0; j < m; j++) {
      if (channelLead[j] !== 1) continue;
      transmission += S[2 * (i * m + j)] ** 2 + S[2 * (i * m + j) + 1] ** 2;
    }
  }
  out[at] += (weight * square) / (2 * TURN);
  out[at + 1] += (weight * transmission) / TURN;
  if (m > 0) out[at + 2] += (weight * first * (m - first)) / m;
}

export interface CurvatureOptions {
  /** The two parameters nu, nu' of the rectangle. */
  parameters: readonly [string, string];
  /** Grid values of the first and of the second parameter. */
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  /** The other parameters; left out: 0. */
  at?: ParameterValues;
  energy: number;
  temperature?: number;
  tolerance?: number;
}

export interface CurvatureResult {
  shape: [first: number, second: number];
  /** Omega_a on the grid per lead, row-major. Q_a = area integral for a cycle that turns from nu to nu'. */
  curvature: Record<string, Float64Array>;
}

/** Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+] = (1/pi) Im Tr[Pi_a S K_nu' K_nu S^+]; T = 0 or thermal average. */
export function pumpingCurvature(
  solver: ScatteringSolver,
  parameterNames: readonly string[],
  options: CurvatureOptions,
): CurvatureResult {
  check(options);
  const [nu, nuPrime] = options.parameters.map((name) => {
    const index = parameterNames.indexOf(name);
    if (index >= 0) return index;
    const expected = `one of ${parameterNames.join(", ")}`;
    throw new InputError("parameters", "unknown parameter", { expected, found: name });
  });
  const { first, second } = options;
  const values = parameterVector(options.at, parameterNames);
  const leads = solver.leads.length;
  const grids = solver.leads.map(() => new Float64Array(first.length * second.length));
  const sample = new Float64Array(leads);
  const average = new ThermalAverage(solver, options, leads, leads, (point, weight, out) =>
    addCurvature(point, point.K[nu], point.K[nuPrime], weight, out),
  );
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      values[nu] = first[i];
      values[nuPrime] = second[j];
      solver.configure(values);
      average.evaluate(sample);
      for (let a = 0; a < leads; a++) grids[a][i * second.length + j] = sample[a];
    }
  }
  return {
    shape: [first.length, second.length],
    curvature: Object.fromEntries(solver.leads.map((name, a) => [name, grids[a]])),
  };
}

function addCurvature(
  { channels: m, channelLead, S }: ScatteringPoint,
  K: Float64Array,
  KPrime: Float64Array,
  weight: number,
  out: Float64Array,
): void {
  for (let c = 0; c < m; c++) {
    // Rows u = (S K')_c and v = (S K)_c; Im sum_j u_j conj(v_j).
    let total = 0;
    for (let j = 0; j < m; j++) {
      let [ur, ui, vr, vi] = [0, 0, 0, 0];
      for (let i = 0; i < m; i++) {
        const [re, im] = [S[2 * (c * m + i)], S[2 * (c * m + i) + 1]];
        const k = 2 * (i * m + j);
        ur += re * KPrime[k] - im * KPrime[k + 1];
        ui += re * KPrime[k + 1] + im * KPrime[k];
        vr += re * K[k] - im * K[k + 1];
        vi += re * K[k + 1] + im * K[k];
      }
      total += ui * vr - ur * vi;
    }
    out[channelLead[c]] += (weight * total) / Math.PI;
  }
}
