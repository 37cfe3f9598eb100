// Rest and running of the damped driven pendulum, I w' = b - sin theta - g w, against closed forms, asymptotic laws, an independent
// integration in time, and the rotor with exactly known answers.

import { describe, expect, test } from "vitest";
import {
  hysteresisLoop,
  retrappingControl,
  stallLoad,
  startBias,
} from "../../src/motor/rotor/bias-branches.js";
import { linearResponseFamily, type RotorSystem } from "../../src/motor/rotor/rotor.js";
import { lockedAngles, orbitAverage, steadyStates, zerosOf } from "../../src/motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { extrapolated } from "../twins/rotor-ode.js";

const sine = PeriodicCurve.from((x) => -Math.sin(x), 8);

function pendulum(bias: number, gamma: number, inertia: number | "infinite", ripple = 0): RotorSystem {
  return {
    curve: {
      torque: PeriodicCurve.combination([sine], [1], bias),
      friction: PeriodicCurve.from((x) => gamma * (1 + ripple * Math.cos(x)), 8),
    },
    rotor: { inertia },
  };
}

describe("rest", () => {
  test("zeros of a curve, simple, close together, and touching", () => {
    const distances = [1, 1e-2, 1e-4, 1e-6];
    for (const d of distances) {
      const zeros = zerosOf(PeriodicCurve.from((x) => Math.cos(d) - Math.cos(x - 2), 8));
      expect(zeros.length).toBe(2);
      // A double zero of depth d^2 is resolved to rounding over d.
      expect(Math.abs(zeros[0] - (2 - d))).toBeLessThan(1e-14 + 4e-16 / d);
      expect(Math.abs(zeros[1] - (2 + d))).toBeLessThan(1e-14 + 4e-16 / d);
    }
    expect(zerosOf(PeriodicCurve.from((x) => 1.0001 - Math.cos(x), 8))).toEqual([]);
  });

  test("the pendulum's two angles and which is stable", () => {
    const [low, high] = lockedAngles(pendulum(0.5, 0.2, 1));
    expect(low.angle).toBeCloseTo(Math.PI / 6, 14);
    expect(low.stable).toBe(true);
    expect(low.stiffness).toBeCloseTo(Math.cos(Math.PI / 6), 14);
    expect(high.angle).toBeCloseTo((5 * Math.PI) / 6, 14);
    expect(high.stable).toBe(false);
    expect(lockedAngles(pendulum(0.5, -0.2, 1)).some(({ stable }) => stable)).toBe(false);
  });
});

describe("running", () => {
  test("constant torque and friction: omega = torque / friction at every inertia", () => {
    for (const inertia of [0, 1e-6, 1e-3, 1, 1e4, "infinite"] as const) {
      const curve = { torque: PeriodicCurve.constant(-0.6), friction: PeriodicCurve.constant(0.3) };
      const { regime, omega } = steadyStates({ curve, rotor: { inertia, load: -0.3, friction: 0.2 } });
      expect(regime).toBe("running");
      expect(Math.abs(omega + 0.6)).toBeLessThan(1e-12);
    }
  });

  test("without inertia: omega = sqrt(b^2 - 1) / gamma, and small inertia tends to it", () => {
    const exact = Math.sqrt(1.2 ** 2 - 1) / 0.7;
    const { running } = steadyStates(pendulum(1.2, 0.7, 0));
    expect(Math.abs(running[0].meanVelocity / exact - 1)).toBeLessThan(1e-12);
    const defects = [1e-3, 5e-4].map((i) => steadyStates(pendulum(1.2, 0.7, i)).omega - exact);
    // At constant friction the term of first order is a total derivative: the correction is of second order in the inertia.
    expect(defects[0] / defects[1]).toBeGreaterThan(3.95);
    expect(defects[0] / defects[1]).toBeLessThan(4.05);
    expect(Math.abs(defects[0])).toBeLessThan(1e-2);
  });

  test("large inertia: uniform rotation up to 1 / inertia", () => {
    const uniform = steadyStates(pendulum(0.4, 0.2, "infinite")).omega;
    expect(uniform).toBeCloseTo(2, 13);
    const defects = [1e3, 2e3].map((i) => Math.abs(steadyStates(pendulum(0.4, 0.2, i, 0.5)).omega - 2));
    expect(defects[0]).toBeLessThan(1e-3);
    expect(defects[0] / defects[1]).toBeGreaterThan(1.9);
  });

  test.each([
    [0.5, 0.2, 1, 0.3],
    [1.5, 0.6, 0.3, -0.8],
    [-0.8, 0.3, 2, 0.5],
  ])(
    "bias %f, friction %f, inertia %f: the orbit of an independent integration in time",
    (b, g, inertia, r) => {
      const system = pendulum(b, g, inertia, r);
      const { running } = steadyStates(system);
      expect(running.length).toBe(1);
      const [orbit] = running;
      expect(orbit.energyBalance).toBeLessThan(1e-8);
      expect(orbit.stable).toBe(true);
      // From the orbit's speed at theta = 0 one period of time must bring the rotor exactly one turn on, at the same speed.
      const { friction, torque } = system.curve;
      const start = orbit.velocity[orbit.velocity.length - 1];
      const [theta, omega] = extrapolated(
        (_t, [x, w]) => [w, (torque.value(x) - friction.value(x) * w) / inertia],
        [0, start],
        orbit.period,
      );
      expect(Math.abs(theta - orbit.direction * 2 * Math.PI)).toBeLessThan(1e-9);
      expect(Math.abs(omega - start)).toBeLessThan(1e-9);
      // Averages over the orbit: torque balances friction.
      const pull = orbitAverage(orbit, (x, w) => torque.value(x) - friction.value(x) * w);
      expect(Math.abs(pull)).toBeLessThan(1e-10);
      expect(Math.abs(orbitAverage(orbit, (_x, w) => w) - orbit.meanVelocity)).toBeLessThan(1e-12);
    },
  );

  test("the multiplier is the contraction of neighbouring orbits: exp(-loop friction dt / inertia)", () => {
    const system = pendulum(0.5, 0.2, 1);
    const [orbit] = steadyStates(system).running;
    expect(orbit.multiplier).toBeCloseTo(Math.exp(-0.2 * orbit.period), 9);
  });

  test("negative friction on a part of the turn: stable and unstable orbits, both periodic", () => {
    const system: RotorSystem = {
      curve: {
        torque: PeriodicCurve.constant(0),
        friction: PeriodicCurve.constant(0.2),
      },
      rotor: { inertia: 1 },
    };
    expect(steadyStates(system).regime).toBe("locked");
    const driven = { ...system, curve: { ...system.curve, friction: PeriodicCurve.constant(-0.2) } };
    expect(steadyStates(driven).regime).toBe("none");
    const mixed = pendulum(0.8, 0.2, 1, 2);
    const { running } = steadyStates(mixed);
    expect(running.length).toBeGreaterThan(0);
    for (const orbit of running) expect(orbit.energyBalance).toBeLessThan(1e-8);
  });
});

describe("change with the bias", () => {
  const family = (gamma: number, inertia: number | "infinite") =>
    linearResponseFamily(
      { torque: sine, friction: PeriodicCurve.constant(gamma) },
      PeriodicCurve.constant(1),
      { inertia },
    );

  test("starts at 1, whatever friction and inertia", () => {
    expect(startBias(family(0.2, 1), 3)).toBeCloseTo(1, 7);
    expect(startBias(family(2, 0), 3)).toBeCloseTo(1, 7);
    expect(startBias(family(2, 0), 0.9)).toBeUndefined();
  });

  test("retrapping tends to 4 gamma / pi at small friction (homoclinic orbit of the pendulum)", () => {
    const found = [0.04, 0.02].map(
      (g) => retrappingControl(family(g, 1), 1, { from: 0.1, to: 0, steps: 4 })!,
    );
    const defects = found.map((bias, i) => Math.abs(bias / ((4 / Math.PI) * [0.04, 0.02][i]) - 1));
    expect(defects[0]).toBeLessThan(1e-2);
    // The correction is of second order relative to the friction.
    expect(defects[1]).toBeLessThan(defects[0] / 1.8);
    expect(retrappingControl(family(0.2, 0), 1, { from: 2, to: 0 })).toBeCloseTo(1, 6);
    expect(retrappingControl(family(0.2, "infinite"), 1, { from: 2, to: -1 })).toBeCloseTo(0, 6);
  });

  test("between retrapping and start the rotor is bistable, outside it is not", () => {
    const curves = family(0.3, 1);
    const retrapping = retrappingControl(curves, 1, { from: 1, to: 0, steps: 4 })!;
    expect(steadyStates(curves(retrapping * 1.0001)).regime).toBe("bistable");
    expect(steadyStates(curves(retrapping * 0.9999)).regime).toBe("locked");
    expect(steadyStates(curves(0.999)).regime).toBe("bistable");
    expect(steadyStates(curves(1.001)).regime).toBe("running");
  });

  test("stall load: the bias minus the retrapping bias; work per turn over 2 pi at infinite inertia", () => {
    const retrapping = retrappingControl(family(0.3, 1), 1, { from: 1, to: 0, steps: 4 })!;
    expect(stallLoad(family(0.3, 1)(0.9))).toBeCloseTo(0.9 - retrapping, 6);
    expect(stallLoad(family(0.3, 1)(-0.9))).toBeCloseTo(-0.9 + retrapping, 6);
    expect(stallLoad(family(0.3, "infinite")(0.9))).toBeCloseTo(0.9, 14);
    expect(stallLoad(family(0.3, 0)(1.5))).toBeCloseTo(0.5, 6);
  });

  test("hysteresis loop: up it waits for the start, down it runs to the retrapping", () => {
    const bias = Float64Array.from({ length: 13 }, (_, i) => 0.1 * i);
    const loop = hysteresisLoop(family(0.3, 1), bias);
    const retrapping = retrappingControl(family(0.3, 1), 1, { from: 1, to: 0, steps: 4 })!;
    bias.forEach((b, i) => {
      if (Math.abs(b - 1) > 1e-9) expect(loop.up[i] > 0, `up at ${b}`).toBe(b > 1);
      expect(loop.down[i] > 0, `down at ${b}`).toBe(b > retrapping);
    });
    // There is an angle of rest wherever the rotor does not run, and nowhere else.
    for (const [speed, rest] of [
      [loop.up, loop.upRest],
      [loop.down, loop.downRest],
    ] as const) {
      expect(rest.map(({ control }) => control)).toEqual(Array.from(bias.filter((_, i) => speed[i] === 0)));
      for (const { control, angle } of rest) expect(Math.sin(angle)).toBeCloseTo(control, 6);
    }
  });

  test("two wells of different depth: the shallow one hands over to the deep one before the rotor starts", () => {
    const torque = PeriodicCurve.from((x) => -Math.sin(2 * x) - 0.6 * Math.sin(x + 0.4), 16);
    const curves = linearResponseFamily(
      { torque, friction: PeriodicCurve.constant(2) },
      PeriodicCurve.constant(1),
      { inertia: 0.01 },
    );
    const start = startBias(curves, 4)!;
    const bias = Float64Array.from({ length: 25 }, (_, i) => (i / 24) * 1.22 * start);
    const wells = lockedAngles(curves(0)).filter(({ stable }) => stable);
    expect(wells.length).toBe(2);
    for (const { angle } of wells) {
      const loop = hysteresisLoop(curves, bias, { angle });
      bias.forEach((b, i) => {
        if (Math.abs(b - start) > 0.02 * start) expect(loop.up[i] > 0).toBe(b > start);
      });
      expect(loop.upRest.length).toBe(loop.up.filter((speed) => speed === 0).length);
      for (const { control, angle: rest } of loop.upRest)
        expect(curves(control).curve.torque.value(rest)).toBeCloseTo(0, 6);
    }
  });
});
