// Leads as written -> leads with dense matrices: contacts, widths (positive semidefinite), chains, periodic cells.
// Sizes are checked before anything is allocated.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { semidefiniteRank, semidefiniteTolerance } from "../../numerics/linear-algebra/positive.js";
import { maximumLeadOrbitals } from "../file/fields.js";
import { checkName } from "../file/names.js";
import type {
  ComplexMatrix,
  Lead,
  ResolvedChainLead,
  ResolvedLead,
  ResolvedPeriodicLead,
  Triplet,
} from "../types.js";
import { denseGeneral, denseHermitian, largestIndex } from "./triplets.js";

/** Matrix elements all leads together may have (16 bytes each). */
const maximumLeadElements = 2 ** 26;

type WidthLead = Extract<Lead, { width: unknown }>;
type PeriodicLead = Extract<Lead, { kind: "periodic" }>;

/** All leads of a device; throws InputError at the first field that is wrong. */
export function resolveLeads(leads: Lead[], deviceOrbitals: number): ResolvedLead[] {
  const names = new Map<string, number>();
  let elements = 0;
  const claim = (rows: number, columns: number, field: string) => {
    elements += rows * columns;
    if (elements > maximumLeadElements) {
      throw new InputError(field, "the leads are too large", {
        expected: `at most ${maximumLeadElements} matrix elements in all leads together`,
        found: String(elements),
      });
    }
  };
  const resolved = leads.map((lead, i) => {
    const field = `device.leads[${i}]`;
    checkName(lead.name, `${field}.name`);
    const earlier = names.get(lead.name);
    if (earlier !== undefined) {
      throw new InputError(`${field}.name`, `leads ${earlier} and ${i} have the same name`, {
        expected: "a name of its own for every lead",
        found: described(lead.name),
      });
    }
    names.set(lead.name, i);
    if (lead.kind === "chain") return resolveChain(lead, deviceOrbitals, field);
    checkContact(lead.orbitals, deviceOrbitals, `${field}.orbitals`);
    return lead.kind === "periodic"
      ? resolvePeriodic(lead, field, claim)
      : resolveWideBand(lead, field, claim);
  });
  if (resolved.every((lead) => lead.kind === "probe")) {
    throw new InputError("device.leads", "every lead is a voltage probe", {
      expected: "at least one lead that is not a probe",
      found: `${leads.length} of kind "probe"`,
      advice: "A probe follows the chemical potentials of the others.",
    });
  }
  return resolved;
}

type Claim = (rows: number, columns: number, field: string) => void;

function checkOrbital(orbital: number, deviceOrbitals: number, field: string): void {
  if (orbital < deviceOrbitals) return;
  throw new InputError(field, "no such device orbital", {
    expected: `0 to ${deviceOrbitals - 1}`,
    found: String(orbital),
    advice: "Orbitals count from 0.",
  });
}

function checkContact(orbitals: number[], deviceOrbitals: number, field: string): void {
  if (orbitals.length === 0) {
    throw new InputError(field, "the lead touches nothing", {
      expected: "at least one orbital",
      found: "an empty list",
    });
  }
  const first = new Map<number, number>();
  orbitals.forEach((orbital, i) => {
    checkOrbital(orbital, deviceOrbitals, `${field}[${i}]`);
    if (first.has(orbital)) {
      throw new InputError(`${field}[${i}]`, "an orbital stands twice in this lead", {
        expected: "each orbital once",
        found: `${orbital}, also at [${first.get(orbital)}]`,
      });
    }
    first.set(orbital, i);
  });
}

const nonNegativeError = (field: string, what: string, value: unknown) =>
  new InputError(field, what, { expected: "a finite number >= 0", found: described(value) });

function checkedWidth(value: unknown, field: string): number {
  if (!Number.isFinite(value)) throw nonNegativeError(field, "wrong value", value);
  if ((value as number) < 0) throw nonNegativeError(field, "a negative width", value);
  return value as number;
}

function resolveWideBand(lead: WidthLead, field: string, claim: Claim): ResolvedLead {
  const { name, kind, orbitals } = lead;
  const size = orbitals.length;
  const path = `${field}.width`;
  claim(size, size, path);
  const matrix = Array.isArray(lead.width) && Array.isArray(lead.width[0]);
  const width = matrix
    ? denseHermitian(lead.width, size, path)
    : diagonalWidth(lead.width as number | number[], size, path);
  if (matrix) checkSemidefinite(width, path);
  if (width.data.every((x) => x === 0)) {
    throw new InputError(path, "the lead has no open channel", {
      expected: "a width above 0 on some orbital",
      found: "0 everywhere",
      advice: "Give it a width or remove the lead.",
    });
  }
  const diagonal = width.data.every((x, k) => x === 0 || k % (2 * (size + 1)) === 0);
  return { name, kind, orbitals: Int32Array.from(orbitals), width, diagonal };
}

function diagonalWidth(width: number | number[], size: number, field: string): ComplexMatrix {
  const data = new Float64Array(2 * size * size);
  if (Array.isArray(width) && width.length !== size) {
    throw new InputError(field, "one width per orbital is needed", {
      expected: `${size} numbers`,
      found: `${width.length}`,
      advice: "A single number stands for all orbitals.",
    });
  }
  for (let i = 0; i < size; i++) {
    const value = Array.isArray(width)
      ? checkedWidth(width[i], `${field}[${i}]`)
      : checkedWidth(width, field);
    data[2 * i * (size + 1)] = value;
  }
  return { shape: [size, size], data };
}

function checkSemidefinite(width: ComplexMatrix, field: string): void {
  const size = width.shape[0];
  for (let i = 0; i < size; i++) {
    const element = width.data[2 * i * (size + 1)];
    if (element < 0) throw nonNegativeError(field, `a negative width on the lead's orbital ${i}`, element);
  }
  if (semidefiniteRank(width) === undefined) {
    throw new InputError(field, "the matrix is not positive semidefinite", {
      expected: `no negative eigenvalue (relative tolerance ${semidefiniteTolerance})`,
      found: "a negative one",
      advice: "Lessen the elements beside the diagonal, or write more digits of a matrix of lower rank.",
    });
  }
}

function checkNotZero(value: number, field: string): void {
  if (value !== 0) return;
  throw new InputError(field, "the lead is cut off", {
    expected: "a number that is not 0",
    found: "0",
    advice: "Remove the lead if it is not meant to be connected.",
  });
}

function resolveChain(
  lead: Extract<Lead, { kind: "chain" }>,
  deviceOrbitals: number,
  field: string,
): ResolvedChainLead {
  const { name, kind, orbital, onsite = 0, hopping, coupling = hopping } = lead;
  checkOrbital(orbital, deviceOrbitals, `${field}.orbital`);
  checkNotZero(hopping, `${field}.hopping`);
  checkNotZero(coupling, `${field}.coupling`);
  return { name, kind, orbitals: Int32Array.of(orbital), onsite, hopping, coupling };
}

/** Orbitals of a cell: 1 + the largest index that occurs, at least the contact's size if the coupling is left out. */
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

function resolvePeriodic(lead: PeriodicLead, field: string, claim: Claim): ResolvedPeriodicLead {
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
  return {
    name,
    kind,
    orbitals: Int32Array.from(orbitals),
    onsite: denseHermitian(lead.onsite, size, `${field}.onsite`),
    hopping,
    coupling:
      lead.coupling === undefined
        ? { shape: [size, size], data: hopping.data.slice() }
        : connected(lead.coupling, orbitals.length, size, `${field}.coupling`),
  };
}

/** A hopping matrix that is not zero altogether. */
function connected(list: Triplet[], rows: number, columns: number, field: string): ComplexMatrix {
  const matrix = denseGeneral(list, rows, columns, field);
  if (matrix.data.every((x) => x === 0)) checkNotZero(0, field);
  return matrix;
}
