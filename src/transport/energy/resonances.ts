// Narrow resonances inside an energy window, found for certain: the number of eigenvalues of H + Re
// Sigma(E) below E changes by one across each of them, however narrow it is, so bisection on that
// integer locates it; its width follows from the time delay at the peak, Tr(-i S^+ dS/dE) = 4 /
// width. Cost: about 50 factorisations per resonance.

import { NumericalError } from "../../base/errors.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";

/** Positions and widths (full width at half maximum), ascending. */
export interface ResonanceList {
  count: number;
  energies: Float64Array;
  widths: Float64Array;
}

export function resonanceList(): ResonanceList {
  return { count: 0, energies: new Float64Array(16), widths: new Float64Array(16) };
}

/** Widest gap, in units of the device's energies, in which a lead may have no answer. */
const UNANSWERED = 1e-4;

/** Fills `list` with the resonances between `low` and `high` narrower than `broadest`. */
export function findResonances(
  solver: ScatteringSolver,
  low: number,
  high: number,
  broadest: number,
  list: ResonanceList,
): void {
  list.count = 0;
  const [below, above] = [solver.eigenvaluesBelow(low), solver.eigenvaluesBelow(high)];
  findLevels(solver, low, high, below, above, (energy, resolution) =>
    append(solver, energy, resolution, broadest, list),
  );
}

/**
 * Bisects where the numbers of levels at the two ends differ, and hands on each energy at which the
 * number changes, ascending, with the width of the interval it was followed to and the change; the
 * recursion is as deep as the digits of a double.
 */
export function findLevels(
  solver: ScatteringSolver,
  low: number,
  high: number,
  below: number,
  above: number,
  found: (energy: number, resolution: number, change: number) => void,
): void {
  if (below === above) return;
  const middle = 0.5 * (low + high);
  const finest = 1e-15 * solver.energyScale();
  if (!(middle > low && middle < high) || high - low < finest) {
    found(middle, Math.max(high - low, finest), above - below);
    return;
  }
  const inside = counted(solver, low, high);
  // What a lead has no answer for, integrals bridge (window-integral.ts).
  if (!inside) return;
  const { at, count } = inside;
  findLevels(solver, low, at, below, count, found);
  findLevels(solver, at, high, count, above, found);
}

/**
 * Levels below an energy near the middle: beside it where a lead has no answer just there;
 * undefined where it has none around.
 */
function counted(
  solver: ScatteringSolver,
  low: number,
  high: number,
): { at: number; count: number } | undefined {
  let failure: unknown;
  for (const part of [0.5, 0.4375, 0.5625, 0.375]) {
    try {
      const at = low + part * (high - low);
      return { at, count: solver.eigenvaluesBelow(at) };
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
      failure = error;
    }
  }
  if (high - low > UNANSWERED * solver.energyScale()) throw failure;
  return undefined;
}

function append(
  solver: ScatteringSolver,
  energy: number,
  resolution: number,
  broadest: number,
  list: ResonanceList,
): void {
  const delay = delayAt(solver, energy);
  // No delay: nothing that couples to a lead (a level outside all bands, or a bound state inside
  // one).
  if (!(delay > 0) || 4 / delay > broadest) return;
  if (list.count === list.energies.length) {
    list.energies = lengthened(list.energies);
    list.widths = lengthened(list.widths);
  }
  list.energies[list.count] = energy;
  list.widths[list.count] = Math.max(4 / delay, resolution);
  list.count++;
}

/** Time delay, or 0 where E - H - Sigma is singular: a level that couples to nothing. */
function delayAt(solver: ScatteringSolver, energy: number): number {
  try {
    return timeDelay(solver.solve(energy, { energyDerivative: true }));
  } catch (error) {
    if (error instanceof NumericalError) return 0;
    throw error;
  }
}

function lengthened(list: Float64Array): Float64Array {
  const longer = new Float64Array(2 * list.length);
  longer.set(list);
  return longer;
}

/** Wigner-Smith time delay summed over channels: Tr(-i S^+ dS/dE) = Im sum of conj(S_ab) dS_ab. */
export function timeDelay(point: ScatteringPoint): number {
  const { channels, S, dSdE } = point;
  let delay = 0;
  for (let i = 0; i < 2 * channels * channels; i += 2) delay += S[i] * dSdE[i + 1] - S[i + 1] * dSdE[i];
  return delay;
}

/**
 * Largest relative change of scattering states with the energy: the delay on a resonance, 2 |P| /
 * |K| also in the tails of one, where states change as 1 / distance and the delay as width /
 * distance^2. Largest elements of all directions together, as quantities have one scale for all of
 * them: K of a single one may vanish at an energy.
 */
export function steepness(point: ScatteringPoint): number {
  let [size, slope] = [0, 0];
  for (let nu = 0; nu < point.K.length; nu++) {
    size = Math.max(size, largest(point.K[nu], point.channels));
    slope = Math.max(slope, largest(point.P[nu], point.channels));
  }
  const delay = Math.abs(timeDelay(point));
  return size > 0 ? Math.max(delay, (2 * slope) / size) : delay;
}

/** Largest real or imaginary part. */
function largest(a: Float64Array, channels: number): number {
  let most = 0;
  for (let i = 0; i < 2 * channels * channels; i++) most = Math.max(most, Math.abs(a[i]));
  return most;
}
