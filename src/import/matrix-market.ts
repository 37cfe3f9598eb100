// Matrices in the Matrix Market exchange format: coordinate and array; real, integer and complex;
// general, symmetric, skew-symmetric and hermitian. Source: R. Boisvert, R. Pozo, K. Remington, "The
// Matrix Market Exchange Formats: Initial Design", NISTIR 5935 (1996).

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { Triplet } from "../model/triplet.js";

/** The content of a Matrix Market file. */
export interface MatrixMarket {
  /** Number of rows. */
  rows: number;
  /** Number of columns. */
  columns: number;
  /**
   * The elements that are not zero, by rows and columns from 0, both triangles; elements that are
   * listed twice are added.
   */
  elements: Triplet[];
}

const formats = ["coordinate", "array"];
const fields = ["real", "double", "integer", "complex"];
const symmetries = ["general", "symmetric", "skew-symmetric", "hermitian"];
/** Most rows and columns. */
const mostRows = 1e7;
/** Most elements. */
const mostElements = 2e7;

/**
 * Reads the text of a Matrix Market file. Throws InputError that names the line, as `name line 12`,
 * if the file is truncated or damaged.
 */
export function readMatrixMarket(text: string, name = "FILE"): MatrixMarket {
  const lines = text.split(/\r?\n/);
  const fault = (at: number, what: string, expected: string): InputError =>
    new InputError(`${name} line ${at + 1}`, what, {
      expected,
      found: at < lines.length ? described(lines[at].trim()) : "the end of the file",
    });
  const [banner, object, format, field, symmetry] = lines[0].trim().toLowerCase().split(/\s+/);
  if (
    banner !== "%%matrixmarket" ||
    object !== "matrix" ||
    !formats.includes(format) ||
    !fields.includes(field) ||
    !symmetries.includes(symmetry)
  )
    throw fault(
      0,
      "not a header that is known",
      "%%MatrixMarket matrix coordinate complex hermitian, or such",
    );

  let at = 1;
  /** The numbers on the next line that is neither empty nor a comment. */
  const next = (count: number, expected: string): number[] => {
    while (at < lines.length && (lines[at].trim() === "" || lines[at].startsWith("%"))) at++;
    if (at >= lines.length) throw fault(at, "truncated", expected);
    const numbers = lines[at].trim().split(/\s+/).map(Number);
    if (numbers.length !== count || !numbers.every(Number.isFinite)) throw fault(at, "damaged", expected);
    at++;
    return numbers;
  };
  const [rows, columns, stored = rows * columns] =
    format === "coordinate" ? next(3, "rows, columns and number of elements") : next(2, "rows and columns");
  for (const [value, least, most] of [
    [rows, 1, mostRows],
    [columns, 1, mostRows],
    [stored, 0, mostElements],
  ])
    if (!Number.isInteger(value) || value < least || value > most)
      throw fault(
        at - 1,
        "sizes out of range",
        `rows and columns to ${mostRows}, elements to ${mostElements}`,
      );
  if (symmetry !== "general" && rows !== columns)
    throw fault(at - 1, "not square", `rows and columns of a ${symmetry} matrix`);

  const parts = field === "complex" ? 2 : 1;
  const sums = new Map<number, [re: number, im: number]>();
  const add = (row: number, column: number, re: number, im: number): void => {
    const sum = sums.get(row * columns + column);
    if (sum) {
      sum[0] += re;
      sum[1] += im;
    } else sums.set(row * columns + column, [re, im]);
  };
  const put = (row: number, column: number, [re, im = 0]: number[]): void => {
    if (row === column && ((symmetry === "hermitian" && im !== 0) || symmetry === "skew-symmetric"))
      throw fault(at - 1, "an element of the diagonal", symmetry === "hermitian" ? "a real one" : "none");
    add(row, column, re, im);
    if (row === column || symmetry === "general") return;
    const [sign, turn] = { symmetric: [1, 1], "skew-symmetric": [-1, -1], hermitian: [1, -1] }[symmetry] as [
      number,
      number,
    ];
    add(column, row, sign * re, turn * im);
  };
  if (format === "array") {
    // By columns; of a symmetric matrix the lower triangle alone.
    const first =
      { general: () => 0, "skew-symmetric": (column: number) => column + 1 }[symmetry] ??
      ((column: number) => column);
    for (let column = 0; column < columns; column++)
      for (let row = first(column); row < rows; row++) put(row, column, next(parts, "a matrix element"));
  } else
    for (let k = 0; k < stored; k++) {
      const [row, column, ...value] = next(2 + parts, `${stored} elements: row, column, ${parts} numbers`);
      const inside = Number.isInteger(row) && Number.isInteger(column) && row >= 1 && column >= 1;
      if (!inside || row > rows || column > columns)
        throw fault(at - 1, "no such element", `rows to ${rows}, columns to ${columns}`);
      if (symmetry !== "general" && row < column)
        throw fault(at - 1, "above the diagonal", `the lower triangle of a ${symmetry} matrix`);
      put(row - 1, column - 1, value);
    }
  while (at < lines.length && lines[at].trim() === "") at++;
  if (at < lines.length) throw fault(at, "text after the last element", "the end of the file");
  const elements = [...sums]
    .filter(([, [re, im]]) => re !== 0 || im !== 0)
    .sort(([a], [b]) => a - b)
    .map(([place, [re, im]]): Triplet => {
      const [row, column] = [Math.floor(place / columns), place % columns];
      return im === 0 ? [row, column, re] : [row, column, re, im];
    });
  return { rows, columns, elements };
}
