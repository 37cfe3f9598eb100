// What repeated calls cost: nothing that grows, no second compilation of a function Hamiltonian, results of a stable identity.
import { expect, test } from "vitest";
import { InputError } from "../../../src/base/errors.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ParameterValues, Triplet } from "../../../src/model/types.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { randomModel } from "../../twins/random-device.js";

const leads = [
  { name: "left", kind: "chain", orbital: 0, hopping: 1 },
  { name: "right", kind: "wideband", orbitals: [5], width: 0.7 },
];

test("thousands of calls at changing energies and configurations leave the kernel memory as it was", async () => {
  const kernels = await loadKernels();
  const model = resolveModel(randomModel(7, { orbitals: 8, kinds: ["scalar", "chain"], leads: 2 }));
  const solver = new KernelSolver(kernels, model.device, false);
  const values = new Float64Array(model.device.parameters.length);
  const round = (count: number) => {
    for (let k = 0; k < count; k++) {
      values.fill(Math.sin(k));
      solver.configure(values);
      solver.solve(0.9 * Math.sin(0.1 * k), { energyDerivative: true, antisymmetricFriction: true });
      solver.traceGreen(0.3, 0.1 + 0.01 * k);
      if (!solver.reciprocal) solver.curlGreen(0.3, 0.1 + 0.01 * k);
    }
  };
  // One slot per energy up to the limit of the lead store, and no more.
  round(2500);
  const { byteLength } = kernels.calls.memory.buffer;
  const point = solver.solve(0.1, { energyDerivative: true });
  const { S, K } = point;
  round(3000);
  expect(kernels.calls.memory.buffer.byteLength).toBe(byteLength);
  const again = solver.solve(0.1, { energyDerivative: true });
  expect(again).toBe(point);
  expect(again.S).toBe(S);
  expect(again.K).toBe(K);
  solver.release();
});

test("opening and closing devices gives the kernel memory back", async () => {
  const kernels = await loadKernels();
  const model = resolveModel(randomModel(11, { orbitals: 12, leads: 2, kinds: ["chain", "matrix"] }));
  const once = () => {
    const solver = new KernelSolver(kernels, model.device, false);
    solver.solve(0.2, { energyDerivative: true, antisymmetricFriction: true });
    solver.traceGreen(0.2, 0.3);
    solver.release();
  };
  once();
  const start = kernels.allocate(16);
  kernels.release(start);
  for (let k = 0; k < 20; k++) once();
  const end = kernels.allocate(16);
  kernels.release(end);
  expect(end).toBe(start);
});

test("a Hamiltonian given as a function is compiled again only where new elements appear", async () => {
  const kernels = await loadKernels();
  let late = false;
  const hamiltonian = ({ x }: ParameterValues): Triplet[] => {
    const chain = Array.from({ length: 5 }, (_, i): Triplet => [i, i + 1, -1 - 0.1 * x * i]);
    return late ? [...chain, [0, 5, 0.3 * x, 0.2]] : chain;
  };
  const written = (x: number): Triplet[] => hamiltonian({ x });
  const model = {
    format: "nanopinwheel/1",
    device: { orbitals: 6, hamiltonian, parameters: ["x"], leads },
  };
  const solver = new KernelSolver(kernels, resolveModel(model).device, false);
  const check = (x: number) => {
    solver.configure(Float64Array.of(x));
    const fixed = resolveModel({
      ...model,
      device: { ...model.device, hamiltonian: written(x), parameters: { x: [[0, 1, 0]] } },
    });
    const other = new KernelSolver(kernels, fixed.device, false);
    const expected = other.solve(0.3, { energyDerivative: false }).S;
    const found = solver.solve(0.3, { energyDerivative: false }).S;
    for (let k = 0; k < expected.length; k++) expect(Math.abs(found[k] - expected[k])).toBeLessThan(1e-13);
    other.release();
  };
  check(0.5);
  expect(solver.reciprocal).toBe(true);
  check(-0.4);
  late = true;
  check(0.7);
  // A magnetic field at any X makes the device not reciprocal.
  expect(solver.reciprocal).toBe(false);
  late = false;
  check(0.1);
});

test("a device whose slices would not fit is refused before memory is taken, or answers what fronts can", async () => {
  const kernels = await loadKernels();
  kernels.fronts = false;
  const { byteLength } = kernels.calls.memory.buffer;
  // One slice of 14,000 orbitals around a single contact.
  const orbitals = 14_001;
  const star = Array.from({ length: orbitals - 1 }, (_, i): Triplet => [0, i + 1, -1]);
  const device = (parameters: object, size = orbitals) =>
    resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals: size,
        hamiltonian: star.slice(0, size - 1),
        parameters,
        leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
      },
    }).device;
  const build = () => new KernelSolver(kernels, device({}), false);
  expect(build).toThrow(InputError);
  expect(build).toThrow(/device\.orbitals: the device is too large/);
  expect(kernels.calls.memory.buffer.byteLength).toBe(byteLength);
  // Arm by arm, nothing is filled: S = 1 - i Gamma / (E - 14,000 / E + i Gamma / 2) at real energies, no traces at complex ones.
  kernels.fronts = undefined;
  const solver = build();
  const E = 120;
  const { S } = solver.solveAlone(E);
  // 14,000 terms are rounded one after the other.
  const detuning = E - (orbitals - 1) / E;
  const size = detuning ** 2 + 0.25;
  expect(Math.abs(S[0] - 1 + 0.5 / size)).toBeLessThan(1e-11);
  expect(Math.abs(S[1] + detuning / size)).toBeLessThan(1e-11);
  expect(() => solver.traceGreen(0, 1)).toThrow(/device\.orbitals: the device is too large/);
  solver.release();
});
