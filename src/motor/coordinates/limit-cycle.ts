// Limit cycles of coordinates without noise. The motion returns to the plane through the mean of
// the orbit until two successive returns agree.

import { NumericalError } from "../../base/errors.js";
import { needed, optionsOf, positiveOption, toleranceOption, wholeOption } from "../../model/options.js";
import { eventIn, type IntegrationStep, integrate } from "../../numerics/ode/dormand-prince.js";
import {
  type CoordinateSystem,
  checkedSize,
  derivative,
  kinetic,
  startOption,
  systemOptions,
} from "./system.js";

/** The start and the accuracy of a search for a limit cycle. */
export interface LimitCycleOptions {
  /** Position at the start, one number per coordinate. */
  position: ArrayLike<number>;
  /** Velocities at the start, one number per coordinate; default 0. */
  velocity?: ArrayLike<number>;
  /** Time before the search begins, > 0; it should cover some oscillations. */
  transient: number;
  /** Accuracy of a return relative to the amplitude, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** Largest number of returns, at least 1; default 2000. */
  returns?: number;
}

const cycleOptions = optionsOf<LimitCycleOptions>("options", {
  position: needed("a number per coordinate", startOption),
  velocity: startOption,
  transient: needed("a finite number above 0", positiveOption),
  tolerance: toleranceOption,
  returns: wholeOption(1, Number.MAX_SAFE_INTEGER),
});

/** A periodic motion that friction sustains. */
export interface LimitCycle {
  /** Duration of one oscillation. */
  period: number;
  /** Half the distance between the extremes of each coordinate. */
  amplitude: Float64Array;
  /** Equispaced times of one period, both ends included. */
  time: Float64Array;
  /** Coordinate i of n at time k has the index [k n + i]. The last row equals the first. */
  position: Float64Array;
  /** Velocity i of n at time k has the index [k n + i]. */
  velocity: Float64Array;
  /** Work of the force over one period; zero if the force has a potential. */
  work: number;
  /** Energy lost to friction over one period. It equals `work`. */
  lost: number;
  /** |work - lost| relative to their sizes and the kinetic energy. */
  balance: number;
}

/**
 * The limit cycle that a motion reaches from a start; undefined if the motion comes to rest. A
 * return is an upward passage through its mean by the coordinate with the largest amplitude. Throws
 * InputError for an invalid system or options, and NumericalError if the motion runs away or does
 * not become periodic (because it is quasi-periodic or chaotic, or settles slowly).
 */
export function limitCycle(system: CoordinateSystem, options: LimitCycleOptions): LimitCycle | undefined {
  systemOptions(system);
  const asked = cycleOptions(options);
  const { position, transient, tolerance = 1e-8, returns = 2000 } = asked;
  const velocity = asked.velocity ?? new Float64Array(position.length);
  const n = checkedSize(system, position, velocity);
  const f = derivative(system, n);
  const accuracy = { relative: tolerance * 1e-3, absolute: tolerance * 1e-5 };
  let state = integrate(f, 0, [...Array.from(position), ...Array.from(velocity), 0, 0], transient, accuracy);
  // Amplitudes and means are taken over another such time.
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
  /** The next upward passage of the mean after the state `from`. */
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
    causes: ["it settles slowly: use a longer transient", "it is quasi-periodic or chaotic"],
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
      // Extremes lie where the velocity changes sign within the step.
      const turning = eventIn(step, (y) => y[n + i]);
      for (const x of [step.final[i], ...(turning === undefined ? [] : [step.at(turning)[i]])]) {
        low[i] = Math.min(low[i], x);
        high[i] = Math.max(high[i], x);
      }
    }
    return true;
  });
  const [work, lost] = [end.state[2 * n], end.state[2 * n + 1]];
  // The energy that friction takes and gives within a period may cancel, so that the kinetic energy
  // counts as well.
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
