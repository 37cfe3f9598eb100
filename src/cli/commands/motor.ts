// `motor`: the motor at its reservoirs, beyond linear response.

import type { MotorQuestion, MotorResult } from "../../index.js";
import { motorText } from "../../report/tables/motor-table.js";
import { motorQuantities, siLines, withSi } from "../../report/tables/si.js";
import { type Answer, given, numberOf, openDevice, type Progress, rotorOf } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "the motor at its reservoirs: curve over a turn, work, friction, noise, steady state, powers",
  example: "nanopinwheel motor --preset thouless --set sites=16 --bias 0.05",
  argument: "model",
  long: true,
  options: [
    shared.load,
    shared.bias,
    shared.inertia,
    shared.dephasing,
    shared.tolerance,
    shared.budget,
    shared.workers,
  ],
};

export interface MotorOptions extends ModelOptions {
  load?: string;
  bias?: string;
  tolerance?: string;
  dephasing?: string;
  inertia?: string;
  budget?: string;
  workers?: string;
}

export default async function motor(
  file: string | undefined,
  options: MotorOptions,
  progress: Progress,
): Promise<Answer> {
  const request = given({
    load: numberOf("--load", options.load),
    bias: numberOf("--bias", options.bias),
    rotor: rotorOf(options.inertia),
    tolerance: numberOf("--tolerance", options.tolerance),
    budget: numberOf("--budget", options.budget),
    // The device refuses an unknown word.
    dephasing: options.dephasing as MotorQuestion["dephasing"],
  });
  const [device] = await openDevice(file, options);
  progress("angles of the turn");
  const result: MotorResult = device.motor({
    ...request,
    progress: (done, total) => progress("angles of the turn", done, total),
  });
  warn(result.warnings);
  const units = device.model.units;
  return {
    result: withSi(result, motorQuantities, units),
    text: motorText(result) + siLines(result, motorQuantities, units),
  };
}
