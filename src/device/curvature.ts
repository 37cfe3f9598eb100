// `device.curvature`: the pumping curvature over a rectangle of two parameters, what is asked checked first.

import { InputError } from "../model/errors.js";
import type { ParameterValues } from "../model/types.js";
import { described } from "../model/wording.js";
import type { ScatteringSolver } from "../scattering/point.js";
import { type CurvatureResult, pumpingCurvature } from "../transport/pump.js";
import { checkTolerance } from "./reservoirs.js";

export interface CurvatureQuestion {
  /** The two parameters nu, nu' of the rectangle: the first runs over `first`, the other over `second`. */
  parameters: readonly [string, string];
  /** Grid values of the first and of the second parameter. */
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  /** Values of the other parameters; those left out are 0. */
  at?: ParameterValues;
  /** Energy at T = 0; without it the reservoirs' temperatures at their mean chemical potential. */
  energy?: number;
  /** Relative error of the thermal average, default 1e-8. */
  tolerance?: number;
  /** Most energies at which the device is solved over the whole grid, default 20 million. */
  budget?: number;
}

function checkGrid(values: ArrayLike<number>, field: string): void {
  const list = (Array.isArray(values) || ArrayBuffer.isView(values)) && values.length > 0;
  if (!list)
    throw new InputError(field, "wrong value", {
      expected: "a list of grid values",
      found: described(values),
    });
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new InputError(`${field}[${i}]`, "wrong value", {
        expected: "a finite number",
        found: described(values[i]),
      });
}

export function curvatureOf(
  solver: ScatteringSolver,
  names: readonly string[],
  { parameters, first, second, at, tolerance }: CurvatureQuestion,
  drive: { energy: number; temperature: number },
): CurvatureResult {
  if (!Array.isArray(parameters) || parameters.length !== 2 || parameters[0] === parameters[1])
    throw new InputError("parameters", "wrong value", {
      expected: "two different parameters",
      found: described(parameters),
    });
  checkGrid(first, "first");
  checkGrid(second, "second");
  checkTolerance(tolerance);
  return pumpingCurvature(solver, names, { parameters, first, second, at, tolerance, ...drive });
}
