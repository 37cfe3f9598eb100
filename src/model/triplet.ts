/**
 * One matrix element: row and column (whole numbers from 0), real part, and imaginary part (default
 * 0).
 */
export type Triplet =
  | [row: number, column: number, re: number]
  | [row: number, column: number, re: number, im: number];
