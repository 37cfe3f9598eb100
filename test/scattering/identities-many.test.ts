// Unitarity on 10,000 random devices of all kinds of leads (general periodic cells every other seed); conditioning: see conditioning.ts.
import { expect, test } from "vitest";
import { Kernels } from "../../src/engine/kernels.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { KernelSolver } from "../../src/scattering/solvers/solver.js";
import { randomModel } from "../twins/random-device.js";
import { withGeneralLeads } from "../twins/random-leads.js";
import { seeds } from "../twins/seeds.js";
import { condition, energyOf, everywhere } from "./conditioning.js";

test("S is unitary to 1e-12 on 10,000 random devices, where they are well conditioned", async () => {
  const kernels = await Kernels.load();
  let well = 0;
  for (const seed of seeds(10_000)) {
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
      expect(point.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
    }
    solver.release();
  }
  expect(well).toBeGreaterThan(8000);
});
