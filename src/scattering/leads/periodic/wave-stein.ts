// Solves the equation x - X x Y = c for the reflection of a periodic lead (for its Newton step and
// its derivative). X and Y have the propagating modes as eigenvalues on the unit circle, so that
// plain doubling does not converge. These modes are separated with their left vectors,
//     Y U = U Lambda, P Y = Lambda P, P U = 1;   X Q = Q M, Q' X = M Q', Q' Q = 1.
// The rest of X and Y decays. The part between open modes is a division by 1 - mu_i lambda_j, and
// all other parts are geometric series summed by squaring. The powers are stored, so that each
// further right-hand side costs two products per step.

import type { Block, Workspace } from "../../../engine/workspace.js";

/**
 * Largest number of squarings. Modes that decay by less than 1e-12 per cell belong to a band edge.
 */
const mostSteps = 44;

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

/** The equation for fixed X and Y, for any number of right-hand sides. */
export class SteinSolver {
  readonly #w: Workspace;
  readonly #modes: OpenModes;
  readonly #powers: { X: Block; Y: Block }[] = [];

  private constructor(w: Workspace, modes: OpenModes) {
    this.#w = w;
    this.#modes = modes;
  }

  /** Prepares the solver. Returns undefined if the rest of X or Y does not decay. */
  static of(w: Workspace, X: Block, Y: Block, modes: OpenModes): SteinSolver | undefined {
    const solver = new SteinSolver(w, modes);
    const { U, P, lambda, Q, dualQ, mu } = modes;
    let x = w.copy(X);
    let y = w.copy(Y);
    if (lambda.length > 0) {
      w.subtractTimes(x, columnsTimes(w, Q, mu), dualQ);
      w.subtractTimes(y, columnsTimes(w, U, lambda), P);
    }
    for (let step = 0; step < mostSteps; step++) {
      solver.#powers.push({ X: x, Y: y });
      const [a, b] = [w.largest(x), w.largest(y)];
      if (!(a < 1e8 && b < 1e8)) return undefined;
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
    return out;
  }

  /** The rows s_i = sum over k of factor_i^k g_i Y^k. */
  #rows(g: Block, factors: Float64Array): Block {
    const w = this.#w;
    const sum = w.copy(g);
    const f = Float64Array.from(factors);
    for (const { Y } of this.#powers) {
      const moved = w.times(sum, Y);
      const values = w.values(moved);
      for (let i = 0, p = 0; i < moved.rows; i++)
        for (let j = 0; j < moved.columns; j++, p += 2) {
          const [re, im] = [values[p], values[p + 1]];
          values[p] = re * f[2 * i] - im * f[2 * i + 1];
          values[p + 1] = re * f[2 * i + 1] + im * f[2 * i];
        }
      w.add(sum, moved);
      squareAll(f);
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
