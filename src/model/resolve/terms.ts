// H(X) beyond the linear: products of powers and harmonics of the parameters times matrices, with
// their derivatives. All elements that can differ from zero are known here and are returned at
// every X, so that a device is compiled once.

import { InputError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import type { SparseHermitian } from "../../numerics/linear-algebra/matrices.js";
import { checkName } from "../file/names.js";
import { LARGEST } from "../file/sizes.js";
import type { HamiltonianFunction, HamiltonianTerm, ParameterValues, Triplet } from "../types.js";
import { sparseHermitian } from "./triplets.js";

/** One factor of a term: X^order, cos(order X) or sin(order X). */
interface Factor {
  name: string;
  kind: "powers" | "cos" | "sin";
  order: number;
}

/** A product of factors times a matrix. Without factors it is constant. */
export interface Product {
  factors: Factor[];
  matrix: SparseHermitian;
}

const kinds = ["powers", "cos", "sin"] as const;

/** The terms of a file. Throws InputError for matrices and names that are wrong, and for no factor. */
export function resolveTerms(terms: readonly HamiltonianTerm[], orbitals: number): Product[] {
  return terms.map((term, i) => {
    const field = `device.terms[${i}]`;
    const factors = kinds.flatMap((kind) =>
      Object.entries(term[kind] ?? {}).map(([name, order]): Factor => {
        checkName(name, `${field}.${kind}`);
        return { name, kind, order };
      }),
    );
    if (factors.length === 0) {
      throw new InputError(field, "a term without a parameter", {
        expected: 'powers, cos or sin, e.g. "powers": { "x": 2 }',
        found: described(term),
        advice: "What does not depend on a parameter belongs to device.hamiltonian.",
      });
    }
    return { factors, matrix: sparseHermitian(term.matrix, orbitals, `${field}.matrix`) };
  });
}

/** The parameters in which a sum of products has the period 2 pi: those without a power. */
export function periodicNames(products: readonly Product[], names: readonly string[]): string[] {
  const factors = products.flatMap((product) => product.factors);
  return names.filter((name) => !factors.some((factor) => factor.name === name && factor.kind === "powers"));
}

/** H(X) and dH/dX of a sum of products, for parameters in this order. */
export function sumOfProducts(
  products: readonly Product[],
  orbitals: number,
  names: readonly string[],
): Required<Pick<HamiltonianFunction, "evaluate" | "derivative">> {
  const whole = new Sum(products, orbitals);
  const slopes = names.map((name): [string, Sum] => [
    name,
    new Sum(
      products.filter(({ factors }) => factors.some((factor) => factor.name === name)),
      orbitals,
    ),
  ]);
  return {
    evaluate: (at) => whole.at((product) => weight(product, at)),
    derivative: (at) =>
      Object.fromEntries(slopes.map(([name, sum]) => [name, sum.at((product) => slope(product, at, name))])),
  };
}

function value({ name, kind, order }: Factor, at: ParameterValues): number {
  const x = at[name];
  if (kind === "powers") return x ** order;
  return kind === "cos" ? Math.cos(order * x) : Math.sin(order * x);
}

function slopeOf({ name, kind, order }: Factor, at: ParameterValues): number {
  const x = at[name];
  if (kind === "powers") return order * x ** (order - 1);
  return kind === "cos" ? -order * Math.sin(order * x) : order * Math.cos(order * x);
}

const weight = ({ factors }: Product, at: ParameterValues): number =>
  factors.reduce((product, factor) => product * value(factor, at), 1);

/** The derivative by one parameter, which may occur in several factors. */
const slope = ({ factors }: Product, at: ParameterValues, name: string): number =>
  factors.reduce((sum, factor, i) => {
    if (factor.name !== name) return sum;
    const others = factors.reduce((product, other, j) => (i === j ? product : product * value(other, at)), 1);
    return sum + slopeOf(factor, at) * others;
  }, 0);

/** A weighted sum of matrices on the union of their elements, in the order of rows. */
class Sum {
  readonly #products: readonly Product[];
  readonly #places: Int32Array[];
  readonly #rows: Int32Array;
  readonly #columns: Int32Array;

  constructor(products: readonly Product[], orbitals: number) {
    this.#products = products;
    const keys = new Set<number>();
    for (const { matrix } of products)
      for (let k = 0; k < matrix.rows.length; k++) keys.add(matrix.rows[k] * orbitals + matrix.columns[k]);
    const sorted = Float64Array.from(keys).sort();
    const place = new Map<number, number>();
    sorted.forEach((key, i) => {
      place.set(key, i);
    });
    this.#rows = Int32Array.from(sorted, (key) => Math.floor(key / orbitals));
    this.#columns = Int32Array.from(sorted, (key) => key % orbitals);
    this.#places = products.map(({ matrix: { rows, columns } }) =>
      rows.map((row, k) => place.get(row * orbitals + columns[k]) as number),
    );
  }

  /** The elements with a weight per product. Throws InputError where they are too large. */
  at(weightOf: (product: Product) => number): Triplet[] {
    const re = new Float64Array(this.#rows.length);
    const im = new Float64Array(this.#rows.length);
    this.#products.forEach((product, p) => {
      const factor = weightOf(product);
      const { matrix } = product;
      const places = this.#places[p];
      for (let k = 0; k < places.length; k++) {
        re[places[k]] += factor * matrix.re[k];
        im[places[k]] += factor * matrix.im[k];
      }
    });
    return Array.from(this.#rows, (row, k): Triplet => {
      if (!(Math.abs(re[k]) <= LARGEST && Math.abs(im[k]) <= LARGEST)) {
        throw new InputError("device.terms", "an element is too large at these parameters", {
          expected: `at most ${LARGEST} in size`,
          found: described(Math.hypot(re[k], im[k])),
          advice: "Parameters are too large for the powers of their terms.",
        });
      }
      return [row, this.#columns[k], re[k], im[k]];
    });
  }
}
