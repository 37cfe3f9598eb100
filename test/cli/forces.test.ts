// `forces` and `serve` as scripts meet them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knownAnswer } from "../transport/known.js";
import { nanopinwheel, spawned } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterAll(() => rmSync(directory, { recursive: true }));

const { model, expect: known } = knownAnswer("real-two-lead");
const file = join(directory, "model.json");
writeFileSync(file, JSON.stringify(model));

function near(found: number[], expected: number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(Math.abs(found[i] - value)).toBeLessThan(1e-8);
}

test("forces: the known answer as one JSON document with the keys of the contract", async () => {
  const { status, stdout, stderr } = spawned(["forces", file, "--at", "x=0.3,y=-0.4", "--json"]);
  expect([status, stderr]).toEqual([0, ""]);
  const forces = JSON.parse(stdout);
  const { result } = known.forces;
  expect(forces.parameters).toEqual(["x", "y"]);
  near(forces.force, result.force);
  for (const row of [0, 1]) {
    near(forces.friction[row], result.friction[row]);
    near(forces.noise[row], result.noise[row]);
  }
  for (const lead of ["left", "right"]) {
    near([forces.current[lead]], [result.current[lead]]);
    near([forces.energyCurrent[lead]], [result.energyCurrent[lead]]);
    near(forces.currentPerVelocity[lead], result.currentPerVelocity[lead]);
  }
  const { entropyProduction, heatCurrent, error, certificate } = forces;
  const temperature = model.reservoirs?.left.temperature ?? 0;
  const heat =
    heatCurrent.left / temperature + heatCurrent.right / (model.reservoirs?.right.temperature ?? 0);
  expect(entropyProduction).toBeCloseTo(-heat, 12);
  expect(error).toBeLessThan(1e-8);
  expect(certificate.unitarity).toBeLessThan(1e-12);
  expect(certificate.chargeBalance).toBeLessThan(1e-7);
});

test("forces: the same for a reader", async () => {
  const { status, stdout } = await nanopinwheel(["forces", file, "--at", "x=0.3,y=-0.4"]);
  expect(status).toBe(0);
  expect(stdout).toContain("at x = 0.3, y = -0.4\nforce    0.62085996");
  expect(stdout).not.toMatch(/NaN|undefined|null/);
});

test("forces: wrong input names the field", async () => {
  const refusal = async (args: string[], input = ""): Promise<string> => {
    const { status, stdout, stderr } = await nanopinwheel(["forces", ...args, "--json"], input);
    expect([status, stdout]).toEqual([2, ""]);
    return stderr;
  };
  expect(await refusal([file, "--at", "x=high"])).toContain("--at.x");
  expect(await refusal([file, "--at", "q=1"])).toContain("--at.q");
  expect(await refusal([file, "--tolerance", "0"])).toContain("tolerance: wrong value");
  expect(await refusal([file, "--tolerance", "low"])).toContain("--tolerance");
  expect(await refusal([file, "--dephasing", "elastic"])).toContain("dephasing: unknown kind of probe");
  const { reservoirs, ...bare } = model;
  expect(await refusal(["-"], JSON.stringify(bare))).toContain("reservoirs: the model has none");
});

test("serve: an answer per line, errors in between, status 0 at the end of the input", async () => {
  const requests = [
    '{"at": {"x": 0.3, "y": -0.4}}',
    '{"at": {"x": 0.3, ',
    "",
    '{"at": {"q": 1}}',
    '{"where": {"x": 1}}',
    "[1, 2]",
    '{"tolerance": 7}',
    '{"at": {"x": 0.3, "y": -0.4}, "reservoirs": {"left": {"chemicalPotential": "up"}}}',
    '{"at": {"x": 0.3, "y": -0.4}, "tolerance": 1e-10}',
  ];
  const { status, stdout, stderr } = spawned(["serve", file], requests.join("\n"));
  expect([status, stderr]).toEqual([0, ""]);
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.length).toBe(8);
  near(answers[0].force, known.forces.result.force);
  near(answers[7].force, known.forces.result.force);
  const errors = answers.slice(1, 7).map(({ error }) => [error.name, error.field]);
  expect(errors).toEqual([
    ["InputError", "request"],
    ["InputError", "at.q"],
    ["InputError", "where"],
    ["InputError", "request"],
    ["InputError", "tolerance"],
    ["InputError", "reservoirs.left.chemicalPotential"],
  ]);
  for (const { error } of answers.slice(1, 7)) expect(error.message).toMatch(/expected .*, found .*/);
});

test("--dephasing, and the same key of a request: energy-resolved probes take no heat", async () => {
  const reservoirs = {
    left: { chemicalPotential: 0.6, temperature: 0.1 },
    right: { chemicalPotential: -0.5, temperature: 0.2 },
  };
  const dephased = join(directory, "dephased.json");
  const device = { preset: "double-dot", dephasing: 0.5 };
  writeFileSync(dephased, JSON.stringify({ format: "nanopinwheel/1", device, reservoirs }));
  const heat = (output: string): number => JSON.parse(output).energyCurrent.probe1;
  const asked = await nanopinwheel(["forces", dephased, "--dephasing", "energy-resolved", "--json"]);
  expect([asked.status, asked.stderr]).toEqual([0, ""]);
  expect(Math.abs(heat(asked.stdout))).toBeLessThan(1e-8);
  const requests = ["{}", '{"dephasing": "energy-resolved"}', '{"dephasing": "elastic"}'];
  const answers = spawned(["serve", dephased], requests.join("\n")).stdout.trimEnd().split("\n");
  expect(Math.abs(heat(answers[0]))).toBeGreaterThan(1e-4);
  expect(Math.abs(heat(answers[1]))).toBeLessThan(1e-8);
  expect(JSON.parse(answers[2]).error).toMatchObject({ name: "InputError", field: "dephasing" });
});

test("serve: the model comes from a file or a preset, not from the requests", async () => {
  const { status, stdout, stderr } = spawned(["serve", "-"], "{}");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("FILE: the model cannot come from standard input");
  const loose = spawned(["serve", "--preset", "resonant-level", "--tolerance", "0"]);
  expect([loose.status, loose.stdout]).toEqual([2, ""]);
  expect(loose.stderr).toContain("tolerance");
  const preset = spawned(["serve", "--preset", "resonant-level"], '{"tolerance": 1e-6}\n');
  expect(preset.status).toBe(0);
  expect(Object.keys(JSON.parse(preset.stdout).current)).toEqual(["left", "right"]);
});

test("forces: digits that are not there end with status 3, what was reached and what to ask for", async () => {
  const { status, stdout, stderr } = await nanopinwheel([
    ...["forces", file, "--at", "x=0.3,y=-0.4", "--json"],
    ...["--tolerance", "1e-15"],
  ]);
  expect(status).toBe(3);
  expect(JSON.parse(stdout).error).toMatchObject({ name: "NumericalError", at: { x: 0.3, y: -0.4 } });
  expect(stderr).toMatch(/is known to .* the tolerance is 1e-15; at energy .*x = 0\.3.*--tolerance \d+e-1\d/);
});
