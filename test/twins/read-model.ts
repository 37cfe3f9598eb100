// A model file with an explicit device, completed for the dense twin, without any validation.
// It keeps the twins independent of src/model: both readers must agree.

import type {
  ComplexMatrix,
  ExplicitDevice,
  Lead,
  Model,
  ResolvedLead,
  ResolvedModel,
  SparseHermitian,
  Triplet,
} from "../../src/model/types.js";
import { zeros } from "./linear-algebra.js";

export function readModel(model: Model): ResolvedModel {
  const device = model.device as ExplicitDevice;
  const reservoirs = Object.entries(model.reservoirs ?? {}).map(([name, r]) => [
    name,
    { chemicalPotential: r.chemicalPotential, temperature: r.temperature ?? 0 },
  ]);
  return {
    title: model.title ?? "",
    units: model.units?.energy ?? "none",
    device: {
      orbitals: device.orbitals,
      hamiltonian: sparse(device.hamiltonian as Triplet[]),
      parameters: Object.entries(device.parameters as Record<string, Triplet[]>).map(([name, triplets]) => ({
        name,
        derivative: sparse(triplets),
      })),
      leads: device.leads.map(readLead),
    },
    cycle: model.cycle,
    reservoirs: Object.fromEntries(reservoirs),
    warnings: [],
  };
}

function sparse(triplets: Triplet[]): SparseHermitian {
  const sorted = [...triplets].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return {
    rows: Int32Array.from(sorted, (t) => t[0]),
    columns: Int32Array.from(sorted, (t) => t[1]),
    re: Float64Array.from(sorted, (t) => t[2]),
    im: Float64Array.from(sorted, (t) => t[3] ?? 0),
  };
}

function matrix(triplets: Triplet[], rows: number, columns: number, hermitian: boolean): ComplexMatrix {
  const a = zeros(rows, columns);
  for (const [i, j, re, im = 0] of triplets) {
    a.data.set([re, im], 2 * (i * columns + j));
    if (hermitian && i !== j) a.data.set([re, -im], 2 * (j * columns + i));
  }
  return a;
}

function readLead(lead: Lead): ResolvedLead {
  const { name } = lead;
  if (lead.kind === "chain") {
    const { onsite = 0, hopping, coupling = hopping } = lead;
    return { name, kind: "chain", orbitals: Int32Array.of(lead.orbital), onsite, hopping, coupling };
  }
  const orbitals = Int32Array.from(lead.orbitals);
  const n = orbitals.length;
  if (lead.kind === "periodic") {
    // The cell is as large as its largest index says.
    const cell = 1 + Math.max(...[...lead.onsite, ...lead.hopping!].map((t) => Math.max(t[0], t[1])));
    const onsite = matrix(lead.onsite, cell, cell, true);
    const hopping = matrix(lead.hopping!, cell, cell, false);
    return {
      name,
      kind: "periodic",
      orbitals,
      onsite,
      hopping,
      coupling: lead.coupling ? matrix(lead.coupling, n, cell, false) : hopping,
    };
  }
  if (lead.kind === "self-energy") throw new Error("no twin of leads given by their self-energy");
  const { kind, width } = lead;
  if (typeof width === "number" || typeof width[0] === "number") {
    const widths = typeof width === "number" ? Array.from({ length: n }, () => width) : (width as number[]);
    const triplets = widths.map((w, i): Triplet => [i, i, w]);
    return { name, kind, orbitals, width: matrix(triplets, n, n, true), diagonal: true };
  }
  return { name, kind, orbitals, width: matrix(width as Triplet[], n, n, true), diagonal: false };
}
