// Polynomial interpolation of vectors that are known at ascending nodes, one cell between two nodes
// at a time: how many nodes serve best there, and by how much the polynomial may be off.
//
// With f[..] the divided differences and w(x) the product of the distances from the p nodes taken,
//   f - p = f[x_0 .. x_(p-1), x] w(x),   f' - p' = f[x_0 .. x_(p-1), x] w'(x) + f[x_0 .. x_(p-1), x, x] w(x).
// The differences of order p over the nodes and one neighbour stand for the first factor, those of
// order p + 1 for the second. They tell something only while the terms fall from one order to the
// next but one, as a geometric series does: where they do not (a resonance narrower than the
// spacing) nothing is known between the nodes. The number of nodes, an even one, is that with
// the least error.

/** Fewest nodes taken, two of few, and the most. */
const FEWEST = 4;
const MOST = 14;
/** Nodes beyond the most that are taken, whose differences tell how the terms go on. */
const BEYOND = 2;
/**
 * Fall of the terms from one order to the next but one up to which the series is trusted: of the
 * first ones, and of later ones, which grow towards one next to a pole.
 */
const FALL = 0.5;
const LATER = 0.65;
/**
 * Errors in units of the terms that follow. Of 3 10^4 random sums of up to three poles, .03 to 20
 * spacings off the real axis, the errors held at all but one in a thousand of the points where the
 * series was trusted, and wherever the poles were a quarter of a spacing or more away.
 */
const MARGIN = 4;
/** Points of a cell at which the product of distances is compared. */
const PROBED = 8;

/** How one cell is interpolated. */
export interface CellRule {
  /** The nodes taken. */
  first: number;
  count: number;
  /** Whether the differences fall; if not nothing is known inside the cell. */
  resolved: boolean;
  /** What the errors are in units of the differences. */
  factor: number;
}

/** Bounds of the two factors above, for each member of a vector. */
export interface CellErrors {
  value: Float64Array;
  next: Float64Array;
}

/** Vectors of `members` parts of `size` numbers each at the nodes. */
export interface NodeVectors {
  nodes: ArrayLike<number>;
  members: number;
  size: number;
  at(node: number): Float64Array;
  /** Error of the numbers at the nodes: differences below what it makes of them tell nothing. */
  noise: number;
}

/** Number of the cell that holds x, by its lower node. */
export function cellOf(nodes: ArrayLike<number>, x: number): number {
  let [low, high] = [0, nodes.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (nodes[middle] <= x) low = middle;
    else high = middle;
  }
  return low;
}

/** First of `count` nodes around a cell. */
const firstOf = (nodes: ArrayLike<number>, cell: number, count: number): number =>
  Math.min(Math.max(cell - (count >> 1) + 1, 0), nodes.length - count);

/**
 * The rule for a cell; `like`: that of other vectors of the same function, whose nodes are taken,
 * and which tells whether the series may be trusted.
 */
export function judgeCell(
  vectors: NodeVectors,
  cell: number,
  like?: Pick<CellRule, "count" | "resolved">,
): { rule: CellRule; errors: CellErrors } {
  const { nodes, noise } = vectors;
  const most = Math.min(MOST + BEYOND, nodes.length - 1);
  const norms = differences(vectors, cell, most);
  const products = Array.from({ length: most + 1 }, (_, p) => (p === 0 ? 1 : largestProduct(nodes, cell, p)));
  // Terms of the series by order; what noise makes of them tells nothing.
  const terms = norms.map((list, p) => products[p] * list.reduce((a, b) => Math.max(a, b), 0));
  const floor = MARGIN * noise;
  const fewest = most < FEWEST + BEYOND ? 2 : FEWEST;
  const [from, to] = like ? [like.count, like.count] : [fewest, Math.min(MOST, most)];
  let rule: CellRule | undefined;
  let least = Number.POSITIVE_INFINITY;
  let fall = 0;
  for (let p = from; p <= to; p += 2) {
    const [before, here, after] = [terms[Math.max(p - 2, 0)], terms[p], terms[p + 2] ?? 0];
    // A series that has once risen, or hardly fallen, has met something narrow.
    if (p > 2 || p + 2 > most) fall = Math.max(fall, ratio(here, before, floor));
    fall = Math.max(fall, ratio(after, here, floor));
    const resolved = like?.resolved ?? fall <= (p > fewest ? LATER : FALL);
    const error = (MARGIN * (here + after)) / (1 - Math.min(fall, LATER));
    if (p === fewest && !resolved) fall = Number.POSITIVE_INFINITY;
    if (rule && !(resolved && error < least)) continue;
    least = error;
    rule = { first: firstOf(nodes, cell, p), count: p, resolved, factor: here > 0 ? error / here : 0 };
  }
  const { factor, count } = rule!;
  const bounds = (order: number) => norms[order].map((norm) => factor * norm);
  return { rule: rule!, errors: { value: bounds(count), next: bounds(Math.min(count + 1, most)) } };
}

const ratio = (after: number, before: number, floor: number): number => (after <= floor ? 0 : after / before);

/** Largest product of the distances from `count` nodes within a cell. */
function largestProduct(nodes: ArrayLike<number>, cell: number, count: number): number {
  const first = firstOf(nodes, cell, count);
  let most = 0;
  for (let k = 0; k <= PROBED; k++) {
    const x = nodes[cell] + ((nodes[cell + 1] - nodes[cell]) * k) / PROBED;
    most = Math.max(most, Math.abs(distances(nodes, first, count, x).product));
  }
  return most;
}

/** Per order up to `most`, and per member: the largest difference over the nodes taken and one more. */
function differences({ nodes, members, size, at }: NodeVectors, cell: number, most: number): Float64Array[] {
  const low = Math.max(0, firstOf(nodes, cell, most) - 1);
  const high = Math.min(nodes.length - 1, firstOf(nodes, cell, most) + most);
  const table = Array.from({ length: high - low + 1 }, (_, i) => Float64Array.from(at(low + i)));
  const norms = [normsOf(table[cell - low], members, size)];
  for (let p = 1; p <= most; p++) {
    for (let i = 0; i + p < table.length; i++) {
      const width = nodes[low + i + p] - nodes[low + i];
      const [here, next] = [table[i], table[i + 1]];
      for (let k = 0; k < here.length; k++) here[k] = (next[k] - here[k]) / width;
    }
    const largest = new Float64Array(members);
    const first = firstOf(nodes, cell, p);
    for (const start of [first - 1, first]) {
      if (start < low || start + p > high) continue;
      normsOf(table[start - low], members, size).forEach((norm, k) => {
        largest[k] = Math.max(largest[k], norm);
      });
    }
    norms.push(largest);
  }
  return norms;
}

/** Euclidean norm of each member. */
export function normsOf(vector: Float64Array, members: number, size: number): Float64Array {
  return Float64Array.from({ length: members }, (_, k) => {
    let square = 0;
    for (let i = k * size; i < (k + 1) * size; i++) square += vector[i] ** 2;
    return Math.sqrt(square);
  });
}

/** Product of the distances of x from nodes, and its derivative. */
export function distances(
  nodes: ArrayLike<number>,
  first: number,
  count: number,
  x: number,
): { product: number; slope: number } {
  let [product, slope] = [1, 0];
  for (let i = 0; i < count; i++) {
    const distance = x - nodes[first + i];
    slope = slope * distance + product;
    product *= distance;
  }
  return { product, slope };
}

/** Lagrange polynomials of the nodes and their derivatives at x. */
export function lagrange(nodes: ArrayLike<number>, first: number, count: number, x: number) {
  const values = new Float64Array(count).fill(1);
  const slopes = new Float64Array(count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const width = nodes[first + i] - nodes[first + j];
      slopes[i] = (slopes[i] * (x - nodes[first + j]) + values[i]) / width;
      values[i] *= (x - nodes[first + j]) / width;
    }
  return { values, slopes };
}
