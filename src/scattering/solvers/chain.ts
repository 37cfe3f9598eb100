// Chains: devices whose orbitals form one line between two single-orbital leads. A device is
// recognised as a chain once. One kernel call (assembly/chain/chain.ts) then evaluates many points
// of it and returns the unitarity defect of each. The caller decides by the defect whether to
// accept the point.

import {
  type BatchRows,
  type ChainGate,
  type ChainInput,
  ChainPlan,
  type ChainRows,
} from "../../engine/chain/chain.js";
import type { Kernels } from "../../engine/kernels.js";
import type { ResolvedDevice, SparseHermitian } from "../../model/types.js";
import type { PreparedLead } from "../leads/lead.js";
import { blockOrder, deviceGraph } from "../ordering/slices.js";

/** Number of points per kernel call. */
export const BATCH = 256;

/** Evaluates many configurations of a device at one energy. */
export interface PointBatch {
  /** Largest number of points. */
  readonly capacity: number;
  /**
   * The rows to fill (values, tangents) and the rows to read. Any call that takes kernel memory may
   * invalidate them.
   */
  readonly rows: BatchRows;
  /** Number of open channels of each lead at an energy. */
  open(energy: number): readonly number[];
  /** Evaluates the first `count` points at one energy. With `levels` it also counts eigenvalues. */
  evaluateAt(energy: number, count: number, levels: boolean): void;
  /** Number of eigenvalues of H + Re Sigma below the energy at a point evaluated with `levels`. */
  levelsBelow(index: number): number;
  /**
   * Number of states below the energy at a point that was evaluated with `levels`: the number of
   * levels plus the sum of the eigenphases of S / 2 pi (transport/energy/state-count.ts).
   */
  statesBelow(index: number): number;
  /** Frees the kernel memory. */
  release(): void;
}

/**
 * Position of each orbital along the chain, where the orbital of the first lead is at 0. Undefined
 * if the device is not a chain.
 */
function positions(device: ResolvedDevice): Int32Array | undefined {
  const { leads, hamiltonian, parameters } = device;
  if (device.hamiltonianFunction || device.overlap || leads.length !== 2) return undefined;
  // Other kinds of leads may have complex channel vectors, which the chain kernel cannot represent.
  if (
    !leads.every(
      ({ kind, orbitals }) => kind !== "periodic" && kind !== "self-energy" && orbitals.length === 1,
    )
  )
    return undefined;
  const graph = deviceGraph(device, [hamiltonian, ...parameters.map(({ derivative }) => derivative)]);
  const order = blockOrder(graph, device.leads);
  const n = order.orbitals.length;
  if (n < 2 || order.starts.length - 1 !== n) return undefined;
  const [first, second] = leads.map(({ orbitals }) => orbitals[0]);
  const forward = order.orbitals[0] === first && order.orbitals[n - 1] === second;
  if (!forward && !(order.orbitals[0] === second && order.orbitals[n - 1] === first)) return undefined;
  const position = new Int32Array(device.orbitals).fill(-1);
  order.orbitals.forEach((orbital, i) => {
    position[orbital] = forward ? i : n - 1 - i;
  });
  return position;
}

/** On-site and hopping elements of a sparse matrix along the chain. */
function alongChain(matrix: SparseHermitian, position: Int32Array): ChainGate {
  const [sites, onsite, bonds, hopping]: number[][] = [[], [], [], []];
  for (let k = 0; k < matrix.rows.length; k++) {
    const [i, j] = [position[matrix.rows[k]], position[matrix.columns[k]]];
    if (i < 0 || j < 0) continue;
    if (i === j) {
      sites.push(i);
      onsite.push(matrix.re[k]);
    } else {
      bonds.push(Math.min(i, j));
      hopping.push(matrix.re[k], i < j ? matrix.im[k] : -matrix.im[k]);
    }
  }
  return { sites, onsite, bonds, hopping };
}

/** The device as a chain; undefined if it is not a chain or contains a bond that is always zero. */
export function chainOf(device: ResolvedDevice): ChainInput | undefined {
  const position = positions(device);
  if (!position) return undefined;
  const n = position.reduce((most, p) => Math.max(most, p), 0) + 1;
  const fixed = alongChain(device.hamiltonian, position);
  const onsite = new Float64Array(n);
  const hopping = new Float64Array(2 * (n - 1));
  Array.from(fixed.sites).forEach((i, k) => {
    onsite[i] += fixed.onsite[k];
  });
  Array.from(fixed.bonds).forEach((i, k) => {
    hopping[2 * i] += fixed.hopping[2 * k];
    hopping[2 * i + 1] += fixed.hopping[2 * k + 1];
  });
  const gates = device.parameters.map(({ derivative }) => alongChain(derivative, position));
  const driven = new Set(gates.flatMap(({ bonds }) => Array.from(bonds)));
  for (let i = 0; i + 1 < n; i++)
    if (hopping[2 * i] === 0 && hopping[2 * i + 1] === 0 && !driven.has(i)) return undefined;
  return { onsite, hopping, gates };
}

/** A batch of points of a chain. */
export class ChainBatch implements PointBatch {
  readonly capacity = BATCH;
  readonly #plan: ChainPlan;
  readonly #leads: [PreparedLead, PreparedLead];
  #open: readonly [number, number] = [0, 0];
  #openAt = Number.NaN;

  constructor(kernels: Kernels, input: ChainInput, [first, second]: PreparedLead[]) {
    this.#plan = new ChainPlan(kernels, input, BATCH);
    this.#leads = [first, second];
  }

  get rows(): ChainRows {
    return this.#plan.rows;
  }

  readonly #at = (energy: number) => [this.#leads[0].at(energy), this.#leads[1].at(energy)] as const;

  open(energy: number): readonly [number, number] {
    if (energy !== this.#openAt) {
      const [left, right] = this.#at(energy);
      this.#open = [left.channels, right.channels];
      this.#openAt = energy;
    }
    return this.#open;
  }

  evaluateAt(energy: number, count: number, levels: boolean): void {
    this.#plan.setAllPoints(energy, this.#at);
    this.#plan.evaluate(count, levels);
  }

  levelsBelow(index: number): number {
    return this.#plan.levelsBelow(index);
  }

  statesBelow(index: number): number {
    const { S } = this.rows;
    // The arguments of the pivots of 1 + S add up to half the sum of the eigenphases of S.
    const [re, im] = [1 + S[0][index], S[1][index]];
    const square = re * re + im * im;
    const [br, bi, cr, ci] = [S[2][index], S[3][index], S[4][index], S[5][index]];
    const [productRe, productIm] = [br * cr - bi * ci, br * ci + bi * cr];
    const last = [
      1 + S[6][index] - (productRe * re + productIm * im) / square,
      S[7][index] - (productIm * re - productRe * im) / square,
    ];
    return this.levelsBelow(index) + (Math.atan2(im, re) + Math.atan2(last[1], last[0])) / Math.PI;
  }

  release(): void {
    this.#plan.release();
  }
}

/** Kernel memory for a batch of the device's points; undefined if the device is not a chain. */
export function chainBatch(
  kernels: Kernels,
  device: ResolvedDevice,
  leads: PreparedLead[],
): ChainBatch | undefined {
  const input = chainOf(device);
  return input && new ChainBatch(kernels, input, leads);
}
