// The linear system (E - H - Sigma) x = b of one configuration in double-double precision: banded LU in doubles,
// iterative refinement with residuals in double-double (about three steps). Orbitals stand in the order of the
// engine's blocks, which keeps the band narrow.
//
// H(X), the Hermitian parts of Sigma and Sigma', W and W' are taken as they stand, as exact doubles; the anti-Hermitian
// parts are those of W to all digits, Sigma_A = -i pi W W^+. What rounding did to the model is a common small change of it.

import { BandedMatrix } from "./banded.js";
import { DoubleDoubleMatrix } from "./double-double.js";
import { addSmall, addVectors, adjointVectors, type ExactLead, exactLead } from "./exact-lead.js";
import { addElements, type Elements, elementsOf, type SparseSum } from "./exact-sparse.js";
import type { PreparedLead } from "./leads.js";

/** Largest n b^2 (n orbitals, b diagonals on either side of the band) for which a point may be refined: a tenth of a second a point. */
const LARGEST = 4e6;
/** Most steps of refinement, and the relative size of the last correction that is good enough, or at least has to be reached. */
const STEPS = 12;
const ENOUGH = 1e-31;
const LEAST = 1e-20;

export class RefinedSystem {
  /** Of each orbital; -1: it hangs on no lead. */
  readonly position: Int32Array;
  /** The leads, and their open channels together, at the energy last set. */
  leads: ExactLead[] = [];
  channels = 0;
  /** Largest row sum of E - H - Sigma. */
  norm = 0;
  readonly #size: number;
  readonly #prepared: PreparedLead[];
  readonly #hamiltonian: Elements;
  readonly #matrix: BandedMatrix | undefined;
  #energy = 0;
  #energyLow = 0;
  /** Minus the diagonal of E - H - Sigma_H, summed exactly: beside a level of H its small difference from E keeps all digits. */
  readonly #diagonal: DoubleDoubleMatrix;

  /** `orbitals`: the orbital at each position, out of `size`. */
  constructor(size: number, orbitals: Int32Array, leads: PreparedLead[], hamiltonian: SparseSum) {
    this.position = new Int32Array(size).fill(-1);
    orbitals.forEach((orbital, i) => {
      this.position[orbital] = i;
    });
    this.#size = orbitals.length;
    this.#prepared = leads;
    this.#hamiltonian = elementsOf(hamiltonian, this.position);
    this.#diagonal = new DoubleDoubleMatrix(this.#size, 1);
    const band = this.#band(leads);
    if (this.#size * band * band <= LARGEST) this.#matrix = new BandedMatrix(this.#size, band);
  }

  /** Diagonals on either side of the main one that hold an element. */
  #band(leads: PreparedLead[]): number {
    const { rows, columns } = this.#hamiltonian;
    let band = 0;
    for (let k = 0; k < rows.length; k++) band = Math.max(band, Math.abs(rows[k] - columns[k]));
    for (const { orbitals } of leads) {
      let [low, high] = [this.#size, -1];
      for (const orbital of orbitals) {
        low = Math.min(low, this.position[orbital]);
        high = Math.max(high, this.position[orbital]);
      }
      band = Math.max(band, high - low);
    }
    return band;
  }

  /** Sets the energy, a double-double, and factorises; false where the device is too large for that. */
  setEnergy(energy: number, energyLow: number): boolean {
    if (!this.#matrix) return false;
    this.#energy = energy;
    this.#energyLow = energyLow;
    this.#setLeads();
    this.#setDiagonal();
    this.#factorise(this.#matrix);
    return true;
  }

  #setLeads(): void {
    this.channels = 0;
    this.leads = this.#prepared.map((prepared) => {
      const lead = exactLead(prepared, this.#energy, this.position, this.channels);
      this.channels += lead.channels;
      return lead;
    });
  }

  #setDiagonal(): void {
    const { data } = this.#diagonal;
    this.#diagonal.clear();
    const { rows, columns, re, im } = this.#hamiltonian;
    const sums = new Float64Array(this.#size);
    for (let i = 0; i < this.#size; i++) {
      this.#diagonal.addDouble(i, -this.#energy, 0);
      this.#diagonal.addDouble(i, -this.#energyLow, 0);
    }
    for (let k = 0; k < rows.length; k++) {
      if (rows[k] === columns[k]) this.#diagonal.addDouble(rows[k], re[k], 0);
      else for (const i of [rows[k], columns[k]]) sums[i] += Math.abs(re[k]) + Math.abs(im[k]);
    }
    for (const { positions, hermitian, selfEnergy } of this.leads) {
      const n = positions.length;
      for (let i = 0; i < n; i++) {
        this.#diagonal.addDouble(positions[i], hermitian[2 * i * (n + 1)], 0);
        for (let j = 0; j < n; j++) {
          const at = 2 * (i * n + j);
          sums[positions[i]] += Math.abs(selfEnergy[at + 1]) + (i === j ? 0 : Math.abs(selfEnergy[at]));
        }
      }
    }
    this.norm = 0;
    for (let i = 0; i < this.#size; i++) this.norm = Math.max(this.norm, Math.abs(data[4 * i]) + sums[i]);
  }

  /** E - H - Sigma in doubles. */
  #factorise(matrix: BandedMatrix): void {
    matrix.clear();
    for (let i = 0; i < this.#size; i++) matrix.add(i, i, this.#energy + this.#energyLow, 0);
    const { rows, columns, re, im } = this.#hamiltonian;
    for (let k = 0; k < rows.length; k++) {
      matrix.add(rows[k], columns[k], -re[k], -im[k]);
      if (rows[k] !== columns[k]) matrix.add(columns[k], rows[k], -re[k], im[k]);
    }
    for (const { positions, selfEnergy } of this.leads) {
      const n = positions.length;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const at = 2 * (i * n + j);
          if (selfEnergy[at] !== 0 || selfEnergy[at + 1] !== 0)
            matrix.add(positions[i], positions[j], -selfEnergy[at], -selfEnergy[at + 1]);
        }
    }
    matrix.factorise();
  }

  /** W, or W', of all leads on the whole device. */
  vectors(slopes: boolean): DoubleDoubleMatrix {
    const { channels } = this;
    const out = new DoubleDoubleMatrix(this.#size, channels);
    for (const { positions, firstChannel, channels: m, W, dW } of this.leads) {
      const vectors = slopes ? dW : W;
      for (let i = 0; i < positions.length; i++)
        for (let a = 0; a < m; a++) {
          const at = 2 * (i * m + a);
          out.addDouble(positions[i] * channels + firstChannel + a, vectors[at], vectors[at + 1]);
        }
    }
    return out;
  }

  /** (E - H - Sigma)^-1 times the right-hand sides; undefined if the refinement does not converge. */
  solved(right: DoubleDoubleMatrix): DoubleDoubleMatrix | undefined {
    const { rows, columns } = right;
    const x = new DoubleDoubleMatrix(rows, columns);
    const residual = new DoubleDoubleMatrix(rows, columns);
    residual.data.set(right.data);
    const correction = new Float64Array(2 * rows * columns);
    let before = Number.POSITIVE_INFINITY;
    for (let step = 0; step < STEPS; step++) {
      residual.rounded(correction);
      this.#matrix!.solve(correction, columns);
      let [moved, size] = [0, 0];
      for (let k = 0; k < rows * columns; k++) {
        x.addDouble(k, correction[2 * k], correction[2 * k + 1]);
        moved = Math.max(moved, Math.abs(correction[2 * k]), Math.abs(correction[2 * k + 1]));
        size = Math.max(size, Math.abs(x.data[4 * k]), Math.abs(x.data[4 * k + 2]));
      }
      const relative = size > 0 ? moved / size : 0;
      if (relative <= ENOUGH) return x;
      // No gain any more: what is left is the rounding of double-double, times the condition.
      if (!(relative < 0.5 * before)) return before <= LEAST ? x : undefined;
      before = relative;
      this.#subtractApplied(right, x, residual);
    }
    return before <= LEAST ? x : undefined;
  }

  /** residual = right - (E - H - Sigma) x. */
  #subtractApplied(right: DoubleDoubleMatrix, x: DoubleDoubleMatrix, residual: DoubleDoubleMatrix): void {
    const { rows, columns } = right;
    residual.data.set(right.data);
    for (let i = 0; i < rows; i++)
      for (let a = 0; a < columns; a++)
        residual.addRealProduct(i * columns + a, this.#diagonal, i, x, i * columns + a);
    addElements(this.#hamiltonian, x, residual, false);
    for (const lead of this.leads) {
      addSmall(lead.positions, lead.hermitian, x, residual, false);
      // - i pi W (W^+ x)
      addVectors(lead, lead.W, adjointVectors(lead, lead.W, x), residual);
    }
  }
}
