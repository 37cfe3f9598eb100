// Adaptive integration of dy/dt = f(t, y) by Dormand-Prince 8(5,3) with dense output of order 7
// (the coefficients and their source are in dormand-prince-table.ts). A proportional controller
// uses the combined error estimator of orders 5 and 3. The three derivatives that only the dense
// output needs are computed when a step is first asked for a value. Events are zeros of a function
// of the state on the dense output. For stiff equations (overdamped rotors whose rates are much
// faster than the motion) the steps become as short as stability requires, and the error message
// reports that.

import { NumericalError } from "../../base/errors.js";
import {
  denseWeights,
  errorFive,
  errorThree,
  nodes,
  stageWeights,
  stepWeights,
} from "./dormand-prince-table.js";

/** Writes dy/dt to `out`. */
export type Derivative = (t: number, y: Float64Array, out: Float64Array) => void;

/** The accuracy of an integration and the limits of its steps. */
export interface IntegrationOptions {
  /** Allowed error per step, relative to |y|. The default is 1e-10. */
  relative?: number;
  /**
   * Absolute part of the allowed error, for all components or one number each. The default is
   * 1e-12.
   */
  absolute?: number | ArrayLike<number>;
  /** Longest step, in the unit of t. The default is no limit. */
  longest?: number;
  /** Largest number of steps. The default is 1e6. */
  maximumSteps?: number;
}

/** One accepted step. */
export interface IntegrationStep {
  /** Times at both ends of the step. */
  start: number;
  end: number;
  /** States at both ends of the step. */
  initial: Float64Array;
  final: Float64Array;
  /** The state at a time within the step, accurate to order 7. */
  at(t: number): Float64Array;
}

const stages = 12;

/**
 * Integrates to `end`, which may lie before `start`, and returns the state there. `accept` receives
 * every step with its dense output. If it returns `false`, the integration stops and the state at
 * the end of that step is returned. Throws NumericalError if the steps become too short or too
 * many, or if the state is no longer finite.
 */
export function integrate(
  f: Derivative,
  start: number,
  initial: ArrayLike<number>,
  end: number,
  {
    relative = 1e-10,
    absolute = 1e-12,
    longest = Number.POSITIVE_INFINITY,
    maximumSteps = 1e6,
  }: IntegrationOptions = {},
  accept: (step: IntegrationStep) => boolean = () => true,
): Float64Array {
  const n = initial.length;
  const slopes = Array.from({ length: 16 }, () => new Float64Array(n));
  const direction = end >= start ? 1 : -1;
  const work = new Float64Array(n);
  let t = start;
  let y: Float64Array = Float64Array.from(initial);
  const floorOf = (i: number) => (typeof absolute === "number" ? absolute : absolute[i]);
  const stage = (index: number, from: Float64Array, h: number) => {
    const weights = stageWeights[index];
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < index; k++) sum += weights[k] * slopes[k][i];
      work[i] = from[i] + h * sum;
    }
    f(t + nodes[index] * h, work, slopes[index]);
  };
  f(t, y, slopes[0]);
  let h =
    direction *
    Math.min(longest, Math.abs(end - start), firstStep(f, t, y, slopes[0], direction, relative, floorOf));
  for (let count = 0; t !== end; count++) {
    if (count >= maximumSteps || !(Math.abs(h) > 1e-15 * Math.abs(t))) {
      throw new NumericalError(
        `the motion could not be followed beyond the time ${t} (${count} steps, step ${h})`,
        {
          causes: [
            "the equation is stiff: friction over inertia is large against the motion's rates; use the overdamped limit",
            "the state runs away",
          ],
        },
      );
    }
    if (direction * (t + 1.01 * h - end) >= 0) h = end - t;
    for (let index = 1; index < stages; index++) stage(index, y, h);
    const next = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = 0; k < stages; k++) sum += stepWeights[k] * slopes[k][i];
      next[i] = y[i] + h * sum;
    }
    f(t + h, next, slopes[stages]);
    let five = 0;
    let three = 0;
    for (let i = 0; i < n; i++) {
      const scale = floorOf(i) + relative * Math.max(Math.abs(y[i]), Math.abs(next[i]));
      let a = 0;
      let b = 0;
      for (let k = 0; k <= stages; k++) {
        a += errorFive[k] * slopes[k][i];
        b += errorThree[k] * slopes[k][i];
      }
      five += (a / scale) ** 2;
      three += (b / scale) ** 2;
    }
    const bottom = five + 0.01 * three;
    const error = bottom === 0 ? 0 : (Math.abs(h) * five) / Math.sqrt(bottom * n);
    if (!(error <= 1)) {
      h *= Number.isFinite(error) ? Math.max(0.2, 0.9 * error ** (-1 / 8)) : 0.1;
      continue;
    }
    const last = h === end - t;
    const step = denseStep(f, t, h, last ? end : t + h, y, next, slopes);
    const go = accept(step);
    t = step.end;
    y = next;
    slopes[0].set(slopes[stages]);
    if (!go) break;
    h =
      direction *
      Math.min(longest, Math.abs(h) * Math.min(6, Math.max(0.2, 0.9 * Math.max(error, 1e-10) ** (-1 / 8))));
  }
  return y;
}

/** The first step, from the sizes of y, of dy/dt and of its change (Hairer, II.4). */
function firstStep(
  f: Derivative,
  t: number,
  y: Float64Array,
  slope: Float64Array,
  direction: number,
  relative: number,
  floorOf: (i: number) => number,
): number {
  const n = y.length;
  const size = (values: (i: number) => number) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (values(i) / (floorOf(i) + relative * Math.abs(y[i]))) ** 2;
    return Math.sqrt(sum / n);
  };
  const [d0, d1] = [size((i) => y[i]), size((i) => slope[i])];
  const h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : (0.01 * d0) / d1;
  const second = new Float64Array(n);
  f(
    t + direction * h0,
    y.map((value, i) => value + direction * h0 * slope[i]),
    second,
  );
  const d2 = size((i) => second[i] - slope[i]) / h0;
  const largest = Math.max(d1, d2);
  const h1 = largest <= 1e-15 ? Math.max(1e-6, h0 * 1e-3) : (0.01 / largest) ** (1 / 8);
  return Math.min(100 * h0, h1);
}

/**
 * The dense output of a step. The additional derivatives are computed at the first call of `at`,
 * from the other ones while they are still in memory or else from a copy.
 */
function denseStep(
  f: Derivative,
  start: number,
  h: number,
  end: number,
  initial: Float64Array,
  final: Float64Array,
  current: readonly Float64Array[],
): IntegrationStep {
  const n = initial.length;
  const slopes = current.map((values) => values.slice());
  let terms: Float64Array[] | undefined;
  const prepare = (): Float64Array[] => {
    const work = new Float64Array(n);
    for (let index = stages + 1; index < 16; index++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let k = 0; k < index; k++) sum += stageWeights[index][k] * slopes[k][i];
        work[i] = initial[i] + h * sum;
      }
      f(start + nodes[index] * h, work, slopes[index]);
    }
    const rise = final.map((value, i) => value - initial[i]);
    return [
      rise,
      rise.map((value, i) => h * slopes[0][i] - value),
      rise.map((value, i) => 2 * value - h * (slopes[stages][i] + slopes[0][i])),
      ...denseWeights.map((weights) =>
        rise.map((_, i) => h * weights.reduce((sum, weight, k) => sum + weight * slopes[k][i], 0)),
      ),
    ];
  };
  return {
    start,
    end,
    initial,
    final,
    at(t) {
      terms ??= prepare();
      const x = (t - start) / h;
      const value = new Float64Array(n);
      for (let k = terms.length - 1; k >= 0; k--) {
        const factor = k % 2 === 0 ? x : 1 - x;
        for (let i = 0; i < n; i++) value[i] = (value[i] + terms[k][i]) * factor;
      }
      return value.map((part, i) => part + initial[i]);
    },
  };
}

/**
 * The time in a step at which g(state) changes sign, by a combination of bisection and secants.
 * Undefined if g has the same sign at both ends.
 */
export function eventIn(step: IntegrationStep, g: (y: Float64Array) => number): number | undefined {
  let [a, b] = [step.start, step.end];
  let [left, right] = [g(step.initial), g(step.final)];
  if (right === 0) return b;
  if (!(left * right < 0)) return undefined;
  for (let i = 0; i < 100; i++) {
    const secant = a + ((b - a) * left) / (left - right);
    const t = i % 3 === 2 || !(secant > Math.min(a, b) && secant < Math.max(a, b)) ? (a + b) / 2 : secant;
    const value = g(step.at(t));
    if (value === 0 || Math.abs(b - a) <= 4e-16 * Math.max(Math.abs(a), Math.abs(b))) return t;
    if (value * left > 0) [a, left] = [t, value];
    else [b, right] = [t, value];
  }
  return (a + b) / 2;
}
