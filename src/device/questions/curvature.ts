// `device.curvature`: checks the question, and computes the pumping curvature over a rectangle of
// two parameters.

import {
  checkedLater,
  finiteOption,
  needed,
  numbersOption,
  option,
  optionsOf,
  toleranceOption,
} from "../../model/options.js";
import type { ParameterValues } from "../../model/types.js";
import { type CurvatureResult, pumpingCurvature } from "../../transport/pump/pump.js";
import { budgetOption, TURN_BUDGET, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";

/** The options of `curvature`. */
export interface CurvatureQuestion {
  /**
   * Names of the two different parameters nu and nu' of the rectangle. The first runs over `first`,
   * the other over `second`.
   */
  parameters: readonly [string, string];
  /** Grid values of the first parameter, in any order. */
  first: ArrayLike<number>;
  /** Grid values of the second parameter, in any order. */
  second: ArrayLike<number>;
  /** Values of the other parameters; those that are not given are 0. */
  at?: ParameterValues;
  /**
   * Chemical potential of all leads, an energy, at T = 0. Default: mean chemical potential and mean
   * temperature of the reservoirs.
   */
  energy?: number;
  /** Allowed relative error of the thermal average, between 0 and 1; default 1e-8. */
  tolerance?: number;
  /**
   * Most energies at which the device is solved over the whole grid. Default: a minute or two of
   * work, at most 20 million.
   */
  budget?: number;
}

const gridOption = numbersOption("a list of grid values");

const curvatureOptions = optionsOf<CurvatureQuestion>("question", {
  parameters: needed(
    "two different parameters",
    option(
      "two different parameters",
      (value) => Array.isArray(value) && value.length === 2 && value[0] !== value[1],
    ),
  ),
  first: needed("a list of grid values", gridOption),
  second: needed("a list of grid values", gridOption),
  at: checkedLater,
  energy: finiteOption,
  tolerance: toleranceOption,
  budget: budgetOption,
});

export function answerCurvature(context: DeviceContext, question: CurvatureQuestion): CurvatureResult {
  const { parameters, first, second, at, tolerance, energy, budget } = curvatureOptions(question);
  const drive = { energy: context.energy(energy), temperature: context.temperature(energy) };
  const solver = context.solver();
  return within(solver, budget, TURN_BUDGET, () =>
    pumpingCurvature(solver, context.parameterNames, { parameters, first, second, at, tolerance, ...drive }),
  );
}
