// The bias at which a rotor at rest starts by itself, beyond linear response: the torque is computed
// at that bias. It is taken as linear in the bias between equilibrium and the bias tried last. The
// next bias is that at which this family loses its last angle of rest, until the bias hardly changes.
// These turns are computed roughly, because each only leads to the next.
//
// What is left is a condition at single angles: the rotor starts where the least drive of the turn,
// in the direction of the start, is zero. The secant rule finds the bias at which this holds in a
// well, with the least drive by interpolation between five angles. Several wells may be left within
// the errors of the rough turn: the last one to lose its angle of rest decides. Where the torque has
// kinks and five angles do not tell the least drive, whole turns are computed to the tolerance.
//
// Cost: usually one rough turn, and the forces at fifteen to thirty angles.

import { TURN } from "../../base/constants.js";
import { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { startControl } from "./bias-branches.js";
import { linearResponseFamily, type RotorSettings } from "./rotor.js";

/** The search extends to this multiple of the bias that the scales of the torque suggest. */
const REACH = 4;
/** Most turns of a search. */
const MOST_TURNS = 12;
/** Relative error of the turns of a search. */
const ROUGH = 1e-2;
/** Relative change of the bias from which on only the wells are computed. */
const NEAR = 0.1;
/** Part by which the torque may differ from its linear course over that change. */
const BENT = 0.3;
/** Most wells that are followed, most steps in each, and most stencils of a step. */
const MOST_WELLS = 16;
const MOST_STEPS = 12;
const MOST_STENCILS = 8;

/** The torque of a device by the bias. */
export interface BiasedTorque {
  /** Torque over the turn at zero bias. */
  calm: PeriodicCurve;
  /** A bias to begin with, and the torque there. */
  first: { bias: number; torque: PeriodicCurve };
  /** The torque over the turn at a bias, to an error relative to its scale. */
  turn(bias: number, tolerance: number): PeriodicCurve;
  /** The torque at a few angles in radians at a bias, to less than the tolerance of the search. */
  at(bias: number, angles: readonly number[]): readonly number[];
}

/**
 * Smallest bias, of the sign of the first one, at which no angle holds the rotor, to the relative
 * accuracy `tolerance`. Undefined if the rotor does not start within what the torque suggests.
 */
export function startBiasOf(
  device: BiasedTorque,
  rotor: RotorSettings,
  tolerance = 1e-6,
): number | undefined {
  const { calm, first } = device;
  const direction = Math.sign(first.bias);
  let { bias, torque } = first;
  let wellsDecide = true;
  for (let step = 0; step < MOST_TURNS; step++) {
    const perBias = PeriodicCurve.combination([torque, calm], [1 / bias, -1 / bias]);
    const needed = (calm.scale + Math.abs(rotor.load ?? 0)) / Math.abs(perBias.mean);
    // A device without work at a bias never starts, or only far beyond the range of its curves.
    if (!(needed < 1e3 * Math.max(Math.abs(first.bias), calm.scale))) return undefined;
    // Nothing holds the rotor, which starts at any bias.
    if (needed <= 1e-12 * Math.abs(first.bias)) return 0;
    const family = linearResponseFamily({ torque: calm, friction: calm }, perBias, rotor);
    const next = startControl(family, { from: 0, to: direction * REACH * needed, steps: 64 });
    if (next === undefined) return undefined;
    if (next === 0) return 0;
    const change = Math.abs(next - bias);
    if (change <= tolerance * Math.abs(next) && (step === 0 || !wellsDecide)) return next;
    if (wellsDecide && change <= NEAR * Math.abs(next)) {
      const slack = BENT * change * perBias.scale + (step > 0 ? 2 * ROUGH * torque.scale : 0);
      const start = new Wells(device, calm, perBias, rotor.load ?? 0, tolerance).start(next, slack);
      if (start !== undefined) return start;
      wellsDecide = false;
    }
    bias = next;
    torque = device.turn(bias, wellsDecide ? ROUGH : 0.1 * tolerance);
  }
  return undefined;
}

/** The angles at which the drive nearly vanishes next to the bias of the start. */
class Wells {
  readonly #device: BiasedTorque;
  readonly #calm: PeriodicCurve;
  readonly #perBias: PeriodicCurve;
  readonly #load: number;
  readonly #tolerance: number;

  /** The torque is `calm` + bias x `perBias` nearby, and roughly. */
  constructor(
    device: BiasedTorque,
    calm: PeriodicCurve,
    perBias: PeriodicCurve,
    load: number,
    tolerance: number,
  ) {
    this.#device = device;
    this.#calm = calm;
    this.#perBias = perBias;
    this.#load = load;
    this.#tolerance = tolerance;
  }

  /**
   * The bias near `near` at which the last well of the drive loses its angle of rest. Wells whose
   * least drive exceeds `slack` are empty already. Undefined if a well is not resolved.
   */
  start(near: number, slack: number): number | undefined {
    const drive = PeriodicCurve.combination([this.#calm, this.#perBias], [1, near], -this.#load);
    const sign = Math.sign(drive.mean);
    const depth = (angle: number) => sign * drive.value(angle);
    const wells = leastAngles(drive, sign).filter((angle) => depth(angle) <= slack);
    if (wells.length === 0 || wells.length > MOST_WELLS) return undefined;
    wells.sort((one, other) => depth(one) - depth(other));
    let last = near;
    for (const [k, angle] of wells.entries()) {
      const place = { angle, step: this.#step(drive, angle) };
      // Each further well is asked once whether it still holds where the others no longer do.
      const empty = this.#empty(last, place, sign, k > 0);
      if (empty === undefined) return undefined;
      last = empty;
    }
    return last;
  }

  /** Distance of the five angles at which a quartic interpolates the drive to the tolerance. */
  #step(drive: PeriodicCurve, angle: number): number {
    const allowed = this.#tolerance * Math.max(this.#calm.scale, Math.abs(this.#load));
    const step = (12 * allowed) / Math.abs(drive.derivative(angle, 4));
    const spacing = TURN / drive.size;
    return Math.min(Math.max(step ** 0.25, spacing / 16), spacing);
  }

  /**
   * The bias next to `near` at which the least drive near an angle is zero, by the secant rule. The
   * result is `near` itself if that is enough for a well that is known to be empty beyond.
   */
  #empty(
    near: number,
    place: { angle: number; step: number },
    sign: number,
    enough: boolean,
  ): number | undefined {
    let bias = near;
    let slope = sign * this.#perBias.value(place.angle);
    let before: { bias: number; value: number } | undefined;
    let well = place;
    for (let k = 0; k < MOST_STEPS; k++) {
      const found = this.#least(bias, sign, well, this.#tolerance * Math.abs(slope * bias));
      if (!found) return undefined;
      if (k === 0 && enough && found.value >= -this.#tolerance * Math.abs(slope * bias)) return near;
      well = found;
      if (before && before.bias !== bias) slope = (found.value - before.value) / (bias - before.bias);
      const next = bias - found.value / slope;
      // Far from the first bias the torque may have other wells, or none.
      if (!(Math.abs(next - near) <= NEAR * Math.abs(near))) return undefined;
      if (Math.abs(next - bias) <= this.#tolerance * Math.abs(next)) return next;
      before = { bias, value: found.value };
      bias = next;
    }
    return undefined;
  }

  /**
   * The least sign x drive near an angle at a bias, to the error `allowed`, from a quartic through
   * five angles. The stencil moves until the least value is in its middle, and shrinks until the
   * fourth differences are small. Undefined if neither helps, as at a kink.
   */
  #least(
    bias: number,
    sign: number,
    { angle, step }: { angle: number; step: number },
    allowed: number,
  ): { angle: number; step: number; value: number } | undefined {
    for (let k = 0; k < MOST_STENCILS; k++) {
      const centre = angle;
      const torque = this.#device.at(
        bias,
        [-2, -1, 0, 1, 2].map((i) => centre + i * step),
      );
      const { x, value, last } = leastOfQuartic(torque.map((one) => sign * (one - this.#load)));
      angle += step * Math.min(Math.max(x, -2), 2);
      if (Math.abs(x) > 1) continue;
      if (last <= allowed) return { angle, step, value };
      step /= 2;
    }
    return undefined;
  }
}

/** The angles at which sign x curve has its least values, on a grid that resolves its harmonics. */
function leastAngles(curve: PeriodicCurve, sign: number): number[] {
  const n = Math.max(64, 16 * curve.harmonics);
  const slopes = curve.resampleDerivative(n).map((slope) => sign * slope);
  const angles: number[] = [];
  for (let i = 0; i < n; i++) {
    const [here, next] = [slopes[i], slopes[(i + 1) % n]];
    if (here < 0 && next >= 0) angles.push((TURN / n) * (i + here / (here - next)));
  }
  return angles;
}

/**
 * The least value next to the middle of the quartic through five values at x = -2 .. 2, its place,
 * and the size of the fourth difference's part.
 */
function leastOfQuartic(f: readonly number[]): { x: number; value: number; last: number } {
  const [a, b, c, d, e] = f;
  const even = (b + d) / 2 - c;
  const odd = (d - b) / 2;
  const fourth = (a - 4 * b + 6 * c - 4 * d + e) / 24;
  const third = (e - 2 * d + 2 * b - a) / 12;
  // c + x (odd - third) + x^2 (even - fourth) + x^3 third + x^4 fourth
  const [p1, p2, p3, p4] = [odd - third, even - fourth, third, fourth];
  let x = even > 0 ? -odd / (2 * even) : -2 * Math.sign(odd);
  for (let k = 0; k < 4; k++) {
    const bend = 2 * p2 + x * (6 * p3 + 12 * x * p4);
    if (!(bend > 0) || !(Math.abs(x) <= 2)) break;
    x -= (p1 + x * (2 * p2 + x * (3 * p3 + 4 * x * p4))) / bend;
  }
  return { x, value: c + x * (p1 + x * (p2 + x * (p3 + x * p4))), last: Math.abs(fourth) };
}
