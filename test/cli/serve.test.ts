// No line ends `serve`, whatever it holds: each is answered, a wrong one by an error, and the next one gets its right answer.

import { expect, test } from "vitest";
import { loadEngine, type QuestionName } from "../../src/index.js";
import { errorDocument } from "../../src/report/error-document.js";
import { spawned } from "./command.js";

const deep = (text: string, depth = 100_000) => text.repeat(depth);

const wrong: [line: string | Buffer, error: object][] = [
  ['{"at":{"x":1e308}}', { field: "at.x", found: "1e+308" }],
  ['{"reservoirs":{"left":{"chemicalPotential":1e308}}}', { field: "reservoirs.left.chemicalPotential" }],
  ['{"at":{"x":1e999}}', { field: "at.x", found: "Infinity" }],
  ['{"at":{"x":"1"}}', { field: "at.x", found: '"1"' }],
  ['{"at":[1]}', { field: "at" }],
  ['{"at":{"__proto__":1}}', { field: "at.__proto__" }],
  ['{"__proto__":{"x":1}}', { field: "__proto__" }],
  ['{"reservoirs":{"__proto__":{"chemicalPotential":0}}}', { field: "reservoirs" }],
  ['{"reservoirs":null}', { field: "reservoirs" }],
  ['{"tolerance":"1e-8"}', { field: "tolerance" }],
  [
    '{"tolerence":1e-8}',
    { field: "tolerence", message: expect.stringContaining('Did you mean "tolerance"?') },
  ],
  ["null", { field: "request", found: "null" }],
  ["[]", { field: "request" }],
  [deep("["), { field: "request", message: expect.stringContaining("truncated at line 1, column 100001") }],
  [`{"at":${deep("[")}${deep("]")}}`, { field: "at" }],
  [`{"id":${deep("[")}${deep("]")}}`, { field: "id" }],
  [`{"id":"${"i".repeat(300)}"}`, { field: "id" }],
  [`{"a":"${"x".repeat(12_000_000)}`, { field: "request" }],
  [`{"${"k".repeat(1_000_000)}":1}`, { found: `"${"k".repeat(40)}..."` }],
  [Buffer.from([0xff, 0xfe, 0, 0x80]), { field: "request", found: "bytes that are no UTF-8" }],
  ["\u0000\u0001", { field: "request" }],
  ['{"at":{"\u202Ex":1}}', { found: '"\\u202ex"' }],
  ["y".repeat(2 ** 26 + 1), { field: "request", found: "more" }],
];

test("every line is answered in its order, and the last needs no end", () => {
  const right = '{"at":{"x":0.25},"tolerance":1e-6}';
  const blank = ["", "  ", "\r"];
  const lines = [...wrong.flatMap(([line]) => [line, right]), ...blank, `\uFEFF${right}\r`, right];
  const input = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from("\n")])).subarray(
    0,
    -1,
  );
  const { status, stdout, stderr } = spawned(["serve", "--preset", "resonant-level"], input);
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout.match(/NaN|[:,[]null|condition 0\.00/)?.[0]).toBe(undefined);
  const answers = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers).toHaveLength(2 * wrong.length + 2);
  wrong.forEach(([line, error], i) => {
    expect(answers[2 * i].error, String(line).slice(0, 80)).toMatchObject(error);
    expect(answers[2 * i].error.message.length).toBeLessThan(600);
  });
  const friction = answers.filter((answer) => answer.friction).map((answer) => answer.friction[0][0]);
  expect(friction).toHaveLength(wrong.length + 2);
  for (const value of friction) expect(Math.abs(value / friction[0] - 1)).toBeLessThan(1e-6);
});

test("more digits than there are: what is not known is left out and named, and the loop goes on", () => {
  const input = '{"tolerance":1e-17}\n{"tolerance":1e-9}\n';
  const { status, stdout } = spawned(["serve", "--preset", "resonant-level"], input);
  expect(status).toBe(0);
  expect(stdout).not.toContain("NaN");
  const [left, whole] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(left.force).toBe(undefined);
  expect(left.warnings.map(({ code }: { code: string }) => code)).toContain("unknown");
  expect(whole.force[0]).toBeCloseTo(-0.5, 8);
});

test("a request's id comes back with its answer, right or wrong", () => {
  const lines = [
    '{"id":7,"tolerance":1e-4}',
    '{"id":"a","tolerance":0}',
    '{"id":null}',
    '{"tolerance":1e-4}',
  ];
  const answers = spawned(["serve", "--preset", "resonant-level"], lines.join("\n"))
    .stdout.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers[0]).toMatchObject({ id: 7, force: [expect.any(Number)] });
  expect(answers[1]).toMatchObject({ id: "a", error: { kind: "input", field: "tolerance" } });
  expect(answers[2].error).toMatchObject({ field: "id", found: "null" });
  expect(answers[3]).not.toHaveProperty("id");
});

const answersTo = (lines: string[], ...options: string[]) =>
  spawned(["serve", "--preset", "resonant-level", ...options], lines.join("\n"))
    .stdout.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

test("every question by name answers as the device does, in `result`; only an error carries `error`", async () => {
  const motion = { rotor: { inertia: 5, friction: 3 }, tolerance: 1e-4 };
  const asked: [QuestionName, object][] = [
    ["forces", { at: { x: 0.25 }, tolerance: 1e-5 }],
    ["scatter", { energy: 0.1, at: { x: 0.25 } }],
    ["scatteringMatrix", { energy: 0.1 }],
    ["pump", { points: 16 }],
    ["linearResponse", { energy: 0.1, points: 16 }],
    ["rectified", { capacitances: { x: 1 }, points: 16 }],
    ["curvature", { parameters: ["x", "y"], first: [0.1], second: [0.2] }],
    ["turnCurve", { tolerance: 1e-4 }],
    ["motor", motion],
    ["simulate", { ...motion, time: 10, trajectories: 2, seed: 5 }],
  ];
  const lines = asked.map(([question, options], id) => JSON.stringify({ id, question, ...options }));
  const answers = answersTo(lines);
  const device = (await loadEngine()).device({
    format: "nanopinwheel/1",
    device: { preset: "resonant-level" },
  });
  let refused = 0;
  for (const [id, [question, options]] of asked.entries()) {
    let expected: object;
    try {
      expected = { id, result: JSON.parse(JSON.stringify(device[question](options as never))) };
    } catch (error) {
      // The preset has one parameter, so that it has no curvature.
      expected = { id, ...JSON.parse(JSON.stringify(errorDocument(error))) };
      refused++;
    }
    expect(answers[id], question).toEqual(expected);
    expect(Object.keys(answers[id])).toEqual(Object.keys(expected));
  }
  expect(refused).toBe(1);
});

test("the options of the command line are those of every question that knows them", () => {
  const [motor, scatter, pump, own] = answersTo(
    [
      '{"question":"motor"}',
      '{"question":"scatter"}',
      '{"question":"pump","points":8}',
      '{"question":"motor","budget":100000,"tolerance":1e-3}',
    ],
    "--budget",
    "2",
    "--tolerance",
    "1e-6",
    "--dephasing",
    "energy-resolved",
  );
  expect(motor.error).toMatchObject({ kind: "numerical", message: expect.stringContaining("budget of 2") });
  expect(scatter.result.channels).toEqual(["left", "right"]);
  expect(pump.result.points).toBe(8);
  expect(own.result.workPerTurn).toBeDefined();
});

test("a wrong question, and wrong options of a right one, are named, and the loop goes on", () => {
  const wrong: [line: string, field: string][] = [
    ['{"question":"scater"}', "question"],
    ['{"question":"close"}', "question"],
    ['{"question":"__proto__"}', "question"],
    ['{"question":null}', "question"],
    ['{"question":["forces"]}', "question"],
    ['{"question":"pump","at":{"x":1}}', "at"],
    ['{"question":"scatter","tolerance":1e-3}', "tolerance"],
    ['{"question":"motor","progress":1}', "progress"],
    ['{"question":"motor","id":[1]}', "id"],
    ['{"question":"simulate","trajectories":1e9}', "trajectories"],
    ['{"question":"curvature"}', "parameters"],
    ['{"question":"rectified","capacitances":5}', "capacitances"],
    ['{"question":"turnCurve","cycle":{"z":{"cos":[1]}}}', "cycle.z"],
    ['{"qestion":"forces"}', "qestion"],
  ];
  const answers = answersTo([
    ...wrong.map(([line]) => line),
    '{"question":"scattering"}',
    '{"question":"scatter"}',
  ]);
  wrong.forEach(([line, field], i) => {
    expect(answers[i].error, line).toMatchObject({ kind: "input", field });
    expect(answers[i].result).toBeUndefined();
  });
  expect(answers.at(-1)!.result.energy).toBe(0);
});

test("thousands of lines at once", () => {
  const count = 3000;
  const lines = Array.from({ length: count }, (_, i) => `{"id":${i},"at":${i % 2 ? "5" : '{"x":"y"}'}}`);
  const answers = spawned(["serve", "--preset", "resonant-level"], lines.join("\n"))
    .stdout.trimEnd()
    .split("\n");
  expect(answers.map((line) => JSON.parse(line).id)).toEqual(lines.map((_, i) => i));
});

test("on several workers the answers have the same bits and the order of the requests, wrong lines among them", () => {
  const lines = Array.from({ length: 40 }, (_, id) =>
    id % 7 === 3
      ? `{"id":${id},"at":`
      : JSON.stringify(
          id % 5 === 0
            ? { id, question: "motor", tolerance: 1e-3, rotor: { inertia: 2 + id } }
            : { id, at: { x: id / 50 }, tolerance: 1e-5 },
        ),
  );
  lines.splice(
    9,
    0,
    '{"id":"other","question":"motor","tolerance":-1}',
    "null",
    '{"question":"constructor"}',
  );
  const answers = answersTo(lines, "--workers", "2");
  expect(answers).toHaveLength(43);
  expect(answers).toEqual(answersTo(lines));
  expect(answers.filter(({ error }) => typeof error === "object").length).toBe(9);
});
