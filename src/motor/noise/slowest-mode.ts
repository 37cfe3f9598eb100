// The slowest relaxation of the mean speed, from the factors that solve a Fokker-Planck equation
// dp/dt = L p. For a rotor released at thermal speeds at angles spread over the turn, with density
// p0, the deviations of the mean speed from the stationary one have the moments
//
//   m_k = <omega| (-L)^-k |p0 - p> = 1/(k-1)! integral t^(k-1) (<omega>(t) - <omega>) dt,
//
// whose ratios tend to the time of the slowest mode that the speed sees. A pair of oscillating
// modes gives 1/|lambda|.

import type { Relaxation } from "./relaxation.js";

/** Moments looked at, and the first of those whose growth counts. */
const [MOST, FIRST] = [12, 6];

/**
 * `solve` gives L^-1 of a density without norm; `speed` its mean speed. Undefined where the speed
 * does not depend on the start beyond `resolution`, an angle.
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
