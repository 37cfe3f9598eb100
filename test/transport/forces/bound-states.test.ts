// Antisymmetric friction of complex Hamiltonians with bound states in the thermal window: Berry curvature of pieces that hardly touch their leads, leads cut to
// a finite length and diagonalised, and the complete lesser function above the real axis, also at unequal fillings; the conservative torque beside bound states.

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { quickHermitianEigen } from "../../../src/engine/dense.js";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { type Engine, loadEngine } from "../../../src/index.js";
import type { ComplexMatrix, ExplicitDevice, Lead, Model, Triplet } from "../../../src/model/types.js";
import { fermi } from "../../../src/transport/energy/fermi.js";
import { denseHamiltonian } from "../../twins/dense.js";
import { twistAbove } from "../../twins/friction-above.js";
import { adjoint, hermitianEigen, multiply, zeros } from "../../twins/linear-algebra.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { readModel } from "../../twins/read-model.js";
import { seeds } from "../../twins/seeds.js";

let engine: Engine;
let kernels: Kernels;
beforeAll(async () => {
  engine = await loadEngine();
  kernels = await loadKernels();
});

interface Question {
  model: Model & { device: ExplicitDevice };
  at: Record<string, number>;
}

/** Antisymmetric parts per pair nu < nu', and the stated error. */
function twist({ model, at }: Question): { own: number[]; error: number } {
  const device = engine.device(model);
  const { friction, errors } = device.forces({ at });
  device.close();
  const [d] = friction!.shape;
  const own: number[] = [];
  for (let i = 0; i < d; i++)
    for (let j = i + 1; j < d; j++) own.push((friction!.data[i * d + j] - friction!.data[j * d + i]) / 2);
  return { own, error: errors.friction };
}

/** sum over n, m of (f_n - f_m) Im[X_nm Y_mn] / (E_n - E_m)^2 of a closed system, pair by pair; `vectors`: the rows of the device, as columns of levels. */
function berry(
  levels: Float64Array,
  vectors: ComplexMatrix,
  lambda: ComplexMatrix[],
  filling: (energy: number) => number,
): number[] {
  const n = levels.length;
  const turned = lambda.map((l) => multiply(adjoint(vectors), l, vectors).data);
  const f = levels.map(filling);
  const sums: number[] = [];
  for (let a = 0; a < lambda.length; a++)
    for (let b = a + 1; b < lambda.length; b++) {
      let sum = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) {
          if (f[i] === f[j]) continue;
          const [p, q] = [2 * (i * n + j), 2 * (j * n + i)];
          const imaginary = turned[a][p] * turned[b][q + 1] + turned[a][p + 1] * turned[b][q];
          sum += ((f[i] - f[j]) * imaginary) / (levels[i] - levels[j]) ** 2;
        }
      sums.push(sum);
    }
  return sums;
}

const hermitian = (random: RandomSource, n: number, size: number, from = 0): Triplet[] => {
  const list: Triplet[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i; j < n; j++)
      list.push(
        i === j
          ? [from + i, from + i, size * random.normal()]
          : [from + i, from + j, 0.7 * size * random.normal(), 0.7 * size * random.normal()],
      );
  return list;
};

describe("Berry curvature of weakly linked pieces", () => {
  it("is that of the stored case at its three temperatures", () => {
    const file = new URL("../../known/faults/bound-states-berry.json", import.meta.url);
    const { model } = JSON.parse(readFileSync(file, "utf8"));
    for (const [temperature, expected] of [
      [0.1, -0.41927],
      [0.5, -0.27268],
      [2, -0.08089],
    ]) {
      const reservoir = { chemicalPotential: 0.1, temperature };
      const reservoirs = { a: reservoir, b: reservoir };
      const { own } = twist({ model: { ...model, reservoirs }, at: { x: 0.6, y: 0.3 } });
      expect(own[0], `T = ${temperature}`).toBeCloseTo(expected, 4);
    }
  });

  it("times their filling, over link, temperature, filling and size, at one and at two fillings", () => {
    for (const seed of seeds(60, 12)) {
      const random = randomSource(seed + 900);
      const size = random.integer(2, 4);
      const link = 10 ** random.between(-5, -1.5);
      const piece = hermitian(random, size, 1, 1);
      const parameters = { x: hermitian(random, size, 0.5, 1), y: hermitian(random, size, 0.5, 1) };
      const first = {
        chemicalPotential: random.between(-1, 1),
        temperature: 10 ** random.between(-1.3, 0.5),
      };
      // The levels of the piece lie outside the band, 4e-3 wide.
      const lead = { kind: "chain" as const, orbital: 0, onsite: 0.05, hopping: 1e-3, coupling: 8e-4 };
      const device: ExplicitDevice = {
        orbitals: size + 1,
        hamiltonian: [[0, 0, 0.05], [0, 1, link], ...piece],
        parameters,
        leads: [
          { name: "a", ...lead },
          { name: "b", ...lead },
        ],
      };
      const second = seed % 2 ? first : { ...first, chemicalPotential: first.chemicalPotential - 0.3 };
      const model: Question["model"] = {
        format: "nanopinwheel/1",
        device,
        reservoirs: { a: first, b: second },
      };
      const at = { x: 0.3, y: -0.2 };
      const { H, lambda } = denseHamiltonian(readModel(model), Float64Array.of(0.3, -0.2));
      const { values, vectors } = hermitianEigen(cut(H, size));
      const room = Math.min(...values.map((level) => Math.abs(level - 0.05)));
      const [expected] = berry(
        values,
        vectors,
        lambda.map((l) => cut(l, size)),
        (energy) => fermi(energy, first.chemicalPotential, first.temperature),
      );
      const { own } = twist({ model, at });
      const bound = 200 * (link / room) ** 2 * (1 + Math.abs(expected)) + 1e-7 * (1 + Math.abs(expected));
      expect(Math.abs(own[0] - expected), `seed ${seed}: link ${link}, room ${room}`).toBeLessThan(bound);
    }
  });
});

/** Without row and column 0. */
function cut(a: ComplexMatrix, size: number): ComplexMatrix {
  const small = zeros(size, size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      for (let part = 0; part < 2; part++)
        small.data[2 * (i * size + j) + part] = a.data[2 * ((i + 1) * (size + 1) + j + 1) + part];
  return small;
}

/** A complex device of 2 to 5 orbitals, most of whose levels are bound states. */
function randomQuestion(seed: number, kind: "chain" | "dimer", count: number): Question {
  const random = randomSource(seed);
  const n = random.integer(2, 5);
  const names = ["x", "y", "z"].slice(0, random.integer(2, 3));
  const leads = Array.from({ length: count }, (_, a): Lead => {
    const name = `l${a}`;
    if (kind === "chain" || a > 0)
      return {
        name,
        kind: "chain",
        orbital: random.integer(0, n - 1),
        onsite: 0.05,
        hopping: kind === "chain" ? 0.2 : 0.02,
        coupling: random.between(0.05, 0.6),
      };
    // Two bands with a gap, and a level bound to the end of the lead in it.
    return {
      name,
      kind: "periodic",
      orbitals: [0],
      onsite: [
        [0, 0, random.between(-0.2, 0.2)],
        [0, 1, random.between(0.1, 0.3), random.between(-0.2, 0.2)],
        [1, 1, random.between(-0.2, 0.2)],
      ],
      hopping: [[1, 0, random.between(0.4, 0.8)]],
      coupling: [[0, 0, random.between(0.1, 0.6)]],
    };
  });
  const common = { chemicalPotential: 0.1, temperature: random.between(0.15, 0.6) };
  const own = () => ({ chemicalPotential: random.between(-0.4, 0.4), temperature: random.between(0.1, 0.5) });
  const device: ExplicitDevice = {
    orbitals: n,
    hamiltonian: hermitian(random, n, 0.9),
    parameters: Object.fromEntries(names.map((name) => [name, hermitian(random, n, 0.6)])),
    leads,
  };
  const reservoirs = Object.fromEntries(leads.map(({ name }) => [name, count === 1 ? common : own()]));
  const at = Object.fromEntries(names.map((name) => [name, random.between(-0.4, 0.4)]));
  return { model: { format: "nanopinwheel/1", device, reservoirs }, at };
}

/** The same of a lead cut to a finite length. (The levels of several finite leads come in pairs that stay as close as the pairs are many: no limit.) */
function finiteTwist({ model, at }: Question, sites: number): number[] {
  const resolved = readModel(model);
  const { orbitals: n, leads } = resolved.device;
  const values = Float64Array.from(resolved.device.parameters, ({ name }) => at[name]);
  const { H, lambda } = denseHamiltonian(resolved, values);
  const cells = leads.map((lead) =>
    lead.kind === "periodic"
      ? { length: sites / 2, onsite: lead.onsite, hopping: lead.hopping, coupling: lead.coupling }
      : {
          length: sites,
          ...(lead.kind === "chain" && {
            onsite: { shape: [1, 1], data: Float64Array.of(lead.onsite, 0) } as ComplexMatrix,
            hopping: { shape: [1, 1], data: Float64Array.of(lead.hopping, 0) } as ComplexMatrix,
            coupling: { shape: [1, 1], data: Float64Array.of(lead.coupling, 0) } as ComplexMatrix,
          }),
        },
  );
  const size = cells.reduce((sum, { length, onsite }) => sum + length * onsite!.shape[0], n);
  const all = zeros(size, size);
  const put = (block: ComplexMatrix, row: number, column: number, rows?: Int32Array) => {
    const [r, c] = block.shape;
    for (let i = 0; i < r; i++)
      for (let j = 0; j < c; j++) {
        const [to, back] = [rows ? rows[i] : row + i, column + j];
        const [re, im] = [block.data[2 * (i * c + j)], block.data[2 * (i * c + j) + 1]];
        all.data.set([re, im], 2 * (to * size + back));
        all.data.set([re, -im], 2 * (back * size + to));
      }
  };
  put(H, 0, 0);
  let from = n;
  for (const [a, { length, onsite, hopping, coupling }] of cells.entries()) {
    const m = onsite!.shape[0];
    put(coupling!, 0, from, leads[a].orbitals);
    for (let k = 0; k < length; k++, from += m) {
      put(onsite!, from, from);
      if (k + 1 < length) put(hopping!, from, from + m);
    }
  }
  const { values: levels, vectors } = quickHermitianEigen(kernels, size, all.data);
  const rows: ComplexMatrix = { shape: [n, size], data: vectors.slice(0, 2 * n * size) };
  const { chemicalPotential, temperature = 0 } = Object.values(model.reservoirs!)[0];
  return berry(levels.slice(), rows, lambda, (energy) => fermi(energy, chemicalPotential, temperature));
}

describe("complex devices with bound states", () => {
  it.each(["chain", "dimer"] as const)("agree with a lead of finite length: %s", (kind) => {
    let sharp = 0;
    for (const seed of seeds(40, 5)) {
      const question = randomQuestion(seed, kind, 1);
      const { own, error } = twist(question);
      const [short, long] = [70, 150].map((sites) => finiteTwist(question, sites));
      // The spacing of the levels in finite leads is seen where a state lies next to a band, or hardly couples to it.
      const change = Math.max(...long.map((x, i) => Math.abs(x - short[i])));
      if (change > 1e-3) continue;
      const worst = Math.max(...own.map((x, i) => Math.abs(x - long[i])));
      expect(worst, `seed ${seed}`).toBeLessThan(2 * change + error + 1e-7);
      sharp++;
    }
    expect(sharp).toBeGreaterThan(1);
  });

  it("agree with the complete lesser function above the real axis at unequal fillings", () => {
    let compared = 0;
    const list = seeds(12, 1);
    for (const seed of list) {
      const question = randomQuestion(seed, seed % 3 ? "chain" : "dimer", 2 + (seed % 2));
      const resolved = readModel(question.model);
      const values = Float64Array.from(resolved.device.parameters, ({ name }) => question.at[name]);
      const reservoirs = resolved.device.leads.map(({ name }) => resolved.reservoirs![name]!);
      const { twist: expected, change } = twistAbove(resolved, values, reservoirs, 0.01, 3);
      // A level next to a band is not yet resolved that far above the axis.
      if (change > 0.05) continue;
      const { own, error } = twist(question);
      const worst = Math.max(...own.map((x, i) => Math.abs(x - expected[i])));
      expect(worst, `seed ${seed}`).toBeLessThan(change + error + 1e-7);
      compared++;
    }
    expect(compared).toBeGreaterThan(0.7 * list.length);
  });
});

it("has the conservative torque of the mean filling beside bound states that are filled from one lead", () => {
  const lead = { kind: "chain" as const, orbital: 0, hopping: 0.2 };
  const model: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 3,
      hamiltonian: [
        [0, 0, 0.6],
        [0, 1, 0.3],
        [1, 2, 0.4],
        [1, 1, 1.2],
        [2, 2, -1.2],
      ],
      parameters: { x: [[1, 1, 1]], y: [[2, 2, 1]] },
      leads: [
        { name: "a", ...lead },
        { name: "b", ...lead },
      ],
    },
    cycle: { x: { cos: [0.2] }, y: { mean: 0.1, sin: [0.2] } },
    reservoirs: {
      a: { chemicalPotential: 0.3, temperature: 0.3 },
      b: { chemicalPotential: -0.3, temperature: 0.3 },
    },
  };
  const device = engine.device(model);
  const { curve } = device.motor();
  const mean = { chemicalPotential: 0, temperature: 0.3 };
  for (const [i, theta] of curve.theta.entries()) {
    const [c, s] = [Math.cos(theta), Math.sin(theta)];
    const { force } = device.forces({
      at: { x: 0.2 * c, y: 0.1 + 0.2 * s },
      reservoirs: { a: mean, b: mean },
    });
    expect(curve.conservativeTorque[i]).toBeCloseTo(0.2 * (c * force[1] - s * force[0]), 8);
  }
});
