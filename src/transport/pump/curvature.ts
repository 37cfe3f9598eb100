// The pumping curvature over a rectangle of two parameters. Its integral over an area is the charge
// that a cycle around this area pumps. Cost: one factorisation per grid point at T = 0, some
// hundreds at T > 0.

import { InputError, NumericalError } from "../../base/errors.js";
import { described } from "../../base/wording.js";
import { parameterVector } from "../../model/cycle.js";
import type { ParameterValues } from "../../model/types.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { ThermalAverage } from "../energy/thermal-average.js";
import { attainable, GIVEN_CAUSE } from "../forces/result.js";
import { addCurvature, addCurvatureError } from "./emissivity.js";
import { checkPumpOptions } from "./options.js";

/** The rectangle of parameters, and how the curvature is computed. */
export interface CurvatureOptions {
  /** Names of the two parameters nu and nu' of the rectangle. */
  parameters: readonly [string, string];
  /** Grid values of the first parameter. */
  first: ArrayLike<number>;
  /** Grid values of the second parameter. */
  second: ArrayLike<number>;
  /** Values of the other parameters; each is 0 if left out. */
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
   * Omega_a by lead, in particles per unit of both parameters; the value at first[i] and second[j]
   * has the index [i shape[1] + j]. Its integral over an area is the charge Q_a of a cycle around
   * the area that turns from nu to nu'.
   */
  curvature: Record<string, Float64Array>;
}

/**
 * The curvature at T = 0 or averaged over energy (docs/physics.md, section 3):
 *
 *   Omega_a = (1/pi) Im Tr[Pi_a (dS/dX_nu') (dS/dX_nu)^+] = (1/pi) Im Tr[Pi_a S K_nu' K_nu S^+]
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
    throw new InputError("parameters", "unknown parameter", { expected, found: described(name) });
  });
  const { first, second } = options;
  const values = parameterVector(options.at, parameterNames);
  const leads = solver.leads.length;
  const grids = solver.leads.map(() => new Float64Array(first.length * second.length));
  const sample = new Float64Array(leads);
  const average = new ThermalAverage(
    solver,
    options,
    [leads],
    (point, weight, out) => addCurvature(point, point.K[nu], point.K[nuPrime], weight, out),
    { addErrors: (point, weight, out) => addCurvatureError(point, nu, nuPrime, weight, out) },
  );
  let [most, error] = [0, 0];
  for (let i = 0; i < first.length; i++) {
    for (let j = 0; j < second.length; j++) {
      values[nu] = first[i];
      values[nuPrime] = second[j];
      solver.configure(values);
      average.evaluate(sample);
      for (let a = 0; a < leads; a++) grids[a][i * second.length + j] = sample[a];
      error = Math.max(error, average.given[0] ?? 0);
      most = sample.reduce((size, value) => Math.max(size, Math.abs(value)), most);
    }
  }
  const { energy, tolerance = 1e-8 } = options;
  if (error > tolerance * most) {
    const relative = error / most;
    throw new NumericalError(
      `the curvature is known to ${relative.toExponential(1)} of its largest value, asked for ${tolerance}`,
      { energy, causes: [...attainable(relative), GIVEN_CAUSE] },
    );
  }
  return {
    shape: [first.length, second.length],
    curvature: Object.fromEntries(solver.leads.map((name, a) => [name, grids[a]])),
  };
}
