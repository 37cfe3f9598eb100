// Hamiltonians and cycles given as functions: the wheel with strong charges, and what must not depend on how H is written.

import { describe, expect, test } from "vitest";
import {
  type Lead,
  loadEngine,
  type Model,
  NumericalError,
  type ParameterValues,
  type Triplet,
} from "../../src/index.js";

const engine = await loadEngine();

test("wheel with strong charges on a long contact", () => {
  const device = engine.device({
    format: "nanopinwheel/1",
    device: { preset: "wheel", charge: 4, pairs: 16 },
  });
  const motor = device.linearResponse();
  expect(Math.abs(motor.charge) / 16).toBeCloseTo(0.9107, 4);
  expect(motor.figureOfMerit).toBeCloseTo(10.16, 2);
  expect(motor.maximumEfficiency).toBeCloseTo(0.539, 3);
  expect(motor.certificate.bound.satisfied).toBe(true);
  device.close();
});

const leads: Lead[] = [
  { name: "left", kind: "wideband", orbitals: [0], width: 0.9 },
  { name: "right", kind: "chain", orbital: 2, hopping: 1, coupling: 0.7 },
];
const reservoirs = {
  left: { chemicalPotential: 0.3, temperature: 0.1 },
  right: { chemicalPotential: -0.2, temperature: 0.15 },
};

/** Bond lengths x and y: hoppings that decay exponentially, a level that moves quadratically. */
const elements = ({ x, y }: ParameterValues): Triplet[] => [
  [0, 1, -Math.exp(-x)],
  [1, 1, 0.3 * x * y],
  [1, 2, -Math.exp(-y), 0.2 * Math.sin(x)],
];
const slopes = ({ x, y }: ParameterValues): Record<string, Triplet[]> => ({
  x: [
    [0, 1, Math.exp(-x)],
    [1, 1, 0.3 * y],
    [1, 2, 0, 0.2 * Math.cos(x)],
  ],
  y: [
    [1, 1, 0.3 * x],
    [1, 2, Math.exp(-y)],
  ],
});
const bending: Model = {
  format: "nanopinwheel/1",
  device: { orbitals: 3, hamiltonian: elements, derivative: slopes, parameters: ["x", "y"], leads },
  reservoirs,
};

/** The same H frozen at X, with its derivatives there: linear in the displacement. */
function linearised(at: ParameterValues): Model {
  const { x, y } = slopes(at);
  return {
    ...bending,
    device: { orbitals: 3, hamiltonian: elements(at), parameters: { x, y }, leads },
  };
}

function same(found: ArrayLike<number>, known: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(known.length);
  for (let i = 0; i < known.length; i++) expect(Math.abs(found[i] - known[i])).toBeLessThan(tolerance);
}

test("the same S, derivatives and forces as the frozen matrices at each configuration", () => {
  const device = engine.device(bending);
  const { derivative, ...without } = bending.device as { derivative: unknown };
  const differenced = engine.device({ ...bending, device: without });
  // Back and forth: nothing of one configuration may stay in the next.
  for (const at of [
    { x: 0, y: 0 },
    { x: 0.4, y: -0.3 },
    { x: -0.2, y: 0.5 },
    { x: 0, y: 0 },
  ]) {
    const frozen = engine.device(linearised(at));
    const [known, found] = [frozen.scatter({ energy: 0.1 }), device.scatter({ energy: 0.1, at })];
    same(found.S.data, known.S.data, 1e-13);
    same(found.dSdE!.data, known.dSdE!.data, 1e-12);
    for (const name of ["x", "y"]) {
      same(found.dS[name].data, known.dS[name].data, 1e-12);
      same(differenced.scatter({ energy: 0.1, at }).dS[name].data, known.dS[name].data, 1e-9);
    }
    const [calm, forces] = [frozen.forces(), device.forces({ at })];
    same(forces.force, calm.force, 1e-8);
    same(forces.friction!.data, calm.friction!.data, 1e-7);
    same(forces.noise!.data, calm.noise!.data, 1e-8);
    frozen.close();
  }
});

test("dS/dX is the slope of S: central differences of order 2", () => {
  const device = engine.device(bending);
  const at = { x: 0.3, y: -0.2 };
  const exact = device.scatter({ energy: 0.1, at }).dS.x.data;
  const defect = (h: number): number => {
    const [up, down] = [1, -1].map(
      (s) => device.scatter({ energy: 0.1, at: { ...at, x: at.x + s * h } }).S.data,
    );
    return Math.max(...exact.map((value, i) => Math.abs((up[i] - down[i]) / (2 * h) - value)));
  };
  const order = Math.log2(defect(0.02) / defect(0.01));
  expect(order).toBeGreaterThan(1.95);
  expect(order).toBeLessThan(2.05);
});

describe("a Hamiltonian that is differenced", () => {
  const leads: Lead[] = [
    { name: "left", kind: "wideband", orbitals: [0], width: 0.5 },
    { name: "right", kind: "wideband", orbitals: [1], width: 0.4 },
  ];
  /** One level moves by 0.2 f(x); its slope is told, or not. */
  const moved = (f: (x: number) => number, slope?: (x: number) => number, temperature = 0) =>
    engine.device({
      format: "nanopinwheel/1",
      device: {
        orbitals: 2,
        hamiltonian: ({ x }: ParameterValues): Triplet[] => [
          [0, 0, 0.2 * f(x)],
          [0, 1, -0.4],
          [1, 1, 0.1],
        ],
        ...(slope && {
          derivative: ({ x }: ParameterValues): Record<string, Triplet[]> => ({
            x: [[0, 0, 0.2 * slope(x)]],
          }),
        }),
        parameters: ["x"],
        leads,
      },
      reservoirs: {
        left: { chemicalPotential: 0.2, temperature },
        right: { chemicalPotential: -0.2, temperature },
      },
    });

  const wave = (k: number): [string, (x: number) => number, (x: number) => number] => [
    `sin ${k} x`,
    (x) => Math.sin(k * x),
    (x) => k * Math.cos(k * x),
  ];
  const cases = [
    // 2 pi / 0.01: the first steps are whole periods.
    ...[1, 10, 50, 100, 300, 200 * Math.PI, 1e4].map(wave),
    ["exp(-1000 x)", (x: number) => Math.exp(-1000 * x), (x: number) => -1000 * Math.exp(-1000 * x)],
    ["tanh 30 x", (x: number) => Math.tanh(30 * x), (x: number) => 30 / Math.cosh(30 * x) ** 2],
    [
      "ln(x + 0.005), which exists for x > -0.005",
      (x: number) => Math.log(x + 0.005),
      (x: number) => 1 / (x + 0.005),
    ],
    ["|x - 0.3|", (x: number) => Math.abs(x - 0.3), (x: number) => Math.sign(x - 0.3)],
    ["x^3", (x: number) => x ** 3, (x: number) => 3 * x * x],
    ["twelve digits", (x: number) => Math.round(1e12 * Math.sin(x)) / 1e12, Math.cos],
  ] as [string, (x: number) => number, (x: number) => number][];

  const firstOf = (value?: Float64Array | { data: Float64Array } | Record<string, Float64Array>) =>
    value && (value instanceof Float64Array ? value : "data" in value ? value.data : value.left)[0];

  test.each(cases)("%s: stated errors bound the true ones", (name, f, slope) => {
    for (const x of [0.02, 0.2999, 0.37, 0.0012])
      for (const temperature of [0, 0.1]) {
        const [known, found] = [moved(f, slope, temperature), moved(f, undefined, temperature)].map(
          (device) => device.forces({ at: { x } }),
        );
        const within = (a: number, b: number, error: number) => {
          expect(Math.abs(a - b)).toBeLessThanOrEqual(error + 4e-16 * Math.abs(a));
          expect(error).toBeLessThan(2e-8 * Math.abs(a) + 1e-9);
        };
        let missing = 0;
        for (const key of ["force", "friction", "noise", "currentPerVelocity"] as const) {
          const [a, b] = [known, found].map((result) => firstOf(result[key]));
          if (b === undefined) missing++;
          else within(a!, b, known.errors[key] + found.errors[key]);
        }
        // Where tanh is 1 to ten digits its slope is known to five.
        expect(missing > 0).toBe(name === "tanh 30 x" && x > 0.2);
        if (missing > 0) expect(found.warnings.map(({ code }) => code)).toContain("unknown");
      }
  });

  test("refused where it is noise, with the parameter and what to do", () => {
    const refusal = (f: (x: number) => number, x: number): unknown => {
      try {
        return moved(f).forces({ at: { x } });
      } catch (error) {
        return error;
      }
    };
    for (const x of [0.3, 0.3713, 0.4426, 0.5139, 0.6]) {
      const error = refusal((y) => Math.fround(Math.sin(y)), x);
      expect(error).toBeInstanceOf(NumericalError);
      expect(error).toMatchObject({ at: { x }, message: expect.stringMatching(/with x .* `derivative`/) });
    }
    // A corner at X = 0 is no fault of a question asked elsewhere.
    expect(moved((x) => Math.abs(x) + x).forces({ at: { x: 0.3 } }).force).toHaveLength(1);
  });
});

test("a cycle as a function pumps what its Fourier series pumps", () => {
  const device = engine.device(bending);
  const series = { x: { mean: 0.1, cos: [0.4] }, y: { sin: [0.3, 0.1] } };
  const path = (theta: number) => ({
    values: { x: 0.1 + 0.4 * Math.cos(theta), y: 0.3 * Math.sin(theta) + 0.1 * Math.sin(2 * theta) },
    derivatives: { x: -0.4 * Math.sin(theta), y: 0.3 * Math.cos(theta) + 0.2 * Math.cos(2 * theta) },
  });
  const [known, found] = [series, path].map((cycle) => device.pump({ cycle, energy: 0.1 }).charge.left);
  expect(Math.abs(known)).toBeGreaterThan(1e-4);
  expect(found).toBeCloseTo(known, 11);
});
