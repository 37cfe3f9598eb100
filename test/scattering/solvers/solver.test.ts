// The kernels against the slow dense twin, in both builds: the same S, S', K and P on seeded random devices with every kind of lead.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { buildsHere } from "../../twins/builds.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomModel } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let size = 0;
  for (let k = 0; k < a.length; k++) size = Math.max(size, Math.abs(a[k] - b[k]));
  return size;
}

/** Emissivity -Tr[Pi_a S K S^+]/2 pi of every lead: free of the basis inside a lead. */
function emissivities(point: ScatteringPoint, nu: number, leads: number): number[] {
  const m = point.channels;
  const { S, channelLead } = point;
  const K = point.K[nu];
  const sum = new Array<number>(leads).fill(0);
  for (let a = 0; a < m; a++)
    for (let b = 0; b < m; b++)
      for (let c = 0; c < m; c++) {
        const [s, k, t] = [2 * (a * m + b), 2 * (b * m + c), 2 * (a * m + c)];
        const re = S[s] * K[k] - S[s + 1] * K[k + 1];
        const im = S[s] * K[k + 1] + S[s + 1] * K[k];
        sum[channelLead[a]] -= (re * S[t] + im * S[t + 1]) / (2 * Math.PI);
      }
  return sum;
}

describe.each(buildsHere)("%s kernels", (build) => {
  test("give the S, S', K and P of the dense twin where the basis of a lead is fixed", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(200)) {
      const model = resolveModel(randomModel(seed, { kinds: ["scalar", "orbitals", "chain", "probe"] }));
      const twin = densePointSolver(model);
      const solver = new KernelSolver(kernels, model.device, false);
      const values = Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.5 * i);
      twin.configure(values);
      solver.configure(values);
      const expected = twin.solve(0.137, { energyDerivative: true });
      const found = solver.solve(0.137, { energyDerivative: true });
      const count = 2 * found.channels ** 2;
      expect(found.channels, `seed ${seed}`).toBe(expected.channels);
      expect(found.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
      const close = (a: Float64Array, b: Float64Array) =>
        largestDifference(a.subarray(0, count), b.subarray(0, count)) /
        (1 + Math.max(...b.subarray(0, count).map(Math.abs)));
      expect(close(found.S, expected.S), `S, seed ${seed}`).toBeLessThan(1e-11);
      expect(close(found.dSdE, expected.dSdE), `dS/dE, seed ${seed}`).toBeLessThan(1e-10);
      for (let nu = 0; nu < values.length; nu++) {
        expect(close(found.K[nu], expected.K[nu]), `K, seed ${seed}`).toBeLessThan(1e-10);
        expect(close(found.P[nu], expected.P[nu]), `P, seed ${seed}`).toBeLessThan(1e-10);
      }
      solver.release();
    }
  });

  test("give the emissivities of the dense twin with matrix widths", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(100)) {
      const model = resolveModel(randomModel(seed, { kinds: ["matrix", "chain"] }));
      const twin = densePointSolver(model);
      const solver = new KernelSolver(kernels, model.device, false);
      const values = Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.5 * i);
      twin.configure(values);
      solver.configure(values);
      const expected = twin.solve(-0.21, { energyDerivative: false });
      const found = solver.solve(-0.21, { energyDerivative: false });
      expect(found.unitarityDefect, `seed ${seed}`).toBeLessThan(1e-12);
      values.forEach((_, nu) => {
        const [a, b] = [
          emissivities(found, nu, model.device.leads.length),
          emissivities(expected, nu, model.device.leads.length),
        ];
        expect(largestDifference(a, b), `seed ${seed}`).toBeLessThan(
          1e-10 * (1 + Math.max(...b.map(Math.abs))),
        );
      });
      solver.release();
    }
  });
});
