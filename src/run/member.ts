// One worker of the pool: its start, its present task, and the models of which it has a device.

import { InputError } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { Job } from "./job.js";
import type { Reply, Request } from "./messages.js";
import { spawnWorker, type WorkerHandle } from "./spawn.js";

/** Number of devices that a worker keeps. */
export const MODELS = 4;

/** The models of which a worker has a device, the last used one at the end. */
export class KeptModels {
  readonly #models = new Set<number>();

  has(modelId: number): boolean {
    return this.#models.has(modelId);
  }

  /** The model whose device is to be closed before the given one is added, if there is one. */
  forgets(modelId: number): number | undefined {
    return this.#models.has(modelId) || this.#models.size < MODELS
      ? undefined
      : this.#models.values().next().value;
  }

  keeps(modelId: number): void {
    const forgotten = this.forgets(modelId);
    if (forgotten !== undefined) this.#models.delete(forgotten);
    this.#models.delete(modelId);
    this.#models.add(modelId);
  }
}

/** The address of the workers' file, and the time allowed for a start. */
export interface WorkerSource {
  url: string | undefined;
  /** Time in milliseconds. */
  startTimeout: number;
}

/** One worker and its present task. */
export class Member {
  /** The worker; undefined if it could not be made, in which case `lost` is called. */
  readonly handle: WorkerHandle | undefined;
  /** True once the worker has reported that it can answer. */
  started = false;
  job?: Job;
  first = 0;
  count = 0;
  readonly models = new KeptModels();
  /** Rejected with the reason if the worker cannot be used. */
  readonly ready: Promise<void>;
  readonly #timer: ReturnType<typeof setTimeout>;

  /**
   * `lost` is called if the worker has ended or is unusable, but never before the constructor has
   * returned.
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
    // A caller that does not wait for `ready` learns of a failure through `lost`.
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
      const reason = error instanceof Error ? reasonOf(error) : described(error);
      queueMicrotask(() => failed(reason));
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.handle?.terminate();
  }
}

/** What an error says; of Node's permission model also which permission is missing. */
function reasonOf({ message, code, permission }: Error & { code?: string; permission?: string }): string {
  return code === "ERR_ACCESS_DENIED"
    ? `${message} (${permission ?? code}: Node's permission model; --allow-worker permits workers)`
    : message;
}

function startError(reason: string, url: string | undefined): InputError {
  const given = url !== undefined;
  return new InputError(given ? "workerUrl" : "workers", "a worker could not be used", {
    expected: given ? "the address of this package's dist/worker.js" : "a host that starts dist/worker.js",
    found: reason,
    advice: given
      ? undefined
      : "workerUrl is the address of the worker's file. Without workers the calling thread computes.",
  });
}
