// `motor` as a script meets it: the keys of the contract, bias and load, refusals.

import { expect, test } from "vitest";
import { knownAnswer } from "../transport/known.js";
import { nanopinwheel, spawned } from "./command.js";

const { model, expect: known } = knownAnswer("real-two-lead");
const input = JSON.stringify(model);
const motorOf = (args: string[]) => nanopinwheel(["motor", "-", ...args], input);

async function answer(args: string[], run: typeof spawned | typeof nanopinwheel = nanopinwheel) {
  const { status, stdout, stderr } = await run(["motor", "-", ...args, "--json"], input);
  expect([status, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

test("one JSON document with the keys of the contract", async () => {
  const motor = await answer([], spawned);
  const { result } = known.motor;
  for (const key of ["workPerTurn", "frictionPerTurn", "noisePerTurn"])
    expect(Math.abs(motor[key] - result[key])).toBeLessThan(1e-7);
  for (const lead of ["left", "right"]) {
    expect(Math.abs(motor.charge[lead] - result.charge[lead])).toBeLessThan(1e-7);
    expect(Math.abs(motor.current[lead] - result.current[lead])).toBeLessThan(1e-7);
  }
  expect(Object.keys(motor.curve)).toEqual(
    expect.arrayContaining(["theta", "torque", "conservativeTorque", "friction", "noise"]),
  );
  const { theta, torque } = motor.curve;
  expect([theta[0], theta.length]).toEqual([0, torque.length]);
  const mean = torque.reduce((sum: number, value: number) => sum + value, 0) / torque.length;
  expect(2 * Math.PI * mean).toBeCloseTo(motor.workPerTurn, 12);
  const { steadyState } = motor;
  expect(steadyState.regime).toBe("running");
  for (const key of ["omega", "powerIn", "powerOut", "efficiency"])
    expect(Math.abs(steadyState[key] - result.steadyState[key])).toBeLessThan(1e-7);
  expect(Object.keys(steadyState.dissipation).sort()).toEqual([
    "electronicFriction",
    "externalFriction",
    "frozen",
  ]);
  expect(motor.figureOfMerit).toBeGreaterThan(0);
  expect(motor.maximumEfficiency).toBeLessThan(1);
  expect(motor.error).toBeLessThan(1e-8);
  for (const key of ["firstLaw", "chargeBalance", "secondLaw"])
    expect(motor.certificate[key]).toEqual(expect.any(Number));
});

test("--bias about the mean, --load in place of the rotor's", async () => {
  const [left, right] = ["left", "right"].map((lead) => model.reservoirs?.[lead].chemicalPotential ?? 0);
  const motor = await answer(["--bias", "-0.3", "--load", "0.004", "--tolerance", "1e-6"]);
  expect(motor.reservoirs.left.chemicalPotential).toBeCloseTo((left + right) / 2 - 0.15, 14);
  expect(motor.reservoirs.right.chemicalPotential).toBeCloseTo((left + right) / 2 + 0.15, 14);
  expect(motor.rotor.load).toBe(0.004);
  expect(motor.steadyState.powerOut).toBeCloseTo(0.004 * motor.steadyState.omega, 14);
});

test("the same as a table", async () => {
  const { status, stdout } = await motorOf(["--tolerance", "1e-6"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/work per turn +│ W +│ +0\.0515978/);
  expect(stdout).toMatch(/steady state +│ +│ +running/);
  expect(stdout).not.toMatch(/NaN|undefined|null/);
});

test("wrong options: status 2, the option named, nothing on standard output", async () => {
  for (const [option, value] of [
    ["--bias", "high"],
    ["--load", ""],
    ["--tolerance", "1"],
  ]) {
    const { status, stdout, stderr } = await motorOf([option, value]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(option.slice(2));
  }
});

test("what cannot be computed to the tolerance: status 3 with angle, configuration and causes", async () => {
  const args = [
    "motor",
    "--preset",
    "double-dot",
    "--set",
    "level=0",
    "width=1e-7",
    "depth=0.5",
    "tunnelling=1e-4",
  ];
  const { status, stdout, stderr } = await nanopinwheel([...args, "--tolerance", "1e-3"]);
  expect([status, stdout]).toEqual([3, ""]);
  expect(stderr).toMatch(/near theta = .* at x = .*Likely causes: \(1\)/);
});
