// Lead vectors from a self-energy alone. The columns of W are the eigenvectors of Gamma = i (Sigma
// - Sigma^+) with nonzero eigenvalue times sqrt(eigenvalue / 2 pi), the largest first, in the basis
// of connection.ts. W' is the choice that does not mix the channels,
//     W' = Z W N - W N (W^+ Z W) N / 2,   Z = Gamma' / 2 pi,   N = (W^+ W)^-1 (diagonal here),
// which fulfils W' W^+ + W W'^+ = Z. The basis inside a lead is arbitrary, and no measurable
// quantity depends on it; `connection` is its rotation with the energy. The part of Gamma and
// Gamma' beyond the open channels is rounding error, which is large near a pole of Sigma. It is
// removed from Sigma and Sigma', so that S is unitary to the last digits even if Sigma has lost
// digits.

import { hermitianEigen } from "../../engine/dense.js";
import type { Kernels } from "../../engine/kernels.js";
import { connectionOf, fixBasis, groupsOf } from "./connection.js";
import type { LeadAtEnergy } from "./lead.js";

/**
 * Fraction of the largest eigenvalue of Gamma (or of |Sigma|) below which an eigenvalue counts as
 * rounding.
 */
const rankTolerance = 1e-13;

/** Computes W and W' from Sigma and Sigma'. The buffers are reused from call to call. */
export class BroadeningVectors {
  readonly #kernels: Kernels;
  readonly #n: number;
  readonly #gamma: Float64Array;
  readonly #slope: Float64Array;
  readonly #basis: Float64Array;
  readonly #product: Float64Array;
  readonly #inner: Float64Array;
  /** W and W' for each number of channels, as views of one buffer each. */
  readonly #views: { vectors: Float64Array; vectorDerivatives: Float64Array }[];

  constructor(kernels: Kernels, orbitals: number) {
    this.#kernels = kernels;
    this.#n = orbitals;
    const length = 2 * orbitals * orbitals;
    this.#gamma = new Float64Array(length);
    this.#slope = new Float64Array(length);
    this.#basis = new Float64Array(length);
    this.#product = new Float64Array(length);
    this.#inner = new Float64Array(length);
    const vectors = new Float64Array(length);
    const vectorDerivatives = new Float64Array(length);
    this.#views = Array.from({ length: orbitals + 1 }, (_, channels) => ({
      vectors: vectors.subarray(0, 2 * orbitals * channels),
      vectorDerivatives: vectorDerivatives.subarray(0, 2 * orbitals * channels),
    }));
  }

  /**
   * Returns the lead's values as views that are valid until the next call. Sigma and Sigma' are
   * cleaned in place. The smallest eigenvalue of Gamma shows whether Sigma is retarded.
   */
  complete(
    selfEnergy: Float64Array,
    selfEnergyDerivative: Float64Array,
    most: number,
  ): LeadAtEnergy & { smallest: number } {
    const n = this.#n;
    broadening(selfEnergy, n, this.#gamma);
    broadening(selfEnergyDerivative, n, this.#slope);
    const { values, vectors } = hermitianEigen(this.#kernels, n, this.#gamma);
    const basis = this.#basis;
    basis.set(vectors);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    let scale = 0;
    for (const element of selfEnergy) scale = Math.max(scale, Math.abs(element));
    const open = order.slice(0, most).filter((j) => values[j] > rankTolerance * scale);
    const channels = open.length;
    const groups = groupsOf(values, open, values[order[0]]);
    fixBasis(basis, n, groups);
    const slope = this.#slope;
    const { vectors: W, vectorDerivatives: dW } = this.#views[channels];
    open.forEach((j, column) => {
      const amplitude = Math.sqrt(values[j] / (2 * Math.PI));
      for (let i = 0; i < n; i++)
        for (let part = 0; part < 2; part++)
          W[2 * (i * channels + column) + part] = amplitude * basis[2 * (i * n + j) + part];
    });
    // This is Z W, and inner = W^+ Z W.
    const [ZW, inner] = [this.#product, this.#inner];
    for (let i = 0; i < n; i++)
      for (let a = 0; a < channels; a++) {
        let [re, im] = [0, 0];
        for (let k = 0; k < n; k++) {
          const [p, q] = [2 * (i * n + k), 2 * (k * channels + a)];
          re += this.#slope[p] * W[q] - this.#slope[p + 1] * W[q + 1];
          im += this.#slope[p] * W[q + 1] + this.#slope[p + 1] * W[q];
        }
        ZW[2 * (i * channels + a)] = re / (2 * Math.PI);
        ZW[2 * (i * channels + a) + 1] = im / (2 * Math.PI);
      }
    for (let a = 0; a < channels; a++)
      for (let b = 0; b < channels; b++) {
        let [re, im] = [0, 0];
        for (let k = 0; k < n; k++) {
          const [p, q] = [2 * (k * channels + a), 2 * (k * channels + b)];
          re += W[p] * ZW[q] + W[p + 1] * ZW[q + 1];
          im += W[p] * ZW[q + 1] - W[p + 1] * ZW[q];
        }
        inner[2 * (a * channels + b)] = re;
        inner[2 * (a * channels + b) + 1] = im;
      }
    const weight = (a: number) => (2 * Math.PI) / values[open[a]];
    for (let i = 0; i < n; i++)
      for (let b = 0; b < channels; b++) {
        let re = ZW[2 * (i * channels + b)];
        let im = ZW[2 * (i * channels + b) + 1];
        for (let a = 0; a < channels; a++) {
          const [p, q] = [2 * (i * channels + a), 2 * (a * channels + b)];
          const half = weight(a) / 2;
          re -= half * (W[p] * inner[q] - W[p + 1] * inner[q + 1]);
          im -= half * (W[p] * inner[q + 1] + W[p + 1] * inner[q]);
        }
        dW[2 * (i * channels + b)] = re * weight(b);
        dW[2 * (i * channels + b) + 1] = im * weight(b);
      }
    rebuild(selfEnergy, W, W, n, channels, Math.PI / 2);
    rebuild(selfEnergyDerivative, W, dW, n, channels, Math.PI);
    return {
      selfEnergy,
      selfEnergyDerivative,
      vectors: W,
      vectorDerivatives: dW,
      channels,
      // The connection is computed only when S' of the returned S is requested.
      get connection() {
        return connectionOf(basis, values, slope, n, open, groups);
      },
      smallest: values[order[n - 1]],
    };
  }
}

/** out = i (sigma - sigma^+). */
function broadening(sigma: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      out[p] = -(sigma[p + 1] + sigma[q + 1]);
      out[p + 1] = sigma[p] - sigma[q];
    }
}

/** sigma <- (sigma + sigma^+) / 2 - i factor (x y^+ + y x^+), where x and y are n x channels. */
function rebuild(
  sigma: Float64Array,
  x: Float64Array,
  y: Float64Array,
  n: number,
  channels: number,
  factor: number,
): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let [re, im] = [0, 0];
      for (let a = 0; a < channels; a++) {
        const [p, q] = [2 * (i * channels + a), 2 * (j * channels + a)];
        re += x[p] * y[q] + x[p + 1] * y[q + 1] + y[p] * x[q] + y[p + 1] * x[q + 1];
        im += x[p + 1] * y[q] - x[p] * y[q + 1] + y[p + 1] * x[q] - y[p] * x[q + 1];
      }
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      const hermitianRe = 0.5 * (sigma[p] + sigma[q]);
      const hermitianIm = 0.5 * (sigma[p + 1] - sigma[q + 1]);
      sigma[p] = hermitianRe + factor * im;
      sigma[p + 1] = hermitianIm - factor * re;
      sigma[q] = hermitianRe - factor * im;
      sigma[q + 1] = -hermitianIm - factor * re;
    }
}
