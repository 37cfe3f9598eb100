// The command `nanopinwheel`: arguments in, exit status out. 0 means done, 1 that the answer could
// not be written, 2 wrong input, 3 that the tolerance was not reached, 130 interrupted, and 70 a
// defect of this program. Standard output is written in one piece once the answer is complete.

import { runCommand } from "./program.js";
import { statusOf } from "./status.js";
import { tell, WriteError, writeOut } from "./streams/output.js";
import { runInThread } from "./thread.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // A closed reader is no error, as for other programs.
  if (error.code === "EPIPE") process.exit();
  process.exit(statusOf(new WriteError("standard output", error)));
});
// If messages cannot be written, only the exit status remains.
process.stderr.on("error", () => undefined);

/** Writes a message of the argument parser. It may have several lines and repeats arguments. */
const complain = (text: string): void => {
  for (const line of text.trimEnd().split("\n")) tell(line);
};

/** Whether threads may be started: Node's permission model may forbid it. */
function mayStartThreads(): boolean {
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  return permission?.has("worker") ?? true;
}

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    work: async (job, { long, conversation }) => {
      const threads = mayStartThreads();
      if (long && !threads)
        tell("computing without a thread: Node's permission model forbids it (--allow-worker)");
      const outcome =
        long && threads
          ? await runInThread(job, conversation ?? false)
          : await (await import("./actions.js")).outcomeOf(job);
      process.exitCode = outcome.status;
      return outcome;
    },
    print: writeOut,
    complain,
  });
} catch (error) {
  process.exitCode = statusOf(error);
}
