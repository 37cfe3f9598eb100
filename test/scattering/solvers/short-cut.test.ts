// The short cut (X = A_r^-1 W with the Hermitian A_r, in real arithmetic where the device is real) against the factors of E - H - Sigma on the
// same device, in all builds, by slices and by fronts, for real devices and in a magnetic field.

import { describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, ResolvedModel, Triplet } from "../../../src/model/types.js";
import { unitarityDefect } from "../../../src/numerics/linear-algebra/unitary.js";
import type { ScatteringPoint } from "../../../src/scattering/point.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { buildsHere } from "../../twins/builds.js";
import { denseHamiltonian } from "../../twins/dense.js";
import { hermitianEigen } from "../../twins/linear-algebra.js";
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
  const make = (allowed: boolean) => {
    kernels.shortCut = allowed;
    const solver = new KernelSolver(kernels, model.device, false);
    solver.configure(Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.4 * i));
    // A plan reads the switch when it takes X, which the first question has it do.
    solver.energyScale();
    return solver;
  };
  const pair = { short: make(true), whole: make(false) };
  kernels.shortCut = true;
  return pair;
}

function copied(point: ScatteringPoint) {
  const lists = [point.S, point.dSdE, ...point.K, ...point.P, ...point.antisymmetricFriction];
  return lists.map((list) => list.slice());
}

/** A clean or disordered strip with a contact on each end slice and one in the middle, local and global gates; `wide`: leads without Sigma_H;
 * `columns`: those of the ends cover the end slices, and there is none in the middle. */
function strip(
  width: number,
  length: number,
  disorder: number,
  gates?: Record<string, number[][]>,
  field = 0,
  wide = false,
  columns = false,
): ResolvedModel {
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: number[][] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      hamiltonian.push([site(x, y), site(x, y), disorder * Math.sin(37 * site(x, y) ** 2)]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 === length) continue;
      const size = -1 - 0.3 * disorder * Math.cos(y);
      const bond = [size * Math.cos(field * y), size * Math.sin(field * y)];
      hamiltonian.push([site(x, y), site(x + 1, y), ...(field === 0 ? [size] : bond)]);
    }
  const column = (orbital: number) =>
    Array.from({ length: width }, (_, y) => orbital - (orbital % width) + y);
  const middle = { name: "c", kind: "wideband", orbitals: [site(length >> 1, width >> 1)], width: 0.4 };
  const contact = (name: string, orbital: number) =>
    wide
      ? { name, kind: "wideband", orbitals: columns ? column(orbital) : [orbital], width: 0.5 }
      : { name, kind: "chain", orbital, hopping: 1.2 };
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
        contact("a", site(0, 0)),
        contact("b", site(length - 1, width - 1)),
        ...(columns ? [] : [middle]),
      ],
    },
  });
}

describe.each(
  buildsHere.flatMap((build) => [
    { build, by: "slices", fronts: false, kind: "real", field: 0 },
    { build, by: "fronts", fronts: true, kind: "real", field: 0 },
    { build, by: "slices", fronts: false, kind: "complex", field: 0.3 },
    { build, by: "fronts", fronts: true, kind: "complex", field: 0.3 },
  ]),
)("$build kernels, $kind devices by $by", ({ build, fronts, field }) => {
  const path = field === 0 ? "real" : "hermitian";

  test("the short cut and the factors of A agree on random devices", async () => {
    const kernels = await loadKernels(build);
    kernels.fronts = fronts;
    let taken = 0;
    for (const seed of seeds(150, 20)) {
      const long = seed % 2 === 0 ? { orbitals: 24, density: 0.05, leads: 2 } : {};
      const model = resolveModel(randomModel(seed, { real: field === 0, ...long }));
      const { short, whole } = onBothPaths(kernels, model);
      for (const options of [
        { energyDerivative: false },
        { energyDerivative: true, antisymmetricFriction: true },
      ]) {
        const expected = copied(whole.solve(0.137, options));
        expect(whole.path).toBe("complex");
        const found = copied(short.solve(0.137, options));
        if (short.path === path) taken++;
        const lists = options.energyDerivative ? expected.length : 1;
        for (let k = 0; k < lists; k++)
          expect(difference(found[k], expected[k]), `seed ${seed}, list ${k}`).toBeLessThan(1e-10);
      }
      const expected = whole.solveWithDerivatives(0.4);
      const [S, dSdE, dS] = [expected.S.slice(), expected.dSdE!.slice(), expected.dS.slice()];
      const found = short.solveWithDerivatives(0.4);
      expect(difference(found.S, S), `seed ${seed}`).toBeLessThan(1e-11);
      expect(difference(short.solveAlone(0.4).S, S), `S alone, seed ${seed}`).toBeLessThan(1e-11);
      expect(difference(whole.solveAlone(0.4).S, S), `S alone, seed ${seed}`).toBeLessThan(1e-13);
      expect(difference(found.dSdE!, dSdE), `seed ${seed}`).toBeLessThan(1e-10);
      expect(difference(found.dS, dS), `seed ${seed}`).toBeLessThan(1e-10);
      short.release();
      whole.release();
    }
    // Closed leads leave nothing to solve; elsewhere the short cut is the rule.
    expect(taken).toBeGreaterThan(1.66 * seeds(150, 20).length);
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
      const kernels = await loadKernels(build);
      kernels.fronts = fronts;
      const { short, whole } = onBothPaths(kernels, strip(width, length, disorder, undefined, field));
      for (const energy of [0, 0.31, -0.77, 1, 1.9]) {
        let expected: Float64Array[];
        try {
          expected = copied(whole.solve(energy, { energyDerivative: false }));
        } catch {
          // A bound state exactly at this energy: refused on either path.
          expect(() => short.solve(energy, { energyDerivative: false })).toThrow(/singular/);
          continue;
        }
        const point = short.solve(energy, { energyDerivative: false });
        expect(point.unitarityDefect).toBeLessThan(1e-12);
        expect(Math.abs(point.unitarityDefect - unitarityDefect(point.S, point.channels))).toBeLessThan(
          2e-15,
        );
        const found = copied(point);
        // Without energy derivative and P: S and the K.
        for (const k of [0, 2, 3, 4])
          expect(difference(found[k], expected[k]), `E = ${energy}, list ${k}`).toBeLessThan(1e-10);
      }
      short.release();
      whole.release();
    },
  );

  test("P and the antisymmetric friction of points that need few digits keep those they state", async () => {
    const kernels = await loadKernels(build);
    kernels.fronts = fronts;
    let [first, worst, lossy] = [0, 0, 0];
    for (const [width, length, disorder] of [
      [3, 20, 0.3],
      [6, 9, 0.5],
      [10, 12, 0.4],
    ]) {
      for (const gates of [
        undefined,
        {
          some: [[4, 4, 1]],
          bond: [[2, 5, 0.3]],
          all: [
            [0, 0, 1],
            [9, 9, -1],
          ],
        },
      ]) {
        const model = strip(width, length, disorder, field === 0 ? gates : undefined, field);
        const { short, whole } = onBothPaths(kernels, model);
        for (let k = 0; k < 30; k++) {
          const energy = -1.83 + 0.1217 * k;
          const options = { energyDerivative: true, antisymmetricFriction: true };
          const expected = copied(whole.solve(energy, options));
          const point = short.solve(energy, { ...options, residual: () => 1e-12 });
          if (!point.rounding) continue;
          first++;
          const { relative, y, b } = point.rounding;
          if (relative > 100) lossy++;
          const { directions } = short;
          const found = copied(point);
          // P stands after S, S' and K of every direction.
          for (let i = 2 + directions; i < 2 + 2 * directions; i++)
            worst = Math.max(worst, difference(found[i], expected[i]) / (1e-11 + 1e-15 * relative));
          for (let i = 2 + 2 * directions; i < found.length; i++) {
            // The sum of the errors of y, and that of b.
            const sums = [0, 0];
            found[i].forEach((value, a) => {
              sums[a % 2] += Math.abs(value - expected[i][a]);
            });
            worst = Math.max(worst, sums[0] / (1e-14 + 1e-15 * y), sums[1] / (1e-14 + 1e-15 * b));
          }
        }
        short.release();
        whole.release();
      }
    }
    expect(first).toBeGreaterThan(120);
    expect(lossy).toBeGreaterThan(20);
    expect(worst).toBeLessThan(10);
  });

  // Pieces of many derivatives; gates apart, overlapping, of bonds, of orbitals that are not neighbours, one without any.
  test.each([
    ["apart", (k: number) => [0, 1, 2].map((i) => [3 * k + i, 3 * k + i, 1 + 0.1 * i])],
    ["apart and scattered", (k: number) => [k, 700 + k].map((i) => [i, i, -0.7])],
    ["overlapping", (k: number) => [k, k + 1].map((i) => [i, i, 0.4])],
    ["of bonds", (k: number) => [[2 * k, 2 * k + 1, 0.3]]],
    ["with an empty one", (k: number) => (k === 7 ? [] : [[k, k, 1]])],
  ])("derivatives by 600 gates %s are -i S K", async (_, elements) => {
    const kernels = await loadKernels(build);
    kernels.fronts = fronts;
    const gates = Object.fromEntries(Array.from({ length: 600 }, (_, k) => [`g${k}`, elements(k)]));
    const { short, whole } = onBothPaths(kernels, strip(10, 180, 0.1, gates, field));
    for (const solver of [short, whole]) {
      kernels.shortCut = solver === short;
      solver.configure(new Float64Array(600).fill(0.05));
      for (const energy of [0.31, 0.7]) {
        const point = solver.solve(energy, { energyDerivative: false });
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
    expect([short.path, whole.path]).toEqual([path, "complex"]);
    short.release();
    whole.release();
  });

  test("S of the reversed field is the transposed S, also at a pole of A_r and on a used device", async () => {
    const kernels = await loadKernels(build);
    kernels.fronts = fronts;
    // Leads without Sigma_H: the levels of H are poles of A_r.
    const models = [field, -field].map((phase) => strip(5, 8, 0.4, undefined, phase, true));
    const [own, reversed] = models.map(({ device }) => new KernelSolver(kernels, device, false));
    const found = new Set<string>();
    for (const gate of [0, 0.35]) {
      const values = Float64Array.of(gate, 0.1, -0.3);
      for (const solver of [own, reversed]) solver.configure(values);
      const levels = hermitianEigen(denseHamiltonian(models[0], values).H).values;
      for (const energy of [0.31, -1.2, ...levels]) {
        const S = own.solveAlone(energy).S.slice();
        const { S: other, channels: m } = reversed.solve(energy, { energyDerivative: false });
        const transposed = new Float64Array(S.length);
        for (let a = 0; a < m; a++)
          for (let b = 0; b < m; b++)
            for (const part of [0, 1]) transposed[2 * (a * m + b) + part] = S[2 * (b * m + a) + part];
        expect(difference(other, transposed), `E = ${energy}`).toBeLessThan(1e-12);
        expect(unitarityDefect(S, m)).toBeLessThan(1e-12);
        found.add(reversed.path);
      }
    }
    expect(found.has(path)).toBe(true);
    own.release();
    reversed.release();
  });
});

test.each(buildsHere.flatMap((build) => [0, 0.3].map((field) => [build, field] as const)))(
  "%s kernels, field %f: levels of parts of the device at the energy leave the first residual at rounding level",
  async (build, field) => {
    const kernels = await loadKernels(build);
    kernels.fronts = false;
    const [width, length] = [12, 9];
    // Leads on the end columns and without Sigma_H: the slices are columns, A_r is E - H, and a slice is singular at the levels of the
    // part up to it.
    const model = strip(width, length, 0.4, undefined, field, true, true);
    const { short, whole } = onBothPaths(kernels, model);
    const { H } = denseHamiltonian(
      model,
      Float64Array.from(model.device.parameters, (_, i) => 0.3 - 0.4 * i),
    );
    const part = (first: number, after: number) => {
      const n = after - first;
      const own = { shape: [n, n] as [number, number], data: new Float64Array(2 * n * n) };
      for (let i = 0; i < n; i++)
        for (let j = 0; j < 2 * n; j++)
          own.data[2 * n * i + j] = H.data[2 * (H.shape[1] * (first + i) + first) + j];
      return hermitianEigen(own).values;
    };
    let [cases, tame] = [0, 0];
    for (const slices of [1, 3, 6])
      for (const levels of [part(0, slices * width), part((length - slices) * width, length * width)])
        for (let k = 3; k < levels.length; k += 11) {
          const energy = levels[k] + 1e-9;
          const lists = ({ S, dSdE, dS }: ReturnType<typeof whole.solveWithDerivatives>) =>
            [S, dSdE!, dS].map((list) => list.slice());
          const expected = lists(whole.solveWithDerivatives(energy));
          lists(short.solveWithDerivatives(energy)).forEach((found, k) => {
            expect(difference(found, expected[k]), `E = ${energy}, list ${k}`).toBeLessThan(1e-10);
          });
          cases++;
          if (short.path !== "complex" && short.firstResidual < 2e-14) tame++;
        }
    expect(cases).toBeGreaterThan(20);
    expect(tame).toBeGreaterThan(0.9 * cases);
    short.release();
    whole.release();
  },
);

/** A disordered ribbon between two clean ones, with a gate on either half. */
function ribbon(width: number, length: number, field: number): ResolvedModel {
  const site = (x: number, y: number) => x * width + y;
  const all = Array.from({ length: width }, (_, y) => y);
  const hamiltonian: Triplet[] = [];
  for (let i = 0; i < width * length; i++) {
    const [x, y] = [Math.floor(i / width), i % width];
    hamiltonian.push([i, i, 0.3 * Math.sin(37 * i * i)]);
    if (y + 1 < width) hamiltonian.push([i, i + 1, -Math.cos(field * x), -Math.sin(field * x)]);
    if (x + 1 < length) hamiltonian.push([i, i + width, -1]);
  }
  // Every other orbital of one half, and all of the other one but a column.
  const left = Array.from({ length: (width * length) >> 2 }, (_, i): Triplet => [2 * i + 1, 2 * i + 1, -0.7]);
  const right = Array.from(
    { length: ((width * length) >> 1) - width },
    (_, i) => i + ((width * length) >> 1),
  );
  const lead = (name: string, x: number): Lead => ({
    name,
    kind: "periodic",
    orbitals: all.map((y) => site(x, y)),
    onsite: all.slice(1).map((y) => [y - 1, y, -1]),
    hopping: all.map((y) => [y, y, -1]),
  });
  return resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: { left, right: right.map((i): Triplet => [i, i, 1]) },
      leads: [lead("a", 0), lead("b", length - 1)],
    },
  });
}

test.each(
  buildsHere.flatMap(
    (build) =>
      [
        [build, 0, "slices"],
        [build, 0.1, "slices"],
        [build, 0.1, "fronts"],
      ] as const,
  ),
)(
  "%s kernels, field %f, by %s: many points of a ribbon with up to 28 channels need no refinement, and keep their digits",
  async (build, field, by) => {
    const kernels = await loadKernels(build);
    kernels.fronts = by === "fronts";
    const { short, whole } = onBothPaths(kernels, ribbon(20, 60, field));
    let [cases, unrefined] = [0, 0];
    // The last ones are close to levels of very many parts of the device, which need more room than there is.
    for (const energy of [...Array.from({ length: 25 }, (_, k) => -2.9 + 0.0567 * k), -1, -0.02, 0.001]) {
      const lists = ({ S, dSdE, dS }: ReturnType<typeof whole.solveWithDerivatives>) =>
        [S, dSdE!, dS].map((list) => list.slice());
      const expected = lists(whole.solveWithDerivatives(energy));
      const point = short.solveWithDerivatives(energy);
      expect(point.channels).toBeGreaterThan(9);
      expect(point.unitarityDefect).toBeLessThan(1e-12);
      lists(point).forEach((found, k) => {
        expect(difference(found, expected[k]), `E = ${energy}, list ${k}`).toBeLessThan(1e-11);
      });
      if (energy > -1.2) continue;
      cases++;
      if (short.path !== "complex" && short.residual === short.firstResidual) unrefined++;
    }
    expect(short.nested).toBe(by === "fronts");
    // Without postponing no point of fronts, and few of slices, would do without.
    expect(unrefined).toBeGreaterThan((by === "fronts" ? 0.25 : 0.4) * cases);
    short.release();
    whole.release();
  },
);

test.each([false, true])(
  "a lead whose W has lost digits is left to the factors of A, and found out (fronts: %s)",
  async (fronts) => {
    const kernels = await loadKernels();
    kernels.fronts = fronts;
    const solver = new KernelSolver(kernels, strip(5, 8, 0.4, undefined, 0.3, true).device, false);
    const expected = solver.solve(0.31, { energyDerivative: false }).S.slice();
    expect(solver.path).toBe("hermitian");
    // W of the wide-band leads, where the kernels keep it.
    const value = Math.sqrt(0.5 / (2 * Math.PI));
    const { floats } = kernels;
    let changed = 0;
    for (let k = 0; k < floats.length; k++) {
      if (Math.abs(floats[k] - value) > 1e-15) continue;
      floats[k] *= 1 + 1e-7;
      changed++;
    }
    expect(changed).toBeGreaterThan(0);
    const found = solver.solve(0.31, { energyDerivative: false });
    expect(solver.path).toBe("complex");
    expect(solver.nested).toBe(false);
    expect(difference(found.S, expected)).toBeLessThan(1e-11);
    solver.release();
  },
);
