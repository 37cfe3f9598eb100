// The antisymmetric friction of a point that reactance-derivatives.ts has solved, from its Y, Y', V,
// V', Q_nu, F_nu and R_nu, and from Z_nu, which is solved here. With N = Y^+ Lambda_nu Z_mu and
// C_nu,mu = Z_nu^+ Lambda_mu Y':
//
//     y_a = 2 pi Im[ V^+ (N - N^+) V + Q_nu^+ F_mu - Q_mu^+ F_nu ]_aa
//     b_a = 4 pi Im[ V^+ ((C_nu,mu - C_mu,nu) V + (N - N^+) V') + F_nu^+ R_mu - F_mu^+ R_nu ]_aa
import { at, bytes, Complex, gemm, isComplex, Real, squaresOf } from "../linear-algebra/elements";
import { ADD, SET, SUBTRACT, zgemm } from "../linear-algebra/gemm";
import { TWO_PI } from "./channel-matrices";
import * as P from "./plan";
import { PI } from "./reactance";
import { applyLambda, BACK, EACH, FIRST, imaginary, kept, LARGEST, PIECE, rowsOf, solveRefined, timesComplex, together, V, V_SLOPE } from "./reactance-derivatives";

/** Z_nu of all directions on the rows of the support, in `out`. Returns false if digits are lost. */
function parameterDerivatives<T>(plan: usize, channels: i32, states: usize, out: usize): bool {
  const n = P.field(plan, P.N);
  const directions = P.field(plan, P.DIRECTIONS);
  const support = P.field(plan, P.SUPPORT);
  const supportList = <usize>P.field(plan, P.SUPPORT_LIST);
  const x = <usize>P.field(plan, P.X);
  const rhs = <usize>P.field(plan, P.GATHERED);
  const product = <usize>P.field(plan, P.THIN);
  for (let first = 0; first < directions; first += together<T>()) {
    const blocks = min(together<T>(), directions - first);
    const width = blocks * channels;
    memory.fill(rhs, 0, bytes<T>(n * width));
    for (let block = 0; block < blocks; block++) {
      const direction = P.direction(plan, first + block);
      const rows = P.at(direction, 0);
      const list = <usize>P.at(direction, 1);
      applyLambda<T>(direction, 0, rows, x, channels, product);
      for (let r = 0; r < rows; r++)
        memory.copy(at<T>(rhs, P.at(list, r) * width + block * channels), at<T>(product, r * channels), bytes<T>(channels));
    }
    if (!(solveRefined<T>(plan, channels, blocks, rhs, states) < LARGEST)) return false;
    for (let block = 0; block < blocks; block++) {
      const target = at<T>(out, (first + block) * support * channels);
      for (let r = 0; r < support; r++)
        memory.copy(at<T>(target, r * channels), at<T>(states, P.at(supportList, r) * width + block * channels), bytes<T>(channels));
    }
  }
  return true;
}

/**
 * Adds Lambda x and z of the rows of a direction to c (channels x channels), or subtracts them:
 * (Lambda x)^+ z or, with `reversed`, z^+ Lambda x. z has the rows of the support. Returns the
 * product of the Frobenius norms of both.
 */
function addProduct<T>(plan: usize, direction: usize, channels: i32, x: usize, z: usize, reversed: bool, c: usize, mode: i32): f64 {
  let left = 0.0;
  let right = 0.0;
  const gathered = <usize>P.field(plan, P.GATHERED);
  const rows = P.at(direction, 0);
  for (let from = 0; from < rows; from += PIECE) {
    const count = min(PIECE, rows - from);
    const product = at<T>(gathered, count * channels);
    const own = rowsOf<T>(<usize>P.at(direction, 6) + (<usize>from << 2), count, z, channels, gathered);
    applyLambda<T>(direction, from, count, x, channels, product);
    if (reversed) gemm<T>(channels, channels, count, own, 1, channels, product, channels, c, channels, mode, true, false);
    else gemm<T>(channels, channels, count, product, 1, channels, own, channels, c, channels, mode, true, false);
    left += squaresOf<T>(product, count * channels);
    right += squaresOf<T>(own, count * channels);
  }
  return Math.sqrt(left * right);
}

/** n <- n - n^+. */
function antiHermitian<T>(channels: i32, n: usize): void {
  for (let a = 0; a < channels; a++)
    for (let b = 0; b <= a; b++) {
      const entry = at<T>(n, a * channels + b);
      const mirror = at<T>(n, b * channels + a);
      const re = load<f64>(entry) - load<f64>(mirror);
      store<f64>(entry, re);
      store<f64>(mirror, -re);
      if (!isComplex<T>()) continue;
      const im = load<f64>(entry, 8) + load<f64>(mirror, 8);
      store<f64>(entry, im, 8);
      store<f64>(mirror, im, 8);
    }
}

function pairs<T>(plan: usize, channels: i32, work: usize, out: usize): bool {
  const directions = P.field(plan, P.DIRECTIONS);
  const support = P.field(plan, P.SUPPORT);
  const square = channels * channels;
  const shift = load<f64>(<usize>P.field(plan, P.STATISTICS), 48);
  const z = P.z(work, P.field(plan, P.N) * channels);
  if (!parameterDerivatives<T>(plan, channels, work, z)) return false;
  const y = <usize>P.field(plan, P.X);
  const dY = <usize>P.field(plan, P.PSI);
  const v = kept(plan, V, channels);
  const dV = kept(plan, V_SLOPE, channels);
  for (let nu = 0; nu < directions; nu++) {
    const f = kept(plan, FIRST + EACH * nu + 1, channels);
    zgemm(channels, channels, channels, kept(plan, BACK, channels), 1, channels, kept(plan, FIRST + EACH * nu, channels), channels, f, channels, SET, true, false);
    for (let k = 0; k < square; k++) {
      const re = load<f64>(P.z(f, k));
      const im = load<f64>(P.z(f, k), 8);
      store<f64>(P.z(f, k), PI * (shift * re + im));
      store<f64>(P.z(f, k), PI * (shift * im - re), 8);
    }
  }
  const c = <usize>P.field(plan, P.REACTANCE);
  const n = P.z(c, square);
  const filled = <usize>P.field(plan, P.OVERLAP);
  const surface = P.z(filled, square);
  let target = out;
  let sizeY = 0.0;
  let sizeB = 0.0;
  for (let nu = 0; nu < directions; nu++)
    for (let mu = nu + 1; mu < directions; mu++) {
      const own = at<T>(z, nu * support * channels);
      const other = at<T>(z, mu * support * channels);
      const first = P.direction(plan, nu);
      const second = P.direction(plan, mu);
      memory.fill(c, 0, <usize>square << 5);
      const cancels = addProduct<T>(plan, second, channels, dY, own, true, c, ADD) + addProduct<T>(plan, first, channels, dY, other, true, c, SUBTRACT);
      sizeB = max(sizeB, cancels);
      sizeY = max(sizeY, 2.0 * addProduct<T>(plan, first, channels, y, other, false, n, ADD));
      antiHermitian<T>(channels, n);
      timesComplex<T>(channels, c, v, filled, SET);
      timesComplex<T>(channels, n, dV, filled, ADD);
      timesComplex<T>(channels, n, v, surface, SET);
      const q1 = kept(plan, FIRST + EACH * nu, channels);
      const q2 = kept(plan, FIRST + EACH * mu, channels);
      const f1 = P.z(q1, square);
      const f2 = P.z(q2, square);
      const r1 = P.z(f1, square);
      const r2 = P.z(f2, square);
      for (let a = 0; a < channels; a++) {
        let onSurface = 0.0;
        let below = 0.0;
        for (let e = 0; e < channels; e++) {
          const k = e * channels + a;
          onSurface += imaginary(P.z(v, k), P.z(surface, k)) + imaginary(P.z(q1, k), P.z(f2, k)) - imaginary(P.z(q2, k), P.z(f1, k));
          below += imaginary(P.z(v, k), P.z(filled, k)) + imaginary(P.z(f1, k), P.z(r2, k)) - imaginary(P.z(f2, k), P.z(r1, k));
        }
        store<f64>(target, TWO_PI * onSurface);
        store<f64>(target, 2.0 * TWO_PI * below, 8);
        target += 16;
      }
    }
  const statistics = <usize>P.field(plan, P.STATISTICS);
  store<f64>(statistics, TWO_PI * sizeY, 104);
  store<f64>(statistics, 2.0 * TWO_PI * sizeB, 112);
  return true;
}

/** The antisymmetric friction of a point for which `hasFirstOrder` holds; see zlorentz. */
export function reactancePairs(plan: usize, work: usize, out: usize): bool {
  const channels = P.channels(plan);
  if (P.field(plan, P.REAL_FACTORS) == 2) return pairs<Complex>(plan, channels, work, out);
  return pairs<Real>(plan, channels, work, out);
}
