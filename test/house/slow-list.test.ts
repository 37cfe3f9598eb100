// What the everyday suite asks fewer devices or builds of is on the list of `npm run test:slow`,
// and every file of that list exists.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildTests, seedTests, slowTests } from "../../vitest.config.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "test"], {
  cwd: root,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((path) => path.endsWith(".test.ts"));
const listed = [...slowTests, ...buildTests, ...seedTests];

/** A shorter list for every day: `seeds(200, 100)`, `chosen(cases, 3)`; a build less, or less than `allTests`. */
const isShortened = (text: string): boolean =>
  /\bseeds\([^()]*,|\bchosen\(|\bbuildsHere\b|\ballTests\b/.test(text);

test("every file of the slow list exists, once", () => {
  expect(listed.filter((path) => !files.includes(path))).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});

test("every test that is shortened every day is on it", () => {
  const shortened = files.filter((path) => isShortened(readFileSync(root + path, "utf8")));
  expect(shortened.length).toBeGreaterThan(20);
  expect(shortened.filter((path) => !listed.includes(path))).toEqual(["test/house/slow-list.test.ts"]);
  expect(["seeds(40)", "for (const seed of seeds(200, 100))"].map(isShortened)).toEqual([false, true]);
});
