// Matrices as users write them, [row, column, re, im?], checked element by element and brought into
// sparse Hermitian or dense form. The input is never changed. Cost: O(n log n) for sorting, unless
// the list is sorted already.

import { InputError } from "../../base/errors.js";
import { described, joinedPath } from "../../base/wording.js";
import type { ComplexMatrix, SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import type { Triplet } from "../triplet.js";

function checkedIndex(value: unknown, size: number, which: "row" | "column", field: string): number {
  if (!Number.isInteger(value)) {
    throw new InputError(field, `the ${which} is no index`, {
      expected: "a whole number",
      found: described(value),
    });
  }
  const index = value as number;
  if (index < 0 || index >= size) {
    throw new InputError(field, `the ${which} is out of range`, {
      expected: size === 0 ? "no element at all" : `0 to ${size - 1}`,
      found: String(index),
      advice: "Indices count from 0.",
    });
  }
  return index;
}

/** One element of the list. Only its shape and finiteness are checked. */
function checkedTriplet(list: readonly unknown[], position: number, field: string): Triplet {
  const triplet = list[position];
  if (!Array.isArray(triplet) || triplet.length < 3 || triplet.length > 4) {
    throw new InputError(joinedPath(field, position), "not a matrix element", {
      expected: "[row, column, re] or [row, column, re, im]",
      found: described(triplet),
    });
  }
  for (let part = 2; part < triplet.length; part++) {
    if (!Number.isFinite(triplet[part])) {
      throw new InputError(
        joinedPath(field, position),
        `the ${part === 2 ? "real" : "imaginary"} part is wrong`,
        {
          expected: "a finite number",
          found: described(triplet[part]),
        },
      );
    }
  }
  return triplet as Triplet;
}

function checkedList(list: unknown, field: string): readonly unknown[] {
  if (Array.isArray(list)) return list;
  throw new InputError(field, "not a matrix", {
    expected: "a list of [row, column, re, im?]",
    found: described(list),
  });
}

function duplicateElement(field: string, row: number, column: number): InputError {
  return new InputError(field, `two values for the element of row ${row}, column ${column}`, {
    expected: "each element once",
    found: "a second one",
    advice: "Add them up or delete one.",
  });
}

/**
 * Hermitian matrix from its upper triangle. Throws InputError for an index outside 0..size-1,
 * row > column, an imaginary part on the diagonal, a value that is not finite, or a second value
 * for an element.
 */
export function sparseHermitian(input: unknown, size: number, field: string): SparseHermitian {
  const list = checkedList(input, field);
  const count = list.length;
  const rows = new Int32Array(count);
  const columns = new Int32Array(count);
  const re = new Float64Array(count);
  const im = new Float64Array(count);
  let inOrder = true;
  for (let k = 0; k < count; k++) {
    const [row, column, real, imaginary = 0] = checkedTriplet(list, k, field);
    const path = joinedPath(field, k);
    rows[k] = checkedIndex(row, size, "row", path);
    columns[k] = checkedIndex(column, size, "column", path);
    if (row > column) {
      throw new InputError(path, "an element below the diagonal", {
        expected: "row <= column",
        found: `row ${row}, column ${column}`,
        advice: "Give the upper triangle only: the lower one follows by Hermiticity.",
      });
    }
    if (row === column && imaginary !== 0) {
      throw new InputError(path, "not Hermitian", {
        expected: "a real diagonal element",
        found: `imaginary part ${imaginary}`,
      });
    }
    re[k] = real;
    im[k] = imaginary;
    if (k > 0 && (rows[k - 1] > row || (rows[k - 1] === row && columns[k - 1] >= column))) inOrder = false;
  }
  if (inOrder) return { rows, columns, re, im };

  const order = new Uint32Array(count).map((_, k) => k);
  order.sort((a, b) => rows[a] - rows[b] || columns[a] - columns[b]);
  for (let k = 1; k < count; k++) {
    const [a, b] = [order[k - 1], order[k]];
    if (rows[a] === rows[b] && columns[a] === columns[b]) {
      throw duplicateElement(joinedPath(field, Math.max(a, b)), rows[a], columns[a]);
    }
  }
  return {
    rows: rows.map((_, k) => rows[order[k]]),
    columns: columns.map((_, k) => columns[order[k]]),
    re: re.map((_, k) => re[order[k]]),
    im: im.map((_, k) => im[order[k]]),
  };
}

/**
 * Largest row (0) or column (1) index in a list of triplets; -1 for an empty list. Nothing is
 * allocated.
 */
export function largestIndex(input: unknown, axis: 0 | 1, field: string): number {
  const list = checkedList(input, field);
  let largest = -1;
  for (let k = 0; k < list.length; k++) {
    const index = checkedTriplet(list, k, field)[axis];
    largest = Math.max(
      largest,
      checkedIndex(index, Number.MAX_SAFE_INTEGER, axis === 0 ? "row" : "column", joinedPath(field, k)),
    );
  }
  return largest;
}

/**
 * Dense matrix of any shape from its nonzero elements. Throws InputError as `sparseHermitian` for
 * indices, values and repeated elements.
 */
export function denseGeneral(input: unknown, rows: number, columns: number, field: string): ComplexMatrix {
  const list = checkedList(input, field);
  const data = new Float64Array(2 * rows * columns);
  const seen = new Set<number>();
  for (let k = 0; k < list.length; k++) {
    const [row, column, re, im = 0] = checkedTriplet(list, k, field);
    const path = joinedPath(field, k);
    checkedIndex(row, rows, "row", path);
    checkedIndex(column, columns, "column", path);
    const place = row * columns + column;
    if (seen.has(place)) throw duplicateElement(path, row, column);
    seen.add(place);
    data[2 * place] = re;
    data[2 * place + 1] = im;
  }
  return { shape: [rows, columns], data };
}

/** Dense Hermitian matrix from its upper triangle. */
export function denseHermitian(input: unknown, size: number, field: string): ComplexMatrix {
  const { rows, columns, re, im } = sparseHermitian(input, size, field);
  const data = new Float64Array(2 * size * size);
  for (let k = 0; k < rows.length; k++) {
    const upper = 2 * (rows[k] * size + columns[k]);
    const lower = 2 * (columns[k] * size + rows[k]);
    data[lower] = re[k];
    data[lower + 1] = 0 - im[k];
    data[upper] = re[k];
    data[upper + 1] = im[k];
  }
  return { shape: [size, size], data };
}
