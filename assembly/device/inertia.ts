// Numbers of eigenvalues by Sylvester's law of inertia. H + Re Sigma - E has as many negative
// eigenvalues as the Schur complements D_i of E - H - Re Sigma have positive ones, block by block.
// Each D_i is decomposed as L B L^T with 1 x 1 and 2 x 2 pivots (Bunch, Kaufman, Math. Comp. 31,
// 163 (1977)) with m^3 / 3 flops; no eigenvalue is computed. A complex Hermitian matrix A + i B is
// treated as the real symmetric matrix [[A, -B], [B, A]], which has every eigenvalue twice.
import { daxpy } from "../linear-algebra/dgemm";
import { zinverse } from "../linear-algebra/dense";
import { Real } from "../linear-algebra/elements";
import { safeInverse } from "../linear-algebra/hermitian-inverse";
import { assemble, schur } from "./factor";
import { assembleReactance, reactanceSchur } from "./reactance-factor";
import * as P from "./plan";

/** (1 + sqrt 17) / 8, the pivot threshold that bounds the growth of the elements. */
const ALPHA: f64 = 0.6403882032022076;
/**
 * Largest relative error of the smallest eigenvalue of a Schur complement up to which its sign is
 * trusted. That eigenvalue is small if a leading part has a level near the energy. If two orbitals
 * couple to this level, the next Schur complement has a large and a small eigenvalue.
 */
const DOUBT: f64 = 1e-3;

/** Largest modulus in a list. */
function most(count: i32, a: usize): f64 {
  let size = 0.0;
  for (let k = 0; k < count; k++) size = max(size, Math.abs(load<f64>(a + (<usize>k << 3))));
  return size;
}

// @ts-ignore: decorator
@inline
function swap(p: usize, q: usize): void {
  const t = load<f64>(p);
  store<f64>(p, load<f64>(q));
  store<f64>(q, t);
}

/**
 * Exchanges the rows and columns p < q of the trailing symmetric matrix (lower half, from row k
 * on).
 */
function exchange(n: i32, k: i32, p: i32, q: i32, a: usize, step: usize): void {
  const rowP = a + <usize>p * step;
  const rowQ = a + <usize>q * step;
  for (let j = k; j < p; j++) swap(rowP + (<usize>j << 3), rowQ + (<usize>j << 3));
  swap(rowP + (<usize>p << 3), rowQ + (<usize>q << 3));
  for (let i = p + 1; i < q; i++) swap(a + <usize>i * step + (<usize>p << 3), rowQ + (<usize>i << 3));
  for (let i = q + 1; i < n; i++) {
    const row = a + <usize>i * step;
    swap(row + (<usize>p << 3), row + (<usize>q << 3));
  }
}

/**
 * Number of positive eigenvalues of a symmetric n x n matrix (lower half; overwritten), or -1 if it
 * is exactly singular. work: 2 n numbers.
 */
export function dsyinertia(n: i32, a: usize, work: usize): i32 {
  const step = <usize>n << 3;
  const first = work;
  const second = work + step;
  let count = 0;
  let k = 0;
  while (k < n) {
    const diagonal = a + <usize>k * step + (<usize>k << 3);
    const own = Math.abs(load<f64>(diagonal));
    let largest = 0.0;
    let row = k;
    for (let i = k + 1; i < n; i++) {
      const size = Math.abs(load<f64>(a + <usize>i * step + (<usize>k << 3)));
      if (size > largest) {
        largest = size;
        row = i;
      }
    }
    if (!(max(own, largest) > 0.0)) return -1;
    let pair = false;
    if (own < ALPHA * largest) {
      let across = 0.0;
      for (let j = k; j < row; j++) across = max(across, Math.abs(load<f64>(a + <usize>row * step + (<usize>j << 3))));
      for (let i = row + 1; i < n; i++) across = max(across, Math.abs(load<f64>(a + <usize>i * step + (<usize>row << 3))));
      if (own * across < ALPHA * largest * largest) {
        pair = Math.abs(load<f64>(a + <usize>row * step + (<usize>row << 3))) < ALPHA * across;
        const target = pair ? k + 1 : k;
        if (row != target) exchange(n, k, target, row, a, step);
      }
    }
    // Copies the columns of the pivot to contiguous memory.
    const next = pair ? k + 2 : k + 1;
    for (let i = next; i < n; i++) {
      const source = a + <usize>i * step + (<usize>k << 3);
      store<f64>(first + (<usize>i << 3), load<f64>(source));
      if (pair) store<f64>(second + (<usize>i << 3), load<f64>(source, 8));
    }
    if (!pair) {
      const pivot = load<f64>(diagonal);
      if (pivot > 0.0) count++;
      const inverse = 1.0 / pivot;
      for (let i = next; i < n; i++)
        daxpy(i + 1 - next, -inverse * load<f64>(first + (<usize>i << 3)), first + (<usize>next << 3), a + <usize>i * step + (<usize>next << 3));
    } else {
      // A 2 x 2 pivot has a negative determinant and hence one eigenvalue of either sign.
      count++;
      const below = diagonal + step;
      const x = load<f64>(diagonal);
      const y = load<f64>(below);
      const z = load<f64>(below, 8);
      // The elements are divided by y first, so that the determinant neither overflows nor cancels.
      const xs = x / y;
      const zs = z / y;
      const scale = 1.0 / (y * (xs * zs - 1.0));
      for (let i = next; i < n; i++) {
        const u = load<f64>(first + (<usize>i << 3));
        const v = load<f64>(second + (<usize>i << 3));
        const target = a + <usize>i * step + (<usize>next << 3);
        daxpy(i + 1 - next, -scale * (zs * u - v), first + (<usize>next << 3), target);
        daxpy(i + 1 - next, -scale * (xs * v - u), second + (<usize>next << 3), target);
      }
    }
    k = next;
  }
  return count;
}

const EPSILON: f64 = 2.3e-16;

/**
 * Estimated rounding of the Schur complement after two slices whose largest |D^-1| are `before` and
 * g, in units of the device's energies. It contains the rounding of the last elimination and the
 * amplified rounding of the one before it. Older rounding is not followed, because a product of
 * bounds grows much faster than rounding does.
 */
function roundingAfter(g: f64, before: f64): f64 {
  return EPSILON * (1.0 + g + g * g * (1.0 + before));
}

/** The method of zinertia with real Schur complements. */
function realInertia(plan: usize, energy: f64): i32 {
  assembleReactance<Real>(plan, energy, 0.0);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const block = <usize>P.field(plan, P.BLOCK);
  const work = <usize>P.field(plan, P.WORK);
  const pivots = <usize>P.field(plan, P.PIVOTS);
  const blocks = P.field(plan, P.BLOCKS);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), P.field(plan, P.N));
  const scale = most(entries, <usize>P.field(plan, P.REAL_VALUES));
  let rounding = EPSILON;
  let before = 0.0;
  let count = 0;
  for (let i = 0; i < blocks; i++) {
    const m = P.at(starts, i + 1) - P.at(starts, i);
    const bytes = <usize>(m * m) << 3;
    const inverse = P.z(<usize>P.field(plan, P.INVERSES), P.at(<usize>P.field(plan, P.INVERSE_OFFSET), i));
    reactanceSchur<Real>(plan, i, inverse);
    if (m == 1) {
      const value = load<f64>(inverse);
      if (value == 0.0) return -1 - i;
      if (value > 0.0) count++;
      if (i == blocks - 1) break;
      const g = Math.abs(scale / value);
      if (!(g * rounding < DOUBT)) return -1 - i;
      rounding = roundingAfter(g, before);
      before = g;
      store<f64>(inverse, 1.0 / value);
      continue;
    }
    memory.copy(block, inverse, bytes);
    const positive = dsyinertia(m, block, work);
    if (positive < 0) return -1 - i;
    count += positive;
    if (i == blocks - 1) break;
    if (safeInverse<Real>(m, inverse, pivots, block, false) != 0) return -1 - i;
    const g = scale * most(m * m, inverse);
    if (!(g * rounding < DOUBT)) return -1 - i;
    rounding = roundingAfter(g, before);
    before = g;
  }
  return count;
}

/**
 * Number of eigenvalues of H + Sigma below the energy, where Sigma is the Hermitian part of the
 * leads' self-energy. Returns -1 - block if the last Schur complement is exactly singular or the
 * inertia of an earlier one is in doubt.
 */
export function zinertia(plan: usize, energy: f64): i32 {
  store<i32>(plan + (<usize>P.REAL_FACTORS << 2), 0);
  if (P.field(plan, P.SYMMETRIC) == 2) return realInertia(plan, energy);
  assemble(plan, energy, 0.0, true, 0.0);
  const starts = <usize>P.field(plan, P.BLOCK_START);
  const block = <usize>P.field(plan, P.BLOCK);
  const work = <usize>P.field(plan, P.WORK);
  const blocks = P.field(plan, P.BLOCKS);
  const entries = P.at(<usize>P.field(plan, P.ROW_START), P.field(plan, P.N));
  const scale = most(2 * entries, <usize>P.field(plan, P.A_VALUES));
  let rounding = EPSILON;
  let before = 0.0;
  let count = 0;
  for (let i = 0; i < blocks; i++) {
    const m = P.at(starts, i + 1) - P.at(starts, i);
    const inverse = P.z(<usize>P.field(plan, P.INVERSES), P.at(<usize>P.field(plan, P.INVERSE_OFFSET), i));
    schur(plan, i, inverse);
    // The lower half of [[A, -B], [B, A]].
    for (let r = 0; r < m; r++)
      for (let c = 0; c < m; c++) {
        const source = P.z(inverse, r * m + c);
        const upper = block + (<usize>(r * 2 * m + c) << 3);
        const lower = block + (<usize>((r + m) * 2 * m + c) << 3);
        store<f64>(upper, load<f64>(source));
        store<f64>(lower, load<f64>(source, 8));
        store<f64>(lower + (<usize>m << 3), load<f64>(source));
      }
    const positive = dsyinertia(2 * m, block, work);
    if (positive < 0) return -1 - i;
    count += positive;
    if (i == blocks - 1) break;
    memory.copy(block, inverse, <usize>(m * m) << 4);
    if (zinverse(m, block, <usize>P.field(plan, P.PIVOTS), inverse) != 0) return -1 - i;
    const g = scale * most(2 * m * m, inverse);
    if (!(g * rounding < DOUBT)) return -1 - i;
    rounding = roundingAfter(g, before);
    before = g;
  }
  return count >> 1;
}
