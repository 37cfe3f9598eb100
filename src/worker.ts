// Entry of a worker (dist/worker.js, a single file): instantiates the kernels that it receives and
// answers for devices, as a worker of the pool or as a helper of a crew. The port is that of
// worker_threads in Node, and the worker's global scope elsewhere. Errors at the start are reported,
// so that the calling thread does not wait for ever.

import { checkedQuestion, Device } from "./device/device.js";
import { openHelping } from "./device/helper.js";
import { type Build, Kernels } from "./engine/kernels.js";
import { type Answering, answering } from "./run/answer.js";
import { serveTasks } from "./run/helper.js";
import type { HelperStart, Reply, Request } from "./run/messages.js";
import type { NodePort } from "./run/spawn.js";

interface Port {
  postMessage(message: Reply): void;
  on(event: "message", listener: (request: Request) => void): void;
}

const host = globalThis as unknown as {
  process?: { getBuiltinModule?: (name: string) => { parentPort?: Port } };
  postMessage(message: Reply): void;
  onmessage: ((event: { data: Exclude<Request, HelperStart> }) => void) | null;
};

async function open(module: WebAssembly.Module, build: Build) {
  const kernels = await Kernels.start(module, build);
  return (model: unknown): Answering => {
    const device = Device.open(kernels, model);
    return {
      answer: (method, question) => {
        const result = device[checkedQuestion(method)](question as never);
        device.forgetMerges();
        return result;
      },
      close: () => device.close(),
    };
  };
}

async function help({ module, build, port, signal }: HelperStart): Promise<void> {
  const kernels = await Kernels.start(module, build);
  serveTasks((model) => openHelping(kernels, model), port as NodePort, signal);
}

const port = host.process?.getBuiltinModule?.("node:worker_threads").parentPort;
if (port) {
  const answer = answering(open, (message) => port.postMessage(message));
  port.on("message", (request) => (request.type === "help" ? help(request) : answer(request)));
} else {
  const answer = answering(open, (message) => host.postMessage(message));
  host.onmessage = ({ data }) => void answer(data);
}
