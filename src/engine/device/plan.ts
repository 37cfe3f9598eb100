// Calls the fused kernels for a compiled device (plan-layout.ts). Data whose size depends on the
// number of open channels are in regions of their own, beside the device's region. The values of H
// and of the directions are written before each point. The views of the results are kept per number
// of open channels and renewed only when the memory has grown.

import { planConstants } from "../abi.js";
import type { Kernels } from "../kernels.js";
import type { Table } from "../table.js";
import { uninitialised } from "../uninitialised.js";
import { postponedNumbers } from "./plan-fronts.js";
import { layPlan, type PlanField, type PlanLayout } from "./plan-layout.js";
import type { PlanInput } from "./plan-pattern.js";

/** How many numbers of dS/dX are formed at a time (128 kB). */
const PIECE = 16384;

/** The results for one number of open channels, valid until the next call. */
export interface PointViews {
  /** S and S', channels x channels, interleaved. */
  S: Float64Array;
  dSdE: Float64Array;
  /** One matrix per direction. */
  K: Float64Array[];
  P: Float64Array[];
  /** One array per pair of directions, see ScatteringPoint. */
  antisymmetricFriction: Float64Array[];
}

/** Errors of a point in units of 1e-15, beyond those of a few roundings. */
export interface DerivativeRounding {
  /** Relative error of P. */
  relative: number;
  /** Absolute errors of the sums over all channels of y and of b (see ScatteringPoint). */
  y: number;
  b: number;
}

/**
 * The factors by which a point was solved: of a real A_r, of a complex Hermitian A_r, or of A
 * itself.
 */
export type PointPath = "real" | "hermitian" | "complex";
/**
 * The quantities that the kernel computes at one energy: S alone; S and K_nu; S, S' and what
 * `derivatives` needs; or S, K_nu, S', psi' and P_nu (notation: scattering/point.ts).
 */
export type KernelRequest = "S" | "K" | "dSdE" | "all";

const requests: Record<KernelRequest, number> = {
  S: planConstants.askedS,
  K: planConstants.askedK,
  dSdE: planConstants.askedDsde,
  all: planConstants.askedAll,
};

const paths = ["complex", "real", "hermitian"] as const;

/** A device in kernel memory. */
export class Plan {
  readonly #kernels: Kernels;
  readonly #input: PlanInput;
  readonly #layout: PlanLayout;
  readonly #table: Table<PlanField>;
  /**
   * Regions whose size depends on the open channels. They are taken when first needed and grow with
   * them.
   */
  readonly #regions = new Map<string, { start: number; channels: number }>();
  #channels = 0;
  #views: PointViews[] = [];
  #viewed: ArrayBufferLike | undefined;

  /** Throws RangeError if the memory is not sufficient, and takes no memory in that case. */
  constructor(kernels: Kernels, input: PlanInput) {
    this.#kernels = kernels;
    this.#input = input;
    this.#layout = layPlan(kernels, input);
    this.#table = this.#layout.table;
  }

  /**
   * Index in `kernels.floats` of the interleaved values of H on the pattern, which the caller
   * fills.
   */
  get hamiltonian(): number {
    return this.#table.values.hValues / 8;
  }

  /** Number of those values, with re and im counted separately. */
  get hamiltonianLength(): number {
    return 2 * this.#input.columns.length;
  }

  /** Index in `kernels.floats` of the values of direction nu on its own pattern. */
  direction(nu: number): number {
    return this.#layout.directionValues[nu];
  }

  /** Number of those values, with re and im counted separately. */
  directionLength(nu: number): number {
    return 2 * this.#input.directions[nu].columns.length;
  }

  /** Largest sum of |re| + |im| along a row of direction nu. */
  largestRowSum(nu: number): number {
    const { floats } = this.#kernels;
    const { rowStart } = this.#input.directions[nu];
    let most = 0;
    for (let r = 0; r + 1 < rowStart.length; r++) {
      let sum = 0;
      for (let k = rowStart[r]; k < rowStart[r + 1]; k++) {
        const at = this.#layout.directionValues[nu] + 2 * k;
        sum += Math.abs(floats[at]) + Math.abs(floats[at + 1]);
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  /**
   * True if the kernels may assume A = A^T with real H and leads. At real energies the reactance
   * method (assembly/device/reactance.ts) is used in either case, unless it is switched off.
   */
  set symmetric(value: boolean) {
    this.#table.set("symmetric", value ? 1 : 0);
    this.#table.set("shortCut", this.#kernels.shortCut ? 1 : 0);
  }

  /** Address of a lead's record, for LeadStore. */
  leadRecord(index: number): number {
    return this.#layout.leadRecords[index];
  }

  /** Number of open channels of all leads together. */
  set channels(count: number) {
    this.#channels = count;
    this.#reserveThin(Math.max(count, 1));
  }
  get channels(): number {
    return this.#channels;
  }

  /**
   * Address of a region for `channels` channels. It stays the same until more channels open.
   * `bytes` returns its size.
   */
  #region(name: string, channels: number, bytes: (channels: number) => number): number {
    const known = this.#regions.get(name);
    if (known && known.channels >= channels) return known.start;
    if (known) this.#kernels.release(known.start);
    // The old region is forgotten before the new one is requested, because that request may fail.
    this.#regions.delete(name);
    const start = this.#kernels.allocate(bytes(channels));
    this.#regions.set(name, { start, channels });
    this.#views = [];
    return start;
  }

  /** Takes memory for all whose size is a number of channels: psi, psi', S, K and work. */
  #reserveThin(channels: number): void {
    if ((this.#regions.get("thin")?.channels ?? 0) >= channels) return;
    const n = this.#input.rowStart.length - 1;
    const { sliceRows, columns, directionWidest } = this.#layout;
    const sizes = (m: number) => ({
      psi: n * m,
      dPsi: n * m,
      thin: n * m,
      slice: Math.max(sliceRows, m) * Math.max(m, columns),
      s: m * m,
      dS: m * m,
      gathered: Math.max(2 * directionWidest, n + m) * m,
      k: this.#input.directions.length * m * m,
      reactance: 2 * m * m,
      b: m * m,
      overlap: 2 * m * m,
      channelPivots: m,
      postponedRows: postponedNumbers(this.#input, m),
    });
    const bytes = (m: number) => 16 * Object.values(sizes(m)).reduce((sum, size) => sum + size, 0);
    // Room for channels that open next: the memory is then not laid out again for each of them,
    // which leaves holes too small for its successor.
    const reserved = channels + (channels >> 4);
    let next = this.#region("thin", reserved, bytes);
    for (const [name, size] of Object.entries(sizes(reserved))) {
      this.#table.set(name as PlanField, next);
      next += 16 * size;
    }
    this.#table.set("x", this.#table.values.dPsi);
    this.#table.set("postponedRoom", sizes(reserved).postponedRows);
  }

  /**
   * Solves a point. Returns 0; block + 1 if a Schur complement is singular; -1 if the residual
   * stays large; -2 if the fronts decline the point. `residual` is that of PointRequest.
   */
  scatter(energy: number, asked: KernelRequest, residual = 0): number {
    const count = this.#input.directions.length;
    if (asked === "all" && count > 0)
      this.#table.set(
        "p",
        this.#region("p", Math.max(this.#channels, 1), (m) => 16 * (4 * count + 4) * m * m),
      );
    return this.#kernels.calls.zscatter(this.#table.start, energy, requests[asked], residual);
  }

  /**
   * dS/dX of every direction, one after the other, to be called after `scatter` was asked for
   * "dSdE". The matrices are formed in pieces of the size of a cache and copied while they are in
   * it. As a whole they would pass through memory twice.
   */
  derivatives(): Float64Array {
    const count = this.#input.directions.length;
    const length = 2 * this.#channels ** 2;
    const all = uninitialised(count * length);
    const piece = Math.max(1, Math.floor(PIECE / length));
    const { floats, calls } = this.#kernels;
    const start = this.#table.values.k / 8;
    for (let first = 0; length > 0 && first < count; first += piece) {
      const after = Math.min(first + piece, count);
      calls.zderivatives(this.#table.start, first, after);
      all.set(floats.subarray(start, start + (after - first) * length), first * length);
    }
    return all;
  }

  /** Number of eigenvalues of H + Sigma (its Hermitian part) below the energy, or -1 - block. */
  inertia(energy: number): number {
    return this.#kernels.calls.zinertia(this.#table.start, energy);
  }

  /** Computes the antisymmetric friction after `scatter` was asked for "all". Returns 0 or -1. */
  antisymmetricFriction(): number {
    const { directions, rowStart } = this.#input;
    const count = directions.length;
    const support = this.#layout.support.length;
    const work = this.#region("antisymmetricFriction", this.#channels, (m) => {
      const rows = directions.reduce((sum, direction) => sum + direction.rows.length, 0);
      return 16 * m * (rowStart.length - 1 + count * support + 2 * rows);
    });
    const out = this.#region("pairs", this.#channels, (m) => 8 * m * count * (count - 1));
    return this.#kernels.calls.zlorentz(this.#table.start, work, out);
  }

  /** Computes Tr[Lambda G(z)] per direction. The status is that of `scatter`. */
  traces(re: number, im: number): number {
    return this.#kernels.calls.ztraces(this.#table.start, re, im);
  }

  /** Index in `kernels.floats` of the result of `traces`. */
  get tracesAt(): number {
    return this.#table.values.traces / 8;
  }

  /** Computes h(z) per pair of directions. The status is that of `scatter`. */
  curl(re: number, im: number): number {
    const { directions, rowStart } = this.#input;
    const count = directions.length;
    const width = Math.max(this.#layout.columns, 1);
    const square = this.#layout.support.length ** 2;
    const work = this.#region(
      "curl",
      1,
      () => 16 * (2 * (rowStart.length - 1) * width + 2 * (count + 1) * square),
    );
    const out = this.#region("curls", 1, () => 8 * Math.max(2, count * (count - 1)));
    return this.#kernels.calls.zcurl(this.#table.start, re, im, work, width, out);
  }

  /** Index in `kernels.floats` of the result of `curl`. */
  get curlAt(): number {
    return (this.#regions.get("curls")?.start ?? 0) / 8;
  }

  /** Views of the results for the present number of channels. */
  get views(): PointViews {
    const { buffer } = this.#kernels.floats;
    if (this.#viewed !== buffer) {
      this.#views = [];
      this.#viewed = buffer;
    }
    this.#views[this.#channels] ??= this.#makeViews(this.#channels);
    return this.#views[this.#channels];
  }

  #makeViews(channels: number): PointViews {
    const count = this.#input.directions.length;
    const length = 2 * channels * channels;
    const each = (start: number, number: number, step: number) =>
      Array.from({ length: number }, (_, k) => this.#kernels.f64(start + 8 * k * step, step));
    const { s, dS, k, p } = this.#table.values;
    const pairs = this.#regions.get("pairs");
    return {
      S: this.#kernels.f64(s, length),
      dSdE: this.#kernels.f64(dS, length),
      K: each(k, count, length),
      P: p === 0 ? [] : each(p, count, length),
      antisymmetricFriction: pairs ? each(pairs.start, (count * (count - 1)) / 2, 2 * channels) : [],
    };
  }

  /** Largest element of |S^+ S - 1| of the last point; 0 without open channels. */
  get unitarityDefect(): number {
    return this.channels === 0 ? 0 : this.#kernels.floats[this.#table.values.statistics / 8 + 9];
  }

  /** Relative residual of the lead columns of the last point; 0 without open channels. */
  get residual(): number {
    return this.channels === 0 ? 0 : this.#kernels.floats[this.#table.values.statistics / 8];
  }

  /**
   * The rounding of the last point, for which "all" was asked, and `antisymmetricFriction` after it
   * if `pairs` is true. Undefined where all comes from solves that were refined to rounding.
   */
  derivativeRounding(pairs: boolean): DerivativeRounding | undefined {
    const at = this.#table.values.statistics / 8;
    const { floats } = this.#kernels;
    if (this.channels === 0 || floats[at + 10] === 0) return undefined;
    const loss = floats[at + 4];
    const residual = 1e16 * loss * floats[at + 11];
    const absolute = (place: number) => (pairs ? (1 + residual) * floats[at + place] : 0);
    return { relative: 0.1 * loss * loss + residual, y: absolute(13), b: absolute(14) };
  }

  /**
   * How the last point was computed: the residual of the lead columns and that before refinement,
   * the rounds of refinement, the growth of a slice (for the factors of A) and the kind of factors.
   */
  get statistics() {
    const at = this.#table.values.statistics / 8;
    const { floats } = this.#kernels;
    const kind = this.#table.read("realFactors");
    return {
      residual: floats[at],
      firstResidual: kind > 0 ? floats[at + 5] : floats[at],
      refinements: kind > 0 ? floats[at + 1] : 0,
      growth: floats[at + 2],
      path: paths[kind],
    };
  }

  /** Frees the kernel memory. */
  release(): void {
    this.#table.release();
    for (const { start } of this.#regions.values()) this.#kernels.release(start);
    this.#regions.clear();
  }
}
