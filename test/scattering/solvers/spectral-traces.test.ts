// Traces of G by the levels of a large dense device against the same traces parameter by parameter, which the kernels take from G itself.
import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import { SpectralTraces } from "../../../src/scattering/device/spectral-traces.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { type LeadKind, randomModel } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

test("are those of the Green's function, with all kinds of leads, real and complex, from the far plane to the real axis", () => {
  const kinds: LeadKind[] = ["scalar", "orbitals", "matrix", "chain", "periodic", "probe"];
  let [used, worst] = [0, 0];
  for (const seed of seeds(18)) {
    const options = { orbitals: 40, leads: 2, density: 1, real: seed % 2 === 0 };
    const { device } = resolveModel(randomModel(seed, { ...options, kinds: [kinds[seed % 5]] }));
    const [turning, fixed] = [true, false].map((tangent) => new KernelSolver(kernels, device, tangent));
    const few = new Set(device.leads.flatMap((lead) => [...lead.orbitals])).size <= 5;
    if (!few) continue;
    used++;
    for (const shift of [0.2, -0.5]) {
      const values = Float64Array.from(device.parameters, (_, i) => shift + 0.1 * i);
      const tangent = Float64Array.from(device.parameters, (_, i) => (i % 2 === 0 ? 0.7 : -0.3));
      turning.configure(values, tangent);
      fixed.configure(values);
      for (const re of [-2.3, -0.4, 0.1, 1.7])
        for (const im of [1e-5, 1e-3, 0.03, 0.4, 5, 200]) {
          const [x, y] = turning.traceGreen(re, im);
          const each = fixed.traceGreen(re, im);
          const sum = (part: number) => tangent.reduce((s, t, i) => s + t * each[2 * i + part], 0);
          const size = tangent.reduce(
            (s, t, i) => s + Math.abs(t) * Math.hypot(each[2 * i], each[2 * i + 1]),
            0,
          );
          worst = Math.max(worst, Math.hypot(x - sum(0), y - sum(1)) / (size + 1));
        }
    }
    turning.release();
    fixed.release();
  }
  expect(used).toBeGreaterThan(8);
  expect(worst).toBeLessThan(1e-11);
});

test("are left to the kernels for devices with many orbitals on leads, small ones, and ones that fall into slices", () => {
  const leads = (orbitals: number[]) => [{ orbitals: Int32Array.from(orbitals) }] as never;
  expect(SpectralTraces.suits(64, leads([0, 1]), [0, 2, 64])).toBe(true);
  expect(SpectralTraces.suits(64, leads([0, 1, 2, 3, 4, 5, 6, 7, 8]), [0, 9, 64])).toBe(false);
  expect(SpectralTraces.suits(16, leads([0]), [0, 1, 16])).toBe(false);
  expect(SpectralTraces.suits(64, leads([0]), [0, 16, 32, 48, 64])).toBe(false);
  expect(SpectralTraces.suits(64, leads([0]), [0, 1, 60])).toBe(false);
});
