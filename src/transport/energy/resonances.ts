// Finds all narrow resonances inside an energy window. The number of eigenvalues of H + Re Sigma(E)
// below E changes by one across each of them, however narrow, so that bisection on this integer
// locates it. The width follows from the time delay at the peak, Tr(-i S^+ dS/dE) = 4 / width.
// Intervals in which a rule of a few nodes for the time delay finds all states hold broad levels
// only and are not bisected further (narrow-levels.ts).
// Cost: about 50 counts per narrow resonance or bound state, few per broad level.

import { NumericalError } from "../../base/errors.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import type { ScatteringPoint } from "../../scattering/point.js";
import { broadLevelsOnly } from "./narrow-levels.js";
import { stateCount, timeDelay } from "./state-count.js";

/** Positions and widths (full width at half maximum) in units of energy, ascending. */
export interface ResonanceList {
  count: number;
  energies: Float64Array;
  widths: Float64Array;
  /** Levels that no lead sees, found on the way: each is a state without a time delay. */
  dark: number[];
}

/** An empty list. */
export function resonanceList(): ResonanceList {
  return { count: 0, energies: new Float64Array(16), widths: new Float64Array(16), dark: [] };
}

/** Widest interval, in units of the device's energies, in which a lead may have no answer. */
const UNANSWERED = 1e-4;
/**
 * Distance from a level, in units of the device's energies, within which the level of a leading
 * part of the device may leave a count in doubt.
 */
const DOUBTFUL = 1e-11;
/** Distance from a level, in units of its uncertainty, at which only broad levels are felt. */
const FAR = 1e3;
/** The parts of an interval at which levels are counted, one after the other until one succeeds. */
const PARTS = [0.5, 0.4375, 0.5625, 0.375];
/** Largest part of the window that is tested for narrow levels as a whole. */
const PART = 0.02;

/**
 * Fills `list` with the resonances between `low` and `high` that are narrower than `broadest`. With
 * `all`, every level is located, in the intervals of broad levels as well.
 */
export function findResonances(
  solver: ScatteringSolver,
  low: number,
  high: number,
  broadest: number,
  list: ResonanceList,
  all = false,
): void {
  list.count = 0;
  list.dark = [];
  const [below, above] = [solver.eigenvaluesBelow(low), solver.eigenvaluesBelow(high)];
  findLevels(
    solver,
    low,
    high,
    below,
    above,
    (energy, resolution) => append(solver, energy, resolution, broadest, list),
    all ? undefined : broadLevelsOnly(solver, PART * (high - low)),
  );
}

/**
 * Bisects every interval at whose ends the numbers of levels differ. Calls `found` for each energy
 * at which the number changes, in ascending order, with the width of the last interval and the
 * change. With `ignore`, intervals for which it returns true are left out, and levels are located
 * no more exactly than the present order of elimination can tell. The recursion is at most as deep
 * as a double has digits.
 */
export function findLevels(
  solver: ScatteringSolver,
  low: number,
  high: number,
  below: number,
  above: number,
  found: (energy: number, resolution: number, change: number) => void,
  ignore?: (low: number, high: number) => boolean,
): void {
  if (below === above) return;
  const middle = 0.5 * (low + high);
  const scale = solver.energyScale();
  const finest = 1e-15 * scale;
  if (!(middle > low && middle < high) || high - low < finest) {
    found(middle, Math.max(high - low, finest), above - below);
    return;
  }
  if (ignore?.(low, high)) return;
  const inside = ignore && certainly(solver, low, high);
  if (ignore && !inside && high - low < DOUBTFUL * scale) {
    found(middle, high - low, above - below);
    return;
  }
  const { at, count } = inside ?? counted(solver, low, high) ?? {};
  // Integrals bridge an interval in which a lead has no answer (guarded.ts).
  if (at === undefined || count === undefined) return;
  findLevels(solver, low, at, below, count, found, ignore);
  findLevels(solver, at, high, count, above, found, ignore);
}

/** A count inside the interval for which no other order of elimination is needed. */
function certainly(
  solver: ScatteringSolver,
  low: number,
  high: number,
): { at: number; count: number } | undefined {
  for (const part of PARTS) {
    try {
      const at = low + part * (high - low);
      const count = solver.certainEigenvaluesBelow(at);
      if (count !== undefined) return { at, count };
    } catch (error) {
      if (!(error instanceof NumericalError)) throw error;
    }
  }
  return undefined;
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
  for (const part of PARTS) {
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
  const width = 4 / peakDelay(solver, energy, resolution);
  // Without a delay the level couples to no lead: it lies outside all bands or is a bound state
  // inside one. The delay of a resonance falls off within a few widths; that of a smooth background
  // does not.
  const falls = () =>
    Math.min(...[-8, -2, 2, 8].map((part) => delayAt(solver, energy + part * width))) < 2 / width;
  if (!(width > 0 && width <= broadest && falls())) {
    if (isDark(solver, energy, resolution)) list.dark.push(energy);
    return;
  }
  if (list.count === list.energies.length) {
    list.energies = lengthened(list.energies);
    list.widths = lengthened(list.widths);
  }
  list.energies[list.count] = energy;
  list.widths[list.count] = Math.max(width, resolution);
  list.count++;
}

/** Whether a whole state lies within the neighbourhood of a level that is no resonance. */
function isDark(solver: ScatteringSolver, energy: number, resolution: number): boolean {
  const distance = FAR * Math.max(DOUBTFUL * solver.energyScale(), resolution);
  try {
    return stateCount(solver, energy + distance) - stateCount(solver, energy - distance) > 0.5;
  } catch (error) {
    if (error instanceof NumericalError) return false;
    throw error;
  }
}

/**
 * The time delay at a level. It is taken beside the level if the delay does not rise towards it,
 * because E - H - Sigma is singular at the energy of a bound state.
 */
function peakDelay(solver: ScatteringSolver, energy: number, resolution: number): number {
  const near = Math.max(DOUBTFUL * solver.energyScale(), resolution);
  const greatest = (distance: number) =>
    Math.max(delayAt(solver, energy - distance), delayAt(solver, energy + distance));
  const beside = greatest(near);
  if (beside < 1.5 * greatest(FAR * near)) return beside;
  return Math.max(beside, delayAt(solver, energy));
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
