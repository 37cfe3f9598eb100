// `device.rectified`: the charge that stray capacitances of the gates rectify, which comes in
// addition to the pumped charge.

import { parameterVector } from "../../model/cycle.js";
import {
  checkedLater,
  finiteOption,
  needed,
  objectOption,
  optionsOf,
  toleranceOption,
} from "../../model/options.js";
import type { Cycle, CycleFunction, ParameterValues } from "../../model/types.js";
import { type RectifiedResult, rectifiedCharge } from "../../transport/pump/rectification.js";
import { budgetOption, TURN_BUDGET, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";

/** The options of `rectified`. */
export interface RectifiedQuestion {
  /**
   * Stray capacitance of each gate to the leads, charge per unit of the parameter. A parameter that
   * is not given has none.
   */
  capacitances: ParameterValues;
  /** Resistance of the outer circuit in units of hbar/e^2; default 1. */
  resistance?: number;
  /** Cycle in place of the model's. */
  cycle?: Cycle | CycleFunction;
  /**
   * Chemical potential of all leads, an energy, at T = 0. Default: mean chemical potential and mean
   * temperature of the reservoirs.
   */
  energy?: number;
  /** Fixed number of angles, 2 to 1 million, in place of as many as the tolerance needs. */
  points?: number;
  /** Allowed relative error, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /**
   * Most energies at which the device is solved over the whole turn. Default: a minute or two of
   * work, at most 20 million.
   */
  budget?: number;
}

const rectifiedOptions = optionsOf<RectifiedQuestion>("question", {
  capacitances: needed("a capacitance by parameter", objectOption),
  resistance: finiteOption,
  cycle: checkedLater,
  energy: finiteOption,
  points: checkedLater,
  tolerance: toleranceOption,
  budget: budgetOption,
});

export function answerRectified(context: DeviceContext, question: RectifiedQuestion): RectifiedResult {
  const {
    capacitances,
    resistance = 1,
    cycle,
    energy,
    points,
    tolerance,
    budget,
  } = rectifiedOptions(question);
  const drive = { energy: context.energy(energy), temperature: context.temperature(energy) };
  const solver = context.cycleSolver();
  const path = context.cycleOf(cycle);
  const { parameterNames: names } = context;
  return within(solver, budget, TURN_BUDGET, () => {
    const weights = parameterVector(capacitances, names, "capacitances").map((c) => c * resistance);
    return rectifiedCharge(solver, path, names, weights, { ...drive, points, tolerance });
  });
}
