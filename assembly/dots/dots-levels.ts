// The number of levels of dots (dots.ts) below the energy, from the signs of the pivots of E - H
// without the leads (Sylvester). Real devices obtain it from the elimination that gives their
// states (dots-symmetric.ts). Complex devices use a symmetric elimination without exchanges, two
// points in the lanes, with 4/3 n^3 flops. A lane whose elements grow too much is counted again
// with pivoting (inertia.ts).
import { dsyinertia } from "../device/inertia";
import { addIntegers, div, larger, mul, multiplyAdd, multiplySubtract, neg, signsDiffer, size, splat } from "../linear-algebra/lanes";
import * as P from "./dots-plan";
import { field } from "../device/plan";

/**
 * Largest growth of the elements for which the signs of the pivots are trusted. A level within
 * 1e-10 of the energy may then be counted on either side.
 */
const GROWTH: f64 = 1e5;
/** Shift of a singular matrix, relative to its largest element. */
const BESIDE: f64 = 1e-14;

// @ts-ignore: decorator
@inline
export function rowOfLevels(plan: usize, results: usize): usize {
  return results + <usize>(field(plan, P.LEADS) + 4) * <usize>field(plan, P.ROW_BYTES);
}

/**
 * Writes the number of levels below the energy to its row of the results, from A = E - H (complex).
 * A is kept.
 */
export function countLevels<V>(plan: usize, results: usize): void {
  const n = field(plan, P.N);
  const z: usize = 2 * sizeof<V>();
  const row = <usize>n * z;
  const a = <usize>field(plan, P.A);
  const w = <usize>field(plan, P.INERTIA);
  const zero = splat<V>(0);
  let largest = zero;
  for (let i: usize = 0; i < <usize>n; i++) {
    let source = a + i * row;
    let target = w + i * row;
    for (let j: usize = 0; j <= i; j++) {
      const re = load<V>(source);
      store<V>(target, re);
      largest = larger<V>(largest, size<V>(re));
      // The imaginary part of the diagonal belongs to the leads and is ignored.
      const im = load<V>(source, sizeof<V>());
      store<V>(target, im, sizeof<V>());
      if (j < i) largest = larger<V>(largest, size<V>(im));
      source += z;
      target += z;
    }
  }
  let below = zero;
  let grown = zero;
  for (let k = 0; k < n; k++) {
    const first = w + <usize>k * (row + z);
    const d = load<V>(first);
    const inverse = div<V>(splat<V>(1), d);
    below = addIntegers<V>(below, signsDiffer<V>(neg<V>(d), zero));
    for (let i = <usize>k + 1; i < <usize>n; i++) {
      const own = w + i * row + <usize>k * z;
      const re = load<V>(own);
      const im = load<V>(own, sizeof<V>());
      const fr = mul<V>(re, inverse);
      const fi = mul<V>(im, inverse);
      grown = larger<V>(grown, size<V>(multiplyAdd<V>(im, fi, mul<V>(re, fr))));
      let other = w + <usize>(k + 1) * row + <usize>k * z;
      let target = w + i * row + <usize>(k + 1) * z;
      // a_ij -= a_ik a_jk^* / d
      for (let j = <usize>k + 1; j <= i; j++) {
        const xr = load<V>(other);
        const xi = load<V>(other, sizeof<V>());
        store<V>(target, multiplySubtract<V>(fi, xi, multiplySubtract<V>(fr, xr, load<V>(target))));
        store<V>(target, multiplyAdd<V>(fr, xi, multiplySubtract<V>(fi, xr, load<V>(target, sizeof<V>()))), sizeof<V>());
        other += row;
        target += z;
      }
    }
  }
  const target = rowOfLevels(plan, results);
  // All lanes are written first, because single lanes are read from memory.
  store<V>(target, below);
  store<V>(w, grown);
  store<V>(w, largest, sizeof<V>());
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
    store<f64>(target + lane, <f64>load<i64>(target + lane));
    // The form of the comparison selects NaN for a second count as well.
    if (!(load<f64>(w + lane) <= GROWTH * load<f64>(w + lane + sizeof<V>()))) levelsOfLane<V>(plan, results, lane, 2);
  }
}

/**
 * Counts the levels of one lane with pivoting, from A = E - H with `parts` vectors per number. A
 * complex matrix is treated as a real one of twice the size.
 */
export function levelsOfLane<V>(plan: usize, results: usize, lane: usize, parts: i32): void {
  const n = field(plan, P.N);
  const z = <usize>parts * sizeof<V>();
  const a = <usize>field(plan, P.A) + lane;
  const rows = parts * n;
  const matrix = <usize>field(plan, P.INERTIA) + 2 * sizeof<V>();
  const work = matrix + (<usize>(rows * rows) << 3);
  let scale = 0.0;
  for (let k: usize = 0; k < <usize>(n * n * parts); k++) scale = max(scale, Math.abs(load<f64>(a + k * sizeof<V>())));
  // Nothing is counted if an element is NaN or infinite; the caller will reject the S of such a
  // point. If all levels lie exactly at the energy, none is below it.
  let count = 0;
  for (let shift = 0.0; scale > 0.0 && scale < Infinity && shift <= scale; shift = 2.0 * shift + BESIDE * scale) {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const element = a + <usize>(i * n + j) * z;
        let re = load<f64>(element);
        if (i == j) re += shift;
        store<f64>(matrix + (<usize>(i * rows + j) << 3), re);
        if (parts == 1) continue;
        const im = i == j ? 0.0 : load<f64>(element, sizeof<V>());
        store<f64>(matrix + (<usize>((i + n) * rows + j) << 3), im);
        store<f64>(matrix + (<usize>((i + n) * rows + j + n) << 3), re);
      }
    const positive = dsyinertia(rows, matrix, work);
    if (positive < 0) continue;
    count = positive / parts;
    break;
  }
  store<f64>(rowOfLevels(plan, results) + lane, <f64>count);
}
