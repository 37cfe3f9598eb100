// Double-double matrices against exact rational arithmetic (BigInt), the banded LU against its residual.

import { expect, it } from "vitest";
import { BandedMatrix } from "../../src/numerics/linear-algebra/banded.js";
import { DoubleDoubleMatrix } from "../../src/numerics/linear-algebra/double-double.js";
import { randomSource } from "../twins/random.js";

/** Binary digits kept behind the point: enough for every double below that is not smaller than 2^-60. */
const DIGITS = 240n;

/** A double as an exact integer multiple of 2^-240. */
function exact(x: number): bigint {
  let [value, shift] = [x, 0];
  while (!Number.isInteger(value)) {
    value *= 2;
    shift++;
  }
  return (BigInt(value) << DIGITS) >> BigInt(shift);
}

const times = (a: bigint, b: bigint): bigint => (a * b) >> DIGITS;

it("sums of products keep 100 bits", () => {
  const random = randomSource(7);
  const next = () => 2 * random.uniform() - 1;
  const count = 40;
  const left = new DoubleDoubleMatrix(count, 1);
  const right = new DoubleDoubleMatrix(count, 1);
  const parts: bigint[][] = [[], [], [], []];
  for (let k = 0; k < count; k++) {
    const [a, b, c, d] = [next(), next(), next(), next()];
    const [low, high] = [next() * 2 ** -55, next() * 2 ** -55];
    left.addDouble(k, a, b);
    left.addDouble(k, low, 0);
    right.addDouble(k, c, d);
    right.addDouble(k, 0, high);
    parts[0].push(exact(a) + exact(low));
    parts[1].push(exact(b));
    parts[2].push(exact(c));
    parts[3].push(exact(d) + exact(high));
  }
  // sum conj(left) right, minus twice a double times the right side, plus the conjugate of an element.
  const sum = new DoubleDoubleMatrix(1, 1);
  let [re, im] = [0n, 0n];
  for (let k = 0; k < count; k++) {
    sum.addProduct(0, 1, left, k, true, right, k);
    sum.addScaled(0, 0.1, -0.7, right, k);
    sum.addConjugate(0, left, k);
    sum.addRealProduct(0, left, k, right, k);
    const [a, b, c, d] = parts.map((list) => list[k]);
    re += times(a, c) + times(b, d) + times(exact(0.1), c) + times(exact(0.7), d) + a + times(a, c);
    im += times(a, d) - times(b, c) + times(exact(0.1), d) - times(exact(0.7), c) - b + times(a, d);
  }
  const missing = (k: number, value: bigint) =>
    Math.abs(Number(exact(sum.data[k]) + exact(sum.data[k + 1]) - value)) / 2 ** 240;
  expect(missing(0, re)).toBeLessThan(2 ** -97);
  expect(missing(2, im)).toBeLessThan(2 ** -97);
  expect(Math.abs(sum.data[0])).toBeGreaterThan(0.1);
});

it.each([0, 1, 3, 11])("banded LU, %i diagonals on either side, exchanges included", (band) => {
  const random = randomSource(band + 1);
  const next = () => 2 * random.uniform() - 1;
  const [n, columns] = [12, 2];
  const matrix = new BandedMatrix(n, band);
  for (let round = 0; round < 3; round++) {
    matrix.clear();
    const full = new Float64Array(2 * n * n);
    for (let i = 0; i < n; i++)
      for (let j = Math.max(0, i - band); j <= Math.min(n - 1, i + band); j++) {
        // A vanishing diagonal in places: only exchanges of rows help.
        const [re, im] = i === j && band > 0 && i % 3 === 0 ? [0, 0] : [next(), next()];
        matrix.add(i, j, re, im);
        full[2 * (i * n + j)] = re;
        full[2 * (i * n + j) + 1] = im;
      }
    matrix.factorise();
    const right = Float64Array.from({ length: 2 * n * columns }, next);
    const x = right.slice();
    matrix.solve(x, columns);
    let defect = 0;
    for (let i = 0; i < n; i++)
      for (let c = 0; c < columns; c++) {
        let [re, im] = [right[2 * (i * columns + c)], right[2 * (i * columns + c) + 1]];
        for (let j = 0; j < n; j++) {
          const [p, q] = [2 * (i * n + j), 2 * (j * columns + c)];
          re -= full[p] * x[q] - full[p + 1] * x[q + 1];
          im -= full[p] * x[q + 1] + full[p + 1] * x[q];
        }
        defect = Math.max(defect, Math.hypot(re, im));
      }
    const size = x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(defect).toBeLessThan(1e-13 * size);
  }
});
