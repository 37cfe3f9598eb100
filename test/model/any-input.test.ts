// Whatever is given to resolveModel, it resolves or throws InputError. Three kinds of input: any JSON value, the small model with one
// place replaced by anything, and presets with any options.

import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../src/base/errors.js";
import { parseModelText } from "../../src/model/file/text.js";
import { presets } from "../../src/model/presets/all.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import { smallModel } from "./models.js";

function resolvesOrRefuses(input: unknown): void {
  try {
    resolveModel(input);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).not.toMatch(/undefined|\[object|NaN to/);
  }
}

/** Paths of every place in a value, as keys. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => places(child, [...path, key]))];
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.double(),
  fc.integer({ min: -2, max: 9 }),
  fc.constant(undefined),
  fc.anything(),
);

test("any JSON value", () => {
  fc.assert(fc.property(fc.jsonValue(), resolvesOrRefuses), { numRuns: 2000 });
});

test("the small model with one place replaced by anything", () => {
  const place = fc.constantFrom(...places(smallModel()).filter((path) => path.length > 0));
  const replaced = fc.property(place, value, (path, replacement) => {
    const model = smallModel();
    const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, model);
    parent[path[path.length - 1]] = replacement;
    resolvesOrRefuses(model);
  });
  fc.assert(replaced, { numRuns: 5000 });
});

test("presets with any options", () => {
  const names = fc.constantFrom(...(Object.keys(presets) as (keyof typeof presets)[]));
  const keys = [...new Set(Object.values(presets).flatMap((preset) => Object.keys(preset.entries)))];
  const options = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(fc.integer({ min: -1, max: 40 }), fc.double(), value),
    {
      maxKeys: 3,
    },
  );
  const chosen = fc.property(names, options, (preset, given) => {
    resolvesOrRefuses({ format: "nanopinwheel/1", device: { preset, ...given } });
  });
  fc.assert(chosen, { numRuns: 2000 });
});

test("any text: JSON as JSON.parse reads it, or InputError", () => {
  const whole = JSON.stringify(smallModel(), null, 1);
  const cut = fc.tuple(fc.nat(whole.length), fc.nat(3), fc.string({ maxLength: 3 }));
  const broken = cut.map(([at, gone, added]) => whole.slice(0, at) + added + whole.slice(at + gone));
  const reads = fc.property(fc.oneof(broken, fc.string()), (text) => {
    try {
      parseModelText(text, "file");
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  });
  fc.assert(reads, { numRuns: 3000 });
});
