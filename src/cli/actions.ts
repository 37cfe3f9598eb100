// What the commands do: a job in, text for standard output and an exit status out. A bundle of its own: the thread's script, and
// loaded by the command once it is asked for.

import { NumericalError } from "../index.js";
import { errorDocument } from "../report/error-document.js";
import { jsonText } from "../report/json.js";
import type { Command, Progress } from "./answer.js";
import { forces } from "./commands/forces.js";
import { motor } from "./commands/motor.js";
import { presets } from "./commands/presets.js";
import { pump } from "./commands/pump.js";
import { run } from "./commands/run.js";
import { scatter } from "./commands/scatter.js";
import { serve } from "./commands/serve.js";
import { simulate } from "./commands/simulate.js";
import { validate } from "./commands/validate.js";
import type { Job, Outcome } from "./job.js";
import { statusOf } from "./status.js";
import { serveThread, threadJob } from "./thread.js";

// biome-ignore lint/suspicious/noExplicitAny: each command has its own options, as commander reads them
const actions: Record<string, Command<any>> = {
  validate,
  scatter,
  pump,
  forces,
  motor,
  simulate,
  run,
  serve,
  presets,
};

/** Does a job; messages are told on the way. */
export async function outcomeOf(
  { command, file, options }: Job,
  progress: Progress = () => undefined,
): Promise<Outcome> {
  try {
    const answer = await actions[command](file, options, progress);
    if (answer === undefined) return { status: 0, output: "" };
    return {
      status: answer.status ?? 0,
      output: options.json ? jsonText(answer.result) : answer.text,
    };
  } catch (error) {
    // A reader gets the message alone, a program what is known as well.
    const output = options.json && error instanceof NumericalError ? jsonText(errorDocument(error)) : "";
    return { status: statusOf(error), output };
  }
}

if (threadJob) await serveThread(threadJob, outcomeOf);
