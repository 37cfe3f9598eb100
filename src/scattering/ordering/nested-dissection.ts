// Nested dissection of a device for the multifrontal factorisation (assembly/device/fronts.ts). A
// separator is eliminated after the parts that it separates. Each part is cut in the same way, down
// to leaves of a few orbitals. A square of N x N orbitals takes of order N^3 operations this way
// and of order N^4 in slices (A. George, SIAM J. Numer. Anal. 10, 345 (1973)).
//
// The method needs no coordinates. Each orbital gets a key: the number of hops from a lead or from
// an earlier separator, or the difference of the hops from two far ends. All thresholds of the key
// are compared at once by the sizes of the separator and of the two sides. All orbitals of a lead
// with a full self-energy matrix are neighbours of each other. If they force wide cuts, they are
// made a separator of their own.

import type { CompressedRows } from "../../numerics/linear-algebra/sparse.js";
import { type FrontOrder, frontTree } from "./front-order.js";

/** Parts of up to this many orbitals are not cut. */
const LEAF = 12;
/**
 * A separator of up to this number times the square root of the part's size is accepted without
 * trying other keys.
 */
const SQUARE = 1.15;
/**
 * A part of n orbitals is taken to cost PART n^1.5, and a separator of s orbitals s^3. The ratio is
 * that of a square.
 */
const PART = 3.4;

interface Cut {
  /**
   * The separator consists of the orbitals below the threshold (if `below`, else from the threshold
   * on) that have a neighbour on the other side.
   */
  threshold: number;
  below: boolean;
  size: number;
  score: number;
}

/**
 * Dissects one list of orbitals in place. A part is a contiguous piece of the list. Separators are
 * moved out of it as they are found.
 */
class Dissection {
  readonly fronts: Int32Array[] = [];
  readonly #rowStart: Int32Array;
  readonly #columns: Int32Array;
  readonly #list: Int32Array;
  readonly #spare: Int32Array;
  /** Per orbital: the number of its part (from 1 on), or minus the number of its separator. */
  readonly #owner: Int32Array;
  readonly #queue: Int32Array;
  #key: Int32Array;
  #bestKey: Int32Array;
  readonly #other: Int32Array;
  #parts = 0;
  #separators = 0;

  constructor(graph: CompressedRows, list: Int32Array) {
    const n = graph.rowStart.length - 1;
    this.#rowStart = graph.rowStart;
    this.#columns = graph.columns;
    this.#list = list;
    this.#spare = new Int32Array(list.length);
    this.#owner = new Int32Array(n);
    this.#queue = new Int32Array(n);
    this.#key = new Int32Array(n);
    this.#bestKey = new Int32Array(n);
    this.#other = new Int32Array(n);
  }

  /** Creates the fronts of the part from..to of the list. */
  dissect(from: number, to: number, cliques: Int32Array[]): void {
    if (to - from <= LEAF) {
      this.#front(from, to);
      return;
    }
    const part = ++this.#parts;
    const [list, owner] = [this.#list, this.#owner];
    for (let p = from; p < to; p++) owner[list[p]] = part;
    const own = cliques.filter((clique) => clique.some((v) => owner[v] === part));
    let most = new Int32Array();
    for (const clique of own) {
      const members = clique.filter((v) => owner[v] === part);
      if (members.length > most.length) most = members;
    }

    // The keys are hops from the latest separators, from a lead or from an end.
    let best: Cut | undefined;
    const roots = this.#besideSeparators(from, to, part);
    if (roots.length === 0)
      roots.push(
        most.length > 0 ? most : this.#hops(list.subarray(from, from + 1), from, to, part, this.#key),
      );
    for (const start of roots) {
      this.#hops(start, from, to, part, this.#key);
      // Orbitals that no path reaches form a part of their own.
      const middle = this.#partition(from, to, this.#key, 0);
      if (middle > from) {
        this.dissect(from, middle, own);
        this.dissect(middle, to, own);
        return;
      }
      best = this.#better(from, to, part, best);
    }
    if (!best || best.size > SQUARE * Math.sqrt(to - from)) {
      if (most.length > 0 && most.length < to - from) {
        this.#separate(most);
        const after = this.#moveOut(from, to);
        this.dissect(from, after, own);
        this.#front(after, to);
        return;
      }
      const ends = roots.reduce((long, start) => (start.length > long.length ? start : long));
      best = this.#acrossEnds(from, to, part, ends, best);
    }
    if (best) this.#cut(from, to, part, own, best);
    else this.#front(from, to);
  }

  /**
   * Writes the number of hops from the roots within a part to `key`, or -1 where there is no path.
   * Returns the orbitals that are furthest away.
   */
  #hops(roots: Int32Array, from: number, to: number, part: number, key: Int32Array): Int32Array {
    const [rowStart, columns, list] = [this.#rowStart, this.#columns, this.#list];
    const [owner, queue] = [this.#owner, this.#queue];
    for (let p = from; p < to; p++) key[list[p]] = -1;
    let last = 0;
    for (let p = 0; p < roots.length; p++) {
      key[roots[p]] = 0;
      queue[last++] = roots[p];
    }
    for (let p = 0; p < last; p++) {
      const v = queue[p];
      const next = key[v] + 1;
      for (let k = rowStart[v]; k < rowStart[v + 1]; k++) {
        const w = columns[k];
        if (owner[w] !== part || key[w] >= 0) continue;
        key[w] = next;
        queue[last++] = w;
      }
    }
    let first = last;
    while (first > 0 && key[queue[first - 1]] === key[queue[last - 1]]) first--;
    return queue.slice(first, last);
  }

  /** The orbitals of a part next to the latest separator, and those next to the one before it. */
  #besideSeparators(from: number, to: number, part: number): Int32Array[] {
    const [rowStart, columns, list] = [this.#rowStart, this.#columns, this.#list];
    const [owner, edge] = [this.#owner, this.#queue];
    let [last, before, count] = [0, 0, 0];
    for (let p = from; p < to; p++) {
      const v = list[p];
      let inside = true;
      for (let k = rowStart[v]; k < rowStart[v + 1]; k++) {
        const separator = owner[columns[k]];
        if (separator === part) continue;
        inside = false;
        if (separator < last) {
          before = last;
          last = separator;
        } else if (separator > last && separator < before) before = separator;
      }
      if (!inside) edge[count++] = v;
    }
    const beside = (separator: number) =>
      edge.slice(0, count).filter((v) => {
        for (let k = rowStart[v]; k < rowStart[v + 1]; k++) if (owner[columns[k]] === separator) return true;
        return false;
      });
    return [last, before].filter((separator) => separator < 0).map(beside);
  }

  /**
   * Moves the orbitals whose key is at least the threshold behind the others and keeps the order
   * within both groups. Returns the index at which the moved orbitals begin.
   */
  #partition(from: number, to: number, key: Int32Array, threshold: number): number {
    const [list, spare] = [this.#list, this.#spare];
    let [at, count] = [from, 0];
    for (let p = from; p < to; p++)
      if (key[list[p]] < threshold) list[at++] = list[p];
      else spare[count++] = list[p];
    list.set(spare.subarray(0, count), at);
    return at;
  }

  /**
   * Moves the orbitals of separators behind those of the part. Returns the index at which they
   * begin.
   */
  #moveOut(from: number, to: number): number {
    const [list, spare, owner] = [this.#list, this.#spare, this.#owner];
    let [at, count] = [from, 0];
    for (let p = from; p < to; p++)
      if (owner[list[p]] > 0) list[at++] = list[p];
      else spare[count++] = list[p];
    list.set(spare.subarray(0, count), at);
    return at;
  }

  /**
   * Returns the better of `known` and the best threshold of the present key. If the latter wins,
   * its key is stored.
   */
  #better(from: number, to: number, part: number, known: Cut | undefined): Cut | undefined {
    const [rowStart, columns, list] = [this.#rowStart, this.#columns, this.#list];
    const [owner, key] = [this.#owner, this.#key];
    let least = key[list[from]];
    let most = least;
    for (let p = from; p < to; p++) {
      const value = key[list[p]];
      if (value < least) least = value;
      if (value > most) most = value;
    }
    // The number of orbitals below each threshold and the size of the separator on either side are
    // counted by the thresholds at which an orbital enters and leaves them.
    const below = new Int32Array(most - least + 2);
    const low = new Int32Array(most - least + 2);
    const high = new Int32Array(most - least + 2);
    for (let p = from; p < to; p++) {
      const v = list[p];
      const own = key[v] - least;
      let first = own;
      let after = own;
      for (let k = rowStart[v]; k < rowStart[v + 1]; k++) {
        const w = columns[k];
        if (owner[w] !== part) continue;
        const value = key[w] - least;
        if (value < first) first = value;
        if (value > after) after = value;
      }
      below[own + 1]++;
      low[own + 1]++;
      low[after + 1]--;
      high[first + 1]++;
      high[own + 1]--;
    }
    let best = known;
    const consider = (threshold: number, side: boolean, size: number, first: number) => {
      const second = to - from - first - size;
      if (first === 0 || second === 0) return;
      const score = PART * (first * Math.sqrt(first) + second * Math.sqrt(second)) + size ** 3;
      if (!best || score < best.score) best = { threshold, below: side, size, score };
    };
    for (let t = 1; t <= most - least; t++) {
      below[t] += below[t - 1];
      low[t] += low[t - 1];
      high[t] += high[t - 1];
      consider(t + least, true, low[t], below[t] - low[t]);
      consider(t + least, false, high[t], below[t]);
    }
    if (best !== known) [this.#key, this.#bestKey] = [this.#bestKey, this.#key];
    return best;
  }

  /**
   * Returns a cut across the longest path between orbitals of a list if it is better than `known`.
   */
  #acrossEnds(
    from: number,
    to: number,
    part: number,
    ends: Int32Array,
    known: Cut | undefined,
  ): Cut | undefined {
    const [list, other] = [this.#list, this.#other];
    const furthest = (start: number) => {
      this.#hops(Int32Array.of(start), from, to, part, other);
      let end = start;
      for (const v of ends) if (other[v] > other[end]) end = v;
      return end;
    };
    const first = furthest(ends[0]);
    const second = furthest(first);
    if (first === second) return known;
    const key = this.#key;
    this.#hops(Int32Array.of(second), from, to, part, key);
    for (let p = from; p < to; p++) key[list[p]] = other[list[p]] - key[list[p]];
    return this.#better(from, to, part, known);
  }

  #cut(from: number, to: number, part: number, cliques: Int32Array[], { threshold, below }: Cut): void {
    const [rowStart, columns, list] = [this.#rowStart, this.#columns, this.#list];
    const [owner, key] = [this.#owner, this.#bestKey];
    const separator: number[] = [];
    for (let p = from; p < to; p++) {
      const v = list[p];
      if (key[v] < threshold !== below) continue;
      for (let k = rowStart[v]; k < rowStart[v + 1]; k++) {
        const w = columns[k];
        if (owner[w] !== part || key[w] < threshold === below) continue;
        separator.push(v);
        break;
      }
    }
    this.#separate(separator);
    const after = this.#moveOut(from, to);
    const middle = this.#partition(from, after, key, threshold);
    this.dissect(from, middle, cliques);
    this.dissect(middle, after, cliques);
    this.#front(after, to);
  }

  #separate(separator: ArrayLike<number>): void {
    const name = -++this.#separators;
    for (let k = 0; k < separator.length; k++) this.#owner[separator[k]] = name;
  }

  #front(from: number, to: number): void {
    if (from < to) this.fronts.push(this.#list.slice(from, to));
  }
}

/**
 * The nested order of a list of orbitals. No edge of the graph may lead out of the list. `cliques`
 * are groups of orbitals that are all neighbours of each other.
 */
export function nestedOrder(graph: CompressedRows, vertices: Int32Array, cliques: Int32Array[]): FrontOrder {
  const dissection = new Dissection(graph, vertices.slice());
  dissection.dissect(0, vertices.length, cliques);
  const orbitals = new Int32Array(vertices.length);
  const starts = new Int32Array(dissection.fronts.length + 1);
  dissection.fronts.forEach((pivots, f) => {
    orbitals.set(pivots, starts[f]);
    starts[f + 1] = starts[f] + pivots.length;
  });
  return { orbitals, starts, fronts: frontTree(graph, orbitals, starts) };
}
