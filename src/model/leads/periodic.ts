// Leads that repeat a cell of any size.

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { closedObject, maximumLeadOrbitals, tripletList } from "../file/fields.js";
import { denseGeneral, denseHermitian, largestIndex } from "../resolve/triplets.js";
import type { Triplet } from "../triplet.js";
import { checkContact, checkNotZero, contactOrbitals, type LeadPlace, leadName, touched } from "./parts.js";

/**
 * A semi-infinite repetition of a cell of several orbitals. Cell k + 1 lies further out than cell
 * k.
 */
export interface PeriodicLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a periodic lead. */
  kind: "periodic";
  /** Device orbitals to which the first cell is coupled, counted from 0, each listed once. */
  orbitals: number[];
  /** Hamiltonian of one cell, its upper triangle. */
  onsite: Triplet[];
  /** <cell k|H|cell k+1>; elements may have any row and column. */
  hopping: Triplet[];
  /** <device orbital orbitals[row]|H|orbital `column` of the first cell>; default: `hopping`. */
  coupling?: Triplet[];
}

/** A semi-infinite repetition of a cell. */
export interface ResolvedPeriodicLead {
  /** Name of the lead. */
  name: string;
  /** Marks a periodic lead. */
  kind: "periodic";
  /** Device orbitals to which the first cell is coupled, from 0. */
  orbitals: Int32Array;
  /** Hamiltonian of one cell, Hermitian, cell x cell. */
  onsite: ComplexMatrix;
  /** <cell k|H|cell k+1>, cell x cell. */
  hopping: ComplexMatrix;
  /** <device orbital|H|cell orbital>, orbitals x cell. */
  coupling: ComplexMatrix;
}

export const periodicSchema = closedObject({
  name: leadName,
  kind: v.pipe(
    v.literal("periodic"),
    v.description("Semi-infinite repetition of a cell of several orbitals"),
  ),
  orbitals: contactOrbitals,
  onsite: tripletList("Hamiltonian of one cell, Hermitian: triplets with row <= column"),
  hopping: tripletList("<cell k|H|cell k+1>, cell k+1 lying further out: triplets with any row and column"),
  coupling: v.optional(
    tripletList("<device orbital orbitals[row]|H|orbital `column` of the first cell>; default: hopping"),
  ),
});

/**
 * Number of orbitals of a cell: 1 plus the largest index that occurs, but at least the size of the
 * contact if there is no coupling.
 */
function cellSize({ orbitals, onsite, hopping, coupling }: PeriodicLead, field: string): number {
  const size = Math.max(
    1 + largestIndex(onsite, 0, `${field}.onsite`),
    1 + largestIndex(onsite, 1, `${field}.onsite`),
    1 + largestIndex(hopping, 0, `${field}.hopping`),
    1 + largestIndex(hopping, 1, `${field}.hopping`),
    coupling === undefined ? orbitals.length : 1 + largestIndex(coupling, 1, `${field}.coupling`),
  );
  if (size > maximumLeadOrbitals) {
    throw new InputError(`${field}.onsite`, "the cell is too large", {
      expected: `at most ${maximumLeadOrbitals} orbitals`,
      found: `an index of ${size - 1}`,
    });
  }
  return size;
}

/** Throws InputError that names the wrong field. */
export function resolvePeriodic(
  lead: PeriodicLead,
  { field, deviceOrbitals, claim }: LeadPlace,
): ResolvedPeriodicLead {
  checkContact(lead.orbitals, deviceOrbitals, `${field}.orbitals`);
  const { name, kind, orbitals } = lead;
  const size = cellSize(lead, field);
  if (lead.coupling === undefined && size !== orbitals.length) {
    throw new InputError(`${field}.coupling`, "needed: the cell and the contact differ in size", {
      expected: `triplets of ${orbitals.length} rows and ${size} columns`,
      found: "nothing",
      advice: `It defaults to the hopping only for a contact of ${size} orbitals.`,
    });
  }
  claim(2 * size + orbitals.length, size, `${field}.onsite`);
  const hopping = connected(lead.hopping, size, size, `${field}.hopping`);
  const onsite = denseHermitian(lead.onsite, size, `${field}.onsite`);
  const coupling =
    lead.coupling === undefined
      ? { shape: hopping.shape, data: hopping.data.slice() }
      : connected(lead.coupling, orbitals.length, size, `${field}.coupling`);
  if (!leadsAway(onsite, hopping, coupling)) {
    throw new InputError(`${field}.hopping`, "the lead ends after a few cells", {
      expected: "a path of nonzero elements from the device through all cells",
      found: "pieces of the cells that are not connected to all further ones",
      advice: "An electron cannot leave through this lead at any energy: count its orbitals to the device.",
    });
  }
  return { name, kind, orbitals: Int32Array.from(orbitals), onsite, hopping, coupling };
}

/**
 * Whether a path of nonzero elements leads from the device through infinitely many cells. Union-find over
 * the orbitals of one cell, with the number of cells between an orbital and its root: orbitals that a
 * closed path connects with themselves in another cell are connected with all cells.
 */
function leadsAway(onsite: ComplexMatrix, hopping: ComplexMatrix, coupling: ComplexMatrix): boolean {
  const size = onsite.shape[0];
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  /** Cells from the parent outwards to the orbital. */
  const cells = new Int32Array(size);
  const endless = new Uint8Array(size);
  const root = (orbital: number): [number, number] => {
    let [at, distance] = [orbital, 0];
    while (parent[at] !== at) {
      distance += cells[at];
      at = parent[at];
    }
    // The orbitals passed hang on the root from now on.
    for (let i = orbital, left = distance; parent[i] !== at && i !== at; ) {
      const [next, own] = [parent[i], cells[i]];
      [parent[i], cells[i]] = [at, left];
      left -= own;
      i = next;
    }
    return [at, distance];
  };
  const join = (matrix: ComplexMatrix, step: number): void =>
    eachNonzero(matrix, (i, j) => {
      const [[a, p], [b, q]] = [root(i), root(j)];
      // Orbital j lies `step` cells further out than orbital i.
      if (a === b) {
        if (p + step !== q) endless[a] = 1;
      } else {
        [parent[b], cells[b]] = [a, p + step - q];
        endless[a] |= endless[b];
      }
    });
  join(onsite, 0);
  join(hopping, 1);
  let away = false;
  eachNonzero(coupling, (_, j) => {
    away ||= endless[root(j)[0]] === 1;
  });
  return away;
}

function eachNonzero({ shape, data }: ComplexMatrix, visit: (row: number, column: number) => void): void {
  const [rows, columns] = shape;
  for (let i = 0, k = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, k += 2) if (data[k] !== 0 || data[k + 1] !== 0) visit(i, j);
}

/** A hopping matrix that has a nonzero element. */
function connected(list: Triplet[], rows: number, columns: number, field: string): ComplexMatrix {
  const matrix = denseGeneral(list, rows, columns, field);
  if (matrix.data.every((x) => x === 0)) checkNotZero(0, field);
  return matrix;
}

/** Device orbitals that the lead touches. */
export const periodicContact = ({ orbitals, coupling }: ResolvedPeriodicLead): number[] =>
  touched(orbitals, coupling);
