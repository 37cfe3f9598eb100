// The slowest relaxation of the mean speed, from the factors that solve a Fokker-Planck equation
// dp/dt = L p. The rotor is released with the density p0, at thermal speeds and angles spread over
// the turn. The deviation of its mean speed from the stationary one has the moments
//
//   m_k = <omega| (-L)^-k |p0 - p> = 1/(k-1)! integral t^(k-1) (<omega>(t) - <omega>) dt,
//
// whose ratios tend to the relaxation time of the slowest mode that affects the speed. For a pair
// of oscillating modes the result is 1/|lambda|.

import type { Relaxation } from "./relaxation.js";

/** Number of moments, and the first one whose ratio to the next counts. */
const [MOST, FIRST] = [12, 6];

/**
 * `solve` applies L^-1 to a density whose integral is zero; `speed` is the mean speed of a density.
 * Undefined if the speed depends on the start by less than `resolution`, an angle in radians.
 */
export function slowestMode<Density>(
  start: Density,
  solve: (density: Density) => Density,
  speed: (density: Density) => number,
  resolution: number,
): Relaxation | undefined {
  let density = start;
  const moments: number[] = [];
  for (let k = 0; k < MOST; k++) {
    density = solve(density);
    moments.push(Math.abs(speed(density)));
  }
  const time = (moments[MOST - 1] / moments[FIRST - 1]) ** (1 / (MOST - FIRST));
  return moments[0] > resolution && Number.isFinite(time) && time > 0
    ? { time, reach: moments[0] }
    : undefined;
}
