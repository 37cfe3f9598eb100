// A pool of workers, each with its own instance of one compiled kernel module. Questions go out in batches of some milliseconds to whichever
// worker is free; answers come back in the order of the questions. An answer depends on its question alone, so that it has the same bits
// on any number of workers. The failure reported is that of the first question that fails, whatever worker came first.
// Kept pool libraries were weighed: piscina and tinypool know Node only; workerpool runs in both, but hands a task to any worker, so that
// neither the compiled module nor a model can be given to each worker once, and cancels by killing; hence these few lines.

import type { Build } from "../engine/kernels.js";
import { InputError } from "../model/errors.js";
import type { Job, MapOptions } from "./job.js";
import { Member } from "./member.js";
import { type Reply, type Request, unpackError } from "./messages.js";

/** Time a batch is to take: long beside a message, short beside a sweep. */
const BATCH_MILLISECONDS = 20;

export class WorkerPool {
  readonly size: number;
  readonly #start: Request;
  readonly #url: string | URL | undefined;
  #members: Member[] = [];
  #jobs: Job[] = [];
  /** A model is known by its identity. */
  readonly #ids = new WeakMap<object, number>();
  #models = 0;
  #closed = false;
  /** Workers on their way out. */
  readonly #ending = new Set<Promise<void>>();

  private constructor(size: number, start: Request, url: string | URL | undefined) {
    this.size = size;
    this.#start = start;
    this.#url = url;
  }

  /** Starts `size` workers with the compiled kernels; rejected if one of them cannot start. */
  static async open(
    size: number,
    module: WebAssembly.Module,
    build: Build,
    url?: string | URL,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(size, { type: "start", module, build }, url);
    for (let i = 0; i < size; i++) pool.#add();
    try {
      await Promise.all(pool.#members.map((member) => member.ready));
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  #add(): void {
    const member: Member = new Member(
      this.#start,
      this.#url,
      (reply) => this.#answered(member, reply),
      (reason) => this.#lost(member, reason),
    );
    this.#members.push(member);
  }

  /** Answers of `device[method](question)` for all questions, in their order; `model` is plain data. */
  map(
    model: unknown,
    method: string,
    questions: readonly unknown[],
    options: MapOptions = {},
  ): Promise<unknown[]> {
    if (this.#closed) return Promise.reject(new Error("the engine is closed"));
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (questions.length === 0) return Promise.resolve([]);
    const modelId = (typeof model === "object" && model !== null && this.#ids.get(model)) || ++this.#models;
    if (typeof model === "object" && model !== null) this.#ids.set(model, modelId);
    return new Promise((resolve, reject) => {
      const job: Job = {
        modelId,
        model,
        method,
        questions,
        results: new Array(questions.length),
        next: 0,
        end: questions.length,
        done: 0,
        pace: 0,
        options,
        resolve,
        reject,
      };
      this.#jobs.push(job);
      if (signal) {
        const abort = () => this.#cancel(job, signal.reason);
        signal.addEventListener("abort", abort, { once: true });
        const without =
          <T extends unknown[]>(settle: (...values: T) => void) =>
          (...values: T) => {
            signal.removeEventListener("abort", abort);
            settle(...values);
          };
        job.resolve = without(resolve);
        job.reject = without(reject);
      }
      this.#dispatch();
    });
  }

  /** Hands a batch to every free worker. */
  #dispatch(): void {
    for (const member of this.#members) {
      if (member.job) continue;
      const job = this.#jobs.find(({ next, end }) => next < end);
      if (!job) return;
      const left = job.end - job.next;
      const share = Math.ceil(left / (2 * this.#members.length));
      const count =
        job.pace > 0 ? Math.max(1, Math.min(share, Math.round(BATCH_MILLISECONDS / job.pace))) : 1;
      const { modelId, model, method, questions } = job;
      try {
        member.handle.post({
          type: "batch",
          modelId,
          model: member.models.has(modelId) ? undefined : model,
          forget: member.forgets(modelId),
          method,
          questions: questions.slice(job.next, job.next + count),
        });
      } catch (error) {
        // Functions cannot go to another thread.
        const found = (error as Error).message;
        this.#finish(job, () =>
          job.reject(
            new InputError("workers", "the model or a question is not plain data", {
              expected: "numbers, texts, lists and objects of them",
              found,
              advice: "Hamiltonians and cycles given as functions run without workers.",
            }),
          ),
        );
        continue;
      }
      member.keeps(modelId);
      member.job = job;
      member.first = job.next;
      member.count = count;
      member.handle.setBusy(true);
      job.next += count;
    }
  }

  #answered(member: Member, reply: Reply): void {
    const { job, first, count } = member;
    member.job = undefined;
    member.handle.setBusy(false);
    if (job && reply.type === "batch" && this.#jobs.includes(job)) {
      const { results, failure, milliseconds } = reply;
      results.forEach((result, k) => {
        job.results[first + k] = result;
      });
      job.done += results.length;
      job.pace = milliseconds / Math.max(1, failure ? results.length + 1 : count);
      if (failure && first + results.length < (job.failure?.index ?? Number.POSITIVE_INFINITY)) {
        // Earlier questions are already with workers; later ones matter no more.
        job.failure = { index: first + results.length, error: unpackError(failure) };
        job.end = Math.min(job.end, job.failure.index);
      }
      job.options.progress?.(job.done, job.questions.length);
      const waiting = this.#members.some((other) => other.job === job && other.first < job.end);
      if (!waiting && job.next >= job.end)
        this.#finish(job, () => (job.failure ? job.reject(job.failure.error) : job.resolve(job.results)));
    }
    this.#dispatch();
  }

  #finish(job: Job, settle: () => void): void {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    settle();
  }

  /** A worker inside a computation hears no message: it is ended and another takes its place. */
  #cancel(job: Job, reason: unknown): void {
    if (!this.#jobs.includes(job)) return;
    this.#finish(job, () => job.reject(reason));
    for (const member of this.#members.filter((one) => one.job === job)) {
      this.#members = this.#members.filter((other) => other !== member);
      this.#end(member);
      this.#add();
    }
    this.#dispatch();
  }

  #lost(member: Member, reason: string): void {
    if (this.#closed || !this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    const { job } = member;
    if (job && this.#jobs.includes(job))
      this.#finish(job, () =>
        job.reject(new Error(`a worker stopped in the middle of a computation: ${reason}`)),
      );
    if (job) this.#add();
    else if (this.#members.length === 0)
      for (const other of this.#jobs)
        this.#finish(other, () => other.reject(new Error(`no worker is left: ${reason}`)));
    this.#dispatch();
  }

  #end(member: Member): void {
    const ended = member.handle.terminate().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** Ends all workers; computations under way are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const members = this.#members;
    this.#members = [];
    for (const job of this.#jobs) this.#finish(job, () => job.reject(new Error("the engine was closed")));
    for (const member of members) this.#end(member);
    await Promise.all(this.#ending);
  }
}
