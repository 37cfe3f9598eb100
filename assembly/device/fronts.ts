// Multifrontal factors of the Hermitian A_r of reactance-factor.ts in a fill-reducing order
// (src/scattering/ordering/nested-dissection.ts; I. S. Duff and J. K. Reid, ACM Trans. Math. Softw.
// 9, 302 (1983)). A front has m pivots and b boundary rows after them. It consists of its own rows
// of A_r and the updates of its children:
//     [ A11 A21^+ ]      D = A11^-1,   V = A21 D,   U = A22 - V A21^+
//     [ A21 A22   ]
// The parent adds the update U. D and V are stored one below the other ((m + b) x m). Only the
// lower half of U is formed, and its memory is reused once the parent has added it. D is an inverse
// with pivoting inside the front. A front near a pole hands a direction on to its parent
// (postponed-fronts.ts). What is still too close to a pole is reported; reactance.ts decides what
// follows. T is the kind of the numbers (elements.ts).
import { addElement, addTimes, at, bytes, conjugate, copyElement, gemm, isComplex, squaresOf } from "../linear-algebra/elements";
import { SET, SUBTRACT } from "../linear-algebra/gemm";
import { mirrorLower, safeInverse } from "../linear-algebra/hermitian-inverse";
import { blockOf, hermitianValues } from "./factor";
import { BOUNDARY, CHILD, FACTOR, front, HIGH, LOW, note, PARENT, ROWS, SIBLING, UNKNOWNS, UPDATE } from "./front-record";
import * as P from "./plan";
import { CAREFUL, FEW, RARE } from "./postponed";
import { forgetPostponed, postponedFrontDown, postponedFrontUp, postponeFront, settleFront } from "./postponed-fronts";

/** Extends the range of a front to include a range of columns. */
function widen(record: usize, low: i32, high: i32): void {
  note(record, LOW, min(low, P.at(record, LOW)));
  note(record, HIGH, max(high, P.at(record, HIGH)));
}

/**
 * Sets the range of each front to the channels of the leads on its pivots. The ranges of its
 * children are included during the factorisation.
 */
function setRanges(plan: usize, columns: i32): void {
  for (let f = 0; f < P.field(plan, P.BLOCKS); f++) {
    const record = front(plan, f);
    note(record, LOW, columns);
    note(record, HIGH, 0);
  }
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const after = channel + P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    if (channel < after)
      for (let k = 0; k < P.at(lead, 0); k++) widen(front(plan, blockOf(plan, P.at(list, k))), channel, after);
    channel = after;
  }
}

/** Adds the update of a child to A11 (lower half), A21 (b x m) and U (lower half). */
function extendAdd<T>(child: usize, start: i32, m: i32, b: i32, rows: usize, a11: usize, a21: usize, update: usize, place: usize): void {
  const count = P.at(child, BOUNDARY);
  const list = <usize>P.at(child, ROWS);
  // Places of the child's rows in this front: up to `split` among the pivots, then among the
  // boundary rows.
  let split = 0;
  let k = 0;
  for (let i = 0; i < count; i++) {
    const row = P.at(list, i);
    let index = row - start;
    if (index < m) split = i + 1;
    else {
      while (P.at(rows, k) < row) k++;
      index = k;
    }
    store<i32>(place + (<usize>i << 2), index);
  }
  let source = <usize>P.at(child, UPDATE);
  for (let i = 0; i < count; i++) {
    const own = P.at(place, i);
    const pivotRow = i < split ? at<T>(a11, own * m) : at<T>(a21, own * m);
    let j = 0;
    for (; j < min(split, i + 1); j++) {
      const target = at<T>(pivotRow, P.at(place, j));
      addElement<T>(at<T>(source, j), target);
    }
    const row = at<T>(update, own * b);
    for (; j <= i; j++) {
      const target = at<T>(row, P.at(place, j));
      addElement<T>(at<T>(source, j), target);
    }
    source = at<T>(source, count);
  }
}

/**
 * Factorises all fronts and applies the downward sweep to b (n x columns, the lead columns), to
 * each front while its factors are in the nearest caches. `scale` is the size of a row of A_r, and
 * inverses larger than `avoided` are avoided where that is possible (postponed-fronts.ts). Returns
 * the growth, which is the square of the largest |A11| |D| of a front, or NaN if that exceeds `most`
 * or a front is singular.
 */
export function factoriseFronts<T>(plan: usize, b: usize, columns: i32, scale: f64, avoided: f64, most: f64): f64 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const a21 = <usize>P.field(plan, P.FRONT_WORK);
  const pivots = <usize>P.field(plan, P.PIVOTS);
  const block = <usize>P.field(plan, P.BLOCK);
  // Real fronts never postpone (reactance.ts).
  const postpones = isComplex<T>() && isFinite(avoided);
  const careful = postpones && avoided * scale < CAREFUL;
  let growth = 1.0;
  setRanges(plan, columns);
  if (isComplex<T>()) forgetPostponed<T>(plan, columns);
  for (let f = 0; f < P.field(plan, P.BLOCKS); f++) {
    const record = front(plan, f);
    const start = P.at(starts, f);
    const m = P.at(starts, f + 1) - start;
    const count = P.at(record, BOUNDARY);
    const rows = <usize>P.at(record, ROWS);
    const a11 = <usize>P.at(record, FACTOR);
    const v = at<T>(a11, m * m);
    const update = <usize>P.at(record, UPDATE);
    const a12 = at<T>(a21, m * count);
    // First the front's own rows of A_r, then the updates of the children.
    memory.fill(a11, 0, bytes<T>(m * m));
    memory.fill(a21, 0, bytes<T>(m * count));
    memory.fill(update, 0, bytes<T>(count * count));
    for (let r = 0; r < m; r++) {
      const row = start + r;
      let k = P.at(inner, row);
      for (; k < P.at(upper, row); k++) copyElement<T>(at<T>(a, k), at<T>(a11, r * m + P.at(column, k) - start));
      let place = 0;
      for (; k < P.at(rowStart, row + 1); k++) {
        while (P.at(rows, place) < P.at(column, k)) place++;
        conjugate<T>(at<T>(a, k), at<T>(a21, place * m + r));
      }
    }
    for (let child = P.at(record, CHILD); child >= 0; child = P.at(front(plan, child), SIBLING))
      extendAdd<T>(front(plan, child), start, m, count, rows, a11, a21, update, a12);
    // This is D.
    const limit = avoided * avoided * (m > FEW * columns ? RARE * RARE : 1.0);
    let size = load<f64>(a11) * load<f64>(a11);
    if (m == 1 && size * limit > 1.0) {
      store<f64>(a11, 1.0 / load<f64>(a11));
      if (isComplex<T>()) store<f64>(a11, 0.0, 8);
      if (!(size * most > 1.0)) return NaN;
    } else {
      mirrorLower<T>(m, a11, bytes<T>(m));
      const kept = at<T>(block, 2 * m * m);
      if (postpones) memory.copy(kept, a11, bytes<T>(m * m));
      size = squaresOf<T>(a11, m * m);
      if (safeInverse<T>(m, a11, pivots, block, careful) != 0) return NaN;
      let found = squaresOf<T>(a11, m * m);
      while (isComplex<T>() && found > limit && postponeFront<T>(plan, f, a11, kept, scale, columns)) {
        memory.copy(a11, kept, bytes<T>(m * m));
        if (safeInverse<T>(m, a11, pivots, block, careful) != 0) return NaN;
        found = squaresOf<T>(a11, m * m);
      }
      growth = max(growth, size * found);
      if (!(growth < most)) return NaN;
    }
    // This is V and U.
    if (count > 0) {
      gemm<T>(count, m, m, a21, m, 1, a11, m, v, m, SET, false, false);
      for (let r = 0; r < count; r++) for (let c = 0; c < m; c++) conjugate<T>(at<T>(a21, r * m + c), at<T>(a12, c * count + r));
      gemm<T>(count, count, m, v, m, 1, a12, count, update, count, SUBTRACT, false, true);
    }
    if (isComplex<T>() && P.at(record, UNKNOWNS) > 0) {
      growth = max(growth, size * settleFront<T>(plan, f, a11, v, update, limit, scale, columns));
      if (!(growth < most)) return NaN;
    }
    const low = P.at(record, LOW);
    const high = P.at(record, HIGH);
    if (low >= high) continue;
    frontDown<T>(plan, f, b, columns, low, high - low);
    const parent = P.at(record, PARENT);
    if (parent >= 0) widen(front(plan, parent), low, high);
  }
  return growth;
}

/**
 * The downward sweep of one front: b1 <- D b1, and V b1 is subtracted from the boundary rows. It
 * covers the columns low..low + count of b.
 */
function frontDown<T>(plan: usize, f: i32, b: usize, columns: i32, low: i32, count: i32): void {
  const record = front(plan, f);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const start = P.at(starts, f);
  const m = P.at(starts, f + 1) - start;
  const boundary = P.at(record, BOUNDARY);
  const rows = <usize>P.at(record, ROWS);
  let product = <usize>P.field(plan, P.SLICE);
  b = at<T>(b, low);
  const own = at<T>(b, start * columns);
  gemm<T>(m + boundary, count, m, <usize>P.at(record, FACTOR), m, 1, own, columns, product, count, SET, false, false);
  if (isComplex<T>()) postponedFrontDown<T>(plan, f, columns, low, count, own, at<T>(product, m * count));
  for (let r = 0; r < m; r++) {
    memory.copy(at<T>(own, r * columns), product, bytes<T>(count));
    product = at<T>(product, count);
  }
  for (let r = 0; r < boundary; r++) {
    addTimes<T>(count, -1.0, product, at<T>(b, P.at(rows, r) * columns));
    product = at<T>(product, count);
  }
}

/** The downward sweep of n x columns elements. */
export function frontsDown<T>(plan: usize, b: usize, columns: i32): void {
  for (let f = 0; f < P.field(plan, P.BLOCKS); f++) frontDown<T>(plan, f, b, columns, 0, columns);
}

/** The upward sweep x1 = b1 - V^+ x2; see solveUp of reactance-factor.ts. */
export function frontsUp<T>(plan: usize, b: usize, columns: i32, x: usize): f64 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const gathered = <usize>P.field(plan, P.SLICE);
  let sum = 0.0;
  for (let f = P.field(plan, P.BLOCKS) - 1; f >= 0; f--) {
    const record = front(plan, f);
    const start = P.at(starts, f);
    const m = P.at(starts, f + 1) - start;
    const boundary = P.at(record, BOUNDARY);
    const rows = <usize>P.at(record, ROWS);
    const own = at<T>(b, start * columns);
    for (let r = 0; r < boundary; r++) memory.copy(at<T>(gathered, r * columns), at<T>(b, P.at(rows, r) * columns), bytes<T>(columns));
    if (boundary > 0)
      gemm<T>(m, columns, boundary, at<T>(<usize>P.at(record, FACTOR), m * m), 1, m, gathered, columns, own, columns, SUBTRACT, true, false);
    if (isComplex<T>()) postponedFrontUp<T>(plan, f, columns, gathered, own);
    if (x) {
      sum += squaresOf<T>(own, m * columns);
      addTimes<T>(m * columns, 1.0, own, at<T>(x, start * columns));
    }
  }
  return sum;
}
