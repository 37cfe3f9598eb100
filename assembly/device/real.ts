// The short cut for devices without a magnetic field at real energy. With real H, real symmetric Re Sigma and real lead vectors W,
//   A = E - H - Sigma = A_r + i pi W W^T,   A_r = E - H - Re Sigma  real symmetric,
// so that everything large is real:  X = A_r^-1 W,  g = W^T X,  psi = G W = X B,  B = (1 + i pi g)^-1  (the reactance matrix of
// scattering theory; with A_r + t pi W W^T for A_r and B = (1 + (i - t) pi g)^-1 the same holds for any real t).  A quarter of the work
// of complex arithmetic for the factorisation and the two sweeps (real-factor.ts) and for the contractions
//   K_nu = 2 pi B^+ (X^T Lambda X) B,   dS/dX_nu = -2 pi i B^T (X^T Lambda X) B.
// Unlike A, A_r has poles on the real axis (levels of the closed device and of its parts). Near one X grows and psi = X B cancels: the
// growth of every slice and the ratio of X to psi are watched, the residual is refined, and where digits would be lost another t is
// tried, which moves the poles; then the caller takes the complex path for that point. Exact poles of a part are met the same way.
import { ADD, daxpy, dgemm, SET, shortSquares, squares, subtractRows } from "../linear-algebra/dgemm";
import { zinverse } from "../linear-algebra/dense";
import { SUBTRACT, zgemm } from "../linear-algebra/gemm";
import * as P from "./plan";
import { assembleReal, d, downSlice, factoriseReal, solveDown, solveUp } from "./real-factor";

const PI: f64 = 3.141592653589793;
/** Relative residual of X that is not refined further, and the loss of digits that is accepted in psi. */
const RESIDUAL: f64 = 1e-15;
const LOSS: f64 = 2e-14;
/** Estimate of the next residual below which it is not measured: far below RESIDUAL, for the constants that the estimate leaves out. */
const SURE: f64 = 2e-19;
/** Growth from which X needs refinement as a rule: its residual goes its way down at once. */
const STEEP: f64 = 1e2;
/** Residual from which S alone needs no refined X: the error of g is of second order in it (times the growth of the elimination). */
const ALONE: f64 = 3e-11;
/** Rows of a residual at a time where there are no slices. */
const PIECE: i32 = 256;
/** Taken for a residual that is not measured. */
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

/** x (rows x channels, real) += W on the rows from `first` on. */
function addLeadVectors(plan: usize, channels: i32, first: i32, rows: i32, x: usize): void {
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const w = <usize>P.at(lead, 5);
    for (let r = 0; r < P.at(lead, 0); r++) {
      const row = P.at(list, r) - first;
      if (<u32>row >= <u32>rows) continue;
      for (let c = 0; c < open; c++) {
        const target = d(x, row * channels + channel + c);
        store<f64>(target, load<f64>(target) + load<f64>(P.z(w, r * open + c)));
      }
    }
    channel += open;
  }
}

/** out (channels x columns) = W^T b, b: n x columns real numbers. */
function projectReal(plan: usize, b: usize, columns: i32, out: usize): void {
  const gathered = <usize>P.field(plan, P.SLICE);
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    for (let r = 0; r < size; r++) memory.copy(d(gathered, r * columns), d(b, P.at(list, r) * columns), <usize>columns << 3);
    dgemm(open, columns, size, <usize>P.at(lead, 5), 2, open << 1, gathered, columns, d(out, channel * columns), columns, SET, false);
    channel += open;
  }
}

/**
 * r = W - A_r X; returns its size relative to W and A_r X (Frobenius norms). With `down` r becomes its way down at once, slice by slice.
 * Statistics keep the row where X is largest and the scale of the residual.
 */
function residualReal(plan: usize, channels: i32, x: usize, r: usize, scaleA: f64, down: bool): f64 {
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  let defect = 0.0;
  let size = 0.0;
  let largest = -1.0;
  let largestRow = 0;
  const n = P.field(plan, P.N);
  const slices = P.field(plan, P.FRONTS) == 0;
  let start = 0;
  for (let i = 0; start < n; i++) {
    const m = (slices ? P.at(starts, i + 1) : min(n, start + PIECE)) - start;
    const target = down ? <usize>P.field(plan, P.SLICE) : d(r, start * channels);
    for (let k = 0; k < m; k++) {
      const row = start + k;
      subtractRows(channels, P.at(rowStart, row), P.at(rowStart, row + 1), a, column, x, channels, 0, d(target, k * channels));
      const rowSize = shortSquares(d(x, row * channels), channels);
      size += rowSize;
      if (rowSize > largest) {
        largest = rowSize;
        largestRow = row;
      }
    }
    addLeadVectors(plan, channels, start, m, target);
    defect += squares(target, m * channels);
    if (down) downSlice(plan, i, r, channels, channels, target, channels);
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

/** psi on some rows: X B, the real X times the interleaved B; `row` and `out` contiguous. */
// @ts-ignore: decorator
@inline
function statesOf(plan: usize, rows: i32, x: usize, channels: i32, out: usize): void {
  dgemm(rows, channels << 1, channels, x, channels, 1, <usize>P.field(plan, P.B), channels << 1, out, channels << 1, SET, false);
}

/**
 * Tries to find X and B for this energy; PSI is filled on the leads' orbitals only. False if the device or its leads are not real, or
 * where a pole of A_r would cost digits at every shift.
 */
export function realStates(plan: usize, energy: f64, channels: i32, alone: bool): bool {
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), 0);
  if (P.field(plan, P.SYMMETRIC) != 2 || channels == 0 || !realLeads(plan)) return false;
  return shiftedStates(plan, energy, channels, 0.0, alone) || shiftedStates(plan, energy, channels, 1.0, alone) ||
    shiftedStates(plan, energy, channels, -1.0, alone);
}

/** One attempt. With `alone` only g and B are right to rounding: g = W^T X + X^T (W - A_r X), stationary about the exact X. */
function shiftedStates(plan: usize, energy: f64, channels: i32, shift: f64, alone: bool): bool {
  const n = P.field(plan, P.N);
  const x = <usize>P.field(plan, P.X);
  const r = <usize>P.field(plan, P.THIN);
  assembleReal(plan, energy, shift);
  memory.fill(x, 0, <usize>(n * channels) << 3);
  addLeadVectors(plan, channels, 0, n, x);
  const growth = factoriseReal(plan, x, channels);
  if (!isFinite(growth)) return false;
  solveUp(plan, x, channels, 0);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  const scaleA = Math.sqrt(squares(<usize>P.field(plan, P.REAL_VALUES), entries) / <f64>n);
  let down = !alone && growth > STEEP && P.field(plan, P.FRONTS) == 0;
  let defect = residualReal(plan, channels, x, r, scaleA, down);
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<f64>(statistics, defect, 40);
  let rounds = 0.0;
  const stationary = alone && defect < ALONE && !(defect < RESIDUAL);
  for (let round = 0; round < 3 && !(defect < RESIDUAL || stationary); round++) {
    rounds += 1.0;
    if (!(defect < 1e-4)) return false;
    if (!down) solveDown(plan, r, channels);
    down = false;
    const correction = scaleA * Math.sqrt(solveUp(plan, r, channels, x)) / load<f64>(statistics, 64);
    // These factors leave |r - A dX| <= (defect of X) (|r| + |A| |dX|).
    if (defect * (defect + correction) < SURE) defect = ROUNDING;
    else defect = residualReal(plan, channels, x, r, scaleA, false);
  }
  if (!(defect < RESIDUAL || stationary)) return false;
  // B = (1 + (i - shift) pi g)^-1.
  const g = <usize>P.field(plan, P.REACTANCE);
  projectReal(plan, x, channels, g);
  if (stationary) {
    dgemm(channels, channels, n, x, 1, channels, r, channels, g, channels, ADD, false);
    defect = 0.0;
  }
  const matrix = <usize>P.field(plan, P.SLICE);
  for (let k = 0; k < channels * channels; k++) {
    store<f64>(P.z(matrix, k), -shift * PI * load<f64>(d(g, k)));
    store<f64>(P.z(matrix, k), PI * load<f64>(d(g, k)), 8);
  }
  for (let a = 0; a < channels; a++) {
    const entry = P.z(matrix, a * channels + a);
    store<f64>(entry, load<f64>(entry) + 1.0);
  }
  const b = <usize>P.field(plan, P.B);
  if (zinverse(channels, matrix, <usize>P.field(plan, P.CHANNEL_PIVOTS), b) != 0) return false;
  // Digits lost: X against psi in the row where X is largest.
  const row = d(x, <i32>load<f64>(statistics, 56) * channels);
  const psi = <usize>P.field(plan, P.PSI);
  statesOf(plan, 1, row, channels, psi);
  const loss = Math.sqrt(squares(row, channels) / squares(psi, channels << 1));
  if (!(loss * max(defect, 2e-16) < LOSS)) return false;
  store<f64>(statistics, defect);
  store<f64>(statistics, rounds, 8);
  store<f64>(statistics, loss, 32);
  store<f64>(statistics, shift, 48);
  if (alone) return true;
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), 1);
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const list = <usize>P.at(lead, 1);
    for (let k = 0; k < P.at(lead, 0); k++) {
      const at = P.at(list, k) * channels;
      statesOf(plan, 1, d(x, at), channels, P.z(psi, at));
    }
  }
  return true;
}

/** psi = X B on the orbitals of a list, one under the other. */
export function statesOn(plan: usize, list: usize, count: i32, channels: i32, out: usize): void {
  const x = <usize>P.field(plan, P.X);
  // Runs of neighbouring rows at once.
  for (let r = 0; r < count; ) {
    let after = r + 1;
    while (after < count && P.at(list, after) == P.at(list, after - 1) + 1) after++;
    statesOf(plan, after - r, d(x, P.at(list, r) * channels), channels, P.z(out, r * channels));
    r = after;
  }
}

/** out = g B, channels x channels complex: W^T psi. */
export function reactanceTimesB(plan: usize, channels: i32, out: usize): void {
  dgemm(channels, channels << 1, channels, <usize>P.field(plan, P.REACTANCE), channels, 1, <usize>P.field(plan, P.B), channels << 1,
    out, channels << 1, SET, false);
}

/** psi = X B on every orbital. */
export function formStates(plan: usize, channels: i32): void {
  statesOf(plan, P.field(plan, P.N), <usize>P.field(plan, P.X), channels, <usize>P.field(plan, P.PSI));
}

/** psi = X B on the support of the directions. */
export function formSupportStates(plan: usize, channels: i32): void {
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const support = P.field(plan, P.SUPPORT);
  const x = <usize>P.field(plan, P.X);
  const psi = <usize>P.field(plan, P.PSI);
  // Runs of neighbouring rows at once.
  for (let r = 0; r < support; ) {
    let after = r + 1;
    while (after < support && P.at(list, after) == P.at(list, after - 1) + 1) after++;
    const at = P.at(list, r) * channels;
    statesOf(plan, after - r, d(x, at), channels, P.z(psi, at));
    r = after;
  }
}

/** b <- G b with the real factors, n x columns complex: G = A_r^-1 - (i - shift) pi psi W^T A_r^-1. PSI must be whole. */
function applyRealGreen(plan: usize, b: usize, columns: i32): void {
  const channels = P.channels(plan);
  const n = P.field(plan, P.N);
  solveDown(plan, b, columns << 1);
  solveUp(plan, b, columns << 1, 0);
  const overlap = <usize>P.field(plan, P.OVERLAP);
  projectReal(plan, b, columns << 1, overlap);
  // (i - shift) pi W^T A_r^-1 b, which zgemm takes off.
  turnOverlap(plan, channels * columns, overlap);
  zgemm(n, columns, channels, <usize>P.field(plan, P.PSI), channels, 1, overlap, columns, b, columns, SUBTRACT, false, false);
}

/** r = b - A x, n x columns complex, with A = A_r + (i - shift) pi W W^T; returns its size relative to b and A x (Frobenius norms). */
function residual(plan: usize, columns: i32, b: usize, x: usize, r: usize, scaleA: f64): f64 {
  const n = P.field(plan, P.N);
  const rowStart = <usize>P.field(plan, P.ROW_START);
  const column = <usize>P.field(plan, P.COLUMN);
  const a = <usize>P.field(plan, P.REAL_VALUES);
  const width = columns << 1;
  for (let row = 0; row < n; row++)
    subtractRows(width, P.at(rowStart, row), P.at(rowStart, row + 1), a, column, x, width, d(b, row * width), d(r, row * width));
  const overlap = <usize>P.field(plan, P.OVERLAP);
  projectReal(plan, x, width, overlap);
  turnOverlap(plan, P.channels(plan) * columns, overlap);
  let channel = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const open = P.at(lead, P.LEAD_CHANNELS);
    const list = <usize>P.at(lead, 1);
    const w = <usize>P.at(lead, 5);
    for (let i = 0; i < P.at(lead, 0); i++)
      for (let c = 0; c < open; c++)
        daxpy(width, -load<f64>(P.z(w, i * open + c)), d(overlap, (channel + c) * width), d(r, P.at(list, i) * width));
    channel += open;
  }
  return Math.sqrt(squares(r, n * width)) / (Math.sqrt(squares(b, n * width)) + scaleA * Math.sqrt(squares(x, n * width)));
}

/** Times (i - shift) pi. */
function turnOverlap(plan: usize, count: i32, overlap: usize): void {
  const shift = load<f64>(<usize>P.field(plan, P.STATISTICS), 48);
  for (let k = 0; k < count; k++) {
    const entry = P.z(overlap, k);
    const re = load<f64>(entry);
    const im = load<f64>(entry, 8);
    store<f64>(entry, -PI * (im + shift * re));
    store<f64>(entry, PI * (re - shift * im), 8);
  }
}

/** x <- G rhs by the real factors, n x columns complex, refined; PSI must be whole. Returns the relative residual. */
export function refinedRealSolve(plan: usize, rhs: usize, x: usize, columns: i32): f64 {
  const n = P.field(plan, P.N);
  const count = n * columns * 2;
  const r = <usize>P.field(plan, P.THIN);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), n);
  const scaleA = Math.sqrt(squares(<usize>P.field(plan, P.REAL_VALUES), entries) / <f64>n);
  memory.copy(x, rhs, <usize>count << 3);
  applyRealGreen(plan, x, columns);
  let defect = Infinity;
  for (let round = 0; round < 4; round++) {
    const next = residual(plan, columns, rhs, x, r, scaleA);
    if (!(next < defect)) return isFinite(defect) ? defect : next;
    defect = next;
    if (defect < RESIDUAL || round == 3) return defect;
    applyRealGreen(plan, r, columns);
    daxpy(count, 1.0, r, x);
  }
  return defect;
}

/** Rows of X that realOverlap takes at a time, with Lambda X beside them in the nearest cache; more where the result itself fills it. */
// @ts-ignore: decorator
@inline
function rowsAtOnce(channels: i32): i32 {
  return channels > 48 ? 256 : 128;
}

/** T (channels x channels, both halves) = X^T Lambda X of one direction, or X^T X with direction 0. */
export function realOverlap(plan: usize, direction: usize, channels: i32, out: usize): void {
  const x = <usize>P.field(plan, P.X);
  const gathered = <usize>P.field(plan, P.GATHERED);
  const rows = direction ? P.at(direction, 0) : P.field(plan, P.N);
  const piece = rowsAtOnce(channels);
  if (rows == 0) memory.fill(out, 0, <usize>(channels * channels) << 3);
  for (let from = 0; from < rows; from += piece) {
    const count = min(piece, rows - from);
    let own = d(x, from * channels);
    let product = own;
    if (direction) {
      const list = <usize>P.at(direction, 1) + (<usize>from << 2);
      const starts = <usize>P.at(direction, 2) + (<usize>from << 2);
      const columns = <usize>P.at(direction, 3);
      const values = <usize>P.at(direction, 4);
      product = d(gathered, count * channels);
      memory.fill(product, 0, <usize>(count * channels) << 3);
      for (let r = 0; r < count; r++)
        for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++)
          daxpy(channels, load<f64>(P.z(values, k)), d(x, P.at(columns, k) * channels), d(product, r * channels));
      // Neighbouring rows are read where they stand.
      own = d(x, P.at(list, 0) * channels);
      if (P.at(list, count - 1) - P.at(list, 0) != count - 1) {
        own = gathered;
        for (let r = 0; r < count; r++) memory.copy(d(own, r * channels), d(x, P.at(list, r) * channels), <usize>channels << 3);
      }
    }
    dgemm(channels, channels, count, own, 1, channels, product, channels, out, channels, from == 0 ? SET : ADD, true);
  }
  for (let a = 0; a < channels; a++)
    for (let b = 0; b < a; b++) store<f64>(d(out, b * channels + a), load<f64>(d(out, a * channels + b)));
}
