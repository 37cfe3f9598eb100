// The rotor: its equation of motion, and the data from which every solver of motor/ works,
//
//   I d2theta/dt2 = torque(theta) - load - (friction(theta) + external friction) dtheta/dt + xi,
//
// with <xi xi'> = noise(theta) delta(t - t'). The solvers take curves over the turn from any
// source. Only motor/curve/, start-bias.ts and motor/performance/ know that a device makes them.

import {
  finiteOption,
  needed,
  nonNegativeOption,
  objectOption,
  option,
  optionsOf,
} from "../../model/options.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";

/** The effect of the electrons on the angle at one set of reservoirs. */
export interface RotorCurve {
  /**
   * Mean torque at rest, energy per radian; a positive torque drives towards increasing angles.
   */
  torque: PeriodicCurve;
  /**
   * Friction coefficient gamma(theta) of the electrons, torque per angular speed. It brakes where
   * it is positive; negative values are allowed and drive.
   */
  friction: PeriodicCurve;
  /**
   * Noise D(theta) of the torque, <xi xi'> = D delta(t - t'); 2 T friction in equilibrium. If left
   * out there is no noise.
   */
  noise?: PeriodicCurve;
  /**
   * Absolute errors of the curves, if known. Friction, or a well of the torque, that does not
   * exceed its error counts as absent.
   */
  errors?: RotorCurveErrors;
}

/** Absolute errors of a rotor's curves at any angle. */
export interface RotorCurveErrors {
  /** Error of the friction, torque per angular speed. */
  friction: number;
  /** Error of the torque, energy per radian; left out if unknown. */
  force?: number;
}

/** The mechanical properties of a rotor. */
export interface RotorSettings {
  /**
   * Moment of inertia, energy x time^2, >= 0. A rotor of inertia 0 is overdamped; one of "infinite"
   * inertia turns uniformly.
   */
  inertia: number | "infinite";
  /** Torque of the load, energy per radian; positive opposes positive rotation. Default 0. */
  load?: number;
  /** Friction coefficient of the bearing, >= 0, torque per angular speed. Default 0. */
  friction?: number;
  /** Temperature of the bearing, >= 0, an energy: its noise is 2 T friction. Default 0. */
  temperature?: number;
}

/** A rotor with its electronic environment, which is the input of all solvers of motor/. */
export interface RotorSystem {
  /** The effect of the electrons on the angle. */
  curve: RotorCurve;
  /** The mechanical properties. */
  rotor: RotorSettings;
}

/** The system at each value of a control such as bias, load or temperature. */
export type SystemFamily = (control: number) => RotorSystem;

/** Net drive, total friction and total noise of a system. */
export interface RotorForces {
  /** Drive: torque minus load. */
  drive: PeriodicCurve;
  /** Electronic plus external friction. */
  friction: PeriodicCurve;
  /** Electronic plus external noise. */
  noise: PeriodicCurve;
  /** Absolute error of the electronic friction; 0 if unknown. */
  frictionError: number;
  load: number;
  externalFriction: number;
}

/** The checks of a rotor's settings. */
const rotorOptions = optionsOf<RotorSettings>("rotor", {
  inertia: needed(
    'a finite number >= 0, or "infinite"',
    option(
      'a finite number >= 0, or "infinite"',
      (value) => value === "infinite" || (Number.isFinite(value) && (value as number) >= 0),
    ),
  ),
  load: finiteOption,
  friction: nonNegativeOption,
  temperature: nonNegativeOption,
});

/** A PeriodicCurve of another copy of this package is accepted as well. */
export const periodicOption = option(
  "a PeriodicCurve (of a copy: PeriodicCurve.restored, restoredTurnCurve)",
  (value) => typeof (value as Partial<PeriodicCurve> | null)?.resample === "function",
);

/**
 * Throws InputError unless `curve` has the curves that a rotor needs. It may have further members.
 */
export function checkCurve(curve: unknown, field = "curve"): void {
  objectOption(curve, field);
  const { torque, friction, noise } = curve as RotorCurve;
  periodicOption(torque, `${field}.torque`);
  periodicOption(friction, `${field}.friction`);
  if (noise !== undefined) periodicOption(noise, `${field}.noise`);
}

const systemOptions = optionsOf<RotorSystem>("system", {
  curve: needed("curves over the turn", checkCurve),
  rotor: needed("a rotor", objectOption),
});

/**
 * The forces on a rotor with load and bearing. Throws InputError for settings that describe no
 * rotor.
 */
export function rotorForces(system: RotorSystem): RotorForces {
  const { curve, rotor } = systemOptions(system);
  const { load = 0, friction: externalFriction = 0, temperature = 0 } = rotorOptions(rotor, "rotor");
  const plus = (part: PeriodicCurve, offset: number) => PeriodicCurve.combination([part], [1], offset);
  return {
    drive: plus(curve.torque, -load),
    friction: plus(curve.friction, externalFriction),
    noise: plus(curve.noise ?? PeriodicCurve.constant(0), 2 * temperature * externalFriction),
    frictionError: curve.errors?.friction ?? 0,
    load,
    externalFriction,
  };
}

/**
 * The systems of a rotor by bias in linear response. The torque is that of `curve` plus
 * bias x torquePerBias (energy per radian and unit of bias); friction and noise are those of
 * `curve`, at zero bias. Beyond linear response a family computes a curve for each bias:
 * `(bias) => ({ curve: curveAt(bias), rotor })`.
 */
export function linearResponseFamily(
  curve: RotorCurve,
  torquePerBias: PeriodicCurve,
  rotor: RotorSettings,
): SystemFamily {
  return (bias) => ({
    curve: { ...curve, torque: PeriodicCurve.combination([curve.torque, torquePerBias], [1, bias]) },
    rotor,
  });
}

/** The systems of a rotor by load (energy per radian), with everything else fixed. */
export function loadFamily({ curve, rotor }: RotorSystem): SystemFamily {
  return (load) => ({ curve, rotor: { ...rotor, load } });
}
