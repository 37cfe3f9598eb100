// Leads with the same cells, in either direction, share their work: against the same leads each prepared for itself, and against leads in rotated
// bases, which nobody recognises as the same.

import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type {
  ComplexMatrix,
  ResolvedDevice,
  ResolvedPeriodicLead,
  Triplet,
} from "../../../src/model/types.js";
import type { LeadAtEnergy } from "../../../src/scattering/leads/lead.js";
import { LeadFamily, prepareLead } from "../../../src/scattering/leads/prepare.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { adjoint, hermitianEigen, multiply } from "../../twins/linear-algebra.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

function matrix(source: RandomSource, rows: number, columns: number, real: boolean): ComplexMatrix {
  const data = Float64Array.from({ length: 2 * rows * columns }, (_, k) =>
    real && k % 2 === 1 ? 0 : 0.6 * source.normal(),
  );
  return { shape: [rows, columns], data };
}

function hermitian(source: RandomSource, n: number, real: boolean): ComplexMatrix {
  const a = matrix(source, n, n, real);
  const b = adjoint(a);
  return { shape: [n, n], data: a.data.map((value, k) => 0.5 * (value + b.data[k])) };
}

/** The states of the lead in another basis. */
function rotated(source: RandomSource, lead: ResolvedPeriodicLead): ResolvedPeriodicLead {
  const { vectors } = hermitianEigen(hermitian(source, lead.onsite.shape[0], false));
  const turn = (a: ComplexMatrix) => multiply(adjoint(vectors), a, vectors);
  const onsite = turn(lead.onsite);
  const mirror = adjoint(onsite);
  return {
    ...lead,
    onsite: { ...onsite, data: onsite.data.map((value, k) => 0.5 * (value + mirror.data[k])) },
    hopping: turn(lead.hopping),
    coupling: multiply(lead.coupling, vectors),
  };
}

/**
 * Four leads with the cells of one wire: its two directions, the first once more with another contact, and the other one with a contact that has
 * fewer rows than the hopping has ports. `hidden` adds a state that no lead reaches, in a mixed basis.
 */
function leadsOf(source: RandomSource, real: boolean, hidden: boolean): ResolvedPeriodicLead[] {
  const m = source.integer(2, 4);
  const rank = source.integer(1, m);
  const hopping = multiply(matrix(source, m, rank, real), matrix(source, rank, m, real));
  const onsite = hermitian(source, m, real);
  const lead = (name: string, orbitals: number[], step: ComplexMatrix): ResolvedPeriodicLead => ({
    name,
    kind: "periodic",
    orbitals: Int32Array.from(orbitals),
    onsite,
    hopping: step,
    coupling: matrix(source, orbitals.length, m, real),
  });
  const back = adjoint(hopping);
  const all = [
    {
      ...lead("a", [0, 1, 2, 3], hopping),
      coupling: hopping.shape[0] === 4 ? hopping : matrix(source, 4, m, real),
    },
    lead("b", [4, 5, 6], back),
    lead("c", [7, 8, 9, 10], hopping),
    lead("d", [11], back),
  ];
  if (!hidden) return all;
  const { vectors } = hermitianEigen(hermitian(source, m + 1, real));
  const widened = (a: ComplexMatrix, rows: number, columns: number, last: number): ComplexMatrix => {
    const data = new Float64Array(2 * rows * columns);
    for (let i = 0; i < a.shape[0]; i++)
      data.set(a.data.subarray(2 * i * a.shape[1], 2 * (i + 1) * a.shape[1]), 2 * i * columns);
    if (last !== 0) data[2 * (rows * columns - 1)] = last;
    return { shape: [rows, columns], data };
  };
  const turn = (a: ComplexMatrix) => multiply(adjoint(vectors), a, vectors);
  const cell = turn(widened(onsite, m + 1, m + 1, 0.37));
  const mirror = adjoint(cell);
  const own = { ...cell, data: cell.data.map((value, k) => 0.5 * (value + mirror.data[k])) };
  const step = turn(widened(hopping, m + 1, m + 1, 0));
  return all.map((one, k) => ({
    ...one,
    onsite: own,
    hopping: k % 2 === 0 ? step : adjoint(step),
    coupling: multiply(widened(one.coupling, one.coupling.shape[0], m + 1, 0), vectors),
  }));
}

const copied = ({
  channels,
  connection,
  selfEnergy,
  selfEnergyDerivative,
  vectors,
  vectorDerivatives,
}: LeadAtEnergy) => ({
  channels,
  lists: [
    selfEnergy,
    selfEnergyDerivative,
    vectors,
    vectorDerivatives,
    connection ?? new Float64Array(0),
  ].map((list) => list.slice()),
});

function difference(found: Float64Array, expected: Float64Array): number {
  expect(found.length).toBe(expected.length);
  let [size, most] = [1, 0];
  for (let k = 0; k < found.length; k++) {
    size = Math.max(size, Math.abs(expected[k]));
    most = Math.max(most, Math.abs(found[k] - expected[k]));
  }
  return most / (size * size);
}

function shared(leads: ResolvedPeriodicLead[]) {
  const family = new LeadFamily();
  return { prepared: leads.map((lead, i) => prepareLead(kernels, lead, `leads[${i}]`, family)), family };
}

test("shared leads are those prepared for themselves, at real and complex energies and in any order", () => {
  let open = 0;
  const all = seeds(200, 30);
  for (const seed of all) {
    const source = randomSource(70_000 + seed);
    const leads = leadsOf(source, seed % 2 === 0, seed % 3 === 0);
    const { prepared, family } = shared(leads);
    expect(family.bulks.length, `seed ${seed}`).toBe(1);
    const apart = leads.map((lead, i) => prepareLead(kernels, lead, `leads[${i}]`));
    const energies = [source.between(-2, 2), source.between(-0.5, 0.5)];
    for (const energy of [...energies, energies[0]])
      for (const i of [2, 0, 1, 3, 0]) {
        const expected = copied(apart[i].at(energy));
        const found = copied(prepared[i].at(energy));
        const where = `seed ${seed}, lead ${i}, energy ${energy}`;
        expect(found.channels, where).toBe(expected.channels);
        open += found.channels;
        found.lists.forEach((list, k) => {
          expect(difference(list, expected.lists[k]), `${where}, list ${k}`).toBeLessThan(1e-9);
        });
      }
    for (const im of [0.3, 1e-4])
      for (const i of [1, 0, 2, 3]) {
        const [a, b] = [apart, prepared].map((those) => {
          const { selfEnergy, selfEnergyDerivative } = those[i].selfEnergyAt(energies[1], im);
          return [selfEnergy.slice(), selfEnergyDerivative.slice()];
        });
        a.forEach((list, k) => {
          expect(difference(b[k], list), `seed ${seed}, lead ${i}, z, list ${k}`).toBeLessThan(1e-9);
        });
      }
    for (const lead of prepared) expect(lead.edges).toEqual(prepared[0].edges);
    for (const [i, lead] of apart.entries()) {
      const { edges } = prepared[i];
      expect(edges.length).toBe(lead.edges.length);
      lead.edges.forEach((edge, k) => {
        expect(Math.abs(edges[k] - edge)).toBeLessThan(1e-9);
      });
    }
  }
  expect(open).toBeGreaterThan(8 * all.length);
});

/** A full complex device of 12 orbitals, which the leads of leadsOf touch. */
function deviceOf(source: RandomSource): ResolvedDevice {
  const H = hermitian(source, 12, false);
  const hamiltonian: Triplet[] = [];
  for (let i = 0; i < 12; i++)
    for (let j = i; j < 12; j++) {
      const [re, im] = [H.data[2 * (i * 12 + j)], H.data[2 * (i * 12 + j) + 1]];
      hamiltonian.push(i === j ? [i, j, re] : [i, j, re, im]);
    }
  const leads = [{ name: "a", kind: "wideband", orbitals: [0], width: 1 }];
  const parameters = { x: [[0, 0, 1] as Triplet] };
  return resolveModel({ format: "nanopinwheel/1", device: { orbitals: 12, hamiltonian, parameters, leads } })
    .device;
}

test("S of a device with shared leads is that with leads in rotated bases", () => {
  let compared = 0;
  for (const seed of seeds(60, 12)) {
    const source = randomSource(80_000 + seed);
    const leads = leadsOf(source, false, seed % 3 === 0);
    const turned = leads.map((lead, i) => (i === 2 ? lead : rotated(source, lead)));
    expect(shared(turned).family.bulks.length).toBe(4);
    const device = deviceOf(source);
    const [one, other] = [leads, turned].map((own) => {
      const solver = new KernelSolver(kernels, { ...device, leads: own }, false);
      solver.configure(Float64Array.of(0));
      return solver;
    });
    for (const energy of [source.between(-1, 1), source.between(-1, 1)]) {
      const { S, dSdE, channels, unitarityDefect } = one.solveWithDerivatives(energy);
      const [found, slope] = [S.slice(), dSdE!.slice()];
      expect(unitarityDefect).toBeLessThan(1e-12);
      const expected = other.solveWithDerivatives(energy);
      expect(channels).toBe(expected.channels);
      expect(difference(found, expected.S), `seed ${seed}`).toBeLessThan(1e-10);
      expect(difference(slope, expected.dSdE!), `seed ${seed}`).toBeLessThan(1e-8);
      if (channels > 2) compared++;
    }
    one.release();
    other.release();
  }
  expect(compared).toBeGreaterThan(6);
});
