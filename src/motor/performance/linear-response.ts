// The motor in linear response at large inertia and equal fillings (docs/physics.md, section 6):
// charge and work per turn, figure of merit, efficiencies, and the bound of the charge by the
// friction. All integrals share the angles of transport/pump/pump.ts. Where a bound state meets a
// band edge in the thermal window, friction diverges like a logarithm in the angle, and the panels
// of the curve at equal fillings (curve.ts) are used instead. Current flows between the first two
// leads of the model that are not probes.

import { InputError, NumericalError } from "../../base/errors.js";
import { lazily } from "../../base/lazily.js";
import { atMost, type Certificate } from "../../model/certificate.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import type { PointSolver, ScatteringSolver } from "../../scattering/contract.js";
import type { PumpCertificate, PumpCertificates } from "../../transport/pump/options.js";
import { type PumpOptions, type TurnIntegrals, turnIntegrals } from "../../transport/pump/pump.js";
import { TurnCurveBuilder } from "../curve/curve.js";

/** How linear response is computed. */
export interface LinearResponseOptions extends PumpOptions {
  /** mu of lead 0 minus mu of lead 1, an energy, for the stall load. */
  bias?: number;
}

/** The bound of the charge by the friction, Q^2 <= 4 pi <gamma> N_L N_R / (N_L + N_R). */
export interface ChargeBound {
  /** Q^2 in particles squared. */
  chargeSquared: number;
  /** Largest possible Q^2: the right-hand side, averaged over the turn. */
  limit: number;
  /** Whether the bound holds within the errors. */
  satisfied: boolean;
}

/** Deviations from identities that hold for every device. */
export interface LinearResponseCertificate extends PumpCertificate {
  /**
   * The bound Q^2 <= 4 pi <gamma> N_L N_R / (N_L + N_R), with N_L open channels of the first lead
   * and N_R of all other leads. With voltage probes the fraction is N / 4, with N channels in all.
   */
  bound: ChargeBound;
}

/** The same deviations with their allowed values, and whether each holds. */
export interface LinearResponseCertificates extends PumpCertificates {
  /** Q^2 against its limit by the friction, with errors. */
  bound: Certificate;
}

/** Errors of linear response. */
export interface LinearResponseError {
  /** Absolute error of the charge, in particles. */
  charge: number;
  /** Largest relative error of friction and conductance. */
  relative: number;
}

/**
 * The datasheet of a motor in linear response at equal fillings. Quantities that are undefined
 * (without friction, without conductance, in a magnetic field) are absent.
 */
export interface LinearResponse {
  /** Q: particles that enter per positive turn from the first lead that is not a probe. */
  charge: number;
  /**
   * Work per turn and bias, W = Q V, in particles. Absent in a magnetic field, where it is the Q of
   * the reversed field.
   */
  workPerTurnAndVolt?: number;
  /** Friction per turn, loop gamma dtheta = 2 pi <gamma>; never negative. */
  frictionPerTurn: number;
  /**
   * <G>: turn average of T / 2pi, the conductance between the first two leads that are not probes.
   */
  meanConductance: number;
  /** Z = Q^2 / (4 pi^2 <gamma> <G>). */
  figureOfMerit?: number;
  /** Largest efficiency (sqrt(1 + Z) - 1) / (sqrt(1 + Z) + 1), between 0 and 1. */
  maximumEfficiency?: number;
  /** Efficiency Z / (2 (Z + 2)) at the load of largest power, below 1/2. */
  efficiencyAtMaximumPower?: number;
  /** Largest power over the bias squared, Q^2 / (16 pi^2 <gamma>). */
  maximumPowerPerVoltSquared?: number;
  /**
   * Load W / 2pi at which the motor stalls at the given bias, energy per radian. Absent without a
   * bias.
   */
  stallLoad?: number;
  /** |Q| - round|Q|, from -1/2 to 1/2: distance of the charge from a whole number. */
  quantisationDefect: number;
  /** Inverse of the longest delay, an angular speed. Driving far below it is slow. */
  adiabaticSpeedLimit?: number;
  /** Errors of charge, friction and conductance. */
  error: LinearResponseError;
  /** Number of angles evaluated. */
  points: number;
  /** Deviations from identities, as found. */
  certificate: LinearResponseCertificate;
  /** The same with their allowed values, and whether each holds. */
  certificates: LinearResponseCertificates;
  /** Warnings about the numbers. */
  warnings: Warning[];
}

/**
 * Linear response of a motor between the first two leads that are not probes. Convergence and
 * errors are those of `pumpedCharge`.
 */
export function linearResponse(
  solver: ScatteringSolver,
  cycle: Cycle | CycleFunction,
  parameterNames: readonly string[],
  options: LinearResponseOptions,
): LinearResponse {
  const reservoirs = solver.leads.filter((_, a) => !solver.probes[a]);
  if (reservoirs.length < 2) {
    throw new InputError("device.leads", "too few leads", {
      expected: "two or more that are not probes",
      found: `${reservoirs.length}`,
    });
  }
  return responseOf(solver, turnIntegrals(solver, cycle, parameterNames, options, true), options.bias);
}

/**
 * As `linearResponse`. Where a bound state meets a band edge in the thermal window, or the
 * integrals over the turn do not converge at T > 0, the panels of the curve at equal fillings are
 * used instead.
 */
export function linearResponseAcrossKinks(
  solver: PointSolver,
  cycle: Cycle | CycleFunction,
  names: readonly string[],
  options: LinearResponseOptions,
): LinearResponse {
  const { energy, temperature = 0, points, tolerance, bias } = options;
  if (temperature === 0 || points !== undefined) return linearResponse(solver, cycle, names, options);
  const response = { chemicalPotential: energy, temperature };
  const reservoirs = solver.probes.map((probe) => (probe ? undefined : response));
  const builder = lazily(
    () => new TurnCurveBuilder(solver, cycle, names, reservoirs, { tolerance, response }),
  );
  const byPanels = (): LinearResponse | undefined => {
    builder().build();
    const integrals = builder().response();
    return integrals && responseOf(solver, integrals, bias);
  };
  const hasKinks = reservoirs.length > 1 && !solver.probes.includes(true) && builder().kinks.length > 0;
  if (hasKinks)
    try {
      const across = byPanels();
      if (across) return across;
    } catch (error) {
      // Panels have nodes close to the kinks, where an angle may have no answer.
      if (!(error instanceof NumericalError) || solver.budget?.spent) throw error;
    }
  try {
    return linearResponse(solver, cycle, names, options);
  } catch (error) {
    if (!(error instanceof NumericalError)) throw error;
    const other = solver.limits ? undefined : byPanels();
    if (!other) throw error;
    return other;
  }
}

/** The datasheet from integrals over the turn that are known already. */
export function responseOf(
  solver: ScatteringSolver,
  turn: TurnIntegrals,
  bias: number | undefined,
): LinearResponse {
  const charge = turn.charge[solver.leads[solver.probes.indexOf(false)]];
  const { friction, adiabaticity } = turn;
  const meanFriction = friction / (2 * Math.PI);
  const conductance = turn.conductance / (2 * Math.PI);
  const limit = 2 * friction * (turn.channels / (2 * Math.PI));
  const slack = 2 * Math.abs(charge) * turn.error + limit * 2 * turn.relativeError + 1e-10 * limit + 1e-15;
  const bound = atMost(charge * charge, limit + slack);
  return {
    charge,
    frictionPerTurn: friction,
    meanConductance: conductance,
    ...(solver.reciprocal ? merits(charge, meanFriction, conductance, bias) : {}),
    quantisationDefect: Math.abs(charge) - Math.round(Math.abs(charge)),
    ...present({ adiabaticSpeedLimit: 1 / adiabaticity }),
    error: { charge: turn.error, relative: turn.relativeError },
    points: turn.points,
    certificate: {
      ...turn.certificate,
      bound: { chargeSquared: charge * charge, limit, satisfied: bound.holds },
    },
    certificates: { ...turn.certificates, bound },
    warnings: turn.warnings,
  };
}

/** The quantities that need W = Q V and therefore the absence of a magnetic field. */
function merits(
  charge: number,
  friction: number,
  conductance: number,
  bias?: number,
): Partial<LinearResponse> {
  const figureOfMerit = charge ** 2 / (4 * Math.PI ** 2 * friction * conductance);
  const root = Math.sqrt(1 + figureOfMerit);
  return present({
    workPerTurnAndVolt: charge,
    figureOfMerit,
    // This is (root - 1) / (root + 1) without cancellation at small Z.
    maximumEfficiency: figureOfMerit / (root + 1) ** 2,
    efficiencyAtMaximumPower: figureOfMerit / (2 * (figureOfMerit + 2)),
    maximumPowerPerVoltSquared: charge ** 2 / (16 * Math.PI ** 2 * friction),
    stallLoad: bias === undefined ? Number.NaN : (charge * bias) / (2 * Math.PI),
  });
}

/** The members that are finite. */
function present<T extends Record<string, number>>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => Number.isFinite(value)),
  ) as Partial<T>;
}
