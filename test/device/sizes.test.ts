// Numbers of any size: refused by name where they are too large to compute with, and nothing that comes out is NaN or infinite.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { InputError, loadEngine, type Model, NumericalError } from "../../src/index.js";
import { chosen } from "../twins/seeds.js";

const engine = await loadEngine();
const { model: overflowing } = JSON.parse(
  readFileSync(new URL("../known/faults/overflowing-parameter.json", import.meta.url), "utf8"),
) as { model: Model };

const model = {
  format: "nanopinwheel/1",
  device: {
    orbitals: 2,
    hamiltonian: [
      [0, 0, 0.1],
      [0, 1, -0.5],
    ],
    parameters: { x: [[0, 0, 1]], y: [[1, 1, 1]] },
    leads: [
      { name: "left", kind: "wideband", orbitals: [0], width: 0.5 },
      { name: "right", kind: "chain", orbital: 1, onsite: 0, hopping: 1, coupling: 0.7 },
    ],
  },
  cycle: { x: { mean: 0.3, cos: [0.4] }, y: { sin: [0.4] } },
  reservoirs: {
    left: { chemicalPotential: 0.01, temperature: 0.1 },
    right: { chemicalPotential: -0.01, temperature: 0.1 },
  },
};

/** Paths to all numbers but indices of orbitals. */
const places = [
  ["device", "hamiltonian", 0, 2],
  ["device", "hamiltonian", 1, 2],
  ["device", "parameters", "y", 0, 2],
  ["device", "leads", 0, "width"],
  ["device", "leads", 1, "onsite"],
  ["device", "leads", 1, "hopping"],
  ["device", "leads", 1, "coupling"],
  ["cycle", "x", "mean"],
  ["cycle", "x", "cos", 0],
  ["reservoirs", "left", "chemicalPotential"],
  ["reservoirs", "left", "temperature"],
];

function changed(place: (string | number)[], value: number): Model {
  const copy = structuredClone(model) as unknown as Record<string | number, never>;
  let part: Record<string | number, unknown> = copy;
  for (const key of place.slice(0, -1)) part = part[key] as Record<string | number, unknown>;
  part[place[place.length - 1]] = value;
  return copy as unknown as Model;
}

/** Every number inside. */
function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as Float64Array);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

test.each(places.map((place) => [place.join("."), place] as const))("%s", (_, place) => {
  for (const value of [1e308, -1e300, 1e31])
    expect(() => engine.device(changed(place, value)).pump({ points: 6 }), `${value}`).toThrow(InputError);
  for (const value of [1e29, -1e20, 1e12, 1e-12, 1e-30, 1e-300])
    for (const ask of ["pump", "scatter"] as const) {
      try {
        const answer = engine.device(changed(place, value))[ask]({ energy: 0.1 });
        expect(numbersIn(answer).every(Number.isFinite), `${ask}, ${value}`).toBe(true);
      } catch (error) {
        if (!(error instanceof NumericalError || error instanceof InputError)) throw error;
      }
    }
});

test("the model that gave NaN is refused by name, whatever is asked", () => {
  expect(() => engine.device(overflowing)).toThrow(/device\.parameters\.y\[7\]\[2\]: too large/);
});

test("numbers of a question", () => {
  const device = engine.device(model);
  expect(() => device.pump({ energy: 1e300 })).toThrow(/^energy: too large/);
  expect(() => device.scatter({ at: { x: 1e300 } })).toThrow(/^at\.x: too large/);
  expect(() => device.pump({ cycle: { x: { cos: [1e300] } } })).toThrow(/^cycle\.x\.cos\[0\]: too large/);
  expect(() => device.pump({ cycle: () => ({ values: { x: 1e300 }, derivatives: {} }), energy: 0 })).toThrow(
    /too large/,
  );
  expect(() => device.motor({ bias: 1e300 })).toThrow(/^bias: too large/);
  expect(() => device.motor({ load: 1e300 })).toThrow(/^load: too large/);
  expect(() => device.motor({ rotor: { friction: 1e300 } })).toThrow(/^rotor\.friction: too large/);
});

test("a load beyond any torque turns the rotor backwards, at the speed friction allows, and a warning says that this is not slow", () => {
  const device = engine.device(model);
  const curve = device.turnCurve();
  for (const load of chosen([1e60, 1e3, -1e100], 1))
    for (const inertia of ["infinite", 0, 20, 1e50] as const)
      for (const friction of [0, 2]) {
        const { steadyState, warnings } = device.motor({
          load,
          tolerance: 1e-6,
          rotor: { inertia, friction },
        });
        const name = `load ${load}, inertia ${inertia}, friction ${friction}`;
        expect(steadyState?.regime, name).toBe("running");
        expect(numbersIn(steadyState).every(Number.isFinite), name).toBe(true);
        expect(
          warnings.map(({ code }) => code),
          name,
        ).toContain("fast");
        if (inertia !== "infinite") continue;
        const uniform = (curve.torque.mean - load) / (curve.friction.mean + friction);
        expect(Math.abs(steadyState!.omega / uniform - 1), name).toBeLessThan(1e-5);
      }
});

/** Questions about a turn and about one configuration, each with what it gives or why it refuses. */
function outcomes(make: () => ReturnType<typeof engine.device>): string[] {
  const ask = (question: (device: ReturnType<typeof engine.device>) => unknown): string => {
    try {
      using device = make();
      const numbers = numbersIn(question(device));
      expect(numbers.every(Number.isFinite)).toBe(true);
      return "numbers";
    } catch (error) {
      if (error instanceof InputError || error instanceof NumericalError) return error.message;
      throw error;
    }
  };
  return [
    ask((device) => device.scatter({ energy: 0.1, at: { x: 0.2 } })),
    ask((device) => device.forces({ at: { x: 0.2 }, tolerance: 1e-4 })),
    ask((device) => device.pump({ points: 8 })),
  ];
}

test.each([1e31, 1e155, 1e300, Number.MAX_VALUE, -1e200, Number.NaN, Number.POSITIVE_INFINITY])(
  "a function of H or of S that gives %f is refused by name, never NaN",
  (value) => {
    const parts = [
      { hamiltonian: () => [[0, 0, value]] },
      { hamiltonian: () => [[0, 1, 0.2, value]] },
      { hamiltonian: () => [[0, 0, 0.1]], derivative: () => ({ x: [[0, 0, value]] }) },
    ];
    for (const part of parts) {
      const device = { ...model.device, ...part, parameters: ["x", "y"] };
      for (const outcome of outcomes(() => engine.device({ ...model, device })))
        expect(outcome).toMatch(/^device\.(hamiltonian|derivative)/);
    }
    const identity = [1, 0, 0, 0, 0, 0, 1, 0];
    const matrix = (data: number[]) => ({ shape: [2, 2] as [number, number], data: Float64Array.from(data) });
    const slopes = (data: number[]) => ({ x: matrix(data), y: matrix(data.map(() => 0)) });
    const bad = [value, 0, 0, 0, 0, 0, 0, 0];
    for (const sample of [
      { S: matrix(bad) },
      { S: matrix(identity), dS: slopes(bad) },
      { S: matrix(identity), dSdE: matrix(bad) },
    ]) {
      const device = {
        parameters: ["x", "y"],
        scattering: { evaluate: () => sample },
        leads: ["left", "right"].map((name) => ({ name, kind: "given", channels: 1 })),
      };
      for (const outcome of outcomes(() => engine.device({ ...model, device })))
        expect(outcome).toMatch(/^device\.scattering\.evaluate/);
    }
  },
);
