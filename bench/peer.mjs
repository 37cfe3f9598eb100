// A Python contender as a child process. It is asked once for its answer and many times for
// timings.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("peers/peer.py", import.meta.url));

/** The environment for one thread, in which OpenBLAS chooses the kernels of this processor. */
function peerEnvironment() {
  const { OPENBLAS_CORETYPE, OPENBLAS_L2_SIZE, ...rest } = process.env;
  return { ...rest, OPENBLAS_NUM_THREADS: "1", OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };
}

export class Peer {
  #child;
  #lines;

  constructor() {
    this.#child = spawn("python3", [script], { env: peerEnvironment(), stdio: ["pipe", "pipe", "pipe"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.error = "";
    this.#child.stderr.on("data", (text) => {
      this.error += text;
    });
    this.#child.stdin.on("error", () => {});
    this.#child.on("error", (error) => {
      this.error += error.message;
    });
  }

  /** Sends one JSON line and returns the next one received. */
  async ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the Python contender stopped: ${this.error.trim().split("\n").at(-1)}`);
    return JSON.parse(value);
  }

  close() {
    this.#child.stdin.end();
  }
}
