// Commands that may take long work in a thread of their own: the main thread stays free to draw the progress line and to
// obey an interrupt at once (status 130), whatever the computation is doing.

import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import type { Progress } from "./answer.js";
import type { Job, Outcome } from "./job.js";
import { redirectMessages, tell } from "./output.js";
import { ProgressLine } from "./progress.js";

type Message = { outcome: Outcome } | { message: string } | { progress: Parameters<Progress> };

/** Milliseconds between two reports of progress. */
const QUIET = 50;

interface ThreadData {
  nanopinwheelJob?: Job;
}

/** In the thread: what it was started for. */
export const threadJob = isMainThread ? undefined : (workerData as ThreadData | null)?.nanopinwheelJob;

/** In the thread: does the job, reporting to the main thread. */
export async function serveThread(
  job: Job,
  work: (job: Job, progress: Progress) => Promise<Outcome>,
): Promise<void> {
  const post = (message: Message): void => parentPort?.postMessage(message);
  redirectMessages((message) => post({ message }));
  let [stage, last] = ["", Number.NEGATIVE_INFINITY];
  const progress: Progress = (...state) => {
    const now = performance.now();
    if (state[0] === stage && now - last < QUIET) return;
    [stage, last] = [state[0], now];
    post({ progress: state });
  };
  post({ outcome: await work(job, progress) });
}

/** Ends the process with status 130 at an interrupt or a request to end, after `last`. */
export function onInterrupt(last: () => void = () => undefined): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      last();
      process.exit(130);
    });
}

/** In the main thread: starts a job and waits for it; an interrupt ends the process with status 130. */
export function runInThread(job: Job): Promise<Outcome> {
  const line = new ProgressLine(process.stderr);
  onInterrupt(() => {
    line.end();
    tell("interrupted");
  });
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./actions.js", import.meta.url), {
      workerData: { nanopinwheelJob: job } satisfies ThreadData,
    });
    worker.on("message", (message: Message) => {
      if ("progress" in message) return line.report(...message.progress);
      if ("message" in message) {
        line.clear();
        return tell(message.message);
      }
      line.end();
      resolve(message.outcome);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`the working thread ended with status ${code}`)));
  });
}
