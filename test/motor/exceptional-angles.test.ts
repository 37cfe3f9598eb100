// A device whose level loses its coupling at one angle: a benzene ring whose dipole points along its contacts. Friction and noise have limits there,
// but at that very angle the level takes no part. The curves are those of the angles beside it, whether a grid contains the angle or not.
import { beforeAll, describe, expect, test } from "vitest";
import { type Engine, loadEngine } from "../../src/index.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { chosen } from "../twins/seeds.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const reservoirs = (bias: number, temperature: number) => ({
  left: { chemicalPotential: -1 + bias / 2, temperature },
  right: { chemicalPotential: -1 - bias / 2, temperature },
});

describe("benzene in para position", () => {
  test.each(
    chosen(
      [
        [0.3, 0.02],
        [0.3, 0],
        [0, 0.02],
      ],
      1,
    ),
  )("bias %f, temperature %f: curves beside the angle where a level is cut off", (bias, temperature) => {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "benzene" },
      reservoirs: reservoirs(bias, temperature),
    });
    const curve = device.turnCurve();
    for (const theta of [0.01, 0.3, 1.7, Math.PI - 0.02, 4.4, -0.05]) {
      const at = { x: 0.5 * Math.cos(theta), y: 0.5 * Math.sin(theta) };
      const [u, v] = [-0.5 * Math.sin(theta), 0.5 * Math.cos(theta)];
      const { force, friction, noise } = device.forces({ at });
      const form = ({ data: [a, b, c, d] }: NonNullable<typeof friction>) =>
        a * u * u + (b + c) * u * v + d * v * v;
      const of = (c: PeriodicCurve) => ({ got: c.value(theta), slack: 3e-8 * c.scale });
      for (const [{ got, slack }, expected] of [
        [of(curve.torque), force[0] * u + force[1] * v],
        [of(curve.friction), form(friction!)],
        [of(curve.noise), form(noise!)],
      ] as const)
        expect(Math.abs(got - expected), `theta = ${theta}`).toBeLessThan(slack);
    }
    // The mirror through the contacts: friction is even in the angle, and not zero where the level is cut off.
    expect(Math.abs(curve.friction.value(0.2) - curve.friction.value(-0.2))).toBeLessThan(
      3e-8 * curve.friction.scale,
    );
    expect(Math.abs(curve.friction.value(0) - curve.friction.value(0.01))).toBeLessThan(
      1e-2 * curve.friction.scale,
    );
    device.close();
  });

  test("friction per turn in linear response is that of the curve in equilibrium", () => {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "benzene" },
      reservoirs: reservoirs(0, 0.02),
    });
    const { frictionPerTurn } = device.linearResponse();
    expect(Math.abs(device.turnCurve().friction.integral / frictionPerTurn - 1)).toBeLessThan(2e-8);
    device.close();
  });
});

test("a curve through samples that start anywhere is the same curve", () => {
  const g = (theta: number) => Math.exp(Math.cos(theta)) + Math.sin(3 * theta);
  for (const [n, start] of [
    [64, 0.3],
    [63, -1.2],
    [64, 5],
  ]) {
    const samples = Array.from({ length: n }, (_, j) => g(start + (2 * Math.PI * j) / n));
    const curve = new PeriodicCurve(samples, start);
    for (const theta of [0, 0.1, 2, 4.9]) {
      expect(Math.abs(curve.value(theta) - g(theta))).toBeLessThan(1e-13);
    }
    expect(Math.abs(curve.resample(5)[2] - g((4 * Math.PI) / 5))).toBeLessThan(1e-13);
  }
  // The last harmonic of an even number is seen through one phase only: it comes back at the samples.
  const few = [1, -2, 0.5, 3];
  const curve = new PeriodicCurve(few, 0.7);
  for (const [j, value] of few.entries())
    expect(Math.abs(curve.value(0.7 + (Math.PI * j) / 2) - value)).toBeLessThan(1e-14);
});
