// The certificates of a run as a table: the identity, the value found, and whether it holds.

import type { LinearResponse, MotorResult, PumpResult } from "../../index.js";
import type { Certificate } from "../../model/certificate.js";
import type { ReportTable } from "../page.js";
import { significant, small } from "./numbers.js";

type Row = [statement: string, formula: string, found: string, allowed: string, verdict: string];

const verdict = (holds: boolean): string => (holds ? "holds" : "VIOLATED");

/** One certificate. The value found must lie below the allowed one, or above it. */
export const certificateRow = (
  statement: string,
  formula: string,
  { value, allowed, holds }: Certificate,
  side: "≤" | "≥" = "≤",
  shown: (value: number) => string = small,
): Row => [statement, formula, shown(value), `${side} ${shown(allowed)}`, verdict(holds)];

/** The certificates of charge and linear response. */
export function equilibriumRows(pump: PumpResult, response?: LinearResponse): Row[] {
  const { unitarity, chargeBalance } = pump.certificates;
  const rows = [
    certificateRow("S is unitary", "max |S⁺S − 1|", unitarity),
    certificateRow("no charge is lost", "|Σ Q|", chargeBalance),
  ];
  if (response === undefined) return rows;
  const { bound } = response.certificates;
  const formula = "Q² ≤ 4π⟨γ⟩ N_L N_R/(N_L + N_R)";
  return [...rows, certificateRow("friction bounds the charge", formula, bound, "≤", significant)];
}

/** The certificates of the curves of the turn. */
export function motorCertificateRows({ certificates }: MotorResult): Row[] {
  const { firstLaw, chargeBalance, secondLaw, noisePositive, fluctuationDissipation, unitarity } =
    certificates;
  return [
    certificateRow("energy that enters in a turn is its work", "|∮ΣJᴱ dθ − W|, relative", firstLaw),
    certificateRow("charges of a turn balance", "|Σ Q|, at the reservoirs", chargeBalance),
    ...(secondLaw
      ? [certificateRow("entropy is produced at rest", "least over the turn", secondLaw, "≥")]
      : []),
    certificateRow("noise is positive", "least D over the turn", noisePositive, "≥"),
    ...(fluctuationDissipation
      ? [certificateRow("noise and friction in equilibrium", "|D − 2Tγ|, relative", fluctuationDissipation)]
      : []),
    certificateRow("S is unitary at all energies met", "max |S⁺S − 1|", unitarity),
  ];
}

export const certificateTable = (rows: readonly Row[]): ReportTable => ({
  id: "certificates",
  title: "Certificates",
  about: "Identities that hold exactly in the theory, with the deviations that the numbers show.",
  head: ["statement", "formula", "found", "allowed", "verdict"],
  numeric: [2, 3],
  verdict: 4,
  rows: [...rows],
});
