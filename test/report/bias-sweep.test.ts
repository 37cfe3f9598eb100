// The range of the bias sweep: it ends before a bias beyond which few computed curves say too little, but not short of the file's own.

import { expect, test } from "vitest";
import type { Device, MotorResult } from "../../src/index.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { biasSweep, sweepRange } from "../../src/report/stages/bias-sweep.js";

/** A rotor of torque bias (1 + extra(bias)) / 2pi and constant friction, on a device of two levels. */
function machine(bias: number, extra: (bias: number) => number, level = 20) {
  const asked: number[] = [];
  const drive = (at: number) => (at * (1 + extra(at))) / (2 * Math.PI);
  const flat = (value: number) => new Float64Array(8).fill(value);
  const device = {
    model: {
      device: {
        orbitals: 2,
        hamiltonian: { rows: [0, 1], columns: [0, 1], re: [-level, level], im: [0, 0] },
        leads: [{ kind: "wideband", orbitals: [], width: { data: [] } }],
      },
    },
    turnCurve: ({ bias: at }: { bias: number }) => {
      asked.push(at);
      return {
        torque: PeriodicCurve.constant(drive(at)),
        friction: PeriodicCurve.constant(1 / (2 * Math.PI)),
      };
    },
  } as unknown as Device;
  const motor = {
    workPerTurn: 2 * Math.PI * drive(bias),
    reservoirs: {
      left: { chemicalPotential: bias / 2, temperature: 0 },
      right: { chemicalPotential: -bias / 2, temperature: 0 },
    },
    rotor: { inertia: "infinite", load: 0, friction: 0 },
    curve: { torque: flat(drive(bias)), conservativeTorque: flat(0), friction: flat(1 / (2 * Math.PI)) },
  } as unknown as MotorResult;
  return { device, motor, asked, speed: (at: number) => at * (1 + extra(at)) };
}

const quiet = () => {};

test("a smooth machine is shown over the whole range, three times the file's bias", () => {
  const { device, motor, speed } = machine(1, (at) => 0.02 * at);
  expect(sweepRange(device, motor)).toBe(3);
  const { bias, uniform, error } = biasSweep(device, motor, quiet)!;
  expect(bias[72]).toBe(3);
  expect(error).toBeLessThan(1e-10);
  for (const [i, at] of bias.entries()) expect(Math.abs(uniform[i] - speed(at))).toBeLessThan(1e-10);
});

test("beyond a step the range ends before it, and what is shown is right", () => {
  // A gap ends at 2.8: steep there, flat below.
  const { device, motor, asked, speed } = machine(1, (at) => 1 + Math.tanh(60 * (at - 2.8)));
  const { bias, uniform, error } = biasSweep(device, motor, quiet)!;
  expect(bias[72]).toBe(2.25);
  expect(Math.max(...asked)).toBe(3);
  expect(error).toBeLessThan(0.02);
  for (const [i, at] of bias.entries())
    expect(Math.abs(uniform[i] - speed(at))).toBeLessThan(0.01 * speed(2.25));
});

test("the range is cut twice at most, and never below 1.2 times the file's bias; what is left of the error is told", () => {
  // Steps everywhere.
  const wild = machine(1, (at) => 0.5 * Math.sin(40 * at));
  const swept = biasSweep(wild.device, wild.motor, quiet)!;
  expect(swept.bias[72]).toBe(3 * 0.75 ** 2);
  expect(swept.error).toBeGreaterThan(0.02);
  // Three ranges of nine biases, of which they share the bias 0.
  expect(wild.asked.length).toBe(25);
  // A quarter of the spectrum's width, 1.54, is all there is to show: one cut, to 1.2.
  const narrow = machine(1, (at) => 0.5 * Math.sin(40 * at), 2.8);
  expect(sweepRange(narrow.device, narrow.motor)).toBeCloseTo(1.54, 12);
  expect(biasSweep(narrow.device, narrow.motor, quiet)!.bias[72]).toBe(1.2);
});

test("a machine that does not drive, or whose friction does not brake, is not swept", () => {
  const still = machine(1, () => -1);
  expect(biasSweep(still.device, still.motor, quiet)).toBeUndefined();
  expect(still.asked).toEqual([]);
  const pushed = machine(1, () => 0);
  const turnCurve = pushed.device.turnCurve;
  pushed.device.turnCurve = (question) => ({
    ...turnCurve(question),
    friction: PeriodicCurve.constant(-1),
  });
  expect(biasSweep(pushed.device, pushed.motor, quiet)).toBeUndefined();
});
