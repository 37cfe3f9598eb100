// The crew of the built package: questions of one device on any number of threads have the same bits, errors and known parts; helpers that
// end, fail or never start change nothing.

import { afterEach, expect, test } from "vitest";
import type { Engine, EngineOptions, Model, MotorQuestion } from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";
import { withGeneralLeads } from "../twins/random-leads.js";
import { allTests, chosen } from "../twins/seeds.js";

const dist = (name: string) => new URL(`../../dist/${name}`, import.meta.url).href;
const shipped: typeof import("../../src/index.js") = await import(dist("index.js"));
const { InputError, NumericalError } = shipped;

let engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines) await engine.close();
  engines = [];
});

/** A worker file of this program. */
const program = (text: string) => new URL(`data:text/javascript,${encodeURIComponent(text)}`);
/** The package's worker, with a program of ours before it. */
const workerWith = (text: string) => program(`${text}\nawait import(${JSON.stringify(dist("worker.js"))});`);

const motor: Model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 40 } };
const warm = {
  left: { chemicalPotential: -1.4, temperature: 0.02 },
  right: { chemicalPotential: -1.45, temperature: 0.02 },
};

/** Engines whose helpers have started, one for each of the options: they do so once questions have taken a while. */
async function withHelpers(workers: number, ...options: EngineOptions[]): Promise<Engine[]> {
  const started: Engine[] = [];
  for (const one of options) {
    const engine = await shipped.loadEngine({ workers, ...one });
    engines.push(engine);
    started.push(engine);
    const device = engine.device(motor);
    const begun = performance.now();
    try {
      for (let k = 0; performance.now() - begun < 500; k++)
        device.motor({ reservoirs: warm, load: 1e-4 * k });
    } catch (error) {
      // The error that a helper makes up may end the question that starts it.
      if (!(error instanceof InputError || error instanceof NumericalError)) throw error;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return started;
}

/** A result as text, or its error with what is known. */
function textOf(ask: () => unknown): string {
  let result: unknown;
  try {
    result = ask();
  } catch (error) {
    result = { ...(error as object), name: (error as Error).name, message: (error as Error).message };
  }
  return JSON.stringify(result, (_, value) =>
    ArrayBuffer.isView(value) ? [...(value as Float64Array)] : value,
  );
}

const complex = randomModel(4, {
  orbitals: 3,
  leads: 3,
  kinds: ["scalar", "orbitals"],
  real: false,
  parameters: 2,
});
const periodic = withGeneralLeads(
  randomModel(2, { orbitals: 3, leads: 2, kinds: ["periodic"], parameters: 2 }),
  2,
);
const probed = randomModel(3, { orbitals: 3, leads: 2, kinds: ["scalar", "probe"], parameters: 2 });
const questions: [string, Model, MotorQuestion][] = [
  ["a warm chain", motor, { reservoirs: warm }],
  ["a cold chain", motor, { bias: 0.05 }],
  ["a complex H with three leads", complex, { tolerance: 1e-5 }],
  ...(allTests ? [["periodic leads", periodic, { tolerance: 1e-2 }] as [string, Model, MotorQuestion]] : []),
  ["a voltage probe", probed, { tolerance: 1e-3 }],
  ["a given S", { format: "nanopinwheel/1", device: { preset: "dirac" } }, { tolerance: 1e-6 }],
  [
    "H as a function of a preset",
    { format: "nanopinwheel/1", device: { preset: "wheel", sites: 12 } },
    { tolerance: 1e-4 },
  ],
  [
    "a cycle as a function",
    motor,
    {
      cycle: (t) =>
        ({
          values: { x: Math.cos(t), y: Math.sin(t) },
          derivatives: { x: -Math.sin(t), y: Math.cos(t) },
        }) as never,
    },
  ],
  ...[40, 700, 2000, 4000].map((budget): [string, Model, MotorQuestion] => [
    `a budget of ${budget}`,
    complex,
    { budget, tolerance: 1e-5 },
  ]),
];

test("the same bits, errors and known parts with any number of workers", async () => {
  const alone = await shipped.loadEngine();
  engines.push(alone);
  const expected = questions.map(([, model, question]) => textOf(() => alone.device(model).motor(question)));
  const spent = expected.filter((text) => text.includes("budget of"));
  expect(spent.length).toBeGreaterThan(1);
  expect(expected.filter((text) => text.includes('"known":{"theta"')).length).toBeGreaterThan(0);
  expect(expected.filter((text) => text.includes('"workPerTurn"')).length).toBeGreaterThan(5);
  for (const workers of chosen([3, 1, 2], 1)) {
    const [engine] = await withHelpers(workers, {});
    for (const [k, [name, model, question]] of questions.entries())
      expect(
        textOf(() => engine.device(model).motor(question)),
        `${name}, ${workers} workers`,
      ).toBe(expected[k]);
    const path = { time: 50, trajectories: 4 };
    expect(textOf(() => engine.device(motor).simulate(path))).toBe(
      textOf(() => alone.device(motor).simulate(path)),
    );
  }
});

/** Counts the replies of helpers, which are on a channel of their own. */
function countedReplies(): { worker: URL; count: () => Promise<number>; end(): void } {
  const name = `crew ${Math.random()}`;
  const channel = new BroadcastChannel(name);
  let replies = 0;
  channel.onmessage = () => replies++;
  const worker = workerWith(
    `const channel = new BroadcastChannel(${JSON.stringify(name)});
     channel.unref();
     const notify = Atomics.notify;
     Atomics.notify = (...given) => { channel.postMessage(0); return notify(...given); };`,
  );
  return {
    worker,
    count: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return replies;
    },
    end: () => channel.close(),
  };
}

test("helpers do a part of the tasks, and progress counts all", async () => {
  const { worker, count, end } = countedReplies();
  const [engine] = await withHelpers(2, { workerUrl: worker });
  const before = await count();
  const reports: number[] = [];
  const result = engine.device(complex).motor({ tolerance: 1e-6, progress: (done) => reports.push(done) });
  const by = (await count()) - before;
  end();
  expect(by).toBeGreaterThan(3);
  expect(by).toBeLessThan(reports.at(-1)!);
  expect(reports).toEqual([...reports].sort((a, b) => a - b));
  expect(reports.at(-1)).toBeGreaterThanOrEqual(result.curve.theta.length / 2);
});

test("a helper that ends in the middle: its points are computed again", async () => {
  const alone = await shipped.loadEngine();
  engines.push(alone);
  const expected = textOf(() => alone.device(complex).motor({ tolerance: 1e-5 }));
  // The thread ends after it has taken its fortieth task.
  const [engine] = await withHelpers(2, {
    workerUrl: workerWith(
      `let left = 40;
       const add = Atomics.add;
       Atomics.add = (list, at, by) => { if (list.length === 1 && --left === 0) process.exit(1); return add(list, at, by); };`,
    ),
  });
  for (let k = 0; k < 3; k++)
    expect(textOf(() => engine.device(complex).motor({ tolerance: 1e-5 }))).toBe(expected);
});

test("a helper that never answers, and one that cannot start", async () => {
  const ready = `const { parentPort } = process.getBuiltinModule("node:worker_threads");
    parentPort.on("message", ({ type }) => { if (type === "start") parentPort.postMessage({ type: "ready" }); else HELP });`;
  const helps = ["process.exit()", "{ throw new Error('no') }", "undefined"];
  const options = helps.map((help) => ({ workerUrl: program(ready.replace("HELP", help)) }));
  const alone = await shipped.loadEngine();
  engines.push(alone);
  const ask = (one: Engine) => textOf(() => one.device(complex).motor({ tolerance: 1e-5 }));
  const expected = ask(alone);
  for (const [k, engine] of (await withHelpers(2, ...options)).entries())
    expect(ask(engine), helps[k]).toBe(expected);
});

test("errors of a helper's tasks arrive as themselves, and defects are computed again", async () => {
  /** Helpers that answer every task with an error. */
  const failing = (error: object) =>
    program(
      `const { parentPort } = process.getBuiltinModule("node:worker_threads");
       parentPort.on("message", ({ type, port, signal }) => {
         if (type === "start") return parentPort.postMessage({ type: "ready" });
         port.on("message", ({ id, tasks, next }) => {
           for (let k = Atomics.add(next, 0, 1); k < tasks.length; k = Atomics.add(next, 0, 1)) {
             port.postMessage({ id, k, outcome: { energies: 3, error: ${JSON.stringify(error)} } });
             Atomics.add(signal, 0, 1);
             Atomics.notify(signal, 0);
           }
         });
       });`,
    );
  const thrown = (engine: Engine): Record<string, unknown> => {
    try {
      engine.device(complex).motor({ tolerance: 1e-5 });
    } catch (error) {
      return error as Record<string, unknown>;
    }
    throw new Error("no error");
  };
  const fields = { field: "x", expected: "y", found: "z" };
  const [one, another, defect] = await withHelpers(
    2,
    { workerUrl: failing({ name: "InputError", message: "made up", fields }) },
    { workerUrl: failing({ name: "NumericalError", message: "made up", fields: { energy: 3 } }) },
    { workerUrl: failing({ name: "RangeError", message: "out of memory", fields: {} }) },
  );
  const input = thrown(one);
  expect(input).toBeInstanceOf(InputError);
  expect(input).toMatchObject({ message: "made up", ...fields });
  const numerical = thrown(another);
  expect(numerical).toBeInstanceOf(NumericalError);
  expect(numerical.energy).toBe(3);
  const alone = await shipped.loadEngine();
  engines.push(alone);
  const ask = (one: Engine) => textOf(() => one.device(complex).motor({ tolerance: 1e-5 }));
  expect(ask(defect)).toBe(ask(alone));
});

test("a question within another, by a callback", async () => {
  const [engine] = await withHelpers(2, {});
  const device = engine.device(complex);
  const inner: string[] = [];
  const outer = textOf(() =>
    device.motor({
      tolerance: 1e-5,
      progress: (done) => {
        if (done === 5) inner.push(textOf(() => device.turnCurve({ tolerance: 1e-4 })));
      },
    }),
  );
  const alone = await shipped.loadEngine();
  engines.push(alone);
  expect(outer).toBe(textOf(() => alone.device(complex).motor({ tolerance: 1e-5 })));
  expect(inner).toEqual([textOf(() => alone.device(complex).turnCurve({ tolerance: 1e-4 }))]);
});
