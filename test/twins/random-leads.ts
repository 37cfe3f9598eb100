// Seeded periodic leads without any symmetry: hopping of any rank down to one, cells larger or smaller than the contact, real or complex.

import type { Lead, Triplet } from "../../src/model/types.js";
import { type RandomSource, randomSource } from "./random.js";
import type { RandomModel } from "./random-device.js";

const full = (random: RandomSource, rows: number, columns: number, real: boolean, size: number): Triplet[] =>
  Array.from({ length: rows * columns }, (_, k): Triplet => {
    const [i, j] = [Math.floor(k / columns), k % columns];
    return [i, j, size * random.normal(), real ? 0 : size * random.normal()];
  });

/** A periodic lead on the given device orbitals; the hopping is a sum of `rank` outer products. */
export function generalLead(random: RandomSource, name: string, orbitals: number[], real: boolean): Lead {
  const m = random.integer(1, 6);
  const rank = random.integer(1, m);
  const onsite = full(random, m, m, real, 0.4)
    .filter(([i, j]) => i <= j)
    .map(([i, j, re, im]): Triplet => (i === j ? [i, j, re] : [i, j, re, im!]));
  const [left, right] = [full(random, m, rank, real, 0.8), full(random, rank, m, real, 0.8)];
  const hopping = Array.from({ length: m * m }, (_, k): Triplet => {
    const [i, j] = [Math.floor(k / m), k % m];
    let [re, im] = [0, 0];
    for (let l = 0; l < rank; l++) {
      const [, , a, b = 0] = left[i * rank + l];
      const [, , c, d = 0] = right[l * m + j];
      re += a * c - b * d;
      im += a * d + b * c;
    }
    return [i, j, re, im];
  });
  const coupling = full(random, orbitals.length, m, real, 0.7);
  return { name, kind: "periodic", orbitals, onsite, hopping, coupling };
}

/** The model with its periodic leads replaced by general ones. */
export function withGeneralLeads(model: RandomModel, seed: number): RandomModel {
  const random = randomSource(seed + 500_000);
  const real = (model.device.hamiltonian as Triplet[]).every(([, , , im = 0]) => im === 0);
  const leads = model.device.leads.map((lead) =>
    lead.kind === "periodic" ? generalLead(random, lead.name, lead.orbitals, real) : lead,
  );
  return { ...model, device: { ...model.device, leads } };
}
