// The integrator's order by slope, its dense output and events; motions of a rotor against closed forms, an independent integrator, the
// steady orbits, and the energy balance.

import { describe, expect, test } from "vitest";
import { simulateRotor } from "../../src/motor/rotor/motion.js";
import type { RotorSystem } from "../../src/motor/rotor/rotor.js";
import { steadyStates } from "../../src/motor/rotor/steady-states.js";
import { eventIn, integrate } from "../../src/numerics/ode/dormand-prince.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { extrapolated } from "../twins/rotor-ode.js";

/** Kepler's ellipse: stays regular, and its state after a turn is known. */
const kepler = (_t: number, y: Float64Array, out: Float64Array) => {
  const r3 = (y[0] ** 2 + y[1] ** 2) ** 1.5;
  out.set([y[2], y[3], -y[0] / r3, -y[1] / r3]);
};
const ellipse = [0.7, 0, 0, Math.sqrt(1.3 / 0.7)];

describe("integrator", () => {
  test("order 8 by slope: steps of fixed length", () => {
    const errorOf = (steps: number) => {
      const end = integrate(kepler, 0, ellipse, 2 * Math.PI, {
        relative: 1,
        absolute: 1e9,
        longest: (2 * Math.PI) / steps,
      });
      return Math.hypot(...end.map((value, i) => value - ellipse[i]));
    };
    const errors = [40, 80].map(errorOf);
    const order = Math.log2(errors[0] / errors[1]);
    expect(errors[1]).toBeGreaterThan(1e-13);
    expect(order).toBeGreaterThan(7.5);
    expect(order).toBeLessThan(9);
  });

  test("error follows the tolerance; backwards it returns", () => {
    const errors = [1e-6, 1e-9, 1e-12].map((relative) => {
      const end = integrate(kepler, 0, ellipse, 20 * Math.PI, { relative, absolute: relative });
      return Math.hypot(...end.map((value, i) => value - ellipse[i]));
    });
    // Errors of the period add up along the orbit: some thousand tolerances after ten turns, at every tolerance alike.
    errors.forEach((error, i) => {
      expect(error).toBeLessThan(1e4 * [1e-6, 1e-9, 1e-12][i]);
    });
    const there = integrate(kepler, 0, ellipse, 5, { relative: 1e-12 });
    const back = integrate(kepler, 5, there, 0, { relative: 1e-12 });
    back.forEach((value, i) => {
      expect(Math.abs(value - ellipse[i])).toBeLessThan(1e-10);
    });
  });

  test("dense output: order 7 by slope, and continuous at the ends", () => {
    const errorOf = (length: number) => {
      let worst = 0;
      integrate(
        (_t, y, out) => out.set([y[1], -y[0]]),
        0,
        [0, 1],
        2,
        { relative: 1, absolute: 1e9, longest: length },
        (step) => {
          for (const part of [0.2, 0.5, 0.83]) {
            const t = step.start + part * (step.end - step.start);
            // Against the exact continuation from the step's own start.
            const [s, c] = [Math.sin(t - step.start), Math.cos(t - step.start)];
            worst = Math.max(worst, Math.abs(step.at(t)[0] - step.initial[0] * c - step.initial[1] * s));
          }
          expect(step.at(step.end)[0]).toBeCloseTo(step.final[0], 14);
          expect(step.at(step.start)[0]).toBeCloseTo(step.initial[0], 14);
          return true;
        },
      );
      return worst;
    };
    const order = Math.log2(errorOf(0.5) / errorOf(0.25));
    expect(order).toBeGreaterThan(7.5);
  });

  test("events are located on the dense output", () => {
    const zeros: number[] = [];
    integrate(
      (_t, y, out) => out.set([y[1], -y[0]]),
      0,
      [1, 0],
      20,
      { relative: 1e-12 },
      (step) => {
        const t = eventIn(step, (y) => y[0]);
        if (t !== undefined) zeros.push(t);
        return true;
      },
    );
    expect(zeros.length).toBe(6);
    zeros.forEach((t, k) => {
      expect(Math.abs(t - (k + 0.5) * Math.PI)).toBeLessThan(1e-10);
    });
  });

  test("a stiff or exploding equation ends with a reason", () => {
    expect(() => integrate((_t, y, out) => out.set([y[0] ** 2]), 0, [1], 2)).toThrow("could not be followed");
    expect(() =>
      integrate((_t, y, out) => out.set([-1e6 * (y[0] - 1)]), 0, [0], 100, { maximumSteps: 1000 }),
    ).toThrow("stiff");
  });
});

function pendulum(bias: number, gamma: number, inertia: number | "infinite"): RotorSystem {
  return {
    curve: {
      torque: PeriodicCurve.from((x) => bias - Math.sin(x) + 0.2 * Math.cos(3 * x), 16),
      friction: PeriodicCurve.from((x) => gamma * (1 + 0.5 * Math.cos(x)), 16),
    },
    rotor: { inertia },
  };
}

describe("rotor", () => {
  test("the motion of an independent integrator, with its energy balance", () => {
    const system = pendulum(0.7, 0.3, 1.4);
    const { torque, friction } = system.curve;
    const motion = simulateRotor(system, { time: 25, angle: 0.4, velocity: 1.1, records: 26 });
    for (const k of [1, 10, 25]) {
      const [theta, omega] = extrapolated(
        (_t, [x, w]) => [w, (torque.value(x) - friction.value(x) * w) / 1.4],
        [0.4, 1.1],
        k,
      );
      expect(motion.time[k]).toBeCloseTo(k, 12);
      expect(Math.abs(motion.angle[k] - theta)).toBeLessThan(1e-8);
      expect(Math.abs(motion.velocity[k] - omega)).toBeLessThan(1e-8);
    }
    expect(motion.energy.balance).toBeLessThan(1e-9);
    expect(motion.end.reason).toBe("time");
  });

  test("turns: their period tends to that of the running orbit; the balance per turn", () => {
    const system = pendulum(0.9, 0.4, 1);
    const [orbit] = steadyStates(system).running;
    const start = orbit.velocity[orbit.velocity.length - 1];
    const motion = simulateRotor(system, {
      time: 1e4,
      velocity: start,
      tolerance: 1e-12,
      until: { turns: 3 },
    });
    expect(motion.end.reason).toBe("turns");
    expect(motion.turns.length).toBe(3);
    expect(motion.turns[0]).toBeCloseTo(orbit.period, 9);
    expect(motion.turns[2] - motion.turns[1]).toBeCloseTo(orbit.period, 9);
    expect(motion.end.angle).toBeCloseTo(6 * Math.PI, 10);
    // The drive's work over the turns is the heat: 1e-8 per turn and better.
    expect(Math.abs(motion.energy.work - motion.energy.heat)).toBeLessThan(1e-8);
    expect(Math.abs(motion.energy.work - 3 * system.curve.torque.integral)).toBeLessThan(1e-9);
  });

  test("stops and escape", () => {
    const swing = simulateRotor(pendulum(0, 0.1, 1), { time: 100, angle: 1, until: { stop: true } });
    expect(swing.end.reason).toBe("stop");
    expect(Math.abs(swing.end.velocity)).toBeLessThan(1e-10);
    expect(swing.end.angle).toBeLessThan(0);
    const settled = simulateRotor(pendulum(0.3, 0.5, 1), { time: 200 });
    expect(settled.stops.length).toBeGreaterThan(3);
    expect(Math.abs(settled.end.velocity)).toBeLessThan(1e-8);
    const rest = steadyStates(pendulum(0.3, 0.5, 1)).locked.filter(({ stable }) => stable);
    expect(rest.some(({ angle }) => Math.abs(angle - settled.end.angle) < 1e-8)).toBe(true);
    const away = simulateRotor(pendulum(2, 0.5, 1), { time: 100, until: { distance: 20 } });
    expect(away.end.reason).toBe("escape");
    expect(away.end.angle).toBeCloseTo(20, 9);
    const fast = simulateRotor(pendulum(2, 0.1, 1), { time: 100, until: { speed: 3 } });
    expect(fast.end.velocity).toBeCloseTo(3, 9);
  });

  test("without inertia and with infinite inertia", () => {
    const { end, turns } = simulateRotor(
      {
        curve: {
          torque: PeriodicCurve.from((x) => 1.5 - Math.sin(x), 8),
          friction: PeriodicCurve.constant(2),
        },
        rotor: { inertia: 0 },
      },
      { time: 100, until: { turns: 1 } },
    );
    expect(turns[0]).toBeCloseTo((2 * Math.PI * 2) / Math.sqrt(1.5 ** 2 - 1), 9);
    expect(end.reason).toBe("turns");
    const heavy = simulateRotor(pendulum(0.3, 0.2, "infinite"), { time: 10, velocity: -0.7 });
    expect(heavy.end.angle).toBeCloseTo(-7, 12);
    expect(() => simulateRotor(pendulum(1, -1, 0), { time: 1 })).toThrow("friction");
    expect(() => simulateRotor(pendulum(1, 1, 1), { time: Number.NaN })).toThrow("time");
  });
});
