// The model as readable JSON: the same document, in short lines.

import fc from "fast-check";
import { expect, test } from "vitest";
import { presetFile, presetNames } from "../../src/index.js";
import { modelText } from "../../src/report/model-text.js";

test("the same document as plain JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(modelText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each(presetNames)("%s: short lines, and few of them", (name) => {
  const file = presetFile(name);
  const text = modelText(file);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(file)));
  const lines = text.split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(120);
  expect(lines.length).toBeLessThan(JSON.stringify(file, null, 2).split("\n").length);
});
