// A pool of workers, each with its own instance of one compiled kernel module. Questions go in
// batches of some milliseconds to any free worker, and the answers return in the order of the
// questions. An answer depends only on its question and therefore has the same bits on any number
// of workers. The error reported is that of the first question that fails, whichever worker was
// faster. Existing pool libraries are not suitable: piscina and tinypool know only Node. workerpool
// runs in browsers as well, but it gives each task to any worker, so that neither the compiled
// module nor a model can be sent to each worker once.

import { InputError } from "../base/errors.js";
import type { Build } from "../engine/kernels.js";
import { closedError } from "../model/closed.js";
import type { Job, MapOptions } from "./job.js";
import { Member, MODELS, type WorkerSource } from "./member.js";
import { type Reply, type Request, unpackError } from "./messages.js";
import type { WorkerHandle } from "./spawn.js";

/** Duration of a batch: long compared with a message, short compared with a sweep. */
const BATCH_MILLISECONDS = 20;

/** The workers, and the lists of questions that they work on. */
export class WorkerPool {
  readonly size: number;
  readonly #start: Request;
  readonly #source: WorkerSource;
  #members: Member[] = [];
  #jobs: Job[] = [];
  /**
   * Numbers of the models by their texts, so that a changed model gets a new number. The last used
   * one stands at the end.
   */
  readonly #ids = new Map<string, number>();
  #models = 0;
  #closed = false;
  /** Workers that are ending. */
  readonly #ending = new Set<Promise<void>>();

  private constructor(size: number, start: Request, source: WorkerSource) {
    this.size = size;
    this.#start = start;
    this.#source = source;
  }

  /** Starts `size` workers with the compiled kernels. Rejected if one of them cannot start. */
  static async open(
    size: number,
    module: WebAssembly.Module,
    build: Build,
    source: WorkerSource,
  ): Promise<WorkerPool> {
    const pool = new WorkerPool(size, { type: "start", module, build }, source);
    pool.#fill();
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
      this.#source,
      (reply) => this.#answered(member, reply),
      (error) => this.#lost(member, error),
    );
    this.#members.push(member);
  }

  /** Starts workers in place of those that were lost. */
  #fill(): void {
    while (this.#members.length < this.size) this.#add();
  }

  #idOf(model: unknown): number {
    const text = textOf(model);
    const id = (text !== undefined && this.#ids.get(text)) || ++this.#models;
    if (text === undefined) return id;
    this.#ids.delete(text);
    this.#ids.set(text, id);
    // The list is as long as the number of devices that a worker keeps.
    if (this.#ids.size > MODELS) this.#ids.delete(this.#ids.keys().next().value!);
    return id;
  }

  /**
   * The answers of `device[method](question)` for all questions, in their order. `model` is plain
   * data.
   */
  map(
    model: unknown,
    method: string,
    questions: readonly unknown[],
    options: MapOptions = {},
  ): Promise<unknown[]> {
    if (this.#closed) return Promise.reject(closedError("engine"));
    const { signal } = options;
    const modelId = this.#idOf(model);
    this.#fill();
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
    for (const member of this.#members)
      while (!member.job && member.handle) {
        const job = this.#jobs.find(({ next, end }) => next < end);
        if (!job) return;
        this.#hand(job, member, member.handle);
      }
  }

  /** Hands the next questions of a job to a free worker. A job that cannot be sent is refused. */
  #hand(job: Job, member: Member, handle: WorkerHandle): void {
    const left = job.end - job.next;
    const share = Math.ceil(left / (2 * this.#members.length));
    const count = job.pace > 0 ? Math.max(1, Math.min(share, Math.round(BATCH_MILLISECONDS / job.pace))) : 1;
    const { modelId, model, method, questions } = job;
    try {
      handle.post({
        type: "batch",
        modelId,
        model: member.models.has(modelId) ? undefined : model,
        forget: member.models.forgets(modelId),
        method,
        first: job.next,
        questions: questions.slice(job.next, job.next + count),
      });
    } catch (error) {
      // Functions cannot be sent to another thread.
      const refusal = new InputError("workers", "the model or a question is not plain data", {
        expected: "numbers, texts, lists and objects of them",
        found: (error as Error).message,
        advice: "Hamiltonians and cycles given as functions run without workers.",
      });
      this.#finish(job, () => job.reject(refusal));
      return;
    }
    member.models.keeps(modelId);
    member.job = job;
    member.first = job.next;
    member.count = count;
    handle.setBusy(true);
    job.next += count;
  }

  #answered(member: Member, reply: Reply): void {
    const { job, first, count } = member;
    member.job = undefined;
    member.handle?.setBusy(false);
    if (job && reply.type === "batch" && this.#jobs.includes(job)) {
      const { results, failure, milliseconds } = reply;
      results.forEach((result, k) => {
        job.results[first + k] = result;
      });
      job.done += results.length;
      job.pace = milliseconds / Math.max(1, failure ? results.length + 1 : count);
      if (failure && first + results.length < (job.failure?.index ?? Number.POSITIVE_INFINITY)) {
        // Workers already have all earlier questions; later ones are no longer needed.
        job.failure = { index: first + results.length, error: unpackError(failure) };
        job.end = Math.min(job.end, job.failure.index);
      }
      try {
        job.options.progress?.(job.done, job.questions.length);
      } catch (error) {
        this.#cancel(job, error);
      }
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

  /**
   * Cancels a job. A worker receives no message during a computation; it is ended and replaced.
   */
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

  /**
   * Rejects the job of a lost worker with the reason. The worker is replaced unless the next one
   * would end in the same way.
   */
  #lost(member: Member, error: Error): void {
    if (this.#closed || !this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    this.#end(member);
    const { job } = member;
    if (job && this.#jobs.includes(job)) this.#finish(job, () => job.reject(error));
    if (job) this.#fill();
    this.#dispatch();
  }

  #end(member: Member): void {
    const ended = member.end().finally(() => this.#ending.delete(ended));
    this.#ending.add(ended);
  }

  /** Ends all workers. Computations that are not finished are rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    const members = this.#members;
    this.#members = [];
    for (const job of this.#jobs) this.#finish(job, () => job.reject(closedError("engine")));
    for (const member of members) this.#end(member);
    await Promise.all(this.#ending);
  }
}

/** A model as a text; undefined if it is not plain data and can therefore not be sent. */
function textOf(model: unknown): string | undefined {
  try {
    const { cycle, device } = model as { cycle?: unknown; device?: Record<string, unknown> };
    const { hamiltonian, derivative, scattering } = device ?? {};
    const { evaluate } = (scattering ?? {}) as { evaluate?: unknown };
    const leads = Array.isArray(device?.leads) ? device.leads : [];
    const selfEnergies = leads.map((lead: { selfEnergy?: unknown } | null) => lead?.selfEnergy);
    // A text cannot contain functions.
    if (
      [cycle, hamiltonian, derivative, evaluate, ...selfEnergies].some((part) => typeof part === "function")
    )
      return undefined;
    return JSON.stringify(model);
  } catch {
    return undefined;
  }
}
