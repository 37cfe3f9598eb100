// Executes commands: a job in, text for standard output and an exit status out. This is a bundle of
// its own. It is the script of the thread, and the command loads it on demand.

import { NumericalError } from "../index.js";
import { errorDocument } from "../report/error-document.js";
import { jsonText } from "../report/json.js";
import type { Command, Progress } from "./answer.js";
import { actions } from "./commands/all.js";
import type { Job, Outcome } from "./job.js";
import { statusOf } from "./status.js";
import { serveThread, threadJob } from "./thread.js";

/** Does a job. Messages are written meanwhile. */
export async function outcomeOf(
  { command, file, options }: Job,
  progress: Progress = () => undefined,
): Promise<Outcome> {
  try {
    // Each command has its own type of options, as commander has read them.
    const answer = await (actions as Record<string, Command<never>>)[command](
      file,
      options as never,
      progress,
    );
    if (answer === undefined) return { status: 0, output: "" };
    return {
      status: answer.status ?? 0,
      output: options.json ? jsonText(answer.result) : answer.text,
    };
  } catch (error) {
    // Readers get the message; programs also get the part of the answer that is known.
    const output = options.json && error instanceof NumericalError ? jsonText(errorDocument(error)) : "";
    return { status: statusOf(error), output };
  }
}

if (threadJob) await serveThread(threadJob, outcomeOf);
