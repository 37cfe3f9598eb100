// Memory layout of the fronts of a plan (assembly/device/fronts.ts). The factors of a front are
// kept. An update is kept until the parent has added it; its place is then given to the next update
// that fits.

import { planConstants } from "../abi.js";
import type { FrontTree, PlanInput } from "./plan-pattern.js";

const { frontFields: fieldCount, postponedMost } = planConstants;

/** Offsets and total sizes of the regions that the fronts need. */
export interface FrontPlaces {
  /** Per front: offset of the factors and of the update in their regions, in numbers. */
  factors: Float64Array;
  updates: Float64Array;
  /** Size of the regions of the factors and of the updates, in numbers. */
  factorNumbers: number;
  updateNumbers: number;
  /** Size of the work memory of the largest front, in bytes. */
  workBytes: number;
  /** Largest number of rows of a front, pivots and boundary together. */
  rows: number;
}

/**
 * Assigns places to the factors and updates of all fronts. `bytes` is the size of a number: 8 for
 * real and 16 for complex numbers.
 */
export function frontPlaces(
  starts: Int32Array,
  { parents, boundaryStart }: FrontTree,
  bytes: number,
): FrontPlaces {
  const count = parents.length;
  const factors = new Float64Array(count);
  const updates = new Float64Array(count);
  let [factorNumbers, updateNumbers, workBytes, rows] = [0, 0, 0, 0];
  const below: number[][] = Array.from(parents, () => []);
  // Free places in ascending order, as alternating starts and ends.
  const free: number[] = [];
  for (let f = 0; f < count; f++) {
    const m = starts[f + 1] - starts[f];
    const b = boundaryStart[f + 1] - boundaryStart[f];
    factors[f] = factorNumbers;
    factorNumbers += m * (m + b);
    workBytes = Math.max(workBytes, 2 * bytes * Math.max(m, postponedMost) * b + 4 * (m + b));
    rows = Math.max(rows, m + b);
    let place = 0;
    while (place < free.length && free[place + 1] - free[place] < b * b) place += 2;
    if (place < free.length) {
      updates[f] = free[place];
      free[place] += b * b;
      if (free[place] === free[place + 1]) free.splice(place, 2);
    } else {
      updates[f] = updateNumbers;
      updateNumbers += b * b;
    }
    for (const child of below[f])
      release(free, updates[child], (boundaryStart[child + 1] - boundaryStart[child]) ** 2);
    if (parents[f] >= 0) below[parents[f]].push(f);
  }
  return { factors, updates, factorNumbers, updateNumbers, workBytes, rows };
}

/**
 * Complex numbers that postponed unknowns need for m channels: rows per slice, or the store from which
 * complex fronts take all that they postpone. Real fronts postpone nothing.
 */
export function postponedNumbers({ fronts, complex, rowStart, blockStart }: PlanInput, m: number): number {
  const n = rowStart.length - 1;
  if (!fronts) return blockStart.length * postponedMost * m;
  return complex ? 24 * n + (n >> 2) * m + 24 * m + 600 : 0;
}

/** Adds a place to the free ones and joins it with adjacent free places. */
function release(free: number[], start: number, length: number): void {
  if (length === 0) return;
  let place = 0;
  while (place < free.length && free[place] < start) place += 2;
  free.splice(place, 0, start, start + length);
  if (free[place + 2] === start + length) free.splice(place + 1, 2);
  if (place > 0 && free[place - 1] === start) free.splice(place - 1, 2);
}

/**
 * The records of all fronts, one after the other. Addresses are formed from the offsets of the
 * pieces, with `bytes` per number.
 */
export function frontFields(
  { parents, boundaryStart }: FrontTree,
  places: FrontPlaces,
  { factors, updates, boundary }: { factors: number; updates: number; boundary: number },
  bytes: number,
): Int32Array {
  const fields = new Int32Array(fieldCount * parents.length);
  const first = new Int32Array(parents.length).fill(-1);
  // The last front comes first, so that the first child is at the head of its parent's list.
  for (let f = parents.length - 1; f >= 0; f--) {
    const parent = parents[f];
    const sibling = parent >= 0 ? first[parent] : -1;
    if (parent >= 0) first[parent] = f;
    const record = [
      boundaryStart[f + 1] - boundaryStart[f],
      boundary + 4 * boundaryStart[f],
      factors + bytes * places.factors[f],
      updates + bytes * places.updates[f],
      -1,
      sibling,
      parent,
    ];
    fields.set(record, fieldCount * f);
  }
  for (let f = 0; f < parents.length; f++) fields[fieldCount * f + 4] = first[f];
  return fields;
}
