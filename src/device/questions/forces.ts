// `device.forces`: everything the mechanical coordinates feel at one configuration, by name.
// Another simulator makes this call at each of its time steps: the context keeps solver and
// calculator, and nothing that a call allocates outlives its result.

import { checkedLater, optionsOf, toleranceOption } from "../../model/options.js";
import type { ParameterValues, RealMatrix } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import { budgetError, budgetOption, FORCES_BUDGET, within } from "../../transport/energy/budget.js";
import type { ForceOptions } from "../../transport/forces/options.js";
import type {
  ForceCertificate,
  ForceCertificates,
  ForceErrors,
  Forces,
} from "../../transport/forces/result.js";
import { judge, type Quantity } from "../../transport/forces/unknown.js";
import type { DeviceContext } from "../context.js";
import { byName, rowsByName, squareMatrix } from "../named.js";
import { chosenReservoirs, dephasingOption, type ReservoirChoice } from "../reservoirs.js";

/** What `forces` may be asked. */
export interface ForcesQuestion extends ForceOptions {
  /** Parameter values; those left out are 0. */
  at?: ParameterValues;
  /** Reservoirs instead of the model's, lead by lead. */
  reservoirs?: ReservoirChoice;
  /**
   * Most energies at which the device is solved, default 500 000; one in higher precision counts as
   * 10 or more.
   */
  budget?: number;
}

export const forcesOptions = optionsOf<ForcesQuestion>("question", {
  at: checkedLater,
  reservoirs: checkedLater,
  tolerance: toleranceOption,
  budget: budgetOption,
  dephasing: dephasingOption,
});

/**
 * Natural units (hbar = e = k_B = 1); signs of CONVENTIONS.md. Of a device given by an S without A,
 * friction and currents per velocity are left out at a bias, with a warning. A quantity that is not
 * known to the tolerance is left out as well, and a warning of code "unknown" names it; so is one
 * that diverges (friction and noise where a channel opens inside the window at a half-bound state),
 * also from `errors`, with a warning of code "diverges".
 */
export interface ForcesResult {
  /** Order of the components of force, friction and noise. */
  parameters: string[];
  /** Values of all parameters. */
  at: ParameterValues;
  /** F_nu = -<dH/dX_nu>, energy per unit of X. */
  force: Float64Array;
  /**
   * F_nu(t) = F_nu - sum_nu' friction[nu, nu'] dX_nu'/dt, parameters x parameters, the
   * antisymmetric part included; positive where it brakes.
   */
  friction?: RealMatrix;
  /**
   * <xi_nu(t) xi_nu'(t')> = noise[nu, nu'] delta(t - t'), parameters x parameters, symmetric and
   * not negative; 2 T friction in equilibrium.
   */
  noise?: RealMatrix;
  /** Particles per time into the device from each lead, at rest. */
  current: Record<string, number>;
  /**
   * What a velocity dX_nu/dt adds to the particle current from each lead, one number per parameter.
   */
  currentPerVelocity: Record<string, Float64Array>;
  /** Energy per time into the device from each lead, at rest. */
  energyCurrent: Record<string, number>;
  /**
   * What a velocity dX_nu/dt adds to the energy current from each lead, one number per parameter.
   */
  energyCurrentPerVelocity: Record<string, Float64Array>;
  /** Heat leaving each reservoir per time, at rest: energy current - mu x particle current. */
  heatCurrent: Record<string, number>;
  /**
   * Entropy per time that the currents at rest produce, -sum over leads of heatCurrent / T >= 0;
   * left out if a reservoir has T = 0.
   */
  entropyProduction?: number;
  /**
   * Chemical potential that each lead is at: as given, or where a voltage probe settles; the
   * reservoirs' mean for an energy-resolved probe, which has none.
   */
  chemicalPotential: Record<string, number>;
  /**
   * Largest error estimate, relative to the scale of its quantity (CONVENTIONS.md): not above the
   * tolerance.
   */
  error: number;
  /** Absolute error estimates, each for the largest element of its quantity. */
  errors: ForceErrors;
  /** What the numbers must fulfil whatever the device, as it was found. */
  certificate: ForceCertificate;
  /** The same as what was found, what is allowed, and whether it holds. */
  certificates: ForceCertificates;
  /** Remarks on the numbers, and what is left out. */
  warnings: Warning[];
  /** Energies at which the device was solved. */
  evaluations: number;
}

export function answerForces(context: DeviceContext, question: ForcesQuestion): ForcesResult {
  const { at, reservoirs, budget, ...options } = forcesOptions(question);
  const solver = context.solver();
  const calculator = context.forces();
  return within(solver, budget, FORCES_BUDGET, () => {
    const values = context.values(at);
    const chosen = chosenReservoirs(context.model, reservoirs);
    solver.configure(values);
    const forces = calculator.compute(chosen, options);
    const { tolerance = 1e-8 } = options;
    const place = byName(context.parameterNames, values);
    const missing = judge(forces, tolerance, place);
    const result = named(forces, context.parameterNames, values, missing);
    if (missing.length === 0 || !solver.budget?.spent) return result;
    throw budgetError(solver.budget.allowed, { energy: forces.worst, at: place, known: result });
  });
}

/** What goes with a quantity that is left out, itself first. */
const dependents: Readonly<Record<Quantity, readonly (keyof ForcesResult)[]>> = {
  force: ["force"],
  friction: ["friction"],
  noise: ["noise"],
  current: ["current", "heatCurrent", "entropyProduction"],
  energyCurrent: ["energyCurrent", "heatCurrent", "entropyProduction"],
  currentPerVelocity: ["currentPerVelocity"],
  energyCurrentPerVelocity: ["energyCurrentPerVelocity"],
};

/** By name, without the quantities that are missing. */
function named(
  forces: Forces,
  parameters: string[],
  values: Float64Array,
  missing: readonly Quantity[],
): ForcesResult {
  const { leads, directions: d } = forces;
  const result: ForcesResult = {
    parameters: [...parameters],
    at: byName(parameters, values),
    force: forces.force,
    friction: squareMatrix(d, forces.friction),
    noise: squareMatrix(d, forces.noise),
    current: byName(leads, forces.current),
    currentPerVelocity: rowsByName(leads, forces.currentPerVelocity, d),
    energyCurrent: byName(leads, forces.energyCurrent),
    energyCurrentPerVelocity: rowsByName(leads, forces.energyCurrentPerVelocity, d),
    heatCurrent: byName(leads, forces.heatCurrent),
    ...(forces.entropyProduction !== undefined && { entropyProduction: forces.entropyProduction }),
    chemicalPotential: byName(leads, forces.chemicalPotential),
    error: forces.error,
    errors: forces.errors,
    certificate: forces.certificate,
    certificates: forces.certificates,
    warnings: forces.warnings,
    evaluations: forces.evaluations,
  };
  const absent = [...missing, ...forces.diverging];
  const without = forces.withoutA
    ? [...absent, "friction" as const, "currentPerVelocity" as const, "energyCurrentPerVelocity" as const]
    : absent;
  for (const key of without.flatMap((quantity) => dependents[quantity]))
    delete (result as Partial<ForcesResult>)[key];
  if (forces.diverging.length > 0) {
    result.errors = { ...result.errors };
    for (const quantity of forces.diverging) delete (result.errors as Partial<ForceErrors>)[quantity];
  }
  return result;
}
