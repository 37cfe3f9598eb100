// Runs commands that may take long in a thread. The main thread then draws the progress line and
// obeys an interrupt at once (status 130), whatever the computation does.

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Progress } from "./answer.js";
import type { Job, Outcome } from "./job.js";
import { redirectMessages, tell } from "./streams/output.js";
import { ProgressLine } from "./streams/progress.js";
import { redirectInput, wholeInput } from "./streams/streams.js";

type Message = { outcome: Outcome } | { message: string } | { progress: Parameters<Progress> };

/** Least time between two progress reports, in milliseconds. */
const QUIET = 50;

interface ThreadData {
  nanopinwheelJob?: Job;
  /** Standard input, if the model comes from it. */
  input?: Uint8Array;
}

const { nanopinwheelJob, input }: ThreadData = isMainThread ? {} : ((workerData as ThreadData | null) ?? {});

/** In the thread: the job for which it was started. */
export const threadJob = nanopinwheelJob;

/** In the thread: does the job and reports to the main thread. */
export async function serveThread(
  job: Job,
  work: (job: Job, progress: Progress) => Promise<Outcome>,
): Promise<void> {
  const post = (message: Message): void => parentPort?.postMessage(message);
  redirectMessages((message) => post({ message }));
  if (input) redirectInput(() => input);
  let [stage, last] = ["", Number.NEGATIVE_INFINITY];
  const progress: Progress = (...state) => {
    const now = performance.now();
    if (state[0] === stage && now - last < QUIET) return;
    [stage, last] = [state[0], now];
    post({ progress: state });
  };
  post({ outcome: await work(job, progress) });
}

/** Calls `last` and ends the process with status 130 at an interrupt or termination signal. */
function onInterrupt(last: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      last();
      process.exit(130);
    });
}

/**
 * In the main thread: starts a job and waits for it. An interrupt ends the process with status 130.
 * In a conversation standard input contains requests, which the thread reads itself.
 */
export async function runInThread(job: Job, conversation: boolean): Promise<Outcome> {
  const line = new ProgressLine(process.stderr);
  if (!conversation) line.report("reading the model");
  onInterrupt(() => {
    line.end();
    tell("interrupted");
  });
  const input = job.file === "-" && !conversation ? await wholeInput() : undefined;
  return new Promise<Outcome>((resolve, reject) => {
    const worker = new Worker(new URL("./actions.js", import.meta.url), {
      workerData: { nanopinwheelJob: job, input } satisfies ThreadData,
    });
    worker.on("message", (message: Message) => {
      if ("progress" in message) return line.report(...message.progress);
      if ("message" in message) {
        line.clear();
        return tell(message.message);
      }
      resolve(message.outcome);
    });
    worker.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return reject(error);
      line.clear();
      tell("out of memory: the model or the question is too large for this machine.");
      resolve({ status: 3, output: "" });
    });
    worker.on("exit", (code) => reject(new Error(`the working thread ended with status ${code}`)));
  }).finally(() => line.end());
}
