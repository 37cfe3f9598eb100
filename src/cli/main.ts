// The command `nanopinwheel`: arguments in, exit status out (0 done, 2 wrong input, 3 not computed to the tolerance, 130 interrupted).

import { Command, CommanderError } from "commander";
import { InputError, NumericalError } from "../index.js";
import { jsonText } from "../report/json.js";
import * as commands from "./commands.js";
import { tell } from "./output.js";

declare const packageVersion: string;

/** Prints an answer in one piece, once it is complete. */
function print({ result, text }: commands.Answer, json: boolean | undefined): void {
  process.stdout.write(json ? jsonText(result) : text);
}

type Run<Options> = (
  file: string | undefined,
  options: Options,
) => commands.Answer | Promise<commands.Answer>;

const program = new Command("nanopinwheel")
  .description("Adiabatic quantum motors and pumps: scattering, pumped charge, figure of merit")
  .version(packageVersion)
  .exitOverride()
  .showHelpAfterError("(nanopinwheel help COMMAND lists the options)");

function addCommand<Options>(name: string, description: string, action: Run<Options>): Command {
  return program
    .command(name)
    .description(description)
    .option("--json", "one JSON document on standard output")
    .action(async (file: string | undefined, options: Options & { json?: boolean }) => {
      print(await action(file, options), options.json);
    });
}

const fromModel = (command: Command): Command =>
  command
    .argument("[FILE]", "model file, or - for standard input")
    .option("--preset <NAME>", "a preset in place of FILE")
    .option("--set <key=value...>", "options of the preset");

const tolerance = ["--tolerance <t>", "asked relative error (default 1e-8)"] as const;

fromModel(addCommand("validate", "check a model", commands.validate));
fromModel(addCommand("scatter", "S-matrix and its derivatives at one energy", commands.scatter))
  .option("--energy <E>", "energy (default: mean chemical potential)")
  .option("--at <x=..,y=..>", "parameter values (default: 0)");
fromModel(addCommand("pump", "charge pumped per turn", commands.pump))
  .option("--energy <E>", "energy at T = 0 (default: the reservoirs' temperatures at their mean potential)")
  .option("--points <n>", "points on the cycle (default: adaptive)")
  .option(...tolerance);
fromModel(addCommand("run", "the whole analysis: table here, results.json in DIR", commands.run))
  .requiredOption("--out <DIR>", "directory of the results")
  .option("--energy <E>", "energy (default: mean chemical potential)")
  .option(...tolerance);
addCommand("presets", "the generated models, or one of them in full", commands.presets)
  .argument("[NAME]", "preset")
  .option("--set <key=value...>", "options of the preset");

function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof InputError) tell(error.message);
  else if (error instanceof NumericalError) tell(error.message);
  else {
    const reason = error instanceof Error ? error.message : String(error);
    tell(`defect in nanopinwheel: ${reason}`);
    return 70;
  }
  return error instanceof InputError ? 2 : 3;
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});
// No handler for interrupts: the work is synchronous, and Node's default ends it at once (status 130 in a shell).
process.exitCode = await program.parseAsync().then(
  () => 0,
  (error: unknown) => statusOf(error),
);
