// Fronts in a nested order: the order itself against a dense elimination, the kernels against slices (complex arithmetic) and against the dense twin
// on irregular devices, what is declined, and the choice between the two.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, ResolvedModel, Triplet } from "../../../src/model/types.js";
import type { CompressedRows } from "../../../src/numerics/linear-algebra/sparse.js";
import {
  degreeOrder,
  type FrontOrder,
  frontOperations,
} from "../../../src/scattering/ordering/front-order.js";
import { minimumDegree } from "../../../src/scattering/ordering/minimum-degree.js";
import { nestedOrder } from "../../../src/scattering/ordering/nested-dissection.js";
import { blockOrder, deviceGraph, leadCliques } from "../../../src/scattering/ordering/slices.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { buildsHere } from "../../twins/builds.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

const largest = (list: ArrayLike<number>) =>
  Array.from(list).reduce((most, x) => Math.max(most, Math.abs(x)), 0);
function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  return largest(Array.from(found, (x, k) => x - expected[k])) / (1 + largest(expected));
}

/** Square sums of a matrix over the channels of each pair of leads. */
function pairs(matrix: Float64Array, { channels, channelLead }: ScatteringPoint): Float64Array {
  const sums = new Float64Array(16);
  for (let a = 0; a < channels; a++)
    for (let b = 0; b < channels; b++) {
      const at = 2 * (a * channels + b);
      sums[4 * channelLead[a] + channelLead[b]] += matrix[at] ** 2 + matrix[at + 1] ** 2;
    }
  return sums;
}

/**
 * A disc of a square lattice with holes and a few long bonds, orbital numbers scrambled; leads of four kinds on its edges, a piece apart with a
 * lead of its own and one without any; gates on a half, on a row, on a bond. `field`: phases on all bonds, in the gate and in the lead's width.
 */
function disc(seed: number, radius: number, field = 0): ResolvedModel {
  const random = randomSource(seed);
  const sites: [number, number][] = [];
  for (let x = -radius; x <= radius; x++)
    for (let y = -radius; y <= radius; y++)
      if (x * x + y * y <= radius * radius + 1 && random.uniform() > 0.06) sites.push([x, y]);
  const body = sites.length;
  const n = body + 9;
  const numbers = random.permutation(n);
  const at = new Map(sites.map(([x, y], i) => [`${x},${y}`, numbers[i]]));
  const hamiltonian: Triplet[] = [];
  const bond = (i: number, j: number, value: number) => {
    const [row, column] = [Math.min(i, j), Math.max(i, j)];
    if (hamiltonian.some(([a, b]) => a === row && b === column)) return;
    const phase = row === column ? 0 : field * (i < j ? 1 : -1) * Math.sin(3 * i + 7 * j);
    if (field === 0) hamiltonian.push([row, column, value]);
    else hamiltonian.push([row, column, value * Math.cos(phase), value * Math.sin(phase)]);
  };
  for (const [x, y] of sites) {
    const i = at.get(`${x},${y}`)!;
    bond(i, i, random.between(-1, 1));
    for (const other of [at.get(`${x + 1},${y}`), at.get(`${x},${y + 1}`)])
      if (other !== undefined) bond(i, other, random.between(-1.4, -0.6));
  }
  for (let k = 0; k < 3; k++)
    bond(numbers[random.integer(0, (body >> 1) - 1)], numbers[random.integer(body >> 1, body - 1)], 0.3);
  for (let k = body; k < n; k++) {
    bond(numbers[k], numbers[k], 0.1 * k);
    if (k !== body + 5 && k + 1 < n) bond(numbers[k], numbers[k + 1], -0.8);
  }
  const rim = (sign: number) =>
    sites.filter(([x]) => sign * x >= radius - 2).map(([x, y]) => at.get(`${x},${y}`)!);
  const wide: number[] = rim(1);
  const leads: Lead[] = [
    {
      name: "periodic",
      kind: "periodic",
      orbitals: rim(-1),
      onsite: rim(-1).map((_, k) => [k, k, 0.2]),
      hopping: rim(-1).map((_, k) => [k, k, -1.1]),
    },
    {
      name: "wide",
      kind: "wideband",
      orbitals: wide,
      width: wide.flatMap((_, k): Triplet[] =>
        k > 0 ? [field === 0 ? [k - 1, k, 0.1] : [k - 1, k, 0.1, 0.2 * field], [k, k, 0.5]] : [[k, k, 0.5]],
      ),
    },
    { name: "phi", kind: "probe", orbitals: [numbers[body >> 1]], width: 0.2 },
    { name: "apart", kind: "chain", orbital: numbers[body], hopping: 1.3 },
  ];
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: n,
      hamiltonian,
      parameters: {
        half: sites
          .filter(([x]) => x > 0)
          .map(([x, y]): Triplet => [at.get(`${x},${y}`)!, at.get(`${x},${y}`)!, 1]),
        row: sites
          .filter(([, y]) => y === 0)
          .map(([x]): Triplet => [at.get(`${x},0`)!, at.get(`${x},0`)!, 0.5 + 0.1 * x]),
        bond: [
          hamiltonian
            .find(([i, j]) => i !== j)!
            .slice(0, 2)
            .concat(field === 0 ? 0.7 : [0.7, 0.3 * field]) as Triplet,
        ],
      },
      leads,
    },
  });
}

/** A square lattice without leads but two of one orbital, or with two periodic ones over its ends. */
function lattice(width: number, length: number, ends: boolean, phase = 0): ResolvedModel {
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: Triplet[] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), Math.sin(site(x, y) ** 2)]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 < length)
        hamiltonian.push([site(x, y), site(x + 1, y), -Math.cos(phase * y), -Math.sin(phase * y)]);
    }
  const all = Array.from({ length: width }, (_, y) => y);
  const cell = [...all.map((y): Triplet => [y, y, 0]), ...all.slice(1).map((y): Triplet => [y - 1, y, -1])];
  const lead = (name: string, x: number): Lead =>
    ends
      ? {
          name,
          kind: "periodic",
          orbitals: all.map((y) => site(x, y)),
          onsite: cell,
          hopping: all.map((y) => [y, y, -1]),
        }
      : { name, kind: "chain", orbital: site(x, width >> 1), hopping: 1 };
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: {},
      leads: [lead("a", 0), lead("b", length - 1)],
    },
  });
}

const rates = { factors: 1, sweeps: 1, rows: 0 };

test.each([
  // Small cliques, too, so that they become separators.
  ["nested dissection", (graph, list, cliques) => nestedOrder(graph, list, cliques)],
  ["minimum degree", (graph, list) => degreeOrder(graph, list, 4, rates)],
] satisfies [string, (graph: CompressedRows, list: Int32Array, cliques: Int32Array[]) => FrontOrder][])(
  "%s: the order holds every connected orbital once, and the fronts all that elimination fills",
  (_, order) => {
    for (const seed of seeds(12)) {
      const { device } = disc(seed, 4 + (seed % 5));
      const matrices = [device.hamiltonian, ...device.parameters.map(({ derivative }) => derivative)];
      const graph = deviceGraph(device, matrices);
      const connected = blockOrder(graph, device.leads).orbitals.slice().sort();
      const { orbitals, starts, fronts } = order(graph, connected, leadCliques(device.leads));
      expect(orbitals.slice().sort()).toEqual(connected);
      const place = new Map(Array.from(orbitals, (orbital, p) => [orbital, p]));
      const filled = Array.from(orbitals, (orbital) => {
        const row = graph.columns.subarray(graph.rowStart[orbital], graph.rowStart[orbital + 1]);
        return new Set(Array.from(row, (j) => place.get(j)!));
      });
      for (let f = 0; f < fronts.parents.length; f++) {
        const pivots = Array.from({ length: starts[f + 1] - starts[f] }, (_, k) => starts[f] + k);
        expect(pivots.length).toBeGreaterThan(0);
        const behind = new Set(pivots.flatMap((p) => [...filled[p]]).filter((q) => q >= starts[f + 1]));
        const list = fronts.boundary.subarray(fronts.boundaryStart[f], fronts.boundaryStart[f + 1]);
        expect(Array.from(list)).toEqual([...behind].sort((a, b) => a - b));
        // What is behind couples from now on, and belongs to the front above or to those above it.
        for (const p of behind) for (const q of behind) filled[p].add(q);
        if (behind.size > 0) expect(fronts.parents[f]).toBeGreaterThan(f);
        else expect(fronts.parents[f]).toBe(-1);
        const above = fronts.parents[f];
        if (above >= 0) for (const p of behind) expect(p).toBeGreaterThanOrEqual(starts[above]);
      }
    }
  },
);

/** A tree with a few long bonds between its orbitals, and a lead of one orbital at either end. */
function sparseGraph(orbitals: number, bonds: number): ResolvedModel {
  const random = randomSource(11);
  const hamiltonian = new Map<number, Triplet>();
  for (let i = 0; i < orbitals; i++) hamiltonian.set(i * (orbitals + 1), [i, i, random.between(-0.3, 0.3)]);
  for (let i = 1; i < orbitals; i++) hamiltonian.set((i - 1) * orbitals + i, [i - 1, i, -1]);
  while (hamiltonian.size < 2 * orbitals - 1 + bonds) {
    const [i, j] = [random.integer(0, orbitals - 1), random.integer(0, orbitals - 1)];
    if (i < j && !hamiltonian.has(i * orbitals + j)) hamiltonian.set(i * orbitals + j, [i, j, -0.7]);
  }
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals,
      hamiltonian: [...hamiltonian.values()],
      parameters: { x: [[7, 7, 1]] },
      leads: [
        { name: "a", kind: "chain", orbital: 0, hopping: 1.2 },
        { name: "b", kind: "chain", orbital: orbitals - 1, hopping: 1.2 },
      ],
    },
  });
}

const pathGraph = (size: number, close: boolean): CompressedRows => {
  const columns: number[] = [];
  const rowStart = [0];
  for (let i = 0; i < size; i++) {
    const near = [i - 1, i, i + 1].map((j) => (close ? (j + size) % size : j));
    columns.push(...near.filter((j) => j >= 0 && j < size).sort((a, b) => a - b));
    rowStart.push(columns.length);
  }
  return { rowStart: Int32Array.from(rowStart), columns: Int32Array.from(columns) };
};

test("minimum degree: no fill in a path, two rows behind each front of a ring, alike orbitals together", () => {
  for (const close of [false, true]) {
    const graph = pathGraph(50, close);
    const { pivots, boundary, parents } = minimumDegree(
      graph,
      Int32Array.from({ length: 50 }, (_, i) => i),
    );
    expect(pivots.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(Math.max(...boundary)).toBe(close ? 2 : 1);
    parents.forEach((parent, f) => {
      expect(parent === -1 || parent > f).toBe(true);
    });
    expect(parents.filter((parent) => parent === -1).length).toBe(1);
  }
  // A hub comes last, with as many arms as it may have and with more.
  for (const arms of [9, 2000]) {
    const star = {
      rowStart: Int32Array.from({ length: arms + 2 }, (_, i) => (i === 0 ? 0 : arms + 1 + 2 * (i - 1))),
      columns: Int32Array.from([
        ...Array.from({ length: arms + 1 }, (_, j) => j),
        ...Array.from({ length: arms }, (_, i) => [0, i + 1]).flat(),
      ]),
    };
    const all = Int32Array.from({ length: arms + 1 }, (_, i) => i);
    const { orbitals, fronts, starts } = degreeOrder(star, all, 1, rates);
    expect(orbitals.slice().sort()).toEqual(all);
    const last = starts.length - 2;
    expect(orbitals.subarray(starts[last])).toContain(0);
    for (let f = 0; f < last; f++) {
      expect(fronts.boundaryStart[f + 1] - fronts.boundaryStart[f]).toBe(1);
      expect(fronts.parents[f]).toBe(last);
    }
  }
  // All coupled to all: one front.
  const size = 9;
  const full = {
    rowStart: Int32Array.from({ length: size + 1 }, (_, i) => i * size),
    columns: Int32Array.from({ length: size * size }, (_, k) => k % size),
  };
  expect(
    minimumDegree(
      full,
      Int32Array.from({ length: size }, (_, i) => i),
    ).pivots.length,
  ).toBe(1);
});

test("a sparse graph: minimum degree fills a fraction of what separators do, and is taken", async () => {
  const model = sparseGraph(1500, 150);
  const graph = deviceGraph(model.device, [model.device.hamiltonian]);
  const all = Int32Array.from({ length: 1500 }, (_, i) => i);
  const operations = (order: FrontOrder) => frontOperations(order, 1, rates);
  expect(operations(degreeOrder(graph, all, 1, rates))).toBeLessThan(
    0.5 * operations(nestedOrder(graph, all, [])),
  );
  const kernels = await loadKernels();
  const solver = new KernelSolver(kernels, model.device, false);
  const { S, dS } = solver.solveWithDerivatives(0.4);
  expect(solver.nested).toBe(true);
  const found = [S.slice(), dS.slice()];
  kernels.fronts = false;
  const slices = new KernelSolver(kernels, model.device, false);
  const expected = slices.solveWithDerivatives(0.4);
  expect(slices.nested).toBe(false);
  expect(difference(found[0], expected.S)).toBeLessThan(1e-11);
  expect(difference(found[1], expected.dS)).toBeLessThan(1e-10);
  solver.release();
  slices.release();
});

describe.each(
  buildsHere.flatMap((build) => [
    { build, kind: "real", field: 0 },
    { build, kind: "complex", field: 0.7 },
  ]),
)("$build kernels, $kind devices", ({ build, field }) => {
  test("S, its derivatives, K, P and the antisymmetric friction of irregular devices are those of slices and of the twin", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(6, 3)) {
      const model = disc(seed, 5 + (seed % 4), field);
      const values = Float64Array.of(0.2, -0.3, 0.4);
      const energy = -0.9 + 0.31 * seed;
      const make = (fronts: boolean, real: boolean) => {
        [kernels.fronts, kernels.shortCut] = [fronts, real];
        const solver = new KernelSolver(kernels, model.device, false);
        solver.configure(values);
        return solver;
      };
      const slices = make(false, false);
      const expected = slices.solve(energy, { energyDerivative: true, antisymmetricFriction: true });
      const lists = [
        expected.S,
        expected.dSdE,
        ...expected.K,
        ...expected.P,
        ...expected.antisymmetricFriction,
      ].map((list) => list.slice());
      expect(slices.path).toBe("complex");
      const alone = slices.solveWithDerivatives(energy).dS.slice();
      const fronts = make(true, true);
      const point = fronts.solve(energy, { energyDerivative: true, antisymmetricFriction: true });
      expect(fronts.nested).toBe(true);
      expect(fronts.path).toBe(field === 0 ? "real" : "hermitian");
      expect(slices.nested).toBe(false);
      expect(point.unitarityDefect).toBeLessThan(1e-12);
      [point.S, point.dSdE, ...point.K, ...point.P, ...point.antisymmetricFriction].forEach((list, k) => {
        expect(difference(list, lists[k]), `seed ${seed}, list ${k}`).toBeLessThan(1e-10);
      });
      const m = point.channels;
      for (const K of point.K)
        for (let a = 0; a < m; a++)
          for (let b = 0; b < m; b++) {
            expect(K[2 * (a * m + b)]).toBe(K[2 * (b * m + a)]);
            expect(K[2 * (a * m + b) + 1] + 0).toBe(0 - K[2 * (b * m + a) + 1]);
          }
      expect(difference(fronts.solveWithDerivatives(energy).dS, alone), `seed ${seed}`).toBeLessThan(1e-10);
      expect(difference(fronts.solveAlone(energy).S, lists[0]), `seed ${seed}`).toBeLessThan(1e-11);
      if (seed === 4 && build === "simd") {
        const twin = densePointSolver(model);
        twin.configure(values);
        const slow = twin.solve(energy, { energyDerivative: true });
        // The basis inside a lead is free: sums over the channels of each pair of leads are compared.
        for (const [found, of] of [
          [lists[0], slow.S],
          [lists[2], slow.K[0]],
          [lists[4], slow.K[2]],
        ])
          expect(difference(pairs(found, point), pairs(of, slow)), `twin, seed ${seed}`).toBeLessThan(1e-10);
      }
      // What fronts do not answer, slices do, and fronts go on afterwards.
      expect(Array.from(fronts.traceGreen(0.1, 0.4)).length).toBe(6);
      expect(difference(fronts.solve(energy, { energyDerivative: false }).S, lists[0])).toBeLessThan(1e-11);
      expect(fronts.nested).toBe(true);
      fronts.release();
      slices.release();
    }
  });

  test("a singular front is declined and the point answered by slices", async () => {
    const kernels = await loadKernels(build);
    kernels.fronts = true;
    // A hub with forty arms of one orbital, of which one has its level at the energy: the arms are one part once the hub is taken out.
    const arms = Array.from({ length: 40 }, (_, k) => k + 1);
    const model = resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals: 42,
        hamiltonian: [
          ...arms.map((k) => [k, k, k === 15 ? 0.3 : 1 + 0.1 * k]),
          ...arms.map((k) => [0, k, -0.5, field * k]),
          [0, 41, -1],
        ] as Triplet[],
        parameters: { x: [[5, 5, 1]] },
        leads: [
          { name: "a", kind: "chain", orbital: 41, hopping: 1 },
          { name: "b", kind: "wideband", orbitals: [0], width: 0.5 },
        ],
      },
    });
    const solver = new KernelSolver(kernels, model.device, false);
    const twin = densePointSolver(model);
    for (const [energy, nested] of [
      [0.31, true],
      [0.3, false],
      [0.29, true],
    ] as const) {
      const { S, K } = solver.solve(energy, { energyDerivative: false });
      expect(solver.nested, `E = ${energy}`).toBe(nested);
      const expected = twin.solve(energy, { energyDerivative: true });
      expect(difference(S, expected.S)).toBeLessThan(1e-12);
      expect(difference(K[0], expected.K[0])).toBeLessThan(1e-12);
    }
    solver.release();
  });
});

test.each([
  ["a wide square", lattice(64, 64, true), true],
  ["a wide square with thin leads", lattice(64, 64, false), true],
  ["a narrow ribbon", lattice(12, 200, true), false],
  ["a wide square in a magnetic field", lattice(64, 64, false, 0.01), true],
  ["a narrow ribbon in a magnetic field", lattice(12, 200, true, 0.01), false],
])("%s: fronts where they cost less", async (_, model, expected) => {
  const kernels = await loadKernels();
  const solver = new KernelSolver(kernels, model.device, false);
  const S = solver.solveAlone(-1.3).S.slice();
  expect(solver.nested).toBe(expected);
  kernels.fronts = false;
  const slices = new KernelSolver(kernels, model.device, false);
  expect(difference(S, slices.solveAlone(-1.3).S)).toBeLessThan(1e-11);
  expect(slices.nested).toBe(false);
  slices.release();
  solver.release();
});

test("thousands of calls by fronts leave the kernel memory as it was, and closing gives it back", async () => {
  const kernels = await loadKernels();
  kernels.fronts = true;
  const { device } = disc(3, 4, 0.5);
  const values = new Float64Array(3);
  const once = (count: number) => {
    const solver = new KernelSolver(kernels, device, false);
    for (let k = 0; k < count; k++) {
      values.fill(0.1 * Math.sin(k));
      solver.configure(values);
      solver.solve(0.3 + 0.001 * (k % 50), { energyDerivative: true });
      solver.solveAlone(0.3);
    }
    expect(solver.nested).toBe(true);
    solver.release();
  };
  // One of these points is declined by the fronts, so that slices take their memory, too.
  once(500);
  const start = kernels.allocate(16);
  kernels.release(start);
  const { byteLength } = kernels.calls.memory.buffer;
  once(1000);
  expect(kernels.calls.memory.buffer.byteLength).toBe(byteLength);
  const end = kernels.allocate(16);
  kernels.release(end);
  expect(end).toBe(start);
});
