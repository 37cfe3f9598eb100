// A simulator may call `forces` at each of a million time steps: heap and resident memory of the built package stay where they were
// after the first hundred thousand. One byte more kept per call would fail the test for the heap, one number for the whole process.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("million-forces.mjs", import.meta.url));
const entry = new URL("../../../dist/index.js", import.meta.url).href;

test("a million calls leave heap and resident memory as they were", { timeout: 3_600_000 }, async () => {
  const calls = 1_000_000;
  const flags = ["--expose-gc", "--max-semi-space-size=1"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, entry, `${calls}`]);
  const { finite, readings } = JSON.parse(stdout);
  expect(finite).toBe(true);
  expect(readings.length).toBe(10);
  const [first, last] = [readings[0], readings[9]];
  expect(last.heap - first.heap).toBeLessThan(0.9 * calls);
  expect(last.rss - first.rss).toBeLessThan(8 * 0.9 * calls);
});
