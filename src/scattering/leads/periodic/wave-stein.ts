// Solves the equation x - X x Y = c for the reflection of a periodic lead (for its Newton step and
// its derivative). X and Y have the propagating modes as eigenvalues on the unit circle, so that
// plain doubling does not converge. These modes are separated with their left vectors,
//     Y U = U Lambda, P Y = Lambda P, P U = 1;   X Q = Q M, Q' X = M Q', Q' Q = 1.
// The rest of X and Y decays. The part between open modes is a division by 1 - mu_i lambda_j, and
// all other parts are geometric series summed by squaring. The powers are stored, so that each
// further right-hand side costs two products per step. High powers contain only the few modes that
// decay slowly. They are reduced to the space of these, in which the squaring goes on. What this
// neglects is far below the error that callers remove by a further solution for their residual.

import type { Block, Workspace } from "../../../engine/workspace.js";
import { normals } from "../../../numerics/random/threefry.js";
import { factorised } from "./wave-factor.js";

/**
 * Largest number of squarings. Modes that decay by less than 1e-12 per cell belong to a band edge.
 */
const mostSteps = 44;
/** Number of squarings after which, and rank from which on, a reduction of the powers is tried. */
const stepsBefore = 6;
const largeRank = 24;
/** Largest rank of a reduced power as a part of the full one, and what is neglected. */
const reducedRank = 0.4;
const neglected = 1e-8;

/** The propagating modes as eigenvectors of X and Y. */
export interface OpenModes {
  /** U (rank x open) and its dual P. */
  U: Block;
  P: Block;
  /** lambda of the outward modes, interleaved. */
  lambda: Float64Array;
  /** Q (rank x open) and its dual Q'. */
  Q: Block;
  dualQ: Block;
  /** 1 / lambda of the inward modes, interleaved. */
  mu: Float64Array;
}

/**
 * The powers from one on: X = A B, Y = C D with few columns of A and C, and the solver for the
 * powers of B A and D C.
 */
interface Reduced {
  A: Block;
  B: Block;
  C: Block;
  D: Block;
  inner: SteinSolver;
}

/** The equation for fixed X and Y, for any number of right-hand sides. */
export class SteinSolver {
  readonly #w: Workspace;
  readonly #modes: OpenModes;
  readonly #powers: { X: Block; Y: Block }[] = [];
  #rest?: Reduced;

  private constructor(w: Workspace, modes: OpenModes) {
    this.#w = w;
    this.#modes = modes;
  }

  /** Prepares the solver. Returns undefined if the rest of X or Y does not decay. */
  static of(w: Workspace, X: Block, Y: Block, modes: OpenModes): SteinSolver | undefined {
    const { U, P, lambda, Q, dualQ, mu } = modes;
    const x = w.copy(X);
    const y = w.copy(Y);
    if (lambda.length > 0) {
      w.subtractTimes(x, columnsTimes(w, Q, mu), dualQ);
      w.subtractTimes(y, columnsTimes(w, U, lambda), P);
    }
    return SteinSolver.#decayed(w, x, y, modes, mostSteps);
  }

  /** The same for X and Y from which the propagating modes are taken out. */
  static #decayed(w: Workspace, X: Block, Y: Block, modes: OpenModes, most: number): SteinSolver | undefined {
    const solver = new SteinSolver(w, modes);
    let [x, y] = [X, Y];
    for (let step = 0; step < most; step++) {
      const [a, b] = [w.largest(x), w.largest(y)];
      if (!(a < 1e8 && b < 1e8)) return undefined;
      if (step >= stepsBefore && x.rows >= largeRank && Math.max(a, b) > 1e-17) {
        const [left, right] = [reduced(w, x), reduced(w, y)];
        if (left && right) {
          const [A, B] = left;
          const [C, D] = right;
          const inner = SteinSolver.#decayed(w, w.times(B, A), w.times(D, C), modes, most - step);
          if (!inner) return undefined;
          solver.#rest = { A, B, C, D, inner };
          return solver;
        }
      }
      solver.#powers.push({ X: x, Y: y });
      if (Math.max(a, b) < 1e-17) return solver;
      x = w.times(x, x);
      y = w.times(y, y);
    }
    return undefined;
  }

  /** Returns x for the right-hand side c. */
  solve(c: Block): Block {
    const w = this.#w;
    const { U, P, lambda, Q, dualQ, mu } = this.#modes;
    const open = lambda.length / 2;
    if (open === 0) return this.#decaying(c);
    const fromLeft = w.times(dualQ, c);
    const fromRight = w.times(c, U);
    const both = w.times(dualQ, fromRight);
    const rest = w.copy(c);
    w.subtractTimes(rest, Q, w.subtractTimes(w.copy(fromLeft), both, P));
    w.subtractTimes(rest, fromRight, P);
    const out = this.#decaying(rest);
    // Open on the left and decaying on the right, then the other way round.
    w.subtractTimes(fromLeft, both, P);
    w.subtractTimes(fromRight, Q, both);
    w.addTimes(out, Q, this.#rows(fromLeft, mu));
    w.addTimes(out, this.#columns(fromRight, lambda), P);
    const values = w.values(both);
    for (let i = 0; i < open; i++)
      for (let j = 0; j < open; j++) {
        const re = 1 - (mu[2 * i] * lambda[2 * j] - mu[2 * i + 1] * lambda[2 * j + 1]);
        const im = -(mu[2 * i] * lambda[2 * j + 1] + mu[2 * i + 1] * lambda[2 * j]);
        const size = re * re + im * im;
        const p = 2 * (i * open + j);
        // At a crossing the numerator and the denominator vanish.
        const [x, y] = size < 1e-26 ? [0, 0] : [values[p] / size, values[p + 1] / size];
        values[p] = x * re + y * im;
        values[p + 1] = y * re - x * im;
      }
    return w.addTimes(out, Q, w.times(both, P));
  }

  #decaying(c: Block): Block {
    const w = this.#w;
    const out = w.copy(c);
    for (const { X, Y } of this.#powers) w.add(out, w.times(X, w.times(out, Y)));
    if (this.#rest) {
      const { A, B, C, D, inner } = this.#rest;
      const sum = inner.#decaying(w.times(B, w.times(out, C)));
      w.addTimes(out, A, w.times(sum, D));
    }
    return out;
  }

  /** The rows s_i = sum over k of factor_i^k g_i Y^k. */
  #rows(g: Block, factors: Float64Array): Block {
    const w = this.#w;
    const sum = w.copy(g);
    const f = Float64Array.from(factors);
    for (const { Y } of this.#powers) {
      w.add(sum, rowsTimes(w, f, w.times(sum, Y)));
      squareAll(f);
    }
    if (this.#rest) {
      const { C, D, inner } = this.#rest;
      w.addTimes(sum, rowsTimes(w, f, inner.#rows(w.times(sum, C), f)), D);
    }
    return sum;
  }

  /** The columns s_j = sum over k of X^k g_j factor_j^k. */
  #columns(g: Block, factors: Float64Array): Block {
    const w = this.#w;
    const sum = w.copy(g);
    const f = Float64Array.from(factors);
    for (const { X } of this.#powers) {
      w.add(sum, columnsTimes(w, w.times(X, sum), f));
      squareAll(f);
    }
    if (this.#rest) {
      const { A, B, inner } = this.#rest;
      w.addTimes(sum, A, columnsTimes(w, inner.#columns(w.times(B, sum), f), f));
    }
    return sum;
  }
}

function squareAll(f: Float64Array): void {
  for (let k = 0; k < f.length; k += 2) {
    const [re, im] = [f[k], f[k + 1]];
    f[k] = re * re - im * im;
    f[k + 1] = 2 * re * im;
  }
}

/**
 * a = left right with few columns of `left`; undefined if that needs too many of them. The columns
 * span the images of random vectors, and what they miss is measured.
 */
function reduced(w: Workspace, a: Block): [left: Block, right: Block] | undefined {
  const [n, most] = [a.rows, Math.floor(reducedRank * a.rows)];
  const probe = w.zeros(n, most);
  const random = normalNumbers(n * most);
  const values = w.values(probe);
  for (let k = 0; k < n * most; k++) values[2 * k] = random[k];
  const { A, rank } = factorised(w.values(w.times(a, probe)), n, most, 0, neglected);
  const left = w.from(A, n, rank);
  const right = w.adjointTimes(left, a);
  // The columns of `left` are orthogonal, but not of length 1.
  const lengths = new Float64Array(2 * rank);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < rank; k++)
      lengths[2 * k] += A[2 * (i * rank + k)] ** 2 + A[2 * (i * rank + k) + 1] ** 2;
  const scaled = rowsTimes(
    w,
    lengths.map((x) => (x > 0 ? 1 / x : 0)),
    right,
  );
  const missed = w.largest(w.subtractTimes(w.copy(a), left, scaled));
  return missed < neglected ? [left, scaled] : undefined;
}

let kept = new Float64Array(0);

/** At least this many random numbers, the same ones each time. */
function normalNumbers(count: number): Float64Array {
  if (kept.length < count) {
    kept = new Float64Array(count);
    normals([1, 0], 0, kept);
  }
  return kept;
}

/** diag(f) a. */
function rowsTimes(w: Workspace, f: Float64Array, a: Block): Block {
  const out = w.copy(a);
  const values = w.values(out);
  for (let i = 0, p = 0; i < out.rows; i++)
    for (let j = 0; j < out.columns; j++, p += 2) {
      const [re, im] = [values[p], values[p + 1]];
      values[p] = re * f[2 * i] - im * f[2 * i + 1];
      values[p + 1] = re * f[2 * i + 1] + im * f[2 * i];
    }
  return out;
}

/** a diag(f). */
function columnsTimes(w: Workspace, a: Block, f: Float64Array): Block {
  const out = w.copy(a);
  const values = w.values(out);
  for (let i = 0, p = 0; i < out.rows; i++)
    for (let j = 0; j < out.columns; j++, p += 2) {
      const [re, im] = [values[p], values[p + 1]];
      values[p] = re * f[2 * j] - im * f[2 * j + 1];
      values[p + 1] = re * f[2 * j + 1] + im * f[2 * j];
    }
  return out;
}
