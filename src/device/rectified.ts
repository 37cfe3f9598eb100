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
import { budgetOption } from "../transport/budget.js";
import { type RectifiedResult, rectifiedCharge } from "../transport/rectification.js";

export interface RectifiedQuestion {
  /** Stray capacitance of each gate to the leads, in charge per unit of the parameter; parameters left out: 0. */
  capacitances: ParameterValues;
  /** Resistance of the outer circuit in units of hbar/e^2; default 1. */
  resistance?: number;
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /** Energy at T = 0; without it the reservoirs' temperatures at their mean chemical potential. */
  energy?: number;
  /** Fixed number of cycle points instead of an adaptive one. */
  points?: number;
  /** Relative error asked for, default 1e-8. */
  tolerance?: number;
  /** Most energies at which the device is solved over the whole turn, default 20 million. */
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
