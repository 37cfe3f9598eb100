// The command in this process: the arguments, streams and exit status of dist/cli.js without the start of a process, a quarter of a
// second. What belongs to the process itself (thread, standard input, signals) is tested with `spawned`.

import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { outcomeOf } from "../../src/cli/actions.js";
import { runCommand } from "../../src/cli/program.js";
import { redirectMessages } from "../../src/cli/streams/output.js";
import { redirectInput } from "../../src/cli/streams/streams.js";

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export async function nanopinwheel(args: readonly string[], input = ""): Promise<Ended> {
  const ended = { status: 0, stdout: "", stderr: "" };
  const complain = (text: string): void => {
    ended.stderr += text;
  };
  const told = redirectMessages((message) => complain(`${message}\n`));
  const read = redirectInput(() => Buffer.from(input));
  try {
    ended.status = await runCommand(args, {
      work: (job) => outcomeOf(job),
      print: (text) => {
        ended.stdout += text;
      },
      complain,
    });
    return ended;
  } finally {
    redirectMessages(told);
    redirectInput(read);
  }
}

export const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

/** The same by a process of its own. */
export function spawned(args: readonly string[], input: string | Uint8Array = ""): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return { status, stdout, stderr };
}

/**
 * A command that is ended by a signal once `due`. Its streams close when nothing holds them any more,
 * a process that was left behind included.
 */
export async function endedBy(
  signal: NodeJS.Signals,
  args: readonly string[],
  due: () => boolean,
  nodeArgs: readonly string[] = [],
): Promise<Ended & { by: string | null; pid: number }> {
  const child = spawn(process.execPath, [...nodeArgs, cli, ...args]);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => {
    stdout += text;
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const watch = setInterval(() => {
    if (due()) child.kill(signal);
  }, 5);
  const [status, by] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  clearInterval(watch);
  return { status, by, stdout, stderr, pid: child.pid! };
}
