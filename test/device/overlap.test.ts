// Orbitals that overlap: a random invertible change of basis of the device changes no observable, on random devices with leads of all
// kinds, real and complex, with probes, at a bias. A lead with further hoppings is one of larger cells.

import { describe, expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";
import type { Model, PeriodicLead, Triplet } from "../../src/model/types.js";
import { congruent, type Mixing } from "../twins/congruence.js";
import { randomSource } from "../twins/random.js";
import { type RandomModel, randomModel } from "../twins/random-device.js";
import { seeds } from "../twins/seeds.js";

const engine = await loadEngine();
const at = { x: 0.3, y: -0.4 };

/** The numbers of an answer, in one list. */
function numbers(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(numbers);
}

/** Largest difference, relative to the largest number or 1. */
function apart(one: unknown, other: unknown): number {
  const [a, b] = [numbers(one), numbers(other)];
  expect(a.length).toBeGreaterThan(0);
  expect(b.length).toBe(a.length);
  const size = a.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
  return a.reduce((most, x, k) => Math.max(most, Math.abs(x - b[k])), 0) / size;
}

const scattered = (model: Model, energy: number) => {
  const device = engine.device(model);
  const { transmission, delay, unitarityDefect } = device.scatter({ energy, at });
  expect(unitarityDefect).toBeLessThan(1e-12);
  device.close();
  return { transmission, delay: [delay?.trace ?? 0, delay?.eigenvalues ?? []] };
};

const asked = (model: Model) => {
  const device = engine.device(model);
  const forces = device.forces({ at });
  const { force, friction, noise, current, currentPerVelocity, energyCurrent, errors } = forces;
  const { charge } = device.pump({ energy: 0.13 });
  device.close();
  return { answers: { force, friction, noise, current, currentPerVelocity, energyCurrent, charge }, errors };
};

function same(model: RandomModel, other: RandomModel, seed: number): void {
  const [a, b] = [asked(model), asked(other)];
  for (const name of Object.keys(a.answers) as (keyof typeof a.answers)[]) {
    const [x, y] = [a, b].map(({ errors }) => (name === "charge" ? 0 : (errors[name] ?? 0)));
    const size = numbers(a.answers[name]).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    expect(apart(a.answers[name], b.answers[name]), `seed ${seed}: ${name}`).toBeLessThan(
      1e-10 + (x + y) / size,
    );
  }
}

const changes: [string, Mixing][] = [["of the device", {}]];

describe.each(changes)("a change of basis %s", (_, mixing) => {
  test.each(seeds(100, 5))("changes no observable (seed %i)", (seed) => {
    const model = randomModel(seed);
    const other = congruent(model, seed, { ...mixing, real: seed % 3 === 0 });
    for (const energy of [0.13, -0.41])
      expect(apart(scattered(model, energy), scattered(other, energy))).toBeLessThan(1e-10);
    same(model, other, seed);
  });
});

test("a device that was used before answers as a fresh one", () => {
  const model = congruent(randomModel(5), 5);
  const [used, fresh] = [engine.device(model), engine.device(model)];
  used.scatter({ energy: 0.7, at: { x: -0.2 } });
  used.forces({ at: { x: 0.1 } });
  used.pump({ energy: -0.3 });
  const ask = (device: typeof used) => [device.scatter({ energy: 0.13, at }).S, device.forces({ at }).force];
  expect(ask(used)).toEqual(ask(fresh));
});

test("at T = 0 the whole turn is that of the orthonormal basis", () => {
  const model = randomModel(4, { leads: 2, parameters: 2 });
  for (const reservoir of Object.values(model.reservoirs)) reservoir.temperature = 0;
  const [a, b] = [model, congruent(model, 4)].map((m) => {
    const { workPerTurn, frictionPerTurn, charge } = engine.device(m).motor({ tolerance: 1e-6 });
    return { workPerTurn, frictionPerTurn, charge };
  });
  expect(apart(a, b)).toBeLessThan(1e-5);
});

describe("further hoppings", () => {
  const random = randomSource(3);
  const full = (size: number): Triplet[] =>
    [0, 1].flatMap((i) =>
      [0, 1].map(
        (j): Triplet => [i, j, (i === j ? -size : 0) + 0.2 * random.normal(), 0.2 * random.normal()],
      ),
    );
  const onsite: Triplet[] = [
    [0, 0, 0.2],
    [0, 1, 0.3, 0.1],
  ];
  const [h1, h2] = [full(1), full(0.3)];
  const shifted = (list: Triplet[], i: number, j: number) =>
    list.map(([a, b, re, im = 0]): Triplet => [a + i, b + j, re, im]);
  const adjoint = (list: Triplet[]) => list.map(([a, b, re, im = 0]): Triplet => [b, a, re, -im]);
  const model = (lead: Partial<PeriodicLead>): Model => ({
    format: "nanopinwheel/1",
    device: {
      orbitals: 4,
      hamiltonian: [...shifted(onsite, 0, 0), ...shifted(onsite, 2, 2), ...shifted(adjoint(h1), 0, 2)],
      parameters: { x: [[1, 1, 1]], y: [[0, 2, 0.5]] },
      leads: [
        { name: "top", kind: "wideband", orbitals: [3], width: 0.4 },
        { name: "left", kind: "periodic", orbitals: [0, 1], onsite, hopping: h1, ...lead } as PeriodicLead,
      ],
    },
  });
  const doubled = {
    onsite: [...onsite, ...shifted(onsite, 2, 2), ...shifted(h1, 0, 2)],
    hopping: [...h2, ...shifted(h2, 2, 2), ...shifted(h1, 2, 0)],
  };

  test("are those of a cell of two cells", () => {
    const hoppings = { hopping: undefined, hoppings: [h1, h2], couplings: [h1, h2] };
    const coupling = [...h1, ...shifted(h2, 0, 2)];
    const [a, b] = [hoppings, { ...doubled, coupling }].map((lead) => scattered(model(lead), 0.3));
    expect(apart(a, b)).toBeLessThan(1e-13);
  });

  test("continue into the device where its orbitals are cells of the lead", () => {
    // Device orbitals 0, 1 are the nearest cell and 2, 3 the one behind it.
    const lead = { orbitals: [0, 1, 2, 3], hopping: undefined, hoppings: [h1, h2] };
    const coupling = [...h1, ...shifted(h2, 0, 2), ...shifted(h2, 2, 0)];
    const [a, b] = [lead, { ...doubled, orbitals: [0, 1, 2, 3], coupling }].map((own) =>
      scattered(model(own), 0.3),
    );
    expect(apart(a, b)).toBeLessThan(1e-13);
  });

  test("of one cell are the hopping", () => {
    const [a, b] = [{}, { hopping: undefined, hoppings: [h1] }].map((lead) => scattered(model(lead), 0.3));
    expect(a).toEqual(b);
  });
});
