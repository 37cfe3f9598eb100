// Integrals over energy that have no value because a channel opens inside the window: where a
// half-bound state sits exactly at the band edge E_0 (a clean wire, say) K goes like 1/sqrt|E -
// E_0|, the integrand of friction and noise, Tr K^2, like 1/|E - E_0|, and no tolerance makes their
// logarithm finite. Whether it is so is read off the limit of integrand x distance from either
// side. What would cut the logarithm off nearer to the edge than digits of energies tell (a
// detuning x of the half-bound state does at a distance of the order of x^2) cannot be told from
// none. Where the logarithm is long, but ends before that, the panels of the integral are graded
// towards the edge. Cost: two energies per edge and side, two more where the integrand is that
// steep.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { evaluateAt, pointwise, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { INTEGRAND_ROUNDING } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { FLOORS } from "../forces/layout.js";
import { addMotor } from "../pump/emissivity.js";
import { fermiSlope, thermalReach } from "./fermi.js";

/**
 * Distances from the edge, in units of the device's energies or of the room up to the next edge, at
 * which the integrand is found to be steep: if from the first to the second this part of the
 * product is left.
 */
const FAR = 1e-3;
const NEAR = 1e-6;
const STEEP = 0.05;
/**
 * Part of the product that is left from 1e-6 to 1e-8 where no logarithm is: a tenth, and a margin.
 */
const FALLING = 0.2;
/**
 * And at which the limit is taken: it is there if from the first to the second most of the product
 * is left.
 */
const BESIDE = 1e-8;
const NEAREST = 1e-10;
const LEFT = 0.5;
/** The detuning of a half-bound state that ends the logarithm at about the nearer one of these. */
export const CLOSE = 1e-5;
/**
 * Where rounding hides the product there, so many steps back from the edge are tried, by this
 * factor.
 */
const STEPS_BACK = 3;
const STEP_BACK = 10;
/** Nothing nearer is told from the edge, in units of the device's energies. */
const FINEST = 1e-13;
/**
 * e-folds of distance over which a limit is reckoned to count: to the least one that a double
 * knows.
 */
const FOLDS = 700;
/** The product must exceed its rounding by this factor. */
const SURE = 100;

export interface Divergence {
  group: number;
  /** The band edge. */
  energy: number;
  /** The largest |integrand| x distance near it. */
  limit: number;
}

export interface DivergenceRequest {
  /** Of the device's energies. */
  scale: number;
  /**
   * Group per component of the integrand, and how many of the components are integrals of interest.
   */
  groups: Int32Array;
  counted: number;
  /** What a group may be off, at least: what cannot add up to that is no divergence. */
  allowed: (group: number) => number;
  /** A bound of the rounding of component i of a sample. */
  rounding: (sample: Float64Array, i: number) => number;
}

/** An integrand that grows nearly like 1/distance towards a band edge. */
export interface SteepSide {
  group: number;
  /** The band edge. */
  energy: number;
  /** How near to the edge it still does: positive above the edge, negative below. */
  distance: number;
}

export interface EdgeBehaviour {
  /** The groups that diverge, with the first edge at which they do. */
  diverging: Divergence[];
  steep: SteepSide[];
}

/** How the integrand behaves at band edges. */
export function atEdges(
  integrand: VectorIntegrand,
  edges: readonly number[],
  { scale, groups, counted, allowed, rounding }: DivergenceRequest,
): EdgeBehaviour {
  const found = new Map<number, Divergence>();
  const steep: SteepSide[] = [];
  /**
   * |integrand| x distance per component; what is rounding, or cannot add up to anything, is 0.
   * Undefined where the device has no answer.
   */
  const products = (edge: number, distance: number): Float64Array | undefined => {
    const sample = new Float64Array(groups.length);
    try {
      evaluateAt(integrand, edge + distance, sample);
    } catch (error) {
      if (error instanceof NumericalError) return undefined;
      throw error;
    }
    const apart = Math.abs(edge + distance - edge);
    return sample.subarray(0, counted).map((value, i) => {
      const product = Math.abs(value) * apart;
      const counts = FOLDS * product > allowed(groups[i]) && Math.abs(value) > SURE * rounding(sample, i);
      return counts ? product : 0;
    });
  };
  for (const [k, edge] of edges.entries())
    for (const direction of [-1, 1]) {
      const next = edges[k + direction];
      const room = next === undefined ? scale : Math.min(scale, Math.abs(next - edge));
      const nearestDistance = Math.max(NEAREST * room, FINEST * scale);
      if (nearestDistance > NEAR * room) continue;
      const side = direction * room;
      const near = products(edge, side * NEAR);
      if (!near?.some((product) => product > 0)) continue;
      const far = products(edge, side * FAR);
      if (!far || near.every((product, i) => product <= STEEP * far[i])) continue;
      const seen = new Map<number, Float64Array | undefined>();
      const at = (distance: number): Float64Array | undefined => {
        if (!seen.has(distance)) seen.set(distance, products(edge, direction * distance));
        return seen.get(distance);
      };
      for (let i = 0; i < counted; i++) {
        const group = groups[i];
        if (near[i] <= STEEP * far[i]) continue;
        // As near as the product is more than its rounding.
        let distance = nearestDistance;
        for (let step = 0; step < STEPS_BACK && !at(distance)?.[i]; step++) distance *= STEP_BACK;
        if (!at(distance)?.[i]) distance = nearestDistance;
        const besideDistance = (BESIDE / NEAREST) * distance;
        const [beside, nearest] = [at(besideDistance), at(distance)];
        // Where the product has begun to fall like the root of the distance, what is left of the
        // logarithm is smooth in the variable of the integral.
        if (beside && beside[i] <= FALLING * near[i]) continue;
        const goesOn = (nearest?.[i] ?? 0) > STEEP * far[i];
        steep.push({ group, energy: edge, distance: direction * (goesOn ? distance : besideDistance) });
        if (!beside || !nearest) continue;
        const limit = nearest[i];
        if (limit > LEFT * beside[i] && !found.has(group)) found.set(group, { group, energy: edge, limit });
      }
    }
  return { diverging: [...found.values()], steep };
}

/** f (1 - f) beyond which nothing counts, in parts of the tolerance: there the window ends. */
export const TAIL = 1e-3;

/** Where the friction of linear response along the tangent in force diverges. */
export function frictionDivergences(
  solver: ScatteringSolver,
  { energy: mu, temperature, tolerance }: { energy: number; temperature: number; tolerance: number },
): Divergence[] {
  const reach = thermalReach(TAIL * tolerance) * temperature;
  const edges = solver.bandEdges(mu - reach, mu + reach);
  if (edges.length === 0) return [];
  const scale = solver.energyScale();
  const force = solver.lambdaScale() / Math.max(scale, 8 * temperature);
  const allowed = tolerance * FLOORS[2] * force * force;
  const friction = pointwise((energy, out) =>
    addMotor(solver.solve(energy, { energyDerivative: false }), -fermiSlope(energy, mu, temperature), out, 0),
  );
  // Of friction, conductance and channels only the first can diverge.
  return atEdges(friction, edges, {
    scale,
    groups: new Int32Array(3),
    counted: 1,
    allowed: () => allowed,
    rounding: (sample) => INTEGRAND_ROUNDING * sample[0],
  }).diverging;
}

/** Angles at which a turn is tried: the golden ratio keeps them apart and off every grid. */
const TRIALS = 5;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
export const trialAngles = Array.from({ length: TRIALS }, (_, k) => TURN * (((k + 1) * GOLDEN) % 1));

/**
 * Throws NumericalError where a quantity diverges at all trial angles of a turn: its integral over
 * the turn does, then; where only some angles have a divergence it is one in the angle as well,
 * which may be integrable. `here`: what diverges at an angle, brought into force; `nameOf`: name of
 * a group; `place`: parameters in force.
 */
export function refuseDivergentTurn(
  here: (theta: number) => readonly Divergence[],
  nameOf: (group: number) => string,
  place: () => Record<string, number>,
): void {
  let common: readonly Divergence[] | undefined;
  for (const theta of trialAngles) {
    const found = here(theta);
    common = (common ?? found).filter(({ group }) => found.some((other) => other.group === group));
    if (common.length === 0) return;
  }
  if (!common) return;
  const names = common.map(({ group }) => nameOf(group)).join(" and ");
  const { energy, limit } = common[0];
  throw new NumericalError(`${names} diverges at all angles, at the band edge inside the window`, {
    energy,
    at: place(),
    causes: [
      `a half-bound state at the edge that the cycle does not move: the integrand times the distance to the edge tends to ${limit.toPrecision(3)}`,
      `a half-bound state so near to the edge (about ${CLOSE} of the device's energies) that it is not distinguishable from one at it`,
      "lower the temperature, or move the chemical potentials, until the edge is outside of the window; or detune the device where it joins the lead",
    ],
  });
}
