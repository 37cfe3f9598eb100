// Motion of a rotor in time without noise, with events: full turns, stops (the speed changes sign),
// and escape (the angle has gone a given distance, or the speed has passed a bound). The work of
// torque and load and the heat of friction are integrated along. The energy balance, gain of
// kinetic energy = work - heat, checks the motion.

import { TURN } from "../../base/constants.js";
import { InputError } from "../../base/errors.js";
import {
  booleanOption,
  finiteOption,
  needed,
  optionsOf,
  positiveOption,
  toleranceOption,
  wholeOption,
} from "../../model/options.js";
import { eventIn, type IntegrationStep, integrate } from "../../numerics/ode/dormand-prince.js";
import { type RotorSystem, rotorForces } from "./rotor.js";
import { rangeOf } from "./steady-states.js";

/** Events that end a motion before its time. By default none does. */
export interface MotionEnds {
  /** Number of whole turns from the start, in either direction; at least 1. */
  turns?: number;
  /** Whether the first stop ends the motion; the speed changes sign there. */
  stop?: boolean;
  /** Distance in angle from the start, radians, > 0. */
  distance?: number;
  /** Bound of the angular speed, radians per time, > 0. */
  speed?: number;
}

/** How the motion of a rotor without noise is computed. */
export interface MotionOptions {
  /** Duration of the motion, > 0. */
  time: number;
  /** Angle at the start, radians; default 0. */
  angle?: number;
  /**
   * Angular speed at the start, radians per time; default 0. A rotor without inertia takes the
   * speed that follows from the drive.
   */
  velocity?: number;
  /** Relative accuracy of a step, between 0 and 1; default 1e-10. */
  tolerance?: number;
  /** Number of equispaced records, both ends included, 2 to 10 million; default 201. */
  records?: number;
  /** Events that end the motion before its time. */
  until?: MotionEnds;
}

const untilOptions = optionsOf<MotionEnds>("until", {
  turns: wholeOption(1, Number.MAX_SAFE_INTEGER),
  stop: booleanOption,
  distance: positiveOption,
  speed: positiveOption,
});

/** Each record takes some numbers of memory. */
const MOST_RECORDS = 10_000_000;

const motionOptions = optionsOf<MotionOptions>("options", {
  time: needed("a finite number above 0", positiveOption),
  angle: finiteOption,
  velocity: finiteOption,
  tolerance: toleranceOption,
  records: wholeOption(2, MOST_RECORDS),
  until: (value, field) => void untilOptions(value, field),
});

/** A moment at which the speed changes sign. */
export interface MotionStop {
  /** Time of the stop. */
  time: number;
  /** Angle of the stop, radians, not reduced to one turn. */
  angle: number;
}

/** The end of a motion. */
export interface MotionEnd {
  /** Time of the end. */
  time: number;
  /** Angle at the end, radians, not reduced to one turn. */
  angle: number;
  /** Angular speed at the end, radians per time. */
  velocity: number;
  /**
   * "time" if the full time has passed, otherwise the event of `until`; "escape" is by distance or
   * speed.
   */
  reason: "time" | "turns" | "stop" | "escape";
}

/** Energy balance of a motion. */
export interface MotionEnergy {
  /** Work of torque minus load. */
  work: number;
  /** Heat of electronic and external friction; negative where friction drives the rotor. */
  heat: number;
  /**
   * |gain of kinetic energy - work + heat| relative to the sizes of its terms; 0 at infinite
   * inertia.
   */
  balance: number;
}

/** A motion in time. The first three lists have one entry per record. */
export interface RotorMotion {
  /** Times of the records up to the end of the motion. */
  time: Float64Array;
  /** Angles of the records, radians, not reduced to one turn. */
  angle: Float64Array;
  /** Angular speeds of the records, radians per time. */
  velocity: Float64Array;
  /** Times at which |angle - start| passed another whole number of turns for the first time. */
  turns: number[];
  /** Where the speed changed sign; empty without inertia. */
  stops: MotionStop[];
  /** The end of the motion and its reason. */
  end: MotionEnd;
  /** The energy balance of the motion. */
  energy: MotionEnergy;
}

/**
 * Computes the motion of a rotor in time. A rotor of inertia 0 moves with the speed
 * drive / friction (InputError if the friction is not positive); infinite inertia keeps the speed.
 * The error of a step is `tolerance`. If friction / inertia is far above the other rates, the
 * equation is stiff and takes many steps (NumericalError beyond a million).
 */
export function simulateRotor(system: RotorSystem, options: MotionOptions): RotorMotion {
  const {
    time,
    angle = 0,
    velocity = 0,
    tolerance = 1e-10,
    records = 201,
    until = {},
  } = motionOptions(options);
  const forces = rotorForces(system);
  const { drive, friction } = forces;
  const { inertia } = system.rotor;
  const heavy = inertia === "infinite";
  const light = inertia === 0;
  if (light && !(rangeOf(friction).least > 0)) {
    throw new InputError("rotor.inertia", "a rotor without inertia needs positive friction at every angle", {
      expected: "friction above zero, or inertia above zero",
      found: `friction down to ${rangeOf(friction).least}`,
    });
  }
  // The state holds angle, speed and heat; without inertia there is no speed.
  const speedOf = (y: Float64Array) => (light ? drive.value(y[0]) / friction.value(y[0]) : y[1]);
  const motion: RotorMotion = {
    time: new Float64Array(0),
    angle: new Float64Array(0),
    velocity: new Float64Array(0),
    turns: [],
    stops: [],
    end: { time, angle, velocity, reason: "time" },
    energy: { work: 0, heat: 0, balance: 0 },
  };
  const kept: [number, number, number][] = [];
  const spacing = time / (records - 1);
  const record = (step: IntegrationStep, last: number) => {
    while (kept.length < records && kept.length * spacing <= last * (1 + 1e-14)) {
      const y = step.at(Math.min(kept.length * spacing, step.end));
      kept.push([kept.length * spacing, y[0], speedOf(y)]);
    }
  };
  let final: Float64Array = Float64Array.of(angle, light ? 0 : velocity, 0);
  const seen = (step: IntegrationStep): boolean => {
    let ends = step.end;
    let reason: RotorMotion["end"]["reason"] = "time";
    const finish = (t: number, why: RotorMotion["end"]["reason"]) => {
      if (t <= ends) [ends, reason] = [t, why];
    };
    const stop = light ? undefined : eventIn(step, speedOf);
    // A start at rest is not a stop.
    if (stop !== undefined && stop > 0) {
      motion.stops.push({ time: stop, angle: step.at(stop)[0] });
      if (until.stop) finish(stop, "stop");
    }
    for (;;) {
      const goal = TURN * (motion.turns.length + 1);
      const passed = eventIn(step, (y) => Math.abs(y[0] - angle) - goal);
      if (passed === undefined) break;
      motion.turns.push(passed);
      if (motion.turns.length === until.turns) {
        finish(passed, "turns");
        break;
      }
    }
    for (const escaped of [
      until.distance === undefined
        ? undefined
        : eventIn(step, (y) => Math.abs(y[0] - angle) - until.distance!),
      until.speed === undefined ? undefined : eventIn(step, (y) => Math.abs(speedOf(y)) - until.speed!),
    ]) {
      if (escaped !== undefined) finish(escaped, "escape");
    }
    record(step, ends);
    if (reason === "time") return true;
    final = step.at(ends);
    motion.end = { time: ends, angle: final[0], velocity: speedOf(final), reason };
    return false;
  };
  const reached = integrate(
    (_t, y, out) => {
      const gamma = friction.value(y[0]);
      const omega = speedOf(y);
      out[0] = omega;
      out[1] = heavy || light ? 0 : (drive.value(y[0]) - gamma * omega) / inertia;
      out[2] = gamma * omega * omega;
    },
    0,
    final,
    time,
    {
      relative: tolerance,
      absolute: tolerance * 1e-2,
      longest: longestStep(heavy || light ? undefined : velocity, time),
    },
    seen,
  );
  if (motion.end.reason === "time") {
    final = reached;
    motion.end = { time, angle: final[0], velocity: speedOf(final), reason: "time" };
  }
  const { end } = motion;
  motion.turns = motion.turns.filter((t) => t <= end.time);
  motion.stops = motion.stops.filter((stop) => stop.time <= end.time);
  motion.time = Float64Array.from(kept, ([t]) => t);
  motion.angle = Float64Array.from(kept, ([, theta]) => theta);
  motion.velocity = Float64Array.from(kept, ([, , omega]) => omega);
  const work =
    drive.mean * (end.angle - angle) + drive.antiderivative(end.angle) - drive.antiderivative(angle);
  const gain = heavy || light ? 0 : 0.5 * inertia * (end.velocity ** 2 - velocity ** 2);
  const heat = final[2];
  const size = Math.abs(work) + Math.abs(heat) + Math.abs(gain);
  // At infinite inertia the kinetic energy is infinite, and there is no balance to check.
  motion.energy = { work, heat, balance: heavy || size === 0 ? 0 : Math.abs(gain - work + heat) / size };
  return motion;
}

/**
 * A step must not pass over a whole swing. Error control alone would allow this for a rotor at
 * rest.
 */
function longestStep(velocity: number | undefined, time: number): number {
  return velocity === undefined
    ? time / 4
    : Math.min(time / 4, TURN / Math.max(Math.abs(velocity), TURN / time));
}
