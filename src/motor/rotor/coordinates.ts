// Several mechanical coordinates x with masses m, forces and the full friction tensor (its antisymmetric, Lorentz-like part included;
// it may drive), all functions of x:
//
//   m_i d2x_i/dt2 = F_i(x) - sum_j gamma_ij(x) dx_j/dt + xi_i,   <xi_i xi_j> = D_ij(x) delta(t - t')
//
// Without noise: Dormand-Prince 8(5,3). With noise: half a drift, one Cayley step of velocity at fixed x, half a drift: weak order 2
// (the step's mean and covariance are right to h^2, the next term is of order h^3). Limit cycles: returns to the plane through the mean
// of the orbit, until one return equals the next.

import { InputError, NumericalError } from "../../base/errors.js";
import {
  functionOption,
  needed,
  numbersOption,
  optionsOf,
  positiveOption,
  toleranceOption,
  wholeOption,
} from "../../model/options.js";
import { factorise, solveFactored } from "../../numerics/linear-algebra/dense-real.js";
import { eventIn, type IntegrationStep, integrate } from "../../numerics/ode/dormand-prince.js";
import { normals, seedWords } from "../../numerics/random/threefry.js";

/**
 * Coordinates x that move by m_i d2x_i/dt2 = F_i(x) - sum_j gamma_ij(x) dx_j/dt + xi_i. The functions write into `out`; matrices are row-major, [i n + j] of n
 * coordinates.
 */
export interface CoordinateSystem {
  /** Mass of each coordinate, > 0. */
  mass: ArrayLike<number>;
  /** Writes the forces F_i at x, energies per unit of x_i. */
  force: (x: Float64Array, out: Float64Array) => void;
  /** Writes gamma_ij at x, minus the force on i per velocity of j; the antisymmetric part is included, and it may drive. */
  friction: (x: Float64Array, out: Float64Array) => void;
  /** Writes D_ij at x, <xi_i xi_j> = D_ij delta(t - t'), symmetric and not negative; used only if a seed is given. Default: no noise. */
  noise?: (x: Float64Array, out: Float64Array) => void;
}

/** How coordinates are followed in time. */
export interface CoordinateOptions {
  /** Time to follow them for, > 0. */
  time: number;
  /** Start, a number per coordinate. */
  position: ArrayLike<number>;
  /** Velocities at the start; default: at rest. */
  velocity?: ArrayLike<number>;
  /** Without noise: relative accuracy of a step, between 0 and 1; default 1e-10. */
  tolerance?: number;
  /** Equispaced records, both ends included, 2 to 10 million; default 201. */
  records?: number;
  /** Whole number from 0 that asks for motion with noise: needs `noise` and `step`. The same seed gives the same numbers. Default: without noise. */
  seed?: number;
  /** With noise: longest time step, > 0; errors are of second order in it. */
  step?: number;
}

const callback = needed("a function that writes into its second argument", functionOption);

const systemOptions = optionsOf<CoordinateSystem>("system", {
  mass: needed("a mass per coordinate", numbersOption("a list of masses")),
  force: callback,
  friction: callback,
  noise: functionOption,
});

/** Records kept are some numbers each. */
const MOST_RECORDS = 10_000_000;
const start = numbersOption("a number per coordinate");

const coordinateOptions = optionsOf<CoordinateOptions>("options", {
  time: needed("a finite number above 0", positiveOption),
  position: needed("a number per coordinate", start),
  velocity: start,
  tolerance: toleranceOption,
  records: wholeOption(2, MOST_RECORDS),
  seed: wholeOption(0, Number.MAX_SAFE_INTEGER),
  step: positiveOption,
});

/** Energy balance of coordinates that move without noise. */
export interface CoordinateEnergy {
  /** Work of the force. */
  work: number;
  /** Energy lost to friction; negative where it drives. */
  lost: number;
  /** |gain of kinetic energy - work + lost| relative to their sizes. */
  balance: number;
}

/** A motion of n coordinates in time, a row per record. */
export interface CoordinateMotion {
  /** Number of coordinates, n. */
  coordinates: number;
  /** Times of the records, equispaced from 0. */
  time: Float64Array;
  /** Coordinate i of record k at [k n + i]. */
  position: Float64Array;
  /** Velocity i of record k at [k n + i]. */
  velocity: Float64Array;
  /** Its energy balance; left out with noise. */
  energy?: CoordinateEnergy;
}

function check(system: CoordinateSystem, position: ArrayLike<number>, velocity: ArrayLike<number>): number {
  const n = system.mass.length;
  for (const [field, list, least] of [
    ["mass", system.mass, Number.MIN_VALUE],
    ["position", position, Number.NEGATIVE_INFINITY],
    ["velocity", velocity, Number.NEGATIVE_INFINITY],
  ] as const) {
    if (list.length !== n || n === 0) {
      throw new InputError(field, "wrong length", {
        expected: `${Math.max(n, 1)} numbers`,
        found: `${list.length}`,
      });
    }
    for (let i = 0; i < n; i++) {
      if (!Number.isFinite(list[i]) || list[i] < least) {
        throw new InputError(`${field}[${i}]`, "not usable", {
          expected: field === "mass" ? "a number above zero" : "a finite number",
          found: `${list[i]}`,
        });
      }
    }
  }
  return n;
}

/** State: x, v, work, lost. */
function derivative(system: CoordinateSystem, n: number) {
  const force = new Float64Array(n);
  const gamma = new Float64Array(n * n);
  return (_t: number, y: Float64Array, out: Float64Array) => {
    const x = y.subarray(0, n);
    system.force(x, force);
    system.friction(x, gamma);
    let work = 0;
    let lost = 0;
    for (let i = 0; i < n; i++) {
      let drag = 0;
      for (let j = 0; j < n; j++) drag += gamma[i * n + j] * y[n + j];
      out[i] = y[n + i];
      out[n + i] = (force[i] - drag) / system.mass[i];
      work += force[i] * y[n + i];
      lost += drag * y[n + i];
    }
    out[2 * n] = work;
    out[2 * n + 1] = lost;
  };
}

const kinetic = (system: CoordinateSystem, v: ArrayLike<number>) =>
  Array.from(v).reduce((sum, value, i) => sum + 0.5 * system.mass[i] * value * value, 0);

/**
 * Motion in time: without noise by Dormand-Prince 8(5,3) to `tolerance` per step; with noise, if a seed is given, of weak order 2 in the step.
 * Throws InputError for a system or options that are none, NumericalError if the coordinates run away.
 */
export function simulateCoordinates(system: CoordinateSystem, options: CoordinateOptions): CoordinateMotion {
  systemOptions(system);
  const asked = coordinateOptions(options);
  const { time, position, tolerance = 1e-10, records = 201, seed, step } = asked;
  const velocity = asked.velocity ?? new Float64Array(position.length);
  const n = check(system, position, velocity);
  const motion: CoordinateMotion = {
    coordinates: n,
    time: Float64Array.from({ length: records }, (_, k) => (k * time) / (records - 1)),
    position: new Float64Array(n * records),
    velocity: new Float64Array(n * records),
  };
  const keep = (k: number, state: ArrayLike<number>) => {
    for (let i = 0; i < n; i++) {
      motion.position[k * n + i] = state[i];
      motion.velocity[k * n + i] = state[n + i];
    }
  };
  if (seed !== undefined) {
    sample(system, n, asked, velocity, motion.time, keep);
    return motion;
  }
  if (step !== undefined) {
    throw new InputError("step", "given without a seed", { expected: "a seed beside it", found: "none" });
  }
  const initial = [...Array.from(position), ...Array.from(velocity), 0, 0];
  let next = 0;
  const end = integrate(
    derivative(system, n),
    0,
    initial,
    time,
    { relative: tolerance, absolute: tolerance * 1e-2, longest: time / 8 },
    (taken) => {
      for (; next < records && motion.time[next] <= taken.end * (1 + 1e-14); next++) {
        keep(next, taken.at(Math.min(motion.time[next], taken.end)));
      }
      return true;
    },
  );
  const gain = kinetic(system, end.subarray(n, 2 * n)) - kinetic(system, velocity);
  const [work, lost] = [end[2 * n], end[2 * n + 1]];
  const size = Math.abs(gain) + Math.abs(work) + Math.abs(lost);
  motion.energy = { work, lost, balance: size > 0 ? Math.abs(gain - work + lost) / size : 0 };
  return motion;
}

/** Lower triangular L with L L^T = D; zero columns where D has none. */
function cholesky(n: number, d: Float64Array): Float64Array {
  const l = new Float64Array(n * n);
  const scale = Math.max(...Array.from({ length: n }, (_, i) => Math.abs(d[i * n + i])));
  for (let j = 0; j < n; j++) {
    let pivot = d[j * n + j];
    for (let k = 0; k < j; k++) pivot -= l[j * n + k] ** 2;
    if (pivot < -1e-10 * scale) {
      throw new InputError("noise", "not a positive matrix", { expected: "zero or more", found: `${pivot}` });
    }
    if (pivot <= 1e-14 * scale) continue;
    l[j * n + j] = Math.sqrt(pivot);
    for (let i = j + 1; i < n; i++) {
      let sum = d[i * n + j];
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = sum / l[j * n + j];
    }
  }
  return l;
}

/** The stochastic motion, in steps that divide the records' spacing. */
function sample(
  system: CoordinateSystem,
  n: number,
  { position, step, seed }: CoordinateOptions,
  velocity: ArrayLike<number>,
  times: Float64Array,
  keep: (record: number, state: ArrayLike<number>) => void,
): void {
  const { noise, mass } = system;
  if (noise === undefined || step === undefined) {
    throw new InputError(noise === undefined ? "noise" : "step", "needed for a motion with noise", {
      expected: noise === undefined ? "a function" : "a number above zero",
      found: `${noise === undefined ? "none" : step}`,
    });
  }
  const key = seedWords(seed!);
  const x = Float64Array.from(position);
  const v = Float64Array.from(velocity);
  const [force, z] = [new Float64Array(n), new Float64Array(n)];
  const [gamma, d] = [new Float64Array(n * n), new Float64Array(n * n)];
  const spacing = times[1] - times[0];
  const substeps = Math.max(1, Math.ceil(spacing / step - 1e-9));
  const h = spacing / substeps;
  keep(0, [...x, ...v]);
  let count = 0;
  for (let record = 1; record < times.length; record++) {
    for (let k = 0; k < substeps; k++) {
      for (let i = 0; i < n; i++) x[i] += (h / 2) * v[i];
      system.force(x, force);
      system.friction(x, gamma);
      noise(x, d);
      const root = cholesky(n, d);
      normals(key, count++, z);
      // (1 + A h/2) v' = (1 - A h/2) v + h F/m + sqrt(h) B z/m, A = gamma / m.
      const left = new Float64Array(n * n);
      const right = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let sum = mass[i] * v[i] + h * force[i];
        for (let j = 0; j < n; j++) {
          left[i * n + j] = (h / 2) * gamma[i * n + j] + (i === j ? mass[i] : 0);
          sum += Math.sqrt(h) * root[i * n + j] * z[j] - (h / 2) * gamma[i * n + j] * v[j];
        }
        right[i] = sum;
      }
      v.set(solveFactored(factorise(n, left), right, 1));
      for (let i = 0; i < n; i++) x[i] += (h / 2) * v[i];
    }
    if (!x.every(Number.isFinite)) {
      throw new NumericalError("the coordinates ran away", {
        causes: ["friction drives without bound", "the step is too long"],
      });
    }
    keep(record, [...x, ...v]);
  }
}

/** Where and how a limit cycle is looked for. */
export interface LimitCycleOptions {
  /** Start, a number per coordinate. */
  position: ArrayLike<number>;
  /** Velocities at the start; default: at rest. */
  velocity?: ArrayLike<number>;
  /** Time before the search begins, > 0: some oscillations. */
  transient: number;
  /** Accuracy of a return relative to the amplitude, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** Most returns tried, at least 1; default 2000. */
  returns?: number;
}

const cycleOptions = optionsOf<LimitCycleOptions>("options", {
  position: needed("a number per coordinate", start),
  velocity: start,
  transient: needed("a finite number above 0", positiveOption),
  tolerance: toleranceOption,
  returns: wholeOption(1, Number.MAX_SAFE_INTEGER),
});

/** A periodic motion that friction keeps up. */
export interface LimitCycle {
  /** Time of one oscillation. */
  period: number;
  /** Half the distance between the extremes, per coordinate. */
  amplitude: Float64Array;
  /** Equispaced times of one period, both ends included. */
  time: Float64Array;
  /** Coordinate i of n at time k at [k n + i]; the last row is the first again. */
  position: Float64Array;
  /** Velocity i of n at time k at [k n + i]. */
  velocity: Float64Array;
  /** Work of the force over one period; zero if it has a potential. */
  work: number;
  /** Energy lost to friction over one period; equal to `work`. */
  lost: number;
  /** |work - lost| relative to their sizes and the kinetic energy. */
  balance: number;
}

/**
 * Limit cycle reached from a start; undefined if the motion comes to rest. Section: the coordinate with the largest amplitude passes its
 * mean upwards. Throws InputError for a system or options that are none, NumericalError if the motion runs away or does not become periodic (quasi-periodic, chaotic, or slow to settle).
 */
export function limitCycle(system: CoordinateSystem, options: LimitCycleOptions): LimitCycle | undefined {
  systemOptions(system);
  const asked = cycleOptions(options);
  const { position, transient, tolerance = 1e-8, returns = 2000 } = asked;
  const velocity = asked.velocity ?? new Float64Array(position.length);
  const n = check(system, position, velocity);
  const f = derivative(system, n);
  const accuracy = { relative: tolerance * 1e-3, absolute: tolerance * 1e-5 };
  let state = integrate(f, 0, [...Array.from(position), ...Array.from(velocity), 0, 0], transient, accuracy);
  // Amplitudes and means over another such time.
  const range = Array.from({ length: n }, () => ({
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  }));
  const widen = (y: Float64Array) => {
    range.forEach((r, i) => {
      r.low = Math.min(r.low, y[i]);
      r.high = Math.max(r.high, y[i]);
    });
  };
  state = integrate(f, 0, state, transient, accuracy, (step) => {
    widen(step.final);
    return true;
  });
  const start = Math.max(...Array.from(position, Math.abs), ...Array.from(velocity, Math.abs));
  const widths = range.map(({ low, high }) => high - low);
  const widest = widths.indexOf(Math.max(...widths));
  if (!(widths[widest] > 1e-6 * start)) return undefined;
  const middle = (range[widest].low + range[widest].high) / 2;
  const through = (y: Float64Array) => y[widest] - middle;
  /** Next upward passage from `from`. */
  const next = (from: Float64Array, onStep: (step: IntegrationStep, until: number) => void = () => {}) => {
    let found: { time: number; state: Float64Array } | undefined;
    const begin = from.slice();
    begin.fill(0, 2 * n);
    integrate(f, 0, begin, 4 * transient, accuracy, (step) => {
      const t = through(step.final) > 0 && step.end > 0 ? eventIn(step, through) : undefined;
      if (t !== undefined && t > 1e-9 * transient) found = { time: t, state: step.at(t) };
      onStep(step, found?.time ?? step.end);
      return found === undefined;
    });
    return found;
  };
  let last = next(state);
  for (let k = 0; k < returns && last !== undefined; k++) {
    const now = next(last.state);
    if (now === undefined) return undefined;
    let change = 0;
    for (let i = 0; i < 2 * n; i++) {
      const unit = i < n ? widths[widest] : (widths[widest] * 2 * Math.PI) / now.time;
      change = Math.max(change, Math.abs(now.state[i] - last.state[i]) / unit);
    }
    const size = Math.abs(now.state[n + widest] * now.time) / widths[widest];
    if (size < 1e-5) return undefined;
    if (change < tolerance) return describe(system, f, n, now.state, accuracy, next);
    last = now;
  }
  if (last === undefined) return undefined;
  throw new NumericalError("the motion did not become periodic", {
    causes: ["it settles slowly: a longer transient", "it is quasi-periodic or chaotic"],
  });
}

function describe(
  system: CoordinateSystem,
  f: (t: number, y: Float64Array, out: Float64Array) => void,
  n: number,
  state: Float64Array,
  accuracy: { relative: number; absolute: number },
  next: (from: Float64Array) => { time: number; state: Float64Array } | undefined,
): LimitCycle | undefined {
  const end = next(state);
  if (end === undefined) return undefined;
  const { time: period } = end;
  const points = 257;
  const time = Float64Array.from({ length: points }, (_, k) => (k * period) / (points - 1));
  const position = new Float64Array(points * n);
  const velocity = new Float64Array(points * n);
  const begin = state.slice();
  begin.fill(0, 2 * n);
  let k = 0;
  const low = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  integrate(f, 0, begin, period, { ...accuracy, longest: period / 16 }, (step) => {
    for (; k < points && time[k] <= step.end * (1 + 1e-14); k++) {
      const y = step.at(Math.min(time[k], step.end));
      position.set(y.subarray(0, n), k * n);
      velocity.set(y.subarray(n, 2 * n), k * n);
    }
    for (let i = 0; i < n; i++) {
      // Extremes where the velocity changes sign within the step.
      const turning = eventIn(step, (y) => y[n + i]);
      for (const x of [step.final[i], ...(turning === undefined ? [] : [step.at(turning)[i]])]) {
        low[i] = Math.min(low[i], x);
        high[i] = Math.max(high[i], x);
      }
    }
    return true;
  });
  const [work, lost] = [end.state[2 * n], end.state[2 * n + 1]];
  // Sizes: what friction takes and gives within a period may cancel, so the kinetic energy counts too.
  const size = Math.abs(work) + Math.abs(lost) + kinetic(system, state.subarray(n, 2 * n));
  return {
    period,
    amplitude: low.map((least, i) => (high[i] - least) / 2),
    time,
    position,
    velocity,
    work,
    lost,
    balance: Math.abs(work - lost) / size,
  };
}
