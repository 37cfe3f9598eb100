// A smooth basis of the lead vectors and its rotation with the energy. The eigenvectors v_j of
// Gamma (eigenvalues lambda_j) have free phases, and eigenvectors of equal eigenvalues may be mixed
// freely. The basis of each group of g equal eigenvalues is fixed as follows: its g rows at certain
// places (one per vector, chosen by pivoting) form a lower triangle with a real positive diagonal.
// For a single vector this means that its largest component is real and positive. The basis is
// smooth in the energy except where the places change or different eigenvalues cross. To first
// order, with Gamma'_kj = v_k^+ Gamma' v_j,
//
//     v_j' = sum_k v_k Gamma'_kj / (lambda_j - lambda_k) + sum_i v_i A_ij
//
// where k runs over the vectors outside the group of j, i over those inside it, and A is
// antihermitian. With W_j = sqrt(lambda_j / 2 pi) v_j the connection Omega (see LeadAtEnergy) is A
// inside a group. Between open channels k and j of different groups it is
//
//   Omega_kj = Gamma'_kj (lambda_j + lambda_k) / (2 sqrt(lambda_j lambda_k) (lambda_j - lambda_k))

/** Eigenvalues whose difference is below this fraction of the largest count as equal. */
const EQUAL = 1e-12;
/**
 * A component counts as larger only if it is larger by this factor. Of equal components the first
 * is chosen, independently of rounding.
 */
const LARGER = 1 + 1e-6;

/** A group of columns with equal eigenvalues. `order` sorts the eigenvalues in descending order. */
export interface Group {
  columns: number[];
  /** The rows that fix the basis. */
  places: number[];
}

/** Groups columns whose `values`, sorted in descending order, are equal relative to `scale`. */
export function groupsOf(values: ArrayLike<number>, columns: readonly number[], scale: number): Group[] {
  const groups: Group[] = [];
  for (const j of columns) {
    const last = groups.at(-1);
    if (last && Math.abs(values[last.columns[0]] - values[j]) <= EQUAL * scale) last.columns.push(j);
    else groups.push({ columns: [j], places: [] });
  }
  return groups;
}

/**
 * Rotates the columns of each group into the canonical ones in place and stores their places.
 * `basis` is n x n, interleaved and orthonormal.
 */
export function fixBasis(basis: Float64Array, n: number, groups: readonly Group[]): void {
  for (const group of groups) {
    const { columns, places } = group;
    for (const [c, j] of columns.entries()) {
      // The row with the largest weight in the vectors that are not fixed yet.
      let [row, most] = [0, 0];
      for (let i = 0; i < n; i++) {
        let weight = 0;
        for (const k of columns.slice(c)) weight += square(basis, 2 * (i * n + k));
        if (weight > LARGER * most) [row, most] = [i, weight];
      }
      places.push(row);
      // These rotations make the row vanish in all later vectors of the group.
      for (const k of columns.slice(c + 1)) gather(basis, n, row, j, k);
      makeReal(basis, n, row, j);
    }
  }
}

function square(x: Float64Array, at: number): number {
  return x[at] * x[at] + x[at + 1] * x[at + 1];
}

/** Rotates the vectors j and k such that k vanishes in the row. */
function gather(basis: Float64Array, n: number, row: number, j: number, k: number): void {
  const [p, q] = [2 * (row * n + j), 2 * (row * n + k)];
  const size = Math.sqrt(square(basis, p) + square(basis, q));
  if (square(basis, q) === 0) return;
  const [a, b, c, d] = [basis[p] / size, basis[p + 1] / size, basis[q] / size, basis[q + 1] / size];
  for (let i = 0; i < n; i++) {
    const [s, t] = [2 * (i * n + j), 2 * (i * n + k)];
    const [x, y, u, v] = [basis[s], basis[s + 1], basis[t], basis[t + 1]];
    // v_j <- v_j (a + i b)* + v_k (c + i d)* and v_k <- v_k (a + i b) - v_j (c + i d). This
    // rotation is unitary, and the row of v_k vanishes.
    basis[s] = x * a + y * b + u * c + v * d;
    basis[s + 1] = y * a - x * b + v * c - u * d;
    basis[t] = u * a - v * b - (x * c - y * d);
    basis[t + 1] = u * b + v * a - (x * d + y * c);
  }
  basis[q] = 0;
  basis[q + 1] = 0;
}

/** Multiplies vector j by a phase such that its element in the row is real and positive. */
function makeReal(basis: Float64Array, n: number, row: number, j: number): void {
  const at = 2 * (row * n + j);
  const size = Math.sqrt(square(basis, at));
  if (size === 0) return;
  const [c, s] = [basis[at] / size, -basis[at + 1] / size];
  for (let i = 0; i < n; i++) {
    const k = 2 * (i * n + j);
    const [x, y] = [basis[k], basis[k + 1]];
    basis[k] = x * c - y * s;
    basis[k + 1] = x * s + y * c;
  }
  basis[at] = size;
  basis[at + 1] = 0;
}

/**
 * Omega of the open channels, m x m. `open` lists their columns in the basis (n x n), and `groups`
 * are the groups of these columns. `slope` is Gamma' (n x n). All states that are orthogonal to
 * these columns have the eigenvalue zero; only their projector is needed.
 */
export function connectionOf(
  basis: Float64Array,
  values: ArrayLike<number>,
  slope: Float64Array,
  n: number,
  open: readonly number[],
  groups: readonly Group[],
): Float64Array {
  const m = open.length;
  const omega = new Float64Array(2 * m * m);
  const place = new Map(open.map((j, index) => [j, index]));
  const moved = slopeTimes(basis, slope, n, open);
  const slopeInBasis = inBasis(basis, moved, n, open);
  for (const { columns, places } of groups) {
    const g = columns.length;
    const inside = new Set(columns);
    // D is the part of v' outside the group, on the rows that fix the basis.
    const D = new Float64Array(2 * g * g);
    for (const [c, j] of columns.entries()) {
      const own = place.get(j)!;
      // All states count as if they had the eigenvalue zero; the open ones are corrected for that.
      for (const [r, row] of places.entries())
        for (let part = 0; part < 2; part++)
          D[2 * (r * g + c) + part] = moved[2 * (row * m + own) + part] / values[j];
      for (const [other, k] of open.entries()) {
        const level = values[k];
        const gap = values[j] - level;
        const [re, im] = [slopeInBasis[2 * (other * m + own)], slopeInBasis[2 * (other * m + own) + 1]];
        const weight = (inside.has(k) ? 0 : 1 / gap) - 1 / values[j];
        for (const [r, row] of places.entries()) {
          const [x, y] = [basis[2 * (row * n + k)], basis[2 * (row * n + k) + 1]];
          D[2 * (r * g + c)] += (x * re - y * im) * weight;
          D[2 * (r * g + c) + 1] += (x * im + y * re) * weight;
        }
        if (inside.has(k)) continue;
        const factor = (values[j] + level) / (2 * Math.sqrt(values[j] * level) * gap);
        omega[2 * (other * m + own)] = factor * re;
        omega[2 * (other * m + own) + 1] = factor * im;
      }
    }
    solveLower(basis, n, columns, places, D);
    // A cancels the upper part of L^-1 D and the imaginary part of its diagonal.
    for (let r = 0; r < g; r++)
      for (let c = r; c < g; c++) {
        const [x, y] = [D[2 * (r * g + c)], D[2 * (r * g + c) + 1]];
        const [p, q] = [place.get(columns[r])!, place.get(columns[c])!];
        omega[2 * (p * m + q) + 1] = -y;
        if (r === c) continue;
        omega[2 * (p * m + q)] = -x;
        omega[2 * (q * m + p)] = x;
        omega[2 * (q * m + p) + 1] = -y;
      }
  }
  return omega;
}

/** slope v_j for all open j, an n x m matrix. */
function slopeTimes(
  basis: Float64Array,
  slope: Float64Array,
  n: number,
  open: readonly number[],
): Float64Array {
  const m = open.length;
  const out = new Float64Array(2 * n * m);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const [x, y] = [slope[2 * (i * n + k)], slope[2 * (i * n + k) + 1]];
      if (x === 0 && y === 0) continue;
      for (let c = 0; c < m; c++) {
        const [q, r] = [2 * (k * n + open[c]), 2 * (i * m + c)];
        out[r] += x * basis[q] - y * basis[q + 1];
        out[r + 1] += x * basis[q + 1] + y * basis[q];
      }
    }
  return out;
}

/** v_k^+ moved_j for all open k and j, an m x m matrix. */
function inBasis(basis: Float64Array, moved: Float64Array, n: number, open: readonly number[]): Float64Array {
  const m = open.length;
  const out = new Float64Array(2 * m * m);
  for (let i = 0; i < n; i++)
    for (const [a, k] of open.entries()) {
      const [x, y] = [basis[2 * (i * n + k)], basis[2 * (i * n + k) + 1]];
      for (let c = 0; c < m; c++) {
        const [q, r] = [2 * (i * m + c), 2 * (a * m + c)];
        out[r] += x * moved[q] + y * moved[q + 1];
        out[r + 1] += x * moved[q + 1] - y * moved[q];
      }
    }
  return out;
}

/** D <- L^-1 D, where L is the lower triangle of the basis on the places. */
function solveLower(
  basis: Float64Array,
  n: number,
  columns: readonly number[],
  places: readonly number[],
  D: Float64Array,
): void {
  const g = columns.length;
  for (let r = 0; r < g; r++) {
    const diagonal = basis[2 * (places[r] * n + columns[r])];
    for (let c = 0; c < g; c++) {
      const at = 2 * (r * g + c);
      for (let k = 0; k < r; k++) {
        const [p, q] = [2 * (places[r] * n + columns[k]), 2 * (k * g + c)];
        D[at] -= basis[p] * D[q] - basis[p + 1] * D[q + 1];
        D[at + 1] -= basis[p] * D[q + 1] + basis[p + 1] * D[q];
      }
      D[at] /= diagonal;
      D[at + 1] /= diagonal;
    }
  }
}
