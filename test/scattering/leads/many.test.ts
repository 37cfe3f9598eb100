// Several hundred random leads: full and singular hopping, complex, several bands side by side, integer elements (whose bands cross, touch and are flat at
// integer energies). Against the twin's surface Green's function where that is sharp; at integer energies against the energies around them.
import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, ResolvedDevice, ResolvedPeriodicLead, Triplet } from "../../../src/model/types.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { KernelSolver } from "../../../src/scattering/solvers/solver.js";
import { selfEnergy } from "../../twins/leads.js";
import { distance } from "../../twins/linear-algebra.js";
import { type RandomSource, randomSource } from "../../twins/random.js";
import { generalLead } from "../../twins/random-leads.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

function resolved(lead: Lead): ResolvedPeriodicLead {
  const orbitals = 1 + Math.max(...(lead as { orbitals: number[] }).orbitals);
  const device = { orbitals, hamiltonian: [] as Triplet[], parameters: {}, leads: [lead] };
  return resolveModel({ format: "nanopinwheel/1", device }).device.leads[0] as ResolvedPeriodicLead;
}

/** Cells of integers: -1, 0, 1 in the cell and the hopping, times i now and then. */
function integerCell(random: RandomSource, m: number, complex: boolean) {
  const entry = (i: number, j: number): Triplet => {
    const value = random.integer(-1, 1);
    return complex && random.uniform() < 0.4 && i !== j ? [i, j, 0, value] : [i, j, value, 0];
  };
  const onsite: Triplet[] = [];
  const hopping: Triplet[] = [];
  for (let i = 0; i < m; i++)
    for (let j = 0; j < m; j++) {
      if (j >= i && random.uniform() < 0.6)
        onsite.push(i === j ? [i, i, random.integer(-1, 1)] : entry(i, j));
      if (random.uniform() < 0.4) hopping.push(entry(i, j));
    }
  const coupled = hopping.some(([, , re, im = 0]) => re !== 0 || im !== 0);
  return { onsite, hopping: coupled ? hopping : [[0, 0, 1, 0] as Triplet] };
}

test("general leads against the twin", () => {
  let compared = 0;
  const all = seeds(600, 40);
  for (const seed of all) {
    const random = randomSource(20_000 + seed);
    const orbitals = Array.from({ length: random.integer(1, 5) }, (_, i) => i);
    const lead = resolved(generalLead(random, "a", orbitals, seed % 2 === 0));
    const fast = prepareLead(kernels, lead, "lead");
    const energy = random.between(-2.5, 2.5);
    const twin = selfEnergy(lead, energy, 0);
    const moved = selfEnergy(lead, energy + 1e-6, 0);
    // Beside an edge or a crossing the twin has few digits.
    if (![twin, moved].every(({ derivative }) => Number.isFinite(distance(derivative)))) continue;
    if (distance(twin.derivative, moved.derivative) > 1e-3 * (1 + distance(twin.derivative))) continue;
    const { selfEnergy: sigma, selfEnergyDerivative: slope } = fast.at(energy);
    const shape: [number, number] = [orbitals.length, orbitals.length];
    const where = `seed ${seed}, energy ${energy}`;
    expect(distance({ shape, data: sigma }, twin.sigma), where).toBeLessThan(
      1e-9 * (1 + distance(twin.sigma) ** 2),
    );
    expect(distance({ shape, data: slope }, twin.derivative), where).toBeLessThan(
      1e-8 * (1 + distance(twin.derivative) ** 2),
    );
    compared++;
  }
  expect(compared).toBeGreaterThan(0.85 * all.length);
});

test("integer leads at integer energies: unitary and smooth, or refused by name", () => {
  const all = seeds(400, 30);
  let [compared, refused, ended] = [0, 0, 0];
  for (const seed of all) {
    const random = randomSource(30_000 + seed);
    const m = random.integer(2, 5);
    const cell = integerCell(random, m, seed % 2 === 0);
    const orbitals = Array.from({ length: m }, (_, i) => i);
    const hamiltonian: Triplet[] = orbitals.flatMap((i) =>
      orbitals.slice(i).map((j): Triplet => [i, j, random.between(-0.7, 0.7)]),
    );
    const model = {
      format: "nanopinwheel/1",
      device: {
        orbitals: m,
        hamiltonian,
        parameters: { x: hamiltonian },
        leads: [
          { name: "a", kind: "periodic", orbitals, ...cell },
          { name: "b", kind: "wideband", orbitals, width: 1 },
        ],
      },
    };
    let device: ResolvedDevice;
    try {
      ({ device } = resolveModel(model));
    } catch (error) {
      expect((error as Error).message).toMatch(/the lead ends after a few cells/);
      ended++;
      continue;
    }
    const solver = new KernelSolver(kernels, device, false);
    const solve = (energy: number) => {
      const point = solver.solve(energy, { energyDerivative: false });
      const n = point.channels;
      let transmission = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++)
          if (point.channelLead[i] === 0 && point.channelLead[j] === 1)
            transmission += point.S[2 * (i * n + j)] ** 2 + point.S[2 * (i * n + j) + 1] ** 2;
      expect(point.unitarityDefect, `seed ${seed}, energy ${energy}`).toBeLessThan(1e-8);
      return { transmission, n };
    };
    for (const energy of [-1, 0, 1, 2]) {
      const h = 1e-3;
      try {
        const [m2, m1, on, p1, p2] = [-2, -1, 0, 1, 2].map((k) => solve(energy + k * h));
        // An edge changes the number of channels; there S is not smooth.
        if (![m2, m1, p1, p2].every(({ n }) => n === m1.n)) continue;
        const between = (4 * (m1.transmission + p1.transmission) - (m2.transmission + p2.transmission)) / 6;
        const spread = Math.abs(m1.transmission + p1.transmission - m2.transmission - p2.transmission);
        if (spread > 1e-3) continue;
        expect(Math.abs(on.transmission - between), `seed ${seed}, energy ${energy}`).toBeLessThan(
          1e-7 + 0.3 * spread,
        );
        compared++;
      } catch (error) {
        if ((error as Error).name !== "NumericalError") throw error;
        refused++;
      }
    }
    solver.release();
  }
  expect(compared).toBeGreaterThan(1.5 * all.length);
  expect(refused).toBeLessThan(0.02 * 4 * all.length);
  expect(ended).toBeLessThan(0.12 * all.length);
});
