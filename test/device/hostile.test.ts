// Programs that do what they should not: functions that ask the device they belong to, write into what they are given, reuse their arrays,
// throw or return junk; callers that change results, names and models afterwards. Results stay right, errors have names.

import { expect, test } from "vitest";
import { InputError, loadEngine, type Model, type Triplet } from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";

const engine = await loadEngine();
const leads = [
  { name: "left", kind: "wideband" as const, orbitals: [0], width: 0.5 },
  { name: "right", kind: "wideband" as const, orbitals: [1], width: 0.5 },
];
const elements = ({ x, y }: Record<string, number>): Triplet[] => [
  [0, 0, Math.sin(x)],
  [0, 1, -0.5],
  [1, 1, y * y],
];
const withFunction = (hamiltonian: (X: Record<string, number>) => Triplet[]): Model => ({
  format: "nanopinwheel/1",
  device: { orbitals: 2, hamiltonian, parameters: ["x", "y"], leads },
  cycle: { x: { mean: 0.3, cos: [0.4] }, y: { mean: 0.3, sin: [0.4] } },
  reservoirs: {
    left: { chemicalPotential: 0.2, temperature: 0.05 },
    right: { chemicalPotential: 0, temperature: 0.05 },
  },
});
const at = { x: 0.3, y: 0.3 };
const honest = engine.device(withFunction(elements));
const expected = {
  scatter: honest.scatter({ at }),
  forces: honest.forces({ at }),
  pump: honest.pump({ points: 32 }),
};

test("functions that write into their argument, and into one list for all results", () => {
  const list = elements({ x: 0, y: 0 });
  const device = engine.device(
    withFunction((X) => {
      elements(X).forEach((element, k) => {
        list[k][2] = element[2];
      });
      X.x = 7;
      delete X.y;
      return list;
    }),
  );
  expect(device.scatter({ at })).toEqual(expected.scatter);
  expect(device.pump({ points: 32 })).toEqual(expected.pump);
});

test("functions and callbacks that ask their own device, or another", () => {
  let inner: unknown;
  let depth = 0;
  const device = engine.device(
    withFunction((X) => {
      if (depth++ === 0 && X.x === 0.3) inner = device.scatter({ at: { x: -1, y: 2 } });
      honest.scatter({ at: { x: 2, y: 2 } });
      return elements(X);
    }),
  );
  depth = 0;
  expect(device.scatter({ at })).toEqual(expected.scatter);
  expect(inner).toEqual(honest.scatter({ at: { x: -1, y: 2 } }));
  expect(device.forces({ at })).toEqual(expected.forces);
  const plain = honest.motor({ tolerance: 1e-3 });
  let calls = 0;
  const asked = honest.motor({
    tolerance: 1e-3,
    progress: () => {
      if (calls++ > 2) return;
      honest.pump({ points: 8 });
      honest.forces({ at: { x: 1, y: 1 }, tolerance: 1e-3 });
    },
  });
  expect(asked).toEqual(plain);
  // One that never ends is told so.
  let ready = false;
  const endless = engine.device(
    withFunction((X) => {
      if (ready) endless.scatter({ at: X });
      return elements(X);
    }),
  );
  ready = true;
  expect(() => endless.scatter({ at })).toThrow(/asks itself without end/);
  ready = false;
  expect(endless.scatter({ at })).toEqual(expected.scatter);
});

test("functions that fail at some points, also where new elements appear", () => {
  for (const fault of [
    () => {
      throw new Error("out of order");
    },
    () => {
      throw null;
    },
    () => null as never,
    () => [[0, 1]] as never,
    () => [[0, 7, 1]] as never,
    () => [[0, 0, Number.NaN]] as never,
    () => "junk" as never,
  ]) {
    let failing = false;
    const device = engine.device(withFunction((X) => (failing && X.x > 0.3 ? fault() : elements(X))));
    failing = true;
    let error: unknown;
    try {
      device.scatter({ at });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).field).toMatch(/^device\.hamiltonian/);
    failing = false;
    expect(device.scatter({ at })).toEqual(expected.scatter);
  }
  // An element that is there at some points only, first seen in a call that ends with an error.
  const grown = ({ x, y }: Record<string, number>): Triplet[] =>
    x > 0.25 ? [...elements({ x, y }), [0, 2, x]] : elements({ x, y });
  const three = (failing: () => boolean): Model => {
    const model = withFunction(grown);
    return {
      ...model,
      device: {
        ...model.device,
        orbitals: 3,
        derivative: () => {
          if (failing()) throw new Error("no derivative");
          return { x: [[0, 0, 1]], y: [[1, 1, 1]] };
        },
      } as Model["device"],
    };
  };
  let failing = false;
  const device = engine.device(three(() => failing));
  failing = true;
  expect(() => device.scatter({ at })).toThrow(InputError);
  failing = false;
  expect(device.scatter({ at })).toEqual(engine.device(three(() => false)).scatter({ at }));
});

test("results, names and models that are changed afterwards, and models that cannot be changed", () => {
  const model: Record<string, unknown> & Model = structuredClone(
    randomModel(5, { orbitals: 6, leads: 2, kinds: ["scalar", "chain"] }),
  ) as never;
  const frozen = (value: object): object => {
    for (const part of Object.values(value)) if (typeof part === "object" && part !== null) frozen(part);
    return Object.freeze(value);
  };
  const right = engine.device(structuredClone(model)).scatter({ energy: 0.1 });
  expect(engine.device(frozen(structuredClone(model))).scatter({ energy: 0.1 })).toEqual(right);
  const device = engine.device(model);
  const first = device.scatter({ energy: 0.1 });
  const spoil = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (ArrayBuffer.isView(value)) (value as Float64Array).fill(Number.NaN);
    else
      for (const key of Object.keys(value)) {
        spoil((value as Record<string, unknown>)[key]);
        (value as Record<string, unknown>)[key] = 99;
      }
  };
  spoil(first);
  spoil(model);
  device.parameterNames.reverse();
  device.leadNames.length = 0;
  expect(() => {
    (device.model.device.leads as unknown[])[0] = undefined;
  }).toThrow(TypeError);
  expect(device.scatter({ energy: 0.1 })).toEqual(right);
  const forces = honest.forces({ at });
  spoil(forces);
  expect(honest.forces({ at })).toEqual(expected.forces);
  spoil(honest.pump({ points: 32 }));
  expect(honest.pump({ points: 32 })).toEqual(expected.pump);
});

test("a hundred devices of two engines in turn", async () => {
  const other = await loadEngine({ build: "scalar" });
  const models = Array.from({ length: 50 }, (_, seed) =>
    randomModel(seed, { orbitals: 3 + (seed % 9), leads: 2, kinds: ["scalar", "chain"] }),
  );
  const alone = models.map((model) => {
    using device = engine.device(model);
    return device.scatter({ energy: 0.1 });
  });
  const devices = models.map((model) => [engine.device(model), other.device(model)]);
  for (let round = 0; round < 3; round++)
    devices.forEach(([here, there], seed) => {
      expect(here.scatter({ energy: 0.1 }), `seed ${seed}`).toEqual(alone[seed]);
      const { S } = there.scatter({ energy: 0.1 });
      S.data.forEach((part, k) => {
        expect(Math.abs(part - alone[seed].S.data[k]), `seed ${seed}`).toBeLessThan(1e-9);
      });
      if ((seed + round) % 7 === 0) devices[seed] = [engine.device(models[seed]), there];
    });
});
