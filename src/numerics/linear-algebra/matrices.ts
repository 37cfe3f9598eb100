// The representation of matrices in the whole project: plain arrays with their shapes.

/**
 * A sparse Hermitian matrix: the elements of the upper triangle (row <= column), sorted by row and
 * then by column, without duplicates. The four lists have one entry per element.
 */
export interface SparseHermitian {
  /** Row index of each element, from 0. */
  rows: Int32Array;
  /** Column index of each element, from 0. It is at least the row index. */
  columns: Int32Array;
  /** Real part of each element, in the unit of the matrix. */
  re: Float64Array;
  /** Imaginary part of each element, in the unit of the matrix; 0 on the diagonal. */
  im: Float64Array;
}

/**
 * A dense complex matrix, row-major and interleaved. Matrices over channels have the index order
 * (out, in).
 */
export interface ComplexMatrix {
  /** Numbers of rows and columns. */
  shape: [number, number];
  /**
   * Element (i, j) has its real part at [2 (i columns + j)] and its imaginary part at the next
   * place.
   */
  data: Float64Array;
}

/** A dense real matrix, row-major. */
export interface RealMatrix {
  /** Numbers of rows and columns. */
  shape: [number, number];
  /** Element (i, j) is at [i columns + j]. */
  data: Float64Array;
}

/** Largest sum of absolute values along a row or column of an m x m matrix, interleaved. */
export function largestRowSum(a: Float64Array, m: number): number {
  let most = 0;
  for (let i = 0; i < m; i++) {
    let [row, column] = [0, 0];
    for (let j = 0; j < m; j++) {
      row += Math.hypot(a[2 * (i * m + j)], a[2 * (i * m + j) + 1]);
      column += Math.hypot(a[2 * (j * m + i)], a[2 * (j * m + i) + 1]);
    }
    most = Math.max(most, row, column);
  }
  return most;
}
