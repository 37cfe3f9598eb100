// The bias at which a rotor starts: made-up torques with known answers, devices against the search over whole turns, and the test that
// spares the search for orbits against that search.

import { expect, test } from "vitest";
import { loadEngine, type Model } from "../../src/index.js";
import { startControl } from "../../src/motor/rotor/bias-branches.js";
import { surelyStops, TurnMap } from "../../src/motor/rotor/passage.js";
import { rotorForces } from "../../src/motor/rotor/rotor.js";
import { startBiasOf } from "../../src/motor/rotor/start-bias.js";
import { PeriodicCurve } from "../../src/numerics/periodic/periodic.js";
import { randomSource } from "../twins/random.js";
import { chosen, seeds } from "../twins/seeds.js";

/** A torque by angle and bias as a device that counts what it is asked. */
function madeUp(torque: (theta: number, bias: number) => number, first: number, n = 64) {
  const asked = { turns: [] as number[], angles: 0 };
  const turn = (bias: number) => PeriodicCurve.from((theta) => torque(theta, bias), n);
  return {
    asked,
    calm: turn(0),
    first: { bias: first, torque: turn(first) },
    turn: (bias: number, tolerance: number) => {
      asked.turns.push(tolerance);
      // An error as large as the tolerance allows.
      const scale = turn(bias).scale;
      return PeriodicCurve.from((t) => torque(t, bias) + 0.5 * tolerance * scale * Math.cos(3 * t), n);
    },
    at: (bias: number, angles: readonly number[]) => {
      asked.angles += angles.length;
      return angles.map((theta) => torque(theta, bias));
    },
  };
}

/** The drive of one well per turn is b + c b^3 - sin theta: it starts where b + c b^3 = 1. */
test("a bent response of the torque to the bias: the root of a cubic, from any first bias and of either sign", () => {
  const start = 0.6823278038280193; // b + b^3 = 1
  for (const first of [1e-3, 0.1, 0.68, 3, -0.2]) {
    const device = madeUp((theta, b) => b + b ** 3 - Math.sin(theta), first);
    const found = startBiasOf(device, { inertia: 1 })!;
    expect(Math.abs(found / (Math.sign(first) * start) - 1)).toBeLessThan(2e-6);
    expect(device.asked.angles).toBeLessThan(60);
    expect(Math.min(1, ...device.asked.turns)).toBe(device.asked.turns.length > 0 ? 1e-2 : 1);
  }
});

test("of many wells the last one that holds decides, also where rough turns cannot tell them apart", () => {
  for (const seed of seeds(20)) {
    const random = randomSource(seed).uniform;
    const wells = 2 + (seed % 8);
    const [depth, turned] = [1e-4 * random(), 6 * random()];
    const torque = (theta: number, b: number) =>
      b + 0.2 * b * b - Math.sin(wells * theta) * (1 + depth * Math.cos(theta - turned));
    const device = madeUp(torque, 0.4);
    const found = startBiasOf(device, { inertia: 1 })!;
    const held = (b: number) => {
      let least = 1;
      for (let k = 0; k < 20_000; k++) least = Math.min(least, torque((2 * Math.PI * k) / 20_000, b));
      return least;
    };
    expect(held(found * (1 - 4e-6)), `seed ${seed}`).toBeLessThan(0);
    expect(held(found * (1 + 4e-6)), `seed ${seed}`).toBeGreaterThan(0);
  }
});

test("at a kink of the torque five angles tell nothing: whole turns to the tolerance do", () => {
  const device = madeUp((theta, b) => b + 0.1 * b * b - 0.5 + Math.abs(Math.sin(theta / 2)), 0.3, 512);
  const found = startBiasOf(device, { inertia: 1 })!;
  expect(Math.abs(found - (-5 + Math.sqrt(30)))).toBeLessThan(1e-2);
  expect(Math.min(...device.asked.turns)).toBeLessThan(1e-6);
});

test("no work, no start; nothing that holds, a start at once; a rest that no bias ends", () => {
  expect(
    startBiasOf(
      madeUp((theta) => -Math.sin(theta), 0.1),
      { inertia: 1 },
    ),
  ).toBeUndefined();
  expect(
    startBiasOf(
      madeUp((_, b) => b, 0.1),
      { inertia: 1 },
    ),
  ).toBe(0);
  expect(
    startBiasOf(
      madeUp((theta, b) => b - (1 + 2 * b) * Math.sin(theta), 0.1),
      { inertia: 1 },
    ),
  ).toBeUndefined();
});

const engine = await loadEngine();
const cold = { chemicalPotential: -1.38, temperature: 0.02 };
const models: [name: string, model: Model, bias: number, rotor: { load?: number }][] = [
  [
    "a chain under a load",
    { format: "nanopinwheel/1", device: { preset: "thouless", sites: 32 } },
    -0.3,
    { load: 0.005 },
  ],
  [
    "a temperature difference",
    {
      format: "nanopinwheel/1",
      device: { preset: "thouless", sites: 32 },
      reservoirs: { left: cold, right: { ...cold, temperature: 0.04 } },
    },
    0.2,
    {},
  ],
  [
    "a wheel with equal wells",
    { format: "nanopinwheel/1", device: { preset: "wheel", sites: 24, pairs: 8 } },
    0.1,
    {},
  ],
];

test.each(chosen(models, 2))(
  "%s starts where the search over whole turns finds it",
  (_, model, bias, rotor) => {
    const device = engine.device(model);
    const question = { rotor: { inertia: 20, load: 0, ...rotor } };
    const { startBias } = device.motor({ ...question, bias });
    expect(startBias).toBeDefined();
    expect(Math.sign(startBias!)).toBe(Math.sign(bias));
    const family = (V: number) => ({ curve: device.turnCurve({ bias: V, tolerance: 1e-8 }), ...question });
    // The scan begins just below, because a whole turn at each of its biases is dear.
    const range = { from: 0.99 * startBias!, to: 1.01 * startBias!, steps: 1, tolerance: 1e-5 };
    const slow = startControl(family, range)!;
    expect(Math.abs(slow / startBias! - 1)).toBeLessThan(3e-6);
    // The bias of the reservoirs is where the search begins, and does not matter.
    const other = device.motor({ ...question, bias: 0.7 * bias }).startBias!;
    expect(Math.abs(other / startBias! - 1)).toBeLessThan(3e-6);
    device.close();
  },
);

test("where the search takes more than its share, the rest of the answer stands, with a warning", () => {
  const device = engine.device({
    format: "nanopinwheel/1",
    device: { preset: "two-gate" },
  });
  const rotor = { inertia: 20 };
  const { startBias, warnings, steadyState, workPerTurn } = device.motor({ bias: 0.1, rotor });
  expect(startBias).toBeUndefined();
  expect(warnings.map(({ code }) => code)).toEqual(["unknown"]);
  expect(warnings[0].text).toContain("the bias at which the rotor starts is left out");
  expect(steadyState!.regime).toBe("locked");
  expect(workPerTurn).toBe(device.motor({ bias: 0.1 }).workPerTurn);
  device.close();
});

test("a rotor that surely stops has no orbit, and one with an orbit does not surely stop", () => {
  let [stops, runs] = [0, 0];
  for (const seed of seeds(300)) {
    const random = randomSource(seed).uniform;
    const [a, b, c] = [random(), random(), 6 * random()];
    const inertia = 10 ** (4 * random() - 2);
    const direction = seed % 2 ? 1 : -1;
    const system = {
      curve: {
        torque: PeriodicCurve.from((x) => direction * 0.6 * a - Math.sin(x) - b * Math.cos(2 * x + c), 16),
        friction: PeriodicCurve.from((x) => (0.05 + b) * (1 + 0.9 * a * Math.cos(x - c)), 16),
      },
      rotor: { inertia },
    };
    const forces = rotorForces(system);
    const surely = surelyStops(forces, inertia, direction);
    const map = new TurnMap(forces, inertia, direction, 1e-6);
    const running = map.fixedPoints()[0].margin > 1e3 * map.floor;
    expect(surely && running, `seed ${seed}`).toBe(false);
    if (surely) stops++;
    if (running) runs++;
    // Against the drive nothing runs.
    expect(surelyStops(forces, inertia, direction === 1 ? -1 : 1)).toBe(true);
  }
  expect(stops).toBeGreaterThan(50);
  expect(runs).toBeGreaterThan(20);
});
