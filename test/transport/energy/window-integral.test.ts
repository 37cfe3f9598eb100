// Energies at which a device has no answer: what stands in their place is right, however sharp the integrand is, or the integral fails.
import { expect, test } from "vitest";
import { NumericalError } from "../../../src/base/errors.js";
import { loadEngine } from "../../../src/index.js";
import { pointwise } from "../../../src/numerics/quadrature/integrand.js";
import { type ScatteringSolver, solveOneByOne } from "../../../src/scattering/contract.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { WindowIntegrator } from "../../../src/transport/energy/window-integral.js";

/** One channel that reflects everything, no levels, no band edges. */
const wall: ScatteringSolver = {
  leads: ["a"],
  probes: [false],
  reciprocal: true,
  directions: 1,
  configure: () => {},
  budget: undefined,
  limits: undefined,
  batch: undefined,
  solveEach: (energies, count, options, visit) => solveOneByOne(wall, energies, count, options, visit),
  surfaceLevels: () => [],
  lambdaScale: () => 1,
  solve: (): ScatteringPoint => ({
    channels: 1,
    channelLead: Int32Array.of(0),
    S: Float64Array.of(1, 0),
    dSdE: Float64Array.of(0, 0),
    K: [],
    P: [],
    antisymmetricFriction: [],
    unitarityDefect: 0,
  }),
  eigenvaluesBelow: () => 0,
  certainEigenvaluesBelow: () => 0,
  bandEdges: () => [],
  edgeLow: () => 0,
  energyScale: () => 1,
};

const request = { tolerance: 1e-9, groups: Int32Array.of(0, 1), floors: Float64Array.of(0, 1e9) };

function integral(f: (energy: number) => number) {
  const integrator = new WindowIntegrator(wall, 2, 1);
  const status = integrator.integrate(
    Float64Array.of(-0.5, 0.5),
    Float64Array.of(0, 0),
    1e-12,
    pointwise((energy, out) => {
      out[0] += f(energy);
    }),
    request,
  );
  return { ...status, value: integrator.values[0] };
}

test.each([1, 1e-2, 1e-4, 1e-5, 1e-6])("a peak of width %s with no answer on its top", (width) => {
  const { converged, value } = integral((energy) => {
    if (Math.abs(energy) < 1e-6 * width) throw new NumericalError("a level that no lead reaches", { energy });
    return width / (energy * energy + width * width);
  });
  expect(converged).toBe(true);
  expect(Math.abs(value / (2 * Math.atan(0.5 / width)) - 1)).toBeLessThan(1e-9);
});

test("where the neighbours do not lie on a smooth curve the error stays an error", () => {
  expect(() =>
    integral((energy) => {
      if (Math.abs(energy) < 1e-6) throw new NumericalError("no answer", { energy });
      return Math.abs(energy) ** -0.25;
    }),
  ).toThrow("no answer");
});

test("a level that no lead reaches in the middle of the window: forces are those of a window a little aside", async () => {
  const device = (await loadEngine()).device({ format: "nanopinwheel/1", device: { preset: "benzene" } });
  const across = (bias: number) =>
    device.forces({
      reservoirs: {
        left: { chemicalPotential: -0.9995, temperature: 0 },
        right: { chemicalPotential: -0.9995 - bias, temperature: 0 },
      },
    });
  const [middle, aside] = [across(0.001), across(0.001 + 2e-9)];
  expect(middle.error).toBeLessThan(1e-8);
  for (const key of ["friction", "noise"] as const)
    expect(Math.abs(middle[key]!.data[0] / aside[key]!.data[0] - 1)).toBeLessThan(1e-5);
  for (const lead of ["left", "right"])
    expect(Math.abs(middle.current[lead] / aside.current[lead] - 1)).toBeLessThan(1e-5);
  // y turns the molecule about the axis of its contacts: by symmetry it has no force and no friction.
  for (let i = 1; i < 4; i++) expect(Math.abs(middle.friction!.data[i])).toBeLessThan(1e-9);
  device.close();
});
