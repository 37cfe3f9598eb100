// dS/dE is the derivative of the S that is returned, call by call, in leads of several channels; the delay matrix does not depend on their basis.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { Kernels } from "../../../src/engine/kernels.js";
import { type Engine, loadEngine } from "../../../src/index.js";
import type { Lead, Model, Triplet } from "../../../src/model/types.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

interface Fault {
  model: Model;
  expected: unknown;
}
const wire = JSON.parse(
  readFileSync(new URL("../../known/faults/spin-orbit-wire.json", import.meta.url), "utf8"),
) as Fault;

/** Central differences of order 8 of S(E) over separate calls. */
function differenced(S: (energy: number) => Float64Array, energy: number, step: number): Float64Array {
  const weights = [4 / 5, -1 / 5, 4 / 105, -1 / 280];
  const sum = new Float64Array(S(energy).length);
  weights.forEach((weight, k) => {
    for (const side of [1, -1]) {
      const at = S(energy + side * (k + 1) * step);
      expect(at.length).toBe(sum.length);
      for (let i = 0; i < sum.length; i++) sum[i] += (side * weight * at[i]) / step;
    }
  });
  return sum;
}

/** Largest difference of dSdE from the differences, relative to 1 + |dSdE|. */
function defect(model: Model, energy: number, at: Record<string, number>, step = 2e-4): number {
  const device = engine.device(model);
  const { dSdE } = device.scatter({ energy, at });
  const expected = differenced((e) => device.scatter({ energy: e, at }).S.data, energy, step);
  device.close();
  const size = dSdE!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  return dSdE!.data.reduce((most, x, k) => Math.max(most, Math.abs(x - expected[k])), 0) / size;
}

describe("a wire with spin-orbit coupling and twelve channels", () => {
  test("the delay has the known trace; dS/dE is that of differences at many energies", () => {
    const device = engine.device(wire.model);
    const { delay } = device.scatter({ energy: 3.1, at: { x: 0.7 } });
    expect(
      Math.abs(delay!.trace - Number(/tr\(.*\) = ([\d.]+)/.exec(String(wire.expected))![1])),
    ).toBeLessThan(1e-6);
    expect(Math.abs(delay!.eigenvalues.reduce((sum, x) => sum + x, 0) - delay!.trace)).toBeLessThan(1e-12);
    expect([...delay!.eigenvalues].sort((a, b) => a - b)).toEqual([...delay!.eigenvalues]);
    for (const seed of seeds(20, 4)) {
      const source = randomSource(seed);
      const energy = source.between(2.9, 3.3);
      expect(
        defect(wire.model, energy, { x: source.between(-1, 1) }),
        `seed ${seed}, energy ${energy}`,
      ).toBeLessThan(1e-8);
    }
  });
});

type Matrix = [number, number][][];

/** A random lead cell of `size` sites, times `copies` that do not see each other: its channels come in groups of equal broadening. */
function leadOf(
  name: string,
  orbitals: number[],
  copies: number,
  seed: number,
  complex: boolean,
  turn?: Matrix,
): Lead {
  const source = randomSource(seed);
  const size = orbitals.length / copies;
  const im = () => (complex ? source.between(-0.3, 0.3) : 0);
  const h0 = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j): [number, number] =>
      j < i ? [0, 0] : [j === i ? source.between(-0.2, 0.2) : source.between(-0.5, 0.5), j === i ? 0 : im()],
    ),
  );
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) h0[i][j] = [h0[j][i][0], -h0[j][i][1]];
  const h1 = Array.from({ length: size }, (_, i) =>
    Array.from({ length: size }, (_, j): [number, number] => [
      (i === j ? -1 : 0) + source.between(-0.15, 0.15),
      im() / 2,
    ]),
  );
  const n = orbitals.length;
  const wide = (block: Matrix): Matrix =>
    Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j): [number, number] =>
        Math.floor(i / size) === Math.floor(j / size) ? block[i % size][j % size] : [0, 0],
      ),
    );
  const turned = (matrix: Matrix) => (turn ? times(times(adjoint(turn), matrix), turn) : matrix);
  const list = (matrix: Matrix, upper: boolean): Triplet[] =>
    matrix.flatMap((row, i) =>
      row.flatMap(([re, im], j): Triplet[] =>
        (upper && j < i) || (re === 0 && im === 0) ? [] : [[i, j, re, i === j && upper ? 0 : im]],
      ),
    );
  return {
    name,
    kind: "periodic",
    orbitals,
    onsite: list(turned(wide(h0)), true),
    hopping: list(turned(wide(h1)), false),
    coupling: list(turn ? times(coupling(n), turn) : coupling(n), false),
  } as Lead;
}
const coupling = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j): [number, number] => [i === j ? 0.9 : 0, 0]),
  );

function times(a: Matrix, b: Matrix): Matrix {
  return a.map((row) =>
    b[0].map((_, j) => {
      let [re, im] = [0, 0];
      row.forEach(([x, y], k) => {
        re += x * b[k][j][0] - y * b[k][j][1];
        im += x * b[k][j][1] + y * b[k][j][0];
      });
      return [re, im];
    }),
  );
}
const adjoint = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => [row[j][0], -row[j][1]]));

/** A unitary matrix of rotations. */
function rotation(n: number, seed: number): Matrix {
  const source = randomSource(seed);
  let out: Matrix = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n }, (_, j): [number, number] => [i === j ? 1 : 0, 0]),
  );
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const [angle, phase] = [source.between(0, 6), source.between(0, 6)];
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      const step: Matrix = out.map((_, a) => out.map((_, b): [number, number] => [a === b ? 1 : 0, 0]));
      step[i][i] = [c, 0];
      step[j][j] = [c, 0];
      step[i][j] = [-s * Math.cos(phase), -s * Math.sin(phase)];
      step[j][i] = [s * Math.cos(phase), -s * Math.sin(phase)];
      out = times(out, step);
    }
  return out;
}

function deviceOf(
  seed: number,
  { copies, complex, turn }: { copies: number; complex: boolean; turn?: Matrix },
): Model {
  const source = randomSource(1000 + seed);
  const n = 4;
  const hamiltonian: Triplet[] = [];
  for (let i = 0; i < 3 * n; i++)
    for (let j = i; j < Math.min(3 * n, i + n + 1); j++)
      hamiltonian.push([
        i,
        j,
        source.between(-0.8, 0.8),
        i === j || !complex ? 0 : source.between(-0.4, 0.4),
      ]);
  const sites = (from: number) => Array.from({ length: n }, (_, i) => from + i);
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: 3 * n,
      hamiltonian,
      parameters: { x: [[5, 5, 1]] },
      leads: [
        leadOf("left", sites(0), copies, seed, complex, turn),
        leadOf("right", sites(2 * n), 1, seed + 50, complex),
        {
          name: "side",
          kind: "wideband",
          orbitals: [5, 6],
          width: [
            [0, 0, 0.5],
            [0, 1, 0.2, complex ? 0.1 : 0],
            [1, 1, 0.4],
          ],
        } as unknown as Lead,
      ],
    },
  };
}

describe.each([
  ["channels of their own", { copies: 1, complex: false }],
  ["a magnetic field in the leads", { copies: 1, complex: true }],
  ["pairs of equal channels", { copies: 2, complex: false }],
  ["pairs of equal channels in a field", { copies: 2, complex: true }],
  ["four equal channels", { copies: 4, complex: true }],
])("leads with %s", (_, options) => {
  test("dS/dE is that of differences", () => {
    let most = 0;
    for (const seed of seeds(20, 5)) {
      const model = deviceOf(seed, options);
      const energy = randomSource(seed).between(-0.5, 0.5);
      const device = engine.device(model);
      const channels = device.scatter({ energy }).channels.filter((lead) => lead === "left").length;
      device.close();
      most = Math.max(most, channels);
      expect(defect(model, energy, { x: 0.3 }, 1e-4), `seed ${seed}, energy ${energy}`).toBeLessThan(1e-7);
    }
    expect(most).toBeGreaterThan(1);
  });

  test("the delay does not know the basis of the lead's cell", () => {
    for (const seed of seeds(20, 5)) {
      const energy = randomSource(seed).between(-0.5, 0.5);
      const [own, other] = [
        deviceOf(seed, options),
        deviceOf(seed, { ...options, turn: rotation(4, seed) }),
      ].map((model) => {
        const device = engine.device(model);
        const { delay } = device.scatter({ energy });
        device.close();
        return delay!;
      });
      own.eigenvalues.forEach((value, k) => {
        expect(Math.abs(value - other.eigenvalues[k]) / (1 + Math.abs(value)), `seed ${seed}`).toBeLessThan(
          1e-8,
        );
      });
      expect(Math.abs(own.trace - other.trace) / (1 + Math.abs(own.trace)), `seed ${seed}`).toBeLessThan(
        1e-9,
      );
    }
  });
});

test("S' survives that the memory grows when the leads are asked for their edges", async () => {
  const own = await loadEngine();
  const device = own.device(wire.model);
  const question = { energy: 3.1, at: { x: 0.7 } };
  const before = device.scatter(question);
  const { allocate } = Kernels.prototype;
  const kernels = new Set<Kernels>();
  const noted = vi.spyOn(Kernels.prototype, "allocate").mockImplementation(function (this: Kernels, bytes) {
    kernels.add(this);
    return allocate.call(this, bytes);
  });
  // Another energy: its leads are evaluated, in memory of their own.
  device.scatter({ ...question, energy: 3.2 });
  own.device(wire.model).scatter({ ...question, energy: 3.3 });
  noted.mockRestore();
  expect(kernels.size).toBeGreaterThan(0);
  let grown = 0;
  const { bandEdges } = KernelSolver.prototype;
  const growing = vi.spyOn(KernelSolver.prototype, "bandEdges").mockImplementation(function (
    this: KernelSolver,
    low,
    high,
  ) {
    for (const one of kernels) {
      const { buffer } = one.floats;
      for (let bytes = 2 ** 20; one.floats.buffer === buffer && bytes < 2 ** 28; bytes *= 2)
        one.allocate(bytes);
      if (one.floats.buffer !== buffer) grown++;
    }
    return bandEdges.call(this, low, high);
  });
  const after = device.scatter(question);
  growing.mockRestore();
  expect(grown).toBeGreaterThan(0);
  expect(after.dSdE).toEqual(before.dSdE);
  expect(after.delay).toEqual(before.delay);
  await own.close?.();
});
