// The batched chain kernel against its twins: the dense one on small chains of every kind, elimination with pivoting on long ones in
// gapped, localised, resonant and band-edge regimes, in both builds.

import { describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, Model, ResolvedModel, Triplet } from "../../../src/model/types.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { BATCH, type ChainBatch, chainBatch } from "../../../src/scattering/solvers/chain.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { stateCount } from "../../../src/transport/energy/state-count.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomSource } from "../../twins/random.js";
import { type ChainOptions, randomChain } from "../../twins/random-chain.js";
import { randomModel } from "../../twins/random-device.js";
import { remembering } from "../../twins/remembered.js";
import { chosen, seeds } from "../../twins/seeds.js";
import { tridiagonalPoint } from "../../twins/tridiagonal.js";

function batchOf(kernels: Kernels, model: ResolvedModel): ChainBatch | undefined {
  const leads = model.device.leads.map((lead, i) => prepareLead(kernels, lead, `device.leads[${i}]`));
  return chainBatch(kernels, model.device, leads);
}

/** Random X and tangent for each point of a batch, written into its rows. */
function fill(batch: ChainBatch, count: number, seed: number, spread: number) {
  const source = randomSource(seed);
  const { values, tangents } = batch.rows;
  const draw = (rows: Float64Array[]) =>
    Array.from({ length: count }, (_, j) =>
      Float64Array.from(rows, (row) => {
        row[j] = source.between(-spread, spread);
        return row[j];
      }),
    );
  return { X: draw(values), V: draw(tangents) };
}

const column = (rows: Float64Array[], j: number) => rows.map((row) => row[j]);
const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((s, x) => s + x * x, 0));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => norm(Array.from(a, (x, k) => x - b[k]));

type Twin = ReturnType<typeof tridiagonalPoint>;

// What the twins say is the same for either build.
const onDense = remembering<{ point: ScatteringPoint; below: number }>();
const onChain = remembering<Twin>();

describe.each(["simd", "scalar"] as const)("%s chain kernel", (build) => {
  const kinds: [string, ChainOptions][] = [
    ["real", {}],
    ["complex", { complex: true }],
    ["driven real hoppings", { drivenHoppings: true }],
    ["driven complex hoppings", { drivenHoppings: true, complex: true }],
    ["two sites", { sites: 2 }],
    ["two sites, driven hoppings", { sites: 2, drivenHoppings: true, complex: true }],
    ["three sites", { sites: 3 }],
    ["three sites, driven hoppings", { sites: 3, drivenHoppings: true, complex: true }],
  ];
  test.each(kinds)("gives S, S' and K of the dense twin: %s", async (kind, options) => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(40, 20)) {
      const model = resolveModel(randomChain(seed, options));
      const batch = batchOf(kernels, model)!;
      const count = 1 + (seed % 7);
      const { X, V } = fill(batch, count, seed, 0.8);
      const energy = randomSource(seed).between(-0.8, 0.8);
      batch.evaluateAt(energy, count, true);
      const { S, dSdE, K, charge, kSquare, transmission, delaySquare, defectSquare } = batch.rows;
      const twin = densePointSolver(model);
      for (let j = 0; j < count; j++) {
        const where = `seed ${seed}, point ${j}`;
        const { point, below } = onDense(`${kind}, ${where}`, () => {
          twin.configure(X[j], V[j]);
          return {
            point: twin.solve(energy, { energyDerivative: true }),
            below: twin.eigenvaluesBelow(energy),
          };
        });
        expect(Math.sqrt(defectSquare[j]), where).toBeLessThan(1e-12);
        expect(distance(column(S, j), point.S), `S, ${where}`).toBeLessThan(1e-11);
        const delay = norm(point.dSdE);
        expect(distance(column(dSdE, j), point.dSdE), `S', ${where}`).toBeLessThan(1e-11 * (1 + delay));
        expect(distance(column(K, j), point.K[0]), `K, ${where}`).toBeLessThan(
          1e-11 * (1 + norm(point.K[0])),
        );
        expect(Math.abs(Math.sqrt(delaySquare[j]) - delay)).toBeLessThan(1e-11 * (1 + delay));
        expect(Math.abs(Math.sqrt(kSquare[j]) - norm(point.K[0]))).toBeLessThan(
          1e-11 * (1 + norm(point.K[0])),
        );
        expect(Math.abs(transmission[j] - norm(point.S.slice(2, 4)) ** 2)).toBeLessThan(1e-11);
        const [left, right] = emissivity(point.S, point.K[0]);
        expect(Math.abs(charge[0][j] - left) + Math.abs(charge[1][j] - right), where).toBeLessThan(
          1e-11 * (1 + norm(point.K[0])),
        );
        expect(batch.levelsBelow(j), `levels, ${where}`).toBe(below);
      }
      batch.release();
    }
  });

  test("gives each point the same bits in any place of any batch", async () => {
    const kernels = await loadKernels(build);
    // Strong gates: some points of a group are localised enough to be taken by the recursions, others are not.
    for (const options of [{}, { disorder: 0.1 }, { drivenHoppings: true }]) {
      const batch = batchOf(kernels, resolveModel(randomChain(5, { sites: 150, ...options })))!;
      const { X, V } = fill(batch, BATCH, 3, 2.5);
      batch.evaluateAt(0.2, BATCH, false);
      const all = batch.rows.S.map((row) => row.slice());
      for (const j of [0, 1, 2, 3, 77, 254, 255]) {
        X[j].forEach((x, nu) => {
          batch.rows.values[nu].fill(x, 0, 3);
          batch.rows.tangents[nu].fill(V[j][nu], 0, 3);
        });
        batch.evaluateAt(0.2, 3, false);
        for (let k = 0; k < 8; k++) expect(batch.rows.S[k][2]).toBe(all[k][j]);
      }
      batch.release();
    }
  });

  // A perturbation of E by a few roundings of the elements moves S by |S'| times it: no method can do better.
  const regimes: [string, ChainOptions, number, number][] = [
    ["conducting", { sites: 300, disorder: 0.05 }, 0.3, 0.1],
    ["localised", { sites: 400, disorder: 2 }, 0.3, 0.1],
    ["strongly localised", { sites: 700, disorder: 6 }, 0.3, 0.1],
    ["gapped by a large on-site energy", { sites: 90, disorder: 1e6 }, 0.3, 0.1],
    [
      "driven hoppings, localised",
      { sites: 300, disorder: 2, drivenHoppings: true, complex: true },
      0.2,
      0.5,
    ],
  ];
  test.each(regimes)("agrees with pivoted elimination: %s", async (regime, options, energy, spread) => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(6, 3)) {
      const model = resolveModel(randomChain(seed, { ...options, scrambled: false }));
      compareWithElimination(kernels, model, energy, spread, seed, options.disorder ?? 1, regime);
    }
  });

  test("agrees with pivoted elimination at the peaks of resonances down to a width of 1e-9", async () => {
    const kernels = await loadKernels(build);
    for (const barrier of [3, 10, 100, 1000, 3e4]) {
      // A level between two barriers; X moves it through the energy.
      const model = resolveModel(
        chainModel([0, 0, barrier, 0.1, barrier, 0, 0], [[3, 1]], wide(0, 1), wide(6, 1)),
      );
      const batch = batchOf(kernels, model)!;
      // The peak of S', found by scanning X about the level's own shift.
      const width = 4 / barrier ** 2;
      for (let scan = 0; scan < 40; scan++) {
        const x = 0.2 + ((scan - 20) / 4) * width;
        batch.rows.values[0][scan] = x;
        batch.rows.tangents[0][scan] = 1;
      }
      const energy = 0.3 - 2 / (barrier - 0.3);
      batch.evaluateAt(energy, 40, false);
      for (let scan = 0; scan < 40; scan++) {
        const X = Float64Array.of(batch.rows.values[0][scan]);
        check(
          batch,
          scan,
          onChain(`barrier ${barrier}, scan ${scan}`, () =>
            tridiagonalPoint(model, X, Float64Array.of(1), energy),
          ),
          barrier,
          `barrier ${barrier}`,
        );
      }
      batch.release();
    }
  });

  test("agrees with pivoted elimination at a level inside a segment of the moments, however deep", async () => {
    const kernels = await loadKernels(build);
    for (const [sites, well] of [
      [81, 40],
      [81, 20],
      [240, 120],
      [240, 40],
      [240, 78],
    ])
      for (const onsite of chosen([2.001, 2.2, 2.02, 2.05, 2.6], 2)) {
        // The bound state of one deeper site in an endless chain lies at E = 0.
        const levels = new Array<number>(sites).fill(onsite);
        levels[well] = onsite - Math.sqrt(onsite * onsite - 4);
        const model = resolveModel(chainModel(levels, [[well, 1]], wide(0, 1), wide(sites - 1, 1)));
        const batch = batchOf(kernels, model)!;
        const shifts = Array.from({ length: 48 }, (_, k) => (k % 2 ? 1 : -1) * 10 ** (-(k >> 1) / 2));
        shifts.forEach((x, j) => {
          batch.rows.values[0][j] = x;
          batch.rows.tangents[0][j] = 1;
        });
        batch.evaluateAt(0, shifts.length, false);
        shifts.forEach((x, j) => {
          // In a resonance's tail S' is as sensitive as S'', which |S'| does not tell: move E by a few roundings.
          const where = `${sites} sites, well ${well}, onsite ${onsite}, x = ${x}`;
          const at = (energy: number) =>
            onChain(`${where}, E = ${energy}`, () =>
              tridiagonalPoint(model, Float64Array.of(x), Float64Array.of(1), energy),
            );
          const twin = at(0);
          const moved = () => [-2e-15, 2e-15].map(at);
          check(batch, j, twin, 4, where, moved);
        });
        batch.release();
      }
  });

  test("agrees with pivoted elimination next to band edges, and where a lead is closed with the block engine", async () => {
    const kernels = await loadKernels(build);
    const lead = (orbital: number, onsite: number): Lead => ({
      name: orbital === 0 ? "left" : "right",
      kind: "chain",
      orbital,
      onsite,
      hopping: 1,
    });
    for (const from of [1e-1, 1e-3, 1e-6, 1e-9]) {
      const model = resolveModel(chainModel(new Array(120).fill(0), [[3, 1]], lead(0, 0), lead(119, 0)));
      compareWithElimination(kernels, model, 2 - from, 0.4, 1, 1, "edge");
      compareWithElimination(kernels, model, -2 + from, 0.4, 2, 1, "edge");
    }
    const model = resolveModel(chainModel(new Array(50).fill(0), [[3, 1]], lead(0, 0), lead(49, 1)));
    const batch = batchOf(kernels, model)!;
    const solver = new KernelSolver(kernels, model.device, true);
    const { X, V } = fill(batch, 8, 1, 0.5);
    batch.evaluateAt(-1.5, 8, true);
    for (let j = 0; j < 8; j++) {
      solver.configure(X[j], V[j]);
      const { channels, S, K } = solver.solve(-1.5, { energyDerivative: false });
      expect(channels).toBe(1);
      expect(distance([batch.rows.S[0][j], batch.rows.S[1][j]], S)).toBeLessThan(1e-12);
      expect(Math.abs(batch.rows.K[0][j] - K[0][0])).toBeLessThan(1e-11 * (1 + Math.abs(K[0][0])));
      expect(batch.rows.transmission[j]).toBe(0);
      expect(batch.levelsBelow(j)).toBe(solver.eigenvaluesBelow(-1.5));
    }
    batch.release();
    solver.release();
  });

  test("says so where a bond breaks or nothing broadens a level", async () => {
    const kernels = await loadKernels(build);
    const broken = resolveModel({
      format: "nanopinwheel/1",
      device: {
        orbitals: 3,
        hamiltonian: [
          [0, 1, 1],
          [1, 2, 1],
        ],
        parameters: { x: [[0, 1, 1]] },
        leads: [wide(0, 1), wide(2, 1)],
      },
    });
    const batch = batchOf(kernels, broken)!;
    batch.rows.values[0].set([0, -1, 0]);
    batch.rows.tangents[0].fill(1);
    batch.evaluateAt(0.1, 3, false);
    const taken = Array.from(batch.rows.defectSquare.subarray(0, 3), (defect) => defect <= 1e-24);
    expect(taken).toEqual([true, false, true]);
    batch.release();
  });

  test("counts the levels of clean chains of any length, where solutions vanish on whole series of sites; states are levels and eigenphases", async () => {
    const kernels = await loadKernels(build);
    const wide = (orbital: number): Lead => ({
      name: orbital === 0 ? "left" : "right",
      kind: "wideband",
      orbitals: [orbital],
      width: 0.7,
    });
    for (const sites of [2, 3, 4, 7, 40, 79, 80, 81, 119, 120, 121, 158, 240, 241, 400]) {
      const model = resolveModel(chainModel(new Array(sites).fill(0), [[1, 1]], wide(0), wide(sites - 1)));
      const batch = batchOf(kernels, model)!;
      const solver = new KernelSolver(kernels, model.device, true);
      for (const energy of [0, 1, -1, Math.SQRT2, 0.3, 1.9, 2.1]) {
        const levels = Array.from(
          { length: sites },
          (_, k) => 2 * Math.cos(((k + 1) * Math.PI) / (sites + 1)),
        );
        if (levels.some((level) => Math.abs(level - energy) < 1e-9)) continue;
        for (const rows of [...batch.rows.values, ...batch.rows.tangents]) rows.fill(0);
        batch.evaluateAt(energy, 4, true);
        solver.configure(Float64Array.of(0), Float64Array.of(0));
        const where = `${sites} sites at ${energy}`;
        expect(batch.levelsBelow(1), where).toBe(levels.filter((level) => level < energy).length);
        expect(Math.abs(batch.statesBelow(2) - stateCount(solver, energy)), where).toBeLessThan(1e-11);
      }
      batch.release();
      solver.release();
    }
  });
});

test("chains are told from other devices", async () => {
  const kernels = await loadKernels();
  const isChain = (model: Model) => {
    const batch = batchOf(kernels, resolveModel(model));
    batch?.release();
    return batch !== undefined;
  };
  expect(isChain({ format: "nanopinwheel/1", device: { preset: "thouless" } })).toBe(true);
  expect(isChain({ format: "nanopinwheel/1", device: { preset: "double-dot" } })).toBe(true);
  expect(isChain({ format: "nanopinwheel/1", device: { preset: "double-dot", dephasing: 0.1 } })).toBe(false);
  expect(isChain({ format: "nanopinwheel/1", device: { preset: "benzene" } })).toBe(false);
  expect(isChain({ format: "nanopinwheel/1", device: { preset: "resonant-level" } })).toBe(false);
  for (const seed of seeds(20))
    expect(isChain(randomModel(seed, { orbitals: 6, leads: 3, kinds: ["scalar", "chain"] }))).toBe(false);
});

function wide(orbital: number, width: number): Lead {
  return { name: orbital === 0 ? "left" : "right", kind: "wideband", orbitals: [orbital], width };
}

/** A chain of hopping -1 with one parameter on the given sites. */
function chainModel(onsite: number[], gate: [number, number][], left: Lead, right: Lead): Model {
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: onsite.length,
      hamiltonian: onsite.flatMap((h, i): Triplet[] => [
        [i, i, h],
        ...(i + 1 < onsite.length ? [[i, i + 1, -1] as Triplet] : []),
      ]),
      parameters: { x: gate.map(([i, value]): Triplet => [i, i, value]) },
      leads: [left, right],
    },
  };
}

/** -(1/2pi) (S K S^+)_aa of two channels. */
function emissivity(S: Float64Array, K: Float64Array): [number, number] {
  const of = (a: number) => {
    let sum = 0;
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 2; j++) {
        const [s, k, t] = [2 * (2 * a + i), 2 * (2 * i + j), 2 * (2 * a + j)];
        const re = S[s] * K[k] - S[s + 1] * K[k + 1];
        const im = S[s] * K[k + 1] + S[s + 1] * K[k];
        sum += re * S[t] + im * S[t + 1];
      }
    return -sum / (2 * Math.PI);
  };
  return [of(0), of(1)];
}

/** S, S' and K to rounding times what the point's own sensitivity makes of it. */
function check(
  batch: ChainBatch,
  j: number,
  twin: Twin,
  scale: number,
  where: string,
  moved: () => Twin[] = () => [],
): void {
  const { S, dSdE, K } = batch.rows;
  const delay = norm(twin.dSdE);
  const rounding = 1e-14 * Math.sqrt(batch.rows.S.length) * (1 + scale * delay);
  const compare = (rows: Float64Array[], part: keyof Twin, allowed: number) => {
    const found = distance(column(rows, j), twin[part]);
    // The dear part of the tolerance, only where it is needed.
    const change =
      found < allowed
        ? 0
        : moved().reduce((most, other) => Math.max(most, distance(other[part], twin[part])), 0);
    expect(found, `${part}, ${where}`).toBeLessThan(allowed + change);
  };
  compare(S, "S", 20 * rounding);
  compare(dSdE, "dSdE", 60 * rounding * (1 + delay));
  compare(K, "K", 60 * rounding * (1 + norm(twin.K) + delay));
}

function compareWithElimination(
  kernels: Kernels,
  model: ResolvedModel,
  energy: number,
  spread: number,
  seed: number,
  scale: number,
  regime: string,
): void {
  const batch = batchOf(kernels, model)!;
  const { X, V } = fill(batch, 5, seed, spread);
  batch.evaluateAt(energy, 5, true);
  for (let j = 0; j < 5; j++) {
    const where = `seed ${seed}, point ${j}`;
    const twin = onChain(`${regime}, E = ${energy}, ${where}`, () =>
      tridiagonalPoint(model, X[j], V[j], energy),
    );
    check(batch, j, twin, scale + 2, where);
  }
  batch.release();
}
