// The command `nanopinwheel`: arguments in, exit status out (0 done, 2 wrong input, 3 not computed to the tolerance, 130
// interrupted, 70 a defect of this program). Standard output is written in one piece, once the answer is complete.

import { tell } from "./output.js";
import { runCommand } from "./program.js";
import { runInThread } from "./thread.js";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

try {
  process.exitCode = await runCommand(process.argv.slice(2), {
    work: async (job, inThread) =>
      inThread ? runInThread(job) : (await import("./actions.js")).outcomeOf(job),
    print: (text) => process.stdout.write(text),
    complain: (text) => process.stderr.write(text),
  });
} catch (error) {
  tell(`defect in nanopinwheel: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 70;
}
