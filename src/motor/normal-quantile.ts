// Table by which a random word becomes a normal number: |z| as a function of the tail probability u = P(|Z| > |z|) on (0, 1), one cubic
// (Hermite: value and slope at both ends) on each sixteenth of each binade of m = 2^32 u, m = 1, 3, ..., 2^32 - 1. Largest |z| is 6.3.
// Error of the cubics below 1e-6; mean and odd moments vanish by symmetry, the variance is right to 1e-8 (tested).

const binades = 32;
/** Cells per binade; the kernels know this number. */
const parts = 16;

/** Scaled complementary error function: erfc(x) exp(x^2), x >= 0; power series below 2.5, continued fraction (Lentz) above. */
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
  // erfc(x) exp(x^2) sqrt(pi) = 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))), from the inside out.
  let tail = x;
  for (let n = 120; n >= 1; n--) tail = x + n / 2 / tail;
  return 1 / (Math.sqrt(Math.PI) * tail);
}

/** |z| with P(|Z| > |z|) = u, by Newton's method on the logarithm of the tail. */
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

/** Coefficients of the cubic with the given values and slopes (per unit of t) at t = 0 and 1. */
export function hermite(
  value: number,
  slope: number,
  nextValue: number,
  nextSlope: number,
): [number, number, number, number] {
  const rise = nextValue - value;
  return [value, slope, 3 * rise - 2 * slope - nextSlope, slope + nextSlope - 2 * rise];
}

let table: Float64Array | undefined;

/** Four coefficients per cell, binade by binade; made once (a few milliseconds). */
export function normalQuantileTable(): Float64Array {
  if (table) return table;
  const made = new Float64Array(4 * binades * parts);
  const end = 2 ** 32;
  const slopeAt = (u: number, z: number) => -Math.sqrt(Math.PI / 2) * Math.exp((z * z) / 2) * u;
  for (let binade = 0; binade < binades; binade++) {
    for (let part = 0; part < parts; part++) {
      const width = 2 ** binade / parts;
      const u = [0, 1].map((side) => (2 ** binade + (part + side) * width) / end);
      const z = u.map(tailQuantile);
      // dz/du = -sqrt(pi/2) exp(z^2/2); per unit of t it is multiplied by the width of the cell.
      const slope = z.map((value, i) => (slopeAt(u[i], value) / u[i]) * (width / end));
      made.set(hermite(z[0], slope[0], z[1], slope[1]), 4 * (binade * parts + part));
    }
  }
  table = made;
  return made;
}
