// Finds the angles of a turn at which the number of levels below mu changes, by bisection between
// neighbouring angles of a grid. Where the integrand at such a crossing is much larger than
// anywhere on the grid, a resonance is narrower than the spacing of the grid.

import { TURN } from "../../base/constants.js";
import type { TurnIntegrand } from "./integrand.js";

/**
 * Bisections after which the integrand is evaluated at a crossing. The tail of a resonance grows
 * fourfold with each bisection, so that 15 show whether the resonance exceeds the grid.
 */
const STEPS = 15;
/** Bisections after which a resonance that exceeds the grid is measured. */
const FINE_STEPS = 40;
/**
 * A crossing exceeds the grid if the integrand there is larger than on the grid by this factor.
 */
const STICKS_OUT = 10;

/** The area of a resonance is bounded by its height times its width times this factor. */
const TAILS = 4;

/** The crossings of a turn. */
export interface Crossings {
  angles: number[];
  /** Widths of the resonances there in radians, estimated. */
  widths: number[];
  /** Number of crossings that exceed the grid. */
  sticksOut: number;
  /**
   * Per component, a bound of what these crossings add to the integral and the grid has missed.
   */
  missed: Float64Array;
}

/**
 * Crossings between the angles 2 pi j / count of the grid whose sums the integrand holds.
 * `below(j)` is the number of levels below mu at angle j. Where `seen(j)` is true, the change
 * between the angles j and j + 1 is known to be resolved and is skipped.
 */
export function findCrossings(
  integrand: TurnIntegrand,
  count: number,
  below: (node: number) => number,
  seen?: (node: number) => boolean,
): Crossings {
  const found: Crossings = {
    angles: [],
    widths: [],
    sticksOut: 0,
    missed: new Float64Array(integrand.components),
  };
  const sample = new Float64Array(integrand.components);
  for (let j = 0; j < count; j++) {
    const left = below(j);
    if (left === below((j + 1) % count) || seen?.(j)) continue;
    let [low, high] = [(TURN * j) / count, (TURN * (j + 1)) / count];
    let [angle, peak, out] = [0, 0, false];
    for (let step = 1; step <= FINE_STEPS; step++) {
      const middle = 0.5 * (low + high);
      if (integrand.levelsBelow(middle) === left) low = middle;
      else high = middle;
      if (step !== STEPS && step !== FINE_STEPS) continue;
      angle = 0.5 * (low + high);
      integrand.evaluate(angle, sample);
      for (let i = 0; i < integrand.components; i++) {
        const size = Math.abs(sample[i]);
        if (i < integrand.leads) peak = Math.max(peak, size);
        // A component that is exactly zero on the grid may be rounding noise at the crossing.
        if (size > STICKS_OUT * integrand.largest[i] && size > 1e-12) out = true;
      }
      if (!out) break;
    }
    found.angles.push(angle);
    // A resonance carries a charge of order one, so that its width is about one over its height.
    const width = Math.min(TURN / count, Math.max(1 / peak, 1e-12));
    found.widths.push(width);
    if (!out) continue;
    found.sticksOut++;
    for (let i = 0; i < integrand.components; i++)
      found.missed[i] += i < integrand.leads ? 1 : TAILS * width * Math.abs(sample[i]);
  }
  return found;
}
