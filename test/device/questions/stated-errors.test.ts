// Single levels in closed form, from widths far below the digits of energies to a thousand, at steps and off them, cold and warm: every stated error is at least the true one.

import { expect, test } from "vitest";
import { type ForcesResult, loadEngine, NumericalError } from "../../../src/index.js";
import { seeds } from "../../twins/seeds.js";
import { isHidden, type SingleLevel, singleLevels } from "../../twins/single-levels.js";

const engine = await loadEngine();

const deviceOf = ([level, first, second, mu1, mu2, T1, T2]: SingleLevel[0]) =>
  engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 1,
      hamiltonian: [[0, 0, level]],
      parameters: { x: [[0, 0, 1]] },
      leads: [
        { name: "l", kind: "wideband", orbitals: [0], width: first },
        { name: "r", kind: "wideband", orbitals: [0], width: second },
      ],
    },
    reservoirs: {
      l: { chemicalPotential: mu1, temperature: T1 },
      r: { chemicalPotential: mu2, temperature: T2 },
    },
  });

/** Each quantity as it was found (nothing where it was left out) and where its references stand in a row. */
const found = (result: Partial<ForcesResult>) => ({
  force: [result.force && [result.force[0]], [0]],
  friction: [result.friction && [result.friction.data[0]], [1]],
  noise: [result.noise && [result.noise.data[0]], [2]],
  current: [result.current && [result.current.l], [3]],
  energyCurrent: [result.energyCurrent && [result.energyCurrent.l], [4]],
  currentPerVelocity: [
    result.currentPerVelocity && [result.currentPerVelocity.l[0], result.currentPerVelocity.r[0]],
    [5, 6],
  ],
  energyCurrentPerVelocity: [
    result.energyCurrentPerVelocity && [
      result.energyCurrentPerVelocity.l[0],
      result.energyCurrentPerVelocity.r[0],
    ],
    [7, 8],
  ],
});

test("stated errors bound the true ones, and little is left out", () => {
  const wrong: string[] = [];
  const ratios: number[] = [];
  let [asked, refused, missing] = [0, 0, 0];
  for (const number of seeds(1000, 64)) {
    const [numbers, references] = singleLevels[number - 1];
    if (isHidden(numbers)) continue;
    const device = deviceOf(numbers);
    asked++;
    try {
      const result = device.forces();
      for (const [quantity, [values, places]] of Object.entries(found(result))) {
        const right = (places as number[]).map((place) => references[place]);
        if (right.includes(null)) continue;
        if (!values) {
          missing++;
          continue;
        }
        const stated = result.errors[quantity as keyof ForcesResult["errors"]];
        const size = Math.max(...right.map((value) => Math.abs(value!)));
        const off = Math.max(...(values as number[]).map((value, i) => Math.abs(value - right[i]!)));
        // The references are rounded to doubles.
        if (!(off <= stated + 4e-16 * size))
          wrong.push(
            `${quantity} of case ${number}, ${JSON.stringify(numbers)}: off by ${off}, stated ${stated}`,
          );
        if (size > 0) ratios.push(stated / Math.max(off, 4e-16 * size));
      }
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      refused++;
    }
    device.close();
  }
  expect(wrong).toEqual([]);
  expect(asked).toBeGreaterThan(60);
  // What is not known has a width below the digits of its energies.
  expect(refused).toBeLessThan(0.01 * asked);
  expect(missing).toBeLessThan(0.03 * 7 * asked);
  ratios.sort((a, b) => a - b);
  expect(ratios[ratios.length >> 1]).toBeLessThan(1e5);
});

test("a quantity that is negligible beside its scale withholds nothing, one that is not known withholds itself alone", () => {
  const [first, last] = [7e-7, 3e-7];
  const deep = deviceOf([7, first, last, 1000, -1000, 0, 0]).forces();
  expect(Math.abs(deep.force[0] + 0.7)).toBeLessThan(1e-9);
  expect(Math.abs(deep.current.l / 2.1e-7 - 1)).toBeLessThan(1e-8);
  expect(deep.warnings.map(({ code }) => code)).toContain("small");
  expect(deep.warnings.map(({ text }) => text).join()).toContain("friction");

  const atStep = deviceOf([0.4, 7e-10, 3e-10, 0.4, -0.3, 0, 0]).forces();
  expect(Math.abs(atStep.force[0] + 0.35)).toBeLessThanOrEqual(atStep.errors.force);
  expect(Math.abs(atStep.noise!.data[0] / 2.1e8 - 1)).toBeLessThan(1e-8);
  expect(Math.abs(atStep.current.l / 1.05e-10 - 1)).toBeLessThan(1e-8);

  // Twice what the digits allow.
  const narrow = deviceOf([1000, 2.95e-11, 2.95e-11, 998.5464, 1001.2219, 0, 0]).forces();
  const unknown = narrow.warnings.filter(({ code }) => code === "unknown");
  expect(narrow.friction === undefined || unknown.length === 0).toBe(true);
  expect(Math.abs(narrow.force[0] + 0.5)).toBeLessThan(1e-8);
});
