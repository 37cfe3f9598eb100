// The crew of an engine: threads that do tasks of one question beside the calling thread, which does
// tasks as well and blocks until all are done (transport/tasks/crew.ts). Whoever is free takes the
// next task from a shared counter. Any thread finds the same bits, so that the calling thread may do
// the tasks of a helper that has ended once more. Helpers start when a question has taken a while.
//
// This needs threads that share memory and that a blocked thread can hear: Node's worker_threads.
// Elsewhere there is no crew, and the calling thread computes alone.

import type { Build, Kernels } from "../engine/kernels.js";
import type { Crew, CrewJob, Outcome } from "../transport/tasks/crew.js";
import { KeptModels } from "./member.js";
import { type HelperStart, type TaskReply, type TaskRequest, unpackError } from "./messages.js";
import { type NodePort, type NodeThreads, type NodeWorker, nodeThreads, startNodeWorker } from "./spawn.js";

/** Milliseconds of work on tasks after which helpers are started. A start takes some hundred. */
const LATE = 300;
/**
 * How long the calling thread waits for the task of a helper before it does the task itself: this
 * many milliseconds, and this many times the longest task so far.
 */
const PATIENCE = { milliseconds: 1000, tasks: 10 };

/** A thread of the crew. */
interface Helper {
  worker: NodeWorker;
  port: NodePort;
  models: KeptModels;
}

/** The tasks of one call of `run`. */
interface Batch {
  request: Omit<TaskRequest, "model" | "forget">;
  outcomes: (Outcome<unknown> | undefined)[];
}

/** The helpers of one engine. */
export class ThreadCrew {
  readonly #threads: NodeThreads;
  readonly #size: number;
  readonly #kernels: { module: WebAssembly.Module; build: Build };
  readonly #url: string | undefined;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));
  readonly #batches = new Map<number, Batch>();
  readonly #jobs = new WeakMap<CrewJob, number>();
  #helpers: Helper[] | undefined;
  /** Milliseconds of work on tasks so far. */
  #worked = 0;
  #numbers = 0;
  #closed = false;

  private constructor(threads: NodeThreads, size: number, { module, build }: Kernels, url?: string) {
    this.#threads = threads;
    this.#size = size;
    this.#kernels = { module, build };
    this.#url = url;
  }

  /**
   * A crew of `size` helpers, which start from `url`, or from worker.js beside this file. Undefined
   * without helpers, and where there are no such threads.
   */
  static of(size: number, kernels: Kernels, url?: string): ThreadCrew | undefined {
    const threads = nodeThreads();
    return threads && size > 0 ? new ThreadCrew(threads, size, kernels, url) : undefined;
  }

  /** The crew for one device, of which `model` makes another. `model` is plain data. */
  forDevice(model: unknown): Crew {
    const modelId = ++this.#numbers;
    return {
      run: (job, tasks, allowance, here, take) => {
        let jobId = this.#jobs.get(job);
        if (jobId === undefined) {
          jobId = ++this.#numbers;
          this.#jobs.set(job, jobId);
        }
        const next = new Int32Array(new SharedArrayBuffer(4));
        const request = { id: ++this.#numbers, modelId, jobId, job, tasks, allowance, next };
        this.#run(request, model, here as (task: unknown) => Outcome<unknown>, take as Take);
      },
    };
  }

  #run(
    request: Batch["request"],
    model: unknown,
    here: (task: unknown) => Outcome<unknown>,
    take: Take,
  ): void {
    const { id, tasks, next } = request;
    const batch: Batch = { request, outcomes: new Array(tasks.length) };
    const { outcomes } = batch;
    this.#batches.set(id, batch);
    let posted = this.#post(batch, model);
    let slowest = 0;
    const work = (k: number): void => {
      const begun = performance.now();
      outcomes[k] ??= here(tasks[k]);
      const took = performance.now() - begun;
      slowest = Math.max(slowest, took);
      this.#worked += took;
    };
    try {
      for (let taken = 0; taken < tasks.length; ) {
        const seen = Atomics.load(this.#signal, 0);
        this.#receive();
        const outcome = outcomes[taken];
        if (outcome) {
          take(outcome, taken++);
          continue;
        }
        const k = Atomics.add(next, 0, 1);
        if (k < tasks.length) {
          work(k);
          if (!posted) posted = this.#post(batch, model);
          continue;
        }
        // A helper has this task. If it does not answer, it may have ended.
        const patience = PATIENCE.milliseconds + PATIENCE.tasks * slowest;
        if (Atomics.wait(this.#signal, 0, seen, patience) === "timed-out") work(taken);
      }
    } finally {
      Atomics.store(next, 0, tasks.length);
      this.#batches.delete(id);
    }
  }

  /** Hands a batch to all helpers; returns false as long as none is worth its start. */
  #post({ request }: Batch, model: unknown): boolean {
    if (this.#closed) return true;
    if (!this.#helpers && this.#worked < LATE) return false;
    this.#helpers ??= this.#started();
    const { modelId } = request;
    for (const { port, models } of this.#helpers) {
      const sent = models.has(modelId) ? {} : { model, forget: models.forgets(modelId) };
      port.postMessage({ ...request, ...sent } satisfies TaskRequest);
      models.keeps(modelId);
    }
    return true;
  }

  /** Starts the helpers. Where none can be started the calling thread computes alone. */
  #started(): Helper[] {
    const helpers: Helper[] = [];
    try {
      while (helpers.length < this.#size) helpers.push(this.#helper());
    } catch {
      // The threads that did start are the crew.
    }
    return helpers;
  }

  #helper(): Helper {
    const worker = startNodeWorker(this.#threads, this.#url);
    const { port1: port, port2 } = new this.#threads.MessageChannel();
    const helper = { worker, port, models: new KeptModels() };
    const lost = () => {
      this.#helpers = this.#helpers?.filter((other) => other !== helper);
    };
    worker.on("error", lost);
    worker.on("exit", lost);
    const start: HelperStart = { type: "help", ...this.#kernels, port: port2, signal: this.#signal };
    worker.postMessage(start, [port2]);
    worker.unref();
    return helper;
  }

  /** Takes the replies that have arrived. Those to batches that have ended are of no use. */
  #receive(): void {
    for (const { port } of this.#helpers ?? []) {
      for (let one = this.#threads.receiveMessageOnPort(port); one; ) {
        const { id, k, outcome } = one.message as TaskReply;
        const batch = this.#batches.get(id);
        if (batch)
          batch.outcomes[k] ??=
            "error" in outcome ? { ...outcome, error: unpackError(outcome.error) } : outcome;
        one = this.#threads.receiveMessageOnPort(port);
      }
    }
  }

  /** Ends all helpers. */
  async close(): Promise<void> {
    this.#closed = true;
    const helpers = this.#helpers ?? [];
    this.#helpers = [];
    await Promise.all(helpers.map(({ worker }) => worker.terminate()));
  }
}

type Take = (outcome: Outcome<unknown>, k: number) => void;
