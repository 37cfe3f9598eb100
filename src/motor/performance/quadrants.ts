// The four quadrants of bias and load. By the signs of its powers the machine is a motor (takes
// electrical and gives mechanical power), a generator (the reverse: a pump driven by its load), a
// dissipator (takes both and gives heat), or a rotor at rest ("locked").

import { functionOption, numbersOption } from "../../model/options.js";
import type { RotorSettings } from "../rotor/rotor.js";
import { steadyThermodynamics, type Thermodynamics, type TransportCurve } from "./thermodynamics.js";

/**
 * The kind of machine by the signs of its powers: "motor" (electrical to mechanical power),
 * "generator" (the reverse), "dissipator" (neither), "locked" (at rest).
 */
export type QuadrantMode = "motor" | "generator" | "dissipator" | "locked";

/**
 * The state of a machine at one bias and load. All members are absent without a steady state
 * (friction too weak to hold a speed).
 */
export interface QuadrantPoint {
  /** The kind of machine. */
  mode?: QuadrantMode;
  /** Mean angular speed, radians per time; 0 where locked. */
  omega?: number;
  /** Electrical input, energy per time. */
  powerIn?: number;
  /** Mechanical output, load x omega, energy per time. */
  powerOut?: number;
  /**
   * Useful power out over power in, for motor and generator only. It lies between 0 and 1, except
   * that a motor which also takes heat may exceed 1.
   */
  efficiency?: number;
}

/** The states of a machine over a plane of bias and load. */
export interface QuadrantMap {
  /** The given biases, energies. */
  bias: Float64Array;
  /** The given loads, energy per radian. */
  load: Float64Array;
  /** points[i][j] is the state at bias[i] and load[j]. */
  points: QuadrantPoint[][];
}

const listOption = numbersOption("a list of numbers", 0);

/**
 * The steady state at every bias and load, on the running branch where there is one.
 *
 *     const map = quadrantMap((bias) => curveAt(bias), { inertia: "infinite" }, biases, loads);
 *
 * `curveAt` is called once per bias; loads are energies per radian. Throws InputError for invalid
 * arguments, and NumericalError if an orbit cannot be computed. Cost: one steady state per point,
 * which takes microseconds at infinite inertia and some 10 ms otherwise.
 */
export function quadrantMap(
  curveAt: (bias: number) => TransportCurve,
  rotor: RotorSettings,
  biases: ArrayLike<number>,
  loads: ArrayLike<number>,
): QuadrantMap {
  functionOption(curveAt, "curveAt");
  listOption(biases, "biases");
  listOption(loads, "loads");
  const points = Array.from(biases, (bias) => {
    const curve = curveAt(bias);
    return Array.from(loads, (load) => pointOf(steadyThermodynamics(curve, { ...rotor, load })));
  });
  return { bias: Float64Array.from(biases), load: Float64Array.from(loads), points };
}

function pointOf(state: Thermodynamics | undefined): QuadrantPoint {
  if (state === undefined) return {};
  const { omega, powerIn, powerOut, efficiency } = state;
  return {
    mode: modeOf(state),
    omega,
    powerIn,
    powerOut,
    ...(efficiency !== undefined && omega !== 0 && { efficiency }),
  };
}

function modeOf({ omega, powerIn, powerOut }: Thermodynamics): QuadrantMode {
  if (omega === 0) return "locked";
  if (powerIn > 0 && powerOut > 0) return "motor";
  return powerIn < 0 && powerOut < 0 ? "generator" : "dissipator";
}
