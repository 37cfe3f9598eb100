// A lead at one energy: Sigma, Sigma' = dSigma/dE, lead vectors W (W W^+ = Gamma / 2 pi) and W' on the lead's orbitals.
// Wide band: constant. Chain: closed form, also outside its band. Periodic: closed form by transverse modes where cell and hopping have
// common eigenvectors (every clean ribbon without a field); other cells are refused.

import type { Kernels } from "../engine/kernels.js";
import { InputError } from "../model/errors.js";
import type { ComplexMatrix, ResolvedLead } from "../model/types.js";

/** Dense interleaved matrices of one lead at one energy; W has `channels` columns. */
export interface LeadAtEnergy {
  selfEnergy: Float64Array;
  selfEnergyDerivative: Float64Array;
  vectors: Float64Array;
  vectorDerivatives: Float64Array;
  channels: number;
}

/** A lead prepared once: its modes; `at` evaluates it. */
export interface PreparedLead {
  orbitals: Int32Array;
  /** Largest number of open channels. */
  capacity: number;
  /** True if Sigma is a symmetric matrix at every energy (no magnetic field in the lead). */
  symmetric: boolean;
  /** Energies where a channel opens or closes. */
  edges: number[];
  /** True if the values do not depend on the energy. */
  constant?: boolean;
  at(energy: number): LeadAtEnergy;
  /** Sigma and dSigma/dz at complex energy z = re + i im, im >= 0; no channels are needed there. */
  selfEnergyAt(re: number, im: number): Pick<LeadAtEnergy, "selfEnergy" | "selfEnergyDerivative">;
}

/** Surface Green's function of a semi-infinite chain, retarded, with its derivative: g = 1/(E - onsite - hopping^2 g). */
export function chainSurfaceGreen(
  energy: number,
  onsite: number,
  hopping: number,
): [re: number, im: number, dRe: number, dIm: number] {
  const t = Math.abs(hopping);
  const x = (energy - onsite) / (2 * t);
  const root = Math.sqrt(Math.abs(1 - x * x));
  // Outside the band the decaying solution, written without cancellation.
  const re = Math.abs(x) < 1 ? x / t : 1 / ((x + Math.sign(x) * root) * t);
  const im = Math.abs(x) < 1 ? -root / t : 0;
  // g' = -g^2 / (1 - t^2 g^2)
  const sRe = re * re - im * im;
  const sIm = 2 * re * im;
  const dRe = 1 - t * t * sRe;
  const dIm = -t * t * sIm;
  const size = dRe * dRe + dIm * dIm;
  return [re, im, -(sRe * dRe + sIm * dIm) / size, -(sIm * dRe - sRe * dIm) / size];
}

/** The same at z = re + i im in the upper half plane: t g = 1 / (x + s), s^2 = x^2 - 1, x = (z - onsite) / 2t, |x + s| >= 1. */
export function chainSurfaceGreenAt(
  re: number,
  im: number,
  onsite: number,
  hopping: number,
): [re: number, im: number, dRe: number, dIm: number] {
  if (im === 0) return chainSurfaceGreen(re, onsite, hopping);
  const t = Math.abs(hopping);
  const [x, y] = [(re - onsite) / (2 * t), im / (2 * t)];
  // x^2 - 1 as a product: no cancellation near a band edge.
  let [sRe, sIm] = complexRoot((x - 1) * (x + 1) - y * y, 2 * x * y);
  if (x * sRe + y * sIm < 0) [sRe, sIm] = [-sRe, -sIm];
  const size = t * ((x + sRe) ** 2 + (y + sIm) ** 2);
  // g' = -g / (2 t s), which 2 t g = 1 / (x + s) and x' + s' = (x + s) / (2 t s) give.
  const [gRe, gIm] = [(x + sRe) / size, -(y + sIm) / size];
  const root = 2 * t * (sRe * sRe + sIm * sIm);
  return [gRe, gIm, -(gRe * sRe + gIm * sIm) / root, -(gIm * sRe - gRe * sIm) / root];
}

/** Principal square root. */
function complexRoot(re: number, im: number): [number, number] {
  const large = Math.sqrt((Math.hypot(re, im) + Math.abs(re)) / 2);
  if (large === 0) return [0, 0];
  const small = im / (2 * large);
  return re >= 0 ? [large, small] : [Math.abs(small), im >= 0 ? large : -large];
}

/** One mode of a lead: its profile on the device's orbitals and the chain it runs along. */
interface Mode {
  profile: Float64Array;
  onsite: number;
  hopping: number;
}

/** Adds profile g profile^+ to Sigma, and the same with g' to Sigma'. */
function addMode(
  sum: Pick<LeadAtEnergy, "selfEnergy" | "selfEnergyDerivative">,
  p: Float64Array,
  [re, im, dRe, dIm]: readonly [number, number, number, number],
): void {
  const { selfEnergy, selfEnergyDerivative } = sum;
  const n = p.length / 2;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const ppRe = p[2 * i] * p[2 * j] + p[2 * i + 1] * p[2 * j + 1];
      const ppIm = p[2 * i + 1] * p[2 * j] - p[2 * i] * p[2 * j + 1];
      const k = 2 * (i * n + j);
      selfEnergy[k] += ppRe * re - ppIm * im;
      selfEnergy[k + 1] += ppRe * im + ppIm * re;
      selfEnergyDerivative[k] += ppRe * dRe - ppIm * dIm;
      selfEnergyDerivative[k + 1] += ppRe * dIm + ppIm * dRe;
    }
}

/** Leads that are independent chains, one per transverse mode. */
function modeLead(orbitals: Int32Array, modes: Mode[], symmetric: boolean): PreparedLead {
  const n = orbitals.length;
  const edges = modes.flatMap(({ onsite, hopping }) => [
    onsite - 2 * Math.abs(hopping),
    onsite + 2 * Math.abs(hopping),
  ]);
  const selfEnergyAt = (re: number, im: number) => {
    const result = {
      selfEnergy: new Float64Array(2 * n * n),
      selfEnergyDerivative: new Float64Array(2 * n * n),
    };
    for (const { profile, onsite, hopping } of modes)
      addMode(result, profile, chainSurfaceGreenAt(re, im, onsite, hopping));
    return result;
  };
  const at = (energy: number): LeadAtEnergy => {
    const open = modes.filter(({ onsite, hopping }) => Math.abs(energy - onsite) < 2 * Math.abs(hopping));
    const result: LeadAtEnergy = {
      selfEnergy: new Float64Array(2 * n * n),
      selfEnergyDerivative: new Float64Array(2 * n * n),
      vectors: new Float64Array(2 * n * open.length),
      vectorDerivatives: new Float64Array(2 * n * open.length),
      channels: open.length,
    };
    for (const mode of modes) {
      const green = chainSurfaceGreen(energy, mode.onsite, mode.hopping);
      const [, im, , dIm] = green;
      const p = mode.profile;
      addMode(result, p, green);
      const column = open.indexOf(mode);
      if (column < 0) continue;
      const amplitude = Math.sqrt(-im / Math.PI);
      const slope = -dIm / (2 * Math.PI * amplitude);
      for (let i = 0; i < n; i++)
        for (let part = 0; part < 2; part++) {
          const k = 2 * (i * open.length + column) + part;
          result.vectors[k] = p[2 * i + part] * amplitude;
          result.vectorDerivatives[k] = p[2 * i + part] * slope;
        }
    }
    return result;
  };
  return { orbitals, capacity: modes.length, symmetric, edges, at, selfEnergyAt };
}

/** Eigenvalues and eigenvectors (columns) of a dense Hermitian matrix by the kernels. */
function hermitianEigen(
  kernels: Kernels,
  n: number,
  matrix: Float64Array,
): { values: number[]; vectors: Float64Array } {
  const bytes = 32 * n * n;
  const start = kernels.allocate(bytes);
  try {
    kernels.f64(start, 2 * n * n).set(matrix);
    kernels.calls.zheev(n, start, start + 16 * n * n);
    const diagonal = kernels.f64(start, 2 * n * n);
    const values = Array.from({ length: n }, (_, i) => diagonal[2 * (i * n + i)]);
    return { values, vectors: kernels.f64(start + 16 * n * n, 2 * n * n).slice() };
  } finally {
    kernels.release(start, bytes);
  }
}

/** a b (or a^+ b), small dense interleaved matrices. */
function product(a: ComplexMatrix, b: ComplexMatrix, adjoint = false): ComplexMatrix {
  const rows = adjoint ? a.shape[1] : a.shape[0];
  const depth = adjoint ? a.shape[0] : a.shape[1];
  const columns = b.shape[1];
  const data = new Float64Array(2 * rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < depth; k++) {
      const entry = 2 * (adjoint ? k * rows + i : i * depth + k);
      const re = a.data[entry];
      const im = adjoint ? -a.data[entry + 1] : a.data[entry + 1];
      for (let j = 0; j < columns; j++) {
        const source = 2 * (k * columns + j);
        data[2 * (i * columns + j)] += re * b.data[source] - im * b.data[source + 1];
        data[2 * (i * columns + j) + 1] += re * b.data[source + 1] + im * b.data[source];
      }
    }
  return { shape: [rows, columns], data };
}

const isReal = (matrix: ComplexMatrix) => matrix.data.every((value, k) => k % 2 === 0 || value === 0);

function wideBandLead(
  kernels: Kernels,
  orbitals: Int32Array,
  width: ComplexMatrix,
  diagonal: boolean,
): PreparedLead {
  const n = orbitals.length;
  // Diagonal Gamma: one channel per orbital, W = sqrt(width / 2 pi) > 0; else the eigenvectors of Gamma.
  const { values, vectors } = diagonal
    ? {
        values: Array.from({ length: n }, (_, i) => width.data[2 * (i * n + i)]),
        vectors: Float64Array.from({ length: 2 * n * n }, (_, k) => (k % (2 * (n + 1)) === 0 ? 1 : 0)),
      }
    : hermitianEigen(kernels, n, width.data);
  const floor = 1e-13 * Math.max(...values);
  const open = values.map((_, j) => j).filter((j) => values[j] > floor);
  const lead: LeadAtEnergy = {
    selfEnergy: new Float64Array(2 * n * n),
    selfEnergyDerivative: new Float64Array(2 * n * n),
    vectors: new Float64Array(2 * n * open.length),
    vectorDerivatives: new Float64Array(2 * n * open.length),
    channels: open.length,
  };
  // Sigma = -i Gamma / 2
  for (let k = 0; k < n * n; k++) {
    lead.selfEnergy[2 * k] = width.data[2 * k + 1] / 2;
    lead.selfEnergy[2 * k + 1] = -width.data[2 * k] / 2;
  }
  open.forEach((j, column) => {
    const amplitude = Math.sqrt(values[j] / (2 * Math.PI));
    for (let i = 0; i < n; i++)
      for (let part = 0; part < 2; part++)
        lead.vectors[2 * (i * open.length + column) + part] = vectors[2 * (i * n + j) + part] * amplitude;
  });
  return {
    orbitals,
    capacity: open.length,
    symmetric: isReal(width),
    edges: [],
    constant: true,
    at: () => lead,
    selfEnergyAt: () => lead,
  };
}

/** Prepares a lead; `field` names it in errors. */
export function prepareLead(kernels: Kernels, lead: ResolvedLead, field: string): PreparedLead {
  if (lead.kind === "chain") {
    const profile = Float64Array.of(Math.abs(lead.coupling), 0);
    return modeLead(lead.orbitals, [{ profile, onsite: lead.onsite, hopping: lead.hopping }], true);
  }
  if (lead.kind !== "periodic") return wideBandLead(kernels, lead.orbitals, lead.width, lead.diagonal);

  // Common eigenvectors of cell and hopping: those of a generic Hermitian combination, then checked.
  const { onsite, hopping, coupling } = lead;
  const m = onsite.shape[0];
  const combination = Float64Array.from(onsite.data);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const k = 2 * (i * m + j);
      const mirror = 2 * (j * m + i);
      combination[k] +=
        0.6180339887 * (hopping.data[k] + hopping.data[mirror]) +
        0.4142135623 * (hopping.data[k + 1] + hopping.data[mirror + 1]);
      combination[k + 1] +=
        0.6180339887 * (hopping.data[k + 1] - hopping.data[mirror + 1]) -
        0.4142135623 * (hopping.data[k] - hopping.data[mirror]);
    }
  const vectors: ComplexMatrix = { shape: [m, m], data: hermitianEigen(kernels, m, combination).vectors };
  const cell = product(vectors, product(onsite, vectors), true);
  const step = product(vectors, product(hopping, vectors), true);
  const scale = Math.max(...cell.data.map(Math.abs), ...step.data.map(Math.abs));
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      const k = 2 * (i * m + j);
      const off =
        i === j ? 0 : Math.hypot(cell.data[k], cell.data[k + 1]) + Math.hypot(step.data[k], step.data[k + 1]);
      if (off > 1e-11 * scale || (i === j && Math.hypot(step.data[k], step.data[k + 1]) < 1e-12 * scale))
        throw new InputError(field, "this version treats periodic leads whose transverse modes do not mix", {
          expected:
            "a cell and a hopping matrix with common eigenvectors and no zero eigenvalue of the hopping",
          found: "a cell that mixes the modes of the hopping",
          advice: "Take the mixing cells into the device, up to where the lead is uniform.",
        });
    }
  const profiles = product(coupling, vectors);
  const n = lead.orbitals.length;
  const modes = Array.from({ length: m }, (_, j) => ({
    profile: Float64Array.from({ length: 2 * n }, (_, k) => profiles.data[2 * ((k >> 1) * m + j) + (k & 1)]),
    onsite: cell.data[2 * (j * m + j)],
    hopping: Math.hypot(step.data[2 * (j * m + j)], step.data[2 * (j * m + j) + 1]),
  }));
  return modeLead(lead.orbitals, modes, isReal(onsite) && isReal(hopping) && isReal(coupling));
}
