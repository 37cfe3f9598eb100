// A motor against its load: speed, powers and efficiency, the largest efficiency, and the
// efficiency at the largest power. All follow from the full curves, beyond linear response and at
// any inertia.

import { numbersOption } from "../../model/options.js";
import { stallLoad } from "../rotor/bias-branches.js";
import type { RotorSettings } from "../rotor/rotor.js";
import { steadyThermodynamics, type Thermodynamics, type TransportCurve } from "./thermodynamics.js";

/** A load with the state of the motor; quantities that do not apply are absent. */
export interface LoadState {
  /** The load, energy per radian. */
  load: number;
  /**
   * Mean angular speed, radians per time. Absent, as are the powers, without a steady state
   * (friction that does not brake).
   */
  omega?: number;
  /** Electrical input, energy per time. */
  powerIn?: number;
  /** Mechanical output, load x omega, energy per time. */
  powerOut?: number;
  /** powerOut / powerIn. Absent if the machine does not turn electrical into mechanical power. */
  efficiency?: number;
}

/** The states of a motor, in the order of the given loads. */
export type LoadCurve = LoadState[];

/** A load at which the motor gives power. */
export interface LoadPoint {
  /** The load, energy per radian. */
  load: number;
  /** Mean angular speed, radians per time. */
  omega: number;
  /** Electrical input, energy per time, positive. */
  powerIn: number;
  /** Mechanical output, energy per time, positive. */
  powerOut: number;
  /** powerOut / powerIn. */
  efficiency: number;
}

/** The limits of what a motor can give. */
export interface LoadExtrema {
  /**
   * Load at which the motor stalls, energy per radian. It has the sign of the work per turn, or the
   * opposite sign if the motor needs help even without load.
   */
  stallLoad: number;
  /** The load of largest efficiency; absent if the motor gives power at no load. */
  maximumEfficiency?: LoadPoint;
  /** The load of largest output; absent if the motor gives power at no load. */
  maximumPower?: LoadPoint;
}

const motorEfficiency = (state: Thermodynamics | undefined): number | undefined =>
  state !== undefined && state.powerIn > 0 && state.powerOut > 0 ? state.powerOut / state.powerIn : undefined;

/**
 * The state at each load (energy per radian) on the running branch; the speed is 0 where the motor
 * cannot run. Throws InputError and NumericalError as `steadyStates`.
 */
export function loadCurve(curve: TransportCurve, rotor: RotorSettings, loads: ArrayLike<number>): LoadCurve {
  loadsOption(loads, "loads");
  return Array.from(loads, (load) => {
    const state = steadyThermodynamics(curve, { ...rotor, load });
    const efficiency = motorEfficiency(state);
    return {
      load,
      ...(state && { omega: state.omega, powerIn: state.powerIn, powerOut: state.powerOut }),
      ...(efficiency !== undefined && { efficiency }),
    };
  });
}

const loadsOption = numbersOption("a list of loads", 0);

const golden = (Math.sqrt(5) - 1) / 2;

/** Largest value of `f` between a and b: the best of a grid, then golden section around it. */
function largest(f: (x: number) => number, a: number, b: number): number {
  const steps = 24;
  let best = 0;
  let bestValue = Number.NEGATIVE_INFINITY;
  for (let i = 1; i < steps; i++) {
    const value = f(a + ((b - a) * i) / steps);
    if (value > bestValue) [best, bestValue] = [i, value];
  }
  let low = a + ((b - a) * (best - 1)) / steps;
  let high = a + ((b - a) * (best + 1)) / steps;
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let [valueLeft, valueRight] = [f(left), f(right)];
  while (Math.abs(high - low) > 1e-8 * Math.abs(b - a)) {
    // A maximum is flat, so that neighbours which differ only by rounding are equally good.
    if (valueLeft > valueRight) {
      high = right;
      right = left;
      valueRight = valueLeft;
      left = high - golden * (high - low);
      valueLeft = f(left);
    } else {
      low = left;
      left = right;
      valueLeft = valueRight;
      right = low + golden * (high - low);
      valueRight = f(right);
    }
  }
  return (low + high) / 2;
}

/**
 * Stall load, and the loads of largest efficiency and of largest power between zero and it. The
 * values are accurate to about 1e-14 relative. The loads are accurate to 1e-8, because the values
 * are flat there. Throws InputError as `stallLoad`, NumericalError as `steadyStates`.
 */
export function loadExtrema(curve: TransportCurve, rotor: RotorSettings): LoadExtrema {
  const stall = stallLoad({ curve, rotor: { ...rotor, load: 0 } });
  const at = (load: number) => steadyThermodynamics(curve, { ...rotor, load });
  // A motor that stalls before it has a load gives no power.
  if (stall * curve.torque.mean <= 0) return { stallLoad: stall };
  const orLess = (value: number | undefined) => value ?? Number.NEGATIVE_INFINITY;
  const point = (load: number): LoadPoint | undefined => {
    const state = at(load);
    const efficiency = motorEfficiency(state);
    if (state === undefined || efficiency === undefined) return undefined;
    return { load, omega: state.omega, powerIn: state.powerIn, powerOut: state.powerOut, efficiency };
  };
  const efficient = point(largest((load) => orLess(motorEfficiency(at(load))), 0, stall));
  const powerful = point(largest((load) => orLess(at(load)?.powerOut), 0, stall));
  return {
    stallLoad: stall,
    ...(efficient ? { maximumEfficiency: efficient } : {}),
    ...(powerful ? { maximumPower: powerful } : {}),
  };
}
