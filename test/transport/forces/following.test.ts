// Forces along a path, each beginning with the energies at which the one before ended: what each would be by itself, within the errors both
// state, with fewer energies where steps are small; narrow resonances that come in between are not stepped over.

import { expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { evaluateCycleInto } from "../../../src/model/cycle.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Reservoir } from "../../../src/model/types.js";
import type { PointSolver } from "../../../src/scattering/contract.js";
import { openSolver } from "../../../src/scattering/open.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import { SeaIntegrator } from "../../../src/transport/forces/sea/sea.js";
import { seeds } from "../../twins/seeds.js";
import { onCycle, onRandomDevices } from "../kernels/kernels.js";

const quantities = ["force", "friction", "noise", "current", "currentPerVelocity", "energyCurrent"] as const;

function expectSame(found: Forces, expected: Forces, where: string): void {
  for (const key of quantities)
    for (let i = 0; i < expected[key].length; i++) {
      const allowed = found.errors[key] + expected.errors[key] + 1e-14 * Math.abs(expected[key][i]);
      expect(Math.abs(found[key][i] - expected[key][i]), `${key}, ${where}`).toBeLessThanOrEqual(allowed);
    }
}

/** Energies taken by a following and by fresh calculators as `configure` sets the angles of the first eighth of a turn. */
function compareAlong(
  solver: PointSolver,
  reservoirs: (Reservoir | undefined)[],
  configure: (theta: number) => void,
  where: string,
): [followed: number, own: number] {
  configure(0);
  const following = new ForceCalculator(solver, { following: true });
  let [own, followed] = [0, 0];
  for (let j = 0; j < 8; j++) {
    configure((2 * Math.PI * j) / 64);
    const found = following.compute(reservoirs);
    const expected = new ForceCalculator(solver).compute(reservoirs);
    expectSame(found, expected, `${where}, angle ${j}`);
    followed += found.evaluations;
    own += expected.evaluations;
  }
  return [followed, own];
}

test("random devices: hardly more energies where it is no help", async () => {
  let [own, followed] = [0, 0];
  await onRandomDevices(seeds(6, 2), {}, true, ({ model, solver, reservoirs }, seed) => {
    const configure = (theta: number) => solver.configure(...onCycle(model, theta));
    const [here, alone] = compareAlong(solver, reservoirs, configure, `seed ${seed}`);
    followed += here;
    own += alone;
  });
  expect(followed).toBeLessThan(1.1 * own);
});

test("the force in equilibrium at a third reservoir, on the same energies, is that of the sea there", async () => {
  let found = 0;
  await onRandomDevices(seeds(20, 10), {}, true, ({ solver, reservoirs }, seed) => {
    const given = reservoirs.filter((reservoir) => reservoir !== undefined);
    if (given.some(({ temperature }) => temperature === 0)) return;
    const mean = (of: (reservoir: Reservoir) => number) =>
      given.reduce((sum, reservoir) => sum + of(reservoir), 0) / given.length;
    const equilibrium = {
      chemicalPotential: mean((r) => r.chemicalPotential),
      temperature: mean((r) => r.temperature),
    };
    const forces = new ForceCalculator(solver, { equilibrium }).compute(reservoirs);
    const sea = new SeaIntegrator(solver).compute(
      equilibrium.chemicalPotential,
      equilibrium.temperature,
      1e-10,
    );
    if (!forces.equilibriumForce) return;
    found++;
    const error = Math.abs(forces.equilibriumForce[0] - sea.force[0]);
    expect(error, `seed ${seed}`).toBeLessThanOrEqual(forces.errors.force + sea.forceError);
  });
  expect(found).toBeGreaterThan(0.5 * seeds(20, 10).length);
});

test("the same at T = 0, where the third reservoir is a step inside the window", async () => {
  let found = 0;
  await onRandomDevices(seeds(20, 10), {}, true, ({ solver, reservoirs }, seed) => {
    const cold = reservoirs.map((reservoir) => reservoir && { ...reservoir, temperature: 0 });
    const potentials = cold.flatMap((reservoir) => (reservoir ? [reservoir.chemicalPotential] : []));
    const chemicalPotential = potentials.reduce((sum, mu) => sum + mu, 0) / potentials.length;
    const equilibrium = { chemicalPotential, temperature: 0 };
    const forces = new ForceCalculator(solver, { equilibrium }).compute(cold);
    const sea = new SeaIntegrator(solver).compute(chemicalPotential, 0, 1e-10);
    if (!forces.equilibriumForce || new Set(potentials).size === 1) return;
    found++;
    const error = Math.abs(forces.equilibriumForce[0] - sea.force[0]);
    expect(error, `seed ${seed}`).toBeLessThanOrEqual(forces.errors.force + sea.forceError);
    // The step does not change the other quantities.
    expectSame(forces, new ForceCalculator(solver).compute(cold), `seed ${seed}`);
  });
  expect(found).toBeGreaterThan(0.3 * seeds(20, 10).length);
});

test("a motor whose integrals are all alike: two thirds of the energies", async () => {
  const kernels = await loadKernels();
  const { device, cycle } = resolveModel({
    format: "nanopinwheel/1",
    device: { preset: "thouless", sites: 48 },
  });
  if (!cycle) throw new Error("no cycle");
  const solver = openSolver(kernels, device, true);
  const names = device.parameters.map(({ name }) => name);
  const [values, tangent] = [new Float64Array(names.length), new Float64Array(names.length)];
  const configure = (theta: number) => {
    evaluateCycleInto(cycle, names, theta, values, tangent);
    solver.configure(values, tangent);
  };
  const reservoirs = [-1.38, -1.48].map((chemicalPotential) => ({ chemicalPotential, temperature: 0.01 }));
  const [followed, own] = compareAlong(solver, reservoirs, configure, "motor");
  expect(followed).toBeLessThan(0.75 * own);
  solver.release();
});

test("calculators of one device by turns keep their own fillings, and leave no memory behind", async () => {
  const kernels = await loadKernels();
  const { device } = resolveModel({ format: "nanopinwheel/1", device: { preset: "thouless", sites: 32 } });
  const solver = openSolver(kernels, device, true);
  solver.configure(Float64Array.of(0.6, 0.8), Float64Array.of(-0.8, 0.6));
  const at = (mu: number) =>
    [mu + 0.05, mu - 0.05].map((chemicalPotential) => ({ chemicalPotential, temperature: 0.02 }));
  const [first, second] = [-1.43, -1.2].map((mu) => ({
    reservoirs: at(mu),
    alone: new ForceCalculator(solver).compute(at(mu)),
    calculator: new ForceCalculator(solver, { following: true }),
  }));
  for (let round = 0; round < 3; round++)
    for (const { calculator, reservoirs, alone } of [first, second])
      expectSame(calculator.compute(reservoirs), alone, `round ${round}`);
  const bytes = kernels.calls.memory.buffer.byteLength;
  for (let k = 0; k < 60; k++) new ForceCalculator(solver, { following: true }).compute(first.reservoirs);
  expect(kernels.calls.memory.buffer.byteLength).toBe(bytes);
  solver.release();
});

test("a level of width 1e-5 that moves through the window", async () => {
  const kernels = await loadKernels();
  const model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [],
      parameters: { x: [[1, 1, 1]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [0, 1], width: [0.8, 1e-5] },
        { name: "right", kind: "wideband", orbitals: [0, 1], width: [0.5, 1e-5] },
      ],
    },
  };
  const { device } = resolveModel(model as Parameters<typeof resolveModel>[0]);
  const solver = openSolver(kernels, device, false);
  const following = new ForceCalculator(solver, { following: true });
  const reservoirs = [0.2, -0.1].map((chemicalPotential) => ({ chemicalPotential, temperature: 0.03 }));
  for (let step = 0; step < 30; step++) {
    solver.configure(Float64Array.of(0.4 - 0.031 * step));
    expectSame(
      following.compute(reservoirs),
      new ForceCalculator(solver).compute(reservoirs),
      `step ${step}`,
    );
  }
  solver.release();
});
