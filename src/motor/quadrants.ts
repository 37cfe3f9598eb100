// The four quadrants of bias and load. By the signs of the powers: a motor takes electrical power and gives mechanical power, a
// generator (a pump driven by its load) the reverse, a dissipator takes both and gives heat; "locked" is a rotor at rest.

import type { RotorSettings } from "./rotor.js";
import { steadyThermodynamics, type TransportCurve } from "./thermodynamics.js";

export type QuadrantMode = "motor" | "generator" | "dissipator" | "locked";

/** Row-major: index = bias * (length of load) + load. */
export interface QuadrantMap {
  bias: Float64Array;
  load: Float64Array;
  mode: QuadrantMode[];
  omega: Float64Array;
  powerIn: Float64Array;
  powerOut: Float64Array;
  /** Of motor and generator, between 0 and 1 (a motor that also takes heat may exceed 1); NaN elsewhere. */
  efficiency: Float64Array;
}

/**
 * Steady state at every bias and load, on the running branch where there is one.
 *
 *     const map = quadrantMap((bias) => curveAt(bias), { inertia: "infinite" }, biases, loads);
 *
 * The curve is asked for once per bias. Cost: one steady state per point, microseconds at infinite inertia, some 10 ms otherwise.
 * A rotor without a steady state (friction too weak to hold its speed) counts as a dissipator with NaN for its numbers.
 */
export function quadrantMap(
  curveAt: (bias: number) => TransportCurve,
  rotor: RotorSettings,
  biases: ArrayLike<number>,
  loads: ArrayLike<number>,
): QuadrantMap {
  const size = biases.length * loads.length;
  const map: QuadrantMap = {
    bias: Float64Array.from(biases),
    load: Float64Array.from(loads),
    mode: [],
    omega: new Float64Array(size).fill(Number.NaN),
    powerIn: new Float64Array(size).fill(Number.NaN),
    powerOut: new Float64Array(size).fill(Number.NaN),
    efficiency: new Float64Array(size).fill(Number.NaN),
  };
  for (let i = 0; i < biases.length; i++) {
    const curve = curveAt(biases[i]);
    for (let j = 0; j < loads.length; j++) {
      const k = i * loads.length + j;
      const state = steadyThermodynamics(curve, { ...rotor, load: loads[j] });
      if (state === undefined) {
        map.mode.push("dissipator");
        continue;
      }
      const { omega, powerIn, powerOut, efficiency } = state;
      map.omega[k] = omega;
      map.powerIn[k] = powerIn;
      map.powerOut[k] = powerOut;
      if (omega === 0) map.mode.push("locked");
      else if (powerIn > 0 && powerOut > 0) map.mode.push("motor");
      else if (powerIn < 0 && powerOut < 0) map.mode.push("generator");
      else map.mode.push("dissipator");
      if (efficiency !== undefined && omega !== 0) map.efficiency[k] = efficiency;
    }
  }
  return map;
}
