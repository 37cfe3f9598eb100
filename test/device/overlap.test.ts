// Orbitals that overlap: a random invertible change of basis of device and leads changes no observable, on random devices with leads of all
// kinds, real and complex, with probes, at a bias. A lead with further hoppings is one of larger cells.

import { describe, expect, test } from "vitest";
import { loadEngine } from "../../src/index.js";
import type { Model, PeriodicLead, Triplet } from "../../src/model/types.js";
import { apart, numbers } from "../twins/answers.js";
import { congruent, type Mixing } from "../twins/congruence.js";
import { randomSource } from "../twins/random.js";
import { type RandomModel, randomModel } from "../twins/random-device.js";
import { seeds } from "../twins/seeds.js";

const engine = await loadEngine();
const at = { x: 0.3, y: -0.4 };

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

const changes: [string, Mixing][] = [
  ["of the device", {}],
  ["within the cells of the leads", { cells: 0.2 }],
  // New orbitals of a cell contain those of the next one: there are then further hoppings and overlaps.
  ["across device and cells", { cells: 0.2, across: 0.12 }],
];

describe.each(changes)("a change of basis %s", (_, mixing) => {
  test.each(seeds(100, 4))("changes no observable (seed %i)", (seed) => {
    const model = randomModel(seed);
    const other = congruent(model, seed, { ...mixing, real: seed % 3 === 0 });
    for (const energy of [0.13, -0.41])
      expect(apart(scattered(model, energy), scattered(other, energy))).toBeLessThan(1e-10);
    same(model, other, seed);
  });
});

test("a device that was used before answers as a fresh one", () => {
  const model = congruent(randomModel(5), 5, { cells: 0.2, across: 0.12 });
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
  const [a, b] = [model, congruent(model, 4, { cells: 0.2, across: 0.1 })].map((m) => {
    const { workPerTurn, frictionPerTurn, charge } = engine.device(m).motor({ tolerance: 1e-6 });
    return { workPerTurn, frictionPerTurn, charge };
  });
  expect(apart(a, b)).toBeLessThan(1e-5);
});

test("a chain with overlaps has its bands where they are, and answers at their edges", () => {
  // E(k) = (e + 2 t cos k) / (1 + 2 s cos k), the same in device and leads: nothing is reflected.
  const [e, t, s] = [0.1, -1, 0.2];
  const lead = (name: string, orbital: number) => ({
    name,
    kind: "periodic" as const,
    orbitals: [orbital],
    onsite: [[0, 0, e]] as Triplet[],
    hopping: [[0, 0, t]] as Triplet[],
    hoppingOverlaps: [[[0, 0, s]]] as Triplet[][],
  });
  const model = (energy?: number): Model => ({
    format: "nanopinwheel/1",
    device: {
      orbitals: 3,
      hamiltonian: [
        [0, 0, e],
        [0, 1, t],
        [1, 1, e],
        [1, 2, t],
        [2, 2, e],
      ],
      overlap: [
        [0, 1, s],
        [1, 2, s],
      ],
      parameters: { x: [[1, 1, 1]] },
      leads: [lead("left", 0), lead("right", 2)],
    },
    ...(energy !== undefined && {
      reservoirs: { left: { chemicalPotential: energy }, right: { chemicalPotential: energy } },
    }),
  });
  const device = engine.device(model());
  const band = (k: number) => (e + 2 * t * Math.cos(k)) / (1 + 2 * s * Math.cos(k));
  for (const k of [0.1, 0.5, 1.3, 2, 3.1]) {
    const { transmission, delay } = device.scatter({ energy: band(k) });
    expect(Math.abs(transmission.left.right - 1)).toBeLessThan(1e-12);
    // Each way through takes two hops at the speed dE/dk.
    const norm = 1 + 2 * s * Math.cos(k);
    const speed = (2 * Math.sin(k) * (s * (e + 2 * t * Math.cos(k)) - t * norm)) / norm ** 2;
    expect(Math.abs(((delay?.trace ?? 0) * Math.abs(speed)) / 4 - 1)).toBeLessThan(1e-10);
  }
  for (const [edge, inside] of [
    [band(0), 1],
    [band(Math.PI), -1],
  ]) {
    expect(device.scatter({ energy: edge + 1e-9 * inside }).transmission.left.right).toBeCloseTo(1, 9);
    const outside = device.scatter({ energy: edge - 1e-9 * inside });
    expect(outside.transmission.left?.right ?? 0).toBe(0);
  }
});

test("the Hellmann-Feynman force of the filled sea is the slope of the sum of the levels", () => {
  // Two overlapping orbitals far from everything but a weak lead: F = -d(sum of filled levels)/dX at T = 0.
  const s = 0.3;
  const [a, b, c, x] = [-0.5, 0.6, -0.8, 0.2];
  const device = engine.device({
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: [
        [0, 0, a],
        [0, 1, c],
        [1, 1, b],
      ],
      overlap: [[0, 1, s]],
      parameters: {
        x: [
          [0, 0, 1],
          [0, 1, 0.4],
        ],
      },
      leads: [{ name: "left", kind: "wideband", orbitals: [0, 1], width: 1e-9 }],
    },
    reservoirs: { left: { chemicalPotential: 0.05 } },
  });
  const lowest = (X: number) => {
    // det(H - E S) = 0.
    const [p, q, r] = [a + X, b, c + 0.4 * X];
    const [A, B, C] = [1 - s * s, -(p + q) + 2 * r * s, p * q - r * r];
    return (-B - Math.sqrt(B * B - 4 * A * C)) / (2 * A);
  };
  const slope = (lowest(x + 1e-5) - lowest(x - 1e-5)) / 2e-5;
  const { force } = device.forces({ at: { x } });
  expect(Math.abs(force[0] + slope)).toBeLessThan(1e-7);
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
