// What a pump can be asked for and what it answers.

import { InputError } from "../../base/errors.js";
import { atMost, broken, type Certificate } from "../../model/certificate.js";
import type { Warning } from "../../model/warning.js";

export interface PumpOptions {
  /** Chemical potential of all leads. */
  energy: number;
  temperature?: number;
  /** Fixed number of angles, at least 2, instead of the tolerance. */
  points?: number;
  /** Relative to the largest charge (default 1e-8). */
  tolerance?: number;
}

/** What a turn must fulfil whatever the device, as it was found. */
export interface PumpCertificate {
  /** max |S^+ S - 1| met. */
  unitarity: number;
  /** |sum of all charges|, in particles. */
  chargeBalance: number;
}

/** A PumpCertificate as what was found, what is allowed, and whether it holds. */
export interface PumpCertificates {
  /** max |S^+ S - 1| met. */
  unitarity: Certificate;
  /** |sum of all charges|, in particles. */
  chargeBalance: Certificate;
}

/** Charge that a cycle pumps in a positive turn. */
export interface PumpResult {
  /** Particles entering from each lead per turn; none from a voltage probe. */
  charge: Record<string, number>;
  /** Absolute error of the charges, at least what does not balance. */
  error: number;
  /** Angles evaluated. */
  points: number;
  /**
   * Longest delay max_theta ||-i S^+ S'|| at mu (Frobenius norm), a time: slow driving means omega
   * x this << 1.
   */
  adiabaticity: number;
  /** What a turn must fulfil, as it was found. */
  certificate: PumpCertificate;
  /** The same as what was found, what is allowed, and whether it holds. */
  certificates: PumpCertificates;
  /**
   * Remarks on the charges: certificates that do not hold, a fixed grid too coarse, charges that
   * are small.
   */
  warnings: Warning[];
}

/**
 * A defect of unitarity above this is not rounding, and the charge that rounding may leave
 * unbalanced.
 */
const UNITARITY = 1e-9;
const BALANCE = 1e-8;

/** Certificates of charges, as numbers and as data, and a warning for each that is broken. */
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

/** Integrals over one turn; the last three are present if asked for. */
export interface TurnIntegrals extends PumpResult {
  /** Largest error of friction, conductance and bound, relative to each. */
  relativeError: number;
  /** loop (1/4pi) Tr K^2. */
  friction: number;
  /** loop T_01 / 2pi (not yet divided by 2 pi). */
  conductance: number;
  /** loop N_0 N_rest / (N_0 + N_rest), N open channels of lead 0 and of all others. */
  channels: number;
}

/**
 * Least scale of charges: one particle. The tolerance is aimed at on their own scale; charges that
 * are not known to that (they vanish by symmetry, and rounding is left) are given if they are known
 * on this one.
 */
export const LEAST_SCALE = 1;
/** Of a fixed grid: some hundred bytes each, and a minute. */
const MOST_POINTS = 1_000_000;

/** Throws InputError naming the option that is wrong. */
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
