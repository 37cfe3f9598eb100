// `simulate` as a script meets it.

import { expect, test } from "vitest";
import { nanopinwheel, spawned } from "./command.js";

const model = JSON.stringify({
  format: "nanopinwheel/1",
  device: { preset: "dirac" },
  reservoirs: {
    left: { chemicalPotential: 0.1, temperature: 0.05 },
    right: { chemicalPotential: -0.1, temperature: 0.05 },
  },
  rotor: { inertia: 1, friction: 0.1 },
});
const simulate = (...args: string[]) => nanopinwheel(["simulate", "-", ...args], model);

test("one JSON document with the keys of the contract; the same seed gives the same document", async () => {
  const args = ["--time", "200", "--trajectories", "12", "--seed", "7", "--json"];
  const [first, second] = [spawned(["simulate", "-", ...args], model), await simulate(...args)];
  expect([first.status, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toBe(second.stdout);
  const result = JSON.parse(first.stdout);
  for (const key of ["meanVelocity", "meanVelocityError", "diffusion", "uncertaintyRatio"])
    expect(result[key]).toEqual(expect.any(Number));
  expect(result.trajectories.length).toBe(12);
  expect(result.trajectories[0].angle.length).toBe(result.times.length);
});

test("options in place of the model's, and the table", async () => {
  const args = [
    "--time",
    "100",
    "--trajectories",
    "4",
    "--temperature",
    "0.2",
    "--bias",
    "0.4",
    "--load",
    "0.01",
    "--inertia",
    "3",
    "--tolerance",
    "1e-5",
  ];
  const result = JSON.parse((await simulate(...args, "--json")).stdout);
  expect(result.reservoirs.left).toEqual({ chemicalPotential: 0.2, temperature: 0.2 });
  expect(result.rotor).toMatchObject({ load: 0.01, inertia: 3 });
  const { status, stdout } = await simulate(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/mean angular speed +│ ⟨ω⟩ +│ +\S+ ± \S+/);
  expect(stdout).not.toMatch(/NaN|undefined|null/);
});

test("wrong input: status 2, the option named, nothing on standard output", async () => {
  for (const [args, name] of [
    [["--time", "10", "--burn-in", "-1"], "burnIn"],
    [["--time", "0"], "time"],
    [["--time", "10", "--trajectories", "1.5"], "trajectories"],
    [["--time", "10", "--seed", "-1"], "seed"],
    [["--time", "10", "--temperature", "cold"], "--temperature"],
    [["--time", "10", "--inertia", "heavy"], "--inertia"],
    [["--time", "10", "--inertia", "-1"], "rotor.inertia"],
    [["--time", "10", "--tolerance", "0"], "tolerance"],
  ] as const) {
    const { status, stdout, stderr } = await simulate(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(name);
  }
});
