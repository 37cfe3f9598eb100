// A block of 2^p cells of a periodic lead, long enough that only its slow modes pass through it,
// and the reflection of the semi-infinite lead from these modes. A single cell between two such
// blocks is driven from either side by the waves that pass. The modes are found among the resulting
// states (wave-modes.ts). The modes that propagate or decay outwards determine the reflection.

import type { Block, Workspace } from "../../../engine/workspace.js";
import { joined, type Scatterer } from "./wave-cells.js";
import { factorised } from "./wave-factor.js";
import { type SlowModes, slowModes } from "./wave-modes.js";
import type { NearEdge } from "./wave-pencils.js";

/**
 * Smallest amplitude passing a block that is kept. The neglected rest enters R with its square,
 * which one Newton step removes.
 */
const passes = 1e-5;
const leastDoublings = 5;
const mostDoublings = 9;

/** A block of cells and the directions that pass it. */
export interface ManyCells {
  cells: Scatterer;
  /**
   * The directions that pass: out = right (r x rank) weights (rank x r), and in the same way in =
   * left weightsIn.
   */
  rank: number;
  right: Block;
  weights: Block;
  left: Block;
  weightsIn: Block;
}

/**
 * Builds a block of 2^p cells, long enough that the number of passing directions no longer
 * decreases.
 */
export function manyCells(w: Workspace, cell: Scatterer): ManyCells | undefined {
  const r = cell.out.rows;
  let cells: Scatterer | undefined = cell;
  let before = Number.POSITIVE_INFINITY;
  for (let p = 1; ; p++) {
    cells = joined(w, cells, cells);
    if (!cells) return undefined;
    if (p < leastDoublings) continue;
    const out = factorised(w.values(cells.out), r, r, 0, passes);
    if (out.rank > 0 && out.rank < before && p < mostDoublings) {
      before = out.rank;
      continue;
    }
    const inward = factorised(w.values(cells.in), r, r, 0, passes);
    if (inward.rank !== out.rank && p < mostDoublings) continue;
    // If the two numbers differ because one amplitude lies at the limit, the smaller one is used.
    const rank = Math.min(out.rank, inward.rank);
    const columns = ({ A, rank: own }: typeof out) => w.part(w.from(A, r, own), 0, 0, r, rank);
    const rows = ({ B, rank: own }: typeof out) => w.part(w.adjoint(w.from(B, r, own)), 0, 0, rank, r);
    return {
      cells,
      rank,
      right: columns(out),
      weights: rows(out),
      left: columns(inward),
      weightsIn: rows(inward),
    };
  }
}

/** The modes of a lead at one energy. */
export interface Modes {
  /**
   * States [e; f] at a cut of the propagating modes, outward with flux 1 and inward with flux -1.
   */
  outward: Block;
  inward: Block;
  /** The waves e of the outward modes at a cut, r x open. */
  U: Block;
  /** Phase factors of the outward and of the inward modes, interleaved. */
  lambda: Float64Array;
  lambdaInward: Float64Array;
  edge?: NearEdge;
  /** dE/dk of the propagating modes outwards and inwards: the flux over the norm in the cell. */
  velocities: () => { outward: number[]; inward: number[] };
}

/**
 * R from the slow modes of block | cell | block. `exchanged` lists phases lambda at which the
 * outward and the inward propagating mode are exchanged. That gives R on the other branch of the
 * square root at a band edge (edges/series.ts).
 */
export function fromModes(
  w: Workspace,
  cell: Scatterer,
  slope: Scatterer,
  { cells, rank: q, right, weights, left }: ManyCells,
  exchanged?: Float64Array,
): { R: Block; modes: Modes } | undefined {
  const r = cell.out.rows;
  // e0 = right alpha + back f0 and f1 = left beta + front e1, with the cell between them.
  const system = w.zeros(2 * r, 2 * r);
  w.put(w.scale(w.times(cells.back, cell.front), -1), system, 0, 0);
  w.put(w.scale(w.times(cells.back, cell.in), -1), system, 0, r);
  w.put(w.scale(w.times(cells.front, cell.out), -1), system, r, 0);
  w.put(w.scale(w.times(cells.front, cell.back), -1), system, r, r);
  w.addToDiagonal(system, 1);
  const driven = w.zeros(2 * r, 2 * q);
  w.put(right, driven, 0, 0);
  w.put(left, driven, r, q);
  const factors = w.factor(system);
  if (!factors) return undefined;
  w.solve(factors, driven);
  // The columns are scaled to equal lengths for the eigenvalue problem.
  const scales = unitColumns(w, driven);
  const e0 = w.part(driven, 0, 0, r, 2 * q);
  const f1 = w.part(driven, r, 0, r, 2 * q);
  const f0 = w.addTimes(w.times(cell.front, e0), cell.in, f1);
  const e1 = w.addTimes(w.times(cell.back, f1), cell.out, e0);
  const z0 = w.above(e0, f0);
  const z1 = w.above(e1, f1);
  const signed = (z: Block): Block => {
    const out = w.copy(z);
    const values = w.values(out);
    for (let k = values.length / 2; k < values.length; k++) values[k] = -values[k];
    return out;
  };
  const j1 = signed(z1);
  const h0 = w.adjointTimes(z0, signed(z0));
  w.add(h0, w.adjointTimes(z1, j1));
  const mirror = w.adjoint(h0);
  w.scale(w.add(h0, mirror), 0.25);
  const km = w.adjointTimes(z0, j1);
  const norm = (u: Block): Block => {
    // The norm is in^+ (-i S^+ S') in for the waves [f1; e0] into the cell.
    const [f, e] = [w.times(f1, u), w.times(e0, u)];
    const scattered = (s: Scatterer) =>
      w.above(w.addTimes(w.times(s.back, f), s.out, e), w.addTimes(w.times(s.in, f), s.front, e));
    const found = w.scale(w.adjointTimes(scattered(cell), scattered(slope)), 0, -1);
    return w.scale(w.add(found, w.adjoint(found)), 0.5);
  };
  const found = slowModes(w, h0, km, norm);
  if (!found) return undefined;
  const { outward, inward, open, lambda, lambdaInward, edge } = found;
  if (exchanged && !exchange(w, found, exchanged)) return undefined;
  // In the unscaled columns rho = V_b V_a^-1.
  const running = w.part(outward, 0, 0, 2 * q, open);
  const states = w.times(z0, running);
  const inwardStates = w.times(z0, inward);
  const over = (u: Block, flux: 1 | -1): number[] => {
    const values = w.values(norm(u));
    return Array.from({ length: open }, (_, k) => flux / values[2 * k * (open + 1)]);
  };
  const reflected = w.times(f0, outward);
  const values = w.values(outward);
  for (let i = 0; i < 2 * q; i++) for (let k = 0; k < 2 * q; k++) values[2 * q * i + k] *= scales[i];
  const inverse = w.factor(w.part(w.adjoint(outward), 0, 0, q, q));
  if (!inverse) return undefined;
  // f0 V (V_a^-1 weights). The linear system is solved for the adjoint of V_a^-+.
  const amplitudes = w.adjoint(w.solve(inverse, w.adjoint(reflected)));
  const R = w.addTimes(w.copy(cells.front), cells.in, w.times(amplitudes, weights));
  return {
    R,
    modes: {
      outward: states,
      inward: inwardStates,
      U: w.part(states, 0, 0, r, open),
      lambda,
      lambdaInward,
      edge,
      velocities: () => ({ outward: over(running, 1), inward: over(inward, -1) }),
    },
  };
}

/**
 * Exchanges the outward and inward modes closest to the given phases. Returns false if there are
 * not enough modes.
 */
function exchange(w: Workspace, modes: SlowModes, phases: Float64Array): boolean {
  const { outward, inward, open, lambda, lambdaInward } = modes;
  const taken: [Set<number>, Set<number>] = [new Set(), new Set()];
  for (let p = 0; p < phases.length; p += 2) {
    const [i, j] = [lambda, lambdaInward].map((all, side) => {
      let [nearest, least] = [-1, Number.POSITIVE_INFINITY];
      for (let k = 0; k < open; k++) {
        const distance = Math.hypot(all[2 * k] - phases[p], all[2 * k + 1] - phases[p + 1]);
        if (distance < least && !taken[side].has(k)) [nearest, least] = [k, distance];
      }
      taken[side].add(nearest);
      return nearest;
    });
    if (i < 0 || j < 0) return false;
    swap(w.values(outward), w.values(inward), outward.rows, [i, outward.columns], [j, inward.columns]);
    swap(lambda, lambdaInward, 1, [i, 1], [j, 1]);
  }
  return true;
}

/** Swaps column i of a with column j of b. The matrices have the given numbers of columns. */
function swap(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  [i, columnsOfA]: readonly [number, number],
  [j, columnsOfB]: readonly [number, number],
): void {
  for (let row = 0; row < rows; row++)
    for (let part = 0; part < 2; part++) {
      const [p, q] = [2 * (row * columnsOfA + i) + part, 2 * (row * columnsOfB + j) + part];
      [a[p], b[q]] = [b[q], a[p]];
    }
}

/** Scales the columns to length 1 and returns the factors. */
function unitColumns(w: Workspace, a: Block): Float64Array {
  const values = w.values(a);
  const factors = new Float64Array(a.columns);
  for (let k = 0; k < a.columns; k++) {
    let sum = 1e-300;
    for (let i = 0; i < a.rows; i++) {
      const p = 2 * (i * a.columns + k);
      sum += values[p] * values[p] + values[p + 1] * values[p + 1];
    }
    factors[k] = 1 / Math.sqrt(sum);
    for (let i = 0; i < a.rows; i++) {
      const p = 2 * (i * a.columns + k);
      values[p] *= factors[k];
      values[p + 1] *= factors[k];
    }
  }
  return factors;
}
