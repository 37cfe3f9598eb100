// `simulate` as a script meets it.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const command = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const model = JSON.stringify({
  format: "nanopinwheel/1",
  device: { preset: "dirac" },
  reservoirs: {
    left: { chemicalPotential: 0.1, temperature: 0.05 },
    right: { chemicalPotential: -0.1, temperature: 0.05 },
  },
  rotor: { inertia: 1, friction: 0.1 },
});
const simulate = (...args: string[]) =>
  spawnSync(process.execPath, [command, "simulate", "-", ...args], { input: model, encoding: "utf8" });

test("one JSON document with the keys of the contract; the same seed gives the same document", () => {
  const args = ["--time", "200", "--trajectories", "12", "--seed", "7", "--json"];
  const [first, second] = [simulate(...args), simulate(...args)];
  expect([first.status, first.stderr]).toEqual([0, ""]);
  expect(first.stdout).toBe(second.stdout);
  const result = JSON.parse(first.stdout);
  for (const key of ["meanVelocity", "meanVelocityError", "diffusion", "uncertaintyRatio"])
    expect(result[key]).toEqual(expect.any(Number));
  expect(result.trajectories.length).toBe(12);
  expect(result.trajectories[0].angle.length).toBe(result.times.length);
});

test("options in place of the model's, and the table", () => {
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
  const result = JSON.parse(simulate(...args, "--json").stdout);
  expect(result.reservoirs.left).toEqual({ chemicalPotential: 0.2, temperature: 0.2 });
  expect(result.rotor).toMatchObject({ load: 0.01, inertia: 3 });
  const { status, stdout } = simulate(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/mean angular speed +│ ⟨ω⟩ +│ +\S+ ± \S+/);
  expect(stdout).not.toMatch(/NaN|undefined|null/);
});

test("wrong input: status 2, the option named, nothing on standard output", () => {
  for (const [args, name] of [
    [[], "--time"],
    [["--time", "0"], "time"],
    [["--time", "10", "--trajectories", "1.5"], "trajectories"],
    [["--time", "10", "--seed", "-1"], "seed"],
    [["--time", "10", "--temperature", "cold"], "--temperature"],
    [["--time", "10", "--inertia", "heavy"], "--inertia"],
    [["--time", "10", "--inertia", "-1"], "rotor.inertia"],
    [["--time", "10", "--tolerance", "0"], "tolerance"],
  ] as const) {
    const { status, stdout, stderr } = simulate(...args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(name);
  }
});
