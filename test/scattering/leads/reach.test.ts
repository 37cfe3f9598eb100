// States of a lead that nothing couples to the device: they must not show at any energy, their own (a flat band) included.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { type Engine, loadEngine } from "../../../src/index.js";
import type { ComplexMatrix, ResolvedPeriodicLead } from "../../../src/model/types.js";
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
