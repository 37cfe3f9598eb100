// A table of S over energy and angle as a smooth function: trigonometric interpolation in the angle
// (exact for the harmonics the grid holds), polynomial interpolation over the energies around, as
// many as serve best there, and the unitary matrix nearest to that (unitary.ts), with its
// derivatives. What the interpolants may be off by comes from the table itself (see cell.ts and
// harmonics.ts), what its numbers are off by from how far they are from unitary.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import {
  type CellErrors,
  type CellRule,
  cellOf,
  distances,
  judgeCell,
  lagrange,
  normsOf,
} from "../../numerics/interpolation/cell.js";
import { type HarmonicsLeftOut, harmonicsLeftOut } from "../../numerics/interpolation/harmonics.js";
import { unitarityDefect } from "../../numerics/linear-algebra/unitary.js";
import type { ComplexMatrix, ResolvedScattering, SampleErrors } from "../types.js";
import { madeUnitary } from "./unitary-sample.js";

/** Least error of a table's numbers, those of doubles that come from a few operations. */
const DOUBLES = 1e-15;
/**
 * Largest max |S^+ S - 1| of an interpolant: up to it the unitary matrix next to it is within its
 * errors, which are stated.
 */
const BETWEEN = 0.1;
/** Errors of numbers in units of the largest defect of unitarity that they make. */
const UNSEEN = 2;

/**
 * How many times narrower than the spacing a resonance may be that energies or angles step over:
 * what is not known has a finite error.
 */
const BLIND = 1000;

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
  /** Largest max |S^+ S - 1| of the entries. */
  defect: number;
}

/**
 * The table as a function of energy and of the angle, the parameter `name`. Throws NumericalError
 * outside its energies, and where it is too coarse.
 */
export function tableFunction(table: TableValues, name: string): ResolvedScattering["evaluate"] {
  const { energies, channels: m } = table;
  const noise = Math.max(DOUBLES, UNSEEN * table.defect);
  const S = new Interpolant(table.S, table, noise);
  const A = table.A && new Interpolant(table.A, table, noise);
  const matrix = (data: Float64Array): ComplexMatrix => ({ shape: [m, m], data });

  return (energy, at) => {
    const last = energies[energies.length - 1];
    if (!(energy >= energies[0] && energy <= last))
      throw new NumericalError(`the table of S ends at the energies ${energies[0]} and ${last}`, {
        energy,
        causes: ["a bias or temperature whose window is wider than the table"],
      });
    const theta = at[name];
    const found = S.at(energy, theta);
    const correction = A?.at(energy, theta, S.rule(energy));
    const sample = {
      S: matrix(found.value),
      dSdE: matrix(found.slope),
      dS: { [name]: matrix(found.turn) },
      mixed: { [name]: matrix(found.mixed) },
      ...(correction && { A: { [name]: matrix(correction.value) } }),
    };
    const defect = unitarityDefect(sample.S.data, m);
    if (!(defect <= BETWEEN))
      throw new NumericalError(
        `between its entries the table of S is not unitary: max |S^+ S - 1| is ${defect.toPrecision(2)}, ${BETWEEN} at most is taken`,
        {
          energy,
          at: { [name]: theta },
          causes: ["a table too coarse for what S does here: give more energies, or more angles"],
        },
      );
    const errors: SampleErrors = {
      S: Math.max(found.errors.value, defect),
      dSdE: found.errors.slope,
      dS: { [name]: found.errors.turn },
      mixed: { [name]: found.errors.mixed },
      ...(correction && { A: { [name]: correction.errors.value } }),
    };
    return { ...madeUnitary(sample, m), defect, errors };
  };
}

/** A matrix, its derivatives by energy and angle, and the mixed one; or bounds of their errors. */
interface Derivatives<T> {
  value: T;
  slope: T;
  turn: T;
  mixed: T;
}

/** What is known of a cell between two energies: of the matrix, and of its derivative by the angle. */
interface Cell {
  rule: CellRule;
  value: CellErrors;
  turn: CellErrors;
}

/** A table of matrices as an interpolant. */
class Interpolant {
  readonly #energies: number[];
  readonly #angles: number;
  /** Numbers of a matrix. */
  readonly #size: number;
  readonly #values: Float64Array;
  readonly #noise: number;
  /** Sizes of a matrix and of its derivative by the angle. */
  readonly #scale: number;
  /** Fourier coefficients over the angle: energy, harmonic, element. */
  readonly #harmonics: Float64Array;
  /** Per energy: what the angles leave out, and the derivative by the angle on the grid. */
  readonly #leftOut: HarmonicsLeftOut[];
  readonly #turns: (Float64Array | undefined)[];
  readonly #cells: (Cell | undefined)[];
  /** Per energy, matrix and derivative by the angle at the angle last asked for. */
  #theta = Number.NaN;
  readonly #rows: ([value: Float64Array, turn: Float64Array] | undefined)[];
  readonly #re: Float64Array;
  readonly #im: Float64Array;

  constructor(values: Float64Array, { energies, angles, channels: m }: TableValues, noise: number) {
    this.#energies = energies;
    this.#angles = angles;
    this.#size = 2 * m * m;
    this.#values = values;
    this.#scale = normsOf(values, energies.length * angles, this.#size).reduce((a, b) => Math.max(a, b), 1);
    this.#noise = noise * this.#scale;
    this.#harmonics = fourier(values, energies.length, angles, this.#size);
    this.#leftOut = energies.map((_, e) => harmonicsLeftOut(this.#sizes(e), this.#noise));
    this.#turns = energies.map(() => undefined);
    this.#cells = energies.map(() => undefined);
    this.#rows = energies.map(() => undefined);
    this.#re = new Float64Array(angles);
    this.#im = new Float64Array(angles);
  }

  /** How the cell around an energy is interpolated. */
  rule(energy: number): CellRule {
    return this.#cell(energy).rule;
  }

  /** `like`: the rule of another table, whose energies are taken. */
  at(
    energy: number,
    theta: number,
    like?: CellRule,
  ): Derivatives<Float64Array> & { errors: Derivatives<number> } {
    const energies = this.#energies;
    const cell = this.#cell(energy, like);
    const { first, count: taken } = cell.rule;
    const weights = lagrange(energies, first, taken, energy);
    if (theta !== this.#theta) {
      this.#turnTo(theta);
      this.#rows.fill(undefined);
    }
    const [value, slope, turn, mixed] = Array.from({ length: 4 }, () => new Float64Array(this.#size));
    // What the angles leave out, and the errors of the numbers, as the weights add them up.
    const [sum, slopes] = [
      [0, 0, 0],
      [0, 0, 0],
    ];
    for (let i = 0; i < taken; i++) {
      const [here, turned] = this.#row(first + i);
      const [w, v] = [weights.values[i], weights.slopes[i]];
      for (let k = 0; k < this.#size; k++) {
        value[k] += w * here[k];
        slope[k] += v * here[k];
        turn[k] += w * turned[k];
        mixed[k] += v * turned[k];
      }
      const left = this.#leftOut[first + i];
      for (const [list, weight] of [
        [sum, Math.abs(w)],
        [slopes, Math.abs(v)],
      ] as const) {
        list[0] += weight;
        if (weight === 0) continue;
        list[1] += weight * Math.min(left.value, 2 * this.#scale);
        list[2] += weight * Math.min(left.slope, BLIND * this.#scale);
      }
    }
    const { resolved } = cell.rule;
    const { product, slope: moved } = distances(energies, first, taken, energy);
    const [w, dw] = [Math.abs(product), Math.abs(moved)];
    const [d, next] = [this.#around(cell.value.value, theta), this.#around(cell.value.next, theta)];
    const [dTurn, nextTurn] = [this.#around(cell.turn.value, theta), this.#around(cell.turn.next, theta)];
    const width = energies[cellOf(energies, energy) + 1] - energies[cellOf(energies, energy)];
    const blind = resolved ? 0 : 2 * this.#scale;
    const [noise, turnNoise] = [this.#noise, 0.5 * this.#angles * this.#noise];
    return {
      value,
      slope,
      turn,
      mixed,
      errors: {
        value: w * d + (product === 0 ? 0 : blind) + sum[1] + noise * sum[0],
        slope: dw * d + w * next + (BLIND * blind) / width + slopes[1] + noise * slopes[0],
        turn: w * dTurn + (product === 0 ? 0 : BLIND * blind) + sum[2] + turnNoise * sum[0],
        mixed: dw * dTurn + w * nextTurn + (BLIND ** 2 * blind) / width + slopes[2] + turnNoise * slopes[0],
      },
    };
  }

  /** The largest of a list by angles of the grid at the four around an angle. */
  #around(list: Float64Array, theta: number): number {
    const n = this.#angles;
    const place = Math.floor((theta / TURN) * n) % n;
    let most = 0;
    for (let step = -1; step <= 2; step++) most = Math.max(most, list[(place + step + 2 * n) % n]);
    return most;
  }

  #cell(energy: number, like?: CellRule): Cell {
    const number = cellOf(this.#energies, energy);
    const known = this.#cells[number];
    if (known) return known;
    const length = this.#angles * this.#size;
    const vectors = {
      nodes: this.#energies,
      members: this.#angles,
      size: this.#size,
      at: (e: number) => this.#values.subarray(e * length, (e + 1) * length),
      noise: this.#noise,
    };
    const { rule, errors: value } = judgeCell(vectors, number, like);
    const turns = {
      ...vectors,
      at: (e: number) => this.#turnsOf(e),
      noise: 0.5 * this.#angles * this.#noise,
    };
    const { errors: turn } = judgeCell(turns, number, rule);
    const cell = { rule, value, turn };
    this.#cells[number] = cell;
    return cell;
  }

  /** Matrix and derivative by the angle at one of the energies, at the angle in force. */
  #row(e: number): [value: Float64Array, turn: Float64Array] {
    let row = this.#rows[e];
    if (!row) {
      row = [new Float64Array(this.#size), new Float64Array(this.#size)];
      this.#sum(e, row[0], row[1]);
      this.#rows[e] = row;
    }
    return row;
  }

  /** The derivative by the angle at all angles of the grid. */
  #turnsOf(e: number): Float64Array {
    let turns = this.#turns[e];
    if (!turns) {
      turns = new Float64Array(this.#angles * this.#size);
      const value = new Float64Array(this.#size);
      const theta = this.#theta;
      for (let j = 0; j < this.#angles; j++) {
        const place = turns.subarray(j * this.#size, (j + 1) * this.#size);
        this.#turnTo((TURN * j) / this.#angles);
        this.#sum(e, value.fill(0), place);
      }
      this.#turnTo(theta);
      this.#turns[e] = turns;
    }
    return turns;
  }

  /** Brings an angle into force. */
  #turnTo(theta: number): void {
    this.#theta = theta;
    const n = this.#angles;
    for (let k = 0; k < n; k++) {
      const q = 2 * k > n ? k - n : k;
      this.#re[k] = Math.cos(q * theta);
      this.#im[k] = Math.sin(q * theta);
    }
  }

  /**
   * Adds up the harmonics at the angle in force: harmonic k stands for k or k - n, whichever is
   * nearer to 0; the one in the middle (even n) is a cosine.
   */
  #sum(e: number, value: Float64Array, turn: Float64Array): void {
    const n = this.#angles;
    for (let k = 0; k < n; k++) {
      const q = 2 * k > n ? k - n : k;
      const middle = 2 * k === n;
      const [re, im] = [this.#re[k], middle ? 0 : this.#im[k]];
      const [dRe, dIm] = [-q * this.#im[k], middle ? 0 : q * this.#re[k]];
      const at = (e * n + k) * this.#size;
      for (let i = 0; i < this.#size; i += 2) {
        const [x, y] = [this.#harmonics[at + i], this.#harmonics[at + i + 1]];
        value[i] += re * x - im * y;
        value[i + 1] += re * y + im * x;
        turn[i] += dRe * x - dIm * y;
        turn[i + 1] += dRe * y + dIm * x;
      }
    }
  }

  /** Sizes of the harmonics 0, 1, ... at one of the energies, k and -k together. */
  #sizes(e: number): Float64Array {
    const n = this.#angles;
    const length = n * this.#size;
    const norms = normsOf(this.#harmonics.subarray(e * length, (e + 1) * length), n, this.#size);
    return Float64Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) =>
      k === 0 || 2 * k === n ? norms[k] : norms[k] + norms[n - k],
    );
  }
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
