// SI conversions: known constants to their last digits, and dimensional identities for every unit.

import { expect, test } from "vitest";
import type { EnergyUnit } from "../../src/model/types.js";
import { joulePerUnit, siConversion } from "../../src/model/units.js";

const units = Object.keys(joulePerUnit) as EnergyUnit[];
const inSi = (value: number, ...of: Parameters<typeof siConversion>) => value * siConversion(...of).factor;
const relative = (value: number, expected: number) => Math.abs(value / expected - 1);

test("known values", () => {
  expect(relative(inSi(1, "temperature", "eV"), 11604.518121550082)).toBeLessThan(1e-14);
  expect(relative(inSi(1, "energy", "hartree") / joulePerUnit.eV, 27.211386245988)).toBeLessThan(1e-12);
  expect(relative(inSi(2, "energy", "Ry"), joulePerUnit.hartree)).toBeLessThan(1e-12);
  expect(relative(inSi(1, "time", "hartree"), 2.4188843265857e-17)).toBeLessThan(1e-12);
  expect(relative(inSi(1 / (2 * Math.PI), "conductance", "meV"), 3.8740458647e-5)).toBeLessThan(1e-10);
  expect(relative(inSi(1, "friction", "K"), 1.054571817646156e-34)).toBeLessThan(1e-14);
});

test.each(units)("dimensions agree in %s", (unit) => {
  const factor = (quantity: Parameters<typeof siConversion>[0]) => siConversion(quantity, unit).factor;
  const identities = [
    [factor("current"), factor("charge") / factor("time")],
    [factor("power"), factor("torque") * factor("angularVelocity")],
    [factor("friction"), factor("torque") / factor("angularVelocity")],
    [factor("power"), factor("current") * factor("voltage")],
    [factor("conductance"), factor("current") / factor("voltage")],
    [factor("torqueNoise"), factor("torque") ** 2 * factor("time")],
    [factor("inertia"), (factor("torque") * factor("time")) / factor("angularVelocity")],
  ];
  for (const [a, b] of identities) expect(relative(a, b)).toBeLessThan(1e-14);
});

test("natural units have no SI values", () => {
  expect(() => siConversion("current", "none")).toThrow(/^units\.energy: no SI values.*found "none"/);
});
