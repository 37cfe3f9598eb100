// Unitarity on 20,000 random devices of all kinds of leads (general periodic cells every other
// seed); conditioning: see conditioning.ts.
import { expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { KernelSolver } from "../../src/scattering/solvers/solver.js";
import { randomModel } from "../twins/random-device.js";
import { withGeneralLeads } from "../twins/random-leads.js";
import { seeds } from "../twins/seeds.js";
import { condition, energyOf, everywhere } from "./conditioning.js";

test("S is unitary to 1e-12 on 20,000 random devices, where they are well conditioned", async () => {
  const kernels = await loadKernels();
  let [well, worst] = [0, 0];
  for (const seed of seeds(20_000)) {
    const random = randomModel(seed);
    const { device } = resolveModel(everywhere(seed % 2 === 0 ? withGeneralLeads(random, seed) : random));
    const solver = new KernelSolver(kernels, device, false);
    const energy = energyOf(seed);
    const point = solver.solve(energy, { energyDerivative: false });
    const conditionNumber = condition(solver, point, energy);
    expect(point.unitarityDefect, `seed ${seed}, condition ${conditionNumber}`).toBeLessThan(
      3e-15 * (30 + conditionNumber),
    );
    if (conditionNumber <= 200) {
      well++;
      worst = Math.max(worst, point.unitarityDefect);
      expect(point.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
    }
    solver.release();
  }
  console.log(
    `${well} of 20,000 devices are well conditioned; the largest defect of S among them is ${worst}.`,
  );
  expect(well).toBeGreaterThan(16_000);
});
