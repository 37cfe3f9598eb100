// One scattering point next to a narrow resonance, where doubles are too short: friction and currents per velocity are small differences of terms that
// grow like 1/w^2 with the width w of the resonance. Here psi, psi' (and G Lambda psi) are found in double-double precision (iterative refinement: banded LU in
// doubles, residuals in double-double; about three steps), the differences are formed, and only then rounded: see ReducedMatrices in point.ts.
//
// H(X), the Hermitian parts of Sigma and Sigma', W and W' are taken as they stand, as exact doubles; the anti-Hermitian parts are those of W to all digits,
// Sigma_A = -i pi W W^+ and Sigma'_A = -i pi (W' W^+ + W W'^+). So S is unitary to 1e-32 / w, and what rounding did to the model is a common small change of it.
// Orbitals stand in the order of the engine's blocks, which keeps the band of the matrix narrow. Cost: 20 to 100 times an ordinary point.

import type { SparseHermitian } from "../model/types.js";
import { BandedMatrix } from "./banded.js";
import { DoubleDoubleMatrix } from "./double-double.js";
import type { PreparedLead } from "./leads.js";
import { pairIndex, type ReducedMatrices, type ScatteringPoint } from "./point.js";

/** Largest n b^2 (n orbitals, b diagonals on either side of the band) for which a point may be refined: a tenth of a second a point. */
const LARGEST = 4e6;
/** Most steps of refinement, and the relative size of the last correction that is good enough, or at least has to be reached. */
const STEPS = 12;
const ENOUGH = 1e-31;
const LEAST = 1e-20;

/** Rounding of double-double in units of that of doubles. */
const PRECISION = 2 ** -62;

/** The elements of a sparse matrix between positions of the order, upper or lower triangle; `mirrored` elsewhere by Hermiticity. */
interface Elements {
  rows: number[];
  columns: number[];
  re: number[];
  im: number[];
}

/** A lead at one energy: orbitals as positions, doubles taken as exact, Hermitian parts of Sigma and Sigma'. */
interface ExactLead {
  positions: Int32Array;
  firstChannel: number;
  channels: number;
  W: Float64Array;
  dW: Float64Array;
  hermitian: Float64Array;
  hermitianSlope: Float64Array;
  selfEnergy: Float64Array;
}

/** What a configuration consists of: H = sum over `hamiltonian` of factor x matrix, one such sum per direction. */
export interface ConfigurationTerms {
  hamiltonian: { matrix: SparseHermitian; factor: number }[];
  directions: { matrix: SparseHermitian; factor: number }[][];
}

export class RefinedScattering {
  readonly #position: Int32Array;
  readonly #size: number;
  readonly #leads: PreparedLead[];
  readonly #hamiltonian: Elements;
  readonly #directions: Elements[];
  /** Positions that each direction touches. */
  readonly #touched: Int32Array[];
  readonly #matrix: BandedMatrix | undefined;
  #energy = 0;
  #energyLow = 0;
  #atEnergy: ExactLead[] = [];
  /** Minus the diagonal of E - H - Sigma_H, summed exactly: beside a level of H its small difference from E keeps all digits. */
  readonly #diagonal: DoubleDoubleMatrix;
  /** Largest row sum of E - H - Sigma. */
  #norm = 0;

  /** `orbitals`: the orbital at each position; orbitals that are not in it hang on no lead. */
  constructor(size: number, orbitals: Int32Array, leads: PreparedLead[], terms: ConfigurationTerms) {
    this.#position = new Int32Array(size).fill(-1);
    orbitals.forEach((orbital, i) => {
      this.#position[orbital] = i;
    });
    this.#size = orbitals.length;
    this.#leads = leads;
    this.#hamiltonian = this.#elements(terms.hamiltonian);
    this.#directions = terms.directions.map((direction) => this.#elements(direction));
    this.#touched = this.#directions.map(({ rows, columns }) =>
      Int32Array.from(new Set([...rows, ...columns])).sort(),
    );
    this.#diagonal = new DoubleDoubleMatrix(this.#size, 1);
    const band = this.#band();
    if (this.#size * band * band <= LARGEST) this.#matrix = new BandedMatrix(this.#size, band);
  }

  #elements(terms: ConfigurationTerms["hamiltonian"]): Elements {
    const elements: Elements = { rows: [], columns: [], re: [], im: [] };
    for (const { matrix, factor } of terms)
      for (let k = 0; k < matrix.rows.length; k++) {
        const [i, j] = [this.#position[matrix.rows[k]], this.#position[matrix.columns[k]]];
        const [re, im] = [factor * matrix.re[k], factor * matrix.im[k]];
        if (i < 0 || j < 0 || (re === 0 && im === 0)) continue;
        elements.rows.push(i);
        elements.columns.push(j);
        elements.re.push(re);
        elements.im.push(im);
      }
    return elements;
  }

  #band(): number {
    const { rows, columns } = this.#hamiltonian;
    let band = 0;
    for (let k = 0; k < rows.length; k++) band = Math.max(band, Math.abs(rows[k] - columns[k]));
    for (const { orbitals } of this.#leads) {
      let [low, high] = [this.#size, -1];
      for (const orbital of orbitals) {
        low = Math.min(low, this.#position[orbital]);
        high = Math.max(high, this.#position[orbital]);
      }
      band = Math.max(band, high - low);
    }
    return band;
  }

  /**
   * The point at energy + energyLow (a double-double); undefined where the device is too large for that, or too near to singular. `lorentz`: with the antisymmetric friction.
   */
  solve(energy: number, energyLow: number, lorentz: boolean): ScatteringPoint | undefined {
    if (!this.#matrix) return undefined;
    this.#energy = energy;
    this.#energyLow = energyLow;
    const channels = this.#setLeads();
    this.#setDiagonal();
    this.#factorise(this.#matrix);
    const psi = this.#solved(this.#vectors(channels, false));
    const slope = psi && this.#solved(this.#slopeSide(psi));
    if (!psi || !slope) return undefined;
    const { S, dS } = this.#scatteringMatrix(psi, slope);
    const turn = adjointProduct(S, dS);
    const forces = this.#directions.map((_, nu) => this.#applied(nu, psi));
    const K = forces.map((force, nu) => this.#contracted(nu, psi, force));
    const P = forces.map((force, nu) => this.#contracted(nu, force, slope));
    const curls = lorentz && K.length > 1 ? this.#curls(slope, forces, K, P) : [];
    if (!curls) return undefined;
    const size = 2 * channels * channels;
    const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(size));
    return {
      channels,
      channelLead: Int32Array.from(
        this.#atEnergy.flatMap((lead, a) => new Array<number>(lead.channels).fill(a)),
      ),
      S: doubles(S),
      dSdE: doubles(dS),
      K: K.map(doubles),
      P: P.map(doubles),
      lorentz: curls,
      unitarityDefect: defectOf(S),
      reduced: {
        ...reducedMatrices(turn, K, P),
        leadPhase: this.#leadPhase(psi),
        precision: PRECISION * (1 + this.#norm * traceOf(turn)),
      },
    };
  }

  #setLeads(): number {
    let channels = 0;
    this.#atEnergy = this.#leads.map((prepared) => {
      const n = prepared.orbitals.length;
      const lead = prepared.at(this.#energy);
      const at: ExactLead = {
        positions: prepared.orbitals.map((orbital) => this.#position[orbital]),
        firstChannel: channels,
        channels: lead.channels,
        W: lead.vectors.slice(0, 2 * n * lead.channels),
        dW: lead.vectorDerivatives.slice(0, 2 * n * lead.channels),
        hermitian: hermitianPart(lead.selfEnergy, n),
        hermitianSlope: hermitianPart(lead.selfEnergyDerivative, n),
        selfEnergy: lead.selfEnergy.slice(0, 2 * n * n),
      };
      channels += lead.channels;
      return at;
    });
    return channels;
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
    for (const { positions, hermitian, selfEnergy } of this.#atEnergy) {
      const n = positions.length;
      for (let i = 0; i < n; i++) {
        this.#diagonal.addDouble(positions[i], hermitian[2 * i * (n + 1)], 0);
        for (let j = 0; j < n; j++) {
          const at = 2 * (i * n + j);
          sums[positions[i]] += Math.abs(selfEnergy[at + 1]) + (i === j ? 0 : Math.abs(selfEnergy[at]));
        }
      }
    }
    this.#norm = 0;
    for (let i = 0; i < this.#size; i++) this.#norm = Math.max(this.#norm, Math.abs(data[4 * i]) + sums[i]);
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
    for (const { positions, selfEnergy } of this.#atEnergy) {
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
  #vectors(channels: number, slopes: boolean): DoubleDoubleMatrix {
    const out = new DoubleDoubleMatrix(this.#size, channels);
    for (const { positions, firstChannel, channels: m, W, dW } of this.#atEnergy) {
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
  #solved(right: DoubleDoubleMatrix): DoubleDoubleMatrix | undefined {
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
    for (const lead of this.#atEnergy) {
      addSmall(lead.positions, lead.hermitian, x, residual, false);
      // - i pi W (W^+ x)
      addVectors(lead, lead.W, adjointVectors(lead, lead.W, x), residual);
    }
  }

  /** W' - (1 - Sigma') psi. */
  #slopeSide(psi: DoubleDoubleMatrix): DoubleDoubleMatrix {
    const right = this.#vectors(psi.columns, true);
    for (let k = 0; k < psi.rows * psi.columns; k++) right.addScaled(k, -1, 0, psi, k);
    for (const lead of this.#atEnergy) {
      addSmall(lead.positions, lead.hermitianSlope, psi, right, true);
      addVectors(lead, lead.dW, adjointVectors(lead, lead.W, psi), right);
      addVectors(lead, lead.W, adjointVectors(lead, lead.dW, psi), right);
    }
    return right;
  }

  /** S = 1 - 2 pi i W^+ psi and S' = -2 pi i (W'^+ psi + W^+ psi'). */
  #scatteringMatrix(psi: DoubleDoubleMatrix, slope: DoubleDoubleMatrix) {
    const m = psi.columns;
    const S = new DoubleDoubleMatrix(m, m);
    const dS = new DoubleDoubleMatrix(m, m);
    for (let a = 0; a < m; a++) S.addDouble(a * m + a, 1, 0);
    for (const lead of this.#atEnergy) {
      const first = lead.firstChannel * m;
      const own = adjointVectors(lead, lead.W, psi);
      const parts = [adjointVectors(lead, lead.dW, psi), adjointVectors(lead, lead.W, slope)];
      for (let k = 0; k < lead.channels * m; k++) {
        S.addScaled(first + k, 0, -2 * Math.PI, own, k);
        for (const part of parts) dS.addScaled(first + k, 0, -2 * Math.PI, part, k);
      }
    }
    return { S, dS };
  }

  /** 2 pi sum_a psi_a^+ |Sigma| psi_a over the leads whose Sigma depends on the energy. */
  #leadPhase(psi: DoubleDoubleMatrix): number {
    const m = psi.columns;
    let sum = 0;
    for (const [l, { positions, selfEnergy }] of this.#atEnergy.entries()) {
      if (this.#leads[l].constant) continue;
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

  /** 2 pi left^+ right, over the positions that direction nu touches (one of the two is Lambda_nu times something). */
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

  /** Per pair nu < nu' and channel [y_a, b_a - Re (K P' - K' P)_aa] of point.ts. */
  #curls(
    slope: DoubleDoubleMatrix,
    forces: DoubleDoubleMatrix[],
    K: DoubleDoubleMatrix[],
    P: DoubleDoubleMatrix[],
  ): Float64Array[] | undefined {
    const m = slope.columns;
    const d = forces.length;
    const responses: DoubleDoubleMatrix[] = [];
    for (const force of forces) {
      const response = this.#solved(force);
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
          // b / 4 pi stands in the imaginary part of `b`, (K P' - K' P)_aa in the real part of `back`.
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

/** |element k|. */
function sizeOf({ data }: DoubleDoubleMatrix, k: number): number {
  return Math.hypot(data[4 * k], data[4 * k + 2]);
}

/** out += matrix x, both triangles, with or without the diagonal. */
function addElements(
  { rows, columns, re, im }: Elements,
  x: DoubleDoubleMatrix,
  out: DoubleDoubleMatrix,
  diagonal: boolean,
): void {
  const m = x.columns;
  for (let k = 0; k < rows.length; k++) {
    if (!diagonal && rows[k] === columns[k]) continue;
    const [i, j] = [rows[k] * m, columns[k] * m];
    for (let a = 0; a < m; a++) {
      out.addScaled(i + a, re[k], i === j ? 0 : im[k], x, j + a);
      if (i !== j) out.addScaled(j + a, re[k], -im[k], x, i + a);
    }
  }
}

/** out += matrix x for a dense matrix of doubles between some positions, with or without its diagonal. */
function addSmall(
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

/** vectors^+ x, channels of the lead x columns of x. */
function adjointVectors(
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
function addVectors(
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

/** sum += sign times the product of column a of x, conjugated, and of y, over some positions. */
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

/** max |S^+ S - 1|, element by element. */
function defectOf(S: DoubleDoubleMatrix): number {
  const product = adjointProduct(S, S);
  let defect = 0;
  for (let a = 0; a < S.rows; a++) product.addDouble(a * S.rows + a, -1, 0);
  for (let k = 0; k < product.data.length; k += 4)
    defect = Math.max(defect, Math.hypot(product.data[k], product.data[k + 2]));
  return defect;
}

/** See ReducedMatrices; `turn` is S^+ S'. */
function reducedMatrices(
  turn: DoubleDoubleMatrix,
  K: DoubleDoubleMatrix[],
  P: DoubleDoubleMatrix[],
): Pick<ReducedMatrices, "P" | "exchange" | "turn"> {
  const m = turn.rows;
  const ownP = P.map(copyOf);
  const ownTurn = K.map(() => copyOf(turn));
  // Projections onto K, twice: a multiple of K rounded to a double leaves 1e-16 of what it takes away.
  for (let pass = 0; pass < 2; pass++) {
    const imaginary = commonImaginaryPart(K, ownP);
    for (let nu = 0; nu < K.length; nu++) {
      const [along] = projection(K[nu], ownP[nu]);
      const [, turned] = projection(K[nu], ownTurn[nu]);
      for (let k = 0; k < m * m; k++) {
        ownP[nu].addScaled(k, -along, -imaginary, K[nu], k);
        ownTurn[nu].addScaled(k, 0, -turned, K[nu], k);
      }
    }
  }
  const exchange = K.map((force, nu) => {
    const sum = new DoubleDoubleMatrix(m, m);
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const k = a * m + b;
        for (let c = 0; c < m; c++) sum.addProduct(k, 1, turn, a * m + c, false, force, c * m + b);
        sum.addScaled(k, -1, 0, P[nu], k);
        sum.addConjugate(k, P[nu], b * m + a);
      }
    return sum;
  });
  const doubles = (matrix: DoubleDoubleMatrix) => matrix.rounded(new Float64Array(2 * m * m));
  return { P: ownP.map(doubles), exchange: exchange.map(doubles), turn: ownTurn.map(doubles) };
}

function copyOf(matrix: DoubleDoubleMatrix): DoubleDoubleMatrix {
  const copy = new DoubleDoubleMatrix(matrix.rows, matrix.columns);
  copy.data.set(matrix.data);
  return copy;
}

/** Mean imaginary part of the projections of P onto K, over the directions that act at all. */
function commonImaginaryPart(K: DoubleDoubleMatrix[], P: DoubleDoubleMatrix[]): number {
  let [sum, count] = [0, 0];
  for (let nu = 0; nu < K.length; nu++) {
    const [re, im] = projection(K[nu], P[nu]);
    if (re === 0 && im === 0) continue;
    sum += im;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Im tr A: the time delay for S^+ S'. */
function traceOf({ rows, data }: DoubleDoubleMatrix): number {
  let sum = 0;
  for (let a = 0; a < rows; a++) sum += data[4 * a * (rows + 1) + 2];
  return Math.abs(sum);
}

/** tr(K^+ A) / tr(K^+ K), to double precision: any number serves. */
function projection(K: DoubleDoubleMatrix, A: DoubleDoubleMatrix): [number, number] {
  let [re, im, norm] = [0, 0, 0];
  for (let k = 0; k < K.data.length; k += 4) {
    const [x, y, u, v] = [K.data[k], K.data[k + 2], A.data[k], A.data[k + 2]];
    re += x * u + y * v;
    im += x * v - y * u;
    norm += x * x + y * y;
  }
  return norm > 0 ? [re / norm, im / norm] : [0, 0];
}

/** (sigma + sigma^+) / 2: Hermitian to the last bit. */
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
