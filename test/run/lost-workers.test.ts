// Workers that are killed, fail, never start or cannot be made, lists that are none, callbacks that throw: one rejection with the true
// reason, nothing hangs, and the engine is usable afterwards. The built package, since its worker is a file of its own.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import type { Engine, EngineOptions, Model } from "../../src/index.js";

const dist = (name: string) => new URL(`../../dist/${name}`, import.meta.url).href;
const shipped: typeof import("../../src/index.js") = await import(dist("index.js"));
const { InputError } = shipped;

let engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines) await engine.close();
  engines = [];
});
async function load(options: EngineOptions): Promise<Engine> {
  const engine = await shipped.loadEngine(options);
  engines.push(engine);
  return engine;
}

const motor: Model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 24 } };
const question = { energy: -1.4, points: 16 };
/** More than a worker is done with before it is ended. */
const long = new Array(20_000).fill({ energy: -1.4 });

/** The package's worker, with a program of ours before it. */
const workerWith = (program: string) =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`import ${JSON.stringify(dist("worker.js"))};\n${program}`)}`,
  );

// biome-ignore lint/suspicious/noExplicitAny: whatever it is rejected with
const reason = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    (value) => {
      throw new Error(`not rejected: ${JSON.stringify(value)?.slice(0, 80)}`);
    },
    (given) => given,
  );

test("whatever is no list, and what progress throws, on any number of workers", async () => {
  const lists: [unknown, string][] = [
    [new Set([question]), "list"],
    [[question].values(), "list"],
    [{ length: 3 }, "list"],
    ["abc", "list"],
    [undefined, "list"],
    [new Array(3), "list[0]"],
    [[question, null], "list[1]"],
  ];
  for (const workers of [0, 2]) {
    const engine = await load({ workers });
    for (const [list, field] of lists) {
      const error = await reason(engine.map(motor, "pump", list as never));
      expect(error, `${workers} workers`).toBeInstanceOf(InputError);
      expect(error.field).toBe(field);
    }
    const mine = new Error("the window was closed");
    const progress = () => {
      throw mine;
    };
    // Another list goes on meanwhile.
    const other = engine.map(motor, "pump", new Array(20).fill(question));
    expect(await reason(engine.map(motor, "linearResponse", long.slice(0, 200), { progress }))).toBe(mine);
    expect(await other).toHaveLength(20);
    expect(await engine.map(motor, "pump", [question])).toHaveLength(1);
    // Closed by its own progress.
    const closing = engine.map(motor, "linearResponse", long, { progress: () => void engine.close() });
    expect((await reason(closing)).field).toBe("engine");
  }
});

test("workers that are killed from outside, or by an error of their own, reject the list they are at", async () => {
  const threads: { Worker: typeof Worker } = createRequire(import.meta.url)("node:worker_threads");
  const original = threads.Worker;
  const made: Worker[] = [];
  threads.Worker = class extends original {
    constructor(...given: ConstructorParameters<typeof Worker>) {
      super(...given);
      made.push(this);
    }
  };
  try {
    const engine = await load({ workers: 2 });
    const killed = reason(engine.map(motor, "linearResponse", long));
    const waiting = engine.map(motor, "pump", [question, question]);
    setTimeout(() => {
      for (const worker of made.slice()) void worker.terminate();
    }, 50);
    expect((await killed).message).toMatch(/stopped in the middle of a computation: it ended with code 1/);
    expect(await waiting).toHaveLength(2);
    // Killed while they rest.
    await Promise.all(made.map((worker) => worker.terminate()));
    expect(await engine.map(motor, "pump", [question])).toHaveLength(1);
  } finally {
    threads.Worker = original;
  }
  const folder = mkdtempSync(join(tmpdir(), "nanopinwheel-workers-"));
  for (const [end, said] of [
    ["throw new Error('out of luck')", /out of luck/],
    ["throw 7", /7/],
    ["process.exit(9)", /code 9/],
  ] as const) {
    // Only the first worker ends so, by a timer, which is heard between two batches.
    const flag = JSON.stringify(join(folder, encodeURIComponent(end)));
    const engine = await load({
      workers: 1,
      workerUrl: workerWith(
        `import { existsSync, writeFileSync } from "node:fs";
         if (!existsSync(${flag})) { writeFileSync(${flag}, ""); setTimeout(() => { ${end}; }, 300); }`,
      ),
    });
    const error = await reason(engine.map(motor, "linearResponse", long));
    expect(error.message).toMatch(/stopped in the middle of a computation/);
    expect(error.message).toMatch(said);
    expect(await engine.map(motor, "pump", [question])).toHaveLength(1);
  }
  rmSync(folder, { recursive: true });
});

test("workers that cannot be made or do not start say why", async () => {
  const silent = new URL("data:text/javascript,setInterval(() => {}, 1000)");
  for (const [workerUrl, said] of [
    ["http://[", /Invalid URL/],
    ["https://example.invalid/worker.js", /protocol|scheme/i],
    [new URL("./absent.js", import.meta.url), /Cannot find|absent/],
    [new URL("data:text/javascript,throw new Error('not today')"), /not today/],
    [new URL("data:text/javascript,process.exit(4)"), /code 4/],
  ] as const) {
    const error = await reason(shipped.loadEngine({ workers: 2, workerUrl }));
    expect(error).toBeInstanceOf(InputError);
    expect(error.field).toBe("workerUrl");
    expect(error.message).toMatch(/worker could not be used/);
    expect(error.message).toMatch(said);
  }
  const late = await reason(shipped.loadEngine({ workers: 2, workerUrl: silent, startTimeout: 200 }));
  expect(late).toBeInstanceOf(InputError);
  expect(late.message).toMatch(/did not start within 200 ms \(startTimeout\)/);
  // One that says what no worker of ours says.
  const babbling = workerWith("");
  babbling.href = `data:text/javascript,${encodeURIComponent(
    "import { parentPort } from 'node:worker_threads'; for (const m of [null, 3, {}, { type: 'no' }]) parentPort.postMessage(m); setInterval(() => {}, 1000);",
  )}`;
  expect(
    (await reason(shipped.loadEngine({ workers: 1, workerUrl: babbling, startTimeout: 300 }))).message,
  ).toMatch(/did not start/);
});

test("a model that was changed since the last list is another model", async () => {
  const model: Model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 12 } };
  const [pool, here] = [await load({ workers: 1 }), await load({ workers: 0 })];
  for (const sites of [12, 16, 12]) {
    (model.device as Record<string, unknown>).sites = sites;
    expect(await pool.map(model, "pump", [question])).toEqual(await here.map(model, "pump", [question]));
  }
  // A function in it is told apart from its absence, of which the text of a model says nothing.
  const cycle = () => ({ values: { x: 0, y: 0 }, derivatives: { x: 0, y: 0 } });
  expect((await reason(pool.map({ ...model, cycle }, "pump", [question]))).field).toBe("workers");
});
