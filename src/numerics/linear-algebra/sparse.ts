// Compressed rows from lists of matrix elements, by counting and transposition on typed arrays. The
// cost is linear in the number of elements. The lists contain the upper triangle of Hermitian
// matrices, and the rows contain both triangles, so that every pattern is symmetric.

import type { SparseHermitian } from "./matrices.js";

/**
 * The columns of row i, in ascending order, are columns[rowStart[i]] to
 * columns[rowStart[i + 1] - 1].
 */
export interface CompressedRows {
  rowStart: Int32Array;
  columns: Int32Array;
}

/**
 * Elements with their place in a list of values. `mirrored` is the place of the element in the
 * other triangle (-1 on the diagonal).
 */
export interface PlacedElements {
  slots: Int32Array;
  mirrored: Int32Array;
  /** Index of each element in its original list. Some elements of that list have no place. */
  sources: Int32Array;
}

type Positions = Pick<SparseHermitian, "rows" | "columns">;

/**
 * The union of the diagonal, of the matrices' elements and of full blocks on the cliques. With
 * `position`, row i of the input becomes row position[i] of the result (a negative position leaves
 * it out), and `size` is the number of remaining rows.
 */
export function unionRows(
  size: number,
  matrices: Positions[],
  cliques: Int32Array[],
  position?: Int32Array,
): CompressedRows {
  const place = (i: number) => (position ? position[i] : i);
  const eachPair = (visit: (i: number, j: number) => void) => {
    for (const { rows, columns } of matrices)
      for (let k = 0; k < rows.length; k++) {
        const [i, j] = [place(rows[k]), place(columns[k])];
        if (i >= 0 && j >= 0 && i !== j) visit(i, j);
      }
    for (const clique of cliques)
      for (let a = 0; a < clique.length; a++)
        for (let b = a + 1; b < clique.length; b++) {
          const [i, j] = [place(clique[a]), place(clique[b])];
          if (i >= 0 && j >= 0) visit(i, j);
        }
  };
  // At first the rows contain repetitions: the diagonal, then both triangles.
  const starts = new Int32Array(size + 1);
  for (let i = 0; i < size; i++) starts[i + 1] = 1;
  eachPair((i, j) => {
    starts[i + 1]++;
    starts[j + 1]++;
  });
  for (let i = 0; i < size; i++) starts[i + 1] += starts[i];
  const loose = new Int32Array(starts[size]);
  const next = starts.slice(0, size);
  for (let i = 0; i < size; i++) loose[next[i]++] = i;
  eachPair((i, j) => {
    loose[next[i]++] = j;
    loose[next[j]++] = i;
  });
  return sortedRows(starts, loose);
}

/**
 * Removes repetitions and sorts the columns of a symmetric pattern. It transposes the pattern,
 * whose rows are visited in order.
 */
function sortedRows(starts: Int32Array, loose: Int32Array): CompressedRows {
  const size = starts.length - 1;
  const seen = new Int32Array(size).fill(-1);
  const rowStart = new Int32Array(size + 1);
  for (let i = 0; i < size; i++)
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const j = loose[k];
      if (seen[j] === i) continue;
      seen[j] = i;
      rowStart[j + 1]++;
    }
  for (let i = 0; i < size; i++) rowStart[i + 1] += rowStart[i];
  const columns = new Int32Array(rowStart[size]);
  const next = rowStart.slice(0, size);
  seen.fill(-1);
  for (let i = 0; i < size; i++)
    for (let k = starts[i]; k < starts[i + 1]; k++) {
      const j = loose[k];
      if (seen[j] === i) continue;
      seen[j] = i;
      columns[next[j]++] = i;
    }
  return { rowStart, columns };
}

/** The place of a column in a row, by bisection; -1 if the pattern does not contain it. */
function slotOf({ rowStart, columns }: CompressedRows, row: number, column: number): number {
  let low = rowStart[row];
  let high = rowStart[row + 1] - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (columns[middle] < column) low = middle + 1;
    else high = middle;
  }
  return low <= high && columns[low] === column ? low : -1;
}

/**
 * The places of a matrix's elements in compressed rows. `rowOf` maps a position to its compressed
 * row.
 */
export function placeElements(
  { rows, columns }: Positions,
  position: Int32Array,
  pattern: CompressedRows,
  rowOf: (place: number) => number = (place) => place,
): PlacedElements {
  const slots = new Int32Array(rows.length);
  const mirrored = new Int32Array(rows.length);
  const sources = new Int32Array(rows.length);
  let count = 0;
  for (let k = 0; k < rows.length; k++) {
    const [i, j] = [position[rows[k]], position[columns[k]]];
    if (i < 0 || j < 0) continue;
    slots[count] = slotOf(pattern, rowOf(i), j);
    mirrored[count] = i === j ? -1 : slotOf(pattern, rowOf(j), i);
    sources[count++] = k;
  }
  return {
    slots: slots.subarray(0, count),
    mirrored: mirrored.subarray(0, count),
    sources: sources.subarray(0, count),
  };
}

/** target (interleaved, from index `base` on) += factor times the matrix, with both triangles. */
export function accumulate(
  target: Float64Array,
  base: number,
  { slots, mirrored, sources }: PlacedElements,
  { re, im }: Pick<SparseHermitian, "re" | "im">,
  factor: number,
): void {
  for (let k = 0; k < slots.length; k++) {
    const x = factor * re[sources[k]];
    const y = factor * im[sources[k]];
    const slot = base + 2 * slots[k];
    target[slot] += x;
    target[slot + 1] += y;
    if (mirrored[k] < 0) continue;
    const mirror = base + 2 * mirrored[k];
    target[mirror] += x;
    target[mirror + 1] -= y;
  }
}

/** The sparse matrix of one direction: compressed rows over the positions that it touches. */
export interface DirectionPattern extends CompressedRows {
  /** The positions touched, ascending. */
  rows: Int32Array;
}

/**
 * Computes the row patterns of directions one after the other. The scratch lists have the size of
 * the device.
 */
export class DirectionPatterns {
  readonly #position: Int32Array;
  readonly #row: Int32Array;

  constructor(position: Int32Array, size: number) {
    this.#position = position;
    this.#row = new Int32Array(size).fill(-1);
  }

  /** The union of the group's matrices, and the places of each matrix's elements in it. */
  of(group: Positions[]): { pattern: DirectionPattern; places: PlacedElements[] } {
    const [position, row] = [this.#position, this.#row];
    const touched: number[] = [];
    for (const { rows, columns } of group)
      for (let k = 0; k < rows.length; k++) {
        const [i, j] = [position[rows[k]], position[columns[k]]];
        if (i < 0 || j < 0) continue;
        if (row[i] < 0) row[i] = touched.push(i);
        if (row[j] < 0) row[j] = touched.push(j);
      }
    const list = Int32Array.from(touched).sort();
    list.forEach((place, k) => {
      row[place] = k;
    });
    // The same elements between compressed rows. A symmetric pattern has equal rows and columns.
    const local = group.map(({ rows, columns }) => {
      const kept = { rows: new Int32Array(rows.length), columns: new Int32Array(rows.length) };
      let count = 0;
      for (let k = 0; k < rows.length; k++) {
        const [i, j] = [position[rows[k]], position[columns[k]]];
        if (i < 0 || j < 0) continue;
        kept.rows[count] = row[i];
        kept.columns[count++] = row[j];
      }
      return { rows: kept.rows.subarray(0, count), columns: kept.columns.subarray(0, count) };
    });
    const { rowStart, columns } = unionRows(list.length, local, []);
    const pattern = { rows: list, rowStart, columns: columns.map((k) => list[k]) };
    const places = group.map((matrix) => placeElements(matrix, position, pattern, (place) => row[place]));
    for (const place of list) row[place] = -1;
    return { pattern, places };
  }
}
