// A fill-reducing order for the multifrontal factorisation (assembly/device/fronts.ts) by
// approximate minimum degree (P. R. Amestoy, T. A. Davis, I. S. Duff, SIAM J. Matrix Anal. Appl.
// 17, 886 (1996)): the orbital that couples to the fewest others is eliminated next. Unlike nested
// dissection it needs no good separators, which makes it the better order for graphs, rings and
// narrow ribbons. An eliminated orbital is kept as an element, the list of the orbitals that it
// couples. Orbitals that couple to the same ones form one variable with a weight. The few orbitals
// that couple to a large part of all (hubs) would have their long lists read again and again. They
// are therefore left out and placed in the last front.

import type { CompressedRows } from "../../numerics/linear-algebra/sparse.js";

/**
 * The fronts in the order of elimination: their pivots, the number of remaining orbitals that the
 * pivots couple to, and the parent of each front (-1 at the top).
 */
export interface EliminationTree {
  pivots: number[][];
  boundary: number[];
  parents: number[];
}

/**
 * An orbital is a hub if it has more than FEW neighbours and more than MANY times the square root
 * of the number of orbitals.
 */
const FEW = 16;
const MANY = 10;

/** Variables by their degree, in doubly linked lists. */
class DegreeLists {
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #before: Int32Array;
  #least = 0;

  constructor(size: number) {
    this.#first = new Int32Array(size + 1).fill(-1);
    this.#next = new Int32Array(size).fill(-1);
    this.#before = new Int32Array(size).fill(-1);
  }

  add(variable: number, degree: number): void {
    const head = this.#first[degree];
    this.#next[variable] = head;
    this.#before[variable] = -1;
    if (head >= 0) this.#before[head] = variable;
    this.#first[degree] = variable;
    if (degree < this.#least) this.#least = degree;
  }

  remove(variable: number, degree: number): void {
    const [next, before] = [this.#next[variable], this.#before[variable]];
    if (before >= 0) this.#next[before] = next;
    else this.#first[degree] = next;
    if (next >= 0) this.#before[next] = before;
  }

  /** A variable of the smallest degree. */
  least(): number {
    while (this.#first[this.#least] < 0) this.#least++;
    return this.#first[this.#least];
  }
}

/** Eliminates the orbitals of a list. No edge of the graph may lead out of the list. */
export function minimumDegree(graph: CompressedRows, vertices: Int32Array): EliminationTree {
  const { rowStart } = graph;
  const most = Math.max(FEW, MANY * Math.sqrt(vertices.length)) + 1;
  const isHub = (vertex: number) => rowStart[vertex + 1] - rowStart[vertex] > most;
  const hubs = Array.from(vertices.filter(isHub));
  if (hubs.length === 0) return eliminate(graph, vertices);
  const tree = eliminate(
    graph,
    vertices.filter((vertex) => !isHub(vertex)),
  );
  const last = tree.pivots.length;
  tree.pivots.push(hubs);
  tree.boundary.push(0);
  tree.parents = tree.parents.map((parent) => (parent < 0 ? last : parent));
  tree.parents.push(-1);
  return tree;
}

/** Eliminates orbitals without hubs. Neighbours that are not in the list are ignored. */
function eliminate({ rowStart, columns }: CompressedRows, vertices: Int32Array): EliminationTree {
  const size = vertices.length;
  const number = new Int32Array(rowStart.length - 1).fill(-1);
  vertices.forEach((vertex, i) => {
    number[vertex] = i;
  });
  /**
   * For a variable, `variables` and `elements` are its neighbours of either kind. For an element,
   * `variables` are the variables that it couples.
   */
  const variables: number[][] = [];
  const elements: number[][] = [];
  const degree = new Int32Array(size);
  const lists = new DegreeLists(size);
  for (let i = 0; i < size; i++) {
    const own: number[] = [];
    for (let k = rowStart[vertices[i]]; k < rowStart[vertices[i] + 1]; k++) {
      const j = number[columns[k]];
      if (j >= 0 && j !== i) own.push(j);
    }
    variables.push(own);
    elements.push([]);
    degree[i] = own.length;
    lists.add(i, own.length);
  }
  /**
   * For a variable, `weight` is its number of orbitals, or 0 once it is an element or part of
   * another variable. For an element, `coupled` is the weight of its variables, or 0 once it is
   * absorbed.
   */
  const weight = new Int32Array(size).fill(1);
  const coupled = new Int32Array(size);
  const members = Array.from(vertices, (vertex) => [vertex]);
  /** Per element: `mark` plus the weight of its variables outside the element in hand. */
  const outside = new Int32Array(size);
  const present = new Int32Array(size).fill(-1);
  let mark = 1;
  const front = new Int32Array(size).fill(-1);
  const tree: EliminationTree = { pivots: [], boundary: [], parents: [] };
  const buckets = new Map<number, number[]>();

  for (let left = size; left > 0; ) {
    const pivot = lists.least();
    lists.remove(pivot, degree[pivot]);
    const pivots = members[pivot];
    const f = tree.pivots.length;
    const absorb = (element: number) => {
      coupled[element] = 0;
      variables[element] = [];
      tree.parents[front[element]] = f;
    };
    left -= weight[pivot];
    weight[pivot] = 0;
    // The variables of the new element.
    const own: number[] = [];
    let total = 0;
    const take = (list: number[]) => {
      for (const i of list) {
        if (weight[i] === 0 || present[i] === pivot) continue;
        present[i] = pivot;
        own.push(i);
        total += weight[i];
        lists.remove(i, degree[i]);
      }
    };
    take(variables[pivot]);
    for (const element of elements[pivot])
      if (coupled[element] > 0) {
        take(variables[element]);
        absorb(element);
      }
    for (const i of own)
      for (const element of elements[i]) {
        if (coupled[element] === 0) continue;
        if (outside[element] < mark) outside[element] = coupled[element] + mark;
        outside[element] -= weight[i];
      }
    // Upper bounds of the degrees.
    buckets.clear();
    const kept: number[] = [];
    for (const i of own) {
      let sum = 0;
      let hash = pivot;
      const around: number[] = [pivot];
      for (const element of elements[i]) {
        if (coupled[element] === 0) continue;
        const beyond = outside[element] - mark;
        if (beyond === 0) absorb(element);
        else {
          around.push(element);
          sum += beyond;
          hash += element;
        }
      }
      const apart: number[] = [];
      for (const j of variables[i]) {
        if (weight[j] === 0 || present[j] === pivot) continue;
        apart.push(j);
        sum += weight[j];
        hash += j;
      }
      elements[i] = around;
      variables[i] = apart;
      if (sum === 0) {
        // The variable couples to nothing else and is eliminated together with the pivot.
        left -= weight[i];
        total -= weight[i];
        weight[i] = 0;
        for (const member of members[i]) pivots.push(member);
        continue;
      }
      degree[i] = Math.min(degree[i], sum);
      kept.push(i);
      const bucket = buckets.get(hash);
      if (bucket) bucket.push(i);
      else buckets.set(hash, [i]);
    }
    for (const bucket of buckets.values()) if (bucket.length > 1) joinAlike(bucket);
    const list = kept.filter((i) => weight[i] > 0);
    for (const i of list) {
      degree[i] = Math.min(degree[i] + total - weight[i], left - weight[i]);
      lists.add(i, degree[i]);
    }
    variables[pivot] = list;
    elements[pivot] = [];
    coupled[pivot] = total;
    front[pivot] = f;
    tree.pivots.push(pivots);
    tree.boundary.push(total);
    tree.parents.push(-1);
    mark += size + 1;
    if (mark > 1e9) {
      outside.fill(0);
      mark = 1;
    }
  }
  return tree;

  /** Merges variables that have the same neighbours. */
  function joinAlike(bucket: number[]): void {
    for (let a = 0; a < bucket.length; a++) {
      const i = bucket[a];
      if (weight[i] === 0) continue;
      const [around, apart] = [new Set(elements[i]), new Set(variables[i])];
      for (let b = a + 1; b < bucket.length; b++) {
        const j = bucket[b];
        if (weight[j] === 0) continue;
        if (elements[j].length !== around.size || variables[j].length !== apart.size) continue;
        if (!elements[j].every((e) => around.has(e)) || !variables[j].every((k) => apart.has(k))) continue;
        weight[i] += weight[j];
        weight[j] = 0;
        for (const member of members[j]) members[i].push(member);
        variables[j] = [];
        elements[j] = [];
      }
    }
  }
}
