// The reactance method (the short cut of numerics.md, section 1) for points at real energy. With
// the Hermitian part Sigma_H of Sigma, Sigma = Sigma_H - i pi W W^+,
//     A = E - H - Sigma = A_r + i pi W W^+,   A_r = E - H - Sigma_H  Hermitian,
//     X = A_r^-1 W,   g = W^+ X,   B = (1 + i pi g)^-1,   psi = G W = X B
// (g is the reactance matrix of scattering theory). As B and g commute, S psi^+ = B X^+. The same
// holds with A_r + t pi W W^+ in place of A_r and B = (1 + (i - t) pi g)^-1 for any real t, the
// shift. The factorisation and the contractions
//     K_nu = 2 pi B^+ (X^+ Lambda X) B,   dS/dX_nu = -2 pi i B (X^+ Lambda X) B
// take half of the work of a general A. Without a magnetic field, with real H, Sigma_H and W, X and
// g are real, and these and the sweeps take a quarter of the work. One text serves both kinds of
// numbers (T, elements.ts).
//
// Unlike A, A_r has poles on the real axis (levels of the closed device and of its parts). Near a
// pole X is large and psi = X B cancels. Slices near a pole are treated in postponed.ts, such that
// S and its derivatives usually need no refinement. The growth of every slice, the residual and the
// ratio of X to psi are measured, and X is refined where psi would lose digits. If that is not
// enough, another shift t is tried, which moves the poles. If that fails as well, the caller uses
// the general factors for this point. An exact pole of a part is treated in the same way.
import { ADD, SET, shortSquares, squares } from "../linear-algebra/dgemm";
import { magnitude, zinverse } from "../linear-algebra/dense";
import { addElement, at, bytes, Complex, gemm, isComplex, Real, squaresOf, subtractRow } from "../linear-algebra/elements";
import { hermitianValues } from "./factor";
import * as P from "./plan";
import { gram, innerProducts, timesB } from "./reactance-contract";
import { assembleReactance, d, downSlice, factoriseReactance, solveDown, solveUp } from "./reactance-factor";

export const PI: f64 = 3.141592653589793;
/**
 * Relative residual below which a solution is not refined further. S and its derivatives allow
 * twice as much, as they do with the factors of A. A residual of X becomes one of psi that is
 * larger by the ratio of X to psi, and LOSS is the largest one accepted. X is therefore refined for
 * the sake of psi down to FINEST.
 */
export const RESIDUAL: f64 = 1e-15;
const FINEST: f64 = 3e-16;
const LOSS: f64 = 2e-14;
/**
 * The product of both overestimates the residual of psi: rounding errors of X are spread over all
 * channels, whereas X is large in few combinations of them. Where the product alone forbids S and
 * its derivatives without another round, the residual of psi is measured. DIRECT is the largest one
 * accepted.
 */
const DIRECT: f64 = 1e-14;
/** Residual of X up to which it is worth while to measure that of psi. */
const COARSE: f64 = 5e-15;
/** The rounding of X. Its product with the ratio of X to psi is what no refinement improves. */
const LEAST: f64 = 2e-16;
/**
 * If the estimate of the next residual is below this number, the residual is not measured. The
 * number is far below RESIDUAL to allow for the constants that the estimate neglects.
 */
const SURE: f64 = 2e-19;
/**
 * Growth above which X usually needs refinement, also where slices have postponed what they could.
 * The residual is then swept downwards at once.
 */
const STEEP: f64 = 1e2;
const STEEP_POSTPONED: f64 = 1e4;
/**
 * Size of the inverse of a slice, in units of the inverse size of a row of A_r, above which a
 * direction is postponed. Inverses below POSTPONED leave a residual at rounding level, which serves
 * S and its derivatives; those below PASSABLE leave one from which S alone is known to rounding.
 * Operators of forces need the last digits of X, which is therefore refined in any case. Errors
 * accumulate in more inverses where there are fronts. In real fronts a round costs less than what
 * postponing computes again.
 */
const POSTPONED: f64 = 100;
const POSTPONED_FRONTS: f64 = 30;
const PASSABLE: f64 = 1e4;
/**
 * Number of channels from which on slices postpone nothing. The ratio of X to psi is about as large
 * as the number of channels, and from 30 on most residuals have to be refined for the sake of psi.
 */
const MANY: i32 = 32;
/**
 * Residual up to which S alone needs no refined X. The error of g is of second order in the
 * residual (times the growth of the elimination).
 */
const ALONE: f64 = 3e-11;
/** Number of rows of a residual that are processed at a time if there are no slices. */
const PIECE: i32 = 256;
/** The value that stands for a residual that is not measured. */
const ROUNDING: f64 = 1e-16;

/** True if W of every lead is real. */
function realLeads(plan: usize): bool {
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const count = P.at(lead, 0) * P.at(lead, P.LEAD_CHANNELS);
    const w = <usize>P.at(lead, 5);
    for (let k = 0; k < count; k++) if (load<f64>(P.z(w, k), 8) != 0.0) return false;
  }
  return true;
}

/**
 * Largest accepted difference between -pi W W^+ and the anti-Hermitian part of Sigma over i,
 * relative to the largest element of Sigma.
 */
const AGREES: f64 = 1e-11;

/**
 * True if W and Sigma of every lead have the same broadening. S of the reactance method is unitary
 * for any W. A lead that has lost digits is therefore left to the factors of A, whose S reveals the
 * loss.
 */
function leadsAgree(plan: usize): bool {
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const sigma = <usize>P.at(lead, 3);
    const w = <usize>P.at(lead, 5);
    let most = 0.0;
    let defect = 0.0;
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++) {
        const entry = P.z(sigma, i * size + j);
        const mirror = P.z(sigma, j * size + i);
        let re = 0.5 * (load<f64>(entry, 8) + load<f64>(mirror, 8));
        let im = -0.5 * (load<f64>(entry) - load<f64>(mirror));
        most = max(most, max(magnitude(entry), magnitude(mirror)));
        let p = P.z(w, i * open);
        let q = P.z(w, j * open);
        for (let c = 0; c < open; c++) {
          const pr = PI * load<f64>(p);
          const pi = PI * load<f64>(p, 8);
          const qr = load<f64>(q);
          const qi = load<f64>(q, 8);
          re += pr * qr + pi * qi;
          im += pi * qr - pr * qi;
          p += 16;
          q += 16;
        }
        defect = max(defect, Math.abs(re) + Math.abs(im));
      }
    if (!(defect <= AGREES * most)) return false;
  }
  return true;
}

/** x (rows x channels) += W on the rows from `first` on. */
function addLeadVectors<T>(plan: usize, channels: i32, first: i32, rows: i32, x: usize): void {
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const w = <usize>P.at(lead, 5);
    for (let r = 0; r < P.at(lead, 0); r++) {
      const row = P.at(list, r) - first;
      if (<u32>row >= <u32>rows) continue;
      for (let c = 0; c < open; c++) addElement<T>(P.z(w, r * open + c), at<T>(x, row * channels + channel + c));
    }
    channel += open;
  }
}

/** out (channels x columns) = W^+ b, where b is n x columns. */
export function projectThin<T>(plan: usize, b: usize, columns: i32, out: usize): void {
  const gathered = <usize>P.field(plan, P.SLICE);
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const w = <usize>P.at(lead, 5);
    for (let r = 0; r < size; r++) memory.copy(at<T>(gathered, r * columns), at<T>(b, P.at(list, r) * columns), bytes<T>(columns));
    const target = at<T>(out, channel * columns);
    // A real W is stored as the first of every two numbers.
    if (isComplex<T>()) gemm<T>(open, columns, size, w, 1, open, gathered, columns, target, columns, SET, true, false);
    else gemm<T>(open, columns, size, w, 2, open << 1, gathered, columns, target, columns, SET, false, false);
    channel += open;
  }
}

/**
 * r = W - A_r X. Returns its size relative to W and A_r X (Frobenius norms). With `down` the
 * downward sweep is applied to r at once, slice by slice. The statistics keep the row where X is
 * largest and the scale of the residual.
 */
function residual<T>(plan: usize, channels: i32, x: usize, r: usize, scaleA: f64, down: bool): f64 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = hermitianValues<T>(plan);
  let defect = 0.0;
  let size = 0.0;
  let largest = -1.0;
  let largestRow = 0;
  const n = P.field(plan, P.N);
  const slices = P.field(plan, P.FRONTS) == 0;
  let start = 0;
  for (let i = 0; start < n; i++) {
    const m = (slices ? P.at(starts, i + 1) : min(n, start + PIECE)) - start;
    const target = down ? <usize>P.field(plan, P.SLICE) : at<T>(r, start * channels);
    for (let k = 0; k < m; k++) {
      const row = start + k;
      subtractRow<T>(channels, P.at(rowStart, row), P.at(rowStart, row + 1), a, column, x, channels, 0, at<T>(target, k * channels));
      const rowSize = shortSquares(at<T>(x, row * channels), isComplex<T>() ? channels << 1 : channels);
      size += rowSize;
      if (rowSize > largest) {
        largest = rowSize;
        largestRow = row;
      }
    }
    addLeadVectors<T>(plan, channels, start, m, target);
    defect += squaresOf<T>(target, m * channels);
    if (down) downSlice<T>(plan, i, r, channels, 0, channels, target, channels);
    start += m;
  }
  let w = 0.0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    w += squares(<usize>P.at(lead, 5), 2 * P.at(lead, 0) * P.at(lead, P.LEAD_CHANNELS));
  }
  const scale = Math.sqrt(w) + scaleA * Math.sqrt(size);
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<f64>(statistics, <f64>largestRow, 56);
  store<f64>(statistics, scale, 64);
  return Math.sqrt(defect) / scale;
}

/** psi = X B on some rows, complex for any X. `row` and `out` are contiguous. */
// @ts-ignore: decorator
@inline
function statesOf<T>(plan: usize, rows: i32, x: usize, channels: i32, out: usize): void {
  const b = <usize>P.field(plan, P.B);
  if (isComplex<T>()) gemm<T>(rows, channels, channels, x, channels, 1, b, channels, out, channels, SET, false, false);
  else gemm<T>(rows, channels << 1, channels, x, channels, 1, b, channels << 1, out, channels << 1, SET, false, false);
}

/**
 * Tries to find X and B for this energy. PSI is filled on the leads' orbitals only. Returns false
 * if the method is not allowed, if the leads of a real device are not real, or if a pole of A_r
 * would cost digits at every shift. REAL_FACTORS holds the kind of the factors.
 */
export function reactanceStates(plan: usize, energy: f64, channels: i32, asked: i32): bool {
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), 0);
  store<i32>(plan + (<usize>P.PARTS << 2), 0);
  if (P.field(plan, P.SHORT_CUT) == 0 || channels == 0) return false;
  const real = P.field(plan, P.SYMMETRIC) != 0;
  if (real ? !realLeads(plan) : !leadsAgree(plan)) return false;
  for (let shift = 0; shift < 3; shift++) {
    const t = shift < 2 ? <f64>shift : -1.0;
    if (real ? shiftedStates<Real>(plan, energy, channels, t, asked) : shiftedStates<Complex>(plan, energy, channels, t, asked)) return true;
  }
  return false;
}

/**
 * One attempt at one shift. For S alone only g and B are accurate to rounding: g = W^+ X + X^+ (W -
 * A_r X) is stationary about the exact X.
 */
function shiftedStates<T>(plan: usize, energy: f64, channels: i32, shift: f64, asked: i32): bool {
  const alone = asked == P.ASKED_S;
  const derivatives = asked == P.ASKED_DSDE;
  const enough = derivatives ? 2.0 * RESIDUAL : RESIDUAL;
  const coarse = derivatives ? COARSE : enough;
  const n = P.field(plan, P.N);
  const x = <usize>P.field(plan, P.X);
  const r = <usize>P.field(plan, P.THIN);
  assembleReactance<T>(plan, energy, shift);
  memory.fill(x, 0, bytes<T>(n * channels));
  addLeadVectors<T>(plan, channels, 0, n, x);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  const scaleA = Math.sqrt(squaresOf<T>(hermitianValues<T>(plan), entries) / <f64>n);
  const fronts = P.field(plan, P.FRONTS) != 0;
  const postponed = derivatives && (fronts ? isComplex<T>() : channels < MANY);
  const most = postponed ? (fronts ? POSTPONED_FRONTS : POSTPONED) : alone && !fronts ? PASSABLE : Infinity;
  const growth = factoriseReactance<T>(plan, x, channels, scaleA, most / scaleA);
  if (!isFinite(growth)) return false;
  solveUp<T>(plan, x, channels, 0);
  // True where r is no longer the residual.
  let swept = !alone && growth > (postponed ? STEEP_POSTPONED : STEEP) && !fronts;
  let defect = residual<T>(plan, channels, x, r, scaleA, swept);
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<f64>(statistics, defect, 40);
  let rounds = 0.0;
  let loss = 0.0;
  let known = false;
  const stationary = alone && defect < ALONE && !(defect < enough);
  while (true) {
    if (defect < coarse || stationary) {
      loss = closeChannels<T>(plan, channels, shift, stationary);
      if (stationary) defect = 0.0;
      if (!(defect > enough) && loss * max(defect, LEAST) < LOSS) break;
      // A smaller residual would not help.
      if (!(loss * LEAST < LOSS)) return false;
      if (derivatives && !swept && statesResidual<T>(plan, channels, r, scaleA) < DIRECT) {
        known = true;
        break;
      }
      if (!(defect > FINEST)) return false;
    }
    if (rounds == 3.0 || !(defect < 1e-4)) return false;
    rounds += 1.0;
    if (!swept) solveDown<T>(plan, r, channels);
    swept = true;
    const correction = scaleA * Math.sqrt(solveUp<T>(plan, r, channels, x)) / load<f64>(statistics, 64);
    // These factors leave |r - A dX| <= (defect of X) (|r| + |A| |dX|).
    if (defect * (defect + correction) < SURE) defect = ROUNDING;
    else {
      defect = residual<T>(plan, channels, x, r, scaleA, false);
      swept = false;
    }
  }
  store<f64>(statistics, defect);
  store<f64>(statistics, rounds, 8);
  store<f64>(statistics, loss, 32);
  store<f64>(statistics, shift, 48);
  if (alone) return true;
  if (asked >= P.ASKED_DSDE && !known) innerProducts<T>(plan, channels);
  const psi = <usize>P.field(plan, P.PSI);
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), isComplex<T>() ? 2 : 1);
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const list = <usize>P.at(lead, 1);
    for (let k = 0; k < P.at(lead, 0); k++) {
      const from = P.at(list, k) * channels;
      statesOf<T>(plan, 1, at<T>(x, from), channels, P.z(psi, from));
    }
  }
  return true;
}

/**
 * Forms g, to second order in the residual with `stationary`, and B = (1 + (i - shift) pi g)^-1.
 * Returns the loss of digits, which is the ratio of X to psi in the row where X is largest, or NaN.
 */
function closeChannels<T>(plan: usize, channels: i32, shift: f64, stationary: bool): f64 {
  const x = <usize>P.field(plan, P.X);
  const g = <usize>P.field(plan, P.REACTANCE);
  projectThin<T>(plan, x, channels, g);
  if (stationary)
    gemm<T>(channels, channels, P.field(plan, P.N), x, 1, channels, <usize>P.field(plan, P.THIN), channels, g, channels, ADD, true, false);
  const matrix = <usize>P.field(plan, P.SLICE);
  for (let k = 0; k < channels * channels; k++) {
    const re = load<f64>(at<T>(g, k));
    store<f64>(P.z(matrix, k), -shift * PI * re);
    store<f64>(P.z(matrix, k), PI * re, 8);
    if (!isComplex<T>()) continue;
    const im = load<f64>(at<T>(g, k), 8);
    store<f64>(P.z(matrix, k), -PI * (shift * re + im));
    store<f64>(P.z(matrix, k), PI * (re - shift * im), 8);
  }
  for (let a = 0; a < channels; a++) {
    const entry = P.z(matrix, a * channels + a);
    store<f64>(entry, load<f64>(entry) + 1.0);
  }
  if (zinverse(channels, matrix, <usize>P.field(plan, P.CHANNEL_PIVOTS), <usize>P.field(plan, P.B)) != 0) return NaN;
  const row = at<T>(x, <i32>load<f64>(<usize>P.field(plan, P.STATISTICS), 56) * channels);
  const psi = <usize>P.field(plan, P.PSI);
  statesOf<T>(plan, 1, row, channels, psi);
  return Math.sqrt(squaresOf<T>(row, channels) / squares(psi, channels << 1));
}

/**
 * The relative residual of psi = X B, which is r B for the residual r of X (Frobenius norms). X^+ X
 * is left in the place of g, where S' needs it.
 */
function statesResidual<T>(plan: usize, channels: i32, r: usize, scaleA: f64): f64 {
  const overlap = <usize>P.field(plan, P.REACTANCE);
  gram<T>(P.field(plan, P.N), channels, r, overlap);
  const defect = weighted<T>(plan, channels, overlap);
  innerProducts<T>(plan, channels);
  return Math.sqrt(defect) / (scaleA * Math.sqrt(weighted<T>(plan, channels, overlap)));
}

/** Tr (B^+ T B) = |Y B|^2 for T = Y^+ Y. */
function weighted<T>(plan: usize, channels: i32, t: usize): f64 {
  const product = <usize>P.field(plan, P.OVERLAP);
  const b = <usize>P.field(plan, P.B);
  timesB<T>(plan, channels, t, product);
  let sum = 0.0;
  for (let k = 0; k < 2 * channels * channels; k++) sum += load<f64>(d(b, k)) * load<f64>(d(product, k));
  return sum;
}

/** psi = X B on the orbitals of a list, one below the other. */
export function statesOn(plan: usize, list: usize, count: i32, channels: i32, out: usize): void {
  const x = <usize>P.field(plan, P.X);
  // Runs of adjacent rows are processed together.
  for (let r = 0; r < count; ) {
    let after = r + 1;
    while (after < count && P.at(list, after) == P.at(list, after - 1) + 1) after++;
    formRows(plan, after - r, x, P.at(list, r) * channels, channels, P.z(out, r * channels));
    r = after;
  }
}

/** psi = X B on rows from element `from` of X on. */
function formRows(plan: usize, rows: i32, x: usize, from: i32, channels: i32, out: usize): void {
  if (P.field(plan, P.REAL_FACTORS) == 2) statesOf<Complex>(plan, rows, at<Complex>(x, from), channels, out);
  else statesOf<Real>(plan, rows, at<Real>(x, from), channels, out);
}

/** out = g B = W^+ psi, channels x channels complex. */
export function reactanceTimesB(plan: usize, channels: i32, out: usize): void {
  const g = <usize>P.field(plan, P.REACTANCE);
  if (P.field(plan, P.SYMMETRIC) != 0) statesOf<Real>(plan, channels, g, channels, out);
  else statesOf<Complex>(plan, channels, g, channels, out);
}

/** psi = X B on every orbital. */
export function formStates(plan: usize, channels: i32): void {
  formRows(plan, P.field(plan, P.N), <usize>P.field(plan, P.X), 0, channels, <usize>P.field(plan, P.PSI));
}

/** psi = X B on the support of the directions. */
export function formSupportStates(plan: usize, channels: i32): void {
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const support = P.field(plan, P.SUPPORT);
  const x = <usize>P.field(plan, P.X);
  const psi = <usize>P.field(plan, P.PSI);
  // Runs of adjacent rows are processed together.
  for (let r = 0; r < support; ) {
    let after = r + 1;
    while (after < support && P.at(list, after) == P.at(list, after - 1) + 1) after++;
    const from = P.at(list, r) * channels;
    formRows(plan, after - r, x, from, channels, P.z(psi, from));
    r = after;
  }
}
