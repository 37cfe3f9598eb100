// Orbitals that no path connects to a lead: forces are refused by name where a parameter acts on them, however many parameters there are, and are those of the
// device without them where none does.

import { beforeAll, describe, expect, it } from "vitest";
import { type Engine, InputError, loadEngine } from "../../src/index.js";
import type { Lead, Model, Triplet } from "../../src/model/types.js";

let engine: Engine;
beforeAll(async () => {
  engine = await loadEngine();
});

/** Two connected orbitals and, if asked for, two that are not, whose levels lie in the window. */
function model(
  parameters: Record<string, Triplet[]>,
  piece: boolean,
  chain: boolean,
  mu: number,
  temperature: number,
): Model {
  const coupled: Triplet[] = [
    [0, 0, 0.1],
    [0, 1, -0.5, 0.2],
  ];
  const alone: Triplet[] = [
    [2, 2, 0.05],
    [2, 3, 0.1, 0.05],
    [3, 3, 0.2],
  ];
  const first: Lead = chain
    ? { name: "a", kind: "chain", orbital: 0, hopping: 1 }
    : { name: "a", kind: "wideband", orbitals: [0], width: 1 };
  return {
    format: "nanopinwheel/1",
    device: {
      orbitals: piece ? 4 : 2,
      hamiltonian: piece ? [...coupled, ...alone] : coupled,
      parameters,
      leads: [first, { name: "b", kind: "wideband", orbitals: [1], width: 0.5 }],
    },
    reservoirs: {
      a: { chemicalPotential: 0.1, temperature },
      b: { chemicalPotential: mu, temperature },
    },
  };
}

const variants = [true, false].flatMap((chain) =>
  [0.1, -0.1].flatMap((mu) => [0, 0.05].map((temperature) => ({ chain, mu, temperature }))),
);

describe.each(variants)("chain $chain, mu $mu, T $temperature", ({ chain, mu, temperature }) => {
  it.each([
    ["x", { x: [[2, 2, 1]] }],
    ["x", { x: [[2, 2, 1]], y: [[2, 3, 1]] }],
    ["y", { x: [[0, 0, 1]], y: [[2, 3, 0, 1]] }],
    [
      "x",
      {
        x: [
          [0, 0, 1],
          [3, 3, 1],
        ],
        y: [[1, 1, 1]],
        z: [[0, 1, 1]],
      },
    ],
  ] as [string, Record<string, Triplet[]>][])("refuses %s, which acts on them", (name, parameters) => {
    const device = engine.device(model(parameters, true, chain, mu, temperature));
    for (const x of [0, 0.3]) {
      let failure: unknown;
      try {
        device.forces({ at: { x } });
      } catch (error) {
        failure = error;
      }
      expect(failure).toBeInstanceOf(InputError);
      expect((failure as InputError).field).toBe(`device.parameters.${name}`);
    }
    // S does not know them.
    expect(device.scatter({ energy: 0.05 }).unitarityDefect).toBeLessThan(1e-12);
    device.close();
  });

  it.each([
    { x: [[0, 0, 1]], y: [[0, 1, 0, 1]] },
    { x: [[0, 0, 1]], y: [[0, 1, 0, 1]], z: [[1, 1, 1]] },
  ] as Record<string, Triplet[]>[])("are those of the device without them: %o", (parameters) => {
    const at = { x: 0.3, y: -0.2 };
    const [beside, without] = [true, false].map((piece) => {
      const device = engine.device(model(parameters, piece, chain, mu, temperature));
      const result = device.forces({ at });
      device.close();
      return result;
    });
    for (const [own, other] of [
      [beside.force, without.force],
      [beside.friction!.data, without.friction!.data],
      [beside.noise!.data, without.noise!.data],
    ])
      for (const [i, value] of own.entries()) expect(value).toBeCloseTo(other[i], 7);
  });
});
