// Numbers known from elsewhere: ribbons (Kwant 1.5 and an independent numpy code), the two-gate wire, exact zero pivots.
import { beforeAll, describe, expect, test } from "vitest";
import { type Engine, loadEngine, type Triplet } from "../../src/index.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

/** The disordered ribbon of the known numbers: U(x, y) = 0.5 (frac |sin(12.9898 (x+1) + 78.233 (y+1)) 437.5453| - 0.5). */
function ribbon(width: number, length: number) {
  const site = (x: number, y: number) => x * width + y;
  const hamiltonian: Triplet[] = [];
  for (let x = 0; x < length; x++)
    for (let y = 0; y < width; y++) {
      const wave = Math.abs(Math.sin(12.9898 * (x + 1) + 78.233 * (y + 1)) * 437.5453);
      hamiltonian.push([site(x, y), site(x, y), 4 + 0.5 * (wave - Math.floor(wave) - 0.5)]);
      if (y + 1 < width) hamiltonian.push([site(x, y), site(x, y + 1), -1]);
      if (x + 1 < length) hamiltonian.push([site(x, y), site(x + 1, y), -1]);
    }
  const lead = (name: string, x: number) => ({
    name,
    kind: "periodic",
    orbitals: Array.from({ length: width }, (_, y) => site(x, y)),
    onsite: Array.from({ length: width }, (_, y) =>
      y + 1 < width
        ? [
            [y, y, 4],
            [y, y + 1, -1],
          ]
        : [[y, y, 4]],
    ).flat(),
    hopping: Array.from({ length: width }, (_, y) => [y, y, -1]),
  });
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: width * length,
      hamiltonian,
      parameters: { gate: Array.from({ length: width * length }, (_, i): Triplet => [i, i, 1]) },
      leads: [lead("left", 0), lead("right", length - 1)],
    },
  };
}

describe("ribbons", () => {
  test.each([
    [10, 50, 3, 2.5141956010353574],
    [20, 100, 7, 4.883936079682328],
    [40, 200, 14, 7.684508193027995],
  ])("%i x %i", (width, length, channels, transmission) => {
    const device = engine.device(ribbon(width, length));
    const result = device.scatter({ energy: 1.1 });
    expect(result.channels.length).toBe(2 * channels);
    expect(Math.abs(result.transmission.left.right - transmission)).toBeLessThan(1e-9);
    expect(result.unitarityDefect).toBeLessThan(1e-12);
    // Without derivatives: another way to the same S.
    const alone = device.scatteringMatrix({ energy: 1.1 });
    expect(Math.abs(alone.transmission.left.right - transmission)).toBeLessThan(1e-9);
    result.S.data.forEach((value, k) => {
      expect(Math.abs(alone.S.data[k] - value)).toBeLessThan(1e-11);
    });
    expect(alone).not.toHaveProperty("dS");
    device.close();
  });

  test("on a channel threshold a warning is given", () => {
    const device = engine.device(ribbon(20, 4));
    const { warnings, dSdE, delay } = device.scatter({ energy: 1 });
    expect(warnings.map(({ code }) => code)).toEqual(["threshold", "derivatives"]);
    expect([dSdE, delay]).toEqual([undefined, undefined]);
    const beside = device.scatter({ energy: 1 + 1e-9 });
    expect(beside.warnings.map(({ code }) => code)).toEqual(["threshold"]);
    expect(Math.abs(beside.delay!.trace)).toBeGreaterThan(1);
    device.close();
  });
});

describe("exact zero pivots", () => {
  const chain = (sites: number, branches: number[]) => {
    const hamiltonian: Triplet[] = Array.from({ length: sites - 1 }, (_, i): Triplet => [i, i + 1, -1]);
    branches.forEach((site, k) => {
      hamiltonian.push([site, sites + k, -0.7]);
    });
    const lead = (name: string, orbital: number) => ({ name, kind: "chain", orbital, onsite: 0, hopping: 1 });
    return {
      format: "nanopinwheel/1",
      device: {
        orbitals: sites + branches.length,
        hamiltonian,
        parameters: {},
        leads: [lead("left", 0), lead("right", sites - 1)],
      },
    };
  };

  test.each([1, 2, 7, 8, 33])("a clean chain of %i sites transmits fully at E = 0", (sites) => {
    const result = engine.device(chain(sites, [])).scatter({ energy: 0 });
    expect(result.transmission.right.left).toBeCloseTo(1, 12);
    expect(result.unitarityDefect).toBeLessThan(1e-12);
  });

  test.each([[[3]], [[3, 4]], [[0, 5]], [[0, 6]], [[2, 2]]])(
    "branches at %j, exactly at resonance, block the chain at E = 0",
    (branches) => {
      const model = chain(7, branches);
      // Two branches on one site, or two perfect mirrors around an odd piece, hold a bound state that no lead broadens: S passes it by.
      const result = engine.device(model).scatter({ energy: 0 });
      expect(result.transmission.right.left).toBeLessThan(1e-20);
      expect(result.unitarityDefect).toBeLessThan(1e-12);
    },
  );
});
