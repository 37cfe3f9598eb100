// Slices of the reactance method near a pole (reactance-factor.ts). A_r is Hermitian, so that the
// Schur complement E of a slice has a real eigenvalue close to zero wherever a level of the closed
// part up to this slice lies near the energy. E^-1 is then large, and so is the rounding of the
// complement of the next slice, which contains it. The factors stay accurate if the direction w of
// the large part is postponed, as solvers of sparse symmetric matrices postpone pivots. With one
// more unknown phi = s w^+ x,
//     E x = r   is   [E + s w w^+    u ] [ x ]   [ r ]
//                    [    u^+       1/s] [phi] = [ 0 ],   u = -w,
// exactly and for any w and s. E + s w w^+ is inverted instead of E, and phi is handed to the next
// slice. In general a slice has k postponed unknowns with the matrix L, the columns U by which they
// couple to the slice, and right-hand sides beta. With M the inverse of the slice's matrix,
//     Q = M U,   L' = L - U^+ Q,   beta' = beta - Q^+ r,   x = M r - Q phi,   L' phi = beta'.
// Where the unknowns can be eliminated without becoming large, M + Q L'^-1 Q^+ replaces M. Else the
// next slice receives them with L', beta' and the columns -A Q, A being the hopping to it. At most
// POSTPONED_MOST unknowns are handed on. T is the kind of the numbers (elements.ts).
import { ADD, SET, SUBTRACT } from "../linear-algebra/dgemm";
import { at, bytes, conjugate, copyElement, gemm, isComplex, squaresOf, subtractRow } from "../linear-algebra/elements";
import { invertPart, mirrorLower, safeInverse } from "../linear-algebra/hermitian-inverse";
import { hermitianValues } from "./factor";
import * as P from "./plan";

const MOST: i32 = <i32>P.POSTPONED_MOST;
/** Limit of the size of inverses, in the same units, below which all their digits count. */
export const CAREFUL: f64 = 1e3;
/** |s| in units of the size of a row of A_r. */
export const STRENGTH: f64 = 0.5;
/** Slices of at most this size are not worth the trouble. */
const SMALL: i32 = 2;
/**
 * With fewer columns than a fourth of the rows a round of refinement costs less than the inverses
 * that postponing would compute again. Only inverses RARE times as large are then avoided.
 */
export const FEW: i32 = 4;
export const RARE: f64 = 100;

/** The record of a slice: the number of its unknowns, and 1 if they are eliminated in it. */
// @ts-ignore: decorator
@inline
function recordOf(plan: usize, i: i32): usize {
  return <usize>P.field(plan, P.POSTPONED_TABLE) + (<usize>i << 3);
}

/** Number of unknowns that slice i hands on to the next one. */
// @ts-ignore: decorator
@inline
function handedOn(plan: usize, i: i32): i32 {
  return i < 0 || P.at(recordOf(plan, i), 1) != 0 ? 0 : P.at(recordOf(plan, i), 0);
}

/**
 * Marks slice i as one without postponed unknowns, if the slice before it hands none on. Returns
 * false if it does.
 */
export function startsFresh(plan: usize, i: i32): bool {
  if (handedOn(plan, i - 1) > 0) return false;
  store<i32>(recordOf(plan, i), 0);
  return true;
}

/** Q of a slice (m x MOST) and L' or its inverse (MOST x MOST). */
// @ts-ignore: decorator
@inline
function columnsOf<T>(plan: usize, i: i32): usize {
  return at<T>(<usize>P.field(plan, P.POSTPONED_COLUMNS), P.at(<usize>P.field(plan, P.BLOCK_START), i) * MOST);
}

// @ts-ignore: decorator
@inline
function matrixOf<T>(plan: usize, i: i32): usize {
  return at<T>(<usize>P.field(plan, P.POSTPONED_MATRICES), i * MOST * MOST);
}

/** beta' of a slice, and then phi, MOST x columns. There is one place more than slices, for work. */
// @ts-ignore: decorator
@inline
function rowsOf<T>(plan: usize, i: i32, columns: i32): usize {
  return at<T>(<usize>P.field(plan, P.POSTPONED_ROWS), i * MOST * columns);
}

/**
 * Adds s w w^+ to the matrix, and the unknown with number k: u = -w in column k of `u`, and 1 / s
 * on the diagonal of `matrix`. w is the column of the inverse with the largest diagonal element. s
 * has its sign and the size `strength`.
 */
export function postpone<T>(m: i32, inverse: usize, a: usize, strength: f64, k: i32, u: usize, matrix: usize): void {
  let most = -1.0;
  let index = 0;
  for (let r = 0; r < m; r++) {
    const size = Math.abs(load<f64>(at<T>(inverse, r * m + r)));
    if (size > most) {
      most = size;
      index = r;
    }
  }
  const s = load<f64>(at<T>(inverse, index * m + index)) < 0.0 ? -strength : strength;
  // A row of the inverse is the adjoint of a column.
  const row = at<T>(inverse, index * m);
  const factor = -1.0 / Math.sqrt(squaresOf<T>(row, m));
  for (let r = 0; r < m; r++) {
    const target = at<T>(u, r * MOST + k);
    store<f64>(target, factor * load<f64>(at<T>(row, r)));
    if (isComplex<T>()) store<f64>(target, -factor * load<f64>(at<T>(row, r), 8), 8);
  }
  for (let r = 0; r < m; r++) {
    const own = at<T>(u, r * MOST + k);
    const re = s * load<f64>(own);
    const im = isComplex<T>() ? s * load<f64>(own, 8) : 0.0;
    for (let c = 0; c < m; c++) {
      const other = at<T>(u, c * MOST + k);
      const target = at<T>(a, r * m + c);
      if (isComplex<T>()) {
        store<f64>(target, load<f64>(target) + (re * load<f64>(other) + im * load<f64>(other, 8)));
        store<f64>(target, load<f64>(target, 8) + (im * load<f64>(other) - re * load<f64>(other, 8)), 8);
      } else store<f64>(target, load<f64>(target) + re * load<f64>(other));
    }
  }
  memory.fill(at<T>(matrix, k * MOST), 0, bytes<T>(MOST));
  for (let j = 0; j < k; j++) memory.fill(at<T>(matrix, j * MOST + k), 0, bytes<T>(1));
  store<f64>(at<T>(matrix, k * MOST + k), 1.0 / s);
}

/**
 * Replaces the Schur complement of slice i by the inverse that the sweeps and the next slice need.
 * An inverse larger than `most` (Frobenius norm) is avoided where that is possible. `scale` is the
 * size of a row of A_r, and `columns` is the number of right-hand sides. Returns the square of |E|
 * |E^-1| for the matrix that was inverted, or NaN if it is singular.
 */
export function invertSlice<T>(plan: usize, i: i32, m: i32, inverse: usize, most: f64, scale: f64, columns: i32): f64 {
  const pivots = <usize>P.field(plan, P.PIVOTS);
  const work = <usize>P.field(plan, P.BLOCK);
  const kept = at<T>(work, 2 * m * m);
  const last = i == P.field(plan, P.BLOCKS) - 1;
  const careful = most * scale < CAREFUL;
  const record = recordOf(plan, i);
  let k = handedOn(plan, i - 1);
  const mayPostpone = isFinite(most) && m > SMALL && !last && k < MOST;
  let growth = squaresOf<T>(inverse, m * m);
  if (mayPostpone) memory.copy(kept, inverse, bytes<T>(m * m));
  if (safeInverse<T>(m, inverse, pivots, work, careful) != 0) return NaN;
  let size = squaresOf<T>(inverse, m * m);
  const limit = most * most * (m > FEW * columns ? RARE * RARE : 1.0);
  const u = <usize>P.field(plan, P.WORK);
  const matrix = matrixOf<T>(plan, i);
  if (k > 0) {
    memory.copy(matrix, matrixOf<T>(plan, i - 1), bytes<T>(MOST * MOST));
    handedColumns<T>(plan, i, m, k, u);
  }
  if (mayPostpone && isFinite(size) && size > limit) {
    postpone<T>(m, inverse, kept, STRENGTH * scale, k, u, matrix);
    k++;
    memory.copy(inverse, kept, bytes<T>(m * m));
    if (safeInverse<T>(m, inverse, pivots, work, careful) != 0) return NaN;
    size = squaresOf<T>(inverse, m * m);
  }
  growth *= size;
  store<i32>(record, k);
  store<i32>(record, 1, 4);
  if (k == 0) return growth;
  memory.fill(rowsOf<T>(plan, i, columns), 0, bytes<T>(MOST * columns));
  const q = columnsOf<T>(plan, i);
  gemm<T>(m, k, m, inverse, m, 1, u, MOST, q, MOST, SET, false, false);
  gemm<T>(k, k, m, u, 1, MOST, q, MOST, matrix, MOST, SUBTRACT, true, false);
  mirrorLower<T>(k, matrix, bytes<T>(MOST));
  const solved = at<T>(u, m * MOST);
  const overlap = at<T>(solved, MOST * MOST);
  const product = at<T>(overlap, MOST * MOST);
  memory.copy(solved, matrix, bytes<T>(MOST * MOST));
  gemm<T>(k, k, m, q, 1, MOST, q, MOST, overlap, MOST, SET, true, false);
  const added = eliminationSize<T>(k, solved, overlap, product, pivots);
  if (last && !isFinite(added)) return NaN;
  if (!last && !(added < limit)) {
    store<i32>(record, 0, 4);
    return growth;
  }
  memory.copy(matrix, solved, bytes<T>(MOST * MOST));
  const turned = product;
  const adjoint = at<T>(turned, m * MOST);
  gemm<T>(m, k, k, q, MOST, 1, solved, MOST, turned, MOST, SET, false, false);
  for (let r = 0; r < m; r++) for (let a = 0; a < k; a++) conjugate<T>(at<T>(turned, r * MOST + a), at<T>(adjoint, a * m + r));
  gemm<T>(m, m, k, q, MOST, 1, adjoint, m, inverse, m, ADD, false, true);
  mirrorLower<T>(m, inverse, bytes<T>(m));
  // An unknown of an earlier slice may stand for a state that this slice does not see. |Q| is 1 / s
  // where the unknown comes from, so that |L'^-1| / s^2 is the size of the inverse there.
  let elsewhere = 0.0;
  for (let a = 0; a < k; a++) elsewhere += squaresOf<T>(at<T>(solved, a * MOST), k);
  const unit = 1.0 / (STRENGTH * STRENGTH * scale);
  return max(elsewhere * unit * unit, max(growth, growth / size * squaresOf<T>(inverse, m * m)));
}

/**
 * Replaces L' by its inverse, and returns what an elimination would add to the inverse,
 * |Q L'^-1 Q^+|^2 = tr (Q^+ Q L'^-1)^2, where `overlap` is Q^+ Q. Infinity if L' is singular.
 */
export function eliminationSize<T>(k: i32, matrix: usize, overlap: usize, product: usize, pivots: usize): f64 {
  if (invertPart<T>(k, matrix, bytes<T>(MOST), pivots) != 0) return Infinity;
  mirrorLower<T>(k, matrix, bytes<T>(MOST));
  gemm<T>(k, k, k, overlap, MOST, 1, matrix, MOST, product, MOST, SET, false, false);
  let added = 0.0;
  for (let a = 0; a < k; a++)
    for (let b = 0; b < k; b++) {
      const one = at<T>(product, a * MOST + b);
      const two = at<T>(product, b * MOST + a);
      added += load<f64>(one) * load<f64>(two);
      if (isComplex<T>()) added -= load<f64>(one, 8) * load<f64>(two, 8);
    }
  return added;
}

/** U of slice i = -A Q of the slice before it. */
function handedColumns<T>(plan: usize, i: i32, m: i32, k: i32, u: usize): void {
  const start = P.at(<usize>P.field(plan, P.BLOCK_START), i);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const q = <usize>P.field(plan, P.POSTPONED_COLUMNS);
  for (let r = 0; r < m; r++)
    subtractRow<T>(k, P.at(rowStart, start + r), P.at(inner, start + r), hermitianValues<T>(plan), column, q, MOST, 0, at<T>(u, r * MOST));
}

/**
 * The downward sweep of the postponed unknowns of slice i for the columns low..low + count of n x
 * columns right-hand sides. `r` (m x count) is that of the slice, and `x` (its rows of the
 * solution, from column `low` on) already contains the product of the inverse and r.
 */
export function postponedDown<T>(plan: usize, i: i32, columns: i32, low: i32, count: i32, r: usize, x: usize): void {
  const record = recordOf(plan, i);
  const k = P.at(record, 0);
  if (k == 0) return;
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const m = P.at(starts, i + 1) - P.at(starts, i);
  const q = columnsOf<T>(plan, i);
  const own = at<T>(rowsOf<T>(plan, i, columns), low);
  const handed = handedOn(plan, i - 1);
  for (let a = 0; a < k; a++) {
    const row = at<T>(own, a * columns);
    if (a >= handed) memory.fill(row, 0, bytes<T>(count));
    else memory.copy(row, row - bytes<T>(MOST * columns), bytes<T>(count));
  }
  const eliminated = P.at(record, 1) != 0;
  const matrix = matrixOf<T>(plan, i);
  const work = rowsOf<T>(plan, P.field(plan, P.BLOCKS), columns);
  if (eliminated) {
    gemm<T>(k, count, k, matrix, MOST, 1, own, columns, work, count, SET, false, false);
    gemm<T>(m, count, k, q, MOST, 1, work, count, x, columns, SUBTRACT, false, false);
  }
  gemm<T>(k, count, m, q, 1, MOST, r, count, own, columns, SUBTRACT, true, false);
  if (!eliminated) return;
  gemm<T>(k, count, k, matrix, MOST, 1, own, columns, work, count, SET, false, false);
  for (let a = 0; a < k; a++) memory.copy(at<T>(own, a * columns), at<T>(work, a * count), bytes<T>(count));
}

/**
 * The upward sweep of the postponed unknowns of slice i. `r` (m x columns) is minus the hopping to
 * the next slice times the solution there, and `x` is the solution of this slice without them.
 */
export function postponedUp<T>(plan: usize, i: i32, columns: i32, r: usize, x: usize): void {
  const record = recordOf(plan, i);
  const k = P.at(record, 0);
  if (k == 0) return;
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const m = P.at(starts, i + 1) - P.at(starts, i);
  const q = columnsOf<T>(plan, i);
  const own = rowsOf<T>(plan, i, columns);
  if (P.at(record, 1) != 0) {
    const work = rowsOf<T>(plan, P.field(plan, P.BLOCKS), columns);
    gemm<T>(k, columns, m, q, 1, MOST, r, columns, work, columns, SET, true, false);
    gemm<T>(k, columns, k, matrixOf<T>(plan, i), MOST, 1, work, columns, own, columns, SUBTRACT, false, false);
    return;
  }
  memory.copy(own, rowsOf<T>(plan, i + 1, columns), bytes<T>(k * columns));
  gemm<T>(m, columns, k, q, MOST, 1, own, columns, x, columns, SUBTRACT, false, false);
}
