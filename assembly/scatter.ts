// One point (energy, configuration): factorise E - H - Sigma once, solve for the lead columns, contract.
//   psi = G W,   S = 1 - 2 pi i W^+ psi,   K_nu = 2 pi psi^+ Lambda_nu psi,
//   psi' = G (W' - (1 - Sigma') psi),      P_nu = 2 pi psi^+ Lambda_nu psi',
//   S' = -2 pi i [W'^+ psi + S psi^+ (W' - (1 - Sigma') psi)], since W^+ G = S psi^+ (unitarity): S' needs no second solve.
// Each solve is followed by its residual and, where that is not at rounding level, by refinement.
import { ADD, SET, zgemm } from "./gemm";
import { axpySubtract } from "./dense";
import { assemble, factorise, largest, solveThin, subtractProduct } from "./factor";
import * as P from "./plan";

const TWO_PI: f64 = 6.283185307179586;

/** rhs (n x channels) = W, or W' (part 6 of the lead record). */
function leadColumns(plan: usize, part: i32, channels: i32, rhs: usize): void {
  memory.fill(rhs, 0, <usize>(P.field(plan, P.N) * channels) << 4);
  let column = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = <usize>P.field(plan, P.LEAD_TABLE) + <usize>(l * P.LEAD_FIELDS << 2);
    const open = P.at(lead, 7);
    for (let i = 0; i < P.at(lead, 0); i++)
      memory.copy(P.z(rhs, P.at(<usize>P.at(lead, 1), i) * channels + column), P.z(<usize>P.at(lead, part), i * open), <usize>open << 4);
    column += open;
  }
}

/** x <- A^-1 rhs with up to three rounds of refinement. Returns the relative residual. */
function refinedSolve(plan: usize, rhs: usize, x: usize, channels: i32): f64 {
  const count = P.field(plan, P.N) * channels;
  const thin = <usize>P.field(plan, P.THIN);
  const bytes = <usize>count << 4;
  const entries = P.at(<usize>P.field(plan, P.ROW_START), P.field(plan, P.N));
  const scaleA = largest(<usize>P.field(plan, P.A_VALUES), entries);
  const scaleB = largest(rhs, count);
  memory.copy(x, rhs, bytes);
  solveThin(plan, x, channels);
  let defect = Infinity;
  for (let round = 0; round < 4; round++) {
    memory.copy(thin, rhs, bytes);
    subtractProduct(plan, x, thin, channels);
    const next = largest(thin, count) / (scaleA * largest(x, count) + scaleB);
    if (!(next < defect)) return isFinite(defect) ? defect : next;
    defect = next;
    if (defect < 2e-15 || round == 3) return defect;
    solveThin(plan, thin, channels);
    for (let k = 0; k < count * 2; k++) {
      const target = x + (<usize>k << 3);
      store<f64>(target, load<f64>(target) + load<f64>(thin + (<usize>k << 3)));
    }
  }
  return defect;
}

/** -2 pi i times the number at `entry`, in place. */
// @ts-ignore: decorator
@inline
function timesMinusTwoPiI(entry: usize): void {
  const re = load<f64>(entry);
  store<f64>(entry, TWO_PI * load<f64>(entry, 8));
  store<f64>(entry, -TWO_PI * re, 8);
}

/** out (channels x channels) = V^+ x over the lead orbitals, V = W (part 5) or W' (part 6). */
function project(plan: usize, part: i32, channels: i32, x: usize, out: usize): void {
  const gathered = <usize>P.field(plan, P.SLICE);
  let first = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = <usize>P.field(plan, P.LEAD_TABLE) + <usize>(l * P.LEAD_FIELDS << 2);
    const size = P.at(lead, 0);
    const open = P.at(lead, 7);
    for (let i = 0; i < size; i++)
      memory.copy(P.z(gathered, i * channels), P.z(x, P.at(<usize>P.at(lead, 1), i) * channels), <usize>channels << 4);
    zgemm(open, channels, size, <usize>P.at(lead, part), 1, open, gathered, channels, P.z(out, first * channels), channels, SET, true, false);
    first += open;
  }
}

/** rhs <- W' - (1 - Sigma') psi. */
function derivativeColumns(plan: usize, channels: i32, psi: usize, rhs: usize): void {
  leadColumns(plan, 6, channels, rhs);
  const count = P.field(plan, P.N) * channels * 2;
  for (let k = 0; k < count; k++) {
    const target = rhs + (<usize>k << 3);
    store<f64>(target, load<f64>(target) - load<f64>(psi + (<usize>k << 3)));
  }
  for (let l = 0; l < P.field(plan, P.LEADS); l++) {
    const lead = <usize>P.field(plan, P.LEAD_TABLE) + <usize>(l * P.LEAD_FIELDS << 2);
    const size = P.at(lead, 0);
    const list = <usize>P.at(lead, 1);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const sigma = P.z(<usize>P.at(lead, 4), i * size + j);
        axpySubtract(channels, -load<f64>(sigma), -load<f64>(sigma, 8), P.z(psi, P.at(list, j) * channels), P.z(rhs, P.at(list, i) * channels));
      }
  }
}

/** K_nu and, if asked, P_nu of one direction, on the rows its Lambda touches. */
function contract(plan: usize, direction: usize, channels: i32, firstOrder: bool): void {
  const rows = P.at(direction, 0);
  const list = <usize>P.at(direction, 1);
  const starts = <usize>P.at(direction, 2);
  const columns = <usize>P.at(direction, 3);
  const values = <usize>P.at(direction, 4);
  const psi = <usize>P.field(plan, P.PSI);
  const bytes = <usize>channels << 4;
  const own = <usize>P.field(plan, P.GATHERED);
  const product = P.z(own, rows * channels);
  memory.fill(product, 0, <usize>rows * bytes);
  for (let r = 0; r < rows; r++) {
    memory.copy(P.z(own, r * channels), P.z(psi, P.at(list, r) * channels), bytes);
    // The factor 2 pi goes in here, once per row.
    for (let k = P.at(starts, r); k < P.at(starts, r + 1); k++)
      axpySubtract(channels, -TWO_PI * load<f64>(P.z(values, k)), -TWO_PI * load<f64>(P.z(values, k), 8),
        P.z(psi, P.at(columns, k) * channels), P.z(product, r * channels));
  }
  const k = <usize>P.at(direction, 5);
  zgemm(channels, channels, rows, own, 1, channels, product, channels, k, channels, SET, true, true);
  for (let a = 0; a < channels; a++)
    for (let b = 0; b <= a; b++) {
      const source = P.z(k, a * channels + b);
      const mirror = P.z(k, b * channels + a);
      const im = a == b ? 0.0 : load<f64>(source, 8);
      store<f64>(mirror, load<f64>(source));
      store<f64>(source, im, 8);
      store<f64>(mirror, -im, 8);
    }
  if (!firstOrder) return;
  // psi^+ Lambda psi' = (Lambda psi)^+ psi', Lambda being Hermitian.
  const dPsi = <usize>P.field(plan, P.D_PSI);
  for (let r = 0; r < rows; r++) memory.copy(P.z(own, r * channels), P.z(dPsi, P.at(list, r) * channels), bytes);
  zgemm(channels, channels, rows, product, 1, channels, own, channels, <usize>P.at(direction, 6), channels, SET, true, false);
}

/**
 * Evaluates one point. level 0: S and K; 1: also S'; 2: also psi' and P. Lead records must hold this energy's Sigma and W.
 * Returns 0; block + 1 if that block's Schur complement is singular; -1 if the residual stays above 1e-10.
 */
export function zscatter(plan: usize, energy: f64, level: i32): i32 {
  let channels = 0;
  for (let l = 0; l < P.field(plan, P.LEADS); l++)
    channels += P.at(<usize>P.field(plan, P.LEAD_TABLE) + <usize>(l * P.LEAD_FIELDS << 2), 7);
  assemble(plan, energy, 0.0);
  const status = factorise(plan);
  if (status != 0 || channels == 0) return status;
  const psi = <usize>P.field(plan, P.PSI);
  const dPsi = <usize>P.field(plan, P.D_PSI);
  const s = <usize>P.field(plan, P.S);
  const statistics = <usize>P.field(plan, P.STATISTICS);
  leadColumns(plan, 5, channels, dPsi);
  const defect = refinedSolve(plan, dPsi, psi, channels);
  store<f64>(statistics, defect);
  if (!(defect < 1e-10)) return -1;
  project(plan, 5, channels, psi, s);
  for (let k = 0; k < channels * channels; k++) timesMinusTwoPiI(P.z(s, k));
  for (let a = 0; a < channels; a++) {
    const entry = P.z(s, a * channels + a);
    store<f64>(entry, load<f64>(entry) + 1.0);
  }
  if (level >= 1) {
    derivativeColumns(plan, channels, psi, dPsi);
    const dS = <usize>P.field(plan, P.D_S);
    const overlap = <usize>P.field(plan, P.SLICE);
    project(plan, 6, channels, psi, dS);
    zgemm(channels, channels, P.field(plan, P.N), psi, 1, channels, dPsi, channels, overlap, channels, SET, true, false);
    zgemm(channels, channels, channels, s, channels, 1, overlap, channels, dS, channels, ADD, false, false);
    for (let k = 0; k < channels * channels; k++) timesMinusTwoPiI(P.z(dS, k));
  }
  if (level >= 2) {
    const rhs = <usize>P.field(plan, P.GATHERED);
    memory.copy(rhs, dPsi, <usize>(P.field(plan, P.N) * channels) << 4);
    if (!(refinedSolve(plan, rhs, dPsi, channels) < 1e-10)) return -1;
  }
  for (let d = 0; d < P.field(plan, P.DIRECTIONS); d++)
    contract(plan, <usize>P.field(plan, P.DIRECTION_TABLE) + <usize>(d * P.DIRECTION_FIELDS << 2), channels, level >= 2);
  return 0;
}
