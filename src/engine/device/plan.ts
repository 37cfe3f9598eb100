// Calls the fused kernels on a compiled device (plan-layout.ts). Beside the device's own region
// there are regions for what grows with the open channels; values of H and of the directions go in
// before each point. Views of results are kept per number of open channels and made anew only when
// the memory has grown.

import { planConstants } from "../abi.js";
import type { Kernels } from "../kernels.js";
import type { Table } from "../table.js";
import { uninitialised } from "../uninitialised.js";
import { layPlan, type PlanField, type PlanLayout } from "./plan-layout.js";
import type { PlanInput } from "./plan-pattern.js";

/** Numbers of derivatives formed at a time: 128 kB. */
const PIECE = 16384;

/** Results of one number of channels, valid until the next call. */
export interface PointViews {
  S: Float64Array;
  dSdE: Float64Array;
  /** One matrix per direction. */
  K: Float64Array[];
  P: Float64Array[];
  antisymmetricFriction: Float64Array[];
}

/**
 * By which factors a point was solved: of a real A_r, of a complex Hermitian A_r, or of A itself.
 */
export type PointPath = "real" | "hermitian" | "complex";
/**
 * What the kernel computes at one energy: S alone; S and K_nu; S and S' (`derivatives` goes on from
 * there); or S, K_nu, S', psi' and P_nu (notation: scattering/point.ts).
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
  /** Regions sized by the channels that are open, taken when first needed and grown with them. */
  readonly #regions = new Map<string, { start: number; channels: number }>();
  #channels = 0;
  #views: PointViews[] = [];
  #viewed: ArrayBufferLike | undefined;

  /** RangeError where the memory does not suffice; nothing is taken then. */
  constructor(kernels: Kernels, input: PlanInput) {
    this.#kernels = kernels;
    this.#input = input;
    this.#layout = layPlan(kernels, input);
    this.#table = this.#layout.table;
  }

  /**
   * Index in `kernels.floats` of the interleaved values of H on the pattern, to be filled by the
   * caller.
   */
  get hamiltonian(): number {
    return this.#table.values.hValues / 8;
  }

  /** Number of those values, re and im apart. */
  get hamiltonianLength(): number {
    return 2 * this.#input.columns.length;
  }

  /** The same of direction nu on its own pattern. */
  direction(nu: number): number {
    return this.#layout.directionValues[nu];
  }

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
   * True where the kernels may take A = A^T and real H and leads. At real energies the short cut
   * (assembly/device/reactance.ts) is taken for either kind where it is not switched off.
   */
  set symmetric(value: boolean) {
    this.#table.set("symmetric", value ? 1 : 0);
    this.#table.set("shortCut", this.#kernels.shortCut ? 1 : 0);
  }

  /** Address of a lead's values, for LeadStore. */
  leadRecord(index: number): number {
    return this.#layout.leadRecords[index];
  }

  /** Open channels of all leads together. */
  set channels(count: number) {
    this.#channels = count;
    this.#reserveThin(Math.max(count, 1));
  }
  get channels(): number {
    return this.#channels;
  }

  /**
   * A region of its own for `channels` channels: address, kept until more channels open. `bytes`
   * tells its size.
   */
  #region(name: string, channels: number, bytes: (channels: number) => number): number {
    const known = this.#regions.get(name);
    if (known && known.channels >= channels) return known.start;
    if (known) this.#kernels.release(known.start);
    // Forgotten before the new one is asked for, which may fail.
    this.#regions.delete(name);
    const start = this.#kernels.allocate(bytes(channels));
    this.#regions.set(name, { start, channels });
    this.#views = [];
    return start;
  }

  /** The thin blocks psi, psi', work, one slice, the gathered rows; S, S' and K. */
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
    });
    const bytes = (m: number) => 16 * Object.values(sizes(m)).reduce((sum, size) => sum + size, 0);
    let next = this.#region("thin", channels, bytes);
    for (const [name, size] of Object.entries(sizes(channels))) {
      this.#table.set(name as PlanField, next);
      next += 16 * size;
    }
    this.#table.set("x", this.#table.values.dPsi);
  }

  /**
   * 0; block + 1 where a Schur complement is singular; -1 where the residual stays large; -2 where
   * fronts decline the point.
   */
  scatter(energy: number, asked: KernelRequest): number {
    const count = this.#input.directions.length;
    if (asked === "all" && count > 0)
      this.#table.set(
        "p",
        this.#region("p", Math.max(this.#channels, 1), (m) => 16 * count * m * m),
      );
    return this.#kernels.calls.zscatter(this.#table.start, energy, requests[asked]);
  }

  /**
   * dS/dX of every direction, one after the other, after `scatter` asked for "dSdE". In pieces of the size
   * of a cache, copied while they are in it: whole, they would go through memory twice.
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

  /** Eigenvalues of H + Sigma (its Hermitian part) below the energy, or -1 - block. */
  inertia(energy: number): number {
    return this.#kernels.calls.zinertia(this.#table.start, energy);
  }

  /** Antisymmetric friction after `scatter` asked for "all"; 0 or -1. */
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

  /** Tr[Lambda G(z)] per direction; status as scatter. */
  traces(re: number, im: number): number {
    return this.#kernels.calls.ztraces(this.#table.start, re, im);
  }

  /** Index in `kernels.floats` of the result of `traces`. */
  get tracesAt(): number {
    return this.#table.values.traces / 8;
  }

  /** h(z) per pair of directions; status as scatter. */
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

  /** Views of the results at the present number of channels. */
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

  /** max |S^+ S - 1| of the last point; 0 without open channels. */
  get unitarityDefect(): number {
    return this.channels === 0 ? 0 : this.#kernels.floats[this.#table.values.statistics / 8 + 9];
  }

  /** Relative residual of the lead columns of the last point; 0 without open channels. */
  get residual(): number {
    return this.channels === 0 ? 0 : this.#kernels.floats[this.#table.values.statistics / 8];
  }

  /**
   * How the last point was computed: residual of the lead columns, rounds of refinement, growth of
   * a slice (complex path).
   */
  get statistics(): { residual: number; refinements: number; growth: number; path: PointPath } {
    const at = this.#table.values.statistics / 8;
    const { floats } = this.#kernels;
    const kind = this.#table.read("realFactors");
    return {
      residual: floats[at],
      refinements: kind > 0 ? floats[at + 1] : 0,
      growth: floats[at + 2],
      path: paths[kind],
    };
  }

  release(): void {
    this.#table.release();
    for (const { start } of this.#regions.values()) this.#kernels.release(start);
    this.#regions.clear();
  }
}
