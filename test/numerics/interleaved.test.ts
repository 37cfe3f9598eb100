// The fourth of four interleaved grids from the other three: exact below 3/8 of the angles, and never worse than what is left out.

import { expect, test } from "vitest";
import { fillOdd, fourthGrid, isOfPart, parts } from "../../src/numerics/periodic/interleaved.js";
import { randomSource } from "../twins/random.js";

test.each([2, 4, 5, 8, 16, 33])("grids of %i angles", (Q) => {
  const source = randomSource(Q);
  const M = 4 * Q;
  for (let round = 0; round < 20; round++) {
    const start = source.between(0, 1);
    const harmonics = Array.from({ length: M }, () => [source.between(-1, 1), source.between(-1, 1)]);
    const value = (theta: number, from: number, to: number) => {
      let sum = 0;
      for (let k = from; k < to; k++)
        sum += harmonics[k][0] * Math.cos(k * theta) + harmonics[k][1] * Math.sin(k * theta);
      return sum;
    };
    const most = Math.ceil((3 * M) / 8);
    const grid = (s: number, of: (theta: number) => number) =>
      Array.from({ length: Q }, (_, m) => of(start + (2 * Math.PI * (4 * m + s)) / M));
    const exact = (theta: number) => value(theta, 0, most);
    const found = fourthGrid(grid(0, exact), grid(1, exact), grid(2, exact));
    for (const [m, f] of grid(3, exact).entries()) expect(Math.abs(found[m] - f)).toBeLessThan(1e-11);

    const more = (theta: number) => exact(theta) + 1e-3 * value(theta, most, most + 2);
    const rough = fourthGrid(grid(0, more), grid(1, more), grid(2, more));
    const left = 1e-3 * harmonics.slice(most, most + 2).reduce((sum, [a, b]) => sum + Math.hypot(a, b), 0);
    for (const [m, f] of grid(3, more).entries()) expect(Math.abs(rough[m] - f)).toBeLessThan(4 * left);
  }
});

test.each([16, 32, 64, 128])("a doubled grid of %i angles, of part of its new ones", (n) => {
  const source = randomSource(n);
  let before: number[] = [];
  for (const part of parts) {
    const known = Array.from({ length: n }, (_, m) => m).filter((m) => isOfPart(m, part));
    expect(known.length).toBe(part * n);
    for (const m of before) expect(known).toContain(m);
    before = known;
    const below = (n * (1 + part)) / 2;
    const harmonics = Array.from({ length: below + 2 }, () => [source.between(-1, 1), source.between(-1, 1)]);
    const value = (theta: number, to: number, beyond: number) =>
      harmonics
        .slice(0, to)
        .reduce(
          (sum, [a, b], k) =>
            sum + (k < below ? 1 : beyond) * (a * Math.cos(k * theta) + b * Math.sin(k * theta)),
          0,
        );
    const filled = (of: (theta: number) => number) => {
      const even = Float64Array.from({ length: n }, (_, m) => of((2 * Math.PI * m) / n));
      const exact = Float64Array.from({ length: n }, (_, m) => of((Math.PI * (2 * m + 1)) / n));
      const odd = exact.map((f, m) => (isOfPart(m, part) ? f : Number.NaN));
      fillOdd(even, odd, part);
      return odd.reduce((most, f, m) => Math.max(most, Math.abs(f - exact[m])), 0);
    };
    expect(filled((theta) => value(theta, below, 0))).toBeLessThan(1e-12 * n);
    const left = 1e-3 * harmonics.slice(below).reduce((sum, [a, b]) => sum + Math.hypot(a, b), 0);
    expect(filled((theta) => value(theta, below + 2, 1e-3))).toBeLessThan(7 * left);
    // Errors of the samples by themselves.
    const noise = new Map<number, number>();
    const noisy = (theta: number) => {
      const key = Math.round((theta * n) / Math.PI);
      if (!noise.has(key)) noise.set(key, source.between(-1, 1));
      return noise.get(key) ?? 0;
    };
    const even = Float64Array.from({ length: n }, (_, m) => noisy((2 * Math.PI * m) / n));
    const odd = Float64Array.from({ length: n }, (_, m) =>
      isOfPart(m, part) ? noisy((Math.PI * (2 * m + 1)) / n) : 0,
    );
    fillOdd(even, odd, part);
    expect(Math.max(...odd.map(Math.abs))).toBeLessThan(8);
  }
});
