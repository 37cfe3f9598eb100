// One worker of the pool: its start, what it is doing, and which models it has a device of.

import type { Job } from "./job.js";
import type { Reply, Request } from "./messages.js";
import { spawnWorker, type WorkerHandle } from "./spawn.js";

/** Devices a worker keeps. */
const MODELS = 4;

/** One worker and what it is doing. */
export class Member {
  handle!: WorkerHandle;
  job?: Job;
  first = 0;
  count = 0;
  /** Models the worker has a device of, the one used last at the end. */
  readonly models = new Set<number>();
  ready: Promise<void>;

  constructor(
    start: Request,
    url: string | URL | undefined,
    report: (reply: Reply) => void,
    lost: (reason: string) => void,
  ) {
    this.ready = new Promise((resolve, reject) => {
      const failed = (reason: string) => {
        reject(new Error(`a worker could not be used: ${reason}`));
        lost(reason);
      };
      this.handle = spawnWorker(url, {
        failed,
        reply: (reply) => {
          if (reply.type === "ready") resolve();
          else if (reply.type === "unable") failed(reply.reason);
          else report(reply);
        },
      });
      this.handle.setBusy(true);
      this.handle.post(start);
    });
    this.ready.then(
      () => this.handle.setBusy(this.job !== undefined),
      () => {},
    );
  }

  /** The model to give up before this one is added, if any. */
  forgets(modelId: number): number | undefined {
    return this.models.has(modelId) || this.models.size < MODELS
      ? undefined
      : this.models.values().next().value;
  }

  keeps(modelId: number): void {
    const forgotten = this.forgets(modelId);
    if (forgotten !== undefined) this.models.delete(forgotten);
    this.models.delete(modelId);
    this.models.add(modelId);
  }
}
