// The motor in linear response with large inertia (docs/physics.md, section 6: turn averages of
// friction and conductance), at equal fillings: charge and work per turn, figure of merit,
// efficiencies, and the bound that ties charge to friction. All integrals share the angles of
// transport/pump/pump.ts; where a bound state meets a band edge in the thermal window, friction
// diverges like a logarithm in the angle and the panels of the curve at equal fillings (curve.ts)
// are taken. Current flows between the first two leads of the model.

import { InputError, NumericalError } from "../../base/errors.js";
import { atMost, type Certificate } from "../../model/certificate.js";
import type { Cycle, CycleFunction } from "../../model/types.js";
import type { Warning } from "../../model/warning.js";
import type { PointSolver, ScatteringSolver } from "../../scattering/contract.js";
import type { PumpCertificate, PumpCertificates } from "../../transport/pump/options.js";
import { type PumpOptions, type TurnIntegrals, turnIntegrals } from "../../transport/pump/pump.js";
import { TurnCurveBuilder } from "../curve/curve.js";

export interface LinearResponseOptions extends PumpOptions {
  /** mu of lead 0 minus mu of lead 1, for the stall load. */
  bias?: number;
}

/** The bound of the charge by the friction, Q^2 <= 4 pi <gamma> N_L N_R / (N_L + N_R). */
export interface ChargeBound {
  /** Q^2. */
  chargeSquared: number;
  /** What it may be at most: the right-hand side, turn-averaged. */
  limit: number;
  /** Whether the bound holds, errors allowed for. */
  satisfied: boolean;
}

/** What linear response must fulfil whatever the device, as it was found. */
export interface LinearResponseCertificate extends PumpCertificate {
  /**
   * Q^2 <= 4 pi <gamma> N_L N_R / (N_L + N_R), N open channels of the first lead and R meaning all
   * other leads; with voltage probes N / 4 for that fraction, N all channels.
   */
  bound: ChargeBound;
}

/** A LinearResponseCertificate as what was found, what is allowed, and whether it holds. */
export interface LinearResponseCertificates extends PumpCertificates {
  /** Q^2 against its limit by the friction, errors allowed for. */
  bound: Certificate;
}

/** Absolute and relative errors of linear response. */
export interface LinearResponseError {
  /** Absolute error of the charge. */
  charge: number;
  /** Largest relative error of friction and conductance. */
  relative: number;
}

/**
 * A motor's datasheet in linear response at equal fillings. What is undefined (no friction, no
 * conductance, a magnetic field) is left out.
 */
export interface LinearResponse {
  /** Q: particles entering from the first lead that is not a probe, per positive turn. */
  charge: number;
  /**
   * Work per turn and bias: W = Q V; left out in a magnetic field, where it is Q of the reversed
   * field.
   */
  workPerTurnAndVolt?: number;
  /** Friction per turn, loop gamma dtheta = 2 pi <gamma>; not negative. */
  frictionPerTurn: number;
  /**
   * <G>: turn average of T / 2pi, the conductance between the first two leads that are not probes.
   */
  meanConductance: number;
  /** Z = Q^2 / (4 pi^2 <gamma> <G>). */
  figureOfMerit?: number;
  /** (sqrt(1 + Z) - 1) / (sqrt(1 + Z) + 1): the best efficiency, between 0 and 1. */
  maximumEfficiency?: number;
  /** Z / (2 (Z + 2)): the efficiency at the load of largest power, below 1/2. */
  efficiencyAtMaximumPower?: number;
  /** Largest power over the bias squared, Q^2 / (16 pi^2 <gamma>). */
  maximumPowerPerVoltSquared?: number;
  /**
   * Load at which the motor stalls at the bias, W / 2pi, energy per radian; left out without a
   * bias.
   */
  stallLoad?: number;
  /** |Q| - round|Q|, from -1/2 to 1/2: how far the charge is from a whole number. */
  quantisationDefect: number;
  /** One over the longest delay, an angular speed: the motor is slow far below it. */
  adiabaticSpeedLimit?: number;
  /** Errors of charge, friction and conductance. */
  error: LinearResponseError;
  /** Angles evaluated. */
  points: number;
  /** What the numbers must fulfil, as it was found. */
  certificate: LinearResponseCertificate;
  /** The same as what was found, what is allowed, and whether it holds. */
  certificates: LinearResponseCertificates;
  /** Remarks on the numbers. */
  warnings: Warning[];
}

/**
 * Linear response of a motor between the first two leads that are not probes; see `pumpedCharge`
 * for convergence and errors.
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
 * As `linearResponse`; where the integrals over the turn do not converge at T > 0, by the panels of
 * the curve at equal fillings.
 */
export function linearResponseAcrossKinks(
  solver: PointSolver,
  cycle: Cycle | CycleFunction,
  names: readonly string[],
  options: LinearResponseOptions,
): LinearResponse {
  try {
    return linearResponse(solver, cycle, names, options);
  } catch (error) {
    const { energy, temperature = 0, points, tolerance, bias } = options;
    if (!(error instanceof NumericalError) || temperature === 0 || points !== undefined) throw error;
    const response = { chemicalPotential: energy, temperature };
    const reservoirs = solver.probes.map((probe) => (probe ? undefined : response));
    const builder = new TurnCurveBuilder(solver, cycle, names, reservoirs, { tolerance, response });
    builder.build();
    const integrals = builder.response();
    if (!integrals) throw error;
    return responseOf(solver, integrals, bias);
  }
}

/** The same from integrals over the turn that are known already. */
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

/** The quantities that need W = Q V, hence no magnetic field. */
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
    // (root - 1) / (root + 1) without cancellation at small Z.
    maximumEfficiency: figureOfMerit / (root + 1) ** 2,
    efficiencyAtMaximumPower: figureOfMerit / (2 * (figureOfMerit + 2)),
    maximumPowerPerVoltSquared: charge ** 2 / (16 * Math.PI ** 2 * friction),
    stallLoad: bias === undefined ? Number.NaN : (charge * bias) / (2 * Math.PI),
  });
}

/** Without the members that are NaN or infinite. */
function present<T extends Record<string, number>>(members: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => Number.isFinite(value)),
  ) as Partial<T>;
}
