// One turn of the rotor with the angle as the clock. With K = I omega^2 / 2 the equation of motion
// becomes, for motion in the direction d = +-1 and x = d theta,
//
//   dK/dx = d drive(theta) - friction(theta) sqrt(2 K / I),
//
// which stays regular where the rotor is slow. Beyond K = 0 (the rotor has stopped) the root is
// continued oddly, so that the map of K over one turn, P(K), exists, is continuous and increases
// for every K: where friction > 0 it contracts and has exactly one fixed point, and the rotor can
// keep running in this direction if and only if K stays positive on it. `margin`, the smallest K on
// that orbit, therefore changes sign at the retrapping point. With negative friction somewhere
// several fixed points are looked for.

import { TURN } from "../../base/constants.js";
import {
  integrateRadau,
  type RadauStep,
  radauNodes,
  radauSamples,
  radauValue,
} from "../../numerics/ode/radau.js";
import type { RotorForces } from "./rotor.js";

/** Direction of rotation: 1 towards growing angles, -1 towards falling ones. */
export type Direction = 1 | -1;

/** Fixed point of the map over one turn, with its orbit. */
export interface ReturnOrbit {
  /** Kinetic energy at theta = 0. */
  start: number;
  /**
   * Smallest continued kinetic energy over the turn; the orbit is one of the rotor if it is
   * positive.
   */
  margin: number;
  /** Angles (in the order of motion), quadrature weights in |d theta|, kinetic energies. */
  angle: Float64Array;
  weight: Float64Array;
  energy: Float64Array;
}

/** The map over one turn in one direction of a rotor with inertia > 0. */
export class TurnMap {
  readonly #forces: RotorForces;
  readonly #inertia: number;
  readonly #direction: Direction;
  readonly #tolerance: number;
  /** Typical kinetic energy; K below `floor` counts as zero. */
  readonly scale: number;
  readonly floor: number;

  constructor(forces: RotorForces, inertia: number, direction: Direction, tolerance: number) {
    this.#forces = forces;
    this.#inertia = inertia;
    this.#direction = direction;
    this.#tolerance = tolerance;
    const force = Math.max(forces.drive.scale, Number.MIN_VALUE);
    const friction = Math.max(Math.abs(forces.friction.mean), forces.friction.scale / 10);
    const balance = friction > 0 ? 0.5 * inertia * (force / friction) ** 2 : Number.POSITIVE_INFINITY;
    this.scale = Math.min(TURN * force, balance);
    this.floor = 1e-14 * this.scale;
  }

  /** P(K) and dP/dK; `accept` sees the steps, from the angle `origin` on. */
  advance(
    start: number,
    accept: (step: RadauStep) => boolean = () => true,
    origin = 0,
  ): { end: number; slope: number } {
    const { drive, friction } = this.#forces;
    const d = this.#direction;
    const inertia = this.#inertia;
    const { floor } = this;
    const { points, weights } = radauNodes();
    // Below the floor the root is replaced by a straight line, so that its slope stays finite.
    const steepest = Math.sqrt(2 / (inertia * floor));
    let exponent = 0;
    const end = integrateRadau(
      (x, energy, out) => {
        const theta = origin + d * x;
        const gamma = friction.value(theta);
        const size = Math.abs(energy);
        const velocity =
          size > floor ? Math.sign(energy) * Math.sqrt((2 * size) / inertia) : energy * steepest;
        out.value = d * drive.value(theta) - gamma * velocity;
        out.slope = size > floor ? -gamma / Math.sqrt(2 * size * inertia) : -gamma * steepest;
      },
      [0, TURN],
      start,
      {
        admissible: (energy) => this.#tolerance * (Math.abs(energy) + 1e-7 * this.scale),
        longest: TURN / 8,
        // Below zero the orbit is no orbit of the rotor, and only the sign of its margin counts.
        shortest: (energy) => (energy > 0 ? 2e-5 : 1e-3) * TURN,
        rescue: (x, energy, h) => this.#implicitStep(origin, x, energy, h),
      },
      (step) => {
        for (let j = 0; j < points.length; j++) {
          const gamma = friction.value(origin + d * (step.start + step.length * points[j]));
          const size = Math.max(Math.abs(step.y[j]), floor);
          exponent += (step.length * weights[j] * gamma) / Math.sqrt(2 * size * inertia);
        }
        return accept(step);
      },
    );
    return { end, slope: Math.exp(-exponent) };
  }

  /**
   * Implicit Euler step, which is a quadratic equation for sqrt |K|: K + h friction sqrt(2 K / I) =
   * right side. Only where a stopping rotor crosses K = 0 on a stiff stretch; such orbits are not
   * running ones.
   */
  #implicitStep(origin: number, x: number, energy: number, h: number): number {
    const d = this.#direction;
    const right = energy + h * d * this.#forces.drive.value(origin + d * (x + h));
    const half = (h * this.#forces.friction.value(origin + d * (x + h))) / Math.sqrt(2 * this.#inertia);
    const root = Math.abs(right) / (half + Math.sqrt(half * half + Math.abs(right)) || 1);
    return Math.sign(right) * root * root;
  }

  /** The orbit that starts with the kinetic energy `start`. */
  orbit(start: number): ReturnOrbit {
    const angle: number[] = [];
    const weight: number[] = [];
    const energy: number[] = [];
    let margin = start;
    const { points, weights } = radauNodes();
    this.advance(start, (step) => {
      for (let j = 0; j < points.length; j++) {
        angle.push(this.#direction * (step.start + step.length * points[j]));
        weight.push(step.length * weights[j]);
        energy.push(step.y[j]);
      }
      // The minimum is not at a collocation point in general: look between them where the step
      // comes near it.
      if (Math.min(step.initial, ...step.y) < 4 * margin + this.floor || margin < 0) {
        margin = Math.min(margin, ...radauSamples(step));
      }
      margin = Math.min(margin, ...step.y);
      return true;
    });
    return {
      start,
      margin,
      angle: Float64Array.from(angle),
      weight: Float64Array.from(weight),
      energy: Float64Array.from(energy),
    };
  }

  /**
   * Angle where a rotor that starts at `from` with the kinetic energy `start` stops within one
   * turn; undefined if it does not.
   */
  stoppingAngle(from: number, start: number): number | undefined {
    let stop: number | undefined;
    this.advance(
      start,
      (step) => {
        const before = step.start === 0 ? Math.max(step.initial, 0) : step.initial;
        const samples = radauSamples(step);
        for (let i = 1; i <= samples.length; i++) {
          const value = samples[i - 1];
          if (value >= 0 || (step.start === 0 && i === 1 && before === 0 && value > -this.floor)) continue;
          let [low, high] = [(i - 1) / samples.length, i / samples.length];
          for (let k = 0; k < 40; k++) {
            const middle = (low + high) / 2;
            if (radauValue(step, middle) >= 0) low = middle;
            else high = middle;
          }
          stop = from + this.#direction * (step.start + step.length * low);
          return false;
        }
        return true;
      },
      from,
    );
    return stop;
  }

  /**
   * Fixed points of the map, the fastest first: one where friction is positive everywhere,
   * otherwise all that a scan of K separates.
   */
  fixedPoints(): ReturnOrbit[] {
    const { friction, drive } = this.#forces;
    const samples = friction.resample(Math.max(64, 4 * friction.size));
    const contracting = samples.every((value) => value > 0);
    const gain = (start: number) => this.advance(start).end - start;
    // Far out friction wins over the drive, or it does not and the rotor runs away.
    if (!(friction.mean > 0)) {
      return this.#scan(gain, 1e6 * Math.max(this.scale, TURN * drive.scale));
    }
    if (contracting) return [this.orbit(this.#refine(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY))];
    let high = this.scale;
    for (let i = 0; gain(high) > 0; i++) {
      if (i > 200) return [];
      high *= 4;
    }
    return this.#scan(gain, high);
  }

  /**
   * Newton's method on P(K) - K, kept inside a bracket: [low, high] if given, otherwise what the
   * signs seen so far say, which needs P(K) - K to fall everywhere.
   */
  #refine(low: number, high: number): number {
    let [a, b] = [low, high];
    const rising = Number.isFinite(low) && this.advance(low).end < low;
    const { drive, friction } = this.#forces;
    // The speed of uniform rotation is a good start at large inertia, and as good as any at small.
    const uniform = 0.5 * this.#inertia * (drive.mean / friction.mean) ** 2;
    let start = Number.isFinite(low) ? (a + b) / 2 : Math.min(this.scale, uniform);
    for (let i = 0; i < 200; i++) {
      const { end, slope } = this.advance(start);
      const value = end - start;
      const newton = start - value / (slope - 1);
      const resolution = 4e-16 * Math.max(Math.abs(start), this.floor);
      if (Math.abs(newton - start) <= 0.1 * this.#tolerance * Math.abs(start) + resolution) return newton;
      if (value > 0 !== rising) a = start;
      else b = start;
      if (b - a <= resolution) return start;
      start = newton > a && newton < b ? newton : (a + b) / 2;
    }
    return start;
  }

  /**
   * All sign changes of P(K) - K on a geometric grid of K up to `high`; the orbits with negative
   * margin stay in the list.
   */
  #scan(gain: (start: number) => number, high: number): ReturnOrbit[] {
    const found: ReturnOrbit[] = [];
    let previous = { start: high, gain: gain(high) };
    for (let start = high / 1.5; start > 1e-9 * this.scale; start /= 1.5) {
      const now = { start, gain: gain(start) };
      if (Math.sign(now.gain) !== Math.sign(previous.gain)) {
        found.push(this.orbit(this.#refine(start, previous.start)));
      }
      previous = now;
    }
    return found;
  }
}
