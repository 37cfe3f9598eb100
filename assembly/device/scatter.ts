// One point (energy, configuration): factorise E - H - Sigma once, solve for the lead columns,
// contract.
//     psi = G W,   S = 1 - 2 pi i W^+ psi,   K_nu = 2 pi psi^+ Lambda_nu psi,
//     psi' = G (W' - (1 - Sigma') psi),      P_nu = 2 pi psi^+ Lambda_nu psi',
//     S' = -2 pi i [W'^+ psi + S psi^+ (W' - (1 - Sigma') psi)]
// The last line needs no second solve, since W^+ G = S psi^+ by unitarity. Each solve is followed
// by its residual and refined if that is not at rounding level.
//
// Longer than most files: the steps of one kernel call share its work memory.
import { ADD, SET, zgemm } from "../linear-algebra/gemm";
import { axpySubtract } from "../linear-algebra/dense";
import { assemble, factorise, largest, solveThin, subtractProduct } from "./factor";
import { mirrorAdjoint, mirrorTransposed, TWO_PI, timesMinusTwoPiI } from "./channel-matrices";
import { Complex, Real } from "../linear-algebra/elements";
import * as P from "./plan";
import { formStates, formSupportStates, reactanceStates, reactanceTimesB, statesOn } from "./reactance";
import { energyDerivativeHermitian, energyDerivativeReal, reactanceSandwich, sandwichPays } from "./reactance-contract";
import { firstOrderPays, reactanceFirstOrder } from "./reactance-derivatives";
import { refinedReactanceSolve } from "./reactance-green";

/** rhs (n x channels) = W (part 5 of the lead record) or W' (part 6). */
function leadColumns(plan: usize, part: i32, channels: i32, rhs: usize): void {
  memory.fill(rhs, 0, <usize>(P.field(plan, P.N) * channels) << 4);
  let column = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const open = P.at(lead, P.LEAD_CHANNELS);
    for (let i = 0; i < P.at(lead, 0); i++)
      memory.copy(P.z(rhs, P.at(<usize>P.at(lead, 1), i) * channels + column), P.z(<usize>P.at(lead, part), i * open), <usize>open << 4);
    column += open;
  }
}

/** x <- A^-1 rhs with up to three rounds of refinement. Returns the relative residual. */
export function refinedSolve(plan: usize, rhs: usize, x: usize, channels: i32): f64 {
  const kind = P.field(plan, P.REAL_FACTORS);
  if (kind == 1) return refinedReactanceSolve<Real>(plan, rhs, x, channels);
  if (kind == 2) return refinedReactanceSolve<Complex>(plan, rhs, x, channels);
  const count = P.field(plan, P.N) * channels;
  const thin = <usize>P.field(plan, P.THIN);
  const bytes = <usize>count << 4;
  const entries = P.at(<usize>P.field(plan, P.ROW_START), P.field(plan, P.N));
  const scaleA = largest(<usize>P.field(plan, P.A_VALUES), entries);
  const scaleB = largest(rhs, count);
  memory.copy(x, rhs, bytes);
  solveThin(plan, x, channels, 0, 0);
  let defect = Infinity;
  for (let round = 0; round < 4; round++) {
    memory.copy(thin, rhs, bytes);
    subtractProduct(plan, x, thin, channels);
    const next = largest(thin, count) / (scaleA * largest(x, count) + scaleB);
    if (!(next < defect)) return isFinite(defect) ? defect : next;
    defect = next;
    if (defect < 2e-15 || round == 3) return defect;
    solveThin(plan, thin, channels, 0, 0);
    for (let k = 0; k < count * 2; k++) {
      const target = x + (<usize>k << 3);
      store<f64>(target, load<f64>(target) + load<f64>(thin + (<usize>k << 3)));
    }
  }
  return defect;
}

/**
 * out (channels x channels) = V^+ x over the lead orbitals, where V is W (part 5) or W' (part 6).
 */
function project(plan: usize, part: i32, channels: i32, x: usize, out: usize): void {
  const gathered = <usize>P.field(plan, P.SLICE);
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const open = P.at(lead, P.LEAD_CHANNELS);
    for (let i = 0; i < size; i++)
      memory.copy(P.z(gathered, i * channels), P.z(x, P.at(<usize>P.at(lead, 1), i) * channels), <usize>channels << 4);
    zgemm(open, channels, size, <usize>P.at(lead, part), 1, open, gathered, channels, P.z(out, first * channels), channels, SET, true, false);
    first += open;
  }
}

/** rhs <- W' - (1 - Sigma') psi. */
function derivativeColumns(plan: usize, channels: i32, psi: usize, rhs: usize): void {
  leadColumns(plan, 6, channels, rhs);
  subtractDerivative(plan, channels, psi, rhs);
}

/** rhs -= (1 - Sigma') x, n x columns. */
export function subtractDerivative(plan: usize, channels: i32, psi: usize, rhs: usize): void {
  const count = P.field(plan, P.N) * channels * 2;
  for (let k = 0; k < count; k++) {
    const target = rhs + (<usize>k << 3);
    store<f64>(target, load<f64>(target) - load<f64>(psi + (<usize>k << 3)));
  }
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = P.lead(plan, l);
    const size = P.at(lead, 0);
    const list = <usize>P.at(lead, 1);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const sigma = P.z(<usize>P.at(lead, 4), i * size + j);
        axpySubtract(channels, -load<f64>(sigma), -load<f64>(sigma, 8), P.z(psi, P.at(list, j) * channels), P.z(rhs, P.at(list, i) * channels));
      }
  }
}

/** out = (re + i im) Lambda x on the rows that the direction touches, where x is n x columns. */
export function applyDirection(direction: usize, x: usize, columns: i32, re: f64, im: f64, out: usize): void {
  const rows = P.at(direction, 0);
  const starts = <usize>P.at(direction, 2);
  const list = <usize>P.at(direction, 3);
  const values = <usize>P.at(direction, 4);
  memory.fill(out, 0, <usize>(rows * columns) << 4);
  for (let r = 0; r < rows; r++)
    for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++) {
      const x0 = load<f64>(P.z(values, k));
      const y0 = load<f64>(P.z(values, k), 8);
      axpySubtract(columns, im * y0 - re * x0, -re * y0 - im * x0, P.z(x, P.at(list, k) * columns), P.z(out, r * columns));
    }
}

/** Copies the rows of x that the direction touches one below the other. */
function gatherRows(direction: usize, x: usize, columns: i32, out: usize): void {
  const list = <usize>P.at(direction, 1);
  const bytes = <usize>columns << 4;
  for (let r = 0; r < P.at(direction, 0); r++) memory.copy(P.z(out, r * columns), P.z(x, P.at(list, r) * columns), bytes);
}

/**
 * Forms K_nu and, with `firstOrder`, P_nu of one direction, on the rows that its Lambda touches.
 */
function contract(plan: usize, nu: i32, channels: i32, firstOrder: bool): void {
  const direction = P.direction(plan, nu);
  const rows = P.at(direction, 0);
  const own = <usize>P.field(plan, P.GATHERED);
  const product = P.z(own, rows * channels);
  const psi = <usize>P.field(plan, P.PSI);
  gatherRows(direction, psi, channels, own);
  // The factor 2 pi is included here, once per row.
  applyDirection(direction, psi, channels, TWO_PI, 0.0, product);
  const k = P.z(<usize>P.field(plan, P.K), nu * channels * channels);
  zgemm(channels, channels, rows, own, 1, channels, product, channels, k, channels, SET, true, true);
  mirrorAdjoint(channels, k);
  if (!firstOrder) return;
  // psi^+ Lambda psi' = (Lambda psi)^+ psi', because Lambda is Hermitian.
  gatherRows(direction, <usize>P.field(plan, P.D_PSI), channels, own);
  zgemm(channels, channels, rows, product, 1, channels, own, channels,
    P.z(<usize>P.field(plan, P.P), nu * channels * channels), channels, SET, true, false);
}

/**
 * Forms S psi^+ (transposed, on the rows that some direction touches) for dS/dX_nu = -i S K_nu = -2
 * pi i (S psi^+) Lambda_nu psi. A local direction then costs two thin products of its own rows and
 * no product with S.
 */
function formDual(plan: usize, channels: i32): void {
  const psi = <usize>P.field(plan, P.PSI);
  const s = <usize>P.field(plan, P.S);
  const dual = <usize>P.field(plan, P.THIN);
  const own = <usize>P.field(plan, P.GATHERED);
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const transposed = P.z(own, support * channels);
  for (let a = 0; a < channels; a++)
    for (let b = 0; b < channels; b++) memory.copy(P.z(transposed, b * channels + a), P.z(s, a * channels + b), 16);
  for (let r = 0; r < support; r++) {
    const source = P.z(psi, P.at(list, r) * channels);
    const target = P.z(own, r * channels);
    for (let a = 0; a < channels; a++) {
      store<f64>(P.z(target, a), load<f64>(P.z(source, a)));
      store<f64>(P.z(target, a), -load<f64>(P.z(source, a), 8), 8);
    }
  }
  zgemm(support, channels, channels, own, channels, 1, transposed, channels, dual, channels, SET, false, false);
}

/** dS/dX of one direction from psi and the matrix of `formDual`. */
function differentiate(plan: usize, direction: usize, channels: i32, out: usize): void {
  const own = <usize>P.field(plan, P.GATHERED);
  const dual = <usize>P.field(plan, P.THIN);
  const rows = P.at(direction, 0);
  const places = <usize>P.at(direction, 6);
  const product = P.z(own, rows * channels);
  const bytes = <usize>channels << 4;
  for (let r = 0; r < rows; r++) memory.copy(P.z(own, r * channels), P.z(dual, P.at(places, r) * channels), bytes);
  applyDirection(direction, <usize>P.field(plan, P.PSI), channels, 0.0, -TWO_PI, product);
  zgemm(channels, channels, rows, own, 1, channels, product, channels, out, channels, SET, false, false);
}

/**
 * dS/dX of one direction for a symmetric S with real W, where S psi^+ = psi^T. The result psi^T
 * Lambda psi is a symmetric matrix.
 */
function differentiateReal(plan: usize, direction: usize, channels: i32, out: usize): void {
  const psi = <usize>P.field(plan, P.PSI);
  const gathered = <usize>P.field(plan, P.GATHERED);
  const rows = P.at(direction, 0);
  const product = P.z(gathered, rows * channels);
  // Adjacent rows (those of a local gate, for example) are read in place.
  const list = <usize>P.at(direction, 1);
  const adjacent = rows > 0 && P.at(list, rows - 1) - P.at(list, 0) == rows - 1;
  const own = adjacent ? P.z(psi, P.at(list, 0) * channels) : gathered;
  if (!adjacent) gatherRows(direction, psi, channels, own);
  applyDirection(direction, psi, channels, 0.0, -TWO_PI, product);
  zgemm(channels, channels, rows, own, 1, channels, product, channels, out, channels, SET, false, true);
  mirrorTransposed(channels, out);
}

/**
 * dS/dX of one direction for a diagonal Lambda that is the only one on its orbitals. psi is formed
 * where it is needed and never leaves the cache.
 */
function differentiateLocal(plan: usize, direction: usize, channels: i32, out: usize): void {
  const rows = P.at(direction, 0);
  const own = <usize>P.field(plan, P.GATHERED);
  const product = P.z(own, rows * channels);
  const values = <usize>P.at(direction, 4);
  statesOn(plan, <usize>P.at(direction, 1), rows, channels, own);
  for (let r = 0; r < rows; r++) {
    const factor = TWO_PI * load<f64>(P.z(values, r));
    let source = P.z(own, r * channels);
    let target = P.z(product, r * channels);
    for (let c = 0; c < channels; c++) {
      if (ASC_FEATURE_SIMD) {
        const value = v128.load(source);
        const crossFactor = f64x2.replace_lane(f64x2.splat(factor), 1, -factor);
        v128.store(target, f64x2.mul(crossFactor, v128.shuffle<f64>(value, value, 1, 0)));
      } else {
        store<f64>(target, factor * load<f64>(source, 8));
        store<f64>(target, -factor * load<f64>(source), 8);
      }
      source += 16;
      target += 16;
    }
  }
  zgemm(channels, channels, rows, own, 1, channels, product, channels, out, channels, SET, false, true);
  mirrorTransposed(channels, out);
}

/** Forms K of all directions by the reactance method. */
function contractReactance(plan: usize, channels: i32): void {
  const pays = sandwichPays(plan, channels, true);
  if (!pays) formSupportStates(plan, channels);
  for (let nu = 0; nu < P.field(plan, P.DIRECTIONS); nu++) {
    if (pays) reactanceSandwich(plan, nu, channels, true, P.z(<usize>P.field(plan, P.K), nu * channels * channels));
    else contract(plan, nu, channels, false);
  }
}

/**
 * Writes dS/dX of the directions [first, after) of the point last evaluated with ASKED_DSDE, one
 * after the other from the start of K. The caller asks for pieces that stay in the cache until they
 * are copied.
 */
export function zderivatives(plan: usize, first: i32, after: i32): void {
  const channels = P.channels(plan);
  const kind = P.field(plan, P.REAL_FACTORS);
  const real = kind == 1;
  const pays = kind != 0 && sandwichPays(plan, channels, false);
  const local = real && !pays && P.field(plan, P.LOCAL) != 0;
  if (first == 0 && !pays) {
    if (kind != 0 && !local) formSupportStates(plan, channels);
    if (!real) formDual(plan, channels);
  }
  let out = <usize>P.field(plan, P.K);
  for (let nu = first; nu < after; nu++) {
    const direction = P.direction(plan, nu);
    if (local) differentiateLocal(plan, direction, channels, out);
    else if (pays) reactanceSandwich(plan, nu, channels, false, out);
    else if (real) differentiateReal(plan, direction, channels, out);
    else differentiate(plan, direction, channels, out);
    out = P.z(out, channels * channels);
  }
  // The results have taken the places of the parts.
  if (after == P.field(plan, P.DIRECTIONS)) store<i32>(plan + (<usize>P.PARTS << 2), 0);
}

/**
 * S' = -2 pi i [W'^+ psi + S psi^+ (W' - (1 - Sigma') psi)]. The matrix W' - (1 - Sigma') psi stays
 * in the place of psi'.
 */
function energyDerivative(plan: usize, channels: i32): void {
  const psi = <usize>P.field(plan, P.PSI);
  const dPsi = <usize>P.field(plan, P.D_PSI);
  const s = <usize>P.field(plan, P.S);
  const dS = <usize>P.field(plan, P.D_S);
  const overlap = <usize>P.field(plan, P.SLICE);
  derivativeColumns(plan, channels, psi, dPsi);
  project(plan, 6, channels, psi, dS);
  zgemm(channels, channels, P.field(plan, P.N), psi, 1, channels, dPsi, channels, overlap, channels, SET, true, false);
  zgemm(channels, channels, channels, s, channels, 1, overlap, channels, dS, channels, ADD, false, false);
  for (let k = 0; k < channels * channels; k++) timesMinusTwoPiI(P.z(dS, k));
}

/** max |S^+ S - 1|, or NaN if an element is NaN. */
function unitarityDefect(plan: usize, channels: i32): f64 {
  const s = <usize>P.field(plan, P.S);
  const product = <usize>P.field(plan, P.OVERLAP);
  zgemm(channels, channels, channels, s, 1, channels, s, channels, product, channels, SET, true, true);
  let largest = 0.0;
  for (let a = 0; a < channels; a++)
    for (let b = 0; b <= a; b++) {
      const entry = P.z(product, a * channels + b);
      const re = load<f64>(entry) - (a == b ? 1.0 : 0.0);
      const im = load<f64>(entry, 8);
      largest = max(largest, re * re + im * im);
    }
  return Math.sqrt(largest);
}

/** psi = G W by the complex factors. The status is that of zscatter. */
function complexStates(plan: usize, energy: f64, channels: i32): i32 {
  assemble(plan, energy, 0.0, false, 0.0);
  const status = factorise(plan);
  if (status != 0 || channels == 0) return status;
  const rhs = <usize>P.field(plan, P.D_PSI);
  leadColumns(plan, 5, channels, rhs);
  const defect = refinedSolve(plan, rhs, <usize>P.field(plan, P.PSI), channels);
  store<f64>(<usize>P.field(plan, P.STATISTICS), defect);
  return defect < 1e-10 ? 0 : -1;
}

/**
 * Evaluates one point. `asked` is one of the constants ASKED_ of plan.ts. The lead records must
 * hold Sigma and W of this energy. The reactance method is used where it keeps all digits. Returns
 * 0; block + 1 if the Schur complement of that block is singular; -1 if the residual stays above
 * 1e-10; -2 if a plan of fronts declines the point, because there is no channel or digits would be
 * lost. If `residual` is not 0, derivatives of the scattering states by the reactance method may be
 * left with that relative residual, divided by the loss of digits.
 */
export function zscatter(plan: usize, energy: f64, asked: i32, residual: f64): i32 {
  store<f64>(<usize>P.field(plan, P.STATISTICS), residual, 96);
  const channels = P.channels(plan);
  const short = reactanceStates(plan, energy, channels, asked);
  if (!short) {
    if (P.field(plan, P.FRONTS)) return -2;
    const status = complexStates(plan, energy, channels);
    if (status != 0 || channels == 0) return status;
  }
  const psi = <usize>P.field(plan, P.PSI);
  const s = <usize>P.field(plan, P.S);
  if (short && asked == P.ASKED_S) reactanceTimesB(plan, channels, s);
  else project(plan, 5, channels, psi, s);
  for (let k = 0; k < channels * channels; k++) timesMinusTwoPiI(P.z(s, k));
  for (let a = 0; a < channels; a++) {
    const entry = P.z(s, a * channels + a);
    store<f64>(entry, load<f64>(entry) + 1.0);
  }
  store<f64>(<usize>P.field(plan, P.STATISTICS), unitarityDefect(plan, channels), 72);
  if (asked == P.ASKED_S) return 0;
  if (asked >= P.ASKED_DSDE) {
    if (!short) energyDerivative(plan, channels);
    else if (P.field(plan, P.REAL_FACTORS) == 2) energyDerivativeHermitian(plan, channels);
    else energyDerivativeReal(plan, channels);
  }
  if (asked == P.ASKED_DSDE) return 0;
  if (asked == P.ASKED_K) {
    if (short) contractReactance(plan, channels);
    else for (let nu = 0; nu < P.field(plan, P.DIRECTIONS); nu++) contract(plan, nu, channels, false);
    return 0;
  }
  const dPsi = <usize>P.field(plan, P.D_PSI);
  const rhs = <usize>P.field(plan, P.GATHERED);
  store<f64>(<usize>P.field(plan, P.STATISTICS), 0.0, 80);
  if (short && firstOrderPays(plan, channels)) return reactanceFirstOrder(plan, channels) ? 0 : -1;
  if (short) {
    formStates(plan, channels);
    derivativeColumns(plan, channels, psi, rhs);
  } else memory.copy(rhs, dPsi, <usize>(P.field(plan, P.N) * channels) << 4);
  if (!(refinedSolve(plan, rhs, dPsi, channels) < 1e-10)) return -1;
  for (let nu = 0; nu < P.field(plan, P.DIRECTIONS); nu++) contract(plan, nu, channels, true);
  return 0;
}
