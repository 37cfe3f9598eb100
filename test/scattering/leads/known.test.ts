// Devices with periodic leads against decimation in 420 bits (test/known/leads): transmission, the trace of the delay matrix, open channels; flat bands,
// a pole of the self-energy with crossing modes, the edge of a gap.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Engine, loadEngine } from "../../../src/index.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

interface Expected {
  tolerance: number;
  energies: {
    energy: number;
    transmission: number;
    tau: number | null;
    channels: [number, number];
    tauTolerance?: number;
  }[];
}

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../known/leads/${name}.json`, import.meta.url), "utf8"));

describe.each(["diamond", "armchair-7", "armchair-26", "square-field", "nambu-gap-edge"])("%s", (name) => {
  const expected: Expected = read(`${name}.expected`);
  test.each(expected.energies)("at $energy", (right) => {
    const device = engine.device(read(name));
    const { energy, tau } = right;
    const { transmission, channels, delay, unitarityDefect } = device.scatter({ energy });
    expect(Math.abs(transmission.left.right - right.transmission)).toBeLessThan(expected.tolerance);
    expect(["left", "right"].map((lead) => channels.filter((c) => c === lead).length)).toEqual(
      right.channels,
    );
    // Next to the edge of a gap device and lead resonate: S keeps digits like 1/sqrt(distance).
    expect(unitarityDefect).toBeLessThan(right.tauTolerance === undefined && tau !== null ? 1e-12 : 3e-11);
    if (tau !== null) {
      expect(Math.abs(delay!.trace / tau - 1)).toBeLessThan(right.tauTolerance ?? 1e-8);
    }
    device.close();
  });
});
