// Nested dissection of a device for the multifrontal factorisation (assembly/device/fronts.ts). A
// separator is eliminated after the parts that it keeps apart, each of which is cut likewise, down
// to leaves of a few orbitals: of order N^3 operations for a square of N x N orbitals where the
// slices of a block order cost N^4 (A. George, SIAM J. Numer. Anal. 10, 345 (1973)). No coordinates
// are asked for. Orbitals get a key, the number of hops from a lead or from an earlier separator,
// or the difference of the hops from two far ends; all thresholds of the key are compared at once
// by the size of the separator and of the two sides. The orbitals of a lead whose self-energy is a
// full matrix are all neighbours: where they force wide cuts they are made a separator of their
// own.

import type { CompressedRows } from "../../numerics/linear-algebra/sparse.js";
import { type FrontOrder, frontTree } from "./front-order.js";

/** Parts of up to this size are not cut. */
const LEAF = 12;
/**
 * Separators of up to this times the square root of a part's size are taken without a look at other
 * keys.
 */
const SQUARE = 1.15;
/**
 * Cost of a part of n orbitals, this times n^1.5, beside that of a separator of s orbitals, s^3:
 * what a square gives.
 */
const PART = 3.4;

interface Cut {
  /**
   * The separator are the orbitals below (or from) the threshold with a neighbour on the other
   * side.
   */
  threshold: number;
  below: boolean;
  size: number;
  score: number;
}

/**
 * Works on one list of orbitals in place: a part is a piece of it, separators are moved out as they
 * are found.
 */
class Dissection {
  readonly fronts: Int32Array[] = [];
  readonly #rowStart: Int32Array;
  readonly #columns: Int32Array;
  readonly #list: Int32Array;
  readonly #spare: Int32Array;
  /** Number of the part an orbital is in (from 1), or minus the number of its separator. */
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

  /** Makes the fronts of the part from..to of the list. */
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

    // Keys by hops from the separators made last, or from a lead, or from an end.
    let best: Cut | undefined;
    const roots = this.#besideSeparators(from, to, part);
    if (roots.length === 0)
      roots.push(
        most.length > 0 ? most : this.#hops(list.subarray(from, from + 1), from, to, part, this.#key),
      );
    for (const start of roots) {
      this.#hops(start, from, to, part, this.#key);
      // Orbitals to which no path leads are a part of their own.
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
   * Hops from the roots within a part, -1 where there is no way; the orbitals that are furthest.
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

  /** Orbitals of a part next to the separator made last, and to the one before. */
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
   * Moves the orbitals with a key from the threshold on behind the others, keeping the order;
   * returns where they begin.
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

  /** Moves the orbitals of separators behind those of the part; returns where they begin. */
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
   * The better of a cut known so far and the best threshold of the present key, which is then kept.
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
    // Orbitals below each threshold, and separators on either side: counted by where they begin and
    // cease.
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
   * A cut across the longest way between orbitals of a list, where it is better than the one known.
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
 * Nested order of the orbitals of a list, between which the graph may lead nowhere else; `cliques`:
 * orbitals that are all neighbours.
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
