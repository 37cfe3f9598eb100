// How matrices are written throughout: plain arrays with their shapes.

/**
 * Sparse Hermitian matrix: upper triangle (row <= column), sorted by row then column, without
 * duplicates; the four lists go together.
 */
export interface SparseHermitian {
  /** Row of each element, from 0. */
  rows: Int32Array;
  /** Column of each element, from 0, at least the row. */
  columns: Int32Array;
  /** Real parts. */
  re: Float64Array;
  /** Imaginary parts, 0 on the diagonal. */
  im: Float64Array;
}

/** Dense complex matrix, row-major, interleaved; index order (out, in) for matrices of channels. */
export interface ComplexMatrix {
  /** Numbers of rows and columns. */
  shape: [number, number];
  /** Element (i, j) at [2 (i columns + j)], real part, and the place after it, imaginary part. */
  data: Float64Array;
}

/** Dense real matrix, row-major. */
export interface RealMatrix {
  /** Numbers of rows and columns. */
  shape: [number, number];
  /** Element (i, j) at [i columns + j]. */
  data: Float64Array;
}
