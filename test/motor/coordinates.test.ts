// Several coordinates: Foucault-like exact motion with an antisymmetric friction, van der Pol's oscillator with its known period and
// amplitude, a force with a curl that negative or positive friction balances, and equilibrium of the noise.

import { describe, expect, test } from "vitest";
import { limitCycle } from "../../src/motor/coordinates/limit-cycle.js";
import { simulateCoordinates } from "../../src/motor/coordinates/motion.js";
import type { CoordinateSystem } from "../../src/motor/coordinates/system.js";
import { threefry } from "../../src/numerics/random/threefry.js";
import { threefry as twin } from "../twins/rotor-ensemble.js";

const vanDerPol = (mu: number): CoordinateSystem => ({
  mass: [1],
  force: (x, out) => {
    out[0] = -x[0];
  },
  friction: (x, out) => {
    out[0] = -mu * (1 - x[0] * x[0]);
  },
});

/** Isotropic spring, constant friction, and a force around the centre: F = -k x + c (-y, x). */
function swirl(
  spring: number,
  curl: number,
  friction: number,
  lorentz: number,
  saturate = 0,
): CoordinateSystem {
  return {
    mass: [1, 1],
    force: (x, out) => out.set([-spring * x[0] - curl * x[1], -spring * x[1] + curl * x[0]]),
    friction: (x, out) => {
      const g = friction + saturate * (x[0] ** 2 + x[1] ** 2);
      out.set([g, lorentz, -lorentz, g]);
    },
  };
}

describe("motion", () => {
  test("a charge in a field with friction: v turns and decays, exactly", () => {
    const system = swirl(0, 0, 0.2, 1.3);
    const { velocity, time, energy } = simulateCoordinates(system, {
      time: 5,
      position: [0, 0],
      velocity: [1, 0],
      records: 6,
    });
    time.forEach((t, k) => {
      const decay = Math.exp(-0.2 * t);
      // dv/dt = -g v - b (v_y, -v_x): turns counter-clockwise at b.
      expect(Math.abs(velocity[2 * k] - decay * Math.cos(1.3 * t))).toBeLessThan(1e-9);
      expect(Math.abs(velocity[2 * k + 1] - decay * Math.sin(1.3 * t))).toBeLessThan(1e-9);
    });
    // The antisymmetric part does no work.
    expect(energy!.lost).toBeCloseTo(0.5 * (1 - Math.exp(-2)), 9);
    expect(energy!.balance).toBeLessThan(1e-9);
  });

  test("refuses what is no system", () => {
    const good = swirl(1, 0, 1, 0);
    expect(() => simulateCoordinates(good, { time: 1, position: [0] })).toThrow("position");
    expect(() => simulateCoordinates({ ...good, mass: [1, 0] }, { time: 1, position: [0, 0] })).toThrow(
      "mass[1]",
    );
    expect(() => simulateCoordinates(good, { time: 0, position: [0, 0] })).toThrow("time");
    expect(() => simulateCoordinates(good, { time: 1, position: [0, 0], seed: 1, step: 0.1 })).toThrow(
      "noise",
    );
    expect(() => simulateCoordinates(good, { time: 1, position: [0, 0], step: 0.1 })).toThrow("seed");
  });
});

describe("limit cycles", () => {
  test("van der Pol at mu = 1: period and amplitude to the published digits", () => {
    const cycle = limitCycle(vanDerPol(1), { position: [0.5], transient: 60 })!;
    expect(Math.abs(cycle.period - 6.66328685932313)).toBeLessThan(1e-7);
    expect(Math.abs(cycle.amplitude[0] - 2.00861986087484)).toBeLessThan(1e-7);
    expect(Math.abs(cycle.lost)).toBeLessThan(1e-7);
    expect(cycle.balance).toBeLessThan(1e-8);
    expect(limitCycle(vanDerPol(-0.5), { position: [0.5], transient: 60 })).toBeUndefined();
  });

  test("a circling force against friction: radius, period and work in closed form", () => {
    // On a circle of radius r at rate w: w^2 = k - b w and c = g(r) w, with g = g0 + s r^2.
    const [spring, curl, g0, s, lorentz] = [1, 0.6, 0.2, 0.3, 0.4];
    const cycle = limitCycle(swirl(spring, curl, g0, lorentz, s), { position: [0.3, 0], transient: 80 })!;
    // m w^2 r = k r - b w r for counter-clockwise motion: the Lorentz force pushes outwards.
    const candidates = [1, -1].map((sign) => (-sign * lorentz + Math.sqrt(lorentz ** 2 + 4 * spring)) / 2);
    const w = candidates.find((rate) => Math.abs((2 * Math.PI) / rate - cycle.period) < 1e-3)!;
    expect(w).toBeDefined();
    expect(Math.abs((2 * Math.PI) / w - cycle.period)).toBeLessThan(1e-7);
    const radius = Math.sqrt((curl / w - g0) / s);
    expect(Math.abs(cycle.amplitude[0] - radius)).toBeLessThan(1e-7);
    expect(Math.abs(cycle.amplitude[1] - radius)).toBeLessThan(1e-7);
    expect(Math.abs(cycle.work / (2 * Math.PI * curl * radius ** 2) - 1)).toBeLessThan(1e-7);
    expect(cycle.balance).toBeLessThan(1e-8);
  });

  test("negative friction alone: an anisotropic tensor drives one coordinate, its cycle dissipates what it gains", () => {
    const system: CoordinateSystem = {
      mass: [1, 2],
      force: (x, out) => out.set([-x[0] + 0.1 * x[1], -1.5 * x[1] + 0.1 * x[0]]),
      friction: (x, out) => out.set([-0.1 + 0.4 * x[0] ** 2, 0.15, -0.05, 0.8]),
    };
    const cycle = limitCycle(system, { position: [0.2, 0], transient: 150 })!;
    expect(cycle.amplitude[0]).toBeGreaterThan(0.3);
    expect(Math.abs(cycle.work)).toBeLessThan(1e-7);
    expect(Math.abs(cycle.lost)).toBeLessThan(1e-7);
    const n = cycle.time.length - 1;
    expect(Math.abs(cycle.position[2 * n] - cycle.position[0])).toBeLessThan(1e-6);
  });
});

describe("noise", () => {
  test("the generator is the kernels'", () => {
    for (const [key, counter] of [
      [
        [1, -2, 3, 4],
        [5, 6, -7, 8],
      ],
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
    ])
      expect([...threefry(key, counter)]).toEqual(twin(key, counter));
  });

  test("equilibrium: equipartition within three standard errors, a Lorentz force changes nothing, the same seed the same path", () => {
    const T = 0.4;
    const system: CoordinateSystem = {
      ...swirl(1.5, 0, 0.8, 0.9),
      mass: [1, 3],
      noise: (_x, out) => out.set([2 * T * 0.8, 0, 0, 2 * T * 0.8]),
    };
    const run = (seed: number) =>
      simulateCoordinates(system, { time: 4000, position: [0, 0], seed, step: 0.1, records: 801 });
    const { position, velocity, time } = run(5);
    // Records are five time units apart: nearly independent; errors from the scatter of batches.
    const batches = (value: (k: number) => number) => {
      const size = 40;
      const means = Array.from({ length: 20 }, (_, b) => {
        let sum = 0;
        for (let k = 0; k < size; k++) sum += value(1 + b * size + k) / size;
        return sum;
      });
      const mean = means.reduce((a, b) => a + b) / means.length;
      const error = Math.sqrt(means.reduce((a, b) => a + (b - mean) ** 2, 0) / (20 * 19));
      return { mean, error };
    };
    expect(time.length).toBe(801);
    for (const i of [0, 1]) {
      const pot = batches((k) => 1.5 * position[2 * k + i] ** 2);
      const kin = batches((k) => [1, 3][i] * velocity[2 * k + i] ** 2);
      expect(Math.abs(pot.mean - T)).toBeLessThan(3 * pot.error + 0.01 * T);
      expect(Math.abs(kin.mean - T)).toBeLessThan(3 * kin.error + 0.01 * T);
      expect(pot.error).toBeLessThan(0.1 * T);
    }
    expect(run(5).position).toEqual(position);
    expect(run(6).position[100]).not.toBe(position[100]);
  });
});
