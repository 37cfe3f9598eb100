// Tr[Lambda G(z)] of a dense device with few orbitals on its leads, at many z for one
// configuration, as the integral over the filled sea needs it. H = U eps U^+ and Lambda' = U^+
// Lambda U are computed once per configuration. For each z, with D = 1/(z - eps) and w the rows of
// U at the leads' orbitals, Dyson's equation for the coupling of the isolated device to the leads
// gives
//
//     Tr[Lambda G] = sum_n Lambda'_nn D_n + Tr[T h]
//     T = (1 - Sigma g)^-1 Sigma,   g = w D w^+,   h = w D Lambda' D w^+
//
// Because D_n D_m = (D_n - D_m)/(eps_n - eps_m), h is a sum over single levels:
//
//     h   = sum_n (A_n D_n + B_n D_n^2),   B_n = w_n Lambda'_nn w_n^+
//     A_n = sum_{m != n} (w_n Lambda'_nm w_m^+ + w_m Lambda'_mn w_n^+)/(eps_n - eps_m)
//
// The cost is 6 products of n x n matrices per configuration and n x (lead orbitals)^2 per z,
// instead of an inverse per z (for n = 64 and two lead orbitals 3 us instead of 120 us). Close to a
// level, where the poles of the isolated device cancel, the rounding error is 1e-16
// Lambda / |z - eps|. It grows like 1/gap where two levels come close. Beyond the limits NEAR and
// TWINS the caller therefore uses the general method.

import { product, quickHermitianEigen } from "../../engine/dense.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice, SparseHermitian } from "../../model/types.js";
import type { PreparedLead } from "../leads/lead.js";
import { adjointOf } from "../leads/matrices.js";
import type { Hamiltonian } from "./hamiltonian.js";

/**
 * Smallest distance of z from a level, and of two levels from each other, in units of the largest
 * level.
 */
const NEAR = 1e-4;
const TWINS = 1e-4;
/**
 * Smallest and largest device, and the largest fraction of its orbitals on leads, for which the
 * method is cheaper.
 */
const SMALLEST = 24;
const LARGEST = 512;
const ON_LEADS = 1 / 8;

/** Numbers per level and pair of contacts. */
const TERMS = 6;
/** The levels of one configuration and the traces of G that follow from them. */
export class SpectralTraces {
  readonly #kernels: Kernels;
  readonly #n: number;
  readonly #leads: readonly PreparedLead[];
  /** The orbitals of all leads, and for each lead the indices of its orbitals among them. */
  readonly #contacts: number[];
  readonly #places: number[][];
  readonly #dense: { matrix: Float64Array; direction: Float64Array };
  readonly #half: Float64Array;
  readonly #transformed: Float64Array;
  #levels: Float64Array = new Float64Array();
  #scale = 0;
  /** False if two levels are too close to each other. */
  #apart = false;
  /** Lambda'_nn. */
  readonly #diagonal: Float64Array;
  /**
   * TERMS numbers per level and pair of contacts (a, b), level by level: w_an w_bn^*, and A_n and
   * B_n of the file head.
   */
  readonly #terms: Float64Array;

  constructor(kernels: Kernels, device: ResolvedDevice, leads: readonly PreparedLead[]) {
    const n = device.orbitals;
    this.#kernels = kernels;
    this.#n = n;
    this.#leads = leads;
    this.#contacts = contactsOf(leads);
    this.#places = leads.map(({ orbitals }) =>
      Array.from(orbitals, (orbital) => this.#contacts.indexOf(orbital)),
    );
    const p = this.#contacts.length;
    this.#dense = { matrix: new Float64Array(2 * n * n), direction: new Float64Array(2 * n * n) };
    this.#half = new Float64Array(2 * n * n);
    this.#transformed = new Float64Array(2 * n * n);
    this.#diagonal = new Float64Array(n);
    this.#terms = new Float64Array(TERMS * p * p * n);
  }

  /**
   * True if the method is cheaper: most of the device is in one slice and few orbitals are on
   * leads.
   */
  static suits(orbitals: number, leads: readonly PreparedLead[], starts: ArrayLike<number>): boolean {
    let largest = 0;
    for (let i = 0; i + 1 < starts.length; i++) largest = Math.max(largest, starts[i + 1] - starts[i]);
    const placed = starts[starts.length - 1];
    const few = contactsOf(leads).length <= ON_LEADS * orbitals;
    // The general solver leaves out orbitals without a path to a lead; this method would not.
    return (
      placed === orbitals && orbitals >= SMALLEST && orbitals <= LARGEST && 2 * largest >= orbitals && few
    );
  }

  /** Diagonalises H(X) and transforms Lambda = sum_nu tangent_nu dH/dX_nu. */
  configure(
    { hamiltonian, derivatives, linear }: Hamiltonian,
    values: Float64Array,
    tangent: Float64Array,
  ): void {
    const n = this.#n;
    const { matrix, direction } = this.#dense;
    matrix.fill(0);
    direction.fill(0);
    spread(hamiltonian, 1, n, matrix);
    derivatives.forEach((derivative, nu) => {
      if (linear) spread(derivative, values[nu], n, matrix);
      spread(derivative, tangent[nu], n, direction);
    });
    const eigen = quickHermitianEigen(this.#kernels, n, matrix);
    this.#levels = eigen.values;
    const vectors = eigen.vectors.slice();
    this.#scale = this.#levels.reduce((most, level) => Math.max(most, Math.abs(level)), 0);
    product(this.#kernels, n, n, n, direction, vectors, this.#half);
    product(this.#kernels, n, n, n, adjointOf(vectors, n, n), this.#half, this.#transformed);
    this.#apart = leastGap(this.#levels) > TWINS * this.#scale;
    if (!this.#apart) return;
    this.#diagonal.forEach((_, i) => {
      this.#diagonal[i] = this.#transformed[2 * i * (n + 1)];
    });
    const p = this.#contacts.length;
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++) this.#expand(vectors, this.#contacts[a], this.#contacts[b], a * p + b);
  }

  /** Writes the terms of one pair of contacts, of which it is number `pair`. */
  #expand(vectors: Float64Array, first: number, second: number, pair: number): void {
    const n = this.#n;
    const terms = this.#terms;
    const pairs = this.#contacts.length ** 2;
    const lambda = this.#transformed;
    const levels = this.#levels;
    const a = 2 * first * n;
    const b = 2 * second * n;
    for (let i = 0; i < n; i++) {
      // w_an and w_bn^*.
      const aRe = vectors[a + 2 * i];
      const aIm = vectors[a + 2 * i + 1];
      const bRe = vectors[b + 2 * i];
      const bIm = -vectors[b + 2 * i + 1];
      let re = 0;
      let im = 0;
      for (let m = 0; m < n; m++) {
        if (m === i) continue;
        const gap = levels[i] - levels[m];
        const lRe = lambda[2 * (i * n + m)] / gap;
        const lIm = lambda[2 * (i * n + m) + 1] / gap;
        const mRe = vectors[a + 2 * m];
        const mIm = vectors[a + 2 * m + 1];
        const kRe = vectors[b + 2 * m];
        const kIm = -vectors[b + 2 * m + 1];
        // w_an Lambda_nm w_bm^* + w_am Lambda_nm^* w_bn^*
        const pRe = aRe * kRe - aIm * kIm;
        const pIm = aRe * kIm + aIm * kRe;
        const qRe = mRe * bRe - mIm * bIm;
        const qIm = mRe * bIm + mIm * bRe;
        re += lRe * (pRe + qRe) - lIm * (pIm - qIm);
        im += lRe * (pIm + qIm) + lIm * (pRe - qRe);
      }
      const k = TERMS * (i * pairs + pair);
      terms[k] = aRe * bRe - aIm * bIm;
      terms[k + 1] = aRe * bIm + aIm * bRe;
      terms[k + 2] = re;
      terms[k + 3] = im;
      terms[k + 4] = this.#diagonal[i] * terms[k];
      terms[k + 5] = this.#diagonal[i] * terms[k + 1];
    }
  }

  /** Writes Tr[Lambda G(re + i im)] to `out`. Returns false if a level is too close. */
  trace(re: number, im: number, out: Float64Array): boolean {
    if (!this.#apart) return false;
    const n = this.#n;
    const levels = this.#levels;
    const diagonal = this.#diagonal;
    const terms = this.#terms;
    const p = this.#contacts.length;
    const near = (NEAR * this.#scale) ** 2;
    const [g, h] = [new Float64Array(2 * p * p), new Float64Array(2 * p * p)];
    let traceRe = 0;
    let traceIm = 0;
    for (let i = 0, k = 0; i < n; i++) {
      const x = re - levels[i];
      const size = x * x + im * im;
      if (!(size > near)) return false;
      const dRe = x / size;
      const dIm = -im / size;
      traceRe += diagonal[i] * dRe;
      traceIm += diagonal[i] * dIm;
      const d2Re = dRe * dRe - dIm * dIm;
      const d2Im = 2 * dRe * dIm;
      for (let t = 0; t < g.length; t += 2, k += TERMS) {
        const [oRe, oIm, sRe, sIm] = [terms[k], terms[k + 1], terms[k + 2], terms[k + 3]];
        const [bRe, bIm] = [terms[k + 4], terms[k + 5]];
        g[t] += oRe * dRe - oIm * dIm;
        g[t + 1] += oRe * dIm + oIm * dRe;
        h[t] += sRe * dRe - sIm * dIm + bRe * d2Re - bIm * d2Im;
        h[t + 1] += sRe * dIm + sIm * dRe + bRe * d2Im + bIm * d2Re;
      }
    }
    const sigma = this.#selfEnergy(re, im);
    // M = 1 - Sigma g, T = M^-1 Sigma.
    const M = new Float64Array(2 * p * p);
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++) {
        let [x, y] = [a === b ? 1 : 0, 0];
        for (let c = 0; c < p; c++) {
          const [s, t] = [2 * (a * p + c), 2 * (c * p + b)];
          x -= sigma[s] * g[t] - sigma[s + 1] * g[t + 1];
          y -= sigma[s] * g[t + 1] + sigma[s + 1] * g[t];
        }
        M[2 * (a * p + b)] = x;
        M[2 * (a * p + b) + 1] = y;
      }
    if (!solveInto(M, sigma, p)) return false;
    for (let a = 0; a < p; a++)
      for (let b = 0; b < p; b++) {
        const [s, t] = [2 * (a * p + b), 2 * (b * p + a)];
        traceRe += sigma[s] * h[t] - sigma[s + 1] * h[t + 1];
        traceIm += sigma[s] * h[t + 1] + sigma[s + 1] * h[t];
      }
    out[0] = traceRe;
    out[1] = traceIm;
    return Number.isFinite(traceRe) && Number.isFinite(traceIm);
  }

  /** Sigma(z) between the contacts. */
  #selfEnergy(re: number, im: number): Float64Array {
    const p = this.#contacts.length;
    const sigma = new Float64Array(2 * p * p);
    this.#leads.forEach((lead, index) => {
      const { selfEnergy } = lead.selfEnergyAt(re, im);
      const places = this.#places[index];
      const m = places.length;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < m; j++) {
          const [to, from] = [2 * (places[i] * p + places[j]), 2 * (i * m + j)];
          sigma[to] += selfEnergy[from];
          sigma[to + 1] += selfEnergy[from + 1];
        }
    });
    return sigma;
  }
}

function leastGap(levels: Float64Array): number {
  const sorted = levels.slice().sort();
  let least = Number.POSITIVE_INFINITY;
  for (let i = 1; i < sorted.length; i++) least = Math.min(least, sorted[i] - sorted[i - 1]);
  return least;
}

const contactsOf = (leads: readonly PreparedLead[]): number[] => [
  ...new Set(leads.flatMap(({ orbitals }) => Array.from(orbitals))),
];

/** Adds factor times a sparse Hermitian matrix to a dense one. */
function spread(
  { rows, columns, re, im }: SparseHermitian,
  factor: number,
  n: number,
  out: Float64Array,
): void {
  if (factor === 0) return;
  for (let k = 0; k < rows.length; k++) {
    const [p, q] = [2 * (rows[k] * n + columns[k]), 2 * (columns[k] * n + rows[k])];
    out[p] += factor * re[k];
    if (p === q) continue;
    out[p + 1] += factor * im[k];
    out[q] += factor * re[k];
    out[q + 1] -= factor * im[k];
  }
}

/**
 * B <- M^-1 B by elimination with the largest pivot of each column (p x p, interleaved). Returns
 * false if M is singular.
 */
function solveInto(M: Float64Array, B: Float64Array, p: number): boolean {
  for (let k = 0; k < p; k++) {
    let pivot = k;
    for (let i = k; i < p; i++) if (squareAt(M, i * p + k) > squareAt(M, pivot * p + k)) pivot = i;
    for (const a of [M, B])
      for (let j = 0; j < 2 * p; j++) {
        const [s, t] = [2 * k * p + j, 2 * pivot * p + j];
        const kept = a[s];
        a[s] = a[t];
        a[t] = kept;
      }
    const [x, y] = [M[2 * (k * p + k)], M[2 * (k * p + k) + 1]];
    const size = x * x + y * y;
    if (!(size > 0)) return false;
    // Row k is divided by its pivot and then subtracted from all other rows.
    for (const a of [M, B])
      for (let j = 0; j < p; j++) {
        const t = 2 * (k * p + j);
        const [u, v] = [a[t], a[t + 1]];
        a[t] = (u * x + v * y) / size;
        a[t + 1] = (v * x - u * y) / size;
      }
    for (let i = 0; i < p; i++) {
      if (i === k) continue;
      const [u, v] = [M[2 * (i * p + k)], M[2 * (i * p + k) + 1]];
      for (const a of [M, B])
        for (let j = 0; j < p; j++) {
          const [s, t] = [2 * (i * p + j), 2 * (k * p + j)];
          const [c, d] = [a[t], a[t + 1]];
          a[s] -= u * c - v * d;
          a[s + 1] -= u * d + v * c;
        }
    }
  }
  return true;
}

/** Squared modulus of a complex element. */
const squareAt = (matrix: Float64Array, k: number): number =>
  matrix[2 * k] * matrix[2 * k] + matrix[2 * k + 1] * matrix[2 * k + 1];
