// The charge pumped per turn of a cycle (Brouwer), and the turn integrals on the same angles. Cost:
// one factorisation per angle at T = 0, some hundreds at T > 0. Voltage probes draw no net charge
// (probes/linear.ts).

import type { Cycle, CycleFunction } from "../../model/types.js";
import type { ScatteringSolver } from "../../scattering/contract.js";
import { Turn } from "../turn/turn.js";
import { checkPumpOptions, type PumpOptions, type PumpResult, type TurnIntegrals } from "./options.js";

export { type CurvatureOptions, type CurvatureResult, pumpingCurvature } from "./curvature.js";
export type { PumpOptions, PumpResult, TurnIntegrals } from "./options.js";

/**
 * Charge per turn from every lead, at T = 0 or averaged over energy. Throws NumericalError if no
 * method converges.
 */
export function pumpedCharge(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  options: PumpOptions,
): PumpResult {
  const { charge, error, points, adiabaticity, certificate, certificates, warnings } = turnIntegrals(
    solver,
    cycle,
    parameterNames,
    options,
    false,
  );
  return { charge, error, points, adiabaticity, certificate, certificates, warnings };
}

/** Charge and, with `motor`, friction and conductance of one turn, all on the same angles. */
export function turnIntegrals(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  options: PumpOptions,
  motor: boolean,
): TurnIntegrals {
  checkPumpOptions(options);
  return new Turn(solver, cycle, parameterNames, options, motor).run();
}
