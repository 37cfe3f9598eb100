// The two errors: their messages and fields.

import { expect, test } from "vitest";
import { InputError, NumericalError } from "../../src/base/errors.js";
import { cleaned, described, joinedPath, listed, nearestName } from "../../src/base/wording.js";

test("InputError: field, what, expected, found, advice", () => {
  const error = new InputError("a.b", "wrong value", {
    expected: "a number",
    found: '"x"',
    advice: "Write 1.",
  });
  expect(error.message).toBe('a.b: wrong value; expected a number, found "x". Write 1.');
  expect([error.name, error.field, error.expected, error.found]).toEqual([
    "InputError",
    "a.b",
    "a number",
    '"x"',
  ]);
  expect(error).toBeInstanceOf(Error);
});

test("InputError: one full stop after what a host says, and other ends as they are", () => {
  const message = (found: string) => new InputError("a", "wrong", { expected: "b", found }).message;
  expect(message("it could not be cloned.")).toBe("a: wrong; expected b, found it could not be cloned.");
  expect(message("1.")).toBe("a: wrong; expected b, found 1.");
  expect(message("abc...")).toBe("a: wrong; expected b, found abc....");
});

test("NumericalError: what, where, causes in order", () => {
  const error = new NumericalError("the factorisation failed", {
    energy: 0.5,
    at: { x: 1 },
    condition: 3e17,
    causes: ["a bound state", "a band edge"],
  });
  expect(error.message).toBe(
    "the factorisation failed; at energy 0.5, x = 1; condition 3.00e+17. Likely causes: (1) a bound state; (2) a band edge.",
  );
  expect([error.name, error.energy, error.at, error.condition]).toEqual([
    "NumericalError",
    0.5,
    { x: 1 },
    3e17,
  ]);
  expect(new NumericalError("no convergence").message).toBe("no convergence.");
});

test("NumericalError: what is no finite number is not said, and no condition below 1", () => {
  const error = new NumericalError("no convergence", {
    energy: Number.NaN,
    at: { x: Number.POSITIVE_INFINITY, y: 2 },
    condition: 0,
  });
  expect(error.message).toBe("no convergence; at y = 2.");
  expect([error.energy, error.at, error.condition]).toEqual([undefined, { y: 2 }, undefined]);
  expect(new NumericalError("no", { condition: Number.NaN }).message).toBe("no.");
});

test("NumericalError: of very many parameters the message names the first", () => {
  const at = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, i]));
  const error = new NumericalError("no convergence", { at });
  expect(error.message).toMatch(/at p0 = 0, .*p7 = 7, and 992 more parameters\.$/);
  expect(error.at).toEqual(at);
});

test("what a user wrote is shown in part, and so that it shows", () => {
  const long = "k".repeat(1_000_000);
  expect(described(long)).toHaveLength(45);
  expect(joinedPath("device", long)).toHaveLength(53);
  expect(listed([long, "b"])).toHaveLength(50);
  expect(described("a\u001b[31m\u009b\u202e\u200d\ud800")).toBe('"a\\u001b[31m\\u009b\\u202e\u200d\\ud800"');
  expect(cleaned(" a\n\tb\u0000\u202ec ")).toBe("a bc");
});

test("values as a reader would call them", () => {
  const values = [undefined, null, "a\n", "x".repeat(99), [1, 2], [[1]], {}, () => 0, Number.NaN, true];
  expect(values.map(described)).toEqual([
    "nothing",
    "null",
    '"a\\n"',
    `"${"x".repeat(40)}..."`,
    "[1, 2]",
    "a list of 1",
    "an object",
    "a function",
    "NaN",
    "true",
  ]);
});

test("names and paths", () => {
  expect(listed([])).toBe("none");
  expect(listed(Array(30).fill("a"))).toMatch(/ and 10 more$/);
  expect(nearestName("wdith", ["name", "width"])).toBe("width");
  expect(nearestName("wave", ["wavelength", "width"])).toBe("wavelength");
  expect(nearestName("zzz", ["name", "width"])).toBeUndefined();
  expect([joinedPath("", "a"), joinedPath("a", "b"), joinedPath("a", 1), joinedPath("a", "b c")]).toEqual([
    "a",
    "a.b",
    "a[1]",
    'a["b c"]',
  ]);
});
