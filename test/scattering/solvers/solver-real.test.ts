// The short cut of real devices (X = A_r^-1 W in real arithmetic) against the complex path on the same device, in all builds, by slices and by fronts.

import { describe, expect, test } from "vitest";
import { Kernels } from "../../../src/engine/kernels.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { ResolvedModel } from "../../../src/model/types.js";
import { unitarityDefect } from "../../../src/numerics/linear-algebra/unitary.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { builds } from "../../twins/builds.js";
import { randomModel } from "../../twins/random-device.js";
import { seeds } from "../../twins/seeds.js";

function difference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(found.length).toBe(expected.length);
  let [size, defect] = [1, 0];
  for (let k = 0; k < expected.length; k++) {
    size = Math.max(size, Math.abs(expected[k]));
    defect = Math.max(defect, Math.abs(found[k] - expected[k]));
  }
  return defect / size;
}

/** One device on both paths. */
function onBothPaths(kernels: Kernels, model: ResolvedModel) {
  const make = (real: boolean) => {
    kernels.realPath = real;
    const solver = new KernelSolver(kernels, model.device, false);
    solver.configure(Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.4 * i));
    // A plan reads the switch when it takes X, which the first question has it do.
    solver.energyScale();
    return solver;
  };
  const pair = { real: make(true), complex: make(false) };
  kernels.realPath = true;
  return pair;
}

function copied(point: ScatteringPoint) {
  const lists = [point.S, point.dSdE, ...point.K, ...point.P, ...point.lorentz];
  return lists.map((list) => list.slice());
}

/** A clean or disordered strip with two contacts on each end slice, local and global gates. */
function strip(
  width: number,
  length: number,
  disorder: number,
  gates?: Record<string, number[][]>,
): ResolvedModel {
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: number[][] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), disorder * Math.sin(37 * site(x, y) ** 2)]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 < length) hamiltonian.push([site(x, y), site(x + 1, y), -1 - 0.3 * disorder * Math.cos(y)]);
    }
  const chain = (name: string, orbital: number) => ({ name, kind: "chain", orbital, hopping: 1.2 });
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: gates ?? {
        all: Array.from({ length: width * length }, (_, i) => [i, i, 1]),
        dot: [[site(length >> 1, 0), site(length >> 1, 0), 1]],
        bond: [[site(1, 0), site(2, 0), 0.5]],
      },
      leads: [
        chain("a", site(0, 0)),
        chain("b", site(length - 1, width - 1)),
        { name: "c", kind: "wideband", orbitals: [site(length >> 1, width >> 1)], width: 0.4 },
      ],
    },
  });
}

describe.each(
  builds.flatMap((build) => [
    { build, by: "slices", fronts: false },
    { build, by: "fronts", fronts: true },
  ]),
)("$build kernels, by $by", ({ build, fronts }) => {
  test("real and complex arithmetic agree on random real devices", async () => {
    const kernels = await Kernels.load(build);
    kernels.fronts = fronts;
    let taken = 0;
    for (const seed of seeds(150, 75)) {
      const long = seed % 2 === 0 ? { orbitals: 24, density: 0.05, leads: 2 } : {};
      const model = resolveModel(randomModel(seed, { real: true, ...long }));
      const { real, complex } = onBothPaths(kernels, model);
      for (const options of [{ firstOrder: false }, { firstOrder: true, lorentz: true }]) {
        const expected = copied(complex.solve(0.137, options));
        expect(complex.path).toBe("complex");
        const found = copied(real.solve(0.137, options));
        if (real.path === "real") taken++;
        const lists = options.firstOrder ? expected.length : 1;
        for (let k = 0; k < lists; k++)
          expect(difference(found[k], expected[k]), `seed ${seed}, list ${k}`).toBeLessThan(1e-10);
      }
      const expected = complex.solveWithDerivatives(0.4);
      const [S, dSdE, dS] = [expected.S.slice(), expected.dSdE!.slice(), expected.dS.slice()];
      const found = real.solveWithDerivatives(0.4);
      expect(difference(found.S, S), `seed ${seed}`).toBeLessThan(1e-11);
      expect(difference(real.solveAlone(0.4).S, S), `S alone, seed ${seed}`).toBeLessThan(1e-11);
      expect(difference(complex.solveAlone(0.4).S, S), `S alone, seed ${seed}`).toBeLessThan(1e-13);
      expect(difference(found.dSdE!, dSdE), `seed ${seed}`).toBeLessThan(1e-10);
      expect(difference(found.dS, dS), `seed ${seed}`).toBeLessThan(1e-10);
      real.release();
      complex.release();
    }
    // Closed leads leave nothing to solve; elsewhere the short cut is the rule.
    expect(taken).toBeGreaterThan(1.66 * seeds(150, 75).length);
  });

  test.each([
    [1, 60, 0],
    [3, 20, 0],
    [3, 21, 0.3],
    [10, 12, 0.4],
    [30, 8, 0.4],
  ])(
    "strips of %i x %i, disorder %f, at ordinary and at symmetric energies",
    async (width, length, disorder) => {
      const kernels = await Kernels.load(build);
      kernels.fronts = fronts;
      const { real, complex } = onBothPaths(kernels, strip(width, length, disorder));
      for (const energy of [0, 0.31, -0.77, 1, 1.9]) {
        let expected: Float64Array[];
        try {
          expected = copied(complex.solve(energy, { firstOrder: false }));
        } catch {
          // A bound state exactly at this energy: refused on either path.
          expect(() => real.solve(energy, { firstOrder: false })).toThrow(/singular/);
          continue;
        }
        const point = real.solve(energy, { firstOrder: false });
        expect(point.unitarityDefect).toBeLessThan(1e-12);
        expect(Math.abs(point.unitarityDefect - unitarityDefect(point.S, point.channels))).toBeLessThan(
          2e-15,
        );
        const found = copied(point);
        // Without energy derivative and P: S and the K.
        for (const k of [0, 2, 3, 4])
          expect(difference(found[k], expected[k]), `E = ${energy}, list ${k}`).toBeLessThan(1e-10);
      }
      real.release();
      complex.release();
    },
  );

  // Pieces of many derivatives; gates apart, overlapping, of bonds, of orbitals that are not neighbours, one without any.
  test.each([
    ["apart", (k: number) => [0, 1, 2].map((i) => [3 * k + i, 3 * k + i, 1 + 0.1 * i])],
    ["apart and scattered", (k: number) => [k, 700 + k].map((i) => [i, i, -0.7])],
    ["overlapping", (k: number) => [k, k + 1].map((i) => [i, i, 0.4])],
    ["of bonds", (k: number) => [[2 * k, 2 * k + 1, 0.3]]],
    ["with an empty one", (k: number) => (k === 7 ? [] : [[k, k, 1]])],
  ])("derivatives by 600 gates %s are -i S K", async (_, elements) => {
    const kernels = await Kernels.load(build);
    kernels.fronts = fronts;
    const gates = Object.fromEntries(Array.from({ length: 600 }, (_, k) => [`g${k}`, elements(k)]));
    const { real, complex } = onBothPaths(kernels, strip(10, 180, 0.1, gates));
    for (const solver of [real, complex]) {
      kernels.realPath = solver === real;
      solver.configure(new Float64Array(600).fill(0.05));
      for (const energy of [0.31, 0.7]) {
        const point = solver.solve(energy, { firstOrder: false });
        const m = point.channels;
        const expected = new Float64Array(point.K.length * 2 * m * m);
        point.K.forEach((k, nu) => {
          for (let a = 0; a < m; a++)
            for (let b = 0; b < m; b++)
              for (let c = 0; c < m; c++) {
                const [p, q, at] = [2 * (a * m + c), 2 * (c * m + b), 2 * (m * (nu * m + a) + b)];
                expected[at] += point.S[p] * k[q + 1] + point.S[p + 1] * k[q];
                expected[at + 1] -= point.S[p] * k[q] - point.S[p + 1] * k[q + 1];
              }
        });
        const size = Math.max(...expected);
        expect(size).toBeGreaterThan(0.1);
        expect(difference(solver.solveWithDerivatives(energy).dS, expected)).toBeLessThan(1e-11 * size);
      }
    }
    expect([real.path, complex.path]).toEqual(["real", "complex"]);
    real.release();
    complex.release();
  });
});
