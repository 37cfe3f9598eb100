// Whether the kernels' memory holds what a periodic lead takes at one energy. The memory grows with
// the square of the rank r of the hopping in the states that the device reaches (periodic/reach.ts), and
// little with their number n. Both numbers take as long to compute as an energy, so that a cell that
// is far too large would compute for minutes before it is refused. Bounds on them from below that
// cost one pass over the matrices refuse most such cells first.

import { InputError } from "../../base/errors.js";
import type { Kernels } from "../../engine/kernels.js";
import type { MemoryFull } from "../../engine/memory.js";
import type { ResolvedPeriodicLead } from "../../model/types.js";
import { depth } from "./periodic/reach.js";
import { factorised } from "./periodic/wave-factor.js";

/** Matrices of 16 bytes per element that one energy takes, n x n and n x r: fewer than measured. */
const SQUARES = 3;
const PORTS = 4;
/**
 * The same for r x r: at an energy that no mode passes, where it is least (148 to 160 matrices in all
 * for n = r were measured), and at one within the bands (331 to 358).
 */
const IN_GAP = 130;
const IN_BAND = 350;

/** Largest block of a sparse matrix whose rank is computed; a larger one counts as 1. */
const largestBlock = 64;
/** Directions below this fraction of the longest column do not count. It is far above what is dropped. */
const counted = 1e-8;

/** Bytes of one energy for n states and a hopping of rank r. */
const bytesOf = (n: number, r: number, each: number): number =>
  16 * (SQUARES * n * n + PORTS * n * r + each * r * r);

/** Largest rank of the hopping between cells of `n` states, at an energy within the bands. */
export function largestRank(n: number, limit: number): number {
  const [a, b, c] = [IN_BAND, PORTS * n, SQUARES * n * n - limit / 16];
  return Math.max(0, Math.floor((Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a)));
}

/**
 * Throws InputError if a cell of at least `n` states with a hopping of at least rank r exceeds the
 * memory at every energy.
 */
export function refuseLargeCell(kernels: Kernels, field: string, n: number, r: number): void {
  const { limit } = kernels.memory;
  if (bytesOf(n, r, IN_GAP) > limit) throw tooLarge(field, n, r, limit);
}

/**
 * The error for a cell of n states whose hopping has rank r. `full` is the memory's own message, if it
 * was found full during the computation.
 */
export function tooLarge(field: string, n: number, r: number, limit: number, full?: MemoryFull): InputError {
  const most = largestRank(n, limit);
  return new InputError(`${field}.hopping`, "the cell is too large for the memory of the kernels", {
    expected: `a hopping of rank ${most} or less (memory of ${(limit / 2 ** 30).toPrecision(3)} GiB)`,
    found: `rank ${r} in a cell of ${n} orbitals${full ? `: ${full.message}` : ""}`,
    advice: "Choose the smallest cell that repeats, and a hopping between adjacent cells only.",
  });
}

/** Refuses a cell before anything is computed, by bounds from below. */
export function refuseAtOnce(
  kernels: Kernels,
  field: string,
  { onsite, hopping, coupling }: Pick<ResolvedPeriodicLead, "onsite" | "hopping" | "coupling">,
): void {
  const m = onsite.shape[0];
  // Cells that fit with all of their orbitals need no bounds.
  if (bytesOf(m, m, IN_GAP) <= kernels.memory.limit) return;
  const missing = m - leastRank(hopping.data, m, m);
  const seeds = leastRank(coupling.data, coupling.shape[0], m);
  // The states of the first cell contain V^+, and those of each cell h1^+ times those of the cell
  // before, which loses at most `missing` of them. The last cell repeats.
  const states = seeds - (depth - 1) * missing;
  const rank = states - missing;
  if (rank > 0) refuseLargeCell(kernels, field, states, rank);
}

/**
 * A bound from below on the rank of a matrix: the sum over its blocks, which are rows and columns
 * that nonzero elements connect.
 */
export function leastRank(a: Float64Array, rows: number, columns: number): number {
  const parent = Int32Array.from({ length: rows + columns }, (_, k) => k);
  const root = (k: number): number => {
    let at = k;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const lengths = new Float64Array(columns);
  for (let i = 0, p = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, p += 2) {
      if (a[p] === 0 && a[p + 1] === 0) continue;
      parent[root(rows + j)] = root(i);
      lengths[j] += a[p] * a[p] + a[p + 1] * a[p + 1];
    }
  const least = counted * Math.sqrt(lengths.reduce((most, x) => Math.max(most, x), 0));
  const blocks = new Map<number, { rows: number[]; columns: number[] }>();
  for (let k = 0; k < rows + columns; k++) {
    const block = blocks.get(root(k)) ?? { rows: [], columns: [] };
    blocks.set(root(k), block);
    if (k < rows) block.rows.push(k);
    else block.columns.push(k - rows);
  }
  let rank = 0;
  for (const block of blocks.values()) {
    const [m, n] = [block.rows.length, block.columns.length];
    if (Math.min(m, n) === 0) continue;
    if (Math.max(m, n) > largestBlock) {
      rank++;
      continue;
    }
    const part = new Float64Array(2 * m * n);
    block.rows.forEach((i, row) => {
      block.columns.forEach((j, column) => {
        const p = 2 * (i * columns + j);
        part.set(a.subarray(p, p + 2), 2 * (row * n + column));
      });
    });
    rank += factorised(part, m, n, 0, least).rank;
  }
  return rank;
}
