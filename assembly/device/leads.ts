// The surface Green's function of a semi-infinite periodic lead, g = [z - h0 - s]^-1 with s = h1 g
// h1^+, and its derivative by z, for any cell h0 and hopping h1. Decimation (Lopez Sancho, Lopez
// Sancho, Rubio, J. Phys. F 15, 851 (1985)) at z + i eta gives a start. Newton's method at z itself
// follows:
//     ds - (h1 g) ds (g h1^+) = h1 g h1^+ - s,   and for the derivative
//     s' - (h1 g) s' (g h1^+) = -h1 g g h1^+,    g' = -g (1 - s') g.
// These Stein equations are solved in the Schur forms of their factors. Doubling would not
// converge, because open channels lie on the unit circle. The unknown is s rather than g: near a
// level of the surface that the next cell does not see, g is large but s is not, and h1 g h1^+
// would cancel. The eigenvalues of the factors are the lead's modes: lambda of g h1^+ (retarded)
// and 1/mu of h1 g (advanced). Where a retarded and an advanced mode meet, 1 - mu lambda = 0.
import { ADD, SET, zgemm } from "../linear-algebra/gemm";
import { magnitude, zinverse } from "../linear-algebra/dense";
import { zschur, zstein } from "../linear-algebra/schur";

function largest(count: i32, a: usize): f64 {
  let size = 0.0;
  for (let k = 0; k < count; k++) {
    const next = magnitude(a + (<usize>k << 4));
    if (!(next <= size)) size = next;
  }
  return size;
}

/** out = z - m. */
function resolvent(n: i32, re: f64, im: f64, m: usize, out: usize): void {
  for (let k = 0; k < n * n * 2; k++) store<f64>(out + (<usize>k << 3), -load<f64>(m + (<usize>k << 3)));
  for (let i = 0; i < n; i++) {
    const d = out + (<usize>(i * (n + 1)) << 4);
    store<f64>(d, load<f64>(d) + re);
    store<f64>(d, load<f64>(d, 8) + im, 8);
  }
}

// @ts-ignore: decorator
@inline
function multiply(n: i32, a: usize, b: usize, out: usize, mode: i32): void {
  zgemm(n, n, n, a, n, 1, b, n, out, n, mode, false, false);
}

/**
 * Computes s = h1 g h1^+ at z by decimation. work: 8 n^2 complex numbers. Returns 0, or 1 if a step
 * is singular or does not converge.
 */
function decimate(n: i32, re: f64, im: f64, h0: usize, h1: usize, adjoint: usize, s: usize, pivots: usize, work: usize): i32 {
  const size = <usize>(n * n) << 4;
  const surface = work;
  const bulk = surface + size;
  const alpha = bulk + size;
  const beta = alpha + size;
  const green = beta + size;
  const alphaGreen = green + size;
  const betaGreen = alphaGreen + size;
  const temporary = betaGreen + size;
  memory.copy(surface, h0, size);
  memory.copy(bulk, h0, size);
  memory.copy(alpha, h1, size);
  memory.copy(beta, adjoint, size);
  const scale = largest(n * n, h1);
  for (let step = 0; step < 100; step++) {
    const reach = largest(n * n, alpha) * largest(n * n, beta);
    if (!isFinite(reach)) return 1;
    if (reach <= 1e-32 * scale * scale) {
      for (let k = 0; k < n * n * 2; k++)
        store<f64>(s + (<usize>k << 3), load<f64>(surface + (<usize>k << 3)) - load<f64>(h0 + (<usize>k << 3)));
      return 0;
    }
    resolvent(n, re, im, bulk, temporary);
    if (zinverse(n, temporary, pivots, green) != 0) return 1;
    multiply(n, alpha, green, alphaGreen, SET);
    multiply(n, beta, green, betaGreen, SET);
    multiply(n, alphaGreen, beta, surface, ADD);
    multiply(n, alphaGreen, beta, bulk, ADD);
    multiply(n, betaGreen, alpha, bulk, ADD);
    multiply(n, alphaGreen, alpha, temporary, SET);
    memory.copy(alpha, temporary, size);
    multiply(n, betaGreen, beta, temporary, SET);
    memory.copy(beta, temporary, size);
  }
  return 1;
}

// @ts-ignore: decorator
@inline
function addTo(count: i32, x: usize, y: usize): void {
  for (let k = 0; k < count * 2; k++) {
    const target = y + (<usize>k << 3);
    store<f64>(target, load<f64>(target) + load<f64>(x + (<usize>k << 3)));
  }
}

/**
 * Writes to `out`: g and g' (n^2 each), mu and lambda (n each), then two f64, the relative
 * residuals of s and of s'. work: 17 n^2 + 5 n complex numbers. Returns 0; 1 if g is singular here
 * (a flat band, or a bound state of the surface); 2 if an eigenvalue iteration failed.
 */
export function zsurface(n: i32, re: f64, im: f64, eta: f64, h0: usize, h1: usize, out: usize, work: usize): i32 {
  const count = n * n;
  const size = <usize>count << 4;
  const g = out;
  const slope = g + size;
  const mu = slope + size;
  const lambda = mu + (<usize>n << 4);
  const statistics = lambda + (<usize>n << 4);
  const adjoint = work;
  const t = adjoint + size;
  const q = t + size;
  const r = q + size;
  const z = r + size;
  const s = z + size;
  const residual = s + size;
  const spare = residual + size; // 8 n^2, shared by decimation and by the steps after it
  const list = spare + 8 * size;
  const pivots = list + 4 * (<usize>n << 4);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const source = h1 + (<usize>(i * n + j) << 4);
      const target = adjoint + (<usize>(j * n + i) << 4);
      store<f64>(target, load<f64>(source));
      store<f64>(target, -load<f64>(source, 8), 8);
    }
  if (decimate(n, re, im + eta, h0, h1, adjoint, s, pivots, spare) != 0) return 1;

  // Newton's method. The factors are kept as long as they still reduce the residual quickly.
  const first = spare; // two matrices: workspace of the Stein solver
  const left = spare + 2 * size;
  const right = spare + 3 * size;
  const product = spare + 4 * size;
  let before = Infinity;
  let factored = false;
  let settled = 0;
  for (let step = 0; step < 60; step++) {
    resolvent(n, re, im, h0, first);
    for (let k = 0; k < count * 2; k++) {
      const target = first + (<usize>k << 3);
      store<f64>(target, load<f64>(target) - load<f64>(s + (<usize>k << 3)));
    }
    if (zinverse(n, first, pivots, g) != 0) return 1;
    multiply(n, h1, g, left, SET);
    multiply(n, g, adjoint, right, SET);
    multiply(n, left, adjoint, residual, SET);
    for (let k = 0; k < count * 2; k++) {
      const target = residual + (<usize>k << 3);
      store<f64>(target, load<f64>(target) - load<f64>(s + (<usize>k << 3)));
    }
    const defect = largest(count, residual) / (largest(count, s) + 1e-300);
    if (!isFinite(defect)) return 1;
    store<f64>(statistics, defect);
    // At rounding level one more step improves the result, but no further step does.
    if (factored && (defect < 1e-15 || (defect < 1e-12 && defect > 0.1 * before) || settled > 1)) break;
    if (defect < 1e-14) settled++;
    if (!factored || defect > 1e-3 * before) {
      memory.copy(t, left, size);
      memory.copy(r, right, size);
      if (zschur(n, t, q, list) != 0 || zschur(n, r, z, list) != 0) return 2;
      factored = true;
    }
    before = defect;
    zstein(n, t, q, r, z, residual, first);
    addTo(count, residual, s);
  }
  for (let i = 0; i < n; i++) {
    memory.copy(mu + (<usize>i << 4), t + (<usize>(i * (n + 1)) << 4), 16);
    memory.copy(lambda + (<usize>i << 4), r + (<usize>(i * (n + 1)) << 4), 16);
  }

  // s' replaces s. It is solved with the last factors and refined with those of the final g.
  multiply(n, left, right, product, SET);
  memory.fill(s, 0, size);
  const norm = largest(count, product) + 1e-300;
  let last = Infinity;
  for (let round = 0; round < 4; round++) {
    // residual = -h1 g g h1^+ - s' + left s' right
    for (let k = 0; k < count * 2; k++)
      store<f64>(residual + (<usize>k << 3), -load<f64>(product + (<usize>k << 3)) - load<f64>(s + (<usize>k << 3)));
    multiply(n, left, s, first, SET);
    multiply(n, first, right, residual, ADD);
    const defect = largest(count, residual) / (norm + largest(count, s));
    if (!isFinite(defect)) return 1;
    if (!(defect < 0.5 * last)) break;
    last = defect;
    if (round == 3) break;
    zstein(n, t, q, r, z, residual, first);
    addTo(count, residual, s);
  }
  store<f64>(statistics, last, 8);
  // g' = -g (1 - s') g
  for (let i = 0; i < n; i++) {
    const d = s + (<usize>(i * (n + 1)) << 4);
    store<f64>(d, load<f64>(d) - 1.0);
  }
  multiply(n, g, s, first, SET);
  multiply(n, first, g, slope, SET);
  return 0;
}
