// `device.forces`: forces, friction, noise and currents at one configuration, by name. Another
// simulator may call this at each of its time steps. The context therefore keeps solver and
// calculator, and a call allocates nothing that outlives its result.

import { checkedLater, optionsOf, toleranceOption } from "../../model/options.js";
import type { ParameterValues, RealMatrix } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import type { ForceOptions } from "../../transport/forces/options.js";
import type {
  ForceCertificate,
  ForceCertificates,
  ForceErrors,
  Forces,
} from "../../transport/forces/result.js";
import { judge, type Quantity } from "../../transport/forces/unknown.js";
import { budgetError, budgetOption, FORCES_BUDGET, within } from "../../transport/tasks/budget.js";
import type { DeviceContext } from "../context.js";
import { byName, rowsByName, squareMatrix } from "../named.js";
import { chosenReservoirs, dephasingOption, type ReservoirChoice } from "../reservoirs.js";

/** The options of `forces`. */
export interface ForcesQuestion extends ForceOptions {
  /** Values of the parameters; those that are not given are 0. */
  at?: ParameterValues;
  /** Reservoirs in place of the model's, by lead. */
  reservoirs?: ReservoirChoice;
  /**
   * Most energies at which the device is solved, default 500 000. An energy in higher precision
   * counts as 10 or more.
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
 * The results of `forces` in natural units (hbar = e = k_B = 1), with the signs of CONVENTIONS.md.
 * A quantity that misses the tolerance is absent, and a warning of code "unknown" names it. So is
 * one that diverges (friction and noise if a channel opens inside the window at a half-bound
 * state), which is absent from `errors` as well, with a warning of code "diverges". For a device
 * given by an S without A, friction and currents per velocity are absent at a bias, with a warning.
 */
export interface ForcesResult {
  /** Names of the parameters, in the order of the components of force, friction and noise. */
  parameters: string[];
  /** Values of all parameters. */
  at: ParameterValues;
  /** F_nu = -<dH/dX_nu>, energy per unit of X. */
  force: Float64Array;
  /**
   * Friction tensor, parameters x parameters, with its antisymmetric part:
   * F_nu(t) = F_nu - sum_nu' friction[nu, nu'] dX_nu'/dt. It brakes where it is positive.
   */
  friction?: RealMatrix;
  /**
   * Noise, parameters x parameters: <xi_nu(t) xi_nu'(t')> = noise[nu, nu'] delta(t - t'). It is
   * symmetric, not negative, and 2 T friction in equilibrium.
   */
  noise?: RealMatrix;
  /** Particles per time that enter from each lead at rest. */
  current: Record<string, number>;
  /**
   * Change of the particle current from each lead per velocity dX_nu/dt, one number per parameter.
   */
  currentPerVelocity: Record<string, Float64Array>;
  /** Energy per time that enters from each lead at rest. */
  energyCurrent: Record<string, number>;
  /**
   * Change of the energy current from each lead per velocity dX_nu/dt, one number per parameter.
   */
  energyCurrentPerVelocity: Record<string, Float64Array>;
  /** Heat per time that leaves each reservoir at rest: energy current - mu x particle current. */
  heatCurrent: Record<string, number>;
  /**
   * Entropy per time that the currents at rest produce, -sum over leads of heatCurrent / T, >= 0.
   * Absent if a reservoir has T = 0.
   */
  entropyProduction?: number;
  /**
   * Chemical potential of each lead: the given one, or that at which a voltage probe settles. An
   * energy-resolved probe has none, and the mean of the reservoirs stands in its place.
   */
  chemicalPotential: Record<string, number>;
  /**
   * Largest estimated error relative to the scale of its quantity (CONVENTIONS.md); not above the
   * tolerance.
   */
  error: number;
  /** Estimated absolute errors, each for the largest element of its quantity. */
  errors: ForceErrors;
  /** Deviations from identities that hold for every device. */
  certificate: ForceCertificate;
  /** The same deviations with their allowed values, and whether each holds. */
  certificates: ForceCertificates;
  /** Warnings about the numbers, and what is absent. */
  warnings: Warning[];
  /** Number of energies at which the device was solved. */
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
    const place = byName(context.parameterNames, values);
    calculator.place = () => ({ at: place });
    const forces = calculator.compute(chosen, options);
    const { tolerance = 1e-8 } = options;
    const missing = judge(forces, tolerance, place);
    const result = named(forces, context.parameterNames, values, missing);
    if (missing.length === 0 || !solver.budget?.spent) return result;
    throw budgetError(solver.budget.allowed, { energy: forces.worst, at: place, known: result });
  });
}

/** The members of the result that are absent if a quantity is. */
const dependents: Readonly<Record<Quantity, readonly (keyof ForcesResult)[]>> = {
  force: ["force"],
  friction: ["friction"],
  noise: ["noise"],
  current: ["current", "heatCurrent", "entropyProduction"],
  energyCurrent: ["energyCurrent", "heatCurrent", "entropyProduction"],
  currentPerVelocity: ["currentPerVelocity"],
  energyCurrentPerVelocity: ["energyCurrentPerVelocity"],
};

/** The result by name, without the quantities that are missing. */
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
