// A real periodic function of the angle, known at n equispaced angles and continued between them by
// the trigonometric interpolant of lowest degree. The interpolant is exact (to rounding) for every
// function of degree below n/2 and converges exponentially for analytic functions. The coefficients
// come from a fast Fourier transform (fourier.ts). Values are computed by Horner's rule in
// exp(i theta), with four multiplications per harmonic; it is stable since |exp(i theta)| = 1. For
// even n the samples only determine the cosine of harmonic n/2, so that its sine is zero. The
// samples must resolve the function: `tail` shows how small the last harmonics are. Nothing here
// fits, smooths or clamps.

import { TURN } from "../../base/constants.js";
import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { fourierSums } from "./fourier.js";

/**
 * `n` equispaced angles 0, 2 pi/n, ... in radians: the angles of the samples of a PeriodicCurve.
 */
export function equispacedAngles(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, k) => (TURN * k) / n);
}

/** A PeriodicCurve in JSON. */
export interface PlainCurve {
  /** Number of samples from which the curve was made. */
  size: number;
  /** The average over a turn. */
  mean: number;
  /** Coefficients of the cosines, from the mean on. */
  cosines: number[];
  /** Coefficients of the sines; the first is zero. */
  sines: number[];
  /** Largest modulus of a sample. */
  scale: number;
}

/** The error of a number or list that no curve has. */
function notCopied(field: string, expected: string, found: unknown): InputError {
  return new InputError(field, "not the copy of a curve", { expected, found: described(found) });
}

/**
 * `g(theta) = mean + sum_{k=1}^{m} (cos_k cos k theta + sin_k sin k theta)`, m = floor(n/2),
 * through n samples at theta_j = 2 pi j / n.
 *
 *     const torque = PeriodicCurve.from(Math.sin, 8);
 *     torque.value(0.3); // Math.sin(0.3) to rounding
 *
 * Immutable. Values are in the samples' unit, angles in radians, any real angle is allowed.
 */
export class PeriodicCurve {
  /** Number of samples from which the curve was made. */
  readonly size: number;
  /** The average over a turn, (1/2pi) loop g dtheta, in the samples' unit. */
  readonly mean: number;
  /** cos_k is at [k] for k = 0..harmonics, in the samples' unit; [0] is the mean. */
  readonly cosines: Float64Array;
  /** sin_k is at [k], in the samples' unit; [0] is zero. */
  readonly sines: Float64Array;
  /** Largest modulus of a sample. */
  readonly scale: number;

  /**
   * Makes the curve through n samples at the angles start + 2 pi j / n (`start` in radians, default
   * 0). Throws InputError if there is no sample or one is not finite.
   */
  constructor(samples: ArrayLike<number>, start = 0) {
    const n = samples?.length;
    if (!(n >= 1)) throw new InputError("samples", "no samples", { expected: "one or more", found: "none" });
    const re = Float64Array.from(samples);
    const bad = re.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      throw new InputError(`samples[${bad}]`, "not a number", {
        expected: "a finite number",
        found: `${re[bad]}`,
      });
    }
    const [sumRe, sumIm] = [new Float64Array(n), new Float64Array(n)];
    fourierSums(re, new Float64Array(n), n, 0, 1, sumRe, sumIm, 0);
    const harmonics = Math.floor(n / 2);
    this.size = n;
    this.cosines = new Float64Array(harmonics + 1);
    this.sines = new Float64Array(harmonics + 1);
    this.cosines[0] = sumRe[0] / n;
    for (let k = 1; k <= harmonics; k++) {
      // The last harmonic of an even number of samples belongs to k and to -k at the same time.
      const share = 2 * k === n ? 1 / n : 2 / n;
      const [cosine, sine] = [share * sumRe[k], 2 * k === n ? 0 : -share * sumIm[k]];
      // The coefficients refer to angles from `start` on and are rotated back by k start.
      const [c, s] = start === 0 ? [1, 0] : [Math.cos(k * start), Math.sin(k * start)];
      this.cosines[k] = c * cosine - s * sine;
      this.sines[k] = c * sine + s * cosine;
    }
    this.mean = this.cosines[0];
    this.scale = re.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  }

  /**
   * The curve through the values of a function at `n` equispaced angles 2 pi j / n. Throws
   * InputError if a value is not finite.
   */
  static from(g: (theta: number) => number, n: number): PeriodicCurve {
    return new PeriodicCurve(equispacedAngles(n).map(g));
  }

  /**
   * The curve of which `copy` is a copy: by structuredClone, from another thread, or from JSON. The
   * copy has the curve's numbers without its methods; these numbers are taken bit by bit
   * (but for the sign of zeros, which JSON does not keep). Throws InputError, with `field` as the name of the copy, if one is missing or wrong.
   */
  static restored(copy: object, field = "copy"): PeriodicCurve {
    const { size, cosines, sines, scale } = (copy ?? {}) as Partial<PeriodicCurve>;
    if (!(Number.isSafeInteger(size) && (size as number) >= 1))
      throw notCopied(`${field}.size`, "a whole number >= 1", size);
    const count = Math.floor((size as number) / 2) + 1;
    const lists = Object.entries({ cosines, sines }).map(([name, list]) => {
      const values = list !== undefined && list !== null && typeof list === "object" ? Array.from(list) : [];
      if (values.length === count && values.every((value) => Number.isFinite(value)))
        return Float64Array.from(values);
      throw notCopied(`${field}.${name}`, `${count} finite numbers`, list);
    });
    if (!(Number.isFinite(scale) && (scale as number) >= 0))
      throw notCopied(`${field}.scale`, "a number >= 0", scale);
    const mean = lists[0][0];
    return Object.assign(new PeriodicCurve([mean]), {
      size,
      mean,
      cosines: lists[0],
      sines: lists[1],
      scale,
    });
  }

  /** The curve that has the same value at every angle. */
  static constant(value: number): PeriodicCurve {
    return new PeriodicCurve([value]);
  }

  /**
   * `sum_i weights[i] curves[i] + offset`, exactly: the harmonics are added, and the numbers of
   * samples may differ.
   */
  static combination(
    curves: readonly PeriodicCurve[],
    weights: readonly number[],
    offset = 0,
  ): PeriodicCurve {
    const size = Math.max(1, ...curves.map((curve) => curve.size));
    const sum = new Float64Array(size).fill(offset);
    curves.forEach((curve, i) => {
      const samples = curve.resample(size);
      for (let j = 0; j < size; j++) sum[j] += weights[i] * samples[j];
    });
    return new PeriodicCurve(sum);
  }

  /** The form of the curve in JSON: its numbers as lists, from which `restored` makes it again. */
  toJSON(): PlainCurve {
    const { size, mean, cosines, sines, scale } = this;
    return { size, mean, cosines: Array.from(cosines), sines: Array.from(sines), scale };
  }

  /** Number of the highest harmonic. */
  get harmonics(): number {
    return this.cosines.length - 1;
  }

  /** `loop g dtheta` over one positive turn, in the samples' unit times radians. */
  get integral(): number {
    return TURN * this.mean;
  }

  /** g(theta), with theta in radians. */
  value(theta: number): number {
    return this.mean + this.#sum(theta, 0);
  }

  /**
   * Derivative by the angle of the given order, a whole number from 0 on. The default order is 1.
   */
  derivative(theta: number, order = 1): number {
    return order === 0 ? this.value(theta) : this.#sum(theta, order);
  }

  /**
   * The periodic part of the antiderivative, `int_0^theta (g - mean) dtheta'`, which is zero at
   * theta = 0 and at 2 pi. The complete integral from 0 is `mean * theta + antiderivative(theta)`.
   */
  antiderivative(theta: number): number {
    return this.#sum(theta, -1) - this.#sum(0, -1);
  }

  /** The values at a list of angles in radians, in the same order. Each costs one evaluation. */
  valuesAt(angles: ArrayLike<number>): Float64Array {
    const values = new Float64Array(angles.length);
    for (let i = 0; i < angles.length; i++) values[i] = this.value(angles[i]);
    return values;
  }

  /**
   * The values at `n` equispaced angles 2 pi j / n in O(n log n). `n` is arbitrary and may be too
   * small to resolve the harmonics.
   */
  resample(n: number): Float64Array {
    return this.#resampled(n, 0);
  }

  /**
   * The derivatives of the given order (a whole number from 0 on, default 1) at `n` equispaced
   * angles 2 pi j / n.
   */
  resampleDerivative(n: number, order = 1): Float64Array {
    return this.#resampled(n, order);
  }

  /**
   * Amplitude `sqrt(cos_k^2 + sin_k^2)` of harmonic k, in the samples' unit. It is zero above the
   * highest harmonic.
   */
  amplitude(k: number): number {
    return k > this.harmonics ? 0 : Math.hypot(this.cosines[k], this.sines[k]);
  }

  /**
   * An estimate of the interpolation error: the sum of the amplitudes of the last eighth of the
   * harmonics (at least two), in the samples' unit. If the harmonics decay geometrically it bounds
   * the part that the samples do not resolve. At rounding level the curve is resolved.
   */
  get tail(): number {
    return this.tailOf(this.harmonics);
  }

  /** The same sum for the last eighth of the first m harmonics. */
  tailOf(m: number): number {
    const count = Math.max(2, Math.ceil(m / 8));
    let sum = 0;
    for (let k = Math.max(1, m - count + 1); k <= m; k++) sum += this.amplitude(k);
    return sum;
  }

  /**
   * The real part of the sum over k >= 1 of (ik)^order (cos_k - i sin_k) exp(ik theta), by Horner's
   * rule from the last harmonic on.
   */
  #sum(theta: number, order: number): number {
    const { cosines, sines } = this;
    const zRe = Math.cos(theta);
    const zIm = Math.sin(theta);
    let re = 0;
    let im = 0;
    for (let k = cosines.length - 1; k >= 1; k--) {
      const weight = order === 0 ? 1 : order === 1 ? k : order === -1 ? 1 / k : k ** order;
      re += weight * cosines[k];
      im -= weight * sines[k];
      const nextRe = re * zRe - im * zIm;
      im = re * zIm + im * zRe;
      re = nextRe;
    }
    // The real part of i^order (re + i im).
    const quarter = ((order % 4) + 4) % 4;
    return quarter === 0 ? re : quarter === 1 ? -im : quarter === 2 ? -re : im;
  }

  #resampled(n: number, order: number): Float64Array {
    const re = new Float64Array(n);
    const im = new Float64Array(n);
    // g(theta_j) = Re sum_k c_k exp(+2 pi i j k / n) is the conjugate of the transform of the
    // conjugate. Harmonics are aliased modulo n.
    const quarter = order % 4;
    for (let k = order === 0 ? 0 : 1; k < this.cosines.length; k++) {
      const weight = k === 0 ? 1 : k ** order;
      const a = weight * this.cosines[k];
      const b = -weight * this.sines[k];
      const [cRe, cIm] =
        quarter === 0 ? [a, b] : quarter === 1 ? [-b, a] : quarter === 2 ? [-a, -b] : [b, -a];
      re[k % n] += cRe;
      im[k % n] -= cIm;
    }
    const [sumRe, sumIm] = [new Float64Array(n), new Float64Array(n)];
    fourierSums(re, im, n, 0, 1, sumRe, sumIm, 0);
    return sumRe;
  }
}
