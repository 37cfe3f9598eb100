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
      let [simpson, boole] = [0, 0];
      for (let k = 0; k < 5; k++) {
        const at = low + (k / 4) * (high - low);
        const density = timeDelay(solver.solve(at, { energyDerivative: true })) / (2 * Math.PI);
        simpson += SIMPSON[k] * density;
        boole += BOOLE[k] * density;
      }
      return [simpson, boole].every((mean) => Math.abs(mean * (high - low) - states) < AGREEMENT);
    } catch (error) {
      if (error instanceof NumericalError) return false;
      throw error;
    }
  };
}
