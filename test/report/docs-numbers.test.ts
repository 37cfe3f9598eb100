// The numbers of the pages of docs/, computed again with the sources as they are.

import { expect, test } from "vitest";
// @ts-expect-error a script in plain JavaScript, with no types
import { machines } from "../../scripts/machines/index.mjs";
import { loadEngine } from "../../src/index.js";
import { allTests } from "../twins/seeds.js";

interface Promised {
  say: string;
  of: (engine: unknown) => number;
  expected: number;
  within: number;
}

const engine = await loadEngine();
const all: { preset: string; numbers: Promised[] }[] = machines;

// Two machines take ten times as long as all others together and are left out every day.
const long = allTests ? [] : ["open-dot", "wheel"];
const tried = all.filter(({ preset }) => !long.includes(preset));

test.each(tried.map(({ preset, numbers }) => [preset, numbers] as const))("%s", (_, numbers) => {
  expect(numbers.length).toBeGreaterThanOrEqual(2);
  for (const { say, of, expected, within } of numbers) {
    expect(Math.abs(of(engine) - expected), say).toBeLessThanOrEqual(within);
  }
});
