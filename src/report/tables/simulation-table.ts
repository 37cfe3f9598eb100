// The table of `simulate` in natural units: averages over the trajectories with their errors.

import type { SimulationResult } from "../../index.js";
import { type Row, row, tableText } from "./datasheet.js";
import { significant } from "./numbers.js";

const withError = (value: number, error: number): string =>
  `${significant(value)} ± ${significant(error, 2)}`;

export function simulationText(result: SimulationResult): string {
  const { firstPassage } = result;
  const rows: Row[] = [
    ["mean angular speed", "⟨ω⟩", withError(result.meanVelocity, result.meanVelocityError), "energy/ħ"],
    [
      "diffusion constant",
      "d var θ/2 dt",
      withError(result.diffusion, result.diffusionError) +
        (result.diffusion < 0 ? ", zero within its error" : ""),
      "energy/ħ",
    ],
    ...row("mean speed by the Fokker-Planck equation", "⟨ω⟩", result.stationary?.meanVelocity, "energy/ħ"),
    ...row("diffusion by the Fokker-Planck equation", "", result.stationary?.diffusion, "energy/ħ"),
    ...row(
      "relaxation time by the Fokker-Planck equation",
      "τ",
      result.stationary?.relaxationTime,
      "ħ/energy",
    ),
    ...row("turns forwards per time", "r₊", result.forwardRate, "energy/ħ"),
    ...row("turns backwards per time", "r₋", result.backwardRate, "energy/ħ"),
    ...(firstPassage && firstPassage.error > 0
      ? [
          [
            "time of the first turn",
            "τ₁",
            withError(firstPassage.mean, firstPassage.error),
            "ħ/energy",
          ] as Row,
        ]
      : []),
    ...row("entropy production of the rotor", "σ", result.entropyProduction, "k_B energy/ħ"),
    ...row("uncertainty ratio (2 or more)", "var/mean² σ", result.uncertaintyRatio),
    ...row("trajectories", "m", result.trajectories.length, "", String),
    ...row("observed time", "t", result.time, "ħ/energy"),
    ...row("time before (burn-in)", "", result.burnIn, "ħ/energy"),
    ...row("time step", "h", result.step, "ħ/energy"),
    ...row("seed", "", result.seed, "", String),
  ];
  return tableText(rows);
}
