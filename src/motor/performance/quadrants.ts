// The four quadrants of bias and load. By the signs of the powers: a motor takes electrical power
// and gives mechanical power, a generator (a pump driven by its load) the reverse, a dissipator
// takes both and gives heat; "locked" is a rotor at rest.

import { functionOption, numbersOption } from "../../model/options.js";
import type { RotorSettings } from "../rotor/rotor.js";
import { steadyThermodynamics, type Thermodynamics, type TransportCurve } from "./thermodynamics.js";

/**
 * What the machine does by the signs of its powers: "motor" (electrical to mechanical), "generator"
 * (the reverse), "dissipator" (neither), "locked" (at rest).
 */
export type QuadrantMode = "motor" | "generator" | "dissipator" | "locked";

/**
 * What the machine is at one bias and load; without a steady state (friction too weak to hold a
 * speed) nothing is known of it: all left out.
 */
export interface QuadrantPoint {
  /** What it does. */
  mode?: QuadrantMode;
  /** Mean angular speed, radians per time; 0 where locked. */
  omega?: number;
  /** Electrical input, energy per time. */
  powerIn?: number;
  /** Mechanical output, load x omega, energy per time. */
  powerOut?: number;
  /**
   * Useful power out over power in. Of motor and generator only, between 0 and 1 (a motor that also
   * takes heat may exceed 1).
   */
  efficiency?: number;
}

/** What a machine is over a plane of bias and load. */
export interface QuadrantMap {
  /** The biases asked for. */
  bias: Float64Array;
  /** The loads asked for, energy per radian. */
  load: Float64Array;
  /** points[i][j] at bias[i] and load[j]. */
  points: QuadrantPoint[][];
}

const listOption = numbersOption("a list of numbers", 0);

/**
 * Steady state at every bias and load, on the running branch where there is one.
 *
 *     const map = quadrantMap((bias) => curveAt(bias), { inertia: "infinite" }, biases, loads);
 *
 * The curve is asked for once per bias; loads are energies per radian. Throws InputError for
 * arguments that are none, NumericalError where an orbit cannot be followed. Cost: one steady state
 * per point, microseconds at infinite inertia, some 10 ms otherwise.
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
