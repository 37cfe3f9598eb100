// `device.rectified`: what stray capacitances of the gates make of the conductance, beside the charge that is pumped.

import { parameterVector } from "../model/cycle.js";
import {
  checkedLater,
  finiteOption,
  needed,
  objectOption,
  optionsOf,
  toleranceOption,
} from "../model/options.js";
import type { Cycle, CycleFunction, ParameterValues } from "../model/types.js";
import type { ScatteringSolver } from "../scattering/point.js";
import { budgetOption } from "../transport/energy/budget.js";
import { type RectifiedResult, rectifiedCharge } from "../transport/pump/rectification.js";

/** What `rectified` may be asked. */
export interface RectifiedQuestion {
  /** Stray capacitance of each gate to the leads, in charge per unit of the parameter; parameters left out: 0. */
  capacitances: ParameterValues;
  /** Resistance of the outer circuit in units of hbar/e^2; default 1. */
  resistance?: number;
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /** Chemical potential of all leads, at T = 0; default: the reservoirs' mean chemical potential and mean temperature. */
  energy?: number;
  /** Fixed number of angles, 2 to 10 million, instead of as many as the tolerance needs. */
  points?: number;
  /** Relative error asked for, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /** Most energies at which the device is solved over the whole turn, by default of a minute or two and at most 20 million. */
  budget?: number;
}

export const rectifiedOptions = optionsOf<RectifiedQuestion>("question", {
  capacitances: needed("a capacitance by parameter", objectOption),
  resistance: finiteOption,
  cycle: checkedLater,
  energy: finiteOption,
  points: checkedLater,
  tolerance: toleranceOption,
  budget: budgetOption,
});

export function rectifiedOf(
  solver: ScatteringSolver,
  names: readonly string[],
  { capacitances, resistance = 1, points, tolerance }: RectifiedQuestion,
  cycle: Cycle | CycleFunction,
  drive: { energy: number; temperature: number },
): RectifiedResult {
  const weights = parameterVector(capacitances, names, "capacitances").map((c) => c * resistance);
  return rectifiedCharge(solver, cycle, names, weights, { ...drive, points, tolerance });
}
