// Files broken at random: whatever a file holds, the command ends with numbers, with a line that names the field, or with a line that
// says what could not be computed; never with a defect. `npm run test:slow` takes ten thousand files; the counts of outcomes show that
// each kind was met.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { presetFile } from "../../src/index.js";
import { smallModel } from "../model/models.js";
import { seeds } from "../twins/seeds.js";
import { type Ended, nanopinwheel } from "./command.js";
import { mutated } from "./mutations.js";

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const faults = new URL("../known/faults/", import.meta.url);

const table = {
  format: "nanopinwheel/1",
  device: {
    scattering: {
      table: {
        energies: [-1, 0, 1, 2],
        S: Array.from({ length: 4 }, () =>
          Array.from({ length: 4 }, () => [
            [
              [0.6, 0],
              [0, 0.8],
            ],
            [
              [0, 0.8],
              [0.6, 0],
            ],
          ]),
        ),
      },
      sliding: true,
    },
    parameters: ["x"],
    leads: [
      { name: "left", kind: "given", channels: 1 },
      { name: "right", kind: "given", channels: 1 },
    ],
  },
  cycle: { x: { turns: 1 } },
  reservoirs: {
    left: { chemicalPotential: 0.1, temperature: 0.01 },
    right: { chemicalPotential: 0, temperature: 0.01 },
  },
};

const models: { device: object; cycle?: unknown; reservoirs?: unknown }[] = [
  smallModel(),
  table,
  read("../../examples/thouless-motor.json"),
  read("../../examples/two-vibrations.json"),
  ...["resonant-level", "double-dot", "two-path", "two-gate", "benzene"].map((name) => ({
    ...presetFile(name, {}),
  })),
  ...readdirSync(faults)
    .map((name) => read(`../known/faults/${name}`).model)
    .filter((model) => JSON.stringify(model).length < 20_000),
];

const driven = models.filter(({ device, cycle, reservoirs }) => "preset" in device || (cycle && reservoirs));

/** What is not as it should be in the end of a command. */
function faultOf({ status, stdout, stderr }: Ended): string | undefined {
  // What a file holds is repeated in quotes.
  const words = stderr.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const last = words.trimEnd().split("\n").at(-1) ?? "";
  if (status !== 0 && status !== 2 && status !== 3) return "no such status";
  if (/defect|undefined|\[object|[ =]NaN(?!:)|condition 0\.00|\bat .*\.[jt]s:/.test(words))
    return "not a message for users";
  if (stderr.split("\n").some((line) => line.length > 4100)) return "a message without end";
  if (status === 2) {
    if (stdout !== "") return "an answer to a wrong file";
    return /^\S.*: .+; expected .+, found .*\./.test(last) ? undefined : "no field";
  }
  if (/[:,[]null/.test(stdout)) return "null in place of a number";
  return typeof JSON.parse(stdout) === "object" ? undefined : "no document";
}

/** Asks a question of one broken file per seed; counts the statuses and collects what is not as it should be. */
async function asked(
  args: string[],
  list: number[],
  files = models,
): Promise<{ counts: number[]; wrong: string[] }> {
  const counts = [0, 0, 0, 0];
  const wrong: string[] = [];
  for (const seed of list) {
    const text = mutated(files[seed % files.length], seed, files === driven);
    const ended = await nanopinwheel([...args, "--json"], text);
    const fault = faultOf(ended);
    if (fault) wrong.push(`seed ${seed}: ${fault}: status ${ended.status}: ${ended.stderr.slice(0, 300)}`);
    counts[ended.status ?? 0]++;
  }
  return { counts, wrong };
}

test("validate: a model, or the field that is wrong", async () => {
  const list = seeds(10_000, 200);
  const { counts, wrong } = await asked(["validate", "-"], list);
  expect(wrong).toEqual([]);
  expect(counts[0]).toBeGreaterThan(list.length / 20);
  expect(counts[2]).toBeGreaterThan(list.length / 3);
  // A lead of odd numbers may have no self-energy that can be computed.
  expect(counts[3], String(counts)).toBeLessThan(list.length / 500);
});

test.each([
  ["scatter", "--energy", "0.1"],
  ["pump", "--budget", "2000"],
  ["forces", "--budget", "2000"],
])("%s: numbers, the field that is wrong, or what could not be computed", async (command, ...options) => {
  const list = seeds(400, 12).map((seed) => seed + 100_000);
  const { counts, wrong } = await asked([command, "-", ...options], list, driven);
  expect(wrong).toEqual([]);
  expect(counts[0], String(counts)).toBeGreaterThan(list.length / 20);
  expect(counts[2] + counts[3], String(counts)).toBeGreaterThan(0);
});
