// Fronts near a pole (fronts.ts): the directions that would grow are handed on to the parent as
// further unknowns, in the way of postponed.ts. The unknowns of a front, with the matrix L, have the
// columns U1 in the rows of its pivots and U2 in its boundary rows. With M = D,
//     Q = M U1,   R = U2 - V U1,   L' = L - U1^+ Q,   beta' = beta - Q^+ b1.
// Those that can be eliminated without becoming large (G) are, and the parent receives the others
// (H). With T = L'_GG^-1 L'_GH, whatever belongs to H loses its part along G (R_H <- R_H - R_G T, and
// L'_HH, Q_H and beta_H likewise), and
//     U <- U - R_G L'_GG^-1 R_G^+,   f = L'_GG^-1 (beta'_G - R_G^+ x2),   x1 = M b1 - V^+ x2 - Q_G f - Q_H phi_H,
// while phi_G = f - T phi_H.
// A front that has unknowns takes a place for POSTPONED_MOST of them: U1 and U2 (then Q and R), L
// (then L'_GG^-1 and T), the order in which they stand after that; and rows for beta (then phi).
// Where there is no more room they are eliminated all the same, and what that costs in digits is
// measured and refined as elsewhere. T is also the kind of the numbers.
import { ADD, SET, SUBTRACT } from "../linear-algebra/dgemm";
import { at, bytes, conjugate, copyElement, gemm, isComplex, squaresOf } from "../linear-algebra/elements";
import { mirrorLower } from "../linear-algebra/hermitian-inverse";
import { BOUNDARY, CHILD, ELIMINATED, front, note, OFFSET, PARENT, POSTPONED, RECEIVED, ROWS, SIBLING, SOLUTION, UNKNOWNS } from "./front-record";
import * as P from "./plan";
import { eliminationSize, postpone, STRENGTH } from "./postponed";

const MOST: i32 = <i32>P.POSTPONED_MOST;
/** The room that is left, and how much of it is promised to rows of unknowns. */
let free: usize = 0;
let end: usize = 0;
let promised: usize = 0;

// @ts-ignore: decorator
@inline
function pivotsOf(plan: usize, f: i32): i32 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  return P.at(starts, f + 1) - P.at(starts, f);
}

/** POSTPONED_MOST x columns numbers for work. The places stand behind them. */
// @ts-ignore: decorator
@inline
function workRows(plan: usize): usize {
  return <usize>P.field(plan, P.POSTPONED_ROWS);
}

/** Forgets all postponed unknowns. */
export function forgetPostponed<T>(plan: usize, columns: i32): void {
  const start = workRows(plan);
  free = start + bytes<T>(MOST * columns);
  promised = 0;
  end = start + (<usize>P.field(plan, P.POSTPONED_ROOM) << 4);
  for (let f = 0; f < P.field(plan, P.BLOCKS); f++) {
    const record = front(plan, f);
    note(record, POSTPONED, 0);
    note(record, UNKNOWNS, 0);
    note(record, RECEIVED, 0);
    note(record, ELIMINATED, 0);
  }
}

/**
 * The place of a front's unknowns, which is taken if there is none yet, with the promise of rows for
 * `more` of them. Returns 0 if there is no room.
 */
function placeOf<T>(plan: usize, f: i32, more: i32, columns: i32): usize {
  const record = front(plan, f);
  const known = <usize>P.at(record, POSTPONED);
  const size = known ? 0 : bytes<T>(MOST * (pivotsOf(plan, f) + P.at(record, BOUNDARY) + MOST + 1));
  const rows = bytes<T>(more * columns);
  if (free + promised + size + rows > end) return 0;
  promised += rows;
  if (known) return known;
  const place = free;
  free += size;
  memory.fill(place, 0, size);
  note(record, POSTPONED, <i32>place);
  return place;
}

// @ts-ignore: decorator
@inline
function matrixOf<T>(plan: usize, f: i32): usize {
  const record = front(plan, f);
  return at<T>(<usize>P.at(record, POSTPONED), (pivotsOf(plan, f) + P.at(record, BOUNDARY)) * MOST);
}

/** Per unknown, in the order in which they came: its number in the order in which they stand. */
// @ts-ignore: decorator
@inline
function orderOf<T>(plan: usize, f: i32): usize {
  return at<T>(matrixOf<T>(plan, f), MOST * MOST);
}

/**
 * Postpones one direction of a front, whose A11 is `a11` and the inverse of which is `inverse`. What
 * is to be inverted instead is left in `a11`. Returns false if that is not possible.
 */
export function postponeFront<T>(plan: usize, f: i32, inverse: usize, a11: usize, scale: f64, columns: i32): bool {
  const record = front(plan, f);
  const k = P.at(record, UNKNOWNS);
  if (P.at(record, PARENT) < 0 || k == MOST) return false;
  const place = placeOf<T>(plan, f, 1, columns);
  if (!place) return false;
  postpone<T>(pivotsOf(plan, f), inverse, a11, STRENGTH * scale, k, place, matrixOf<T>(plan, f));
  note(record, UNKNOWNS, k + 1);
  return true;
}

/**
 * Eliminates the unknowns of a front, whose M, V and update are known, or hands them on. `limit` is
 * the square of the size that an inverse should not exceed, and `scale` the size of a row of A_r.
 * Returns the square of the size of what was added to the inverse, or NaN if it is singular.
 */
export function settleFront<T>(plan: usize, f: i32, inverse: usize, v: usize, update: usize, limit: f64, scale: f64, columns: i32): f64 {
  const record = front(plan, f);
  const k = P.at(record, UNKNOWNS);
  if (k == 0) return 0.0;
  const rows = bytes<T>(k * columns);
  note(record, SOLUTION, <i32>free);
  memory.fill(free, 0, rows);
  free += rows;
  promised -= rows;
  const m = pivotsOf(plan, f);
  const b = P.at(record, BOUNDARY);
  const q = <usize>P.at(record, POSTPONED);
  const r = at<T>(q, m * MOST);
  const matrix = matrixOf<T>(plan, f);
  const work = <usize>P.field(plan, P.WORK);
  const solved = at<T>(work, m * MOST);
  const overlap = at<T>(solved, MOST * MOST);
  const product = at<T>(overlap, MOST * MOST);
  if (b > 0) gemm<T>(b, k, m, v, m, 1, q, MOST, r, MOST, SUBTRACT, false, false);
  gemm<T>(m, k, m, inverse, m, 1, q, MOST, work, MOST, SET, false, false);
  gemm<T>(k, k, m, q, 1, MOST, work, MOST, matrix, MOST, SUBTRACT, true, false);
  mirrorLower<T>(k, matrix, bytes<T>(MOST));
  memory.copy(q, work, bytes<T>(m * MOST));
  memory.copy(solved, matrix, bytes<T>(MOST * MOST));
  gemm<T>(k, k, m, q, 1, MOST, q, MOST, overlap, MOST, SET, true, false);
  if (b > 0) {
    // In units of the size of a row, boundary rows count as pivots do.
    gemm<T>(k, k, b, r, 1, MOST, r, MOST, product, MOST, SET, true, false);
    const unit = 1.0 / (scale * scale);
    for (let i: usize = 0; i < bytes<T>(MOST * k); i += 8) store<f64>(overlap + i, load<f64>(overlap + i) + unit * load<f64>(product + i));
  }
  const parent = P.at(record, PARENT);
  const room = parent < 0 ? 0 : MOST - P.at(front(plan, parent), UNKNOWNS);
  let g = arrange<T>(k, solved, overlap, limit, room, orderOf<T>(plan, f));
  if (g < k && !placeOf<T>(plan, parent, k - g, columns)) g = k;
  reorder<T>(k, m + b, q, orderOf<T>(plan, f), work, matrix);
  let added = 0.0;
  if (g > 0) {
    memory.copy(solved, matrix, bytes<T>(MOST * MOST));
    gemm<T>(g, g, m, q, 1, MOST, q, MOST, overlap, MOST, SET, true, false);
    added = eliminationSize<T>(g, solved, overlap, product, <usize>P.field(plan, P.PIVOTS));
    if (!isFinite(added)) return NaN;
    // An unknown of a front further down may stand for a state that this front does not see.
    let elsewhere = 0.0;
    for (let a = 0; a < g; a++) elsewhere += squaresOf<T>(at<T>(solved, a * MOST), g);
    const unit = 1.0 / (STRENGTH * STRENGTH * scale * scale);
    added = max(added, elsewhere * unit * unit);
    if (b > 0) {
      const turned = <usize>P.field(plan, P.FRONT_WORK);
      const adjoint = at<T>(turned, b * MOST);
      gemm<T>(b, g, g, r, MOST, 1, solved, MOST, turned, MOST, SET, false, false);
      for (let i = 0; i < b; i++) for (let a = 0; a < g; a++) conjugate<T>(at<T>(r, i * MOST + a), at<T>(adjoint, a * b + i));
      gemm<T>(b, b, g, turned, MOST, 1, adjoint, b, update, b, SUBTRACT, false, true);
    }
    const h = k - g;
    if (h > 0) {
      const coupling = at<T>(matrix, g);
      const rest = at<T>(matrix, g * MOST + g);
      gemm<T>(g, h, g, solved, MOST, 1, coupling, MOST, product, MOST, SET, false, false);
      gemm<T>(h, h, g, at<T>(matrix, g * MOST), MOST, 1, product, MOST, rest, MOST, SUBTRACT, false, false);
      mirrorLower<T>(h, rest, bytes<T>(MOST));
      gemm<T>(m + b, h, g, q, MOST, 1, product, MOST, at<T>(q, g), MOST, SUBTRACT, false, false);
      for (let a = 0; a < g; a++) memory.copy(at<T>(coupling, a * MOST), at<T>(product, a * MOST), bytes<T>(h));
    }
    for (let a = 0; a < g; a++) memory.copy(at<T>(matrix, a * MOST), at<T>(solved, a * MOST), bytes<T>(g));
  }
  note(record, ELIMINATED, g);
  if (g < k) handOn<T>(plan, f, g);
  return added;
}

/**
 * Chooses the unknowns to be eliminated, those first that become least large: all that stay below
 * `limit`, and more if more than `room` were left. `matrix` is L', and `overlap` the product of the
 * columns, both of which are used up. Returns their number, and in `order` the new number of each
 * unknown.
 */
function arrange<T>(k: i32, matrix: usize, overlap: usize, limit: f64, room: i32, order: usize): i32 {
  for (let a = 0; a < k; a++) store<i32>(order + (<usize>a << 2), -1);
  let g = 0;
  for (; g < k; g++) {
    let best = -1;
    let least = Infinity;
    for (let a = 0; a < k; a++) {
      if (P.at(order, a) >= 0) continue;
      const ratio = load<f64>(at<T>(overlap, a * MOST + a)) / load<f64>(at<T>(matrix, a * MOST + a));
      if (best < 0 || ratio * ratio < least) {
        best = a;
        least = ratio * ratio;
      }
    }
    if (!(least < limit) && k - g <= room) break;
    store<i32>(order + (<usize>best << 2), g);
    const own = at<T>(matrix, best * MOST);
    const pivot = load<f64>(at<T>(own, best));
    const norm = load<f64>(at<T>(overlap, best * MOST + best)) / (pivot * pivot);
    for (let b = 0; b < k; b++) {
      if (P.at(order, b) >= 0) continue;
      for (let c = 0; c < k; c++) {
        if (P.at(order, c) >= 0) continue;
        // L_bc -= L_ba L_ac / L_aa;  N_bc -= conj(t_b) N_ac + N_ba t_c - conj(t_b) t_c N_aa, t = L_a / L_aa.
        const target = at<T>(matrix, b * MOST + c);
        const other = at<T>(overlap, b * MOST + c);
        subtractTimes<T>(1.0 / pivot, at<T>(own, b), at<T>(own, c), target);
        subtractTimes<T>(1.0 / pivot, at<T>(own, b), at<T>(overlap, best * MOST + c), other);
        subtractTimes<T>(1.0 / pivot, at<T>(overlap, best * MOST + b), at<T>(own, c), other);
        subtractTimes<T>(-norm, at<T>(own, b), at<T>(own, c), other);
      }
    }
  }
  let next = g;
  for (let a = 0; a < k; a++)
    if (P.at(order, a) < 0) {
      store<i32>(order + (<usize>a << 2), next);
      next++;
    }
  return g;
}

/** target -= factor conj(x) y. */
// @ts-ignore: decorator
@inline
function subtractTimes<T>(factor: f64, x: usize, y: usize, target: usize): void {
  const xr = factor * load<f64>(x);
  const yr = load<f64>(y);
  if (!isComplex<T>()) {
    store<f64>(target, load<f64>(target) - xr * yr);
    return;
  }
  const xi = factor * load<f64>(x, 8);
  const yi = load<f64>(y, 8);
  store<f64>(target, load<f64>(target) - (xr * yr + xi * yi));
  store<f64>(target, load<f64>(target, 8) - (xr * yi - xi * yr), 8);
}

/** Puts the columns of q (rows x MOST), and the rows and columns of `matrix`, into a new order. */
function reorder<T>(k: i32, rows: i32, q: usize, order: usize, work: usize, matrix: usize): void {
  for (let i = 0; i < rows + k; i++) {
    const row = at<T>(i < rows ? q : matrix, (i < rows ? i : i - rows) * MOST);
    memory.copy(work, row, bytes<T>(k));
    for (let a = 0; a < k; a++) copyElement<T>(at<T>(work, a), at<T>(row, P.at(order, a)));
  }
  memory.copy(work, matrix, bytes<T>(k * MOST));
  for (let a = 0; a < k; a++) memory.copy(at<T>(matrix, P.at(order, a) * MOST), at<T>(work, a * MOST), bytes<T>(k));
}

/** Hands the unknowns of a front from number g on to its parent, which has a place for them. */
function handOn<T>(plan: usize, f: i32, g: i32): void {
  const record = front(plan, f);
  const parent = P.at(record, PARENT);
  const above = front(plan, parent);
  const k = P.at(record, UNKNOWNS) - g;
  const first = P.at(above, UNKNOWNS);
  const target = <usize>P.at(above, POSTPONED);
  const start = P.at(<usize>P.field(plan, P.BLOCK_START), parent);
  const m = pivotsOf(plan, parent);
  const own = <usize>P.at(record, ROWS);
  const rows = <usize>P.at(above, ROWS);
  const r = at<T>(<usize>P.at(record, POSTPONED), pivotsOf(plan, f) * MOST + g);
  let next = 0;
  for (let i = 0; i < P.at(record, BOUNDARY); i++) {
    const row = P.at(own, i);
    let index = row - start;
    if (index >= m) {
      while (P.at(rows, next) < row) next++;
      index = m + next;
    }
    for (let a = 0; a < k; a++) copyElement<T>(at<T>(r, i * MOST + a), at<T>(target, index * MOST + first + a));
  }
  // Unknowns of different children do not couple.
  const matrix = at<T>(matrixOf<T>(plan, f), g * MOST + g);
  const place = matrixOf<T>(plan, parent);
  for (let a = 0; a < k; a++) for (let c = 0; c < k; c++) copyElement<T>(at<T>(matrix, a * MOST + c), at<T>(place, (first + a) * MOST + first + c));
  note(above, UNKNOWNS, first + k);
  note(above, RECEIVED, first + k);
  note(record, OFFSET, first);
}

/**
 * The downward sweep of the unknowns of a front for the columns low..low + count. b1 (stride
 * `columns`) is that of the pivots, and what the boundary rows are to lose is in `product` (b x
 * count).
 */
export function postponedFrontDown<T>(plan: usize, f: i32, columns: i32, low: i32, count: i32, b1: usize, product: usize): void {
  const record = front(plan, f);
  const k = P.at(record, UNKNOWNS);
  if (k == 0) return;
  const m = pivotsOf(plan, f);
  const b = P.at(record, BOUNDARY);
  const q = <usize>P.at(record, POSTPONED);
  const work = workRows(plan);
  const own = at<T>(<usize>P.at(record, SOLUTION), low);
  const order = orderOf<T>(plan, f);
  for (let child = P.at(record, CHILD); child >= 0; child = P.at(front(plan, child), SIBLING)) {
    const below = front(plan, child);
    const handed = P.at(below, ELIMINATED);
    for (let a = handed; a < P.at(below, UNKNOWNS); a++) {
      const source = at<T>(<usize>P.at(below, SOLUTION), a * columns + low);
      memory.copy(at<T>(own, P.at(order, P.at(below, OFFSET) + a - handed) * columns), source, bytes<T>(count));
    }
  }
  for (let a = P.at(record, RECEIVED); a < k; a++) memory.fill(at<T>(own, P.at(order, a) * columns), 0, bytes<T>(count));
  const g = P.at(record, ELIMINATED);
  const matrix = matrixOf<T>(plan, f);
  if (g > 0 && g < k)
    gemm<T>(k - g, count, g, at<T>(matrix, g), 1, MOST, own, columns, at<T>(own, g * columns), columns, SUBTRACT, true, false);
  gemm<T>(k, count, m, q, 1, MOST, b1, columns, own, columns, SUBTRACT, true, false);
  if (g == 0) return;
  gemm<T>(g, count, g, matrix, MOST, 1, own, columns, work, count, SET, false, false);
  if (b > 0) gemm<T>(b, count, g, at<T>(q, m * MOST), MOST, 1, work, count, product, count, ADD, false, false);
  for (let a = 0; a < g; a++) memory.copy(at<T>(own, a * columns), at<T>(work, a * count), bytes<T>(count));
}

/** The upward sweep of the unknowns of a front, where x2 is given (b x columns), and of x1. */
export function postponedFrontUp<T>(plan: usize, f: i32, columns: i32, x2: usize, x1: usize): void {
  const record = front(plan, f);
  const k = P.at(record, UNKNOWNS);
  if (k == 0) return;
  const m = pivotsOf(plan, f);
  const b = P.at(record, BOUNDARY);
  const q = <usize>P.at(record, POSTPONED);
  const rows = <usize>P.at(record, SOLUTION);
  const work = workRows(plan);
  const g = P.at(record, ELIMINATED);
  if (g > 0 && b > 0) {
    gemm<T>(g, columns, b, at<T>(q, m * MOST), 1, MOST, x2, columns, work, columns, SET, true, false);
    gemm<T>(g, columns, g, matrixOf<T>(plan, f), MOST, 1, work, columns, rows, columns, SUBTRACT, false, false);
  }
  if (g < k) {
    const parent = P.at(record, PARENT);
    const above = <usize>P.at(front(plan, parent), SOLUTION);
    const order = orderOf<T>(plan, parent);
    for (let a = g; a < k; a++)
      memory.copy(at<T>(rows, a * columns), at<T>(above, P.at(order, P.at(record, OFFSET) + a - g) * columns), bytes<T>(columns));
  }
  gemm<T>(m, columns, k, q, MOST, 1, rows, columns, x1, columns, SUBTRACT, false, false);
  // The children need phi_G itself.
  if (g > 0 && g < k)
    gemm<T>(g, columns, k - g, at<T>(matrixOf<T>(plan, f), g), MOST, 1, at<T>(rows, g * columns), columns, rows, columns, SUBTRACT, false, false);
}
