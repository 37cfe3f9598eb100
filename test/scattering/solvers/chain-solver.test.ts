// The chain's own solver against the dense twin and against the general solver that it extends, in both builds.

import { describe, expect, test } from "vitest";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, Model, Triplet } from "../../../src/model/types.js";
import { openSolver } from "../../../src/scattering/open.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { ChainSolver } from "../../../src/scattering/solvers/chain-solver.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { densePointSolver } from "../../twins/dense.js";
import { randomSource } from "../../twins/random.js";
import { type ChainOptions, randomChain } from "../../twins/random-chain.js";
import { remembering } from "../../twins/remembered.js";
import { seeds } from "../../twins/seeds.js";

const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((s, x) => s + x * x, 0));
const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return norm(Array.from(a, (x, k) => x - b[k]));
};

/** The same bits; toEqual takes longer for a million numbers than the kernels. */
const same = (a: number[], b: number[]) => a.length === b.length && a.every((x, k) => Object.is(x, b[k]));

const channelsOf = (solver: ChainSolver, energy: number) =>
  solver.solve(energy, { energyDerivative: false }).channels;

/** S, S', K and P equal to rounding times the point's sensitivity. */
function compare(found: ScatteringPoint, expected: ScatteringPoint, where: string, unit = 1e-11): void {
  expect(found.channels, where).toBe(expected.channels);
  const m = expected.channels;
  expect(Array.from(found.channelLead.subarray(0, m))).toEqual(
    Array.from(expected.channelLead.subarray(0, m)),
  );
  const delay = norm(expected.dSdE);
  expect(found.unitarityDefect, where).toBeLessThan(1e-12);
  expect(distance(found.S, expected.S), `S, ${where}`).toBeLessThan(unit * (1 + delay));
  expect(distance(found.dSdE, expected.dSdE), `S', ${where}`).toBeLessThan(unit * (1 + delay) ** 2);
  for (const [nu, K] of expected.K.entries()) {
    expect(distance(found.K[nu], K), `K, ${where}`).toBeLessThan(unit * (1 + norm(K)) * (1 + delay));
    const P = expected.P[nu];
    expect(distance(found.P[nu], P), `P, ${where}`).toBeLessThan(
      unit * (1 + norm(P) + norm(K)) * (1 + delay) ** 2,
    );
  }
}

interface TwinAnswers {
  point: ScatteringPoint;
  below: number;
  traces: Float64Array[];
  lambda: Float64Array;
}

// What the twin says is the same for either build.
const known = remembering<TwinAnswers>();
const heightsOfTraces = [1e-3, 0.4, 30, 1e6];

describe.each(["simd", "scalar"] as const)("%s", (build) => {
  const kinds: [string, ChainOptions][] = [
    ["real", {}],
    ["complex", { complex: true }],
    ["driven real hoppings", { drivenHoppings: true }],
    ["driven complex hoppings", { drivenHoppings: true, complex: true }],
    ["two sites, driven hoppings", { sites: 2, drivenHoppings: true, complex: true }],
  ];
  test.each(kinds)("S, S', K and P of the dense twin: %s", async (kind, options) => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(40, 20))
      for (const tangent of [true, false]) {
        const model = resolveModel(randomChain(seed, options));
        const solver = openSolver(kernels, model.device, tangent);
        expect(solver).toBeInstanceOf(ChainSolver);
        const twin = densePointSolver(model);
        const source = randomSource(seed);
        for (let round = 0; round < 2; round++) {
          const draw = () => Float64Array.from(model.device.parameters, () => source.between(-0.7, 0.7));
          const [X, V] = [draw(), tangent ? draw() : undefined];
          solver.configure(X, V);
          const energy = source.between(-0.8, 0.8);
          const where = `seed ${seed}, round ${round}`;
          const expected = known(`${kind}, ${where}, ${tangent}`, () => {
            twin.configure(X, V);
            return {
              point: twin.solve(energy, { energyDerivative: true }),
              below: twin.eigenvaluesBelow(energy),
              traces: heightsOfTraces.map((im) => twin.traceGreen(energy, im)),
              lambda: twin.traceLambda(),
            };
          });
          compare(solver.solve(energy, { energyDerivative: true }), expected.point, where);
          expect(solver.eigenvaluesBelow(energy), where).toBe(expected.below);
          // What the general solver answers is asked at the same X.
          for (const [i, b] of expected.traces.entries()) {
            const a = solver.traceGreen(energy, heightsOfTraces[i]);
            expect(distance(a, b), where).toBeLessThan(1e-11 * (1 + norm(b)));
            expect(distance(a, b), where).toBeLessThan(1e-9 * norm(b));
          }
          expect(distance(solver.traceLambda(), expected.lambda)).toBeLessThan(1e-12);
        }
        solver.release();
      }
  });

  test("long chains: the numbers of the general solver", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(5, 3))
      for (const disorder of [0.05, 1, 4, 1e4]) {
        const model = resolveModel(
          randomChain(seed, { sites: 300, disorder, drivenHoppings: seed % 2 === 0 }),
        );
        const chain = openSolver(kernels, model.device, true);
        const general = new KernelSolver(kernels, model.device, true);
        const X = Float64Array.of(0.1, -0.2, 0.3);
        const V = Float64Array.of(0.3, 0.1, -0.4);
        for (const solver of [chain, general]) solver.configure(X, V);
        for (const energy of [0.11, 0.29, 0.47]) {
          const expected = general.solve(energy, { energyDerivative: true });
          const found = chain.solve(energy, { energyDerivative: true });
          compare(found, expected, `seed ${seed}, disorder ${disorder}`, 1e-13 * (disorder + 30));
          expect(chain.eigenvaluesBelow(energy)).toBe(general.eigenvaluesBelow(energy));
        }
        chain.release();
        general.release();
      }
  });

  test("energies foretold in any number, right or wrong: the same bits as one by one", async () => {
    const kernels = await loadKernels(build);
    for (const seed of seeds(12, 6))
      for (const options of [
        { sites: 70 },
        { sites: 250, disorder: 3 },
        { sites: 9, drivenHoppings: true },
      ]) {
        const model = resolveModel(randomChain(seed, { ...options, complex: seed % 2 === 0 }));
        const solver = openSolver(kernels, model.device, seed % 3 === 0) as ChainSolver;
        const source = randomSource(seed);
        const X = Float64Array.from(model.device.parameters, () => source.between(-0.7, 0.7));
        solver.configure(X, X);
        // Open and closed leads among them.
        const energies = Float64Array.from({ length: 300 }, () => source.between(-3.5, 3.5));
        const numbersOf = ({ channels, S, dSdE, K, P, unitarityDefect: defect }: ScatteringPoint) => {
          const size = 2 * channels * channels;
          return [channels, defect, ...[S, dSdE, ...K, ...P].flatMap((m) => Array.from(m.subarray(0, size)))];
        };
        const bits = (energy: number, energyDerivative: boolean) =>
          numbersOf(solver.solve(energy, { energyDerivative }));
        for (const energyDerivative of [true, false]) {
          const alone = Array.from(energies, (energy) => bits(energy, energyDerivative));
          for (const count of [1, 2, 7, 300]) {
            let visited = 0;
            solver.solveEach(energies, count, { energyDerivative }, (point, k) => {
              expect(k).toBe(visited++);
              expect(same(numbersOf(point), alone[k]), `seed ${seed}, ${k} of ${count}`).toBe(true);
            });
            expect(visited).toBe(count);
          }
        }
        const heights = Float64Array.from({ length: 200 }, (_, k) => 1e-6 * 1.15 ** k);
        const traces = Array.from(heights, (im) => Array.from(solver.traceGreen(0.3, im)));
        for (const count of [1, 7, 200]) {
          let visited = 0;
          solver.traceGreenEach(0.3, heights, count, (found, k) => {
            expect(k).toBe(visited++);
            expect(Array.from(found)).toEqual(traces[k]);
          });
          expect(visited).toBe(count);
        }
        expect(bits(energies[0], true)).toHaveLength(
          2 + channelsOf(solver, energies[0]) ** 2 * 2 * (2 + 2 * solver.directions),
        );
        solver.configure(
          X.map((x) => 0.3 - x),
          X,
        );
        const moved = bits(energies[0], true);
        solver.configure(X, X);
        if (channelsOf(solver, energies[0]) > 0) expect(moved).not.toEqual(bits(energies[0], true));
        solver.release();
      }
  });

  test("closed leads, broken bonds and singular points", async () => {
    const kernels = await loadKernels(build);
    const lead = (name: string, orbital: number, onsite: number): Lead => ({
      name,
      kind: "chain",
      orbital,
      onsite,
      hopping: 1,
    });
    const model = (left: number, right: number): Model => ({
      format: "nanopinwheel/1",
      device: {
        orbitals: 5,
        hamiltonian: Array.from({ length: 4 }, (_, i): Triplet => [i, i + 1, -1]),
        parameters: { x: [[0, 1, 1]], y: [[2, 2, 1]] },
        leads: [lead("left", 0, left), lead("right", 4, right)],
      },
    });
    for (const [left, right] of [
      [0, 5],
      [5, 0],
      [5, 5],
    ]) {
      const { device } = resolveModel(model(left, right));
      const chain = openSolver(kernels, device, false);
      const general = new KernelSolver(kernels, device, false);
      // At x = 1 the first bond is zero.
      for (const x of [0.2, 1, 0.3]) {
        for (const solver of [chain, general]) solver.configure(Float64Array.of(x, 0.2));
        const expected = general.solve(0.3, { energyDerivative: true });
        const found = chain.solve(0.3, { energyDerivative: true });
        compare(found, expected, `leads at ${left}, ${right}, x = ${x}`);
        expect(chain.eigenvaluesBelow(0.3)).toBe(general.eigenvaluesBelow(0.3));
      }
      chain.release();
      general.release();
    }
  });

  test("thousands of points leave the kernel memory and the results' places as they were", async () => {
    const kernels = await loadKernels(build);
    const solver = openSolver(kernels, resolveModel(randomChain(3, { sites: 12 })).device, true);
    const X = new Float64Array(3);
    const { K } = solver.solve(0.1, { energyDerivative: true });
    const { byteLength } = kernels.calls.memory.buffer;
    for (let k = 0; k < 3000; k++) {
      X.fill(Math.sin(k));
      solver.configure(X, X);
      solver.solve(0.5 * Math.cos(k), { energyDerivative: true });
    }
    expect(kernels.calls.memory.buffer.byteLength).toBe(byteLength);
    expect(solver.solve(0.1, { energyDerivative: true }).K).toBe(K);
    solver.release();
  });
});
