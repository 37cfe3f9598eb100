// The stated error of a pumped charge bounds the truth: on a fixed number of points, where levels pass each other at mu, and where a bound state meets a band.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadEngine, type Model } from "../../../src/index.js";
import { chosen, seeds } from "../../twins/seeds.js";

const engine = await loadEngine();
const fault = (name: string): { model: Model } =>
  JSON.parse(readFileSync(new URL(`../../known/faults/${name}.json`, import.meta.url), "utf8"));

/** Uniform in [0, 1), by seed. */
function generator(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) % 2147483648;
  return () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state / 2147483648;
  };
}

/** A device of up to five orbitals and three leads, narrow or wide, warm or cold, in a field or not; a cycle of two parameters. */
function randomPump(seed: number): { model: Model; question: { energy?: number } } {
  const random = generator(seed);
  const sym = () => 2 * random() - 1;
  const n = 1 + Math.floor(5 * random());
  const chain = random() < 0.4;
  const width = 10 ** (-2.5 * random());
  const hamiltonian: number[][] = [];
  for (let i = 0; i < n; i++) {
    hamiltonian.push([i, i, sym()]);
    for (let j = i + 1; j < n; j++)
      if (!chain || j === i + 1) hamiltonian.push([i, j, sym(), random() < 0.4 ? sym() : 0]);
  }
  const leads = Array.from({ length: 1 + Math.floor(3 * random()) }, (_, l) => {
    const orbital = [0, n - 1, Math.floor(n * random())][l];
    return random() < 0.5
      ? { name: `l${l}`, kind: "wideband", orbitals: [orbital], width: width * (0.2 + random()) }
      : { name: `l${l}`, kind: "chain", orbital, hopping: 1, coupling: Math.sqrt(width) * (0.3 + random()) };
  });
  const x = n > 1 ? [[0, 0, 1], [0, n - 1, 0.4]] : [[0, 0, 1]]; // biome-ignore format: a pair of elements
  const cycle = {
    x: { mean: sym(), cos: [sym(), 0.3 * sym()] },
    y: { mean: sym(), sin: [sym()], cos: [0, 0.3 * sym()] },
  };
  const temperature = random() < 0.1 ? 10 ** (-2 + 1.3 * random()) : 0;
  const reservoir = { chemicalPotential: 0.3, temperature };
  const model = {
    format: "nanopinwheel/1",
    device: { orbitals: n, hamiltonian, parameters: { x, y: [[n - 1, n - 1, 1]] }, leads },
    cycle,
    ...(temperature > 0 && { reservoirs: Object.fromEntries(leads.map(({ name }) => [name, reservoir])) }),
  } as unknown as Model;
  return { model, question: temperature > 0 ? {} : { energy: 0.8 * sym() } };
}

test("a fixed number of points: the error bounds the distance to the converged charge, and what does not balance", () => {
  let [compared, warned] = [0, 0];
  for (const seed of seeds(300, 6)) {
    const { model, question } = randomPump(seed);
    const device = engine.device(model);
    const right = device.pump(question);
    for (const points of [2, 3, 4, 7, 8, 16, 25, 64, 128]) {
      const { charge, error, certificate, warnings } = device.pump({ ...question, points });
      const miss = Math.max(
        ...Object.keys(charge).map((lead) => Math.abs(charge[lead] - right.charge[lead])),
      );
      expect(miss, `seed ${seed}, ${points} points`).toBeLessThanOrEqual(error + right.error);
      expect(error, `seed ${seed}, ${points} points`).toBeGreaterThanOrEqual(certificate.chargeBalance);
      compared++;
      if (warnings.some(({ code }) => code === "fixed-grid")) warned++;
      else expect(miss, `seed ${seed}, ${points} points`).toBeLessThan(0.02 * Math.max(1, error * 100));
    }
    device.close();
  }
  expect(compared).toBeGreaterThanOrEqual(54);
  expect(warned).toBeGreaterThan(10);
});

test("levels 128 points do not see: the error says so", () => {
  const device = engine.device(fault("fixed-points-error").model);
  const { error, certificate, warnings } = device.pump({ energy: 0.000006865091528743505, points: 128 });
  expect(error).toBeGreaterThanOrEqual(certificate.chargeBalance);
  expect(error).toBeGreaterThan(0.8);
  expect(warnings.map(({ code }) => code)).toContain("fixed-grid");
});

test.each([1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8])(
  "two levels of width %s that meet at mu",
  (width) => {
    const { model } = fault("degenerate-crossing") as { model: { device: object } & Model };
    const leads = [
      { name: "a", kind: "wideband", orbitals: [0], width },
      { name: "b", kind: "wideband", orbitals: [1], width: 0.7 * width },
    ];
    const of = (cycle: object) =>
      engine.device({ ...model, device: { ...model.device, leads }, cycle }).pump({ energy: 0 });
    for (const shift of [0, 0.1, 0.7, 2.3]) {
      const [c, s] = [Math.cos(shift), Math.sin(shift)];
      // The cycle of the file: the mirror image of the turn is the turn backwards.
      const mirror = of({
        x: { mean: 0.5, cos: [0.5 * c], sin: [-0.5 * s] },
        y: { sin: [0.5 * c], cos: [0.5 * s] },
      });
      expect(Math.abs(mirror.charge.a), `turned by ${shift}`).toBeLessThan(width > 2e-8 ? 1e-10 : 1e-8);
      expect(Math.abs(mirror.charge.a)).toBeLessThanOrEqual(mirror.error);
      // Levels that pass each other uncoupled: one is emptied into a lead, the other filled from the other lead.
      const passing = of({ x: { cos: [c], sin: [-s] }, y: { mean: 0.5, sin: [0.5 * c], cos: [0.5 * s] } });
      // What the width takes from the particle is of second order beside the crossing.
      const short = 1 + passing.charge.a;
      expect(short, `turned by ${shift}`).toBeGreaterThan(-passing.error);
      expect(short, `turned by ${shift}`).toBeLessThan(width ** 1.5 + passing.error);
    }
  },
);

test("a bound state that meets a band edge: pump, linear response and motor of one file agree", () => {
  for (const seed of chosen(
    Array.from({ length: 25 }, (_, k) => k),
    1,
  )) {
    const random = generator(seed);
    const { model } = fault("edge-kink-motor");
    const device = structuredClone(model.device) as unknown as {
      hamiltonian: number[][];
      leads: { coupling: number }[];
    };
    const [level, coupling, amplitude] = [-2.6 + 1.2 * random(), 0.2 + 0.9 * random(), 0.2 + 1.2 * random()];
    if (seed > 0) {
      device.hamiltonian = [[0, 0, level], [0, 1, -0.1 - 0.6 * random()], [1, 1, level + 0.3 * random()]]; // biome-ignore format: rows
      for (const lead of device.leads) lead.coupling = coupling;
    }
    const reservoir = { chemicalPotential: -2.1 + 0.6 * random(), temperature: 10 ** (-2 + 1.5 * random()) };
    const asked = engine.device({
      ...model,
      device,
      ...(seed > 0 && {
        cycle: { x: { cos: [amplitude] }, y: { sin: [amplitude] } },
        reservoirs: { a: reservoir, b: reservoir },
      }),
    });
    const [pump, response, motor] = [asked.pump(), asked.linearResponse(), asked.motor()];
    const inMotor = motor.linearResponse!;
    expect(inMotor, `seed ${seed}`).toBeDefined();
    const near = (a: number, b: number, error: number) =>
      expect(Math.abs(a - b), `seed ${seed}: ${a} and ${b}`).toBeLessThanOrEqual(error + 1e-15);
    near(pump.charge.a, response.charge, pump.error + response.error.charge);
    near(pump.charge.a, inMotor.charge, pump.error + inMotor.error.charge);
    near(motor.charge.a, inMotor.charge, 1e-8 + inMotor.error.charge);
    const relative = response.error.relative + inMotor.error.relative;
    near(response.frictionPerTurn, inMotor.frictionPerTurn, relative * response.frictionPerTurn);
    near(motor.frictionPerTurn, inMotor.frictionPerTurn, (1e-8 + relative) * response.frictionPerTurn);
    asked.close();
  }
});

test("the edge of the file, to 1e-8 and to 1e-6", () => {
  const device = engine.device(fault("edge-kink-motor").model);
  for (const tolerance of chosen([1e-6, 1e-8], 1)) {
    const { linearResponse } = device.motor({ tolerance });
    expect(Math.abs(linearResponse!.charge + 0.320261806218)).toBeLessThan(tolerance);
  }
});

test("a bound state that meets the edge of chain leads costs a turn few energies more", () => {
  const onsite = (i: number): [number, number, number][] => [[i, i, 1]];
  const reservoir = { chemicalPotential: -1.95, temperature: 0.02 };
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [[0, 1, -1]],
      parameters: { a: onsite(0), b: onsite(1) },
      leads: ["l", "r"].map((name, orbital) => ({
        name,
        kind: "chain" as const,
        orbital,
        hopping: 1,
        coupling: 1,
      })),
    },
    cycle: { a: { mean: -0.05, cos: [0.3] }, b: { sin: [0.3] } },
    reservoirs: { l: reservoir, r: reservoir },
  });
  // Grids that are doubled without regard to kinks take ten times as many.
  const pump = device.pump({ budget: 100_000 });
  const response = device.linearResponse({ tolerance: 1e-7, budget: 150_000 });
  expect(Math.abs(pump.charge.l - response.charge)).toBeLessThanOrEqual(pump.error + response.error.charge);
  expect(pump.error).toBeLessThan(1e-8);
  device.close();
});
