// Levels of dots (dots.ts) below the energy, by the signs of the pivots of E - H without its leads (Sylvester): symmetric elimination without exchanges, two
// points in the lanes, n^3 / 3 flops (complex: four times as many). A lane whose elements grow on the way is counted again with pivoting (inertia.ts).
import { dsyinertia } from "../device/inertia";
import { addIntegers, div, larger, mul, multiplyAdd, multiplySubtract, neg, signsDiffer, size, splat } from "../linear-algebra/lanes";
import * as P from "./dots-plan";
import { field } from "../device/plan";

/** Growth of the elements up to which signs of pivots are believed: a level within 1e-10 of the energy may be counted on either side. */
const GROWTH: f64 = 1e5;
/** Part of the largest element by which a singular matrix is moved aside. */
const BESIDE: f64 = 1e-14;

/** Levels below the energy into their row of the results, from A = E - H in `parts` vectors per number; A is kept. */
export function countLevels<V>(plan: usize, results: usize, parts: i32): void {
  const n = field(plan, P.N);
  const z = <usize>parts * sizeof<V>();
  const row = <usize>n * z;
  const a = <usize>field(plan, P.A);
  const w = <usize>field(plan, P.INERTIA);
  // Of real matrices, which take half the place.
  const pair = w + <usize>(n * n) * sizeof<V>();
  const zero = splat<V>(0);
  let largest = zero;
  for (let i: usize = 0; i < <usize>n; i++) {
    let source = a + i * row;
    let target = w + i * row;
    for (let j: usize = 0; j <= i; j++) {
      const re = load<V>(source);
      store<V>(target, re);
      largest = larger<V>(largest, size<V>(re));
      if (parts == 2) {
        // The imaginary part of the diagonal is that of the leads, and is not looked at.
        const im = load<V>(source, sizeof<V>());
        store<V>(target, im, sizeof<V>());
        if (j < i) largest = larger<V>(largest, size<V>(im));
      }
      source += z;
      target += z;
    }
  }
  let below = zero;
  let grown = zero;
  for (let k = 0; k < n; k++) {
    // Two pivots at a time where there are two: half the traffic.
    const first = w + <usize>k * (row + z);
    const d = load<V>(first);
    const inverse = div<V>(splat<V>(1), d);
    below = addIntegers<V>(below, signsDiffer<V>(neg<V>(d), zero));
    if (parts == 1 && k + 2 < n) {
      // Column k + 1 without what column k takes of it, and both columns one after the other in `pair`.
      const head = mul<V>(load<V>(first + row), inverse);
      const e = multiplySubtract<V>(head, load<V>(first + row), load<V>(first + row + z));
      const second = div<V>(splat<V>(1), e);
      below = addIntegers<V>(below, signsDiffer<V>(neg<V>(e), zero));
      grown = larger<V>(grown, size<V>(mul<V>(head, load<V>(first + row))));
      let source = first + 2 * row;
      let x = pair;
      for (let i = k + 2; i < n; i++) {
        const p = load<V>(source);
        const q = multiplySubtract<V>(head, p, load<V>(source, sizeof<V>()));
        store<V>(x, p);
        store<V>(x, q, sizeof<V>());
        const f = mul<V>(p, inverse);
        const g = mul<V>(q, second);
        grown = larger<V>(grown, larger<V>(size<V>(mul<V>(f, p)), size<V>(mul<V>(g, q))));
        let target = source + 2 * sizeof<V>();
        for (let y = pair; y <= x; y += 2 * sizeof<V>()) {
          store<V>(target, multiplySubtract<V>(g, load<V>(y, sizeof<V>()), multiplySubtract<V>(f, load<V>(y), load<V>(target))));
          target += sizeof<V>();
        }
        source += row;
        x += 2 * sizeof<V>();
      }
      k++;
      continue;
    }
    for (let i = <usize>k + 1; i < <usize>n; i++) {
      const own = w + i * row + <usize>k * z;
      const re = load<V>(own);
      const fr = mul<V>(re, inverse);
      let square = mul<V>(re, fr);
      let other = w + <usize>(k + 1) * row + <usize>k * z;
      let target = w + i * row + <usize>(k + 1) * z;
      if (parts == 1) {
        store<V>(target, multiplySubtract<V>(fr, load<V>(other), load<V>(target)));
      } else {
        // a_ij -= a_ik a_jk^* / d
        const im = load<V>(own, sizeof<V>());
        const fi = mul<V>(im, inverse);
        square = multiplyAdd<V>(im, fi, square);
        for (let j = <usize>k + 1; j <= i; j++) {
          const xr = load<V>(other);
          const xi = load<V>(other, sizeof<V>());
          store<V>(target, multiplySubtract<V>(fi, xi, multiplySubtract<V>(fr, xr, load<V>(target))));
          store<V>(target, multiplyAdd<V>(fr, xi, multiplySubtract<V>(fi, xr, load<V>(target, sizeof<V>()))), sizeof<V>());
          other += row;
          target += z;
        }
      }
      grown = larger<V>(grown, size<V>(square));
    }
  }
  const target = results + <usize>(field(plan, P.LEADS) + 4) * <usize>field(plan, P.ROW_BYTES);
  // Written for all lanes first: lanes are read from there.
  store<V>(target, below);
  store<V>(w, grown);
  store<V>(w, largest, sizeof<V>());
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8) {
    const scale = load<f64>(w + lane + sizeof<V>());
    // Written so that what is not a number is counted again.
    const sure = load<f64>(w + lane) <= GROWTH * scale;
    const count = sure ? <i32>load<i64>(target + lane) : withPivots<V>(plan, lane, parts, scale);
    store<f64>(target + lane, <f64>count);
  }
}

/** The same of one lane with pivots: complex matrices as real ones of twice the size. */
function withPivots<V>(plan: usize, lane: usize, parts: i32, scale: f64): i32 {
  const n = field(plan, P.N);
  const z = <usize>parts * sizeof<V>();
  const a = <usize>field(plan, P.A) + lane;
  const rows = parts * n;
  const matrix = <usize>field(plan, P.INERTIA) + 2 * sizeof<V>();
  const work = matrix + (<usize>(rows * rows) << 3);
  for (let shift = 0.0; shift <= scale; shift = 2.0 * shift + BESIDE * scale) {
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
    const count = dsyinertia(rows, matrix, work);
    if (count >= 0) return count / parts;
  }
  // Not numbers: the point is refused by whoever asks for its S.
  return 0;
}
