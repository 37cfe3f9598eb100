// The part of a periodic lead that the device can reach. As seen from the device, the relevant
// states of the cells form spaces K_1, K_2, ... that grow from the coupling V:
//   K_1 = closure of h0 over (V^+, h1 K_2),   K_j = closure of h0 over (h1^+ K_(j-1), h1 K_(j+1)),
// each the smallest such space. States outside these spaces (a flat band of antisymmetric states, a
// mirror image) couple to nothing that couples to the device and do not contribute to Sigma at any
// energy. A few cells are kept separate, and the last one repeats; equal cells at the end are
// merged. If the rows of V are rows of h1, as usual, and the closure K of V^+ under h0 is also closed
// under h1 and h1^+, then all cells are K: V^+ = h1^+ Z with the part of Z in K alone, because h1 K
// lies in K and therefore h1^+ takes no state outside K into it. Gram-Schmidt is applied twice. A new direction whose coupling is below 1e-11 of the
// lead's scale is dropped, since a level behind it would only be 1e-22 of the scale wide. The cost
// is about 2 m^3 multiplications per cell, once per lead.

import type { Kernels } from "../../../engine/kernels.js";
import { type Block, Workspace } from "../../../engine/workspace.js";
import type { ComplexMatrix } from "../../../model/types.js";
import {
  adjointOf,
  hermitian,
  largestColumn,
  rowsOf,
  type SparseRows,
  sameNumbers,
  sameRows,
  times,
} from "../matrices.js";

/**
 * A finite cell in front of the periodic part: its Hamiltonian (size x size) and its coupling
 * towards the device.
 */
export interface PrefixCell {
  size: number;
  onsite: Float64Array;
  /** The coupling, (states of the previous cell, or device orbitals) x size. */
  coupling: Float64Array;
}

/**
 * A lead in the basis of its reachable states: prefix cells from the device outwards, followed by
 * the repeated cell with h0 and h1. `coupling` connects the first repeated cell to what precedes
 * it.
 */
export interface ReachableLead {
  prefix: PrefixCell[];
  /** Number of states of the repeated cell. */
  size: number;
  /** h0 of the repeated cell, size x size, interleaved. */
  onsite: Float64Array;
  /** h1 between repeated cells, size x size, interleaved. */
  hopping: Float64Array;
  /** The coupling, (states of the last prefix cell, or device orbitals) x size. */
  coupling: Float64Array;
  /** The states of the repeated cell; undefined if these are its orbitals. */
  basis?: readonly Float64Array[];
  /** T with coupling = T hopping, if that is known: (device orbitals) x size. */
  through?: Float64Array;
}

/** Largest number of cells that may differ from each other. */
export const depth = 4;
/** A direction whose coupling is below this fraction of the scale is dropped. */
const tolerance = 1e-11;
/** Ratio of the pivots of h1 above which it is far from singular. */
const REGULAR = 1e-6;
/** Distance of vectors up to which two leads have the same states. */
const SAME = 1e-11;

/** Orthonormal vectors of one cell, each interleaved. */
class Space {
  readonly vectors: Float64Array[] = [];
  /**
   * Number of vectors already passed on to the neighbouring cells, and already multiplied by h0.
   */
  passed = 0;
  closed = 0;
  readonly #kernels: Kernels;
  readonly #size: number;

  constructor(kernels: Kernels, size: number) {
    this.#kernels = kernels;
    this.#size = size;
  }

  /** A space with these orthonormal vectors. */
  static of(kernels: Kernels, size: number, vectors: readonly Float64Array[]): Space {
    const space = new Space(kernels, size);
    space.vectors.push(...vectors);
    return space;
  }

  /**
   * Adds the components of the candidates that are orthogonal to the space, if they are longer than
   * `least`. The candidates are overwritten.
   */
  grow(candidates: Float64Array[], least: number): void {
    if (this.vectors.length === this.#size || candidates.length === 0) return;
    this.#projectAll(candidates);
    let known = this.vectors.length;
    // Candidates that are too short remain so.
    let rest = candidates.map((vector) => ({ vector, length: norm(vector) }));
    while (this.vectors.length < this.#size) {
      for (const one of rest) if (this.#project(one.vector, known)) one.length = norm(one.vector);
      known = this.vectors.length;
      rest = rest.filter(({ length }) => length > least);
      if (rest.length === 0) return;
      let longest = 0;
      for (let k = 1; k < rest.length; k++) if (rest[k].length > rest[longest].length) longest = k;
      const [{ vector: next, length }] = rest.splice(longest, 1);
      // The second orthogonalisation restores what the first has lost to rounding.
      scale(next, 1 / length);
      this.#project(next, 0);
      scale(next, 1 / norm(next));
      this.vectors.push(next);
    }
  }

  /**
   * x <- x - K K^+ x with the vectors from index `first` on. Returns false if x was orthogonal to
   * them.
   */
  #project(x: Float64Array, first: number): boolean {
    let changed = false;
    for (let k = first; k < this.vectors.length; k++) {
      const v = this.vectors[k];
      let [re, im] = [0, 0];
      for (let i = 0; i < x.length; i += 2) {
        re += v[i] * x[i] + v[i + 1] * x[i + 1];
        im += v[i] * x[i + 1] - v[i + 1] * x[i];
      }
      if (re === 0 && im === 0) continue;
      changed = true;
      for (let i = 0; i < x.length; i += 2) {
        x[i] -= re * v[i] - im * v[i + 1];
        x[i + 1] -= re * v[i + 1] + im * v[i];
      }
    }
    return changed;
  }

  /** The same for many vectors and the whole space, by the kernels. */
  #projectAll(list: Float64Array[]): void {
    if (this.vectors.length === 0) return;
    const w = Workspace.of(this.#kernels);
    // The vectors are the rows of the blocks: x^T <- x^T - (x^T K^*) K^T.
    const K = asRows(w, this.vectors, this.#size);
    const x = asRows(w, list, this.#size);
    const rest = w.values(w.subtractTimes(x, w.times(x, w.adjoint(K)), K));
    for (const [k, vector] of list.entries())
      vector.set(rest.subarray(2 * k * this.#size, 2 * (k + 1) * this.#size));
  }

  /** True if none of the candidates, which are overwritten, would add a vector. */
  holds(candidates: Float64Array[], least: number): boolean {
    if (this.vectors.length === this.#size) return true;
    this.#projectAll(candidates);
    return candidates.every((vector) => norm(vector) <= least);
  }

  /** True if the other space is the same, up to this distance of its vectors. */
  equals(other: Space, distance: number): boolean {
    if (other.vectors.length !== this.vectors.length) return false;
    const rest = this.vectors.map((vector) => vector.slice());
    other.#projectAll(rest);
    return rest.every((vector) => norm(vector) < distance);
  }
}

/**
 * The lead in its reachable states; undefined if the device reaches all of it. If the states of the
 * repeated cell span the same space as `like`, those are used.
 */
export function reachableLead(
  kernels: Kernels,
  onsite: ComplexMatrix,
  hopping: ComplexMatrix,
  coupling: ComplexMatrix,
  like?: readonly Float64Array[],
): ReachableLead | undefined {
  const m = onsite.shape[0];
  const [n] = coupling.shape;
  if (sameNumbers(coupling.data, hopping.data) && isRegular(kernels, hopping.data, m)) return undefined;
  const adjoint = adjointOf(hopping.data, m, m);
  const [h0, h1, back] = [onsite.data, hopping.data, adjoint].map((a) => rowsOf(a, m));
  const spaces = Array.from({ length: depth }, () => new Space(kernels, m));
  const least = tolerance * Math.max(...[onsite.data, hopping.data, adjoint].map((a) => largestColumn(a, m)));
  // The columns of V^+.
  const seeds = Array.from({ length: n }, (_, i) => {
    const seed = coupling.data.slice(2 * i * m, 2 * (i + 1) * m);
    for (let k = 1; k < seed.length; k += 2) seed[k] = -seed[k];
    return seed;
  });
  spaces[0].grow(seeds, tolerance * Math.max(0, ...seeds.map(norm)));
  /** Adds a x for the vectors x to a space. A space that is full needs no candidates. */
  const add = (space: Space, a: SparseRows, vectors: Float64Array[]): void => {
    if (space.vectors.length === m) return;
    space.grow(
      vectors.map((x) => times(a, x)),
      least,
    );
  };
  const close = (space: Space): void => {
    while (space.closed < space.vectors.length) {
      const fresh = space.vectors.slice(space.closed);
      space.closed = space.vectors.length;
      add(space, h0, fresh);
    }
  };
  const [first] = spaces;
  close(first);
  const rowsOfHopping = sameRows(coupling.data, hopping.data, n, m);
  const holds = (a: SparseRows) =>
    first.holds(
      first.vectors.map((x) => times(a, x)),
      least,
    );
  const alone = rowsOfHopping !== undefined && holds(h1) && holds(back);
  if (alone) spaces.length = 1;
  for (let moving = !alone; moving; ) {
    moving = false;
    spaces.forEach((space, j) => {
      close(space);
      if (space.passed === space.vectors.length) return;
      moving = true;
      const fresh = space.vectors.slice(space.passed);
      space.passed = space.vectors.length;
      add(spaces[Math.min(j + 1, depth - 1)], back, fresh);
      if (j > 0) add(spaces[j - 1], h1, fresh);
      if (j === depth - 1) add(space, h1, fresh);
    });
  }
  if (spaces.every(({ vectors }) => vectors.length === m)) return undefined;
  while (spaces.length > 1 && spaces[spaces.length - 2].equals(spaces[spaces.length - 1], 1e-7)) spaces.pop();

  const last = spaces.length - 1;
  const alike = like && spaces[last].equals(Space.of(kernels, m, like), SAME);
  if (alike) spaces[last] = Space.of(kernels, m, like);
  const cells = spaces.map(({ vectors }) => vectors);
  const bulk = cells[cells.length - 1];
  // The coupling into cell j is V for the first cell and h1 from the previous cell for all others.
  const inward = cells.map((cell, j) =>
    j === 0 ? rows(kernels, coupling.data, n, m, cell) : between(kernels, cells[j - 1], h1, cell),
  );
  return {
    prefix: cells.slice(0, -1).map((cell, j) => ({
      size: cell.length,
      onsite: hermitian(between(kernels, cell, h0, cell), cell.length),
      coupling: inward[j],
    })),
    size: bulk.length,
    onsite: hermitian(between(kernels, bulk, h0, bulk), bulk.length),
    hopping: between(kernels, bulk, h1, bulk),
    coupling: inward[cells.length - 1],
    basis: alike ? like : bulk,
    // h1 K = K (K^+ h1 K), of which V K has some of the rows.
    through: alone ? rowsOfStates(bulk, rowsOfHopping) : undefined,
  };
}

/** These rows of the matrix whose columns are the states; -1 stands for zeros. */
function rowsOfStates(states: readonly Float64Array[], list: readonly number[]): Float64Array {
  const size = states.length;
  const out = new Float64Array(2 * list.length * size);
  list.forEach((row, i) => {
    if (row < 0) return;
    for (let k = 0; k < size; k++) {
      out[2 * (i * size + k)] = states[k][2 * row];
      out[2 * (i * size + k) + 1] = states[k][2 * row + 1];
    }
  });
  return out;
}

function norm(x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += x[k] * x[k];
  return Math.sqrt(sum);
}

function scale(x: Float64Array, factor: number): void {
  for (let k = 0; k < x.length; k++) x[k] *= factor;
}

/**
 * True if h1 is far from singular. A device that is coupled by h1 then reaches all states of all
 * cells.
 */
function isRegular(kernels: Kernels, hopping: Float64Array, m: number): boolean {
  const w = Workspace.of(kernels);
  const factors = w.factor(w.from(hopping, m, m));
  if (!factors) return false;
  const lu = w.values(factors.lu);
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i < m; i++) {
    const size = Math.hypot(lu[2 * i * (m + 1)], lu[2 * i * (m + 1) + 1]);
    [least, most] = [Math.min(least, size), Math.max(most, size)];
  }
  return least > REGULAR * most;
}

/** The vectors as the rows of a block. */
function asRows(w: Workspace, vectors: Float64Array[], size: number): Block {
  const block = w.block(vectors.length, size);
  const values = w.values(block);
  for (const [k, vector] of vectors.entries()) values.set(vector, 2 * k * size);
  return block;
}

/** a^T. */
function transposed(w: Workspace, a: Block): Block {
  const out = w.adjoint(a);
  const values = w.values(out);
  for (let k = 1; k < values.length; k += 2) values[k] = -values[k];
  return out;
}

/** a (n x m) times the columns x, as an n x columns matrix, interleaved. */
function rows(kernels: Kernels, a: Float64Array, n: number, m: number, x: Float64Array[]): Float64Array {
  const w = Workspace.of(kernels);
  return w.values(w.times(w.from(a, n, m), transposed(w, asRows(w, x, m)))).slice();
}

/** x^+ a y for lists of columns x and y. */
function between(kernels: Kernels, x: Float64Array[], a: SparseRows, y: Float64Array[]): Float64Array {
  const w = Workspace.of(kernels);
  const m = a.starts.length - 1;
  const moved = transposed(
    w,
    asRows(
      w,
      y.map((column) => times(a, column)),
      m,
    ),
  );
  return w.values(w.adjointTimes(transposed(w, asRows(w, x, m)), moved)).slice();
}
