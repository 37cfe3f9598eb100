// What every question answers is plain data: structuredClone copies it, JSON.stringify writes it as nested lists, and curves come back
// from copies with their methods and their bits.

import { describe, expect, test } from "vitest";
import {
  type Device,
  InputError,
  loadEngine,
  type Model,
  NumericalError,
  PeriodicCurve,
  plain,
  type QuestionName,
  restoredTurnCurve,
  steadyStates,
} from "../../src/index.js";
import { randomModel } from "../twins/random-device.js";

const engine = await loadEngine();

/** A complex device of two leads and a probe, at a bias. */
const model: Model = randomModel(5, {
  orbitals: 5,
  leads: 2,
  real: false,
  kinds: ["scalar", "chain", "orbitals", "probe"],
});
const device = engine.device(model);
const [x, y] = device.parameterNames;
const reservoirs = Object.fromEntries(
  ["left", "right"].map((name) => [name, { chemicalPotential: name === "left" ? 0.2 : 0, temperature: 0.1 }]),
);
const cycle = { [x]: { cos: [0.3] }, [y]: { sin: [0.3] } };
const turn = { cycle, reservoirs, tolerance: 1e-4, rotor: { inertia: 5, friction: 1 } };

/** Every question with an answer that has many members; the compiler asks for all of them. */
const questions: { [Q in QuestionName]: NonNullable<Parameters<Device[Q]>[0]> } = {
  scatter: { energy: 0.1, at: { [x]: 0.2 } },
  scatteringMatrix: { energy: 0.1 },
  pump: { cycle, energy: 0.1, points: 16 },
  linearResponse: { cycle, energy: 0.1, points: 16 },
  rectified: { cycle, energy: 0.1, points: 16, capacitances: { [x]: 1 } },
  curvature: { parameters: [x, y], first: [0, 0.1, 0.2], second: [0.1, 0.3], energy: 0.1 },
  forces: { at: { [x]: 0.2 }, reservoirs, tolerance: 1e-4 },
  turnCurve: turn,
  motor: turn,
  simulate: { ...turn, time: 20, trajectories: 4, paths: 2 },
};

/** Objects of a value that JSON would not write as they are. */
function notPlain(value: unknown, path = "result"): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (typeof value !== "object" || value === null) return value === null || value === undefined ? [path] : [];
  if (Array.isArray(value)) return value.flatMap((one, k) => notPlain(one, `${path}[${k}]`));
  const own = Object.getPrototypeOf(value) === Object.prototype && !("data" in value) ? [] : [path];
  return [...own, ...Object.entries(value).flatMap(([key, one]) => notPlain(one, `${path}.${key}`))];
}

describe.each(Object.entries(questions) as [QuestionName, object][])("%s", (name, question) => {
  const result: object = device[name](question as never);

  test("structuredClone copies it", () => {
    const copy = structuredClone(result);
    expect(copy).toEqual(result);
    expect(Object.keys(copy)).not.toContain("toJSON");
    expect(plain(copy)).toEqual(plain(result));
  });

  test("JSON.stringify writes nested lists, at any depth, and changes no number", () => {
    const read = JSON.parse(JSON.stringify({ list: [result] })).list[0];
    expect(read).toEqual(plain(result));
    expect(notPlain(read)).toEqual([]);
    expect(Object.keys(read)).toEqual(
      Object.entries(result)
        .filter(([, value]) => value !== undefined)
        .map(([key]) => key),
    );
    // Nothing else about the answer changes.
    expect(Object.keys({ ...result })).not.toContain("toJSON");
    expect(JSON.stringify(plain(result))).toBe(JSON.stringify(result));
  });
});

test("complex matrices are rows of [re, im], real ones rows of numbers", () => {
  const result = device.scatter({ energy: 0.1, at: { [x]: 0.2 } });
  const { S, dS, delay } = JSON.parse(JSON.stringify(result));
  const m = result.channels.length;
  expect(S.map((row: unknown[]) => row.length)).toEqual(Array(m).fill(m));
  for (const [matrix, rows] of [
    [result.S, S],
    [result.dS[y], dS[y]],
  ])
    expect(rows.flat(2)).toEqual(Array.from(matrix.data));
  expect(delay.eigenvalues).toEqual(Array.from(result.delay!.eigenvalues));
  const { friction } = device.forces({ at: { [x]: 0.2 }, reservoirs, tolerance: 1e-4 });
  const d = device.parameterNames.length;
  expect(plain(friction)).toEqual(
    Array.from({ length: d }, (_, i) => Array.from(friction!.data.slice(i * d, (i + 1) * d))),
  );
});

test("what JSON cannot write is an error that names the place, not a null", () => {
  expect(() => plain({ a: [1, { b: Float64Array.of(0, Number.NaN) }] })).toThrow(NumericalError);
  expect(() => plain({ a: [1, { b: Float64Array.of(0, Number.NaN) }] })).toThrow("result.a[1].b[1]");
  expect(() => plain({ shape: [1, 1], data: Float64Array.of(1, Number.POSITIVE_INFINITY) })).toThrow(
    NumericalError,
  );
  expect(plain({ a: undefined, b: null, c: 0, d: "text", e: [] })).toEqual({ c: 0, d: "text", e: [] });
});

describe("curves from copies", () => {
  const curve = device.turnCurve(turn);
  const copies: [string, object][] = [
    ["structuredClone", structuredClone(curve)],
    ["JSON", JSON.parse(JSON.stringify(curve))],
  ];

  test.each(copies)("of %s have the same bits and methods", (_, copy) => {
    const restored = restoredTurnCurve(copy);
    expect(plain(restored)).toEqual(plain(curve));
    expect(restored.torque).toBeInstanceOf(PeriodicCurve);
    for (const angle of [0, 0.3, 4]) {
      expect(restored.torque.value(angle)).toBe(curve.torque.value(angle));
      expect(restored.current[1].derivative(angle, 2)).toBe(curve.current[1].derivative(angle, 2));
    }
    expect(restored.theta).toBeInstanceOf(Float64Array);
    expect(restored.entropyProduction?.mean).toBe(curve.entropyProduction?.mean);
    const rotor = { inertia: 5, friction: 1 };
    expect(steadyStates({ curve: restored, rotor })).toEqual(steadyStates({ curve, rotor }));
  });

  test("of curves with an odd number of samples, and of one", () => {
    for (const n of [1, 2, 7, 12]) {
      const given = PeriodicCurve.from((t) => Math.cos(t) + 0.1, n);
      const copy = PeriodicCurve.restored(JSON.parse(JSON.stringify(given)));
      expect(copy.constructor).toBe(PeriodicCurve);
      expect(plain(copy)).toEqual(plain(given));
      expect(PeriodicCurve.restored(structuredClone(given))).toStrictEqual(given);
      expect(copy.resample(9)).toEqual(given.resample(9));
    }
  });

  test("a curve without its methods is refused where a curve is expected", () => {
    const copied = structuredClone(curve);
    expect(() => steadyStates({ curve: copied, rotor: { inertia: 1 } })).toThrow(/curve\.torque.*restored/);
  });

  const wrong: [field: string, change: (copy: Record<string, never>) => unknown][] = [
    ["copy", () => null],
    ["copy", () => "text"],
    ["torque.size", (copy) => ({ ...copy, torque: undefined })],
    ["torque.size", (copy) => ({ ...copy, torque: 3 })],
    ["torque.size", (copy) => ({ ...copy, torque: { ...(copy.torque as object), size: 2.5 } })],
    ["friction.cosines", (copy) => ({ ...copy, friction: { ...(copy.friction as object), cosines: [1] } })],
    ["noise.sines", (copy) => ({ ...copy, noise: { ...(copy.noise as object), sines: null } })],
    ["noise.scale", (copy) => ({ ...copy, noise: { ...(copy.noise as object), scale: -1 } })],
    ["leads", (copy) => ({ ...copy, leads: undefined })],
    ["current", (copy) => ({ ...copy, current: [] })],
    ["energyCurrent[1].size", (copy) => ({ ...copy, energyCurrent: [curve.torque, {}, curve.torque] })],
    ["theta", (copy) => ({ ...copy, theta: undefined })],
    ["temperature[0]", (copy) => ({ ...copy, temperature: ["cold"] })],
  ];
  test.each(wrong)("%s is named where it is wrong", (field, change) => {
    const copy = change(JSON.parse(JSON.stringify(curve))) as object;
    const error = (() => {
      try {
        return restoredTurnCurve(copy);
      } catch (reason) {
        return reason;
      }
    })() as InputError;
    expect(error).toBeInstanceOf(InputError);
    expect(error.field).toBe(field);
  });
});
