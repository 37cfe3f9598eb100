// A periodic lead in wave variables. With h1 = A B^+ (orbitals x rank) a cut between two cells is
// described by a = A^+ psi on its left and b = B^+ psi on its right, or by the waves
//     e = a_(j-1) + i b_j   (into cell j from the device's side),
//     f = b_(j+1) + i a_j   (into cell j from outside).
// Any cell or block of cells scatters these waves, [e_next; f_before] = S [f; e]. S is unitary at
// real energy (2 rank x 2 rank) and therefore bounded at every energy: there is no pole, no pivot
// rule and no imaginary part. The semi-infinite lead is represented by its reflection R, f = R e.
//     S = i + 2 [A B]^+ (E - h0 + i A A^+ + i B B^+)^-1 [A B].

import type { Kernels } from "../../../engine/kernels.js";
import { type Block, Workspace } from "../../../engine/workspace.js";
import { sameNumbers } from "../matrices.js";
import type { SharedCells } from "./kept-blocks.js";
import type { ReachableLead } from "./reach.js";
import { factorised, rankTolerance, reachingPorts, throughPorts } from "./wave-factor.js";

/**
 * A cell with the factors of its hoppings: `outer` (size x outer ports) towards the next cell and
 * `inner` towards the device.
 */
export interface WaveCell {
  size: number;
  /** -h0 + i A A^+ + i B B^+, to which E is added. */
  matrix: Float64Array;
  /** [A B], size x (outerPorts + innerPorts). */
  ports: Float64Array;
  outerPorts: number;
  innerPorts: number;
  /**
   * Blocks of this cell that leads in both directions use. For a lead in the other direction `cell`
   * is the cell to which they belong.
   */
  shared?: { cells: SharedCells; cell?: WaveCell };
  /**
   * Present if the orbitals overlap. The ports at z are then `ports` + z `portsSlope`, and the matrix
   * is z `overlap` - `onsite` + i ports ports^+ in place of `matrix`.
   */
  pencil?: { onsite: Float64Array; overlap: Float64Array; portsSlope: Float64Array };
}

/** The repeated cell of a lead, and the factors of its h1 = A B^+. */
export interface RepeatedCell {
  cell: WaveCell;
  factors: { A: Float64Array; B: Float64Array; rank: number };
}

/**
 * A lead as a sequence of cells: `prefix` from the device outwards, then `bulk` repeated. `contact`
 * (device orbitals x ports) is defined by V = contact B^+ of the first cell.
 */
export interface WaveLead {
  prefix: WaveCell[];
  bulk: WaveCell;
  contact: Float64Array;
  /** The contact at z is `contact` + z times this; default 0. */
  contactSlope?: Float64Array;
  ports: number;
}

/**
 * The four blocks of S: `back` from f to e_next (reflection outside), `out` from e to e_next, `in`
 * from f to f_before, `front` from e to f_before (reflection inside).
 */
export interface Scatterer {
  back: Block;
  out: Block;
  in: Block;
  front: Block;
}

/**
 * S of a cell at re + i im and, if requested, its derivative by the energy. Undefined if the matrix
 * is singular.
 */
export function scattererOf(
  w: Workspace,
  cell: WaveCell,
  re: number,
  im: number,
  slope: boolean,
): { value: Scatterer; slope?: Scatterer } | undefined {
  const { size, outerPorts, innerPorts } = cell;
  const count = outerPorts + innerPorts;
  const parts = (s: Block): Scatterer => ({
    back: w.part(s, 0, 0, outerPorts, outerPorts),
    out: w.part(s, 0, outerPorts, outerPorts, innerPorts),
    in: w.part(s, outerPorts, 0, innerPorts, outerPorts),
    front: w.part(s, outerPorts, outerPorts, innerPorts, innerPorts),
  });
  if (cell.pencil) {
    const found = pencilScatterer(w, cell, cell.pencil, re, im);
    return found && { value: parts(found.value), slope: parts(found.slope) };
  }
  const matrix = w.addToDiagonal(w.from(cell.matrix, size, size), re, im);
  const ports = w.from(cell.ports, size, count);
  const factors = w.factor(matrix);
  if (!factors) return undefined;
  const inside = w.solve(factors, w.copy(ports));
  const value = parts(w.addToDiagonal(w.scale(w.adjointTimes(ports, inside), 2), 0, 1));
  if (!slope) return { value };
  const derivative = w.scale(w.adjointTimes(ports, w.solve(factors, w.copy(inside))), -2);
  return { value, slope: parts(derivative) };
}

/**
 * S and S' of a cell whose orbitals overlap. With ports P(z) and P~(z) = P(z*)^+, both analytic,
 *     M = z S0 - H0 + i P P~,   S = i + 2 P~ M^-1 P,
 *     S' = 2 [P~' M^-1 P + P~ M^-1 (P' - M' M^-1 P)],   M' = S0 + i (P' P~ + P P~').
 */
function pencilScatterer(
  w: Workspace,
  { size, ports, outerPorts, innerPorts }: WaveCell,
  { onsite, overlap, portsSlope }: NonNullable<WaveCell["pencil"]>,
  re: number,
  im: number,
): { value: Block; slope: Block } | undefined {
  const count = outerPorts + innerPorts;
  const [P0, dP] = [w.from(ports, size, count), w.from(portsSlope, size, count)];
  const dBack = w.adjoint(dP);
  const back = w.add(w.adjoint(P0), dBack, re, im);
  const P = w.add(P0, dP, re, im);
  const own = w.from(overlap, size, size);
  const matrix = w.add(w.scale(w.copy(own), re, im), w.from(onsite, size, size), -1);
  const factors = w.factor(w.add(matrix, w.times(P, back), 0, 1));
  if (!factors) return undefined;
  const inside = w.solve(factors, w.copy(P));
  const value = w.addToDiagonal(w.scale(w.times(back, inside), 2), 0, 1);
  const moved = w.add(own, w.addTimes(w.times(dP, back), P, dBack), 0, 1);
  const driven = w.solve(factors, w.subtractTimes(w.copy(dP), moved, inside));
  return { value, slope: w.scale(w.addTimes(w.times(dBack, inside), back, driven), 2) };
}

/** `first` (on the device's side) followed by `second`. */
export function joined(w: Workspace, first: Scatterer, second: Scatterer): Scatterer | undefined {
  // The wave e between the two is D^-1 (out1 e + back1 in2 f) with D = 1 - back1 front2.
  const n = first.out.columns;
  const d = w.addToDiagonal(w.scale(w.times(first.back, second.front), -1), 1);
  const factors = w.factor(d);
  if (!factors) return undefined;
  const between = w.solve(factors, w.beside(first.out, w.times(first.back, second.in)));
  const fromDevice = w.part(between, 0, 0, between.rows, n);
  const fromOutside = w.part(between, 0, n, between.rows, between.columns - n);
  const inward = w.addTimes(w.copy(second.in), second.front, fromOutside);
  return {
    back: w.addTimes(w.copy(second.back), second.out, fromOutside),
    out: w.times(second.out, fromDevice),
    in: w.times(first.in, inward),
    front: w.addTimes(w.copy(first.front), first.in, w.times(second.front, fromDevice)),
  };
}

/**
 * A scatterer closed by a reflection R behind it: its own reflection and, with R' and the
 * scatterer's derivative, the derivative of that by the energy.
 */
export interface Closed {
  /** front + in R Y. */
  reflection: Block;
  /** Y, from e to e_next. */
  onward: Block;
  /** in (1 - R back)^-1, from f_next to f_before. */
  backward: Block;
  /**
   * Largest element of (1 - back R)^-1 back. If it is large, the enclosed part is almost an
   * isolated state, and the slopes lose that many digits.
   */
  gain: number;
  /**
   * The derivative of the reflection at constant R, in' R Y + .... The complete derivative is
   * backward R' onward + explicitSlope. A function, because not every R needs it.
   */
  explicitSlope?: () => Block;
}

/**
 * Closes a scatterer by the reflection R behind it. With `slope`, the derivative of the scatterer,
 * also prepares the derivative by the energy. Undefined if 1 - back R is singular.
 */
export function closedBy(
  w: Workspace,
  { back, out, in: inward, front }: Scatterer,
  reflection: Block,
  slope?: Scatterer,
): Closed | undefined {
  const factors = w.factor(w.addToDiagonal(w.scale(w.times(back, reflection), -1), 1));
  if (!factors) return undefined;
  const solved = w.solve(factors, w.beside(out, back));
  const onward = w.part(solved, 0, 0, out.rows, out.columns);
  const again = w.part(solved, 0, out.columns, back.rows, back.columns);
  const beyond = w.times(reflection, onward);
  const through = w.times(inward, reflection);
  const closed: Closed = {
    gain: w.largest(again),
    reflection: w.addTimes(w.copy(front), inward, beyond),
    onward,
    backward: w.addTimes(w.copy(inward), through, again),
  };
  if (slope)
    // C = front' + in' R Y + in R D^-1 (out' + back' R Y).
    closed.explicitSlope = () => {
      const inner = w.addTimes(w.copy(slope.out), slope.back, beyond);
      const c = w.addTimes(w.copy(slope.front), slope.in, beyond);
      return w.addTimes(c, through, w.solve(factors, inner));
    };
  return closed;
}

/**
 * The cells of a lead in wave form, with the repeated cell given. `devices` is the number of rows
 * of the coupling of its first cell.
 */
export function waveLead(
  kernels: Kernels,
  lead: ReachableLead,
  devices: number,
  { cell: bulk, factors: { A, B, rank } }: RepeatedCell,
): WaveLead {
  const m = lead.size;
  const cells = [...lead.prefix, { size: m, onsite: lead.onsite, coupling: lead.coupling }];
  const rows = cells.map((_, j) => (j === 0 ? devices : cells[j - 1].size));
  // The usual coupling is V = h1 = A B^+.
  const usual = lead.prefix.length === 0 && sameNumbers(lead.coupling, lead.hopping);
  const own = usual
    ? A
    : lead.prefix.length === 0
      ? (throughHopping(kernels, lead, devices, A, rank) ?? throughPorts(lead.coupling, devices, m, B, rank))
      : undefined;
  if (own) return { prefix: [], bulk, contact: own, ports: rank };
  // Factors of the hopping into each cell. The last cell is followed by the periodic part.
  const inward = cells.map((cell, j) => factorised(cell.coupling, rows[j], cell.size, rankTolerance));
  const prefix = cells.map(({ size, onsite }, j) => {
    const outer = j + 1 < cells.length ? { A: inward[j + 1].A, rank: inward[j + 1].rank } : { A, rank };
    return waveCell(kernels, onsite, size, outer.A, outer.rank, inward[j].B, inward[j].rank);
  });
  return { prefix, bulk, contact: inward[0].A, ports: inward[0].rank };
}

/** The contact T A of a coupling V = T h1, if that holds to rounding. */
function throughHopping(
  kernels: Kernels,
  { size: m, hopping, coupling, through }: ReachableLead,
  devices: number,
  A: Float64Array,
  rank: number,
): Float64Array | undefined {
  if (!through) return undefined;
  const w = Workspace.of(kernels);
  const [T, V] = [w.from(through, devices, m), w.from(coupling, devices, m)];
  const largest = w.largest(V);
  const missed = w.largest(w.subtractTimes(V, T, w.from(hopping, m, m)));
  if (!(missed <= 1e-14 * largest)) return undefined;
  return reachingPorts(w.values(w.times(T, w.from(A, m, rank))).slice(), devices, rank);
}

/** A cell from its Hamiltonian and the factors of its hoppings. */
export function waveCell(
  kernels: Kernels,
  onsite: Float64Array,
  size: number,
  A: Float64Array,
  outerPorts: number,
  B: Float64Array,
  innerPorts: number,
): WaveCell {
  const count = outerPorts + innerPorts;
  const ports = new Float64Array(2 * size * count);
  for (let i = 0; i < size; i++) {
    ports.set(A.subarray(2 * i * outerPorts, 2 * (i + 1) * outerPorts), 2 * i * count);
    ports.set(B.subarray(2 * i * innerPorts, 2 * (i + 1) * innerPorts), 2 * (i * count + outerPorts));
  }
  const w = Workspace.of(kernels);
  const all = w.from(ports, size, count);
  const product = w.times(all, w.adjoint(all));
  const matrix = w.values(w.add(w.scale(product, 0, 1), w.from(onsite, size, size), -1)).slice();
  return { size, matrix, ports, outerPorts, innerPorts };
}
