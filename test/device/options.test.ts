// Options of the library: whatever is no option, or holds what it cannot, is refused with its field; undefined counts as left out.

import { expect, test } from "vitest";
import { InputError, loadEngine, type Model } from "../../src/index.js";

const engine = await loadEngine();
const model: Model = {
  format: "nanopinwheel/1",
  device: { preset: "two-gate" },
  reservoirs: {
    left: { chemicalPotential: 0.1, temperature: 0.05 },
    right: { chemicalPotential: -0.1, temperature: 0.05 },
  },
};
const device = engine.device(model);

/** What a call of an unchecked program throws. */
function refusal(call: () => unknown, which = ""): InputError {
  try {
    call();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error(`not refused: ${which}`);
}

const grid = { parameters: ["x", "y"], first: [0.1], second: [0.2] };
const capacitances = { capacitances: { x: 1 } };
const simulated = { time: 1, rotor: { inertia: 20 }, trajectories: 2 };

/** Every question with the least it needs, and keys misspelt. */
const questions: [string, object, [wrong: string, right: string][]][] = [
  [
    "scatter",
    {},
    [
      ["att", "at"],
      ["At", "at"],
      ["energie", "energy"],
    ],
  ],
  [
    "scatteringMatrix",
    {},
    [
      ["att", "at"],
      ["Energy", "energy"],
    ],
  ],
  [
    "pump",
    { points: 8 },
    [
      ["tolerence", "tolerance"],
      ["cycel", "cycle"],
      ["point", "points"],
      ["bugdet", "budget"],
    ],
  ],
  [
    "linearResponse",
    { points: 8 },
    [
      ["tolerence", "tolerance"],
      ["energgy", "energy"],
    ],
  ],
  [
    "curvature",
    grid,
    [
      ["paramters", "parameters"],
      ["frist", "first"],
      ["secnd", "second"],
    ],
  ],
  [
    "rectified",
    capacitances,
    [
      ["capacitance", "capacitances"],
      ["resistence", "resistance"],
    ],
  ],
  [
    "forces",
    {},
    [
      ["reservoir", "reservoirs"],
      ["dephassing", "dephasing"],
      ["tolerence", "tolerance"],
    ],
  ],
  [
    "turnCurve",
    {},
    [
      ["biass", "bias"],
      ["Rotor", "rotor"],
      ["progres", "progress"],
    ],
  ],
  [
    "motor",
    {},
    [
      ["laod", "load"],
      ["tolerence", "tolerance"],
    ],
  ],
  [
    "simulate",
    simulated,
    [
      ["trajectory", "trajectories"],
      ["sed", "seed"],
      ["temprature", "temperature"],
      ["setp", "step"],
    ],
  ],
];
const ask = (name: string, question?: unknown) =>
  (device as unknown as Record<string, (question?: unknown) => unknown>)[name](question);

test("misspelt keys of every question are refused with the right one", () => {
  expect.hasAssertions();
  for (const [name, least, pairs] of questions)
    for (const [wrong, right] of pairs) {
      const error = refusal(() => ask(name, { ...least, [wrong]: 1 }));
      expect(error.field, `${name}: ${wrong}`).toBe(wrong);
      expect(error.message, `${name}: ${wrong}`).toContain(`Did you mean "${right}"?`);
    }
});

test("what is no object of options is refused by every question", () => {
  expect.hasAssertions();
  const others = [
    null,
    0.3,
    "x=0.3",
    true,
    [],
    [1],
    new Map([["energy", 1]]),
    new Set(),
    new Date(0),
    () => {},
    Symbol("s"),
    3n,
    new Float64Array(2),
    Promise.resolve({}),
  ];
  for (const [name] of questions)
    for (const other of others) {
      const error = refusal(() => ask(name, other));
      expect(error.field, `${name}(${String(other)})`).toBe("question");
      expect(error.message).not.toMatch(/\[object|undefined/);
    }
});

test("values of every key are checked, and undefined counts as left out", () => {
  const wrong: Record<string, unknown[]> = {
    energy: [null, "0", Number.NaN, Number.POSITIVE_INFINITY, [0], {}, 0n, new Date(0)],
    at: [
      null,
      3,
      "x=0.3",
      [0.3],
      new Map([["x", 0.3]]),
      new Set(["x"]),
      { x: "0.3" },
      { x: null },
      { z: 1 },
      { X: 1 },
    ],
    tolerance: [null, "1e-3", 0, 1, -1, 2, Number.NaN, [1e-3], true],
    points: [null, "8", 1, 2.5, Number.NaN],
    budget: [null, "8", 0, 2.5, Number.NaN],
    cycle: [null, 3, "x", [], new Map(), { x: 3 }, { x: { mean: "1" } }, { x: { meen: 1 } }],
    reservoirs: [
      null,
      3,
      [],
      new Map([["left", {}]]),
      { left: null },
      { left: 0.1 },
      { lefft: { chemicalPotential: 1 } },
      { left: { chemicalPotential: "1" } },
      { left: { mu: 1 } },
    ],
    dephasing: [null, "volt", 1, ["voltage"], {}],
    bias: [null, "0.1", Number.NaN],
    load: [null, "0.1", Number.NaN],
    rotor: [null, 3, [], new Map(), { inertia: "heavy" }, { Inertia: 3 }, { friction: -1 }],
    progress: [null, 3, {}, "done"],
    parameters: [null, "xy", ["x"], ["x", "x"], ["x", "z"], [1, 2], { 0: "x", 1: "y", length: 2 }],
    first: [null, 3, [], ["0"], [Number.NaN], new Set([1]), { length: 2 }],
    capacitances: [null, 3, [1], new Map(), { z: 1 }, { x: "1" }],
    resistance: [null, "1", Number.NaN],
    time: [null, "5", 0, -1, Number.POSITIVE_INFINITY],
    burnIn: [null, "1", -1, Number.NaN],
    seed: [null, "1", 1.5, -1],
    trajectories: [null, "64", 1, 2.5],
    paths: [null, "1", -1],
    step: [null, "1", 0],
    temperature: [null, "1", -1],
  };
  const asked = new Set<string>();
  for (const [name, least] of questions) {
    // The keys that the question itself says it knows.
    const known = refusal(() => ask(name, { "": 1 }))
      .expected.match(/"(\w+)"/g)!
      .map((key) => key.slice(1, -1));
    for (const key of known) {
      asked.add(key);
      for (const value of wrong[key === "second" ? "first" : key]) {
        const error = refusal(() => ask(name, { ...least, [key]: value }), `${name} ${key} ${String(value)}`);
        expect(
          error.field.startsWith(key) || error.field.includes(`.${key}`),
          `${name}: ${key}: ${error.message}`,
        ).toBe(true);
        expect(error.message).not.toMatch(/\[object|undefined/);
      }
    }
    const empty = Object.fromEntries(known.map((key) => [key, undefined]));
    if (!["turnCurve", "motor", "simulate"].includes(name))
      expect(ask(name, { ...empty, ...least }), name).toEqual(ask(name, least));
    for (const key of Object.keys(least))
      if (["curvature", "rectified"].includes(name)) {
        const error = refusal(() => ask(name, { ...least, [key]: undefined }));
        expect(error.message, name).toMatch(/this key is missing/);
        expect(error.field, name).toBe(key);
      }
  }
  expect([...asked].sort()).toEqual([...Object.keys(wrong), "second"].sort());
});

test("inherited keys count, getters are read once and may fail, and the caller's object is never changed", () => {
  const at = { x: 0.3, y: 0.2 };
  const expected = device.scatter({ energy: 0.1, at });
  expect(device.scatter(Object.create({ energy: 0.1, at }))).toEqual(expected);
  expect(device.scatter(Object.assign(Object.create(null), { energy: 0.1, at }))).toEqual(expected);
  class Question {
    reads = 0;
    at = at;
    get energy() {
      this.reads++;
      return 0.1;
    }
  }
  const question = new Question();
  expect(refusal(() => device.scatter(question)).field).toBe("reads");
  const getter = {
    at,
    get energy(): number {
      throw new Error("no energy today");
    },
  };
  const failed = refusal(() => device.scatter(getter));
  expect(failed.field).toBe("energy");
  expect(failed.found).toContain("no energy today");
  expect(refusal(() => device.scatter(Object.create({ energie: 0.1 }))).field).toBe("energie");
  const still = Object.freeze({ energy: 0.1, at: Object.freeze({ ...at }) });
  expect(device.scatter(still)).toEqual(expected);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(refusal(() => device.scatter(proxy)).field).toBe("question");
});

test("options of the engine and of map", async () => {
  const load = (options: unknown) => (loadEngine as (options: unknown) => Promise<unknown>)(options);
  for (const [options, field, near] of [
    [{ worker: 2 }, "worker", "workers"],
    [{ build: "simdd" }, "build", "simd"],
    [{ workersUrl: "x" }, "workersUrl", "workerUrl"],
    [{ startTimeOut: 1 }, "startTimeOut", "startTimeout"],
    [{ reproducable: true }, "reproducable", "reproducible"],
    [{ workers: "2" }, "workers", undefined],
    [{ workers: 1.5 }, "workers", undefined],
    [{ reproducible: "no" }, "reproducible", undefined],
    [{ workerUrl: 3 }, "workerUrl", undefined],
    [{ startTimeout: 0 }, "startTimeout", undefined],
    [{ startTimeout: 1e12 }, "startTimeout", undefined],
    [null, "options", undefined],
    [2, "options", undefined],
    [new Map(), "options", undefined],
  ] as const) {
    const error = await load(options).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error.field).toBe(field);
    if (near) expect(error.message).toContain(`Did you mean "${near}"?`);
  }
  await load({ workers: undefined, build: undefined });
  const map = (...given: unknown[]) =>
    (engine.map as (...given: unknown[]) => Promise<unknown>)(model, ...given);
  for (const [given, field] of [
    [["scater", []], "question"],
    [[null, []], "question"],
    [["scatter", [], { progres: () => {} }], "progres"],
    [["scatter", [], { progress: 3 }], "progress"],
    [["scatter", [], { signal: {} }], "signal"],
    [["scatter", [], null], "options"],
    [["scatter", [null]], "list[0]"],
    [["scatter", [{}, 3]], "list[1]"],
    [["scatter", new Array(2)], "list[0]"],
    [["scatter", [{ att: {} }]], "att"],
  ] as const) {
    const error = await map(...given).then(
      () => undefined,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error.field).toBe(field);
  }
});
