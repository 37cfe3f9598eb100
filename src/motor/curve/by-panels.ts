// The curves of a turn with kinks. The turn is divided into panels between the kinks (panels.ts).
// The integrals over the turn are those of the panels and as accurate as the samples. The curves on
// a uniform grid of angles are interpolated from the panels, and have the accuracy that such a grid
// allows.

import { TURN } from "../../base/constants.js";
import { NumericalError } from "../../base/errors.js";
import type { PeriodicCurve } from "../../numerics/periodic/periodic.js";
import { quantities } from "../../transport/forces/result.js";
import type { Kink } from "../../transport/turn/kinks.js";
import type { TurnGrid } from "./grid.js";
import { listed, warningsOfKinks } from "./kinks.js";
import { TurnPanels } from "./panels.js";
import { turnResult } from "./result.js";
import type { TurnSampler } from "./sampler.js";
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
/** Number of angles if MOST do not resolve the curves either. */
const FEWER = 1024;
/** Factor of the number of angles at which the interpolants are compared with the panels. */
const FINER = 2;

/**
 * Computes the curves by panels. `kinks` are the angles where a bound state meets a band. At
 * `corners` the curves are smooth on both sides but not across. `grid` knows the levels, and
 * receives the samples of the interpolants. At the angles `trials` the result is compared with
 * samples. `integralErrors` are the errors of the integrals over the turn, per component.
 */
export function turnByPanels(
  sampler: TurnSampler,
  grid: TurnGrid,
  kinks: readonly Kink[],
  corners: readonly number[],
  trials: readonly number[],
): { failedAt: number } | { curve: TurnCurve; integralErrors: Float64Array } {
  const { groupOf, tolerance, places } = sampler;
  const crossings = grid.crossings();
  const { length } = sampler.sample(trials[0]);
  let scales: Float64Array = sampler.floors.slice();
  const panels = new TurnPanels(
    (theta, piece) => sampler.sample(theta, Math.max(1, FULL / piece)),
    length,
    (largest) => {
      scales = sampler.scales(largest);
      const allowed = sampler.allowed(scales);
      const charges = places.response + sampler.solver.leads.length;
      const charge = Math.max(0, ...largest.slice(places.response, charges));
      return largest.map((size, i) => {
        if (i < places.entropy) return allowed[groupOf[i]];
        if (i < places.response || i >= places.errors) return Number.POSITIVE_INFINITY;
        // Linear response is judged by the sizes of its own components.
        return tolerance * (i < charges ? charge : size);
      });
    },
  );
  const meetings = kinks.map(({ theta }) => theta);
  const failedAt = panels.build(meetings, [...crossings, ...corners], [...trials, ...crossings]);
  if (failedAt !== undefined) return { failedAt };

  grid.restart(0);
  const integrals = panels.integrals();
  const { integral, value } = panels.errors();
  // The integrals over energy add their errors at every angle.
  for (const [i, group] of groupOf.entries()) integral[i] += integrals[places.errors + group];
  for (let i = places.response; i < places.errors; i++)
    integral[i] += integrals[places.errors + quantities.length + i - places.response];
  const exact = Array.from({ length: FINER * MOST }, (_, j) => panels.valueAt((TURN * j) / (FINER * MOST)));
  const uniform = (count: number): { curves: PeriodicCurve[]; worst: Float64Array } => {
    grid.samples = Array.from({ length: count }, (_, j) => exact[(FINER * MOST * j) / count].slice());
    // A shift gives every interpolant the mean that the panels have.
    for (let i = 0; i < length; i++) {
      const sum = grid.samples.reduce((total, sample) => total + sample[i], 0);
      const shift = integrals[i] / TURN - sum / count;
      for (const sample of grid.samples) sample[i] += shift;
    }
    const curves = groupOf.map((_, i) => grid.curve(i));
    const worst = new Float64Array(quantities.length);
    for (const [i, group] of groupOf.entries()) {
      const fine = curves[i].resample(FINER * MOST);
      worst[group] = Math.max(worst[group], value[i]);
      for (let j = 0; j < fine.length; j++)
        worst[group] = Math.max(worst[group], Math.abs(fine[j] - exact[j][i]));
    }
    return { curves, worst };
  };
  // If thousands of angles do not resolve the curves, one thousand are as good.
  let { curves, worst } = uniform(MOST);
  if (worst.some((error, g) => error > sampler.allowed(scales)[g])) ({ curves, worst } = uniform(FEWER));
  const result = turnResult(sampler, grid, curves, scales, worst, false);
  let integralError = 0;
  for (const [i, group] of groupOf.entries())
    if (scales[group] > 0) integralError = Math.max(integralError, integral[i] / (TURN * scales[group]));
  if (integralError > MISSED * tolerance) throw refusal(sampler, kinks, integrals, integral, scales);
  if (result.error > tolerance)
    result.warnings.push({
      code: "kinks",
      text: `the curves over the turn have kinks at theta = ${listed([...meetings, ...corners])}: the curves hold to ${result.error.toExponential(1)} between their angles, the integrals over the turn to ${integralError.toExponential(1)}`,
    });
  result.warnings.push(...warningsOfKinks(kinks, sampler));
  return { curve: { ...result, integralError }, integralErrors: integral };
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
