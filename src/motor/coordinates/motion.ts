// Motion of coordinates in time. Without noise the method is Dormand-Prince 8(5,3). With noise a
// step is half a drift, one Cayley step of the velocity at fixed x, and half a drift. Its weak
// order is 2: mean and covariance of the step are correct to h^2.

import { InputError, NumericalError } from "../../base/errors.js";
import { needed, optionsOf, positiveOption, toleranceOption, wholeOption } from "../../model/options.js";
import { factorise, solveFactored } from "../../numerics/linear-algebra/dense-real.js";
import { integrate } from "../../numerics/ode/dormand-prince.js";
import { normals, seedWords } from "../../numerics/random/threefry.js";
import {
  type CoordinateSystem,
  checkedSize,
  derivative,
  kinetic,
  startOption,
  systemOptions,
} from "./system.js";

/** How the motion of coordinates is computed. */
export interface CoordinateOptions {
  /** Duration of the motion, > 0. */
  time: number;
  /** Position at the start, one number per coordinate. */
  position: ArrayLike<number>;
  /** Velocities at the start, one number per coordinate; default 0. */
  velocity?: ArrayLike<number>;
  /** Relative accuracy of a step without noise, between 0 and 1; default 1e-10. */
  tolerance?: number;
  /** Number of equispaced records, both ends included, 2 to 10 million; default 201. */
  records?: number;
  /**
   * Whole number from 0 on that selects a motion with noise, which needs `noise` and `step`. The
   * same seed gives the same numbers. Without a seed there is no noise.
   */
  seed?: number;
  /** Longest time step with noise, > 0. Errors are of second order in it. */
  step?: number;
}

/** Each record takes some numbers of memory. */
const MOST_RECORDS = 10_000_000;

const coordinateOptions = optionsOf<CoordinateOptions>("options", {
  time: needed("a finite number above 0", positiveOption),
  position: needed("a number per coordinate", startOption),
  velocity: startOption,
  tolerance: toleranceOption,
  records: wholeOption(2, MOST_RECORDS),
  seed: wholeOption(0, Number.MAX_SAFE_INTEGER),
  step: positiveOption,
});

/** Energy balance of coordinates that move without noise. */
export interface CoordinateEnergy {
  /** Work of the force. */
  work: number;
  /** Energy lost to friction; negative where friction drives. */
  lost: number;
  /** |gain of kinetic energy - work + lost| relative to their sizes. */
  balance: number;
}

/** A motion of n coordinates in time, with one row per record. */
export interface CoordinateMotion {
  /** Number n of coordinates. */
  coordinates: number;
  /** Times of the records, equispaced from 0 on. */
  time: Float64Array;
  /** Coordinate i at record k has the index [k n + i]. */
  position: Float64Array;
  /** Velocity i at record k has the index [k n + i]. */
  velocity: Float64Array;
  /** Energy balance; left out with noise. */
  energy?: CoordinateEnergy;
}

/**
 * Computes a motion in time: without noise by Dormand-Prince 8(5,3) with the error `tolerance` per
 * step, with noise (if a seed is given) to weak order 2 in the step. Throws InputError for an
 * invalid system or options, and NumericalError if the coordinates run away.
 */
export function simulateCoordinates(system: CoordinateSystem, options: CoordinateOptions): CoordinateMotion {
  systemOptions(system);
  const asked = coordinateOptions(options);
  const { time, position, tolerance = 1e-10, records = 201, seed, step } = asked;
  const velocity = asked.velocity ?? new Float64Array(position.length);
  const n = checkedSize(system, position, velocity);
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

/** Lower triangular L with L L^T = D; a column is zero where D has no pivot. */
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

/** The motion with noise, in equal steps between the records. */
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
      // With A = gamma / m the step is (1 + A h/2) v' = (1 - A h/2) v + h F/m + sqrt(h) B z/m.
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
