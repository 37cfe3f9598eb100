// The table that a run prints: one row per quantity, with symbol, value and unit.

import Table from "cli-table3";
import type { LinearResponse, MotorResult } from "../../index.js";
import { significant, small } from "./numbers.js";

/** The data of the table. */
export interface Datasheet {
  title: string;
  orbitals: number;
  leads: readonly string[];
  parameters: readonly string[];
  response: LinearResponse;
  /** Charge per turn that enters from each lead, in particles. */
  charge: Readonly<Record<string, number>>;
  /** The motor at the reservoirs of the file, if it was computed. */
  motor?: MotorResult;
}

/** The cells of a row, as text. */
export type Row = [quantity: string, symbol: string, value: string, unit: string];

/** A row; none for a quantity that does not apply. */
export function row(
  quantity: string,
  symbol: string,
  value: number | undefined,
  unit = "",
  format: (value: number) => string = significant,
): Row[] {
  return value === undefined ? [] : [[quantity, symbol, format(value), unit]];
}

const digits = (value: number): string => significant(value, 10);
const signed = (value: number): string => (value === 0 ? "0" : value.toExponential(2));

/** The rows in natural units: hbar = e = k_B = 1, charge in particles. */
export function datasheetRows({
  response,
  charge,
  motor,
}: Pick<Datasheet, "response" | "charge" | "motor">): Row[] {
  const { error, certificate } = response;
  return [
    ...Object.entries(charge).flatMap(([lead, value]) =>
      row(
        `charge per turn from ${lead}`,
        `Q_${lead}`,
        Math.abs(value) <= error.charge ? 0 : value,
        "e",
        digits,
      ),
    ),
    ...row("error estimate of the charge", "δQ", error.charge, "e", small),
    ...row("distance of |Q| from an integer", "|Q| − n", response.quantisationDefect, "e", signed),
    ...row("work per turn and bias", "W/V", response.workPerTurnAndVolt, "e"),
    ...row("friction per turn", "∮γ dθ", response.frictionPerTurn, "ħ"),
    ...row("mean conductance", "⟨G⟩", response.meanConductance, "e²/ħ"),
    ...row("figure of merit", "Z", response.figureOfMerit),
    ...row("maximum efficiency", "η_max", response.maximumEfficiency),
    ...row("efficiency at maximum power", "η(P_max)", response.efficiencyAtMaximumPower),
    ...row("maximum power per bias squared", "P_max/V²", response.maximumPowerPerVoltSquared, "e²/ħ"),
    ...row("stall load at the file's bias", "M_stall", response.stallLoad, "energy/rad"),
    ...row("adiabatic speed limit", "ω_ad", response.adiabaticSpeedLimit, "energy/ħ"),
    ...row("relative error of friction, conductance", "δ", error.relative, "", small),
    ...row("points on the cycle", "N", response.points, "", String),
    ...row("unitarity defect", "‖S⁺S − 1‖", certificate.unitarity, "", small),
    ...row("charge balance", "|Σ Q|", certificate.chargeBalance, "e", small),
    [
      "bound on Q² by the friction",
      "Q² ≤ 4π⟨γ⟩N",
      `${significant(certificate.bound.chargeSquared)} ≤ ${significant(certificate.bound.limit)}`,
      certificate.bound.satisfied ? "holds" : "VIOLATED",
    ],
    ...(motor ? atReservoirs(motor) : []),
  ];
}

/** The motor at the reservoirs of the file, beyond linear response. */
function atReservoirs({
  workPerTurn,
  frictionPerTurn,
  startBias,
  steadyState,
  certificate,
}: MotorResult): Row[] {
  return [
    ...row("at the file's bias: work per turn", "W", workPerTurn, "energy"),
    ...row("friction per turn", "∮γ dθ", frictionPerTurn, "ħ"),
    ...row("bias at which it starts by itself", "V_start", startBias, "energy"),
    ...(steadyState ? steadyRows(steadyState) : []),
    ...row("first law over a turn", "|ΔE − W|/E", certificate.firstLaw, "", small),
  ];
}

/** The steady state with its speed and powers. */
export function steadyRows(steady: NonNullable<MotorResult["steadyState"]>): Row[] {
  return [
    ["steady state", "", steady.regime, ""],
    ...row("mean angular speed", "ω", steady.omega, "energy/ħ"),
    ...row("electrical power in", "P_in", steady.powerIn, "energy²/ħ"),
    ...row("mechanical power out", "P_out", steady.powerOut, "energy²/ħ"),
    ...row("efficiency", "η", steady.efficiency),
    ...row("efficiency against heat", "η_th", steady.thermalEfficiency?.value),
    ...row("Carnot's bound", "η_C", steady.thermalEfficiency?.carnot),
    ...row("Joule heat at rest", "P_frozen", steady.dissipation.frozen, "energy²/ħ"),
    ...row("heat of electronic friction", "⟨γω²⟩", steady.dissipation.electronicFriction, "energy²/ħ"),
    ...row("heat of external friction", "⟨γ_ext ω²⟩", steady.dissipation.externalFriction, "energy²/ħ"),
    ...row("entropy production", "σ", steady.entropyProduction, "k_B energy/ħ"),
  ];
}

/**
 * Rows as a table for the terminal, which ends with a line break. It has no colours, so that it can
 * be copied and piped.
 */
export function tableText(rows: readonly Row[]): string {
  const table = new Table({
    head: ["quantity", "symbol", "value", "unit"],
    colAligns: ["left", "left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  return `${table.toString()}\n`;
}

/** The datasheet as text with a heading. */
export function datasheetText(sheet: Datasheet): string {
  const parts = [
    `${sheet.orbitals} orbitals`,
    `leads ${sheet.leads.join(", ")}`,
    ...(sheet.parameters.length > 0 ? [`parameters ${sheet.parameters.join(", ")}`] : []),
  ];
  const heading = sheet.title === "" ? "" : `${sheet.title}\n`;
  return `${heading}${parts.join("; ")}; natural units (ħ = e = k_B = 1)\n${tableText(datasheetRows(sheet))}`;
}
