// The calculator that turns use at each angle (one direction, panels of the angle before, with and without higher precision), and loose tolerances: on single levels in
// closed form, from widths far below the digits of energies to a thousand, every stated error is at least the true one.

import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { NumericalError } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { PointSolver } from "../../../src/scattering/contract.js";
import { openSolver } from "../../../src/scattering/open.js";
import { stateCount } from "../../../src/transport/energy/state-count.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import { seeds } from "../../twins/seeds.js";
import { isHidden, type SingleLevel, singleLevels } from "../../twins/single-levels.js";

const kernels = await loadKernels();

function solverOf([level, first, second]: SingleLevel[0] | number[]): PointSolver & { release(): void } {
  const { device } = resolveModel({
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
  });
  const solver = openSolver(kernels, device, true);
  solver.configure(Float64Array.of(0), Float64Array.of(1));
  return solver;
}

/** Each quantity, and where its references stand in a row. */
const found = (forces: Forces): [keyof Forces["errors"], ArrayLike<number>, number[]][] => [
  ["force", forces.force, [0]],
  ["friction", forces.friction, [1]],
  ["noise", forces.noise, [2]],
  ["current", forces.current, [3]],
  ["energyCurrent", forces.energyCurrent, [4]],
  ["currentPerVelocity", forces.currentPerVelocity, [5, 6]],
  ["energyCurrentPerVelocity", forces.energyCurrentPerVelocity, [7, 8]],
];

test.each([
  { tolerance: 1e-2, refines: false },
  { tolerance: 1e-4, refines: false },
  { tolerance: 1e-5, refines: true },
  { tolerance: 1e-8, refines: false },
  { tolerance: 1e-8, refines: true },
  { tolerance: 1e-10, refines: true },
])("at $tolerance, higher precision: $refines", ({ tolerance, refines }) => {
  const wrong: string[] = [];
  let [numbers, refused] = [0, 0];
  for (const number of seeds(1000, 40)) {
    const [numbersGiven, references] = singleLevels[number - 1];
    if (isHidden(numbersGiven)) continue;
    const solver = solverOf(numbersGiven);
    const calculator = new ForceCalculator(solver, { following: true });
    calculator.refines = refines;
    const [, , , mu1, mu2, T1, T2] = numbersGiven;
    const reservoirs = [
      { chemicalPotential: mu1, temperature: T1 },
      { chemicalPotential: mu2, temperature: T2 },
    ];
    try {
      // The second time it begins with the panels of the first.
      for (const time of ["first", "second"]) {
        const forces = calculator.compute(reservoirs, { tolerance });
        for (const [quantity, values, places] of found(forces)) {
          const right = places.map((place) => references[place]);
          if (right.includes(null)) continue;
          numbers++;
          const size = Math.max(...right.map((value) => Math.abs(value!)));
          const off = Math.max(...right.map((value, i) => Math.abs(values[i] - value!)));
          // The references are rounded to doubles.
          if (!(off <= forces.errors[quantity]! + 4e-16 * size))
            wrong.push(
              `${quantity} of case ${number}, ${time} time: off by ${off} of ${size}, stated ${forces.errors[quantity]}`,
            );
        }
      }
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      refused++;
    }
    solver.release();
  }
  expect(wrong).toEqual([]);
  expect(refused).toBeLessThan(0.004 * 1000);
  expect(numbers).toBeGreaterThan(12 * 0.8 * seeds(1000, 40).length);
});

test("the number of states is right on a level itself, where an eigenphase jumps", () => {
  for (const [level, first, second] of [
    [0, 2.237e-12, 2.26e-14],
    [7, 1.525e-12, 1.54e-14],
    [-1.3, 0.02, 0.5],
    [0.4, 1, 1],
  ]) {
    const solver = solverOf([level, first, second]);
    const width = first + second;
    for (const part of [-3, -0.1, 0, 0.1, 3]) {
      const energy = level + part * width;
      const exact = 0.5 + Math.atan((2 * (energy - level)) / width) / Math.PI;
      expect(Math.abs(stateCount(solver, energy) - exact)).toBeLessThan(1e-3);
    }
    solver.release();
  }
});
