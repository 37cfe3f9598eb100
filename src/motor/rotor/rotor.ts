// The motor floor, and the rotor's equation of motion:
//
//   I d2theta/dt2 = torque(theta) - load - (friction(theta) + external friction) dtheta/dt + xi,   <xi xi'> = noise(theta) delta(t - t')
//
// What is where:  periodic: curves over the turn.  rotor: this file, the data every solver takes.
//   radau, rotor-passage: one turn with the angle as the clock.  steady-states: locked angles, running orbits, regime.  swing: where a
//   rotor released at rest ends.  bias-branches: start, retrapping, stall, hysteresis, for any family control -> system.
//   dormand-prince, rotor-motion: motion in time with events.  coordinates: several coordinates, limit cycles.
//   ensemble, normal-quantile, threefry: Langevin ensembles (kernel).  fokker-planck, fokker-planck-overdamped, dense-real: without sampling.
//   thermodynamics, load-curve, quadrants, speed-profile: powers, laws, efficiencies, maps.
//   linear-response, curve, uniform, start-bias, certificate: the curves of a device, and what its datasheet says.
// All but the last line works on curves of the angle, wherever they come from.

import {
  finiteOption,
  needed,
  nonNegativeOption,
  objectOption,
  option,
  optionsOf,
} from "../../model/options.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";

/** What the electrons do to the angle at one set of reservoirs. */
export interface RotorCurve {
  /** Mean torque at rest, energy per radian; positive drives forwards. */
  torque: PeriodicCurve;
  /**
   * Friction coefficient gamma(theta) of the electrons, torque per angular speed; positive brakes,
   * negative values drive and are allowed.
   */
  friction: PeriodicCurve;
  /**
   * D(theta) of the torque noise, <xi xi'> = D delta(t - t'); in equilibrium 2 T friction. Absent:
   * no noise.
   */
  noise?: PeriodicCurve;
  /**
   * Absolute errors of the curves, where they are known: friction below its own is none, nor are
   * wells of a torque below its own.
   */
  errors?: RotorCurveErrors;
}

/** Absolute errors of a rotor's curves between their angles. */
export interface RotorCurveErrors {
  /** Of the friction, torque per angular speed. */
  friction: number;
  /** Of the torque, energy per radian; left out where it is not known. */
  force?: number;
}

/** The mechanical side. */
export interface RotorSettings {
  /**
   * Moment of inertia, >= 0, energy x time^2; 0 is the overdamped rotor, "infinite" turns
   * uniformly.
   */
  inertia: number | "infinite";
  /** Torque of the load, energy per radian; positive opposes positive rotation. Default 0. */
  load?: number;
  /** Friction coefficient of the bearing, >= 0, torque per angular speed. Default 0. */
  friction?: number;
  /** Temperature of the bearing, >= 0, an energy: its noise is 2 T friction. Default 0. */
  temperature?: number;
}

/** A rotor in its electronic environment: what all solvers of this floor take. */
export interface RotorSystem {
  /** What the electrons do to the angle. */
  curve: RotorCurve;
  /** The mechanical side. */
  rotor: RotorSettings;
}

/** A system per value of a control: bias, load, temperature, ... */
export type SystemFamily = (control: number) => RotorSystem;

/** Net drive and total friction and noise of a system. */
export interface RotorForces {
  /** torque - load. */
  drive: PeriodicCurve;
  /** Electronic plus external friction. */
  friction: PeriodicCurve;
  /** Electronic plus external noise. */
  noise: PeriodicCurve;
  /** Absolute error of the electronic friction, zero if it is not known. */
  frictionError: number;
  load: number;
  externalFriction: number;
}

/** What a rotor's settings may hold. */
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

/** Also one of another copy of this package. */
export const periodicOption = option(
  "a PeriodicCurve",
  (value) => typeof (value as Partial<PeriodicCurve> | null)?.resample === "function",
);

/** Throws InputError unless a curve over the turn has what a rotor feels; it may hold much more. */
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

/** Adds load and bearing to the curves; throws InputError for settings that are no rotor. */
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
 * Family of a rotor's systems by bias in linear response: torque = torque of `curve` + bias *
 * torquePerBias (energy per radian and unit of bias), friction and noise those of `curve`, at zero
 * bias. Beyond linear response write the family out: `(bias) => ({ curve: curveAt(bias), rotor })`.
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

/** Family of a rotor's systems by load (energy per radian), everything else fixed. */
export function loadFamily({ curve, rotor }: RotorSystem): SystemFamily {
  return (load) => ({ curve, rotor: { ...rotor, load } });
}
