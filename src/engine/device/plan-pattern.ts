// The properties of a plan that follow from the sparsity pattern: the places of blocks, diagonals,
// leads and directions in the compressed rows, and the rows that carry forces. The cost is linear
// in the number of elements.

/** The fronts of a multifrontal factorisation in post-order. Their pivots are the blocks. */
export interface FrontTree {
  /** The parent of each front, -1 at the top. */
  parents: Int32Array;
  /**
   * Positions after its pivots to which a front and the fronts below it couple: ascending, from
   * boundaryStart[front] on.
   */
  boundaryStart: Int32Array;
  boundary: Int32Array;
}

/** The description of a device that the kernels need, in block order. */
export interface PlanInput {
  /** First position of each block, followed by the total number of positions. */
  blockStart: Int32Array;
  /**
   * If present, the plan only answers questions at real energies (`Plan.scatter`, `derivatives` and
   * `antisymmetricFriction`).
   */
  fronts?: FrontTree;
  /** True if the fronts hold complex numbers. */
  complex?: boolean;
  /** Compressed rows of the pattern, with ascending columns. */
  rowStart: Int32Array;
  columns: Int32Array;
  /** The positions of each lead's orbitals. */
  leads: { positions: Int32Array }[];
  /** Rows, row starts and columns of each direction's sparse matrix (both triangles). */
  directions: { rows: Int32Array; rowStart: Int32Array; columns: Int32Array }[];
}

/** The rows that some direction touches, ascending. */
export function supportOf(directions: PlanInput["directions"], n: number): Int32Array {
  const touched = new Uint8Array(n);
  for (const { rows } of directions) for (const row of rows) touched[row] = 1;
  const list = new Int32Array(touched.reduce((sum, one) => sum + one, 0));
  let count = 0;
  for (let i = 0; i < n; i++) if (touched[i]) list[count++] = i;
  return list;
}

/** True if every direction is diagonal. */
export function areDiagonal(directions: PlanInput["directions"]): boolean {
  return directions.every(
    ({ rows, rowStart, columns }) =>
      columns.length === rows.length && rows.every((row, r) => rowStart[r] === r && columns[r] === row),
  );
}

/**
 * True if G on the pattern (12 m^3 per slice from the first touched slice on) costs less than
 * columns of G (16 m^2 per slice and column).
 */
export function selectionPays(blockStart: Int32Array, support: Int32Array): boolean {
  let [selected, perColumn] = [0, 0];
  for (let i = 0; i + 1 < blockStart.length; i++) {
    if (blockStart[i + 1] <= support[0]) continue;
    const m = blockStart[i + 1] - blockStart[i];
    selected += 12 * m ** 3;
    perColumn += 16 * m ** 2;
  }
  return selected < perColumn * support.length;
}

/**
 * Places in the compressed rows: start and end of each row's own block, its diagonal, the leads'
 * corners (-1 for an element that is always zero and not in the pattern), and the elements of the
 * directions. Also the places of the directions' rows in `support`.
 */
export function planPattern(input: PlanInput, support: Int32Array) {
  const { blockStart, rowStart, columns, leads, directions } = input;
  const n = rowStart.length - 1;
  const blocks = blockStart.length - 1;
  const diagonalStart = new Int32Array(n);
  const upperStart = new Int32Array(n);
  const diagonal = new Int32Array(n);
  const inverseOffset = new Int32Array(blocks);
  for (let i = 0; i < blocks; i++) {
    const [first, after] = [blockStart[i], blockStart[i + 1]];
    if (i + 1 < blocks) inverseOffset[i + 1] = inverseOffset[i] + (after - first) ** 2;
    for (let r = first; r < after; r++) {
      let k = rowStart[r];
      while (k < rowStart[r + 1] && columns[k] < first) k++;
      diagonalStart[r] = k;
      for (; k < rowStart[r + 1] && columns[k] < after; k++) if (columns[k] === r) diagonal[r] = k;
      upperStart[r] = k;
    }
  }
  // Scratch list: the place of each position in one row or in the support.
  const place = new Int32Array(n).fill(-1);
  const slots = leads.map(({ positions }) => {
    const size = positions.length;
    const list = new Int32Array(size * size);
    for (let i = 0; i < size; i++) {
      const row = positions[i];
      for (let k = rowStart[row]; k < rowStart[row + 1]; k++) place[columns[k]] = k;
      for (let j = 0; j < size; j++) list[i * size + j] = place[positions[j]];
      for (let k = rowStart[row]; k < rowStart[row + 1]; k++) place[columns[k]] = -1;
    }
    return list;
  });
  support.forEach((position, k) => {
    place[position] = k;
  });
  const directionLists = directions.map((direction) => {
    const found = new Int32Array(direction.columns.length);
    direction.rows.forEach((row, r) => {
      let k = rowStart[row];
      for (let entry = direction.rowStart[r]; entry < direction.rowStart[r + 1]; entry++) {
        while (columns[k] < direction.columns[entry]) k++;
        found[entry] = k;
      }
    });
    return { slots: found, places: direction.rows.map((row) => place[row]) };
  });
  return { diagonalStart, upperStart, diagonal, inverseOffset, slots, directions: directionLists };
}
