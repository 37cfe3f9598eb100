// The command `nanopinwheel`: arguments in, exit status out (0 done, 2 wrong input, 3 not computed to the tolerance, 130
// interrupted, 70 a defect of this program). Standard output is written in one piece, once the answer is complete.

import { Command, CommanderError } from "commander";
import { InputError, NumericalError } from "../index.js";
import { jsonText } from "../report/json.js";
import type { Command as Action, Answer, Progress } from "./answer.js";
import { forces } from "./forces.js";
import { motor } from "./motor.js";
import { tell } from "./output.js";
import { presets } from "./presets.js";
import { pump } from "./pump.js";
import { run } from "./run.js";
import { scatter } from "./scatter.js";
import { serve } from "./serve.js";
import { simulate } from "./simulate.js";
import { inThread, type Job, type Outcome, runInThread, serveThread } from "./thread.js";
import { validate } from "./validate.js";

declare const packageVersion: string;

/** The commands that work in a thread of their own, by name. */
// biome-ignore lint/suspicious/noExplicitAny: each command has its own options, as commander reads them
const threaded: Record<string, Action<any>> = { scatter, pump, forces, motor, simulate, run };

const written = ({ result, text }: Answer, json: unknown): string => (json ? jsonText(result) : text);

/** Tells what went wrong; returns the exit status. */
function statusOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const reason = error instanceof Error ? error.message : String(error);
  const known = error instanceof InputError || error instanceof NumericalError;
  tell(known ? reason : `defect in nanopinwheel: ${reason}`);
  if (error instanceof InputError) return 2;
  return error instanceof NumericalError ? 3 : 70;
}

async function outcomeOf({ command, file, options }: Job, progress: Progress): Promise<Outcome> {
  try {
    const answer = await threaded[command](file, options, progress);
    return { status: answer.status ?? 0, output: written(answer, options.json) };
  } catch (error) {
    return { status: statusOf(error), output: "" };
  }
}

function print(output: string): void {
  process.stdout.write(output);
}

function commandLine(): Command {
  const program = new Command("nanopinwheel")
    .description("Adiabatic quantum motors and pumps: scattering, pumped charge, figure of merit")
    .version(packageVersion)
    .exitOverride()
    .showHelpAfterError("(nanopinwheel help COMMAND lists the options)");

  const add = (name: string, description: string): Command =>
    program.command(name).description(description).option("--json", "one JSON document on standard output");

  const addOnModel = (name: string, description: string): Command =>
    add(name, description)
      .argument("[FILE]", "model file, or - for standard input")
      .option("--preset <NAME>", "a preset in place of FILE")
      .option("--set <key=value...>", "options of the preset");

  /** A command that works in a thread of its own. */
  const addThreaded = (name: string, description: string): Command =>
    addOnModel(name, description).action(
      async (file: string | undefined, options: Record<string, unknown>) => {
        const { status, output } = await runInThread({ command: name, file, options });
        print(output);
        process.exitCode = status;
      },
    );

  const tolerance = ["--tolerance <t>", "asked relative error (default 1e-8)"] as const;
  const dephasing = ["--dephasing <kind>", "probes: voltage (default) or energy-resolved"] as const;

  const inertia = [
    "--inertia <I>",
    "moment of inertia; 0: overdamped, infinite: uniform rotation (default: the rotor's)",
  ] as const;

  addOnModel("validate", "check a model").action(async (file, options) =>
    print(written(await validate(file, options), options.json)),
  );
  addThreaded("scatter", "S-matrix and its derivatives at one energy")
    .option("--energy <E>", "energy (default: mean chemical potential)")
    .option("--at <x=..,y=..>", "parameter values (default: 0)");
  addThreaded("pump", "charge pumped per turn")
    .option("--energy <E>", "energy at T = 0 (default: the reservoirs' temperatures at their mean potential)")
    .option("--points <n>", "points on the cycle (default: adaptive)")
    .option(...tolerance);
  addThreaded("forces", "force, friction, noise and currents at one configuration")
    .option("--at <x=..,y=..>", "parameter values (default: 0)")
    .option(...dephasing)
    .option(...tolerance);
  addThreaded(
    "motor",
    "the motor at its reservoirs: curve over a turn, work, friction, noise, steady state, powers",
  )
    .option("--load <L>", "torque of the load (default: the rotor's)")
    .option("--bias <V>", "chemical potentials of the first two leads to +V/2 and -V/2 about their mean")
    .option(...inertia)
    .option(...dephasing)
    .option(...tolerance);
  addThreaded("simulate", "the rotor with noise: mean velocity, diffusion, trajectories from a seed")
    .requiredOption("--time <t>", "observed time")
    .option("--seed <n>", "whole number; the same seed gives the same numbers (default 1)")
    .option("--trajectories <m>", "number of trajectories (default 64)")
    .option("--temperature <T>", "of all reservoirs and the bearing (default: the model's)")
    .option("--load <L>", "torque of the load (default: the rotor's)")
    .option("--bias <V>", "chemical potentials of the first two leads to +V/2 and -V/2 about their mean")
    .option(...inertia)
    .option(...dephasing)
    .option("--tolerance <t>", "asked relative error of the curves over the turn (default 1e-6)");
  addThreaded("run", "the whole analysis: table here; results.json, report.html and figures in DIR")
    .requiredOption("--out <DIR>", "directory of the results")
    .option("--energy <E>", "energy (default: mean chemical potential)")
    .option(...tolerance);
  addOnModel("serve", "forces for one JSON request per line on standard input")
    .option("--dephasing <kind>", "of requests that name none: voltage (default) or energy-resolved")
    .option("--tolerance <t>", "of requests that name none (default 1e-8)")
    .action(serve);
  add("presets", "the generated models, or one of them in full")
    .argument("[NAME]", "preset")
    .option("--set <key=value...>", "options of the preset")
    .action((name: string | undefined, options: { set?: string[]; json?: boolean }) =>
      print(written(presets(name, options), options.json)),
    );
  return program;
}

if (inThread) await serveThread(outcomeOf);
else {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  await commandLine()
    .parseAsync()
    .catch((error: unknown) => {
      process.exitCode = statusOf(error);
    });
}
