// Antisymmetric friction at one energy. phi_nu = G Lambda_nu psi takes one thin solve per direction
// with the factors that zscatter left; products of equal columns on the rows of the directions
// follow. Per pair nu < nu' and channel a:
//     y_a = 2 pi Im[ (Lambda_nu psi)_a^+ (phi_nu')_a - (Lambda_nu' psi)_a^+ (phi_nu)_a ]
//     b_a = 4 pi Im[ (phi_nu)_a^+ (Lambda_nu' psi')_a - (phi_nu')_a^+ (Lambda_nu psi')_a ]
import { applyDirection, refinedSolve } from "./scatter";
import * as P from "./plan";
import { hasFirstOrder } from "./reactance-derivatives";
import { reactancePairs } from "./reactance-pairs";

const TWO_PI: f64 = 6.283185307179586;

/**
 * Adds factor Im[x^+ y], column by column, to every second number at `out`. x has the rows of the
 * direction, y has the rows of the support.
 */
function addColumnDots(direction: usize, x: usize, y: usize, channels: i32, factor: f64, out: usize): void {
  const places = <usize>P.at(direction, 6);
  for (let r = 0; r < P.at(direction, 0); r++)
    for (let a = 0; a < channels; a++) {
      const p = P.z(x, r * channels + a);
      const q = P.z(y, P.at(places, r) * channels + a);
      const target = P.z(out, a);
      store<f64>(target, load<f64>(target) + factor * (load<f64>(p) * load<f64>(q, 8) - load<f64>(p, 8) * load<f64>(q)));
    }
}

/**
 * To be called after zscatter with ASKED_ALL. `work` holds (support + 2 rows) x channels numbers
 * per direction and n x channels more. `out` receives 2 x channels numbers per pair, y_a and b_a
 * interleaved. Returns 0, or -1 if a residual stays above 1e-10.
 */
export function zlorentz(plan: usize, work: usize, out: usize): i32 {
  if (hasFirstOrder(plan)) return reactancePairs(plan, work, out) ? 0 : -1;
  const channels = P.channels(plan);
  const directions = P.field(plan, P.DIRECTIONS);
  const n = P.field(plan, P.N);
  const support = P.field(plan, P.SUPPORT);
  const list = <usize>P.field(plan, P.SUPPORT_LIST);
  const psi = <usize>P.field(plan, P.PSI);
  const dPsi = <usize>P.field(plan, P.D_PSI);
  const rhs = <usize>P.field(plan, P.GATHERED);
  const bytes = <usize>channels << 4;
  const phi = work;
  let next = P.z(work, n * channels);
  const states = next;
  for (let nu = 0; nu < directions; nu++) {
    const direction = P.direction(plan, nu);
    const rows = P.at(direction, 0);
    const rowList = <usize>P.at(direction, 1);
    const product = P.z(next, support * channels);
    applyDirection(direction, psi, channels, 1.0, 0.0, product);
    applyDirection(direction, dPsi, channels, 1.0, 0.0, P.z(product, rows * channels));
    memory.fill(rhs, 0, <usize>n * bytes);
    for (let r = 0; r < rows; r++) memory.copy(P.z(rhs, P.at(rowList, r) * channels), P.z(product, r * channels), bytes);
    if (!(refinedSolve(plan, rhs, phi, channels) < 1e-10)) return -1;
    for (let r = 0; r < support; r++) memory.copy(P.z(next, r * channels), P.z(phi, P.at(list, r) * channels), bytes);
    next = P.z(product, 2 * rows * channels);
  }
  memory.fill(out, 0, <usize>(directions * (directions - 1) / 2) * bytes);
  let target = out;
  let own = states;
  for (let nu = 0; nu < directions; nu++) {
    const first = P.direction(plan, nu);
    const ownRows = P.at(first, 0);
    const ownProduct = P.z(own, support * channels);
    const ownSlope = P.z(ownProduct, ownRows * channels);
    let other = P.z(ownSlope, ownRows * channels);
    for (let mu = nu + 1; mu < directions; mu++) {
      const second = P.direction(plan, mu);
      const rows = P.at(second, 0);
      const product = P.z(other, support * channels);
      const slope = P.z(product, rows * channels);
      addColumnDots(first, ownProduct, other, channels, TWO_PI, target);
      addColumnDots(second, product, own, channels, -TWO_PI, target);
      // Im[phi^+ x] = -Im[x^+ phi].
      addColumnDots(second, slope, own, channels, -2.0 * TWO_PI, target + 8);
      addColumnDots(first, ownSlope, other, channels, 2.0 * TWO_PI, target + 8);
      target += bytes;
      other = P.z(slope, rows * channels);
    }
    own = P.z(ownSlope, ownRows * channels);
  }
  return 0;
}
