// The command line: arguments in, a job out. What the job comes to is printed in one piece, its exit status handed back.

import { Command, CommanderError } from "commander";
import type { Job, Outcome } from "./job.js";

declare const packageVersion: string;

export interface Surroundings {
  /** Does a job, one that may take long in a thread of its own where there is one. */
  work(job: Job, inThread: boolean): Promise<Outcome>;
  /** Writes on standard output. */
  print(text: string): void;
  /** Writes on standard error. */
  complain(text: string): void;
}

/** Does what the arguments ask for; returns the exit status. */
export async function runCommand(args: readonly string[], surroundings: Surroundings): Promise<number> {
  let status = 0;
  const program = commandLine(surroundings, (ofJob) => {
    status = ofJob;
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
  return status;
}

function commandLine({ work, print, complain }: Surroundings, done: (status: number) => void): Command {
  const program = new Command("nanopinwheel")
    .description("Adiabatic quantum motors and pumps: scattering, pumped charge, figure of merit")
    .version(packageVersion)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: complain })
    .showHelpAfterError("(nanopinwheel help COMMAND lists the options)");

  const add = (name: string, description: string): Command =>
    program.command(name).description(description).option("--json", "one JSON document on standard output");

  const addOnModel = (name: string, description: string): Command =>
    add(name, description)
      .argument("[FILE]", "model file, or - for standard input")
      .option("--preset <NAME>", "a preset in place of FILE")
      .option("--set <key=value...>", "options of the preset");

  /** Has the command's job done and prints what it came to. */
  const does = (command: Command, inThread: boolean): Command =>
    command.action(async (file: string | undefined, options: Record<string, unknown>) => {
      const { status, output } = await work({ command: command.name(), file, options }, inThread);
      print(output);
      done(status);
    });
  const addThreaded = (name: string, description: string): Command =>
    does(addOnModel(name, description), true);

  const tolerance = ["--tolerance <t>", "asked relative error (default 1e-8)"] as const;
  const budget = [
    "--budget <n>",
    "most energies at which the device is solved (default: of a minute or two, at most 500000 of a configuration, 20 million of a turn)",
  ] as const;
  const dephasing = ["--dephasing <kind>", "probes: voltage (default) or energy-resolved"] as const;

  const inertia = [
    "--inertia <I>",
    "moment of inertia; 0: overdamped, infinite: uniform rotation (default: the rotor's)",
  ] as const;

  does(addOnModel("validate", "check a model"), false);
  addThreaded("scatter", "S-matrix and its derivatives at one energy")
    .option("--energy <E>", "energy (default: mean chemical potential)")
    .option("--at <x=..,y=..>", "parameter values (default: 0)");
  addThreaded("pump", "charge pumped per turn")
    .option("--energy <E>", "energy at T = 0 (default: the reservoirs' temperatures at their mean potential)")
    .option("--points <n>", "points on the cycle (default: adaptive)")
    .option(...tolerance)
    .option(...budget);
  addThreaded("forces", "force, friction, noise and currents at one configuration")
    .option("--at <x=..,y=..>", "parameter values (default: 0)")
    .option(...dephasing)
    .option(...tolerance)
    .option(...budget);
  addThreaded(
    "motor",
    "the motor at its reservoirs: curve over a turn, work, friction, noise, steady state, powers",
  )
    .option("--load <L>", "torque of the load (default: the rotor's)")
    .option("--bias <V>", "chemical potentials of the first two leads to +V/2 and -V/2 about their mean")
    .option(...inertia)
    .option(...dephasing)
    .option(...tolerance)
    .option(...budget);
  addThreaded("simulate", "the rotor with noise: mean velocity, diffusion, trajectories from a seed")
    .option("--time <t>", "observed time (default: a hundred relaxation times)")
    .option("--burn-in <t>", "time before that (default: ten relaxation times, ten observed times at most)")
    .option("--seed <n>", "whole number; the same seed gives the same numbers (default 1)")
    .option("--trajectories <m>", "number of trajectories (default 64)")
    .option("--temperature <T>", "of all reservoirs and the bearing (default: the model's)")
    .option("--load <L>", "torque of the load (default: the rotor's)")
    .option("--bias <V>", "chemical potentials of the first two leads to +V/2 and -V/2 about their mean")
    .option(...inertia)
    .option(...dephasing)
    .option("--tolerance <t>", "asked relative error of the curves over the turn (default 1e-6)")
    .option(...budget);
  addThreaded("run", "the whole analysis: table here; results.json, report.html and figures in DIR")
    .requiredOption("--out <DIR>", "directory of the results")
    .option("--energy <E>", "energy (default: mean chemical potential)")
    .option(...tolerance)
    .option(...budget);
  addThreaded("serve", "forces for one JSON request per line on standard input")
    .option("--dephasing <kind>", "of requests that name none: voltage (default) or energy-resolved")
    .option("--tolerance <t>", "of requests that name none (default 1e-8)")
    .option(
      "--budget <n>",
      "of requests that name none (default: energies of a minute or two, at most 500000)",
    );
  does(
    add("presets", "the generated models, or one of them in full").argument("[NAME]", "preset"),
    false,
  ).option("--set <key=value...>", "options of the preset");
  return program;
}
