// A device compiled once (order, pattern, kernel plan) and asked at many configurations and energies: the PointSolver of the kernels.
// configure() writes H(X) on the pattern; solve() is one kernel call. Leads are evaluated once per energy and kept while it stays.
// Where a slice's Schur complement is exactly singular (a dark state of the part eliminated so far) the slice is merged with its
// neighbour, which pivots across both, and the point is solved again: delayed pivoting, slice by slice, without hidden imaginary parts.

import type { Kernels } from "../engine/kernels.js";
import { Plan, planBytes } from "../engine/plan.js";
import { InputError, NumericalError } from "../model/errors.js";
import type { ParameterValues, ResolvedDevice, SparseHermitian, Triplet } from "../model/types.js";
import { type PreparedLead, prepareLead } from "./leads.js";
import { type BlockOrder, blockOrder, mergeBlock } from "./pattern.js";
import type { PointOptions, ScatteringPoint, ScatteringSolver } from "./point.js";

/** Beyond this the inverses of the slices would not fit beside each other. */
const largestPlan = 2.5 * 2 ** 30;

/** Matrix elements of both triangles with their place in a value list. */
interface Placed {
  slots: Int32Array;
  re: Float64Array;
  im: Float64Array;
}

function sparseFromTriplets(triplets: Triplet[]): SparseHermitian {
  return {
    rows: Int32Array.from(triplets, (t) => t[0]),
    columns: Int32Array.from(triplets, (t) => t[1]),
    re: Float64Array.from(triplets, (t) => t[2]),
    im: Float64Array.from(triplets, (t) => t[3] ?? 0),
  };
}

const isReal = (matrix: SparseHermitian) => matrix.im.every((value) => value === 0);

export class KernelSolver implements ScatteringSolver {
  readonly leads: string[];
  readonly probes: boolean[];
  readonly reciprocal: boolean;
  directions: number;
  readonly #kernels: Kernels;
  readonly #device: ResolvedDevice;
  readonly #prepared: PreparedLead[];
  readonly #point: ScatteringPoint;
  #matrices: { hamiltonian: SparseHermitian; derivatives: SparseHermitian[] };
  #order: BlockOrder;
  #plan!: Plan;
  #hamiltonian!: Placed;
  #derivatives: Placed[] = [];
  #directionPlaces: Placed[][] = [];
  #values: Float64Array;
  #tangent: Float64Array | undefined;
  /** Open channels of each lead at the energy last asked for. */
  readonly #open: number[] = [];
  #leadEnergy = Number.NaN;
  #inertiaLeads = false;

  /** `tangent`: one direction, set by configure, instead of one per parameter. */
  constructor(kernels: Kernels, device: ResolvedDevice, tangent: boolean) {
    this.#kernels = kernels;
    this.#device = device;
    this.leads = device.leads.map((lead) => lead.name);
    this.probes = device.leads.map((lead) => lead.kind === "probe");
    this.directions = tangent ? 1 : device.parameters.length;
    this.#values = new Float64Array(device.parameters.length);
    this.#tangent = tangent ? new Float64Array(device.parameters.length) : undefined;
    this.#prepared = device.leads.map((lead, i) => prepareLead(kernels, lead, `device.leads[${i}]`));
    this.#matrices = this.#evaluate(this.#values);
    const { hamiltonian, derivatives } = this.#matrices;
    this.reciprocal =
      [hamiltonian, ...derivatives].every(isReal) && this.#prepared.every((lead) => lead.symmetric);
    this.#order = blockOrder(device, [this.#matrices.hamiltonian, ...this.#matrices.derivatives]);
    this.#compile();
    this.#point = {
      channels: 0,
      channelLead: new Int32Array(),
      S: new Float64Array(),
      dSdE: new Float64Array(),
      K: [],
      P: [],
      lorentz: [],
      unitarityDefect: 0,
    };
    this.configure(this.#values, this.#tangent);
  }

  /** H and its derivatives at X: the file's matrices, or the user's functions evaluated. */
  #evaluate(values: Float64Array): { hamiltonian: SparseHermitian; derivatives: SparseHermitian[] } {
    const { hamiltonian, parameters, hamiltonianFunction } = this.#device;
    if (!hamiltonianFunction)
      return { hamiltonian, derivatives: parameters.map((parameter) => parameter.derivative) };
    const named: ParameterValues = Object.fromEntries(parameters.map(({ name }, i) => [name, values[i]]));
    const derivative = hamiltonianFunction.derivative?.(named);
    return {
      hamiltonian: sparseFromTriplets(hamiltonianFunction.evaluate(named)),
      derivatives: parameters.map(({ name }) =>
        sparseFromTriplets(derivative ? (derivative[name] ?? []) : this.#differenced(named, name)),
      ),
    };
  }

  /** dH/dX by central differences with one Richardson step: H is the user's function and smooth; S is never differenced. */
  #differenced(at: ParameterValues, name: string): Triplet[] {
    const evaluate = this.#device.hamiltonianFunction!.evaluate;
    const step = 1e-3 * Math.max(1, Math.abs(at[name]));
    const sum = new Map<string, Triplet>();
    const weights = [
      [step, 8 / (12 * step)],
      [-step, -8 / (12 * step)],
      [2 * step, -1 / (12 * step)],
      [-2 * step, 1 / (12 * step)],
    ];
    for (const [shift, weight] of weights)
      for (const [row, column, re, im = 0] of evaluate({ ...at, [name]: at[name] + shift })) {
        const element = sum.get(`${row},${column}`) ?? [row, column, 0, 0];
        sum.set(`${row},${column}`, [row, column, element[2] + weight * re, element[3]! + weight * im]);
      }
    return [...sum.values()];
  }

  /** Builds the plan for the present order. */
  #compile(): void {
    const { hamiltonian, derivatives } = this.#matrices;
    const { orbitals, starts } = this.#order;
    const n = orbitals.length;
    if (planBytes(starts) > largestPlan)
      throw new InputError("device.orbitals", "the device is too large for one factorisation", {
        expected: "slices whose squared sizes add up to at most 1.6e8",
        found: `${planBytes(starts) / 16}`,
        advice: "Attach the leads to the narrow ends of the device.",
      });
    const position = new Int32Array(this.#device.orbitals).fill(-1);
    orbitals.forEach((orbital, i) => {
      position[orbital] = i;
    });
    const rows: Set<number>[] = Array.from({ length: n }, (_, i) => new Set([i]));
    const connect = (i: number, j: number) => {
      if (position[i] < 0 || position[j] < 0) return;
      rows[position[i]].add(position[j]);
      rows[position[j]].add(position[i]);
    };
    for (const matrix of [hamiltonian, ...derivatives])
      for (let k = 0; k < matrix.rows.length; k++) connect(matrix.rows[k], matrix.columns[k]);
    for (const lead of this.#device.leads)
      if (!("diagonal" in lead && lead.diagonal))
        for (const i of lead.orbitals) for (const j of lead.orbitals) connect(i, j);
    const pattern = compressed(rows);
    const place = (
      matrix: SparseHermitian,
      list: ReturnType<typeof compressed>,
      rowIndex: (p: number) => number,
    ): Placed => {
      const slots: number[] = [];
      const re: number[] = [];
      const im: number[] = [];
      for (let k = 0; k < matrix.rows.length; k++) {
        const i = position[matrix.rows[k]];
        const j = position[matrix.columns[k]];
        if (i < 0 || j < 0) continue;
        slots.push(findSlot(list, rowIndex(i), j));
        re.push(matrix.re[k]);
        im.push(matrix.im[k]);
        if (i === j) continue;
        slots.push(findSlot(list, rowIndex(j), i));
        re.push(matrix.re[k]);
        im.push(-matrix.im[k]);
      }
      return { slots: Int32Array.from(slots), re: Float64Array.from(re), im: Float64Array.from(im) };
    };
    // Each direction has its own compressed rows over the rows it touches: one per parameter, or their union for a tangent.
    const groups = this.#tangent ? [derivatives] : derivatives.map((derivative) => [derivative]);
    const lists = groups.map((group) => {
      const touched = new Map<number, Set<number>>();
      const touch = (i: number, j: number) => touched.set(i, (touched.get(i) ?? new Set()).add(j));
      for (const matrix of group)
        for (let k = 0; k < matrix.rows.length; k++) {
          const i = position[matrix.rows[k]];
          const j = position[matrix.columns[k]];
          if (i < 0 || j < 0) continue;
          touch(i, j);
          touch(j, i);
        }
      const list = Int32Array.from(touched.keys()).sort();
      return { list, ...compressed(Array.from(list, (row) => touched.get(row)!)) };
    });
    this.#hamiltonian = place(hamiltonian, pattern, (p) => p);
    this.#derivatives = derivatives.map((matrix) => place(matrix, pattern, (p) => p));
    this.#directionPlaces = groups.map((group, g) =>
      group.map((matrix) => place(matrix, lists[g], (p) => lists[g].list.indexOf(p))),
    );
    this.#plan?.release();
    this.#plan = new Plan(this.#kernels, {
      blockStart: starts,
      rowStart: pattern.rowStart,
      columns: pattern.columns,
      // A user's function may turn complex at another X.
      symmetric: this.reciprocal && !this.#device.hamiltonianFunction,
      leads: this.#prepared.map((lead) => ({
        positions: lead.orbitals.map((orbital) => position[orbital]),
        capacity: lead.capacity,
      })),
      directions: lists.map(({ list, rowStart, columns }) => ({ rows: list, rowStart, columns })),
    });
    this.#leadEnergy = Number.NaN;
  }

  configure(values: Float64Array, tangent?: Float64Array): void {
    this.#values.set(values);
    if (tangent && this.#tangent) this.#tangent.set(tangent);
    if (this.#device.hamiltonianFunction) {
      this.#matrices = this.#evaluate(this.#values);
      // A function may touch new elements: the pattern is the one of this X.
      this.#order = blockOrder(this.#device, [this.#matrices.hamiltonian, ...this.#matrices.derivatives]);
      this.#compile();
    }
    this.#write();
  }

  /** Writes H(X) and the directions into the plan. */
  #write(): void {
    const h = this.#plan.hamiltonian.fill(0);
    accumulate(h, this.#hamiltonian, 1);
    if (!this.#device.hamiltonianFunction)
      for (const [i, matrix] of this.#derivatives.entries()) accumulate(h, matrix, this.#values[i]);
    this.#directionPlaces.forEach((group, nu) => {
      const direction = this.#plan.direction(nu).fill(0);
      for (const [i, matrix] of group.entries()) accumulate(direction, matrix, this.#tangent?.[i] ?? 1);
    });
  }

  #setLeads(energy: number, hermitian: boolean): void {
    if (energy === this.#leadEnergy && hermitian === this.#inertiaLeads) return;
    this.#prepared.forEach((lead, i) => {
      const values = lead.at(energy);
      this.#open[i] = values.channels;
      this.#plan.setLead(
        i,
        hermitian
          ? { ...values, selfEnergy: hermitianPart(values.selfEnergy, lead.orbitals.length) }
          : values,
      );
    });
    this.#leadEnergy = energy;
    this.#inertiaLeads = hermitian;
  }

  solve(energy: number, options: PointOptions): ScatteringPoint {
    this.#run(energy, options.firstOrder ? 2 : 0);
    return this.#point;
  }

  /** S, S' and K, without the second solve. */
  solveWithEnergyDerivative(energy: number): ScatteringPoint {
    this.#run(energy, 1);
    return this.#point;
  }

  #run(energy: number, level: 0 | 1 | 2): void {
    for (;;) {
      this.#setLeads(energy, false);
      const status = this.#plan.scatter(energy, level);
      if (status === 0) break;
      const merged = status > 0 ? mergeBlock(this.#order, status - 1) : undefined;
      if (!merged)
        throw new NumericalError("E - H - Sigma is singular to working accuracy", {
          energy,
          at: Object.fromEntries(this.#device.parameters.map(({ name }, i) => [name, this.#values[i]])),
          condition: this.#plan.statistics.growth,
          causes: [
            "a bound state that no lead broadens lies at this energy: move the energy by a little",
            "a channel threshold",
          ],
        });
      this.#order = merged;
      this.#compile();
      this.#write();
    }
    const point = this.#point;
    const plan = this.#plan;
    point.channels = plan.channels;
    if (point.channelLead.length !== point.channels) point.channelLead = new Int32Array(point.channels);
    let channel = 0;
    this.#open.forEach((count, lead) => {
      for (let k = 0; k < count; k++) point.channelLead[channel++] = lead;
    });
    point.S = plan.S;
    point.dSdE = plan.dSdE;
    point.K = Array.from({ length: this.directions }, (_, nu) => plan.K(nu));
    point.P = level === 2 ? Array.from({ length: this.directions }, (_, nu) => plan.P(nu)) : [];
    point.unitarityDefect = unitarityDefect(point.S, point.channels);
  }

  eigenvaluesBelow(energy: number): number {
    let shifted = energy;
    for (let attempt = 0; attempt < 8; attempt++) {
      this.#setLeads(shifted, true);
      const count = this.#plan.inertia(shifted);
      if (count >= 0) return count;
      // Exactly on an eigenvalue of a leading part: the count just beside it is as good.
      shifted += 2 ** attempt * 1e-14 * Math.max(1, Math.abs(energy));
    }
    throw new NumericalError("the eigenvalues below the energy cannot be counted", { energy });
  }

  energyScale(): number {
    const h = this.#plan.hamiltonian;
    let sum = 0;
    for (let k = 0; k < h.length; k += 2) sum = Math.max(sum, Math.abs(h[k]) + Math.abs(h[k + 1]));
    return Math.max(sum, ...this.bandEdges().map(Math.abs), 1e-12);
  }

  bandEdges(): number[] {
    return [...new Set(this.#prepared.flatMap((lead) => lead.edges))].sort((a, b) => a - b);
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#plan.release();
  }
}

function accumulate(target: Float64Array, { slots, re, im }: Placed, factor: number): void {
  for (let k = 0; k < slots.length; k++) {
    target[2 * slots[k]] += factor * re[k];
    target[2 * slots[k] + 1] += factor * im[k];
  }
}

/** Compressed rows of a list of column sets. */
function compressed(rows: Set<number>[]): { rowStart: Int32Array; columns: Int32Array } {
  const rowStart = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    rowStart[i + 1] = rowStart[i] + row.size;
  });
  const columns = new Int32Array(rowStart[rows.length]);
  rows.forEach((row, i) => {
    columns.set(Int32Array.from(row).sort(), rowStart[i]);
  });
  return { rowStart, columns };
}

/** Binary search of a column in a compressed row. */
function findSlot(
  { rowStart, columns }: { rowStart: Int32Array; columns: Int32Array },
  row: number,
  column: number,
): number {
  let low = rowStart[row];
  let high = rowStart[row + 1] - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns[middle] < column) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** (Sigma + Sigma^+) / 2. */
function hermitianPart(matrix: Float64Array, n: number): Float64Array {
  const part = new Float64Array(matrix.length);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      part[2 * (i * n + j)] = (matrix[2 * (i * n + j)] + matrix[2 * (j * n + i)]) / 2;
      part[2 * (i * n + j) + 1] = (matrix[2 * (i * n + j) + 1] - matrix[2 * (j * n + i) + 1]) / 2;
    }
  return part;
}

/** max |S^+ S - 1|. */
export function unitarityDefect(S: Float64Array, m: number): number {
  let defect = 0;
  for (let a = 0; a < m; a++)
    for (let b = a; b < m; b++) {
      let re = a === b ? -1 : 0;
      let im = 0;
      for (let c = 0; c < m; c++) {
        const p = 2 * (c * m + a);
        const q = 2 * (c * m + b);
        re += S[p] * S[q] + S[p + 1] * S[q + 1];
        im += S[p] * S[q + 1] - S[p + 1] * S[q];
      }
      defect = Math.max(defect, Math.hypot(re, im));
    }
  return defect;
}
