// Results in SI where the model names a unit of energy: against the constants themselves.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { nanopinwheel, spawned } from "./command.js";

const [e, h, kB] = [1.602176634e-19, 6.62607015e-34, 1.380649e-23];
const hbar = h / (2 * Math.PI);

const model = (energy?: string) =>
  JSON.stringify({
    format: "nanopinwheel/1",
    ...(energy && { units: { energy } }),
    device: { preset: "dirac" },
    reservoirs: {
      left: { chemicalPotential: 0.1, temperature: 0.05 },
      right: { chemicalPotential: -0.1, temperature: 0.05 },
    },
    rotor: { inertia: 1, friction: 0.1, load: 0.001 },
  });

async function run(args: string[], energy?: string): Promise<string> {
  const { status, stdout, stderr } = await nanopinwheel(args, model(energy));
  expect([status, stderr.replaceAll(/^warning.*\n/gm, "")]).toEqual([0, ""]);
  return stdout;
}

const answer = async (args: string[], energy?: string) => JSON.parse(await run([...args, "--json"], energy));

test("motor: every quantity by its own factor", async () => {
  const motor = await answer(["motor", "-"], "meV");
  const E = 1e-3 * e;
  expect(motor.units).toEqual({ energy: "meV" });
  const known: [string, number, number, string][] = [
    ["workPerTurn", motor.workPerTurn, E, "J"],
    ["frictionPerTurn", motor.frictionPerTurn, hbar, "N m s"],
    ["stallLoad", motor.stallLoad, E, "N m"],
    ["startBias", motor.startBias, E / e, "V"],
  ];
  for (const [key, value, factor, unit] of known) {
    expect(motor.si[key].unit).toBe(unit);
    expect(motor.si[key].value).toBeCloseTo(value * factor, -Math.floor(Math.log10(Math.abs(factor))) + 9);
  }
  const relative = (found: { value: number }, value: number) =>
    expect(found.value / value).toBeCloseTo(1, 12);
  relative(motor.si.charge.left, motor.charge.left * e);
  relative(motor.si.current.left, (motor.current.left * e * E) / hbar);
  relative(motor.si.steadyState.omega, (motor.steadyState.omega * E) / hbar);
  relative(motor.si.steadyState.powerIn, (motor.steadyState.powerIn * E ** 2) / hbar);
  expect(motor.si.steadyState.powerIn.unit).toBe("W");
});

test("simulate in kelvin, forces in eV, pump in hartree", async () => {
  const simulated = await answer(["simulate", "-", "--time", "20", "--trajectories", "4"], "K");
  expect(simulated.si.meanVelocity.value / ((simulated.meanVelocity * kB) / hbar)).toBeCloseTo(1, 12);
  expect(simulated.si.bearingTemperature).toEqual({ value: 0.05, unit: "K" });
  const forces = await answer(["forces", "-"], "eV");
  expect(forces.si.heatCurrent.left.value / ((forces.heatCurrent.left * e * e) / hbar)).toBeCloseTo(1, 12);
  const pumped = await answer(["pump", "-"], "hartree");
  expect(pumped.si.charge.left.value / (pumped.charge.left * e)).toBeCloseTo(1, 12);
});

test("the same as text; and none of it without a unit", async () => {
  expect(await run(["motor", "-", "--tolerance", "1e-4"], "eV")).toMatch(
    /in SI \(energies of the model in eV\):\n {2}workPerTurn = \S+ J\n/,
  );
  expect(await run(["motor", "-", "--tolerance", "1e-4"])).not.toContain("in SI");
  expect(await answer(["motor", "-", "--tolerance", "1e-4"])).not.toHaveProperty("si");
});

test("serve answers as forces does, values in SI included", async () => {
  const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
  const file = join(directory, "model.json");
  writeFileSync(file, model("meV"));
  const input = '{"at": {"theta": 0.3}}';
  const served = spawned(["serve", file], input);
  rmSync(directory, { recursive: true });
  const forces = await answer(["forces", "-", "--at", "theta=0.3"], "meV");
  expect(forces.si.current.left.unit).toBe("A");
  expect(JSON.parse(served.stdout)).toEqual(forces);
});
