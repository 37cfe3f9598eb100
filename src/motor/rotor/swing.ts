// Finds whether a rotor released at rest is caught in a well or runs for good. The angle is the
// independent variable, and the rotor swings from turning point to turning point. Each swing lies
// within the one before (friction > 0). Once a single stable angle is left between the turning
// points, the rotor comes to rest there. If it passes a whole turn with kinetic energy left, it
// runs.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { type Direction, TurnMap } from "./passage.js";
import { type RotorSystem, rotorForces } from "./rotor.js";
import { lockedAngles, rangeOf } from "./steady-states.js";

/** The rotor rests at an angle (not reduced to one turn), or it runs. */
export type Fate = { kind: "locked"; angle: number } | { kind: "running"; direction: Direction };

/** Stable angles of rest between a and b, in all turns. */
function wellsBetween(wells: readonly number[], a: number, b: number): number[] {
  const [low, high] = a < b ? [a, b] : [b, a];
  return wells
    .flatMap((angle) => {
      const inside: number[] = [];
      for (let x = angle + TURN * Math.ceil((low - angle) / TURN); x <= high; x += TURN) inside.push(x);
      return inside;
    })
    .sort((x, y) => x - y);
}

/**
 * The fate of a rotor released at rest at `angle`. Its friction must be positive at all angles.
 * Throws NumericalError if it still swings over several wells after 10,000 swings.
 */
export function fateFromRest(system: RotorSystem, angle: number): Fate {
  const forces = rotorForces(system);
  const { inertia } = system.rotor;
  const wells = lockedAngles(system).flatMap((locked) => (locked.stable ? [locked.angle] : []));
  const push = forces.drive.value(angle);
  const direction: Direction = push >= 0 ? 1 : -1;
  if (push === 0 || Math.abs(push) < 1e-14 * forces.drive.scale) {
    const near = wells.find((well) => Math.abs(Math.sin((angle - well) / 2)) < 1e-7);
    if (near !== undefined || forces.drive.scale === 0) return { kind: "locked", angle };
  }
  if (inertia === "infinite") return { kind: "running", direction: forces.drive.mean >= 0 ? 1 : -1 };
  if (rangeOf(forces.friction).least <= 0) {
    throw new NumericalError("with friction that is not positive everywhere a rotor need not come to rest", {
      causes: ["compute its motion in time instead"],
    });
  }
  if (wells.length === 0) return { kind: "running", direction: forces.drive.mean >= 0 ? 1 : -1 };
  if (inertia === 0) {
    // Without inertia the rotor creeps to the first stable angle ahead.
    const ahead = wellsBetween(wells, angle, angle + direction * TURN);
    return { kind: "locked", angle: direction > 0 ? ahead[0] : ahead[ahead.length - 1] };
  }
  let from = angle;
  for (let swing = 0; swing < 10_000; swing++) {
    const way: Direction = forces.drive.value(from) >= 0 ? 1 : -1;
    const map = new TurnMap(forces, inertia, way, 1e-9);
    const stop = map.stoppingAngle(from, 0);
    if (stop === undefined) return { kind: "running", direction: way };
    const between = wellsBetween(wells, from, stop);
    if (between.length === 1) return { kind: "locked", angle: between[0] };
    if (between.length === 0) {
      // The rotor was released nearer to the well than the integration resolves.
      const nearest = wellsBetween(wells, from - TURN / 2, from + TURN / 2);
      nearest.sort((a, b) => Math.abs(a - from) - Math.abs(b - from));
      return { kind: "locked", angle: nearest[0] };
    }
    from = stop;
  }
  throw new NumericalError("the rotor still swings over several wells after 10,000 swings", {
    causes: ["its friction is very small: increase it, or compute its motion in time"],
  });
}
