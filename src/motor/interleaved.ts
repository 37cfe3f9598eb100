// Half of a doubled grid's new angles are enough where the curve's harmonics end soon: the samples at j = 0, 1, 2 mod 4 of M equispaced angles
// determine a curve of harmonics below 3 M / 8, and so those at j = 3 mod 4. With F_s(r) = sum_m f_(4m+s) exp(-2 pi i r m / Q), Q = M / 4, and
// z = exp(2 pi i r / M), the three harmonics r - Q, r, r + Q that fold onto r < Q / 2 give
//
//     F_3 = z^3 F_0 - z^2 F_1 + z F_2,   F_3(Q - r) = F_3(r)^*
//
// Errors of the samples, and harmonics left out, come threefold at most.

/** Values on the fourth of four interleaved grids of Q angles each, from those on the other three. */
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
    // r and Q - r together; at Q / 2 both ways of folding, which are each other's conjugates, by halves.
    const single = r === 0 || 2 * r === Q;
    const share = (single ? 1 : 2) / Q;
    if (single) im = 0;
    for (let m = 0, k = 0; m < Q; m++, k = (k + r) % Q) out[m] += share * (re * cosine[k] - im * sine[k]);
  }
  return out;
}
