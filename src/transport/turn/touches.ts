// Finds the angles of a turn at which a level meets mu, whether or not it crosses mu. Where two
// levels pass each other at mu, or one turns back there, the number of levels below mu does not
// change. The bisection is certain: per radian a level moves by at most V, the largest row sum of
// dH/dtheta, so that an interval of half length h without a level within V h of mu at its middle
// contains no such angle. Cost: two counts of levels per interval, and some hundred intervals per
// angle found.

import { TURN } from "../../base/constants.js";
import type { TurnIntegrand } from "./integrand.js";

/** Number of intervals at the start. */
const INTERVALS = 64;
/** Number of halvings of each interval. */
const HALVINGS = 36;
/** Most intervals that are followed at once. */
const MOST = 256;
/** Safety factor on V, which is sampled only at the middles of the first intervals. */
const SAFETY = 1.5;

/** The angles, and the widths in angle (radians) of the resonances there. */
export function findTouches(integrand: TurnIntegrand): { angles: number[]; widths: number[] } {
  const { solver, energy } = integrand;
  let half = TURN / (2 * INTERVALS);
  let middles = Array.from({ length: INTERVALS }, (_, j) => (2 * j + 1) * half);
  let speed = 0;
  for (const theta of middles) {
    integrand.configure(theta);
    speed = Math.max(speed, solver.lambdaScale());
  }
  speed *= SAFETY;
  const isNear = (theta: number) => {
    integrand.configure(theta);
    const reach = speed * half;
    return solver.eigenvaluesBelow(energy + reach) !== solver.eigenvaluesBelow(energy - reach);
  };
  for (let halving = 0; halving < HALVINGS; halving++) {
    const near = middles.filter(isNear);
    if (near.length === 0) return { angles: [], widths: [] };
    if (2 * near.length > MOST) break;
    half /= 2;
    middles = near.flatMap((theta) => [theta - half, theta + half]);
  }
  // Neighbouring intervals belong to one angle, for which the middle one stands.
  const groups: number[][] = [];
  for (const theta of middles.filter(isNear)) {
    const group = groups.at(-1);
    if (group && theta - group[group.length - 1] < 3 * half) group.push(theta);
    else groups.push([theta]);
  }
  const angles = groups.map((group) => group[group.length >> 1]);
  const widths = angles.map((theta) => {
    const delay = integrand.delayAt(theta);
    return Math.min(Math.max(1 / (delay * speed), half), TURN / INTERVALS);
  });
  return { angles, widths };
}
