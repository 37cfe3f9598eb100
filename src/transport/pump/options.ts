// Options of a pump, and the form of its answer.

import { InputError } from "../../base/errors.js";
import { atMost, broken, type Certificate } from "../../model/certificate.js";
import type { Warning } from "../../model/warning.js";

/** How the integrals over a turn are computed. */
export interface PumpOptions {
  /** Chemical potential of all leads, in the model's unit of energy. */
  energy: number;
  /** Temperature of all leads in units of energy, at least 0; default 0. */
  temperature?: number;
  /** Fixed number of angles, at least 2, instead of the tolerance. */
  points?: number;
  /** Relative to the largest charge, between 0 and 1; default 1e-8. */
  tolerance?: number;
}

/** Deviations from identities that hold for every device, as measured on this turn. */
export interface PumpCertificate {
  /** Largest max |S^+ S - 1| of the turn. */
  unitarity: number;
  /** |sum of all charges|, in particles. */
  chargeBalance: number;
}

/** The same deviations with their allowed values, and whether each holds. */
export interface PumpCertificates {
  /** Largest max |S^+ S - 1| of the turn. */
  unitarity: Certificate;
  /** |sum of all charges|, in particles. */
  chargeBalance: Certificate;
}

/** Charge that a cycle pumps in a positive turn. */
export interface PumpResult {
  /** Particles entering from each lead per turn; none from a voltage probe. */
  charge: Record<string, number>;
  /** Absolute error of the charges in particles; never less than `chargeBalance`. */
  error: number;
  /** Number of angles evaluated. */
  points: number;
  /**
   * Longest delay ||-i S^+ S'|| at mu (Frobenius norm) at the angles evaluated, a time. Driving at
   * angular speed omega is slow if omega times this is far below 1.
   */
  adiabaticity: number;
  /** Deviations from identities, as measured. */
  certificate: PumpCertificate;
  /** The same deviations with their allowed values, and whether each holds. */
  certificates: PumpCertificates;
  /**
   * Warnings: identities that are broken, a fixed grid that is too coarse, charges that are small.
   */
  warnings: Warning[];
}

/** A defect of unitarity above this is more than rounding. */
const UNITARITY = 1e-9;
/** Imbalance of the charges, in particles, that rounding may leave. */
const BALANCE = 1e-8;

/** Certificates of charges, as numbers and as data, with a warning for each that is broken. */
export function certifyCharges(
  charges: Float64Array,
  unitarity: number,
  tolerance: number,
): Pick<PumpResult, "certificate" | "certificates" | "warnings"> {
  const chargeBalance = Math.abs(charges.reduce((sum, charge) => sum + charge, 0));
  const size = charges.reduce((most, charge) => Math.max(most, Math.abs(charge)), 1);
  const certificates = {
    unitarity: atMost(unitarity, UNITARITY),
    chargeBalance: atMost(chargeBalance, Math.max(BALANCE, 10 * tolerance) * size),
  };
  return {
    certificate: { unitarity, chargeBalance },
    certificates,
    warnings: [
      ...broken("unitarity", "unitarity of S is broken by", certificates.unitarity),
      ...broken("charge-balance", "the charges of a turn do not balance, by", certificates.chargeBalance),
    ],
  };
}

/** Integrals over one turn. The last three are present if requested. */
export interface TurnIntegrals extends PumpResult {
  /** Largest relative error of friction, conductance and channels. */
  relativeError: number;
  /** Friction per turn: loop integral of (1/4pi) Tr K^2. */
  friction: number;
  /** Loop integral of T_01 / 2pi, not divided by the 2 pi of the angle. */
  conductance: number;
  /**
   * Loop integral of N_0 N_rest / (N_0 + N_rest), with N_0 open channels of lead 0 and N_rest of
   * all others.
   */
  channels: number;
}

/**
 * Least scale of charges: one particle. The tolerance is first applied on the charges' own scale.
 * Charges that miss it there, because they vanish by symmetry and only rounding is left, are given
 * if they meet it on this scale.
 */
export const LEAST_SCALE = 1;
/** Most points of a fixed grid: some hundred bytes each, and a minute in all. */
const MOST_POINTS = 1_000_000;

/** Throws InputError that names the option that is wrong. */
export function checkPumpOptions({ energy, temperature = 0, points, tolerance = 1e-8 }: PumpOptions): void {
  const refuse = (field: string, expected: string, found: unknown): never => {
    throw new InputError(field, "wrong value", { expected, found: String(found) });
  };
  if (!Number.isFinite(energy)) refuse("energy", "a finite number", energy);
  if (!(temperature >= 0 && temperature < Number.POSITIVE_INFINITY))
    refuse("temperature", "a number >= 0", temperature);
  if (!(tolerance > 0 && tolerance < 1)) refuse("tolerance", "a number between 0 and 1", tolerance);
  if (points !== undefined && !(Number.isInteger(points) && points >= 2))
    refuse("points", "a whole number >= 2", points);
  if (points !== undefined && points > MOST_POINTS)
    refuse("points", `a whole number <= ${MOST_POINTS}`, points);
}
