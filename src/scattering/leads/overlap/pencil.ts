// A periodic lead whose orbitals overlap. Its equations are those of a lead with the cell
// H0 - E (S0 - 1) and the hopping H1 - E S1, and V - E S_V into the device, so that at every real
// energy the wave variables of an orthonormal lead serve (periodic/wave-cells.ts). Their factors
// depend on the energy: H1 - z S1 = A(z) B^+ with A(z) = A0 + z A1 and a constant B that spans the
// rows of both. Far above the real axis, where such waves need not be contractions, the cells are
// eliminated by decimation of z S - H, which is regular there because S is positive definite.

import { quickHermitianEigen } from "../../../engine/dense.js";
import type { Kernels } from "../../../engine/kernels.js";
import type { Block, Workspace } from "../../../engine/workspace.js";
import type { ResolvedPeriodicLead } from "../../../model/types.js";
import { cholesky, forward } from "../../../numerics/linear-algebra/cholesky.js";
import { largestRowSum } from "../../../numerics/linear-algebra/matrices.js";
import { adjointOf } from "../matrices.js";
import { factorised, rankTolerance } from "../periodic/wave-factor.js";

/** A periodic lead that has overlaps. */
export type OverlappingLead = ResolvedPeriodicLead & Required<Pick<ResolvedPeriodicLead, "overlaps">>;

export const isOverlapping = (lead: ResolvedPeriodicLead): lead is OverlappingLead =>
  lead.overlaps !== undefined;

/** h - z s = (A + z slope) B^+. */
export interface PencilFactors {
  A: Float64Array;
  slope: Float64Array;
  B: Float64Array;
  rank: number;
}

const largest = (a: Float64Array): number => a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

/** Factors of h - z s, both rows x columns. */
export function factoredPencil(
  h: Float64Array,
  s: Float64Array,
  rows: number,
  columns: number,
): PencilFactors {
  // s is brought to the size of h, so that the smaller directions of both count.
  const [size, other] = [largest(h), largest(s)];
  const weight = size > 0 && other > 0 ? size / other : 1;
  const both = new Float64Array(4 * rows * columns);
  both.set(h);
  both.set(
    s.map((x) => weight * x),
    h.length,
  );
  const { A, B, rank } = factorised(both, 2 * rows, columns, rankTolerance);
  return {
    A: A.slice(0, 2 * rows * rank),
    slope: A.slice(2 * rows * rank).map((x) => -x / weight),
    B,
    rank,
  };
}

/** The cell and the hopping of the orthonormal lead with the same equations at one energy. */
export function leadAt({ onsite, hopping, overlaps }: OverlappingLead, energy: number) {
  const m = onsite.shape[0];
  const less = (h: Float64Array, s: Float64Array) => h.map((x, k) => x - energy * s[k]);
  const cell = less(onsite.data, overlaps.onsite.data);
  for (let i = 0; i < m; i++) cell[2 * i * (m + 1)] += energy;
  return { onsite: cell, hopping: less(hopping.data, overlaps.hopping.data) };
}

/** h0 + h1 e^(ik) + h1^+ e^(-ik). */
function atPhase(h0: Float64Array, h1: Float64Array, m: number, k: number): Float64Array {
  const [c, s] = [Math.cos(k), Math.sin(k)];
  const back = adjointOf(h1, m, m);
  const out = h0.slice();
  for (let p = 0; p < out.length; p += 2) {
    out[p] += c * (h1[p] + back[p]) - s * (h1[p + 1] - back[p + 1]);
    out[p + 1] += c * (h1[p + 1] + back[p + 1]) + s * (h1[p] - back[p]);
  }
  return out;
}

/** Eigenvalues of H(k) in the metric S(k), not sorted. */
function levelsAt(kernels: Kernels, { onsite, hopping, overlaps }: OverlappingLead, k: number): Float64Array {
  const m = onsite.shape[0];
  const factor = atPhase(overlaps.onsite.data, overlaps.hopping.data, m, k);
  if (!cholesky(factor, m)) return new Float64Array();
  const half = atPhase(onsite.data, hopping.data, m, k);
  forward(factor, m, half, m);
  const whole = adjointOf(half, m, m);
  forward(factor, m, whole, m);
  return quickHermitianEigen(kernels, m, whole).values.slice();
}

/** Energies of all bands at some values of k, as `bandEnergies` of orthonormal leads. */
export const pencilEnergies = (kernels: Kernels, lead: OverlappingLead): number[] =>
  [0, 1, 2, 3].flatMap((quarter) => Array.from(levelsAt(kernels, lead, (quarter * Math.PI) / 2)));

/**
 * A bound on the energies of the bands: the largest row sums of H0 and H1 over a bound from below
 * on the eigenvalues of S(k), which change by at most 2 |S1| per radian.
 */
export function pencilScale(kernels: Kernels, { onsite, hopping, overlaps }: OverlappingLead): number {
  const m = onsite.shape[0];
  // The edge of a band must not lie on the bound itself, where rounding would lose it.
  const size = 1.01 * (largestRowSum(onsite.data, m) + 2 * largestRowSum(hopping.data, m));
  const rate = 2 * largestRowSum(overlaps.hopping.data, m);
  for (let count = 16; ; count *= 2) {
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < count; k++) {
      const metric = atPhase(overlaps.onsite.data, overlaps.hopping.data, m, (2 * Math.PI * k) / count);
      for (const value of quickHermitianEigen(kernels, m, metric).values) least = Math.min(least, value);
    }
    const bound = least - (rate * Math.PI) / count;
    if (bound > least / 2) return size / bound;
    if (count >= 1024) return (2 * size) / Math.max(least, 1e-12);
  }
}

/** Elements between distant cells, relative to their product with a cell, that count as none. */
const ENOUGH = 1e-34;
/** Steps of doubling the number of cells. */
const STEPS = 80;

/**
 * Sigma(z) and dSigma/dz at z = re + i im, im > 0, on the device's orbitals. Undefined if the
 * decimation does not converge, as close to the real axis.
 */
export function selfEnergyAbove(
  w: Workspace,
  { onsite, hopping, coupling, overlaps }: OverlappingLead,
  re: number,
  im: number,
): { sigma: Block; slope: Block } | undefined {
  const m = onsite.shape[0];
  const n = coupling.shape[0];
  const from = (a: Float64Array, rows: number) => w.from(a, rows, m);
  /** z s - h. */
  const pencil = (h: Block, s: Block) => w.add(w.scale(w.copy(s), re, im), h, -1);
  const inverse = (a: Block) => {
    const factors = w.factor(w.copy(a));
    return factors && w.solve(factors, w.addToDiagonal(w.zeros(m, m), 1));
  };
  const [h1, s1] = [from(hopping.data, m), from(overlaps.hopping.data, m)];
  const [V, SV] = [from(coupling.data, n), from(overlaps.coupling.data, n)];
  const [s1Back, SVBack] = [w.adjoint(s1), w.adjoint(SV)];
  const cell = pencil(from(onsite.data, m), from(overlaps.onsite.data, m));
  const out = w.scale(pencil(h1, s1), -1);
  const back = w.scale(pencil(w.adjoint(h1), s1Back), -1);
  let [surface, bulk, alpha, beta] = [w.copy(cell), w.copy(cell), w.copy(out), w.copy(back)];
  let left = Number.POSITIVE_INFINITY;
  const size = w.largest(cell) ** 2;
  for (let step = 0; step < STEPS && left > ENOUGH * size; step++) {
    const green = inverse(bulk);
    if (!green) return undefined;
    const [a, b] = [w.times(alpha, green), w.times(beta, green)];
    surface = w.subtractTimes(surface, a, beta);
    bulk = w.subtractTimes(w.subtractTimes(bulk, a, beta), b, alpha);
    [alpha, beta] = [w.times(a, alpha), w.times(b, beta)];
    left = w.largest(alpha) * w.largest(beta);
    if (!Number.isFinite(left)) return undefined;
  }
  const green = left > ENOUGH * size ? undefined : inverse(surface);
  if (!green) return undefined;

  // s = h g h' with h = H1 - z S1 and h' = H1^+ - z S1^+ has the slope
  // s' = -S1 g h' - h g S1^+ + h g' h',  g' = -g (S0 - s') g,  by doubling.
  const [hg, gh] = [w.times(out, green), w.times(green, back)];
  const within = w.times(hg, w.times(from(overlaps.onsite.data, m), gh));
  let slope = w.scale(w.add(w.add(within, w.times(s1, gh)), w.times(hg, s1Back)), -1);
  let [L, R] = [hg, gh];
  for (let step = 0; step < STEPS; step++) {
    const more = w.times(L, w.times(slope, R));
    slope = w.add(slope, more);
    if (!(w.largest(more) > 1e-17 * w.largest(slope))) break;
    [L, R] = [w.times(L, L), w.times(R, R)];
  }
  const inner = w.add(from(overlaps.onsite.data, m), slope, -1);
  const greenSlope = w.scale(w.times(green, w.times(inner, green)), -1);
  // Sigma = v g v' with v = V - z S_V and v' = V^+ - z S_V^+.
  const v = w.add(w.copy(V), SV, -re, -im);
  const vBack = w.add(w.adjoint(V), SVBack, -re, -im);
  const vg = w.times(v, green);
  const sigmaSlope = w.times(v, w.times(greenSlope, vBack));
  w.subtractTimes(sigmaSlope, SV, w.times(green, vBack));
  w.subtractTimes(sigmaSlope, vg, SVBack);
  if (!Number.isFinite(w.largest(sigmaSlope))) return undefined;
  return { sigma: w.times(vg, vBack), slope: sigmaSlope };
}
