// Several attempts at one integral of forces, in double and in higher precision: what one has found
// is kept while another is made, and of each group of quantities the better known is taken. So what
// a further attempt cannot do (its budget ends, or it asks for digits of what vanishes by symmetry)
// takes nothing away.

import type { IntegralRequest, IntegralStatus } from "../../numerics/quadrature/tolerance.js";
import type { WindowIntegrator } from "../energy/window-integral.js";
import { FLOORS, type ForceLayout, GROUPS } from "./layout.js";

/** Cold steps and window per component, and whether the errors hold: no level was stepped over. */
export interface Attempt {
  status: IntegralStatus;
  holds: boolean;
  complete: boolean;
  steps: Float64Array;
  values: Float64Array;
  errors: Float64Array;
  scales: Float64Array;
}

/** A copy of what `window` and `steps` hold. */
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
 * Whether every quantity is known to the tolerance on its scale, or negligible on its natural one,
 * error included: the rule of unknown.ts. `judged`: least scale per group.
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
 * Puts back into `window` and `steps` the groups that were known better `before`; returns the
 * status of what is then there. What is judged is judged on the scales of `request`.
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
