// States of a lead that nothing couples to the device: they must not show at any energy, their own (a flat band) included.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { type Engine, loadEngine } from "../../../src/index.js";
import type { ComplexMatrix, ResolvedPeriodicLead } from "../../../src/model/types.js";
import { reachableLead } from "../../../src/scattering/leads/periodic/reach.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { adjoint, hermitianEigen, multiply, zeros } from "../../twins/linear-algebra.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

let engine: Engine;
let kernels: Kernels;
beforeAll(async () => {
  engine = await loadEngine();
  kernels = await loadKernels();
});

const fault = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../known/faults/${name}.json`, import.meta.url), "utf8"));

test("a flat band of antisymmetric states does not show, at its energy and beside it", () => {
  const { model, expected } = fault("flat-band-lead");
  const device = engine.device(model);
  for (const [energy, right] of Object.entries<number>(expected)) {
    const { transmission, dSdE } = device.scatter({ energy: Number(energy), at: { x: 0 } });
    expect(Math.abs(transmission.a.b - right), `energy ${energy}`).toBeLessThan(1e-11);
    for (const part of dSdE!.data) expect(Math.abs(part), `dS/dE at ${energy}`).toBeLessThan(1);
  }
  const forces = device.forces({ at: { x: 0 } });
  expect(forces.force.every(Number.isFinite)).toBe(true);
  device.close();
});

test("an armchair ribbon of odd width answers at its flat band, and its forces do not end there", () => {
  const { model } = fault("armchair-ribbon-7");
  const device = engine.device(model);
  const at = { g1: 0.1, g2: -0.05 };
  const [below, on, above] = [1 - 1e-7, 1, 1 + 1e-7].map(
    (energy) => device.scatter({ energy, at }).transmission.left.right,
  );
  expect(Math.abs(on - 0.5 * (below + above))).toBeLessThan(1e-11);
  expect(device.forces({ at }).force.every(Number.isFinite)).toBe(true);
  device.close();
});

/** A random Hermitian or general matrix. */
function random(source: RandomSource, rows: number, columns: number, real: boolean): ComplexMatrix {
  const data = Float64Array.from({ length: 2 * rows * columns }, (_, k) =>
    real && k % 2 === 1 ? 0 : source.between(-0.8, 0.8),
  );
  return { shape: [rows, columns], data };
}

function hermitian(source: RandomSource, n: number, real: boolean): ComplexMatrix {
  const a = random(source, n, n, real);
  const b = adjoint(a);
  return { shape: [n, n], data: a.data.map((value, k) => 0.5 * (value + b.data[k])) };
}

/** Block diagonal. */
function beside(a: ComplexMatrix, b: ComplexMatrix): ComplexMatrix {
  const [n, m] = [a.shape[0], b.shape[0]];
  const out = zeros(n + m, n + m);
  for (let i = 0; i < n + m; i++)
    for (let j = 0; j < n + m; j++)
      for (let part = 0; part < 2; part++) {
        const k = 2 * (i * (n + m) + j) + part;
        if (i < n && j < n) out.data[k] = a.data[2 * (i * n + j) + part];
        if (i >= n && j >= n) out.data[k] = b.data[2 * ((i - n) * m + j - n) + part];
      }
  return out;
}

describe("a lead with a second lead mixed into its cell that nothing couples to it", () => {
  test("is the lead alone", () => {
    for (const seed of seeds(60, 30)) {
      const source = randomSource(9000 + seed);
      const real = seed % 2 === 0;
      const [n, m, extra] = [source.integer(1, 3), source.integer(2, 4), source.integer(1, 4)];
      const own = { onsite: hermitian(source, m, real), hopping: random(source, m, m, real) };
      const coupling = random(source, n, m, real);
      // The stranger: flat every third time.
      const strange = hermitian(source, extra, real);
      const step = seed % 3 === 0 ? zeros(extra, extra) : random(source, extra, extra, real);
      const { vectors } = hermitianEigen(hermitian(source, m + extra, real));
      const turned = (a: ComplexMatrix) => multiply(adjoint(vectors), a, vectors);
      const wide = zeros(n, m + extra);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < 2 * m; j++) wide.data[2 * i * (m + extra) + j] = coupling.data[2 * i * m + j];
      const orbitals = Int32Array.from({ length: n }, (_, i) => i);
      const common = { name: "a", kind: "periodic" as const, orbitals };
      const alone: ResolvedPeriodicLead = { ...common, ...own, coupling };
      const mixed: ResolvedPeriodicLead = {
        ...common,
        onsite: turned(beside(own.onsite, strange)),
        hopping: turned(beside(own.hopping, step)),
        coupling: multiply(wide, vectors),
      };
      const [expected, found] = [alone, mixed].map((lead) => prepareLead(kernels, lead, "lead"));
      const levels = [...hermitianEigen(strange).values];
      for (const energy of [source.between(-1.5, 1.5), ...levels]) {
        const [a, b] = [expected, found].map((lead) => {
          const { selfEnergy, channels } = lead.at(energy);
          return { sigma: selfEnergy.slice(), channels };
        });
        const where = `seed ${seed}, energy ${energy}`;
        expect(b.channels, where).toBe(a.channels);
        const size = 1 + Math.max(...a.sigma.map(Math.abs)) ** 2;
        a.sigma.forEach((value, k) => {
          expect(Math.abs(b.sigma[k] - value) / size, where).toBeLessThan(1e-9);
        });
      }
    }
  });
});

describe("a device coupled by rows of the hopping to a cell with states in the dark", () => {
  test("sees a quarter of what twice that coupling sees", () => {
    let smaller = 0;
    for (const seed of seeds(60, 20)) {
      const source = randomSource(9500 + seed);
      const real = seed % 2 === 0;
      const [m, extra] = [source.integer(2, 5), source.integer(2, 4)];
      const size = m + extra;
      // The extra orbitals hang at one level on the same orbital: all but one combination are dark.
      const onsite = beside(hermitian(source, m, real), zeros(extra, extra));
      const level = source.between(-1, 1);
      for (let k = m; k < size; k++) {
        onsite.data[2 * k * (size + 1)] = level;
        const bond = source.between(0.2, 0.8);
        onsite.data[2 * k * size] = bond;
        onsite.data[2 * k] = bond;
      }
      const step = random(source, m, m, real);
      // A singular hopping in every third cell.
      if (seed % 3 === 0) step.data.fill(0, 2 * m);
      const hopping = beside(step, zeros(extra, extra));
      // Some rows of the hopping, in any order, and a row of zeros.
      const list = Array.from({ length: source.integer(1, m) }, () => source.integer(0, m - 1));
      const coupling = zeros(list.length + 1, size);
      list.forEach((row, i) => {
        coupling.data.set(hopping.data.subarray(2 * row * size, 2 * (row + 1) * size), 2 * i * size);
      });
      const twice = { shape: coupling.shape, data: coupling.data.map((x) => 2 * x) };
      const orbitals = Int32Array.from({ length: list.length + 1 }, (_, i) => i);
      const common = { name: "a", kind: "periodic" as const, orbitals, onsite, hopping };
      const reached = reachableLead(kernels, onsite, hopping, coupling);
      if (reached?.through) smaller++;
      const [once, other] = [coupling, twice].map((V) =>
        prepareLead(kernels, { ...common, coupling: V }, "lead"),
      );
      for (const energy of [source.between(-1.5, 1.5), level]) {
        const where = `seed ${seed}, energy ${energy}`;
        const [a, b] = [once, other].map((lead) => {
          const { selfEnergy, channels } = lead.at(energy);
          return { sigma: selfEnergy.slice(), channels };
        });
        expect(b.channels, where).toBe(a.channels);
        const scale = 1 + Math.max(...a.sigma.map(Math.abs)) ** 2;
        a.sigma.forEach((value, k) => {
          expect(Math.abs(b.sigma[k] / 4 - value) / scale, where).toBeLessThan(1e-11);
        });
      }
    }
    // Most of these cells are found to be the same from the first on.
    expect(smaller).toBeGreaterThan(5);
  });
});
