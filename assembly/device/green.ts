// Tr[Lambda G(z)] of all directions at one complex energy, at about the cost of one more
// factorisation. There are two methods; which one is used is decided when the device is laid out:
// - Selected inversion computes G only on the pattern of A, block by block backwards through the
//   factors (D_i are the Schur complements). It takes 16 m^3 flops per slice (12 m^3 if A = A^T).
//
//     G_i,i+1 = -D_i^-1 A_i,i+1 G_i+1,i+1,   G_ii = D_i^-1 - G_i,i+1 A_i+1,i D_i^-1
//
// - If the support of all Lambda is small, the columns of G on it are computed. They take 16 m^2
//   flops per slice and column.
//
// The file also computes h(z) of the antisymmetric friction of the filled sea, from G and dG/dz on
// the support, with two thin solves per row of the support. The recursion is that of Takahashi,
// Fagan and Chen (1973), as used for block-tridiagonal Green's functions in transport.
import { SET, SUBTRACT, zgemm } from "../linear-algebra/gemm";
import { axpySubtract } from "../linear-algebra/dense";
import { assemble, blockOf, factorise, solveThin } from "./factor";
import { subtractDerivative } from "./scatter";
import * as P from "./plan";

/** Stores G_ii (m x m at `own`) on the pattern. */
function keepDiagonal(plan: usize, i: i32, own: usize): void {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const start = P.at(starts, i);
  const m = P.at(starts, i + 1) - start;
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const green = <usize>P.field(plan, P.GREEN);
  for (let r = 0; r < m; r++)
    for (let k = P.at(inner, start + r); k < P.at(upper, start + r); k++)
      memory.copy(P.z(green, k), P.z(own, r * m + P.at(column, k) - start), 16);
}

/** Computes G on the pattern of A from block `last` on. The factors must exist. */
function selectedInverse(plan: usize, last: i32): void {
  const blocks = P.field(plan, P.BLOCKS);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const inner = <usize>P.field(plan, P.DIAGONAL_START);
  const upper = <usize>P.field(plan, P.UPPER_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.A_VALUES);
  const green = <usize>P.field(plan, P.GREEN);
  const symmetric = P.field(plan, P.SYMMETRIC) != 0;
  const square = P.field(plan, P.WIDEST) * P.field(plan, P.WIDEST);
  let own = <usize>P.field(plan, P.SQUARES);
  let before = P.z(own, square);
  const product = P.z(before, square);
  const mixed = <usize>P.field(plan, P.BLOCK);
  const inverses = <usize>P.field(plan, P.INVERSES);
  const offsets = <usize>P.field(plan, P.INVERSE_OFFSET);
  const mLast = P.at(starts, blocks) - P.at(starts, blocks - 1);
  memory.copy(own, P.z(inverses, P.at(offsets, blocks - 1)), <usize>(mLast * mLast) << 4);
  keepDiagonal(plan, blocks - 1, own);
  for (let i = blocks - 2; i >= last; i--) {
    const start = P.at(starts, i);
    const after = P.at(starts, i + 1);
    const m = after - start;
    const mAfter = P.at(starts, i + 2) - after;
    const inverse = P.z(inverses, P.at(offsets, i));
    // product = -A_i,i+1 G_i+1,i+1 and mixed = G_i,i+1.
    memory.fill(product, 0, <usize>(m * mAfter) << 4);
    for (let r = 0; r < m; r++)
      for (let k = P.at(upper, start + r); k < P.at(rowStart, start + r + 1); k++)
        axpySubtract(mAfter, load<f64>(P.z(a, k)), load<f64>(P.z(a, k), 8), P.z(own, (P.at(column, k) - after) * mAfter), P.z(product, r * mAfter));
    zgemm(m, mAfter, m, inverse, m, 1, product, mAfter, mixed, mAfter, SET, false, false);
    for (let r = 0; r < m; r++)
      for (let k = P.at(upper, start + r); k < P.at(rowStart, start + r + 1); k++)
        memory.copy(P.z(green, k), P.z(mixed, r * mAfter + P.at(column, k) - after), 16);
    // product = A_i+1,i D_i^-1 and G_ii = D_i^-1 - G_i,i+1 product.
    memory.fill(product, 0, <usize>(mAfter * m) << 4);
    for (let r = 0; r < mAfter; r++)
      for (let k = P.at(rowStart, after + r); k < P.at(inner, after + r); k++)
        axpySubtract(m, -load<f64>(P.z(a, k)), -load<f64>(P.z(a, k), 8), P.z(inverse, (P.at(column, k) - start) * m), P.z(product, r * m));
    for (let r = 0; r < mAfter; r++)
      for (let k = P.at(rowStart, after + r); k < P.at(inner, after + r); k++) {
        const c = P.at(column, k) - start;
        // One element of G_i+1,i = -G_i+1,i+1 A_i+1,i D_i^-1.
        if (symmetric) memory.copy(P.z(green, k), P.z(mixed, c * mAfter + r), 16);
        else {
          zgemm(1, 1, mAfter, P.z(own, r * mAfter), mAfter, 1, P.z(product, c), m, P.z(green, k), 1, SET, false, false);
          store<f64>(P.z(green, k), -load<f64>(P.z(green, k)));
          store<f64>(P.z(green, k), -load<f64>(P.z(green, k), 8), 8);
        }
      }
    memory.copy(before, inverse, <usize>(m * m) << 4);
    zgemm(m, m, mAfter, mixed, mAfter, 1, product, m, before, m, SUBTRACT, false, symmetric);
    if (symmetric)
      for (let r = 0; r < m; r++)
        for (let c = 0; c < r; c++) memory.copy(P.z(before, c * m + r), P.z(before, r * m + c), 16);
    const swap = own;
    own = before;
    before = swap;
    keepDiagonal(plan, i, own);
  }
}

/** Computes the columns of G on the support, n x support. */
function supportColumns(plan: usize): void {
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const green = <usize>P.field(plan, P.GREEN);
  memory.fill(green, 0, <usize>(P.field(plan, P.N) * support) << 4);
  for (let c = 0; c < support; c++) store<f64>(P.z(green, P.at(list, c) * support + c), 1.0);
  const first = blockOf(plan, P.at(list, 0));
  solveThin(plan, green, support, first, first);
}

/**
 * Writes Tr[Lambda_nu G(z)] per direction to TRACES. Returns 0, or block + 1 as zscatter does. The
 * lead records must hold Sigma(z).
 */
export function ztraces(plan: usize, energyRe: f64, energyIm: f64): i32 {
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const traces = <usize>P.field(plan, P.TRACES);
  const directions = P.field(plan, P.DIRECTIONS);
  memory.fill(traces, 0, <usize>directions << 4);
  if (support == 0) return 0;
  assemble(plan, energyRe, energyIm, false, 0.0);
  const status = factorise(plan);
  if (status != 0) return status;
  const selected = P.field(plan, P.SELECTED) != 0;
  if (selected) selectedInverse(plan, blockOf(plan, P.at(list, 0)));
  else supportColumns(plan);
  const green = <usize>P.field(plan, P.GREEN);
  for (let nu = 0; nu < directions; nu++) {
    const direction = P.direction(plan, nu);
    const starts = <usize>P.at(direction, 2);
    const columns = <usize>P.at(direction, 3);
    const values = <usize>P.at(direction, 4);
    const slots = <usize>P.at(direction, 5);
    const places = <usize>P.at(direction, 6);
    let re = 0.0;
    let im = 0.0;
    for (let r = 0; r < P.at(direction, 0); r++)
      for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++) {
        // On the pattern Lambda_cr = conj(Lambda_rc) is multiplied by G_rc; with columns Lambda_rc
        // is multiplied by G_cr of column r.
        const g = selected ? P.z(green, P.at(slots, k)) : P.z(green, P.at(columns, k) * support + P.at(places, r));
        const lr = load<f64>(P.z(values, k));
        const li = selected ? -load<f64>(P.z(values, k), 8) : load<f64>(P.z(values, k), 8);
        re += lr * load<f64>(g) - li * load<f64>(g, 8);
        im += lr * load<f64>(g, 8) + li * load<f64>(g);
      }
    store<f64>(P.z(traces, nu), re);
    store<f64>(P.z(traces, nu), im, 8);
  }
  return 0;
}

/** out (support x support) = Lambda_nu g, where g has the rows and columns of the support. */
function applyOnSupport(plan: usize, nu: i32, g: usize, out: usize): void {
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const direction = P.direction(plan, nu);
  const starts = <usize>P.at(direction, 2);
  const columns = <usize>P.at(direction, 3);
  const values = <usize>P.at(direction, 4);
  const places = <usize>P.at(direction, 6);
  memory.fill(out, 0, <usize>(support * support) << 4);
  for (let r = 0; r < P.at(direction, 0); r++)
    for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++) {
      // The support is ascending, so that the column's place is found by bisection.
      let low = 0;
      let high = support - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (P.at(list, middle) < P.at(columns, k)) low = middle + 1;
        else high = middle;
      }
      axpySubtract(support, -load<f64>(P.z(values, k)), -load<f64>(P.z(values, k), 8), P.z(g, low * support), P.z(out, P.at(places, r) * support));
    }
}

/** Adds factor Tr[a b] of two support x support matrices to the number at `out`. */
function addTrace(size: i32, a: usize, b: usize, factor: f64, out: usize): void {
  let re = 0.0;
  let im = 0.0;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      const x = P.z(a, i * size + j);
      const y = P.z(b, j * size + i);
      re += load<f64>(x) * load<f64>(y) - load<f64>(x, 8) * load<f64>(y, 8);
      im += load<f64>(x) * load<f64>(y, 8) + load<f64>(x, 8) * load<f64>(y);
    }
  store<f64>(out, load<f64>(out) + factor * re);
  store<f64>(out, load<f64>(out, 8) + factor * im, 8);
}

/**
 * Writes h(z) = (Tr[L G' L' G] - Tr[L G L G']) / 2 per pair of directions, in the order (0,1),
 * (0,2), ..., to `out`. `work` holds two thin blocks of n x `width` numbers, then 2
 * (directions + 1) squares of the support. The lead records must hold Sigma(z) and its derivative.
 */
export function zcurl(plan: usize, energyRe: f64, energyIm: f64, work: usize, width: i32, out: usize): i32 {
  const n = P.field(plan, P.N);
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const directions = P.field(plan, P.DIRECTIONS);
  memory.fill(out, 0, <usize>(directions * (directions - 1) / 2) << 4);
  if (support == 0) return 0;
  assemble(plan, energyRe, energyIm, false, 0.0);
  const status = factorise(plan);
  if (status != 0) return status;
  const x = work;
  const slope = P.z(x, n * width);
  const square = support * support;
  const g = P.z(slope, n * width);
  const dG = P.z(g, square);
  const products = P.z(dG, square);
  const first = blockOf(plan, P.at(list, 0));
  for (let from = 0; from < support; from += width) {
    const columns = min(width, support - from);
    memory.fill(x, 0, <usize>(n * columns) << 4);
    for (let c = 0; c < columns; c++) store<f64>(P.z(x, P.at(list, from + c) * columns + c), 1.0);
    solveThin(plan, x, columns, blockOf(plan, P.at(list, from)), 0);
    // dG/dz e = -G (1 - Sigma') G e.
    memory.fill(slope, 0, <usize>(n * columns) << 4);
    subtractDerivative(plan, columns, x, slope);
    solveThin(plan, slope, columns, 0, first);
    for (let r = 0; r < support; r++) {
      const row = P.at(list, r) * columns;
      memory.copy(P.z(g, r * support + from), P.z(x, row), <usize>columns << 4);
      memory.copy(P.z(dG, r * support + from), P.z(slope, row), <usize>columns << 4);
    }
  }
  for (let nu = 0; nu < directions; nu++) {
    applyOnSupport(plan, nu, g, P.z(products, 2 * nu * square));
    applyOnSupport(plan, nu, dG, P.z(products, (2 * nu + 1) * square));
  }
  let pair = 0;
  for (let nu = 0; nu < directions; nu++)
    for (let mu = nu + 1; mu < directions; mu++, pair++) {
      const own = P.z(products, 2 * nu * square);
      const other = P.z(products, 2 * mu * square);
      addTrace(support, P.z(own, square), other, 0.5, P.z(out, pair));
      addTrace(support, own, P.z(other, square), -0.5, P.z(out, pair));
    }
  return 0;
}
