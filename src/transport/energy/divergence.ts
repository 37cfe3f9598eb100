// Integrals over energy that diverge because a channel opens inside the window. If a half-bound
// state sits exactly at the band edge E_0 (as in a clean wire), K grows like 1/sqrt|E - E_0|. The
// integrand of friction and noise, Tr K^2, then grows like 1/|E - E_0|, and its integral is
// infinite. The test is the limit of integrand times distance on either side of the edge.
//
// A detuning x of the half-bound state ends the growth at a distance of the order of x^2. A
// detuning so small that this distance is below the digits of the energies cannot be told from
// none. If the growth ends further out, the integral is finite and its panels are graded towards
// the edge.
//
// Cost: two energies per edge and side, and two more where the integrand is that steep.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import { evaluateAt, pointwise, type VectorIntegrand } from "../../numerics/quadrature/integrand.js";
import { INTEGRAND_ROUNDING } from "../../numerics/quadrature/tolerance.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { FLOORS } from "../forces/layout.js";
import { addMotor } from "../pump/emissivity.js";
import { fermiDerivative, thermalReach } from "./fermi.js";

/**
 * Outer distance from the edge at which the integrand is compared, in units of the device's
 * energies or of the distance to the next edge.
 */
const FAR = 1e-3;
/** Inner distance of this comparison, in the same units. */
const NEAR = 1e-6;
/**
 * The integrand is steep if |integrand| x distance at NEAR is at least this part of that at FAR.
 */
const STEEP = 0.05;
/**
 * Without a logarithm |integrand| x distance falls to a tenth between the distances 1e-6 and 1e-8.
 * This threshold includes a margin.
 */
const FALLING = 0.2;
/** Outer of the two distances at which the limit is taken, in the same units. */
const BESIDE = 1e-8;
/** Inner of these two distances. */
const NEAREST = 1e-10;
/**
 * The limit exists if |integrand| x distance at NEAREST is at least this part of that at BESIDE.
 */
const LEFT = 0.5;
/**
 * Detuning of a half-bound state, in units of the device's energies, below which the logarithm is
 * not seen to end. It is the root of NEAREST.
 */
export const CLOSE = 1e-5;
/** Number of steps back from the edge that are tried if rounding hides the product next to it. */
const STEPS_BACK = 3;
/** Factor of the distance in each of these steps. */
const STEP_BACK = 10;
/** Least distance that can be told from the edge, in units of the device's energies. */
const FINEST = 1e-13;
/**
 * The e-folds of distance for which a logarithm is assumed to go on: down to the smallest double.
 */
const FOLDS = 700;
/** The product must exceed its rounding by this factor. */
const SURE = 100;

/** A group of quantities whose integral diverges at a band edge. */
export interface Divergence {
  group: number;
  /** The band edge. */
  energy: number;
  /** The largest |integrand| x distance near the edge, in the integrand's unit times energy. */
  limit: number;
}

/** What the test at band edges needs to know of an integrand. */
export interface DivergenceRequest {
  /** Energy scale of the device. */
  scale: number;
  /** Group of each component of the integrand. */
  groups: Int32Array;
  /** Number of the first components that are integrals proper. */
  counted: number;
  /** Allowed error of a group. A logarithm too weak to add up to this is no divergence. */
  allowed: (group: number) => number;
  /** A bound of the rounding of component i of a sample. */
  rounding: (sample: Float64Array, i: number) => number;
}

/** An integrand that grows nearly like 1/distance towards a band edge. */
export interface SteepSide {
  group: number;
  /** The band edge. */
  energy: number;
  /** Distance from the edge down to which it grows so: positive above the edge, negative below. */
  distance: number;
}

/** The result of the test at band edges. */
export interface EdgeBehaviour {
  /** The groups that diverge, each with the first edge at which it does. */
  diverging: Divergence[];
  steep: SteepSide[];
}

/** How the integrand behaves at the given band edges. */
export function atEdges(
  integrand: VectorIntegrand,
  edges: readonly number[],
  { scale, groups, counted, allowed, rounding }: DivergenceRequest,
): EdgeBehaviour {
  const found = new Map<number, Divergence>();
  const steep: SteepSide[] = [];
  /**
   * |integrand| x distance per component. A component that is rounding, or too weak to add up to
   * the allowed error, is set to 0. Undefined where the device has no answer.
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
        // The nearest distance at which the product exceeds its rounding.
        let distance = nearestDistance;
        for (let step = 0; step < STEPS_BACK && !at(distance)?.[i]; step++) distance *= STEP_BACK;
        if (!at(distance)?.[i]) distance = nearestDistance;
        const besideDistance = (BESIDE / NEAREST) * distance;
        const [beside, nearest] = [at(besideDistance), at(distance)];
        // Where the product has begun to fall like the root of the distance, the integrand is
        // smooth in the variable of the integral (window-pieces.ts).
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

/** The window ends where f (1 - f) is below this part of the tolerance. */
export const TAIL = 1e-3;

/** The band edges at which the friction of linear response along the current tangent diverges. */
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
    addMotor(
      solver.solve(energy, { energyDerivative: false }),
      -fermiDerivative(energy, mu, temperature),
      out,
      0,
    ),
  );
  // Of friction, conductance and channels only friction can diverge.
  return atEdges(friction, edges, {
    scale,
    groups: new Int32Array(3),
    counted: 1,
    allowed: () => allowed,
    rounding: (sample) => INTEGRAND_ROUNDING * sample[0],
  }).diverging;
}

/**
 * Whether a half-bound state sits at a band edge, or too near to it to be distinguished, that the
 * current tangent moves: K along the tangent then grows like 1/sqrt(distance) up to the edge.
 */
export function isHalfBound(solver: ScatteringSolver, edge: number): boolean {
  const square = pointwise((energy, out) =>
    addMotor(solver.solve(energy, { energyDerivative: false }), 1, out, 0),
  );
  const { diverging } = atEdges(square, [edge], {
    scale: solver.energyScale(),
    groups: new Int32Array(3),
    counted: 1,
    allowed: () => 0,
    rounding: (sample) => INTEGRAND_ROUNDING * sample[0],
  });
  return diverging.length > 0;
}

/**
 * Number of trial angles of a turn. Multiples of the golden ratio keep them apart and off every
 * equispaced grid.
 */
const TRIALS = 5;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
export const trialAngles = Array.from({ length: TRIALS }, (_, k) => TURN * (((k + 1) * GOLDEN) % 1));

/**
 * Throws NumericalError if a quantity diverges at all trial angles of a turn, because its integral
 * over the turn then diverges as well. A divergence at some angles only may be integrable over the
 * angle. `here` configures an angle and returns what diverges there, `nameOf` names a group, and
 * `place` returns the current parameters.
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
      `a half-bound state so near to the edge (about ${CLOSE} of the device's energies) that it cannot be distinguished from one at the edge`,
      "lower the temperature, or move the chemical potentials, until the edge is outside of the window; or detune the device where it joins the lead",
    ],
  });
}
