// What resolveModel makes of right models: matrices, defaults, the merging of presets, warnings.

import { expect, test } from "vitest";
import { resolveModel } from "../../src/model/resolve/resolve.js";
import type { ResolvedPeriodicLead, ResolvedWideBandLead } from "../../src/model/types.js";
import { ofPreset, smallModel, variant } from "./models.js";

test("the small model: matrices, defaults, mean chemical potential", () => {
  const model = smallModel();
  const before = JSON.stringify(model);
  const { device, rotor, reservoirs, energy, warnings, units, title } = resolveModel(model);
  expect(JSON.stringify(model)).toBe(before);
  expect([units, title, warnings]).toEqual(["none", "", []]);
  expect(energy).toBeCloseTo(1.6, 15);
  expect(Array.from(device.hamiltonian.im)).toEqual([0, 0, 0.1, 0]);
  expect(device.parameters.map((parameter) => parameter.name)).toEqual(["x", "y"]);
  expect(rotor).toEqual({ inertia: 20, load: 0, friction: 0 });
  expect(Object.keys(reservoirs ?? {})).toEqual(["left", "right", "top"]);
  const [left, right, top, probe] = device.leads;
  expect((left as ResolvedWideBandLead).width).toEqual({
    shape: [2, 2],
    data: Float64Array.of(0.7, 0, 0, 0, 0, 0, 0.3, 0),
  });
  expect(left).toMatchObject({ diagonal: true });
  expect(right).toMatchObject({ onsite: 0, hopping: 1, coupling: 1 });
  expect((top as ResolvedPeriodicLead).coupling).toEqual((top as ResolvedPeriodicLead).hopping);
  expect((top as ResolvedPeriodicLead).onsite.data).toEqual(Float64Array.of(0, 0, -1, 0, -1, 0, 0, 0));
  expect(probe.kind).toBe("probe");
});

test("triplets may come in any order and are sorted by row, then column", () => {
  const list = [
    [2, 3, 3],
    [0, 1, 1],
    [0, 0, 0],
    [1, 3, 2, -1],
  ];
  const { rows, columns, re, im } = resolveModel(variant("device.hamiltonian", list)).device.hamiltonian;
  expect([rows, columns].map((indices) => Array.from(indices))).toEqual([
    [0, 0, 1, 2],
    [0, 1, 3, 3],
  ]);
  expect([re, im].map((parts) => Array.from(parts))).toEqual([
    [0, 1, 2, 3],
    [0, 0, -1, 0],
  ]);
});

test("a width matrix of lower rank is accepted and stays Hermitian", () => {
  const width = [
    [0, 0, 0.5],
    [0, 1, 0.5 * Math.cos(1), 0.5 * Math.sin(1)],
    [1, 1, 0.5],
  ];
  const lead = resolveModel(variant("device.leads.0.width", width)).device.leads[0] as ResolvedWideBandLead;
  expect(lead.diagonal).toBe(false);
  expect(lead.width.data[5]).toBe(-lead.width.data[3]);
});

test("a periodic lead: general hopping, coupling of another shape, cell size from the largest index", () => {
  const lead = {
    name: "top",
    kind: "periodic",
    orbitals: [1],
    onsite: [[0, 1, 1]],
    hopping: [
      [2, 0, 1, 2],
      [1, 2, 1],
    ],
    coupling: [[0, 1, 3]],
  };
  const top = resolveModel(variant("device.leads.2", lead)).device.leads[2] as ResolvedPeriodicLead;
  expect([top.onsite.shape, top.hopping.shape, top.coupling.shape]).toEqual([
    [3, 3],
    [3, 3],
    [1, 3],
  ]);
  expect(Array.from(top.hopping.data.subarray(12, 14))).toEqual([1, 2]);
});

test("orbitals without a path to a lead are named in a warning, also through explicit zeros", () => {
  const model = variant("device", {
    orbitals: 5,
    hamiltonian: [
      [0, 1, 1],
      [1, 2, 0],
      [3, 4, 1],
    ],
    parameters: { x: [[1, 2, 1]] },
    leads: [{ name: "left", kind: "wideband", orbitals: [0, 3], width: [1, 0] }],
  });
  const { warnings } = resolveModel({ format: model.format, device: model.device });
  expect(warnings).toEqual([
    { code: "isolated", text: expect.stringMatching(/orbitals 3, 4 are connected to no lead \(2 of 5\)/) },
  ]);
});

test("a cycle that stands still is remarked on", () => {
  expect(resolveModel(variant("cycle", { x: { mean: 1 } })).warnings[0].text).toMatch(/no parameter moves/);
});

test("a Hamiltonian and a cycle as functions", () => {
  const model = resolveModel({
    format: "nanopinwheel/1",
    device: {
      orbitals: 2,
      hamiltonian: ({ x }: Record<string, number>) => [[0, 1, Math.cos(x)]],
      derivative: ({ x }: Record<string, number>) => ({ x: [[0, 1, -Math.sin(x)]] }),
      parameters: ["x", "y"],
      leads: [{ name: "left", kind: "wideband", orbitals: [0], width: 1 }],
    },
    cycle: (theta: number) => ({ values: { x: theta }, derivatives: { x: 1 } }),
  });
  expect(Array.from(model.device.hamiltonian.re)).toEqual([1]);
  expect(model.device.hamiltonianFunction?.derivative?.({ x: 1, y: 0 })).toEqual({
    x: [[0, 1, -Math.sin(1)]],
    y: [],
  });
  expect(model.warnings).toEqual([]);
  expect(typeof model.cycle).toBe("function");
});

test("keys of the file win over those of a preset", () => {
  const model = resolveModel({
    ...ofPreset("double-dot"),
    title: "mine",
    cycle: { x: { sin: [2] } },
    reservoirs: {
      left: { chemicalPotential: 1, temperature: 0.5 },
      right: { chemicalPotential: 0, temperature: 0.5 },
    },
    rotor: { inertia: 3, load: 0.1 },
  });
  expect(model.title).toBe("mine");
  expect(model.cycle).toEqual({ x: { sin: [2] } });
  expect(model.energy).toBe(0.5);
  expect(model.rotor).toEqual({ inertia: 3, load: 0.1, friction: 0 });
  const level = resolveModel(ofPreset("double-dot", { hamiltonian: [[0, 1, 7]] })).device.hamiltonian;
  expect(Array.from(level.re)).toEqual([7]);
});

test("reservoirs and cycle of a preset go with the leads and parameters they were made for", () => {
  const leads = [{ name: "only", kind: "wideband", orbitals: [0], width: 1 }];
  const renamed = resolveModel(ofPreset("double-dot", { leads, parameters: { z: [[1, 1, 1]] } }));
  expect([renamed.reservoirs, renamed.cycle, renamed.energy]).toEqual([undefined, undefined, 0]);
  const same = ["left", "right"].map((name, i) => ({ name, kind: "wideband", orbitals: [15 * i], width: 1 }));
  expect(resolveModel(ofPreset("thouless", { leads: same })).reservoirs).toBeDefined();
});

test("a preset needs no energy of its own beside the file's reservoirs", () => {
  const reservoirs = { left: { chemicalPotential: 0.2 }, right: { chemicalPotential: 0 } };
  const model = resolveModel({ ...ofPreset("thouless", { wavelength: 4.5 }), reservoirs });
  expect(model.energy).toBe(0.1);
  expect(model.reservoirs?.left.temperature).toBe(0);
});

test("the mean chemical potential is that of all leads with a reservoir, exact where they are equal", () => {
  const reservoirs = {
    left: { chemicalPotential: 0.3, temperature: 0.1 },
    right: { chemicalPotential: -0.2, temperature: 0.1 },
    top: { chemicalPotential: 0.8, temperature: 0.1 },
  };
  expect(resolveModel(variant("reservoirs", reservoirs)).energy).toBeCloseTo(0.3, 15);
  const equal = Object.fromEntries(
    ["left", "right", "top"].map((name) => [name, { chemicalPotential: 0.1 + 0.2, temperature: 0.7 }]),
  );
  expect(resolveModel(variant("reservoirs", equal)).energy).toBe(0.1 + 0.2);
});
