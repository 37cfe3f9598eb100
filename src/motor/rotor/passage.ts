// One turn of the rotor with the angle as the independent variable. With the kinetic energy
// K = I omega^2 / 2, the direction d = +-1 and x = d theta, the equation of motion becomes
//
//   dK/dx = d drive(theta) - friction(theta) sqrt(2 K / I),
//
// which stays regular where the rotor is slow. For K < 0, where the rotor has stopped, the root is
// continued as an odd function. The map P(K) of the kinetic energy over one turn then exists for
// every K, is continuous and increases. Where friction is positive the map contracts and has
// exactly one fixed point, and the rotor can keep running in this direction if and only if K stays
// positive on that orbit. The smallest K on the orbit, `margin`, therefore changes sign at the
// retrapping point. If friction is negative at some angle, there may be several fixed points.

import { TURN } from "../../base/constants.js";
import {
  integrateRadau,
  type RadauStep,
  radauNodes,
  radauSamples,
  radauValue,
} from "../../numerics/ode/radau.js";
import { equispacedAngles } from "../../numerics/periodic/periodic.js";
import type { RotorForces } from "./rotor.js";

/** Direction of rotation: 1 towards increasing angles, -1 towards decreasing ones. */
export type Direction = 1 | -1;

/** Fixed point of the map over one turn, with its orbit. */
export interface ReturnOrbit {
  /** Kinetic energy at theta = 0. */
  start: number;
  /**
   * Smallest continued kinetic energy over the turn. If it is positive, the rotor can run on this
   * orbit.
   */
  margin: number;
  /** Angles of the nodes in the order of motion, radians. */
  angle: Float64Array;
  /** Quadrature weights of the nodes in |d theta|. */
  weight: Float64Array;
  energy: Float64Array;
}

/** The map over one turn in one direction of a rotor with inertia > 0. */
export class TurnMap {
  readonly #forces: RotorForces;
  readonly #inertia: number;
  readonly #direction: Direction;
  readonly #tolerance: number;
  /** Typical kinetic energy. */
  readonly scale: number;
  /** Kinetic energy below which K counts as zero. */
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

  /**
   * Integrates over one turn and returns P(K) as `end` and dP/dK as `multiplier`. `accept` receives
   * the steps, which begin at the angle `origin`.
   */
  advance(
    start: number,
    accept: (step: RadauStep) => boolean = () => true,
    origin = 0,
  ): { end: number; multiplier: number } {
    const { drive, friction } = this.#forces;
    const d = this.#direction;
    const inertia = this.#inertia;
    const { floor } = this;
    const { points, weights } = radauNodes();
    // Below the floor a straight line replaces the root, so that the derivative stays finite.
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
        // Below zero the rotor does not run, and only the sign of the margin matters.
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
    return { end, multiplier: Math.exp(-exponent) };
  }

  /**
   * Implicit Euler step, which is a quadratic equation for sqrt |K|:
   * K + h friction sqrt(2 K / I) = right side. It is used only where a stopping rotor crosses K = 0
   * while the equation is stiff, which no running orbit does.
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
      // The minimum of K usually lies between collocation points. It is sought there if the step
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
   * Angle at which a rotor stops that starts at the angle `from` with the kinetic energy `start`.
   * Undefined if it does not stop within one turn.
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
   * Fixed points of the map, the fastest first. There is one if friction is positive everywhere;
   * otherwise a scan of K finds all that it separates.
   */
  fixedPoints(): ReturnOrbit[] {
    const { friction, drive } = this.#forces;
    const samples = friction.resample(Math.max(64, 4 * friction.size));
    const contracting = samples.every((value) => value > 0);
    const gain = (start: number) => this.advance(start).end - start;
    // At large K friction exceeds the drive, unless its mean is not positive and the rotor runs
    // away.
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
   * Newton's method on P(K) - K inside a bracket. The bracket is [low, high] if given. Otherwise it
   * follows from the signs found so far, which requires that P(K) - K decreases everywhere.
   */
  #refine(low: number, high: number): number {
    let [a, b] = [low, high];
    const rising = Number.isFinite(low) && this.advance(low).end < low;
    const { drive, friction } = this.#forces;
    // The speed of uniform rotation is a good start at large inertia and an acceptable one at
    // small.
    const uniform = 0.5 * this.#inertia * (drive.mean / friction.mean) ** 2;
    let start = Number.isFinite(low) ? (a + b) / 2 : Math.min(this.scale, uniform);
    for (let i = 0; i < 200; i++) {
      const { end, multiplier } = this.advance(start);
      const value = end - start;
      const newton = start - value / (multiplier - 1);
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
   * The orbits at all sign changes of P(K) - K on a geometric grid of K up to `high`, including
   * those with a negative margin.
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

/** Factor by which the least heat must exceed the work, for the errors of sums. */
const SURELY = 1.01;

/**
 * Whether a rotor that friction brakes everywhere surely cannot keep running. A running rotor has
 * K >= 0 where the potential U = -int drive is highest, and in the turn before that at least the
 * kinetic energy U(top) - U(theta) of the climb. It stops if friction turns more of that into heat
 * than the drive does work, W = 2 pi mean drive. This spares the search for an orbit that is not
 * there, which is slow.
 */
export function surelyStops(
  { drive, friction }: RotorForces,
  inertia: number,
  direction: Direction,
): boolean {
  const work = direction * TURN * drive.mean;
  // A mean drive at the level of rounding does not turn the rotor.
  if (work <= 1e-15 * TURN * drive.scale) return true;
  const n = Math.max(256, 4 * Math.max(drive.size, friction.size));
  const potential = equispacedAngles(n).map((theta) => -drive.antiderivative(theta));
  const gamma = friction.resample(n);
  const top = potential.indexOf(Math.max(...potential));
  let heat = 0;
  for (let back = 1; back < n; back++) {
    const i = (top - direction * back + n) % n;
    const climb = potential[top] - potential[i] - (work * back) / n;
    if (climb > 0) heat += (TURN / n) * gamma[i] * Math.sqrt((2 * climb) / inertia);
  }
  return heat > SURELY * work;
}
