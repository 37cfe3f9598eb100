// Seeded random devices as model files, for identities that must hold for every device: real or complex Hamiltonians,
// one to four leads of all kinds, two or three parameters, a cycle, reservoirs with unequal mu and T.
// The orbitals carry scrambled numbers, so that no test passes only because neighbours are numbered in order.

import type {
  ExplicitDevice,
  FourierSeries,
  Lead,
  Model,
  Reservoir,
  Triplet,
} from "../../src/model/types.js";
import { type RandomSource, randomSource } from "./random.js";

export type LeadKind = "scalar" | "orbitals" | "matrix" | "chain" | "periodic" | "probe";

export interface RandomModelOptions {
  /** Number of orbitals (default: 2 to 12 at random). */
  orbitals?: number;
  /** Real symmetric H, Lambda and leads (default: half of the seeds). */
  real?: boolean;
  /** Number of leads that are not probes (default: 1 to 4). */
  leads?: number;
  /** Kinds of leads to choose from (default: all); with probes one probe is added to the other leads. */
  kinds?: LeadKind[];
  /** Number of parameters (default: 2 or 3). */
  parameters?: number;
  /** Fraction of matrix elements present beside a chain through all orbitals (default 0.6; smaller for large devices). */
  density?: number;
}

export interface RandomModel extends Model {
  device: ExplicitDevice;
  cycle: Record<string, FourierSeries>;
  reservoirs: Record<string, Reservoir>;
}

/** A device, always the same one for the same seed and options. */
export function randomModel(seed: number, options: RandomModelOptions = {}): RandomModel {
  const random = randomSource(seed);
  const n = options.orbitals ?? random.integer(2, 12);
  const real = options.real ?? random.uniform() < 0.5;
  const density = options.density ?? 0.6;
  const kinds = options.kinds ?? ["scalar", "orbitals", "matrix", "chain", "periodic", "probe"];
  const names = ["x", "y", "z", "u", "v", "w"].slice(0, options.parameters ?? random.integer(2, 3));

  const leadKinds = kinds.filter((kind) => kind !== "probe");
  const leadCount = options.leads ?? random.integer(1, 4);
  const leads = Array.from({ length: leadCount }, (_, i) =>
    randomLead(random, ["left", "right", "top", "bottom"][i] ?? `lead${i}`, random.pick(leadKinds), n, real),
  );
  const wantsProbe = kinds.includes("probe") && (options.kinds !== undefined || random.uniform() < 0.3);
  if (wantsProbe) leads.push(randomLead(random, "phi", "probe", n, real));

  const cycle: Record<string, FourierSeries> = {};
  for (const [i, name] of names.entries()) {
    const [a, b, c] = [random.between(0.3, 0.8), random.between(-0.2, 0.2), random.between(-0.3, 0.3)];
    cycle[name] = i % 2 === 0 ? { mean: c, cos: [a], sin: [0, b] } : { mean: c, sin: [a], cos: [0, b] };
  }
  const reservoirs: Record<string, Reservoir> = {};
  for (const lead of leads) {
    if (lead.kind === "probe") continue;
    reservoirs[lead.name] = {
      chemicalPotential: random.between(-0.5, 0.5),
      temperature: random.between(0.05, 0.25),
    };
  }
  return {
    format: "nanopinwheel/1",
    title: `random device ${seed}`,
    device: {
      orbitals: n,
      hamiltonian: randomHermitian(random, n, real, density, 0.6, true),
      parameters: Object.fromEntries(
        names.map((name) => [name, randomHermitian(random, n, real, density, 0.45, false)]),
      ),
      leads,
    },
    cycle,
    reservoirs,
  };
}

/** Upper triangle of a random sparse Hermitian matrix; if connected, with a chain through the scrambled orbitals. */
function randomHermitian(
  random: RandomSource,
  n: number,
  real: boolean,
  density: number,
  size: number,
  connected: boolean,
): Triplet[] {
  const order = random.permutation(n);
  // The spectrum stays within about +-2 whatever the size.
  const norm = size / Math.sqrt(Math.max(1, 0.5 * n * density));
  const present = new Set<number>();
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) if (random.uniform() < density) present.add(i * n + j);
  }
  if (connected) {
    for (let i = 0; i + 1 < n; i++) {
      present.add(Math.min(order[i], order[i + 1]) * n + Math.max(order[i], order[i + 1]));
    }
  }
  if (present.size === 0) present.add(0);
  const triplets = [...present]
    .sort((a, b) => a - b)
    .map((key): Triplet => {
      const [i, j] = [Math.floor(key / n), key % n];
      if (i === j || real) return [i, j, norm * random.normal()];
      return [i, j, norm * random.normal(), norm * random.normal()];
    });
  return triplets;
}

function randomLead(random: RandomSource, name: string, kind: LeadKind, n: number, real: boolean): Lead {
  const few = (most: number) => random.permutation(n).slice(0, random.integer(1, Math.min(most, n)));
  if (kind === "scalar") return { name, kind: "wideband", orbitals: few(2), width: random.between(0.2, 1.2) };
  if (kind === "probe") return { name, kind: "probe", orbitals: few(2), width: random.between(0.1, 0.5) };
  if (kind === "orbitals") {
    const orbitals = few(3);
    return { name, kind: "wideband", orbitals, width: orbitals.map(() => random.between(0.2, 1.2)) };
  }
  if (kind === "matrix") {
    const orbitals = few(3);
    return { name, kind: "wideband", orbitals, width: randomWidth(random, orbitals.length, real) };
  }
  if (kind === "chain") {
    const hopping = random.between(0.8, 1.5);
    const coupling = random.between(0.4, 1.1);
    return {
      name,
      kind: "chain",
      orbital: random.integer(0, n - 1),
      onsite: random.between(-0.3, 0.3),
      hopping,
      coupling,
    };
  }
  const orbitals = few(3);
  const m = orbitals.length;
  const onsite = randomHermitian(random, m, real, 0.8, 0.4, false);
  return {
    name,
    kind: "periodic",
    orbitals,
    onsite,
    hopping: randomHopping(random, m, m, real, 1),
    coupling: randomHopping(random, m, m, real, 0.7),
  };
}

/** Gamma = A A^+ with as many columns as rows, or fewer (then fewer channels than orbitals). */
function randomWidth(random: RandomSource, m: number, real: boolean): Triplet[] {
  const rank = random.integer(1, m);
  const re = Array.from({ length: m * rank }, () => 0.5 * random.normal());
  const im = Array.from({ length: m * rank }, () => (real ? 0 : 0.5 * random.normal()));
  const triplets: Triplet[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = i; j < m; j++) {
      let [x, y] = [0, 0];
      for (let k = 0; k < rank; k++) {
        const [p, q] = [i * rank + k, j * rank + k];
        x += re[p] * re[q] + im[p] * im[q];
        y += im[p] * re[q] - re[p] * im[q];
      }
      triplets.push(real || i === j ? [i, j, x] : [i, j, x, y]);
    }
  }
  return triplets;
}

/** A full (not Hermitian) hopping matrix, dominated by its diagonal so that bands are wide. */
function randomHopping(
  random: RandomSource,
  rows: number,
  columns: number,
  real: boolean,
  size: number,
): Triplet[] {
  const triplets: Triplet[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      const main = i === j ? -size * random.between(0.8, 1.2) : 0;
      const re = main + 0.2 * size * random.normal();
      if (real) triplets.push([i, j, re]);
      else triplets.push([i, j, re, 0.2 * size * random.normal()]);
    }
  }
  return triplets;
}
