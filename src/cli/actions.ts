// What the commands do: a job in, text for standard output and an exit status out. A bundle of its
// own: the thread's script, and loaded by the command once it is asked for.

import { NumericalError } from "../index.js";
import { errorDocument } from "../report/error-document.js";
import { jsonText } from "../report/json.js";
import type { Command, Progress } from "./answer.js";
import { actions } from "./commands/all.js";
import type { Job, Outcome } from "./job.js";
import { statusOf } from "./status.js";
import { serveThread, threadJob } from "./thread.js";

/** Does a job; messages are told on the way. */
export async function outcomeOf(
  { command, file, options }: Job,
  progress: Progress = () => undefined,
): Promise<Outcome> {
  try {
    // Each command has its own options, as commander reads them.
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
    // A reader gets the message alone, a program what is known as well.
    const output = options.json && error instanceof NumericalError ? jsonText(errorDocument(error)) : "";
    return { status: statusOf(error), output };
  }
}

if (threadJob) await serveThread(threadJob, outcomeOf);
