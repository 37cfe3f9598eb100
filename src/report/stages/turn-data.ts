// Figure data of one turn from the curves of the angle, by their trigonometric interpolants, in
// steps too small to be visible.

import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import type { CurrentsData } from "../figures/currents.js";
import type { FrictionData } from "../figures/friction.js";
import type { Landscape } from "../figures/landscape.js";
import type { TorqueData } from "../figures/torque.js";

/** Equal steps from 0 to 2 pi, both included. */
const fullTurn = (steps: number): Float64Array =>
  Float64Array.from({ length: steps + 1 }, (_, i) => (2 * Math.PI * i) / steps);

/** The angles at which curves are drawn: at least eight per shortest period. */
export const anglesFor = (...curves: readonly (PeriodicCurve | undefined)[]): Float64Array =>
  fullTurn(Math.min(2048, Math.max(256, ...curves.map((curve) => 8 * (curve?.harmonics ?? 0)))));

/**
 * Data of the torque. `conservative` is undefined if the reservoirs are equal, because there is no
 * other part.
 */
export function torqueData(
  torque: PeriodicCurve,
  conservative: PeriodicCurve | undefined,
  load: number,
): TorqueData {
  const theta = anglesFor(torque, conservative);
  return {
    theta,
    torque: torque.valuesAt(theta),
    conservative: conservative?.valuesAt(theta),
    load,
  };
}

/** Data of friction and noise. `temperature` is that of all reservoirs, if it is the same. */
export function frictionData(
  friction: PeriodicCurve,
  noise: PeriodicCurve | undefined,
  { external, temperature }: { external: number; temperature?: number },
): FrictionData {
  const theta = anglesFor(friction, noise);
  const silent = noise === undefined || noise.scale === 0;
  return {
    theta,
    friction: friction.valuesAt(theta),
    ...(silent ? {} : { noise: noise.valuesAt(theta) }),
    external,
    temperature,
  };
}

/**
 * Data of the currents from `lead`: `pumped` is order 1 per angular speed, `frozen` is order 0.
 */
export function currentsData(
  lead: string,
  pumped: PeriodicCurve,
  frozen: PeriodicCurve | undefined,
): CurrentsData {
  const theta = anglesFor(pumped, frozen);
  return {
    theta,
    lead,
    pumped: pumped.valuesAt(theta),
    frozen: frozen?.valuesAt(theta),
    charge: pumped.integral,
  };
}

/** Data of U(theta) = -int_0^theta (torque - load), with the angles where the rotor rests. */
export function landscape(
  name: string,
  torque: PeriodicCurve,
  load: number,
  theta: Float64Array,
  rest?: Landscape["rest"],
): Landscape {
  return {
    name,
    potential: theta.map((angle) => (load - torque.mean) * angle - torque.antiderivative(angle)),
    rest,
  };
}
