// One scattering point near a narrow resonance, where double precision is not enough: friction and
// currents per velocity are small differences of terms that grow like 1/w^2 with the width w of the
// resonance. The scattering states psi, psi' and G Lambda psi are found in double-double precision
// (system.ts). Their differences are formed in that precision (reduced-matrices.ts) and then
// rounded to doubles. The matrices Sigma_A = -i pi W W^+ and Sigma'_A = -i pi (W' W^+ + W W'^+) are
// used with all digits, so that S is unitary to 1e-32 / w. A point costs 20 to 100 times as much as
// an ordinary point.
// Longer than most files: one point, and the same point beside dark states, read in one order.

import { DoubleDoubleMatrix } from "../../numerics/linear-algebra/double-double.js";
import {
  addElements,
  type Elements,
  elementsOf,
  type SparseSum,
} from "../../numerics/linear-algebra/exact-sparse.js";
import type { SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import type { PreparedLead } from "../leads/lead.js";
import { pairIndex, type ScatteringPoint } from "../point.js";
import { addSmall, addVectors, adjointVectors } from "./exact-lead.js";
import { reducedMatrices } from "./reduced-matrices.js";
import { type Effort, RESULTS, RefinedSystem } from "./system.js";

/** Rounding of a double-double in units of the rounding of a double, with a margin. */
const PRECISION = 2 ** -62;

/** Largest part along dark states that counts as rounding. */
const LEFT_ALONE = 1e-10;

/** S at an energy with dark states, and those of its derivatives that exist. */
export interface DarkPoint
  extends Pick<ScatteringPoint, "channels" | "channelLead" | "S" | "unitarityDefect"> {
  dSdE: Float64Array | undefined;
  /** K per direction; undefined if it does not exist. */
  K: (Float64Array | undefined)[];
}

/** The matrices of a configuration: H and one sum of matrices per direction. */
export interface ConfigurationTerms {
  hamiltonian: SparseSum;
  directions: SparseSum[];
  /** S - 1, if the orbitals overlap. */
  excess?: SparseHermitian;
}

/** The points of one configuration in double-double precision. */
export class RefinedScattering {
  readonly #system: RefinedSystem;
  readonly #directions: Elements[];
  /** 1 - S, if the orbitals overlap. */
  readonly #lack: Elements | undefined;
  /** The positions that each direction touches. */
  readonly #touched: Int32Array[];

  /**
   * `orbitals` lists the orbital at each position. Orbitals that are missing from it have no path
   * to a lead.
   */
  constructor(size: number, orbitals: Int32Array, leads: PreparedLead[], terms: ConfigurationTerms) {
    const { hamiltonian, excess } = terms;
    this.#system = new RefinedSystem(size, orbitals, leads, hamiltonian, excess);
    this.#lack = excess && elementsOf([{ matrix: excess, factor: -1 }], this.#system.position);
    this.#directions = terms.directions.map((direction) => elementsOf(direction, this.#system.position));
    this.#touched = this.#directions.map(({ rows, columns }) =>
      Int32Array.from(new Set([...rows, ...columns])).sort(),
    );
  }

  /**
   * Returns the point at energy + energyLow, a double-double. With `antisymmetricFriction` the
   * point contains the antisymmetric friction. `effort` is NODES or RESULTS. Returns undefined if
   * the device is too large or the matrix is too close to singular.
   */
  solve(
    energy: number,
    energyLow: number,
    antisymmetricFriction: boolean,
    effort: Effort,
  ): ScatteringPoint | undefined {
    const system = this.#system;
    if (!system.setEnergy(energy, energyLow, effort)) return undefined;
    const { channels } = system;
    const psi = system.solved(system.vectors(false), effort);
    const slope = psi && system.solved(this.#slopeSide(psi), effort);
    if (!psi || !slope) return undefined;
    const { S, dS } = this.#scatteringMatrix(psi, slope);
    const delayProduct = adjointProduct(S, dS);
    const forces = this.#directions.map((_, nu) => this.#applied(nu, psi));
    const K = forces.map((force, nu) => this.#contracted(nu, psi, force));
    const P = forces.map((force, nu) => this.#contracted(nu, force, slope));
    const curls = antisymmetricFriction && K.length > 1 ? this.#curls(slope, forces, K, P, effort) : [];
    if (!curls) return undefined;
    const size = 2 * channels * channels;
    const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(size));
    return {
      channels,
      channelLead: this.#channelLead(),
      S: doubles(S),
      dSdE: doubles(dS),
      K: K.map(doubles),
      P: P.map(doubles),
      antisymmetricFriction: curls,
      unitarityDefect: defectOf(S),
      reduced: {
        ...reducedMatrices(delayProduct, K, P),
        leadPhase: this.#leadPhase(psi),
        precision: PRECISION * (1 + system.norm * traceOf(delayProduct)),
      },
    };
  }

  /** Condition number of E - H - Sigma; undefined if the device is too large to compute it. */
  condition(energy: number): number | undefined {
    return this.#system.condition(energy);
  }

  /**
   * Returns the point at an energy of dark states (levels that no lead sees). S does not contain
   * them, and psi is chosen without a part along them, which is its limit from nearby energies.
   * Returns undefined if there are no dark states or if the matrix is singular for another reason.
   * dS/dE is left out if a lead begins to see the dark states at nearby energies. dS/dX_nu is left
   * out if Lambda_nu couples psi to them.
   */
  besideDarkStates(energy: number): DarkPoint | undefined {
    const system = this.#system;
    if (!system.setEnergy(energy, 0, RESULTS)) return undefined;
    const dark = system.darkStates();
    if (dark.length === 0) return undefined;
    const psi = system.solved(system.vectors(false), RESULTS, dark);
    if (!psi) return undefined;
    if (this.#lack) this.#withoutDark(psi, dark);
    const right = this.#slopeSide(psi);
    const slope = largestOverlap(dark, right) < LEFT_ALONE ? system.solved(right, RESULTS, dark) : undefined;
    const { S, dS } = this.#scatteringMatrix(psi, slope);
    const K = this.#directions.map((_, nu) => {
      const force = this.#applied(nu, psi);
      return largestOverlap(dark, force) < LEFT_ALONE ? this.#contracted(nu, psi, force) : undefined;
    });
    const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(2 * psi.columns ** 2));
    return {
      channels: psi.columns,
      channelLead: this.#channelLead(),
      S: doubles(S),
      dSdE: slope && doubles(dS),
      K: K.map((matrix) => matrix && doubles(matrix)),
      unitarityDefect: defectOf(S),
    };
  }

  /**
   * Removes the part of psi along the dark states in the product by the overlap: the limit from
   * nearby energies is orthogonal to them in that product.
   */
  #withoutDark(psi: DoubleDoubleMatrix, dark: readonly Float64Array[]): void {
    const { rows: n, columns: m } = psi;
    /** S x. */
    const overlapped = (x: DoubleDoubleMatrix): DoubleDoubleMatrix => {
      const out = new DoubleDoubleMatrix(n, x.columns);
      addElements(this.#lack!, x, out, true);
      for (let k = 0; k < out.data.length; k++) out.data[k] = -out.data[k];
      for (let k = 0; k < n * x.columns; k++) out.addScaled(k, 1, 0, x, k);
      return out;
    };
    const columnOf = (v: Float64Array): DoubleDoubleMatrix => {
      const out = new DoubleDoubleMatrix(n, 1);
      for (let i = 0; i < n; i++) out.addDouble(i, v[2 * i], v[2 * i + 1]);
      return out;
    };
    /** x -= v (v^+ S x) for v of length 1 in that product. */
    const remove = (x: DoubleDoubleMatrix, v: DoubleDoubleMatrix): void => {
      const along = new DoubleDoubleMatrix(1, x.columns);
      const moved = overlapped(x);
      for (let i = 0; i < n; i++)
        for (let a = 0; a < x.columns; a++) along.addProduct(a, 1, v, i, true, moved, i * x.columns + a);
      for (let i = 0; i < n; i++)
        for (let a = 0; a < x.columns; a++) x.addProduct(i * x.columns + a, -1, v, i, false, along, a);
    };
    const states: DoubleDoubleMatrix[] = [];
    for (const vector of dark) {
      const state = columnOf(vector);
      for (const before of states) remove(state, before);
      const moved = overlapped(state);
      const square = new DoubleDoubleMatrix(1, 1);
      for (let i = 0; i < n; i++) square.addProduct(0, 1, state, i, true, moved, i);
      const length = Math.sqrt(square.data[0]);
      states.push(columnOf(state.rounded(new Float64Array(2 * n)).map((x) => x / length)));
    }
    // The lengths are known to a double only: the second pass removes what the first one leaves.
    for (let pass = 0; pass < 2 && m > 0; pass++) for (const state of states) remove(psi, state);
  }

  /** The lead index of each open channel. */
  #channelLead(): Int32Array {
    return Int32Array.from(this.#system.leads.flatMap((lead, a) => new Array<number>(lead.channels).fill(a)));
  }

  /** W' - (S - Sigma') psi. */
  #slopeSide(psi: DoubleDoubleMatrix): DoubleDoubleMatrix {
    const right = this.#system.vectors(true);
    for (let k = 0; k < psi.rows * psi.columns; k++) right.addScaled(k, -1, 0, psi, k);
    if (this.#lack) addElements(this.#lack, psi, right, true);
    for (const lead of this.#system.leads) {
      addSmall(lead.positions, lead.hermitianSlope, psi, right, true);
      addVectors(lead, lead.dW, adjointVectors(lead, lead.W, psi), right);
      addVectors(lead, lead.W, adjointVectors(lead, lead.dW, psi), right);
    }
    return right;
  }

  /** S = 1 - 2 pi i W^+ psi and, with psi', S' = -2 pi i (W'^+ psi + W^+ psi'). */
  #scatteringMatrix(psi: DoubleDoubleMatrix, slope: DoubleDoubleMatrix | undefined) {
    const m = psi.columns;
    const S = new DoubleDoubleMatrix(m, m);
    const dS = new DoubleDoubleMatrix(m, m);
    for (let a = 0; a < m; a++) S.addDouble(a * m + a, 1, 0);
    for (const lead of this.#system.leads) {
      const first = lead.firstChannel * m;
      const own = adjointVectors(lead, lead.W, psi);
      const parts = slope ? [adjointVectors(lead, lead.dW, psi), adjointVectors(lead, lead.W, slope)] : [];
      for (let k = 0; k < lead.channels * m; k++) {
        S.addScaled(first + k, 0, -2 * Math.PI, own, k);
        for (const part of parts) dS.addScaled(first + k, 0, -2 * Math.PI, part, k);
      }
    }
    return { S, dS };
  }

  /** 2 pi sum_a psi_a^+ |Sigma| psi_a, summed over the leads whose Sigma depends on the energy. */
  #leadPhase(psi: DoubleDoubleMatrix): number {
    const m = psi.columns;
    let sum = 0;
    for (const { positions, constant, selfEnergy } of this.#system.leads) {
      if (constant) continue;
      const n = positions.length;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          const p = 2 * (i * n + j);
          const size = Math.hypot(selfEnergy[p], selfEnergy[p + 1]);
          for (let a = 0; a < m && size > 0; a++)
            sum += size * sizeOf(psi, positions[i] * m + a) * sizeOf(psi, positions[j] * m + a);
        }
    }
    return 2 * Math.PI * sum;
  }

  /** Lambda_nu x. */
  #applied(nu: number, x: DoubleDoubleMatrix): DoubleDoubleMatrix {
    const out = new DoubleDoubleMatrix(x.rows, x.columns);
    addElements(this.#directions[nu], x, out, true);
    return out;
  }

  /**
   * 2 pi left^+ right, summed over the positions that direction nu touches. One of the two factors
   * is Lambda_nu times a matrix and vanishes elsewhere.
   */
  #contracted(nu: number, left: DoubleDoubleMatrix, right: DoubleDoubleMatrix): DoubleDoubleMatrix {
    const m = left.columns;
    const sum = new DoubleDoubleMatrix(m, m);
    for (const i of this.#touched[nu])
      for (let a = 0; a < m; a++)
        for (let b = 0; b < m; b++) sum.addProduct(a * m + b, 1, left, i * m + a, true, right, i * m + b);
    const out = new DoubleDoubleMatrix(m, m);
    for (let k = 0; k < m * m; k++) out.addScaled(k, 2 * Math.PI, 0, sum, k);
    return out;
  }

  /** Per pair nu < nu' and channel: [y_a, b_a - Re (K P' - K' P)_aa] of point.ts. */
  #curls(
    slope: DoubleDoubleMatrix,
    forces: DoubleDoubleMatrix[],
    K: DoubleDoubleMatrix[],
    P: DoubleDoubleMatrix[],
    effort: Effort,
  ): Float64Array[] | undefined {
    const m = slope.columns;
    const d = forces.length;
    const responses: DoubleDoubleMatrix[] = [];
    for (const force of forces) {
      const response = this.#system.solved(force, effort);
      if (!response) return undefined;
      responses.push(response);
    }
    const slopes = forces.map((_, nu) => this.#applied(nu, slope));
    const pairs: Float64Array[] = [];
    for (let nu = 0; nu < d; nu++)
      for (let mu = nu + 1; mu < d; mu++) {
        const pair = new Float64Array(2 * m);
        for (let a = 0; a < m; a++) {
          const y = new DoubleDoubleMatrix(1, 1);
          addColumns(y, 1, forces[nu], responses[mu], a, this.#touched[nu]);
          addColumns(y, -1, forces[mu], responses[nu], a, this.#touched[mu]);
          pair[2 * a] = 2 * Math.PI * y.data[2];
          // The imaginary part of `b` holds b / 4 pi, and the real part of `back` holds (K P' - K'
          // P)_aa.
          const b = new DoubleDoubleMatrix(1, 1);
          addColumns(b, 1, responses[nu], slopes[mu], a, this.#touched[mu]);
          addColumns(b, -1, responses[mu], slopes[nu], a, this.#touched[nu]);
          const back = new DoubleDoubleMatrix(1, 1);
          for (let k = 0; k < m; k++) {
            back.addProduct(0, -1, K[nu], a * m + k, false, P[mu], k * m + a);
            back.addProduct(0, 1, K[mu], a * m + k, false, P[nu], k * m + a);
          }
          // 4 pi times (i y) has the real part -4 pi y.
          back.addScaled(0, 0, -4 * Math.PI, b, 0);
          pair[2 * a + 1] = back.data[0];
        }
        pairs[pairIndex(nu, mu, d)] = pair;
      }
    return pairs;
  }
}

/** Largest |v^+ x| over all states v and columns x, relative to 1 + |x|. */
function largestOverlap(states: readonly Float64Array[], x: DoubleDoubleMatrix): number {
  const { rows, columns } = x;
  const doubles = x.rounded(new Float64Array(2 * rows * columns));
  let [most, size] = [0, 1];
  for (let c = 0; c < columns; c++)
    for (const v of states) {
      let [re, im] = [0, 0];
      for (let i = 0; i < rows; i++) {
        const [a, b] = [doubles[2 * (i * columns + c)], doubles[2 * (i * columns + c) + 1]];
        re += v[2 * i] * a + v[2 * i + 1] * b;
        im += v[2 * i] * b - v[2 * i + 1] * a;
        size = Math.max(size, Math.hypot(a, b));
      }
      most = Math.max(most, Math.hypot(re, im));
    }
  return most / size;
}

/** Modulus of element k. */
function sizeOf({ data }: DoubleDoubleMatrix, k: number): number {
  return Math.hypot(data[4 * k], data[4 * k + 2]);
}

/** sum += sign x_a^+ y_a over some positions, for column a of x and of y. */
function addColumns(
  sum: DoubleDoubleMatrix,
  sign: number,
  x: DoubleDoubleMatrix,
  y: DoubleDoubleMatrix,
  a: number,
  positions: Int32Array,
): void {
  const m = x.columns;
  for (const i of positions) sum.addProduct(0, sign, x, i * m + a, true, y, i * m + a);
}

/** a^+ b of square matrices. */
function adjointProduct(a: DoubleDoubleMatrix, b: DoubleDoubleMatrix): DoubleDoubleMatrix {
  const m = a.rows;
  const out = new DoubleDoubleMatrix(m, m);
  for (let k = 0; k < m; k++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) out.addProduct(i * m + j, 1, a, k * m + i, true, b, k * m + j);
  return out;
}

/** Largest modulus of an element of S^+ S - 1. */
function defectOf(S: DoubleDoubleMatrix): number {
  const product = adjointProduct(S, S);
  let defect = 0;
  for (let a = 0; a < S.rows; a++) product.addDouble(a * S.rows + a, -1, 0);
  for (let k = 0; k < product.data.length; k += 4)
    defect = Math.max(defect, Math.hypot(product.data[k], product.data[k + 2]));
  return defect;
}

/** Im tr A. For A = S^+ S' this is the trace of the delay matrix. */
function traceOf({ rows, data }: DoubleDoubleMatrix): number {
  let sum = 0;
  for (let a = 0; a < rows; a++) sum += data[4 * a * (rows + 1) + 2];
  return Math.abs(sum);
}
