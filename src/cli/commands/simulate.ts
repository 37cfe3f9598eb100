// `simulate`: the rotor with noise, many trajectories from one seed.

import type { SimulationQuestion, SimulationResult } from "../../index.js";
import { siLines, simulationQuantities, withSi } from "../../report/tables/si.js";
import { simulationText } from "../../report/tables/simulation-table.js";
import { type Answer, given, numberOf, openDevice, type Progress, rotorOf } from "../answer.js";
import { type CommandEntry, shared } from "../command.js";
import type { ModelOptions } from "../source.js";
import { warn } from "../streams/output.js";

/** The description for the command line. */
export const entry: CommandEntry = {
  description: "the rotor with noise: mean velocity, diffusion, trajectories from a seed",
  example:
    "nanopinwheel simulate --preset thouless --set sites=16 --inertia 20 --temperature 0.02 --trajectories 4",
  argument: "model",
  long: true,
  options: [
    { flags: "--time <t>", description: "observed time (default: a hundred relaxation times)" },
    {
      flags: "--burn-in <t>",
      description: "time before the observation (default: ten relaxation times, at most ten observed times)",
    },
    { flags: "--seed <n>", description: "whole number; the same seed gives the same numbers (default 1)" },
    { flags: "--trajectories <m>", description: "number of trajectories (default 64)" },
    {
      flags: "--temperature <T>",
      description: "temperature of all reservoirs and of the bearing (default: the model's)",
    },
    shared.load,
    shared.bias,
    shared.inertia,
    shared.dephasing,
    {
      flags: "--tolerance <t>",
      description: "relative tolerance of the curves over the turn (default 1e-6)",
    },
    shared.budget,
    shared.workers,
  ],
};

export interface SimulateOptions extends ModelOptions {
  time?: string;
  burnIn?: string;
  seed?: string;
  trajectories?: string;
  temperature?: string;
  load?: string;
  bias?: string;
  inertia?: string;
  tolerance?: string;
  dephasing?: string;
  budget?: string;
  workers?: string;
}

export default async function simulate(
  file: string | undefined,
  options: SimulateOptions,
  progress: Progress,
): Promise<Answer> {
  const request = given({
    time: numberOf("--time", options.time),
    burnIn: numberOf("--burn-in", options.burnIn),
    seed: numberOf("--seed", options.seed),
    trajectories: numberOf("--trajectories", options.trajectories),
    temperature: numberOf("--temperature", options.temperature),
    load: numberOf("--load", options.load),
    bias: numberOf("--bias", options.bias),
    rotor: rotorOf(options.inertia),
    tolerance: numberOf("--tolerance", options.tolerance),
    budget: numberOf("--budget", options.budget),
    // The device refuses an unknown word.
    dephasing: options.dephasing as SimulationQuestion["dephasing"],
  });
  const [device] = await openDevice(file, options);
  progress("angles of the turn");
  const result: SimulationResult = device.simulate({
    ...request,
    progress: (done, total) => {
      if (done < total) progress("angles of the turn", done, total);
      else progress("trajectories");
    },
  });
  warn(result.warnings);
  const units = device.model.units;
  return {
    result: withSi(result, simulationQuantities, units),
    text: simulationText(result) + siLines(result, simulationQuantities, units),
  };
}
