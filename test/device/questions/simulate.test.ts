// device.simulate: closed forms of the continuum Thouless motor (constant torque, friction and noise), seeds, refusals.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { InputError, loadEngine, type Model } from "../../../src/index.js";
import { textOf } from "../../twins/warnings.js";

const engine = await loadEngine();
const dirac = (bias: number, temperature: number): Model => ({
  format: "nanopinwheel/1",
  device: { preset: "dirac", length: 2 },
  reservoirs: {
    left: { chemicalPotential: bias / 2, temperature },
    right: { chemicalPotential: -bias / 2, temperature },
  },
  rotor: { inertia: 2, friction: 0.05 },
});

/** Whether a value lies within so many standard errors. */
const near = (value: number, known: number, error: number) =>
  expect(Math.abs(value - known)).toBeLessThan(4 * error);

test.each([0, 2])(
  "equilibrium, inertia %f: no mean motion, and Einstein's relation D = T / friction",
  (inertia) => {
    const device = engine.device(dirac(0, 0.1));
    const result = device.simulate({ time: 2000, trajectories: 256, seed: 5, rotor: { inertia } });
    const friction = device.motor().frictionPerTurn / (2 * Math.PI) + 0.05;
    near(result.meanVelocity, 0, result.meanVelocityError);
    near(result.diffusion, 0.1 / friction, result.diffusionError);
    expect(result.diffusionError).toBeLessThan(0.2 * result.diffusion);
    expect(result.bearingTemperature).toBe(0.1);
  },
);

test("a bias turns it at the speed of uniform rotation, and it spreads by its noise", () => {
  const device = engine.device(dirac(0.3, 0.05));
  const motor = device.motor({ rotor: { inertia: "infinite" } });
  const result = device.simulate({ time: 2000, trajectories: 256 });
  near(result.meanVelocity, motor.steadyState!.omega, result.meanVelocityError);
  const friction = motor.frictionPerTurn / (2 * Math.PI) + 0.05;
  const noise = motor.noisePerTurn / (2 * Math.PI) + 2 * 0.05 * 0.05;
  near(result.diffusion, noise / (2 * friction ** 2), result.diffusionError);
  const turns = result.trajectories.reduce((sum, { turns: n }) => sum + n, 0) / 256;
  expect(Math.abs(turns - (result.meanVelocity * 2000) / (2 * Math.PI))).toBeLessThan(1);
  expect(result.forwardRate - result.backwardRate).toBeCloseTo(turns / 2000, 12);
});

test("without inertia the ratio of spread, speed and entropy is the least there is: 2", () => {
  const device = engine.device(dirac(0.3, 0.05));
  const result = device.simulate({ time: 4000, trajectories: 512, rotor: { inertia: 0 } });
  const relative =
    result.diffusionError / result.diffusion + 2 * (result.meanVelocityError / result.meanVelocity);
  near(result.uncertaintyRatio!, 2, 2 * relative);
  // Not known where it does not move.
  expect(engine.device(dirac(0, 0.05)).simulate({ time: 100, trajectories: 64 })).not.toHaveProperty(
    "uncertaintyRatio",
  );
  const cold = device.simulate({ time: 50, trajectories: 4, temperature: 0, bias: 0, load: -0.01 });
  expect(cold).not.toHaveProperty("entropyProduction");
  near(cold.diffusion, 0, cold.diffusionError);
  expect(cold.diffusionError).toBeLessThan(1e-11);
});

test("the temperature of a call is that of all reservoirs and the bearing", () => {
  const question = { time: 300, trajectories: 8, seed: 3 };
  const cold = engine.device(dirac(0.2, 0));
  const warm = engine.device(dirac(0.2, 0.1));
  const result = cold.simulate({ ...question, temperature: 0.1 });
  expect(result).toEqual(warm.simulate(question));
  expect(result.reservoirs.left).toEqual({ chemicalPotential: 0.1, temperature: 0.1 });
});

test("the same seed gives the same numbers, alone or among more; another seed gives others", () => {
  const device = engine.device(dirac(0.2, 0.1));
  const run = (seed: number, trajectories: number) =>
    device.simulate({ time: 200, trajectories, seed, paths: 2 });
  const [few, many] = [run(9, 4), run(9, 12)];
  expect(many.trajectories.slice(0, 4)).toEqual(few.trajectories);
  expect(few.trajectories[0].angle?.length).toBe(few.times.length);
  expect(few.trajectories[3].angle).toBeUndefined();
  expect(run(9, 4)).toEqual(few);
  expect(run(10, 4).meanVelocity).not.toBe(few.meanVelocity);
});

test("what is wrong is named before anything is computed", () => {
  const device = engine.device(dirac(0.2, 0.1));
  const field = (question: object): string => {
    try {
      device.simulate({ time: 10, trajectories: 4, ...question });
    } catch (error) {
      if (error instanceof InputError) return error.field;
      throw error;
    }
    return "nothing";
  };
  expect(field({})).toBe("nothing");
  for (const time of [0, -1, Number.NaN, "long"]) expect(field({ time })).toBe("time");
  for (const trajectories of [1, 2.5, 1e12]) expect(field({ trajectories })).toBe("trajectories");
  for (const burnIn of [-1, Number.NaN, "long"]) expect(field({ burnIn })).toBe("burnIn");
  expect(field({ seed: -1 })).toBe("seed");
  expect(field({ temperature: -0.1 })).toBe("temperature");
  expect(field({ step: 0 })).toBe("step");
  expect(field({ paths: 0.5 })).toBe("paths");
  expect(field({ rotor: { inertia: -1 } })).toBe("rotor.inertia");
});

test("without inertia, friction that varies by a factor of fifty does not shorten the steps to nothing", () => {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "double-dot" } });
  const result = device.simulate({
    time: 2,
    trajectories: 4,
    temperature: 0.1,
    bias: 0.1,
    rotor: { inertia: 0 },
  });
  expect(result.step).toBeGreaterThan(1e-5);
});

test("a rotor of infinite inertia feels no noise: every trajectory is the uniform rotation of the motor, and a warning says so", () => {
  const device = engine.device(dirac(0.3, 0.05));
  const rotor = { inertia: "infinite" } as const;
  const { omega } = device.motor({ rotor }).steadyState!;
  const result = device.simulate({ time: 200, trajectories: 3, paths: 1, rotor });
  expect(Math.abs(result.meanVelocity / omega - 1)).toBeLessThan(1e-6);
  // What is left is the error of the curves.
  expect(result.meanVelocityError).toBeLessThan(1e-6 * Math.abs(omega));
  expect([result.diffusion, result.diffusionError]).toEqual([0, 0]);
  const turns = Math.floor((200 * omega) / (2 * Math.PI));
  expect(turns).toBeGreaterThan(2);
  expect(result.forwardRate).toBeCloseTo(turns / 200, 12);
  for (const trajectory of result.trajectories)
    expect(trajectory).toMatchObject({ displacement: 200 * result.meanVelocity, turns });
  expect(result.firstPassage!.mean).toBeCloseTo((2 * Math.PI) / omega, 4);
  expect(result.trajectories[0].angle!.at(-1)).toBeCloseTo(200 * result.meanVelocity, 9);
  expect(result).not.toHaveProperty("uncertaintyRatio");
  expect(textOf(result.warnings)).toContain("infinite inertia");
  // Backwards with the other bias, and at rest without one.
  const back = device.simulate({ time: 200, trajectories: 2, rotor, bias: -0.3 });
  expect(back.backwardRate).toBe(result.forwardRate);
  expect(device.simulate({ time: 200, trajectories: 2, rotor, bias: 0 }).meanVelocity).toBe(0);
});

test.each([0, 0.3])(
  "a level that one parameter moves, bias %f: with inertia; without it friction vanishes where it turns",
  (bias) => {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "resonant-level", level: -6, widthLeft: 0.01, widthRight: 0.01 },
    });
    const question = { time: 100, trajectories: 8, temperature: 0.02, bias };
    const result = device.simulate({ ...question, rotor: { inertia: 20 } });
    expect(result.step).toBeGreaterThan(1e-3);
    expect(Number.isFinite(result.meanVelocity)).toBe(true);
    expect(() => device.simulate({ ...question, rotor: { inertia: 0 } })).toThrow(
      /rotor.inertia: .*positive friction/,
    );
  },
);

test("a rotor slower to relax than the time: its mean speed, not its start", () => {
  const url = new URL("../../known/faults/slow-rotor.json", import.meta.url);
  const device = engine.device(JSON.parse(readFileSync(url, "utf8")).model);
  // By the Fokker-Planck equation.
  const [meanVelocity, diffusion] = [-0.582176, 1.2943];
  const result = device.simulate({ time: 300, trajectories: 256, paths: 1, tolerance: 1e-5 });
  near(result.meanVelocity, meanVelocity, result.meanVelocityError);
  expect(result.meanVelocityError).toBeLessThan(0.02);
  near(result.diffusion, diffusion, result.diffusionError);
  expect(result.burnIn).toBeGreaterThan(1500);
  expect(result.warnings.map(({ code }) => code)).toContain("transient");
  // Paths begin within the first turn.
  expect(result.trajectories[0].angle![0]).toBeGreaterThanOrEqual(0);
  expect(result.trajectories[0].angle![0]).toBeLessThan(2 * Math.PI);
});

test("a locked rotor that swings for longer than the time: no mean speed, and that the time is short is said", () => {
  const device = engine.device({ format: "nanopinwheel/1", device: { preset: "two-gate" } });
  const result = device.simulate({ time: 100, rotor: { inertia: 20 } });
  expect(Math.abs(result.meanVelocity)).toBeLessThan(result.meanVelocityError);
  expect(result.warnings.map(({ code }) => code)).toEqual(
    expect.arrayContaining(["transient", "rare-events"]),
  );
});

test("a time of its own, and the stationary state beside the averages", () => {
  const device = engine.device(dirac(0.3, 0.05));
  const friction = device.motor().frictionPerTurn / (2 * Math.PI) + 0.05;
  const result = device.simulate({ trajectories: 32 });
  expect(result.time / (100 * (2 / friction))).toBeCloseTo(1, 3);
  expect(result.warnings).toEqual([]);
  near(result.meanVelocity, result.stationary!.meanVelocity, result.meanVelocityError);
  near(result.diffusion, result.stationary!.diffusion, result.diffusionError);
  expect(result.stationary!.relaxationTime! / (2 / friction)).toBeCloseTo(1, 3);
});

test("too short a time, and friction that is none, are named", () => {
  const device = engine.device(dirac(0.2, 0.1));
  expect(() => device.simulate({ time: 1e-300 })).toThrow(/time: too short/);
  expect(() => device.simulate({ time: 1e300 })).toThrow(/time: more than 4e9 steps/);
  expect(() => device.simulate({ time: 10, load: 1e300 })).toThrow(InputError);
  const heavy = device.simulate({ time: 10, trajectories: 8, rotor: { inertia: 1e12 } });
  expect(heavy.warnings.map(({ code }) => code)).toContain("transient");
  const { omega } = device.motor({ rotor: { inertia: "infinite" } }).steadyState!;
  expect(Math.abs(heavy.meanVelocity - omega)).toBeLessThan(2 * heavy.meanVelocityError);
});
