// One worker behind a small interface, in Node and in browsers. Node's worker_threads are taken
// from the process, so that bundlers for browsers see no import. Browsers use module workers and
// start them only from the page's own origin; a worker from another origin is started from a Blob
// that imports it. Where a page requires Trusted Types, addresses pass a policy of the library's own.

import { messageOf } from "../base/errors.js";
import { described } from "../base/wording.js";
import type { Reply, Request } from "./messages.js";

/** A worker of either kind. */
export interface WorkerHandle {
  post(request: Request): void;
  /** With `false` the process may end while the worker is idle (Node). */
  setBusy(busy: boolean): void;
  terminate(): Promise<void>;
}

/** Receives the events of a worker. */
export interface WorkerEvents {
  reply(reply: Reply): void;
  /** The worker has ended or is unusable. */
  failed(reason: string): void;
}

/** A port of worker_threads. */
export interface NodePort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (message: never) => void): void;
}

/** A worker of worker_threads. */
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  on(event: string, listener: (value: never) => void): void;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** The part of worker_threads that is used. */
export interface NodeThreads {
  Worker: new (url: URL, options: { name: string; execArgv: string[] }) => NodeWorker;
  MessageChannel: new () => { port1: NodePort; port2: NodePort };
  receiveMessageOnPort(port: NodePort): { message: unknown } | undefined;
}

/** Node's threads; undefined elsewhere. */
export function nodeThreads(): NodeThreads | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return host.process?.getBuiltinModule?.("node:worker_threads") as NodeThreads | undefined;
}

/**
 * Starts a worker from `url`, or from worker.js beside this file. Throws if the start cannot even
 * be attempted.
 */
export function spawnWorker(url: string | undefined, events: WorkerEvents): WorkerHandle {
  const threads = nodeThreads();
  return threads ? nodeWorker(threads, url, events) : webWorker(url, events);
}

/** Starts a worker of Node from `url`, or from worker.js beside this file. */
export function startNodeWorker(threads: NodeThreads, url: string | undefined): NodeWorker {
  // The address of this file in a constant: bundlers for browsers take an expression beside
  // `import.meta.url` for a file that they cannot find.
  const here = import.meta.url;
  // Some flags of the process, such as --input-type, keep a worker from starting.
  const options = { name: "nanopinwheel", execArgv: [] };
  return new threads.Worker(new URL(url ?? "./worker.js", here), options);
}

function nodeWorker(threads: NodeThreads, url: string | undefined, events: WorkerEvents): WorkerHandle {
  const worker = startNodeWorker(threads, url);
  worker.on("message", (reply: Reply) => events.reply(reply));
  worker.on("messageerror", () => events.failed("a message could not be read"));
  // Any exception of the worker arrives here, whether or not it is an Error.
  worker.on("error", (error: unknown) =>
    events.failed(error instanceof Error ? error.message : `${described(error)} was thrown in it`),
  );
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

function webWorker(url: string | undefined, events: WorkerEvents): WorkerHandle {
  if (typeof Worker === "undefined") throw new Error("this host has no workers");
  const address = url === undefined ? undefined : new URL(url, globalThis.location?.href);
  // The file beside this one. A separate constant for its address would make bundlers emit the
  // worker twice.
  const target = address?.href ?? import.meta.url.replace(/[^/]*$/, "worker.js");
  const policy = watchPolicy();
  let blob: string | undefined;
  const started = () => {
    policy.end();
    if (blob !== undefined) URL.revokeObjectURL(blob);
    blob = undefined;
  };
  const throughBlob = (): Worker => {
    blob = URL.createObjectURL(new Blob([`import ${JSON.stringify(target)};`], { type: "text/javascript" }));
    return moduleWorker(blob);
  };
  const start = (): Worker => {
    if (isForeign(target)) return throughBlob();
    try {
      // Bundlers recognise exactly this form, with the options written out.
      return address === undefined
        ? new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "nanopinwheel" })
        : moduleWorker(address.href);
    } catch (error) {
      if ((error as Error)?.name === "SecurityError") return throughBlob();
      if (address === undefined && error instanceof TypeError) return trustedWorker(target, error);
      throw error;
    }
  };
  let worker: Worker;
  try {
    worker = start();
  } catch (error) {
    started();
    throw error;
  }
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    started();
    events.reply(data);
  };
  worker.onmessageerror = () => events.failed("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault?.();
    const foreign = blob !== undefined;
    // The report of a policy arrives a moment after the failure.
    setTimeout(() => {
      const reason = policy.violation ?? (event.message || unloadable(target, foreign));
      started();
      events.failed(reason);
    }, POLICY_DELAY);
  };
  return {
    post: (request) => worker.postMessage(request),
    setBusy: () => {},
    terminate: async () => {
      started();
      worker.terminate();
    },
  };
}

function moduleWorker(address: string): Worker {
  try {
    return new Worker(address, { type: "module", name: "nanopinwheel" });
  } catch (error) {
    if (error instanceof TypeError) return trustedWorker(address, error);
    throw error;
  }
}

/** The part of the browser's Trusted Types that is used. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(address: string): string },
  ): { createScriptURL(address: string): URL };
}

let trust: ReturnType<TrustedTypes["createPolicy"]> | undefined;

/**
 * A worker on a page that requires Trusted Types, by a policy of the library's own. Throws `refusal`,
 * that of the plain address, where the page does not allow that.
 */
function trustedWorker(address: string, refusal: TypeError): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  if (!trustedTypes) throw refusal;
  try {
    trust ??= trustedTypes.createPolicy("nanopinwheel", { createScriptURL: (text) => text });
  } catch (error) {
    throw new Error(
      `${refusal.message} The page's content security policy has to name \`trusted-types nanopinwheel\` (${messageOf(error)})`,
    );
  }
  return new Worker(trust.createScriptURL(address), { type: "module", name: "nanopinwheel" });
}

/** Milliseconds within which a browser reports the policy that stopped a worker. */
const POLICY_DELAY = 50;

/** Whether an address has another origin than the page. */
function isForeign(address: string): boolean {
  const { protocol, origin } = new URL(address);
  return /^https?:$/.test(protocol) && origin !== globalThis.location?.origin;
}

const unloadable = (address: string, foreign: boolean): string =>
  `its file ${address} could not be loaded` +
  (foreign
    ? ": a file from another origin needs CORS headers of its server, and a page whose policy allows it"
    : "");

/** Listens for the content security policy that forbids a worker. */
function watchPolicy(): { readonly violation: string | undefined; end(): void } {
  const target: EventTarget | undefined = globalThis.document ?? globalThis;
  let violation: string | undefined;
  const listen = (event: Event) => {
    const { effectiveDirective, originalPolicy } = event as SecurityPolicyViolationEvent;
    if (!/worker-src|script-src|child-src|default-src/.test(effectiveDirective)) return;
    violation = `the page's content security policy forbids it (${effectiveDirective}; ${originalPolicy})`;
  };
  target?.addEventListener?.("securitypolicyviolation", listen);
  return {
    get violation() {
      return violation;
    },
    end: () => target?.removeEventListener?.("securitypolicyviolation", listen),
  };
}
