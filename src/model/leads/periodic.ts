// Leads that repeat a cell of any size, with hoppings to any number of further cells and with
// overlaps between the orbitals. Further hoppings are turned into a cell of several cells that
// couples to its neighbours only (principal-layer.ts).

import * as v from "valibot";
import { InputError } from "../../base/errors.js";
import type { ComplexMatrix } from "../../numerics/linear-algebra/matrices.js";
import { closedObject, maximumLeadOrbitals, tripletList, tripletLists } from "../file/fields.js";
import { denseGeneral, denseHermitian, largestIndex } from "../resolve/triplets.js";
import type { Triplet } from "../triplet.js";
import { checkContact, checkNotZero, contactOrbitals, type LeadPlace, leadName, touched } from "./parts.js";
import { beside, identityBut, principalLayer } from "./principal-layer.js";

/**
 * A semi-infinite repetition of a cell of several orbitals. Cell k + 1 lies further out than cell
 * k.
 */
export interface PeriodicLead {
  /** Name of the lead, unique; used in reservoirs and results. */
  name: string;
  /** Marks a periodic lead. */
  kind: "periodic";
  /**
   * Device orbitals to which the first cells are coupled, counted from 0, each listed once. Without
   * couplings they are the orbitals of one or more cells that continue the lead into the device, the
   * nearest cell first.
   */
  orbitals: number[];
  /** Hamiltonian of one cell, its upper triangle. */
  onsite: Triplet[];
  /** <cell k|H|cell k+1>; elements may have any row and column. Either this or `hoppings`. */
  hopping?: Triplet[];
  /** In place of `hopping`: <cell k|H|cell k+1>, <cell k|H|cell k+2>, and so on. */
  hoppings?: Triplet[][];
  /** <device orbital orbitals[row]|H|orbital `column` of the first cell>; default: `hopping`. */
  coupling?: Triplet[];
  /**
   * In place of `coupling`: those to the first cell, the second one, and so on; default: what the
   * hoppings give where `orbitals` continue the lead.
   */
  couplings?: Triplet[][];
  /**
   * Overlap matrix of one cell, its upper triangle; elements of the diagonal are 1 where they are
   * left out. Default: 1 (orthonormal orbitals). The overlaps of device and leads together must be
   * positive definite.
   */
  overlap?: Triplet[];
  /** Overlaps <cell k|cell k+1>, <cell k|cell k+2>, and so on; default: none. */
  hoppingOverlaps?: Triplet[][];
  /**
   * Overlaps <device orbital orbitals[row]|orbital `column` of a cell> with the first cell, the
   * second one, and so on. Default: where no coupling is given either, what `hoppingOverlaps` give;
   * else none.
   */
  couplingOverlaps?: Triplet[][];
}

/** The overlaps of a periodic lead, in the shapes of its `onsite`, `hopping` and `coupling`. */
export interface PeriodicOverlaps {
  /** Overlap matrix of one cell, Hermitian, cell x cell. */
  onsite: ComplexMatrix;
  /** <cell k|cell k+1>, cell x cell. */
  hopping: ComplexMatrix;
  /** <device orbital|cell orbital>, orbitals x cell. */
  coupling: ComplexMatrix;
}

/**
 * A semi-infinite repetition of a cell. With further hoppings the cell is that of several cells of
 * the file, the nearest first.
 */
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
  /** Overlaps of the orbitals; absent if they are orthonormal. */
  overlaps?: PeriodicOverlaps;
}

export const periodicSchema = closedObject({
  name: leadName,
  kind: v.pipe(
    v.literal("periodic"),
    v.description("Semi-infinite repetition of a cell of several orbitals"),
  ),
  orbitals: contactOrbitals,
  onsite: tripletList("Hamiltonian of one cell, Hermitian: triplets with row <= column"),
  hopping: v.optional(
    tripletList("<cell k|H|cell k+1>, cell k+1 lying further out: triplets with any row and column"),
  ),
  hoppings: v.optional(
    tripletLists("In place of hopping: <cell k|H|cell k+1>, <cell k|H|cell k+2>, ..., each as triplets"),
  ),
  coupling: v.optional(
    tripletList("<device orbital orbitals[row]|H|orbital `column` of the first cell>; default: hopping"),
  ),
  couplings: v.optional(
    tripletLists("In place of coupling: those to the first cell, the second one, ..., each as triplets"),
  ),
  overlap: v.optional(
    tripletList(
      "Overlap matrix of one cell: triplets with row <= column, the diagonal 1 where left out; default: orthonormal orbitals",
    ),
  ),
  hoppingOverlaps: v.optional(
    tripletLists("Overlaps <cell k|cell k+1>, <cell k|cell k+2>, ..., each as triplets; default: none"),
  ),
  couplingOverlaps: v.optional(
    tripletLists(
      "Overlaps of the device orbitals with the first cell, the second one, ..., each as triplets; default: with the default coupling hoppingOverlaps, else none",
    ),
  ),
});

/** The matrices of a lead with their paths in the file. */
interface Listed {
  list: Triplet[];
  field: string;
}

const each = (lists: Triplet[][] | undefined, field: string): Listed[] =>
  (lists ?? []).map((list, k) => ({ list, field: `${field}[${k}]` }));

/** The hoppings or couplings of a lead, given one by one or as a list. */
function eitherOf(lead: PeriodicLead, one: "hopping" | "coupling", field: string): Listed[] | undefined {
  const many = `${one}s` as const;
  const [single, several] = [lead[one], lead[many]];
  if (single !== undefined && several !== undefined) {
    throw new InputError(`${field}.${many}`, `given beside ${one}`, {
      expected: `either ${one} or ${many}`,
      found: "both",
    });
  }
  if (single !== undefined) return [{ list: single, field: `${field}.${one}` }];
  if (several === undefined) return undefined;
  if (several.length > 0) return each(several, `${field}.${many}`);
  throw new InputError(`${field}.${many}`, "wrong value", { expected: "at least 1 elements", found: "0" });
}

/**
 * Number of orbitals of a cell: 1 plus the largest index that occurs, but at least the size of the
 * contact if there is no coupling and no further hopping.
 */
function cellSize(square: Listed[], wide: Listed[], least: number, field: string): number {
  let size = least;
  for (const { list, field } of square)
    size = Math.max(size, 1 + largestIndex(list, 0, field), 1 + largestIndex(list, 1, field));
  for (const { list, field } of wide) size = Math.max(size, 1 + largestIndex(list, 1, field));
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
  const hoppings = eitherOf(lead, "hopping", field);
  if (!hoppings) {
    throw new InputError(`${field}.hopping`, "this key is missing", {
      expected: "<cell k|H|cell k+1> as triplets, or hoppings",
      found: "nothing",
    });
  }
  const couplings = eitherOf(lead, "coupling", field);
  const onsite = { list: lead.onsite, field: `${field}.onsite` };
  const overlap = lead.overlap && { list: lead.overlap, field: `${field}.overlap` };
  const hoppingOverlaps = each(lead.hoppingOverlaps, `${field}.hoppingOverlaps`);
  const couplingOverlaps = each(lead.couplingOverlaps, `${field}.couplingOverlaps`);
  const cells = [hoppings, couplings ?? [], hoppingOverlaps, couplingOverlaps].reduce(
    (most, { length }) => Math.max(most, length),
    1,
  );
  const size = cellSize(
    [onsite, ...hoppings, ...(overlap ? [overlap] : []), ...hoppingOverlaps],
    [...(couplings ?? []), ...couplingOverlaps],
    couplings || cells > 1 ? 1 : orbitals.length,
    field,
  );
  const layer = cells * size;
  if (layer > maximumLeadOrbitals) {
    throw new InputError(`${field}.hoppings`, "the cells that couple are too large together", {
      expected: `at most ${maximumLeadOrbitals} orbitals`,
      found: `${cells} cells of ${size}`,
    });
  }
  if (!couplings && !(orbitals.length % size === 0 && orbitals.length <= layer)) {
    throw new InputError(`${field}.coupling`, "needed: the cell and the contact differ in size", {
      expected: `triplets of ${orbitals.length} rows and ${size} columns`,
      found: "nothing",
      advice:
        cells > 1
          ? `It follows from the hoppings only for a contact of 1 to ${cells} cells of ${size} orbitals, the nearest first.`
          : `It defaults to the hopping only for a contact of ${size} orbitals.`,
    });
  }
  const overlapping = [
    overlap?.list ?? [],
    ...(lead.hoppingOverlaps ?? []),
    ...(lead.couplingOverlaps ?? []),
  ];
  const hasOverlaps = overlapping.some((list) => list.length > 0);
  claim((hasOverlaps ? 2 : 1) * (2 * layer + orbitals.length), layer, onsite.field);

  const general = (lists: Listed[], rows: number) =>
    lists.map(({ list, field }) => denseGeneral(list, rows, size, field));
  /** Rows of the couplings or their overlaps: as given, or those of cells that continue the lead. */
  const contact = (own: Listed[] | undefined, between: ComplexMatrix[]): ComplexMatrix =>
    own
      ? beside(general(own, orbitals.length), orbitals.length, size, cells)
      : continued(between, orbitals.length / size, size, cells);
  const between = general(hoppings, size);
  const own = principalLayer(denseHermitian(onsite.list, size, onsite.field), between, cells);
  checkConnected(own.hopping, hoppings, `${field}.hoppings`);
  const coupling = contact(couplings, between);
  checkConnected(coupling, couplings ?? hoppings, `${field}.couplings`);

  let overlaps: PeriodicOverlaps | undefined;
  if (hasOverlaps) {
    const apart = general(hoppingOverlaps, size);
    const within = identityBut(overlap?.list ?? [], size, overlap?.field ?? field);
    overlaps = {
      ...principalLayer(within, apart, cells),
      coupling: contact(couplings || lead.couplingOverlaps ? couplingOverlaps : undefined, apart),
    };
  }
  const patterns = { ...own, coupling };
  if (!leadsAway(joined(patterns, overlaps))) {
    throw new InputError(hoppings[0].field, "the lead ends after a few cells", {
      expected: "a path of nonzero elements from the device through all cells",
      found: "pieces of the cells that are not connected to all further ones",
      advice: "An electron cannot leave through this lead at any energy: count its orbitals to the device.",
    });
  }
  return { name, kind, orbitals: Int32Array.from(orbitals), ...patterns, ...(overlaps && { overlaps }) };
}

/**
 * The coupling of `inside` cells of a lead, the nearest first, to the next `cells`: cell i inside
 * and cell j outside are i + j + 1 cells apart.
 */
function continued(between: ComplexMatrix[], inside: number, size: number, cells: number): ComplexMatrix {
  const none = { shape: [size, size], data: new Float64Array(2 * size * size) } as ComplexMatrix;
  const rows = Array.from({ length: inside }, (_, i) =>
    beside(
      Array.from({ length: cells }, (_, j) => between[i + j] ?? none),
      size,
      size,
      cells,
    ),
  );
  const data = new Float64Array(2 * inside * size * cells * size);
  for (const [i, row] of rows.entries()) data.set(row.data, i * row.data.length);
  return { shape: [inside * size, cells * size], data };
}

/** Matrices whose elements are zero only where both the Hamiltonian and the overlap have none. */
function joined(own: PeriodicOverlaps, overlaps: PeriodicOverlaps | undefined): PeriodicOverlaps {
  if (!overlaps) return own;
  const both = (name: keyof PeriodicOverlaps): ComplexMatrix => ({
    shape: own[name].shape,
    data: own[name].data.map((x, k) => Math.abs(x) + Math.abs(overlaps[name].data[k])),
  });
  return { onsite: both("onsite"), hopping: both("hopping"), coupling: both("coupling") };
}

/**
 * Whether a path of nonzero elements leads from the device through infinitely many cells. Union-find over
 * the orbitals of one cell, with the number of cells between an orbital and its root: orbitals that a
 * closed path connects with themselves in another cell are connected with all cells.
 */
function leadsAway({ onsite, hopping, coupling }: PeriodicOverlaps): boolean {
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

/** Throws InputError unless an element is not zero. One list is named itself, several as `field`. */
function checkConnected({ data }: ComplexMatrix, lists: Listed[], field: string): void {
  if (data.every((x) => x === 0)) checkNotZero(0, lists.length === 1 ? lists[0].field : field);
}

/** Device orbitals that the lead touches. */
export const periodicContact = ({ orbitals, coupling, overlaps }: ResolvedPeriodicLead): number[] => [
  ...new Set([...touched(orbitals, coupling), ...(overlaps ? touched(orbitals, overlaps.coupling) : [])]),
];
