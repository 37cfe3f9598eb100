// Curves at any bias from few computed ones, against the functions they stand for.

import { expect, test } from "vitest";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { biasFamily } from "../../src/report/stages/bias-family.js";

const exact = (bias: number): PeriodicCurve[] => [
  PeriodicCurve.from((t) => Math.sin(t) + Math.tanh(3 * bias) * (1 + 0.2 * Math.cos(2 * t)), 16),
  PeriodicCurve.from((t) => (1 + 0.3 * Math.cos(t)) / (1 + bias * bias), 16),
  PeriodicCurve.from((t) => 0.1 + bias ** 2 * (1 + Math.cos(t)), 16),
];

const worst = (family: ReturnType<typeof biasFamily>): number => {
  let most = 0;
  for (let i = 0; i <= 40; i++) {
    const bias = i / 40;
    const [found, truth] = [family.at(bias), exact(bias)];
    for (const [k, curve] of truth.entries())
      for (const t of [0, 1, 2.5, 4]) most = Math.max(most, Math.abs(found[k].value(t) - curve.value(t)));
  }
  return most;
};

test("converges to the asked error with nested points, each computed once", () => {
  const asked: number[] = [];
  const family = biasFamily(
    (bias) => {
      asked.push(bias);
      return exact(bias);
    },
    { from: 0, to: 1, tolerance: 1e-4, most: 33 },
  );
  expect(family.error).toBeLessThan(1e-4);
  expect(worst(family)).toBeLessThan(2e-4);
  expect(new Set(asked).size).toBe(asked.length);
  expect(family.nodes.map(({ bias }) => bias)).toEqual([...asked].sort((a, b) => a - b));
});

test("what it tells as its error is what is left, within a factor", () => {
  for (const most of [5, 9, 17]) {
    const family = biasFamily(exact, { from: 0, to: 1, tolerance: 0, most });
    expect(family.nodes.length).toBe(most);
    expect(worst(family)).toBeLessThan(3 * family.error + 1e-12);
  }
});

test("at the computed points nothing is changed", () => {
  const family = biasFamily(exact, { from: -0.5, to: 1 });
  for (const { bias, curves } of family.nodes)
    expect(family.at(bias)[0].value(0.7)).toBeCloseTo(curves[0].value(0.7), 14);
});
