// H at equispaced angles as a sum of harmonics: trigonometric interpolation. With n samples there
// are the harmonics up to n/2, of which an even n has only the cosine of the last. What the samples
// cannot tell is estimated from the fall of the harmonics: with the largest coefficients a and b of
// the middle and the last third, and their ratio q = (b/a)^(3/m) per harmonic, m = floor(n/2), the
// rest is at most 2 b (q + q^2 + ...), because each missing harmonic is absent and also appears as
// one below m.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import type { SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import { checkName } from "../file/names.js";
import type { HamiltonianSamples, InterpolationError } from "../types.js";
import type { Warning } from "../warning.js";
import type { Product } from "./terms.js";
import { sparseHermitian } from "./triplets.js";

const FIELD = "device.samples";
/** Coefficients below this part of the largest element are rounding of the samples. */
const ROUNDING = 16 * 2 ** -53;
/** Ratio of the coefficients of the last and the middle third above which they do not fall. */
const STEADY = 0.5;
/** Part of the largest coefficient up to which it does not matter whether they fall. */
const MATTERS = 1e-3;
/** The ratio is an estimate, and neighbours may lie above it by this factor. */
const MARGIN = 4;
/** Error of dH/dX, in units of its largest harmonic, from which a warning tells of it. */
const WORTH_TELLING = 1e-8;

/** The harmonics of the samples, and what the interpolation may be off by. */
export interface Interpolated {
  products: Product[];
  error: InterpolationError;
  warnings: Warning[];
}

/** Throws InputError for samples that differ in their elements, or are too few for their harmonics. */
export function resolveSamples(samples: HamiltonianSamples, orbitals: number): Interpolated {
  const { parameter, hamiltonians } = samples;
  checkName(parameter, `${FIELD}.parameter`);
  const matrices = hamiltonians.map((list, j) =>
    sparseHermitian(list, orbitals, `${FIELD}.hamiltonians[${j}]`),
  );
  matrices.forEach((matrix, j) => {
    checkAlike(matrices[0], matrix, j);
  });
  const largest = matrices.reduce((most, matrix) => Math.max(most, largestOf(matrix)), 0);
  const m = Math.floor(matrices.length / 2);
  const products: Product[] = [];
  const sizes = new Float64Array(m + 1);
  for (let k = 0; k <= m; k++) {
    for (const kind of ["cos", "sin"] as const) {
      const matrix = coefficient(matrices, kind, k);
      if (largestOf(matrix) <= ROUNDING * largest) continue;
      products.push({ factors: k === 0 ? [] : [{ name: parameter, kind, order: k }], matrix });
      sizes[k] += totalOf(matrix);
    }
  }
  const error = tail(sizes);
  const fastest = sizes.reduce((most, size, k) => Math.max(most, k * size), 0);
  if (!(error.derivative > WORTH_TELLING * fastest)) return { products, error, warnings: [] };
  const text =
    `device.samples: ${matrices.length} samples tell H(${parameter}) to ${error.hamiltonian.toExponential(1)} ` +
    `and its derivative to ${error.derivative.toExponential(1)}, as sums over all elements; the results' errors ` +
    "are those of the interpolated H.";
  return { products, error, warnings: [{ code: "samples", text }] };
}

function checkAlike(first: SparseHermitian, other: SparseHermitian, j: number): void {
  const alike =
    first.rows.length === other.rows.length &&
    first.rows.every((row, k) => row === other.rows[k] && first.columns[k] === other.columns[k]);
  if (alike) return;
  throw new InputError(`${FIELD}.hamiltonians[${j}]`, "other elements than in the first sample", {
    expected: `the rows and columns of hamiltonians[0], which has ${first.rows.length} elements`,
    found: `${other.rows.length} elements at other places`,
    advice: "Write elements that vanish at an angle as zeros.",
  });
}

/** The coefficient of cos(k theta) or sin(k theta). */
function coefficient(matrices: SparseHermitian[], kind: "cos" | "sin", k: number): SparseHermitian {
  const n = matrices.length;
  const { rows, columns } = matrices[0];
  const [re, im] = [new Float64Array(rows.length), new Float64Array(rows.length)];
  // The sine of the last harmonic of an even number vanishes at all samples.
  if (kind === "sin" && (k === 0 || 2 * k === n)) return { rows, columns, re, im };
  const norm = k === 0 || 2 * k === n ? 1 / n : 2 / n;
  matrices.forEach((matrix, j) => {
    const angle = (2 * Math.PI * ((j * k) % n)) / n;
    const factor = norm * (kind === "cos" ? Math.cos(angle) : Math.sin(angle));
    for (let t = 0; t < rows.length; t++) {
      re[t] += factor * matrix.re[t];
      im[t] += factor * matrix.im[t];
    }
  });
  return { rows, columns, re, im };
}

const largestOf = ({ re, im }: SparseHermitian): number =>
  re.reduce((most, value, k) => Math.max(most, Math.hypot(value, im[k])), 0);

/** The sum of the moduli of all elements of the whole matrix. */
const totalOf = ({ rows, columns, re, im }: SparseHermitian): number =>
  re.reduce((sum, value, k) => sum + (rows[k] === columns[k] ? 1 : 2) * Math.hypot(value, im[k]), 0);

/** What is missing beyond the last harmonic, from the sizes of the harmonics 0 to m. */
function tail(sizes: Float64Array): InterpolationError {
  const m = sizes.length - 1;
  const most = (from: number, to: number) => sizes.slice(from, to + 1).reduce((a, b) => Math.max(a, b), 0);
  const [middle, last] = [
    most(Math.floor(m / 3) + 1, Math.floor((2 * m) / 3)),
    most(Math.floor((2 * m) / 3) + 1, m),
  ];
  if (last === 0) return { hamiltonian: 0, derivative: 0 };
  if (last > STEADY * middle && last > MATTERS * most(1, m)) {
    throw new InputError(`${FIELD}.hamiltonians`, "too few samples for their harmonics", {
      expected: "harmonics that fall off",
      found: `a last third as large as ${described(last / most(1, m))} of the largest`,
      advice: "Compute H at twice as many angles.",
    });
  }
  const ratio = Math.min(STEADY, last / Math.max(middle, last)) ** (3 / m);
  const rest = ratio / (1 - ratio);
  const scale = 2 * MARGIN * last;
  return { hamiltonian: scale * rest, derivative: scale * (m * rest + rest / (1 - ratio)) };
}
