// H(X) with terms and samples: the same device as with functions, as with a substitution, and as with the wheel that was sampled; the
// interpolation's error bounds its distance; derivatives against differences.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Lead, loadEngine, type Model, type ParameterValues, type Triplet } from "../../src/index.js";
import { wheelPotential } from "../../src/model/presets/wheel.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { ExplicitDevice, HamiltonianTerm } from "../../src/model/types.js";
import { apart, numbers } from "../twins/answers.js";
import { type RandomSource, randomSource } from "../twins/random.js";
import { randomModel } from "../twins/random-device.js";
import { seeds } from "../twins/seeds.js";

const engine = await loadEngine();

/** A sparse Hermitian matrix with elements of about `size`. */
function randomMatrix(random: RandomSource, orbitals: number, size: number): Triplet[] {
  const list: Triplet[] = [];
  for (let i = 0; i < orbitals; i++)
    for (let j = i; j < orbitals; j++) {
      if (random.uniform() < 0.6) continue;
      list.push([i, j, random.between(-size, size), i === j ? 0 : random.between(-size, size)]);
    }
  return list;
}

/** Terms of all kinds in x and y. */
function randomTerms(seed: number, orbitals: number): HamiltonianTerm[] {
  const random = randomSource(1000 + seed);
  const matrix = () => randomMatrix(random, orbitals, 0.3);
  return [
    { powers: { x: 2 }, matrix: matrix() },
    { powers: { x: 1, y: 3 }, matrix: matrix() },
    { cos: { x: 1 }, matrix: matrix() },
    { sin: { y: 2 }, cos: { x: 3 }, matrix: matrix() },
    { powers: { y: 1 }, sin: { y: 1 }, matrix: matrix() },
  ];
}

/** The factors of `randomTerms` and their derivatives by x and y, written out. */
const factors = ({ x, y }: ParameterValues) => [
  [x ** 2, 2 * x, 0],
  [x * y ** 3, y ** 3, 3 * x * y ** 2],
  [Math.cos(x), -Math.sin(x), 0],
  [
    Math.sin(2 * y) * Math.cos(3 * x),
    -3 * Math.sin(2 * y) * Math.sin(3 * x),
    2 * Math.cos(2 * y) * Math.cos(3 * x),
  ],
  [y * Math.sin(y), 0, Math.sin(y) + y * Math.cos(y)],
];

/** Sum of matrices with weights, each element once. */
function weighted(parts: [number, Triplet[]][]): Triplet[] {
  const sum = new Map<string, Triplet>();
  for (const [factor, list] of parts)
    for (const [row, column, re, im = 0] of list) {
      const [, , oldRe, oldIm] = sum.get(`${row},${column}`) ?? [0, 0, 0, 0];
      sum.set(`${row},${column}`, [row, column, oldRe + factor * re, (oldIm ?? 0) + factor * im]);
    }
  return [...sum.values()];
}

/** Two devices of the same seed: with terms, and with the same H(X) as a function. */
function pair(seed: number, withDerivative = true): [Model, Model] {
  const model = randomModel(seed, { parameters: 2 });
  const { device } = model;
  const terms = randomTerms(seed, device.orbitals);
  const { x: slopeX, y: slopeY } = device.parameters as Record<string, Triplet[]>;
  const constant = device.hamiltonian as Triplet[];
  const at = (v: ParameterValues, which: number) =>
    terms.map(({ matrix }, t): [number, Triplet[]] => [factors(v)[t][which], matrix]);
  const written: ExplicitDevice = {
    ...device,
    hamiltonian: (v) => weighted([[1, constant], [v.x, slopeX], [v.y, slopeY], ...at(v, 0)]),
    parameters: ["x", "y"],
    ...(withDerivative && {
      derivative: (v) => ({
        x: weighted([[1, slopeX], ...at(v, 1)]),
        y: weighted([[1, slopeY], ...at(v, 2)]),
      }),
    }),
  };
  return [
    { ...model, device: { ...device, terms } },
    { ...model, device: written },
  ];
}

const at = { x: 0.3, y: -0.4 };

const answers = (model: Model) => {
  const device = engine.device(model);
  const { transmission, S, dS } = device.scatter({ energy: 0.13, at }) as unknown as Record<string, unknown>;
  const { force, friction, noise, current, currentPerVelocity } = device.forces({ at });
  const { charge } = device.pump({ energy: 0.13 });
  device.close();
  return {
    scattered: { transmission, S, dS },
    forces: { force, friction, noise, current, currentPerVelocity },
    charge,
  };
};

test.each(seeds(40, 4))("terms are the function that they describe, seed %i", (seed) => {
  const [a, b] = pair(seed).map(answers);
  expect(apart(a.scattered, b.scattered)).toBeLessThan(1e-12);
  expect(apart(a.forces, b.forces)).toBeLessThan(1e-8);
  expect(apart(a.charge, b.charge)).toBeLessThan(1e-8);
});

test.each(seeds(40, 3))("derivatives of terms are those by differences, seed %i", (seed) => {
  const [a, b] = pair(seed, false).map((model) => {
    const device = engine.device(model);
    const { dS } = device.scatter({ energy: 0.13, at }) as unknown as { dS: unknown };
    device.close();
    return dS;
  });
  expect(apart(a, b)).toBeLessThan(1e-9);
});

test("a square is a substitution: the charge of a turn stays, the force gets the factor 2 x", () => {
  const base = randomModel(7, { parameters: 2, real: false });
  const { x: matrix, y } = base.device.parameters as Record<string, Triplet[]>;
  const cycle = {
    x: { mean: 0.4, cos: [0.5], sin: [0.1] },
    y: { mean: 0.1, sin: [0.6] },
  };
  const squared = {
    ...base,
    device: { ...base.device, parameters: { y }, terms: [{ powers: { x: 2 }, matrix }] },
    cycle,
  };
  const X = (t: number) => 0.4 + 0.5 * Math.cos(t) + 0.1 * Math.sin(t);
  const slope = (t: number) => -0.5 * Math.sin(t) + 0.1 * Math.cos(t);
  const substituted = {
    ...base,
    cycle: (t: number) => ({
      values: { x: X(t) ** 2, y: 0.1 + 0.6 * Math.sin(t) },
      derivatives: { x: 2 * X(t) * slope(t), y: 0.6 * Math.cos(t) },
    }),
  };
  const [a, b] = [engine.device(squared), engine.device(substituted)];
  expect(a.model.device.parameters.map(({ name }) => name)).toEqual(["y", "x"]);
  expect(apart(a.pump({ energy: 0.13 }).charge, b.pump({ energy: 0.13 }).charge)).toBeLessThan(1e-9);
  const [one, other] = [a.forces({ at: { x: 0.7, y: 0.2 } }), b.forces({ at: { x: 0.49, y: 0.2 } })];
  const [fy, fx] = numbers(one.force);
  const [gx, gy] = numbers(other.force);
  expect(Math.abs(fx - 1.4 * gx)).toBeLessThan(1e-7 * Math.max(1, Math.abs(gx)));
  expect(Math.abs(fy - gy)).toBeLessThan(1e-7 * Math.max(1, Math.abs(gy)));
  a.close();
  b.close();
});

test("the files of the documentation turn", () => {
  const page = readFileSync(new URL("../../docs/hamiltonians.md", import.meta.url), "utf8");
  const files = Array.from(page.matchAll(/```json\n(.*?)```/gs), ([, text]) => JSON.parse(text));
  expect(files.length).toBe(2);
  for (const file of files) {
    const device = engine.device(file);
    expect(device.model.warnings).toEqual([]);
    expect(device.motor().certificates.firstLaw.holds).toBe(true);
    expect(Math.abs(numbers(device.pump({ energy: 0.3 }).charge)[0])).toBeGreaterThan(1e-3);
    device.close();
  }
});

const leads: Lead[] = [
  { name: "left", kind: "wideband", orbitals: [0], width: 0.9 },
  { name: "right", kind: "chain", orbital: 2, hopping: 1, coupling: 0.7 },
];
const rotor = (device: Partial<ExplicitDevice>): Model => ({
  format: "nanopinwheel/1",
  device: {
    orbitals: 3,
    hamiltonian: [
      [0, 1, -1],
      [1, 2, -0.8],
    ],
    leads,
    ...device,
  },
  cycle: { theta: { turns: 1 } },
  reservoirs: {
    left: { chemicalPotential: 0.3, temperature: 0.1 },
    right: { chemicalPotential: -0.2, temperature: 0.15 },
  },
});
const harmonics: HamiltonianTerm[] = [
  {
    cos: { theta: 1 },
    matrix: [
      [0, 0, 0.7],
      [0, 2, 0.2, 0.1],
    ],
  },
  {
    sin: { theta: 1 },
    matrix: [
      [2, 2, 0.5],
      [1, 1, -0.2],
    ],
  },
  { sin: { theta: 3 }, matrix: [[0, 1, 0.1, -0.2]] },
];
const angles = (n: number) => Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n);
const sampled = (n: number, elements: (theta: number) => Triplet[]): Model =>
  rotor({ samples: { parameter: "theta", hamiltonians: angles(n).map(elements) } });

describe("samples", () => {
  test.each([12, 13, 16])("of a few harmonics are these harmonics, %i of them", (n) => {
    const elements = (t: number) =>
      weighted([
        [Math.cos(t), harmonics[0].matrix],
        [Math.sin(t), harmonics[1].matrix],
        [Math.sin(3 * t), harmonics[2].matrix],
      ]);
    const device = engine.device(structuredClone(sampled(n, elements)));
    const twin = engine.device(rotor({ terms: harmonics }));
    const [a, b] = [device, twin].map((it) => it.scatter({ energy: 0.2, at: { theta: 1.1 } }));
    expect(apart(a, b)).toBeLessThan(1e-12);
    expect(apart(device.pump({ energy: 0.2 }).charge, twin.pump({ energy: 0.2 }).charge)).toBeLessThan(1e-9);
    device.close();
    twin.close();
  });

  test.each([0.3, 0.5, 0.7])("the stated error bounds the distance from H, decay %d per harmonic", (q) => {
    const shape = (t: number) => (1 - q * q) / (1 - 2 * q * Math.cos(t - 0.4) + q * q);
    const slope = (t: number) =>
      (-(1 - q * q) * 2 * q * Math.sin(t - 0.4)) / (1 - 2 * q * Math.cos(t - 0.4) + q * q) ** 2;
    for (const n of [16, 17, 24, 32, 48]) {
      const { device, warnings } = resolveModel(sampled(n, (t) => [[0, 0, shape(t)]]));
      const { evaluate, derivative } = device.hamiltonianFunction!;
      const error = device.interpolation!;
      let [off, slopeOff] = [0, 0];
      for (const theta of angles(7 * n)) {
        const [value] = evaluate({ theta }).filter(([row, column]) => row === 0 && column === 0);
        const [rate] = derivative!({ theta }).theta;
        off = Math.max(off, Math.abs(value[2] - shape(theta)));
        slopeOff = Math.max(slopeOff, Math.abs(rate[2] - slope(theta)));
      }
      expect(off).toBeLessThan(error.hamiltonian + 1e-14);
      expect(slopeOff).toBeLessThan(error.derivative + 1e-12);
      if (slopeOff > 1e-7) expect(warnings.map(({ code }) => code)).toContain("samples");
    }
  });

  test("of the wheel turn as the wheel", () => {
    const options = {
      sites: 24,
      pairs: 2,
      period: 6,
      charge: 1,
      gap: 2,
      screening: 6,
      soft: 1,
      energy: undefined,
    };
    const wheel: Model = { format: "nanopinwheel/1", device: { preset: "wheel", sites: 24, pairs: 2 } };
    const original = engine.device(wheel);
    const { hamiltonian: chain } = original.model.device;
    const hoppings = Array.from(chain.rows, (row, k): Triplet => [row, chain.columns[k], chain.re[k]]).filter(
      ([row, column]) => row !== column,
    );
    const given = angles(128).map((t) => wheelPotential(options, t).value.map((v, n): Triplet => [n, n, v]));
    const device = engine.device({
      ...wheel,
      device: {
        orbitals: 24,
        hamiltonian: hoppings,
        samples: { parameter: "theta", hamiltonians: given },
        leads: [
          { name: "left", kind: "chain", orbital: 0, hopping: -1 },
          { name: "right", kind: "chain", orbital: 23, hopping: -1 },
        ],
      },
      cycle: { theta: { turns: 1 } },
      reservoirs: original.model.reservoirs,
    });
    const [a, b] = [original.linearResponse(), device.linearResponse()];
    expect(Math.abs(a.charge)).toBeGreaterThan(0.05);
    expect(Math.abs(a.charge - b.charge)).toBeLessThan(1e-6);
    expect(Math.abs((a.figureOfMerit ?? 0) / (b.figureOfMerit ?? Number.NaN) - 1)).toBeLessThan(1e-5);
    original.close();
    device.close();
  });
});
