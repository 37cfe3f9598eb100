// A lead at one energy for the double-double solver (system.ts), and its action on double-double
// vectors. W, W' and the Hermitian parts of Sigma and Sigma' count as exact doubles. Matrices are
// row-major and interleaved: Sigma is n x n between the lead's orbitals, and W is n x channels.

import { DoubleDoubleMatrix } from "../../numerics/linear-algebra/double-double.js";
import type { PreparedLead } from "../leads/lead.js";

/**
 * The orbitals are given as positions in the block order. `selfEnergy` is Sigma as the lead gives
 * it; `hermitian` and its derivative are Hermitian parts.
 */
export interface ExactLead {
  /** Position of each orbital of the lead. */
  positions: Int32Array;
  /** True if Sigma is the same at all energies. */
  constant: boolean;
  /** Index of the lead's first channel among the channels of all leads. */
  firstChannel: number;
  channels: number;
  /** W and W', orbitals x channels. */
  W: Float64Array;
  dW: Float64Array;
  /** Hermitian parts of Sigma and Sigma', orbitals x orbitals. */
  hermitian: Float64Array;
  hermitianSlope: Float64Array;
  selfEnergy: Float64Array;
}

/**
 * Evaluates a lead. `position` maps orbitals to positions, and `firstChannel` is the index of the
 * lead's first channel among the channels of all leads.
 */
export function exactLead(
  prepared: PreparedLead,
  energy: number,
  energyLow: number,
  position: Int32Array,
  firstChannel: number,
): ExactLead {
  const n = prepared.orbitals.length;
  const lead = prepared.at(energy, energyLow);
  return {
    positions: prepared.orbitals.map((orbital) => position[orbital]),
    constant: prepared.constant === true,
    firstChannel,
    channels: lead.channels,
    W: lead.vectors.slice(0, 2 * n * lead.channels),
    dW: lead.vectorDerivatives.slice(0, 2 * n * lead.channels),
    hermitian: hermitianPart(lead.selfEnergy, n),
    hermitianSlope: hermitianPart(lead.selfEnergyDerivative, n),
    selfEnergy: lead.selfEnergy.slice(0, 2 * n * n),
  };
}

/** (sigma + sigma^+) / 2, Hermitian to the last bit. */
function hermitianPart(sigma: Float64Array, n: number): Float64Array {
  const out = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      out[p] = 0.5 * (sigma[p] + sigma[q]);
      out[p + 1] = 0.5 * (sigma[p + 1] - sigma[q + 1]);
    }
  return out;
}

/**
 * out += matrix x for a dense matrix of doubles between some positions, with or without the
 * diagonal of the matrix.
 */
export function addSmall(
  positions: Int32Array,
  matrix: Float64Array,
  x: DoubleDoubleMatrix,
  out: DoubleDoubleMatrix,
  diagonal: boolean,
): void {
  const n = positions.length;
  const m = x.columns;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (!diagonal && i === j) continue;
      const at = 2 * (i * n + j);
      for (let a = 0; a < m; a++)
        out.addScaled(positions[i] * m + a, matrix[at], matrix[at + 1], x, positions[j] * m + a);
    }
}

/** Returns vectors^+ x, of size channels of the lead x columns of x. */
export function adjointVectors(
  { positions, channels }: ExactLead,
  vectors: Float64Array,
  x: DoubleDoubleMatrix,
): DoubleDoubleMatrix {
  const m = x.columns;
  const out = new DoubleDoubleMatrix(channels, m);
  for (let i = 0; i < positions.length; i++)
    for (let c = 0; c < channels; c++) {
      const at = 2 * (i * channels + c);
      for (let a = 0; a < m; a++)
        out.addScaled(c * m + a, vectors[at], -vectors[at + 1], x, positions[i] * m + a);
    }
  return out;
}

/** out -= i pi vectors amplitudes. */
export function addVectors(
  { positions, channels }: ExactLead,
  vectors: Float64Array,
  amplitudes: DoubleDoubleMatrix,
  out: DoubleDoubleMatrix,
): void {
  const m = amplitudes.columns;
  const scaled = new DoubleDoubleMatrix(channels, m);
  for (let k = 0; k < channels * m; k++) scaled.addScaled(k, 0, -Math.PI, amplitudes, k);
  for (let i = 0; i < positions.length; i++)
    for (let c = 0; c < channels; c++) {
      const at = 2 * (i * channels + c);
      for (let a = 0; a < m; a++)
        out.addScaled(positions[i] * m + a, vectors[at], vectors[at + 1], scaled, c * m + a);
    }
}
