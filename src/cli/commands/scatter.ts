// `scatter`: the S-matrix at one energy and configuration, with its derivatives.

import { parseAssignments } from "../../index.js";
import { significant, small } from "../../report/tables/numbers.js";
import { type Answer, given, numberOf, openDevice, type Progress } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "S-matrix and its derivatives at one energy",
  argument: "model",
  long: true,
  options: [shared.energy, shared.at],
};

export interface ScatterOptions extends ModelOptions {
  energy?: string;
  at?: string;
}

export default async function scatter(
  file: string | undefined,
  options: ScatterOptions,
  progress: Progress,
): Promise<Answer> {
  const energy = numberOf("--energy", options.energy);
  const [device] = await openDevice(file, options);
  const at =
    options.at === undefined ? undefined : parseAssignments(options.at, device.parameterNames, "--at");
  progress("S and its derivatives");
  const { warnings, ...result } = device.scatter(given({ energy, at }));
  warn(warnings);
  const lines = Object.entries(result.transmission).flatMap(([to, row]) =>
    Object.entries(row).map(([from, value]) => `T(${to} from ${from}) = ${significant(value, 12)}`),
  );
  const place = Object.entries(result.at).map(([name, value]) => `, ${name} = ${significant(value)}`);
  return {
    result,
    text: [
      `energy ${significant(result.energy, 10)}${place.join("")}; ${result.channels.length} channels`,
      ...lines,
      ...(result.delay
        ? [`delays ${Array.from(result.delay.eigenvalues, (time) => significant(time, 6)).join(", ")}`]
        : []),
      `unitarity defect ${small(result.unitarityDefect)}`,
      "",
    ].join("\n"),
  };
}
