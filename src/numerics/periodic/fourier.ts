// A fast Fourier transform that splits off factors of two and sums the odd rest directly: O(n log n)
// for powers of two and O(n m) for n = 2^k m.

import { TURN } from "../../base/constants.js";

interface Roots {
  cosine: Float64Array;
  sine: Float64Array;
}

/** The roots for transforms of 2, 4, ... 4096 numbers, kept after their first use. */
const kept = new Map<number, Roots>();
const LONGEST = 4096;

/** cos and sin of 2 pi k / n for k < count. `count` is n / 2 for even n. */
function rootsOfUnity(n: number, count: number): Roots {
  const known = kept.get(n);
  if (known) return known;
  const angles = Float64Array.from({ length: count }, (_, k) => (TURN * k) / n);
  const made = { cosine: angles.map(Math.cos), sine: angles.map(Math.sin) };
  if (n <= LONGEST && (n & (n - 1)) === 0) kept.set(n, made);
  return made;
}

/**
 * The discrete Fourier sums X_k = sum_j x_j exp(-2 pi i j k / n), k = 0..n-1, of the n complex
 * numbers x_(first + stride j). The sum is split as long as n is even. The results are stored from
 * index `at` on: first those of the even j, then those of the odd j, which each step combines in
 * place.
 */
export function fourierSums(
  re: Float64Array,
  im: Float64Array,
  n: number,
  first: number,
  stride: number,
  outRe: Float64Array,
  outIm: Float64Array,
  at: number,
): void {
  if (n === 1) {
    outRe[at] = re[first];
    outIm[at] = im[first];
    return;
  }
  if (n % 2 === 1) {
    const { cosine, sine } = rootsOfUnity(n, n);
    for (let k = 0; k < n; k++) {
      let sumRe = 0;
      let sumIm = 0;
      for (let j = 0, phase = 0; j < n; j++, phase = (phase + k) % n) {
        const from = first + stride * j;
        sumRe += re[from] * cosine[phase] + im[from] * sine[phase];
        sumIm += im[from] * cosine[phase] - re[from] * sine[phase];
      }
      outRe[at + k] = sumRe;
      outIm[at + k] = sumIm;
    }
    return;
  }
  const half = n / 2;
  const { cosine, sine } = rootsOfUnity(n, half);
  fourierSums(re, im, half, first, 2 * stride, outRe, outIm, at);
  fourierSums(re, im, half, first + stride, 2 * stride, outRe, outIm, at + half);
  for (let k = 0; k < half; k++) {
    const [even, odd] = [at + k, at + half + k];
    const c = cosine[k];
    const s = sine[k];
    const rotatedRe = c * outRe[odd] + s * outIm[odd];
    const rotatedIm = c * outIm[odd] - s * outRe[odd];
    outRe[odd] = outRe[even] - rotatedRe;
    outIm[odd] = outIm[even] - rotatedIm;
    outRe[even] += rotatedRe;
    outIm[even] += rotatedIm;
  }
}
