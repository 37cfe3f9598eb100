// `pump`: charge per turn from each lead.

import { significant, small } from "../../report/tables/numbers.js";
import { pumpQuantities, siLines, withSi } from "../../report/tables/si.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "charge pumped per turn",
  example: "nanopinwheel pump --preset two-gate --energy 0.1",
  argument: "model",
  long: true,
  options: [
    {
      flags: "--energy <E>",
      description: "energy, at T = 0 (default: mean chemical potential and temperature of the reservoirs)",
    },
    { flags: "--points <n>", description: "points on the cycle (default: adaptive)" },
    shared.tolerance,
    shared.budget,
  ],
};

export interface PumpOptions extends ModelOptions {
  energy?: string;
  points?: string;
  tolerance?: string;
  budget?: string;
}

export default async function pump(
  file: string | undefined,
  options: PumpOptions,
  progress: Progress,
): Promise<Answer> {
  const request = given({
    energy: numberOf("--energy", options.energy),
    points: numberOf("--points", options.points),
    tolerance: numberOf("--tolerance", options.tolerance),
    budget: numberOf("--budget", options.budget),
  });
  const [device] = await openDevice(file, options);
  progress("charge per turn");
  const result = device.pump(request);
  warn(result.warnings);
  const charges = Object.entries(result.charge).map(
    ([lead, charge]) => `charge per turn from ${lead}: ${significant(charge, 12)}`,
  );
  const units = device.model.units;
  return {
    result: withSi(result, pumpQuantities, units),
    text: [
      ...charges,
      `error estimate ${small(result.error)} with ${result.points} points on the cycle`,
      `unitarity defect ${small(result.certificate.unitarity)}, charge balance ${small(result.certificate.chargeBalance)}`,
      siLines(result, pumpQuantities, units),
    ].join("\n"),
  };
}
