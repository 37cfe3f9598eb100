// The worker's side of the pool: makes devices from the models it receives and answers questions in
// batches. The entry file (src/worker.ts) defines the devices and knows how the host passes
// messages.

import { withIndex } from "../base/errors.js";
import type { Build } from "../engine/kernels.js";
import { type HelperStart, packError, type Reply, type Request } from "./messages.js";

/** A device as the pool sees it: a method by name. */
export interface Answering {
  answer(method: string, question: unknown): unknown;
  close(): void;
}

/**
 * Handles requests one by one. `open` instantiates the kernels and returns the function that makes
 * devices.
 */
export function answering(
  open: (module: WebAssembly.Module, build: Build) => Promise<(model: unknown) => Answering>,
  reply: (message: Reply) => void,
): (request: Exclude<Request, HelperStart>) => Promise<void> {
  let make: ((model: unknown) => Answering) | undefined;
  const models = new Map<number, unknown>();
  const devices = new Map<number, Answering>();

  const deviceOf = (id: number): Answering => {
    let device = devices.get(id);
    if (!device) {
      device = make!(models.get(id));
      devices.set(id, device);
    }
    return device;
  };

  const handle = async (request: Exclude<Request, HelperStart>): Promise<void> => {
    if (request.type === "start") {
      try {
        make = await open(request.module, request.build);
        reply({ type: "ready" });
      } catch (error) {
        reply({ type: "unable", reason: error instanceof Error ? error.message : String(error) });
      }
      return;
    }
    const { modelId, model, forget, method, first, questions } = request;
    if (forget !== undefined) {
      devices.get(forget)?.close();
      devices.delete(forget);
      models.delete(forget);
    }
    if (model !== undefined) models.set(modelId, model);
    const started = performance.now();
    const results: unknown[] = [];
    let failure: unknown;
    let failed = false;
    try {
      const device = deviceOf(modelId);
      for (const question of questions)
        results.push(withIndex(first + results.length, () => device.answer(method, question)));
    } catch (error) {
      failed = true;
      failure = error;
    }
    const milliseconds = performance.now() - started;
    try {
      reply({ type: "batch", milliseconds, results, failure: failed ? packError(failure) : undefined });
    } catch (error) {
      // A result contains something that cannot be sent. The batch is answered with this failure.
      reply({ type: "batch", milliseconds, results: [], failure: packError(new Error(String(error))) });
    }
  };

  // A batch may arrive before the kernels are instantiated.
  let last = Promise.resolve();
  return (request) => {
    last = last.then(() => handle(request));
    return last;
  };
}
