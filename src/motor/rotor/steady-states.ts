// All steady states of a rotor without noise: the angles of rest with their stability, and the
// orbits on which the rotor keeps running in either direction. Angles of rest are zeros of
// torque - load. Running orbits are fixed points of the map over one turn (passage.ts) at finite
// inertia, follow from omega = drive / friction without inertia, and are uniform rotation at
// infinite inertia. Librations (limit cycles within a turn), which negative friction can sustain,
// are not found here; motion in time shows them.

import { TURN } from "../../base/constants.js";
import { InputError, NumericalError } from "../../base/errors.js";
import { functionOption, objectOption, optionsOf, toleranceOption } from "../../model/options.js";
import { equispacedAngles, type PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { type Direction, type ReturnOrbit, surelyStops, TurnMap } from "./passage.js";
import { type RotorForces, type RotorSystem, rotorForces } from "./rotor.js";

/** An angle in [0, 2 pi) where the drive vanishes. */
export interface LockedAngle {
  /** The angle in radians. */
  angle: number;
  /**
   * True if the derivative of the drive (torque - load) by the angle is negative here and the total
   * friction is positive.
   */
  stable: boolean;
  /** -d(torque)/d theta, energy per radian squared. */
  stiffness: number;
}

/**
 * A periodic orbit on which the rotor runs, given on quadrature nodes over one turn. Time averages
 * are sums over these nodes (`orbitAverage`).
 */
export interface RunningOrbit {
  /** Direction of rotation. */
  direction: Direction;
  /** 2 pi / period with the sign of the direction, radians per time. */
  meanVelocity: number;
  /** Time of one turn. */
  period: number;
  /** Angles of the nodes in the order of motion, radians, not reduced. */
  angle: Float64Array;
  /** Weights of the nodes in |d theta|; they sum to 2 pi. */
  weight: Float64Array;
  /** Signed angular speed at the nodes. */
  velocity: Float64Array;
  /**
   * Derivative of the map of the kinetic energy over one turn. The orbit is stable if it is below
   * 1.
   */
  multiplier: number;
  /** Whether `multiplier` is below 1, so that the rotor returns to the orbit. */
  stable: boolean;
  /**
   * |work of the drive - heat of friction| over one turn, relative to the sum of the absolute
   * values of all its terms.
   */
  energyBalance: number;
}

/**
 * All steady states of a rotor without noise, except librations, which negative friction can
 * sustain.
 */
export interface SteadyStates {
  /**
   * "bistable" means a stable angle of rest and a stable running orbit. "none" means neither
   * (libration, or friction too weak to hold the speed).
   */
  regime: "running" | "locked" | "bistable" | "none";
  /**
   * Stable and unstable angles of rest, ascending. Empty for a rotor of infinite inertia that runs.
   */
  locked: LockedAngle[];
  /** Stable and unstable running orbits, the fastest first in each direction. */
  running: RunningOrbit[];
  /**
   * Mean angular speed of the fastest stable running orbit, radians per time; 0 without such an
   * orbit.
   */
  omega: number;
}

/** How steady states are computed. */
export interface SteadyStateOptions {
  /** Relative accuracy of the orbits, between 0 and 1; default 1e-11. */
  tolerance?: number;
}

const steadyOptions = optionsOf<SteadyStateOptions>("options", { tolerance: toleranceOption });

const wrap = (angle: number) => angle - TURN * Math.floor(angle / TURN);

/**
 * Zeros of a curve over one turn, ascending. Sign changes on 16 points per harmonic bracket them,
 * and Newton's method finds them inside the bracket. Two zeros nearer than a step are found through
 * the extremum between them.
 */
export function zerosOf(curve: PeriodicCurve): number[] {
  const n = Math.max(64, 16 * curve.harmonics);
  const angles = equispacedAngles(n);
  const values = curve.resample(n);
  const slopes = curve.resampleDerivative(n);
  const zeros: number[] = [];
  const step = TURN / n;
  for (let i = 0; i < n; i++) {
    const [left, right] = [values[i], values[(i + 1) % n]];
    if (left === 0) zeros.push(angles[i]);
    else if (left * right < 0) zeros.push(refineZero(curve, 0, angles[i], angles[i] + step));
    else if (slopes[i] * slopes[(i + 1) % n] < 0 && left * slopes[i] < 0) {
      const extremum = refineZero(curve, 1, angles[i], angles[i] + step);
      const deepest = curve.value(extremum);
      if (deepest * left < 0) {
        zeros.push(refineZero(curve, 0, angles[i], extremum));
        zeros.push(refineZero(curve, 0, extremum, angles[i] + step));
      } else if (deepest === 0) zeros.push(extremum);
    }
  }
  return zeros.map(wrap).sort((a, b) => a - b);
}

/** Zero of the derivative of the given order between `low` and `high`, where it changes sign. */
function refineZero(curve: PeriodicCurve, order: number, low: number, high: number): number {
  let [a, b] = [low, high];
  const sign = Math.sign(curve.derivative(a, order));
  let x = (a + b) / 2;
  for (let i = 0; i < 100; i++) {
    const value = curve.derivative(x, order);
    if (value === 0) return x;
    if (Math.sign(value) === sign) a = x;
    else b = x;
    const newton = x - value / curve.derivative(x, order + 1);
    const next = newton > a && newton < b ? newton : (a + b) / 2;
    if (Math.abs(next - x) <= 1e-16 * TURN || b - a <= 1e-16 * TURN) return next;
    x = next;
  }
  return x;
}

/** Work below this part of the kinetic energy is rounding. */
const RIGID = 1e-17;

/** Smallest and largest value of a curve over the turn, to rounding. */
export function rangeOf(curve: PeriodicCurve): { least: number; greatest: number } {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  const n = Math.max(64, 16 * curve.harmonics);
  const slopes = curve.resampleDerivative(n);
  const values = curve.resample(n);
  for (let i = 0; i < n; i++) {
    const theta = (TURN * i) / n;
    const candidates = [values[i]];
    if (slopes[i] * slopes[(i + 1) % n] < 0) {
      candidates.push(curve.value(refineZero(curve, 1, theta, theta + TURN / n)));
    }
    least = Math.min(least, ...candidates);
    greatest = Math.max(greatest, ...candidates);
  }
  return { least, greatest };
}

/**
 * Angles at which torque = load, ascending, with their stability. Throws InputError for an invalid
 * rotor.
 */
export function lockedAngles(system: RotorSystem): LockedAngle[] {
  return lockedOf(rotorForces(system));
}

function lockedOf({ drive, friction }: RotorForces): LockedAngle[] {
  return zerosOf(drive).map((angle) => {
    const stiffness = -drive.derivative(angle);
    return { angle, stiffness, stable: stiffness > 0 && friction.value(angle) > 0 };
  });
}

/**
 * Time average over an orbit of a quantity g(angle, velocity), in the unit of g: the sum of
 * w g / |omega| over the nodes, divided by the sum of w / |omega|. Throws InputError for an invalid
 * orbit or function.
 */
export function orbitAverage(orbit: RunningOrbit, g: (angle: number, velocity: number) => number): number {
  objectOption(orbit, "orbit");
  functionOption(g, "g");
  let sum = 0;
  for (let i = 0; i < orbit.angle.length; i++) {
    sum += (orbit.weight[i] / Math.abs(orbit.velocity[i])) * g(orbit.angle[i], orbit.velocity[i]);
  }
  return sum / orbit.period;
}

/** An orbit from its nodes. The energy balance follows from drive and friction at these. */
function orbitFrom(
  { drive, friction }: RotorForces,
  direction: Direction,
  angle: Float64Array,
  weight: Float64Array,
  velocity: Float64Array,
  multiplier: number,
): RunningOrbit {
  let period = 0;
  let balance = 0;
  let size = 0;
  for (let i = 0; i < angle.length; i++) {
    period += weight[i] / Math.abs(velocity[i]);
    const work = weight[i] * direction * drive.value(angle[i]);
    const heat = weight[i] * friction.value(angle[i]) * Math.abs(velocity[i]);
    balance += work - heat;
    size += Math.abs(work) + Math.abs(heat);
  }
  return {
    direction,
    meanVelocity: (direction * TURN) / period,
    period,
    angle,
    weight,
    velocity,
    multiplier,
    stable: multiplier < 1,
    energyBalance: size > 0 ? Math.abs(balance) / size : 0,
  };
}

/**
 * The orbit omega = drive / friction on equispaced angles, doubled until the period has settled.
 */
function overdampedOrbit(forces: RotorForces, tolerance: number): RunningOrbit[] {
  const { drive, friction } = forces;
  const bounds = rangeOf(drive);
  if (rangeOf(friction).least <= 0) {
    throw new InputError("rotor.inertia", "a rotor without inertia needs positive friction at every angle", {
      expected: "friction above zero, or inertia above zero",
      found: `friction down to ${rangeOf(friction).least}`,
    });
  }
  if (bounds.least <= 0 && bounds.greatest >= 0) return [];
  const direction: Direction = bounds.least > 0 ? 1 : -1;
  let previous = Number.NaN;
  for (let n = 64; n <= 2 ** 18; n *= 2) {
    const top = drive.resample(n);
    const bottom = friction.resample(n);
    const velocity = top.map((value, i) => value / bottom[i]);
    const period = velocity.reduce((sum, omega) => sum + TURN / (n * Math.abs(omega)), 0);
    if (Math.abs(period - previous) <= tolerance * period) {
      const angle = equispacedAngles(n).map((theta) => direction * theta);
      const ordered = angle.map((theta) => drive.value(theta) / friction.value(theta));
      const weight = new Float64Array(n).fill(TURN / n);
      return [orbitFrom(forces, direction, angle, weight, ordered, 0)];
    }
    previous = period;
  }
  throw new NumericalError("the period of the overdamped rotor did not converge", {
    causes: ["the drive nearly vanishes somewhere: the rotor is at its depinning point"],
  });
}

/** Uniform rotation at omega = (work per turn - 2 pi load) / friction per turn. */
function uniformOrbit(forces: RotorForces): RunningOrbit[] {
  const { drive, friction } = forces;
  // A mean drive at the level of rounding does not turn the rotor.
  if (!(friction.mean > 0) || Math.abs(drive.mean) <= 1e-15 * drive.scale) return [];
  const omega = drive.mean / friction.mean;
  const direction: Direction = omega > 0 ? 1 : -1;
  const n = Math.max(64, 2 * Math.max(drive.size, friction.size));
  const angle = equispacedAngles(n).map((theta) => direction * theta);
  const weight = new Float64Array(n).fill(TURN / n);
  return [orbitFrom(forces, direction, angle, weight, new Float64Array(n).fill(omega), 1 - Number.EPSILON)];
}

/** The running orbit that belongs to a fixed point of the map over one turn. */
function inertialOrbit(
  forces: RotorForces,
  inertia: number,
  direction: Direction,
  map: TurnMap,
  { start, angle, weight, energy }: ReturnOrbit,
): RunningOrbit {
  const velocity = energy.map((value) => direction * Math.sqrt((2 * value) / inertia));
  return orbitFrom(forces, direction, angle, weight, velocity, map.advance(start).multiplier);
}

/**
 * Whether the work along the turn is below the rounding of the kinetic energy. The rotation is then
 * uniform to rounding.
 */
function isRigid({ meanVelocity }: RunningOrbit, { drive, friction }: RotorForces, inertia: number): boolean {
  const work = TURN * (drive.scale + friction.scale * Math.abs(meanVelocity));
  return RIGID * 0.5 * inertia * meanVelocity * meanVelocity > work;
}

/** Running orbits, stable and unstable, in both directions. */
export function runningOrbits(system: RotorSystem, options: SteadyStateOptions = {}): RunningOrbit[] {
  const forces = rotorForces(system);
  const { inertia } = system.rotor;
  const { tolerance = 1e-11 } = steadyOptions(options);
  if (inertia === "infinite") return uniformOrbit(forces);
  if (inertia === 0) return overdampedOrbit(forces, tolerance);
  const uniform = uniformOrbit(forces);
  if (uniform.some((orbit) => isRigid(orbit, forces, inertia))) return uniform;
  const braked = rangeOf(forces.friction).least >= 0;
  return ([1, -1] as const).flatMap((direction) => {
    // If friction brakes at all angles, the drive must do work over a turn to keep the rotor
    // running.
    if (braked && surelyStops(forces, inertia, direction)) return [];
    const map = new TurnMap(forces, inertia, direction, tolerance);
    return map
      .fixedPoints()
      .filter(({ margin }) => margin > 1e3 * map.floor)
      .map((orbit) => inertialOrbit(forces, inertia, direction, map, orbit));
  });
}

/**
 * Angles of rest and running orbits of a rotor, with the regime.
 *
 *     const { regime, omega } = steadyStates({ curve, rotor: { inertia: 20, load: 0.01 } });
 *
 * Orbits have the relative accuracy `tolerance` if the samples resolve torque and friction. Throws
 * InputError for an invalid rotor, and NumericalError if an orbit cannot be computed.
 */
export function steadyStates(system: RotorSystem, options: SteadyStateOptions = {}): SteadyStates {
  const forces = rotorForces(system);
  const running = runningOrbits(system, options);
  // No angle holds a running rotor of infinite inertia.
  const locked = system.rotor.inertia === "infinite" && running.length > 0 ? [] : lockedOf(forces);
  const stable = running.filter((orbit) => orbit.stable);
  const holds =
    locked.some((angle) => angle.stable) ||
    (system.rotor.inertia === "infinite" && running.length === 0 && forces.friction.mean > 0) ||
    // Without any drive the rotor rests at every angle, if friction brakes.
    (forces.drive.scale === 0 && rangeOf(forces.friction).least > 0);
  const omega = stable.reduce(
    (fastest, { meanVelocity }) => (Math.abs(meanVelocity) > Math.abs(fastest) ? meanVelocity : fastest),
    0,
  );
  const regime = stable.length > 0 ? (holds ? "bistable" : "running") : holds ? "locked" : "none";
  return { regime, locked, running, omega };
}
