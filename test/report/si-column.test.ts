// SI beside natural values.

import { expect, test } from "vitest";
import { inSi } from "../../src/report/tables/si-column.js";

test("values whose unit has an SI counterpart", () => {
  expect(inSi("1", "energy", "eV")).toBe("1.60218e-19 J");
  expect(inSi("2", "energy/ħ", "eV")).toBe("3.03853e15 rad/s");
  expect(inSi("1", "e²/ħ", "meV")).toBe("0.000243413 S");
  expect(inSi("1.11805", "ħ", "K")).toBe("1.17906e-34 N m s");
});

test("nothing without a unit of energy, for charges, words and comparisons", () => {
  expect(inSi("1", "energy", "none")).toBe("");
  expect(inSi("-0.99", "e", "eV")).toBe("");
  expect(inSi("running", "", "eV")).toBe("");
  expect(inSi("1 ≤ 1.1", "holds", "eV")).toBe("");
});
