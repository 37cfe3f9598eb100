// No line ends `serve`, whatever it holds: each is answered, a wrong one by an error, and the next one gets its right answer.

import { expect, test } from "vitest";
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

test("thousands of lines at once", () => {
  const count = 3000;
  const lines = Array.from({ length: count }, (_, i) => `{"id":${i},"at":${i % 2 ? "5" : '{"x":"y"}'}}`);
  const answers = spawned(["serve", "--preset", "resonant-level"], lines.join("\n"))
    .stdout.trimEnd()
    .split("\n");
  expect(answers.map((line) => JSON.parse(line).id)).toEqual(lines.map((_, i) => i));
});
