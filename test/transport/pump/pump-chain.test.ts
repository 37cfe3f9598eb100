// Pumped charge and linear response of chains: the batched path against the same solver without its batch.
import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { evaluateCycle } from "../../../src/model/cycle.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Cycle, CycleFunction, Model } from "../../../src/model/types.js";
import { linearResponse } from "../../../src/motor/performance/linear-response.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { pumpedCharge } from "../../../src/transport/pump/pump.js";
import { evaluateCycleGrid } from "../../../src/transport/turn/cycle-grid.js";
import { randomChain } from "../../twins/random-chain.js";
import { seeds } from "../../twins/seeds.js";
import { unbatched } from "../kernels/kernels.js";

test("fixed and adaptive pumps of random chains are those of single points", async () => {
  const kernels = await loadKernels();
  for (const seed of seeds(30)) {
    const model = randomChain(seed, { drivenHoppings: seed % 2 === 0, complex: seed % 3 === 0 });
    const solver = new KernelSolver(kernels, resolveModel(model).device, true);
    expect(solver.batch).toBeDefined();
    const single = unbatched(solver);
    for (const points of [2, 30, 400, undefined]) {
      const options = { energy: 0.1, points, tolerance: 1e-7 };
      const [batched, expected] = [solver, single].map((s) =>
        pumpedCharge(s, model.cycle, ["x", "y", "z"], options),
      );
      const where = `seed ${seed}, points ${points}`;
      for (const lead of solver.leads)
        expect(Math.abs(batched.charge[lead] - expected.charge[lead]), where).toBeLessThan(1e-11);
      expect(Math.abs(batched.error - expected.error), where).toBeLessThan(1e-11);
      expect(batched.points, where).toBe(expected.points);
      expect(Math.abs(batched.adiabaticity / expected.adiabaticity - 1), where).toBeLessThan(1e-9);
      expect(batched.certificate.unitarity, where).toBeLessThan(1e-12);
    }
    const [batched, expected] = [solver, single].map((s) =>
      linearResponse(s, model.cycle, ["x", "y", "z"], { energy: 0.1, points: 64 }),
    );
    expect(Math.abs(batched.frictionPerTurn / expected.frictionPerTurn - 1)).toBeLessThan(1e-11);
    expect(Math.abs(batched.meanConductance / expected.meanConductance - 1)).toBeLessThan(1e-11);
    expect(batched.certificate.bound.limit / expected.certificate.bound.limit - 1).toBeCloseTo(0, 10);
    solver.release();
  }
});

test("points that the batch cannot do are done one by one", async () => {
  const kernels = await loadKernels();
  // The hopping 0.5 + x vanishes at theta = pi: the chain breaks there, the batch has no number, S has one.
  const model: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 4,
      hamiltonian: [
        [0, 1, 0.5],
        [1, 2, 1],
        [2, 3, 1],
      ],
      parameters: { x: [[0, 1, 1]], y: [[2, 2, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 1 },
        { name: "right", kind: "wideband", orbitals: [3], width: 1 },
      ],
    },
  };
  const cycle: Cycle = { x: { cos: [0.5] }, y: { sin: [0.5] } };
  const solver = new KernelSolver(kernels, resolveModel(model).device, true);
  const [batched, expected] = [solver, unbatched(solver)].map((s) =>
    pumpedCharge(s, cycle, ["x", "y"], { energy: 0.2, points: 32 }),
  );
  expect(batched.points).toBe(32);
  expect(Math.abs(batched.charge.left - expected.charge.left)).toBeLessThan(1e-13);
  expect(batched.certificate.unitarity).toBeLessThan(1e-12);
  solver.release();
});

test("a cycle on a grid is the cycle angle by angle", () => {
  const names = ["x", "y", "z"];
  const cycle: Cycle = {
    y: { mean: 0.3, cos: [0.1, 0, 0.4], sin: [0.7, 0.2], turns: 2 },
    x: { sin: [0, 0, 0, 0, 0.5] },
  };
  const asFunction: CycleFunction = (theta) => {
    const { values, derivatives } = evaluateCycle(cycle, names, theta);
    const named = (row: Float64Array) => Object.fromEntries(names.map((name, nu) => [name, row[nu]]));
    return { values: named(values), derivatives: named(derivatives) };
  };
  const nodes = Int32Array.of(0, 5, 11, 3, 12);
  const rows = () => names.map(() => new Float64Array(5));
  for (const given of [cycle, asFunction]) {
    const [values, tangents] = [rows(), rows()];
    evaluateCycleGrid(given, names, nodes, 5, 13, values, tangents);
    nodes.forEach((node, k) => {
      const expected = evaluateCycle(cycle, names, (2 * Math.PI * node) / 13);
      for (let nu = 0; nu < 3; nu++) {
        expect(Math.abs(values[nu][k] - expected.values[nu])).toBeLessThan(1e-14 * 40);
        expect(Math.abs(tangents[nu][k] - expected.derivatives[nu])).toBeLessThan(1e-14 * 40);
      }
    });
  }
});
