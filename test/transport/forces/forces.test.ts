// Forces, friction, noise and currents against the known answers and the numbers of docs/physics.md, section 11.

import { describe, expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { computeForces } from "../compute-forces.js";
import { knownAnswer, knownCases, twinOf, valuesOf } from "../known.js";

function near(found: ArrayLike<number>, known: number[], tolerance: number): void {
  expect(found.length).toBe(known.length);
  for (let i = 0; i < known.length; i++) expect(Math.abs(found[i] - known[i])).toBeLessThan(tolerance);
}

describe("known forces", () => {
  for (const name of knownCases) {
    const { model, expect: known } = knownAnswer(name);
    if (!known.forces) continue;
    it.each(["twin", "kernels"])(`${name} by the %s`, async (engine) => {
      const { resolved, solver: twin, reservoirs } = twinOf(model);
      const solver =
        engine === "twin" ? twin : new KernelSolver(await loadKernels(), resolveModel(model).device, false);
      const { options, result } = known.forces;
      solver.configure(valuesOf(resolved, options.at));
      const forces = computeForces(solver, reservoirs, { tolerance: 1e-10 });
      near(forces.force, result.force, 1e-9);
      near(forces.friction, result.friction.flat(), 1e-9);
      near(forces.noise, result.noise.flat(), 1e-9);
      near(
        forces.current,
        solver.leads.map((lead) => result.current[lead]),
        1e-9,
      );
      near(
        forces.energyCurrent,
        solver.leads.map((lead) => result.energyCurrent[lead]),
        1e-9,
      );
      near(
        forces.currentPerVelocity,
        solver.leads.flatMap((lead) => result.currentPerVelocity[lead]),
        1e-9,
      );
    });
  }
});
