// Several attempts at one integral of forces, in double and in higher precision. The results of one
// attempt are kept while another is made, and each group of quantities is taken from the attempt
// that knows it better. A further attempt therefore never makes the answer worse, even if its
// budget ends or if it looks for digits of a quantity that vanishes by symmetry.

import type { IntegralRequest, IntegralStatus } from "../../numerics/quadrature/tolerance.js";
import type { WindowIntegrator } from "../energy/window-integral.js";
import { FLOORS, type ForceLayout, GROUPS } from "./layout.js";

/**
 * Results of one attempt, per component. `holds` tells whether the stated errors hold, because no
 * level was stepped over.
 */
export interface Attempt {
  status: IntegralStatus;
  holds: boolean;
  complete: boolean;
  steps: Float64Array;
  values: Float64Array;
  errors: Float64Array;
  scales: Float64Array;
}

/** A copy of the results in `window` and `steps`. */
export function keepAttempt(status: IntegralStatus, window: WindowIntegrator, steps: Float64Array): Attempt {
  return {
    status: { ...status },
    holds: status.converged || window.accounted,
    complete: window.complete,
    steps: steps.slice(),
    values: window.values.slice(),
    errors: window.errors.slice(),
    scales: window.scales.slice(),
  };
}

/**
 * Whether every quantity is known to the tolerance on its scale, or is negligible on its natural
 * scale including its error (the rule of unknown.ts). `judged` is the least scale per group.
 */
export function isKnown(
  attempt: Attempt,
  layout: ForceLayout,
  judged: Float64Array,
  tolerance: number,
): boolean {
  if (!attempt.holds) return false;
  const { errors, scales, steps, values } = attempt;
  for (let i = 0; i < layout.delay; i++) {
    const group = layout.groups[i];
    const size = Math.abs(steps[i] + values[i]);
    const known = errors[i] <= tolerance * Math.max(scales[i], judged[group]);
    if (!known && size + errors[i] > (tolerance * judged[group]) / FLOORS[group]) return false;
  }
  return true;
}

/**
 * Restores in `window` and `steps` the groups that the attempt `before` knows better, and returns
 * the status of the combined result. Its relative error refers to the least scales `judged` of the
 * request.
 */
export function takeBetter(
  before: Attempt,
  status: IntegralStatus,
  window: WindowIntegrator,
  steps: Float64Array,
  { groups, judged, counted = groups.length }: IntegralRequest,
): IntegralStatus {
  if (!before.holds) return status;
  const { values, errors, scales } = window;
  const holds = status.converged || window.accounted;
  const [own, earlier] = [new Float64Array(groups.length), new Float64Array(groups.length)];
  for (let i = 0; i < counted; i++) {
    own[groups[i]] = Math.max(own[groups[i]], errors[i]);
    earlier[groups[i]] = Math.max(earlier[groups[i]], before.errors[i]);
  }
  let relativeError = 0;
  for (let i = 0; i < counted; i++) {
    const group = groups[i];
    if (!holds || earlier[group] < own[group]) {
      values[i] = before.values[i];
      errors[i] = before.errors[i];
      scales[i] = before.scales[i];
      steps[i] = before.steps[i];
    }
    const scale = Math.max(scales[i], group <= GROUPS ? (judged?.[group] ?? 0) : 0);
    if (scale > 0) relativeError = Math.max(relativeError, errors[i] / scale);
  }
  window.accounted = true;
  window.complete ||= before.complete;
  const converged = status.converged || before.status.converged;
  return { ...status, converged, relativeError, worst: holds ? status.worst : before.status.worst };
}
