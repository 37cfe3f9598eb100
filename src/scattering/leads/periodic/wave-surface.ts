// The reflection R of a semi-infinite periodic lead in wave variables (wave-cells.ts), its
// derivative by the energy, and the outgoing amplitudes P of the open channels, 1 - R^+ R = P^+ P.
// R and P are bounded by 1. At real energy a block of 2^p cells is built by joining it with itself
// until all but the slow modes have decayed in it. The slow modes (wave-modes.ts) that propagate or
// decay outwards give R. Newton steps on R = front + in R (1 - back R)^-1 out improve it to
// rounding, and R' and P follow. At complex energy cells are joined until nothing passes. The cost
// is n^3/3 + 4 n^2 r for the cell and about 100 r^3 for the rest.

import type { Block, Workspace } from "../../../engine/workspace.js";
import type { BandMode } from "../edges/wave-edges.js";
import type { KeptReflection } from "./kept-blocks.js";
import { allCellsAt, manyCellsAt } from "./shared-bulk.js";
import { fromModes, type Modes } from "./wave-block.js";
import { type Closed, closedBy, type Scatterer, scattererOf, type WaveCell } from "./wave-cells.js";
import { type OpenModes, SteinSolver } from "./wave-stein.js";

/**
 * Largest accepted residual of R, largest accepted distance of 1 - R^+ R from P^+ P, and the gain
 * of a cell above which the slopes have too few digits.
 */
const residualLimit = 1e-11;
const fluxLimit = 1e-9;
const gainLimit = 1e5;

/** The reflection of a lead at one energy, with what computed it unless it was kept. */
export interface Reflection extends KeptReflection {
  /** The solver and the modes, for further calculations with R at this energy. */
  solver?: SteinSolver;
  modes?: Modes;
}

/**
 * The reflection of the repeated cell at a real energy. Undefined where it cannot be determined (at
 * an edge that is also a crossing). For `exchanged` see fromModes: the result is then not a
 * contraction and has no `outgoing`.
 */
export function reflectionAt(
  w: Workspace,
  bulk: WaveCell,
  energy: number,
  exchanged?: Float64Array,
): Reflection | undefined {
  const r = bulk.outerPorts;
  if (r === 0)
    return {
      open: 0,
      value: w.block(0, 0),
      slope: w.block(0, 0),
      outgoing: w.block(0, 0),
      crossing: Number.POSITIVE_INFINITY,
    };
  const cells = manyCellsAt(w, bulk, energy);
  if (!cells) return undefined;
  const { value, slope, block } = cells;
  const start: { R: Block; modes?: Modes } | undefined =
    block.rank === 0 ? { R: block.cells.front } : fromModes(w, value, slope, block, exchanged);
  if (!start) return undefined;
  const { R, modes } = start;

  // The Newton steps use the first factors. Each step reduces the residual by a factor of its own
  // size.
  let closed = closedBy(w, value, R, slope);
  if (!closed) return undefined;
  const open = modes ? openModes(w, R, modes) : none(w, r);
  const solver = open && SteinSolver.of(w, closed.backward, closed.onward, open);
  if (!open || !solver) return undefined;
  let residual = w.add(w.copy(closed.reflection), R, -1);
  let size = w.largest(residual);
  for (let step = 0; step < 4 && size > 4e-16; step++) {
    const next = w.add(w.copy(R), solver.solve(residual));
    const trial = closedBy(w, value, next, slope);
    if (!trial) break;
    const rest = w.add(w.copy(trial.reflection), next, -1);
    const left = w.largest(rest);
    if (!(left < size)) break;
    w.put(next, R, 0, 0);
    [closed, residual] = [trial, rest];
    if (left > 0.2 * size) break;
    size = left;
  }
  if (!(w.largest(residual) < residualLimit)) return undefined;
  const derivative = slopeOf(w, closed, solver);
  if (!derivative) return undefined;
  const outgoing = modes && !exchanged ? outgoingRows(w, R, modes.U) : w.block(0, r);
  if (!outgoing) return undefined;
  return {
    open: modes ? modes.U.columns : 0,
    value: R,
    slope: derivative,
    outgoing,
    // A large gain reveals a flat band that is not visible in single cells. R is then taken from
    // both sides of it.
    crossing: closed.gain > gainLimit ? 0 : modes ? crossing(w, modes) : Number.POSITIVE_INFINITY,
    edge: modes?.edge,
    solver,
    modes,
  };
}

/**
 * Solves R' - X R' Y = C with the factors of `closed`. The solver may belong to a less accurate R
 * or to a nearby energy.
 */
function slopeOf(
  w: Workspace,
  { backward, onward, explicitSlope }: Closed,
  solver: SteinSolver,
): Block | undefined {
  const explicit = explicitSlope!();
  const slope = solver.solve(explicit);
  let before = Number.POSITIVE_INFINITY;
  for (;;) {
    const image = w.times(backward, w.times(slope, onward));
    const rest = w.add(w.add(image, explicit), slope, -1);
    const size = w.largest(rest) / (1 + w.largest(slope));
    // Below rounding, which grows like the root of the length of the sums, nothing is gained.
    if (!(size > Math.max(4e-16, 1.2e-16 * Math.sqrt(slope.rows))) || !(size < 0.3 * before))
      return size < residualLimit ? slope : undefined;
    before = size;
    w.add(slope, solver.solve(rest));
  }
}

/**
 * R and R' of the repeated cell at re + i im, im > 0. `below`, if given, is the reflection at the
 * real energy re close by.
 */
export function reflectionAbove(
  w: Workspace,
  bulk: WaveCell,
  re: number,
  im: number,
  below?: Reflection,
): { value: Block; slope: Block } | undefined {
  const r = bulk.outerPorts;
  if (r === 0) return { value: w.block(0, 0), slope: w.block(0, 0) };
  let [value, slope]: [Scatterer?, Scatterer?] = [];
  let R: Block;
  let solver = below?.solver;
  if (below && solver) {
    const cell = scattererOf(w, bulk, re, im, true);
    if (!cell) return undefined;
    ({ value, slope } = cell);
    R = w.add(w.copy(below.value), below.slope, 0, im);
  } else {
    const all = allCellsAt(w, bulk, re, im);
    if (!all) return undefined;
    ({ value, slope } = all);
    R = all.cells.front;
    const own = closedBy(w, value, R, slope);
    solver = own && SteinSolver.of(w, own.backward, own.onward, none(w, r));
    if (!solver) return undefined;
  }
  let size = Number.POSITIVE_INFINITY;
  for (let step = 0; step < 8; step++) {
    const closed = closedBy(w, value, R, slope);
    if (!closed) return undefined;
    const rest = w.add(w.copy(closed.reflection), R, -1);
    const left = w.largest(rest);
    if (!(left < 0.3 * size) || left < 4e-16) {
      const derivative = left < residualLimit ? slopeOf(w, closed, solver) : undefined;
      return derivative && { value: R, slope: derivative };
    }
    size = left;
    R = w.add(R, solver.solve(rest));
  }
  return undefined;
}

/** The propagating modes at an energy. Undefined where they cannot be determined. */
export function bandModes(w: Workspace, bulk: WaveCell, energy: number): BandMode[] | undefined {
  if (bulk.outerPorts === 0) return [];
  const cells = manyCellsAt(w, bulk, energy);
  if (!cells) return undefined;
  if (cells.block.rank === 0) return [];
  const found = fromModes(w, cells.value, cells.slope, cells.block);
  if (!found) return undefined;
  const { lambda, lambdaInward, velocities } = found.modes;
  const { outward, inward } = velocities();
  const modes = (phases: Float64Array, speeds: number[]): BandMode[] =>
    speeds.map((v, j) => ({ k: Math.atan2(phases[2 * j + 1], phases[2 * j]), v }));
  return [...modes(lambda, outward), ...modes(lambdaInward, inward)];
}

/** Closes a finite cell by the reflection of the part behind it. */
export function throughCell(
  w: Workspace,
  cell: WaveCell,
  energy: readonly [re: number, im: number],
  behind: { value: Block; slope: Block; outgoing?: Block },
): { value: Block; slope: Block; outgoing?: Block } | undefined {
  const scatterer = scattererOf(w, cell, energy[0], energy[1], true);
  const closed = scatterer && closedBy(w, scatterer.value, behind.value, scatterer.slope);
  if (!closed) return undefined;
  const slope = w.addTimes(closed.explicitSlope!(), closed.backward, w.times(behind.slope, closed.onward));
  return {
    value: closed.reflection,
    slope,
    outgoing: behind.outgoing && w.times(behind.outgoing, closed.onward),
  };
}

function none(w: Workspace, r: number): OpenModes {
  const [column, row] = [w.block(r, 0), w.block(0, r)];
  const empty = new Float64Array(0);
  return { U: column, P: row, lambda: empty, Q: column, dualQ: row, mu: empty };
}

/** 1 - R^+ R, or 1 - R R^+. */
function missing(w: Workspace, R: Block, behind: boolean): Block {
  const product = behind ? w.times(R, w.adjoint(R)) : w.adjointTimes(R, R);
  return w.addToDiagonal(w.scale(product, -1), 1);
}

/**
 * The propagating modes as eigenvectors of the outward and inward propagation, with their duals.
 */
function openModes(w: Workspace, R: Block, modes: Modes): OpenModes | undefined {
  const { U, inward, lambda, lambdaInward } = modes;
  const r = U.rows;
  const dual = (vectors: Block, dualRows: Block): Block | undefined => {
    const factors = w.factor(w.times(dualRows, vectors));
    return factors && w.solve(factors, dualRows);
  };
  const P = dual(U, w.adjointTimes(U, missing(w, R, false)));
  const f = w.part(inward, r, 0, r, inward.columns);
  const Q = w.times(missing(w, R, true), f);
  const dualQ = dual(Q, w.adjoint(f));
  if (!P || !dualQ) return undefined;
  const mu = Float64Array.from(lambdaInward, (value, k) => (k % 2 === 0 ? value : -value));
  return { U, P, lambda, Q, dualQ, mu };
}

/**
 * P with P^+ P = 1 - R^+ R, from the space of the propagating modes. Undefined if that is not the
 * whole of 1 - R^+ R.
 */
function outgoingRows(w: Workspace, R: Block, U: Block): Block | undefined {
  const G = missing(w, R, false);
  const n = U.columns;
  const rows = w.adjointTimes(U, G);
  const gram = w.times(rows, U);
  // gram = L L^+ and P = L^-1 U^+ G.
  const g = w.values(gram);
  const x = w.values(rows);
  const r = rows.columns;
  for (let k = 0; k < n; k++) {
    const pivot = g[2 * k * (n + 1)];
    if (!(pivot > 0)) return undefined;
    const root = 1 / Math.sqrt(pivot);
    for (let j = 0; j < 2 * r; j++) x[2 * k * r + j] *= root;
    for (let i = k + 1; i < n; i++) {
      const [re, im] = [g[2 * (i * n + k)] * root, g[2 * (i * n + k) + 1] * root];
      for (let j = 0; j < 2 * r; j += 2) {
        const [p, q] = [2 * i * r + j, 2 * k * r + j];
        x[p] -= re * x[q] - im * x[q + 1];
        x[p + 1] -= re * x[q + 1] + im * x[q];
      }
      for (let j = k + 1; j <= i; j++) {
        const [a, b] = [g[2 * (j * n + k)] * root, g[2 * (j * n + k) + 1] * root];
        g[2 * (i * n + j)] -= re * a + im * b;
        g[2 * (i * n + j) + 1] -= im * a - re * b;
      }
    }
  }
  const rest = w.subtractTimes(w.copy(G), w.adjoint(rows), rows);
  return w.largest(rest) < fluxLimit ? rows : undefined;
}

/**
 * Distance in lambda of a right and a left mover that rounding mixes, if the mixing is larger than
 * a nearby edge explains.
 */
function crossing(w: Workspace, { outward, inward, lambda, lambdaInward }: Modes): number {
  let least = Number.POSITIVE_INFINITY;
  const sizes = (a: Block): Float64Array => {
    const values = w.values(a);
    const sums = new Float64Array(a.columns);
    for (let i = 0; i < a.rows; i++)
      for (let k = 0; k < a.columns; k++)
        sums[k] += values[2 * (i * a.columns + k)] ** 2 + values[2 * (i * a.columns + k) + 1] ** 2;
    return sums;
  };
  const [a, b] = [sizes(outward), sizes(inward)];
  for (let i = 0; i < a.length; i++)
    for (let j = 0; j < b.length; j++) {
      const distance = Math.hypot(
        lambda[2 * i] - lambdaInward[2 * j],
        lambda[2 * i + 1] - lambdaInward[2 * j + 1],
      );
      if (distance < 1e-2 && distance < 0.1 / Math.max(a[i], b[j])) least = Math.min(least, distance);
    }
  return least;
}
