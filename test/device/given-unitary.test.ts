// A given S that is not unitary is refused by its place; one that is so to its printed digits is made unitary, with its derivatives.

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { type Engine, InputError, loadEngine, NumericalError, resolveModel } from "../../src/index.js";
import { diracScattering } from "../../src/model/presets/dirac.js";
import type { Model, ScatteringTable } from "../../src/model/types.js";
import { givenRotor } from "../twins/given.js";
import { randomSource } from "../twins/random.js";
import { seeds } from "../twins/seeds.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

/** The continuum Thouless motor on a grid, to some digits behind the point. */
function table(energies: number[], angles: number, digits = 17): ScatteringTable {
  const rounded = (x: number) => (digits > 16 ? x : Number(x.toFixed(digits)));
  return {
    energies,
    S: energies.map((energy) =>
      Array.from({ length: angles }, (_, j) => {
        const { data } = diracScattering(1, 1, energy, (2 * Math.PI * j) / angles).S;
        const element = (k: number): [number, number] => [rounded(data[2 * k]), rounded(data[2 * k + 1])];
        return [
          [element(0), element(1)],
          [element(2), element(3)],
        ];
      }),
    ),
  };
}
const fine = Array.from({ length: 41 }, (_, i) => -2 + 0.1 * i);

test("a table with one wrong entry is refused by the entry, when the model is read", () => {
  const { model } = JSON.parse(
    readFileSync(new URL("../known/faults/given-s-not-unitary.json", import.meta.url), "utf8"),
  ) as { model: Model };
  expect(() => resolveModel(model)).toThrow(
    /^device\.scattering\.table\.S\[0\]\[1\]: S is not unitary; expected .* 0\.001, found /,
  );
  for (const seed of seeds(40)) {
    const source = randomSource(seed);
    const whole = (count: number) => Math.min(count - 1, Math.floor(source.between(0, count)));
    const wrong = table(fine, 8);
    const [i, j, row, column, part] = [whole(41), whole(8), whole(2), whole(2), whole(2)];
    wrong.S[i][j][row][column][part] += (seed % 2 === 0 ? 1 : -1) * 10 ** source.between(-2, 1);
    let refused: unknown;
    try {
      engine.device(givenRotor({ table: wrong }));
    } catch (error) {
      refused = error;
    }
    expect(refused, `seed ${seed}`).toBeInstanceOf(InputError);
    expect((refused as InputError).field, `seed ${seed}`).toBe(`device.scattering.table.S[${i}][${j}]`);
  }
});

test("a function is refused at the first S that is not unitary, by its energy and parameters", () => {
  const device = engine.device(
    givenRotor({
      evaluate: (energy, { theta }) => {
        const { S } = diracScattering(1, 1, energy, theta);
        if (energy > 0.5) S.data[3] *= 1.01;
        return { S };
      },
    }),
  );
  expect(device.scatter({ energy: 0.1 }).unitarityDefect).toBeLessThan(1e-13);
  expect(() => device.scatteringMatrix({ energy: 0.6, at: { theta: 0.3 } })).toThrow(
    /^device\.scattering\.evaluate\(\.\.\.\)\.S: S is not unitary at energy 0\.6, theta = 0\.3; expected/,
  );
  expect(() => device.pump({ energy: 0.7 })).toThrow(InputError);
});

test("tables of printed digits: S is unitary, charges balance, and dS/dE is that of the S returned", () => {
  for (const digits of [4, 5, 6, 8]) {
    const device = engine.device(givenRotor({ table: table(fine, 16, digits), reciprocal: true }));
    for (const energy of [-1.234, -0.43, 0.05, 0.77, 1.63]) {
      const at = { theta: 0.4 + energy };
      const point = device.scatter({ energy, at });
      expect(point.unitarityDefect, `${digits} digits`).toBeLessThan(1e-14);
      const exact = diracScattering(1, 1, energy, at.theta).S.data;
      point.S.data.forEach((value, k) => {
        expect(Math.abs(value - exact[k])).toBeLessThan(3 * 10 ** -digits);
      });
      expect(point.warnings.map(({ code }) => code)).toEqual(
        digits < 8 ? ["unitarity"] : point.warnings.map(() => "unitarity"),
      );
      const slope = (of: (shift: number) => Float64Array, h: number, k: number) =>
        (8 * (of(h)[k] - of(-h)[k]) - (of(2 * h)[k] - of(-2 * h)[k])) / (12 * h);
      const byEnergy = (h: number) => device.scatter({ energy: energy + h, at }).S.data;
      const byAngle = (h: number) => device.scatter({ energy, at: { theta: at.theta + h } }).S.data;
      for (let k = 0; k < 8; k++) {
        expect(Math.abs(slope(byEnergy, 1e-3, k) - point.dSdE!.data[k])).toBeLessThan(1e-8);
        expect(Math.abs(slope(byAngle, 1e-3, k) - point.dS.theta.data[k])).toBeLessThan(1e-8);
      }
    }
    const { charge } = device.pump({ energy: 0.05, points: 32 });
    expect(Math.abs(charge.left + charge.right), `${digits} digits`).toBeLessThan(1e-12);
  }
});

test("a table too coarse between its entries is refused there, not at its entries", () => {
  const coarse = [-3, -1, 1, 3];
  const device = engine.device(givenRotor({ table: table(coarse, 8) }));
  for (const energy of coarse)
    expect(device.scatteringMatrix({ energy }).unitarityDefect).toBeLessThan(1e-13);
  expect(() => device.scatteringMatrix({ energy: 0.1 })).toThrow(NumericalError);
  expect(() => device.scatteringMatrix({ energy: 0.1 })).toThrow(
    /between its entries the table of S is not unitary.*too coarse/,
  );
});
