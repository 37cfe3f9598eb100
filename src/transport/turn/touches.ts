// Angles of a turn where a level meets mu, whether or not it crosses: two that pass each other
// there, or one that turns round, leave the number of levels below mu as it is. Found by bisection
// with a certificate: levels move by at most the largest row sum V of dH/dtheta per angle, so an
// interval of half length h with no level within V h of mu at its middle holds no such angle. Cost:
// two counts of levels per interval, some hundred intervals per angle found.

import { TURN } from "../../base/constants.js";
import type { TurnIntegrand } from "./integrand.js";

/** Intervals to begin with, halvings of these, and how many are followed. */
const INTERVALS = 64;
const HALVINGS = 36;
const MOST = 256;
/** Margin of the speed of levels between the angles where it is looked at. */
const SAFETY = 1.5;

/** The angles, and the widths in angle of the resonances there. */
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
  // Neighbours stand for one angle, that in their middle.
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
