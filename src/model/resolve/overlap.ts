// The overlap matrix of a device's orbitals, and the check that the overlaps of the device and its
// leads together are positive definite. A matrix whose rows are dominated by their diagonal is.
// Otherwise the lead's cells are eliminated from the far end: with S1 = <cell k|cell k+1> the fixed
// point X = S0 - S1 X^-1 S1^+ is found by doubling the number of cells, and the device is left with
// S - sum_leads S_V X^-1 S_V^+. All of them have to be positive definite.

import { InputError } from "../../base/errors.js";
import {
  addAdjointTimes,
  cholesky,
  type DenseRows,
  forward,
  type SparseFactor,
  sparseCholesky,
} from "../../numerics/linear-algebra/cholesky.js";
import type { ComplexMatrix, SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import type { PeriodicOverlaps } from "../leads/index.js";
import type { Triplet } from "../triplet.js";
import type { ResolvedDevice } from "../types.js";
import { sparseHermitian } from "./triplets.js";

const FIELD = "device.overlap";
/** Largest number of operations of a check; beyond it the overlaps are taken as they are. */
const MOST = 2e10;
/** Largest cell of a lead whose cells are eliminated. */
const LARGEST_CELL = 256;
/** Size of the elements between distant cells below which more cells change nothing. */
const ENOUGH = 1e-17;
/** Steps of doubling. The elements fall off within 2^40 cells, or S is singular to rounding. */
const STEPS = 40;

/**
 * The overlap matrix with its whole diagonal. Throws InputError as `sparseHermitian`, and for a
 * diagonal element that is not positive.
 */
export function resolveOverlap(list: Triplet[], orbitals: number): SparseHermitian {
  const given = sparseHermitian(list, orbitals, FIELD);
  const diagonal = new Uint8Array(orbitals);
  for (let k = 0; k < given.rows.length; k++)
    if (given.rows[k] === given.columns[k]) diagonal[given.rows[k]] = 1;
  const missing: Triplet[] = [];
  for (let i = 0; i < orbitals; i++) if (!diagonal[i]) missing.push([i, i, 1]);
  return missing.length === 0 ? given : sparseHermitian([...list, ...missing], orbitals, FIELD);
}

function indefinite(field: string, what: string): InputError {
  return new InputError(field, "the overlap is not positive definite", {
    expected: `positive eigenvalues of ${what}`,
    found: "one that is zero or negative",
    advice:
      "Overlaps of normalised orbitals are below 1 in size; check signs, digits and duplicate orbitals.",
  });
}

type Overlapping = Pick<ResolvedDevice, "orbitals" | "overlap" | "leads">;

/** The leads with overlaps, and their paths in the file. */
const overlappingLeads = ({ leads }: Overlapping) =>
  leads.flatMap((lead, i) =>
    lead.kind === "periodic" && lead.overlaps
      ? [{ orbitals: lead.orbitals, overlaps: lead.overlaps, field: `device.leads[${i}]` }]
      : [],
  );

/** Throws InputError unless the overlaps of the device and its leads together are positive definite. */
export function checkOverlaps(device: Overlapping): void {
  const { orbitals, overlap } = device;
  const overlapping = overlappingLeads(device);
  if (!overlap && overlapping.length === 0) return;
  if (!isDominated(orbitals, overlap ?? resolveOverlap([], orbitals), overlapping)) factorOfOverlaps(device);
}

/**
 * The factor of the overlaps of the device after the elimination of all cells of its leads, of
 * which the inverse is the device's block of the inverse of all overlaps. Undefined if the orbitals
 * are orthonormal or the factor takes too long. Throws InputError as `checkOverlaps`.
 */
export function factorOfOverlaps(device: Overlapping): SparseFactor | undefined {
  const { orbitals, overlap } = device;
  const overlapping = overlappingLeads(device);
  if (!overlap && overlapping.length === 0) return undefined;
  const own = overlap ?? resolveOverlap([], orbitals);
  let factor = sparseCholesky(orbitals, own, [], MOST);
  if (factor === "indefinite") throw indefinite(FIELD, "the overlap matrix of the device");
  const blocks: DenseRows[] = [];
  for (const { orbitals: rows, overlaps, field } of overlapping) {
    if (overlaps.onsite.shape[0] > LARGEST_CELL) continue;
    const surface = eliminated(overlaps, field);
    const data = reduced(overlaps.coupling, surface);
    if (data.every((x) => x === 0)) continue;
    blocks.push({ rows, data });
    factor = sparseCholesky(orbitals, own, blocks, MOST);
    if (factor === "indefinite")
      throw indefinite(`${field}.couplingOverlaps`, "the overlap matrix of the device with its leads");
  }
  return factor;
}

/** Whether every row of the whole overlap matrix is dominated by its diagonal (Gershgorin's circles). */
function isDominated(
  orbitals: number,
  { rows, columns, re, im }: SparseHermitian,
  leads: { orbitals: Int32Array; overlaps: PeriodicOverlaps }[],
): boolean {
  const left = new Float64Array(orbitals);
  for (let k = 0; k < rows.length; k++) {
    if (rows[k] === columns[k]) left[rows[k]] += re[k];
    else for (const i of [rows[k], columns[k]]) left[i] -= Math.hypot(re[k], im[k]);
  }
  for (const { orbitals: contact, overlaps } of leads) {
    const { onsite, hopping, coupling } = overlaps;
    const size = onsite.shape[0];
    const at = ({ data }: ComplexMatrix, k: number) => Math.hypot(data[2 * k], data[2 * k + 1]);
    for (const [i, orbital] of contact.entries())
      for (let j = 0; j < size; j++) left[orbital] -= at(coupling, i * size + j);
    for (let i = 0; i < size; i++) {
      let [inner, outward, inward] = [2 * onsite.data[2 * i * (size + 1)], 0, 0];
      for (let j = 0; j < size; j++) {
        inner -= at(onsite, i * size + j);
        outward += at(hopping, i * size + j);
        inward += at(hopping, j * size + i);
      }
      let toDevice = 0;
      for (let j = 0; j < contact.length; j++) toDevice += at(coupling, j * size + i);
      if (!(inner > 1e-12 && inner - outward - Math.max(inward, toDevice) > 1e-12)) return false;
    }
  }
  return left.every((rest) => rest > 1e-12);
}

/** The Cholesky factor of X, the overlap of the first cell with all others eliminated. */
function eliminated({ onsite, hopping }: PeriodicOverlaps, field: string): Float64Array {
  const n = onsite.shape[0];
  const alone = onsite.data.slice();
  if (!cholesky(alone, n)) throw indefinite(`${field}.overlap`, "the overlap matrix of a cell");
  const [surface, cell] = [onsite.data.slice(), onsite.data.slice()];
  let outward = hopping.data.slice();
  for (let step = 0; step < STEPS; step++) {
    if (outward.every((x) => Math.abs(x) < ENOUGH)) break;
    const factor = cell.slice();
    if (!cholesky(factor, n)) throw indefinite(`${field}.hoppingOverlaps`, "the overlap matrix of the lead");
    // With a = S1 between the remaining cells: U = L^-1 a^+ and V = L^-1 a, of which U^+ U = a X a^+.
    const [U, V] = [adjoint(outward, n), outward.slice()];
    forward(factor, n, U, n);
    forward(factor, n, V, n);
    addAdjointTimes(surface, -1, U, U, n, n, n);
    addAdjointTimes(cell, -1, U, U, n, n, n);
    addAdjointTimes(cell, -1, V, V, n, n, n);
    outward = new Float64Array(2 * n * n);
    addAdjointTimes(outward, -1, U, V, n, n, n);
  }
  if (!cholesky(surface, n)) throw indefinite(`${field}.hoppingOverlaps`, "the overlap matrix of the lead");
  return surface;
}

/** -S_V X^-1 S_V^+ from the Cholesky factor of X. */
function reduced({ shape: [rows, n], data }: ComplexMatrix, factor: Float64Array): Float64Array {
  const right = new Float64Array(2 * n * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < n; j++) {
      right[2 * (j * rows + i)] = data[2 * (i * n + j)];
      right[2 * (j * rows + i) + 1] = 0 - data[2 * (i * n + j) + 1];
    }
  forward(factor, n, right, rows);
  const out = new Float64Array(2 * rows * rows);
  addAdjointTimes(out, -1, right, right, n, rows, rows);
  return out;
}

function adjoint(a: Float64Array, n: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      out[2 * (j * n + i)] = a[2 * (i * n + j)];
      out[2 * (j * n + i) + 1] = 0 - a[2 * (i * n + j) + 1];
    }
  return out;
}
