// Friction next to a half-bound state: a level that meets the edge of the bands of chain leads. With u = E + 2 the distance from the edge, a level
// that is 1.75 below zero and two chains of hopping 1 and coupling 1/2 have K = Gamma |G|^2 in the even and in the odd channel, where
//   Gamma = (1/2) sqrt(u (1 - u/4)),   1/G = (7/8) u - detuning + i Gamma/2   (even),   the same minus 1   (odd),
// and gamma = (1/4pi) int (-f') sum K^2 du. The twin integrates over log u, so that no digit of the distance is lost.

import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Model } from "../../../src/model/types.js";
import { openSolver } from "../../../src/scattering/open.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";

const cold = { chemicalPotential: -1.95, temperature: 0.02 };

function frictionOf(detuning: number): number {
  const { chemicalPotential: mu, temperature: T } = cold;
  const [steps, low, high] = [20_000, Math.log(1e-28), Math.log(4)];
  const step = (high - low) / steps;
  let sum = 0;
  for (let k = 0; k < steps; k++) {
    const u = Math.exp(low + (k + 0.5) * step);
    const square = 0.25 * u * (1 - u / 4);
    const weight = 1 / (4 * T * Math.cosh((u - 2 - mu) / (2 * T)) ** 2);
    const even = 1 / ((0.875 * u - detuning) ** 2 + square / 4);
    const odd = 1 / ((0.875 * u - detuning - 1) ** 2 + square / 4);
    sum += weight * square * (even * even + odd * odd) * u * step;
  }
  return sum / (4 * Math.PI);
}

test("friction keeps its digits at any distance from a half-bound state of chain leads", async () => {
  const leads = ["l", "r"].map((name, orbital) => ({
    name,
    kind: "chain" as const,
    orbital,
    hopping: 1,
    coupling: 0.5,
  }));
  const device = {
    orbitals: 2,
    hamiltonian: [
      [0, 0, -1.25],
      [0, 1, -0.5],
      [1, 1, -1.25],
    ],
    parameters: {
      x: [
        [0, 0, 1],
        [1, 1, 1],
      ],
    },
    leads,
  };
  const model = { format: "nanopinwheel/1", device } as unknown as Model;
  const solver = openSolver(await loadKernels(), resolveModel(model).device, false);
  const forces = new ForceCalculator(solver, { response: cold, following: true, throughDivergences: true });
  forces.refines = false;
  for (const detuning of [1e-3, 1e-4, -1e-4, 1e-5, -1e-5, 1e-6, -1e-6, 1e-7]) {
    solver.configure(Float64Array.of(detuning));
    const { friction, errors, evaluations, response } = forces.compute([cold, cold], { tolerance: 1e-8 });
    const right = frictionOf(detuning);
    expect(Math.abs(friction[0] - right), `${detuning}`).toBeLessThanOrEqual(errors.friction + 1e-12 * right);
    expect(Math.abs(response!.values[2] - right), `${detuning}`).toBeLessThanOrEqual(1e-8 * right);
    expect(errors.friction, `${detuning}`).toBeLessThan(1e-6 * right);
    expect(evaluations, `${detuning}`).toBeLessThan(20_000);
  }
  solver.release();
});
