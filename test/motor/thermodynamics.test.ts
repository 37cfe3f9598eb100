// Powers, efficiencies and laws against the closed forms of the Dirac motor and of uniform rotation, Carnot's bound, and the best speed.

import { describe, expect, test } from "vitest";
import { loadCurve, loadExtrema } from "../../src/motor/performance/load-curve.js";
import { quadrantMap } from "../../src/motor/performance/quadrants.js";
import {
  steadyThermodynamics,
  type TransportCurve,
  thermodynamics,
} from "../../src/motor/performance/thermodynamics.js";
import { bestSpeedProfile } from "../../src/motor/rotor/speed-profile.js";
import { runningOrbits } from "../../src/motor/rotor/steady-states.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { diracMotor, diracTransmission, thermalMotor } from "./closed-forms.js";

const turn = 2 * Math.PI;

describe("Dirac motor", () => {
  const bias = 0.3;
  test.each([0.5, 1, 2, 4])("length %f xi: speed, current, efficiency against the load", (length) => {
    const T = diracTransmission(length);
    const R = 1 - T;
    const curve = diracMotor(bias, T);
    for (const inertia of ["infinite", 5, 0] as const) {
      for (const x of [-0.4, 0, 0.1, 0.5, 0.9, 1.3]) {
        const load = (x * R * bias) / turn;
        const state = steadyThermodynamics(curve, { inertia, load })!;
        expect(Math.abs(state.omega - bias * (1 - x))).toBeLessThan(1e-8 * bias);
        const current = (bias / turn) * (T + R * (1 - x));
        expect(Math.abs(state.current[0] - current)).toBeLessThan(1e-8 * bias);
        expect(state.certificate.firstLaw).toBeLessThan(1e-14);
        expect(state.certificate.balance).toBeLessThan(1e-8);
        expect(state.certificate.chargeBalance).toBeLessThan(1e-14);
        const efficiency = (x * R * (1 - x)) / (T + R * (1 - x));
        if (x > 0 && x < 1) expect(Math.abs(state.efficiency! - efficiency)).toBeLessThan(1e-8);
        if (x < 0) expect(state.efficiency).toBeUndefined();
      }
    }
  });

  test.each([
    [0.5, 0.059985, 0.05977],
    [1, 0.213552, 0.204238],
    [2, 0.580026, 0.434011],
    [4, 0.929349, 0.498661],
  ])(
    "length %f xi: best efficiency tanh^2(L/2xi), and efficiency at maximum power",
    (length, best, atPower) => {
      const T = diracTransmission(length);
      const { maximumEfficiency, maximumPower, stallLoad } = loadExtrema(diracMotor(bias, T), {
        inertia: "infinite",
      });
      expect(maximumEfficiency!.efficiency).toBeCloseTo(Math.tanh(length / 2) ** 2, 10);
      expect(maximumEfficiency!.efficiency).toBeCloseTo(best, 5);
      expect(maximumPower!.efficiency).toBeCloseTo(atPower, 5);
      expect(Math.abs(maximumPower!.powerOut - (((1 - T) * bias) / 2) * (bias / 2 / turn))).toBeLessThan(
        1e-12,
      );
      expect(stallLoad).toBeCloseTo(((1 - T) * bias) / turn, 14);
    },
  );

  test("quadrants: motor below the stall load, dissipator beyond it until the pump wins, generator then", () => {
    const T = diracTransmission(1);
    const R = 1 - T;
    const biases = [-0.4, -0.2, 0.2, 0.4];
    const loads = Float64Array.from({ length: 41 }, (_, i) => (i - 20) * 0.00913);
    const map = quadrantMap((v) => diracMotor(v, T), { inertia: "infinite" }, biases, loads);
    biases.forEach((v, i) => {
      loads.forEach((load, j) => {
        const point = map.points[i][j];
        const x = load / ((R * v) / turn);
        // The current reverses at T + R (1 - x) = 0.
        const expected = x > 0 && x < 1 ? "motor" : x > 1 + T / R ? "generator" : "dissipator";
        expect(point.mode, `bias ${v}, load ${load}`).toBe(expected);
        const eta = (x * R * (1 - x)) / (T + R * (1 - x));
        if (expected === "motor") expect(point.efficiency).toBeCloseTo(eta, 10);
        else if (expected === "generator") expect(point.efficiency).toBeCloseTo(1 / eta, 10);
        else expect(point).not.toHaveProperty("efficiency");
        expect(point.omega).toBeCloseTo(v * (1 - x), 12);
      });
    });
  });

  test("load curve: the same states, and rest beyond the stall of a rotor with wells", () => {
    const curve = diracMotor(bias, diracTransmission(2));
    const loads = [0, 0.01, 0.02];
    const states = loadCurve(curve, { inertia: "infinite" }, loads);
    loads.forEach((load, i) => {
      expect(states[i].load).toBe(load);
      expect(states[i].powerOut).toBeCloseTo(load * states[i].omega!, 15);
    });
    expect(states[0]).not.toHaveProperty("efficiency");
    expect(states[1].efficiency).toBeGreaterThan(0);
    const cogged: TransportCurve = {
      ...curve,
      torque: PeriodicCurve.from((x) => 0.04 + 0.1 * Math.sin(x), 8),
    };
    const [still] = loadCurve(cogged, { inertia: 0 }, [0]);
    expect(still.omega).toBe(0);
    expect(still.powerIn).toBeGreaterThan(0);
    expect(loadExtrema(cogged, { inertia: 0 }).maximumPower).toBeUndefined();
    expect(loadExtrema(cogged, { inertia: 0 }).stallLoad).toBeCloseTo(-0.06, 8);
  });
});

describe("without a steady state", () => {
  const pushed: TransportCurve = {
    ...diracMotor(0.3, 0.3),
    friction: PeriodicCurve.constant(-0.2),
  };

  test("friction that drives: what is not known is left out, and nothing is NaN", () => {
    expect(steadyThermodynamics(pushed, { inertia: "infinite" })).toBeUndefined();
    expect(loadCurve(pushed, { inertia: "infinite" }, [0, 0.1])).toEqual([{ load: 0 }, { load: 0.1 }]);
    const { points } = quadrantMap(
      (v) => (v > 0 ? pushed : diracMotor(v, 0.3)),
      { inertia: "infinite" },
      [-0.3, 0.3],
      [0.01, 0.02],
    );
    expect(points[1]).toEqual([{}, {}]);
    for (const { mode, omega, powerIn, powerOut } of points[0]) {
      expect(mode).toBe("dissipator");
      for (const value of [omega, powerIn, powerOut]) expect(Number.isFinite(value)).toBe(true);
    }
  });
});

describe("laws", () => {
  test("an uneven turn: balance and first law hold on the orbit, and what breaks them shows", () => {
    const T = 0.3;
    const flat = diracMotor(0.5, T);
    const wave = (mean: number, size: number, phase: number) =>
      PeriodicCurve.from((x) => mean + size * Math.cos(x - phase) + (size / 3) * Math.sin(2 * x), 16);
    const curve: TransportCurve = {
      ...flat,
      temperature: [0.1, 0.1],
      torque: wave(flat.torque.mean, 0.03, 1),
      friction: wave(flat.friction.mean, 0.05, 2),
      current: [wave(0.02, 0.005, 0), wave(-0.02, -0.005, 0)],
      currentPerVelocity: [wave(0.7 / turn, 0.1, 3), wave(-0.7 / turn, 0.1, 4)],
    };
    const rotor = { inertia: 2, load: 0.01, friction: 0.04, temperature: 0.1 };
    const [orbit] = runningOrbits({ curve, rotor });
    const state = thermodynamics(curve, rotor, orbit);
    expect(state.certificate.firstLaw).toBeLessThan(1e-14);
    expect(state.certificate.balance).toBeLessThan(1e-9);
    const { frozen, electronicFriction, externalFriction } = state.dissipation;
    expect(electronicFriction).toBeGreaterThan(0);
    expect(externalFriction).toBeGreaterThan(0);
    // All leads and the bearing at one temperature: what is lost is the entropy made.
    const lost = frozen + electronicFriction + externalFriction;
    expect(state.entropyProduction! * 0.1).toBeCloseTo(lost, 10);
    expect(state.certificate.secondLaw).toBeGreaterThan(0);
    const broken = { ...curve, torque: wave(flat.torque.mean + 0.01, 0.03, 1) };
    expect(thermodynamics(broken, rotor, orbit).certificate.firstLaw).toBeGreaterThan(1e-2);
    expect(thermodynamics(broken, rotor, orbit).certificate.balance).toBeLessThan(1e-9);
    const heating = { ...curve, friction: wave(flat.friction.mean + 0.01, 0.05, 2) };
    expect(thermodynamics(heating, rotor, orbit).certificate.balance).toBeGreaterThan(1e-3);
    expect(() => thermodynamics({ ...curve, current: [] }, rotor, orbit)).toThrow("current");
  });

  test("driven by heat: efficiency over the heat taken, below Carnot's, which a slow reversible motor reaches", () => {
    const temperatures: [number, number] = [0.4, 0.1];
    const carnot = 0.75;
    const hot = 0.2;
    const reversible = thermalMotor({ hot, work: hot * carnot, leak: 0, friction: 0.05, temperatures });
    let previous = 0;
    for (const x of [0.2, 0.5, 0.9, 0.999]) {
      const load = (x * hot * carnot) / turn;
      const state = steadyThermodynamics(reversible, { inertia: "infinite", load })!;
      expect(state.thermalEfficiency!.carnot).toBeCloseTo(carnot, 14);
      expect(state.thermalEfficiency!.value).toBeCloseTo(x * carnot, 10);
      expect(state.thermalEfficiency!.value).toBeGreaterThan(previous);
      expect(state.entropyProduction).toBeGreaterThan(0);
      previous = state.thermalEfficiency!.value;
      expect(state.efficiency).toBeUndefined();
    }
    const leaky = thermalMotor({ hot, work: 0.1, leak: 0.01, friction: 0.05, temperatures });
    const state = steadyThermodynamics(leaky, { inertia: "infinite", load: 0.008 })!;
    expect(state.thermalEfficiency!.value).toBeLessThan(carnot);
    // More work than Carnot allows: the second law says so.
    const impossible = thermalMotor({ hot, work: 0.19, leak: 0, friction: 0.05, temperatures });
    const bad = steadyThermodynamics(impossible, { inertia: "infinite", load: 0.03 })!;
    expect(bad.certificate.secondLaw).toBeLessThan(0);
  });
});

describe("best speed", () => {
  test("effective friction below the mean, period kept, loss as said", () => {
    const friction = PeriodicCurve.from((x) => 0.3 + 0.25 * Math.cos(x) + 0.02 * Math.sin(3 * x), 16);
    const profile = bestSpeedProfile(friction, 7);
    const n = profile.angle.length;
    const sum = (term: (i: number) => number) =>
      profile.angle.reduce((total, _, i) => total + (turn / n) * term(i), 0);
    expect(sum((i) => 1 / profile.velocity[i])).toBeCloseTo(7, 11);
    expect(sum((i) => friction.value(profile.angle[i]) * profile.velocity[i])).toBeCloseTo(profile.loss, 12);
    expect(profile.loss).toBeLessThan(profile.uniformLoss);
    // No profile of the same period loses less.
    for (const size of [0.05, -0.05, 0.2]) {
      const shape = profile.velocity.map((w, i) => w * (1 + size * Math.cos(profile.angle[i] + 1)));
      const period = sum((i) => 1 / shape[i]);
      const loss = sum((i) => (friction.value(profile.angle[i]) * shape[i] * period) / 7);
      expect(loss).toBeGreaterThan(profile.loss);
    }
    const even = bestSpeedProfile(PeriodicCurve.constant(0.4), 1);
    expect(even.effectiveFriction).toBeCloseTo(even.meanFriction, 14);
    expect(() => bestSpeedProfile(PeriodicCurve.from(Math.cos, 8), 1)).toThrow("friction");
    expect(() => bestSpeedProfile(friction, 0)).toThrow("period");
  });
});
