// The pumping curvature over a rectangle of two parameters: its integral over an area is the charge
// pumped around it. Cost: one factorisation per grid point at T = 0, some hundreds at T > 0.

import { InputError } from "../../base/errors.js";
import { parameterVector } from "../../model/cycle.js";
import type { ParameterValues } from "../../model/types.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { ThermalAverage } from "../energy/thermal-average.js";
import { addCurvature } from "./emissivity.js";
import { checkPumpOptions } from "./options.js";

export interface CurvatureOptions {
  /** The two parameters nu, nu' of the rectangle. */
  parameters: readonly [string, string];
  /** Grid values of the first and of the second parameter. */
  first: ArrayLike<number>;
  second: ArrayLike<number>;
  /** The other parameters; left out: 0. */
  at?: ParameterValues;
  energy: number;
  temperature?: number;
  tolerance?: number;
}

/** Pumping curvature on the grid of a CurvatureQuestion. */
export interface CurvatureResult {
  /** Numbers of grid values of the first and of the second parameter. */
  shape: [first: number, second: number];
  /**
   * Omega_a by lead, particles per unit of both parameters: first[i], second[j] at [i shape[1] +
   * j]. Its area integral is Q_a of a cycle that turns from nu to nu'.
   */
  curvature: Record<string, Float64Array>;
}

/**
 * Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+] = (1/pi) Im Tr[Pi_a S K_nu' K_nu S^+]; T =
 * 0 or thermal average.
 */
export function pumpingCurvature(
  solver: ScatteringSolver,
  parameterNames: readonly string[],
  options: CurvatureOptions,
): CurvatureResult {
  checkPumpOptions(options);
  const [nu, nuPrime] = options.parameters.map((name) => {
    const index = parameterNames.indexOf(name);
    if (index >= 0) return index;
    const expected = `one of ${parameterNames.join(", ")}`;
    throw new InputError("parameters", "unknown parameter", { expected, found: name });
  });
  const { first, second } = options;
  const values = parameterVector(options.at, parameterNames);
  const leads = solver.leads.length;
  const grids = solver.leads.map(() => new Float64Array(first.length * second.length));
  const sample = new Float64Array(leads);
  const average = new ThermalAverage(solver, options, [leads], (point, weight, out) =>
    addCurvature(point, point.K[nu], point.K[nuPrime], weight, out),
  );
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      values[nu] = first[i];
      values[nuPrime] = second[j];
      solver.configure(values);
      average.evaluate(sample);
      for (let a = 0; a < leads; a++) grids[a][i * second.length + j] = sample[a];
    }
  }
  return {
    shape: [first.length, second.length],
    curvature: Object.fromEntries(solver.leads.map((name, a) => [name, grids[a]])),
  };
}
