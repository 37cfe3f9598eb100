// Seeded random chains: a line of orbitals from one single-orbital lead to another, in scrambled numbering; on-site and hopping elements,
// complex and driven if asked for; wide-band or chain leads.

import type { Cycle, Lead, Model, Triplet } from "../../src/model/types.js";
import { randomSource } from "./random.js";

export interface ChainOptions {
  sites?: number;
  /** Largest |on-site| element. */
  disorder?: number;
  complex?: boolean;
  /** Parameters also move the hoppings. */
  drivenHoppings?: boolean;
  scrambled?: boolean;
}

export interface RandomChain extends Model {
  cycle: Cycle;
}

export function randomChain(seed: number, options: ChainOptions = {}): RandomChain {
  const source = randomSource(7919 * seed + 13);
  const sites = options.sites ?? source.integer(2, 12);
  const { disorder = 1, complex = false, drivenHoppings = false, scrambled = true } = options;
  const order = scrambled ? source.permutation(sites) : Array.from({ length: sites }, (_, i) => i);
  const element = (i: number, j: number, re: number, im = 0): Triplet =>
    order[i] <= order[j] ? [order[i], order[j], re, im] : [order[j], order[i], re, -im];
  const hamiltonian: Triplet[] = [];
  for (let i = 0; i < sites; i++) {
    hamiltonian.push(element(i, i, source.between(-disorder, disorder)));
    if (i + 1 === sites) break;
    const phase = complex ? source.between(0, 2 * Math.PI) : source.pick([0, Math.PI]);
    const size = source.between(0.5, 1.5);
    hamiltonian.push(element(i, i + 1, size * Math.cos(phase), complex ? size * Math.sin(phase) : 0));
  }
  const parameters: Record<string, Triplet[]> = { x: [], y: [], z: [] };
  for (const [name, triplets] of Object.entries(parameters)) {
    const span = name === "x" ? sites : Math.ceil(sites / 3);
    const first = source.integer(0, sites - span);
    for (let i = first; i < first + span; i++) {
      triplets.push(element(i, i, source.between(-0.5, 0.5)));
      if (!drivenHoppings || i + 1 >= first + span) continue;
      triplets.push(element(i, i + 1, source.between(-0.3, 0.3), complex ? source.between(-0.3, 0.3) : 0));
    }
  }
  const lead = (name: string, orbital: number): Lead =>
    source.uniform() < 0.5
      ? { name, kind: "wideband", orbitals: [orbital], width: source.between(0.1, 2) }
      : {
          name,
          kind: "chain",
          orbital,
          onsite: source.between(-0.3, 0.3),
          hopping: source.between(0.7, 1.4),
          coupling: source.between(0.4, 1.2),
        };
  const ends = [lead("left", order[0]), lead("right", order[sites - 1])];
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: sites,
      hamiltonian,
      parameters,
      leads: source.uniform() < 0.5 ? ends : ends.reverse(),
    },
    cycle: {
      x: { mean: source.between(-0.3, 0.3), cos: [source.between(0.2, 0.8)] },
      y: { mean: source.between(-0.3, 0.3), sin: [source.between(0.2, 0.8), 0.1] },
      z: { mean: 0, cos: [0.2], sin: [0.1] },
    },
  };
}
