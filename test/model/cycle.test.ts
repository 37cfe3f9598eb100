// Cycles: values against a plain sum, derivatives against central differences, functions, and values by name.

import { expect, test } from "vitest";
import { evaluateCycle, evaluateCycleInto, parameterVector } from "../../src/model/cycle.js";
import type { Cycle } from "../../src/model/types.js";

const cycle: Cycle = { y: { mean: 0.3, cos: [1, 0, -0.5], sin: [0.2] }, x: { turns: 2, sin: [0, 0.7] } };

test("values, in the order of the parameters; those left out stay at 0", () => {
  const theta = 0.7;
  const { values, derivatives } = evaluateCycle(cycle, ["x", "y", "z"], theta);
  expect(values[0]).toBeCloseTo(2 * theta + 0.7 * Math.sin(2 * theta), 15);
  expect(values[1]).toBeCloseTo(
    0.3 + Math.cos(theta) - 0.5 * Math.cos(3 * theta) + 0.2 * Math.sin(theta),
    15,
  );
  expect([values[2], derivatives[2]]).toEqual([0, 0]);
});

test("derivatives against central differences, error of second order", () => {
  const defect = (h: number) => {
    const [after, before] = [h, -h].map((step) => evaluateCycle(cycle, ["x", "y"], 1.1 + step).values);
    const { derivatives } = evaluateCycle(cycle, ["x", "y"], 1.1);
    return Math.max(...derivatives.map((d, nu) => Math.abs(d - (after[nu] - before[nu]) / (2 * h))));
  };
  expect(Math.log2(defect(2e-3) / defect(1e-3))).toBeCloseTo(2, 3);
});

test("inherited names are no parameters", () => {
  expect(Array.from(evaluateCycle({}, ["toString", "valueOf"], 1).values)).toEqual([0, 0]);
});

test("a cycle function writes by name, overwriting what was there", () => {
  const values = Float64Array.of(9, 9);
  const derivatives = Float64Array.of(9, 9);
  const turn = (theta: number) => ({ values: { y: theta ** 2 }, derivatives: { y: 2 * theta } });
  evaluateCycleInto(turn, ["x", "y"], 3, values, derivatives);
  expect([Array.from(values), Array.from(derivatives)]).toEqual([
    [0, 9],
    [0, 6],
  ]);
  const broken = () => ({ values: { y: Number.NaN }, derivatives: {} });
  expect(() => evaluateCycle(broken, ["y"], 0)).toThrow(
    /^cycle\(theta\)\.values\.y: wrong value; expected a finite number, found NaN/,
  );
});

test("values by name as a vector", () => {
  expect(Array.from(parameterVector({ y: 2 }, ["x", "y"]))).toEqual([0, 2]);
  expect(Array.from(parameterVector(undefined, ["x"]))).toEqual([0]);
  expect(() => parameterVector({ gate2: 1 }, ["gate1"])).toThrow(
    /^at\.gate2: unknown parameter.*Did you mean "gate1"\?/,
  );
  expect(() => parameterVector({ x: Infinity }, ["x"])).toThrow(/^at\.x: .*found Infinity/);
  expect(() => parameterVector({ x: 1 }, [])).toThrow(/expected none: the device has no parameters/);
});
