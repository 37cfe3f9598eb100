// The table that converts a random word into a normally distributed number: |z| as a function of
// the tail probability u = P(|Z| > |z|) on (0, 1). The function is linear on each of 128 parts of
// each binade of m = 2^32 u, with m = 1, 3, ..., 2^32 - 1, and the largest |z| is 6.3. The lines
// are chords, lowered such that the mean over each part is exact. The error is below 1e-5. Odd
// moments vanish by symmetry; the variance and the fourth moment are correct to 1e-8 and 1e-7
// (tested).

const binades = 32;
/** Number of parts per binade. The kernels use the same number. */
const parts = 128;

/**
 * The scaled complementary error function erfc(x) exp(x^2) for x >= 0: a power series below 2.5 and
 * a continued fraction (Lentz) above.
 */
function scaledErfc(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; term > 1e-18 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return Math.exp(x * x) - (2 / Math.sqrt(Math.PI)) * sum;
  }
  // erfc(x) exp(x^2) sqrt(pi) = 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), evaluated from
  // the inside out.
  let tail = x;
  for (let n = 120; n >= 1; n--) tail = x + n / 2 / tail;
  return 1 / (Math.sqrt(Math.PI) * tail);
}

/** |z| with P(|Z| > |z|) = u, by Newton's method for the logarithm of the tail. */
export function tailQuantile(u: number): number {
  if (u >= 1) return 0;
  let z = u > 0.5 ? (1 - u) * Math.sqrt(Math.PI / 2) : Math.sqrt(-2 * Math.log(u));
  for (let i = 0; i < 60; i++) {
    const x = z / Math.SQRT2;
    const scaled = scaledErfc(x);
    // d(log tail)/dz = -sqrt(2/pi) / scaled.
    const change = ((Math.log(scaled) - x * x - Math.log(u)) * scaled) / Math.sqrt(2 / Math.PI);
    z = Math.max(0, z + change);
    if (Math.abs(change) < 1e-15 * (1 + z)) break;
  }
  return z;
}

let table: Float64Array | undefined;

/**
 * Constant and slope in m of each part, binade by binade. The table is made once and takes some ten
 * milliseconds.
 */
export function normalQuantileTable(): Float64Array {
  if (table) return table;
  const made = new Float64Array(2 * binades * parts);
  const end = 2 ** 32;
  let left = tailQuantile(1 / end);
  for (let i = 0; i < binades * parts; i++) {
    const binade = 2 ** Math.floor(i / parts);
    const width = binade / parts;
    const start = binade + (i % parts) * width;
    const right = tailQuantile((start + width) / end);
    const slope = (right - left) / width;
    // Simpson's rule for the difference between the function and its chord.
    const excess = (2 / 3) * ((left + right) / 2 - tailQuantile((start + width / 2) / end));
    made[2 * i] = left - excess - slope * start;
    made[2 * i + 1] = slope;
    left = right;
  }
  table = made;
  return made;
}
