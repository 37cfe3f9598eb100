// Leads that consist of independent chains, one per transverse mode: the chain lead itself, and
// periodic leads whose cell and hopping have common eigenvectors (every clean ribbon without a
// magnetic field). They have a closed form at every energy, Sigma = P diag(g) P^+, where the
// columns of P are the profiles of the modes on the device's orbitals. An energy costs two products
// of the square of the number of contact orbitals times the number of modes.

import { NumericalError } from "../../base/errors.js";
import { hermitianEigen, product } from "../../engine/dense.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ComplexMatrix, ResolvedPeriodicLead } from "../../model/types.js";
import { type ChainGreen, chainSurfaceGreenAt, chainSurfaceGreenNear } from "./chain.js";
import type { LeadAtEnergy, PreparedLead } from "./lead.js";
import { BroadeningVectors } from "./lead-vectors.js";
import { adjointOf, symmetrise } from "./matrices.js";

/**
 * The modes of a lead. Column j of `profiles` is the coupling of the first site of chain j to the
 * device's orbitals. A chain with hopping 0 is a flat band.
 */
export interface TransverseModes {
  profiles: ComplexMatrix;
  chains: { onsite: number; hopping: number }[];
  /** Whether each open mode is a channel of its own, once that is known. */
  independent?: boolean;
}

/**
 * Profiles of two modes that overlap by more than 1 minus this number count as dependent. W is then
 * computed from Gamma.
 */
const independence = 1e-6;

/** The modes of a periodic lead; undefined if the cell mixes the modes of the hopping. */
export function transverseModes(
  kernels: Kernels,
  { onsite, hopping, coupling }: ResolvedPeriodicLead,
): TransverseModes | undefined {
  // Common eigenvectors of cell and hopping are eigenvectors of a generic Hermitian combination of
  // both. Whether they are common is checked afterwards.
  const m = onsite.shape[0];
  const combination = Float64Array.from(onsite.data);
  const h = hopping.data;
  if (!mayShareVectors(m, onsite.data, h)) return undefined;
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const [k, mirror] = [2 * (i * m + j), 2 * (j * m + i)];
      combination[k] += 0.6180339887 * (h[k] + h[mirror]) + 0.4142135623 * (h[k + 1] + h[mirror + 1]);
      combination[k + 1] += 0.6180339887 * (h[k + 1] - h[mirror + 1]) - 0.4142135623 * (h[k] - h[mirror]);
    }
  const vectors = hermitianEigen(kernels, m, combination).vectors.slice();
  const cell = diagonalIn(kernels, m, vectors, onsite.data);
  const step = diagonalIn(kernels, m, vectors, h);
  const scale = Math.max(cell.largest, step.largest);
  if (Math.max(cell.off, step.off) > 1e-13 * m * scale) return undefined;
  const n = coupling.shape[0];
  const profiles: ComplexMatrix = { shape: [n, m], data: new Float64Array(2 * n * m) };
  product(kernels, n, m, m, coupling.data, vectors, profiles.data);
  const chains = Array.from({ length: m }, (_, j) => {
    const size = Math.hypot(step.diagonal[2 * j], step.diagonal[2 * j + 1]);
    return { onsite: cell.diagonal[2 * j], hopping: size < 1e-13 * m * scale ? 0 : size };
  });
  return { profiles, chains };
}

/**
 * Tests on one vector whether cell, hopping and its adjoint commute, to fewer digits than required.
 * If they do not, the diagonalisation is spared.
 */
function mayShareVectors(m: number, cell: Float64Array, hopping: Float64Array): boolean {
  const back = adjointOf(hopping, m, m);
  const x = Float64Array.from({ length: 2 * m }, (_, k) => Math.cos(1 + 3 * k));
  let scale = 0;
  for (const a of [cell, hopping]) for (const part of a) scale = Math.max(scale, Math.abs(part));
  const times = (a: Float64Array, y: Float64Array) => {
    const out = new Float64Array(2 * m);
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) {
        const p = 2 * (i * m + j);
        out[2 * i] += a[p] * y[2 * j] - a[p + 1] * y[2 * j + 1];
        out[2 * i + 1] += a[p] * y[2 * j + 1] + a[p + 1] * y[2 * j];
      }
    return out;
  };
  return [cell, back].every((a) => {
    const [first, second] = [times(a, times(hopping, x)), times(hopping, times(a, x))];
    return first.every((part, k) => Math.abs(part - second[k]) <= 1e-9 * m * m * scale * scale);
  });
}

/**
 * Returns the diagonal of V^+ a V, its largest element, and the largest element off the diagonal.
 */
function diagonalIn(kernels: Kernels, m: number, vectors: Float64Array, a: Float64Array) {
  const adjoint = adjointOf(vectors, m, m);
  const transformed = new Float64Array(2 * m * m);
  product(kernels, m, m, m, a, vectors, transformed);
  product(kernels, m, m, m, adjoint, transformed.slice(), transformed);
  let [off, largest] = [0, 0];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const size = Math.hypot(transformed[2 * (i * m + j)], transformed[2 * (i * m + j) + 1]);
      largest = Math.max(largest, size);
      if (i !== j) off = Math.max(off, size);
    }
  const diagonal = Float64Array.from(
    { length: 2 * m },
    (_, k) => transformed[2 * (k >> 1) * (m + 1) + (k & 1)],
  );
  return { diagonal, off, largest };
}

/**
 * A lead with these modes. `symmetric` is true if all its matrices are real. Errors name the
 * `field`.
 */
export function modeLead(
  kernels: Kernels,
  orbitals: Int32Array,
  modes: TransverseModes,
  symmetric: boolean,
  field: string,
): PreparedLead {
  const n = orbitals.length;
  const { profiles: P, chains } = coupledOnly(modes);
  const m = chains.length;
  const adjoint = adjointOf(P.data, n, m);
  modes.independent ??= independentColumns(kernels, P.data, adjoint, n, m);
  const { independent } = modes;
  const scaled = new Float64Array(2 * n * m);
  const green: ChainGreen[] = chains.map(() => [0, 0, 0, 0]);
  const selfEnergy = new Float64Array(2 * n * n);
  const selfEnergyDerivative = new Float64Array(2 * n * n);

  /** out = P diag(g) P^+, where g is the two numbers of `green` from index `part` on. */
  const assemble = (part: 0 | 2, out: Float64Array): void => {
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) {
        const k = 2 * (i * m + j);
        const [re, im] = [green[j][part], green[j][part + 1]];
        scaled[k] = P.data[k] * re - P.data[k + 1] * im;
        scaled[k + 1] = P.data[k] * im + P.data[k + 1] * re;
      }
    if (n === 1 && m === 1) {
      out[0] = scaled[0] * P.data[0] + scaled[1] * P.data[1];
      out[1] = scaled[1] * P.data[0] - scaled[0] * P.data[1];
      return;
    }
    product(kernels, n, m, n, scaled, adjoint, out);
    if (symmetric) symmetrise(out, n);
  };
  const evaluate = (re: number, im: number): void => {
    chains.forEach(({ onsite, hopping }, j) => {
      green[j] =
        hopping === 0 ? flatGreen(re, im, onsite, field) : chainSurfaceGreenAt(re, im, onsite, hopping);
    });
    assemble(0, selfEnergy);
    assemble(2, selfEnergyDerivative);
  };
  /** Evaluates the lead at energy + energyLow, a double-double. */
  const evaluateNear = (energy: number, energyLow: number): void => {
    chains.forEach(({ onsite, hopping }, j) => {
      green[j] =
        hopping === 0
          ? flatGreen(energy, 0, onsite, field)
          : chainSurfaceGreenNear(energy, energyLow, onsite, hopping);
    });
    assemble(0, selfEnergy);
    assemble(2, selfEnergyDerivative);
  };

  const channelsMost = independent ? chains.filter(({ hopping }) => hopping !== 0).length : Math.min(n, m);
  const vectors = new Float64Array(2 * n * channelsMost);
  const vectorDerivatives = new Float64Array(2 * n * channelsMost);
  const views = Array.from({ length: channelsMost + 1 }, (_, channels) => ({
    selfEnergy,
    selfEnergyDerivative,
    vectors: vectors.subarray(0, 2 * n * channels),
    vectorDerivatives: vectorDerivatives.subarray(0, 2 * n * channels),
    channels,
  }));
  const fromBroadening = independent ? undefined : new BroadeningVectors(kernels, n);
  const at = (energy: number, energyLow?: number): LeadAtEnergy => {
    if (energyLow === undefined) evaluate(energy, 0);
    else evaluateNear(energy, energyLow);
    let open = 0;
    for (const [, im] of green) if (im < 0) open++;
    if (fromBroadening) return fromBroadening.complete(selfEnergy, selfEnergyDerivative, open);
    // The columns are W = profile sqrt(-Im g / pi), one per open chain in the order of the modes.
    let column = 0;
    for (let j = 0; j < m; j++) {
      const [, im, , dIm] = green[j];
      if (!(im < 0)) continue;
      const amplitude = Math.sqrt(-im / Math.PI);
      const slope = -dIm / (2 * Math.PI * amplitude);
      for (let i = 0; i < n; i++)
        for (let part = 0; part < 2; part++) {
          const k = 2 * (i * open + column) + part;
          vectors[k] = P.data[2 * (i * m + j) + part] * amplitude;
          vectorDerivatives[k] = P.data[2 * (i * m + j) + part] * slope;
        }
      column++;
    }
    return views[open];
  };
  const above = { selfEnergy: selfEnergy.slice(), selfEnergyDerivative: selfEnergy.slice() };
  const edges = chains
    .filter(({ hopping }) => hopping !== 0)
    .flatMap(({ onsite, hopping }) => [onsite - 2 * Math.abs(hopping), onsite + 2 * Math.abs(hopping)]);
  return {
    orbitals,
    capacity: channelsMost,
    symmetric,
    rotating: !independent,
    edges,
    edgesWithin: (low, high) => edges.filter((edge) => edge >= low && edge <= high),
    reach: edges.reduce((most, edge) => Math.max(most, Math.abs(edge)), 0),
    at,
    selfEnergyAt: (re, im) => {
      evaluate(re, im);
      above.selfEnergy.set(selfEnergy);
      above.selfEnergyDerivative.set(selfEnergyDerivative);
      return above;
    },
  };
}

/** Removes the modes that do not couple to the device. */
function coupledOnly({ profiles, chains }: TransverseModes): TransverseModes {
  const [n, m] = profiles.shape;
  const norms = chains.map((_, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++)
      sum += profiles.data[2 * (i * m + j)] ** 2 + profiles.data[2 * (i * m + j) + 1] ** 2;
    return Math.sqrt(sum);
  });
  const kept = chains.map((_, j) => j).filter((j) => norms[j] > 1e-14 * Math.max(...norms));
  const data = new Float64Array(2 * n * kept.length);
  for (let i = 0; i < n; i++)
    kept.forEach((j, column) => {
      data[2 * (i * kept.length + column)] = profiles.data[2 * (i * m + j)];
      data[2 * (i * kept.length + column) + 1] = profiles.data[2 * (i * m + j) + 1];
    });
  return { profiles: { shape: [n, kept.length], data }, chains: kept.map((j) => chains[j]) };
}

/**
 * True if the normalised profiles are far from linearly dependent. Each open mode is then a channel
 * of its own.
 */
function independentColumns(
  kernels: Kernels,
  P: Float64Array,
  adjoint: Float64Array,
  n: number,
  m: number,
): boolean {
  if (m > n) return false;
  const overlap = new Float64Array(2 * m * m);
  product(kernels, m, n, m, adjoint, P, overlap);
  const norms = Array.from({ length: m }, (_, j) => Math.sqrt(overlap[2 * j * (m + 1)]));
  for (let k = 0; k < m * m; k++) {
    const norm = norms[Math.floor(k / m)] * norms[k % m];
    overlap[2 * k] /= norm;
    overlap[2 * k + 1] /= norm;
  }
  // No eigenvalue differs from 1 by more than the largest sum along a row beside the diagonal.
  let most = 0;
  for (let j = 0; j < m; j++) {
    let row = 0;
    for (let k = 0; k < m; k++)
      if (k !== j) row += Math.hypot(overlap[2 * (j * m + k)], overlap[2 * (j * m + k) + 1]);
    most = Math.max(most, row);
  }
  return most < 0.9 || Math.min(...hermitianEigen(kernels, m, overlap).values) > independence;
}

/** g = 1/(z - onsite) of a site without a neighbour. */
function flatGreen(re: number, im: number, onsite: number, field: string): ChainGreen {
  const x = re - onsite;
  const size = x * x + im * im;
  if (Math.sqrt(size) <= 1e-15 * (Math.abs(re) + Math.abs(onsite)) || size === 0)
    throw new NumericalError(
      `${field}: the lead has a flat band at this energy, so its self-energy is infinite`,
      {
        energy: re,
        causes: [
          "a mode of the lead without hopping: move the energy by a little, or take its orbitals into the device",
        ],
      },
    );
  const [gRe, gIm] = [x / size, -im / size];
  return [gRe, gIm, -(gRe * gRe - gIm * gIm), -2 * gRe * gIm];
}
