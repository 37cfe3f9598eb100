// The certificates of a run as one table: what has to hold, what was found, and whether it holds.

import type { LinearResponse, MotorResult, PumpResult } from "../index.js";
import { significant, small } from "./numbers.js";
import type { ReportTable } from "./page.js";

/** A defect above these is not rounding. */
const unitarityLimit = 1e-9;
const balanceLimit = 1e-8;

type Row = [statement: string, formula: string, found: string, allowed: string, verdict: string];

const verdict = (holds: boolean): string => (holds ? "holds" : "VIOLATED");

/** A defect that should be zero. */
export const defectRow = (statement: string, formula: string, found: number, allowed: number): Row => [
  statement,
  formula,
  small(found),
  `≤ ${small(allowed)}`,
  verdict(found <= allowed),
];

/** What the charge and the linear response carry. */
export function equilibriumRows(pump: PumpResult, response?: LinearResponse): Row[] {
  const size = Math.max(1, ...Object.values(pump.charge).map(Math.abs));
  const rows = [
    defectRow("S is unitary", "max |S⁺S − 1|", pump.certificate.unitarity, unitarityLimit),
    defectRow("no charge is lost", "|Σ Q|", pump.certificate.chargeBalance, balanceLimit * size),
  ];
  if (response === undefined) return rows;
  const { chargeSquared, limit, satisfied } = response.certificate.bound;
  return [
    ...rows,
    [
      "friction bounds the charge",
      "Q² ≤ 4π⟨γ⟩ N_L N_R/(N_L + N_R)",
      significant(chargeSquared),
      `≤ ${significant(limit)}`,
      verdict(satisfied),
    ],
  ];
}

/** What the curves of the turn carry; a certificate is broken where the computation itself warned of it. */
export function motorCertificateRows({ certificate, warnings, error }: MotorResult): Row[] {
  const row = (
    statement: string,
    formula: string,
    found: number | undefined,
    sign: string,
    word: RegExp,
  ): Row[] =>
    found === undefined
      ? []
      : [[statement, formula, small(found), sign, verdict(!warnings.some((warning) => word.test(warning)))]];
  const nought = `≈ 0 (curves: ${small(error)})`;
  return [
    ...row(
      "energy that enters in a turn is its work",
      "|∮ΣJᴱ dθ − W|, relative",
      certificate.firstLaw,
      nought,
      /first law/,
    ),
    ...row(
      "charges of a turn balance",
      "|Σ Q|, at the reservoirs",
      certificate.chargeBalance,
      nought,
      /balance/,
    ),
    ...row("entropy is produced at rest", "least over the turn", certificate.secondLaw, "≥ 0", /second law/),
    ...row("noise is positive", "least D over the turn", certificate.noisePositive, "≥ 0", /noise falls/),
    ...row(
      "noise and friction in equilibrium",
      "|D − 2Tγ|, relative",
      certificate.fluctuationDissipation,
      nought,
      /2 T gamma/,
    ),
    ...row("S is unitary at all energies met", "max |S⁺S − 1|", certificate.unitarity, nought, /unitar/),
  ];
}

export const certificateTable = (rows: readonly Row[]): ReportTable => ({
  id: "certificates",
  title: "Certificates",
  about: "Identities that hold exactly in the theory; what is found is what the numbers leave of them.",
  head: ["statement", "formula", "found", "allowed", "verdict"],
  numeric: [2, 3],
  verdict: 4,
  rows: [...rows],
});
