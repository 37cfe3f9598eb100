// A helper's side of the crew (crew.ts): makes devices from the models it receives, and does tasks
// until all of a request are begun.

import type { Allowance, CrewJob, Outcome } from "../transport/tasks/crew.js";
import { packError, type TaskReply, type TaskRequest } from "./messages.js";
import type { NodePort } from "./spawn.js";

/** A device as a helper sees it. */
export interface Helping {
  /**
   * Calls `during` with what does the tasks of a job. The question lasts as long as the call. A job
   * of the same number as before is the same.
   */
  question(job: CrewJob, jobId: number, during: (task: DoTask) => void): void;
  close(): void;
}

/** Does one task with what is left of a budget. */
export type DoTask = (task: unknown, allowance: Allowance | undefined) => Outcome<unknown>;

/** Handles the requests at a port. `open` makes a device of a model. */
export function serveTasks(open: (model: unknown) => Helping, port: NodePort, signal: Int32Array): void {
  const devices = new Map<number, Helping>();
  const models = new Map<number, unknown>();

  const post = (reply: TaskReply): void => {
    port.postMessage(reply);
    Atomics.add(signal, 0, 1);
    Atomics.notify(signal, 0);
  };

  port.on("message", ({ id, modelId, model, forget, job, jobId, tasks, allowance, next }: TaskRequest) => {
    if (forget !== undefined) {
      devices.get(forget)?.close();
      devices.delete(forget);
      models.delete(forget);
    }
    if (model !== undefined) models.set(modelId, model);
    let begun = Atomics.add(next, 0, 1);
    try {
      if (begun >= tasks.length) return;
      const device = devices.get(modelId) ?? open(models.get(modelId));
      devices.set(modelId, device);
      device.question(job, jobId, (work) => {
        for (; begun < tasks.length; begun = Atomics.add(next, 0, 1)) {
          const { energies, ...found } = work(tasks[begun], allowance);
          const outcome =
            "error" in found
              ? { energies, error: packError(found.error) }
              : { energies, result: found.result };
          post({ id, k: begun, outcome });
        }
      });
    } catch (error) {
      // A defect or a full memory of this thread is no answer. The calling thread does this task,
      // and the next request gets a new device.
      devices.get(modelId)?.close();
      devices.delete(modelId);
      post({ id, k: begun, outcome: { energies: 0, error: packError(new Error(String(error))) } });
    }
  });
}
