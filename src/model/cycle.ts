// X(theta) and dX/dtheta along a cycle. Per parameter
// X = mean + turns theta + sum_k (cos[k-1] cos(k theta) + sin[k-1] sin(k theta)). Each harmonic is
// evaluated without a recurrence, so that high harmonics keep full accuracy. Cost: one sine and one
// cosine per harmonic.

import { InputError } from "../base/errors.js";
import { described, didYouMean, isObject, joinedPath, listed } from "../base/wording.js";
import { refuseHuge } from "./file/sizes.js";
import type { Cycle, CycleFunction, ParameterValues } from "./types.js";

/**
 * Writes X(theta) and dX/dtheta (per radian) into the given arrays, in the order of
 * `parameterNames`. Parameters that the cycle does not contain are 0. A Fourier cycle allocates
 * nothing. Throws InputError if a cycle function returns an unknown name or a value that is not
 * finite.
 */
export function evaluateCycleInto(
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  theta: number,
  values: Float64Array,
  derivatives: Float64Array,
): void {
  if (typeof cycle === "function") {
    const point = cycle(theta);
    copyNamed(point?.values, parameterNames, values, "cycle(theta).values");
    copyNamed(point?.derivatives, parameterNames, derivatives, "cycle(theta).derivatives");
    return;
  }
  for (let nu = 0; nu < parameterNames.length; nu++) {
    const name = parameterNames[nu];
    let value = 0;
    let derivative = 0;
    if (Object.hasOwn(cycle, name)) {
      const { mean = 0, turns = 0, cos, sin } = cycle[name];
      value = mean + turns * theta;
      derivative = turns;
      const harmonics = Math.max(cos?.length ?? 0, sin?.length ?? 0);
      for (let k = 1; k <= harmonics; k++) {
        const a = cos?.[k - 1] ?? 0;
        const b = sin?.[k - 1] ?? 0;
        const c = Math.cos(k * theta);
        const s = Math.sin(k * theta);
        value += a * c + b * s;
        derivative += k * (b * c - a * s);
      }
    }
    values[nu] = value;
    derivatives[nu] = derivative;
  }
}

/** X(theta) and dX/dtheta in the order of `parameterNames`, as by `evaluateCycleInto`. */
export function evaluateCycle(
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  theta: number,
): { values: Float64Array; derivatives: Float64Array } {
  const values = new Float64Array(parameterNames.length);
  const derivatives = new Float64Array(parameterNames.length);
  evaluateCycleInto(cycle, parameterNames, theta, values, derivatives);
  return { values, derivatives };
}

function copyNamed(named: unknown, names: readonly string[], target: Float64Array, field: string): void {
  if (!isObject(named)) {
    throw new InputError(field, "no values", {
      expected: "an object of numbers by parameter",
      found: described(named),
    });
  }
  target.fill(0);
  for (const [name, value] of Object.entries(named)) {
    target[indexOfParameter(name, names, field)] = finite(value, joinedPath(field, name));
  }
}

function finite(value: unknown, field: string): number {
  if (Number.isFinite(value)) {
    refuseHuge(value, field);
    return value as number;
  }
  throw new InputError(field, "wrong value", { expected: "a finite number", found: described(value) });
}

/** Index of a parameter. Throws InputError that lists the known names. */
export function indexOfParameter(name: string, names: readonly string[], field: string): number {
  const index = names.indexOf(name);
  if (index >= 0) return index;
  throw new InputError(joinedPath(field, name), "unknown parameter", {
    expected: names.length === 0 ? "none: the device has no parameters" : `one of ${listed(names)}`,
    found: described(name),
    advice: didYouMean(name, names),
  });
}

/**
 * Values by name (the `at` of a call) as a vector; parameters that are not given are 0. Throws
 * InputError for unknown names and for values that are not numbers.
 */
export function parameterVector(
  at: ParameterValues | undefined,
  names: readonly string[],
  field = "at",
): Float64Array {
  const values = new Float64Array(names.length);
  if (at !== undefined) copyNamed(at, names, values, field);
  return values;
}
