// Tells intervals that hold broad levels only from those in which a narrow level may hide, without
// locating the levels. The number of states N(E) is exact (state-count.ts), and dN/dE is the time
// delay over 2 pi. Two rules with common nodes, Simpson's and Boole's, integrate the delay over the
// interval. A level much narrower than the interval adds one state to N and nothing to the rules,
// unless a node lies near the level. The weights of the nodes differ between the two rules by
// factors of up to five, so that one node near a level cannot make both of them agree with N.

import { NumericalError } from "../../base/errors.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { stateCount, timeDelay } from "./state-count.js";

/** Largest difference, in states, of a rule's sum from N. */
const AGREEMENT = 0.1;
/** Weights of five equidistant nodes on an interval of length one. */
const SIMPSON = [1 / 6, 0, 4 / 6, 0, 1 / 6];
const BOOLE = [7 / 90, 32 / 90, 12 / 90, 32 / 90, 7 / 90];

/**
 * Whether both rules find `states` in the time delays at five equidistant energies of an interval,
 * its ends included.
 */
export function delayAccountsFor(states: number, delays: readonly number[], length: number): boolean {
  return [SIMPSON, BOOLE].every((rule) => {
    const mean = rule.reduce((sum, weight, k) => sum + weight * delays[k], 0) / (2 * Math.PI);
    return Math.abs(mean * length - states) < AGREEMENT;
  });
}

/**
 * A test for `findLevels`: true if an interval is known to hold no level much narrower than itself.
 * It is made for intervals between about a third of `length` and `length`, and costs six energies;
 * the answer is false for all others.
 */
export function broadLevelsOnly(
  solver: ScatteringSolver,
  length: number,
): (low: number, high: number) => boolean {
  // Intervals come in ascending order and share their ends.
  let [lastEnergy, lastCount] = [Number.NaN, 0];
  const statesBelow = (energy: number): number => {
    if (energy !== lastEnergy) [lastEnergy, lastCount] = [energy, stateCount(solver, energy)];
    return lastCount;
  };
  return (low, high) => {
    if (!(high - low <= length && high - low > 0.37 * length)) return false;
    try {
      const before = statesBelow(low);
      const states = statesBelow(high) - before;
      const delays = [0, 1, 2, 3, 4].map((k) =>
        timeDelay(solver.solve(low + (k / 4) * (high - low), { energyDerivative: true })),
      );
      return delayAccountsFor(states, delays, high - low);
    } catch (error) {
      if (error instanceof NumericalError) return false;
      throw error;
    }
  };
}
