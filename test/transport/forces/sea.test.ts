// The filled sea by the turned contour: bound states, every temperature, and the lattice Thouless motor's bound-state torque.

import { describe, expect, it } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Model, Triplet } from "../../../src/model/types.js";
import { AdaptiveIntegrator } from "../../../src/numerics/quadrature/adaptive.js";
import { pointwise } from "../../../src/numerics/quadrature/integrand.js";
import { openSolver } from "../../../src/scattering/open.js";
import { fermiDerivative } from "../../../src/transport/energy/fermi.js";
import { ForceCalculator } from "../../../src/transport/forces/forces.js";
import { SeaIntegrator } from "../../../src/transport/forces/sea/sea.js";
import { randomModel } from "../../twins/random-device.js";
import { kernelsOf } from "../kernels/kernels.js";
import { twinOf } from "../known.js";

/** One impurity level in an infinite chain: a bound state at +-sqrt(level^2 + 4) outside the band. */
const impurity: Model = {
  format: "nanopinwheel/1",
  device: {
    orbitals: 1,
    hamiltonian: [[0, 0, 0]],
    parameters: { x: [[0, 0, 1]] },
    leads: [
      { name: "left", kind: "chain", orbital: 0, hopping: 1 },
      { name: "right", kind: "chain", orbital: 0, hopping: 1 },
    ],
  },
};

describe("impurity in a chain, closed forms", () => {
  it.each([-1.5, -0.4, 0.7])("level %f", (level) => {
    const { solver } = twinOf(impurity);
    solver.configure(Float64Array.of(level));
    const sea = new SeaIntegrator(solver);
    const bound = Math.abs(level) / Math.sqrt(level * level + 4);
    // Between a bound state below the band and the band: only the bound state is filled.
    const gap = -0.5 * (2 + Math.sqrt(level * level + 4));
    expect(sea.compute(gap, 0, 1e-12).force[0]).toBeCloseTo(level < 0 ? -bound : 0, 11);
    // Above everything: one electron.
    expect(sea.compute(9, 0, 1e-12).force[0]).toBeCloseTo(-1, 11);
    // Between the band and a bound state above it: all but that one.
    expect(sea.compute(-gap, 0, 1e-12).force[0]).toBeCloseTo(level > 0 ? -(1 - bound) : -1, 11);
  });
});

describe("a level next to the chemical potential at T = 0", () => {
  it("is filled by the part of its line that is below, at loose tolerances as well", async () => {
    const kernels = await loadKernels();
    for (const distance of [0, 1e-11, 3e-10, 2.5e-9, 1e-6, 1e-3, 0.2]) {
      for (const width of [1e-12, 8e-9, 1e-5, 0.01]) {
        const model = resolveModel({
          format: "nanopinwheel/1",
          device: {
            orbitals: 1,
            hamiltonian: [[0, 0, 0]],
            parameters: { x: [[0, 0, 1]] },
            leads: ["l", "r"].map((name) => ({ name, kind: "wideband", orbitals: [0], width: width / 2 })),
          },
        });
        const solver = openSolver(kernels, model.device, false);
        for (const side of [1, -1]) {
          solver.configure(Float64Array.of(0.4 + side * distance));
          const away = 0.4 + side * distance - 0.4;
          const exact = -0.5 + Math.atan((2 * away) / width) / Math.PI;
          for (const tolerance of [1e-2, 1e-4, 1e-8]) {
            const { force, forceError } = new SeaIntegrator(solver).compute(0.4, 0, tolerance);
            // The distance has the digits of energies.
            const digits = Math.min(1, 1e-16 / width);
            expect(Math.abs(force[0] - exact), `${distance} ${width}`).toBeLessThan(forceError + digits);
          }
        }
        solver.release();
      }
    }
  });
});

describe("temperature", () => {
  it("smears the force with -df/dE, from far below to far above the level spacing", async () => {
    // Thousands of sea integrals: by the kernels, whose traces are those of the twin.
    const kernels = await loadKernels();
    for (const seed of [2, 5]) {
      const { solver } = kernelsOf(
        kernels,
        randomModel(seed, {
          orbitals: 3,
          leads: 1,
          real: true,
          parameters: 2,
          kinds: [seed === 2 ? "orbitals" : "chain"],
        }),
      );
      solver.configure(Float64Array.of(0.2, -0.3));
      const sea = new SeaIntegrator(solver);
      for (const temperature of [1e-4, 0.05, 2]) {
        const mu = 0.15;
        const warm = Float64Array.from(sea.compute(mu, temperature, 1e-11).force);
        const integrator = new AdaptiveIntegrator(2);
        const breaks = [-28, -12, -5, 0, 5, 12, 28].map((x) => mu + x * temperature);
        const status = integrator.integrate(
          pointwise((energy, out) => {
            const cold = sea.compute(energy, 0, 1e-9).force;
            const weight = -fermiDerivative(energy, mu, temperature);
            out[0] += weight * cold[0];
            out[1] += weight * cold[1];
          }),
          breaks,
          breaks.length,
          { tolerance: 1e-7, groups: new Int32Array(2), panels: 160 },
        );
        expect(status.converged).toBe(true);
        for (let nu = 0; nu < 2; nu++) expect(Math.abs(integrator.values[nu] - warm[nu])).toBeLessThan(1e-7);
      }
    }
  });
});

describe("lattice Thouless motor", () => {
  it("has a conservative torque as large as its bound states'", () => {
    const [sites, wavelength, amplitude] = [16, 4, 0.4];
    const chain: Triplet[] = Array.from({ length: sites - 1 }, (_, i) => [i, i + 1, -1]);
    const wave = (f: (x: number) => number): Triplet[] =>
      Array.from({ length: sites }, (_, i) => [i, i, amplitude * f((2 * Math.PI * (i + 1)) / wavelength)]);
    const model: Model = {
      format: "nanopinwheel/1",
      device: {
        orbitals: sites,
        hamiltonian: chain,
        parameters: { x: wave(Math.cos), y: wave((phase) => -Math.sin(phase)) },
        leads: [
          { name: "left", kind: "chain", orbital: 0, hopping: 1 },
          { name: "right", kind: "chain", orbital: sites - 1, hopping: 1 },
        ],
      },
    };
    const { solver } = twinOf(model);
    const tangent = (theta: number) => {
      solver.configure(
        Float64Array.of(Math.cos(theta), Math.sin(theta)),
        Float64Array.of(-Math.sin(theta), Math.cos(theta)),
      );
      return new SeaIntegrator(solver).compute(-1.428286, 0, 1e-10).force[0];
    };
    // Conservative: no work over a turn.
    let [work, size] = [0, 0];
    for (let i = 0; i < 24; i++) {
      const torque = tangent((2 * Math.PI * i) / 24);
      work += torque / 24;
      size = Math.max(size, Math.abs(torque));
    }
    expect(size).toBeGreaterThan(1e-3);
    expect(Math.abs(work)).toBeLessThan(1e-6 * size);
  });
});

it("the antisymmetric friction of a complex H at T = 0 is integrated to what it is judged by", async () => {
  const kernels = await loadKernels();
  // Levels far from the chemical potential and weak leads: friction far below its natural scale, antisymmetric as well as symmetric.
  for (const seed of [3, 8, 12, 18]) {
    const model = randomModel(seed, {
      real: false,
      parameters: 2,
      kinds: ["scalar", "orbitals", "matrix", "chain"],
    });
    for (const lead of model.device.leads) {
      if (lead.kind === "chain") lead.coupling = 0.03 * (lead.coupling ?? 1);
      else if (lead.kind === "wideband" && typeof lead.width === "number") lead.width *= 1e-3;
    }
    const { solver } = kernelsOf(kernels, model);
    solver.configure(Float64Array.of(0.2, 0.1));
    const calculator = new ForceCalculator(solver);
    calculator.partial = true;
    const reservoirs = solver.leads.map(() => ({ chemicalPotential: 2, temperature: 0 }));
    const forces = calculator.compute(reservoirs, { tolerance: 1e-8 });
    const finer = calculator.compute(reservoirs, { tolerance: 1e-10 });
    expect(Math.abs(forces.friction[1] - forces.friction[2])).toBeGreaterThan(0);
    expect(forces.errors.friction).toBeLessThanOrEqual(1e-8 * forces.scales.friction);
    for (const [i, friction] of forces.friction.entries())
      expect(Math.abs(friction - finer.friction[i])).toBeLessThanOrEqual(
        forces.errors.friction + finer.errors.friction,
      );
    solver.release();
  }
});
