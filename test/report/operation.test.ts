// The load curve of a report: of the file's rotor on its running branch, else of uniform rotation, and what its captions say of that.

import { expect, test } from "vitest";
import type { Device, MotorResult } from "../../src/index.js";
import { stallLoad } from "../../src/motor/rotor/bias-branches.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { drawFigure } from "../../src/report/figures/index.js";
import type { RunResults } from "../../src/report/results.js";
import { figuresOf } from "../../src/report/stages/figure-data.js";
import { loadCurveOf } from "../../src/report/stages/operation.js";
import { diracMotor, diracTransmission } from "../motor/closed-forms.js";

const bias = 0.3;
const T = diracTransmission(1);
const stall = ((1 - T) * bias) / (2 * Math.PI);

/** The continuum motor at a bias, with a cogging torque, and a rotor. */
function machine(cog: number, inertia: number | "infinite") {
  const curve = diracMotor(bias, T);
  const torque = PeriodicCurve.from((x) => stall + cog * Math.sin(x), 8);
  const device = {
    turnCurve: () => ({ ...curve, torque }),
    leadNames: ["left", "right"],
  } as unknown as Device;
  const motor = {
    stallLoad: stall,
    frictionPerTurn: curve.friction.integral,
    rotor: { inertia, load: 0, friction: 0 },
    curve: { torque: torque.resample(8) },
  } as unknown as MotorResult;
  const system = { curve: { torque, friction: curve.friction }, rotor: { inertia, load: 0, friction: 0 } };
  return { device, motor, system };
}

const caption = (loadCurve: RunResults, inertia: number | "infinite") => {
  const device = {
    model: { cycle: undefined },
    leadNames: ["left"],
    parameterNames: [],
  } as unknown as Device;
  const results = { ...loadCurve, motor: undefined } as RunResults;
  const [data] = figuresOf(device, results);
  return drawFigure(
    data.kind === "efficiency" ? { ...data, inertia: { ...data.inertia, file: inertia } } : data,
    "none",
  ).caption;
};

test("infinite inertia: uniform rotation, efficiency by the closed form", () => {
  const { device, motor } = machine(0.01, "infinite");
  const found = loadCurveOf(device, motor);
  expect(found.loadCurveInertia).toBe("infinite");
  expect(found.loadCurve?.length).toBe(101);
  for (const { load, omega, efficiency } of found.loadCurve!) {
    const x = load / stall;
    expect(omega).toBeCloseTo(bias * (1 - x), 12);
    if (x === 0) expect(efficiency).toBeUndefined();
    else expect(efficiency).toBeCloseTo((x * (1 - T) * (1 - x)) / (T + (1 - T) * (1 - x)), 10);
  }
  expect(caption(found as RunResults, "infinite")).toMatch(
    /^Uniform rotation \(infinite inertia\) at the file's bias\. /,
  );
});

test("finite inertia: the file's rotor, up to the load at which it stops, short of the uniform one's", () => {
  const { device, motor, system } = machine(0.03, 2);
  const { loadCurve, loadCurveInertia } = loadCurveOf(device, motor);
  expect(loadCurveInertia).toBe(2);
  const end = loadCurve![loadCurve!.length - 1].load;
  expect(end).toBeLessThan(0.99 * stall);
  expect(Math.abs(end / stallLoad(system) - 1)).toBeLessThan(1e-5);
  // It runs at every load but at most the last, unevenly, hence slower than uniformly at the same mean torque.
  for (const { load, omega } of loadCurve!.slice(0, -1)) {
    expect(omega).toBeGreaterThan(0);
    expect(omega!).toBeLessThan(bias * (1 - load / stall) * (1 + 1e-9));
  }
  expect(caption({ loadCurve, loadCurveInertia } as RunResults, 2)).toMatch(
    /^The file's rotor \(inertia 2 ħ²\/energy\) on its running branch, up to the load that stops it/,
  );
});

test("a rotor that rests at the file's bias: uniform rotation, and the caption says why", () => {
  const { device, motor } = machine(0.2, 0);
  const found = loadCurveOf(device, motor);
  expect(found.loadCurveInertia).toBe("infinite");
  expect(caption(found as RunResults, 0)).toContain("at which the file's rotor (no inertia) does not run");
});

test("a machine that no load can be put on has no load curve", () => {
  const { device, motor } = machine(0.01, "infinite");
  expect(loadCurveOf(device, { ...motor, stallLoad: 1e-12 })).toEqual({});
});
