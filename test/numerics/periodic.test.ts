// The trigonometric interpolant against the functions it must reproduce exactly, and its convergence on one it cannot.

import { describe, expect, test } from "vitest";
import { InputError } from "../../src/base/errors.js";
import { equispacedAngles, PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { randomSource } from "../twins/random.js";

/** A random trigonometric polynomial of the given degree, with its derivatives and integral written out term by term. */
function polynomial(seed: number, degree: number) {
  const random = randomSource(seed);
  const a = Array.from({ length: degree + 1 }, () => random.normal());
  const b = Array.from({ length: degree + 1 }, () => random.normal());
  const sum = (term: (k: number) => number) => a.reduce((total, _, k) => total + (k > 0 ? term(k) : 0), 0);
  return {
    mean: a[0],
    value: (x: number) => a[0] + sum((k) => a[k] * Math.cos(k * x) + b[k] * Math.sin(k * x)),
    first: (x: number) => sum((k) => k * (b[k] * Math.cos(k * x) - a[k] * Math.sin(k * x))),
    second: (x: number) => sum((k) => -k * k * (a[k] * Math.cos(k * x) + b[k] * Math.sin(k * x))),
    integral: (x: number) => sum((k) => (a[k] * Math.sin(k * x) + b[k] * (1 - Math.cos(k * x))) / k),
  };
}

describe("PeriodicCurve", () => {
  test.each([1, 2, 3, 7, 8, 9, 12, 15, 16, 33, 64, 100])("%i samples: exact below half of them", (n) => {
    const degree = Math.floor((n - 1) / 2);
    const exact = polynomial(n, degree);
    const curve = PeriodicCurve.from(exact.value, n);
    const scale = 1e-14 * (degree + 1) ** 2 * n;
    expect(Math.abs(curve.mean - exact.mean)).toBeLessThan(1e-14 * n);
    for (const x of [-7.3, -0.2, 0, 0.1, 1, 2.5, 6.1, 40]) {
      expect(Math.abs(curve.value(x) - exact.value(x)), `value at ${x}`).toBeLessThan(scale);
      expect(Math.abs(curve.derivative(x) - exact.first(x)), `derivative at ${x}`).toBeLessThan(scale * n);
      expect(Math.abs(curve.derivative(x, 2) - exact.second(x))).toBeLessThan(scale * n * n);
      expect(Math.abs(curve.antiderivative(x) - exact.integral(x)), `integral to ${x}`).toBeLessThan(scale);
    }
    expect(curve.antiderivative(2 * Math.PI)).toBeCloseTo(0, 12);
    expect(curve.integral).toBe(2 * Math.PI * curve.mean);
  });

  test("passes through its samples, the last harmonic of an even number included", () => {
    const random = randomSource(5);
    for (const n of [2, 5, 6, 16, 24]) {
      const samples = Float64Array.from({ length: n }, () => random.normal());
      const curve = new PeriodicCurve(samples);
      const values = curve.valuesAt(equispacedAngles(n));
      for (let j = 0; j < n; j++) expect(Math.abs(values[j] - samples[j])).toBeLessThan(1e-13);
    }
  });

  test.each([5, 8, 21, 30, 64, 96])("resampled to %i points, and its derivative", (m) => {
    const curve = PeriodicCurve.from(polynomial(3, 10).value, 21);
    const values = curve.resample(m);
    const slopes = curve.resampleDerivative(m);
    const bends = curve.resampleDerivative(m, 2);
    equispacedAngles(m).forEach((x, j) => {
      expect(Math.abs(values[j] - curve.value(x))).toBeLessThan(1e-12);
      expect(Math.abs(slopes[j] - curve.derivative(x))).toBeLessThan(1e-11);
      expect(Math.abs(bends[j] - curve.derivative(x, 2))).toBeLessThan(1e-10);
    });
  });

  test("the tail bounds the interpolation error of an analytic function, until rounding", () => {
    const g = (x: number) => 1 / (1.25 - Math.cos(x));
    for (const n of [8, 16, 32, 64]) {
      const curve = PeriodicCurve.from(g, n);
      let worst = 0;
      for (let x = 0.05; x < 6.3; x += 0.11) worst = Math.max(worst, Math.abs(curve.value(x) - g(x)));
      expect(worst).toBeLessThan(curve.tail + 1e-14);
      expect(curve.tail).toBeLessThan(100 * worst + 1e-13);
    }
  });

  test("combinations add harmonics", () => {
    const a = polynomial(1, 3);
    const b = polynomial(2, 7);
    const sum = PeriodicCurve.combination(
      [PeriodicCurve.from(a.value, 7), PeriodicCurve.from(b.value, 20), PeriodicCurve.constant(2)],
      [2, -3, 5],
      0.5,
    );
    for (const x of [0, 1, 4]) expect(sum.value(x)).toBeCloseTo(2 * a.value(x) - 3 * b.value(x) + 10.5, 11);
    expect(PeriodicCurve.combination([], [], 3).value(1)).toBe(3);
  });

  test("refuses what is no curve", () => {
    expect(() => new PeriodicCurve([])).toThrow(InputError);
    expect(() => new PeriodicCurve([1, Number.NaN])).toThrow("samples[1]");
  });
});
