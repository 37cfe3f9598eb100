// `device.rectified`: what stray capacitances of the gates make of the conductance, beside the
// charge that is pumped.

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
import { budgetOption, TURN_BUDGET, within } from "../../transport/energy/budget.js";
import { type RectifiedResult, rectifiedCharge } from "../../transport/pump/rectification.js";
import type { DeviceContext } from "../context.js";

/** What `rectified` may be asked. */
export interface RectifiedQuestion {
  /**
   * Stray capacitance of each gate to the leads, in charge per unit of the parameter; parameters
   * left out: 0.
   */
  capacitances: ParameterValues;
  /** Resistance of the outer circuit in units of hbar/e^2; default 1. */
  resistance?: number;
  /** Instead of the model's cycle. */
  cycle?: Cycle | CycleFunction;
  /**
   * Chemical potential of all leads, at T = 0; default: the reservoirs' mean chemical potential and
   * mean temperature.
   */
  energy?: number;
  /** Fixed number of angles, 2 to 10 million, instead of as many as the tolerance needs. */
  points?: number;
  /** Relative error asked for, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /**
   * Most energies at which the device is solved over the whole turn, by default of a minute or two
   * and at most 20 million.
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
