// The overlap matrix S of a device as self-energies. E S - H = E - H - Sigma_S with
// Sigma_S(E) = -E (S - 1), a Hermitian self-energy without channels, of which
// Sigma_S' = -(S - 1) is constant. Everything that treats a lead with Sigma(E) and Sigma'(E), by
// real or complex factors, therefore treats an overlap: psi' = G (W' - (1 - Sigma' - Sigma_S') psi)
// = G (W' - (S - Sigma') psi). The elements of S - 1 are divided into groups of orbitals that all
// overlap with each other, so that the pattern of E S - H stays that of its elements.

import type { Plan } from "../../engine/device/plan.js";
import type { Kernels } from "../../engine/kernels.js";
import type { SparseHermitian } from "../../model/types.js";
import { isReal } from "./differences.js";

/** Some orbitals, and elements of S - 1 between them, orbitals x orbitals, interleaved. */
export interface OverlapGroup {
  orbitals: Int32Array;
  values: Float64Array;
}

/** S - 1, its upper triangle without zeros. */
export function overlapExcess({ rows, columns, re, im }: SparseHermitian): SparseHermitian {
  const less = (k: number) => re[k] - (rows[k] === columns[k] ? 1 : 0);
  const kept = Array.from(rows.keys()).filter((k) => less(k) !== 0 || im[k] !== 0);
  return {
    rows: Int32Array.from(kept, (k) => rows[k]),
    columns: Int32Array.from(kept, (k) => columns[k]),
    re: Float64Array.from(kept, less),
    im: Float64Array.from(kept, (k) => im[k]),
  };
}

const known = new WeakMap<SparseHermitian, OverlapGroup[]>();

/** The groups of an overlap matrix; each element of S - 1 is in one of them. */
export function overlapGroups(overlap: SparseHermitian | undefined): OverlapGroup[] {
  if (!overlap) return [];
  let groups = known.get(overlap);
  if (!groups) {
    groups = groupsOf(overlapExcess(overlap));
    known.set(overlap, groups);
  }
  return groups;
}

function groupsOf({ rows, columns, re, im }: SparseHermitian): OverlapGroup[] {
  /** Per orbital: its neighbours, with the index of the element until that is in a group. */
  const neighbours = new Map<number, Map<number, number>>();
  const of = (i: number) => {
    const list = neighbours.get(i) ?? new Map<number, number>();
    neighbours.set(i, list);
    return list;
  };
  for (let k = 0; k < rows.length; k++) {
    of(rows[k]).set(columns[k], k);
    of(columns[k]).set(rows[k], k);
  }
  const grouped = new Uint8Array(rows.length);
  const groups: OverlapGroup[] = [];
  for (let k = 0; k < rows.length; k++) {
    if (grouped[k]) continue;
    const orbitals = rows[k] === columns[k] ? [rows[k]] : [rows[k], columns[k]];
    for (const candidate of of(rows[k]).keys())
      if (orbitals.every((orbital) => orbital !== candidate && of(orbital).has(candidate)))
        orbitals.push(candidate);
    const n = orbitals.length;
    const values = new Float64Array(2 * n * n);
    for (let a = 0; a < n; a++)
      for (let b = a; b < n; b++) {
        const element = of(orbitals[a]).get(orbitals[b]);
        if (element === undefined || grouped[element]) continue;
        grouped[element] = 1;
        const sign = rows[element] === orbitals[a] ? 1 : -1;
        const [p, q] = [2 * (a * n + b), 2 * (b * n + a)];
        values.set([re[element], sign * im[element]], p);
        if (p !== q) values.set([re[element], -sign * im[element]], q);
      }
    groups.push({ orbitals: Int32Array.from(orbitals), values });
  }
  return groups;
}

/** The self-energies of an overlap matrix in kernel memory, at the energy that was last set. */
export class OverlapStore {
  /** True if S is real. */
  readonly symmetric: boolean;
  readonly #kernels: Kernels;
  readonly #groups: OverlapGroup[];
  /** All values of the groups one after the other. */
  readonly #values: Float64Array;
  /** Address of Sigma of all groups, which Sigma' follows. */
  #address = 0;
  #re = Number.NaN;
  #im = Number.NaN;
  /** The plans whose records point here. */
  #recorded = new WeakSet<Plan>();

  constructor(kernels: Kernels, overlap: SparseHermitian) {
    this.#kernels = kernels;
    this.symmetric = isReal(overlap);
    this.#groups = overlapGroups(overlap);
    this.#values = new Float64Array(this.#groups.reduce((sum, { values }) => sum + values.length, 0));
    let at = 0;
    for (const { values } of this.#groups) {
      this.#values.set(values, at);
      at += values.length;
    }
  }

  /** Makes the plan, whose leads from `first` on are the groups, use -(re + i im) (S - 1). */
  set(re: number, im: number, plan: Plan, first: number): void {
    const values = this.#values;
    const count = values.length;
    if (count === 0) return;
    if (this.#address === 0) {
      this.#address = this.#kernels.allocate(16 * count);
      const { floats } = this.#kernels;
      for (let k = 0; k < count; k++) floats[this.#address / 8 + count + k] = -values[k];
    }
    if (!this.#recorded.has(plan)) {
      const { integers } = this.#kernels;
      let from = this.#address;
      this.#groups.forEach((group, k) => {
        const slope = from + 8 * count;
        // Sigma, Sigma', and no columns of W and W'.
        integers.set([from, slope, slope, slope, 0], plan.leadRecord(first + k) / 4);
        from += 8 * group.values.length;
      });
      this.#recorded.add(plan);
    }
    if (re === this.#re && im === this.#im) return;
    const { floats } = this.#kernels;
    const at = this.#address / 8;
    for (let k = 0; k < count; k += 2) {
      floats[at + k] = im * values[k + 1] - re * values[k];
      floats[at + k + 1] = -re * values[k + 1] - im * values[k];
    }
    this.#re = re;
    this.#im = im;
  }

  /** Frees the kernel memory. */
  release(): void {
    if (this.#address !== 0) this.#kernels.release(this.#address);
    this.#address = 0;
    this.#re = Number.NaN;
    this.#recorded = new WeakSet();
  }
}
