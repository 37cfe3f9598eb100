// How rest and running change with a control parameter such as bias, load or temperature, for any
// family control -> system. The file finds where a rotor at rest starts (depinning), where a
// running one stops (retrapping), the load at which it stalls, and the loop of a sweep up and down.
// Each of these points is a zero of a continuous margin. A scan brackets it; the Illinois rule,
// with bisection as a safeguard, finds it.
//
// - Depinning: the margin min(max drive, -min drive) is positive while some angle holds the rotor.
// - Retrapping: the margin is the smallest kinetic energy on the continued orbit of passage.ts,
//   which is positive while the rotor can run.

import { InputError } from "../../base/errors.js";
import {
  finiteOption,
  functionOption,
  needed,
  numbersOption,
  option,
  optionsOf,
  toleranceOption,
  wholeOption,
} from "../../model/options.js";
import { type Direction, TurnMap } from "./passage.js";
import { loadFamily, type RotorForces, type RotorSystem, rotorForces, type SystemFamily } from "./rotor.js";
import { rangeOf, runningOrbits } from "./steady-states.js";
import { type Fate, fateFromRest } from "./swing.js";

/** The range of the control in which a point of change is sought. */
export interface ControlRange {
  /** Control at which the search begins. */
  from: number;
  /** Control at which it ends, above or below `from`. */
  to: number;
  /**
   * Number of equal steps of the scan, 1 to a million; default 32. A change is missed if it is
   * reversed within one step.
   */
  steps?: number;
  /** Accuracy of the result relative to |to - from|, between 0 and 1; default 1e-9. */
  tolerance?: number;
}

const rangeOptions = optionsOf<ControlRange>("range", {
  from: needed("a finite number", finiteOption),
  to: needed("a finite number", finiteOption),
  steps: wholeOption(1, 1_000_000),
  tolerance: toleranceOption,
});

/** The start of a sweep. */
export interface SweepOptions {
  /** Angle at which the rotor rests before the sweep, radians; default 0. */
  angle?: number;
}

const sweepOptions = optionsOf<SweepOptions>("options", { angle: finiteOption });
const controlsOption = numbersOption("a list of values of the control", 0);
const directionOption = option("1 or -1", (value) => value === 1 || value === -1);

/**
 * The control at which `margin` first changes from positive to negative between `from` and `to`.
 * Undefined if `margin` is never negative.
 */
function firstLoss(margin: (control: number) => number, range: ControlRange): number | undefined {
  const { from, to, steps = 32, tolerance = 1e-9 } = rangeOptions(range, "range");
  if (from === to) {
    throw new InputError("range", "no range", {
      expected: "two different finite ends",
      found: `${from}, ${to}`,
    });
  }
  let [a, valueA] = [from, margin(from)];
  if (valueA < 0) return from;
  for (let i = 1; i <= steps; i++) {
    const end = from + ((to - from) * i) / steps;
    const valueEnd = margin(end);
    if (valueEnd >= 0) {
      a = end;
      valueA = valueEnd;
      continue;
    }
    let [b, valueB] = [end, valueEnd];
    let side = 0;
    for (let k = 0; k < 200 && Math.abs(b - a) > tolerance * Math.abs(to - from); k++) {
      const secant = (a * valueB - b * valueA) / (valueB - valueA);
      const inside = secant > Math.min(a, b) && secant < Math.max(a, b);
      const next = k % 4 === 3 || !inside ? (a + b) / 2 : secant;
      const value = margin(next);
      if (value >= 0) {
        a = next;
        valueA = value;
        if (side === 1) valueB /= 2;
        side = 1;
      } else {
        b = next;
        valueB = value;
        if (side === -1) valueA /= 2;
        side = -1;
      }
    }
    return (a + b) / 2;
  }
  return undefined;
}

/**
 * Positive while some angle can hold the rotor, negative if the drive has the same sign at all
 * angles.
 */
function holdingMargin({ drive }: RotorForces): number {
  const { least, greatest } = rangeOf(drive);
  return Math.min(greatest, -least);
}

/** Positive while the rotor can run in this direction. */
function runningMargin(system: RotorSystem, direction: Direction): number {
  const forces = rotorForces(system);
  const { inertia } = system.rotor;
  const push = direction * forces.drive.mean;
  if (inertia === "infinite") return push;
  if (inertia === 0) {
    const { least, greatest } = rangeOf(forces.drive);
    return direction > 0 ? least : -greatest;
  }
  if (rangeOf(forces.friction).least <= 0) {
    // Several orbits may exist, so that no single margin does. Only their existence counts.
    return runningOrbits(system).some((orbit) => orbit.stable && orbit.direction === direction) ? 1 : -1;
  }
  const map = new TurnMap(forces, inertia, direction, 1e-9);
  // Without work over a turn there is no orbit. The margin continues to negative values.
  if (push <= 0) return Math.min(push, -map.floor);
  return map.fixedPoints()[0].margin;
}

/**
 * Control at which the last angle that holds the rotor disappears on the way from `from` to `to`.
 * The result is `from` if nothing holds the rotor there, and undefined if the rotor is still held
 * at `to`. `family` returns the system at a value of the control; the inertia does not matter.
 * Throws InputError for an invalid range or system.
 *
 *     const startBias = startControl(family, { from: 0, to: 1 });
 */
export function startControl(family: SystemFamily, range: ControlRange): number | undefined {
  functionOption(family, "family");
  return firstLoss((control) => holdingMargin(rotorForces(family(control))), range);
}

/**
 * Smallest positive bias up to `largest` at which a rotor at rest starts, accurate to 1e-9 of
 * `largest`. The result is undefined if the rotor does not start, and 0 if nothing holds it at bias
 * 0. `family` returns the system at a bias; `steps` is the number of steps of the scan (default
 * 32). Throws InputError as `startControl`.
 */
export function startBias(family: SystemFamily, largest: number, steps?: number): number | undefined {
  return startControl(family, { from: 0, to: largest, steps });
}

/**
 * Control at which a rotor that runs in `direction` can no longer run, on the way from `from`
 * (where it runs) to `to`. Undefined if it still runs at `to`. `family` returns the system at a
 * value of the control. Throws InputError for invalid arguments, and if the rotor does not run at
 * `from`.
 */
export function retrappingControl(
  family: SystemFamily,
  direction: Direction,
  range: ControlRange,
): number | undefined {
  functionOption(family, "family");
  directionOption(direction, "direction");
  rangeOptions(range, "range");
  if (runningMargin(family(range.from), direction) <= 0) {
    throw new InputError("range.from", "the rotor does not run here", {
      expected: `a control at which it runs in direction ${direction}`,
      found: `${range.from}`,
    });
  }
  return firstLoss((control) => runningMargin(family(control), direction), range);
}

/**
 * Load at which the rotor stalls, energy per radian: the largest load, in the direction of the
 * motor, at which the rotor can keep running. The direction of the motor is the sign of the work
 * per turn. The stall load never exceeds the work per turn over 2 pi, which it equals at infinite
 * inertia. It has the opposite sign if the motor needs help even without load. The load of the
 * system itself is ignored. `tolerance` (default 1e-9) is relative to the spread of the torque over
 * the turn. Throws InputError if the inertia is finite and the friction is not positive at every
 * angle.
 */
export function stallLoad(system: RotorSystem, tolerance = 1e-9): number {
  toleranceOption(tolerance, "tolerance");
  const { friction } = rotorForces(system);
  const { torque } = system.curve;
  if (system.rotor.inertia === "infinite") return torque.mean;
  if (rangeOf(friction).least <= 0) {
    throw new InputError("friction", "not positive at every angle, so that the rotor need not stall", {
      expected: "friction above zero",
      found: `down to ${rangeOf(friction).least}`,
    });
  }
  const direction: Direction = torque.mean >= 0 ? 1 : -1;
  const { least, greatest } = rangeOf(torque);
  if (greatest === least) return torque.mean;
  // At this load the drive has the motor's direction at every angle, so that the rotor runs.
  const spread = greatest - least;
  const running = direction > 0 ? least - 1e-3 * spread : greatest + 1e-3 * spread;
  const family = loadFamily(system);
  const range = { from: running, to: torque.mean + direction * 1e-12 * spread, steps: 4, tolerance };
  return firstLoss((load) => runningMargin(family(load), direction), range) ?? torque.mean;
}

/** A rotor at rest at one value of the control. */
export interface RestingPoint {
  /** Value of the control. */
  control: number;
  /** Angle at which the rotor rests, radians. */
  angle: number;
}

/**
 * Mean angular speed along a sweep of the control up and down again. The rotor keeps its state as
 * long as that state exists.
 */
export interface HysteresisLoop {
  /** Values of the control, ascending; all other lists are in their order. */
  control: Float64Array;
  /** Mean angular speed on the way up, radians per time; 0 where locked. */
  up: Float64Array;
  /** Mean angular speed on the way down, radians per time; 0 where locked. */
  down: Float64Array;
  /** Angles of rest on the way up, without entries where the rotor runs. */
  upRest: RestingPoint[];
  /** Angles of rest on the way down, without entries where the rotor runs. */
  downRest: RestingPoint[];
}

/**
 * State at the next value of the control. A rotor at rest follows its well or leaves it; a running
 * rotor goes on or is caught.
 */
function follow(system: RotorSystem, state: Fate): { fate: Fate; velocity: number } {
  const runs = (direction: Direction) =>
    runningOrbits(system).find((orbit) => orbit.stable && orbit.direction === direction);
  if (state.kind === "running") {
    const orbit = runs(state.direction);
    if (orbit) return { fate: state, velocity: orbit.meanVelocity };
    // The rotor is caught at the top that it no longer passes, and falls back from there into a
    // well.
    const { drive } = rotorForces(system);
    const braking = drive.mean * state.direction <= 0 ? 0 : caughtAt(system, state.direction);
    const fate = fateFromRest(system, braking);
    return { fate, velocity: fate.kind === "running" ? (runs(fate.direction)?.meanVelocity ?? 0) : 0 };
  }
  const fate = fateFromRest(system, state.angle);
  if (fate.kind === "locked") return { fate, velocity: 0 };
  const orbit = runs(fate.direction);
  if (orbit) return { fate, velocity: orbit.meanVelocity };
  // At the depinning point itself the rotor creeps through the angle where the drive nearly
  // vanishes.
  const { drive } = rotorForces(system);
  const n = Math.max(64, 16 * drive.harmonics);
  const sizes = drive.resample(n).map(Math.abs);
  return {
    fate: { kind: "locked", angle: (2 * Math.PI * sizes.indexOf(Math.min(...sizes))) / n },
    velocity: 0,
  };
}

/** First angle at which no kinetic energy is left on the continued orbit. */
function caughtAt(system: RotorSystem, direction: Direction): number {
  const forces = rotorForces(system);
  const { inertia } = system.rotor;
  if (typeof inertia !== "number" || inertia === 0) return 0;
  const { angle, energy } = new TurnMap(forces, inertia, direction, 1e-10).fixedPoints()[0];
  const first = energy.findIndex((value) => value < 0);
  return angle[Math.max(first, 0)];
}

/**
 * Sweeps the control up through `controls` (ascending) and down again. The rotor starts at rest at
 * `angle` (default 0) and has time to settle at each value. Friction must be positive. Throws
 * InputError for invalid arguments.
 */
export function hysteresisLoop(
  family: SystemFamily,
  controls: ArrayLike<number>,
  options: SweepOptions = {},
): HysteresisLoop {
  functionOption(family, "family");
  controlsOption(controls, "controls");
  const { angle = 0 } = sweepOptions(options);
  const n = controls.length;
  const loop: HysteresisLoop = {
    control: Float64Array.from(controls),
    up: new Float64Array(n),
    down: new Float64Array(n),
    upRest: [],
    downRest: [],
  };
  let state: Fate = { kind: "locked", angle };
  const visit = (i: number, velocity: Float64Array, rest: RestingPoint[]) => {
    const next = follow(family(controls[i]), state);
    state = next.fate;
    velocity[i] = next.velocity;
    if (state.kind === "locked") rest.push({ control: controls[i], angle: state.angle });
  };
  for (let i = 0; i < n; i++) visit(i, loop.up, loop.upRest);
  for (let i = n - 1; i >= 0; i--) visit(i, loop.down, loop.downRest);
  loop.downRest.reverse();
  return loop;
}
