// The presets: known gap edges, Hermiticity and structure, the wheel's derivative, ensembles, files that resolve to the same model.

import { expect, test } from "vitest";
import { describePresets, presetFile, presetModel, presetNames } from "../../src/model/presets/index.js";
import { lowestGap } from "../../src/model/presets/parts/bloch-gap.js";
import { gaussianNumbers } from "../../src/model/presets/parts/random-numbers.js";
import { wheelPotential } from "../../src/model/presets/wheel.js";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { ExplicitDevice, Triplet } from "../../src/model/types.js";
import { ofPreset } from "./models.js";

const triplets = (matrix: unknown) => matrix as Triplet[];
const matrices = (name: string, options = {}) =>
  presetModel(name, options).device.parameters as Record<string, Triplet[]>;

test.each(presetNames)("%s: its file is plain JSON and resolves to the same model", (name) => {
  const direct = resolveModel(ofPreset(name));
  const file = JSON.parse(JSON.stringify(presetFile(name)));
  expect(JSON.stringify(resolveModel(file))).toBe(JSON.stringify(direct));
  expect(direct.warnings).toEqual([]);
  expect(direct.device.leads.map((lead) => lead.name)).toEqual(["left", "right"]);
  expect(Object.keys(direct.reservoirs ?? {})).toEqual(["left", "right"]);
  expect(direct.rotor).toEqual({ inertia: "infinite", load: 0, friction: 0 });
});

test("the list of presets tells every option and its default", () => {
  const thouless = describePresets().find((preset) => preset.name === "thouless");
  expect(thouless?.options.map((option) => [option.name, option.default])).toEqual([
    ["sites", 16],
    ["wavelength", 4],
    ["amplitude", 0.4],
    ["ramp", 0],
    ["energy", undefined],
  ]);
  expect(describePresets().every(({ options }) => options.every((option) => option.description !== ""))).toBe(
    true,
  );
});

test("presetModel names what is wrong", () => {
  expect(() => presetModel("weel")).toThrow(/^device\.preset: unknown preset.*Did you mean "wheel"\?/);
  expect(() => presetModel("toString")).toThrow(/unknown preset/);
  expect(() => presetModel("wheel", { pair: 3 })).toThrow(
    /^device\.pair: unknown key.*Did you mean "pairs"\?/,
  );
});

test("thouless: gap edges of the endless chain", () => {
  const cell = [1, 2, 3, 4].map((n) => 0.4 * Math.cos((Math.PI * n) / 2));
  const [lower, upper] = lowestGap(cell);
  expect(lower).toBeCloseTo(-1.628286, 6);
  expect(upper).toBeCloseTo(-1.228286, 6);
  expect(resolveModel(ofPreset("thouless")).energy).toBeCloseTo(-1.428286, 6);
});

test("lowest gap: three sites against the cubic, a free chain has none", () => {
  // Antiperiodic ring of three with potentials v: det(H - E) = prod(v - E) - sum(v - E) + 2.
  const v = [0.3, -0.5, 0.1];
  for (const edge of lowestGap(v)) {
    const [a, b, c] = v.map((x) => x - edge);
    expect(a * b * c - a - b - c + 2).toBeCloseTo(0, 12);
  }
  const [lower, upper] = lowestGap([0, 0, 0, 0, 0]);
  expect(upper - lower).toBeLessThan(1e-12);
  expect(lower).toBeCloseTo(-2 * Math.cos(Math.PI / 5), 12);
});

test("thouless: potential, sign of y, ramps", () => {
  const { x, y } = matrices("thouless", { sites: 8, wavelength: 5, amplitude: 0.7, ramp: 2, energy: 0 });
  const theta = 0.3;
  for (let n = 1; n <= 8; n++) {
    const k = Math.min(n, 9 - n);
    const g = k > 2 ? 1 : Math.sin((Math.PI * k) / 6) ** 2;
    const at = (list: Triplet[]) => list.find(([row]) => row === n - 1)?.[2] ?? 0;
    const value = at(x) * Math.cos(theta) + at(y) * Math.sin(theta);
    expect(value).toBeCloseTo(g * 0.7 * Math.cos((2 * Math.PI * n) / 5 + theta), 14);
  }
});

test("two-path: widths of rank one, conjugate to each other", () => {
  const [left, right] = presetModel("two-path", { flux: 1, width: 0.5 }).device.leads;
  const element = (lead: object) => triplets((lead as { width: unknown }).width)[1].slice(2);
  expect(element(left)).toEqual([0.5 * Math.cos(0.5), 0.5 * Math.sin(0.5)]);
  expect(element(right)).toEqual([0.5 * Math.cos(0.5), -0.5 * Math.sin(0.5)]);
});

test.each(["double-dot", "two-path"])("%s: dephasing adds a probe on either dot", (name) => {
  const leads = resolveModel(ofPreset(name, { dephasing: 0.1 })).device.leads;
  expect(leads.slice(2).map((lead) => [lead.kind, Array.from(lead.orbitals)])).toEqual([
    ["probe", [0]],
    ["probe", [1]],
  ]);
});

const wheelOptions = {
  sites: 20,
  pairs: 2,
  period: 6,
  charge: 1.5,
  gap: 2,
  screening: 6,
  soft: 1,
  energy: 0,
};

test("wheel: derivative against central differences, error of second order", () => {
  const defect = (h: number) => {
    const [after, before] = [0.4 + h, 0.4 - h].map((theta) => wheelPotential(wheelOptions, theta).value);
    const { derivative } = wheelPotential(wheelOptions, 0.4);
    return Math.max(...derivative.map((d, n) => Math.abs(d - (after[n] - before[n]) / (2 * h))));
  };
  expect(Math.log2(defect(2e-3) / defect(1e-3))).toBeCloseTo(2, 2);
  expect(defect(1e-4)).toBeLessThan(1e-7);
});

test("wheel: period 2 pi/pairs, and the sign changes after half of it", () => {
  const at = (theta: number) => wheelPotential(wheelOptions, theta).value;
  const [first, half, full] = [at(0.3), at(0.3 + Math.PI / 2), at(0.3 + Math.PI)];
  first.forEach((value, n) => {
    expect(half[n]).toBeCloseTo(-value, 13);
    expect(full[n]).toBeCloseTo(value, 13);
  });
});

test("wheel: the resolved device is a function of the angle", () => {
  const { device } = resolveModel(ofPreset("wheel", wheelOptions));
  const elements = device.hamiltonianFunction?.evaluate({ theta: 0.4 }) ?? [];
  expect(elements).toHaveLength(39);
  expect(elements[2][2]).toBe(wheelPotential(wheelOptions, 0.4).value[1]);
  const slope = device.hamiltonianFunction?.derivative?.({ theta: 0.4 }).theta ?? [];
  expect(slope.map(([, , value]) => value)).toEqual(wheelPotential(wheelOptions, 0.4).derivative);
});

test.each([
  ["orthogonal", 2],
  ["unitary", 1],
])("chaotic-dot: variances of the %s ensemble", (symmetry, diagonalTimesSize) => {
  const size = 60;
  const square = ([, , re, im = 0]: Triplet) => re * re + im * im;
  const mean = (list: number[]) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const samples = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(
    (seed) => presetModel("chaotic-dot", { size, symmetry, seed }).device as ExplicitDevice,
  );
  const h0 = samples.flatMap((device) => triplets(device.hamiltonian));
  const k = samples.flatMap((device) => (device.parameters as Record<string, Triplet[]>).x);
  const [diagonal, beside] = [true, false].map((on) => h0.filter(([i, j]) => (i === j) === on).map(square));
  expect(mean(diagonal) * size).toBeCloseTo(diagonalTimesSize, 0);
  // 17700 samples: the mean square is known to about 1 %.
  expect(Math.abs(mean(beside) * size - 1)).toBeLessThan(0.04);
  const spacing = Math.PI / size;
  expect(Math.abs(mean(k.filter(([i, j]) => i === j).map(square)) / spacing ** 2 - 1)).toBeLessThan(0.25);
});

test("random numbers: the sequence of a seed is fixed, seeds differ, moments are normal", () => {
  const first = gaussianNumbers(1);
  const again = gaussianNumbers(1);
  const other = gaussianNumbers(2);
  const numbers = Array.from({ length: 40_000 }, first);
  expect(Array.from({ length: 3 }, again)).toEqual(numbers.slice(0, 3));
  expect(other()).not.toBe(numbers[0]);
  const moment = (p: number) => numbers.reduce((sum, x) => sum + x ** p, 0) / numbers.length;
  expect([1, 2, 3, 4].map(moment).map((m) => Math.round(m * 5) / 5 + 0)).toEqual([0, 1, 0, 3]);
});
