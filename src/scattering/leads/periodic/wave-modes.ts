// The slow modes of a periodic lead at real energy: the propagating modes, and the modes that decay
// little over a block of cells. They are found from the states of one cell between two such blocks.
// Z0 = [e_0; f_0] and Z1 (one cell further) contain the same solutions as columns. With J = diag(1,
// -1) the flux Z^+ J Z is the same at both cuts. The modes therefore solve Km v = lambda H0 v with
// H0 = Z0^+ J Z0 and Km = Z0^+ J Z1.
//
// Eigenvalues near the unit circle are grouped into clusters, which are treated as Hermitian
// pencils a v = c b v with lambda = sigma (1 - ic)/(1 + ic), where sigma is the middle of the
// cluster. A real c is a propagating mode, whose direction is the sign of its flux. A complex pair
// is a decaying and a growing mode. For two modes the sign of the discriminant decides, down to
// rounding. Where a right and a left mover have the same lambda (a crossing), the flux is
// diagonalised in the norm of the states in the cell, whose eigenvalues are the velocities. Any
// other metric would give a solution that is equally accurate but belongs to the wrong modes.

import type { Block, Workspace } from "../../../engine/workspace.js";
import { generalised, type NearEdge, type SmallMatrix } from "./wave-pencils.js";

/** Largest distance of |lambda| from 1, and largest distance of two lambdas, within a cluster. */
const nearCircle = 2e-3;
const nearEachOther = 6e-3;

/**
 * One mode in the coordinates of the columns of Z. The kind is +1 for a mode that propagates
 * outwards, -1 for one that propagates inwards, and 0 for one that decays or grows.
 */
interface Mode {
  re: number;
  im: number;
  vector: Float64Array;
  kind: -1 | 0 | 1;
}

/** The slow modes of a lead at one energy. */
export interface SlowModes {
  /**
   * Coordinates (2q x q) of the modes that propagate or decay outwards. The propagating modes come
   * first and have unit flux.
   */
  outward: Block;
  /** Coordinates (2q x open) of the modes that propagate inwards, with flux -1. */
  inward: Block;
  /** Number of propagating modes in either direction. */
  open: number;
  /** The lambda of the propagating modes, interleaved, outwards and inwards. */
  lambda: Float64Array;
  lambdaInward: Float64Array;
  edge?: NearEdge;
}

/**
 * Finds the modes. `h0` and `km` are H0 and Km, 2q x 2q. `norm(u)` is u^+ (norm in the cell) u for
 * coordinates u (2q x columns). Returns undefined if outward and inward modes do not pair, as on an
 * edge that is also a crossing.
 */
export function slowModes(
  w: Workspace,
  h0: Block,
  km: Block,
  norm: (u: Block) => Block,
): SlowModes | undefined {
  const n = h0.rows;
  const factors = w.factor(w.copy(h0));
  if (!factors) return undefined;
  const step = w.solve(factors, w.copy(km));
  const eigen = w.eigen(w.copy(step));
  if (!eigen) return undefined;
  const { values, vectors } = eigen;
  const column = (k: number): Float64Array => {
    const all = w.values(vectors);
    const out = new Float64Array(2 * n);
    for (let i = 0; i < n; i++) {
      out[2 * i] = all[2 * (i * n + k)];
      out[2 * i + 1] = all[2 * (i * n + k) + 1];
    }
    return out;
  };
  const modes: Mode[] = [];
  let edge: NearEdge | undefined;
  for (const members of clusters(values)) {
    if (members.length === 1 && !isNear(values, members[0])) {
      const [k] = members;
      modes.push({ re: values[2 * k], im: values[2 * k + 1], vector: column(k), kind: 0 });
      continue;
    }
    const basis = clusterBasis(w, step, members.map(column), values, members);
    if (!basis) return undefined;
    const g = basis.columns;
    const project = (a: Block): SmallMatrix => ({
      n: g,
      data: w.values(w.adjointTimes(basis, w.times(a, basis))).slice(),
    });
    let [re, im] = [0, 0];
    for (const k of members) {
      re += values[2 * k];
      im += values[2 * k + 1];
    }
    const sigma: [number, number] = [re / Math.hypot(re, im), im / Math.hypot(re, im)];
    const flux = project(h0);
    const found = generalised(w, project(km), flux, sigma, () => ({
      n: g,
      data: w.values(norm(basis)).slice(),
    }));
    if (!found) return undefined;
    if (found.edge && !(edge && edge.distance < found.edge.distance)) edge = found.edge;
    for (const { c, vector, kind } of found.modes) {
      // lambda = sigma (1 - ic)/(1 + ic) has the modulus 1 to the last bit for real c.
      const lambda = ofCayley(c, sigma);
      modes.push({ re: lambda[0], im: lambda[1], vector: combined(w, basis, vector), kind });
    }
  }
  const outwards = modes.filter(({ kind }) => kind > 0);
  const inwards = modes.filter(({ kind }) => kind < 0);
  const decaying = modes.filter(({ kind, re, im }) => kind === 0 && Math.hypot(re, im) < 1);
  if (outwards.length !== inwards.length || outwards.length + decaying.length !== n / 2) return undefined;
  const columns = (list: Mode[]): Block => {
    const out = w.block(n, list.length);
    const to = w.values(out);
    list.forEach(({ vector }, k) => {
      for (let i = 0; i < n; i++) {
        to[2 * (i * list.length + k)] = vector[2 * i];
        to[2 * (i * list.length + k) + 1] = vector[2 * i + 1];
      }
    });
    return out;
  };
  const outward = columns([...outwards, ...decaying]);
  const inward = columns(inwards);
  if (!unitFlux(w, h0, outward, outwards.length, 1) || !unitFlux(w, h0, inward, inwards.length, -1))
    return undefined;
  const phases = (list: Mode[]) => Float64Array.from(list.flatMap(({ re, im }) => [re, im]));
  return {
    outward,
    inward,
    open: outwards.length,
    lambda: phases(outwards),
    lambdaInward: phases(inwards),
    edge,
  };
}

function isNear(values: Float64Array, k: number): boolean {
  return Math.abs(Math.hypot(values[2 * k], values[2 * k + 1]) - 1) < nearCircle;
}

/**
 * Indices by cluster: the eigenvalues near the unit circle together with those that are close to
 * them there. All others are alone.
 */
function clusters(values: Float64Array): number[][] {
  const n = values.length / 2;
  const used = new Uint8Array(n);
  const out: number[][] = [];
  for (let i = 0; i < n; i++) {
    if (used[i]) continue;
    used[i] = 1;
    const members = [i];
    out.push(members);
    if (!isNear(values, i)) continue;
    for (let next = 0; next < members.length; next++) {
      const a = members[next];
      for (let b = 0; b < n; b++) {
        if (used[b] || !isNear(values, b)) continue;
        const distance = Math.hypot(values[2 * a] - values[2 * b], values[2 * a + 1] - values[2 * b + 1]);
        if (distance < nearEachOther) {
          used[b] = 1;
          members.push(b);
        }
      }
    }
  }
  return out;
}

/**
 * An orthonormal basis of the cluster's space (2q x members). If its eigenvectors are almost
 * parallel, it takes two steps of inverse iteration.
 */
function clusterBasis(
  w: Workspace,
  step: Block,
  vectors: Float64Array[],
  values: Float64Array,
  members: number[],
): Block | undefined {
  const n = step.rows;
  const g = vectors.length;
  const block = w.block(n, g);
  const to = w.values(block);
  vectors.forEach((vector, k) => {
    for (let i = 0; i < n; i++) to.set(vector.subarray(2 * i, 2 * i + 2), 2 * (i * g + k));
  });
  if (orthonormalise(to, n, g) > 1e-5 || g === 1) return block;
  let [re, im] = [0, 0];
  for (const k of members) {
    re += values[2 * k] / g;
    im += values[2 * k + 1] / g;
  }
  const shifted = w.addToDiagonal(w.copy(step), -re + 1e-6, -im + 1e-6);
  const factors = w.factor(shifted);
  if (!factors) return undefined;
  for (let round = 0; round < 2; round++) {
    w.solve(factors, block);
    orthonormalise(w.values(block), n, g);
  }
  return block;
}

/** Gram-Schmidt on the columns. Returns the smallest length of a column that was left. */
function orthonormalise(a: Float64Array, n: number, g: number): number {
  let least = 1;
  for (let k = 0; k < g; k++) {
    let before = norm(a, n, g, k);
    for (let i = 0; i < n; i++) {
      a[2 * (i * g + k)] /= before;
      a[2 * (i * g + k) + 1] /= before;
    }
    before = 1;
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < k; j++) {
        let [re, im] = [0, 0];
        for (let i = 0; i < n; i++) {
          const [p, q] = [2 * (i * g + j), 2 * (i * g + k)];
          re += a[p] * a[q] + a[p + 1] * a[q + 1];
          im += a[p] * a[q + 1] - a[p + 1] * a[q];
        }
        for (let i = 0; i < n; i++) {
          const [p, q] = [2 * (i * g + j), 2 * (i * g + k)];
          a[q] -= re * a[p] - im * a[p + 1];
          a[q + 1] -= re * a[p + 1] + im * a[p];
        }
      }
    const after = norm(a, n, g, k);
    least = Math.min(least, after);
    for (let i = 0; i < n; i++) {
      a[2 * (i * g + k)] /= after;
      a[2 * (i * g + k) + 1] /= after;
    }
  }
  return least;
}

function norm(a: Float64Array, n: number, g: number, k: number): number {
  let sum = 1e-300;
  for (let i = 0; i < n; i++) sum += a[2 * (i * g + k)] ** 2 + a[2 * (i * g + k) + 1] ** 2;
  return Math.sqrt(sum);
}

/** sigma (1 - ic)/(1 + ic). */
function ofCayley([x, y]: [number, number], [sr, si]: [number, number]): [number, number] {
  // 1 - ic = (1 + y) - ix, 1 + ic = (1 - y) + ix.
  const size = (1 - y) ** 2 + x * x;
  let re = ((1 + y) * (1 - y) - x * x) / size;
  let im = (-x * (1 - y) - x * (1 + y)) / size;
  if (y === 0) {
    const modulus = Math.hypot(re, im);
    re /= modulus;
    im /= modulus;
  }
  return [sr * re - si * im, sr * im + si * re];
}

/** The basis times a vector. */
function combined(w: Workspace, basis: Block, vector: Float64Array): Float64Array {
  const b = w.values(basis);
  const g = basis.columns;
  const out = new Float64Array(2 * basis.rows);
  for (let i = 0; i < basis.rows; i++)
    for (let k = 0; k < g; k++) {
      const p = 2 * (i * g + k);
      out[2 * i] += b[p] * vector[2 * k] - b[p + 1] * vector[2 * k + 1];
      out[2 * i + 1] += b[p] * vector[2 * k + 1] + b[p + 1] * vector[2 * k];
    }
  return out;
}

/**
 * Scales the first `count` columns to the flux `sign`. Returns false if a column has a flux of the
 * other sign.
 */
function unitFlux(w: Workspace, h0: Block, columns: Block, count: number, sign: 1 | -1): boolean {
  const moved = w.times(h0, columns);
  const [a, b] = [w.values(columns), w.values(moved)];
  const m = columns.columns;
  for (let k = 0; k < count; k++) {
    let flux = 0;
    for (let i = 0; i < columns.rows; i++) {
      const p = 2 * (i * m + k);
      flux += a[p] * b[p] + a[p + 1] * b[p + 1];
    }
    if (!(sign * flux > 0)) return false;
    const factor = 1 / Math.sqrt(sign * flux);
    for (let i = 0; i < columns.rows; i++) {
      a[2 * (i * m + k)] *= factor;
      a[2 * (i * m + k) + 1] *= factor;
    }
  }
  return true;
}
