// The models of docs/physics.md, section 11, on the kernels: presets, turns, tensors; and bound states, narrow resonances, steady memory.

import { describe, expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { evaluateCycle } from "../../../src/model/cycle.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ResolvedModel } from "../../../src/model/types.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import type { ForceOptions } from "../../../src/transport/forces/options.js";
import type { Forces } from "../../../src/transport/forces/result.js";
import { SeaIntegrator } from "../../../src/transport/forces/sea/sea.js";

/** A preset on the kernels, with one direction along its cycle. */
async function preset(options: Record<string, unknown>) {
  const model = resolveModel({ format: "nanopinwheel/1", device: options });
  return { model, solver: new KernelSolver(await loadKernels(), model.device, true) };
}

function configure(model: ResolvedModel, solver: KernelSolver, theta: number): void {
  const names = model.device.parameters.map((parameter) => parameter.name);
  const { values, derivatives } = evaluateCycle(model.cycle!, names, theta);
  solver.configure(values, derivatives);
}

/** Work, loop integral of friction and charges per turn, bias between the first two leads around the preset's energy. */
function turn(
  { model, solver }: { model: ResolvedModel; solver: KernelSolver },
  bias: number,
  temperature: number,
  points: number,
  options: ForceOptions = {},
) {
  configure(model, solver, 0);
  const calculator = new ForceCalculator(solver);
  const reservoirs = solver.leads.map((_, a) => ({
    chemicalPotential: model.energy! + (a === 0 ? bias / 2 : a === 1 ? -bias / 2 : 0),
    temperature,
  }));
  const sums = { work: 0, friction: 0, charge: new Float64Array(solver.leads.length), warnings: 0 };
  for (let i = 0; i < points; i++) {
    configure(model, solver, (2 * Math.PI * i) / points);
    const forces: Forces = calculator.compute(reservoirs, options);
    const step = (2 * Math.PI) / points;
    sums.work += step * forces.force[0];
    sums.friction += step * forces.friction[0];
    for (let a = 0; a < sums.charge.length; a++) sums.charge[a] += step * forces.currentPerVelocity[a];
    sums.warnings += forces.warnings.length;
  }
  return sums;
}

describe("double dot", () => {
  it("at bias and in equilibrium", async () => {
    const device = await preset({ preset: "double-dot", level: -1 });
    const driven = turn(device, 0.8, 0.1, 48);
    expect(Math.abs(driven.work)).toBeCloseTo(0.31431176, 7);
    expect(driven.friction / (2 * Math.PI)).toBeCloseTo(0.17545417, 7);
    expect(Math.abs(driven.charge[0])).toBeCloseTo(0.33564878, 7);
    const still = turn(device, 0, 0.1, 48);
    expect(Math.abs(still.work)).toBeLessThan(1e-9);
    expect(still.friction / (2 * Math.PI)).toBeCloseTo(0.21358799, 7);
    expect(Math.abs(still.charge[0])).toBeCloseTo(0.42173287, 7);
  });

  it.each(["voltage", "energy-resolved"] as const)(
    "cold, dephased by %s probes: alike to first order",
    async (dephasing) => {
      const dephased = turn(await preset({ preset: "double-dot", level: -1, dephasing: 1 }), 0, 0, 128, {
        dephasing,
      });
      expect(Math.abs(dephased.charge[0])).toBeCloseTo(0.209442, 5);
      expect(dephased.friction).toBeCloseTo(0.93835, 4);
      expect(Math.abs(dephased.charge[2])).toBeLessThan(1e-9);
    },
  );
});

describe("lattice Thouless motor", () => {
  it.each([16, 64])(
    "N = %i: no work of the conservative torque, bound states included; charge and friction",
    async (sites) => {
      const { model, solver } = await preset({ preset: "thouless", sites });
      configure(model, solver, 0);
      const sea = new SeaIntegrator(solver);
      const points = sites === 16 ? 48 : 96;
      let [mean, most] = [0, 0];
      for (let i = 0; i < points; i++) {
        configure(model, solver, (2 * Math.PI * i) / points);
        const torque = sea.compute(model.energy!, 0, 1e-10).force[0];
        mean += torque / points;
        most = Math.max(most, Math.abs(torque));
      }
      expect(most).toBeGreaterThan(1e-3);
      expect(Math.abs(mean)).toBeLessThan(1e-9);
      const linear = turn({ model, solver }, 0, 0, points);
      expect(Math.abs(linear.charge[0])).toBeCloseTo(sites === 16 ? 0.95625 : 1, 5);
      expect(linear.friction).toBeCloseTo(sites === 16 ? 1.06914 : 1.11805, 5);
    },
  );

  it("turns no charge but one particle per turn at bias, warm", async () => {
    const driven = turn(await preset({ preset: "thouless", sites: 64 }), 0.1, 0.01, 64);
    expect(Math.abs(driven.work) / 0.1).toBeCloseTo(1, 6);
    expect(Math.abs(driven.charge[0] + driven.charge[1])).toBeLessThan(1e-7);
    expect(driven.warnings).toBe(0);
  });
});

describe("one level of width w in a window of 1", () => {
  it.each([1e-6, 1e-10])("w = %f is found at the default tolerance, warm and cold", async (width) => {
    const { model, solver } = await preset({
      preset: "resonant-level",
      widthLeft: 0.25 * width,
      widthRight: 0.75 * width,
    });
    const [level, names] = [0.1234567, model.device.parameters.map((p) => p.name)];
    const onsite = model.device.hamiltonian.re[0] ?? 0;
    const slope = model.device.parameters[0].derivative.re[0];
    solver.configure(
      Float64Array.from(names, (_, i) => (i === 0 ? (level - onsite) / slope : 0)),
      Float64Array.from(names, (_, i) => (i === 0 ? 1 / slope : 0)),
    );
    for (const temperature of [0, 0.02]) {
      const forces = new ForceCalculator(solver).compute([
        { chemicalPotential: 0.5, temperature },
        { chemicalPotential: -0.5, temperature },
      ]);
      const f = (mu: number) =>
        temperature === 0
          ? 0.5 + Math.atan2(2 * (mu - level), width) / Math.PI
          : 1 / (Math.exp((level - mu) / temperature) + 1);
      // Cold: exact, to the error reported (at w = 1e-10 the rounding of E is 1e-7 w). Warm: the golden rule, exact to order w.
      const error = Math.abs(forces.force[0] + 0.25 * f(0.5) + 0.75 * f(-0.5));
      expect(forces.errors.force).toBeLessThan(Math.max(1e-8, 1e-14 / width));
      expect(error).toBeLessThan(Math.max(1e-8, forces.errors.force) + (temperature > 0 ? width : 0));
      const current = 0.25 * 0.75 * width * (f(0.5) - f(-0.5));
      expect(Math.abs(forces.current[0] / current - 1)).toBeLessThan(Math.max(1e-5, 1e-15 / width));
      expect(forces.warnings.length).toBe(forces.error > 2e-8 ? 1 : 0);
    }
  });
});

it("keeps the memory steady over many calls", async () => {
  const device = await preset({ preset: "double-dot", level: -1 });
  const { model, solver } = device;
  configure(model, solver, 0);
  const calculator = new ForceCalculator(solver);
  const reservoirs = [0, 1].map((a) => ({ chemicalPotential: a === 0 ? 0.1 : -0.1, temperature: 0 }));
  const run = (calls: number) => {
    for (let i = 0; i < calls; i++) {
      configure(model, solver, 0.001 * i);
      calculator.compute(reservoirs, { tolerance: 1e-4 });
    }
  };
  run(500);
  const [kernels, heap] = [solver.directions, process.memoryUsage().arrayBuffers];
  run(3000);
  expect(solver.directions).toBe(kernels);
  // Buffers alive now that were not before: what one garbage collection leaves, not 3000 results.
  expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(32 * 2 ** 20);
});
