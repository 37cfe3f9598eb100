// Factors of the Hermitian A_r = E - H - Sigma_H (+ shift pi W W^+), real symmetric or complex (T,
// elements.ts), and sweeps with them. The Schur complements are formed slice by slice, and each is
// inverted by halves: n^3 flops for real matrices and 4 n^3 for complex ones, a quarter and a half
// of the work of a general complex inverse. Solves take any number of columns; a complex column of
// a real problem is a pair of real columns. If the hopping between slices is diagonal, the Schur
// update is an element-wise product. A real chain of single orbitals has its own loops. Slices near a
// pole hand a direction on to the next one (postponed.ts). What is still too close to a pole is
// reported; reactance.ts decides what follows.
import { ADD, daxpy, SET, squares } from "../linear-algebra/dgemm";
import { addElement, addTimes, at, bytes, copyElement, gemm, isComplex, squaresOf, subtractRow } from "../linear-algebra/elements";
import { multiplySubtract } from "../linear-algebra/lanes";
import { assemble, blockOf, hermitianValues, schur } from "./factor";
import { factoriseFronts, frontsDown, frontsUp } from "./fronts";
import * as P from "./plan";
import { invertSlice, postponedDown, postponedUp, startsFresh } from "./postponed";

/** |D| |D^-1| of a slice above which the general complex factors are used. */
const SLICE_GROWTH: f64 = 1e9;

// @ts-ignore: decorator
@inline
export function d(base: usize, index: i32): usize {
  return base + (<usize>index << 3);
}

/** Forms A_r + shift pi W W^+ on the pattern. */
export function assembleReactance<T>(plan: usize, energy: f64, shift: f64): void {
  if (isComplex<T>()) {
    assemble(plan, energy, 0.0, true, shift);
    return;
  }
  const n = P.field(plan, P.N);
  const h = <usize>P.field(plan, P.H_VALUES);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  for (let k = 0; k < entries; k++) store<f64>(d(a, k), -load<f64>(P.z(h, k)));
  const diagonal = <usize>P.field(plan, P.DIAGONAL);
  for (let r = 0; r < n; r++) {
    const entry = d(a, P.at(diagonal, r));
    store<f64>(entry, load<f64>(entry) + energy);
  }
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const slots = <usize>P.at(lead, 2);
    const sigma = <usize>P.at(lead, 3);
    for (let k = 0; k < size * size; k++) {
      const slot = P.at(slots, k);
      if (slot < 0) continue;
      const entry = d(a, slot);
      // Im Sigma = -pi W W^T.
      store<f64>(entry, load<f64>(entry) - load<f64>(P.z(sigma, k)) - shift * load<f64>(P.z(sigma, k), 8));
    }
  }
}

/**
 * True if every row of the block couples to the row of the same number in the block before and to
 * no other. `hop` then contains the elements.
 */
function diagonalHopping<T>(plan: usize, first: i32, before: i32, m: i32, hop: usize): bool {
  if (first - before != m) return false;
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  for (let r = 0; r < m; r++) {
    const from = P.at(rowStart, first + r);
    if (P.at(inner, first + r) - from != 1 || P.at(column, from) != before + r) return false;
    copyElement<T>(at<T>(a, from), at<T>(hop, r));
  }
  return true;
}

/** out_rc = -hop_r inverse_rc conj(hop_c), m x m. */
// @ts-ignore: decorator
@inline
function diagonalUpdate<T>(m: i32, hop: usize, inverse: usize, out: usize): void {
  for (let r = 0; r < m; r++) {
    const re = -load<f64>(at<T>(hop, r));
    const im = isComplex<T>() ? -load<f64>(at<T>(hop, r), 8) : 0.0;
    let source = at<T>(inverse, r * m);
    let target = at<T>(out, r * m);
    let c = 0;
    if (!isComplex<T>() && ASC_FEATURE_SIMD) {
      const f = f64x2.splat(re);
      for (; c + 1 < m; c += 2) {
        v128.store(target, f64x2.mul(f64x2.mul(f, v128.load(d(hop, c))), v128.load(source)));
        source += 16;
        target += 16;
      }
    }
    for (; c < m; c++) {
      const other = at<T>(hop, c);
      let xr = re * load<f64>(other);
      if (isComplex<T>()) {
        const xi = im * load<f64>(other) - re * load<f64>(other, 8);
        xr += im * load<f64>(other, 8);
        const yr = load<f64>(source);
        const yi = load<f64>(source, 8);
        store<f64>(target, xr * yr - xi * yi);
        store<f64>(target, xr * yi + xi * yr, 8);
      } else store<f64>(target, xr * load<f64>(source));
      source = at<T>(source, 1);
      target = at<T>(target, 1);
    }
  }
}

/** Forms the Schur complement of block i. */
export function reactanceSchur<T>(plan: usize, i: i32, out: usize): void {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const first = P.at(starts, i);
  const m = P.at(starts, i + 1) - first;
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const row = <usize>P.field(plan, P.WORK);
  const before = i > 0 ? P.at(starts, i - 1) : 0;
  const inverse = i > 0 ? inverseOf(plan, i - 1) : 0;
  const simple = i > 0 && diagonalHopping<T>(plan, first, before, m, row);
  if (isComplex<T>() && !simple) {
    schur(plan, i, out);
    return;
  }
  if (simple) diagonalUpdate<T>(m, row, inverse, out);
  else memory.fill(out, 0, <usize>(m * m) << 3);
  for (let r = 0; r < m; r++)
    for (let k = P.at(inner, first + r); k < P.at(upper, first + r); k++) addElement<T>(at<T>(a, k), at<T>(out, r * m + P.at(column, k) - first));
  if (i > 0 && !simple) realUpdate(plan, first, before, m, inverse, out);
}

/** out -= A_i,i-1 D^-1 A_i-1,i for real matrices, with D^-1 in `inverse`. */
function realUpdate(plan: usize, first: i32, before: i32, m: i32, inverse: usize, out: usize): void {
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  const row = <usize>P.field(plan, P.WORK);
  const mBefore = first - before;
  for (let r = 0; r < m; r++) {
    const from = P.at(rowStart, first + r);
    const to = P.at(inner, first + r);
    if (from == to) continue;
    memory.fill(row, 0, <usize>mBefore << 3);
    for (let k = from; k < to; k++) daxpy(mBefore, -load<f64>(d(a, k)), d(inverse, (P.at(column, k) - before) * mBefore), row);
    for (let c = 0; c < mBefore; c++) {
      const value = load<f64>(d(row, c));
      for (let k = P.at(upper, before + c); k < P.at(rowStart, before + c + 1); k++) {
        const target = d(out, r * m + P.at(column, k) - first);
        store<f64>(target, load<f64>(target) + value * load<f64>(d(a, k)));
      }
    }
  }
}

/**
 * True if all matrices are real and every slice is one orbital. Such a chain has at most one
 * element on either side of the diagonal in each row.
 */
// @ts-ignore: decorator
@inline
function isRealChain<T>(plan: usize): bool {
  return !isComplex<T>() && P.field(plan, P.BLOCKS) == P.field(plan, P.N);
}

/**
 * factoriseReactance for a real chain. The inverses are numbers, stored in the places of the
 * slices' inverses.
 */
function factoriseChain(plan: usize): bool {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  const inverses = <usize>P.field(plan, P.INVERSES);
  let before = 0.0;
  let above = 0.0;
  for (let i = 0; i < n; i++) {
    const at = P.at(inner, i);
    let value = load<f64>(d(a, at));
    if (P.at(rowStart, i) < at) value -= load<f64>(d(a, at - 1)) * before * above;
    if (!(Math.abs(value) > 1.0 / SLICE_GROWTH)) return false;
    before = 1.0 / value;
    store<f64>(P.z(inverses, i), before);
    const next = P.at(upper, i);
    above = next < P.at(rowStart, i + 1) ? load<f64>(d(a, next)) : 0.0;
  }
  return true;
}

/** target = factor (b - element x) over `count` numbers. */
// @ts-ignore: decorator
@inline
function chainStep(count: i32, factor: f64, element: f64, x: usize, b: usize, target: usize): void {
  let c = 0;
  if (ASC_FEATURE_SIMD) {
    const f = f64x2.splat(factor);
    const e = f64x2.splat(element);
    for (; c + 1 < count; c += 2) {
      v128.store(target, f64x2.mul(f, multiplySubtract(e, v128.load(x), v128.load(b))));
      x += 16;
      b += 16;
      target += 16;
    }
  }
  for (; c < count; c++) {
    store<f64>(target, factor * (load<f64>(b) - element * load<f64>(x)));
    x += 8;
    b += 8;
    target += 8;
  }
}

/** b <- A_r^-1 b for a chain, with n x columns real numbers. */
function solveChain(plan: usize, b: usize, columns: i32): void {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  const inverses = <usize>P.field(plan, P.INVERSES);
  const step = <usize>columns << 3;
  let row = b;
  for (let i = 0; i < n; i++) {
    const at = P.at(inner, i);
    const linked = P.at(rowStart, i) < at;
    chainStep(columns, load<f64>(P.z(inverses, i)), linked ? load<f64>(d(a, at - 1)) : 0.0, linked ? row - step : row, row, row);
    row += step;
  }
  row -= step;
  for (let i = n - 2; i >= 0; i--) {
    row -= step;
    const at = P.at(upper, i);
    if (at < P.at(rowStart, i + 1)) daxpy(columns, -load<f64>(P.z(inverses, i)) * load<f64>(d(a, at)), row + step, row);
  }
}

/**
 * Inverts the Schur complements and applies the downward sweep to b (n x columns). The columns of b
 * are lead columns: one per channel, zero before the first slice of its lead. Each slice is swept
 * while its inverse is in the nearest cache. `scale` is the size of a row of A_r, and inverses
 * larger than `most` are avoided where that is possible (postponed.ts). Returns the growth, which is the largest |D| |D^-1| of
 * a slice (1 for a chain), or NaN if a slice is too close to a pole.
 */
export function factoriseReactance<T>(plan: usize, b: usize, columns: i32, scale: f64, most: f64): f64 {
  if (P.field(plan, P.FRONTS)) return Math.sqrt(factoriseFronts<T>(plan, b, columns, scale, most, SLICE_GROWTH * SLICE_GROWTH));
  if (isRealChain<T>(plan)) {
    if (!factoriseChain(plan)) return NaN;
    solveChain(plan, b, columns);
    return 1.0;
  }
  const starts = <usize>P.field(plan, P.BLOCK_START);
  let growth = 1.0;
  let low = columns;
  let high = 0;
  for (let i = 0; i < P.field(plan, P.BLOCKS); i++) {
    const m = P.at(starts, i + 1) - P.at(starts, i);
    const inverse = inverseOf(plan, i);
    reactanceSchur<T>(plan, i, inverse);
    if (m == 1 && startsFresh(plan, i)) {
      const value = load<f64>(inverse);
      if (!(Math.abs(value) > 1.0 / SLICE_GROWTH)) return NaN;
      store<f64>(inverse, 1.0 / value);
      if (isComplex<T>()) store<f64>(inverse, 0.0, 8);
    } else {
      growth = max(growth, invertSlice<T>(plan, i, m, inverse, most, scale, columns));
      if (!(growth < SLICE_GROWTH * SLICE_GROWTH)) return NaN;
    }
    if (high - low < columns) {
      let channel = 0;
      for (let l = 0; l < P.field(plan, P.LEADS); l++) {
        const lead = P.lead(plan, l);
        const open = P.at(lead, P.LEAD_CHANNELS);
        if (open > 0 && firstBlock(plan, lead) <= i) {
          low = min(low, channel);
          high = max(high, channel + open);
        }
        channel += open;
      }
    }
    if (low < high) downSlice<T>(plan, i, b, columns, low, high - low, at<T>(b, P.at(starts, i) * columns + low), columns);
  }
  return Math.sqrt(growth);
}

function firstBlock(plan: usize, lead: usize): i32 {
  let least = i32.MAX_VALUE;
  const list = <usize>P.at(lead, 1);
  for (let k = 0; k < P.at(lead, 0); k++) least = min(least, P.at(list, k));
  return blockOf(plan, least);
}

// @ts-ignore: decorator
@inline
function inverseOf(plan: usize, i: i32): usize {
  return P.z(<usize>P.field(plan, P.INVERSES), P.at(<usize>P.field(plan, P.INVERSE_OFFSET), i));
}

/**
 * The downward sweep of one slice, D^-1 (rhs - A b before), for the columns low..low + count of b
 * (n x columns). rhs begins with column `low`, and its rows have a stride of their own.
 */
export function downSlice<T>(plan: usize, i: i32, b: usize, columns: i32, low: i32, count: i32, rhs: usize, stride: i32): void {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const start = P.at(starts, i);
  const m = P.at(starts, i + 1) - start;
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const slice = <usize>P.field(plan, P.SLICE);
  const x = at<T>(b, low);
  for (let r = 0; r < m; r++)
    subtractRow<T>(count, P.at(rowStart, start + r), P.at(inner, start + r), a, column, x, columns, at<T>(rhs, r * stride), at<T>(slice, r * count));
  const own = at<T>(x, start * columns);
  gemm<T>(m, count, m, inverseOf(plan, i), m, 1, slice, count, own, columns, SET, false, false);
  postponedDown<T>(plan, i, columns, low, count, slice, own);
}

/**
 * The downward sweep b <- D^-1 L^-1 b, n x columns elements. For a chain it is the whole solution.
 */
export function solveDown<T>(plan: usize, b: usize, columns: i32): void {
  if (P.field(plan, P.FRONTS)) frontsDown<T>(plan, b, columns);
  else if (isRealChain<T>(plan)) solveChain(plan, b, columns);
  else {
    const starts = <usize>P.field(plan, P.BLOCK_START);
    for (let i = 0; i < P.field(plan, P.BLOCKS); i++) downSlice<T>(plan, i, b, columns, 0, columns, at<T>(b, P.at(starts, i) * columns), columns);
  }
}

/**
 * The upward sweep after the downward sweep: b becomes the solution. With `x` also adds b to x and
 * returns the sum of the squares of b.
 */
export function solveUp<T>(plan: usize, b: usize, columns: i32, x: usize): f64 {
  if (P.field(plan, P.FRONTS)) return frontsUp<T>(plan, b, columns, x);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const slice = <usize>P.field(plan, P.SLICE);
  const solved = isRealChain<T>(plan);
  const last = P.field(plan, P.BLOCKS) - 1;
  let sum = 0.0;
  for (let i = last; i >= 0; i--) {
    const start = P.at(starts, i);
    const m = P.at(starts, i + 1) - start;
    const part = at<T>(b, start * columns);
    if (i < last && !solved) {
      for (let r = 0; r < m; r++)
        subtractRow<T>(columns, P.at(upper, start + r), P.at(rowStart, start + r + 1), a, column, b, columns, 0, at<T>(slice, r * columns));
      gemm<T>(m, columns, m, inverseOf(plan, i), m, 1, slice, columns, part, columns, ADD, false, false);
      postponedUp<T>(plan, i, columns, slice, part);
    }
    if (x) {
      sum += squaresOf<T>(part, m * columns);
      addTimes<T>(m * columns, 1.0, part, at<T>(x, start * columns));
    }
  }
  return sum;
}
