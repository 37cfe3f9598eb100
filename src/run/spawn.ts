// One worker behind one small interface, in Node (worker_threads, taken from the process so that bundlers for browsers see no import of it)
// and in browsers (module workers).

import type { Reply, Request } from "./messages.js";

export interface WorkerHandle {
  post(request: Request): void;
  /** Lets the process end while the worker is idle (Node). */
  setBusy(busy: boolean): void;
  terminate(): Promise<void>;
}

/** What happens in a worker, for its owner. */
export interface WorkerEvents {
  reply(reply: Reply): void;
  /** The worker is gone or unusable. */
  failed(reason: string): void;
}

/** The part of worker_threads that is used. */
interface NodeThreads {
  Worker: new (
    url: URL,
    options: { name: string },
  ) => {
    postMessage(message: unknown): void;
    on(event: string, listener: (value: never) => void): void;
    ref(): void;
    unref(): void;
    terminate(): Promise<number>;
  };
}

function nodeThreads(): NodeThreads | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return host.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

/** Starts a worker from `url`, or from worker.js beside this file. Throws where the host has no workers. */
export function spawnWorker(url: string | URL | undefined, events: WorkerEvents): WorkerHandle {
  const threads = nodeThreads();
  if (threads) {
    const worker = new threads.Worker(new URL(url ?? "./worker.js", import.meta.url), {
      name: "nanopinwheel",
    });
    worker.on("message", (reply: Reply) => events.reply(reply));
    worker.on("error", (error: Error) => events.failed(error?.message ?? "unknown error"));
    worker.on("exit", (code: number) => events.failed(`it ended with code ${code}`));
    worker.unref();
    return {
      post: (request) => worker.postMessage(request),
      setBusy: (busy) => (busy ? worker.ref() : worker.unref()),
      terminate: async () => {
        await worker.terminate();
      },
    };
  }
  // Bundlers follow this very form.
  const worker =
    url === undefined
      ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "nanopinwheel" })
      : new Worker(url, { type: "module", name: "nanopinwheel" });
  worker.onmessage = ({ data }: MessageEvent<Reply>) => events.reply(data);
  worker.onmessageerror = () => events.failed("a message could not be read");
  worker.onerror = (event) => events.failed(event.message || "its file could not be loaded");
  return {
    post: (request) => worker.postMessage(request),
    setBusy: () => {},
    terminate: async () => worker.terminate(),
  };
}
