// Balances of a turn on the kernels for two hundred random devices: right, or refused with energy and causes, and that rarely. Only
// a resonance at the very edge of a periodic lead's band may keep the energy integral from 1e-9. Up to 6144 points:
// with 3072 the narrow peak of seed 174 still leaves 3e-8 in its energy, with 6144 it leaves 3e-11.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { pumpedCharge } from "../../../src/transport/pump/pump.js";
import { testTurnRefusals } from "./turn-identities.js";

testTurnRefusals(200, 6144, 0.03);

it("answers where only the errors of the integrals over energy add up to more than the tolerance", async () => {
  const file = new URL("../../known/warm-pump.json", import.meta.url);
  const { model, energy, temperature, charge } = JSON.parse(readFileSync(file, "utf8"));
  const { device, cycle } = resolveModel(model);
  const solver = new KernelSolver(await loadKernels(), device, true);
  const found = pumpedCharge(solver, cycle!, ["x", "y"], { energy, temperature, tolerance: 1e-8 });
  for (const lead of solver.leads) expect(Math.abs(found.charge[lead] - charge[lead])).toBeLessThan(1e-11);
  expect(found.error).toBeLessThan(3e-8);
  solver.release();
});
