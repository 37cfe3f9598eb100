// The curves of a turn that a uniform grid does not resolve. A turn with kinks is divided into
// panels between the kinks (panels.ts), one without is sampled on a refined grid (refined.ts). The
// integrals over the turn are those of the panels or intervals and as accurate as the samples. The
// curves on a uniform grid of angles are interpolated from these, and have the accuracy that such a
// grid allows.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { quantities } from "../../transport/forces/result.js";
import type { Kink } from "../../transport/turn/kinks.js";
import type { TurnSampler } from "../sampling/sampler.js";
import type { TurnGrid } from "./grid.js";
import { listed, warningsOfKinks } from "./kinks.js";
import { TurnPanels } from "./panels.js";
import { RefinedTurn } from "./refined.js";
import { turnResult } from "./result.js";
import type { TurnCurve } from "./turn-curve.js";

/**
 * The integrals may miss the tolerance by this factor with a warning; beyond it they fail. Next to
 * a kink energies are known only to rounding.
 */
export const MISSED = 10;
/**
 * Panels shorter than FULL are sampled to the tolerance times FULL / length, because next to a
 * singularity energies are known only to rounding.
 */
const FULL = 0.01;
/** Number of angles of the interpolants. */
const MOST = 4096;
/** Number of angles if MOST do not resolve curves with kinks either. */
const FEWER = 1024;
/** Numbers of angles of curves without kinks, of which the least that suffices is taken. */
const COUNTS = [256, 512, 1024, 2048, MOST];
/** Part of the tolerance for the values on a refined grid. */
const HALF = 0.5;
/** Factor of the number of angles at which the interpolants are compared with the panels. */
const FINER = 2;

/** A turn whose curves are known at every angle: panels (panels.ts) or a refined grid (refined.ts). */
interface ResolvedTurn {
  integrals(): Float64Array;
  errors(): { integral: Float64Array; value: Float64Array };
  valueAt(theta: number): Float64Array;
  /** The largest |sample| per component. */
  largest(): Float64Array;
}

/** A curve, and the errors of the integrals over the turn per component. */
export interface FoundCurve {
  curve: TurnCurve;
  integralErrors: Float64Array;
}

/**
 * Computes the curves by panels. `kinks` are the angles where a bound state meets a band. At
 * `corners` the curves are smooth on both sides but not across. `grid` knows the levels, and
 * receives the samples of the interpolants. At the angles `trials` the result is compared with
 * samples.
 */
export function turnByPanels(
  sampler: TurnSampler,
  grid: TurnGrid,
  kinks: readonly Kink[],
  corners: readonly number[],
  trials: readonly number[],
): { failedAt: number } | FoundCurve {
  const crossings = grid.crossings();
  const { values, trail } = sampler.sample({ theta: trials[0] });
  const { length } = values;
  const panels = new TurnPanels(
    (nodes) =>
      sampler.samples(
        nodes.map(({ theta, share, after }) => ({ theta, looseness: Math.max(1, FULL / share), after })),
      ),
    length,
    (largest) => allowance(sampler, largest, sampler.allowed(sampler.scales(largest))),
  );
  const meetings = kinks.map(({ theta }) => theta);
  const failedAt = panels.build(meetings, [...crossings, ...corners], [...trials, ...crossings], trail);
  if (failedAt !== undefined) return { failedAt };
  const { found, integrals, integralError, scales } = curveOf(sampler, grid, panels, [MOST, FEWER], false);
  const { curve: result, integralErrors } = found;
  if (integralError > MISSED * sampler.tolerance)
    throw refusal(sampler, kinks, integrals, integralErrors, scales);
  if (result.error > sampler.tolerance)
    result.warnings.push({
      code: "kinks",
      text: `the curves over the turn have kinks at theta = ${listed([...meetings, ...corners])}: the curves hold to ${result.error.toExponential(1)} between their angles, the integrals over the turn to ${integralError.toExponential(1)}`,
    });
  result.warnings.push(...warningsOfKinks(kinks, sampler));
  return { curve: { ...result, integralError }, integralErrors };
}

/** Part of the intervals of a uniform grid from which doubling is as good as refining. */
const MOST_OPEN = 0.75;

/**
 * Computes the curves on the uniform `grid` with further angles where they are sharp. At the angles
 * of `trials` the result is compared with samples. With `rough` as the answer the curves are sharp
 * nearly everywhere (asked for only if `mayDouble`); `spoiled` means that only rounding is left,
 * which higher precision may remove. `wary` as in RefinedTurn.build.
 */
export function turnByRefinement(
  sampler: TurnSampler,
  grid: TurnGrid,
  trials: () => readonly number[],
  { mayDouble, wary }: { mayDouble: boolean; wary: boolean },
): { failedAt: number } | { rough: true } | { spoiled: true } | FoundCurve {
  const turn = new RefinedTurn(
    (requests) => sampler.samples(requests),
    sampler.places.errors,
    (largest) => {
      // Half of the tolerance is left to the interpolants.
      const half = sampler.scales(largest).map((scale) => HALF * sampler.tolerance * scale);
      return allowance(
        sampler,
        largest,
        half.map((error, g) => Math.max(error, sampler.errors[g])),
      );
    },
    grid,
  );
  if (mayDouble && turn.open > MOST_OPEN) return { rough: true };
  const failedAt = turn.build(trials(), wary);
  if (failedAt !== undefined) return { failedAt };
  const { relative } = sampler.integralError(sampler.scales(turn.largest()));
  if (relative > sampler.tolerance && sampler.solver.refines && !sampler.refines) return { spoiled: true };
  return curveOf(sampler, grid, turn, COUNTS, true).found;
}

/**
 * The allowed errors per component of a sample, from the largest value of each and from the allowed
 * errors per group.
 */
function allowance(sampler: TurnSampler, largest: Float64Array, allowed: Float64Array): Float64Array {
  const { groupOf, tolerance, places } = sampler;
  const charges = places.response + sampler.solver.leads.length;
  const charge = Math.max(0, ...largest.slice(places.response, charges));
  return largest.map((size, i) => {
    if (i < places.entropy) return allowed[groupOf[i]];
    if (i < places.response || i >= places.errors) return Number.POSITIVE_INFINITY;
    // Linear response is judged by the sizes of its own components.
    return tolerance * (i < charges ? charge : size);
  });
}

/**
 * The curves as interpolants of `turn` on the first of `counts` angles that resolves them, or on
 * the last. `strict` as in turnResult.
 */
function curveOf(
  sampler: TurnSampler,
  grid: TurnGrid,
  turn: ResolvedTurn,
  counts: readonly number[],
  strict: boolean,
): { found: FoundCurve; integrals: Float64Array; integralError: number; scales: Float64Array } {
  const { groupOf, places } = sampler;
  const integrals = turn.integrals();
  const { integral, value } = turn.errors();
  // The integrals over energy add their errors at every angle.
  for (const [i, group] of groupOf.entries()) integral[i] += integrals[places.errors + group];
  for (let i = places.response; i < places.errors; i++)
    integral[i] += integrals[places.errors + quantities.length + i - places.response];
  const exact = Array.from({ length: FINER * MOST }, (_, j) => turn.valueAt((TURN * j) / (FINER * MOST)));
  const scales = sampler.scales(turn.largest());
  grid.restart(0);
  let curves: PeriodicCurve[] = [];
  let worst = new Float64Array();
  for (const count of counts) {
    grid.samples = Array.from({ length: count }, (_, j) => exact[(FINER * MOST * j) / count].slice());
    // A shift gives every interpolant the mean that the turn has.
    for (let i = 0; i < integrals.length; i++) {
      const sum = grid.samples.reduce((total, sample) => total + sample[i], 0);
      const shift = integrals[i] / TURN - sum / count;
      for (const sample of grid.samples) sample[i] += shift;
    }
    curves = groupOf.map((_, i) => grid.curve(i));
    worst = new Float64Array(quantities.length);
    for (const [i, group] of groupOf.entries()) {
      const fine = curves[i].resample(FINER * MOST);
      let miss = 0;
      for (let j = 0; j < fine.length; j++) miss = Math.max(miss, Math.abs(fine[j] - exact[j][i]));
      worst[group] = Math.max(worst[group], value[i] + miss);
    }
    if (worst.every((error, g) => error <= sampler.tolerance * scales[g])) break;
  }
  const curve = turnResult(sampler, grid, curves, scales, worst, strict);
  let integralError = 0;
  for (const [i, group] of groupOf.entries())
    if (scales[group] > 0) integralError = Math.max(integralError, integral[i] / (TURN * scales[group]));
  return { found: { curve, integralErrors: integral }, integrals, integralError, scales };
}

/** The error to throw if the integrals over the turn miss the tolerance by more than MISSED. */
function refusal(
  { solver, groupOf, tolerance }: TurnSampler,
  kinks: readonly Kink[],
  integrals: Float64Array,
  errors: Float64Array,
  scales: Float64Array,
): NumericalError {
  const relative = new Float64Array(quantities.length);
  for (const [i, group] of groupOf.entries())
    if (scales[group] > 0) relative[group] = Math.max(relative[group], errors[i] / (TURN * scales[group]));
  const worst = relative.indexOf(Math.max(...relative));
  const missed = quantities.filter((_, group) => relative[group] > MISSED * tolerance);
  const edges = [...new Set(kinks.map(({ edge }) => edge))].join(", ");
  const flows = 4 + 2 * solver.leads.length;
  const known = {
    ...(!missed.includes("force") && { workPerTurn: integrals[0] }),
    ...(!missed.includes("friction") && { frictionPerTurn: integrals[2] }),
    ...(!missed.includes("currentPerVelocity") && {
      charge: Object.fromEntries(solver.leads.map((name, a) => [name, integrals[flows + a]])),
    }),
  };
  return new NumericalError(
    `the integrals over the turn are known to ${relative[worst].toExponential(1)} of their scale (${missed.join(", ")}); the tolerance is ${tolerance}`,
    {
      causes: [
        ...(kinks.length > 0
          ? [
              `a bound state meets the band edge E = ${edges} at theta = ${listed(kinks.map(({ theta }) => theta))}, where energies are known only to rounding: ` +
                `raise the tolerance to ${(1.1 * relative[worst]).toExponential(1)}`,
            ]
          : [
              "corners where chemical potentials of probes cross: raise the tolerance to the error that was reached",
            ]),
      ],
      ...(Object.keys(known).length > 0 && { known }),
    },
  );
}
