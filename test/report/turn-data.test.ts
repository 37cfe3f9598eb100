// From curves of the angle to what is drawn.

import { expect, test } from "vitest";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import {
  anglesFor,
  currentsData,
  frictionData,
  landscape,
  torqueData,
} from "../../src/report/stages/turn-data.js";

const torque = PeriodicCurve.from((t) => 0.3 + Math.sin(t) - 0.2 * Math.cos(3 * t), 16);
const constant = PeriodicCurve.constant(0.5);

test("the landscape falls by the work per turn less that of the load, and its slope is load minus torque", () => {
  const theta = anglesFor(torque);
  const { potential } = landscape("", torque, 0.1, theta);
  const last = theta.length - 1;
  expect(potential[0]).toBeCloseTo(0, 15);
  expect(potential[last]).toBeCloseTo(2 * Math.PI * (0.1 - 0.3), 13);
  const step = theta[1];
  for (let i = 1; i < last; i++) {
    const slope = (potential[i + 1] - potential[i - 1]) / (2 * step);
    expect(Math.abs(slope - (0.1 - torque.value(theta[i])))).toBeLessThan(2 * step ** 2);
  }
});

test("curves close, and a constant one is drawn as it is", () => {
  const { theta, torque: values, conservative } = torqueData(torque, constant, 0);
  expect([theta[0], theta[theta.length - 1]]).toEqual([0, 2 * Math.PI]);
  expect(values[values.length - 1]).toBeCloseTo(values[0], 12);
  expect(new Set(Array.from(conservative!))).toEqual(new Set([0.5]));
});

test("noise that vanishes is not drawn; the charge is the integral of what is", () => {
  expect(frictionData(constant, PeriodicCurve.constant(0), { external: 0 }).noise).toBeUndefined();
  expect(frictionData(constant, constant, { external: 0 }).noise?.[3]).toBe(0.5);
  const { charge, pumped } = currentsData("left", torque, undefined);
  expect(charge).toBeCloseTo(0.6 * Math.PI, 13);
  const mean =
    Array.from(pumped)
      .slice(1)
      .reduce((sum, value) => sum + value, 0) /
    (pumped.length - 1);
  expect(2 * Math.PI * mean).toBeCloseTo(charge, 12);
});

test("fine structure gets fine steps", () => {
  const sharp = PeriodicCurve.from((t) => 1 / (1.01 - Math.cos(t)), 256);
  expect(anglesFor(sharp).length - 1).toBe(1024);
  expect(anglesFor(constant).length - 1).toBe(256);
});
