// First-order quantities of a point by the reactance method (reactance.ts), psi = X B, without
// complex solves. Where A_r is near a pole X is large and B small. Therefore X is first replaced by
// the bounded Y = X C with psi = Y V, where C C^+ = B B^+ (Cholesky) and V = C^-1 B is unitary. Then
//
//     Y'   = A_r^-1 [W' - W Omega - A_r' X] C,   A_r' = 1 - Sigma_H' + shift pi (W W^+)'
//     Z_nu = A_r^-1 Lambda_nu Y
//     psi' = Y' V + Y V',   V' = C^-1 (B' + Omega B),   B' = (1 + i shift) S' / 2
//     phi_nu = G Lambda_nu psi = Z_nu V + Y F_nu,   F_nu = -(i - shift) pi V C^-+ Q_nu,
//
// with T_nu = Y^+ Lambda_nu Y and Q_nu = T_nu V. Any Omega may be taken out of W'. Only small
// matrices are formed from them. With R_nu = Y^+ Lambda_nu Y' V + T_nu V':
//
//     K_nu = 2 pi V^+ Q_nu,   P_nu = 2 pi V^+ R_nu
//
// Z_nu and phi_nu serve the pairs of directions (reactance-pairs.ts).
//
// Without a magnetic field Y and its derivatives are real, and each solve takes a quarter of the
// work of a complex one.
import { axpySubtract } from "../linear-algebra/dense";
import { daxpy, shortSquares } from "../linear-algebra/dgemm";
import { at, bytes, Complex, conjugate, gemm, isComplex, Real, squaresOf, subtractRow } from "../linear-algebra/elements";
import { ADD, SET, SUBTRACT, zgemm } from "../linear-algebra/gemm";
import { mirrorLower } from "../linear-algebra/hermitian-inverse";
import { mirrorAdjoint, TWO_PI } from "./channel-matrices";
import { hermitianValues } from "./factor";
import * as P from "./plan";
import { PI } from "./reactance";
import { solveDown, solveUp } from "./reactance-factor";

/** Largest accepted relative residual. */
export const LARGEST: f64 = 1e-10;
/**
 * P and the antisymmetric friction lose digits like the square of the loss. LOSS times this square
 * may be as large as the residual that is allowed.
 */
const LOSS: f64 = 1e-17;
/** If the estimate of the next residual is below this number, the residual is not measured. */
const SURE: f64 = 2e-17;
/** The value that stands for a residual that is not measured. */
const ROUNDING: f64 = 1e-16;
/** Number of rows of a thin product that stay in the nearest cache. */
export const PIECE: i32 = 128;

/** Number of directions whose columns are solved at once; two real columns take one complex place. */
// @ts-ignore: decorator
@inline
export function together<T>(): i32 {
  return isComplex<T>() ? 1 : 2;
}

/** Whether the small matrices of all pairs cost less than what the real solves save. */
function fewDirections(plan: usize, channels: i32): bool {
  const others = <i64>P.field(plan, P.DIRECTIONS) - 1;
  return others * channels * channels <= 16 * <i64>P.field(plan, P.N);
}

/** True if W' of every lead is real. */
function realSlopes(plan: usize): bool {
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const count = P.at(lead, 0) * P.at(lead, P.LEAD_CHANNELS);
    const slope = <usize>P.at(lead, 6);
    for (let k = 0; k < count; k++) if (load<f64>(P.z(slope, k), 8) != 0.0) return false;
  }
  return true;
}

/** out (rows x channels) = Lambda x on the rows of a direction, where x has all orbitals. */
export function applyLambda<T>(direction: usize, from: i32, count: i32, x: usize, channels: i32, out: usize): void {
  const starts = <usize>P.at(direction, 2);
  const list = <usize>P.at(direction, 3);
  const values = <usize>P.at(direction, 4);
  memory.fill(out, 0, bytes<T>(count * channels));
  for (let r = 0; r < count; r++) {
    const target = at<T>(out, r * channels);
    for (let k = P.at(starts, from + r); k < P.at(starts, from + r + 1); k++) {
      const source = at<T>(x, P.at(list, k) * channels);
      const re = load<f64>(P.z(values, k));
      if (!isComplex<T>()) daxpy(channels, re, source, target);
      else axpySubtract(channels, -re, -load<f64>(P.z(values, k), 8), source, target);
    }
  }
}

/**
 * The rows of x whose numbers stand in a list from its address on: in place if they are adjacent,
 * else one below the other at `gathered`.
 */
export function rowsOf<T>(list: usize, count: i32, x: usize, columns: i32, gathered: usize): usize {
  const first = P.at(list, 0);
  if (P.at(list, count - 1) - first == count - 1) return at<T>(x, first * columns);
  for (let r = 0; r < count; r++) memory.copy(at<T>(gathered, r * columns), at<T>(x, P.at(list, r) * columns), bytes<T>(columns));
  return gathered;
}

/** r = b - A_r x. Returns the largest relative size of a block of `channels` columns. */
function residual<T>(plan: usize, channels: i32, blocks: i32, b: usize, x: usize, r: usize, scaleA: f64): f64 {
  const n = P.field(plan, P.N);
  const width = channels * blocks;
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  const length = isComplex<T>() ? channels << 1 : channels;
  for (let row = 0; row < n; row++)
    subtractRow<T>(width, P.at(rowStart, row), P.at(rowStart, row + 1), a, column, x, width, at<T>(b, row * width), at<T>(r, row * width));
  let most = 0.0;
  for (let block = 0; block < blocks; block++) {
    let defect = 0.0;
    let size = 0.0;
    let given = 0.0;
    for (let row = 0; row < n; row++) {
      const place = row * width + block * channels;
      defect += shortSquares(at<T>(r, place), length);
      size += shortSquares(at<T>(x, place), length);
      given += shortSquares(at<T>(b, place), length);
    }
    // A column of zeros has no residual.
    if (given > 0.0 || !(defect == 0.0)) most = max(most, Math.sqrt(defect) / (Math.sqrt(given) + scaleA * Math.sqrt(size)));
  }
  return most;
}

/**
 * x <- A_r^-1 b for `blocks` times `channels` columns, refined until the relative residual, times
 * the loss of digits of the point, is as small as the caller of the point has asked for. Returns
 * the residual, and notes the largest one of the point.
 */
export function solveRefined<T>(plan: usize, channels: i32, blocks: i32, b: usize, x: usize): f64 {
  const n = P.field(plan, P.N);
  const width = channels * blocks;
  const r = <usize>P.field(plan, P.THIN);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  const scaleA = Math.sqrt(squaresOf<T>(hermitianValues<T>(plan), entries) / <f64>n);
  const statistics = <usize>P.field(plan, P.STATISTICS);
  const allowed = load<f64>(statistics, 96) / load<f64>(statistics, 32);
  memory.copy(x, b, bytes<T>(n * width));
  solveDown<T>(plan, x, width);
  solveUp<T>(plan, x, width, 0);
  let defect = residual<T>(plan, channels, blocks, b, x, r, scaleA);
  for (let round = 0; round < 3 && !(defect < allowed); round++) {
    solveDown<T>(plan, r, width);
    solveUp<T>(plan, r, width, x);
    if (defect * defect < SURE) {
      defect = ROUNDING;
      break;
    }
    const next = residual<T>(plan, channels, blocks, b, x, r, scaleA);
    if (!(next < defect)) break;
    defect = next;
  }
  store<f64>(statistics, max(load<f64>(statistics, 88), defect), 88);
  return defect;
}

/**
 * omega (channels x channels) = what of W' is in the columns of W, lead by lead. Next to a crossing of
 * modes and to a band edge that is nearly all of W'.
 */
function alongVectors<T>(plan: usize, channels: i32, omega: usize): void {
  memory.fill(omega, 0, bytes<T>(channels * channels));
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const w = <usize>P.at(lead, 5);
    const slope = <usize>P.at(lead, 6);
    for (let i = 0; i < open; i++) {
      let norm = 0.0;
      for (let r = 0; r < size; r++) norm += real(P.z(w, r * open + i), P.z(w, r * open + i));
      if (!(norm > 0.0)) continue;
      for (let j = 0; j < open; j++) {
        let re = 0.0;
        let im = 0.0;
        for (let r = 0; r < size; r++) {
          re += real(P.z(w, r * open + i), P.z(slope, r * open + j));
          im += imaginary(P.z(w, r * open + i), P.z(slope, r * open + j));
        }
        const entry = at<T>(omega, (first + i) * channels + first + j);
        store<f64>(entry, re / norm);
        if (isComplex<T>()) store<f64>(entry, im / norm, 8);
      }
    }
    first += open;
  }
}

/** rhs = (W' - W omega) C - Y + (Sigma_H' - shift pi (W W^+)') Y. */
function energyColumns<T>(plan: usize, channels: i32, shift: f64, omega: usize, c: usize, y: usize, rhs: usize): void {
  const count = P.field(plan, P.N) * channels * (isComplex<T>() ? 2 : 1);
  for (let k = 0; k < count; k++) store<f64>(rhs + (<usize>k << 3), -load<f64>(y + (<usize>k << 3)));
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const sigma = <usize>P.at(lead, 4);
    const w = <usize>P.at(lead, 5);
    const slope = <usize>P.at(lead, 6);
    for (let i = 0; i < size; i++) {
      const target = at<T>(rhs, P.at(list, i) * channels);
      for (let j = 0; j < size; j++) {
        const source = at<T>(y, P.at(list, j) * channels);
        const entry = P.z(sigma, i * size + j);
        // The anti-Hermitian part of Sigma' over i is -pi (W W^+)'.
        const mirror = P.z(sigma, j * size + i);
        if (isComplex<T>()) {
          const re = 0.5 * (load<f64>(entry) + load<f64>(mirror) + shift * (load<f64>(entry, 8) + load<f64>(mirror, 8)));
          const im = 0.5 * (load<f64>(entry, 8) - load<f64>(mirror, 8) + shift * (load<f64>(mirror) - load<f64>(entry)));
          axpySubtract(channels, -re, -im, source, target);
        } else daxpy(channels, load<f64>(entry) + shift * load<f64>(entry, 8), source, target);
      }
      for (let k = 0; k < open; k++) {
        let re = load<f64>(P.z(slope, i * open + k));
        let im = load<f64>(P.z(slope, i * open + k), 8);
        for (let e = 0; e < open; e++) {
          const p = P.z(w, i * open + e);
          const q = at<T>(omega, (first + e) * channels + first + k);
          re -= load<f64>(p) * load<f64>(q);
          if (!isComplex<T>()) continue;
          re += load<f64>(p, 8) * load<f64>(q, 8);
          im -= load<f64>(p) * load<f64>(q, 8) + load<f64>(p, 8) * load<f64>(q);
        }
        const row = at<T>(c, (first + k) * channels);
        if (isComplex<T>()) axpySubtract(first + k + 1, -re, -im, row, target);
        else daxpy(first + k + 1, re, row, target);
      }
    }
    first += open;
  }
}

/**
 * c (channels x channels, elements T) <- the lower triangular C with C C^+ = B B^+. Returns false
 * if B is singular to rounding.
 */
function triangle<T>(channels: i32, b: usize, c: usize): bool {
  const length = channels << 1;
  for (let i = 0; i < channels; i++) {
    const row = P.z(b, i * channels);
    for (let j = 0; j <= i; j++) {
      const other = P.z(b, j * channels);
      // The element (i, j) of B B^+, which is real if T is.
      let re = 0.0;
      let im = 0.0;
      for (let k = 0; k < length; k += 2) {
        const p = row + (<usize>k << 3);
        const q = other + (<usize>k << 3);
        re += real(q, p);
        if (isComplex<T>()) im += imaginary(q, p);
      }
      const own = at<T>(c, i * channels);
      const above = at<T>(c, j * channels);
      for (let k = 0; k < j; k++) {
        if (isComplex<T>()) {
          re -= real(at<T>(above, k), at<T>(own, k));
          im -= imaginary(at<T>(above, k), at<T>(own, k));
        } else re -= load<f64>(at<T>(above, k)) * load<f64>(at<T>(own, k));
      }
      if (i == j) {
        if (!(re > 0.0)) return false;
        store<f64>(at<T>(own, i), Math.sqrt(re));
        if (isComplex<T>()) store<f64>(at<T>(own, i), 0.0, 8);
      } else {
        const factor = 1.0 / load<f64>(at<T>(above, j));
        store<f64>(at<T>(own, j), re * factor);
        if (isComplex<T>()) store<f64>(at<T>(own, j), im * factor, 8);
      }
    }
    memory.fill(at<T>(c, i * channels + i + 1), 0, bytes<T>(channels - 1 - i));
  }
  return true;
}

/** b <- C^-1 b, where b is complex, channels x channels. */
function divide<T>(channels: i32, c: usize, b: usize): void {
  for (let i = 0; i < channels; i++) {
    const row = P.z(b, i * channels);
    const own = at<T>(c, i * channels);
    for (let k = 0; k < i; k++) {
      const factor = at<T>(own, k);
      if (isComplex<T>()) axpySubtract(channels, load<f64>(factor), load<f64>(factor, 8), P.z(b, k * channels), row);
      else daxpy(channels << 1, -load<f64>(factor), P.z(b, k * channels), row);
    }
    const scale = 1.0 / load<f64>(at<T>(own, i));
    for (let k = 0; k < channels << 1; k++) store<f64>(row + (<usize>k << 3), scale * load<f64>(row + (<usize>k << 3)));
  }
}

/** out (complex) = t b or, with mode ADD, out + t b; t has the elements T, b is complex. */
// @ts-ignore: decorator
@inline
export function timesComplex<T>(channels: i32, t: usize, b: usize, out: usize, mode: i32): void {
  if (isComplex<T>()) zgemm(channels, channels, channels, t, channels, 1, b, channels, out, channels, mode, false, false);
  else gemm<Real>(channels, channels << 1, channels, t, channels, 1, b, channels << 1, out, channels << 1, mode, false, false);
}

/** out = 2 pi v^+ b; with `hermitian` the product is Hermitian, and half of it is computed. */
function adjointTimes(channels: i32, v: usize, b: usize, out: usize, hermitian: bool): void {
  zgemm(channels, channels, channels, v, 1, channels, b, channels, out, channels, SET, true, hermitian);
  for (let k = 0; k < channels * channels * 2; k++) store<f64>(out + (<usize>k << 3), TWO_PI * load<f64>(out + (<usize>k << 3)));
  if (hermitian) mirrorAdjoint(channels, out);
}

// The small complex matrices that are kept beside P of all directions: V, V', (V C^-+)^+, and Q, F
// and R of each direction.
/** Their number beside P, with the two places in which C is stored. */
// @ts-ignore: decorator
@inline
export function kept(plan: usize, index: i32, channels: i32): usize {
  return P.z(<usize>P.field(plan, P.P), (P.field(plan, P.DIRECTIONS) + index) * channels * channels);
}
export const V: i32 = 0;
export const V_SLOPE: i32 = 1;
export const BACK: i32 = 2;
const TRIANGLE: i32 = 3;
export const FIRST: i32 = 4; // Q, F and R of the first direction
export const EACH: i32 = 3;

/** K_nu, P_nu, Q_nu and R_nu of one direction from Y and its derivative. */
function contract<T>(plan: usize, nu: i32, channels: i32, dY: usize): void {
  const direction = P.direction(plan, nu);
  const y = <usize>P.field(plan, P.X);
  const square = channels * channels;
  const t = <usize>P.field(plan, P.REACTANCE);
  const u = P.z(t, square);
  const gathered = <usize>P.field(plan, P.GATHERED);
  const rows = P.at(direction, 0);
  if (rows == 0) memory.fill(t, 0, <usize>square << 5);
  for (let from = 0; from < rows; from += PIECE) {
    const count = min(PIECE, rows - from);
    const product = at<T>(gathered, count * channels);
    const own = rowsOf<T>(<usize>P.at(direction, 1) + (<usize>from << 2), count, y, channels, gathered);
    const mode = from == 0 ? SET : ADD;
    applyLambda<T>(direction, from, count, y, channels, product);
    gemm<T>(channels, channels, count, own, 1, channels, product, channels, t, channels, mode, true, true);
    applyLambda<T>(direction, from, count, dY, channels, product);
    gemm<T>(channels, channels, count, own, 1, channels, product, channels, u, channels, mode, true, false);
  }
  mirrorLower<T>(channels, t, bytes<T>(channels));
  const v = kept(plan, V, channels);
  const q = kept(plan, FIRST + EACH * nu, channels);
  const r = kept(plan, FIRST + EACH * nu + 2, channels);
  timesComplex<T>(channels, t, v, q, SET);
  timesComplex<T>(channels, u, v, r, SET);
  timesComplex<T>(channels, t, kept(plan, V_SLOPE, channels), r, ADD);
  adjointTimes(channels, v, q, P.z(<usize>P.field(plan, P.K), nu * square), true);
  adjointTimes(channels, v, r, P.z(<usize>P.field(plan, P.P), nu * square), false);
}

/** The bounded Y in the place of X, and the small matrices that belong to it. */
function bound<T>(plan: usize, channels: i32, shift: f64, omega: usize): bool {
  const b = <usize>P.field(plan, P.B);
  const dS = <usize>P.field(plan, P.D_S);
  const c = kept(plan, TRIANGLE, channels);
  const v = kept(plan, V, channels);
  const dV = kept(plan, V_SLOPE, channels);
  const back = kept(plan, BACK, channels);
  if (!triangle<T>(channels, b, c)) return false;
  const square = channels * channels;
  memory.copy(v, b, <usize>square << 4);
  for (let k = 0; k < square; k++) {
    const re = 0.5 * load<f64>(P.z(dS, k));
    const im = 0.5 * load<f64>(P.z(dS, k), 8);
    store<f64>(P.z(dV, k), re - shift * im);
    store<f64>(P.z(dV, k), im + shift * re, 8);
  }
  alongVectors<T>(plan, channels, omega);
  timesComplex<T>(channels, omega, b, dV, ADD);
  divide<T>(channels, c, v);
  divide<T>(channels, c, dV);
  for (let i = 0; i < channels; i++)
    for (let j = 0; j < channels; j++) conjugate<Complex>(P.z(v, i * channels + j), P.z(back, j * channels + i));
  divide<T>(channels, c, back);
  const n = P.field(plan, P.N);
  const x = <usize>P.field(plan, P.X);
  const product = <usize>P.field(plan, P.THIN);
  gemm<T>(n, channels, channels, x, channels, 1, c, channels, product, channels, SET, false, false);
  memory.copy(x, product, bytes<T>(n * channels));
  return true;
}

function firstOrder<T>(plan: usize, channels: i32): bool {
  const statistics = <usize>P.field(plan, P.STATISTICS);
  const shift = load<f64>(statistics, 48);
  const rhs = <usize>P.field(plan, P.GATHERED);
  // psi on the leads' orbitals is not needed any more.
  const dY = <usize>P.field(plan, P.PSI);
  const omega = <usize>P.field(plan, P.REACTANCE);
  if (!bound<T>(plan, channels, shift, omega)) return false;
  energyColumns<T>(plan, channels, shift, omega, kept(plan, TRIANGLE, channels), <usize>P.field(plan, P.X), rhs);
  if (!(solveRefined<T>(plan, channels, 1, rhs, dY) < LARGEST)) return false;
  for (let nu = 0; nu < P.field(plan, P.DIRECTIONS); nu++) contract<T>(plan, nu, channels, dY);
  store<f64>(statistics, 1.0, 80);
  return true;
}

/**
 * True if the caller of the point allows a residual that the loss of digits is below, the
 * directions are few enough, and W' is real where X is.
 */
export function firstOrderPays(plan: usize, channels: i32): bool {
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<f64>(statistics, 0.0, 80);
  store<f64>(statistics, 0.0, 88);
  const loss = load<f64>(statistics, 32);
  if (!(LOSS * loss * loss < load<f64>(statistics, 96))) return false;
  return fewDirections(plan, channels) && (P.field(plan, P.REAL_FACTORS) == 2 || realSlopes(plan));
}

/**
 * Forms K_nu and P_nu of all directions after S', and keeps what `reactancePairs` needs. X is
 * overwritten. Returns false if digits are lost.
 */
export function reactanceFirstOrder(plan: usize, channels: i32): bool {
  return P.field(plan, P.REAL_FACTORS) == 2 ? firstOrder<Complex>(plan, channels) : firstOrder<Real>(plan, channels);
}

/** True if the last point was solved by `reactanceFirstOrder`. */
export function hasFirstOrder(plan: usize): bool {
  return P.field(plan, P.REAL_FACTORS) != 0 && load<f64>(<usize>P.field(plan, P.STATISTICS), 80) != 0.0;
}

/** Re[p^* q]. */
// @ts-ignore: decorator
@inline
function real(p: usize, q: usize): f64 {
  return load<f64>(p) * load<f64>(q) + load<f64>(p, 8) * load<f64>(q, 8);
}

/** Im[p^* q]. */
// @ts-ignore: decorator
@inline
export function imaginary(p: usize, q: usize): f64 {
  return load<f64>(p) * load<f64>(q, 8) - load<f64>(p, 8) * load<f64>(q);
}
