// Every message with which the command refuses what it was given: status 2, nothing on standard output, the whole sentence.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { plain } from "../../src/base/plain.js";
import { NumericalError } from "../../src/index.js";
import { jsonText } from "../../src/report/json.js";
import { cli, nanopinwheel, spawned } from "./command.js";

const directory = mkdtempSync(join(tmpdir(), "nanopinwheel-"));
afterAll(() => rmSync(directory, { recursive: true }));

const lead = { name: "left", kind: "wideband", orbitals: [0], width: 0.6 };
const level = {
  format: "nanopinwheel/1",
  device: { orbitals: 1, hamiltonian: [[0, 0, 0]], parameters: { x: [[0, 0, 1]] }, leads: [lead] },
};
const turning = {
  ...level,
  cycle: { x: { cos: [1] } },
  reservoirs: { left: { chemicalPotential: 0, temperature: 0.1 } },
};
const occupied = join(directory, "file");
writeFileSync(occupied, "");

test.each<[string[], string | object, string]>([
  [
    ["validate"],
    "",
    "FILE: no model; expected a file, - for standard input, or --preset NAME, found nothing.",
  ],
  [
    ["validate", "a.json", "--preset", "thouless"],
    "",
    'FILE: a file and a preset; expected one of them, found "a.json" and --preset "thouless".',
  ],
  [
    ["validate", "-", "--set", "sites=8"],
    level,
    '--set: settings without a preset; expected --preset NAME beside --set, found "sites=8". Options of a model file are changed in the file.',
  ],
  [
    ["validate", directory],
    "",
    `${directory}: the file cannot be read; expected a readable file, found EISDIR.`,
  ],
  [["validate", "-"], "", "standard input: the file is empty; expected a model in JSON, found nothing."],
  [
    ["run", "-", "--out", occupied],
    turning,
    `--out: the directory cannot be made; expected a directory that exists or can be made, found "${occupied}" (EEXIST).`,
  ],
  // A file system that refuses new directories, and on which mkdir's own recursion does not end.
  ...(process.platform === "linux"
    ? ([
        [
          ["run", "-", "--out", "/proc/result"],
          turning,
          '--out: the directory cannot be made; expected a directory that exists or can be made, found "/proc/result" (ENOENT).',
        ],
      ] as [string[], string | object, string][])
    : []),
  [
    ["run", "-", "--out", directory],
    turning,
    "device.leads: too few leads; expected two or more that are not probes, found 1.",
  ],
  [
    ["motor", "-", "--bias", "0.1"],
    turning,
    "bias: too few leads; expected two that are not probes, found fewer.",
  ],
  [
    ["scatter", "-"],
    level,
    "energy: no energy to work at; expected an energy, or reservoirs in the model, found neither. Give an energy, or the model's reservoirs.",
  ],
  [
    ["pump", "-", "--energy", "0"],
    level,
    "cycle: the model has no cycle; expected a cycle X(theta), found nothing.",
  ],
  [
    ["forces", "-"],
    level,
    'reservoirs: the model has none; expected chemicalPotential and temperature for "left", found nothing.',
  ],
  [["pump", "-", "--points", "1"], turning, "points: wrong value; expected a whole number >= 2, found 1."],
  [
    ["pump", "-", "--points", "1e12"],
    turning,
    "points: wrong value; expected a whole number <= 1000000, found 1000000000000.",
  ],
  [
    ["pump", "-", "--energy", "1e999"],
    turning,
    '--energy: wrong value; expected a finite number, found "1e999".',
  ],
])("%j", async (args, input, message) => {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  const { status, stdout, stderr } = await nanopinwheel([...args, "--json"], text);
  expect([status, stdout, stderr]).toEqual([2, "", `${message}\n`]);
});

test("the same from a process, by a thread and without one", () => {
  for (const [args, message] of [
    [["validate", "-"], "standard input: the file is empty; expected a model in JSON, found nothing."],
    [["pump", "-"], "standard input: the file is empty; expected a model in JSON, found nothing."],
  ] as const) {
    const { status, stdout, stderr } = spawned([...args, "--json"]);
    expect([status, stdout, stderr]).toEqual([2, "", `${message}\n`]);
  }
});

test("a number that JSON cannot hold never reaches the output", () => {
  expect(() => jsonText({ motor: { power: Number.NaN } })).toThrow(NumericalError);
  expect(() => plain({ list: Float64Array.of(0, Number.POSITIVE_INFINITY) })).toThrow(
    "result.list[1] is not a finite number",
  );
  const matrix = { shape: [1, 1], data: Float64Array.of(1, Number.NaN) };
  expect(() => plain({ S: matrix })).toThrow("result.S is not a finite number");
  expect(() => plain(Number.NaN)).toThrow("result is not a finite number.");
  expect(plain({ efficiency: undefined, friction: { shape: [1, 2], data: Float64Array.of(1, 2) } })).toEqual({
    friction: [[1, 2]],
  });
});

test("a reader that stops reading is no error", () => {
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", `"${process.execPath}" "${cli}" presets thouless | head -n 1`],
    {
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
});
