// A part of the new angles of a doubled grid is sufficient if the harmonics of the curve end early.
// The samples at j = 0, 1, 2 mod 4 of M equispaced angles determine a curve of harmonics below 3
// M / 8, and thereby the samples at j = 3 mod 4. With F_s(r) = sum_m f_(4m+s) exp(-2 pi i r m / Q),
// Q = M / 4 and z = exp(2 pi i r / M), the three harmonics r - Q, r and r + Q that alias to
// r < Q / 2 give
//
//     F_3 = z^3 F_0 - z^2 F_1 + z F_2,   F_3(Q - r) = F_3(r)^*
//
// Errors of the samples and neglected harmonics are amplified threefold at most.

import { PeriodicCurve } from "./periodic.js";

/**
 * The values on the fourth of four interleaved grids of Q angles each, from those on the other
 * three.
 */
export function fourthGrid(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  third: ArrayLike<number>,
): Float64Array {
  const Q = first.length;
  const out = new Float64Array(Q);
  const cosine = Float64Array.from({ length: Q }, (_, k) => Math.cos((2 * Math.PI * k) / Q));
  const sine = Float64Array.from({ length: Q }, (_, k) => Math.sin((2 * Math.PI * k) / Q));
  for (let r = 0; 2 * r <= Q; r++) {
    let [re, im] = [0, 0];
    for (const [list, power, sign] of [
      [first, 3, 1],
      [second, 2, -1],
      [third, 1, 1],
    ] as const) {
      let [sumRe, sumIm] = [0, 0];
      for (let m = 0, k = 0; m < Q; m++, k = (k + r) % Q) {
        sumRe += list[m] * cosine[k];
        sumIm -= list[m] * sine[k];
      }
      const phase = (2 * Math.PI * power * r) / (4 * Q);
      const [c, s] = [sign * Math.cos(phase), sign * Math.sin(phase)];
      re += c * sumRe - s * sumIm;
      im += c * sumIm + s * sumRe;
    }
    // The terms r and Q - r are added together. At r = Q / 2 both ways of aliasing, which are
    // conjugates of each other, count by half.
    const single = r === 0 || 2 * r === Q;
    const share = (single ? 1 : 2) / Q;
    if (single) im = 0;
    for (let m = 0, k = 0; m < Q; m++, k = (k + r) % Q) out[m] += share * (re * cosine[k] - im * sine[k]);
  }
  return out;
}

/**
 * The parts of the new angles of a doubled grid that may be evaluated: every fourth angle, three of
 * four of every second angle, every second angle, three of four angles, all angles. Each part
 * contains the parts before it.
 */
export const parts = [1 / 4, 3 / 8, 1 / 2, 3 / 4, 1] as const;
export type Part = (typeof parts)[number];

const stepOf = (part: Part) => (part === 1 / 4 ? 4 : part < 3 / 4 ? 2 : 1);
const lacksFourth = (part: Part) => part === 3 / 8 || part === 3 / 4;

/** True if the new angle number m of a doubled grid belongs to this part. */
export function isOfPart(m: number, part: Part): boolean {
  const step = stepOf(part);
  return m % step === 0 && !(lacksFourth(part) && (m / step) % 4 === 3);
}

/**
 * Fills in the samples at the odd places of a doubled grid. `odd` contains those of `part`, and
 * `even` contains all n samples at the even places, where n is a multiple of 16. The result is
 * exact for harmonics below n (1 + part) / 2. With the interpolant p of the even samples, f - p
 * vanishes at the even places. Its harmonics k and k - n occur together, so that at the odd places
 * it is (-1)^m times a curve of harmonics below n part / 2, which the samples there determine.
 * Neglected harmonics are amplified sevenfold at most.
 */
export function fillOdd(even: Float64Array, odd: Float64Array, part: Part): void {
  const n = even.length;
  const step = stepOf(part);
  const base = new PeriodicCurve(even).resample(2 * n);
  const sign = (m: number) => (m % 2 === 0 ? 1 : -1);
  let rest: Float64Array = Float64Array.from({ length: n / step }, (_, j) => {
    const m = j * step;
    return isOfPart(m, part) ? sign(m) * (odd[m] - base[2 * m + 1]) : 0;
  });
  if (lacksFourth(part)) {
    const grid = (from: number) => rest.filter((_, j) => j % 4 === from);
    for (const [q, value] of fourthGrid(grid(0), grid(1), grid(2)).entries()) rest[4 * q + 3] = value;
  }
  if (step > 1) rest = new PeriodicCurve(rest).resample(n);
  for (let m = 0; m < n; m++) if (!isOfPart(m, part)) odd[m] = base[2 * m + 1] + sign(m) * rest[m];
}
