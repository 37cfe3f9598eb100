// Solves real symmetric systems A X = B of points in the lanes by A = L D L^T. This takes half the
// flops of LU, and the signs of D are those of the eigenvalues of A (Sylvester). Pivots are chosen
// from the diagonal, separately in each lane. The elimination is left-looking: each row is
// completed at once, and its sums stay in registers. If no diagonal element of a lane is large
// enough, the elements of the lane grow, and the caller has to solve that lane in another way.
import { SUBTRACT } from "../linear-algebra/gemm";
import { addIntegers, div, larger, mul, multiplySubtract, neg, signsDiffer, size, splat, whereLarger } from "../linear-algebra/lanes";
import { sums } from "./dots-matrix";

/**
 * A diagonal element is used without an exchange if it is at least this fraction of the largest
 * one, because exchanges cost a good part of the elimination. The resulting loss of digits appears
 * in the growth, which the caller checks.
 */
const LARGE: f64 = 0.0625;

// @ts-ignore: decorator
@inline
function swap(p: usize, q: usize): void {
  const t = load<f64>(p);
  store<f64>(p, load<f64>(q));
  store<f64>(q, t);
}

/** Exchanges `count` numbers of one lane that are `step` bytes apart. */
// @ts-ignore: decorator
@inline
function swapAll(count: i32, p: usize, q: usize, step: usize): void {
  for (let c = 0; c < count; c++) {
    swap(p, q);
    p += step;
    q += step;
  }
}

/**
 * Exchanges the rows and columns k < p of one lane: in the upper half of A from row k on, in the
 * finished rows above it, in the diagonal, and in x.
 */
function exchangeBoth<V>(n: i32, k: i32, p: i32, a: usize, diagonal: usize, x: usize, m: i32): void {
  const v: usize = sizeof<V>();
  const row = <usize>n * v;
  const atK = <usize>k * v;
  const atP = <usize>p * v;
  const rowK = a + <usize>k * row;
  const rowP = a + <usize>p * row;
  swapAll(k, a + atK, a + atP, row);
  swap(diagonal + atK, diagonal + atP);
  let column = rowK + row + atP;
  for (let at = atK + v; at < atP; at += v) {
    swap(rowK + at, column);
    column += row;
  }
  swapAll(n - p - 1, rowK + atP + v, rowP + atP + v, v);
  swapAll(m, x + <usize>k * <usize>m * v, x + <usize>p * <usize>m * v, v);
}

/**
 * x (n x m) <- A^-1 x, from the upper half of A, which is overwritten. work: 3 n + 1 vectors, of
 * which the first finally holds the largest growth of an element of A. Returns the number of
 * positive eigenvalues of A as integers. A lane whose growth is large or NaN holds no valid result.
 */
export function solveSymmetric<V>(n: i32, m: i32, a: usize, x: usize, work: usize): V {
  const v: usize = sizeof<V>();
  const row = <usize>n * v;
  const xRow = <usize>m * v;
  const zero = splat<V>(0);
  const order = work + v;
  const diagonal = order + row;
  const factors = diagonal + row;
  let positive = zero;
  let grown = zero;
  let best = zero;
  let index = zero;
  for (let k: usize = 0; k < <usize>n; k++) {
    const d = load<V>(a + k * (row + v));
    store<V>(diagonal + k * v, d);
    index = whereLarger<V>(size<V>(d), best, splat<V>(<f64>k), index);
    best = larger<V>(best, size<V>(d));
  }
  for (let k = 0; k < n; k++) {
    const rowK = a + <usize>k * row;
    const own = diagonal + <usize>k * v;
    const orderK = order + <usize>k * v;
    store<V>(orderK, whereLarger<V>(mul<V>(splat<V>(LARGE), best), size<V>(load<V>(own)), index, splat<V>(<f64>k)));
    for (let lane: usize = 0; lane < v; lane += 8) {
      const p = <i32>load<f64>(orderK + lane);
      if (p != k) exchangeBoth<V>(n, k, p, a + lane, diagonal + lane, x + lane, m);
    }
    const d = load<V>(own);
    const inverse = div<V>(splat<V>(1), d);
    positive = addIntegers<V>(positive, signsDiffer<V>(neg<V>(d), zero));
    // Completes the row: subtracts the contributions of all rows above, whose diagonals hold 1 / D.
    let above = a + <usize>k * v;
    let pivot = a;
    for (let l: usize = 0; l < <usize>k; l++) {
      store<V>(factors + l * v, mul<V>(load<V>(above), load<V>(pivot)));
      above += row;
      pivot += row + v;
    }
    const next = <usize>(k + 1) * v;
    sums<V>(SUBTRACT, k, n - k - 1, factors, v, a + next, row, rowK + next);
    sums<V>(SUBTRACT, k, m, factors, v, x, xRow, x + <usize>k * xRow);
    store<V>(rowK + <usize>k * v, inverse);
    // The diagonal after this pivot, and the place of its largest element.
    best = splat<V>(-1);
    for (let j = k + 1; j < n; j++) {
      const at = <usize>j * v;
      const element = load<V>(rowK + at);
      const taken = mul<V>(mul<V>(element, inverse), element);
      grown = larger<V>(grown, size<V>(taken));
      const rest = multiplySubtract<V>(mul<V>(element, inverse), element, load<V>(diagonal + at));
      store<V>(diagonal + at, rest);
      index = whereLarger<V>(size<V>(rest), best, splat<V>(<f64>j), index);
      best = larger<V>(best, size<V>(rest));
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    const target = x + <usize>i * xRow;
    const own = a + <usize>i * (row + v);
    const p = load<V>(own);
    sums<V>(SUBTRACT, n - 1 - i, m, own + v, v, target + xRow, xRow, target);
    for (let c: usize = 0; c < <usize>m; c++) store<V>(target + c * v, mul<V>(p, load<V>(target + c * v)));
  }
  // The rows return to their places in the opposite order.
  for (let k = n - 1; k >= 0; k--)
    for (let lane: usize = 0; lane < v; lane += 8) {
      const p = <i32>load<f64>(order + <usize>k * v + lane);
      if (p != k) swapAll(m, x + <usize>(k * m) * v + lane, x + <usize>(p * m) * v + lane, v);
    }
  store<V>(work, grown);
  return positive;
}
