// Solves (E S - H - Sigma) x = b at one configuration in double-double precision: banded LU in
// doubles, followed by iterative refinement with residuals in double-double (about three steps).
// The orbitals are in the block order of the engine, which keeps the band narrow.
//
// H(X) is the sum of the file's matrices and parameters in double-double precision. W, W' and the
// Hermitian parts of Sigma and Sigma' are taken as exact doubles. The anti-Hermitian parts are
// formed from W with all digits, Sigma_A = -i pi W W^+. The rounding of the leads therefore acts
// like one small change of the model that is the same in all results.

import { BandedMatrix } from "../../numerics/linear-algebra/banded.js";
import { DoubleDoubleMatrix } from "../../numerics/linear-algebra/double-double.js";
import {
  addElements,
  type Elements,
  elementsOf,
  type SparseSum,
} from "../../numerics/linear-algebra/exact-sparse.js";
import type { SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import type { PreparedLead } from "../leads/lead.js";
import { addSmall, addVectors, adjointVectors, type ExactLead, exactLead } from "./exact-lead.js";
import { darkStates, type FactorisedMatrix, project, smallestSingularValue } from "./near-singular.js";

/** Limits on the cost of a point and on the accuracy that the refinement has to reach. */
export interface Effort {
  /** Largest n b^2, with n orbitals and b diagonals on either side of the main one. */
  most: number;
  /** Largest relative size of the last correction that is accepted. */
  least: number;
}
/**
 * Limits for one of the many points of an integral whose integrand is a difference of products that
 * cancel. A point takes a tenth of a second at most.
 */
export const NODES: Effort = { most: 4e6, least: 1e-20 };
/**
 * Limits for a single S with the digits of doubles, and for the condition number of the matrix. It
 * takes a second or two at most.
 */
export const RESULTS: Effort = { most: 5e7, least: 1e-17 };
/** Largest number of refinement steps, and the relative size of a correction at which they stop. */
const STEPS = 12;
const ENOUGH = 1e-31;
/**
 * Imaginary part of the energy of the factors that serve to find dark states, in units of the
 * largest row sum.
 */
const BESIDE = 1e-9;
/** The linear system of one configuration. */
export class RefinedSystem {
  /** Position of each orbital; -1 if the orbital has no path to a lead. */
  readonly position: Int32Array;
  /** The leads, and the number of their open channels together, at the energy last set. */
  leads: ExactLead[] = [];
  channels = 0;
  /** Largest absolute row sum of E - H - Sigma. */
  norm = 0;
  readonly #size: number;
  readonly #prepared: PreparedLead[];
  readonly #terms: SparseSum;
  /** S - 1, if the orbitals overlap. */
  readonly #excess: SparseHermitian | undefined;
  /** H, or H - E (S - 1) at the energy last set. */
  #hamiltonian: Elements;
  readonly #band: number;
  #matrix: BandedMatrix | undefined;
  #energy = 0;
  #energyLow = 0;
  /**
   * Minus the diagonal of E - H - Sigma_H, summed exactly. Close to a level of H the small
   * difference from E keeps all its digits.
   */
  readonly #diagonal: DoubleDoubleMatrix;

  /**
   * `orbitals` lists the orbital at each position, out of `size` orbitals. `excess` is S - 1 of
   * orbitals that overlap.
   */
  constructor(
    size: number,
    orbitals: Int32Array,
    leads: PreparedLead[],
    hamiltonian: SparseSum,
    excess?: SparseHermitian,
  ) {
    this.position = new Int32Array(size).fill(-1);
    orbitals.forEach((orbital, i) => {
      this.position[orbital] = i;
    });
    this.#size = orbitals.length;
    this.#prepared = leads;
    this.#terms = hamiltonian;
    this.#excess = excess;
    this.#hamiltonian = this.#effective(1, 0);
    this.#diagonal = new DoubleDoubleMatrix(this.#size, 1);
    this.#band = this.#bandOf(leads);
  }

  /** The elements of H - (energy + energyLow) (S - 1), with twice the digits of a double. */
  #effective(energy: number, energyLow: number): Elements {
    const excess = this.#excess;
    const more = excess ? [energy, energyLow].map((e) => ({ matrix: excess, factor: -e })) : [];
    return elementsOf([...this.#terms, ...more], this.position, true);
  }

  /** Number of diagonals on either side of the main one that contain an element. */
  #bandOf(leads: PreparedLead[]): number {
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

  /** Sets the energy, a double-double, and factorises. Returns false if the device is too large. */
  setEnergy(energy: number, energyLow: number, { most }: Effort): boolean {
    if (!(this.#size * this.#band ** 2 <= most)) return false;
    this.#matrix ??= new BandedMatrix(this.#size, this.#band);
    this.#energy = energy;
    this.#energyLow = energyLow;
    if (this.#excess) this.#hamiltonian = this.#effective(energy, energyLow);
    this.#setLeads();
    this.#setDiagonal();
    this.#factorise(this.#matrix);
    return true;
  }

  /**
   * Condition number of E - H - Sigma: the largest row sum over the smallest singular value.
   * Undefined if the device is too large to compute it.
   */
  condition(energy: number): number | undefined {
    if (this.#size === 0 || !this.setEnergy(energy, 0, RESULTS)) return undefined;
    const condition = this.norm / smallestSingularValue(this.#factorised);
    return Number.isFinite(condition) ? condition : undefined;
  }

  /**
   * Returns the states that no lead sees at the energy last set. The matrix is factorised at a
   * small distance from the real axis, where all these states are equivalent. The factors of the
   * exactly singular matrix would single out one of them at random. Iterative refinement corrects
   * the difference.
   */
  darkStates(): Float64Array[] {
    this.#factorise(this.#matrix!, BESIDE * this.norm);
    return darkStates(this.#factorised, this.norm);
  }

  get #factorised(): FactorisedMatrix {
    const matrix = this.#matrix!;
    const column = (v: Float64Array) => {
      const out = new DoubleDoubleMatrix(this.#size, 1);
      for (let i = 0; i < this.#size; i++) out.addDouble(i, v[2 * i], v[2 * i + 1]);
      return out;
    };
    const none = new DoubleDoubleMatrix(this.#size, 1);
    return {
      size: this.#size,
      solve: (x) => matrix.solve(x, 1),
      solveAdjoint: (x) => matrix.solveAdjoint(x, 1),
      sizeOfProduct: (v) => {
        const product = new DoubleDoubleMatrix(this.#size, 1);
        this.#subtractApplied(none, column(v), product);
        return Math.hypot(...product.rounded(new Float64Array(v.length)));
      },
      seen: (v) => {
        const x = column(v);
        let sum = 0;
        for (const lead of this.leads)
          for (const part of adjointVectors(lead, lead.W, x).rounded(new Float64Array(2 * lead.channels)))
            sum += part * part;
        return Math.sqrt(sum);
      },
    };
  }

  #setLeads(): void {
    this.channels = 0;
    this.leads = this.#prepared.map((prepared) => {
      const lead = exactLead(prepared, this.#energy, this.#energyLow, this.position, this.channels);
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

  /** Factorises E + i `imaginary` - H - Sigma in doubles. */
  #factorise(matrix: BandedMatrix, imaginary = 0): void {
    matrix.clear();
    for (let i = 0; i < this.#size; i++) matrix.add(i, i, this.#energy + this.#energyLow, imaginary);
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

  /** W of all leads on the whole device, or W' if `slopes` is true; orbitals x channels. */
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

  /**
   * Returns (E - H - Sigma)^-1 times the right-hand sides, without the part along the `dark`
   * states. Returns undefined if the last correction stays above `least`.
   */
  solved(
    right: DoubleDoubleMatrix,
    { least }: Effort,
    dark: readonly Float64Array[] = [],
  ): DoubleDoubleMatrix | undefined {
    const { rows, columns } = right;
    const x = new DoubleDoubleMatrix(rows, columns);
    const residual = new DoubleDoubleMatrix(rows, columns);
    residual.data.set(right.data);
    const correction = new Float64Array(2 * rows * columns);
    let before = Number.POSITIVE_INFINITY;
    for (let step = 0; step < STEPS; step++) {
      residual.rounded(correction);
      // A dark state is a null vector of A^+ too, so that no x can remove the residual along it.
      project(correction, dark, columns);
      this.#matrix!.solve(correction, columns);
      project(correction, dark, columns);
      let [moved, size] = [0, 0];
      for (let k = 0; k < rows * columns; k++) {
        x.addDouble(k, correction[2 * k], correction[2 * k + 1]);
        moved = Math.max(moved, Math.abs(correction[2 * k]), Math.abs(correction[2 * k + 1]));
        size = Math.max(size, Math.abs(x.data[4 * k]), Math.abs(x.data[4 * k + 2]));
      }
      const relative = size > 0 ? moved / size : 0;
      if (relative <= ENOUGH) return x;
      // The corrections no longer shrink. The rest is the rounding of double-double times the
      // condition.
      if (!(relative < 0.5 * before)) return before <= least ? x : undefined;
      before = relative;
      this.#subtractApplied(right, x, residual);
    }
    return before <= least ? x : undefined;
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
