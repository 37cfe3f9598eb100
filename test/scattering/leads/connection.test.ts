// The basis of a periodic lead's channels: smooth in the energy, made anew the same way at each call, and its connection Omega is that of W:
// W' + W Omega is the derivative of the W that is returned.
import { beforeAll, expect, test } from "vitest";
import type { Kernels } from "../../../src/engine/kernels.js";
import { loadKernels } from "../../../src/engine/load.js";
import { resolveModel } from "../../../src/model/resolve/resolve.js";
import type { Lead, ResolvedPeriodicLead } from "../../../src/model/types.js";
import { periodicLead } from "../../../src/scattering/leads/periodic/periodic.js";
import { randomSource } from "../../twins/random.js";
import { generalLead } from "../../twins/random-leads.js";
import { seeds } from "../../twins/seeds.js";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await loadKernels();
});

function resolved(lead: Lead): ResolvedPeriodicLead {
  const orbitals = 1 + Math.max(...(lead as { orbitals: number[] }).orbitals);
  const device = { orbitals, hamiltonian: [], parameters: {}, leads: [lead] };
  return resolveModel({ format: "nanopinwheel/1", device }).device.leads[0] as ResolvedPeriodicLead;
}

test("W' + W Omega is the derivative of W over calls at other energies", () => {
  let compared = 0;
  let several = 0;
  const all = seeds(240, 60);
  for (const seed of all) {
    const random = randomSource(11_000 + seed);
    const orbitals = Array.from({ length: random.integer(2, 5) }, (_, i) => i);
    const real = seed % 2 === 0;
    const lead = periodicLead(kernels, resolved(generalLead(random, "a", orbitals, real)), real, "lead");
    const energy = random.between(-1.2, 1.2);
    if (lead.edgesWithin(energy - 0.05, energy + 0.05).length > 0) continue;
    const h = 1e-4;
    const at = (e: number) => {
      const { vectors, vectorDerivatives, connection, channels, waves } = lead.at(e);
      return {
        W: vectors.slice(),
        dW: vectorDerivatives.slice(),
        omega: connection!.slice(),
        channels,
        waves,
      };
    };
    const [m2, m1, here, p1, p2] = [-2, -1, 0, 1, 2].map((k) => at(energy + k * h));
    const m = here.channels;
    if (m === 0 || here.waves) continue;
    const derivative = here.W.map((_, k) => (8 * (p1.W[k] - m1.W[k]) - (p2.W[k] - m2.W[k])) / (12 * h));
    const n = orbitals.length;
    let [worst, size] = [0, 1];
    for (let i = 0; i < n; i++)
      for (let b = 0; b < m; b++) {
        let [re, im] = [here.dW[2 * (i * m + b)], here.dW[2 * (i * m + b) + 1]];
        for (let a = 0; a < m; a++) {
          const [p, q] = [2 * (i * m + a), 2 * (a * m + b)];
          re += here.W[p] * here.omega[q] - here.W[p + 1] * here.omega[q + 1];
          im += here.W[p] * here.omega[q + 1] + here.W[p + 1] * here.omega[q];
        }
        size = Math.max(size, Math.abs(re) ** 5, Math.abs(im) ** 5);
        worst = Math.max(
          worst,
          Math.abs(re - derivative[2 * (i * m + b)]),
          Math.abs(im - derivative[2 * (i * m + b) + 1]),
        );
      }
    for (let a = 0; a < m; a++)
      for (let b = 0; b < m; b++) {
        const [p, q] = [2 * (a * m + b), 2 * (b * m + a)];
        const scale = 1 + Math.abs(here.omega[p]) + Math.abs(here.omega[p + 1]);
        expect(Math.abs(here.omega[p] + here.omega[q]) / scale, `seed ${seed}`).toBeLessThan(1e-8);
        expect(Math.abs(here.omega[p + 1] - here.omega[q + 1]) / scale, `seed ${seed}`).toBeLessThan(1e-8);
      }
    expect(worst / size, `seed ${seed}, energy ${energy}`).toBeLessThan(1e-7);
    compared++;
    if (m > 1) several++;
  }
  expect(compared).toBeGreaterThan(0.3 * all.length);
  expect(several).toBeGreaterThan(0.05 * all.length);
});
