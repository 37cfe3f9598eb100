// Whether a solution of the surface equation of a periodic lead is the retarded one. With s = h1 g h1^+ any solution at real energy fulfils
// Gamma = (h1 g) Gamma (h1 g)^+, Gamma = i (s - s^+): in the lead's propagating modes Gamma is diagonal, each element with the sign of the mode's
// velocity. Retarded: all of them run outwards, Gamma >= 0. A solution with a mode that runs inwards is no less exact in its equation.
// Cholesky with the largest pivot first: what is left after the positive pivots must be rounding. Cost: a third of a product.

/** Rounding of s, in parts of its largest element: s loses digits like 1/sqrt(distance) towards a band edge. */
const rounding = 1e-12;

/** True if i (s - s^+) has no negative eigenvalue beyond `tolerance` of its largest element; s is n x n, `work` as long as s and overwritten. */
export function runsOutwards(s: Float64Array, n: number, tolerance: number, work: Float64Array): boolean {
  const gamma = work;
  let [largest, size] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
      size = Math.max(size, Math.abs(s[p]), Math.abs(s[p + 1]));
      gamma[p] = -(s[p + 1] + s[q + 1]);
      gamma[p + 1] = s[p] - s[q];
      largest = Math.max(largest, Math.abs(gamma[p]), Math.abs(gamma[p + 1]));
    }
  const enough = tolerance * largest + rounding * size;
  for (let step = 0; step < n; step++) {
    let pivot = 0;
    for (let i = 1; i < n; i++) if (gamma[2 * i * (n + 1)] > gamma[2 * pivot * (n + 1)]) pivot = i;
    const top = gamma[2 * pivot * (n + 1)];
    if (!(top > enough)) break;
    // Gamma <- Gamma - column column^+ / top; its own row and column become zero.
    const row = gamma.slice(2 * pivot * n, 2 * (pivot + 1) * n);
    for (let i = 0; i < n; i++) {
      // Element (i, pivot) is the conjugate of (pivot, i).
      const [re, im] = [row[2 * i] / top, -row[2 * i + 1] / top];
      for (let j = 0; j < n; j++) {
        const p = 2 * (i * n + j);
        gamma[p] -= re * row[2 * j] - im * row[2 * j + 1];
        gamma[p + 1] -= re * row[2 * j + 1] + im * row[2 * j];
      }
    }
  }
  // The rest of a positive matrix is as small as its diagonal.
  for (let k = 0; k < 2 * n * n; k++) if (!(Math.abs(gamma[k]) <= 2 * enough)) return false;
  return true;
}
