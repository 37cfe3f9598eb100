// The identities that hold for every device: first law over a turn, charge balance, second law at
// rest, noise that is not negative, fluctuation and dissipation in equilibrium. Each deviation is a
// number, with a warning if it exceeds the errors.

import { atLeast, atMost, broken, type Certificate, values } from "../../model/certificate.js";
import type { Warning } from "../../model/warning.js";
import { UNITARITY } from "../../transport/forces/result.js";
import type { TurnCurve } from "./turn-curve.js";

/** Deviations of the curves of a turn from identities that hold for every device. */
export interface MotorCertificate {
  /**
   * |energy entering per turn (order 1) - work per turn|, relative to the sum of the sizes of both.
   * If that sum is negligible (equal reservoirs), relative to the energy to which the errors of the
   * terms add up.
   */
  firstLaw: number;
  /** |sum over leads of the charge per turn (order 1)| in particles. */
  chargeBalance: number;
  /**
   * Least entropy production at rest over the turn, entropy per time. Only errors make it negative.
   * If all temperatures are zero, it is the least heat per time given to the leads; if only some
   * are, it is absent.
   */
  secondLaw?: number;
  /** Least noise over the turn, in the unit of the noise. */
  noisePositive: number;
  /** Largest |D - 2 T gamma| relative to the largest D. Present in equilibrium only. */
  fluctuationDissipation?: number;
  /** Largest max |S^+ S - 1| over all samples. */
  unitarity: number;
}

/**
 * A MotorCertificate with the allowed value of each entry and whether it holds. `secondLaw` and
 * `noisePositive` must be at least the allowed value, the others at most.
 */
export type MotorCertificates = { [Name in keyof MotorCertificate]: Certificate };

/**
 * The certificates of a curve, with a warning for each that is broken. `tolerance` is the one with
 * which the curve was computed.
 */
export function certifyCurve(
  curve: TurnCurve,
  tolerance: number,
): { certificate: MotorCertificate; certificates: MotorCertificates; warnings: Warning[] } {
  const slack = 10 * (tolerance + curve.error);
  const turnSlack = 10 * (tolerance + (curve.integralError ?? curve.error));
  const turns = (list: readonly { integral: number }[]) => list.map((c) => c.integral);

  const energies = turns(curve.energyCurrentPerVelocity);
  const work = curve.torque.integral;
  const turnedOver = sum(energies.map(Math.abs)) + 2 * Math.PI * curve.torque.scale;
  const defect = Math.abs(sum(energies) - work);
  // A difference that is only rounding is no violation. The errors of the terms set the least
  // energy that can be compared.
  const unseen = turnError(curve);
  const compared = Math.max(turnedOver, unseen / turnSlack);
  const firstLaw =
    compared > 0
      ? atMost(defect / compared, turnSlack * Math.max(1, energyScale(curve) / compared))
      : atMost(0, 0);

  const charges = turns(curve.currentPerVelocity);
  const chargeScale = Math.max(0, ...curve.currentPerVelocity.map((c) => c.scale));
  const chargeBalance = atMost(Math.abs(sum(charges)), 2 * Math.PI * turnSlack * chargeScale);

  const dissipation = leastDissipation(curve);
  const heatScale = Math.max(curve.frozenHeat.scale, ...curve.energyCurrent.map((c) => c.scale));
  const coldest = Math.min(...curve.temperature);
  const secondSlack = slack * (coldest > 0 ? heatScale / coldest : heatScale);
  const secondLaw = dissipation === undefined ? undefined : atLeast(dissipation, -secondSlack - 1e-15);

  const leastNoise = curve.noise.resample(4 * curve.noise.size).reduce((least, d) => Math.min(least, d));
  const noisePositive = atLeast(leastNoise, -slack * curve.noise.scale);
  const equilibrium = equilibriumDefect(curve);
  const fluctuationDissipation = equilibrium === undefined ? undefined : atMost(equilibrium, slack);
  const unitarity = atMost(curve.unitarity, UNITARITY);
  const certificates: MotorCertificates = {
    firstLaw,
    chargeBalance,
    ...(secondLaw && { secondLaw }),
    noisePositive,
    ...(fluctuationDissipation && { fluctuationDissipation }),
    unitarity,
  };
  return {
    certificate: values(certificates),
    certificates,
    warnings: [
      ...broken(
        "first-law",
        "the first law is broken: energy entering per turn is not the work, by",
        firstLaw,
      ),
      ...broken("charge-balance", "the charges of a turn do not balance, by", chargeBalance),
      ...(secondLaw
        ? broken("second-law", "the second law is broken: entropy production at rest falls to", secondLaw)
        : []),
      ...broken("negative-noise", "the noise falls to", noisePositive),
      ...(fluctuationDissipation
        ? broken(
            "fluctuation-dissipation",
            "D - 2 T gamma in equilibrium is, relative to D,",
            fluctuationDissipation,
          )
        : []),
    ],
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Energy that flows back and forth within a turn. Errors are relative to it where the flow cancels.
 */
const energyScale = (curve: TurnCurve): number =>
  2 * Math.PI * Math.max(0, ...curve.energyCurrentPerVelocity.map((c) => c.scale));

/**
 * Error of work plus energies over a turn. With kinks the integrals are more accurate than the
 * curves, by the factor `integralError / error`.
 */
const turnError = ({ errors, error, integralError = error, leads }: TurnCurve): number =>
  error > 0
    ? 2 * Math.PI * (integralError / error) * (errors.force + leads.length * errors.energyCurrentPerVelocity)
    : 0;

/** Least entropy production at rest, or least heat if all leads are at T = 0. */
function leastDissipation(curve: TurnCurve): number | undefined {
  const cold = curve.temperature.filter((t) => t === 0).length;
  const produced =
    cold === 0 ? curve.entropyProduction : cold === curve.leads.length ? curve.frozenHeat : undefined;
  return produced?.resample(4 * produced.size).reduce((least, value) => Math.min(least, value));
}

/** max |D - 2 T gamma| / max D if all reservoirs are equal, otherwise undefined. */
function equilibriumDefect({
  chemicalPotential,
  temperature,
  probes,
  noise,
  friction,
}: TurnCurve): number | undefined {
  const real = probes.flatMap((probe, a) => (probe ? [] : [a]));
  const same = (list: Float64Array) => real.every((a) => list[a] === list[real[0]]);
  if (real.length === 0 || !same(chemicalPotential) || !same(temperature)) return undefined;
  const [d, gamma] = [noise.resample(noise.size), friction.resample(friction.size)];
  let defect = 0;
  for (let j = 0; j < d.length; j++)
    defect = Math.max(defect, Math.abs(d[j] - 2 * temperature[real[0]] * gamma[j]));
  return noise.scale > 0 ? defect / noise.scale : 0;
}
