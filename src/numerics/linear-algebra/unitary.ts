// The unitarity defect of an m x m matrix, row-major and interleaved.

/** Largest modulus of an element of S^+ S - 1. */
export function unitarityDefect(S: Float64Array, m: number): number {
  let largest = 0;
  for (let a = 0; a < m; a++)
    for (let b = a; b < m; b++) {
      let re = a === b ? -1 : 0;
      let im = 0;
      for (let c = 0; c < m; c++) {
        const p = 2 * (c * m + a);
        const q = 2 * (c * m + b);
        re += S[p] * S[q] + S[p + 1] * S[q + 1];
        im += S[p] * S[q + 1] - S[p + 1] * S[q];
      }
      const size = re * re + im * im;
      // The form of the comparison keeps a NaN.
      if (!(size <= largest)) largest = size;
    }
  return Math.sqrt(largest);
}
