// Products of small complex matrices, m x m, row-major and interleaved.

/** sum += factor x for matrices of equal size. */
export function addTo(sum: Float64Array, x: Float64Array, factor: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += factor * x[k];
}

/** Root of the sum of squares. */
export function norm(a: ArrayLike<number>): number {
  let square = 0;
  for (let k = 0; k < a.length; k++) square += a[k] ** 2;
  return Math.sqrt(square);
}

/** Returns a^+ b. */
export function adjointTimes(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = new Float64Array(2 * m * m);
  for (let c = 0; c < m; c++)
    for (let i = 0; i < m; i++)
      for (let j = 0; j < m; j++) {
        const [p, q, r] = [2 * (c * m + i), 2 * (c * m + j), 2 * (i * m + j)];
        out[r] += a[p] * b[q] + a[p + 1] * b[q + 1];
        out[r + 1] += a[p] * b[q + 1] - a[p + 1] * b[q];
      }
  return out;
}

/** Returns a b. */
export function times(a: Float64Array, b: Float64Array, m: number): Float64Array {
  const out = new Float64Array(2 * m * m);
  for (let i = 0; i < m; i++)
    for (let c = 0; c < m; c++)
      for (let j = 0; j < m; j++) {
        const [p, q, r] = [2 * (i * m + c), 2 * (c * m + j), 2 * (i * m + j)];
        out[r] += a[p] * b[q] - a[p + 1] * b[q + 1];
        out[r + 1] += a[p] * b[q + 1] + a[p + 1] * b[q];
      }
  return out;
}

/** Writes -i a b to `out` from index `at` on. */
export function timesMinusI(
  a: Float64Array,
  b: Float64Array,
  m: number,
  out: Float64Array,
  at: number,
): void {
  const product = times(a, b, m);
  for (let i = 0; i < product.length; i += 2) {
    out[at + i] = product[i + 1];
    out[at + i + 1] = -product[i];
  }
}
