// Lead vectors of a periodic lead from a factor F of its broadening, F F^+ = Gamma / 2 pi (F is
// orbitals x channels). The columns of W are the eigenvectors of Gamma times sqrt(eigenvalue / 2
// pi), the largest first, in the basis of connection.ts. W' is the same as in lead-vectors.ts,
//     W' = Z W N - W N (W^+ Z W) N / 2,   Z = Gamma' / 2 pi,   N = (W^+ W)^-1 (diagonal here),
//     W' W^+ + W W'^+ = Z.
// The eigenvalue problem only has the size of the channels, not of the orbitals. The part of Sigma
// and Sigma' beyond the open channels is rounding error, which is large near a pole. It is removed,
// so that S is unitary to the last digits.

import type { Block, Workspace } from "../../engine/workspace.js";
import { connectionOf, fixBasis, groupsOf } from "./connection.js";

/** A channel whose eigenvalue is below this fraction of the largest does not reach the device. */
const rankTolerance = 1e-13;

/** The channels of a lead: W and W', orbitals x channels, interleaved. */
export interface Broadened {
  channels: number;
  vectors: Float64Array;
  vectorDerivatives: Float64Array;
  /** Returns Omega, channels x channels, interleaved. It is computed only when it is requested. */
  connection: () => Float64Array;
}

/**
 * Computes W and W' and adapts `sigma` and `slope` to them in place. `real` is true for a lead
 * without a magnetic field.
 */
export function broadened(w: Workspace, sigma: Block, slope: Block, factor: Block, real: boolean): Broadened {
  const n = sigma.rows;
  const { values, vectors } = w.hermitianEigen(hermitian(w, w.adjointTimes(factor, factor)));
  const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
  const kept = order.filter((j) => values[j] > rankTolerance * values[order[0]] && values[j] > 1e-290);
  const m = kept.length;
  const chosen = w.block(factor.columns, m);
  const [from, to] = [w.values(vectors), w.values(chosen)];
  for (let i = 0; i < factor.columns; i++)
    kept.forEach((j, k) => {
      to[2 * (i * m + k)] = from[2 * (i * factor.columns + j)];
      to[2 * (i * m + k) + 1] = from[2 * (i * factor.columns + j) + 1];
    });
  const W = w.times(factor, chosen);
  const g = kept.map((j) => values[j]);
  const basis = canonical(w.values(W), g, n, real);
  // This is Z W, and then W^+ Z W.
  const Z = w.copy(slope);
  w.scale(w.add(Z, w.adjoint(slope), -1), 0, 1 / (2 * Math.PI));
  const gammaSlope = w.values(Z).slice();
  const ZW = w.times(Z, W);
  const halved = w.adjointTimes(W, ZW);
  const h = w.values(halved);
  for (let a = 0; a < m; a++) for (let b = 0; b < 2 * m; b++) h[2 * a * m + b] *= 0.5 / g[a];
  const dW = w.subtractTimes(w.copy(ZW), W, halved);
  const d = w.values(dW);
  for (let i = 0; i < n; i++) for (let b = 0; b < 2 * m; b++) d[2 * i * m + b] /= g[b >> 1];
  rebuild(w, sigma, W, W, -Math.PI / 2);
  rebuild(w, slope, W, dW, -Math.PI);
  return {
    channels: m,
    vectors: w.values(W).slice(),
    vectorDerivatives: w.values(dW).slice(),
    connection: () => {
      const open = g.map((_, j) => j);
      // Here Gamma = 2 pi g. A factor that values and slope have in common has no influence.
      const groups = groupsOf(g, open, g[0]);
      fixBasis(basis, n, groups);
      return connectionOf(basis, g, gammaSlope, n, open, groups);
    },
  };
}

function hermitian(w: Workspace, a: Block): Block {
  return w.scale(w.add(a, w.adjoint(a)), 0.5);
}

/**
 * Rotates the columns of W (n x m, of lengths sqrt(g)) into the canonical basis. Returns this basis
 * as the first columns of an n x n matrix.
 */
function canonical(W: Float64Array, g: number[], n: number, real: boolean): Float64Array {
  const m = g.length;
  const basis = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < m; k++)
      for (let part = 0; part < 2; part++)
        basis[2 * (i * n + k) + part] = W[2 * (i * m + k) + part] / Math.sqrt(g[k]);
  const columns = g.map((_, j) => j);
  fixBasis(basis, n, groupsOf(g, columns, g[0]));
  for (let i = 0; i < n; i++)
    for (let k = 0; k < m; k++) {
      if (real) basis[2 * (i * n + k) + 1] = 0;
      for (let part = 0; part < 2; part++)
        W[2 * (i * m + k) + part] = basis[2 * (i * n + k) + part] * Math.sqrt(g[k]);
    }
  return basis;
}

/** sigma <- (sigma + sigma^+) / 2 + i factor (x y^+ + y x^+), where x and y are n x channels. */
function rebuild(w: Workspace, sigma: Block, x: Block, y: Block, factor: number): void {
  const half = w.times(x, w.adjoint(y));
  const both = w.add(w.copy(half), w.adjoint(half));
  w.scale(w.add(sigma, w.adjoint(sigma)), 0.5);
  w.add(sigma, both, 0, factor);
}
