// `forces`: force, friction, noise and currents at one configuration.

import type { ForcesQuestion, ForcesResult } from "../../index.js";
import { parseAssignments } from "../../index.js";
import { significant, small } from "../../report/tables/numbers.js";
import { forcesQuantities, siLines, withSi } from "../../report/tables/si.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "force, friction, noise and currents at one configuration",
  example: "nanopinwheel forces --preset two-gate --at x=0.3,y=0.2",
  argument: "model",
  long: true,
  options: [shared.at, shared.dephasing, shared.tolerance, shared.budget],
};

export interface ForcesOptions extends ModelOptions {
  at?: string;
  tolerance?: string;
  dephasing?: string;
  budget?: string;
}

const list = (values: ArrayLike<number>): string => Array.from(values, (x) => significant(x, 10)).join(", ");

/** One line per row of a square matrix. */
const rows = (name: string, size: number, data: Float64Array): string[] =>
  Array.from({ length: size }, (_, i) => {
    return `${i === 0 ? name : " ".repeat(name.length)} ${list(data.subarray(i * size, (i + 1) * size))}`;
  });

function textOf(result: ForcesResult): string {
  // Quantities that are unknown are absent.
  const { parameters, at, current, currentPerVelocity, heatCurrent } = result;
  const place = parameters.map((name) => `${name} = ${significant(at[name])}`);
  return [
    ...(place.length > 0 ? [`at ${place.join(", ")}`] : []),
    ...(result.force ? [`force    ${list(result.force)}`] : []),
    ...(result.friction ? rows("friction", parameters.length, result.friction.data) : []),
    ...(result.noise ? rows("noise   ", parameters.length, result.noise.data) : []),
    ...Object.keys(result.chemicalPotential).map((lead) => {
      const parts = [
        ...(current ? [significant(current[lead], 10)] : []),
        ...(currentPerVelocity ? [`per velocity ${list(currentPerVelocity[lead])}`] : []),
        ...(heatCurrent ? [`heat ${significant(heatCurrent[lead], 10)}`] : []),
      ];
      return `current from ${lead}: ${parts.join("; ")}`;
    }),
    ...(result.entropyProduction === undefined
      ? []
      : [`entropy production ${significant(result.entropyProduction, 10)}`]),
    `relative error ${small(result.error)}; unitarity defect ${small(result.certificate.unitarity)}`,
    "",
  ].join("\n");
}

export default async function forces(
  file: string | undefined,
  options: ForcesOptions,
  progress: Progress,
): Promise<Answer> {
  const tolerance = numberOf("--tolerance", options.tolerance);
  const budget = numberOf("--budget", options.budget);
  const [device] = await openDevice(file, options);
  const at =
    options.at === undefined ? undefined : parseAssignments(options.at, device.parameterNames, "--at");
  // The device refuses an unknown word.
  const dephasing = options.dephasing as ForcesQuestion["dephasing"];
  progress("energy integrals");
  const result = device.forces(given({ at, tolerance, dephasing, budget }));
  warn(result.warnings);
  const units = device.model.units;
  return {
    result: withSi(result, forcesQuantities, units),
    text: textOf(result) + siLines(result, forcesQuantities, units),
    status: result.warnings.some(({ code }) => code === "unknown") ? 3 : 0,
  };
}
