// Everything the energy integrals ask of the kernels beside S and K, against the dense twin in both builds: traces of G at complex
// energy, the antisymmetric friction, the curl of the sea, counts of eigenvalues.

import { describe, expect, test } from "vitest";
import { InputError } from "../../../src/base/errors.js";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { buildsHere } from "../../twins/builds.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomModel } from "../../twins/random-device.js";
import { remembering } from "../../twins/remembered.js";
import { seeds } from "../../twins/seeds.js";

/** Largest difference, relative to the largest expected number or 1. */
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [size, defect] = [1, 0];
  for (let k = 0; k < expected.length; k++) {
    size = Math.max(size, Math.abs(expected[k]));
    defect = Math.max(defect, Math.abs(found[k] - expected[k]));
  }
  return defect / size;
}

const kinds = ["scalar", "orbitals", "matrix", "chain", "probe"] as const;

/** Small dense devices, and long sparse ones of many slices. */
function modelOf(seed: number) {
  const long = seed % 3 === 0;
  return resolveModel(
    randomModel(seed, { kinds: [...kinds], ...(long ? { orbitals: 30, density: 0.03, leads: 2 } : {}) }),
  );
}

// What the twin says is the same for every build.
const numbers = remembering<Float64Array>();
const below = remembering<number>();
const points = remembering<ScatteringPoint>();

function both(kernels: Kernels, seed: number, tangent = false) {
  const model = modelOf(seed);
  const twin = densePointSolver(model);
  const solver = new KernelSolver(kernels, model.device, tangent);
  const values = Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.5 * i);
  const direction = tangent ? values.map((value) => 0.7 - value) : undefined;
  twin.configure(values, direction);
  solver.configure(values, direction);
  return { twin, solver };
}

describe.each(buildsHere)("%s kernels", (build) => {
  test("traces of Lambda and of Lambda G(z)", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(150, 75)) {
      const { twin, solver } = both(kernels, seed, seed % 5 === 0);
      expect(difference(solver.traceLambda(), twin.traceLambda()), `seed ${seed}`).toBeLessThan(1e-14);
      for (const [re, im] of [
        [0.2, 0.6],
        [-1.1, 0.03],
        [0.4, 25],
        [0.137, 0],
      ]) {
        const found = solver.traceGreen(re, im);
        const expected = numbers(`G ${seed} ${re} ${im}`, () => twin.traceGreen(re, im));
        expect(found.length).toBe(expected.length);
        expect(difference(found, expected), `seed ${seed} at ${re} + ${im} i`).toBeLessThan(1e-11);
      }
      solver.release();
    }
  });

  test("antisymmetric friction: at bias and of the filled sea", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(120, 60)) {
      const { twin, solver } = both(kernels, seed);
      const options = { energyDerivative: true, antisymmetricFriction: true };
      const expected = points(`${seed}`, () => twin.solve(0.137, options));
      const found = solver.solve(0.137, options);
      expect(found.antisymmetricFriction.length).toBe(expected.antisymmetricFriction.length);
      expected.antisymmetricFriction.forEach((list, pair) => {
        expect(found.antisymmetricFriction[pair].length).toBe(2 * found.channels);
        // The basis inside a lead of a full width matrix is free: only the sum over a lead's channels has a meaning.
        const sums = (values: Float64Array, lead: Int32Array) => {
          const sum = new Float64Array(2 * solver.leads.length);
          for (let k = 0; k < values.length; k++) sum[2 * lead[k >> 1] + (k & 1)] += values[k];
          return sum;
        };
        const [a, b] = [
          sums(found.antisymmetricFriction[pair], found.channelLead),
          sums(list, expected.channelLead),
        ];
        expect(difference(a, b), `seed ${seed}`).toBeLessThan(1e-10);
      });
      for (const [re, im] of [
        [0.2, 0.6],
        [-1.1, 0.03],
      ])
        expect(
          difference(
            solver.curlGreen(re, im),
            numbers(`curl ${seed} ${re} ${im}`, () => twin.curlGreen(re, im)),
          ),
          `seed ${seed}`,
        ).toBeLessThan(1e-10);
      solver.release();
    }
  });

  test("the points of S stay right after the other questions, and counts of eigenvalues", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(100, 50)) {
      const { twin, solver } = both(kernels, seed);
      const before = solver.solve(0.05, { energyDerivative: true }).S.slice();
      solver.traceGreen(0.3, 0.2);
      if (!solver.reciprocal) solver.curlGreen(-0.3, 0.2);
      expect(solver.reciprocal).toBe(twin.reciprocal);
      for (const energy of [-1.3, -0.2, 0.4, 2.5])
        expect(solver.eigenvaluesBelow(energy), `seed ${seed}`).toBe(
          below(`${seed} ${energy}`, () => twin.eigenvaluesBelow(energy)),
        );
      expect(difference(solver.solve(0.05, { energyDerivative: true }).S, before)).toBe(0);
      expect(solver.lambdaScale()).toBeGreaterThan(0);
      expect(solver.lambdaScale()).toBeLessThanOrEqual(2 * twin.lambdaScale());
      solver.release();
    }
  });
});

test.each([false, true])(
  "levels are counted right where leading parts have levels at the energy (field: %s)",
  async (field) => {
    // Rings and dangling pieces with zero on-site energies: E = 0 is a level of many of their parts.
    const kernels = await loadKernels();
    for (const n of [5, 6, 7, 8, 9, 10, 11, 12, 13]) {
      const bonds = Array.from({ length: n - 1 }, (_, i) => [i, i + 1, 1, ...(field ? [0.4] : [])]);
      const model = resolveModel({
        format: "nanopinwheel/1",
        device: {
          orbitals: n,
          hamiltonian: [...bonds, [0, 3, 1], [1, n - 1, 0.5], [n - 1, n - 1, 0.9]],
          parameters: { x: [[2, 2, 1]] },
          leads: [
            { name: "left", kind: "wideband", orbitals: [0], width: 0.6 },
            { name: "right", kind: "wideband", orbitals: [1], width: 0.8 },
          ],
        },
      });
      const [solver, twin] = [new KernelSolver(kernels, model.device, false), densePointSolver(model)];
      for (const x of [-0.7, 0, 0.3]) {
        solver.configure(Float64Array.of(x));
        twin.configure(Float64Array.of(x));
        // A level exactly at the energy may count or not.
        const [low, high] = [-1e-9, 1e-9].map((e) => twin.eigenvaluesBelow(e));
        const found = solver.eigenvaluesBelow(0);
        expect(found, `n = ${n}, x = ${x}`).toBeGreaterThanOrEqual(low);
        expect(found, `n = ${n}, x = ${x}`).toBeLessThanOrEqual(high);
      }
      solver.release();
    }
  },
);

test("a trace on a few orbitals of a wide ribbon costs columns, on all of them a selected inversion: the same numbers", async () => {
  const kernels = await loadKernels();
  const [width, length] = [5, 7];
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: number[][] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), 0.1 * Math.sin(7 * site(x, y))]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1, 0.2]);
      if (x + 1 < length) hamiltonian.push([site(x, y), site(x + 1, y), -1, 0.1 * y]);
    }
  const lead = (name: string, x: number) => ({
    name,
    kind: "wideband",
    orbitals: Array.from({ length: width }, (_, y) => site(x, y)),
    width: 0.8,
  });
  const model = (parameters: object) =>
    resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals: width * length,
        hamiltonian,
        parameters,
        leads: [lead("l", 0), lead("r", length - 1)],
      },
    });
  const local = {
    g: [
      [site(3, 1), site(3, 1), 1],
      [site(3, 1), site(4, 1), 0.4, 0.3],
    ],
    h: [[site(2, 2), site(2, 3), 1]],
  };
  const everywhere = { all: Array.from({ length: width * length }, (_, i) => [i, i, 1]), bonds: hamiltonian };
  for (const parameters of [local, everywhere, { ...local, ...everywhere }]) {
    const resolved = model(parameters);
    const [twin, solver] = [densePointSolver(resolved), new KernelSolver(kernels, resolved.device, false)];
    const values = new Float64Array(Object.keys(parameters).length).fill(0.2);
    twin.configure(values);
    solver.configure(values);
    expect(difference(solver.traceGreen(0.3, 0.1), twin.traceGreen(0.3, 0.1))).toBeLessThan(1e-12);
    expect(difference(solver.curlGreen(0.3, 0.1), twin.curlGreen(0.3, 0.1))).toBeLessThan(1e-12);
    solver.release();
  }
});

test("the force on a piece that no lead reaches is refused, its scattering is not", async () => {
  const kernels = await loadKernels();
  const device = (parameters: object) =>
    resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals: 4,
        hamiltonian: [
          [0, 1, -1],
          [2, 3, -1],
        ],
        parameters,
        leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
      },
    });
  const isolated = new KernelSolver(kernels, device({ x: [[1, 1, 1]], y: [[2, 2, 1]] }).device, false);
  expect(isolated.solve(0.3, { energyDerivative: true }).unitarityDefect).toBeLessThan(1e-14);
  for (const ask of [() => isolated.traceGreen(0, 1), () => isolated.traceLambda()]) {
    expect(ask).toThrow(InputError);
    expect(ask).toThrow(/device\.parameters\.y.*isolated/);
  }
  const connected = new KernelSolver(kernels, device({ x: [[1, 1, 1]], y: [[1, 2, 1]] }).device, false);
  expect(connected.traceGreen(0, 1).every(Number.isFinite)).toBe(true);
});
