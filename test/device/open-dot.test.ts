// The open dot with two shape gates: what its pumped charge and its rectified current must do under phase, amplitude and magnetic field.
import { beforeAll, describe, expect, test } from "vitest";
import { type Device, type Engine, loadEngine } from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

const small = {
  width: 8,
  length: 9,
  opening: 3,
  gateDepth: 0.15,
  disorder: 0.6,
  seed: 4,
  energy: -1.6,
};
const dot = (options: object): Device =>
  engine.device({ format: "nanopinwheel/1", device: { preset: "open-dot", ...small, ...options } });

function with_<T>(options: object, use: (device: Device) => T): T {
  const device = dot(options);
  try {
    return use(device);
  } finally {
    device.close();
  }
}

const charge = (options: object): number => with_(options, (device) => device.pump().charge.left);
const capacitances = { x: 0.3, y: 0.7 };
const rectified = (options: object): number =>
  with_(options, (device) => device.rectified({ capacitances, resistance: 0.2 }).charge);

describe("the dot", () => {
  test("opens into ribbons, conserves charge and is reciprocal under reversal of the field", () => {
    for (const field of [0, 0.35]) {
      const at = { x: 0.2, y: -0.4 };
      const [up, down] = [field, -field].map((f) => with_({ field: f }, (device) => device.scatter({ at })));
      expect(up.channels).toEqual(["left", "left", "right", "right"]);
      expect(up.unitarityDefect).toBeLessThan(1e-12);
      expect(Math.abs(up.transmission.left.right - down.transmission.right.left)).toBeLessThan(1e-12);
      // Two leads: unitarity makes the transmission itself even in the field.
      expect(Math.abs(up.transmission.left.right - down.transmission.left.right)).toBeLessThan(1e-12);
    }
  });

  test("without walls, gates and disorder it is the ribbon it opens into", () => {
    for (const field of [0, 0.4]) {
      const clean = { width: 6, length: 7, opening: 6, disorder: 0, field, energy: -2.2 };
      const { channels, transmission } = with_(clean, (device) => device.scatter({ at: {} }));
      expect(Math.abs(transmission.left.right - channels.length / 2)).toBeLessThan(1e-11);
      expect(channels.length).toBeGreaterThan(2);
    }
  });

  test("is the same for the same seed, and its gates lie inside", () => {
    const first = with_({}, (device) => device.scatter({ at: { x: 0.3 } }).S.data);
    expect(with_({}, (device) => device.scatter({ at: { x: 0.3 } }).S.data)).toEqual(first);
    expect(with_({ seed: 5 }, (device) => device.scatter({ at: { x: 0.3 } }).S.data)).not.toEqual(first);
    for (const [width, length] of [
      [2, 2],
      [3, 5],
      [20, 20],
    ])
      expect(() => with_({ width, length, opening: 2 }, (device) => device.orbitals)).not.toThrow();
    expect(() => dot({ opening: 9 })).toThrow(/device\.opening: wider than the dot; expected at most 8/);
  });
});

describe("the pumped charge", () => {
  test("is odd about the phases 0 and pi", () => {
    for (const field of [0, 0.35]) {
      const phase = 1.1;
      const forward = charge({ field, phase });
      expect(Math.abs(forward)).toBeGreaterThan(1e-5);
      const bound = 1e-7 * Math.abs(forward);
      expect(Math.abs(charge({ field, phase: -phase }) + forward)).toBeLessThan(bound);
      expect(Math.abs(charge({ field, phase: 2 * Math.PI - phase }) + forward)).toBeLessThan(bound);
      expect(Math.abs(charge({ field, phase: 0 }))).toBeLessThan(bound);
      expect(Math.abs(charge({ field, phase: Math.PI }))).toBeLessThan(bound);
    }
  });

  test("is proportional to the area gateDepth^2 sin(phase) of a small loop, the curvature times it", () => {
    const curvature = with_({}, (device) => {
      const map = device.curvature({ parameters: ["x", "y"], first: [0], second: [0] });
      return map.curvature.left[0];
    });
    const ratios = [0.04, 0.02, 0.01].map((gateDepth) => {
      // x = g sin(theta), y = g sin(theta + phase) turns from y to x for phases in (0, pi): minus the area.
      const area = -Math.PI * gateDepth ** 2 * Math.sin(0.8);
      return charge({ gateDepth, phase: 0.8 }) / (curvature * area) - 1;
    });
    expect(Math.abs(ratios[2])).toBeLessThan(5e-3);
    // The next term is of second order in the amplitude.
    expect(Math.abs(Math.log2(ratios[0] / ratios[1]) - 2)).toBeLessThan(0.1);
    expect(Math.abs(Math.log2(ratios[1] / ratios[2]) - 2)).toBeLessThan(0.1);
  });

  test("tends to that of T = 0 like the square of the temperature", () => {
    const at = (temperature: number) => {
      const reservoir = { chemicalPotential: small.energy, temperature };
      const device = engine.device({
        format: "nanopinwheel/1",
        device: { preset: "open-dot", ...small, disorder: 0.3, opening: 5 },
        reservoirs: { left: reservoir, right: reservoir },
      });
      const { left } = device.pump({ points: 16 }).charge;
      device.close();
      return left;
    };
    // Sommerfeld: the curvature of the charge in the energy times pi^2 T^2 / 6.
    const cold = at(0);
    const changes = [4e-4, 2e-4, 1e-4].map((temperature) => at(temperature) - cold);
    expect(Math.abs(changes[0])).toBeGreaterThan(1e-8);
    expect(changes[0] / changes[1]).toBeCloseTo(4, 1);
    expect(changes[1] / changes[2]).toBeCloseTo(4, 1);
  });

  test("has no definite symmetry in the field", () => {
    const [up, down] = [0.35, -0.35].map((field) => charge({ field }));
    const size = Math.max(Math.abs(up), Math.abs(down));
    expect(Math.abs(up - down)).toBeGreaterThan(0.02 * size);
    expect(Math.abs(up + down)).toBeGreaterThan(0.02 * size);
  });
});

describe("the rectified current", () => {
  test("is even in the field, odd in the phase, and quadratic in the amplitude", () => {
    const [up, down] = [0.35, -0.35].map((field) => rectified({ field }));
    expect(Math.abs(up)).toBeGreaterThan(1e-6);
    expect(Math.abs(up / down - 1)).toBeLessThan(1e-8);
    const [forward, backward] = [1.1, -1.1].map((phase) => rectified({ phase }));
    expect(Math.abs(forward / backward + 1)).toBeLessThan(1e-8);
    expect(Math.abs(rectified({ phase: 0 }))).toBeLessThan(1e-10);
    const [twice, once] = [0.02, 0.01].map((gateDepth) => rectified({ gateDepth, phase: 0.8 }));
    expect(Math.abs(twice / once / 4 - 1)).toBeLessThan(5e-3);
  });

  test("is the loop integral of the conductance, by a sum of its own, also at a temperature", () => {
    const device = dot({});
    const count = 1024;
    let sum = 0;
    for (let j = 0; j < count; j++) {
      const theta = (2 * Math.PI * j) / count;
      const at = { x: 0.15 * Math.sin(theta), y: 0.15 * Math.cos(theta) };
      const G = device.scatter({ at }).transmission.left.right / (2 * Math.PI);
      sum += G * 0.15 * (capacitances.x * Math.cos(theta) - capacitances.y * Math.sin(theta));
    }
    const expected = (0.2 * 2 * Math.PI * sum) / count;
    const { charge: found, error, points } = device.rectified({ capacitances, resistance: 0.2 });
    expect(Math.abs(found - expected)).toBeLessThan(1e-9);
    expect(error).toBeLessThan(1e-9);
    expect(points).toBeGreaterThanOrEqual(32);
    expect(device.rectified({ capacitances, resistance: 0.2, points: 256 }).points).toBe(256);
    device.close();
    // A temperature far below every resonance's width changes nothing.
    const warm = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "open-dot", ...small },
      reservoirs: {
        left: { chemicalPotential: small.energy, temperature: 1e-6 },
        right: { chemicalPotential: small.energy, temperature: 1e-6 },
      },
    });
    const { charge: thermal } = warm.rectified({ capacitances, resistance: 0.2, tolerance: 1e-6 });
    expect(Math.abs(thermal - expected)).toBeLessThan(1e-7);
    warm.close();
  });

  test("gates that make no bias rectify nothing; wrong questions are refused", () => {
    expect(with_({}, (device) => device.rectified({ capacitances: {} }).charge)).toBe(0);
    expect(() => with_({}, (device) => device.rectified({ capacitances: { z: 1 } }))).toThrow(
      /^capacitances\.z: unknown parameter/,
    );
    expect(() => with_({}, (device) => device.rectified({ capacitances, resistance: Number.NaN }))).toThrow(
      /^resistance: wrong value/,
    );
    const three = engine.device(randomModel(3, { leads: 3, kinds: ["scalar"] }));
    expect(() => three.rectified({ capacitances: { x: 1 }, energy: 0 })).toThrow(
      /^device\.leads: rectification/,
    );
    three.close();
  });
});
