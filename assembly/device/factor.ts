// Block-tridiagonal factorisation of A = E - H - Sigma, slice by slice from the first block on. The
// inverse of each Schur complement D_i = A_ii - A_i,i-1 D_(i-1)^-1 A_i-1,i is stored. Products with
// the sparse hoppings between slices cost only as much as they have nonzero elements. A slice of m
// orbitals takes 8 m^3 flops (4 m^3 if A is symmetric), and each of the two sweeps of a solve takes
// 8 m^2 per slice and column.
import { isComplex } from "../linear-algebra/elements";
import { ADD, SET, zgemm } from "../linear-algebra/gemm";
import { axpySubtract, magnitude, zinverse, zsyinverse } from "../linear-algebra/dense";
import * as P from "./plan";

/**
 * Forms A = E - H - Sigma on the pattern. With `hermitian` only the Hermitian part of Sigma is
 * subtracted, and `shift` pi W W^+ = -`shift` Im Sigma is added.
 */
export function assemble(plan: usize, energyRe: f64, energyIm: f64, hermitian: bool, shift: f64): void {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const h = <usize>P.field(plan, P.H_VALUES);
  const a = <usize>P.field(plan, P.A_VALUES);
  const entries = P.at(rowStart, n);
  for (let k = 0; k < entries * 2; k++) store<f64>(a + (<usize>k << 3), -load<f64>(h + (<usize>k << 3)));
  const diagonal = <usize>P.field(plan, P.DIAGONAL);
  for (let r = 0; r < n; r++) {
    const entry = P.z(a, P.at(diagonal, r));
    store<f64>(entry, load<f64>(entry) + energyRe);
    store<f64>(entry, load<f64>(entry, 8) + energyIm, 8);
  }
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const slots = <usize>P.at(lead, 2);
    const sigma = <usize>P.at(lead, 3);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const slot = P.at(slots, i * size + j);
        if (slot < 0) continue; // a diagonal Sigma has no entry off its diagonal
        const entry = P.z(a, slot);
        const own = P.z(sigma, i * size + j);
        let re = load<f64>(own);
        let im = load<f64>(own, 8);
        if (hermitian) {
          const mirror = P.z(sigma, j * size + i);
          const mirrorRe = load<f64>(mirror);
          const mirrorIm = load<f64>(mirror, 8);
          const turned = 0.5 * shift * (im + mirrorIm);
          im = 0.5 * (im - mirrorIm) - 0.5 * shift * (re - mirrorRe);
          re = 0.5 * (re + mirrorRe) + turned;
        }
        store<f64>(entry, load<f64>(entry) - re);
        store<f64>(entry, load<f64>(entry, 8) - im, 8);
      }
  }
}

/**
 * The values of the Hermitian A_r on the pattern. A real A_r has its own list; a complex one
 * replaces A.
 */
// @ts-ignore: decorator
@inline
export function hermitianValues<T>(plan: usize): usize {
  return <usize>P.field(plan, isComplex<T>() ? P.A_VALUES : P.REAL_VALUES);
}

/** Forms the dense Schur complement of block i in `d`. */
export function schur(plan: usize, i: i32, d: usize): void {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const first = P.at(starts, i);
  const m = P.at(starts, i + 1) - first;
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.A_VALUES);
  memory.fill(d, 0, <usize>(m * m) << 4);
  for (let r = 0; r < m; r++)
    for (let k = P.at(inner, first + r); k < P.at(upper, first + r); k++)
      memory.copy(P.z(d, r * m + P.at(column, k) - first), P.z(a, k), 16);
  if (i == 0) return;
  const before = P.at(starts, i - 1);
  const mBefore = first - before;
  const inverse = P.z(<usize>P.field(plan, P.INVERSES), P.at(<usize>P.field(plan, P.INVERSE_OFFSET), i - 1));
  const row = <usize>P.field(plan, P.WORK);
  for (let r = 0; r < m; r++) {
    const from = P.at(rowStart, first + r);
    const to = P.at(inner, first + r);
    if (from == to) continue;
    memory.fill(row, 0, <usize>mBefore << 4);
    for (let k = from; k < to; k++)
      axpySubtract(mBefore, load<f64>(P.z(a, k)), load<f64>(P.z(a, k), 8), P.z(inverse, (P.at(column, k) - before) * mBefore), row);
    for (let c = 0; c < mBefore; c++) {
      const tr = load<f64>(P.z(row, c));
      const ti = load<f64>(P.z(row, c), 8);
      for (let k = P.at(upper, before + c); k < P.at(rowStart, before + c + 1); k++) {
        const target = P.z(d, r * m + P.at(column, k) - first);
        const ar = load<f64>(P.z(a, k));
        const ai = load<f64>(P.z(a, k), 8);
        // row holds minus A_i,i-1 D^-1.
        store<f64>(target, load<f64>(target) + (tr * ar - ti * ai));
        store<f64>(target, load<f64>(target, 8) + (tr * ai + ti * ar), 8);
      }
    }
  }
}

const GROWTH_LIMIT: f64 = 1e6;

/**
 * Factorises. Returns 0, or 1 + the block whose Schur complement is singular to working accuracy.
 * The caller then merges this block with its neighbour.
 */
export function factorise(plan: usize): i32 {
  const blocks = P.field(plan, P.BLOCKS);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const offsets = <usize>P.field(plan, P.INVERSE_OFFSET);
  const pivots = <usize>P.field(plan, P.PIVOTS);
  const block = <usize>P.field(plan, P.BLOCK);
  const symmetric = P.field(plan, P.SYMMETRIC) != 0;
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), 0);
  let worst = 0.0;
  let worstBlock = 0;
  for (let i = 0; i < blocks; i++) {
    const m = P.at(starts, i + 1) - P.at(starts, i);
    const inverse = P.z(<usize>P.field(plan, P.INVERSES), P.at(offsets, i));
    let done = false;
    schur(plan, i, block);
    let size = 0.0;
    for (let k = 0; k < m * m; k++) size = max(size, magnitude(P.z(block, k)));
    if (symmetric && m > 8) {
      memory.copy(inverse, block, <usize>(m * m) << 4);
      const growth = zsyinverse(m, inverse, pivots, <usize>P.field(plan, P.WORK));
      done = growth >= 0.0 && growth < GROWTH_LIMIT;
    }
    if (!done && zinverse(m, block, pivots, inverse) != 0) return i + 1;
    let inverseSize = 0.0;
    for (let k = 0; k < m * m; k++) inverseSize = max(inverseSize, magnitude(P.z(inverse, k)));
    const growth = size * inverseSize * <f64>m;
    if (growth > worst) {
      worst = growth;
      worstBlock = i;
    }
    if (!(growth < 1e13)) return i + 1;
  }
  store<f64>(statistics, worst, 16);
  store<f64>(statistics, <f64>worstBlock, 24);
  return 0;
}

/**
 * y (rows of block `rowBlock`) -= A(rowBlock, columnBlock) x for one of the two off-diagonal parts
 * of the rows.
 */
export function subtractHopping(plan: usize, rowBlock: i32, fromLower: bool, x: usize, columnFirst: i32, y: usize, columns: i32): void {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const first = P.at(starts, rowBlock);
  const m = P.at(starts, rowBlock + 1) - first;
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.A_VALUES);
  for (let r = 0; r < m; r++) {
    const from = fromLower ? P.at(rowStart, first + r) : P.at(upper, first + r);
    const to = fromLower ? P.at(inner, first + r) : P.at(rowStart, first + r + 1);
    for (let k = from; k < to; k++)
      axpySubtract(columns, load<f64>(P.z(a, k)), load<f64>(P.z(a, k), 8), P.z(x, (P.at(column, k) - columnFirst) * columns), P.z(y, r * columns));
  }
}

/**
 * b <- A^-1 b, n x columns. b is zero before block `first`, and the result is only needed from
 * block `last` on.
 */
export function solveThin(plan: usize, b: usize, columns: i32, first: i32, last: i32): void {
  const blocks = P.field(plan, P.BLOCKS);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const offsets = <usize>P.field(plan, P.INVERSE_OFFSET);
  const inverses = <usize>P.field(plan, P.INVERSES);
  const slice = <usize>P.field(plan, P.SLICE);
  for (let i = first; i < blocks; i++) {
    const start = P.at(starts, i);
    const m = P.at(starts, i + 1) - start;
    const part = P.z(b, start * columns);
    if (i > first) {
      const before = P.at(starts, i - 1);
      subtractHopping(plan, i, true, P.z(b, before * columns), before, part, columns);
    }
    zgemm(m, columns, m, P.z(inverses, P.at(offsets, i)), m, 1, part, columns, slice, columns, SET, false, false);
    memory.copy(part, slice, <usize>(m * columns) << 4);
  }
  for (let i = blocks - 2; i >= last; i--) {
    const start = P.at(starts, i);
    const after = P.at(starts, i + 1);
    const m = after - start;
    memory.fill(slice, 0, <usize>(m * columns) << 4);
    subtractHopping(plan, i, false, P.z(b, after * columns), after, slice, columns);
    zgemm(m, columns, m, P.z(inverses, P.at(offsets, i)), m, 1, slice, columns, P.z(b, start * columns), columns, ADD, false, false);
  }
}

/** The block that contains a position. */
export function blockOf(plan: usize, position: i32): i32 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  let low = 0;
  let high = P.field(plan, P.BLOCKS) - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (P.at(starts, middle) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** r <- r - A x, n x columns. */
export function subtractProduct(plan: usize, x: usize, r: usize, columns: i32): void {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.A_VALUES);
  for (let row = 0; row < n; row++)
    for (let k = P.at(rowStart, row); k < P.at(rowStart, row + 1); k++)
      axpySubtract(columns, load<f64>(P.z(a, k)), load<f64>(P.z(a, k), 8), P.z(x, P.at(column, k) * columns), P.z(r, row * columns));
}

/** Largest |re| + |im| in a list. */
export function largest(values: usize, count: i32): f64 {
  let size = 0.0;
  for (let k = 0; k < count; k++) {
    const next = magnitude(P.z(values, k));
    if (!(next <= size)) size = next;
  }
  return size;
}
