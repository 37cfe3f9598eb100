// A fixed number of cycle points that is odd: the trapezoidal sum by itself from S and dS, on every way the nodes are evaluated, and an error
// estimate that covers what the sum misses.
import { describe, expect, test } from "vitest";
import { type Device, loadEngine, NumericalError } from "../../../src/index.js";

const engine = await loadEngine();
const open = (preset: string, options: object): Device =>
  engine.device({ format: "nanopinwheel/1", device: { preset, ...options } });

/** x = mean + radius cos, y = mean + radius sin; the charge from the first lead on n equal steps. */
function sumOverCircle(device: Device, mean: number, radius: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) {
    const theta = (2 * Math.PI * j) / n;
    const [c, s] = [Math.cos(theta), Math.sin(theta)];
    const { S, dS, channels } = device.scatter({ at: { x: mean + radius * c, y: mean + radius * s } });
    for (let k = 0; k < S.data.length / 2; k++) {
      if (channels[Math.floor(k / S.shape[1])] !== device.leadNames[0]) continue;
      const [re, im] = [0, 1].map(
        (part) => radius * (c * dS.y.data[2 * k + part] - s * dS.x.data[2 * k + part]),
      );
      sum += im * S.data[2 * k] - re * S.data[2 * k + 1];
    }
  }
  return sum / n;
}

describe.each([
  ["two-gate", {}, 0.5, 1.2],
  ["thouless", { sites: 8 }, 0, 1],
  ["two-path", {}, 0, 1],
  ["chaotic-dot", { size: 12, channels: 2, seed: 3, radius: 0.3 }, 0, 0.3],
] as const)("%s", (preset, options, mean, radius) => {
  const device = open(preset, options);
  const exact = device.pump({ tolerance: 1e-11 }).charge.left;

  test.each([3, 7, 15, 33, 201])("%d points", (points) => {
    const { charge, error, points: used } = device.pump({ points });
    expect(used).toBe(points);
    expect(Math.abs(charge.left - sumOverCircle(device, mean, radius, points))).toBeLessThan(1e-12);
    expect(Math.abs(charge.left + charge.right)).toBeLessThan(1e-9 + 2 * error);
    expect(Math.abs(charge.left - exact)).toBeLessThan(error + 1e-12);
    // Of use: not larger than what the next smaller even grid tells, within the room of a harmonic or two.
    if (points >= 7) expect(error).toBeLessThan(100 * device.pump({ points: points - 1 }).error + 1e-13);
  });
});

test("more digits than rounding leaves are refused, with the tolerance that can be had", () => {
  const device = open("two-gate", {});
  let causes: readonly string[] = [];
  try {
    device.pump({ energy: 0.1, tolerance: 1e-16 });
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    causes = error.causes;
  }
  const attainable = Number(/tolerance of (\S+)/.exec(causes.join())?.[1]);
  expect(attainable).toBeLessThan(1e-12);
  expect(device.pump({ energy: 0.1, tolerance: attainable }).error).toBeLessThan(attainable);
  device.close();
});

test("linear response and rectification on an odd grid", () => {
  const device = open("two-path", { flux: 0 });
  const converged = device.linearResponse({ tolerance: 1e-11 });
  for (const points of [25, 51, 401]) {
    const { frictionPerTurn, meanConductance, error } = device.linearResponse({ points });
    if (points === 401) expect(error.relative).toBeLessThan(1e-12);
    for (const ratio of [
      frictionPerTurn / converged.frictionPerTurn,
      meanConductance / converged.meanConductance,
    ])
      expect(Math.abs(ratio - 1)).toBeLessThan(error.relative + 1e-12);
  }
  const strays = { capacitances: { x: 0.4, y: 0.2 } };
  const exact = device.rectified({ ...strays, tolerance: 1e-11 }).charge;
  for (const points of [5, 9, 65]) {
    let sum = 0;
    for (let j = 0; j < points; j++) {
      const theta = (2 * Math.PI * j) / points;
      const [c, s] = [Math.cos(theta), Math.sin(theta)];
      const G = device.scatter({ at: { x: c, y: s } }).transmission.left.right / (2 * Math.PI);
      sum += G * (0.2 * c - 0.4 * s);
    }
    const { charge, error, points: used } = device.rectified({ ...strays, points });
    expect(used).toBe(points);
    expect(Math.abs(charge - (2 * Math.PI * sum) / points)).toBeLessThan(1e-12);
    expect(Math.abs(charge - exact)).toBeLessThan(error + 1e-12);
  }
});
