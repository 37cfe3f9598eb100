// device.curvature: Stokes' theorem. The charge of a loop is the area integral of the curvature inside it.

import { expect, test } from "vitest";
import { type Device, InputError, loadEngine, type Model } from "../../../src/index.js";
import { type LeadKind, randomModel } from "../../twins/random-device.js";

const engine = await loadEngine();

/** Gauss-Legendre nodes on (0, 1) by Newton's method on the Legendre polynomial. */
function gauss(n: number): { node: number; weight: number }[] {
  return Array.from({ length: n }, (_, k) => {
    let x = Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let step = 0; step < 20; step++) {
      let [p, before] = [x, 1];
      for (let j = 2; j <= n; j++) [p, before] = [((2 * j - 1) * x * p - (j - 1) * before) / j, p];
      slope = (n * (x * p - before)) / (x * x - 1);
      x -= p / slope;
    }
    return { node: (1 + x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
}

/** Area integral over a disc: Gauss in the squared radius, equal angles; each point asked for as a grid of one. */
function areaIntegral(device: Device, centre: [number, number], radius: number, at: object, order: number) {
  const sums: Record<string, number> = Object.fromEntries(device.leadNames.map((lead) => [lead, 0]));
  const [x, y] = device.parameterNames;
  for (const { node, weight } of gauss(order)) {
    for (let k = 0; k < 2 * order; k++) {
      const angle = (Math.PI * k) / order;
      const { curvature } = device.curvature({
        parameters: [x, y],
        first: [centre[0] + radius * Math.sqrt(node) * Math.cos(angle)],
        second: [centre[1] + radius * Math.sqrt(node) * Math.sin(angle)],
        ...at,
      });
      for (const lead of device.leadNames)
        sums[lead] += ((Math.PI * radius ** 2 * weight) / (2 * order)) * curvature[lead][0];
    }
  }
  return sums;
}

/** Relative to the largest charge, how far the charges of a circle are from the area integrals. */
function defect(model: Model, radius: number, at: { energy?: number }, order = 12): number {
  const device = engine.device(model);
  const [x, y, ...rest] = device.parameterNames;
  expect(rest).toEqual([]);
  const centre: [number, number] = [0.3, 0.4];
  const cycle = { [x]: { mean: centre[0], cos: [radius] }, [y]: { mean: centre[1], sin: [radius] } };
  const { charge } = device.pump({ cycle, ...at });
  const area = areaIntegral(device, centre, radius, at, order);
  const largest = Math.max(...Object.values(charge).map(Math.abs));
  device.close();
  return Math.max(...Object.keys(charge).map((lead) => Math.abs(charge[lead] - area[lead]))) / largest;
}

test("two gates on a wire, at T = 0 and averaged", () => {
  const model: Model = { format: "nanopinwheel/1", device: { preset: "two-gate" } };
  expect(defect(model, 0.4, { energy: -0.5 })).toBeLessThan(1e-8);
  const warm = { chemicalPotential: -0.5, temperature: 0.05 };
  expect(defect({ ...model, reservoirs: { left: warm, right: warm } }, 0.2, {}, 4)).toBeLessThan(1e-6);
});

test("random devices with two to four leads, in a field and without", () => {
  const kinds: LeadKind[] = ["scalar", "orbitals", "matrix", "chain"];
  for (let seed = 1; seed <= 20; seed++) {
    const model = randomModel(seed, { orbitals: 4, parameters: 2, kinds, leads: 2 + (seed % 3) });
    const found = defect(model, 0.15, { energy: 0.1 }, 18);
    if (!(found < 1e-7)) throw new Error(`seed ${seed}: defect ${found}`);
  }
});

test("a grid is row by row, and the sign turns with the order of the parameters", () => {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-gate" } });
  const [first, second] = [Float64Array.of(0.1, 0.4), [0.2, 0.5, 0.7]];
  const { shape, curvature } = device.curvature({ parameters: ["x", "y"], first, second, energy: -0.5 });
  expect(shape).toEqual([2, 3]);
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 3; j++) {
      const turned = device.curvature({
        parameters: ["y", "x"],
        first: [second[j]],
        second: [first[i]],
        energy: -0.5,
      });
      expect(turned.curvature.left[0]).toBeCloseTo(-curvature.left[3 * i + j], 12);
    }
});

test("what is wrong is named", () => {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-gate" } });
  const right = { parameters: ["x", "y"] as [string, string], first: [0], second: [0], energy: 0 };
  const field = (change: object): string => {
    try {
      device.curvature({ ...right, ...change });
    } catch (error) {
      if (error instanceof InputError) return error.field;
      throw error;
    }
    return "nothing";
  };
  expect(field({})).toBe("nothing");
  expect(field({ parameters: ["x", "z"] })).toBe("parameters");
  expect(field({ parameters: ["x", "x"] })).toBe("parameters");
  expect(field({ parameters: ["x"] })).toBe("parameters");
  expect(field({ first: [] })).toBe("first");
  expect(field({ second: 3 })).toBe("second");
  expect(field({ second: [0, Number.NaN] })).toBe("second[1]");
  expect(field({ energy: Number.POSITIVE_INFINITY })).toBe("energy");
  expect(field({ tolerance: 2 })).toBe("tolerance");
  expect(field({ at: { z: 1 } })).toBe("at.z");
});
