// Closed devices and engines refuse, and the kernels' memory is given back: by close, by the collector, by errors of every kind, and by
// devices at rest where it is full.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { loadKernels } from "../../src/engine/load.js";
import { Device, InputError, loadEngine, type Model, NumericalError, type Triplet } from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";
import { seeds } from "../twins/seeds.js";

/** Many rounds in `npm run test:slow`, few every day. */
const rounds = seeds(50, 1).length;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

const kernels = await loadKernels();
const gates: Model = {
  format: "nanopinwheel/1",
  device: { preset: "two-gate" },
  reservoirs: {
    left: { chemicalPotential: 0.1, temperature: 0.05 },
    right: { chemicalPotential: -0.1, temperature: 0.05 },
  },
};
/** A level that no lead broadens, at energy 0. */
const dark: Model = {
  format: "nanopinwheel/1",
  device: {
    orbitals: 3,
    hamiltonian: [
      [0, 1, 1],
      [0, 2, -1],
    ] as Triplet[],
    parameters: { x: [[0, 0, 1]], y: [[0, 1, 0.3]] },
    leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
  },
  cycle: { x: { cos: [1] }, y: { sin: [1] } },
  reservoirs: { left: { chemicalPotential: 0.3, temperature: 0 } },
};
const three = randomModel(11, { orbitals: 6, leads: 3, kinds: ["scalar", "chain", "periodic"] });

type Asked = Record<string, (question?: unknown) => unknown>;
const questions: [string, object][] = [
  ["scatter", {}],
  ["scatteringMatrix", {}],
  ["pump", { points: 8 }],
  ["linearResponse", { points: 8 }],
  ["curvature", { parameters: ["x", "y"], first: [0.1], second: [0.2] }],
  ["rectified", { capacitances: { x: 1 }, points: 8 }],
  ["forces", { tolerance: 1e-4 }],
  ["turnCurve", { tolerance: 1e-3 }],
  ["motor", { tolerance: 1e-3 }],
  ["simulate", { time: 1, trajectories: 2, rotor: { inertia: 20 }, tolerance: 1e-3 }],
];

function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a closed device refuses every question by name; closing twice, and `using`, are fine", async () => {
  const engine = await loadEngine();
  const device = engine.device(gates);
  const other = engine.device(gates);
  device.forces({ tolerance: 1e-4 });
  device.close();
  device.close();
  for (const [name, question] of questions) {
    const error = thrown(() => (device as unknown as Asked)[name](question)) as InputError;
    expect(error, name).toBeInstanceOf(InputError);
    expect(error.field, name).toBe("device");
    expect(error.message).toMatch(/it is closed/);
  }
  expect(device.leadNames).toEqual(["left", "right"]);
  {
    using inner = engine.device(gates);
    inner.scatter();
    expect(inner[Symbol.dispose]).toBeTypeOf("function");
    inner[Symbol.dispose]();
    expect(thrown(() => inner.scatter())).toBeInstanceOf(InputError);
  }
  other.scatter();
  await engine.close();
  await engine.close();
  for (const call of [() => other.scatter(), () => engine.device(gates)])
    expect((thrown(call) as InputError).field).toBe("engine");
  await expect(engine.map(gates, "scatter", [{}])).rejects.toThrow(/engine: it is closed/);
  await expect(engine.map(gates, "scatter", [])).rejects.toThrow(/engine: it is closed/);
});

test("a device that is closed in the middle of a question answers it first", () => {
  const before = kernels.memory.held;
  const device = Device.open(kernels, gates);
  const expected = device.motor({ tolerance: 1e-3 });
  expect(device.motor({ tolerance: 1e-3, progress: () => device.close() })).toEqual(expected);
  expect(thrown(() => device.scatter())).toBeInstanceOf(InputError);
  expect(kernels.memory.held).toBe(before);
});

test("no error leaves anything in the kernels' memory", () => {
  const before = kernels.memory.held;
  const failing: [Model, string, object, unknown][] = [
    [dark, "scatter", { energy: 0 }, NumericalError],
    [dark, "scatteringMatrix", { energy: 0 }, NumericalError],
    [dark, "pump", { energy: 0, points: 8 }, NumericalError],
    [dark, "forces", { budget: 1 }, NumericalError],
    [gates, "forces", { budget: 5 }, NumericalError],
    [gates, "forces", { tolerance: 1e-17, budget: 200 }, NumericalError],
    [gates, "pump", { budget: 3, energy: 0.1 }, NumericalError],
    [gates, "motor", { budget: 20 }, NumericalError],
    [gates, "turnCurve", { budget: 20 }, NumericalError],
    [gates, "simulate", { time: 1, budget: 20 }, NumericalError],
    [gates, "linearResponse", { budget: 3 }, NumericalError],
    [gates, "rectified", { capacitances: { x: 1 }, budget: 3 }, NumericalError],
    [gates, "curvature", { parameters: ["x", "y"], first: [0.1], second: [0.1], budget: 1 }, NumericalError],
    [gates, "scatter", { at: { nowhere: 1 } }, InputError],
    [gates, "forces", { tolerance: "1" }, InputError],
    [gates, "pump", { points: 1 }, InputError],
    [gates, "motor", { rotor: { inertia: -1 } }, InputError],
    [three, "scatter", { energy: Number.NaN }, InputError],
  ];
  const devices = new Map<Model, Device>();
  let asked = 0;
  /** After the first round everything that lives as long as its device has been made. */
  let made = 0;
  for (let round = 0; round < 3 + 33 * (rounds - 1); round++) {
    for (const [model, name, question, kind] of failing) {
      const device = devices.get(model) ?? Device.open(kernels, model);
      devices.set(model, device);
      const error = thrown(() => (device as unknown as Asked)[name](question));
      if (error !== undefined) expect(error, `${name} ${JSON.stringify(question)}`).toBeInstanceOf(kind);
      asked++;
    }
    if (round === 1) made = kernels.memory.held;
    if (round > 1) expect(kernels.memory.held).toBe(made);
  }
  expect(asked).toBeGreaterThan(50);
  for (const device of devices.values()) device.close();
  expect(kernels.memory.held).toBe(before);
  // Models that are refused when they are compiled, too.
  const failed = thrown(() =>
    Device.open(kernels, {
      ...dark,
      device: { ...dark.device, hamiltonian: () => [[0, 9, 1]], parameters: ["x"] },
    }),
  );
  expect(failed).toBeInstanceOf(InputError);
  expect(kernels.memory.held).toBe(before);
});

test("devices that are not closed are collected, and the memory stays flat", async () => {
  const own = await loadKernels();
  let most = 0;
  const bytes = own.calls.memory.buffer;
  for (let batch = 0; batch < 3 + 8 * (rounds - 1); batch++) {
    for (let k = 0; k < 150; k++) Device.open(own, k % 2 ? gates : dark).scatter({ energy: 0.2 });
    // A turn of the event loop in which the finalisers run.
    for (let turn = 0; turn < 20 && own.memory.held > 0; turn++) {
      collect();
      await new Promise((resume) => setTimeout(resume, 5));
    }
    if (batch === 0) most = own.calls.memory.buffer.byteLength;
    expect(own.memory.held).toBe(0);
  }
  expect(own.calls.memory.buffer.byteLength).toBe(most);
  expect(most).toBeGreaterThanOrEqual(bytes.byteLength);
});

test("where the memory is full, devices at rest give theirs back and compile again when they are asked", async () => {
  const roomy = await loadKernels("simd");
  const models = seeds(40, 12).map((seed) =>
    randomModel(seed, { orbitals: 20, leads: 2, kinds: ["scalar", "chain"] }),
  );
  const inRoom = models.map((model) => Device.open(roomy, model));
  const expected = inRoom.map((device) => device.scatter({ energy: 0.1 }));
  // Room for a third of them.
  const room = roomy.calls.heapBase() + roomy.memory.held / 3;
  const own = await loadKernels("simd", room);
  const devices = models.map((model) => Device.open(own, model));
  for (let round = 0; round < 2; round++)
    devices.forEach((device, k) => {
      expect(device.scatter({ energy: 0.1 }), `seed ${k}`).toEqual(expected[k]);
    });
  expect(own.memory.held).toBeGreaterThan(0);
  expect(own.memory.held).toBeLessThanOrEqual(room);
  // One that does not fit in any case says so, and takes nothing with it.
  const large = randomModel(1, { orbitals: 300, leads: 2, kinds: ["scalar", "scalar"] });
  const error = thrown(() => Device.open(own, large).scatter({ energy: 0.1 })) as InputError;
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/too large|memory of the kernels is full/);
  expect(devices[0].scatter({ energy: 0.1 })).toEqual(expected[0]);
});
