// Ensembles of a rotor with noise, in the kernels (assembly/rotor.ts). With total drive f, friction g, noise D at the angle theta:
//
//   inertial     I domega = (f - g omega) dt + sqrt(D) dW.   Drift at constant speed and the exact Ornstein-Uhlenbeck process at fixed
//                angle alternate (Strang): weak order 2, also where g or D change with the angle, or g is negative.
//   overdamped   dtheta = a dt + b dW (Ito), b = sqrt(D) / g, a = f/g - D g' / (2 g^3): the limit of small inertia of the above, with
//                the drift that noise makes where the friction changes (T g'/g^2 replaced by the local D/2g: out of equilibrium D != 2 T g).
//                Taylor scheme of weak order 2.
//
// The coefficients of a step are tabulated on 64 cells or more per harmonic as cubics; so a step needs no function and its cost does not
// depend on the curves. Random numbers are counted (Threefry, key: seed and number of the trajectory): a trajectory is the same, bit for
// bit, alone, in any group, on any worker. Everything is given back per trajectory, so that parts can be joined in any order.

import type { Kernels } from "../engine/kernels.js";
import { RotorMemory, type RotorTables } from "../engine/rotor.js";
import { InputError, NumericalError } from "../model/errors.js";
import { normalQuantileTable } from "./normal-quantile.js";
import { equispacedAngles, PeriodicCurve } from "./periodic.js";
import { type RotorForces, type RotorSystem, rotorForces } from "./rotor.js";

export interface EnsembleOptions {
  /** Observed time, after the transient. */
  time: number;
  trajectories: number;
  /** Integer from 0 to 2^53 - 1; default 1. */
  seed?: number;
  /** Number of the first trajectory within the seed, a multiple of 4: for parts of an ensemble. Default 0. */
  first?: number;
  /** Time before observation begins; default a tenth of `time`. */
  transient?: number;
  /** Time step; default: `defaultStep`. Rounded down so that `time` is a multiple of four steps. */
  step?: number;
  /** Start of all trajectories; default at rest at 0. */
  angle?: number;
  velocity?: number;
  /** Trajectories whose path is kept (default 0), in `records` intervals from 0 to `time` (default 200). */
  paths?: number;
  records?: number;
}

/** What is known of each trajectory; parts of one ensemble with different `first` may be joined by `joinEnsembles`. */
export interface Ensemble {
  seed: number;
  first: number;
  time: number;
  step: number;
  /** Angle gained during the observed time, and up to `halfTime`, about its middle. */
  displacement: Float64Array;
  halfDisplacement: Float64Array;
  halfTime: number;
  /** Turns completed forwards and backwards, each counted when the angle is a whole turn beyond the last counted one; seen every four steps. */
  forward: Float64Array;
  backward: Float64Array;
  /** Time of the first completed turn, negative if it was backwards, NaN if there was none. */
  firstPassage: Float64Array;
  /** Angle at the end, in [0, 2 pi). */
  angle: Float64Array;
  /** Speed at the end; zero for the overdamped rotor, which has none. */
  velocity: Float64Array;
  paths: { time: Float64Array; angle: Float64Array[] };
}

/** Averages over an ensemble, with standard errors. */
export interface EnsembleStatistics {
  trajectories: number;
  time: number;
  meanVelocity: number;
  meanVelocityError: number;
  /**
   * Slope of Var(angle) / 2 over the second half of the observed time: the spread within a turn, which does not grow, drops out. The
   * observed time should be many relaxation times all the same.
   */
  diffusion: number;
  diffusionError: number;
  /** Completed turns per time in either direction. */
  forwardRate: number;
  backwardRate: number;
  slipRate: number;
  /** Mean time to the first completed turn of the trajectories that completed one, and their fraction. */
  firstPassage?: { mean: number; error: number; fraction: number };
  /** Net completed turns over the observed time. */
  windingNumber: { mean: number; variance: number };
}

const turn = 2 * Math.PI;

function natural(field: string, value: number, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new InputError(field, "not a whole number in range", {
    expected: `an integer from ${least}`,
    found: `${value}`,
  });
}

function duration(field: string, value: number, zero = false): number {
  if (Number.isFinite(value) && (value > 0 || (zero && value === 0))) return value;
  throw new InputError(field, "not a duration", { expected: "a number above zero", found: `${value}` });
}

/**
 * Step that resolves relaxation, the curvature of the drive, and the passage over the finest harmonic at typical speeds: a fiftieth of the
 * shortest of these times. Halve it to see what it matters: errors are of second order in it. Throws InputError for a rotor without
 * inertia whose friction vanishes somewhere.
 */
export function defaultStep(system: RotorSystem): number {
  const forces = rotorForces(system);
  const { drive, friction, noise } = forces;
  const { inertia } = system.rotor;
  const harmonics = Math.max(
    1,
    drive.harmonics > 0 ? significantHarmonics(drive) : 1,
    significantHarmonics(friction),
  );
  const slope = drive
    .resampleDerivative(Math.max(64, 2 * drive.size))
    .reduce((m, x) => Math.max(m, Math.abs(x)), 0);
  const gamma = friction.scale;
  const rates: number[] = [];
  if (inertia === "infinite" || inertia === 0) {
    const least = leastFriction(forces, Math.max(64, 2 * friction.size));
    rates.push(
      slope / least,
      (drive.scale / least) * harmonics,
      (noise.scale / (2 * least * least)) * harmonics ** 2,
    );
  } else {
    const speed = Math.max(
      Math.sqrt(noise.scale / (2 * Math.max(gamma, 1e-300) * inertia)),
      drivenSpeed(drive, friction, inertia),
    );
    rates.push(gamma / inertia, Math.sqrt(slope / inertia), speed * harmonics);
  }
  return 0.02 / Math.max(...rates, Number.MIN_VALUE);
}

/**
 * Speed that the drive gives a rotor with inertia: where friction holds it, drive / friction; where friction is weak no more than the
 * energy of one turn allows, beside the speed at which friction takes up the work of the turns. A conservative drive with next to no
 * friction would else ask for steps of nothing.
 */
function drivenSpeed(drive: PeriodicCurve, friction: PeriodicCurve, inertia: number): number {
  const held = drive.scale / Math.max(friction.scale, 1e-300);
  if (!(friction.mean > 0)) return held;
  // The wells of the drive, to the few digits that a step asks for.
  let [low, high] = [0, 0];
  for (const angle of equispacedAngles(256)) {
    const value = drive.antiderivative(angle);
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  const energy = high - low + Math.abs(drive.integral);
  // Rounding's work of a turn is none.
  const work = Math.abs(drive.mean) > 1e-14 * drive.scale ? Math.abs(drive.mean) : 0;
  return Math.min(held, work / friction.mean + Math.sqrt((2 * energy) / inertia));
}

/** Least friction over `n` angles of a rotor without inertia. InputError where it is not above what is known of it: there the speed has no bound. */
function leastFriction({ friction, frictionError }: RotorForces, n: number): number {
  const values = friction.resample(n);
  let at = 0;
  for (let i = 0; i < n; i++) if (values[i] < values[at]) at = i;
  const known = Math.max(frictionError, 1e-13 * friction.scale);
  if (!(values[at] > known)) {
    throw new InputError("rotor.inertia", "a rotor without inertia needs positive friction at every angle", {
      expected: `friction above its error, ${known.toExponential(1)}, or inertia above zero`,
      found: `friction down to ${values[at].toExponential(1)} at theta = ${((turn * at) / n).toPrecision(4)}`,
      advice: "Give the rotor inertia, or its bearing friction.",
    });
  }
  return values[at];
}

/** Highest harmonic with more than 1e-3 of the curve's scale. */
function significantHarmonics(curve: PeriodicCurve): number {
  for (let k = curve.harmonics; k > 1; k--) if (curve.amplitude(k) > 1e-3 * curve.scale) return k;
  return 1;
}

/** The tables of a step h; exported for the twin of the tests. */
export function stepTables(system: RotorSystem, h: number): RotorTables {
  const forces = rotorForces(system);
  const { drive, friction, noise } = forces;
  const { inertia } = system.rotor;
  if (inertia === "infinite") {
    throw new InputError("rotor.inertia", "a rotor of infinite inertia does not feel noise", {
      expected: "a finite inertia",
      found: '"infinite"',
    });
  }
  const finest = Math.max(drive.harmonics, friction.harmonics, noise.harmonics, 1);
  const cells = 2 ** Math.min(16, Math.max(8, Math.ceil(Math.log2(64 * finest))));
  // On twice as many points: cells are centred on the even ones and end at the odd ones.
  const fine = 2 * cells;
  const strength = noise.resample(fine);
  const least = strength.reduce((m, x) => Math.min(m, x));
  if (least < -1e-9 * noise.scale) {
    throw new InputError("noise", "negative at some angle", { expected: "zero or more", found: `${least}` });
  }
  const clipped = strength.map((x) => Math.max(x, 0));
  const values =
    inertia === 0
      ? overdampedStep(forces, clipped, h, cells)
      : inertialStep(forces, clipped, inertia, h, cells);
  const steps = new Float64Array(12 * cells);
  for (let i = 0; i < cells; i++) {
    const [b, c, s] = values.map((list) => cubicBetween(list, 2 * i - 1 + fine));
    for (let power = 0; power < 4; power++) {
      steps[12 * i + 2 * power] = b[power];
      steps[12 * i + 2 * power + 1] = c[power];
      steps[12 * i + 8 + power] = s[power];
    }
  }
  return { cells, steps, quantile: normalQuantileTable() };
}

/**
 * Cubic through the values and slopes at `start` and two points further, in powers of the distance from the point between in units of the
 * two. Slopes by the central difference of fourth order: local, so that a kink (noise that vanishes somewhere) stays where it is.
 */
function cubicBetween(list: Float64Array, start: number): [number, number, number, number] {
  const at = (k: number) => list[(start + k) % list.length];
  const slope = (k: number) => (8 * (at(k + 1) - at(k - 1)) - (at(k + 2) - at(k - 2))) / 6;
  const [sum, rise] = [at(0) + at(2), at(2) - at(0)];
  const [slopes, bend] = [slope(0) + slope(2), slope(2) - slope(0)];
  return [sum / 2 - bend / 8, 1.5 * rise - slopes / 4, bend / 2, slopes - 2 * rise];
}

/** v <- c v + b + s z in units of cells per half step: the Ornstein-Uhlenbeck process over h at fixed angle. */
function inertialStep(
  { drive, friction }: RotorForces,
  noise: Float64Array,
  inertia: number,
  h: number,
  cells: number,
): [Float64Array, Float64Array, Float64Array] {
  const unit = (h / 2) * (cells / turn);
  const rate = friction.resample(2 * cells).map((gamma) => gamma / inertia);
  // (1 - exp(-y)) / y, regular at y = 0 and for negative friction.
  const part = (y: number) => (y === 0 ? 1 : -Math.expm1(-y) / y);
  const force = drive.resample(2 * cells);
  return [
    force.map((f, i) => (f / inertia) * h * part(rate[i] * h) * unit),
    rate.map((r) => Math.exp(-r * h)),
    noise.map((D, i) => (Math.sqrt(D * h * part(2 * rate[i] * h)) / inertia) * unit),
  ];
}

/** x <- x + b + z (s + z c): Taylor scheme of weak order 2 for dtheta = a dt + beta dW. */
function overdampedStep(
  forces: RotorForces,
  noise: Float64Array,
  h: number,
  cells: number,
): [Float64Array, Float64Array, Float64Array] {
  const { drive, friction } = forces;
  const fine = 2 * cells;
  leastFriction(forces, fine);
  const gamma = friction.resample(fine);
  const gammaSlope = friction.resampleDerivative(fine);
  const force = drive.resample(fine);
  const drift = force.map((f, i) => f / gamma[i] - (noise[i] * gammaSlope[i]) / (2 * gamma[i] ** 3));
  const spread = noise.map((D, i) => Math.sqrt(D) / gamma[i]);
  const [a1, a2] = [1, 2].map((order) => new PeriodicCurve(drift).resampleDerivative(fine, order));
  const [b1, b2] = [1, 2].map((order) => new PeriodicCurve(spread).resampleDerivative(fine, order));
  const unit = cells / turn;
  const list = (value: (a: number, b: number, i: number) => number) =>
    drift.map((a, i) => unit * value(a, spread[i], i));
  return [
    list((a, b, i) => a * h - (b * b1[i] * h) / 2 + ((a * a1[i] + (a2[i] * b * b) / 2) * h * h) / 2),
    list((_, b, i) => (b * b1[i] * h) / 2),
    list((a, b, i) => b * Math.sqrt(h) + ((a1[i] * b + a * b1[i] + (b2[i] * b * b) / 2) * h ** 1.5) / 2),
  ];
}

/** Low and high 32 bits of the seed. */
export function seedWords(seed: number): [number, number] {
  return [(seed % 2 ** 32) | 0, Math.floor(seed / 2 ** 32) | 0];
}

/**
 * Simulates an ensemble. Cost: about 10 ns per step and trajectory. The same seed gives the same bits for a trajectory whatever else is
 * simulated. Throws InputError for options that make no sense, NumericalError if a trajectory runs away (negative friction).
 */
export function simulateEnsemble(kernels: Kernels, system: RotorSystem, options: EnsembleOptions): Ensemble {
  const time = duration("time", options.time);
  const trajectories = natural("trajectories", options.trajectories, 1);
  const seed = natural("seed", options.seed ?? 1, 0);
  const first = natural("first", options.first ?? 0, 0);
  if (first % 4 !== 0) {
    throw new InputError("first", "trajectories are numbered in fours", {
      expected: "a multiple of 4",
      found: `${first}`,
    });
  }
  const transient = duration("transient", options.transient ?? time / 10, true);
  const wanted = duration("step", options.step ?? defaultStep(system));
  const paths = Math.min(natural("paths", options.paths ?? 0, 0), trajectories);
  const mode = system.rotor.inertia === 0 ? 1 : 0;
  // Whole groups of four steps; the step does not depend on what is recorded.
  const blocks = Math.max(1, Math.ceil(time / wanted / 4 - 1e-9));
  const step = time / blocks / 4;
  const records = Math.min(blocks, natural("records", options.records ?? 200, 1));
  const transientBlocks = Math.ceil(transient / step / 4 - 1e-9);
  if (blocks + transientBlocks >= 2 ** 30) {
    throw new InputError("time", "more than 4e9 steps", {
      expected: "a shorter time, or a longer step",
      found: `${time} in steps of ${step}`,
      ...(mode === 1 &&
        options.step === undefined && {
          advice:
            "A rotor without inertia is fast where its friction is least: inertia, or friction of the bearing, lengthens the step.",
        }),
    });
  }
  const tables = stepTables(system, step);
  const { cells } = tables;
  const memory = new RotorMemory(kernels, tables, trajectories);
  try {
    const start = options.angle ?? 0;
    const begin = (start / turn - Math.floor(start / turn)) * cells;
    memory.field("position").fill(begin);
    memory.field("speed").fill((((options.velocity ?? 0) * step) / 2) * (cells / turn));
    memory.field("lower").fill(Number.NEGATIVE_INFINITY);
    memory.field("upper").fill(Number.POSITIVE_INFINITY);
    const key = seedWords(seed);
    if (transientBlocks > 0) memory.advance(key, first, 0, transientBlocks, mode);
    const angleAt = (i: number) =>
      ((memory.field("turns")[i] * cells + memory.field("position")[i]) / cells) * turn;
    // Thresholds one whole turn beyond where observation begins.
    for (let i = 0; i < memory.capacity; i++) {
      const now = memory.field("turns")[i] * cells + memory.field("position")[i];
      memory.field("lower")[i] = now - cells;
      memory.field("upper")[i] = now + cells;
    }
    const origin = Float64Array.from({ length: trajectories }, (_, i) => angleAt(i));
    const shift = start - begin * (turn / cells);
    const kept = Array.from({ length: paths }, (_, i) => {
      const path = new Float64Array(records + 1);
      path[0] = angleAt(i) + shift;
      return path;
    });
    const recordBlock = (record: number) => Math.round((record * blocks) / records);
    const middle = Math.floor(blocks / 2);
    let halfDisplacement = new Float64Array(trajectories);
    let done = 0;
    const advanceTo = (block: number) => {
      if (block > done) memory.advance(key, first, transientBlocks + done, block - done, mode);
      done = block;
    };
    for (let record = 1; record <= records; record++) {
      if (done <= middle && middle < recordBlock(record)) {
        advanceTo(middle);
        halfDisplacement = origin.map((from, i) => angleAt(i) - from);
      }
      advanceTo(recordBlock(record));
      kept.forEach((path, i) => {
        path[record] = angleAt(i) + shift;
      });
    }
    const displacement = origin.map((from, i) => angleAt(i) - from);
    if (!displacement.every(Number.isFinite)) {
      throw new NumericalError("a trajectory ran away", {
        causes: ["friction is negative over the turn: nothing holds the speed", "the step is too long"],
      });
    }
    const take = (name: "forward" | "backward") => memory.field(name).slice(0, trajectories);
    const sinceStart = (passage: number) =>
      passage === 0 ? Number.NaN : Math.sign(passage) * step * (Math.abs(passage) - 4 * transientBlocks);
    return {
      seed,
      first,
      time,
      step,
      displacement,
      halfDisplacement,
      halfTime: 4 * step * middle,
      forward: take("forward"),
      backward: take("backward"),
      firstPassage: memory.field("passage").slice(0, trajectories).map(sinceStart),
      angle: memory
        .field("position")
        .slice(0, trajectories)
        .map((x) => (x / cells - Math.floor(x / cells)) * turn),
      velocity: memory
        .field("speed")
        .slice(0, trajectories)
        .map((v) => (mode === 1 ? 0 : (v * 2 * turn) / (step * cells))),
      paths: {
        time: Float64Array.from(
          { length: paths === 0 ? 0 : records + 1 },
          (_, k) => 4 * step * recordBlock(k),
        ),
        angle: kept,
      },
    };
  } finally {
    memory.release();
  }
}

/** Joins parts of one ensemble, in the order of their first trajectories. */
export function joinEnsembles(parts: readonly Ensemble[]): Ensemble {
  const sorted = [...parts].sort((a, b) => a.first - b.first);
  const join = (pick: (part: Ensemble) => Float64Array) =>
    Float64Array.from(sorted.flatMap((part) => Array.from(pick(part))));
  return {
    ...sorted[0],
    displacement: join((part) => part.displacement),
    halfDisplacement: join((part) => part.halfDisplacement),
    forward: join((part) => part.forward),
    backward: join((part) => part.backward),
    firstPassage: join((part) => part.firstPassage),
    angle: join((part) => part.angle),
    velocity: join((part) => part.velocity),
    paths: { time: sorted[0].paths.time, angle: sorted.flatMap((part) => part.paths.angle) },
  };
}

function moments(values: ArrayLike<number>): { mean: number; variance: number } {
  const n = values.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += values[i] / n;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += (values[i] - mean) ** 2;
  return { mean, variance: n > 1 ? sum / (n - 1) : 0 };
}

/** Mean speed, diffusion, slips and passages of an ensemble; errors are standard errors over the trajectories (two or more). */
export function ensembleStatistics(ensemble: Ensemble): EnsembleStatistics {
  const { displacement, halfDisplacement, halfTime, forward, backward, firstPassage, time } = ensemble;
  const n = displacement.length;
  const { mean, variance } = moments(displacement);
  const half = moments(halfDisplacement);
  // One number per trajectory whose mean is the gain of variance: its scatter gives the error, also where few slips make the spread.
  const gain = moments(
    displacement.map(
      (x, i) => ((x - mean) ** 2 - (halfDisplacement[i] - half.mean) ** 2) / (2 * (time - halfTime)),
    ),
  );
  const passed = firstPassage.filter((value) => !Number.isNaN(value)).map(Math.abs);
  const passage = moments(passed);
  const forwardRate = moments(forward).mean / time;
  const backwardRate = moments(backward).mean / time;
  return {
    trajectories: n,
    time,
    meanVelocity: mean / time,
    meanVelocityError: Math.sqrt(variance / n) / time,
    diffusion: gain.mean * (n / Math.max(1, n - 1)),
    diffusionError: Math.sqrt(gain.variance / n),
    forwardRate,
    backwardRate,
    slipRate: forwardRate + backwardRate,
    ...(passed.length > 0
      ? {
          firstPassage: {
            mean: passage.mean,
            error: Math.sqrt(passage.variance / passed.length),
            fraction: passed.length / n,
          },
        }
      : {}),
    windingNumber: moments(forward.map((count, i) => count - backward[i])),
  };
}
