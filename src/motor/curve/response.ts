// Linear response over a turn from the samples of a curve: charge per lead, friction, conductance,
// channels.

import { TURN } from "../../base/constants.js";
import { certifyCharges } from "../../transport/pump/options.js";
import type { TurnIntegrals } from "../../transport/pump/pump.js";
import type { TurnSampler } from "../sampling/sampler.js";
import { MISSED } from "./by-panels.js";
import type { TurnGrid } from "./grid.js";

/**
 * The integrals of linear response over the turn; undefined if they miss the tolerance. `tried`
 * holds samples off the grid, and `panelErrors` the errors of the integrals over the turn if it
 * went by panels.
 */
export function turnResponse(
  sampler: TurnSampler,
  grid: TurnGrid,
  tried: readonly (readonly [theta: number, sample: Float64Array])[],
  panelErrors: Float64Array | undefined,
): TurnIntegrals | undefined {
  if (!sampler.responseAt) return undefined;
  const { leads } = sampler.solver;
  const from = sampler.places.response;
  const curves = Array.from({ length: leads.length + 3 }, (_, i) => grid.curve(from + i));
  const charges = curves.slice(0, leads.length);
  const scale = Math.max(...charges.map((curve) => curve.scale));
  let relativeError = 0;
  let chargeError = 0;
  for (const [i, curve] of curves.entries()) {
    const off = tried.map(([theta, sample]) => Math.abs(curve.value(theta) - sample[from + i]));
    const error = panelErrors
      ? panelErrors[from + i]
      : TURN * (Math.max(curve.tail, ...off) + sampler.responseErrors[i]);
    if (i < leads.length) chargeError = Math.max(chargeError, error);
    else if (curve.integral > 0) relativeError = Math.max(relativeError, error / curve.integral);
  }
  // By panels the same factor applies as to the integrals of the curve, because energies near a
  // kink are known only to rounding.
  const enough = (panelErrors ? MISSED : 1) * sampler.tolerance;
  if (chargeError > enough * TURN * scale || relativeError > enough) return undefined;
  const charge = charges.map(({ integral }) => integral);
  const [friction, conductance, channels] = curves.slice(leads.length).map(({ integral }) => integral);
  return {
    charge: Object.fromEntries(leads.map((name, a) => [name, charge[a]])),
    error: chargeError,
    relativeError,
    points: grid.sampled,
    adiabaticity: sampler.longestDelay,
    ...certifyCharges(Float64Array.from(charge), sampler.unitarity, sampler.tolerance),
    friction,
    conductance,
    channels,
  };
}
