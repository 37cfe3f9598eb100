// Finds all narrow resonances inside an energy window. The number of eigenvalues of H + Re Sigma(E)
// below E changes by one across each of them, however narrow, so that bisection on this integer
// locates it. The width follows from the time delay at the peak, Tr(-i S^+ dS/dE) = 4 / width.
// Cost: about 50 factorisations per resonance.

import { NumericalError } from "../../base/errors.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";

/** Positions and widths (full width at half maximum) in units of energy, ascending. */
export interface ResonanceList {
  count: number;
  energies: Float64Array;
  widths: Float64Array;
}

/** An empty list. */
export function resonanceList(): ResonanceList {
  return { count: 0, energies: new Float64Array(16), widths: new Float64Array(16) };
}

/** Widest interval, in units of the device's energies, in which a lead may have no answer. */
const UNANSWERED = 1e-4;

/** Fills `list` with the resonances between `low` and `high` that are narrower than `broadest`. */
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
 * Bisects every interval at whose ends the numbers of levels differ. Calls `found` for each energy
 * at which the number changes, in ascending order, with the width of the last interval and the
 * change. The recursion is at most as deep as a double has digits.
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
  // Integrals bridge an interval in which a lead has no answer (guarded.ts).
  if (!inside) return;
  const { at, count } = inside;
  findLevels(solver, low, at, below, count, found);
  findLevels(solver, at, high, count, above, found);
}

/**
 * The number of levels below an energy near the middle of the interval. Energies beside it are
 * tried where a lead has no answer; the result is undefined if all of them fail in a narrow
 * interval.
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
  // Without a delay the level couples to no lead: it lies outside all bands or is a bound state
  // inside one.
  if (!(delay > 0) || 4 / delay > broadest) return;
  if (list.count === list.energies.length) {
    list.energies = lengthened(list.energies);
    list.widths = lengthened(list.widths);
  }
  list.energies[list.count] = energy;
  list.widths[list.count] = Math.max(4 / delay, resolution);
  list.count++;
}

/** Time delay; 0 where E - H - Sigma is singular, because a level couples to nothing. */
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

/** Wigner-Smith time delay summed over channels: Tr(-i S^+ dS/dE) = Im sum conj(S_ab) dS_ab/dE. */
export function timeDelay(point: ScatteringPoint): number {
  const { channels, S, dSdE } = point;
  let delay = 0;
  for (let i = 0; i < 2 * channels * channels; i += 2) delay += S[i] * dSdE[i + 1] - S[i + 1] * dSdE[i];
  return delay;
}

/**
 * Largest relative change of the scattering states per energy. On a resonance this is the delay. In
 * its tails it is 2 |P| / |K|, because the states change as 1 / distance there and the delay only
 * as width / distance^2. |P| and |K| are the largest elements over all directions, because K of a
 * single direction may vanish at an energy.
 */
export function steepness(point: ScatteringPoint): number {
  let [largestK, largestP] = [0, 0];
  for (let nu = 0; nu < point.K.length; nu++) {
    largestK = Math.max(largestK, largest(point.K[nu], point.channels));
    largestP = Math.max(largestP, largest(point.P[nu], point.channels));
  }
  const delay = Math.abs(timeDelay(point));
  return largestK > 0 ? Math.max(delay, (2 * largestP) / largestK) : delay;
}

/** Largest absolute real or imaginary part of the first channels^2 complex elements. */
function largest(a: Float64Array, channels: number): number {
  let most = 0;
  for (let i = 0; i < 2 * channels * channels; i++) most = Math.max(most, Math.abs(a[i]));
  return most;
}
