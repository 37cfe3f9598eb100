// The table of `motor` in natural units: the numbers at the reservoirs' bias, the steady state with
// its powers, and certificates.

import type { MotorResult } from "../../index.js";
import { type Row, row, steadyRows, tableText } from "./datasheet.js";
import { significant, small } from "./numbers.js";

const digits = (value: number): string => significant(value, 10);

/** One row per quantity that applies. */
export function motorRows(result: MotorResult): Row[] {
  const { steadyState: steady, certificate } = result;
  return [
    ...row("work per turn", "W", result.workPerTurn, "energy", digits),
    ...row("friction per turn", "∮γ dθ", result.frictionPerTurn, "ħ", digits),
    ...row("noise per turn", "∮D dθ", result.noisePerTurn, "ħ energy", digits),
    ...Object.entries(result.charge).flatMap(([lead, value]) =>
      row(`charge per turn from ${lead}, with the motion`, `Q_${lead}`, value, "e", digits),
    ),
    ...Object.entries(result.current).flatMap(([lead, value]) =>
      row(`mean current from ${lead}, at rest`, `J_${lead}`, value, "e energy/ħ", digits),
    ),
    ...row("stall load", "M_stall", result.stallLoad, "energy/rad"),
    ...row("bias at which it starts", "V_start", result.startBias, "energy"),
    ...row("figure of merit", "Z", result.figureOfMerit),
    ...row("maximum efficiency in linear response", "η_max", result.maximumEfficiency),
    ...(steady ? steadyRows(steady) : []),
    ...row("relative error of the curves", "δ", result.error, "", small),
    ...row("angles", "N", result.curve.theta.length, "", String),
    ...row("first law over a turn", "|ΔE − W|/E", certificate.firstLaw, "", small),
    ...row("charge balance", "|Σ Q|", certificate.chargeBalance, "e", small),
    ...row("least entropy production at rest", "σ₀", certificate.secondLaw),
    ...row("unitarity defect", "‖S⁺S − 1‖", certificate.unitarity, "", small),
  ];
}

export const motorText = (result: MotorResult): string => tableText(motorRows(result));
