// The step of a rotor with noise as tables for the kernel (assembly/rotor/rotor.ts). Drive f,
// friction g and noise D are total ones at the angle theta.
//
// - With inertia I domega = (f - g omega) dt + sqrt(D) dW. Drift at constant speed alternates with
//   the exact Ornstein-Uhlenbeck process at fixed angle (Strang). The weak order is 2, also if g or
//   D changes with the angle or g is negative.
// - Without inertia dtheta = a dt + b dW (Ito, see overdamped.ts), by the Taylor scheme of weak
//   order 2.
//
// The coefficients are tabulated as cubics on at least 64 cells per harmonic. A step evaluates no
// function, and its cost does not depend on the curves.

import { InputError } from "../../base/errors.js";
import type { RotorTables } from "../../engine/rotor.js";
import { normalQuantileTable } from "../../numerics/random/normal-quantile.js";
import { overdampedMotion } from "../rotor/overdamped.js";
import { type RotorForces, type RotorSystem, rotorForces } from "../rotor/rotor.js";

/** The tables of a step of length h. They are exported for the twin in the tests. */
export function stepTables(system: RotorSystem, h: number): RotorTables {
  const forces = rotorForces(system);
  const { drive, friction, noise } = forces;
  const { inertia } = system.rotor;
  if (inertia === "infinite") {
    throw new InputError("rotor.inertia", "a rotor of infinite inertia does not feel noise", {
      expected: "a finite inertia",
      found: '"infinite"',
    });
  }
  const finest = Math.max(drive.harmonics, friction.harmonics, noise.harmonics, 1);
  const cells = 2 ** Math.min(16, Math.max(8, Math.ceil(Math.log2(64 * finest))));
  // The curves are sampled on twice as many points: cells are centred on the even points and end at
  // the odd ones.
  const fine = 2 * cells;
  const strength = noise.resample(fine);
  const least = strength.reduce((m, x) => Math.min(m, x));
  if (least < -1e-9 * noise.scale) {
    throw new InputError("noise", "negative at some angle", { expected: "zero or more", found: `${least}` });
  }
  const clipped = strength.map((x) => Math.max(x, 0));
  const values =
    inertia === 0 ? overdampedStep(forces, h, cells) : inertialStep(forces, clipped, inertia, h, cells);
  const steps = new Float64Array(12 * cells);
  for (let i = 0; i < cells; i++) {
    const [b, c, s] = values.map((list) => cubicBetween(list, 2 * i - 1 + fine));
    for (let power = 0; power < 4; power++) {
      steps[12 * i + 2 * power] = b[power];
      steps[12 * i + 2 * power + 1] = c[power];
      steps[12 * i + 8 + power] = s[power];
    }
  }
  return { cells, steps, quantile: normalQuantileTable() };
}

/**
 * The cubic through the values and derivatives at `start` and two points further, in powers of the
 * distance from the point between, in units of two points. Derivatives are central differences of
 * fourth order, which are local, so that a kink (noise that vanishes at some angle) does not
 * spread.
 */
function cubicBetween(list: Float64Array, start: number): [number, number, number, number] {
  const at = (k: number) => list[(start + k) % list.length];
  const slope = (k: number) => (8 * (at(k + 1) - at(k - 1)) - (at(k + 2) - at(k - 2))) / 6;
  const [sum, rise] = [at(0) + at(2), at(2) - at(0)];
  const [slopes, bend] = [slope(0) + slope(2), slope(2) - slope(0)];
  return [sum / 2 - bend / 8, 1.5 * rise - slopes / 4, bend / 2, slopes - 2 * rise];
}

/**
 * The step v <- c v + b + s z, with v in cells per half step: the Ornstein-Uhlenbeck process over
 * the time h at fixed angle.
 */
function inertialStep(
  { drive, friction }: RotorForces,
  noise: Float64Array,
  inertia: number,
  h: number,
  cells: number,
): [Float64Array, Float64Array, Float64Array] {
  const unit = (h / 2) * (cells / (2 * Math.PI));
  const rate = friction.resample(2 * cells).map((gamma) => gamma / inertia);
  // (1 - exp(-y)) / y, regular at y = 0 and for negative friction.
  const part = (y: number) => (y === 0 ? 1 : -Math.expm1(-y) / y);
  const force = drive.resample(2 * cells);
  return [
    force.map((f, i) => (f / inertia) * h * part(rate[i] * h) * unit),
    rate.map((r) => Math.exp(-r * h)),
    noise.map((D, i) => (Math.sqrt(D * h * part(2 * rate[i] * h)) / inertia) * unit),
  ];
}

/**
 * The step x <- x + b + z (s + z c): Taylor scheme of weak order 2 for dtheta = a dt + beta dW.
 */
function overdampedStep(
  forces: RotorForces,
  h: number,
  cells: number,
): [Float64Array, Float64Array, Float64Array] {
  const {
    drift,
    spread,
    driftSlope: a1,
    driftBend: a2,
    spreadSlope: b1,
    spreadBend: b2,
  } = overdampedMotion(forces, 2 * cells);
  const unit = cells / (2 * Math.PI);
  const list = (value: (a: number, b: number, i: number) => number) =>
    drift.map((a, i) => unit * value(a, spread[i], i));
  return [
    list((a, b, i) => a * h - (b * b1[i] * h) / 2 + ((a * a1[i] + (a2[i] * b * b) / 2) * h * h) / 2),
    list((_, b, i) => (b * b1[i] * h) / 2),
    list((a, b, i) => b * Math.sqrt(h) + ((a1[i] * b + a * b1[i] + (b2[i] * b * b) / 2) * h ** 1.5) / 2),
  ];
}
