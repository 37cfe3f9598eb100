/**
 * One matrix element: row and column (whole numbers from 0), real part, imaginary part (0 if left
 * out).
 */
export type Triplet =
  | [row: number, column: number, re: number]
  | [row: number, column: number, re: number, im: number];
