// Puts the integrals over a turn together with their errors, certificates and warnings.

import { TURN } from "../../base/constants.js";
import type { Warning } from "../../model/warning.js";
import { certifyCharges, type TurnIntegrals } from "../pump/options.js";
import type { TurnIntegrand } from "./integrand.js";

/**
 * The result of a turn from `values` and `errors` per component; `points` is the number of angles
 * evaluated. Throws NumericalError if a value is not finite.
 */
export function turnIntegralsOf(
  integrand: TurnIntegrand,
  values: Float64Array,
  errors: Float64Array,
  tolerance: number,
  points: number,
): TurnIntegrals {
  const { leads, components, solver, unitarity } = integrand;
  if (!(values.every(Number.isFinite) && errors.every(Number.isFinite)))
    throw integrand.failure("the integrals over the cycle overflow", [
      "parameters, or elements of the Hamiltonian, of too different sizes: write the model in units in which energies are of order one",
    ]);
  const charges = values.subarray(0, leads);
  const certified = certifyCharges(charges, unitarity, tolerance);
  // An imbalance of the charges is an error of at least that size.
  const error = Math.max(certified.certificate.chargeBalance, ...errors.subarray(0, leads));
  let relativeError = 0;
  const small = warningOfSmall(charges, error, tolerance);
  for (let i = leads; i < components; i++) {
    if (solver.limits && isNegligible(values[i], errors[i], tolerance))
      small.push(negligible(i - leads, errors[i]));
    else if (values[i] > 0) relativeError = Math.max(relativeError, errors[i] / values[i]);
  }
  return {
    charge: Object.fromEntries(solver.leads.map((name, a) => [name, charges[a]])),
    error,
    relativeError,
    points,
    adiabaticity: integrand.delay,
    ...certified,
    warnings: [...certified.warnings, ...small],
    friction: values[leads] ?? 0,
    conductance: values[leads + 1] ?? 0,
    channels: values[leads + 2] ?? 0,
  };
}

/**
 * Whether friction or conductance of a turn, known less than to the tolerance of itself, is below
 * the tolerance of its natural scale of order one, error included. A given S that reflects all, or
 * that does not depend on the angle, has such a zero.
 */
export const isNegligible = (value: number, error: number, tolerance: number): boolean =>
  error > tolerance * Math.abs(value) && Math.abs(value) + error <= tolerance;

/** The warning of such an integral, friction, conductance or number of channels. */
function negligible(index: number, error: number): Warning {
  const name = ["frictionPerTurn", "meanConductance", "number of channels"][index];
  const absolute = index === 0 ? error : error / TURN;
  return { code: "small", text: `${name} is zero within its error, ${absolute.toExponential(1)}` };
}

/**
 * What is known of an answer that misses the tolerance: the charges and their largest error, and the
 * friction and the conductance of a turn with theirs. Undefined if a charge is not finite or the
 * error is above 1000 particles.
 */
export function knownIntegrals(
  { leads, solver }: TurnIntegrand,
  values: Float64Array,
  errors: Float64Array,
): object | undefined {
  const charges = values.subarray(0, leads);
  const error = Math.max(...errors.subarray(0, leads));
  if (!charges.every(Number.isFinite) || !(error < 1e3)) return undefined;
  const known = { charge: Object.fromEntries(solver.leads.map((name, a) => [name, charges[a]])), error };
  if (values.length === leads) return known;
  const [friction, meanConductance] = [values[leads], values[leads + 1] / TURN];
  const [frictionError, conductanceError] = [errors[leads], errors[leads + 1] / TURN];
  return { ...known, frictionPerTurn: friction, frictionError, meanConductance, conductanceError };
}

/**
 * Warns of charges far below their scale that are known to the tolerance on that scale but not on
 * their own size. Charges that are zero within their error are not mentioned.
 */
function warningOfSmall(charges: Float64Array, error: number, tolerance: number): Warning[] {
  const size = charges.reduce((most, charge) => Math.max(most, Math.abs(charge)), 0);
  if (size <= 4 * error || error <= 10 * tolerance * size) return [];
  const text =
    `the charges, ${size.toExponential(2)} at most, are known to ${error.toExponential(1)}, ${(error / size).toExponential(1)} of themselves; ` +
    `the tolerance is ${tolerance}`;
  return [{ code: "small", text }];
}
