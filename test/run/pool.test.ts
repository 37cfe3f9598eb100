// The pool of the built package: the same bits on any number of workers, order, errors, cancellation, and no worker left behind.
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { afterAll, afterEach, expect, test } from "vitest";
import type { Engine, Model, QuestionName, Triplet } from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";
import { chosen } from "../twins/seeds.js";

// The package as it is shipped: its worker is a file of its own.
const shipped: typeof import("../../src/index.js") = await import(
  new URL("../../dist/index.js", import.meta.url).href
);
const { InputError, NumericalError } = shipped;

let engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines) await engine.close();
  engines = [];
});

async function withWorkers(workers: number): Promise<Engine> {
  const engine = await shipped.loadEngine({ workers });
  engines.push(engine);
  return engine;
}

/** Workers of this file that have not ended, counted at the place where the package takes them from. */
const threads: { Worker: typeof Worker } = createRequire(import.meta.url)("node:worker_threads");
const original = threads.Worker;
const alive = new Set<Worker>();
threads.Worker = class extends original {
  constructor(...given: ConstructorParameters<typeof Worker>) {
    super(...given);
    alive.add(this);
    this.once("exit", () => alive.delete(this));
  }
};
afterAll(() => {
  threads.Worker = original;
});

const motor: Model = { format: "nanopinwheel/1", device: { preset: "thouless", sites: 24 } };
const anyDevice = randomModel(11, { orbitals: 6, leads: 3, kinds: ["scalar", "chain", "orbitals"] });
const names = Object.keys(anyDevice.device.parameters as object);

const noisy = { bias: 0.1, rotor: { inertia: 20 }, time: 50, trajectories: 4, tolerance: 1e-5 };

const tasks: [QuestionName, Model, object[]][] = [
  [
    "scatter",
    anyDevice,
    Array.from({ length: 60 }, (_, k) => ({ energy: Math.sin(k), at: { [names[0]]: 0.1 * k } })),
  ],
  ["pump", motor, Array.from({ length: 25 }, (_, k) => ({ energy: -1.4 + 0.01 * k }))],
  ["pump", anyDevice, Array.from({ length: 12 }, (_, k) => ({ energy: 0.1 * k, points: 8 + 2 * k }))],
  ["linearResponse", motor, Array.from({ length: 9 }, (_, k) => ({ energy: -1.5 + 0.02 * k, points: 32 }))],
  [
    "forces",
    anyDevice,
    Array.from({ length: 10 }, (_, k) => ({ at: { [names[0]]: 0.2 * k }, tolerance: 1e-5 })),
  ],
  ["scatteringMatrix", anyDevice, Array.from({ length: 20 }, (_, k) => ({ energy: Math.sin(k) }))],
  ["motor", motor, [0.05, 0.1].map((bias) => ({ bias, tolerance: 1e-5 }))],
  ["turnCurve", motor, [0.05, 0.1, 0.15].map((bias) => ({ bias, tolerance: 1e-5 }))],
  ["simulate", motor, [1, 2, 3].map((seed) => ({ ...noisy, seed }))],
  [
    "rectified",
    motor,
    [
      { capacitances: { x: 1 }, points: 16 },
      { capacitances: { y: 1 }, points: 16 },
    ],
  ],
  ["curvature", motor, [{ parameters: ["x", "y"], first: [0.1, 0.2], second: [0.3] }]],
];

test("answers have the same bits, in the same order, on any number of workers", {
  timeout: 120_000,
}, async () => {
  const answers: unknown[][][] = [];
  for (const workers of chosen([0, 3, 1, 2, 7], 2)) {
    const pool = await withWorkers(workers);
    expect(pool.workers).toBe(workers);
    // All lists at once: their batches mix on the workers.
    answers.push(
      (await Promise.all(tasks.map(([name, model, list]) => pool.map(model, name, list)))) as unknown[][],
    );
    await pool.close();
  }
  for (const other of answers.slice(1)) expect(other).toEqual(answers[0]);
  // Any answer can be written as JSON, as if the device had given it here.
  const texts = answers.map((lists) => JSON.stringify(lists));
  expect(texts[0]).not.toContain('{"0":');
  expect(new Set(texts).size).toBe(1);
  expect(answers[0].map((list) => list.length)).toEqual(tasks.map(([, , list]) => list.length));
});

test("a singular point in between changes no later bit", async () => {
  // At E = 0 the first slices eliminated are singular: slices are merged.
  const model: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 6,
      hamiltonian: [
        [0, 1, 1],
        [1, 2, 0.9],
        [0, 3, 0.7],
        [3, 4, 0.4],
        [4, 5, 1.1],
        [2, 5, 0.8],
      ] as Triplet[],
      parameters: { x: [[0, 0, 1]] as Triplet[] },
      leads: [{ name: "left", kind: "wideband", orbitals: [2], width: 1 }],
    },
  };
  const list = [0.3, 0, 0.3, 0, -0.7].map((energy) => ({ energy }));
  const pool = await withWorkers(1);
  const [before, , after] = await pool.map(model, "scatter", list);
  expect(after).toEqual(before);
  expect(await (await withWorkers(0)).map(model, "scatter", list)).toEqual(
    await pool.map(model, "scatter", list),
  );
});

test("the error is that of the first question that fails, with its class and fields", async () => {
  const pool = await withWorkers(2);
  const list = Array.from({ length: 40 }, (_, k) =>
    k === 17 || k > 22 ? { energy: Number.NaN } : { energy: -1.4 },
  );
  list[17] = { at: { nowhere: 1 } } as never;
  const error = await pool.map(motor, "scatter", list).catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error.field).toBe("at.nowhere");
  expect(error.message).toMatch(/unknown parameter/);
  expect(error.index).toBe(17);
  const here = await (await withWorkers(0)).map(motor, "scatter", list).catch((reason) => reason);
  expect([here.message, here.index]).toEqual([error.message, 17]);
  // A bound state that no lead broadens.
  const dark: Model = {
    format: "nanopinwheel/1",
    device: {
      orbitals: 3,
      hamiltonian: [
        [0, 1, 1],
        [0, 2, -1],
      ],
      parameters: { x: [[0, 0, 1]] as Triplet[] },
      leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
    },
    cycle: { x: { cos: [0.1] } },
  };
  const singular = await pool
    .map(dark, "pump", [
      { energy: 0.5, points: 8 },
      { energy: 0, points: 8 },
    ])
    .catch((reason) => reason);
  expect(singular).toBeInstanceOf(NumericalError);
  expect(singular.energy).toBe(0);
  expect(singular.index).toBe(1);
  expect(singular.causes.length).toBeGreaterThan(0);
  const wrong = await pool.map({ format: "nanopinwheel/1" }, "pump", [{}]).catch((reason) => reason);
  expect(wrong).toBeInstanceOf(InputError);
  expect("index" in wrong).toBe(false);
  // The pool is as good as before.
  expect(await pool.map(motor, "scatter", [{ energy: -1.4 }])).toHaveLength(1);
});

test("the curves of a turn come from a worker as curves", async () => {
  const pool = await withWorkers(1);
  const [there] = await pool.map(motor, "turnCurve", [{ bias: 0.1, tolerance: 1e-5 }]);
  const [here] = await (await withWorkers(0)).map(motor, "turnCurve", [{ bias: 0.1, tolerance: 1e-5 }]);
  expect(there.torque.value(0.3)).toBe(here.torque.value(0.3));
  const rotor = { inertia: 20 };
  expect(shipped.steadyStates({ curve: there, rotor })).toEqual(shipped.steadyStates({ curve: here, rotor }));
  const progress = () => {};
  const refused = await pool.map(motor, "turnCurve", [{ progress }]).catch((reason) => reason);
  expect([refused.name, refused.field]).toEqual(["InputError", "workers"]);
});

test("what cannot go to another thread is refused by name", async () => {
  const pool = await withWorkers(1);
  const cycle = () => ({ values: { x: 0 }, derivatives: { x: 0 } });
  const error = await pool.map(motor, "pump", [{ cycle }]).catch((reason) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect(error.field).toBe("workers");
  const here = await withWorkers(0);
  await expect(here.map(motor, "pump", [{ cycle, points: 8 }])).resolves.toHaveLength(1);
  for (const name of ["close", "forgetMerges", "model", "simulation", "", "__proto__", 3, undefined, {}]) {
    const wrong = await here.map(motor, name as "pump", [{}]).catch((reason) => reason);
    expect([wrong.name, wrong.field]).toEqual(["InputError", "question"]);
    expect(wrong.message).toContain('"simulate"');
  }
  await expect(shipped.loadEngine({ workers: -1 })).rejects.toThrow(/workers/);
});

test("an abort is obeyed at once, and the pool goes on", async () => {
  for (const workers of [0, 2]) {
    const pool = await withWorkers(workers);
    const stop = new AbortController();
    const list = new Array(20_000).fill({ energy: -1.4, tolerance: 1e-10 });
    let seen = 0;
    const started = performance.now();
    const run = pool.map(motor, "linearResponse", list, {
      signal: stop.signal,
      progress: (done, total) => {
        seen = done;
        expect(total).toBe(list.length);
        if (done > 3) stop.abort(new Error("enough"));
      },
    });
    await expect(run).rejects.toThrow("enough");
    expect(seen).toBeGreaterThan(3);
    expect(seen).toBeLessThan(list.length);
    expect(performance.now() - started).toBeLessThan(20_000);
    await expect(pool.map(motor, "pump", [{ points: 8 }], { signal: stop.signal })).rejects.toThrow("enough");
    expect(await pool.map(motor, "pump", [{ points: 8 }, { points: 10 }])).toHaveLength(2);
    await pool.close();
    expect(alive.size).toBe(0);
  }
});

test("no worker outlives the engine's close", async () => {
  const pool = await withWorkers(3);
  expect(alive.size).toBe(3);
  const running = pool.map(motor, "linearResponse", new Array(5000).fill({ energy: -1.4 }));
  const rejected = expect(running).rejects.toThrow(/closed/);
  await pool.close();
  await rejected;
  await expect(pool.map(motor, "pump", [{}])).rejects.toThrow(/closed/);
  expect(alive.size).toBe(0);
});

test("idle workers do not keep the process alive; a worker file that cannot start is an error, not a wait", async () => {
  const script = `
    const { loadEngine } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    const engine = await loadEngine({ workers: 2 });
    const [result] = await engine.map(${JSON.stringify(motor)}, "pump", [{ energy: -1.4, points: 16 }]);
    console.log(Object.keys(result.charge).join());`;
  const host = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), { stdout: true });
  let output = "";
  host.stdout.on("data", (text) => {
    output += text;
  });
  const code = await new Promise((resolve) => host.on("exit", resolve));
  expect(code).toBe(0);
  expect(output.trim()).toBe("left,right");
  await expect(
    shipped.loadEngine({ workers: 1, workerUrl: new URL("./absent.js", import.meta.url) }),
  ).rejects.toThrow(/worker could not be used/);
});

test("many models pass through a worker that keeps few", async () => {
  const pool = await withWorkers(1);
  const models = Array.from(
    { length: 7 },
    (_, k): Model => ({
      format: "nanopinwheel/1",
      device: { preset: "thouless", sites: 8 + k },
    }),
  );
  const round = () =>
    Promise.all(models.map((model) => pool.map(model, "pump", [{ energy: -1.4, points: 16 }])));
  const first = await round();
  expect(await round()).toEqual(first);
  const here = await withWorkers(0);
  expect(
    await Promise.all(models.map((model) => here.map(model, "pump", [{ energy: -1.4, points: 16 }]))),
  ).toEqual(first);
});
