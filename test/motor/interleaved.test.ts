// The fourth of four interleaved grids from the other three: exact below 3/8 of the angles, and never worse than what is left out.

import { expect, test } from "vitest";
import { fourthGrid } from "../../src/motor/interleaved.js";
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
