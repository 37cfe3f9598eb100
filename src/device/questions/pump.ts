// `device.pump` and `device.linearResponse`: the pumped charge of a turn, and the datasheet of the
// motor that the same device is.

import { hasReservoir } from "../../model/leads/index.js";
import { checkedLater, finiteOption, optionsOf, toleranceOption } from "../../model/options.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import { type LinearResponse, linearResponseAcrossKinks } from "../../motor/performance/linear-response.js";
import { type PumpResult, pumpedCharge } from "../../transport/pump/pump.js";
import { budgetOption, TURN_BUDGET, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";

/** The options of `pump` and `linearResponse`. */
export interface CycleQuestion {
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

const cycleOptions = optionsOf<CycleQuestion>("question", {
  cycle: checkedLater,
  energy: finiteOption,
  points: checkedLater,
  tolerance: toleranceOption,
  budget: budgetOption,
});

export function answerPump(context: DeviceContext, question: CycleQuestion): PumpResult {
  const { cycle, energy, points, tolerance, budget } = cycleOptions(question);
  const solver = context.cycleSolver();
  const path = context.cycleOf(cycle);
  const options = {
    energy: context.energy(energy),
    temperature: context.temperature(energy),
    points,
    tolerance,
  };
  return within(solver, budget, TURN_BUDGET, () =>
    pumpedCharge(solver, path, context.parameterNames, options),
  );
}

export function answerLinearResponse(context: DeviceContext, question: CycleQuestion): LinearResponse {
  const { cycle, energy, points, tolerance, budget } = cycleOptions(question);
  const solver = context.cycleSolver();
  const path = context.cycleOf(cycle);
  const { device, reservoirs } = context.model;
  const [first, second] = device.leads
    .filter(hasReservoir)
    .map((lead) => reservoirs?.[lead.name]?.chemicalPotential);
  const options = {
    energy: context.energy(energy),
    temperature: context.temperature(energy),
    bias: first !== undefined && second !== undefined ? first - second : undefined,
    points,
    tolerance,
  };
  return within(solver, budget, TURN_BUDGET, () =>
    linearResponseAcrossKinks(solver, path, context.parameterNames, options),
  );
}
