// Angles of a turn where the number of levels below mu changes, found between neighbouring nodes of
// a grid by bisection, and whether the integrand there sticks out of what the grid has seen: then a
// resonance is narrower than the grid.

import { TURN } from "../../base/constants.js";
import type { TurnIntegrand } from "./integrand.js";

/**
 * Bisections to notice a crossing (the tail of a resonance grows fourfold with each), and to settle
 * on one that sticks out.
 */
const STEPS = 15;
const FINE_STEPS = 40;
/** A crossing sticks out if the integrand there exceeds that on the grid by this factor. */
const STICKS_OUT = 10;

/** Margin of what a resonance carries by its height and width. */
const TAILS = 4;

export interface Crossings {
  angles: number[];
  /** Of the resonances there, estimated. */
  widths: number[];
  /** How many stick out, and what these carry per component that the grid does not see. */
  sticksOut: number;
  missed: Float64Array;
}

/**
 * `below(j)`: levels below mu at the angle 2 pi j / count of the grid whose sums the integrand
 * holds; `seen(j)`: the change between that angle and the next needs no look.
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
        // What is exactly zero on the grid and rounding noise at the crossing does not stick out.
        if (size > STICKS_OUT * integrand.largest[i] && size > 1e-12) out = true;
      }
      if (!out) break;
    }
    found.angles.push(angle);
    // A resonance carries a charge of order one: its width is about one over its height.
    const width = Math.min(TURN / count, Math.max(1 / peak, 1e-12));
    found.widths.push(width);
    if (!out) continue;
    found.sticksOut++;
    for (let i = 0; i < integrand.components; i++)
      found.missed[i] += i < integrand.leads ? 1 : TAILS * width * Math.abs(sample[i]);
  }
  return found;
}
