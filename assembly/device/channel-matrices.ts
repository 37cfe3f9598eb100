// Small matrices over the channels, with channels x channels complex numbers.
import * as P from "./plan";

export const TWO_PI: f64 = 6.283185307179586;

/** Multiplies the number at `entry` by -2 pi i. */
// @ts-ignore: decorator
@inline
export function timesMinusTwoPiI(entry: usize): void {
  const re = load<f64>(entry);
  store<f64>(entry, TWO_PI * load<f64>(entry, 8));
  store<f64>(entry, -TWO_PI * re, 8);
}

/** Fills the upper half of a Hermitian matrix from its lower half. */
export function mirrorAdjoint(channels: i32, k: usize): void {
  for (let a = 0; a < channels; a++)
    for (let b = 0; b <= a; b++) {
      const source = P.z(k, a * channels + b);
      const mirror = P.z(k, b * channels + a);
      const im = a == b ? 0.0 : load<f64>(source, 8);
      store<f64>(mirror, load<f64>(source));
      store<f64>(source, im, 8);
      store<f64>(mirror, -im, 8);
    }
}

/** Fills the upper half of a symmetric matrix from its lower half. */
export function mirrorTransposed(channels: i32, k: usize): void {
  const step = <usize>channels << 4;
  for (let a = 0; a < channels; a++) {
    let source = P.z(k, a * channels);
    let mirror = P.z(k, a);
    for (let b = 0; b < a; b++) {
      if (ASC_FEATURE_SIMD) v128.store(mirror, v128.load(source));
      else {
        store<f64>(mirror, load<f64>(source));
        store<f64>(mirror, load<f64>(source, 8), 8);
      }
      source += 16;
      mirror += step;
    }
  }
}
