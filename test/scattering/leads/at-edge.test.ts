// Periodic leads next to the edges of their bands, once an integral has asked for these: R as a series in the root of the distance. Against closed
// forms, the same lead at energies taken one by one, and forces of clean graphene ribbons.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { type Engine, loadEngine } from "../../../src/index.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, Model, ResolvedPeriodicLead, Triplet } from "../../../src/model/types.js";
import type { PreparedLead } from "../../../src/scattering/leads/lead.js";
import { periodicLead } from "../../../src/scattering/leads/periodic/periodic.js";
import { prepareLead } from "../../../src/scattering/leads/prepare.js";
import { randomSource } from "../../twins/random.js";
import { generalLead } from "../../twins/random-leads.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
let engine: Engine;
beforeAll(async () => {
  kernels = await loadKernels();
  engine = await loadEngine();
});

function resolved(lead: Lead): ResolvedPeriodicLead {
  const orbitals = 1 + Math.max(...(lead as { orbitals: number[] }).orbitals);
  const device = { orbitals, hamiltonian: [] as Triplet[], parameters: {}, leads: [lead] };
  return resolveModel({ format: "nanopinwheel/1", device }).device.leads[0] as ResolvedPeriodicLead;
}

const largest = (a: Float64Array) => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
const apart = (a: Float64Array, b: Float64Array) => largest(a.map((x, k) => x - b[k]));

function valuesAt(lead: PreparedLead, energy: number) {
  const { selfEnergy, selfEnergyDerivative, channels } = lead.at(energy);
  return { sigma: selfEnergy.slice(), slope: selfEnergyDerivative.slice(), channels };
}

/** Distances over all of their scale, on either side. */
const distances = (first: number, last: number) =>
  Array.from({ length: 2 * (last - first) + 1 }, (_, k) => 10 ** -(first + k / 2)).flatMap((d) => [d, -d]);

describe("Sigma and Sigma' next to an edge", () => {
  test("are those of the closed form of transverse modes, down to 1e-11", () => {
    for (const width of [2, 3, 5]) {
      const across = Array.from({ length: width - 1 }, (_, i): Triplet => [i, i + 1, -1]);
      const along = Array.from({ length: width }, (_, i): Triplet => [i, i, -1]);
      const orbitals = along.map(([i]) => i);
      const lead = resolved({ name: "a", kind: "periodic", orbitals, onsite: across, hopping: along });
      const [general, modes] = [
        periodicLead(kernels, lead, true, "lead"),
        prepareLead(kernels, lead, "lead"),
      ];
      const { edges } = modes;
      expect(general.edges.length).toBe(new Set(edges.map((edge) => edge.toFixed(9))).size);
      for (const edge of edges)
        for (const distance of distances(1, 11)) {
          const where = `width ${width}, ${distance} from ${edge}`;
          const [a, b] = [valuesAt(general, edge + distance), valuesAt(modes, edge + distance)];
          expect(a.channels, where).toBe(b.channels);
          // Either knows the edge itself to a few roundings, which counts as much as a shift of the energy.
          const shift = 2e-15 / Math.abs(distance);
          expect(apart(a.sigma, b.sigma), where).toBeLessThan(1e-13 + 2e-15 / Math.sqrt(Math.abs(distance)));
          expect(apart(a.slope, b.slope), where).toBeLessThan((1e-12 + shift) * (1 + largest(b.slope)));
        }
    }
  });

  test("are those of the lead at single energies, random cells of any rank on either side of all their edges", () => {
    let compared = 0;
    // Seed 32 has a crossing of modes at 1e-5 from an edge.
    for (const seed of new Set([...seeds(60, 20), 32])) {
      const random = randomSource(300 + seed);
      const orbitals = Array.from({ length: random.integer(1, 4) }, (_, i) => i);
      const lead = resolved(generalLead(random, "a", orbitals, random.uniform() < 0.5));
      const [single, series] = [0, 1].map(() => prepareLead(kernels, lead, "lead"));
      for (const edge of series.edges)
        for (const distance of distances(2, 7)) {
          const where = `seed ${seed}, ${distance} from ${edge}`;
          const [a, b] = [valuesAt(single, edge + distance), valuesAt(series, edge + distance)];
          expect(b.channels, where).toBe(a.channels);
          const size = 1 + largest(a.sigma) ** 2;
          const rounding = 1e-14 / Math.abs(distance);
          expect(apart(a.sigma, b.sigma), where).toBeLessThan(
            (1e-11 + rounding * Math.sqrt(Math.abs(distance))) * size * 10,
          );
          expect(apart(a.slope, b.slope), where).toBeLessThan(
            (1e-10 + 30 * rounding) * size * (1 + largest(a.slope)),
          );
          compared++;
        }
    }
    expect(compared).toBeGreaterThan(1000);
  });
});

describe("forces of clean graphene ribbons", () => {
  const { model } = JSON.parse(
    readFileSync(new URL("../../known/faults/armchair-ribbon-4.json", import.meta.url), "utf8"),
  ) as { model: Model };

  test("end within few energies; what is known does not depend on the tolerance, what diverges or has no digits left is named", () => {
    using device = engine.device(model);
    const edge = (Math.sqrt(5) - 1) / 2;
    for (const [mu, bias, temperature] of [
      [0.6, 0.04, 0.01],
      [edge, 0, 0.01],
      [edge, 0.02, 0.003],
      [edge + 1e-3, 0.05, 0.002],
      [0.5, 0.1, 0.02],
    ]) {
      const reservoirs = {
        left: { chemicalPotential: mu + bias / 2, temperature },
        right: { chemicalPotential: mu - bias / 2, temperature },
      };
      const [coarse, fine] = [1e-4, 1e-8].map((tolerance) => device.forces({ reservoirs, tolerance }));
      for (const { evaluations } of [coarse, fine]) expect(evaluations).toBeLessThan(3000);
      for (const { warnings } of [coarse, fine])
        expect(
          warnings.filter(({ code }) => code === "diverges").map(({ text }) => text.split(" ")[0]),
        ).toEqual(["noise", "friction"]);
      const where = `mu ${mu}, bias ${bias}, T ${temperature}`;
      fine.force.forEach((value, nu) => {
        expect(Math.abs(value - coarse.force[nu]), where).toBeLessThan(
          coarse.errors.force + fine.errors.force,
        );
      });
      // The current of a velocity next to such an edge is what cancels of much larger terms: as many digits are left as the temperature is far from it.
      if (temperature >= 0.01) expect(coarse.currentPerVelocity, where).toBeDefined();
      for (const lead of ["left", "right"])
        fine.currentPerVelocity?.[lead].forEach((value, nu) => {
          const allowed = coarse.errors.currentPerVelocity + fine.errors.currentPerVelocity;
          expect(Math.abs(value - coarse.currentPerVelocity[lead][nu]), where).toBeLessThanOrEqual(allowed);
        });
    }
  });
});

test("next to a half-bound state integrals begin at the edge itself, and their errors hold", () => {
  const { model, expected } = JSON.parse(
    readFileSync(new URL("../../known/half-bound-edge.json", import.meta.url), "utf8"),
  ) as { model: Model; expected: { currentPerVelocity: Record<string, number>; friction: number } };
  using device = engine.device(model);
  const { currentPerVelocity, friction, errors } = device.forces({ tolerance: 1e-3 });
  for (const [lead, value] of Object.entries(expected.currentPerVelocity)) {
    const off = Math.abs(currentPerVelocity[lead][0] - value);
    expect(off, lead).toBeLessThan(1e-6);
    expect(off, lead).toBeLessThanOrEqual(errors.currentPerVelocity);
  }
  expect(Math.abs(friction!.data[0] - expected.friction)).toBeLessThan(Math.min(1e-4, errors.friction));
});
