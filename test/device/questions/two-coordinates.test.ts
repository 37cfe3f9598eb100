// Negative friction on a real device (two sites, one coordinate shifts the levels apart, one stretches the bond): rest is unstable where
// the friction is negative, the motion grows, friction further out takes back what it gained, and what remains is a limit cycle. The long
// run reads the electrons from a polynomial over the region of the motion; the cycle is then held against `device.forces` itself.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type CoordinateSystem,
  type Device,
  type LimitCycle,
  limitCycle,
  loadEngine,
  simulateCoordinates,
} from "../../../src/index.js";

const model = JSON.parse(
  readFileSync(new URL("../../models/two-dimensional-force.json", import.meta.url), "utf8"),
);

/** Force (2 numbers) and friction tensor (4). */
type Electrons = (x: ArrayLike<number>) => ArrayLike<number>;

const mass = [10, 10];
const spring = [1, 20];
/** Where springs and electrons balance, in the middle of the negative friction. */
const middle = [0.25, -0.25];
let rest: number[];

function system(electrons: Electrons): CoordinateSystem {
  return {
    mass,
    force: (x, out) => {
      const e = electrons(x);
      for (let i = 0; i < 2; i++) out[i] = e[i] + spring[i] * (rest[i] - x[i]);
    },
    friction: (x, out) => {
      const e = electrons(x);
      for (let k = 0; k < 4; k++) out[k] = e[2 + k];
    },
  };
}

/** Interpolation on Chebyshev points of an interval: Lagrange's products, written out. */
function points(low: number, high: number, count: number): number[] {
  return Array.from(
    { length: count },
    (_, k) => (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (k + 0.5)) / count),
  );
}
const lagrange = (nodes: number[], x: number) =>
  nodes.map((a, i) => nodes.reduce((p, b, j) => (i === j ? p : (p * (x - b)) / (a - b)), 1));

describe("two vibrations at a bias", () => {
  let device: Device;
  let direct: Electrons;
  let tabulated: Electrons;
  let cycle: LimitCycle;

  const find = (electrons: Electrons, position: number[]) =>
    limitCycle(system(electrons), { position, transient: 300, tolerance: 1e-7 });

  beforeAll(async () => {
    device = (await loadEngine()).device(model);
    direct = (x) => {
      const { force, friction } = device.forces({ at: { x: x[0], y: x[1] } });
      return [...force, ...friction!.data];
    };
    rest = middle.map((x, i) => x - direct(middle)[i] / spring[i]);
    const [across, along] = [points(-0.15, 0.65, 22), points(-0.32, -0.18, 7)];
    const table = across.map((x) => along.map((y) => direct([x, y])));
    tabulated = (x) => {
      const [a, b] = [lagrange(across, x[0]), lagrange(along, x[1])];
      const out = new Float64Array(6);
      a.forEach((p, i) => {
        b.forEach((q, j) => {
          for (let k = 0; k < 6; k++) out[k] += p * q * table[i][j][k];
        });
      });
      return out;
    };
    cycle = find(tabulated, [0.3, -0.25])!;
  });

  test("the polynomial is the device, between its points", () => {
    for (let k = 0; k < 12; k++) {
      const x = [-0.14 + 0.78 * ((k * 0.618) % 1), -0.31 + 0.12 * ((k * 0.414 + 0.2) % 1)];
      const [exact, read] = [direct(x), tabulated(x)];
      for (let i = 0; i < 6; i++) expect(Math.abs(read[i] - exact[i])).toBeLessThan(2e-5);
    }
  });

  test("friction drives in the middle and brakes outside", () => {
    const along = (x: number) => tabulated([x, -0.25])[2];
    expect(along(0.25)).toBeLessThan(-0.2);
    // Its zeros lie inside the cycle, which leaves the region that drives on either side.
    const x = cycle.position.filter((_, k) => k % 2 === 0);
    const [low, high] = [Math.min(...x), Math.max(...x)];
    expect(along(low)).toBeGreaterThan(0.1);
    expect(along(high)).toBeGreaterThan(0.1);
    expect(high - low).toBeCloseTo(2 * cycle.amplitude[0], 4);
  });

  test("from inside and from outside the motion settles on the same cycle", () => {
    const outer = find(tabulated, [0.6, -0.25])!;
    expect(outer.period).toBeCloseTo(cycle.period, 4);
    for (const i of [0, 1]) expect(outer.amplitude[i]).toBeCloseTo(cycle.amplitude[i], 5);
  });

  test("with as much friction on top as the current takes away it comes to rest", () => {
    const damped: Electrons = (x) => {
      const e = Array.from(tabulated(x));
      e[2] += 0.4;
      return e;
    };
    expect(find(damped, [0.3, -0.25])).toBeUndefined();
  });

  test("energy over the cycle: friction gives and takes, the circulation of the force does the rest", () => {
    // Trapezoid over the period's equispaced records, of both powers.
    const step = cycle.period / (cycle.time.length - 1);
    let [gives, takes, work] = [0, 0, 0];
    for (let k = 0; k < cycle.time.length - 1; k++) {
      const [x, v] = [cycle.position.subarray(2 * k, 2 * k + 2), cycle.velocity.subarray(2 * k, 2 * k + 2)];
      const e = tabulated(x);
      const power = e[2] * v[0] ** 2 + (e[3] + e[4]) * v[0] * v[1] + e[5] * v[1] ** 2;
      if (power < 0) gives -= step * power;
      else takes += step * power;
      work += step * (e[0] * v[0] + e[1] * v[1]); // the springs' own work vanishes over a period
    }
    expect(cycle.balance).toBeLessThan(1e-6);
    expect(takes - gives).toBeCloseTo(cycle.lost, 7);
    expect(work).toBeCloseTo(cycle.work, 7);
    // Friction itself is the main drive: more than half of what it takes outside, it gave in the middle.
    expect(work).toBeGreaterThan(0);
    expect(gives).toBeGreaterThan(takes / 2);
  });

  test("asked at every step, the device keeps the cycle", () => {
    const { time, position, energy } = simulateCoordinates(system(direct), {
      position: cycle.position.slice(0, 2),
      velocity: cycle.velocity.slice(0, 2),
      time: cycle.period,
      tolerance: 1e-6,
      records: 3,
    });
    expect(time[2]).toBe(cycle.period);
    const half = (cycle.time.length - 1) / 2;
    for (const i of [0, 1]) {
      expect(Math.abs(position[2 + i] - cycle.position[2 * half + i])).toBeLessThan(2e-5);
      expect(Math.abs(position[4 + i] - cycle.position[i])).toBeLessThan(2e-5);
    }
    expect(energy!.balance).toBeLessThan(1e-5);
    expect(Math.abs(energy!.lost - cycle.lost)).toBeLessThan(0.02 * cycle.lost);
  });
});
