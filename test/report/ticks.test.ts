// Axes: round ticks inside the domain, powers of ten, texts.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decadeTicks,
  powerOfTen,
  roundStep,
  ticksFor,
  tickText,
  turnTicks,
} from "../../src/report/figures/drawing/ticks.js";

/** As they stand at an axis: scaled by `powerOfTen`. */
const size = fc.double({ min: 0.01, max: 1e4, noNaN: true });
const number = fc.oneof(
  fc.constant(0),
  size,
  size.map((value) => -value),
);

test("ticks are round, lie in the domain, and are told apart by their texts; the domain holds the data", () => {
  fc.assert(
    fc.property(number, number, fc.boolean(), fc.boolean(), (a, b, withZero, tight) => {
      const range: [number, number] = [Math.min(a, b), Math.max(a, b)];
      fc.pre(range[0] === range[1] || range[1] - range[0] > 1e-5 * Math.max(Math.abs(a), Math.abs(b)));
      const { domain, ticks, format } = ticksFor(range, { withZero, tight });
      expect(domain[0]).toBeLessThanOrEqual(range[0]);
      expect(domain[1]).toBeGreaterThanOrEqual(range[1]);
      if (withZero) expect(domain[0] <= 0 && domain[1] >= 0).toBe(true);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(12);
      expect(new Set(ticks.map(format)).size).toBe(ticks.length);
      const span = domain[1] - domain[0];
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(domain[0] - 1e-6 * span);
        expect(tick).toBeLessThanOrEqual(domain[1] + 1e-6 * span);
        expect(Math.abs(Number(format(tick).replace("−", "-")) - tick)).toBeLessThan(
          1e-9 * (Math.abs(tick) + span),
        );
      }
    }),
  );
});

test("round steps are 1, 2 or 5 times a power of ten, at most two and a half times too large", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-12, max: 1e12, noNaN: true }), (size) => {
      const step = roundStep(size);
      expect(step).toBeGreaterThanOrEqual(size * (1 - 2e-4));
      expect(step).toBeLessThanOrEqual(2.5 * size);
      expect(["1", "2", "5"]).toContain(step.toExponential(6)[0]);
    }),
  );
});

test("powers of ten leave one to three digits before the point", () => {
  expect(powerOfTen(0)).toEqual({ factor: 1, prefix: "" });
  expect(powerOfTen(3)).toEqual({ factor: 1, prefix: "" });
  expect(powerOfTen(0.0016).prefix).toBe("10⁻³ ");
  expect(powerOfTen(2.5e14).prefix).toBe("10¹² ");
  expect(powerOfTen(1e-21).prefix).toBe("10⁻²¹ ");
  fc.assert(
    fc.property(fc.double({ min: 1e-60, max: 1e60, noNaN: true }), (size) => {
      const { factor, prefix } = powerOfTen(size);
      if (prefix !== "") expect(factor * size).toBeGreaterThan(0.999);
      if (prefix !== "") expect(factor * size).toBeLessThan(1000.001);
    }),
  );
});

test("a true minus sign, none before zero, and multiples of pi", () => {
  expect(tickText(-0.25, 2)).toBe("−0.25");
  expect(tickText(-0.001, 2)).toBe("0.00");
  const { ticks, format } = turnTicks();
  expect(ticks.map(format)).toEqual(["0", "π/2", "π", "3π/2", "2π"]);
  const two = turnTicks([0, 2]);
  expect(two.ticks.map(two.format)).toEqual(["0", "π", "2π", "3π", "4π"]);
});

test("decades: the domain holds the values, ticks are powers of ten told apart by their texts", () => {
  const exponent = fc.double({ min: -30, max: 30, noNaN: true });
  fc.assert(
    fc.property(exponent, exponent, fc.boolean(), (a, b, tight) => {
      const [low, high] = [10 ** Math.min(a, b), 10 ** Math.max(a, b)];
      const { domain, ticks, format, log } = decadeTicks([low, high], tight);
      expect(log).toBe(true);
      expect(domain[0]).toBeLessThanOrEqual(low * (1 + 1e-6));
      expect(domain[1]).toBeGreaterThanOrEqual(high * (1 - 1e-6));
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(8);
      expect(new Set(ticks.map(format)).size).toBe(ticks.length);
      for (const tick of ticks) {
        expect(tick).toBeGreaterThanOrEqual(domain[0] * (1 - 1e-6));
        expect(tick).toBeLessThanOrEqual(domain[1] * (1 + 1e-6));
      }
      for (const tick of ticks)
        expect(Math.abs(Math.log10(tick) - Math.round(Math.log10(tick)))).toBeLessThan(1e-9);
    }),
  );
  expect(decadeTicks([0.02, 30]).ticks.map(decadeTicks([0.02, 30]).format)).toEqual([
    "0.01",
    "0.1",
    "1",
    "10",
    "100",
  ]);
  expect(decadeTicks([2e-7, 3]).ticks.map(decadeTicks([2e-7, 3]).format)).toEqual([
    "10⁻⁷",
    "10⁻⁵",
    "10⁻³",
    "0.1",
    "10",
  ]);
  expect(decadeTicks([0.02, 30], true)).toMatchObject({ domain: [0.02, 30], ticks: [0.1, 1, 10] });
  expect(decadeTicks([0.02, 0.05], true)).toMatchObject({ domain: [0.01, 0.1], ticks: [0.01, 0.1] });
});
