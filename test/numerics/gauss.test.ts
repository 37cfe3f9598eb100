// Gauss panels: the rule is exact to its degree, and the errors they state hold for integrands with poles anywhere.

import { expect, test } from "vitest";
import { AdaptiveIntegrator } from "../../src/numerics/quadrature/adaptive.js";
import { gaussRule } from "../../src/numerics/quadrature/gauss.js";
import { pointwise } from "../../src/numerics/quadrature/integrand.js";
import { randomSource } from "../twins/random.js";

test.each([2, 8, 14])("%i nodes are exact for polynomials, whose last coefficients they know", (n) => {
  const { nodes, weights, odd, even } = gaussRule(n);
  for (let degree = 0; degree < 2 * n; degree += 2) {
    const sum = nodes.reduce((total, x, i) => total + 2 * weights[i] * x ** degree, 0);
    expect(Math.abs(sum - 2 / (degree + 1))).toBeLessThan(1e-15);
  }
  // Leading coefficients of x^k in Legendre polynomials: 2^k k!^2 / (2k)!.
  const leading = (k: number) =>
    Array.from({ length: k }, (_, i) => (2 * (i + 1)) / (k + i + 1)).reduce((product, x) => product * x, 1);
  const last = nodes.reduce((total, x, i) => total + 2 * odd[i] * x ** (n - 1), 0);
  const previous = nodes.reduce((total, x, i) => total + 2 * even[i] * x ** (n - 2), 0);
  expect(last / (2 * leading(n - 1))).toBeCloseTo(1, 10);
  expect(previous / (2 * leading(n - 2))).toBeCloseTo(1, 10);
});

test("errors are what they are said to be, down to lines of width 1e-4", () => {
  const integrator = new AdaptiveIntegrator(2, gaussRule(14));
  const source = randomSource(7);
  for (let round = 0; round < 200; round++) {
    const width = 10 ** source.between(-4, 0);
    const centre = source.between(-1.2, 1.2);
    const tolerance = 10 ** source.between(-11, -5);
    const power = source.pick([1, 2]);
    const status = integrator.integrate(
      pointwise((x, out) => {
        const line = width / ((x - centre) ** 2 + width ** 2);
        out[0] += line ** power * width ** (power - 1);
        out[1] += Math.exp(-x) * Math.cos(3 * x);
      }),
      [-1, 0.1, 1],
      3,
      { tolerance, groups: Int32Array.of(0, 1) },
    );
    const primitive = (x: number) => {
      const u = (x - centre) / width;
      return power === 1 ? Math.atan(u) : 0.5 * (Math.atan(u) + u / (1 + u * u));
    };
    const smooth = (x: number) => (Math.exp(-x) * (3 * Math.sin(3 * x) - Math.cos(3 * x))) / 10;
    const exact = [primitive(1) - primitive(-1), smooth(1) - smooth(-1)];
    expect(status.converged).toBe(true);
    for (const [i, value] of exact.entries()) {
      const error = Math.abs(integrator.values[i] - value);
      expect(error, `width ${width}, centre ${centre}, tolerance ${tolerance}`).toBeLessThanOrEqual(
        integrator.errors[i] + 1e-15,
      );
      expect(integrator.errors[i]).toBeLessThanOrEqual(1.001 * tolerance * Math.abs(value) + 1e-13);
    }
  }
});
