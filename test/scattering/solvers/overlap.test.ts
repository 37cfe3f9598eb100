// Devices whose orbitals overlap, by slices and by fronts, real and in a field, against the dense twin; and a molecule of p orbitals
// (benzene by the extended Hueckel method) whose levels are known in closed form.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { loadEngine } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Model, Triplet } from "../../../src/model/types.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomSource } from "../../twins/random.js";

const kernels = await loadKernels("simd");
const apart = (a: Float64Array, b: Float64Array) =>
  b.reduce((most, x, k) => Math.max(most, Math.abs(x - a[k])), 0);

/** A strip of 8 x 5 orbitals with overlaps of neighbours, in a field or without. */
function strip(field: number): Model {
  const [length, width] = [8, 5];
  const random = randomSource(5);
  const at = (i: number, j: number) => i * width + j;
  const [hamiltonian, overlap]: Triplet[][] = [[], []];
  for (let i = 0; i < length; i++)
    for (let j = 0; j < width; j++) {
      hamiltonian.push([at(i, j), at(i, j), 0.4 * random.normal()]);
      if (i + 1 < length) {
        hamiltonian.push([at(i, j), at(i + 1, j), -1, field * j]);
        overlap.push([at(i, j), at(i + 1, j), 0.1, 0.2 * field]);
      }
      if (j + 1 < width) {
        hamiltonian.push([at(i, j), at(i, j + 1), -1]);
        overlap.push([at(i, j), at(i, j + 1), 0.08]);
      }
      // These orbitals are connected by their overlap alone.
      if (i + 1 < length && j + 1 < width) overlap.push([at(i, j), at(i + 1, j + 1), 0.03]);
    }
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: length * width,
      hamiltonian,
      overlap,
      parameters: { x: [[at(3, 2), at(3, 2), 1]], y: [[at(4, 1), at(4, 2), 0.3]] },
      leads: [
        { name: "left", kind: "wideband", orbitals: [at(0, 0), at(0, 2)], width: [0.8, 0.5] },
        { name: "right", kind: "chain", orbital: at(7, 3), hopping: 1.2 },
      ],
    },
  };
}

describe.each([0, 0.15])("in a field of %f", (field) => {
  test.each([false, true])("as the dense twin does (fronts: %s)", (fronts) => {
    kernels.fronts = fronts;
    const { device } = resolveModel(strip(field));
    const solver = new KernelSolver(kernels, device, false);
    const twin = densePointSolver(resolveModel(strip(field)));
    for (const one of [solver, twin]) one.configure(Float64Array.of(0.2, -0.3));
    const request = { energyDerivative: true };
    const [point, dense] = [solver.solve(0.37, request), twin.solve(0.37, request)];
    expect(solver.path).toBe(field === 0 ? "real" : "hermitian");
    expect(solver.nested).toBe(fronts);
    for (const [a, b] of [
      [point.S, dense.S],
      [point.dSdE, dense.dSdE],
      ...point.K.map((k, nu) => [k, dense.K[nu]]),
      ...point.P.map((p, nu) => [p, dense.P[nu]]),
    ])
      expect(apart(a, b)).toBeLessThan(1e-11);
    const refined = solver.solveRefined(0.37, 0, request)!;
    expect(apart(refined.P[1], dense.P[1])).toBeLessThan(1e-11);
    expect(apart(solver.traceLambda(), twin.traceLambda())).toBeLessThan(1e-13);
    expect(apart(solver.traceGreen(0.1, 0.2), twin.traceGreen(0.1, 0.2))).toBeLessThan(1e-13);
    expect(apart(solver.curlGreen(0.1, 0.2), twin.curlGreen(0.1, 0.2))).toBeLessThan(1e-13);
    expect(solver.eigenvaluesBelow(0.1)).toBe(twin.eigenvaluesBelow(0.1));
    kernels.fronts = undefined;
    solver.release();
  });
});

test("exactly on a dark level S and dS/dE are their limits from nearby energies", async () => {
  // (1, -1) on orbitals 1 and 2 couples to nothing at E = 0, but overlaps with orbital 3.
  const engine = await loadEngine();
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 4,
      hamiltonian: [
        [0, 0, 0.3],
        [0, 1, 0.5],
        [0, 2, 0.5],
        [0, 3, 0.4],
        [3, 3, -0.2],
      ],
      overlap: [
        [1, 3, 0.2],
        [1, 2, 0.1],
      ],
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 0.8 },
        { name: "right", kind: "wideband", orbitals: [3], width: 0.6 },
      ],
    },
  });
  const [on, beside] = [0, 1e-7].map((energy) => device.scatter({ energy }));
  expect(apart(on.S.data, beside.S.data)).toBeLessThan(1e-5);
  expect(on.dSdE).toBeDefined();
  expect(apart(on.dSdE!.data, beside.dSdE!.data)).toBeLessThan(1e-4);
});

test("benzene by the extended Hueckel method has its levels at (a + 2 b cos k) / (1 + 2 s cos k)", () => {
  // Energies of carbon's p orbital (eV), Wolfsberg and Helmholz's factor 1.75, an overlap of neighbours of 0.25.
  const [a, s] = [-11.4, 0.25];
  const b = 1.75 * s * a;
  const sites = [0, 1, 2, 3, 4, 5];
  const bonds = sites.map((i): [number, number] => [Math.min(i, (i + 1) % 6), Math.max(i, (i + 1) % 6)]);
  const { device } = resolveModel({
    format: "nanopinwheel/1",
    units: { energy: "eV" },
    device: {
      orbitals: 6,
      hamiltonian: [...sites.map((i): Triplet => [i, i, a]), ...bonds.map(([i, j]): Triplet => [i, j, b])],
      overlap: bonds.map(([i, j]): Triplet => [i, j, s]),
      leads: [
        { name: "left", kind: "wideband", orbitals: [0], width: 1e-3 },
        { name: "right", kind: "wideband", orbitals: [3], width: 1e-3 },
      ],
    },
  });
  const solver = new KernelSolver(kernels, device, false);
  const levels = sites.map((k) => {
    const c = Math.cos((2 * Math.PI * k) / 6);
    return (a + 2 * b * c) / (1 + 2 * s * c);
  });
  for (const level of levels)
    for (const beside of [-1e-9, 1e-9])
      expect(solver.eigenvaluesBelow(level + beside)).toBe(
        levels.filter((one) => one < level + beside).length,
      );
  // Para contacts: at a level with equal weight on both the transmission is complete.
  const lowest = Math.min(...levels);
  const { S } = solver.solve(lowest, { energyDerivative: false });
  expect(S[2] ** 2 + S[3] ** 2).toBeGreaterThan(1 - 1e-6);
  solver.release();
});
