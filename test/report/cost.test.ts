// What a run leaves out because it would take too long, and that it says so.

import { expect, test } from "vitest";
import { stagesOf } from "../../src/cli/commands/run.js";
import { type Device, loadEngine, type MotorResult } from "../../src/index.js";
import type { RunResults } from "../../src/report/results.js";
import { elementsOf, pointCost, sweepable, turnAffordable } from "../../src/report/stages/cost.js";
import { curvatureMap } from "../../src/report/stages/curvature-map.js";

const engine = await loadEngine();
const open = (preset: string, options: object, others: object = {}): Device =>
  engine.device({ format: "nanopinwheel/1", device: { preset, ...options }, ...others });

const known = (device: Device, motor?: MotorResult): RunResults => ({
  title: "",
  orbitals: device.orbitals,
  leads: device.leadNames,
  parameters: device.parameterNames,
  warnings: [{ code: "threshold", text: "said before" }],
  ...(motor && { motor }),
});

const stage = (device: Device, name: string) => stagesOf(device, {}).find((one) => one.name === name)!;

test("curves at many biases: up to fifty million energies times elements", () => {
  const device = open("double-dot", {});
  // Three elements of H, one of each derivative.
  expect(elementsOf(device)).toBe(5);
  expect(pointCost(device)).toBe(5);
  expect(sweepable(device, { evaluations: 1e7 })).toBe(true);
  expect(sweepable(device, { evaluations: 1e7 + 1 })).toBe(false);
});

test("a device that takes too long for them gets a warning in place of sweep and quadrants, and keeps the earlier ones", () => {
  const device = open("double-dot", {});
  const motor = device.motor({ tolerance: 1e-5 });
  const told: string[] = [];
  const progress = (done: number) => told.push(String(done));
  const slow = known(device, { ...motor, evaluations: 2e7 });
  const { warnings, ...others } = stage(device, "speed against bias").work(slow, progress);
  expect(others).toEqual({});
  expect(warnings?.[0].text).toBe("said before");
  expect(warnings?.[1].text).toMatch(
    /^speed against bias and quadrants are left out: this device takes too long/,
  );
  expect(stage(device, "quadrants").work(slow, progress)).toEqual({});
  expect(told).toEqual([]);
  // The same device at its true cost has both.
  const quick = known(device, motor);
  expect(stage(device, "speed against bias").work(quick, progress).biasSweep?.bias.length).toBe(73);
  expect(stage(device, "quadrants").work(quick, progress).quadrants?.points.length).toBe(60);
  // Without a motor there is nothing to sweep, and nothing to say.
  expect(stage(device, "speed against bias").work(known(device), progress)).toEqual({});
});

test("so many voltage probes that the turn would take hours: a warning in place of the motor, and a coarser map", () => {
  expect(turnAffordable(open("open-dot", {}))).toBe(true);
  expect(turnAffordable(open("double-dot", { dephasing: 0.3 }))).toBe(true);
  expect(turnAffordable(open("open-dot", { width: 4, length: 5, opening: 2, dephasing: 0.3 }))).toBe(true);
  const dephased = open("open-dot", { dephasing: 0.3 });
  expect(turnAffordable(dephased)).toBe(false);
  // Above T = 0 the probes' fillings have no steps.
  const reservoir = { chemicalPotential: -2.3, temperature: 0.01 };
  expect(
    turnAffordable(
      open("open-dot", { dephasing: 0.3 }, { reservoirs: { left: reservoir, right: reservoir } }),
    ),
  ).toBe(true);
  const { motor, warnings } = stage(dephased, "motor").work(known(dephased), () => {});
  expect(motor).toBeUndefined();
  expect(warnings?.[1].text).toMatch(
    /^the turn at the file's reservoirs is left out: it takes too long with so many voltage probes/,
  );
  expect(pointCost(dephased)).toBeGreaterThan(20 * elementsOf(dephased));
});

test("the map of the curvature has as many points as the cost allows, or none", () => {
  const side = (device: Device) => curvatureMap(device)?.first.length;
  expect(side(open("double-dot", {}))).toBe(60);
  const dense = open("chaotic-dot", { size: 128 });
  expect(side(dense)).toBe(2 * Math.floor(Math.sqrt(3e7 / pointCost(dense)) / 2));
  expect(side(open("open-dot", { width: 20, length: 20, dephasing: 0.1 }))).toBeUndefined();
});
