// The command line: makes a job of the arguments, prints its outcome in one piece, and returns its
// exit status.

import { Command, CommanderError } from "commander";
import type { CommandEntry } from "./command.js";
import { entries } from "./commands/entries.js";
import type { Job, Outcome } from "./job.js";

declare const packageVersion: string;

/** The parts of the process that the command line needs; the tests give it others. */
export interface Surroundings {
  /**
   * Does the job of a command. A job that may take long gets a thread of its own, if there are
   * threads.
   */
  work(job: Job, entry: CommandEntry): Promise<Outcome>;
  /** Writes on standard output. */
  print(text: string): void;
  /** Writes on standard error. */
  complain(text: string): void;
}

/** Executes the arguments and returns the exit status. */
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

  for (const [name, entry] of Object.entries<CommandEntry>(entries)) {
    const command = program
      .command(name)
      .description(entry.description)
      .option("--json", "one JSON document on standard output")
      .addHelpText("after", `\nExample:\n  ${entry.example}`);
    if (entry.argument === "preset") command.argument("[NAME]", "preset");
    else if (entry.argument === "foreign")
      command.argument("<FORMAT>", "wannier90").argument("<FILE>", "file in that format");
    else
      command
        .argument("[FILE]", "model file, or - for standard input")
        .option("--preset <NAME>", "a preset in place of FILE")
        .option("--set <key=value...>", "options of the preset");
    for (const { flags, description, required } of entry.options)
      if (required) command.requiredOption(flags, description);
      else command.option(flags, description);
    command.action(async (...given: unknown[]) => {
      // The arguments, their options, and commander's own object.
      const [options, file, format] = given.slice(0, -1).reverse() as [object, string?, string?];
      const job = { command: name, file, options: format === undefined ? options : { ...options, format } };
      const { status, output } = await work(job as Job, entry);
      print(output);
      done(status);
    });
  }
  return program;
}
