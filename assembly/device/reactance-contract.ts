// The quantities beside S of a point by the reactance method (reactance.ts). They are formed from
// X, B and T = X^+ Lambda X, without psi inside the device:
//     K = 2 pi B^+ T B,   dS/dX = -2 pi i B T B,
//     S' = -2 pi i [W'^+ psi + B (X^+ W' + X^+ Sigma' psi - X^+ X B)],
// where X^+ W' and X^+ Sigma' psi only involve the leads' orbitals. T is Hermitian, and symmetric
// if all matrices are real (E is the kind of the numbers, elements.ts). In the real case
//     S' = -2 pi i [W'^T psi + psi^T W' + psi^T Sigma' psi - psi^T psi].
import { axpySubtract } from "../linear-algebra/dense";
import { daxpy, dgemm } from "../linear-algebra/dgemm";
import { addTimes, at, bytes, Complex, gemm, isComplex, Real } from "../linear-algebra/elements";
import { ADD, SET, zgemm } from "../linear-algebra/gemm";
import { mirrorLower } from "../linear-algebra/hermitian-inverse";
import { mirrorAdjoint, mirrorTransposed, TWO_PI, timesMinusTwoPiI } from "./channel-matrices";
import * as P from "./plan";

/**
 * Number of rows of X that `overlap` takes at a time, such that they and Lambda X fit into the
 * nearest cache. It is larger if the result itself fills the cache.
 */
// @ts-ignore: decorator
@inline
function rowsAtOnce(channels: i32): i32 {
  return channels > 48 ? 256 : 128;
}

/** out (channels x channels, both halves) = x^+ x, where x is rows x channels. */
export function gram<E>(rows: i32, channels: i32, x: usize, out: usize): void {
  const piece = rowsAtOnce(channels);
  for (let from = 0; from < rows; from += piece) {
    const own = at<E>(x, from * channels);
    gemm<E>(channels, channels, min(piece, rows - from), own, 1, channels, own, channels, out, channels, from == 0 ? SET : ADD, true, true);
  }
  mirrorLower<E>(channels, out, bytes<E>(channels));
}

/** out (channels x channels, lower half) += X^+ X of the rows of a list. */
function addGramOf<E>(plan: usize, list: usize, rows: i32, channels: i32, out: usize): void {
  const x = <usize>P.field(plan, P.X);
  const gathered = <usize>P.field(plan, P.GATHERED);
  const piece = rowsAtOnce(channels);
  for (let from = 0; from < rows; from += piece) {
    const count = min(piece, rows - from);
    const own = rowsOf<E>(x, list + (<usize>from << 2), count, channels, gathered);
    gemm<E>(channels, channels, count, own, 1, channels, own, channels, out, channels, ADD, true, true);
  }
}

/** Rows of x, one below the other. Adjacent ones are read in place. */
// @ts-ignore: decorator
@inline
function rowsOf<E>(x: usize, list: usize, count: i32, channels: i32, gathered: usize): usize {
  if (P.at(list, count - 1) - P.at(list, 0) == count - 1) return at<E>(x, P.at(list, 0) * channels);
  for (let r = 0; r < count; r++) memory.copy(at<E>(gathered, r * channels), at<E>(x, P.at(list, r) * channels), bytes<E>(channels));
  return gathered;
}

/** True if a diagonal Lambda is a number on its rows, as that of a gate often is. */
function isUniform(direction: usize): bool {
  const values = <usize>P.at(direction, 4);
  const count = P.at(<usize>P.at(direction, 2), P.at(direction, 0));
  if (count != P.at(direction, 0)) return false;
  const first = count > 0 ? load<f64>(values) : 0.0;
  for (let k = 0; k < count; k++) if (load<f64>(P.z(values, k)) != first || load<f64>(P.z(values, k), 8) != 0.0) return false;
  return true;
}

/**
 * X^+ X in the place of g, both halves. Where every Lambda is a number on rows of its own and T will
 * be formed from X, it is summed from the parts of all directions and that of the other rows, and the
 * parts are kept.
 */
export function innerProducts<E>(plan: usize, channels: i32): void {
  const t = <usize>P.field(plan, P.REACTANCE);
  const x = <usize>P.field(plan, P.X);
  const n = P.field(plan, P.N);
  const directions = P.field(plan, P.DIRECTIONS);
  let shared = directions > 0 && P.field(plan, P.LOCAL) != 0 && pays(plan, channels, false, isComplex<E>());
  for (let nu = 0; shared && nu < directions; nu++) shared = isUniform(P.direction(plan, nu));
  store<i32>(plan + (<usize>P.PARTS << 2), shared ? 1 : 0);
  if (!shared) {
    gram<E>(n, channels, x, t);
    return;
  }
  const square = channels * channels;
  memory.fill(t, 0, bytes<E>(square));
  for (let nu = 0; nu < directions; nu++) {
    const direction = P.direction(plan, nu);
    const part = P.z(<usize>P.field(plan, P.K), nu * square);
    memory.fill(part, 0, bytes<E>(square));
    addGramOf<E>(plan, <usize>P.at(direction, 1), P.at(direction, 0), channels, part);
    addTimes<E>(square, 1.0, part, t);
  }
  // The rows that no direction touches lie between those of the support.
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const support = P.field(plan, P.SUPPORT);
  let from = 0;
  for (let k = 0; k <= support; k++) {
    const after = k < support ? P.at(list, k) : n;
    const piece = rowsAtOnce(channels);
    for (; from < after; from += piece) {
      const own = at<E>(x, from * channels);
      gemm<E>(channels, channels, min(piece, after - from), own, 1, channels, own, channels, t, channels, ADD, true, true);
    }
    from = after + 1;
  }
  mirrorLower<E>(channels, t, bytes<E>(channels));
}

/** T (channels x channels, both halves) = X^+ Lambda X of one direction. */
function overlap<E>(plan: usize, direction: usize, channels: i32, out: usize): void {
  const x = <usize>P.field(plan, P.X);
  const gathered = <usize>P.field(plan, P.GATHERED);
  const rows = P.at(direction, 0);
  const piece = rowsAtOnce(channels);
  if (rows == 0) memory.fill(out, 0, bytes<E>(channels * channels));
  for (let from = 0; from < rows; from += piece) {
    const count = min(piece, rows - from);
    const list = <usize>P.at(direction, 1) + (<usize>from << 2);
    const starts = <usize>P.at(direction, 2) + (<usize>from << 2);
    const columns = <usize>P.at(direction, 3);
    const values = <usize>P.at(direction, 4);
    const product = at<E>(gathered, count * channels);
    memory.fill(product, 0, bytes<E>(count * channels));
    for (let r = 0; r < count; r++)
      for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++) {
        const source = at<E>(x, P.at(columns, k) * channels);
        const target = at<E>(product, r * channels);
        const re = load<f64>(P.z(values, k));
        if (!isComplex<E>()) daxpy(channels, re, source, target);
        else axpySubtract(channels, -re, -load<f64>(P.z(values, k), 8), source, target);
      }
    const own = rowsOf<E>(x, list, count, channels, gathered);
    gemm<E>(channels, channels, count, own, 1, channels, product, channels, out, channels, from == 0 ? SET : ADD, true, true);
  }
  mirrorLower<E>(channels, out, bytes<E>(channels));
}

/** out = T B, channels x channels complex. */
// @ts-ignore: decorator
@inline
export function timesB<E>(plan: usize, channels: i32, t: usize, out: usize): void {
  const b = <usize>P.field(plan, P.B);
  if (isComplex<E>()) zgemm(channels, channels, channels, t, channels, 1, b, channels, out, channels, SET, false, false);
  else dgemm(channels, channels << 1, channels, t, channels, 1, b, channels << 1, out, channels << 1, SET, false);
}

/** out = 2 pi B^+ T B (K, with `adjoint`), or -2 pi i B T B (dS). */
function sandwich<E>(plan: usize, nu: i32, channels: i32, adjoint: bool, out: usize): void {
  const t = <usize>P.field(plan, P.REACTANCE);
  const direction = P.direction(plan, nu);
  if (P.field(plan, P.PARTS) != 0) {
    const square = channels * channels;
    memory.fill(t, 0, bytes<E>(square));
    const factor = P.at(direction, 0) > 0 ? load<f64>(<usize>P.at(direction, 4)) : 0.0;
    addTimes<E>(square, factor, P.z(<usize>P.field(plan, P.K), nu * square), t);
    mirrorLower<E>(channels, t, bytes<E>(channels));
  } else overlap<E>(plan, direction, channels, t);
  const b = <usize>P.field(plan, P.B);
  const product = <usize>P.field(plan, P.OVERLAP);
  timesB<E>(plan, channels, t, product);
  if (adjoint) {
    zgemm(channels, channels, channels, b, 1, channels, product, channels, out, channels, SET, true, true);
    for (let a = 0; a < channels; a++)
      for (let c = 0; c <= a; c++) {
        const entry = P.z(out, a * channels + c);
        store<f64>(entry, TWO_PI * load<f64>(entry));
        store<f64>(entry, TWO_PI * load<f64>(entry, 8), 8);
      }
    mirrorAdjoint(channels, out);
  } else if (isComplex<E>()) {
    zgemm(channels, channels, channels, b, channels, 1, product, channels, out, channels, SET, false, false);
    for (let k = 0; k < channels * channels; k++) timesMinusTwoPiI(P.z(out, k));
  } else {
    // B and B T B are symmetric.
    zgemm(channels, channels, channels, b, 1, channels, product, channels, out, channels, SET, false, true);
    for (let a = 0; a < channels; a++) for (let c = 0; c <= a; c++) timesMinusTwoPiI(P.z(out, a * channels + c));
    mirrorTransposed(channels, out);
  }
}

/** K or dS/dX of one direction from the factors of the last point. */
export function reactanceSandwich(plan: usize, nu: i32, channels: i32, adjoint: bool, out: usize): void {
  if (P.field(plan, P.REAL_FACTORS) == 2) sandwich<Complex>(plan, nu, channels, adjoint, out);
  else sandwich<Real>(plan, nu, channels, adjoint, out);
}

/**
 * True if X^+ Lambda X of all directions costs less than psi on the support and the products with
 * it, for K (with `adjoint`) or for dS/dX.
 */
export function sandwichPays(plan: usize, channels: i32, adjoint: bool): bool {
  return pays(plan, channels, adjoint, P.field(plan, P.REAL_FACTORS) == 2);
}

function pays(plan: usize, channels: i32, adjoint: bool, complex: bool): bool {
  const rows = <i64>P.field(plan, P.DIRECTION_ROWS);
  const support = <i64>P.field(plan, P.SUPPORT);
  const squares = <i64>P.field(plan, P.DIRECTIONS) * channels;
  if (!complex) return rows + 8 * squares < 4 * (rows + support);
  return adjoint ? 3 * squares < 2 * support : 4 * squares < rows + 4 * support;
}

/**
 * S' for a real X. Only psi^T psi extends beyond the leads' orbitals. X^T X stands in the place of g.
 */
export function energyDerivativeReal(plan: usize, channels: i32): void {
  const dS = <usize>P.field(plan, P.D_S);
  const psi = <usize>P.field(plan, P.PSI);
  const b = <usize>P.field(plan, P.B);
  const t = <usize>P.field(plan, P.REACTANCE);
  const product = <usize>P.field(plan, P.OVERLAP);
  const square = channels * channels;
  timesB<Real>(plan, channels, t, product);
  zgemm(channels, channels, channels, b, 1, channels, product, channels, dS, channels, SET, false, false);
  for (let k = 0; k < square * 2; k++) store<f64>(dS + (<usize>k << 3), -load<f64>(dS + (<usize>k << 3)));
  const own = <usize>P.field(plan, P.SLICE);
  const change = <usize>P.field(plan, P.GATHERED);
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const dW = <usize>P.at(lead, 6);
    gatherLead(lead, psi, channels, own);
    leadChange(lead, first, channels, own, change);
    zgemm(channels, channels, size, own, 1, channels, change, channels, dS, channels, ADD, false, false);
    zgemm(open, channels, size, dW, 1, open, own, channels, P.z(dS, first * channels), channels, ADD, false, false);
    first += open;
  }
  for (let k = 0; k < square; k++) timesMinusTwoPiI(P.z(dS, k));
}

/**
 * S' for a complex X. Only X^+ X extends beyond the leads' orbitals. It stands in the place of g.
 */
export function energyDerivativeHermitian(plan: usize, channels: i32): void {
  const dS = <usize>P.field(plan, P.D_S);
  const psi = <usize>P.field(plan, P.PSI);
  const x = <usize>P.field(plan, P.X);
  const b = <usize>P.field(plan, P.B);
  const t = <usize>P.field(plan, P.REACTANCE);
  const inner = <usize>P.field(plan, P.OVERLAP);
  const square = channels * channels;
  timesB<Complex>(plan, channels, t, inner);
  for (let k = 0; k < square * 2; k++) store<f64>(inner + (<usize>k << 3), -load<f64>(inner + (<usize>k << 3)));
  const own = <usize>P.field(plan, P.SLICE);
  const change = <usize>P.field(plan, P.GATHERED);
  memory.fill(dS, 0, bytes<Complex>(square));
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    gatherLead(lead, psi, channels, own);
    leadChange(lead, first, channels, own, change);
    zgemm(open, channels, size, <usize>P.at(lead, 6), 1, open, own, channels, P.z(dS, first * channels), channels, ADD, true, false);
    gatherLead(lead, x, channels, own);
    zgemm(channels, channels, size, own, 1, channels, change, channels, inner, channels, ADD, true, false);
    first += open;
  }
  zgemm(channels, channels, channels, b, channels, 1, inner, channels, dS, channels, ADD, false, false);
  for (let k = 0; k < square; k++) timesMinusTwoPiI(P.z(dS, k));
}

/** Copies the rows of a lead's orbitals (complex) one below the other. */
// @ts-ignore: decorator
@inline
function gatherLead(lead: usize, x: usize, channels: i32, out: usize): void {
  const list = <usize>P.at(lead, 1);
  for (let i = 0; i < P.at(lead, 0); i++) memory.copy(P.z(out, i * channels), P.z(x, P.at(list, i) * channels), <usize>channels << 4);
}

/**
 * change = Sigma' psi + W' on a lead's orbitals, where psi is given. The lead's channels begin at
 * `first`.
 */
function leadChange(lead: usize, first: i32, channels: i32, psi: usize, change: usize): void {
  const size = P.at(lead, 0);
  const open = P.at(lead, P.LEAD_CHANNELS);
  const dW = <usize>P.at(lead, 6);
  zgemm(size, channels, size, <usize>P.at(lead, 4), size, 1, psi, channels, change, channels, SET, false, false);
  for (let i = 0; i < size; i++)
    for (let c = 0; c < open; c++) {
      const target = P.z(change, i * channels + first + c);
      const source = P.z(dW, i * open + c);
      store<f64>(target, load<f64>(target) + load<f64>(source));
      store<f64>(target, load<f64>(target, 8) + load<f64>(source, 8), 8);
    }
}
