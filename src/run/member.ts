// One worker of the pool: its start, what it is doing, and which models it has a device of.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { Job } from "./job.js";
import type { Reply, Request } from "./messages.js";
import { spawnWorker, type WorkerHandle } from "./spawn.js";

/** Devices a worker keeps. */
export const MODELS = 4;

/** Where workers come from, and how long one may take to start. */
export interface WorkerSource {
  url: string | undefined;
  /** Milliseconds. */
  startTimeout: number;
}

/** One worker and what it is doing. */
export class Member {
  /** Undefined if the worker could not even be made; `lost` is told of it then. */
  readonly handle: WorkerHandle | undefined;
  /** True once it has said that it can answer. */
  started = false;
  job?: Job;
  first = 0;
  count = 0;
  /** Models the worker has a device of, the one used last at the end. */
  readonly models = new Set<number>();
  /** Rejected with the reason if the worker cannot be used. */
  readonly ready: Promise<void>;
  readonly #timer: ReturnType<typeof setTimeout>;

  /**
   * `lost` is told, never before the constructor has returned, that the worker is gone or of no
   * use.
   */
  constructor(
    start: Request,
    { url, startTimeout }: WorkerSource,
    report: (reply: Reply) => void,
    lost: (error: Error) => void,
  ) {
    let resolve: () => void;
    let reject: (error: Error) => void;
    this.ready = new Promise<void>((...settle) => {
      [resolve, reject] = settle;
    });
    // Whoever does not wait for it hears of it through `lost`.
    this.ready.catch(() => {});
    const failed = (reason: string) => {
      clearTimeout(this.#timer);
      const error = this.started
        ? new Error(`a worker stopped in the middle of a computation: ${reason}`)
        : startError(reason, url);
      reject(error);
      lost(error);
    };
    this.#timer = setTimeout(
      () => failed(`it did not start within ${startTimeout} ms (startTimeout)`),
      startTimeout,
    );
    try {
      this.handle = spawnWorker(url, {
        failed,
        reply: (reply) => {
          if (reply?.type === "ready") {
            clearTimeout(this.#timer);
            this.started = true;
            this.handle?.setBusy(this.job !== undefined);
            resolve();
          } else if (reply?.type === "unable") failed(reply.reason);
          else if (reply?.type === "batch") report(reply);
        },
      });
      this.handle.setBusy(true);
      this.handle.post(start);
    } catch (error) {
      const reason = error instanceof Error ? error.message : described(error);
      queueMicrotask(() => failed(reason));
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.handle?.terminate();
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

function startError(reason: string, url: string | undefined): InputError {
  const given = url !== undefined;
  return new InputError(given ? "workerUrl" : "workers", "a worker could not be used", {
    expected: given ? "the address of this package's dist/worker.js" : "a host that starts dist/worker.js",
    found: reason,
    advice: given
      ? undefined
      : "workerUrl says where the worker's file is; without workers the calling thread computes.",
  });
}
