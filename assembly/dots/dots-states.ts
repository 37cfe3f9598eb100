// Scattering states of dots (dots.ts) by complex elimination. Real devices with few channels use
// the reactance matrix as in reactance.ts instead: A_r = E - H real, X = A_r^-1 W, g = W^T X,
// B = (1 + i pi g)^-1, psi = X B. All work of order n^2 and n^3 is then real. Near a level of the
// closed dot X is large and psi = X B cancels. The loss |X||B| / |psi| is returned, and the caller
// decides.
import { countLevels, levelsOfLane, rowOfLevels } from "./dots-levels";
import { addTranspose, overlap, realOverlap, realProduct, solveComplex, solveReal, squares, upperTimes } from "./dots-matrix";
import { solveSymmetric } from "./dots-symmetric";
import { add, div, larger, loadSplat, mul, multiplyAdd, multiplySubtract, size, splat } from "../linear-algebra/lanes";
import * as P from "./dots-plan";
import { field } from "../device/plan";

/**
 * Forms the upper halves of the real parts of A and Lambda (see build), with the diagonal of Lambda
 * halved. The product of this half with X only serves in sums with X^T, which realSandwich
 * completes. Returns the largest element of A.
 */
// @ts-ignore: decorator
@inline
function buildUpper<V>(plan: usize, point: usize): V {
  const v: usize = sizeof<V>();
  const n = field(plan, P.N);
  const gates = field(plan, P.GATES);
  const rows = <usize>field(plan, P.ROW_BYTES);
  const values = <usize>field(plan, P.VALUES) + point;
  const tangents = <usize>field(plan, P.TANGENTS) + point;
  const next = <usize>(n * n) << 4;
  const half = splat<V>(0.5);
  let base = <usize>field(plan, P.BASE);
  let gate = <usize>field(plan, P.GATE);
  let a = <usize>field(plan, P.A);
  let l = <usize>field(plan, P.LAMBDA);
  let largest = splat<V>(0);
  if (gates == 2) {
    // For a cycle of two gates their values stay in registers.
    const x0 = load<V>(values);
    const x1 = load<V>(values + rows);
    const y0 = load<V>(tangents);
    const y1 = load<V>(tangents + rows);
    for (let i = 0; i < n; i++) {
      const skipped = <usize>i * <usize>(n + 1);
      a = <usize>field(plan, P.A) + skipped * v;
      l = <usize>field(plan, P.LAMBDA) + skipped * v;
      base = <usize>field(plan, P.BASE) + (skipped << 4);
      gate = <usize>field(plan, P.GATE) + (skipped << 4);
      const diagonal = l;
      for (let j = i; j < n; j++) {
        const first = loadSplat<V>(gate);
        const second = loadSplat<V>(gate + next);
        const element = multiplySubtract<V>(x1, second, multiplySubtract<V>(x0, first, loadSplat<V>(base)));
        store<V>(a, element);
        store<V>(l, multiplyAdd<V>(y1, second, mul<V>(y0, first)));
        largest = larger<V>(largest, size<V>(element));
        base += 16;
        gate += 16;
        a += v;
        l += v;
      }
      store<V>(diagonal, mul<V>(half, load<V>(diagonal)));
    }
    return largest;
  }
  for (let i = 0; i < n; i++) {
    const diagonal = l;
    for (let j = i; j < n; j++) {
      let element = loadSplat<V>(base);
      let lambda = splat<V>(0);
      let g = gate;
      let x = values;
      let y = tangents;
      for (let nu = 0; nu < gates; nu++) {
        const re = loadSplat<V>(g);
        element = multiplySubtract<V>(load<V>(x), re, element);
        lambda = multiplyAdd<V>(load<V>(y), re, lambda);
        g += next;
        x += rows;
        y += rows;
      }
      store<V>(a, element);
      store<V>(l, lambda);
      largest = larger<V>(largest, size<V>(element));
      base += 16;
      gate += 16;
      a += v;
      l += v;
    }
    store<V>(diagonal, mul<V>(half, load<V>(diagonal)));
    const skipped = <usize>(i + 1);
    base += skipped << 4;
    gate += skipped << 4;
    a += skipped * v;
    l += skipped * v;
  }
  return largest;
}

/**
 * Forms base - sum X_nu gate_nu in A and sum dX_nu/dtheta gate_nu in Lambda. With `parts` 1 it
 * forms their real parts only.
 */
// @ts-ignore: decorator
@inline
function build<V>(plan: usize, point: usize, parts: i32): void {
  const count = field(plan, P.N) * field(plan, P.N);
  const gates = field(plan, P.GATES);
  const complexGates = parts == 2 && field(plan, P.REAL) == 0;
  const rows = <usize>field(plan, P.ROW_BYTES);
  const values = <usize>field(plan, P.VALUES) + point;
  const tangents = <usize>field(plan, P.TANGENTS) + point;
  let base = <usize>field(plan, P.BASE);
  let gate = <usize>field(plan, P.GATE);
  let a = <usize>field(plan, P.A);
  let l = <usize>field(plan, P.LAMBDA);
  const next = <usize>count << 4;
  for (let k = 0; k < count; k++) {
    let ar = loadSplat<V>(base);
    let ai = loadSplat<V>(base + 8);
    let lr = splat<V>(0);
    let li = splat<V>(0);
    let g = gate;
    for (let nu: usize = 0; nu < <usize>gates; nu++) {
      const x = load<V>(values + nu * rows);
      const y = load<V>(tangents + nu * rows);
      const re = loadSplat<V>(g);
      ar = multiplySubtract<V>(x, re, ar);
      lr = multiplyAdd<V>(y, re, lr);
      if (complexGates) {
        const im = loadSplat<V>(g + 8);
        ai = multiplySubtract<V>(x, im, ai);
        li = multiplyAdd<V>(y, im, li);
      }
      g += next;
    }
    store<V>(a, ar);
    store<V>(l, lr);
    if (parts == 2) {
      store<V>(a, ai, sizeof<V>());
      store<V>(l, li, sizeof<V>());
    }
    base += 16;
    gate += 16;
    a += <usize>parts * sizeof<V>();
    l += <usize>parts * sizeof<V>();
  }
}

/** x = W, n x m numbers of `parts` vectors each. */
// @ts-ignore: decorator
@inline
function leadColumns<V>(plan: usize, parts: i32, x: usize): void {
  const m = <usize>field(plan, P.M);
  const z = <usize>parts * sizeof<V>();
  memory.fill(x, 0, <usize>field(plan, P.N) * m * z);
  for (let c: usize = 0; c < m; c++)
    store<V>(x + (<usize>load<i32>(<usize>field(plan, P.ORBITAL) + (c << 2)) * m + c) * z, loadSplat<V>(<usize>field(plan, P.W) + (c << 3)));
}

/** S = 1 - 2 pi i W^+ psi, from the rows of psi on the orbitals of the channels. */
// @ts-ignore: decorator
@inline
function formS<V>(plan: usize, a: usize, psiRow: usize, factor: f64): void {
  const m = <usize>field(plan, P.M);
  const z: usize = 2 * sizeof<V>();
  const w = splat<V>(P.TWO_PI * factor);
  for (let b: usize = 0; b < m; b++) {
    const element = <usize>field(plan, P.S) + (a * m + b) * z;
    const re = mul<V>(w, load<V>(psiRow + b * z, sizeof<V>()));
    store<V>(element, a == b ? add<V>(splat<V>(1), re) : re);
    store<V>(element, mul<V>(splat<V>(-P.TWO_PI * factor), load<V>(psiRow + b * z)), sizeof<V>());
  }
}

/** Forms psi, Y = Lambda psi and S. With `levels` it also counts the levels. */
export function complexStates<V>(plan: usize, point: usize, results: usize, levels: bool): void {
  const n = field(plan, P.N);
  const m = field(plan, P.M);
  const z: usize = 2 * sizeof<V>();
  const psi = <usize>field(plan, P.X);
  build<V>(plan, point, 2);
  if (levels) countLevels<V>(plan, results);
  leadColumns<V>(plan, 2, psi);
  solveComplex<V>(n, m, <usize>field(plan, P.A), psi);
  for (let a: usize = 0; a < <usize>m; a++) {
    const orbital = <usize>load<i32>(<usize>field(plan, P.ORBITAL) + (a << 2));
    formS<V>(plan, a, psi + orbital * <usize>m * z, load<f64>(<usize>field(plan, P.W) + (a << 3)));
  }
  const real = field(plan, P.REAL) != 0;
  const row = <usize>m * z;
  let y = <usize>field(plan, P.Y);
  for (let i = 0; i < n; i++)
    for (let c: usize = 0; c < <usize>m; c++) {
      let lambda = <usize>field(plan, P.LAMBDA) + <usize>(i * n) * z;
      let column = psi + c * z;
      let re = splat<V>(0);
      let im = splat<V>(0);
      for (let k = 0; k < n; k++) {
        const lr = load<V>(lambda);
        const xr = load<V>(column);
        const xi = load<V>(column, sizeof<V>());
        re = multiplyAdd<V>(lr, xr, re);
        im = multiplyAdd<V>(lr, xi, im);
        if (!real) {
          const li = load<V>(lambda, sizeof<V>());
          re = multiplySubtract<V>(li, xi, re);
          im = multiplyAdd<V>(li, xr, im);
        }
        lambda += z;
        column += row;
      }
      store<V>(y, re);
      store<V>(y, im, sizeof<V>());
      y += z;
    }
}

// m x m matrices in the place of A, which is free after the elimination (2 m <= n): first complex
// ones, then real ones.
// @ts-ignore: decorator
@inline
function square<V>(plan: usize, index: usize): usize {
  const m = <usize>field(plan, P.M);
  return <usize>field(plan, P.A) + index * m * m * sizeof<V>();
}
const MATRIX: usize = 0; // 1 + i pi g, then products with B
const B: usize = 2;
const REAL_SQUARE: usize = 4; // g, X^T Lambda X, X^T X

/**
 * Largest growth of the elements, relative to the largest element, for which X of the symmetric
 * elimination is accepted.
 */
const GROWTH: f64 = 32;

/**
 * Solves for X by LU with pivoting in the lanes in which the symmetric elimination has failed, and
 * counts their levels with off-diagonal pivots.
 */
function solveAgain<V>(plan: usize, point: usize, results: usize, failed: i32, levels: bool): void {
  const n = field(plan, P.N);
  const m = field(plan, P.M);
  const x = <usize>field(plan, P.X);
  const y = <usize>field(plan, P.Y);
  build<V>(plan, point, 1);
  if (levels)
    for (let lane: usize = 0; lane < sizeof<V>(); lane += 8)
      if ((failed >> <i32>(lane >> 3)) & 1) levelsOfLane<V>(plan, results, lane, 1);
  leadColumns<V>(plan, 1, y);
  solveReal<V>(n, m, <usize>field(plan, P.A), y);
  for (let lane: usize = 0; lane < sizeof<V>(); lane += 8)
    if ((failed >> <i32>(lane >> 3)) & 1)
      for (let k: usize = 0; k < <usize>(n * m); k++) store<f64>(x + k * sizeof<V>() + lane, load<f64>(y + k * sizeof<V>() + lane));
  // Lambda is formed again as realSandwich needs it.
  buildUpper<V>(plan, point);
}

/** Forms X, Y = Lambda X (both real), B and S. With `levels` it also counts the levels. */
export function realStates<V>(plan: usize, point: usize, results: usize, levels: bool): void {
  const n = field(plan, P.N);
  const m = field(plan, P.M);
  const v: usize = sizeof<V>();
  const x = <usize>field(plan, P.X);
  const work = <usize>field(plan, P.INERTIA);
  const largest = buildUpper<V>(plan, point);
  leadColumns<V>(plan, 1, x);
  const below = solveSymmetric<V>(n, m, <usize>field(plan, P.A), x, work);
  // Difference between the growth and its limit. It is written first, because lanes are read from
  // memory.
  store<V>(work, multiplySubtract<V>(splat<V>(GROWTH), largest, load<V>(work)));
  const counted = rowOfLevels(plan, results);
  store<V>(counted, below);
  let failed = 0;
  for (let lane: usize = 0; lane < v; lane += 8) {
    store<f64>(counted + lane, <f64>load<i64>(counted + lane));
    // The form of the comparison counts NaN as failed.
    if (!(load<f64>(work + lane) <= 0.0)) failed |= 1 << <i32>(lane >> 3);
  }
  if (failed != 0) solveAgain<V>(plan, point, results, failed, levels);
  upperTimes<V>(n, m, <usize>field(plan, P.LAMBDA), x, <usize>field(plan, P.Y));
  const row = <usize>m * v;
  const matrix = square<V>(plan, MATRIX);
  const b = square<V>(plan, B);
  const g = square<V>(plan, REAL_SQUARE);
  const pi = splat<V>(0.5 * P.TWO_PI);
  const zero = splat<V>(0);
  for (let a: usize = 0; a < <usize>m; a++) {
    const w = loadSplat<V>(<usize>field(plan, P.W) + (a << 3));
    const states = x + <usize>load<i32>(<usize>field(plan, P.ORBITAL) + (a << 2)) * row;
    for (let c: usize = 0; c < <usize>m; c++) {
      const k = a * <usize>m + c;
      const element = mul<V>(w, load<V>(states + c * v));
      const diagonal = a == c ? splat<V>(1) : zero;
      store<V>(g + k * v, element);
      store<V>(matrix + 2 * k * v, diagonal);
      store<V>(matrix + 2 * k * v, mul<V>(pi, element), sizeof<V>());
      store<V>(b + 2 * k * v, diagonal);
      store<V>(b + 2 * k * v, zero, sizeof<V>());
    }
  }
  solveComplex<V>(m, m, matrix, b);
  realProduct<V>(m, g, b, matrix);
  for (let a: usize = 0; a < <usize>m; a++) formS<V>(plan, a, matrix + 2 * a * row, 1.0);
}

/**
 * out = 2 pi B^+ (X^T q) B with q = X or Y. For Y the other half of Lambda adds the transpose of
 * X^T Y.
 */
export function realSandwich<V>(plan: usize, q: usize, out: usize): void {
  const m = field(plan, P.M);
  const inner = square<V>(plan, REAL_SQUARE);
  const b = square<V>(plan, B);
  const right = square<V>(plan, MATRIX);
  realOverlap<V>(field(plan, P.N), m, <usize>field(plan, P.X), q, inner);
  if (q == <usize>field(plan, P.Y)) addTranspose<V>(m, inner);
  realProduct<V>(m, inner, b, right);
  overlap<V>(m, m, b, right, P.TWO_PI, out);
}

/** (|X||B| / |psi|)^2, given 2 pi psi^+ psi. */
export function lossOf<V>(plan: usize, overlapAt: usize): V {
  const m = field(plan, P.M);
  let trace = splat<V>(0);
  for (let a: usize = 0; a < <usize>m; a++) trace = add<V>(trace, load<V>(overlapAt + 2 * a * <usize>(m + 1) * sizeof<V>()));
  const whole = mul<V>(squares<V>(field(plan, P.N) * m, <usize>field(plan, P.X)), squares<V>(2 * m * m, square<V>(plan, B)));
  return div<V>(mul<V>(splat<V>(P.TWO_PI), whole), trace);
}
