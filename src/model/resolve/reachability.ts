// Finds the orbitals that are connected to a lead, by union-find over the nonzero elements of H0,
// of the parameters' matrices and of the lead contacts. Cost: almost linear in the number of
// elements.

import { leadContact } from "../leads/index.js";
import type { ResolvedLead, SparseHermitian } from "../types.js";

function root(parent: Int32Array, start: number): number {
  let at = start;
  while (parent[at] !== at) {
    parent[at] = parent[parent[at]];
    at = parent[at];
  }
  return at;
}

/** Orbitals, ascending, that no path of nonzero elements connects to a lead. */
export function unreachableOrbitals(
  orbitals: number,
  matrices: SparseHermitian[],
  leads: ResolvedLead[],
): number[] {
  const parent = new Int32Array(orbitals).map((_, i) => i);
  const join = (i: number, j: number) => {
    parent[root(parent, i)] = root(parent, j);
  };
  for (const { rows, columns, re, im } of matrices) {
    for (let k = 0; k < rows.length; k++) if (re[k] !== 0 || im[k] !== 0) join(rows[k], columns[k]);
  }
  const reached = new Uint8Array(orbitals);
  const contacts = leads.flatMap(leadContact);
  for (const orbital of contacts) reached[root(parent, orbital)] = 1;
  const unreached: number[] = [];
  for (let i = 0; i < orbitals; i++) if (reached[root(parent, i)] === 0) unreached.push(i);
  return unreached;
}
