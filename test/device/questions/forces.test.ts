// device.forces through the kernels: the known answers, what it refuses, and that a million calls leave nothing behind.

import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Device, InputError, loadEngine, type Model, resolveModel } from "../../../src/index.js";
import { computeForces } from "../../transport/compute-forces.js";
import { knownAnswer, knownCases, reservoirsByLead, valuesOf } from "../../transport/known.js";
import { densePointSolver } from "../../twins/dense.js";
import { type LeadKind, randomModel } from "../../twins/random-device.js";

const engine = await loadEngine();
const kinds: LeadKind[] = ["scalar", "orbitals", "matrix", "chain", "probe"];

function near(found: ArrayLike<number>, known: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(known.length);
  for (let i = 0; i < known.length; i++) expect(Math.abs(found[i] - known[i])).toBeLessThan(tolerance);
}

test.each(knownCases.filter((name) => knownAnswer(name).expect.forces))("known answer: %s", (name) => {
  const { model, expect: known } = knownAnswer(name);
  const { options, result } = known.forces;
  const device = engine.device(model);
  const forces = device.forces({ at: options.at, tolerance: 1e-10 });
  expect(forces.parameters).toEqual(Object.keys(options.at));
  near(forces.force, result.force, 1e-8);
  near(forces.friction!.data, result.friction.flat(), 1e-8);
  near(forces.noise!.data, result.noise.flat(), 1e-8);
  for (const lead of device.leadNames) {
    near(
      [forces.current[lead], forces.energyCurrent[lead]],
      [result.current[lead], result.energyCurrent[lead]],
      1e-8,
    );
    near(forces.currentPerVelocity[lead], result.currentPerVelocity[lead], 1e-8);
  }
  device.close();
});

test("every named number is the one of the dense twin (seeded random devices, probes among the leads)", () => {
  for (let seed = 1; seed <= 5; seed++) {
    const model = randomModel(seed, { orbitals: 4, kinds });
    const device = engine.device(model);
    const at = Object.fromEntries(device.parameterNames.map((name, i) => [name, 0.2 - 0.3 * i]));
    const forces = device.forces({ at });
    const resolved = resolveModel(model);
    const twin = densePointSolver(resolved);
    twin.configure(valuesOf(resolved, at));
    const slow = computeForces(twin, reservoirsByLead(resolved));
    const d = twin.directions;
    const scale = (values: ArrayLike<number>) => 1e-6 * (1 + Math.max(0, ...Array.from(values, Math.abs)));
    const same = (found: ArrayLike<number>, known: Float64Array) => {
      for (const [i, value] of known.entries())
        if (!(Math.abs(found[i] - value) < scale(known)))
          throw new Error(`seed ${seed}: ${found[i]} and ${value}`);
    };
    same(forces.force, slow.force);
    same(forces.friction!.data, slow.friction);
    same(forces.noise!.data, slow.noise);
    same(
      device.leadNames.map((lead) => forces.current[lead]),
      slow.current,
    );
    same(
      device.leadNames.map((lead) => forces.heatCurrent[lead]),
      slow.heatCurrent,
    );
    same(
      device.leadNames.map((lead) => forces.chemicalPotential[lead]),
      slow.chemicalPotential,
    );
    same(
      device.leadNames.flatMap((lead) => Array.from(forces.currentPerVelocity[lead])),
      slow.currentPerVelocity,
    );
    same(
      device.leadNames.flatMap((lead) => Array.from(forces.energyCurrentPerVelocity[lead])),
      slow.energyCurrentPerVelocity,
    );
    expect([forces.friction!.shape, forces.noise!.shape]).toEqual([
      [d, d],
      [d, d],
    ]);
    expect(forces.entropyProduction === undefined).toBe(slow.entropyProduction === undefined);
    device.close();
  }
});

const level: Model = {
  format: "nanopinwheel/1",
  device: {
    orbitals: 1,
    hamiltonian: [[0, 0, 0]],
    parameters: { x: [[0, 0, 1]] },
    leads: [
      { name: "left", kind: "wideband", orbitals: [0], width: 0.3 },
      { name: "right", kind: "wideband", orbitals: [0], width: 0.5 },
    ],
  },
};

test("reservoirs of a call stand in place of the model's, lead by lead", () => {
  const device = engine.device({
    ...level,
    reservoirs: {
      left: { chemicalPotential: 0.1, temperature: 0.05 },
      right: { chemicalPotential: 0, temperature: 0.05 },
    },
  });
  const whole = engine.device({
    ...level,
    reservoirs: {
      left: { chemicalPotential: 0.4, temperature: 0.05 },
      right: { chemicalPotential: 0, temperature: 0.05 },
    },
  });
  const choice = { left: { chemicalPotential: 0.4, temperature: 0.05 } };
  expect(device.forces({ reservoirs: choice })).toEqual(whole.forces());
  expect(device.forces().current.left).toBeLessThan(whole.forces().current.left);
  expect(structuredClone(device.forces())).toEqual(device.forces());
});

test("what is wrong with a call is named", () => {
  const device = engine.device(level);
  const refusal = (question: object, of: Device = device): InputError => {
    try {
      of.forces(question);
    } catch (error) {
      if (error instanceof InputError) return error;
      throw error;
    }
    throw new Error("not refused");
  };
  const reservoirs = {
    left: { chemicalPotential: 0, temperature: 0 },
    right: { chemicalPotential: 0, temperature: 0 },
  };
  expect(refusal({})).toMatchObject({ field: "reservoirs", found: "nothing" });
  expect(refusal({ reservoirs: { left: reservoirs.left } })).toMatchObject({ field: "reservoirs.right" });
  expect(refusal({ reservoirs: { ...reservoirs, top: reservoirs.left } })).toMatchObject({
    field: "reservoirs.top",
    expected: 'one of "left", "right"',
  });
  expect(refusal({ reservoirs: { ...reservoirs, left: { chemicalPotential: "high" } } })).toMatchObject({
    field: "reservoirs.left.chemicalPotential",
    found: '"high"',
  });
  expect(
    refusal({ reservoirs: { ...reservoirs, left: { chemicalPotential: 0, temperature: -1 } } }),
  ).toMatchObject({
    field: "reservoirs.left.temperature",
    expected: "a number >= 0",
  });
  expect(refusal({ reservoirs, at: { y: 1 } })).toMatchObject({ field: "at.y", expected: 'one of "x"' });
  expect(refusal({ reservoirs, at: { x: Number.NaN } })).toMatchObject({ field: "at.x", found: "NaN" });
  for (const tolerance of [0, 1, -1, Number.NaN])
    expect(refusal({ reservoirs, tolerance })).toMatchObject({ field: "tolerance" });
  for (const dephasing of ["elastic", "", 1, null])
    expect(refusal({ reservoirs, dephasing })).toMatchObject({
      field: "dephasing",
      expected: '"voltage" or "energy-resolved"',
    });
});

test("energy-resolved probes draw neither particles nor energy, at rest and moving; a voltage probe takes heat", () => {
  const reservoirs = {
    left: { chemicalPotential: 0.6, temperature: 0.1 },
    right: { chemicalPotential: -0.5, temperature: 0.25 },
  };
  for (let seed = 1; seed <= 6; seed++) {
    const width = 0.3 + 0.1 * seed;
    const device = engine.device({
      format: "nanopinwheel/1",
      device: {
        preset: "double-dot",
        level: 0.3 - 0.15 * seed,
        dephasing: width,
        tunnelling: 0.5 + 0.1 * seed,
      },
      reservoirs,
    });
    const at = Object.fromEntries(device.parameterNames.map((name, i) => [name, 0.2 - 0.3 * i]));
    const settled = device.forces({ at, tolerance: 1e-10 });
    const resolved = device.forces({ at, tolerance: 1e-10, dephasing: "energy-resolved" });
    expect(device.forces({ at, tolerance: 1e-10, dephasing: "voltage" })).toEqual(settled);
    for (const probe of ["probe1", "probe2"]) {
      // Nothing at any energy: no current, and no moment of it.
      expect(Math.abs(resolved.current[probe])).toBeLessThan(1e-10);
      expect(Math.abs(resolved.energyCurrent[probe])).toBeLessThan(1e-10);
      near(resolved.currentPerVelocity[probe], [0, 0], 1e-9);
      near(resolved.energyCurrentPerVelocity[probe], [0, 0], 1e-9);
      near(settled.currentPerVelocity[probe], [0, 0], 1e-9);
      expect(Math.max(...settled.energyCurrentPerVelocity[probe].map(Math.abs))).toBeGreaterThan(1e-4);
      expect(Math.abs(settled.current[probe])).toBeLessThan(1e-10);
      expect(Math.abs(settled.energyCurrent[probe])).toBeGreaterThan(1e-4);
    }
    const balance = resolved.energyCurrent.left + resolved.energyCurrent.right;
    expect(Math.abs(balance)).toBeLessThan(1e-10);
    for (const quantity of ["force", "noise", "friction"] as const) {
      const values = ({ [quantity]: q }: typeof settled) => ("data" in q! ? q!.data : q!);
      const [a, b] = [values(settled), values(resolved)];
      expect(Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])))).toBeGreaterThan(1e-4);
    }
    device.close();
  }
});

test("a two-dimensional force: negative friction, its antisymmetric part, and the curl, to the printed digits", () => {
  const device = engine.device(
    JSON.parse(readFileSync(new URL("../../models/two-dimensional-force.json", import.meta.url), "utf8")),
  );
  const at = (x: number, y: number) => device.forces({ at: { x, y }, tolerance: 1e-11 });
  const [xx, xy, yx, yy] = at(0.2, -0.1).friction!.data;
  near([xx, (xy + yx) / 2, yy], [-0.07629, 0.0531, 1.90398], 5e-6);
  expect(Math.abs(Math.abs(xy - yx) / 2 - 0.44796)).toBeLessThan(5e-6);
  // dF_y/dx - dF_x/dy by differences of order h^4.
  const slope = (difference: (h: number) => number) => (4 * difference(0.01) - difference(0.02)) / 3;
  const byX = slope((h) => (at(0.2 + h, -0.1).force[1] - at(0.2 - h, -0.1).force[1]) / (2 * h));
  const byY = slope((h) => (at(0.2, -0.1 + h).force[0] - at(0.2, -0.1 - h).force[0]) / (2 * h));
  expect(Math.abs(Math.abs(byX - byY) - 0.8926)).toBeLessThan(5e-5);
  // In equilibrium the same device has no curl and brakes in every direction.
  const same = { chemicalPotential: 0.1, temperature: 0.15 };
  const still = (x: number, y: number) =>
    device.forces({ at: { x, y }, reservoirs: { left: same, right: same }, tolerance: 1e-11 });
  const { data } = still(0.2, -0.1).friction!;
  expect(Math.min(data[0], data[0] * data[3] - data[1] * data[2])).toBeGreaterThan(0);
  expect(Math.abs(data[1] - data[2])).toBeLessThan(1e-9);
  const here = slope((h) => (still(0.2 + h, -0.1).force[1] - still(0.2 - h, -0.1).force[1]) / (2 * h));
  const there = slope((h) => (still(0.2, -0.1 + h).force[0] - still(0.2, -0.1 - h).force[0]) / (2 * h));
  expect(Math.abs(here - there)).toBeLessThan(1e-6);
  device.close();
});

test("memory stays steady over many calls", () => {
  const device = engine.device({
    ...level,
    reservoirs: {
      left: { chemicalPotential: 0.1, temperature: 0 },
      right: { chemicalPotential: 0, temperature: 0 },
    },
  });
  const at = { x: 0 };
  const calls = (count: number): void => {
    for (let i = 0; i < count; i++) {
      at.x = Math.sin(i);
      device.forces({ at, tolerance: 1e-3 });
    }
  };
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const living = (): number => {
    collect();
    const { heapUsed, external, arrayBuffers } = process.memoryUsage();
    return heapUsed + external + arrayBuffers;
  };
  calls(2000);
  const before = living();
  calls(8000);
  const after = living();
  // A single number kept per call would be 64 kB on top of the noise of the heap; an object kept, a megabyte. A million calls: forces-million.test.ts.
  expect(after - before).toBeLessThan(4e5);
  device.close();
});
