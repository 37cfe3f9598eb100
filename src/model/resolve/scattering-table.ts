// A table of S over energy and angle as a smooth function: trigonometric interpolation in the angle
// (exact for the harmonics that the grid resolves), polynomial interpolation over the eight nearest
// energies, and then the nearest unitary matrix (unitary-sample.ts), each with derivatives. The
// defect of unitarity of the interpolant (`defect`) shows its accuracy.

import { NumericalError } from "../../base/errors.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import type { ComplexMatrix, ResolvedScattering } from "../types.js";
import { madeUnitary, PRINTED } from "./unitary-sample.js";

/** Number of nodes of the polynomial in the energy. */
const order = 8;

/** The numbers of a table of S, and of A if known. */
export interface TableValues {
  energies: number[];
  /** Number of angles of the grid. */
  angles: number;
  /** Number of channels of S. */
  channels: number;
  /** S at the index (energy, angle, row, column), interleaved. */
  S: Float64Array;
  A?: Float64Array;
}

/**
 * The table as a function of energy and of the angle, which is the parameter `name`. Throws
 * NumericalError outside its energies and where it is too coarse.
 */
export function tableFunction(table: TableValues, name: string): ResolvedScattering["evaluate"] {
  const { energies, angles, channels: m } = table;
  const size = 2 * m * m;
  const used = Math.min(order, energies.length);
  const harmonics = fourier(table.S, energies.length, angles, size);
  const corrections = table.A && fourier(table.A, energies.length, angles, size);

  /** Sum over energies and harmonics with the given weights. */
  const sum = (
    source: Float64Array,
    first: number,
    byEnergy: Float64Array,
    re: Float64Array,
    im: Float64Array,
  ): ComplexMatrix => {
    const data = new Float64Array(size);
    for (let e = 0; e < used; e++)
      for (let k = 0; k < angles; k++) {
        const [c, s] = [byEnergy[e] * re[k], byEnergy[e] * im[k]];
        const at = ((first + e) * angles + k) * size;
        for (let i = 0; i < size; i += 2) {
          data[i] += c * source[at + i] - s * source[at + i + 1];
          data[i + 1] += c * source[at + i + 1] + s * source[at + i];
        }
      }
    return { shape: [m, m], data };
  };

  return (energy, at) => {
    const last = energies[energies.length - 1];
    if (!(energy >= energies[0] && energy <= last))
      throw new NumericalError(`the table of S ends at the energies ${energies[0]} and ${last}`, {
        energy,
        causes: ["a bias or temperature whose window is wider than the table"],
      });
    const first = firstNode(energies, energy, used);
    const { values, slopes } = lagrange(energies, first, used, energy);
    // Harmonic k stands for k or k - n, whichever is nearer to 0. For even n the middle one is a
    // cosine.
    const [re, im, dRe, dIm] = [0, 1, 2, 3].map(() => new Float64Array(angles));
    for (let k = 0; k < angles; k++) {
      const q = 2 * k > angles ? k - angles : k;
      const [c, s] = [Math.cos(q * at[name]), Math.sin(q * at[name])];
      const middle = 2 * k === angles;
      re[k] = c;
      im[k] = middle ? 0 : s;
      dRe[k] = -q * s;
      dIm[k] = middle ? 0 : q * c;
    }
    const sample = {
      S: sum(harmonics, first, values, re, im),
      dSdE: sum(harmonics, first, slopes, re, im),
      dS: { [name]: sum(harmonics, first, values, dRe, dIm) },
      mixed: { [name]: sum(harmonics, first, slopes, dRe, dIm) },
      ...(corrections && { A: { [name]: sum(corrections, first, values, re, im) } }),
    };
    const defect = unitarityDefect(sample.S.data, m);
    if (!(defect <= PRINTED))
      throw new NumericalError(
        `between its entries the table of S is not unitary: max |S^+ S - 1| is ${defect.toPrecision(2)}, ${PRINTED} at most is taken`,
        {
          energy,
          at: { [name]: at[name] },
          causes: ["a table too coarse for the variation of S: give more energies, or more angles"],
        },
      );
    return { ...madeUnitary(sample, m), defect };
  };
}

/** Fourier coefficients over the angle, per energy and element. */
function fourier(values: Float64Array, energies: number, angles: number, size: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let e = 0; e < energies; e++)
    for (let k = 0; k < angles; k++)
      for (let j = 0; j < angles; j++) {
        const phase = (-2 * Math.PI * ((k * j) % angles)) / angles;
        const [c, s] = [Math.cos(phase) / angles, Math.sin(phase) / angles];
        const [from, to] = [(e * angles + j) * size, (e * angles + k) * size];
        for (let i = 0; i < size; i += 2) {
          out[to + i] += c * values[from + i] - s * values[from + i + 1];
          out[to + i + 1] += c * values[from + i + 1] + s * values[from + i];
        }
      }
  return out;
}

/** Index of the first of the `used` energies nearest to the given one. */
function firstNode(energies: number[], energy: number, used: number): number {
  let [low, high] = [0, energies.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (energies[middle] <= energy) low = middle;
    else high = middle;
  }
  return Math.min(Math.max(low - (used >> 1) + 1, 0), energies.length - used);
}

/** Lagrange polynomials of the nodes and their derivatives at x. */
function lagrange(nodes: number[], first: number, used: number, x: number) {
  const values = new Float64Array(used).fill(1);
  const slopes = new Float64Array(used);
  for (let i = 0; i < used; i++)
    for (let j = 0; j < used; j++) {
      if (j === i) continue;
      const width = nodes[first + i] - nodes[first + j];
      slopes[i] = (slopes[i] * (x - nodes[first + j]) + values[i]) / width;
      values[i] *= (x - nodes[first + j]) / width;
    }
  return { values, slopes };
}
