// The whole engine against the known answers of test/known: scattering matrices, their derivatives, transmissions, pumped charges.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadEngine, type ScatterResult } from "../../src/index.js";

const folder = new URL("../known/", import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && name !== "ribbons.json")
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")))
  .filter((known) => known.expect);

function compareMatrix(found: ScatterResult["S"], expected: [number, number][][]): void {
  const flat = expected.flat(2);
  expect(found.data.length).toBe(flat.length);
  flat.forEach((value, k) => {
    expect(Math.abs(found.data[k] - value)).toBeLessThan(1e-10);
  });
}

describe.each(cases.filter((known) => known.expect.scatter))("$name", ({ model, expect: known }) => {
  test("scatter", async () => {
    const { options, result } = known.scatter;
    const found = (await loadEngine()).device(model).scatter(options);
    expect(found.channels).toEqual(result.channels);
    compareMatrix(found.S, result.S);
    for (const name of Object.keys(result.dS)) compareMatrix(found.dS[name], result.dS[name]);
    for (const a of Object.keys(result.transmission))
      for (const b of Object.keys(result.transmission[a]))
        expect(Math.abs(found.transmission[a][b] - result.transmission[a][b])).toBeLessThan(1e-10);
    expect(found.unitarityDefect).toBeLessThan(1e-12);
  });
});

describe.each(cases)("$name", ({ model, expect: known }) => {
  test("pump", async () => {
    const { options, result } = known.pump;
    const found = (await loadEngine()).device(model).pump(options);
    for (const lead of Object.keys(result.charge))
      expect(Math.abs(found.charge[lead] - result.charge[lead])).toBeLessThan(1e-8);
  });
});
